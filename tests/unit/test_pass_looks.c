/* SPDX-License-Identifier: ISC */
/* test_pass_looks.c - what passes keep of what they saw: TTLs of others' answers, denials, pairs. */
#include "fixture_pass.h"
#include "signpost/dry_run.h"
#include "tests/unit/said.h"

/* What a look leaves with the domain, for explain. */
static const struct said_row SAID[] = {
    {"*: the CNAME is missing; it is to lead to *", "slots"},
    {"*: the CNAME leads elsewhere; it is to lead to *", "slots"},
    {"*: the CNAME is proxied, addresses answer in its place; it is to lead to *", "slots"},
    {"*: the CNAME is not the same at every server; it is to lead to *", "slots"},
    {"_domainkey.a.test is not delegated to us", "mode = delegated"},
};

static const char TXT[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char ZONED[] = CONFIG_TIMES
    "publisher \"dns\" {\n type = hook\n program = {\"/bin/false\"}\n zone = a.test\n}\n"
    "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char BY_HAND[] = CONFIG_TIMES "policy \"p\" {\n rotate = auto\n" POLICY_TIMES "}\n";
static const char STILL[] = CONFIG_TIMES PUBLISHER
    "policy \"p\" {\n publisher = dns\n rotate = off\n standby = no\n" POLICY_TIMES "}\n";
static const char SLOTS[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n mode = slots\n slots = 4\n "
			   "slot_zone = zone.test\n" POLICY_TIMES "}\n";

static const char DELEGATED[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n mode = delegated\n" POLICY_TIMES "}\n";

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_later(box, 10);
		box_pass(box);
	}
}

/* The newest key; false: there is none in that state. */
static bool
newest(struct box *box, enum key_state state, struct store_key *out)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;
	bool found = false;

	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	for (size_t i = count; i > 0 && !found; i--) {
		found = key_state_of(&keys[i - 1].facts) == state;
		*out = keys[i - 1];
	}
	free(keys);
	return found;
}

static void
until(struct box *box, enum key_state state, struct store_key *out)
{
	for (int i = 0; i < 400 && !newest(box, state, out); i++)
		live(box, 10);
	assert_true(newest(box, state, out));
}

static struct store_domain
domain(struct box *box)
{
	struct store_domain *d = NULL, row;
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(store_domains(box->store, "a.test", &d, &n, &err), 0);
	assert_int_equal(n, 1);
	row = *d;
	free(d);
	return row;
}

/* A person types the second key's record wrongly, with a long TTL, and then rightly: who has the wrong one keeps it. */
static void
pass_waits_for_what_was_typed_wrongly(void **state)
{
	struct box *box = box_new(BY_HAND);
	struct store_key first, second;
	int64_t typed;
	(void)state;

	box_add(box, "a.test", "p");
	until(box, KEY_STATE_PUBLISHED, &first);
	world_put(box->w, first.owner, first.record);
	until(box, KEY_STATE_ACTIVE, &first);
	until(box, KEY_STATE_PUBLISHED, &second);
	assert_int_not_equal(second.id, first.id);
	world_put(box->w, second.owner, "v=DKIM1; p=MIGfwrong");
	box->w->ttl = 4000;
	live(box, 200);
	assert_true(newest(box, KEY_STATE_PUBLISHED, &second));
	assert_int_equal(second.previous_ttl_s, 4000);
	box->w->ttl = 0;
	world_put(box->w, second.owner, second.record);
	typed = box->w->now;
	until(box, KEY_STATE_READY, &second);
	/* also long after the first is due */
	while (box->w->now < typed + 3990) {
		live(box, 10);
		assert_true(newest(box, KEY_STATE_ACTIVE, &first));
		assert_int_not_equal(first.id, second.id);
	}
	live(box, 200);
	assert_true(newest(box, KEY_STATE_ACTIVE, &first));
	assert_int_equal(first.id, second.id);
	box_free(box);
}

/* The same of a foreign answer at a slot's name while its last key was there: the slot's next key waits for it. */
static void
pass_keeps_what_a_slot_answered(void **state)
{
	struct box *box = box_new(SLOTS);
	struct store_key key, *keys;
	struct err err = ERR_INIT;
	size_t count;
	char record[RECORD_LEN_MAX + 1];
	int slot;
	(void)state;

	box_add(box, "a.test", "p");
	until(box, KEY_STATE_RETIRED, &key);
	slot = key.slot;
	snprintf(record, sizeof(record), "%s", world_find(box->w, key.owner)->text);
	world_put(box->w, key.owner, "v=spf1 -all");
	box->w->ttl = 7200;
	live(box, 70);
	world_put(box->w, key.owner, record);
	box->w->ttl = 0;
	for (int i = 0; i < 900; i++) {
		live(box, 10);
		if (newest(box, KEY_STATE_PUBLISHED, &key) && key.slot == slot)
			break;
	}
	assert_int_equal(key.slot, slot);
	assert_true(key.previous_ttl_s >= 7200);
	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		assert_true(keys[i].slot == slot || keys[i].previous_ttl_s < 7200);
	free(keys);
	box_free(box);
}

