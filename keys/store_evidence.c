/* SPDX-License-Identifier: ISC */
/* store_evidence.c - the sweeps that permit a step, and what they add up to. */
#include "keys/store_sweeps.h"

#include <stdio.h>
#include <string.h>

#define SEEN_KEPT 20 /* of one key */

static int
drop_role(struct store *store, int64_t key_id, enum evidence_role role, struct err *err)
{
	return sql_run(store, err, "DELETE FROM sweep WHERE key = ? AND role = ?", "it", key_id,
	    EVIDENCE_NAMES[role]);
}

static int
change_role(struct store *store, int64_t key_id, enum evidence_role from, enum evidence_role to,
    struct err *err)
{
	return sql_run(store, err, "UPDATE sweep SET role = ? WHERE key = ? AND role = ?", "tit",
	    EVIDENCE_NAMES[to], key_id, EVIDENCE_NAMES[from]);
}

/* The last sweep gives way to a new one.  One that said the same is only brought up to date. */
static int
replace_last(struct store *store, int64_t key_id, const struct store_sweep *s, struct err *err)
{
	struct sweep_comparison c = {.key_id = key_id, .with = s};

	if (store_sweep_compare(store, &c, err) != 0)
		return -1;
	if (c.same)
		return sql_run(store, err,
		    "UPDATE sweep SET started_at = ?, ended_at = ?, queries = ?, resolver = ?, "
		    "resolver_warn_at = ? WHERE id = ?",
		    "iiitni", s->sweep.started_at, s->sweep.ended_at, (int64_t)s->queries,
		    s->resolver, s->resolver_warn_at, c.last);
	if (c.last != 0 && change_role(store, key_id, EVIDENCE_LAST, EVIDENCE_SEEN, err) != 0)
		return -1;
	if (sql_run(store, err,
		"DELETE FROM sweep WHERE key = ?1 AND role = 'seen' AND id <= (SELECT id FROM "
		"sweep "
		"WHERE key = ?1 AND role = 'seen' ORDER BY id DESC LIMIT 1 OFFSET ?2)",
		"ii", key_id, (int64_t)SEEN_KEPT) != 0)
		return -1;
	return store_sweep_insert(store, key_id, EVIDENCE_LAST, s, err);
}

/* In a role of which there is one. */
static int
put_single(struct store *store, int64_t key_id, enum evidence_role role,
    const struct store_sweep *s, struct err *err)
{
	if (drop_role(store, key_id, role, err) != 0)
		return -1;
	return store_sweep_insert(store, key_id, role, s, err);
}

static int
put_look(struct store *store, const struct store_look *l, struct err *err)
{
	const struct schedule_looks *s = &l->looks;

	return sql_run(store, err,
	    "INSERT OR REPLACE INTO look (key, expect, looked_at, last_passed, failed, untrusted, "
	    "passed_at, first_pass_at, second_pass_at, proven_at, contradicted, obstacle, zones, "
	    "gone_since, gone_sweeps, "
	    "differs, resolver_passes, resolver_first_at, resolver_last_at, resolver_wait_until) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "iiniiinnnnittniiinnn", l->key_id, (int64_t)l->expect, s->looked_at,
	    (int64_t)s->last_passed, (int64_t)l->failed, (int64_t)l->untrusted, s->passed_at,
	    s->first_pass_at, s->second_pass_at, s->proven_at, (int64_t)s->contradicted,
	    l->obstacle, l->zones, s->gone_since, (int64_t)s->gone_sweeps, (int64_t)s->differs,
	    (int64_t)s->resolver_passes, s->resolver_first_at, s->resolver_last_at,
	    s->resolver_wait_until);
}

