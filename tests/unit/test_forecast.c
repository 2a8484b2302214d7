/* SPDX-License-Identifier: ISC */
/* The forecast: whole lives in simulated time, by events; that somebody always signs, and that it always ends. */
#include "keys/forecast.h"
#include "signpost/forecast_text.h"
#include "tests/unit/said.h"

#include <time.h>

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOW    INT64_C(1800000000)
#define IPUB   (30 * MINUTE + HOUR)
#define IRET   (10 * DAY + HOUR)
#define KEYS   4
#define SLOTS  6

struct scene {
	struct key_policy policy;
	struct schedule_times times;
	struct schedule_key keys[KEYS];
	struct schedule_slot slots[SLOTS];
	struct schedule_domain domain;
	struct schedule_world world;
	struct forecast f;
};

/* What plan and explain say of each step, and of the end. */
static const struct said_row WORDS[] = {
    {"slot * gets its first p=", "prepare-slot"},
    {"is made", "generate"},
    {"is published", "publish"},
    {"is proven", "verify"},
    {"signs", "activate: nobody signed"},
    {"takes over from *", "activate: a switch"},
    {"leaves the signing table", "retire"},
    {"every milter has left it: its overlap begins", "acknowledge"},
    {"its record becomes p=", "revoke"},
    {"is seen to be revoked", "revoked"},
    {"its record is taken away", "remove"},
    {"is gone from DNS", "removed"},
    {"its private key is deleted", "destroy"},
    {"is given up", "abandon"},
    {"its record is to be entered: signpost records tells it", "a person's record"},
    {"its value may become v=DKIM1; p= (a courtesy)", "a person's record, to be revoked"},
    {"its record may be removed", "a person's record, to be removed"},
    {"proven and due; waits for signpost approve", "rotate = approve"},
    {"waits for signpost attest", "proof = attest"},
    {"waits for the alias or the delegation", "slots or delegated, not seen in DNS"},
    {"Nothing more happens by itself.", "the end: nothing is due"},
    {"Held: nothing more happens until signpost release.", "the end: hold"},
    {"More can not be told ahead.", "the end: too many steps"},
    {"a new key is made *, so that it is there", "a step of the domain, with its time"},
    {"a new key is made *: because", "the same, for another reason"},
    {"(new rsa key *)", "the name of a key that is not made yet"},
    {"one rsa", "a key with its algorithm"},
};

static void
hear_forecast(const struct forecast *f)
{
	char name[FORECAST_NAME_LEN], label[FORECAST_LABEL_LEN];
	struct buf text;

	buf_init(&text, 1024);
	for (size_t i = 0; i < f->count; i++) {
		buf_clear(&text);
		forecast_text(f, &f->events[i], &text);
		assert_true(text.len > 0);
		hear(buf_str(&text));
	}
	buf_deinit(&text);
	for (size_t k = 0; k < f->key_count; k++) {
		forecast_name(f, k, name);
		hear(name);
		forecast_label(f, k, label);
		hear(label);
	}
	hear(forecast_end_text(f->end));
}

static struct schedule_key *
add_key(struct scene *s, enum key_alg alg, int64_t age_s)
{
	static const char *const SELECTORS[KEYS] = {"one", "two", "three", "four"};
	struct schedule_key *k = &s->keys[s->domain.key_count];

	*k = (struct schedule_key){.id = (int64_t)s->domain.key_count + 1,
	    .selector = SELECTORS[s->domain.key_count],
	    .alg = alg,
	    .slot = -1,
	    .negative_max_s = 30 * MINUTE};
	key_facts_init(&k->facts);
	k->facts.at[FACT_GENERATED] = NOW - age_s;
	k->looks = (struct schedule_looks){.looked_at = NEVER,
	    .passed_at = NEVER,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = NEVER,
	    .gone_since = NEVER,
	    .resolver_first_at = NEVER,
	    .resolver_last_at = NEVER,
	    .resolver_wait_until = NEVER};
	for (int i = 0; i < DEED_COUNT; i++)
		k->deeds[i] = (struct schedule_deed){.first_at = NEVER, .last_at = NEVER};
	s->domain.key_count++;
	return k;
}

