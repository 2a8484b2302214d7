/* SPDX-License-Identifier: ISC */
#include "signpost/doctor_postfix.h"

#include <stdio.h>
#include <string.h>

#define SERVICE_LEN    128
#define VALUE_LEN      1024
#define LINE_LEN_LEAST 998 /* RFC 5322 2.1.1 */
#define PROTOCOL_GOOD  6   /* with SMFIP_HDR_LEADSPC */

const char *const DOCTOR_POSTFIX_SETTINGS[] = {"queue_directory", "smtpd_milters",
    "non_smtpd_milters", "milter_default_action", "milter_protocol", "milter_mail_macros",
    "milter_connect_macros", "internal_mail_filter_classes", "force_mime_input_conversion",
    "disable_mime_output_conversion", "smtp_generic_maps", "lmtp_generic_maps",
    "smtp_header_checks", "smtp_mime_header_checks", "smtp_nested_header_checks",
    "smtp_body_checks", "milter_header_checks", "smtp_line_length_limit", "content_filter",
    "receive_override_options", "smtpd_sasl_auth_enable", "canonical_maps", "sender_canonical_maps",
    "masquerade_domains", "header_checks", "mime_header_checks", "nested_header_checks",
    "body_checks", NULL};

struct judge {
	const struct doctor_postfix *p;
	struct doctor_findings *out;
	char in[SERVICE_LEN]; /* " (DIRECTORY)", or "" */
	size_t signing, smtpds;
	bool filtered;
};

/* One smtpd of master.cf. */
struct service {
	char name[SERVICE_LEN]; /* "smtp/inet" */
	bool chrooted;
};

static bool
next_line(struct slice text, size_t *off, struct slice *line)
{
	size_t lf;

	if (*off >= text.len)
		return false;
	*line = slice_from(text, *off);
	if (slice_find(*line, '\n', &lf))
		*line = slice_sub(*line, 0, lf);
	*off += line->len + 1;
	return true;
}

/* The value of "NAME = VALUE"; false: there is no such line. */
static bool
find_value(struct slice text, const char *name, struct slice *value)
{
	struct slice line;
	size_t off = 0, equals;

	while (next_line(text, &off, &line)) {
		if (!slice_find(line, '=', &equals) ||
		    !slice_eq_str(slice_trim(slice_sub(line, 0, equals)), name))
			continue;
		*value = slice_trim(slice_from(line, equals + 1));
		return true;
	}
	*value = slice_of("");
	return false;
}

static struct slice
setting(const struct judge *j, const char *name)
{
	struct slice value;

	(void)find_value(j->p->settings, name, &value);
	return value;
}

/* As that service has it. */
static struct slice
effective(const struct judge *j, const struct service *s, const char *name)
{
	char full[2 * SERVICE_LEN];
	struct slice value;

	(void)snprintf(full, sizeof(full), "%s/%s", s->name, name);
	return find_value(j->p->overrides, full, &value) ? value : setting(j, name);
}

static const char *
text_of(struct slice s, char out[static VALUE_LEN])
{
	(void)snprintf(out, VALUE_LEN, "%.*s", SLICE_ARG(slice_sub(s, 0, VALUE_LEN - 1)));
	return out;
}

static bool
has_word(struct slice list, const char *word)
{
	struct milter_element e;
	size_t off = 0;

	while (milter_element_next(list, &off, &e)) {
		if (slice_ieq_str(e.address, word))
			return true;
	}
	return false;
}

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

static struct milter_place
place_of(const struct judge *j, bool chrooted)
{
	return (struct milter_place){setting(j, "queue_directory"), chrooted};
}

static bool
is_one_of_ours(const struct judge *j, bool chrooted, struct slice address)
{
	struct milter_place place = place_of(j, chrooted);

	for (size_t i = 0; i < j->p->milter_count; i++) {
		if (milter_is_ours(&place, address, j->p->milters[i]))
			return true;
	}
	return false;
}

static void
judge_action(struct judge *j, const struct milter_element *e, const char *list)
{
	struct slice action = e->action.len > 0 ? e->action : setting(j, "milter_default_action");

	if (slice_ieq_str(action, "accept") && !doctor_told(j->out, DOCTOR_ACTION_ACCEPT))
		DOCTOR_TELL(j->out, DOCTOR_ACTION_ACCEPT, NULL, list);
	else if (slice_ieq_str(action, "reject") && !doctor_told(j->out, DOCTOR_ACTION_REJECT))
		DOCTOR_TELL(j->out, DOCTOR_ACTION_REJECT, NULL, list);
}

/* Is our milter in the list?  What is wrong with its place is said. */
static bool
judge_list(struct judge *j, struct slice list, const char *name, bool chrooted)
{
	struct milter_element e, behind;
	size_t off = 0;
	char value[VALUE_LEN];

	while (milter_element_next(list, &off, &e)) {
		if (!is_one_of_ours(j, chrooted, e.address))
			continue;
		judge_action(j, &e, name);
		if (milter_element_next(list, &off, &behind) &&
		    !is_one_of_ours(j, chrooted, behind.address))
			DOCTOR_TELL(
			    j->out, DOCTOR_NOT_LAST, NULL, text_of(behind.address, value), name);
		return true;
	}
	return false;
}

