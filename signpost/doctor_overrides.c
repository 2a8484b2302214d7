/* SPDX-License-Identifier: ISC */
/* doctor_overrides.c - what single services of master.cf do to mail on its way out, behind the milter. */
#include "signpost/doctor_postfix.h"

#include <stdio.h>
#include <string.h>

#define NAME_LEN 128

/* Of smtp(8) and lmtp(8), behind "smtp_" or "lmtp_". */
static bool
changes_mail(struct slice setting)
{
	static const char *const NAMES[] = {"generic_maps", "header_checks", "mime_header_checks",
	    "nested_header_checks", "body_checks"};
	struct slice kind = slice_sub(setting, 0, 5), name = slice_from(setting, 5);

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (slice_eq_str(name, NAMES[i]))
			return slice_eq_str(kind, "smtp_") || slice_eq_str(kind, "lmtp_");
	}
	return false;
}

/* "smtp/unix/smtp_header_checks = pcre:/etc/postfix/checks" */
static void
judge_line(struct slice line, const char *in, struct doctor_findings *out)
{
	char service[NAME_LEN], name[NAME_LEN];
	size_t equals, slash, type;

	if (!slice_find(line, '=', &equals) || slice_trim(slice_from(line, equals + 1)).len == 0 ||
	    !slice_find(line, '/', &slash) || !slice_find(slice_from(line, slash + 1), '/', &type))
		return;
	struct slice full = slice_trim(slice_sub(line, 0, equals)),
		     setting = slice_from(full, slash + type + 2);
	if (!changes_mail(setting))
		return;
	(void)snprintf(
	    service, sizeof(service), "%.*s", SLICE_ARG(slice_sub(full, 0, slash + type + 1)));
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(setting));
	DOCTOR_TELL(out, DOCTOR_SERVICE_CHANGES, NULL, service, name, in);
}

void
doctor_judge_overrides(const struct doctor_postfix *p, const char *in, struct doctor_findings *out)
{
	struct slice rest = p->overrides;
	size_t lf;

	while (rest.len > 0) {
		size_t len = slice_find(rest, '\n', &lf) ? lf : rest.len;
		judge_line(slice_sub(rest, 0, len), in, out);
		rest = slice_from(rest, len + 1);
	}
}
