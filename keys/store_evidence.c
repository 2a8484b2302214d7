/* SPDX-License-Identifier: ISC */
/* store_evidence.c - the sweeps that permit a step, and the silence of servers. */
#include "keys/store_sql.h"

#include <stdio.h>
#include <string.h>

static const char *const role_names[] = {
    [EVIDENCE_LAST] = "last",
    [EVIDENCE_FIRST] = "first",
    [EVIDENCE_PROOF] = "proof",
    [EVIDENCE_BAD] = "bad",
};

static int
put_answers(struct store *store, int64_t id, const struct sweep *sweep, struct err *err)
{
	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		if (sql_run(store, err,
			"INSERT INTO answer (sweep, n, server, addr, port, verdict, unroutable, "
			"lame, ttl, serial, "
			"why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			"iittiiiiiit", id, (int64_t)i, a->server, addr, (int64_t)a->endpoint.port,
			(int64_t)a->verdict, (int64_t)a->family_unroutable, (int64_t)a->lame,
			(int64_t)a->ttl, (int64_t)a->serial, a->why) != 0)
			return -1;
	}
	return 0;
}

static int
drop_role(struct store *store, int64_t key_id, enum evidence_role role, struct err *err)
{
	return sql_run(store, err, "DELETE FROM sweep WHERE key = ? AND role = ?", "it", key_id,
	    role_names[role]);
}

static int
put_sweep(struct store *store, int64_t key_id, enum evidence_role role, const struct store_sweep *s,
    struct err *err)
{
	if (role != EVIDENCE_PROOF && drop_role(store, key_id, role, err) != 0)
		return -1;
	if (sql_run(store, err,
		"INSERT INTO sweep (key, role, started_at, ended_at, zone, zone_signed, passed, "
		"failed, why, resolver, resolver_warn_at) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"itiitiiitti", key_id, role_names[role], s->sweep.started_at, s->sweep.ended_at,
		s->sweep.zone, (int64_t)s->sweep.zone_signed, (int64_t)s->passed,
		(int64_t)s->failed, s->why, s->resolver, s->resolver_warn_at) != 0)
		return -1;
	return put_answers(store, sqlite3_last_insert_rowid(store->db), &s->sweep, err);
}

int
store_sweep_put(struct store *store, int64_t key_id, enum evidence_role role,
    const struct store_sweep *s, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	return store_end(store, put_sweep(store, key_id, role, s, err), err);
}

int
store_look_put(struct store *store, int64_t key_id, const struct store_sweep *s, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = put_sweep(store, key_id, EVIDENCE_LAST, s, err);
	if (rc == 0 && s->sweep.bad > 0)
		rc = drop_role(store, key_id, EVIDENCE_FIRST, err);
	if (rc == 0 && s->sweep.bad > 0)
		rc = put_sweep(store, key_id, EVIDENCE_BAD, s, err);
	return store_end(store, rc, err);
}

int
store_proof_get(struct store *store, int64_t key_id, struct store_proof *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q,
	    "SELECT role = 'bad', ended_at FROM sweep WHERE key = ? AND role IN ('proof', 'bad') "
	    "ORDER BY id",
	    "i", key_id);

	*out = (struct store_proof){.at = NEVER};
	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		out->contradicted = sql_i64(&q, 0) != 0;
		if (!out->contradicted)
			out->at = sql_i64(&q, 1);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static void
count_answer(struct sweep *sweep, enum answer_verdict verdict)
{
	size_t *counts[] = {
	    [ANSWER_GOOD] = &sweep->good, [ANSWER_BAD] = &sweep->bad, [ANSWER_MUTE] = &sweep->mute};

	++*counts[verdict];
}

static int
read_answer(struct sql *q, struct sweep_answer *a)
{
	char addr[IP_TEXT_LEN];
	int64_t verdict = sql_i64(q, 3);

	memset(a, 0, sizeof(*a));
	sql_text(q, 0, a->server, sizeof(a->server));
	sql_text(q, 1, addr, sizeof(addr));
	a->endpoint.port = (uint16_t)sql_i64(q, 2);
	a->family_unroutable = sql_i64(q, 4) != 0;
	a->lame = sql_i64(q, 5) != 0;
	a->ttl = (uint32_t)sql_i64(q, 6);
	a->serial = (uint32_t)sql_i64(q, 7);
	sql_text(q, 8, a->why, sizeof(a->why));
	if (verdict < ANSWER_GOOD || verdict > ANSWER_MUTE)
		return err_set(q->err, ERR_CONFIG, "%s: a damaged row of evidence", q->store->path);
	a->verdict = (enum answer_verdict)verdict;
	return ip_addr_parse(slice_of(addr), &a->endpoint.addr, q->err);
}