/* The second of a pair is the first of the next. */
static int
slide_pair(struct store *store, const struct store_look *l, struct err *err)
{
	int rc = sql_run(store, err,
	    "DELETE FROM sweep WHERE key = ?1 AND role = 'first' AND EXISTS (SELECT 1 FROM sweep "
	    "WHERE key = ?1 AND role = 'second' AND ended_at = ?2)",
	    "ii", l->key_id, l->looks.first_pass_at);
	return rc != 0 ? -1
		       : sql_run(store, err,
			     "UPDATE sweep SET role = 'first' WHERE key = ? AND role = 'second' "
			     "AND ended_at = ?",
			     "ii", l->key_id, l->looks.first_pass_at);
}

static int
put_pair(
    struct store *store, const struct store_look *l, const struct store_sweep *s, struct err *err)
{
	int rc = 0;

	if (l->looks.first_pass_at == NEVER) {
		rc = drop_role(store, l->key_id, EVIDENCE_FIRST, err);
		if (rc == 0)
			rc = drop_role(store, l->key_id, EVIDENCE_SECOND, err);
	} else if (l->looks.first_pass_at == s->sweep.ended_at && s->passed) {
		rc = put_single(store, l->key_id, EVIDENCE_FIRST, s, err);
	}
	if (rc != 0 || l->looks.second_pass_at != s->sweep.ended_at || !s->passed)
		return rc;
	rc = slide_pair(store, l, err);
	return rc == 0 ? put_single(store, l->key_id, EVIDENCE_SECOND, s, err) : -1;
}

int
store_look_put(
    struct store *store, const struct store_look *l, const struct store_sweep *s, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = replace_last(store, l->key_id, s, err);
	if (rc == 0)
		rc = put_pair(store, l, s, err);
	if (rc == 0 && s->sweep.bad > 0)
		rc = put_single(store, l->key_id, EVIDENCE_BAD, s, err);
	if (rc == 0)
		rc = put_look(store, l, err);
	return store_end(store, rc, err);
}

static int
read_look(struct sql *q, void *element)
{
	struct store_look *l = element;
	struct schedule_looks *s = &l->looks;

	l->key_id = sql_i64(q, 0);
	l->expect = (enum key_expect)sql_i64(q, 1);
	s->looked_at = sql_time(q, 2);
	s->last_passed = sql_i64(q, 3) != 0;
	l->failed = sql_i64(q, 4) != 0;
	s->passed_at = sql_time(q, 5);
	s->first_pass_at = sql_time(q, 6);
	s->second_pass_at = sql_time(q, 7);
	s->proven_at = sql_time(q, 8);
	s->contradicted = sql_i64(q, 9) != 0;
	sql_text(q, 10, l->obstacle, sizeof(l->obstacle));
	sql_text(q, 11, l->zones, sizeof(l->zones));
	s->gone_since = sql_time(q, 12);
	s->gone_sweeps = (unsigned)sql_i64(q, 13);
	s->differs = sql_i64(q, 14) != 0;
	s->resolver_passes = (unsigned)sql_i64(q, 15);
	s->resolver_first_at = sql_time(q, 16);
	s->resolver_last_at = sql_time(q, 17);
	s->resolver_wait_until = sql_time(q, 18);
	l->untrusted = sql_i64(q, 19) != 0;
	return 0;
}

