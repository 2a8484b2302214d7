/* SPDX-License-Identifier: ISC */
/* store_rows.c - domains, keys and their facts. */
#include "keys/store_sql.h"
#include "base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
store_domains(struct store *store, const char *name, struct store_domain **out, size_t *count,
    struct err *err)
{
	struct sql q = {.store = store, .err = err};
	struct store_domain *list = NULL;
	size_t n = 0, cap = 0;
	int rc = sql_open(&q,
	    "SELECT name, policy, added_at FROM domain WHERE ?1 = '' OR name = ?1 ORDER BY name",
	    "t", name == NULL ? "" : name);

	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		struct store_domain *wider = grow_array(list, n, &cap, sizeof(*list));
		rc = wider == NULL ? err_nomem(err) : 0;
		if (rc != 0)
			break;
		list = wider;
		struct store_domain *d = &list[n++];
		sql_text(&q, 0, d->name, sizeof(d->name));
		sql_text(&q, 1, d->policy, sizeof(d->policy));
		d->added_at = sql_i64(&q, 2);
	}
	sql_close(&q);
	if (rc != 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count = n;
	return 0;
}

static int
put_domain(struct store *store, const struct store_domain *d, const struct store_domain *old,
    const char *verb, struct err *err)
{
	char text[160];

	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an array of the row */
	if (old != NULL && strcmp(old->policy, d->policy) == 0)
		return 0;
	if (old == NULL)
		snprintf(text, sizeof(text), "domain added with policy %s", d->policy);
	else
		snprintf(text, sizeof(text), "policy %s instead of %s", d->policy, old->policy);
	if (sql_run(store, err,
		"INSERT INTO domain (name, policy, added_at) VALUES (?, ?, ?) "
		"ON CONFLICT (name) DO UPDATE SET policy = excluded.policy",
		"tti", d->name, d->policy, d->added_at) != 0)
		return -1;
	return store_event_put(
	    store, &(struct store_event){d->added_at, verb, d->name, "", text}, err);
}

int
store_domain_put(
    struct store *store, const struct store_domain *d, const char *verb, struct err *err)
{
	struct store_domain *old = NULL;
	size_t count;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = store_domains(store, d->name, &old, &count, err);
	if (rc == 0)
		rc = put_domain(store, d, count == 0 ? NULL : old, verb, err);
	free(old);
	return store_end(store, rc, err);
}

int
store_key_put(
    struct store *store, struct store_key *key, int64_t now, const char *verb, struct err *err)
{
	char text[160];

	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err,
	    "INSERT INTO key (domain, selector, policy, alg, bits, ttl_s, spki_hash, record) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttiibt", key->domain, key->selector, key->policy, key_alg_name(key->alg),
	    (int64_t)key->bits, key->ttl_s, slice_new(key->spki_hash, sizeof(key->spki_hash)),
	    key->record);
	if (rc == 0) {
		key->id = sqlite3_last_insert_rowid(store->db);
		key_facts_init(&key->facts);
		key->facts.at[FACT_GENERATED] = now;
		rc = sql_run(store, err, "INSERT INTO fact (key, fact, at) VALUES (?, ?, ?)", "iti",
		    key->id, key_fact_name(FACT_GENERATED), now);
	}
	if (rc == 0) {
		snprintf(text, sizeof(text), "key generated: %s, %u bits", key_alg_name(key->alg),
		    key->bits);
		rc = store_event_put(
		    store, &(struct store_event){now, verb, key->domain, key->selector, text}, err);
	}
	return store_end(store, rc, err);
}

static int
read_key(struct sql *q, struct store_key *k)
{
	char alg[32];

	memset(k, 0, sizeof(*k));
	key_facts_init(&k->facts);
	k->id = sql_i64(q, 0);
	sql_text(q, 1, k->domain, sizeof(k->domain));
	sql_text(q, 2, k->selector, sizeof(k->selector));
	sql_text(q, 3, k->policy, sizeof(k->policy));
	sql_text(q, 4, alg, sizeof(alg));
	k->bits = (unsigned)sql_i64(q, 5);
	k->ttl_s = sql_i64(q, 6);
	sql_text(q, 8, k->record, sizeof(k->record));
	/* these values become paths and table rows: a database that was edited by hand must not
	 * reach further */
	if (!sql_blob(q, 7, k->spki_hash, sizeof(k->spki_hash)) ||
	    !key_alg_from_name(slice_of(alg), &k->alg) || !selector_is_valid(slice_of(k->selector)))
		return err_set(q->err, ERR_CONFIG, "%s: the row of key %s._domainkey.%s is damaged",
		    q->store->path, k->selector, k->domain);
	return 0;
}

static int
read_facts(struct store *store, struct store_key *key, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	char name[32];
	enum key_fact fact;
	int rc = sql_open(&q, "SELECT fact, at FROM fact WHERE key = ?", "i", key->id);

	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		rc = 0;
		sql_text(&q, 0, name, sizeof(name));
		if (!key_fact_from_name(slice_of(name), &fact))
			rc = err_set(err, ERR_CONFIG, "%s: unknown fact \"%s\" of key %s",
			    store->path, name, key->selector);
		else
			key->facts.at[fact] = sql_i64(&q, 1);
	}
	sql_close(&q);
	return rc;
}

int
store_keys(
    struct store *store, const char *domain, struct store_key **out, size_t *count, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	struct store_key *list = NULL;
	size_t n = 0, cap = 0;
	int rc = sql_open(&q,
	    "SELECT id, domain, selector, policy, alg, bits, ttl_s, spki_hash, record FROM key "
	    "WHERE ?1 = '' OR domain = ?1 ORDER BY domain, id",
	    "t", domain == NULL ? "" : domain);

	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		struct store_key *wider = grow_array(list, n, &cap, sizeof(*list));
		rc = wider == NULL ? err_nomem(err) : 0;
		if (rc != 0)
			break;
		list = wider;
		rc = read_key(&q, &list[n]);
		if (rc == 0)
			rc = read_facts(store, &list[n], err);
		n++;
	}
	sql_close(&q);
	if (rc != 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count = n;
	return 0;
}

int
store_fact_put(struct store *store, const struct store_key *key, enum key_fact fact,
    const struct store_event *event, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err, "INSERT OR IGNORE INTO fact (key, fact, at) VALUES (?, ?, ?)",
	    "iti", key->id, key_fact_name(fact), event->at);
	if (rc == 0 && sqlite3_changes(store->db) == 1)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}
