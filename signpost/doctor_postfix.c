/* SPDX-License-Identifier: ISC */
#include "signpost/doctor_postfix_private.h"

#include <stdio.h>
#include <string.h>

const char *const DOCTOR_POSTFIX_SETTINGS[] = {"queue_directory", "smtpd_milters",
    "non_smtpd_milters", "milter_default_action", "milter_protocol", "milter_mail_macros",
    "milter_connect_macros", "internal_mail_filter_classes", "force_mime_input_conversion",
    "disable_mime_output_conversion", "smtp_generic_maps", "lmtp_generic_maps",
    "smtp_header_checks", "smtp_mime_header_checks", "smtp_nested_header_checks",
    "smtp_body_checks", "milter_header_checks", "smtp_line_length_limit", "content_filter",
    "receive_override_options", "smtpd_sasl_auth_enable", "canonical_maps", "sender_canonical_maps",
    "masquerade_domains", "header_checks", "mime_header_checks", "nested_header_checks",
    "body_checks", NULL};

/* One smtpd of master.cf, or cleanup. */
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

bool
postconf_value(struct slice text, const char *name, struct slice *value)
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

struct slice
judge_setting(const struct judge *j, const char *name)
{
	struct slice value;

	(void)postconf_value(j->p->settings, name, &value);
	return value;
}

/* As that service has it. */
static struct slice
effective(const struct judge *j, const struct service *s, const char *name)
{
	char full[2 * SERVICE_LEN];
	struct slice value;

	(void)snprintf(full, sizeof(full), "%s/%s", s->name, name);
	return postconf_value(j->p->overrides, full, &value) ? value : judge_setting(j, name);
}

const char *
judge_text(struct slice s, char out[static VALUE_LEN])
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

static struct milter_place
place_of(const struct judge *j, bool chrooted)
{
	return (struct milter_place){judge_setting(j, "queue_directory"), chrooted};
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
	struct slice action =
	    e->action.len > 0 ? e->action : judge_setting(j, "milter_default_action");

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
			    j->out, DOCTOR_NOT_LAST, NULL, judge_text(behind.address, value), name);
		return true;
	}
	return false;
}

/* The address as Postfix's service would have to name it: from inside of its chroot. */
static const char *
name_from(const struct judge *j, bool chrooted, const char *ours, char out[static VALUE_LEN])
{
	struct slice queue = judge_setting(j, "queue_directory"), at = slice_of(ours);

	(void)judge_text(at, out);
	if (!chrooted || (ours[0] != '/' && strncmp(ours, "unix:", 5) != 0))
		return out;
	const char *path = ours[0] == '/' ? ours : ours + 5; /* "unix:" */
	at = slice_of(path);
	if (at.len > queue.len + 1 && slice_eq(slice_sub(at, 0, queue.len), queue))
		(void)snprintf(out, VALUE_LEN, "unix:%.900s", path + queue.len + 1);
	return out;
}