static void
ready(struct scene *s, enum key_alg alg)
{
	struct schedule_key *k = add_key(s, alg, 3 * DAY);

	k->facts.at[FACT_PUBLISHED] = NOW - 3 * DAY;
	k->deeds[DEED_PUBLISH] =
	    (struct schedule_deed){NOW - 3 * DAY, NOW - 3 * DAY, 1, true, false, NULL};
	k->facts.at[FACT_VERIFIED] = k->looks.proven_at = NOW - 2 * DAY;
	k->looks.looked_at = k->looks.passed_at = NOW - MINUTE;
	k->looks.last_passed = true;
}

static void
active(struct scene *s, enum key_alg alg, int64_t age_s)
{
	ready(s, alg);
	s->keys[s->domain.key_count - 1].facts.at[FACT_ACTIVATED] = NOW - age_s;
}

/* A domain with an automatic publisher and no key. */
static void
blank(struct scene *s)
{
	*s = (struct scene){
	    .policy = {.name = (char *)(uintptr_t) "p",
		.publisher = (char *)(uintptr_t) "dns",
		.algorithms = {KEY_RSA_SHA256},
		.algorithm_count = 1,
		.rsa_bits = 2048,
		.ttl_s = HOUR,
		.lifetime_s = 90 * DAY,
		.ahead_s = DAY,
		.switch_hour = POLICY_ANY_HOUR,
		.publish_safety_s = HOUR,
		.retire_safety_s = HOUR,
		.stale_s = 3 * DAY,
		.queue_lifetime_s = 5 * DAY,
		.receiver_delay_s = 5 * DAY,
		.tombstone_s = 30 * DAY,
		.compromised_tombstone_s = 365 * DAY,
		.destroy_after_s = 2 * DAY},
	    .times = {.sweep_interval_s = MINUTE,
		.slow_after_s = 3 * DAY,
		.slow_interval_s = HOUR,
		.reprove_interval_s = 10 * MINUTE,
		.watch_interval_s = HOUR,
		.gone_sweeps = 3,
		.gone_over_s = 10 * MINUTE,
		.retry_s = MINUTE,
		.retry_max_s = HOUR,
		.ask_signers_interval_s = MINUTE,
		.recent_proof_s = DAY,
		.rollback_hold_s = DAY,
		.resolver_wait_s = DAY,
		.person_interval_s = DAY,
		.queries = 5},
	    .domain = {.removing_at = NEVER,
		.roll_at = NEVER,
		.rollback_at = NEVER,
		.propagation_max_s = 10 * MINUTE,
		.signers = {.needed = true, .asked_at = NEVER, .table_at = NOW - 100 * DAY}},
	    .world = {.now = NOW, .clock_trusted = true},
	};
}

static void
by_hand(struct scene *s)
{
	s->policy.by_hand = true;
	s->policy.ahead_s = 14 * DAY;
	s->policy.lifetime_s = 180 * DAY;
	s->policy.rotate = ROTATE_APPROVE;
}

static void
in_slots(struct scene *s)
{
	s->policy.mode = MODE_SLOTS;
	s->policy.slots = 3;
	s->policy.ttl_s = 300;
	s->policy.standby = STANDBY_YES;
	s->domain.slot_count = 3;
	for (int i = 0; i < 3; i++)
		s->slots[i] = (struct schedule_slot){KEY_RSA_SHA256, i, false, NEVER, NEVER, NULL, false};
}

