/* SPDX-License-Identifier: ISC */
#include "keys/restore.h"
#include "keys/keyfile.h"
#include "keys/store_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTORE_VERB "restore"

/* The rows of one domain. */
struct signing {
	const struct store_signing *keys;
	size_t count;
};

static int
by_domain(const void *name, const void *row)
{
	return strcmp(name, ((const struct store_signing *)row)->domain);
}

static struct signing
signing_of(const struct compile_rows *rows, const char *domain)
{
	const struct store_signing *end = rows->keys + rows->key_count;
	const struct store_signing *at =
	    rows->key_count == 0
		? NULL
		: bsearch(domain, rows->keys, rows->key_count, sizeof(*rows->keys), by_domain);
	struct signing s = {at, 0};

	if (at == NULL)
		return s;
	while (s.keys > rows->keys && strcmp(s.keys[-1].domain, domain) == 0)
		s.keys--;
	while (s.keys + s.count < end && strcmp(s.keys[s.count].domain, domain) == 0)
		s.count++;
	return s;
}

static bool
names(const struct table_domain *d, const struct store_signing *key)
{
	for (size_t i = 0; d != NULL && i < d->key_count; i++) {
		if (strcmp(d->keys[i].selector, key->selector) == 0 &&
		    memcmp(d->keys[i].spki_hash, key->spki_hash, sizeof(key->spki_hash)) == 0)
			return true;
	}
	return false;
}

static bool
signs(const struct signing *s, const struct store_signing *key)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->keys[i].selector, key->selector) == 0 &&
		    memcmp(s->keys[i].spki_hash, key->spki_hash, sizeof(key->spki_hash)) == 0)
			return true;
	}
	return false;
}

static bool
is_same(const struct table_domain *d, const struct signing *s)
{
	bool rsa = false;

	if ((d == NULL ? 0 : d->key_count) != s->count)
		return false;
	for (size_t i = 0; i < s->count; i++) {
		rsa = rsa || s->keys[i].alg == KEY_RSA_SHA256;
		if (!names(d, &s->keys[i]))
			return false;
	}
	return rsa || s->count == 0;
}

static bool
is_known(const struct compile_rows *rows, const char *domain)
{
	for (size_t i = 0; i < rows->domain_count; i++) {
		if (strcmp(rows->domains[i].name, domain) == 0)
			return true;
	}
	return false;
}

static int
note(struct store *store, const char *domain, int64_t now, const char *text, struct err *err)
{
	return store_event_put(
	    store, &(struct store_event){now, RESTORE_VERB, domain, "", text}, err);
}

/* What was known of the world was known by another time.  A person's word is of that time, too, and so is a key that
 * was never looked at. */
static int
doubt(struct store *store, struct err *err)
{
	static const char *const statements[] = {
	    "UPDATE look SET contradicted = 1, first_pass_at = NULL, second_pass_at = NULL, "
	    "resolver_passes = 0, "
	    "resolver_first_at = NULL, resolver_last_at = NULL",
	    "INSERT OR IGNORE INTO look (key, expect, last_passed, failed, contradicted, obstacle, "
	    "zones, gone_sweeps, differs, resolver_passes) SELECT id, 0, 0, 0, 1, '', '', 0, 0, 0 "
	    "FROM key WHERE activated IS NOT NULL AND retired IS NULL",
	    "UPDATE key SET acknowledged = NULL, counted_from = NULL WHERE retired IS NOT NULL AND "
	    "revoked IS NULL "
	    "AND destroyed IS NULL",
	    "UPDATE domain SET signers_asked_at = NULL, signers_agree = 0, due_at = NULL",
	};

	_Static_assert(EXPECT_RECORD == 0, "what a key that signs is looked at for");
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (sql_run(store, err, statements[i], "") != 0)
			return -1;
	}
	return 0;
}

/* The key that the table names signs, also when its row says that it never did or does no more; *adopted false: there
 * is no such row, or of one that must not sign. */
static int
adopt_key(
    struct store *store, const struct store_signing *k, int64_t now, bool *adopted, struct err *err)
{
	struct slice hash = slice_new(k->spki_hash, sizeof(k->spki_hash));

