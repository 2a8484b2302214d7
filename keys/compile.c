/* SPDX-License-Identifier: ISC */
#include "keys/compile.h"
#include "base/file.h"
#include "keys/keyfile.h"
#include "keys/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN   4096
#define TABLE_MODE 0640

static const struct key_policy *
policy_find(const struct compile_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->policy_count; i++) {
		if (strcmp(rules->policies[i].name, name) == 0)
			return &rules->policies[i];
	}
	return NULL;
}

/* Writes the rows of one domain; keys: all of its rows in the store. */
struct domain_keys {
	struct table_key keys[TABLE_KEYS_MAX];
	struct buf paths[TABLE_KEYS_MAX];
	char selectors[TABLE_KEYS_MAX][SELECTOR_LEN_MAX + 1];
	size_t count;
};

static int
collect(struct domain_keys *out, const struct store_signing *keys, size_t count, struct err *err)
{
	bool rsa = false;

	for (size_t i = 0; i < count; i++)
		rsa = rsa || keys[i].alg == KEY_RSA_SHA256;
	for (size_t i = 0; rsa && i < count; i++) {
		if (out->count == TABLE_KEYS_MAX)
			return err_set(err, ERR_LIMIT, "domain %s has more than %d keys that sign",
			    keys[i].domain, TABLE_KEYS_MAX);
		size_t n = out->count++;
		buf_init(&out->paths[n], PATH_LEN);
		keyfile_name(keys[i].domain, keys[i].selector, &out->paths[n]);
		if (buf_check(&out->paths[n], "path of a key", err) != 0)
			return -1;
		snprintf(out->selectors[n], sizeof(out->selectors[n]), "%s", keys[i].selector);
		out->keys[n].selector = out->selectors[n];
		out->keys[n].path = (char *)out->paths[n].data;
		out->keys[n].alg = keys[i].alg;
		memcpy(out->keys[n].spki_hash, keys[i].spki_hash, sizeof(keys[i].spki_hash));
	}
	return 0;
}

/* How its mail is signed.  A policy that signpost.conf lost is one domain's trouble: it signs as it did. */
static struct table_domain
row_of(const struct compile_rules *rules, const struct compile_rows *one)
{
	const struct key_policy *policy = policy_find(rules, one->domains->policy);
	const struct table_domain *old =
	    one->before == NULL ? NULL
				: table_find_domain(one->before, slice_of(one->domains->name));

	if (policy != NULL)
		return (struct table_domain){.header_canon = policy->header_canon,
		    .body_canon = policy->body_canon,
		    .keyless = policy->keyless,
		    .timestamp = policy->timestamp,
		    .expire_after_s = (uint32_t)policy->signature_lifetime_s};
	if (old != NULL)
		return *old;
	return (struct table_domain){
	    .header_canon = CANON_RELAXED, .body_canon = CANON_RELAXED, .timestamp = true};
}

static int
write_domain(struct table_writer *w, const struct compile_rules *rules,
    const struct compile_rows *one, struct err *err)
{
	struct domain_keys signing = {.count = 0};
	char name[DOMAIN_LEN_MAX + 1];

	int rc = collect(&signing, one->keys, one->key_count, err);
	if (rc == 0) {
		struct table_domain row = row_of(rules, one);
		snprintf(name, sizeof(name), "%s", one->domains->name);
		row.name = name;
		row.keys = signing.keys;
		row.key_count = signing.count;
		table_write_domain(w, &row);
	}
	for (size_t i = 0; i < signing.count; i++)
		buf_deinit(&signing.paths[i]);
	return rc;
}

/* Before its first key signs, a domain's mail leaves unsigned, as it did; so does that of one that is
 * removed. */
static bool
has_row(const struct store_domain *domain, size_t keys)
{
	return keys > 0 || (domain->active_from != NEVER && domain->removing_at == NEVER);
}

static void
write_kept(struct table_writer *w, const struct table *before, const char *name)
{
	const struct table_domain *d = table_find_domain(before, slice_of(name));

	if (d != NULL)
		table_write_domain(w, d);
}

