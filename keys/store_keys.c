/* SPDX-License-Identifier: ISC */
/* store_keys.c - keys, their facts, and the switch from one to the next. */
#include "keys/store_sql.h"

#include "dkim/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_COLUMNS                                                                                \
	"k.id, k.domain, k.selector, k.policy, k.publisher, k.owner, k.alias, k.alg, k.slot, "     \
	"k.bits, k.ttl_s, k.spki_hash, k.record, k.imported_unproven, k.selector_taken, "          \
	"k.queue_max_s, k.delay_max_s, k.signature_max_s, k.ttl_max_s, k.previous_ttl_s, "         \
	"k.negative_max_s, k.counted_from, k.queue_held, k.queue_clear_from, k.safety_max_s, "     \
	"k.generated, "                                                                            \
	"k.published, k.verified, k.activated, "                                                   \
	"k.retired, k.acknowledged, k.revoked, k.removed, k.destroyed, k.approved, k.imported, "   \
	"k.compromised, k.abandoned"
#define FIRST_FACT_COLUMN 25 /* in the order of enum key_fact */

_Static_assert(FACT_GENERATED == 0 && FACT_ABANDONED == FACT_COUNT - 1 && FACT_COUNT == 13,
    "the columns are the facts");

static int
read_key(struct sql *q, void *element)
{
	struct store_key *k = element;
	char alg[32];

	k->id = sql_i64(q, 0);
	sql_text(q, 1, k->domain, sizeof(k->domain));
	sql_text(q, 2, k->selector, sizeof(k->selector));
	sql_text(q, 3, k->policy, sizeof(k->policy));
	sql_text(q, 4, k->publisher, sizeof(k->publisher));
	sql_text(q, 5, k->owner, sizeof(k->owner));
	sql_text(q, 6, k->alias, sizeof(k->alias));
	sql_text(q, 7, alg, sizeof(alg));
	k->slot = (int)sql_i64(q, 8);
	k->bits = (unsigned)sql_i64(q, 9);
	k->ttl_s = sql_i64(q, 10);
	sql_text(q, 12, k->record, sizeof(k->record));
	k->imported_unproven = sql_i64(q, 13) != 0;
	k->selector_taken = sql_i64(q, 14) != 0;
	k->queue_max_s = sql_i64(q, 15);
	k->delay_max_s = sql_i64(q, 16);
	k->signature_max_s = sql_i64(q, 17);
	k->ttl_max_s = sql_i64(q, 18);
	k->previous_ttl_s = sql_i64(q, 19);
	k->negative_max_s = sql_time(q, 20);
	k->counted_from = sql_time(q, 21);
	k->queue_held = sql_i64(q, 22) != 0;
	k->queue_clear_from = sql_time(q, 23);
	k->safety_max_s = sql_i64(q, 24);
	for (int i = 0; i < FACT_COUNT; i++)
		k->facts.at[i] = sql_time(q, FIRST_FACT_COLUMN + i);
	/* these values become paths and table rows: a database that was edited by hand must not
	 * reach further */
	if (!sql_blob(q, 11, k->spki_hash, sizeof(k->spki_hash)) ||
	    !key_alg_from_name(slice_of(alg), &k->alg) || !selector_is_valid(slice_of(k->selector)))
		return err_set(q->err, ERR_CONFIG, "%s: the row of key %s._domainkey.%s is damaged",
		    q->store->path, k->selector, k->domain);
	return 0;
}

