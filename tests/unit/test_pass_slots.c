/* SPDX-License-Identifier: ISC */
/* test_pass_slots.c - the CNAMEs of slots that hold no key are watched, each for itself. */
#include "fixture_pass.h"
#include "keys/store_alerts.h"

static const char SLOTS[] = CONFIG_TIMES PUBLISHER
    "notify {\n mail = \"postmaster\"\n from = \"keeper@host.test\"\n}\n"
    "policy \"p\" {\n publisher = dns\n mode = slots\n slots = 4\n "
    "slot_zone = zone.test\n" POLICY_TIMES "}\n";

static struct {
	enum sweep_alias alias; /* of the slot, from now on */
	const char *token;	/* NULL: of all that hold no key */
	unsigned looks, failed;
	bool fails;
} cname;

static void
sweep_aliases(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	struct world *w = ((struct box *)arg)->w;
	struct sweep_result *r = calloc(1, sizeof(*r));

	(void)batch;
	assert_non_null(r);
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_question *q = &s->questions[i];
		memset(r, 0, sizeof(*r));
		r->index = i;
		world_sweep_one(w, q, &r->sweep);
		if (q->alias != NULL && q->expected.len == 0 && q->expect == EXPECT_TOMBSTONE) {
			cname.looks++;
			if (cname.token == NULL ||
			    strncmp(q->name, cname.token, strlen(cname.token)) == 0)
				r->sweep.alias = cname.alias;
			if (cname.fails)
				r->rc = err_set(&r->why, ERR_DNS, "no server answers");
		}
		s->take(s->arg, r);
	}
	free(r);
}

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_later(box, 10);
		box_pass(box);
	}
}

static struct store_slot
slot_of(struct box *box, int n)
{
	const struct store_select select = store_select_domain("a.test");
	struct store_slot *slots = NULL, slot;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_slots_select(box->store, &select, &slots, &count, &err), 0);
	assert_int_equal(count, 4);
	slot = slots[n];
	free(slots);
	return slot;
}

/* How many of the keys are in that slot, and how many there are. */
static size_t
keys_in(struct box *box, int n, size_t *all)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t in = 0;

	assert_int_equal(store_keys(box->store, "a.test", &keys, all, &err), 0);
	for (size_t i = 0; i < *all; i++)
		in += keys[i].slot == n;
	free(keys);
	return in;
}

static int
announce_nobody(
    const struct notify_conf *conf, enum alert_channel channel, struct slice text, struct err *err)
{
	(void)conf;
	(void)channel;
	(void)text;
	(void)err;
	return 0;
}

static bool
is_announced(struct box *box, const struct store_slot *slot)
{
	struct store_alert *list = NULL;
	struct err err = ERR_INIT;
	bool is = false;
	size_t count;

	assert_int_equal(store_alerts(box->store, "a.test", &list, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		is = is || strcmp(list[i].selector, slot->token) == 0;
	free(list);
	return is;
}

static struct box *
begin(void)
{
	struct box *box = box_new(SLOTS);

	memset(&cname, 0, sizeof(cname));
	cname.alias = ALIAS_RIGHT;
	box->seams.sweep = sweep_aliases;
	box->seams.announce = announce_nobody;
	box_add(box, "a.test", "p");
	return box;
}

static void
pass_watches_aliases_of_free_slots(void **state)
{
	struct box *box = begin();
	unsigned before;
	(void)state;

	live(box, 600);
	before = cname.looks;
	assert_int_equal(slot_of(box, 3).alias_why[0], '\0');
	/* two slots hold keys, two are looked at once in each watch_interval */
	live(box, 600);
	assert_in_range(cname.looks - before, 16, 22);
	cname.alias = ALIAS_WRONG;
	live(box, 70);
	assert_non_null(strstr(slot_of(box, 3).alias_why, "free slot 4 leads elsewhere: enter "));
	assert_non_null(strstr(slot_of(box, 3).alias_why, "._domainkey.a.test CNAME "));
	/* silence tells nothing */
	cname.alias = ALIAS_UNKNOWN;
	live(box, 120);
	assert_true(slot_of(box, 3).alias_why[0] != '\0');
	cname.alias = ALIAS_RIGHT;
	cname.fails = true;
	live(box, 120);
	assert_true(slot_of(box, 3).alias_why[0] != '\0');
	cname.fails = false;
	live(box, 120);
	assert_int_equal(slot_of(box, 3).alias_why[0], '\0');
	box_free(box);
}

/* A server may be late with what a person has just entered: one look says little. */
static void
pass_announces_a_wrong_alias_that_two_looks_saw(void **state)
{
	struct box *box = begin();
	struct store_slot fourth = slot_of(box, 3);
	(void)state;

	live(box, 600);
	cname.token = fourth.token;
	for (int round = 0; round < 2; round++) {
		cname.alias = ALIAS_DIFFERS;
		for (int i = 0; i < 20 && slot_of(box, 3).alias_why[0] == '\0'; i++)
			live(box, 10);
		assert_int_equal(slot_of(box, 3).wrong_looks, 1);
		cname.alias = ALIAS_UNKNOWN;
		live(box, 120);
		assert_int_equal(slot_of(box, 3).wrong_looks, 1);
		assert_false(is_announced(box, &fourth));
		cname.alias = ALIAS_RIGHT;
		live(box, 120);
		assert_int_equal(slot_of(box, 3).wrong_looks, 0);
	}
	cname.alias = ALIAS_DIFFERS;
	live(box, 240);
	assert_true(is_announced(box, &fourth));
	box_free(box);
}

/* The others go on: keys rotate through the slots that are left. */
static void
pass_goes_round_a_slot_with_a_wrong_alias(void **state)
{
	struct box *box = begin();
	struct store_slot third = slot_of(box, 2);
	size_t all;
	(void)state;

	cname.token = third.token;
	cname.alias = ALIAS_MISSING;
	live(box, 6000);
	assert_int_equal(keys_in(box, 2, &all), 0);
	assert_true(all >= 4);
	assert_true(keys_in(box, 3, &all) > 0);
	cname.alias = ALIAS_RIGHT;
	live(box, 6000);
	assert_true(keys_in(box, 2, &all) > 0);
	box_free(box);
}

/* A new domain has none of them yet: its first key is made all the same, and waits for its own. */
static void
pass_makes_the_first_key_before_its_alias(void **state)
{
	struct box *box = begin();
	size_t all;
	(void)state;

	cname.alias = ALIAS_MISSING;
	live(box, 60);
	assert_int_equal(keys_in(box, 0, &all), 1);
	/* what was seen before the key came is forgotten: its own looks tell it from now on */
	assert_int_equal(slot_of(box, 0).alias_why[0], '\0');
	assert_int_equal(slot_of(box, 0).looked_at, NEVER);
	live(box, 600);
	assert_int_equal(keys_in(box, 0, &all), 1);
	assert_int_equal(all, 1);
	cname.alias = ALIAS_RIGHT;
	live(box, 100);
	assert_int_equal(keys_in(box, 0, &all), 1);
	assert_int_equal(all, 2);
	box_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_watches_aliases_of_free_slots),
	    cmocka_unit_test(pass_announces_a_wrong_alias_that_two_looks_saw),
	    cmocka_unit_test(pass_goes_round_a_slot_with_a_wrong_alias),
	    cmocka_unit_test(pass_makes_the_first_key_before_its_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