static void
write_unknown(struct table_writer *w, const struct compile_rows *rows)
{
	size_t d = 0;

	for (size_t i = 0; rows->kept != NULL && i < rows->before->domain_count; i++) {
		const struct table_domain *old = &rows->before->domains[i];
		while (d < rows->domain_count && strcmp(rows->domains[d].name, old->name) < 0)
			d++;
		if (d == rows->domain_count || strcmp(rows->domains[d].name, old->name) != 0)
			table_write_domain(w, old);
	}
}

int
compile_text(const struct compile_rules *rules, const struct compile_rows *rows,
    const struct compile_stamp *stamp, struct buf *out, struct err *err)
{
	struct table_writer w;
	size_t k = 0;

	table_write_begin(&w, out, stamp->generation, stamp->date, stamp->clock_untrusted);
	table_write_comment(&w, "written by signpost tick; changes belong into signpost.conf");
	table_write_settings(&w, rules->settings);
	for (size_t d = 0; d < rows->domain_count; d++) {
		const struct store_domain *domain = &rows->domains[d];
		while (k < rows->key_count && strcmp(rows->keys[k].domain, domain->name) < 0)
			k++;
		size_t begin = k;
		while (k < rows->key_count && strcmp(rows->keys[k].domain, domain->name) == 0)
			k++;
		if (rows->kept != NULL && rows->kept[d]) {
			write_kept(&w, rows->before, domain->name);
			continue;
		}
		struct compile_rows one = {.domains = domain,
		    .domain_count = 1,
		    .keys = rows->keys + begin,
		    .key_count = k - begin,
		    .before = rows->before};
		if (has_row(domain, one.key_count) && write_domain(&w, rules, &one, err) != 0)
			return -1;
	}
	write_unknown(&w, rows);
	for (size_t i = 0; i < rules->allow_count; i++)
		table_write_allow(&w, &rules->allows[i]);
	table_write_end(&w);
	return buf_check(out, "signing table", err);
}

/* What the file says of itself, if it can be read at all. */
struct old_table {
	struct buf text;
	bool good;
	struct table *table; /* when it is good */
	uint64_t generation;
	int64_t date;
};

/* Of a damaged table: what its row says, if it has one; else 0. */
static uint64_t
generation_of(struct slice text)
{
	static const struct slice row = {(const uint8_t *)"generation ", sizeof("generation ") - 1};
	uint64_t generation = 0;

	while (text.len > 0) {
		size_t end = text.len;
		slice_find(text, '\n', &end);
		struct slice line = slice_sub(text, 0, end);
		if (slice_eq(slice_sub(line, 0, row.len), row) &&
		    slice_to_u64(slice_trim(slice_from(line, row.len)), INT64_MAX - 1, &generation))
			return generation;
		text = slice_from(text, end + 1);
	}
	return 0;
}

static int
read_old(const char *path, struct old_table *old, struct err *err)
{
	struct err why = ERR_INIT;

	old->good = file_read(path, &old->text, &why) == 0 &&
		    table_parse(buf_slice(&old->text), path, &old->table, &why) == 0;
	/* a damaged table is replaced; one that a newer signpost wrote is not ours to judge */
	if (!old->good && table_is_newer(buf_slice(&old->text))) {
		*err = why;
		return -1;
	}
	old->generation = old->good ? old->table->generation : generation_of(buf_slice(&old->text));
	if (old->good)
		old->date = old->table->date;
	return 0;
}

static int
replace(
    struct store *store, const char *path, struct slice text, uint64_t generation, struct err *err)
{
	struct table *table = NULL;

	file_remove_temps(store_dir(store), STORE_TABLE);
	if (table_parse(text, "the new signing table", &table, err) != 0)
		return -1;
	table_free(table);
	/* K13: known to the store before it is in the file, so that no lower one is ever written
	 * after it */
	if (store_number_put(store, NUMBER_GENERATION, (int64_t)generation, err) != 0)
		return -1;
	return file_replace(path, text, TABLE_MODE, err);
}

