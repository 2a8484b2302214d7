/* SPDX-License-Identifier: ISC */
/* test_attest.c - by hand, and nobody looks: a person says that a record is there, and that it is gone. */
#include "fixture_pass.h"
#include "said_run.h"

#include <time.h>

#define LIFE "standby = no\n" POLICY_TIMES "}\n"

static const char WORD[] = CONFIG_TIMES "policy \"p\" {\n publisher = by-hand\n proof = attest\n" LIFE;
static const char LOOKS[] = CONFIG_TIMES "policy \"p\" {\n publisher = by-hand\n" LIFE;

static struct box *
begin(const char *conf)
{
	struct box *box = box_new(conf);

	box->w->now = time(NULL);
	box_add(box, "a.test", "p");
	return box;
}

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_pass(box);
		box_later(box, 5);
	}
}

static struct store_key
key_of(struct box *box, size_t i)
{
	struct store_key *keys = NULL, key;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	assert_true(count > i);
	key = keys[i];
	free(keys);
	return key;
}

/* -1, or the exit code. */
static int
attest(struct box *box, const struct store_key *key)
{
	char words[4][80] = {"signpost", "attest", "a.test", ""};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};
	struct cli cli = {.verb = &verb_attest,
	    .config = box->config,
	    .store_dir = box->dir,
	    .operands = {"a.test", key->selector},
	    .operand_count = 2,
	    .now = box->w->now,
	    .argv = argv};

	snprintf(words[3], sizeof(words[3]), "%s", key->selector);
	return hear_run(&cli);
}

static bool
was_said(const char *words)
{
	for (size_t i = 0; i < said_count; i++) {
		if (said_fits(words, said_list[i]))
			return true;
	}
	return false;
}

static void
roll(struct box *box)
{
	const struct store_marking marking = {"a.test", MARK_ROLL, box->w->now};
	struct err err = ERR_INIT;

	assert_int_equal(store_domain_mark(box->store, &marking, NULL, &err), 0);
	live(box, 30);
}

/* Two keys signed by a person's word, one after the other. */
static struct store_key
retire_first(struct box *box)
{
	live(box, 30);
	struct store_key key = key_of(box, 0);
	assert_int_equal(attest(box, &key), EXIT_OK);
	live(box, 100);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_ACTIVE);
	roll(box);
	key = key_of(box, 1);
	assert_int_equal(attest(box, &key), EXIT_OK);
	live(box, 100);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_RETIRED);
	return key;
}

static void
attest_ends_what_nobody_can_see(void **state)
{
	struct box *box = begin(WORD);
	(void)state;

	struct store_key key = retire_first(box);
	assert_int_equal(attest(box, &key), -1); /* mail that it signed is on its way */
	assert_true(was_said("* is retired: its record is not waited for"));
	live(box, 1000);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_RETIRED);
	assert_int_equal(attest(box, &key), EXIT_OK);
	assert_true(was_said("* counts as revoked, by your word alone."));
	assert_int_equal(attest(box, &key), EXIT_OK);
	assert_true(was_said("* counts as revoked already."));
	live(box, 10);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_REVOKED);
	assert_int_equal(attest(box, &key), -1); /* p= is to stay for a while */
	live(box, 1000);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_REVOKED);
	assert_int_equal(attest(box, &key), EXIT_OK);
	assert_true(was_said("* counts as removed, by your word alone."));
	live(box, 10);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_DESTROYED);
	assert_int_equal(attest(box, &key), -1);
	box_free(box);
}

static void
attest_wants_no_word_for_what_is_looked_at(void **state)
{
	struct box *box = begin(LOOKS);
	(void)state;

	live(box, 30);
	struct store_key key = key_of(box, 0);
	world_put(box->w, key.owner, key.record);
	live(box, 200);
	roll(box);
	key = key_of(box, 1);
	world_put(box->w, key.owner, key.record);
	live(box, 800);
	key = key_of(box, 0);
	assert_int_equal(key_state_of(&key.facts), KEY_STATE_RETIRED);
	assert_int_equal(attest(box, &key), -1);
	assert_true(was_said("* is retired, and it is looked at whether its record is gone: that needs nobody's word"));
	box_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attest_ends_what_nobody_can_see),
	    cmocka_unit_test(attest_wants_no_word_for_what_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
