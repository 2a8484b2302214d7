/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"

#include <inttypes.h>
#include <string.h>

static const char *const form_names[] = {
    [ADVICE_TEXT] = "text",
    [ADVICE_ZONE] = "zone",
    [ADVICE_QUOTED] = "quoted",
};

#define FORM_COUNT (sizeof(form_names) / sizeof(form_names[0]))

bool
advice_form_from_name(struct slice name, enum advice_form *form)
{
	for (size_t i = 0; i < FORM_COUNT; i++) {
		if (slice_eq_str(name, form_names[i])) {
			*form = (enum advice_form)i;
			return true;
		}
	}
	return false;
}

static void
put_text(const struct store_key *key, struct buf *out)
{
	int blanks = (int)strlen(key->domain) + 2; /* both host names end at one column */

	buf_printf(out, "  Type    TXT\n");
	buf_printf(out, "  Host    %s._domainkey%*s   if the form adds %s by itself\n",
	    key->selector, blanks, "", key->domain);
	buf_printf(out, "          %s._domainkey.%s.   if it wants the whole name\n", key->selector,
	    key->domain);
	buf_printf(out, "  TTL     %" PRId64 "\n", key->ttl_s);
	buf_printf(out, "  Value   %s\n          (one line, %zu characters)\n", key->record,
	    strlen(key->record));
}

void
advice_record(const struct store_key *key, enum advice_form form, struct buf *out)
{
	if (form == ADVICE_TEXT) {
		put_text(key, out);
		return;
	}
	if (form == ADVICE_ZONE)
		buf_printf(out, "%s._domainkey.%s.\t%" PRId64 "\tIN\tTXT\t( ", key->selector,
		    key->domain, key->ttl_s);
	key_record_format_quoted(slice_of(key->record), out);
	buf_put_str(out, form == ADVICE_ZONE ? " )\n" : "\n");
}

void
advice_alias(const struct advice_alias *a, enum advice_form form, struct buf *out)
{
	int host = (int)(strlen(a->alias) - strlen(a->domain)) - 1; /* without ".DOMAIN" */

	if (form == ADVICE_ZONE)
		buf_printf(out, "%s.\tIN\tCNAME\t%s.\n", a->alias, a->target);
	else if (form == ADVICE_QUOTED)
		buf_printf(out, "%s.\n", a->target);
	else
		buf_printf(out, "  CNAME   %.*s   (or %s.)\n    ->    %s.\n", host, a->alias,
		    a->alias, a->target);
}

void
advice_duration(int64_t seconds, struct buf *out)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};

	/* two of a unit are needed to be exact enough, or a whole number of it */
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t unit = units[i].seconds;
		if (seconds >= 2 * unit || (seconds >= unit && seconds % unit == 0)) {
			buf_printf(out, "%" PRId64 " %s", seconds / unit, units[i].name);
			return;
		}
	}
	buf_printf(out, "%" PRId64 " s", seconds < 0 ? 0 : seconds);
}