struct updating {
	struct store *store;
	char path[PATH_LEN];
	const struct compile_rules *rules;
	struct compile_rows rows;
	struct store_signing *keys; /* of rows */
	bool *kept;
	int64_t now;
	bool clock_untrusted;
	struct old_table old;
	struct buf text;
};

static int
compile_again(struct updating *u, uint64_t generation, int64_t date, struct err *err)
{
	struct compile_stamp stamp = {generation, date, u->clock_untrusted};

	buf_clear(&u->text);
	return compile_text(u->rules, &u->rows, &stamp, &u->text, err);
}

static int
read_keys(struct updating *u, struct err *err)
{
	free(u->keys);
	u->keys = NULL;
	u->rows.key_count = 0;
	if (store_signing_keys(u->store, &u->keys, &u->rows.key_count, err) != 0)
		return -1;
	u->rows.keys = u->keys;
	return 0;
}

/* K13: a table that is newer than the store knows more, and one that is damaged only that the store is old. */
static int
look_back(struct updating *u, int64_t known, struct err *err)
{
	const struct old_table *old = &u->old;
	const struct restore r = {old->table, &u->rows, u->now, old->generation};
	int64_t restored;

	if (old->generation > (uint64_t)known &&
	    (restore_begin(u->store, &r, err) != 0 || read_keys(u, err) != 0))
		return -1;
	if (!old->good)
		return 0;
	if (store_number_get(u->store, NUMBER_RESTORED, NEVER, &restored, err) != 0)
		return -1;
	if (restored == NEVER)
		return 0;
	int rc = restore_judge(u->store, &r, &u->kept, err);
	u->rows.kept = u->kept;
	return rc;
}

static int
update(struct updating *u, enum compile_change *change, struct err *err)
{
	const struct old_table *old = &u->old;
	int64_t known, untrusted;

	if (store_number_get(u->store, NUMBER_GENERATION, 0, &known, err) != 0 ||
	    store_number_get(u->store, NUMBER_UNTRUSTED, NEVER, &untrusted, err) != 0 ||
	    read_old(u->path, &u->old, err) != 0 || look_back(u, known, err) != 0)
		return -1;
	u->clock_untrusted = untrusted != NEVER;
	u->rows.before = old->table;
	uint64_t highest = (uint64_t)known > old->generation ? (uint64_t)known : old->generation;
	if (old->good && compile_again(u, old->generation, old->date, err) != 0)
		return -1;
	*change = COMPILE_NEW;
	if (old->good && old->generation == highest &&
	    slice_eq(buf_slice(&u->text), buf_slice(&old->text)))
		*change = COMPILE_DATE;
	/* a date of the future is as old: the clock was set back */
	if (*change == COMPILE_DATE && old->date != TABLE_NO_DATE && u->now >= old->date &&
	    u->now - old->date < COMPILE_DATE_RENEW_S) {
		*change = COMPILE_SAME;
		return 0;
	}
	uint64_t generation = *change == COMPILE_NEW ? highest + 1 : highest;
	if (compile_again(u, generation, u->now, err) != 0)
		return -1;
	return replace(u->store, u->path, buf_slice(&u->text), generation, err);
}

int
compile_update(struct store *store, const struct compile_rules *rules, int64_t now,
    enum compile_change *change, struct err *err)
{
	struct updating u = {.store = store, .rules = rules, .now = now};
	struct store_domain *domains = NULL;
	int rc = -1;

	int lock = store_lock(store_dir(store), STORE_LOCK_TABLE, STORE_WAIT_MS, err);
	if (lock < 0)
		return -1;
	buf_init(&u.old.text, TABLE_LEN_MAX);
	buf_init(&u.text, TABLE_LEN_MAX);
	snprintf(u.path, sizeof(u.path), "%s/%s", store_dir(store), STORE_TABLE);
	if (store_domains(store, NULL, &domains, &u.rows.domain_count, err) == 0 &&
	    read_keys(&u, err) == 0) {
		u.rows.domains = domains;
		rc = update(&u, change, err);
	}
	free(domains);
	free(u.keys);
	free(u.kept);
	table_free(u.old.table);
	buf_deinit(&u.old.text);
	buf_deinit(&u.text);
	close(lock);
	return rc;
}