/* The path is right for who is not in a chroot, and this one is. */
static bool
judge_chroot(struct judge *j, const struct service *s, struct slice list)
{
	struct milter_element e;
	size_t off = 0;
	char path[VALUE_LEN], queue_text[VALUE_LEN],
	    below[VALUE_LEN + 8] = "a path below the queue directory";
	struct slice queue = setting(j, "queue_directory");

	while (s->chrooted && milter_element_next(list, &off, &e)) {
		if (!is_one_of_ours(j, false, e.address))
			continue;
		size_t colon = 0;
		(void)slice_find(e.address, ':', &colon);
		struct slice at = slice_from(e.address, colon + 1);
		if (at.len > queue.len + 1 && slice_eq(slice_sub(at, 0, queue.len), queue))
			(void)snprintf(below, sizeof(below), "unix:%.*s",
			    SLICE_ARG(slice_sub(slice_from(at, queue.len + 1), 0, VALUE_LEN - 1)));
		DOCTOR_TELL(j->out, DOCTOR_CHROOT, NULL, s->name, text_of(queue, queue_text),
		    text_of(at, path), below);
		return true;
	}
	return false;
}

static void
judge_filter(struct judge *j, const struct service *s)
{
	struct slice filter = effective(j, s, "content_filter");
	char value[VALUE_LEN];

	if (filter.len == 0)
		return;
	j->filtered = true;
	DOCTOR_TELL(j->out, DOCTOR_FILTERED, NULL, s->name, text_of(filter, value));
}

static void
judge_service(struct judge *j, const struct service *s)
{
	struct slice list = effective(j, s, "smtpd_milters");
	bool logins = slice_ieq_str(effective(j, s, "smtpd_sasl_auth_enable"), "yes");
	const char *ours = j->p->milter_count > 0 ? j->p->milters[0] : "";
	char before[VALUE_LEN], name[2 * SERVICE_LEN], joined[2 * VALUE_LEN];

	j->smtpds++;
	(void)snprintf(name, sizeof(name), "smtpd_milters of %s", s->name);
	if (judge_list(j, list, name, s->chrooted)) {
		j->signing++;
		if (has_word(effective(j, s, "receive_override_options"), "no_milters") && logins)
			DOCTOR_TELL(j->out, DOCTOR_NO_MILTERS_OPTION, NULL, s->name);
		judge_filter(j, s);
	} else if (judge_chroot(j, s, list)) {
		j->signing++; /* it is meant to, and is told so */
	} else if (logins) {
		(void)snprintf(joined, sizeof(joined), "%s%s%s", text_of(list, before),
		    list.len > 0 ? "," : "", ours);
		DOCTOR_TELL(j->out, DOCTOR_SUBMISSION_WITHOUT, NULL, s->name, ours, joined);
	}
}

/* "smtp  inet  n  -  y  -  -  smtpd -o ..." */
static bool
read_service(struct slice line, struct service *out)
{
	struct slice word[8] = {{NULL, 0}};
	struct milter_element e;
	size_t off = 0, n = 0;

	while (n < 8 && milter_element_next(line, &off, &e))
		word[n++] = e.address;
	if (n < 8 || !slice_eq_str(word[7], "smtpd"))
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%.*s/%.*s",
	    SLICE_ARG(slice_sub(word[0], 0, 80)), SLICE_ARG(slice_sub(word[1], 0, 20)));
	/* "-" is the default: no, since Postfix 3.0 */
	out->chrooted = slice_eq_str(word[4], "y");
	return true;
}

static void
judge_services(struct judge *j)
{
	struct service s;
	struct slice line;
	size_t off = 0;

	while (next_line(j->p->services, &off, &line)) {
		if (read_service(line, &s))
			judge_service(j, &s);
	}
	if (j->signing == 0 && j->p->milter_count > 0)
		DOCTOR_TELL(j->out, DOCTOR_NO_SMTPD, NULL, j->in, j->p->milters[0]);
}

/* What does not come by SMTP: sendmail(1), and Postfix's own mail. */
static void
judge_local(struct judge *j)
{
	struct slice list = setting(j, "non_smtpd_milters"),
		     classes = setting(j, "internal_mail_filter_classes");
	const char *ours = j->p->milter_count > 0 ? j->p->milters[0] : "";
	char before[VALUE_LEN], joined[2 * VALUE_LEN];

	if (!judge_list(j, list, "non_smtpd_milters", false) &&
	    !judge_list(j, list, "non_smtpd_milters", true)) {
		(void)snprintf(joined, sizeof(joined), "%s%s%s", text_of(list, before),
		    list.len > 0 ? ", " : "", ours);
		DOCTOR_TELL(j->out, DOCTOR_LOCAL_UNSIGNED, NULL, j->in, joined);
	}
	if (!has_word(classes, "bounce")) {
		(void)snprintf(joined, sizeof(joined), "%s%sbounce", text_of(classes, before),
		    classes.len > 0 ? ", " : "");
		DOCTOR_TELL(j->out, DOCTOR_BOUNCES_UNSIGNED, NULL, j->in, joined);
	}
}

