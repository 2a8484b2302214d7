/* SPDX-License-Identifier: ISC */
/* store_deeds.c - what publishers were asked for, and the slots of a domain. */
#include "keys/store_sql.h"

#include <stdio.h>
#include <string.h>

#define VANISHED_KEPT_S (7 * 86400LL)

static int
put_deed(struct store *store, const struct store_deed *d, struct err *err)
{
	if (d->deed < 0 || d->deed >= DEED_COUNT)
		return err_set(err, ERR_INPUT, "an unknown deed");
	return sql_run(store, err,
	    "INSERT OR REPLACE INTO deed (key, deed, first_at, last_at, tries, done, refused, why, "
	    "receipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "iiiiiiitt", d->key_id, (int64_t)d->deed, d->tries.first_at, d->tries.last_at,
	    (int64_t)d->tries.tries, (int64_t)d->tries.done, (int64_t)d->tries.refused, d->why,
	    d->receipt);
}

static int
put_vanished(struct store *store, int64_t key_id, int64_t at, struct err *err)
{
	if (sql_run(store, err, "DELETE FROM vanished WHERE at < ?", "i", at - VANISHED_KEPT_S) !=
	    0)
		return -1;
	return sql_run(
	    store, err, "INSERT OR IGNORE INTO vanished (key, at) VALUES (?, ?)", "ii", key_id, at);
}