/* K20 */
static void
pass_notes_a_wildcard(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	(void)state;

	box->w->wildcard = true;
	box->w->ttl = 500;
	box_add(box, "a.test", "p");
	until(box, KEY_STATE_ACTIVE, &key);
	assert_int_equal(key.previous_ttl_s, 500);
	box_free(box);
}

/* K4: a denial of a day is remembered by the keys that follow, from the first look that finds less. */
static void
pass_remembers_long_denials(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	(void)state;

	box->w->negative = 900;
	box_add(box, "a.test", "p");
	until(box, KEY_STATE_ACTIVE, &key);
	assert_int_equal(key.negative_max_s, 900);
	assert_int_equal(domain(box).negative_max_s, 900);
	box->w->negative = 20;
	until(box, KEY_STATE_READY, &key);
	assert_int_equal(key.negative_max_s, 900);
	struct store_domain d = domain(box);
	assert_int_equal(d.negative_max_s, 900);
	assert_int_not_equal(d.negative_lower_since, NEVER);
	/* the keeper is away for a week: what it missed, nobody knows */
	box_later(box, 7 * 86400);
	live(box, 100);
	assert_int_equal(domain(box).negative_max_s, 20);
	until(box, KEY_STATE_PUBLISHED, &key);
	until(box, KEY_STATE_READY, &key);
	assert_int_equal(key.negative_max_s, 20);
	box_free(box);
}

/* The watch measures now and then: with nothing else to do, a long denial is seen. */
static void
pass_measures_denials_in_the_watch(void **state)
{
	struct box *box = box_new(STILL);
	struct store_key key;
	(void)state;

	box_add(box, "a.test", "p");
	until(box, KEY_STATE_ACTIVE, &key);
	box->w->negative = 5000;
	live(box, 300);
	assert_int_equal(domain(box).negative_max_s, 30);
	box_later(box, 5 * 3600);
	box_pass(box);
	assert_int_equal(domain(box).negative_max_s, 5000);
	box_free(box);
}

/* What is in force while a key signs holds for its mail, whatever the policy says later. */
static void
pass_does_not_shorten_an_overlap(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	struct key_policy *p = &box->config->policies[0];
	(void)state;

	p->retire_safety_s = 777;
	box_add(box, "a.test", "p");
	until(box, KEY_STATE_ACTIVE, &key);
	box_later(box, 60);
	box_pass(box);
	p->retire_safety_s = 10;
	until(box, KEY_STATE_RETIRED, &key);
	assert_int_equal(key.safety_max_s, 777);
	const struct schedule_key view = {.safety_max_s = key.safety_max_s};
	assert_int_equal(schedule_retirement_interval(p, &view), 100 + 50 + 777);
	while (box->w->now < key.facts.at[FACT_RETIRED] + 100 + 50 + 700) {
		live(box, 10);
		const struct world_record *r = world_find(box->w, key.owner);
		assert_string_equal(r->text, key.record);
	}
	box_free(box);
}

/* K31: from its proof on it is a key like others. */
static void
pass_ends_unproven_with_a_proof(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	struct err err = ERR_INIT;
	(void)state;

	box_add(box, "a.test", "p");
	until(box, KEY_STATE_PUBLISHED, &key);
	key.imported_unproven = true;
	assert_int_equal(store_key_raise(box->store, &key, &err), 0);
	until(box, KEY_STATE_READY, &key);
	assert_false(key.imported_unproven);
	box_free(box);
}

static size_t
count_log(struct box *box, const char *text)
{
	struct store_log_row *rows;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(
	    store_log(box->store, &(struct store_log_query){.since = NEVER}, &rows, &count, &err),
	    0);
	for (size_t i = 0; i < count; i++)
		n += strstr(rows[i].text, text) != NULL;
	free(rows);
	return n;
}