static void
make(struct scene *s, int64_t until)
{
	struct err err = ERR_INIT;

	s->domain.policy = &s->policy;
	s->domain.keys = s->keys;
	s->domain.slots = s->slots;
	s->world.times = &s->times;
	const struct forecast_query query = {&s->domain, &s->world, until, 0};
	assert_int_equal(forecast_make(&query, &s->f, &err), 0);
	hear_forecast(&s->f);
	for (size_t i = 0; i < s->f.count; i++) {
		assert_true(s->f.events[i].at >= (i == 0 ? NOW : s->f.events[i - 1].at));
		assert_true(s->f.events[i].at <= (until > NOW ? until : NOW));
	}
}

/* When that happened for the n-th time; NEVER. */
static int64_t
when(const struct scene *s, enum step_what what, int n)
{
	for (size_t i = 0; i < s->f.count; i++) {
		if (s->f.events[i].what == what && n-- == 0)
			return s->f.events[i].at;
	}
	return NEVER;
}

static const struct forecast_event *
asks(const struct scene *s, enum forecast_ask ask)
{
	for (size_t i = 0; i < s->f.count; i++) {
		if (s->f.events[i].ask == ask)
			return &s->f.events[i];
	}
	return NULL;
}

static size_t
count_at(const struct scene *s, enum key_state state, int64_t at)
{
	size_t n = 0;

	for (size_t i = 0; i < s->f.key_count; i++)
		n += forecast_state_at(&s->f.keys[i], at) == state;
	return n;
}

static void
near(int64_t at, int64_t want, int64_t by_s)
{
	if (at < want - by_s || at > want + by_s)
		fail_msg("is %lld h, want %lld h after now", (long long)((at - NOW) / HOUR),
		    (long long)((want - NOW) / HOUR));
}

static void
forecast_of_a_standby_switches_at_its_age(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	s.policy.standby = STANDBY_YES;
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	ready(&s, KEY_RSA_SHA256);
	make(&s, NOW + 200 * DAY);
	assert_int_equal(s.f.end, FORECAST_UNTIL);
	assert_int_equal(when(&s, STEP_ACTIVATE, 0), NOW + 78 * DAY);
	/* the next standby is begun at once, and takes over 90 d later */
	near(when(&s, STEP_GENERATE, 0), NOW + 78 * DAY, 0);
	near(when(&s, STEP_ACTIVATE, 1), NOW + 168 * DAY, 0);
	near(when(&s, STEP_REVOKE, 0), NOW + 78 * DAY + IRET, MINUTE);
	near(when(&s, STEP_DESTROY, 0), NOW + 80 * DAY, MINUTE);
	near(when(&s, STEP_REMOVE, 0), NOW + 118 * DAY + HOUR, HOUR);
	assert_int_equal(s.f.keys[0].facts.at[FACT_RETIRED], NOW + 78 * DAY);
	for (int64_t at = NOW; at < NOW + 200 * DAY; at += HOUR) {
		assert_int_equal(count_at(&s, KEY_STATE_ACTIVE, at), 1);
		assert_true(count_at(&s, KEY_STATE_PUBLISHED, at) <= 1);
	}
	assert_int_equal(forecast_state_at(&s.f.keys[0], NOW + 79 * DAY), KEY_STATE_RETIRED);
	assert_int_equal(forecast_state_at(&s.f.keys[0], NOW + 100 * DAY), KEY_STATE_REVOKED);
	assert_int_equal(forecast_state_at(&s.f.keys[0], NOW + 130 * DAY), KEY_STATE_REMOVED);
	assert_int_equal(forecast_state_at(&s.f.keys[1], NOW), KEY_STATE_PUBLISHED);
	assert_null(s.f.keys[2].selector);
	forecast_deinit(&s.f);
}

static void
forecast_without_standby_begins_in_time(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	make(&s, NOW + 100 * DAY);
	near(when(&s, STEP_GENERATE, 0), NOW + 77 * DAY - IPUB - 10 * MINUTE, 0);
	/* seen 10 min after it was published, proven a minute after that */
	assert_int_equal(when(&s, STEP_VERIFY, 0), when(&s, STEP_PUBLISH, 0) + 11 * MINUTE);
	assert_int_equal(when(&s, STEP_ACTIVATE, 0), NOW + 78 * DAY);
	forecast_deinit(&s.f);
}

