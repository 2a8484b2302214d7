/* SPDX-License-Identifier: ISC */
/* doctor_behind.c - what Postfix tells the milter, and what it does to mail behind it. */
#include "signpost/doctor_postfix_private.h"

#include <string.h>

#define LINE_LEN_LEAST 998 /* RFC 5322 2.1.1 */
#define PROTOCOL_GOOD  6   /* with SMFIP_HDR_LEADSPC */

/* "{auth_authen}" in a list of macros, where braces are part of the name. */
static bool
has_macro(struct slice list, const char *name)
{
	size_t len = strlen(name);

	for (size_t at = 0; at + len <= list.len; at++) {
		if (slice_eq_str(slice_sub(list, at, len), name))
			return true;
	}
	return false;
}

void
judge_macros(struct judge *j)
{
	static const char *const LOGIN[] = {"{auth_authen}", "{auth_type}"};
	struct slice mail = judge_setting(j, "milter_mail_macros"), value;
	uint64_t protocol;
	char text[VALUE_LEN];

	if (!postconf_value(j->p->settings, "milter_protocol", &value) ||
	    !slice_to_u64(value, 100, &protocol) || protocol >= PROTOCOL_GOOD)
		return;
	DOCTOR_TELL(j->out, DOCTOR_OLD_PROTOCOL, NULL, judge_text(value, text));
	for (size_t i = 0; j->p->wants_login && i < 2; i++) {
		if (!has_macro(mail, LOGIN[i]))
			DOCTOR_TELL(j->out, DOCTOR_AUTH_MACROS, NULL, LOGIN[i]);
	}
	if (j->p->wants_daemon &&
	    !has_macro(judge_setting(j, "milter_connect_macros"), "{daemon_name}"))
		DOCTOR_TELL(j->out, DOCTOR_DAEMON_MACRO, NULL, NULL);
}

/* Four settings; what the first has is what the second and third default to. */
static void
judge_checks(struct judge *j, const char *const names[static 4], enum doctor_say say)
{
	for (size_t i = 0; i < 4; i++) {
		if (judge_setting(j, names[i]).len > 0 &&
		    !(i > 0 && i < 3 &&
			slice_eq(judge_setting(j, names[i]), judge_setting(j, names[0]))))
			DOCTOR_TELL(j->out, say, NULL, names[i], j->in);
	}
}

/* header_checks come before milters, but for mail that a filter hands back: it was signed before. */
static void
judge_again(struct judge *j)
{
	static const char *const REWRITES[] = {
	    "canonical_maps", "sender_canonical_maps", "masquerade_domains"};
	static const char *const CHECKS[] = {
	    "header_checks", "mime_header_checks", "nested_header_checks", "body_checks"};

	for (size_t i = 0; i < sizeof(REWRITES) / sizeof(REWRITES[0]); i++) {
		if (judge_setting(j, REWRITES[i]).len > 0)
			DOCTOR_TELL(j->out, DOCTOR_REWRITTEN_AGAIN, NULL, REWRITES[i]);
	}
	judge_checks(j, CHECKS, DOCTOR_CHECKED_AGAIN);
}

void
judge_behind(struct judge *j)
{
	static const char *const GENERIC[] = {"smtp_generic_maps", "lmtp_generic_maps"};
	static const char *const CHECKED[] = {"smtp_header_checks", "smtp_mime_header_checks",
	    "smtp_nested_header_checks", "smtp_body_checks"};
	struct slice force;
	uint64_t limit;
	char text[VALUE_LEN];

	for (size_t i = 0; i < sizeof(GENERIC) / sizeof(GENERIC[0]); i++) {
		if (judge_setting(j, GENERIC[i]).len > 0)
			DOCTOR_TELL(j->out, DOCTOR_GENERIC, NULL, GENERIC[i], j->in);
	}
	judge_checks(j, CHECKED, DOCTOR_SMTP_CHECKS);
	doctor_judge_overrides(j->p, j->in, j->out);
	if (judge_setting(j, "milter_header_checks").len > 0)
		DOCTOR_TELL(j->out, DOCTOR_MILTER_CHECKS, NULL, j->in);
	struct slice line_limit = judge_setting(j, "smtp_line_length_limit");
	if (slice_to_u64(line_limit, UINT32_MAX, &limit) && limit > 0 && limit < LINE_LEN_LEAST)
		DOCTOR_TELL(j->out, DOCTOR_LINE_LENGTH, NULL, judge_text(line_limit, text), j->in);
	bool knows_force = postconf_value(j->p->settings, "force_mime_input_conversion", &force);
	if (!slice_ieq_str(force, "yes") &&
	    !slice_ieq_str(judge_setting(j, "disable_mime_output_conversion"), "yes"))
		DOCTOR_TELL(
		    j->out, knows_force ? DOCTOR_EIGHT_BIT : DOCTOR_EIGHT_BIT_OLD, NULL, j->in);
	if (j->filtered)
		judge_again(j);
}