int
store_deed_put(struct store *store, const struct store_deed_put *p, const struct store_event *event,
    struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = put_deed(store, p->deed, err);
	if (rc == 0 && p->fact != FACT_COUNT &&
	    store_fact_set(store, p->key, p->fact, p->deed->tries.last_at, err) < 0)
		rc = -1;
	if (rc == 0 && p->publisher != NULL)
		rc = sql_run(store, err, "UPDATE key SET publisher = ? WHERE id = ?", "ti",
		    p->publisher, p->key->id);
	if (rc == 0 && p->vanished)
		rc = put_vanished(store, p->key->id, p->deed->tries.last_at, err);
	if (rc == 0)
		rc = store_touch(store, p->key->domain, err);
	if (rc == 0 && event != NULL)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

/* The receipt stays: what became of that change may still be found out. */
int
store_deeds_retry(struct store *store, const char *domain, const struct store_event *event,
    size_t *count, struct err *err)
{
	*count = 0;
	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err,
	    "UPDATE deed SET tries = 0, refused = 0, why = '' WHERE tries > 0 AND done = 0 AND key "
	    "IN (SELECT id FROM key WHERE domain = ?)",
	    "t", domain);
	if (rc == 0)
		*count = (size_t)sqlite3_changes(store->db);
	if (rc == 0 && *count > 0)
		rc = store_touch(store, domain, err);
	if (rc == 0 && *count > 0 && event != NULL)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

static int
read_deed(struct sql *q, void *element)
{
	struct store_deed *d = element;
	int64_t deed = sql_i64(q, 1);

	if (deed < 0 || deed >= DEED_COUNT)
		return err_set(q->err, ERR_CONFIG, "%s: a damaged row of deeds", q->store->path);
	d->key_id = sql_i64(q, 0);
	d->deed = (enum deed)deed;
	d->tries.first_at = sql_i64(q, 2);
	d->tries.last_at = sql_i64(q, 3);
	d->tries.tries = (unsigned)sql_i64(q, 4);
	d->tries.done = sql_i64(q, 5) != 0;
	d->tries.refused = sql_i64(q, 6) != 0;
	sql_text(q, 7, d->why, sizeof(d->why));
	sql_text(q, 8, d->receipt, sizeof(d->receipt));
	return 0;
}

int
store_deeds_select(struct store *store, const struct store_select *select, struct store_deed **out,
    size_t *count, struct err *err)
{
	struct sql_list list = {
	    .text =
		"SELECT e.key, e.deed, e.first_at, e.last_at, e.tries, e.done, e.refused, e.why, "
		"e.receipt FROM domain d CROSS JOIN key k ON k.domain = d.name CROSS JOIN deed e "
		"ON "
		"e.key = k.id WHERE %s AND (k.destroyed IS NULL OR k.removed IS NULL) "
		"ORDER BY d.name, k.id, e.deed",
	    .size = sizeof(struct store_deed),
	    .read = read_deed};

	if (sql_list(store, select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

static int
read_vanished(struct sql *q, void *element)
{
	struct store_vanished *v = element;

	v->key_id = sql_i64(q, 0);
	v->times = sql_i64(q, 1);
	return 0;
}

int
store_vanished_since(
    struct store *store, int64_t since, struct store_vanished **out, size_t *count, struct err *err)
{
	char text[128];
	struct sql_list list = {
	    .text = text, .size = sizeof(struct store_vanished), .read = read_vanished};

	snprintf(text, sizeof(text),
	    "SELECT key, count(*) FROM vanished WHERE at >= %lld GROUP BY key ORDER BY key",
	    (long long)since);
	if (sql_list(store, NULL, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

int
store_slot_put(struct store *store, const struct store_slot *s, const struct store_event *event,
    struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err,
	    "INSERT INTO slot (domain, alg, n, token, prepared_at, free_at, deed_at, "
	    "previous_ttl_s, why, receipt) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (domain, alg, n) DO UPDATE SET "
	    "prepared_at = excluded.prepared_at, free_at = excluded.free_at, "
	    "deed_at = excluded.deed_at, why = excluded.why, receipt = excluded.receipt, "
	    "previous_ttl_s = max(previous_ttl_s, excluded.previous_ttl_s)",
	    "ttitnnnitt", s->domain, key_alg_name(s->alg), (int64_t)s->n, s->token, s->prepared_at,
	    s->free_at, s->deed_at, s->previous_ttl_s, s->why, s->receipt);
	if (rc == 0)
		rc = store_touch(store, s->domain, err);
	if (rc == 0 && event != NULL)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

int
store_slot_looked(struct store *store, const struct store_slot *s, const struct store_event *event,
    struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err,
	    "UPDATE slot SET looked_at = ?, alias_why = ?, wrong_looks = ? WHERE domain = ? "
	    "AND alg = ? AND n = ?",
	    "ntitti", s->looked_at, s->alias_why, (int64_t)s->wrong_looks, s->domain,
	    key_alg_name(s->alg), (int64_t)s->n);
	if (rc == 0 && event != NULL)
		rc = store_touch(store, s->domain, err);
	if (rc == 0 && event != NULL)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

static int
read_slot(struct sql *q, void *element)
{
	struct store_slot *s = element;
	char alg[32];

	sql_text(q, 0, s->domain, sizeof(s->domain));
	sql_text(q, 1, alg, sizeof(alg));
	s->n = (int)sql_i64(q, 2);
	sql_text(q, 3, s->token, sizeof(s->token));
	s->prepared_at = sql_time(q, 4);
	s->free_at = sql_time(q, 5);
	s->deed_at = sql_time(q, 6);
	sql_text(q, 7, s->why, sizeof(s->why));
	s->previous_ttl_s = sql_i64(q, 8);
	sql_text(q, 9, s->receipt, sizeof(s->receipt));
	s->looked_at = sql_time(q, 10);
	sql_text(q, 11, s->alias_why, sizeof(s->alias_why));
	s->wrong_looks = (unsigned)sql_i64(q, 12);
	/* a token becomes the name of a file */
	if (!key_alg_from_name(slice_of(alg), &s->alg) || s->n < 0 || s->n >= POLICY_SLOTS_MAX ||
	    !selector_is_valid(slice_of(s->token)))
		return err_set(q->err, ERR_CONFIG, "%s: the row of slot %d of %s is damaged",
		    q->store->path, s->n, s->domain);
	return 0;
}

int
store_slots_select(struct store *store, const struct store_select *select, struct store_slot **out,
    size_t *count, struct err *err)
{
	struct sql_list list = {
	    .text = "SELECT s.domain, s.alg, s.n, s.token, s.prepared_at, s.free_at, s.deed_at, "
		    "s.why, s.previous_ttl_s, s.receipt, s.looked_at, s.alias_why, s.wrong_looks "
		    "FROM domain d "
		    "CROSS JOIN slot s ON s.domain = d.name WHERE %s "
		    "ORDER BY d.name, s.alg DESC, s.n",
	    .size = sizeof(struct store_slot),
	    .read = read_slot};

	if (sql_list(store, select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}