static int
read_answers(struct store *store, int64_t id, struct sweep *sweep, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q,
	    "SELECT server, addr, port, verdict, unroutable, lame, ttl, serial, why FROM answer "
	    "WHERE sweep = ? ORDER BY n LIMIT ?",
	    "ii", id, (int64_t)SWEEP_SERVERS_MAX);

	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		rc = read_answer(&q, &sweep->answers[sweep->count]);
		if (rc == 0)
			count_answer(sweep, sweep->answers[sweep->count++].verdict);
	}
	sql_close(&q);
	return rc;
}

int
store_sweep_get(struct store *store, int64_t key_id, enum evidence_role role,
    struct store_sweep *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int64_t id = 0;
	int rc = sql_open(&q,
	    "SELECT id, started_at, ended_at, zone, zone_signed, passed, failed, why, resolver, "
	    "resolver_warn_at FROM sweep WHERE key = ? AND role = ? ORDER BY id DESC LIMIT 1",
	    "it", key_id, role_names[role]);

	memset(out, 0, sizeof(*out));
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		out->found = true;
		id = sql_i64(&q, 0);
		out->sweep.started_at = sql_i64(&q, 1);
		out->sweep.ended_at = sql_i64(&q, 2);
		sql_text(&q, 3, out->sweep.zone, sizeof(out->sweep.zone));
		out->sweep.zone_signed = sql_i64(&q, 4) != 0;
		out->passed = sql_i64(&q, 5) != 0;
		out->failed = sql_i64(&q, 6) != 0;
		sql_text(&q, 7, out->why, sizeof(out->why));
		sql_text(&q, 8, out->resolver, sizeof(out->resolver));
		out->resolver_warn_at = sql_i64(&q, 9);
		rc = 0;
	}
	sql_close(&q);
	return rc == 0 && out->found ? read_answers(store, id, &out->sweep, err) : rc;
}

int
store_verified(struct store *store, const struct store_key *key, const struct store_sweep *second,
    const struct store_event *event, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err,
	    "UPDATE sweep SET role = 'proof' WHERE key = ? AND role = 'first'", "i", key->id);
	if (rc == 0)
		rc = drop_role(store, key->id, EVIDENCE_BAD, err);
	if (rc == 0)
		rc = put_sweep(store, key->id, EVIDENCE_PROOF, second, err);
	/* K24: the record is proven at the end of the second sweep, not when we write it down */
	if (rc == 0)
		rc = sql_run(store, err,
		    "INSERT OR IGNORE INTO fact (key, fact, at) VALUES (?, ?, ?)", "iti", key->id,
		    key_fact_name(FACT_VERIFIED), second->sweep.ended_at);
	if (rc == 0)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

/* One server's row: which it is, since when it has been mute, and when that was last seen. */
struct silence {
	const char *zone;
	char addr[IP_TEXT_LEN];
	int64_t port;
	int64_t since, seen;
};

static int
silence_get(struct store *store, struct silence *s, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc =
	    sql_open(&q, "SELECT since, seen FROM silence WHERE zone = ? AND addr = ? AND port = ?",
		"tti", s->zone, s->addr, s->port);

	s->since = s->seen = NEVER;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		s->since = sql_i64(&q, 0);
		s->seen = sql_i64(&q, 1);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static int
silence_note(struct store *store, struct silence *s, int64_t now, struct err *err)
{
	return sql_run(store, err,
	    "INSERT OR REPLACE INTO silence (zone, addr, port, since, seen) VALUES (?, ?, ?, ?, ?)",
	    "ttiii", s->zone, s->addr, s->port, s->since == NEVER ? now : s->since, now);
}

static int
silence_end(struct store *store, const struct silence *s, struct err *err)
{
	return sql_run(store, err, "DELETE FROM silence WHERE zone = ? AND addr = ? AND port = ?",
	    "tti", s->zone, s->addr, s->port);
}

int
store_silence(struct store *store, const struct sweep *sweep, int64_t gap_s,
    int64_t since[static SWEEP_SERVERS_MAX], struct err *err)
{
	int64_t now = sweep->started_at;
	int rc = 0;

	if (store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		struct silence s = {.zone = sweep->zone, .port = a->endpoint.port};
		bool mute = a->verdict == ANSWER_MUTE;
		ip_addr_format(&a->endpoint.addr, s.addr);
		rc = silence_get(store, &s, err);
		bool known = s.since != NEVER;
		/* nobody looked for long, or the clock was wrong: what lies between is not known */
		if (known && (s.since > now || now - s.seen > gap_s))
			s.since = NEVER;
		if (rc == 0 && mute)
			rc = silence_note(store, &s, now, err);
		else if (rc == 0 && known)
			rc = silence_end(store, &s, err);
		since[i] = mute ? s.since : NEVER;
	}
	return store_end(store, rc, err);
}