static void
forecast_by_hand_asks_ahead_and_for_approval(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	by_hand(&s);
	active(&s, KEY_RSA_SHA256, 80 * DAY);
	make(&s, NOW + 150 * DAY);
	assert_non_null(asks(&s, ASK_RECORD));
	near(asks(&s, ASK_RECORD)->at, NOW + 86 * DAY, 2 * HOUR);
	assert_non_null(asks(&s, ASK_APPROVAL));
	assert_int_equal(asks(&s, ASK_APPROVAL)->what, STEP_NONE);
	near(asks(&s, ASK_APPROVAL)->at, NOW + 100 * DAY, 2 * HOUR);
	near(when(&s, STEP_ACTIVATE, 0), asks(&s, ASK_APPROVAL)->at, 0);
	assert_non_null(asks(&s, ASK_REVOCATION));
	forecast_deinit(&s.f);
}

static void
forecast_of_slots_goes_round(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	in_slots(&s);
	s.domain.alias_wrong = true;
	make(&s, NOW + 400 * DAY);
	assert_int_equal(s.f.end, FORECAST_UNTIL);
	assert_non_null(asks(&s, ASK_ALIAS));
	assert_int_not_equal(when(&s, STEP_PREPARE_SLOT, 2), NEVER);
	assert_int_not_equal(when(&s, STEP_ACTIVATE, 3), NEVER);
	/* never two keys in one slot */
	for (int64_t at = NOW; at < NOW + 400 * DAY; at += 6 * HOUR) {
		unsigned seen = 0;
		for (size_t i = 0; i < s.f.key_count; i++) {
			if (forecast_state_at(&s.f.keys[i], at) == KEY_STATE_REMOVED)
				continue;
			assert_false(seen & 1u << s.f.keys[i].slot);
			seen |= 1u << s.f.keys[i].slot;
		}
	}
	forecast_deinit(&s.f);
}

