/* SPDX-License-Identifier: ISC */
#include "milter/session_message.h"

#include "milter/report.h"
#include "milter/sign_message.h"

#include <string.h>
#include <time.h>

#define NS_A_SECOND 1000000000

uint64_t
session_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_A_SECOND + (uint64_t)ts.tv_nsec;
}

void
session_message_reset(struct session *s)
{
	keyring_release(s->ring, s->snapshot);
	s->snapshot = NULL;
	canon_body_deinit(&s->body);
	memset(&s->body, 0, sizeof(s->body));
	session_header_reset(&s->header);
	s->auth_type = s->auth_authen = slice_of(NULL);
	s->queue_id[0] = '\0';
	s->failure.kind = ERR_NONE;
	s->failure.text[0] = '\0';
	s->spent_ns = 0;
	s->is_probe = false;
	s->state = MESSAGE_NONE;
}

/* The line for the log; the message is over, whatever the MTA sends of it yet. */
static enum session_answer
finish(struct session *s, struct report *r, enum session_answer answer)
{
	r->queue_id = slice_of(s->queue_id);
	r->login = s->auth_authen;
	r->client = &s->peer;
	r->is_probe = s->is_probe;
	if (s->snapshot != NULL) {
		r->decision = &s->decision;
		r->log_unsigned = keyring_table(s->snapshot)->settings.log_unsigned;
	}
	r->us = (s->spent_ns + session_clock_ns() - s->entered_ns) / 1000;
	report_message(r, s->counters);
	session_message_reset(s);
	s->state = MESSAGE_DONE;
	s->answer = answer;
	return answer;
}

/* Eligible, but it cannot be signed.  Never silent, never a rejection, and no 451 in a dry run. */
enum session_answer
session_message_give_up(
    struct session *s, enum reason reason, const struct err *unusable, const struct err *error)
{
	struct report r = {.reason = reason, .key_unusable = unusable, .error = error};
	const struct table_settings *set =
	    s->snapshot != NULL ? &keyring_table(s->snapshot)->settings : NULL;

	if (set == NULL || (!set->dry_run && set->on_error == ON_ERROR_TEMPFAIL)) {
		r.verb = REPORT_TEMPFAIL;
		return finish(s, &r, SESSION_TEMPFAIL);
	}
	r.verb = REPORT_UNSIGNED;
	return finish(s, &r, SESSION_ACCEPT);
}

static enum session_answer
refuse(struct session *s)
{
	bool dry_run = keyring_table(s->snapshot)->settings.dry_run;
	bool tempfail = s->decision.verdict == VERDICT_TEMPFAIL && !dry_run;
	struct report r = {
	    .verb = tempfail ? REPORT_TEMPFAIL : REPORT_UNSIGNED, .reason = s->decision.reason};

	return finish(s, &r, tempfail ? SESSION_TEMPFAIL : SESSION_ACCEPT);
}

/* A header within the table's caps, of which a field to sign it would be too large for any MTA. */
static enum session_answer
refuse_size(struct session *s)
{
	bool tempfail = keyring_table(s->snapshot)->settings.on_limit == ON_LIMIT_TEMPFAIL;

	s->decision.reason = REASON_HEADER_LIMIT;
	s->decision.verdict = tempfail ? VERDICT_TEMPFAIL : VERDICT_UNSIGNED;
	return refuse(s);
}

/* The keys that a domain signs with now; false when they do not suffice. */
static bool
usable_keys(const struct keyring_snapshot *snap, const struct table_domain *domain,
    struct keyring_key keys[static TABLE_KEYS_MAX], size_t *count, struct err *unusable)
{
	int64_t now_s = (int64_t)(session_clock_ns() / NS_A_SECOND);

	*count = keyring_keys(snap, domain, now_s, keys, unusable);
	if (unusable->kind == ERR_NONE)
		return *count > 0;
	return sign_message_keys_suffice(keys, *count);
}

static enum session_answer
would_sign(struct session *s)
{
	struct keyring_key keys[TABLE_KEYS_MAX];
	const struct table_key *rows[TABLE_KEYS_MAX];
	struct err unusable = ERR_INIT;
	struct report r = {.verb = REPORT_WOULD_SIGN, .rows = rows, .key_unusable = &unusable};

	if (!usable_keys(s->snapshot, s->decision.domain, keys, &r.row_count, &unusable))
		return session_message_give_up(s, REASON_KEY_UNUSABLE, &unusable, NULL);
	for (size_t i = 0; i < r.row_count; i++)
		rows[i] = keys[i].row;
	return finish(s, &r, SESSION_ACCEPT);
}