	/* not later than the table's last change: that one is known, and this one is not */
	if (sql_run(store, err,
		"UPDATE key SET activated = coalesce(activated, (SELECT table_at FROM domain WHERE "
		"name = ?1), ?4), retired = NULL, acknowledged = NULL, counted_from = NULL WHERE "
		"domain = ?1 AND selector = ?2 AND spki_hash = ?3 AND destroyed IS NULL AND "
		"revoked IS NULL AND removed IS NULL AND abandoned IS NULL AND (compromised IS "
		"NULL OR retired IS NULL)",
		"ttbi", k->domain, k->selector, hash, now) != 0)
		return -1;
	*adopted = sqlite3_changes(store->db) > 0;
	if (!*adopted)
		return 0;
	if (sql_run(store, err,
		"UPDATE domain SET active_from = coalesce(active_from, ?4), last_key = (SELECT id "
		"FROM key WHERE domain = ?1 AND selector = ?2 AND spki_hash = ?3 AND destroyed IS "
		"NULL) WHERE name = ?1",
		"ttbi", k->domain, k->selector, hash, now) != 0)
		return -1;
	return store_event_put(store,
	    &(struct store_event){
		now, RESTORE_VERB, k->domain, k->selector, "signs, as the signing table says"},
	    err);
}

/* It left the table after the copy was made: when is not known, and its overlap counts from now.  No switch: what the
 * table says stays as it is. */
static int
retire_key(struct store *store, const struct store_signing *k, int64_t now, struct err *err)
{
	if (sql_run(store, err,
		"UPDATE key SET retired = ? WHERE domain = ? AND selector = ? AND spki_hash = ? "
		"AND activated IS NOT NULL AND retired IS NULL AND destroyed IS NULL",
		"ittb", now, k->domain, k->selector,
		slice_new(k->spki_hash, sizeof(k->spki_hash))) != 0)
		return -1;
	return store_event_put(store,
	    &(struct store_event){now, RESTORE_VERB, k->domain, k->selector,
		"signs no more: the signing table has another key instead of it"},
	    err);
}

/* Whatever else the store believes, these keys sign: none of them may be taken for one that never did. */
static int
adopt_domain(struct store *store, const struct restore *r, const struct store_domain *domain,
    struct err *err)
{
	const struct table_domain *d = table_find_domain(r->table, slice_of(domain->name));
	const struct signing s = signing_of(r->rows, domain->name);
	bool replaced[POLICY_ALGORITHMS_MAX] = {false};

	if (d == NULL || is_same(d, &s))
		return 0;
	for (size_t i = 0; i < d->key_count; i++) {
		struct store_signing key = {.alg = d->keys[i].alg};
		bool adopted = false;
		snprintf(key.domain, sizeof(key.domain), "%s", domain->name);
		snprintf(key.selector, sizeof(key.selector), "%s", d->keys[i].selector);
		memcpy(key.spki_hash, d->keys[i].spki_hash, sizeof(key.spki_hash));
		if (!signs(&s, &key) && adopt_key(store, &key, r->now, &adopted, err) != 0)
			return -1;
		replaced[key.alg] = replaced[key.alg] || adopted;
	}
	for (size_t i = 0; i < s.count; i++) {
		if (replaced[s.keys[i].alg] && !names(d, &s.keys[i]) &&
		    retire_key(store, &s.keys[i], r->now, err) != 0)
			return -1;
	}
	return 0;
}

