/* SPDX-License-Identifier: ISC */
/* test_restore.c - a database of last week is put back beside the signing table of today (K13): what signs goes on signing,
 * keeps its private key, and leaves when it is told to. */
#include "fixture_pass.h"
#include "keys/compile.h"
#include "keys/keyfile.h"
#include "signpost/rules.h"
#include "signpost/theft.h"
#include "signpost/verbs.h"

static const char CONFIG[] = CONFIG_TIMES PUBLISHER
    "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\npolicy \"word\" {\n publisher = dns\n "
    "proof = attest\n" POLICY_TIMES "}\n";

/* A key with its file, and the facts up to the last one. */
static struct store_key
put_key(struct box *box, const char *domain, enum key_fact last)
{
	struct store_key *keys = NULL, found = {.id = 0};
	struct err err = ERR_INIT;
	bool made;
	size_t count;
	const struct keymaker m = {.store = box->store,
	    .domain = domain,
	    .policy = config_policy(box->config, "p"),
	    .now = box->w->now,
	    .verb = "test"};

	if (keymaker_make(&m, KEY_RSA_SHA256, -1, &made, &err) != 0 || !made)
		fail_msg("%s", err.text);
	assert_int_equal(store_keys(box->store, domain, &keys, &count, &err), 0);
	found = keys[count - 1];
	free(keys);
	world_put(box->w, found.owner, found.record);
	for (int f = FACT_PUBLISHED; f <= (int)last && f <= FACT_VERIFIED; f++) {
		const struct store_event event = {
		    box->w->now, "test", domain, found.selector, "test"};
		assert_int_equal(
		    store_fact_put(box->store, &found, (enum key_fact)f, &event, &err), 0);
	}
	return found;
}

static void
do_switch(struct box *box, const struct store_key *on, const struct store_key *off)
{
	struct err err = ERR_INIT;
	const struct store_switch change = {
	    .on = on, .off = off, .at = box->w->now, .verb = "test", .why = "test"};

	if (store_switch(box->store, &change, &err) != 0)
		fail_msg("%s", err.text);
}

static void
put_fact(struct box *box, const struct store_key *key, enum key_fact fact)
{
	struct err err = ERR_INIT;
	const struct store_event event = {box->w->now, "test", key->domain, key->selector, "test"};

	assert_int_equal(store_fact_put(box->store, key, fact, &event, &err), 0);
}

static void
attest(struct box *box, const struct store_key *key)
{
	struct err err = ERR_INIT;
	const struct store_event event = {box->w->now, "test", key->domain, key->selector, "test"};

	assert_int_equal(store_attested(box->store, key, &event, &err), 0);
}

static void
update(struct box *box)
{
	struct err err = ERR_INIT;
	enum compile_change change;
	struct rules rules;

	assert_int_equal(rules_init(&rules, box->config, box->dir, &err), 0);
	if (compile_update(box->store, &rules.compile, box->w->now, &change, &err) != 0)
		fail_msg("%s", err.text);
	rules_deinit(&rules);
}

/* Copies the database aside, or back over the open one. */
static void
copy_store(struct box *box, bool back)
{
	char copy[96], db[96];
	struct err err = ERR_INIT;
	struct buf data;

	snprintf(db, sizeof(db), "%s/" STORE_DB, box->dir);
	snprintf(copy, sizeof(copy), "%s/copy", box->dir);
	store_close(box->store);
	buf_init(&data, 16 * 1024 * 1024);
	assert_int_equal(file_read(back ? copy : db, &data, &err), 0);
	assert_int_equal(file_replace(back ? db : copy, buf_slice(&data), 0600, &err), 0);
	buf_deinit(&data);
	assert_int_equal(store_open(box->dir, 1000, &box->store, &err), 0);
}

static bool
table_names(struct box *box, const struct store_key *key)
{
	struct table *table = box_table(box);
	bool names = false;

	for (size_t i = 0; i < table->key_count; i++)
		names = names || strcmp(table->keys[i].selector, key->selector) == 0;
	table_free(table);
	return names;
}

static enum key_state
state_of(struct box *box, const struct store_key *key)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	enum key_state state = KEY_STATE_GENERATED;
	size_t count;

	assert_int_equal(store_keys(box->store, key->domain, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].id == key->id)
			state = key_state_of(&keys[i].facts);
	}
	free(keys);
	return state;
}