/* The path is right for who is not in a chroot, and this one is. */
static bool
judge_chroot(struct judge *j, const struct service *s, struct slice list, enum doctor_say say)
{
	struct milter_element e;
	size_t off = 0;
	char path[VALUE_LEN], queue_text[VALUE_LEN], text[VALUE_LEN], below[VALUE_LEN];
	struct slice queue = judge_setting(j, "queue_directory");

	while (s->chrooted && milter_element_next(list, &off, &e)) {
		if (!is_one_of_ours(j, false, e.address))
			continue;
		size_t colon = 0;
		(void)slice_find(e.address, ':', &colon);
		(void)name_from(j, true, judge_text(e.address, text), below);
		if (strcmp(below, text) == 0)
			(void)snprintf(below, sizeof(below), "a path below the queue directory");
		(void)judge_text(slice_from(e.address, colon + 1), path);
		DOCTOR_TELL(j->out, say, NULL, s->name, judge_text(queue, queue_text), path,
		    say == DOCTOR_CHROOT ? below : j->with);
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
	DOCTOR_TELL(j->out, DOCTOR_FILTERED, NULL, s->name, judge_text(filter, value));
}

/* By its name, as signpost-postfix goes by it: mail from port 25 is others', as a rule. */
static bool
takes_submissions(const struct service *s)
{
	static const char *const PORTS[] = {
	    "submission", "submissions", "smtps", "ssmtp", "urd", "587", "465"};
	size_t slash = strcspn(s->name, "/"), port = slash;

	while (port > 0 && s->name[port - 1] != ':')
		port--;
	for (size_t i = 0; i < sizeof(PORTS) / sizeof(PORTS[0]); i++) {
		if (strlen(PORTS[i]) == slash - port &&
		    strncmp(s->name + port, PORTS[i], slash - port) == 0)
			return true;
	}
	return false;
}

static void
judge_service(struct judge *j, const struct service *s)
{
	struct slice list = effective(j, s, "smtpd_milters");
	bool logins = slice_ieq_str(effective(j, s, "smtpd_sasl_auth_enable"), "yes");
	const char *ours = j->p->milter_count > 0 ? j->p->milters[0] : "";
	char before[VALUE_LEN], ours_there[VALUE_LEN], joined[3 * VALUE_LEN];
	char name[2 * SERVICE_LEN];

	j->submits = j->submits || logins || takes_submissions(s);
	(void)snprintf(name, sizeof(name), "smtpd_milters of %s", s->name);
	if (judge_list(j, list, name, s->chrooted)) {
		j->signing++;
		if (has_word(effective(j, s, "receive_override_options"), "no_milters") && logins)
			DOCTOR_TELL(j->out, DOCTOR_NO_MILTERS_OPTION, NULL, s->name);
		judge_filter(j, s);
	} else if (judge_chroot(j, s, list, DOCTOR_CHROOT)) {
		j->signing++; /* it is meant to, and is told so */
	} else if (logins) {
		(void)snprintf(joined, sizeof(joined), "%s%s%s", judge_text(list, before),
		    list.len > 0 ? "," : "", name_from(j, s->chrooted, ours, ours_there));
		DOCTOR_TELL(j->out, DOCTOR_SUBMISSION_WITHOUT, NULL, s->name, ours, joined);
	}
}

/* "smtp  inet  n  -  y  -  -  smtpd -o ..." */
static bool
read_service(struct slice line, const char *program, struct service *out)
{
	struct slice word[8] = {{NULL, 0}};
	struct milter_element e;
	size_t off = 0, n = 0;

	while (n < 8 && milter_element_next(line, &off, &e))
		word[n++] = e.address;
	if (n < 8 || !slice_eq_str(word[7], program))
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
		if (read_service(line, "smtpd", &s))
			judge_service(j, &s);
	}
	if (j->signing > 0 || j->p->milter_count == 0)
		return;
	if (j->submits)
		DOCTOR_TELL(j->out, DOCTOR_NO_SMTPD, NULL, j->in, j->p->milters[0], j->with);
	else
		DOCTOR_TELL(j->out, DOCTOR_ONLY_PORT_25, NULL, j->in, j->with);
}

/* Does each cleanup of master.cf reach our milter?  Where none is told, by either name. */
static bool
judge_cleanups(struct judge *j, struct slice list)
{
	struct service s;
	struct slice line;
	size_t off = 0, known = 0, right = 0;

	while (next_line(j->p->services, &off, &line)) {
		if (!read_service(line, "cleanup", &s))
			continue;
		known++;
		if (judge_list(j, list, "non_smtpd_milters", s.chrooted) ||
		    judge_chroot(j, &s, list, DOCTOR_CHROOT_LOCAL))
			right++; /* it is meant to, and is told so */
	}
	return known > 0 ? right == known
			 : judge_list(j, list, "non_smtpd_milters", false) ||
			       judge_list(j, list, "non_smtpd_milters", true);
}

/* What does not come by SMTP: sendmail(1), and Postfix's own mail. */
static void
judge_local(struct judge *j)
{
	struct slice list = judge_setting(j, "non_smtpd_milters"),
		     classes = judge_setting(j, "internal_mail_filter_classes");
	char before[VALUE_LEN], joined[2 * VALUE_LEN];

	if (!judge_cleanups(j, list))
		DOCTOR_TELL(j->out, DOCTOR_LOCAL_UNSIGNED, NULL, j->in, j->with);
	if (!has_word(classes, "bounce")) {
		(void)snprintf(joined, sizeof(joined), "%s%sbounce", judge_text(classes, before),
		    classes.len > 0 ? ", " : "");
		DOCTOR_TELL(j->out, DOCTOR_BOUNCES_UNSIGNED, NULL, j->in, joined);
	}
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
	if (p->name != NULL) {
		(void)snprintf(j.in, sizeof(j.in), " (%.100s)", p->name);
		(void)snprintf(j.with, sizeof(j.with), " -c %.100s", p->name);
	}
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
