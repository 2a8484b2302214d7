/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "keys/compile.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#define NOW 1795305600

static struct key_policy policies[] = {
    {.name = (char[]){"default"},
	.header_canon = CANON_RELAXED,
	.body_canon = CANON_RELAXED,
	.timestamp = true},
    {.name = (char[]){"short"},
	.header_canon = CANON_SIMPLE,
	.body_canon = CANON_RELAXED,
	.signature_lifetime_s = 86400,
	.keyless = KEYLESS_UNSIGNED},
};

struct key_spec {
	const char *domain, *selector;
	enum key_alg alg;
	enum key_fact
	    last; /* generated, verified, activated ... all of the table's order up to it */
};

/* What the store would hand over of these keys: those that sign. */
static size_t
fill_keys(struct store_signing *out, const struct key_spec *specs, size_t count, bool *was_active)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		bool own = strcmp(specs[i].domain, "a.example") == 0;
		*was_active =
		    *was_active ||
		    (own && (specs[i].last == FACT_ACTIVATED || specs[i].last == FACT_RETIRED));
		if (specs[i].last != FACT_ACTIVATED)
			continue;
		struct store_signing *k = &out[n++];
		memset(k, 0, sizeof(*k));
		snprintf(k->domain, sizeof(k->domain), "%s", specs[i].domain);
		snprintf(k->selector, sizeof(k->selector), "%s", specs[i].selector);
		k->alg = specs[i].alg;
		memset(k->spki_hash, (int)i, sizeof(k->spki_hash));
	}
	return n;
}

#define RSA KEY_RSA_SHA256
#define ED  KEY_ED25519_SHA256

static const struct {
	const char *name;
	const char *policy;
	struct key_spec keys[3];
	size_t count;
	int want; /* key rows; -1: no domain row */
	const char *first;
	bool removing;
} rows[] = {
    {"pending_has_no_row", "default", {{"a.example", "s1", RSA, FACT_PUBLISHED}}, 1, -1, NULL,
	false},
    {"proven_has_no_row", "default", {{"a.example", "s1", RSA, FACT_VERIFIED}}, 1, -1, NULL, false},
    {"active_signs", "default", {{"a.example", "s1", RSA, FACT_ACTIVATED}}, 1, 1, "s1", false},
    {"pair_signs", "default",
	{{"a.example", "s1", RSA, FACT_ACTIVATED}, {"a.example", "s2", ED, FACT_ACTIVATED}}, 2, 2,
	"s1", false},
    {"pending_stays_out", "default",
	{{"a.example", "s1", RSA, FACT_ACTIVATED}, {"a.example", "s2", ED, FACT_VERIFIED}}, 2, 1,
	"s1", false},
    {"ed25519_never_alone", "default",
	{{"a.example", "s1", RSA, FACT_RETIRED}, {"a.example", "s2", ED, FACT_ACTIVATED}}, 2, 0,
	NULL, false},
    {"once_active_is_keyless", "short", {{"a.example", "s1", RSA, FACT_RETIRED}}, 1, 0, NULL,
	false},
    {"removed_signs_to_the_end", "default", {{"a.example", "s1", RSA, FACT_ACTIVATED}}, 1, 1, "s1",
	true},
    {"removed_has_no_row", "short", {{"a.example", "s1", RSA, FACT_RETIRED}}, 1, -1, NULL, true},
    {"others_keys_are_not_ours", "default",
	{{"0.example", "s0", RSA, FACT_ACTIVATED}, {"b.example", "s1", RSA, FACT_ACTIVATED}}, 2, -1,
	NULL, false},
};