static bool
is_restored(struct box *box)
{
	struct err err = ERR_INIT;
	int64_t since;

	assert_int_equal(store_number_get(box->store, NUMBER_RESTORED, NEVER, &since, &err), 0);
	return since != NEVER;
}

static bool
has_file(struct box *box, const struct store_key *key)
{
	struct err err = ERR_INIT;

	return keyfile_check(box->dir, key, &err) == 0;
}

/* a.test signs with *old in the copy, where *next is as it was then; the table of today has *next. */
static struct box *
put_back(enum key_fact then, struct store_key *old, struct store_key *next)
{
	struct box *box = box_new(CONFIG);

	box_add(box, "a.test", "p");
	*old = put_key(box, "a.test", FACT_VERIFIED);
	do_switch(box, old, NULL);
	*next = put_key(box, "a.test", then);
	update(box);
	copy_store(box, false);
	box_later(box, 10);
	do_switch(box, next, old);
	update(box);
	assert_true(table_names(box, next));
	copy_store(box, true);
	box_later(box, 10);
	return box;
}

/* Each row is what the copy says of the key that signs today. */
static void
restore_what_signs_is_active(void **state)
{
	static const enum key_fact rows[] = {FACT_GENERATED, FACT_PUBLISHED, FACT_VERIFIED};
	struct store_key old, next;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct box *box = put_back(rows[i], &old, &next);
		update(box);
		assert_true(is_restored(box));
		assert_int_equal(state_of(box, &next), KEY_STATE_ACTIVE);
		assert_int_equal(state_of(box, &old), KEY_STATE_RETIRED);
		assert_true(table_names(box, &next));
		assert_false(table_names(box, &old));
		/* the thief may have it, too: it signs on until another is proven, and its file stays */
		put_fact(box, &next, FACT_COMPROMISED);
		for (int p = 0; p < 3; p++) {
			box_later(box, 1);
			box_pass(box);
			assert_true(!table_names(box, &next) || has_file(box, &next));
			const struct world_record *r = world_find(box->w, next.owner);
			assert_true(!table_names(box, &next) || strcmp(r->text, next.record) == 0);
		}
		box_free(box);
	}
}

/* A row that must not sign is not made to, but its file stays as long as the table names it. */
static void
restore_what_the_table_names_is_not_destroyed(void **state)
{
	struct store_key old, next;
	struct box *box = put_back(FACT_VERIFIED, &old, &next);
	(void)state;

	put_fact(box, &next, FACT_ABANDONED);
	box_pass(box);
	assert_int_equal(state_of(box, &next), KEY_STATE_ABANDONED);
	assert_true(table_names(box, &next));
	assert_true(has_file(box, &next));
	assert_non_null(strstr(box->first.text, "is in the signing table"));
	box_free(box);
}

/* What the table names signs; what comes instead of it must be open to the milter, too, and a copy put back with tar(1)
 * may not be. */
static void
restore_waits_for_a_key_that_the_milter_reads(void **state)
{
	struct store_key old, next;
	struct box *box = put_back(FACT_VERIFIED, &old, &next);
	char path[224];
	(void)state;

	snprintf(path, sizeof(path), "%s/keys/a.test/%s.pem", box->dir, old.selector);
	assert_int_equal(chmod(box->dir, 02750), 0);
	put_fact(box, &next, FACT_ABANDONED);
	update(box);
	assert_true(is_restored(box));
	attest(box, &old);
	assert_int_equal(chmod(path, 0600), 0);
	update(box);
	assert_true(table_names(box, &next));
	assert_false(table_names(box, &old));
	assert_true(is_restored(box));
	assert_int_equal(chmod(path, 0640), 0);
	update(box);
	assert_true(table_names(box, &old));
	assert_false(table_names(box, &next));
	box_free(box);
}

/* Each row is a key that signs and that no look ever proved: by somebody's word, which was of that time, too, or not at
 * all, and then its record is not there. */
static void
restore_doubts_what_was_never_looked_at(void **state)
{
	static const char *const policies[] = {"word", "p"};
	(void)state;

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct box *box = box_new(CONFIG);
		bool by_word = strcmp(policies[i], "word") == 0;
		box_add(box, "a.test", policies[i]);
		struct store_key key = put_key(box, "a.test", FACT_PUBLISHED);
		if (by_word)
			attest(box, &key);
		else
			world_put(box->w, key.owner, NULL);
		do_switch(box, &key, NULL);
		copy_store(box, false);
		update(box);
		copy_store(box, true);
		for (int p = 0; p < 3; p++) {
			box_later(box, 10);
			box_pass(box);
			assert_true(is_restored(box));
			assert_true(table_names(box, &key));
		}
		attest(box, &key);
		update(box);
		assert_false(is_restored(box));
		box_free(box);
	}
}

