/* SPDX-License-Identifier: ISC */
/* store_domains.c - domains and the marks that verbs set on them. */
#include "keys/store_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* That nobody may sign for a domain holds for the table that said so. */
#define SIGNERS_KNOWN                                                                              \
	"(d.signers_needed OR d.signers_generation IS (SELECT value FROM number WHERE name = "     \
	"'" NUMBER_GENERATION "'))"
#define DOMAIN_COLUMNS                                                                             \
	"d.name, d.policy, d.added_at, d.removing_at, d.removed_at, d.roll_at, d.rollback_at, "    \
	"d.held_at, d.gone_at, d.active_from, d.table_at, d.propagation_max_s, d.alias_wrong, "    \
	"d.alias_why, d.signers_asked_at, d.signers_needed OR NOT " SIGNERS_KNOWN                  \
	", d.signers_agree AND " SIGNERS_KNOWN ", d.signers_laggard, "                             \
	"d.due_at, d.negative_max_s, d.negative_lower_since, d.negative_at"

struct store_select
store_select_domain(const char *domain)
{
	return (struct store_select){.first = domain, .last = domain, .due_by = INT64_MAX};
}

static int
read_domain(struct sql *q, void *element)
{
	struct store_domain *d = element;

	sql_text(q, 0, d->name, sizeof(d->name));
	sql_text(q, 1, d->policy, sizeof(d->policy));
	d->added_at = sql_i64(q, 2);
	d->removing_at = sql_time(q, 3);
	d->removed_at = sql_time(q, 4);
	d->roll_at = sql_time(q, 5);
	d->rollback_at = sql_time(q, 6);
	d->held_at = sql_time(q, 7);
	d->is_gone = sql_time(q, 8) != NEVER;
	d->active_from = sql_time(q, 9);
	d->table_at = sql_time(q, 10);
	d->propagation_max_s = sql_i64(q, 11);
	d->alias_wrong = sql_i64(q, 12) != 0;
	sql_text(q, 13, d->alias_why, sizeof(d->alias_why));
	d->signers_asked_at = sql_time(q, 14);
	d->signers_needed = sql_i64(q, 15) != 0;
	d->signers_agree = sql_i64(q, 16) != 0;
	sql_text(q, 17, d->signers_laggard, sizeof(d->signers_laggard));
	d->due_at = sql_time(q, 18);
	d->negative_max_s = sql_time(q, 19);
	d->negative_lower_since = sql_time(q, 20);
	d->negative_at = sql_time(q, 21);
	return 0;
}

int
store_domains_select(struct store *store, const struct store_select *select,
    struct store_domain **out, size_t *count, struct err *err)
{
	char text[1024];
	struct sql_list list = {
	    .text = text, .size = sizeof(struct store_domain), .read = read_domain};