static int
rotate_others(struct store *store, const struct restore *r, struct err *err)
{
	const struct table *table = r->table;
	const struct compile_rows *rows = r->rows;
	int64_t now = r->now;

	for (size_t i = 0; i < rows->domain_count; i++) {
		const struct store_domain *d = &rows->domains[i];
		const struct signing s = signing_of(rows, d->name);
		if (d->removing_at != NEVER || s.count == 0 ||
		    is_same(table_find_domain(table, slice_of(d->name)), &s))
			continue;
		const struct store_event event = {now, RESTORE_VERB, d->name, "",
		    "the signing table has other keys than the store: it stays as it is until keys "
		    "are "
		    "proven anew, and a rotation is begun"};
		if (store_domain_mark(
			store, &(struct store_marking){d->name, MARK_ROLL, now}, &event, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < table->domain_count; i++) {
		const char *name = table->domains[i].name;
		if (!is_known(rows, name) && note(store, name, now,
						 "in the signing table, and not in the store: it "
						 "goes on signing; signpost add takes it over",
						 err) != 0)
			return -1;
	}
	return 0;
}

/* What the table knows and the store does not. */
static int
learn(struct store *store, const struct restore *r, struct err *err)
{
	struct compile_rows rows = *r->rows;
	const struct restore after = {r->table, &rows, r->now, r->generation};
	struct store_signing *keys = NULL;

	for (size_t i = 0; i < rows.domain_count; i++) {
		if (adopt_domain(store, r, &rows.domains[i], err) != 0)
			return -1;
	}
	if (store_signing_keys(store, &keys, &rows.key_count, err) != 0)
		return -1;
	rows.keys = keys;
	int rc = rotate_others(store, &after, err);
	free(keys);
	return rc;
}

int
restore_begin(struct store *store, const struct restore *r, struct err *err)
{
	int64_t known;
	char text[ERR_TEXT_LEN];

	if (store_begin(store, err) != 0)
		return -1;
	int rc = store_number_get(store, NUMBER_GENERATION, 0, &known, err);
	snprintf(text, sizeof(text),
	    "the store is older (generation %lld) than the signing table (%llu): it was put back "
	    "from a copy; every "
	    "key is proven anew before anything is switched or revoked",
	    (long long)known, (unsigned long long)r->generation);
	if (rc == 0)
		rc = note(store, "", r->now, text, err);
	if (rc == 0)
		rc = store_number_put(store, NUMBER_GENERATION, (int64_t)r->generation, err);
	if (rc == 0)
		rc = store_number_put(store, NUMBER_RESTORED, r->now, err);
	if (rc == 0 && r->table != NULL)
		rc = learn(store, r, err);
	if (rc == 0)
		rc = doubt(store, err);
	return store_end(store, rc, err);
}

struct doubted {
	char domain[DOMAIN_LEN_MAX + 1];
};

static int
read_doubted(struct sql *q, void *element)
{
	sql_text(q, 0, ((struct doubted *)element)->domain, DOMAIN_LEN_MAX + 1);
	return 0;
}

/* Domains with a key that signs and was not proven since, or never. */
static int
select_doubted(struct store *store, struct sql_list *list, struct err *err)
{
	*list = (struct sql_list){
	    .text = "SELECT DISTINCT k.domain FROM key k LEFT JOIN look l ON l.key = k.id WHERE "
		    "k.activated IS NOT NULL AND k.retired IS NULL AND (l.proven_at IS NULL OR "
		    "l.contradicted <> 0) ORDER BY k.domain",
	    .size = sizeof(struct doubted),
	    .read = read_doubted};
	return sql_list(store, NULL, list, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Its file may be gone: it was destroyed after the copy was made.  Or closed to the milter: a copy of it was put back,
 * and what the table names signs meanwhile. */
static bool
have_files(struct store *store, const struct signing *s)
{
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < s->count; i++) {
		struct store_key row = {.alg = s->keys[i].alg};
		memcpy(row.domain, s->keys[i].domain, sizeof(row.domain));
		memcpy(row.selector, s->keys[i].selector, sizeof(row.selector));
		memcpy(row.spki_hash, s->keys[i].spki_hash, sizeof(row.spki_hash));
		if (keyfile_check(store_dir(store), &row, &ignored) != 0)
			return false;
	}
	return true;
}

int
restore_judge(struct store *store, const struct restore *r, bool **kept, struct err *err)
{
	const struct table *table = r->table;
	const struct compile_rows *rows = r->rows;
	struct sql_list doubted;
	bool any = false;
	int64_t restored;

	*kept = NULL;
	if (store_number_get(store, NUMBER_RESTORED, NEVER, &restored, err) != 0 ||
	    select_doubted(store, &doubted, err) != 0)
		return -1;
	bool *out = calloc(rows->domain_count + 1, sizeof(*out));
	for (size_t i = 0; out != NULL && i < rows->domain_count; i++) {
		const struct store_domain *d = &rows->domains[i];
		const struct signing s = signing_of(rows, d->name);
		/* a switch since rests on new proof, or on a person: what it took away stays away */
		bool switched = d->table_at != NEVER && d->table_at >= restored;
		if (d->removing_at != NEVER || switched ||
		    is_same(table_find_domain(table, slice_of(d->name)), &s))
			continue;
		bool doubts = doubted.count > 0 && bsearch(d->name, doubted.items, doubted.count,
						       sizeof(struct doubted), by_name) != NULL;
		out[i] = s.count == 0 || doubts || !have_files(store, &s);
		any = any || out[i];
	}
	for (size_t i = 0; i < table->domain_count && !any; i++)
		any = !is_known(rows, table->domains[i].name);
	any = any || doubted.count > 0;
	free(doubted.items);
	if (out == NULL)
		return err_nomem(err);
	if (any) {
		*kept = out;
		return 0;
	}
	free(out);
	if (note(store, "", r->now, "every key was proven anew since the store was put back",
		err) != 0)
		return -1;
	return store_number_drop(store, NUMBER_RESTORED, err);
}