static void
forecast_of_a_removal_rests_when_all_is_gone(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	s.policy.algorithm_count = 2;
	s.policy.algorithms[1] = KEY_ED25519_SHA256;
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	active(&s, KEY_ED25519_SHA256, 12 * DAY);
	ready(&s, KEY_RSA_SHA256);
	s.domain.removing_at = NOW;
	make(&s, NOW + 400 * DAY);
	assert_int_equal(s.f.end, FORECAST_RESTS);
	assert_int_equal(s.f.key_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(s.f.keys[i].facts.at[FACT_DESTROYED], NEVER);
	assert_true(s.f.ended_at < NOW + 60 * DAY);
	assert_int_equal(when(&s, STEP_GENERATE, 0), NEVER);
	forecast_deinit(&s.f);
}

static void
forecast_of_a_stolen_key_is_short(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	s.keys[0].facts.at[FACT_COMPROMISED] = NOW;
	make(&s, NOW + 30 * DAY);
	assert_int_equal(when(&s, STEP_GENERATE, 0), NOW);
	/* proof, 30 min of negative answers, 5 min of safety */
	near(when(&s, STEP_ACTIVATE, 0), NOW + 11 * MINUTE + 35 * MINUTE, MINUTE);
	near(when(&s, STEP_REVOKE, 0), when(&s, STEP_ACTIVATE, 0), MINUTE);
	forecast_deinit(&s.f);
}

/* What stands still, and why. */
struct rest {
	const char *name;
	void (*change)(struct scene *);
	enum forecast_end end;
	enum forecast_ask ask; /* ASK_NOBODY: nobody is */
	bool switches;
};

static void
change_hold(struct scene *s)
{
	s->domain.held = true;
}

static void
change_off(struct scene *s)
{
	s->policy.rotate = ROTATE_OFF;
	s->policy.standby = STANDBY_YES;
}

static void
change_attest(struct scene *s)
{
	s->policy.proof = PROOF_ATTEST;
}

static void
change_resolver(struct scene *s)
{
	s->policy.proof = PROOF_RESOLVER;
}

static void
change_clock(struct scene *s)
{
	s->world.clock_trusted = false;
}

static void
change_outage(struct scene *s)
{
	s->world.outage = true;
}

static void
change_taken(struct scene *s)
{
	add_key(s, KEY_RSA_SHA256, HOUR)->selector_taken = true;
}

static void
change_lost_by_hand(struct scene *s)
{
	struct schedule_looks *l = &s->keys[0].looks;

	by_hand(s);
	s->policy.rotate = ROTATE_AUTO;
	s->policy.lifetime_s = 90 * DAY;
	l->contradicted = true;
	l->differs = true;
	l->last_passed = false;
	l->gone_since = NOW - HOUR;
	l->looked_at = NOW - MINUTE;
	l->gone_sweeps = 5;
}

static const struct rest RESTS[] = {
    {"held", change_hold, FORECAST_HELD, ASK_NOBODY, false},
    {"rotate = off", change_off, FORECAST_RESTS, ASK_NOBODY, false},
    {"proof = attest", change_attest, FORECAST_UNTIL, ASK_ATTEST, true},
    {"proof = resolver", change_resolver, FORECAST_UNTIL, ASK_NOBODY, true},
    {"clock", change_clock, FORECAST_UNTIL, ASK_NOBODY, true},
    {"outage", change_outage, FORECAST_UNTIL, ASK_NOBODY, true},
    {"selector taken", change_taken, FORECAST_UNTIL, ASK_NOBODY, true},
    {"lost, by hand", change_lost_by_hand, FORECAST_UNTIL, ASK_RECORD, true},
};

static void
forecast_rests_or_goes_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(RESTS) / sizeof(RESTS[0]); i++) {
		struct scene s;
		blank(&s);
		active(&s, KEY_RSA_SHA256, 12 * DAY);
		RESTS[i].change(&s);
		make(&s, NOW + 120 * DAY);
		if (s.f.end != RESTS[i].end)
			fail_msg("%s: ends as %d", RESTS[i].name, (int)s.f.end);
		if (RESTS[i].ask != ASK_NOBODY && asks(&s, RESTS[i].ask) == NULL)
			fail_msg("%s: does not ask", RESTS[i].name);
		if ((when(&s, STEP_ACTIVATE, 0) != NEVER) != RESTS[i].switches)
			fail_msg("%s: switches or not", RESTS[i].name);
		forecast_deinit(&s.f);
	}
}

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static int64_t
random_time(uint64_t *x)
{
	static const int64_t EDGES[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN + 1, 0, -1, 1};
	uint64_t kind = next_random(x) % 8;

	if (kind < 3)
		return NEVER;
	if (kind == 3)
		return EDGES[next_random(x) % (sizeof(EDGES) / sizeof(EDGES[0]))];
	return NOW + (int64_t)(next_random(x) % (uint64_t)(140 * DAY)) - 120 * DAY;
}

static void
randomize(struct scene *s, uint64_t *x)
{
	uint64_t bits = next_random(x);

	blank(s);
	if (bits & 1)
		by_hand(s);
	if (bits & 2)
		in_slots(s);
	s->policy.rotate = (enum rotate)(bits >> 2 & 3) % ROTATE_BY_PUBLISHER;
	s->policy.proof = (enum proof)((bits >> 4) % 3);
	s->policy.algorithm_count = 1 + (bits >> 8 & 1);
	s->policy.algorithms[1] = KEY_ED25519_SHA256;
	s->policy.lifetime_s = (bits >> 16) % 64 == 0 ? 1 : 90 * DAY;
	s->domain.removing_at = random_time(x);
	s->domain.roll_at = random_time(x);
	s->domain.rollback_at = random_time(x);
	s->domain.alias_wrong = bits >> 10 & 1;
	for (unsigned n = 0; n < (bits >> 12 & 3) + 1; n++) {
		struct schedule_key *k = add_key(s, (enum key_alg)(next_random(x) & 1), DAY);
		for (int i = FACT_PUBLISHED; i < FACT_COUNT; i++)
			k->facts.at[i] = random_time(x);
		k->slot = bits & 2 ? (int)n % 3 : -1;
		k->looks.looked_at = random_time(x);
		k->looks.first_pass_at = random_time(x);
		k->looks.second_pass_at = random_time(x);
		k->looks.proven_at = random_time(x);
		k->looks.gone_since = random_time(x);
		k->looks.contradicted = next_random(x) & 1;
		k->looks.gone_sweeps = next_random(x) & 7;
		k->queue_holds = next_random(x) & 1;
		k->imported_unproven = next_random(x) % 5 == 0;
		for (int d = 0; d < DEED_COUNT; d++)
			k->deeds[d] = (struct schedule_deed){.first_at = random_time(x),
			    .last_at = random_time(x),
			    .tries = next_random(x) & 3,
			    .done = next_random(x) & 1,
			    .refused = next_random(x) & 1};
	}
}