int
store_keys_select(struct store *store, const struct store_select *select, struct store_key **out,
    size_t *count, struct err *err)
{
	struct sql_list list = {.size = sizeof(struct store_key), .read = read_key};

	list.text =
	    select->whole
		? "SELECT " KEY_COLUMNS " FROM domain d CROSS JOIN key k ON k.domain = d.name "
		  "WHERE %s ORDER BY d.name, k.id"
		: "SELECT " KEY_COLUMNS " FROM domain d CROSS JOIN key k ON k.domain = d.name "
		  "WHERE %s AND (k.destroyed IS NULL OR k.removed IS NULL OR k.id = d.last_key) "
		  "ORDER BY d.name, k.id";
	if (sql_list(store, select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

int
store_keys(
    struct store *store, const char *domain, struct store_key **out, size_t *count, struct err *err)
{
	struct store_select select = store_select_domain(domain);

	select.whole = true;
	return store_keys_select(store, &select, out, count, err);
}

static int
read_signing(struct sql *q, void *element)
{
	struct store_signing *k = element;
	char alg[32];

	sql_text(q, 0, k->domain, sizeof(k->domain));
	sql_text(q, 1, k->selector, sizeof(k->selector));
	sql_text(q, 2, alg, sizeof(alg));
	if (!sql_blob(q, 3, k->spki_hash, sizeof(k->spki_hash)) ||
	    !key_alg_from_name(slice_of(alg), &k->alg) || !selector_is_valid(slice_of(k->selector)))
		return err_set(q->err, ERR_CONFIG, "%s: the row of key %s._domainkey.%s is damaged",
		    q->store->path, k->selector, k->domain);
	return 0;
}

int
store_signing_keys(struct store *store, struct store_signing **out, size_t *count, struct err *err)
{
	struct sql_list list = {
	    .text = "SELECT domain, selector, alg, spki_hash FROM key WHERE " SIGNING
		    " ORDER BY domain, id",
	    .size = sizeof(struct store_signing),
	    .read = read_signing};

	if (sql_list(store, NULL, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

/* False: the text is no record, or of a revoked key. */
static bool
hash_of_record(struct slice record, uint8_t hash[static SHA256_LEN], struct err *err)
{
	struct key_record *parsed = malloc(sizeof(*parsed));
	bool has = parsed != NULL && key_record_parse(record, parsed, err) == 0 &&
		   parsed->p_len > 0 &&
		   sha256_digest(slice_new(parsed->p, parsed->p_len), hash, err) == 0;

	free(parsed);
	return has;
}

static int
put_ours(struct store *store, const struct store_key *key, struct err *err)
{
	uint8_t hash[SHA256_LEN];
	struct err why = ERR_INIT;

	/* a text that no verifier can use is nobody's */
	if (!hash_of_record(slice_of(key->record), hash, &why))
		return 0;
	return sql_run(store, err, "INSERT OR IGNORE INTO ours (p_hash, key) VALUES (?, ?)", "bi",
	    slice_new(hash, sizeof(hash)), key->id);
}

int
store_is_ours(struct store *store, struct slice record, bool *ours, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	uint8_t hash[SHA256_LEN];
	struct err why = ERR_INIT;

	*ours = false;
	if (!hash_of_record(record, hash, &why))
		return 0;
	int rc = sql_open(
	    &q, "SELECT 1 FROM ours WHERE p_hash = ? LIMIT 1", "b", slice_new(hash, sizeof(hash)));
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*ours = true;
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static int
insert_key(struct store *store, struct store_key *key, int64_t now, struct err *err)
{
	if (key->owner[0] == '\0' && snprintf(key->owner, sizeof(key->owner), "%s._domainkey.%s",
					 key->selector, key->domain) >= (int)sizeof(key->owner))
		return err_set(err, ERR_LIMIT, "%s is too long for a key below it", key->domain);
	if (sql_run(store, err,
		"INSERT INTO key (domain, selector, policy, publisher, owner, alias, alg, slot, "
		"bits, "
		"ttl_s, spki_hash, record, imported_unproven, ttl_max_s, previous_ttl_s, "
		"generated) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"tttttttiiibtiiii", key->domain, key->selector, key->policy, key->publisher,
		key->owner, key->alias, key_alg_name(key->alg), (int64_t)key->slot,
		(int64_t)key->bits, key->ttl_s, slice_new(key->spki_hash, sizeof(key->spki_hash)),
		key->record, (int64_t)key->imported_unproven, key->ttl_max_s, key->previous_ttl_s,
		now) != 0)
		return -1;
	key->id = sqlite3_last_insert_rowid(store->db);
	key->negative_max_s = key->counted_from = key->queue_clear_from = NEVER;
	key_facts_init(&key->facts);
	key->facts.at[FACT_GENERATED] = now;
	return 0;
}

int
store_key_put(
    struct store *store, struct store_key *key, int64_t now, const char *verb, struct err *err)
{
	char text[160];

	if (store_begin(store, err) != 0)
		return -1;
	int rc = insert_key(store, key, now, err);
	if (rc == 0)
		rc = put_ours(store, key, err);
	if (rc == 0)
		rc = store_touch(store, key->domain, err);
	if (rc == 0) {
		snprintf(text, sizeof(text), "key generated: %s, %u bits", key_alg_name(key->alg),
		    key->bits);
		rc = store_event_put(
		    store, &(struct store_event){now, verb, key->domain, key->selector, text}, err);
	}
	return store_end(store, rc, err);
}

/* Overlap is counted in trusted seconds from here (K18). */
static int
count_from_now(struct store *store, int64_t key_id, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE key SET counted_from = coalesce((SELECT value FROM number WHERE name = "
	    "'" NUMBER_TRUSTED_S "'), 0) WHERE id = ?",
	    "i", key_id);
}

int
store_fact_set(struct store *store, const struct store_key *key, enum key_fact fact, int64_t at,
    struct err *err)
{
	char text[96];

	snprintf(text, sizeof(text), "UPDATE key SET %s = ? WHERE id = ? AND %s IS NULL",
	    key_fact_name(fact), key_fact_name(fact));
	if (sql_run(store, err, text, "ii", at, key->id) != 0)
		return -1;
	if (sqlite3_changes(store->db) == 0)
		return 0;
	if (fact == FACT_ACKNOWLEDGED && count_from_now(store, key->id, err) != 0)
		return -1;
	return store_touch(store, key->domain, err) != 0 ? -1 : 1;
}

int
store_fact_put(struct store *store, const struct store_key *key, enum key_fact fact,
    const struct store_event *event, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = store_fact_set(store, key, fact, event->at, err);
	if (rc == 1)
		rc = store_event_put(store, event, err);
	return store_end(store, rc, err);
}

int
store_key_raise(struct store *store, const struct store_key *k, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE key SET queue_max_s = max(queue_max_s, ?), delay_max_s = max(delay_max_s, ?), "
	    "signature_max_s = max(signature_max_s, ?), ttl_max_s = max(ttl_max_s, ?), "
	    "previous_ttl_s = max(previous_ttl_s, ?), safety_max_s = max(safety_max_s, ?7), "
	    "negative_max_s = max(coalesce(negative_max_s, ?6), coalesce(?6, negative_max_s)), "
	    "selector_taken = ?, imported_unproven = ? WHERE id = ?",
	    "iiiiiniiii", k->queue_max_s, k->delay_max_s, k->signature_max_s, k->ttl_max_s,
	    k->previous_ttl_s, k->negative_max_s, k->safety_max_s, (int64_t)k->selector_taken,
	    (int64_t)k->imported_unproven, k->id);
}

/* Nobody could tell since before these keys were left, and only what was held can have stayed for so long: when it was
 * released is not known either. */
static int
note_unseen(struct store *store, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE key SET queue_held = 1, queue_clear_from = NULL WHERE revoked IS NULL AND "
	    "queue_held = 0 AND acknowledged > coalesce((SELECT value FROM number WHERE name = "
	    "'" NUMBER_QUEUE_ASKED "'), 0) AND (SELECT value FROM number WHERE name = "
	    "'" NUMBER_TRUSTED_S "') - counted_from > queue_max_s AND (SELECT value FROM number "
	    "WHERE name = '" NUMBER_QUEUE_OLDEST "') = 0",
	    "");
}

static int
note_queue(struct store *store, int64_t oldest, struct err *err)
{
	/* held mail that is released may wait behind the next hop; it counts from the first look that
	 * did not find it, for nobody knows when between the two it was released */
	if (oldest != NEVER && sql_run(store, err,
				   "UPDATE key SET queue_held = 1, queue_clear_from = NULL WHERE "
				   "acknowledged >= ? AND "
				   "revoked IS NULL",
				   "i", oldest) != 0)
		return -1;
	return sql_run(store, err,
	    "UPDATE key SET queue_clear_from = coalesce((SELECT value FROM number WHERE name = "
	    "'" NUMBER_TRUSTED_S "'), 0) WHERE queue_held <> 0 AND queue_clear_from IS NULL AND "
	    "(?1 IS NULL OR acknowledged < ?1)",
	    "n", oldest);
}

int
store_queue_put(struct store *store, int64_t oldest, int64_t now, struct err *err)
{
	if (store_begin(store, err) != 0)
		return -1;
	int rc = note_unseen(store, err);
	if (rc == 0)
		rc = oldest == NEVER ? store_number_drop(store, NUMBER_QUEUE_OLDEST, err)
				     : store_number_put(store, NUMBER_QUEUE_OLDEST, oldest, err);
	if (rc == 0)
		rc = store_number_put(store, NUMBER_QUEUE_ASKED, now, err);
	if (rc == 0)
		rc = note_queue(store, oldest, err);
	return store_end(store, rc, err);
}

int
store_queue_unknown(struct store *store, struct err *err)
{
	/* it may hold the oldest mail of all; that it did is not known, and is not noted of any key */
	return store_number_put(store, NUMBER_QUEUE_OLDEST, 0, err);
}