static void
compile_text_table(void **state)
{
	struct table_settings settings;
	struct compile_rules rules = {
	    .settings = &settings, .policies = policies, .policy_count = 2};
	(void)state;

	table_settings_default(&settings);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_signing keys[3];
		struct store_domain domain = {
		    .name = "a.example", .removing_at = rows[i].removing ? NOW : NEVER};
		bool was_active = false;
		size_t count = fill_keys(keys, rows[i].keys, rows[i].count, &was_active);
		struct compile_rows in = {&domain, 1, keys, count, NULL, NULL};
		struct err err = ERR_INIT;
		struct table *table = NULL;
		struct buf out;
		snprintf(domain.policy, sizeof(domain.policy), "%s", rows[i].policy);
		domain.active_from = was_active ? NOW : NEVER;
		buf_init(&out, TABLE_LEN_MAX);
		if (compile_text(&rules, &in, &(struct compile_stamp){7, NOW, false}, &out, &err) !=
			0 ||
		    table_parse(buf_slice(&out), "t", &table, &err) != 0)
			fail_msg("%s: %s", rows[i].name, err.text);
		assert_int_equal(table->generation, 7);
		const struct table_domain *d = table_find_domain(table, slice_of("a.example"));
		if ((d == NULL ? -1 : (int)d->key_count) != rows[i].want)
			fail_msg("%s:\n%s", rows[i].name, buf_str(&out));
		if (d != NULL && strcmp(rows[i].policy, "short") == 0) {
			assert_int_equal(d->keyless, KEYLESS_UNSIGNED);
			assert_int_equal(d->expire_after_s, 86400);
			assert_int_equal(d->header_canon, CANON_SIMPLE);
			assert_false(d->timestamp);
		}
		if (rows[i].first != NULL) {
			assert_string_equal(d->keys[0].selector, rows[i].first);
			assert_string_equal(d->keys[0].path, "keys/a.example/s1.pem");
		}
		table_free(table);
		buf_deinit(&out);
	}
}