static void
forecast_of_anything_ends(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct scene s;
		randomize(&s, &x);
		make(&s, NOW + (int64_t)(next_random(&x) % 300) * DAY);
		forecast_deinit(&s.f);
	}
}

static void
forecast_of_the_past_and_of_for_ever_ends(void **state)
{
	struct scene s;

	(void)state;
	blank(&s);
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	make(&s, NOW - DAY);
	assert_int_equal(s.f.count, 0);
	assert_int_equal(s.f.end, FORECAST_UNTIL);
	forecast_deinit(&s.f);
	make(&s, INT64_MAX);
	assert_int_not_equal(s.f.count, 0);
	forecast_deinit(&s.f);
}

/* 10,000 domains: one line each. */
static void
forecast_of_the_next_event_is_quick(void **state)
{
	struct timespec begin, end;
	struct err err = ERR_INIT;
	struct scene s;

	(void)state;
	blank(&s);
	s.policy.standby = STANDBY_YES;
	active(&s, KEY_RSA_SHA256, 12 * DAY);
	ready(&s, KEY_RSA_SHA256);
	make(&s, NOW);
	forecast_deinit(&s.f);
	const struct forecast_query query = {&s.domain, &s.world, NOW + 365 * DAY, 1};
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(forecast_make(&query, &s.f, &err), 0);
		hear_forecast(&s.f);
		assert_int_equal(s.f.count, 1);
		assert_int_equal(s.f.events[0].what, STEP_ACTIVATE);
		forecast_deinit(&s.f);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	int64_t us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	print_message("1000 forecasts of one event: %lld us\n", (long long)us);
	assert_true(us < 5000000); /* with sanitizers, on a slow machine */
}

static void
words_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(WORDS);
}

static void
forecast_put_made_joins_its_reason(void **state)
{
	static const char *const whys[] = {"so that it is there", "because"};
	(void)state;

	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		struct buf text;
		buf_init(&text, 256);
		forecast_put_made(2000000000, 1990000000, whys[i], &text);
		hear(buf_str(&text));
		buf_deinit(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forecast_of_a_standby_switches_at_its_age),
	    cmocka_unit_test(forecast_without_standby_begins_in_time),
	    cmocka_unit_test(forecast_by_hand_asks_ahead_and_for_approval),
	    cmocka_unit_test(forecast_of_slots_goes_round),
	    cmocka_unit_test(forecast_of_a_removal_rests_when_all_is_gone),
	    cmocka_unit_test(forecast_of_a_stolen_key_is_short),
	    cmocka_unit_test(forecast_rests_or_goes_on),
	    cmocka_unit_test(forecast_of_anything_ends),
	    cmocka_unit_test(forecast_of_the_past_and_of_for_ever_ends),
	    cmocka_unit_test(forecast_of_the_next_event_is_quick),
	    cmocka_unit_test(forecast_put_made_joins_its_reason),
	    cmocka_unit_test(words_each_was_said), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