/* Our milter says which macros it wants, and since version 6 of the protocol Postfix gives just those. */
static void
judge_macros(struct judge *j)
{
	static const char *const LOGIN[] = {"{auth_authen}", "{auth_type}"};
	struct slice mail = setting(j, "milter_mail_macros"), value;
	uint64_t protocol;
	char text[VALUE_LEN];

	if (!find_value(j->p->settings, "milter_protocol", &value) ||
	    !slice_to_u64(value, 100, &protocol) || protocol >= PROTOCOL_GOOD)
		return;
	DOCTOR_TELL(j->out, DOCTOR_OLD_PROTOCOL, NULL, text_of(value, text));
	for (size_t i = 0; j->p->wants_login && i < 2; i++) {
		if (!has_macro(mail, LOGIN[i]))
			DOCTOR_TELL(j->out, DOCTOR_AUTH_MACROS, NULL, LOGIN[i]);
	}
	if (j->p->wants_daemon && !has_macro(setting(j, "milter_connect_macros"), "{daemon_name}"))
		DOCTOR_TELL(j->out, DOCTOR_DAEMON_MACRO, NULL, NULL);
}

/* Four settings; what the first has is what the second and third default to. */
static void
judge_checks(struct judge *j, const char *const names[static 4], enum doctor_say say)
{
	for (size_t i = 0; i < 4; i++) {
		if (setting(j, names[i]).len > 0 &&
		    !(i > 0 && i < 3 && slice_eq(setting(j, names[i]), setting(j, names[0]))))
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
		if (setting(j, REWRITES[i]).len > 0)
			DOCTOR_TELL(j->out, DOCTOR_REWRITTEN_AGAIN, NULL, REWRITES[i]);
	}
	judge_checks(j, CHECKS, DOCTOR_CHECKED_AGAIN);
}

/* What happens on the way out. */
static void
judge_behind(struct judge *j)
{
	static const char *const GENERIC[] = {"smtp_generic_maps", "lmtp_generic_maps"};
	static const char *const CHECKED[] = {"smtp_header_checks", "smtp_mime_header_checks",
	    "smtp_nested_header_checks", "smtp_body_checks"};
	struct slice force;
	uint64_t limit;
	char text[VALUE_LEN];

	for (size_t i = 0; i < sizeof(GENERIC) / sizeof(GENERIC[0]); i++) {
		if (setting(j, GENERIC[i]).len > 0)
			DOCTOR_TELL(j->out, DOCTOR_GENERIC, NULL, GENERIC[i], j->in);
	}
	judge_checks(j, CHECKED, DOCTOR_SMTP_CHECKS);
	doctor_judge_overrides(j->p, j->in, j->out);
	if (setting(j, "milter_header_checks").len > 0)
		DOCTOR_TELL(j->out, DOCTOR_MILTER_CHECKS, NULL, j->in);
	struct slice line_limit = setting(j, "smtp_line_length_limit");
	if (slice_to_u64(line_limit, UINT32_MAX, &limit) && limit > 0 && limit < LINE_LEN_LEAST)
		DOCTOR_TELL(j->out, DOCTOR_LINE_LENGTH, NULL, text_of(line_limit, text), j->in);
	bool knows_force = find_value(j->p->settings, "force_mime_input_conversion", &force);
	if (!slice_ieq_str(force, "yes") &&
	    !slice_ieq_str(setting(j, "disable_mime_output_conversion"), "yes"))
		DOCTOR_TELL(
		    j->out, knows_force ? DOCTOR_EIGHT_BIT : DOCTOR_EIGHT_BIT_OLD, NULL, j->in);
	if (j->filtered)
		judge_again(j);
}

void
doctor_judge_postfix(const struct doctor_postfix *p, struct doctor_findings *out)
{
	struct judge j = {.p = p, .out = out};
	struct doctor_findings own = {.list = NULL};

	if (p->settings.len == 0) {
		DOCTOR_TELL(out, DOCTOR_POSTFIX_NONE, NULL, NULL);
		return;
	}
	if (p->name != NULL)
		(void)snprintf(j.in, sizeof(j.in), " (%.100s)", p->name);
	j.out = &own;
	judge_services(&j);
	judge_local(&j);
	judge_macros(&j);
	judge_behind(&j);
	if (doctor_worst(&own) == DOCTOR_OK || doctor_worst(&own) == DOCTOR_NOTE)
		DOCTOR_TELL(out, DOCTOR_POSTFIX_GOOD, NULL, j.in);
	for (size_t i = 0; i < own.count; i++) {
		const struct doctor_finding *f = &own.list[i];
		doctor_add(out, f);
	}
	out->failed = out->failed || own.failed;
	doctor_findings_deinit(&own);
}
