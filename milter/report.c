/* SPDX-License-Identifier: ISC */
#include "milter/report.h"

#include "base/log.h"

#include <stdatomic.h>

#define LINE_LEN_GOOD 998 /* RFC 5322 2.1.1; Postfix's smtp_line_length_limit */

static const struct {
	const char *verb;
	enum counter counter;
	enum log_level level;
} VERBS[] = {
    [REPORT_SIGNED] = {"signed", COUNTER_SIGNED, LOG_LEVEL_INFO},
    [REPORT_WOULD_SIGN] = {"would-sign", COUNTER_WOULD_SIGN, LOG_LEVEL_INFO},
    [REPORT_UNSIGNED] = {"unsigned", COUNTER_UNSIGNED, LOG_LEVEL_INFO},
    [REPORT_TEMPFAIL] = {"tempfail", COUNTER_TEMPFAIL, LOG_LEVEL_WARNING},
};

/* `ours`: the sender is known to us, or From is a domain of the table; outside mail of others is not ours. */
static bool
is_logged(const struct report *r)
{
	const struct decision *d = r->decision;

	if (r->is_probe || r->verb != REPORT_UNSIGNED || r->log_unsigned == LOG_UNSIGNED_ALL)
		return true;
	if (r->log_unsigned == LOG_UNSIGNED_NONE || d == NULL)
		return false;
	return d->domain != NULL || d->origin != ORIGIN_OUTSIDE || r->reason != REASON_OUTSIDE;
}

static void
put_keys(struct log_line *line, const struct report *r)
{
	struct buf s, a;

	buf_init(&s, LOG_VALUE_MAX);
	buf_init(&a, LOG_VALUE_MAX);
	for (size_t i = 0; i < r->row_count; i++) {
		buf_put_str(&s, i > 0 ? "," : "");
		buf_put_str(&s, r->rows[i]->selector);
		buf_put_str(&a, i > 0 ? "," : "");
		buf_put_str(&a, key_alg_name(r->rows[i]->alg));
	}
	log_line_put(line, "s", buf_slice(&s));
	log_line_put(line, "a", buf_slice(&a));
	buf_deinit(&s);
	buf_deinit(&a);
}

static void
put_decision(struct log_line *line, const struct report *r)
{
	const struct decision *d = r->decision;
	bool is_refusal = r->verb == REPORT_UNSIGNED || r->verb == REPORT_TEMPFAIL;

	if (is_refusal)
		log_line_put_str(line, "reason", policy_reason_name(r->reason));
	if (d == NULL)
		return;
	if (d->author[0] != '\0')
		log_line_put_str(line, "from", d->author);
	if (d->domain != NULL && d->origin != ORIGIN_OUTSIDE)
		log_line_put_str(line, "d", d->domain->name);
	if (r->row_count > 0)
		put_keys(line, r);
	if (d->origin != ORIGIN_OUTSIDE)
		log_line_put_str(line, "origin", policy_origin_name(d->origin));
}

static void
warn_macros(struct slice login)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if (login.len > 0 && !atomic_flag_test_and_set(&said))
		log_msg(LOG_LEVEL_WARNING,
		    "the MTA sends {auth_authen} without {auth_type}: logins are not believed; let "
		    "milter_mail_macros of Postfix hold both (said once)");
}

void
report_message(const struct report *r, struct counters *counters)
{
	struct log_line line;
	char client[IP_TEXT_LEN];

	counters_add(counters, r->is_probe ? COUNTER_PROBES : VERBS[r->verb].counter, 1);
	if (r->reason == REASON_AUTH_MACROS && !r->is_probe)
		warn_macros(r->login);
	if (!is_logged(r))
		return;
	log_line_begin(&line, r->queue_id, r->is_probe ? "probe" : VERBS[r->verb].verb);
	if (r->is_probe)
		log_line_put_str(&line, "result", VERBS[r->verb].verb);
	put_decision(&line, r);
	if (r->login.len > 0)
		log_line_put(&line, "login", r->login);
	if (r->client->family != IP_NONE) {
		ip_addr_format(r->client, client);
		log_line_put_str(&line, "client", client);
	}
	if (r->key_unusable != NULL && r->key_unusable->kind != ERR_NONE)
		log_line_put_str(&line, "key_unusable", r->key_unusable->text);
	if (r->error != NULL && r->error->kind != ERR_NONE)
		log_line_put_str(&line, "error", r->error->text);
	if (r->verb == REPORT_SIGNED && !r->is_probe)
		log_line_put_u64(&line, "body", r->body_len);
	log_line_put_u64(&line, "us", r->us);
	log_line_emit(&line, VERBS[r->verb].level);
}

static bool
has_long_header_line(const struct header_list *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		const struct header_field *f = &headers->fields[i];
		size_t len = f->name.len + 1;

		if (len + f->value.len <= LINE_LEN_GOOD)
			continue;
		for (size_t k = 0; k < f->value.len; k++) {
			len = f->value.ptr[k] == '\n' ? 0 : len + (f->value.ptr[k] != '\r');
			if (len > LINE_LEN_GOOD)
				return true;
		}
	}
	return false;
}

/* RFC 5322 3.6 and RFC 2045 3: fields that may stand once. */
static bool
has_duplicate_field(const struct header_list *headers)
{
	static const char *const ONCE[] = {"Date", "Sender", "Reply-To", "To", "Cc", "Message-ID",
	    "In-Reply-To", "References", "Subject", "MIME-Version", "Content-Type",
	    "Content-Transfer-Encoding"};
	unsigned seen = 0;

	for (size_t i = 0; i < headers->count; i++) {
		for (unsigned k = 0; k < sizeof(ONCE) / sizeof(ONCE[0]); k++) {
			if (!header_name_eq(headers->fields[i].name, slice_of(ONCE[k])))
				continue;
			if ((seen & (1u << k)) != 0)
				return true;
			seen |= 1u << k;
		}
	}
	return false;
}

void
report_signed_shape(const struct header_list *headers, const struct scan_lines *body,
    struct slice queue_id, struct counters *counters)
{
	static atomic_flag said_long = ATOMIC_FLAG_INIT, said_8bit = ATOMIC_FLAG_INIT;

	if (has_duplicate_field(headers))
		counters_add(counters, COUNTER_DUPLICATE_FIELDS, 1);
	if (body->line_len_max > LINE_LEN_GOOD || has_long_header_line(headers)) {
		counters_add(counters, COUNTER_LONG_LINES, 1);
		if (!atomic_flag_test_and_set(&said_long))
			log_msg(LOG_LEVEL_WARNING,
			    "%.*s has a line over %d octets: Postfix will break it in sending, and "
			    "the "
			    "signature with it; let the writing program make shorter lines, or set "
			    "smtp_line_length_limit=0 where all next hops bear it (said once, then "
			    "counted "
			    "as %s)",
			    SLICE_ARG(queue_id), LINE_LEN_GOOD, counter_name(COUNTER_LONG_LINES));
	}
	if (body->has_8bit) {
		counters_add(counters, COUNTER_8BIT_BODIES, 1);
		if (!atomic_flag_test_and_set(&said_8bit))
			log_msg(LOG_LEVEL_WARNING,
			    "%.*s has an 8-bit body: towards a server without 8BITMIME Postfix "
			    "re-encodes "
			    "it, and the signature breaks; set force_mime_input_conversion=yes "
			    "(Postfix "
			    "3.9 and later), else disable_mime_output_conversion=yes for next hops "
			    "that "
			    "bear it (said once, then counted as %s)",
			    SLICE_ARG(queue_id), counter_name(COUNTER_8BIT_BODIES));
	}
}