/* One domain's policy is gone from signpost.conf: it signs with the store's key, as the row before says how. */
static void
compile_text_unknown_policy_signs_as_before(void **state)
{
	struct table_settings settings;
	struct compile_rules rules = {
	    .settings = &settings, .policies = policies, .policy_count = 2};
	struct store_signing key = {.domain = "a.example", .selector = "s1", .alg = RSA};
	struct store_domain domain = {
	    .name = "a.example", .policy = "short", .active_from = NOW, .removing_at = NEVER};
	struct compile_rows in = {&domain, 1, &key, 1, NULL, NULL};
	struct table *before = NULL, *after = NULL;
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;

	table_settings_default(&settings);
	buf_init(&out, TABLE_LEN_MAX);
	assert_int_equal(
	    compile_text(&rules, &in, &(struct compile_stamp){1, NOW, false}, &out, &err), 0);
	assert_int_equal(table_parse(buf_slice(&out), "before", &before, &err), 0);
	snprintf(domain.policy, sizeof(domain.policy), "gone");
	snprintf(key.selector, sizeof(key.selector), "s2");
	for (int has_before = 0; has_before < 2; has_before++) {
		in.before = has_before ? before : NULL;
		buf_clear(&out);
		if (compile_text(
			&rules, &in, &(struct compile_stamp){2, NOW, false}, &out, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(table_parse(buf_slice(&out), "after", &after, &err), 0);
		assert_int_equal(after->domain_count, 1);
		const struct table_domain *old = &before->domains[0], *d = &after->domains[0];
		assert_int_equal(d->key_count, 1);
		assert_string_equal(d->keys[0].selector, "s2");
		assert_int_equal(d->expire_after_s, has_before ? old->expire_after_s : 0);
		assert_int_equal(
		    d->header_canon, has_before ? old->header_canon : CANON_RELAXED);
		assert_int_equal(d->timestamp, has_before ? old->timestamp : true);
		table_free(after);
	}
	table_free(before);
	buf_deinit(&out);
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
update(
    struct store *store, const struct compile_rules *rules, int64_t now, enum compile_change want)
{
	struct err err = ERR_INIT;
	enum compile_change change;

	if (compile_update(store, rules, now, &change, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(change, want);
}

static uint64_t
generation_of(const char *path, int64_t *date)
{
	struct err err = ERR_INIT;
	struct table *table = NULL;
	struct buf text;

	buf_init(&text, TABLE_LEN_MAX);
	assert_int_equal(file_read(path, &text, &err), 0);
	if (table_parse(buf_slice(&text), path, &table, &err) != 0)
		fail_msg("%s", err.text);
	uint64_t generation = table->generation;
	*date = table->date;
	table_free(table);
	buf_deinit(&text);
	return generation;
}

static bool
is_untrusted(const char *path)
{
	struct err err = ERR_INIT;
	struct table *table = NULL;
	struct buf text;

	buf_init(&text, TABLE_LEN_MAX);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_int_equal(table_parse(buf_slice(&text), path, &table, &err), 0);
	bool untrusted = table->clock_untrusted;
	table_free(table);
	buf_deinit(&text);
	return untrusted;
}

static void
compile_update_generation_rises_with_content_only(void **state)
{
	char dir[] = "/tmp/test_compile.XXXXXX", path[96];
	struct table_settings settings;
	struct compile_rules rules = {
	    .settings = &settings, .policies = policies, .policy_count = 2};
	struct store *store = NULL;
	struct err err = ERR_INIT;
	struct file_stamp before, after;
	int64_t date;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/" STORE_TABLE, dir);
	assert_int_equal(store_create(dir, NOW, &err), 0);
	assert_int_equal(store_open(dir, 100, &store, &err), 0);
	table_settings_default(&settings);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_int_equal(generation_of(path, &date), 1);

	assert_int_equal(file_stamp_get(path, &before, &err), 0);
	update(store, &rules, NOW + 86399, COMPILE_SAME);
	assert_int_equal(file_stamp_get(path, &after, &err), 0);
	assert_true(file_stamp_eq(&before, &after)); /* untouched */

	update(store, &rules, NOW + 86400, COMPILE_DATE);
	assert_int_equal(generation_of(path, &date), 1);
	assert_int_equal(date, NOW + 86400);
	update(store, &rules, NOW, COMPILE_DATE); /* the clock went back */
	assert_int_equal(generation_of(path, &date), 1);
	assert_int_equal(date, NOW);

	/* K9: a clock that is not trusted is said */
	assert_int_equal(store_number_put(store, NUMBER_UNTRUSTED, NOW, &err), 0);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_true(is_untrusted(path));
	assert_int_equal(store_number_drop(store, NUMBER_UNTRUSTED, &err), 0);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_false(is_untrusted(path));
	assert_int_equal(generation_of(path, &date), 3);

	settings.dry_run = true;
	update(store, &rules, NOW, COMPILE_NEW);
	assert_int_equal(generation_of(path, &date), 4);

	/* lost or damaged: written again, never with a lower generation (K13) */
	assert_int_equal(remove(path), 0);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_int_equal(generation_of(path, &date), 5);
	assert_int_equal(
	    file_replace(path, SLICE_LIT("signpost-table 1\ngeneration 1\n"), 0640, &err), 0);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_int_equal(generation_of(path, &date), 6);

	/* a file that is ahead of the store, as after a restore */
	settings.dry_run = false;
	struct buf text;
	struct table_writer w;
	buf_init(&text, 4096);
	table_write_begin(&w, &text, 90, NOW, false);
	table_write_end(&w);
	assert_int_equal(file_replace(path, buf_slice(&text), 0640, &err), 0);
	buf_deinit(&text);
	update(store, &rules, NOW, COMPILE_NEW);
	assert_int_equal(generation_of(path, &date), 91);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);

	store_close(store);
	assert_int_equal(nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Is there a key row of that domain? */
static bool
names_key_of(const char *path, const char *domain)
{
	struct err err = ERR_INIT;
	struct table *table = NULL;
	struct buf text;

	buf_init(&text, TABLE_LEN_MAX);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_int_equal(table_parse(buf_slice(&text), path, &table, &err), 0);
	const struct table_domain *d = table_find_domain(table, slice_of(domain));
	bool names = d != NULL && d->key_count > 0;
	table_free(table);
	buf_deinit(&text);
	return names;
}

/* K13: each row is a domain of a table that is newer than the store, and what the store says of it. */
static void
compile_update_keeps_what_a_restored_store_does_not_know(void **state)
{
	static const char *const domains[] = {"empty.example", "leaving.example", "unknown.example"};
	static const bool kept[] = {true, false, true};
	char dir[] = "/tmp/test_compile.XXXXXX", path[96];
	struct table_settings settings;
	struct compile_rules rules = {
	    .settings = &settings, .policies = policies, .policy_count = 2};
	struct store *store = NULL;
	struct err err = ERR_INIT;
	struct table_writer w;
	struct buf text;
	int64_t date, since;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/" STORE_TABLE, dir);
	assert_int_equal(store_create(dir, NOW, &err), 0);
	assert_int_equal(store_open(dir, 100, &store, &err), 0);
	table_settings_default(&settings);
	for (size_t i = 0; i < 2; i++) {
		struct store_domain d = {.policy = "default", .added_at = NOW};
		snprintf(d.name, sizeof(d.name), "%s", domains[i]);
		assert_int_equal(store_domain_put(store, &d, "add", &err), 0);
	}
	assert_int_equal(store_domain_mark(store,
			     &(struct store_marking){domains[1], MARK_REMOVING, NOW}, NULL, &err),
	    0);
	buf_init(&text, 4096);
	table_write_begin(&w, &text, 7, NOW, false);
	table_write_settings(&w, &settings);
	for (size_t i = 0; i < 3; i++) {
		const struct table_key key = {
		    .selector = (char[]){"s1"}, .path = (char[]){"keys/s1.pem"}, .alg = RSA};
		char name[32];
		snprintf(name, sizeof(name), "%s", domains[i]);
		table_write_domain(
		    &w, &(struct table_domain){.name = name, .keys = &key, .key_count = 1});
	}
	table_write_end(&w);
	assert_int_equal(file_replace(path, buf_slice(&text), 0640, &err), 0);
	buf_deinit(&text);

	update(store, &rules, NOW, COMPILE_NEW);
	for (size_t i = 0; i < 3; i++) {
		if (names_key_of(path, domains[i]) != kept[i])
			fail_msg("%s", domains[i]);
	}
	assert_int_equal(generation_of(path, &date), 8);
	assert_int_equal(store_number_get(store, NUMBER_RESTORED, NEVER, &since, &err), 0);
	assert_int_equal(since, NOW);
	/* as often as it is asked, and until the store is right about them */
	update(store, &rules, NOW, COMPILE_SAME);
	struct store_domain d = {.name = "unknown.example", .policy = "default", .added_at = NOW};
	assert_int_equal(store_domain_put(store, &d, "add", &err), 0);
	update(store, &rules, NOW, COMPILE_SAME);
	for (size_t i = 0; i < 3; i += 2)
		assert_int_equal(store_domain_mark(store,
				     &(struct store_marking){domains[i], MARK_REMOVING, NOW}, NULL, &err),
		    0);
	update(store, &rules, NOW, COMPILE_NEW);
	for (size_t i = 0; i < 3; i++)
		assert_false(names_key_of(path, domains[i]));
	update(store, &rules, NOW, COMPILE_SAME);
	assert_int_equal(store_number_get(store, NUMBER_RESTORED, NEVER, &since, &err), 0);
	assert_int_equal(since, NEVER);

	store_close(store);
	assert_int_equal(nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void
compile_update_leaves_a_newer_table_alone(void **state)
{
	char dir[] = "/tmp/test_compile.XXXXXX", path[96];
	static const char newer[] =
	    "# of a later version\n\nsignpost-table 2\ngeneration 7\nfuture row\n";
	struct table_settings settings;
	struct compile_rules rules = {
	    .settings = &settings, .policies = policies, .policy_count = 2};
	struct store *store = NULL;
	struct err err = ERR_INIT;
	enum compile_change change;
	struct buf text;
	int64_t generation;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/" STORE_TABLE, dir);
	assert_int_equal(store_create(dir, NOW, &err), 0);
	assert_int_equal(store_open(dir, 100, &store, &err), 0);
	table_settings_default(&settings);
	assert_int_equal(file_replace(path, slice_of(newer), 0640, &err), 0);
	assert_int_equal(compile_update(store, &rules, NOW, &change, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "signing.table:3: format 2 is newer than this program"));
	buf_init(&text, 4096);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_true(slice_eq_str(buf_slice(&text), newer));
	buf_deinit(&text);
	assert_int_equal(store_number_get(store, "generation", 0, &generation, &err), 0);
	assert_int_equal(generation, 0);

	/* a number that is none is damage */
	assert_int_equal(file_replace(path, SLICE_LIT("signpost-table x\n"), 0640, &err), 0);
	update(store, &rules, NOW, COMPILE_NEW);

	store_close(store);
	assert_int_equal(nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compile_text_table),
	    cmocka_unit_test(compile_text_unknown_policy_signs_as_before),
	    cmocka_unit_test(compile_update_generation_rises_with_content_only),
	    cmocka_unit_test(compile_update_keeps_what_a_restored_store_does_not_know),
	    cmocka_unit_test(compile_update_leaves_a_newer_table_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