	snprintf(text, sizeof(text),
	    "SELECT " DOMAIN_COLUMNS " FROM domain d WHERE %%s ORDER BY d.name LIMIT %zu",
	    select->max == 0 ? (size_t)INT32_MAX : select->max);
	if (sql_list(store, select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

int
store_domains(struct store *store, const char *name, struct store_domain **out, size_t *count,
    struct err *err)
{
	struct store_select select = store_select_domain(name);

	return store_domains_select(store, &select, out, count, err);
}

/* Whoever removed it wanted its mail to leave unsigned: so it does until a key signs again, as before the first one. */
static int
begin_anew(struct store *store, const char *domain, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET active_from = NULL WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM "
	    "key WHERE domain = ?1 AND " SIGNING ")",
	    "t", domain);
}

static int
put_domain(struct store *store, const struct store_domain *d, const struct store_domain *old,
    const char *verb, struct err *err)
{
	char text[160];
	bool back = old != NULL && (old->removing_at != NEVER || old->removed_at != NEVER);

	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an array of the row */
	if (old != NULL && strcmp(old->policy, d->policy) == 0 && !back)
		return 0;
	if (old == NULL)
		snprintf(text, sizeof(text), "domain added with policy %s", d->policy);
	else if (back)
		snprintf(text, sizeof(text), "domain is to stay, with policy %s", d->policy);
	else
		snprintf(text, sizeof(text), "policy %s instead of %s", d->policy, old->policy);
	if (sql_run(store, err,
		"INSERT INTO domain (name, policy, added_at) VALUES (?, ?, ?) "
		"ON CONFLICT (name) DO UPDATE SET policy = excluded.policy, removing_at = NULL, "
		"removed_at = NULL, due_at = NULL",
		"tti", d->name, d->policy, d->added_at) != 0 ||
	    (back && begin_anew(store, d->name, err) != 0))
		return -1;
	return store_event_put(
	    store, &(struct store_event){d->added_at, verb, d->name, "", text}, err);
}

int
store_domain_put(
    struct store *store, const struct store_domain *d, const char *verb, struct err *err)
{
	struct store_domain *old = NULL;
	size_t count = 0;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = store_domains(store, d->name, &old, &count, err);
	if (rc == 0)
		rc = put_domain(store, d, count == 0 ? NULL : old, verb, err);
	free(old);
	return store_end(store, rc, err);
}

int
store_domain_mark(struct store *store, const struct store_marking *m,
    const struct store_event *event, struct err *err)
{
	static const char *const statements[MARK_COUNT] = {
#define MARK(column) "UPDATE domain SET " column " = ?, due_at = NULL WHERE name = ?"
	    [MARK_REMOVING] = MARK("removing_at"),
	    [MARK_REMOVED] = MARK("removed_at"),
	    [MARK_ROLL] = MARK("roll_at"),
	    [MARK_ROLLBACK] = MARK("rollback_at"),
	    [MARK_HELD] = MARK("held_at"),
	    [MARK_GONE] = MARK("gone_at"),
	};

	if (store_begin(store, err) != 0)
		return -1;
	int rc = sql_run(store, err, statements[m->mark], "nt", m->at, m->domain);
	if (rc == 0 && sqlite3_changes(store->db) != 1)
		rc = err_set(err, ERR_INPUT,
		    "%s is not here; signpost add %s starts signing for it", m->domain, m->domain);
	if (rc == 0 && event != NULL)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

int
store_domain_alias(
    struct store *store, const char *domain, bool wrong, const char *why, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET alias_wrong = ?1, alias_why = ?2, due_at = NULL WHERE name = ?3 "
	    "AND (alias_wrong <> ?1 OR alias_why <> ?2)",
	    "itt", (int64_t)wrong, why, domain);
}

int
store_domain_due(struct store *store, const char *domain, int64_t at, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET due_at = ?1 WHERE name = ?2 AND due_at IS NOT ?1", "nt", at, domain);
}

int
store_all_due(struct store *store, struct err *err)
{
	return sql_run(store, err, "UPDATE domain SET due_at = NULL WHERE due_at IS NOT NULL", "");
}

int
store_next_due(struct store *store, int64_t *at, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(
	    &q, "SELECT min(coalesce(due_at, 0)) FROM domain WHERE removed_at IS NULL", "");

	*at = NEVER;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*at = sql_time(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

int
store_touch(struct store *store, const char *domain, struct err *err)
{
	return store_domain_due(store, domain, NEVER, err);
}

int
store_domain_propagation(struct store *store, const char *domain, int64_t seconds, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET propagation_max_s = ?1 WHERE name = ?2 AND propagation_max_s < ?1",
	    "it", seconds, domain);
}

int
store_domain_negative(struct store *store, const struct store_domain *d, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET negative_max_s = ?, negative_lower_since = ?, negative_at = ? WHERE "
	    "name = ?",
	    "nnnt", d->negative_max_s, d->negative_lower_since, d->negative_at, d->name);
}