/* Where no zone can be found, status and explain tell why nothing is published; it is tried again, and said once. */
static void
pass_says_that_no_zone_is_found(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	struct err err = ERR_INIT;
	struct observation o;
	struct step *steps;
	size_t count, told = 0;
	(void)state;

	box_add(box, "a.test", "p");
	box->w->no_zone = true;
	until(box, KEY_STATE_GENERATED, &key);
	live(box, 300);
	assert_int_equal(box->w->publishes, 0);
	const struct observe_query query = {
	    .config = box->config, .select = store_select_domain("a.test"), .now = box->w->now};
	assert_int_equal(observe(box->store, &query, &o, &err), 0);
	assert_int_equal(observed_steps(&o.domains[0], &o.world, &steps, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		told += strstr(steps[i].why, "no server of the root answers") != NULL;
	assert_int_equal(told, 1);
	free(steps);
	observation_deinit(&o);
	assert_int_equal(count_log(box, "option zone of publisher dns"), 1);
	box->w->no_zone = false;
	until(box, KEY_STATE_ACTIVE, &key);
	box_free(box);
}

/* What stands in the log when p= takes the record's place, and when that goes. */
static void
pass_log_tells_revocation_from_publication(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key key;
	(void)state;

	box_add(box, "a.test", "p");
	until(box, KEY_STATE_DESTROYED, &key);
	assert_true(count_log(box, "revoked; ") > 0);
	assert_true(count_log(box, "removed at the world") > 0);
	box_free(box);
}

/* tick --dry-run: what is due, and what would be sent for it; nothing is. */
static void
pass_dry_run_shows_what_is_due(void **state)
{
	struct box *box = box_new(ZONED);
	const struct cli cli = {.config = box->config};
	struct operation op = {.cli = &cli, .store = box->store, .domain = "a.test"};
	struct store_key key;
	struct err err = ERR_INIT;
	struct buf out;
	size_t due = 0;
	(void)state;

	box_add(box, "a.test", "p");
	box->w->publisher_down = true;
	until(box, KEY_STATE_GENERATED, &key);
	unsigned published = box->w->publishes;
	buf_init(&out, 65536);
	box_later(box, 600);
	op.now = box->w->now;
	assert_int_equal(operation_load(&op, &err), 0);
	assert_int_equal(dry_run_put_due(&op, &out, &due, &err), 0);
	assert_int_equal(due, 1);
	assert_non_null(strstr(buf_str(&out), ": publish: "));
	if (strstr(buf_str(&out), "run: /bin/false") == NULL)
		fail_msg("%s", buf_str(&out));
	assert_non_null(strstr(buf_str(&out), key.record));
	assert_int_equal(box->w->publishes, published);
	assert_true(newest(box, KEY_STATE_GENERATED, &key));
	buf_deinit(&out);
	observation_deinit(&op.o);
	box_free(box);
}

static enum sweep_alias alias_seen;

/* Of a domain whose alias or delegation a person has entered, or not. */
static void
sweep_of_persons(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	struct sweep_result *r = calloc(1, sizeof(*r));

	(void)batch;
	assert_non_null(r);
	for (size_t i = 0; i < s->count; i++) {
		r->index = i;
		world_sweep_one(((struct box *)arg)->w, &s->questions[i], &r->sweep);
		r->sweep.alias = alias_seen;
		r->sweep.delegated = false;
		s->take(s->arg, r);
	}
	free(r);
}

static void
look_tells_what_is_with_alias_and_delegation(void **state)
{
	static const struct {
		const char *conf;
		enum sweep_alias alias;
		const char *why; /* NULL: nothing is wrong */
	} rows[] = {
	    {SLOTS, ALIAS_MISSING, "the CNAME is missing"},
	    {SLOTS, ALIAS_WRONG, "the CNAME leads elsewhere"},
	    {SLOTS, ALIAS_PROXIED, "the CNAME is proxied, addresses answer in its place"},
	    {SLOTS, ALIAS_DIFFERS, "the CNAME is not the same at every server"},
	    {SLOTS, ALIAS_RIGHT, NULL},
	    {SLOTS, ALIAS_FLATTENED, NULL},
	    {DELEGATED, ALIAS_NONE_WANTED, "_domainkey.a.test is not delegated to us"},
	    {TXT, ALIAS_NONE_WANTED, NULL},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct box *box = box_new(rows[i].conf);
		box->seams.sweep = sweep_of_persons;
		alias_seen = rows[i].alias;
		box_add(box, "a.test", "p");
		live(box, 60);
		const struct store_domain d = domain(box);
		if (d.alias_wrong != (rows[i].why != NULL) ||
		    (rows[i].why != NULL && strstr(d.alias_why, rows[i].why) == NULL))
			fail_msg("row %zu: %d \"%s\"", i, (int)d.alias_wrong, d.alias_why);
		hear(d.alias_why);
		box_free(box);
	}
}

static void
looks_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_waits_for_what_was_typed_wrongly),
	    cmocka_unit_test(pass_keeps_what_a_slot_answered),
	    cmocka_unit_test(pass_notes_a_wildcard),
	    cmocka_unit_test(pass_remembers_long_denials),
	    cmocka_unit_test(pass_measures_denials_in_the_watch),
	    cmocka_unit_test(pass_does_not_shorten_an_overlap),
	    cmocka_unit_test(pass_ends_unproven_with_a_proof),
	    cmocka_unit_test(pass_says_that_no_zone_is_found),
	    cmocka_unit_test(pass_dry_run_shows_what_is_due),
	    cmocka_unit_test(pass_log_tells_revocation_from_publication),
	    cmocka_unit_test(look_tells_what_is_with_alias_and_delegation),
	    cmocka_unit_test(looks_each_was_said), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