int
store_looks_select(struct store *store, const struct store_select *select, struct store_look **out,
    size_t *count, struct err *err)
{
	struct sql_list list = {
	    .text = "SELECT l.key, l.expect, l.looked_at, l.last_passed, l.failed, l.passed_at, "
		    "l.first_pass_at, l.second_pass_at, l.proven_at, l.contradicted, l.obstacle, "
		    "l.zones, "
		    "l.gone_since, l.gone_sweeps, l.differs, l.resolver_passes, "
		    "l.resolver_first_at, l.resolver_last_at, l.resolver_wait_until, l.untrusted "
		    "FROM domain d CROSS JOIN key k ON k.domain = d.name CROSS JOIN look l ON "
		    "l.key = k.id WHERE %s AND (k.destroyed IS NULL OR k.removed IS NULL) "
		    "ORDER BY d.name, k.id",
	    .size = sizeof(struct store_look),
	    .read = read_look};

	if (sql_list(store, select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

int
store_looks_forget_untrusted(struct store *store, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE look SET looked_at = NULL, last_passed = 0, untrusted = 0 WHERE untrusted <> 0",
	    "");
}

/* What is written down of a pair: of the first it stays, of later ones the last does. */
static int
keep_pair(struct store *store, int64_t key_id, bool renewed, struct err *err)
{
	enum evidence_role role = renewed ? EVIDENCE_RENEWED : EVIDENCE_PROOF;

	if (renewed && drop_role(store, key_id, EVIDENCE_RENEWED, err) != 0)
		return -1;
	if (change_role(store, key_id, EVIDENCE_FIRST, role, err) != 0 ||
	    change_role(store, key_id, EVIDENCE_SECOND, role, err) != 0)
		return -1;
	return drop_role(store, key_id, EVIDENCE_BAD, err);
}

static int
second_of_pair(struct store *store, int64_t key_id, int64_t *sweep, int64_t *at, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	/* K34: resolvers have no pairs */
	int rc = sql_open(&q,
	    "SELECT coalesce(second_pass_at, resolver_last_at) FROM look WHERE key = ?", "i",
	    key_id);

	*at = NEVER;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*at = sql_time(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	if (rc == 0)
		rc = store_sweep_find(store, key_id, EVIDENCE_SECOND, sweep, err);
	if (rc == 0 && *at == NEVER)
		rc = err_set(err, ERR_INPUT, "nothing is proven: there is no second sweep");
	return rc;
}

/* K31: an imported key that signed without proof is one like others from its proof on. */
static int
end_unproven(struct store *store, int64_t key_id, struct err *err)
{
	return sql_run(
	    store, err, "UPDATE key SET imported_unproven = 0 WHERE id = ?", "i", key_id);
}

int
store_proven(struct store *store, const struct store_key *key, enum key_fact fact,
    const struct store_event *event, struct err *err)
{
	int64_t sweep = 0, at = NEVER;
	bool renewed = key->facts.at[fact] != NEVER;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = second_of_pair(store, key->id, &sweep, &at, err);
	if (rc == 0)
		rc = keep_pair(store, key->id, renewed, err);
	/* K24: proven at the end of the second sweep, not when we write it down */
	if (rc == 0 && store_fact_set(store, key, fact, at, err) < 0)
		rc = -1;
	if (rc == 0)
		rc = sql_run(store, err,
		    "UPDATE look SET proven_at = coalesce(second_pass_at, resolver_last_at), "
		    "first_pass_at = NULL, second_pass_at = NULL, contradicted = 0, "
		    "resolver_passes = 0, resolver_first_at = NULL, resolver_last_at = NULL "
		    "WHERE key = ?",
		    "i", key->id);
	if (rc == 0 && fact == FACT_VERIFIED)
		rc = end_unproven(store, key->id, err);
	if (rc == 0)
		rc = store_touch(store, key->domain, err);
	if (rc == 0 && event != NULL)
		rc = store_event_with(store, event, sweep, err);
	return store_end(store, rc, err);
}

int
store_attested(struct store *store, const struct store_key *key, const struct store_event *event,
    struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = store_fact_set(store, key, FACT_VERIFIED, event->at, err) < 0 ? -1 : 0;
	if (rc == 0)
		rc = sql_run(store, err,
		    "INSERT INTO look (key, expect, last_passed, failed, proven_at, contradicted, "
		    "obstacle, zones, gone_sweeps, differs, resolver_passes) "
		    "VALUES (?1, ?2, 0, 0, ?3, 0, '', '', 0, 0, 0) ON CONFLICT (key) DO UPDATE SET "
		    "expect = ?2, proven_at = ?3, contradicted = 0, gone_since = NULL, gone_sweeps "
		    "= 0",
		    "iii", key->id, (int64_t)EXPECT_RECORD, event->at);
	if (rc == 0)
		rc = end_unproven(store, key->id, err);
	if (rc == 0)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}