enum session_answer
session_message_decide(struct session *s)
{
	struct err err = ERR_INIT;
	struct policy_facts facts = {
	    .peer = s->peer,
	    .peer_port = s->peer_port,
	    .daemon_name = slice_of(s->daemon_name),
	    .auth_type = s->auth_type,
	    .auth_authen = s->auth_authen,
	};

	if (!s->is_probe)
		counters_add(s->counters, COUNTER_MESSAGES, 1);
	s->snapshot = keyring_acquire(s->ring, &err);
	if (s->snapshot == NULL)
		return session_message_give_up(s, REASON_NO_TABLE, NULL, &err);
	session_header_facts(&s->header, &facts);
	policy_decide(keyring_table(s->snapshot), &facts, &s->decision);
	if (s->header.out_of_memory)
		return session_message_give_up(s, REASON_INTERNAL, NULL, &s->header.err);
	if (s->decision.verdict != VERDICT_SIGN)
		return refuse(s);
	if (keyring_table(s->snapshot)->settings.dry_run && !s->is_probe)
		return would_sign(s);
	if (canon_body_init(&s->body, s->decision.domain->body_canon, &err) != 0 ||
	    (s->is_probe && canon_body_update(&s->body, SLICE_LIT(SESSION_PROBE_BODY), &err) != 0))
		return session_message_give_up(s, REASON_INTERNAL, NULL, &err);
	s->state = MESSAGE_SIGNING;
	return SESSION_CONTINUE;
}

static enum session_answer
insert_all(struct session *s, struct signed_value *values, size_t count, const struct err *unusable,
    const struct session_inserter *to)
{
	const struct table_key *rows[TABLE_KEYS_MAX];
	struct report r = {.verb = REPORT_SIGNED,
	    .rows = rows,
	    .row_count = count,
	    .key_unusable = unusable,
	    .body_len = s->body.raw_len};

	for (size_t i = 0; i < count; i++) {
		const char *value = buf_str(&values[i].value);

		/* An MTA that does not keep the leading space puts one there itself. */
		if (!s->abilities.leading_space && value[0] == ' ')
			value++;
		if (to->insert(to->arg, value) != 0) {
			struct report failed = {.verb = REPORT_TEMPFAIL, .reason = REASON_INTERNAL};
			struct err err = ERR_INIT;

			(void)err_set(&err, ERR_IO, "the MTA did not take the signature");
			failed.error = &err;
			return finish(s, &failed, SESSION_TEMPFAIL);
		}
		rows[count - 1 - i] = values[i].row; /* the later one stands above */
	}
	if (!s->is_probe) {
		counters_add(s->counters, COUNTER_SIGNATURES, count);
		counters_add(s->counters, COUNTER_BODY_BYTES, s->body.raw_len);
		report_signed_shape(
		    &s->header.list, &s->body.lines, slice_of(s->queue_id), s->counters);
	}
	return finish(s, &r, SESSION_ACCEPT);
}

/* A clock that the keeper found wrong, or that shows less than the table's date, makes no times: verifiers may ignore
 * a t= of the future, and an x= of the past ends a signature before it arrives. */
static int64_t
time_of_signing(const struct table *table)
{
	int64_t now = (int64_t)time(NULL);

	if (table->clock_untrusted || (table->date != TABLE_NO_DATE && now < table->date))
		return SIGNATURE_NO_TIME;
	return now;
}

/* The keys are those of now, so that a rotation holds for mail that is on its way; the options those of eoh. */
enum session_answer
session_message_sign(
    struct session *s, const struct keyring_snapshot *snap, const struct session_inserter *to)
{
	const struct table *table = keyring_table(snap);
	const struct table_domain *then = s->decision.domain;
	const struct table_domain *now = table_find_domain(table, slice_of(then->name));
	struct keyring_key keys[TABLE_KEYS_MAX];
	struct signed_value values[TABLE_KEYS_MAX];
	struct err unusable = ERR_INIT, err = ERR_INIT;
	uint8_t bh[CANON_BH_LEN];
	/* absent To, Cc, Subject and Reply-To are signed, too: nobody can add them to a probe's signature */
	struct header_field from = {SLICE_LIT("From"), s->header.from};
	const struct header_list probe = {&from, 1, 1};
	struct sign_message_params p = {.domain = then,
	    .keys = keys,
	    .bh = bh,
	    .headers = s->is_probe ? &probe : &s->header.list,
	    .arena = &s->header.arena,
	    .leading_space = s->abilities.leading_space,
	    .now = time_of_signing(table)};
	enum session_answer answer;
	size_t count;

	if (now == NULL)
		return session_message_give_up(s, REASON_DOMAIN_GONE, NULL, NULL);
	if (now->key_count == 0)
		return session_message_give_up(s, REASON_KEYLESS, NULL, NULL);
	if (!usable_keys(snap, now, keys, &p.key_count, &unusable))
		return session_message_give_up(s, REASON_KEY_UNUSABLE, &unusable, NULL);
	if (canon_body_finish(&s->body, bh, &err) != 0 ||
	    sign_message(&p, values, &count, &err) != 0)
		return err.kind == ERR_LIMIT
			   ? refuse_size(s)
			   : session_message_give_up(s, REASON_INTERNAL, &unusable, &err);
	answer = insert_all(s, values, count, &unusable, to);
	sign_message_deinit(values, count);
	return answer;
}