/* Another domain is never proven; what is stopped or switched since leaves the table all the same. */
static void
restore_lets_a_stopped_key_go(void **state)
{
	struct box *box = box_new(CONFIG);
	struct store_key one, two, other, after;
	(void)state;

	box_add(box, "a.test", "p");
	one = put_key(box, "a.test", FACT_VERIFIED);
	do_switch(box, &one, NULL);
	box_add(box, "b.test", "p");
	two = put_key(box, "b.test", FACT_VERIFIED);
	do_switch(box, &two, NULL);
	box_add(box, "c.test", "p");
	other = put_key(box, "c.test", FACT_VERIFIED);
	do_switch(box, &other, NULL);
	copy_store(box, false);
	update(box);
	copy_store(box, true);
	box_later(box, 10);
	update(box);
	assert_true(is_restored(box));
	box_later(box, 10);
	after = put_key(box, "b.test", FACT_VERIFIED);
	do_switch(box, NULL, &one);
	do_switch(box, &after, &two);
	update(box);
	assert_true(is_restored(box));
	assert_false(table_names(box, &one));
	assert_false(table_names(box, &two));
	assert_true(table_names(box, &after));
	assert_true(table_names(box, &other));
	box_free(box);
}

/* The copy thinks that the stolen key never signed, and no pass has looked since. */
static void
restore_is_seen_by_compromise(void **state)
{
	struct store_key old, next;
	struct box *box = put_back(FACT_VERIFIED, &old, &next);
	char program[] = "signpost", *argv[] = {program, NULL};
	const struct cli cli = {.verb = &verb_compromise,
	    .config = box->config,
	    .store_dir = box->dir,
	    .now = box->w->now,
	    .argv = argv};
	struct operation op = {.cli = &cli, .store = box->store};
	struct theft t = {.op = &op, .selector = next.selector, .stop_now = true};
	struct err err = ERR_INIT;
	(void)state;

	snprintf(op.domain, sizeof(op.domain), "a.test");
	buf_init(&t.said, OPERATION_OUT_MAX);
	if (operation_load(&op, &err) != 0 || theft_mark(&t, &err) != 0 ||
	    theft_answer(&t, &err) != 0)
		fail_msg("%s", err.text);
	assert_false(table_names(box, &next));
	assert_int_equal(t.switched + t.stopped, 1);
	buf_deinit(&t.said);
	observation_deinit(&op.o);
	box_free(box);
}

/* The table is damaged, and newer all the same: its keys are lost, but no old answer counts. */
static void
restore_is_seen_in_a_damaged_table(void **state)
{
	struct box *box = box_new(CONFIG);
	struct store_key one;
	struct err err = ERR_INIT;
	char path[96];
	(void)state;

	box_add(box, "a.test", "p");
	one = put_key(box, "a.test", FACT_VERIFIED);
	do_switch(box, &one, NULL);
	update(box);
	snprintf(path, sizeof(path), "%s/" STORE_TABLE, box->dir);
	assert_int_equal(
	    file_replace(path, SLICE_LIT("signpost-table 1\ngeneration 9\ndoma"), 0640, &err), 0);
	update(box);
	assert_true(is_restored(box));
	assert_true(table_names(box, &one));
	struct table *table = box_table(box);
	assert_int_equal(table->generation, 10);
	table_free(table);
	update(box);
	assert_true(is_restored(box));
	box_free(box);
}

/* test_restore [PATTERN]: only these */
int
main(int argc, char **argv)
{
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(restore_what_signs_is_active),
	    cmocka_unit_test(restore_what_the_table_names_is_not_destroyed),
	    cmocka_unit_test(restore_waits_for_a_key_that_the_milter_reads),
	    cmocka_unit_test(restore_doubts_what_was_never_looked_at),
	    cmocka_unit_test(restore_lets_a_stopped_key_go),
	    cmocka_unit_test(restore_is_seen_by_compromise),
	    cmocka_unit_test(restore_is_seen_in_a_damaged_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
