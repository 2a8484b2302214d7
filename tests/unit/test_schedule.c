/* SPDX-License-Identifier: ISC */
/* Each scene is a domain in which one step is due; each row breaks one thing in it, and says what is done instead.
 * A guard that were left out would make its row fail. */
#include "keys/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE	   INT64_C(60)
#define HOUR	   (60 * MINUTE)
#define DAY	   (24 * HOUR)
#define NOW	   INT64_C(1800000000)	/* 08:00 UTC */
#define IPUB	   (30 * MINUTE + HOUR) /* Nmax + Sp */
#define IRET	   (10 * DAY + HOUR)
#define REUSE	   (HOUR + 3 * DAY + HOUR)
#define PHASE	   (22 * MINUTE) /* of the watch: key 1, one of 60 */
#define WATCHED_AT (NOW - HOUR + PHASE)
#define KEYS	   4
#define SLOTS	   8
#define DOMAIN	   (-1) /* a step of the domain, not of a key */
#define ANYTIME	   INT64_MAX
#define ODD	   5 /* a key with this id has an odd jitter */

struct scene {
	struct key_policy policy;
	struct schedule_times times;
	struct schedule_key keys[KEYS];
	struct schedule_slot slots[SLOTS];
	struct schedule_domain domain;
	struct schedule_world world;
};

static void
add_key(struct scene *s, enum key_alg alg, int64_t age_s)
{
	struct schedule_key *k = &s->keys[s->domain.key_count];
	static const char *const SELECTORS[KEYS] = {"one", "two", "three", "four"};

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
}

static void
tried(struct schedule_key *k, enum deed deed, int64_t ago_s)
{
	k->deeds[deed] = (struct schedule_deed){
	    .first_at = NOW - ago_s, .last_at = NOW - ago_s, .tries = 1, .done = true};
}

static void
published(struct schedule_key *k, int64_t ago_s)
{
	k->facts.at[FACT_PUBLISHED] = NOW - ago_s;
	tried(k, DEED_PUBLISH, ago_s);
}

/* Proven, and seen again seen_s ago. */
static void
verified(struct schedule_key *k, int64_t ago_s, int64_t seen_s)
{
	k->facts.at[FACT_VERIFIED] = k->looks.proven_at = NOW - ago_s;
	k->looks.looked_at = k->looks.passed_at = NOW - seen_s;
	k->looks.last_passed = true;
}

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
		.watch_phases = 60,
		.signers = {.needed = true, .asked_at = NEVER, .table_at = NOW - 100 * DAY}},
	    .world = {.now = NOW, .clock_trusted = true},
	};
}

/* One key that signs since age_s, and is fine. */
static void
active_of(struct scene *s, int64_t age_s)
{
	struct schedule_key *k = &s->keys[s->domain.key_count];

	add_key(s, KEY_RSA_SHA256, age_s + DAY);
	published(k, age_s + DAY);
	verified(k, age_s + HOUR, 5 * MINUTE);
	k->facts.at[FACT_ACTIVATED] = NOW - age_s;
}

static void
ready_of(struct scene *s, enum key_alg alg)
{
	struct schedule_key *k = &s->keys[s->domain.key_count];

	add_key(s, alg, 2 * DAY);
	published(k, 2 * DAY);
	verified(k, DAY, 0);
	k->looks.looked_now = true;
}

/* GENERATE: nothing is there */
static void
scene_new(struct scene *s)
{
	blank(s);
}

/* PUBLISH 0 */
static void
scene_generated(struct scene *s)
{
	blank(s);
	add_key(s, KEY_RSA_SHA256, 0);
}

/* LOOK 0: published lately, the servers lack it */
static void
scene_published(struct scene *s)
{
	blank(s);
	add_key(s, KEY_RSA_SHA256, HOUR);
	published(&s->keys[0], HOUR / 2);
	s->keys[0].looks.looked_at = NOW - MINUTE;
	s->keys[0].looks.obstacle = "ns1 lacks it";
}

/* VERIFY 0 */
static void
scene_proven(struct scene *s)
{
	scene_published(s);
	s->keys[0].looks.looked_at = s->keys[0].looks.second_pass_at = NOW;
	s->keys[0].looks.first_pass_at = NOW - MINUTE;
	s->keys[0].looks.last_passed = true;
}

/* ACTIVATE 0: the domain's first key, proven just now */
static void
scene_first(struct scene *s)
{
	blank(s);
	ready_of(s, KEY_RSA_SHA256);
	s->keys[0].looks.proven_at = s->keys[0].facts.at[FACT_VERIFIED] = NOW;
}

/* ACTIVATE 1, which retires 0 */
static void
scene_switch(struct scene *s)
{
	blank(s);
	active_of(s, 90 * DAY);
	ready_of(s, KEY_RSA_SHA256);
}

/* ACTIVATE 1: 0 is compromised; 1 was seen an hour ago, the servers are mute now */
static void
scene_stolen(struct scene *s)
{
	blank(s);
	active_of(s, 9 * DAY);
	s->keys[0].facts.at[FACT_COMPROMISED] = NOW - MINUTE;
	ready_of(s, KEY_RSA_SHA256);
	s->keys[1].looks = (struct schedule_looks){.looked_at = NOW - 5 * MINUTE,
	    .passed_at = NOW - HOUR,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = NOW - 30 * DAY,
	    .gone_since = NEVER,
	    .obstacle = "mute"};
}

static void
gone(struct schedule_key *k)
{
	k->looks.contradicted = true;
	k->looks.last_passed = false;
	k->looks.looked_at = NOW - MINUTE / 2;
	k->looks.gone_since = NOW - 11 * MINUTE;
	k->looks.gone_sweeps = 3;
	k->looks.obstacle = "ns1 has no such record";
}

/* ACTIVATE 1: 0 has lost its record */
static void
scene_lost(struct scene *s)
{
	scene_stolen(s);
	s->keys[0].facts.at[FACT_COMPROMISED] = NEVER;
	gone(&s->keys[0]);
}

/* PUBLISH 0: it signs, its record is gone, no other key is proven */
static void
scene_gone(struct scene *s)
{
	blank(s);
	active_of(s, 9 * DAY);
	gone(&s->keys[0]);
}

/* NONE, but what policy asks for: one key signs, 9 days old */
static void
scene_active(struct scene *s)
{
	blank(s);
	active_of(s, 9 * DAY);
}

/* REVOKE 1 */
static void
scene_retired(struct scene *s)
{
	blank(s);
	active_of(s, 11 * DAY);
	active_of(s, 101 * DAY);
	s->keys[1].facts.at[FACT_RETIRED] = NOW - 11 * DAY;
	s->keys[1].facts.at[FACT_ACKNOWLEDGED] = NOW - 11 * DAY + MINUTE;
	s->keys[1].facts.at[FACT_DESTROYED] = NOW - 9 * DAY + MINUTE;
	s->keys[1].overlap_s = IRET;
	s->domain.signers.agree = true;
	s->domain.signers.asked_at = NOW - 11 * DAY + MINUTE;
	s->domain.signers.table_at = NOW - 11 * DAY;
}

/* ACKNOWLEDGE 1 */
static void
scene_unacknowledged(struct scene *s)
{
	scene_retired(s);
	s->keys[1].facts.at[FACT_ACKNOWLEDGED] = s->keys[1].facts.at[FACT_DESTROYED] = NEVER;
	s->keys[1].overlap_s = 0;
}

/* REVOKED 1 */
static void
scene_tombstone(struct scene *s)
{
	scene_retired(s);
	tried(&s->keys[1], DEED_REVOKE, HOUR);
	s->keys[1].looks.looked_at = s->keys[1].looks.second_pass_at = NOW - MINUTE;
	s->keys[1].looks.first_pass_at = NOW - 3 * MINUTE;
	s->keys[1].looks.proven_at = NEVER;
}

/* REMOVE 1 */
static void
scene_revoked(struct scene *s)
{
	scene_retired(s);
	s->keys[1].facts.at[FACT_REVOKED] = NOW - 30 * DAY;
	tried(&s->keys[1], DEED_REVOKE, 30 * DAY);
	s->keys[1].looks.looked_at = NOW - 30 * DAY;
}

/* REMOVED 1 */
static void
scene_absent(struct scene *s)
{
	scene_revoked(s);
	tried(&s->keys[1], DEED_REMOVE, HOUR);
	s->keys[1].looks.second_pass_at = NOW - MINUTE;
}

/* NONE: 1 is over */
static void
scene_removed(struct scene *s)
{
	scene_revoked(s);
	s->keys[1].facts.at[FACT_REMOVED] = NOW - DAY;
}

/* REVOKE 1: it was stolen while it signed, and 0 has taken over a minute ago */
static void
scene_thief(struct scene *s)
{
	scene_unacknowledged(s);
	s->keys[1].facts.at[FACT_COMPROMISED] = NOW - HOUR;
	s->keys[1].facts.at[FACT_RETIRED] = NOW - MINUTE;
	s->domain.signers.asked_at = NEVER;
}

/* DESTROY 1: it was proven, and was given up */
static void
scene_abandoned(struct scene *s)
{
	scene_active(s);
	ready_of(s, KEY_RSA_SHA256);
	s->keys[1].facts.at[FACT_ABANDONED] = NOW - MINUTE;
}

/* RETIRE 0: the domain is being removed */
static void
scene_removing(struct scene *s)
{
	scene_active(s);
	s->domain.removing_at = NOW - MINUTE;
}

static void
into_slots(struct scene *s)
{
	s->policy.mode = MODE_SLOTS;
	s->policy.slots = 3;
	s->policy.ttl_s = 5 * MINUTE;
	for (size_t i = 0; i < s->domain.key_count; i++)
		s->keys[i].slot = (int)i;
	for (int i = 0; i < 3; i++)
		s->slots[i] = (struct schedule_slot){.alg = KEY_RSA_SHA256,
		    .slot = i,
		    .prepared = true,
		    .free_at = NEVER,
		    .deed_at = NEVER};
	s->domain.slot_count = 3;
}

/* GENERATE into slot 2: 0 signs, 1 is in overlap, a standby is wanted */
static void
scene_slots(struct scene *s)
{
	scene_retired(s);
	into_slots(s);
	s->policy.standby = STANDBY_YES;
}

static void
scene_slots_first(struct scene *s)
{
	scene_new(s);
	into_slots(s);
}

static void
scene_slots_switch(struct scene *s)
{
	scene_switch(s);
	into_slots(s);
	s->keys[1].looks.proven_at = NOW - 4 * DAY;
}

/* REMOVED 1: its slot has rested */
static void
scene_slots_revoked(struct scene *s)
{
	scene_revoked(s);
	into_slots(s);
}

static void
scene_slots_abandoned(struct scene *s)
{
	scene_abandoned(s);
	into_slots(s);
	s->keys[1].facts.at[FACT_DESTROYED] = NOW;
}

/* ACTIVATE 1: Ed25519 joins */
static void
scene_joins(struct scene *s)
{
	scene_active(s);
	s->policy.algorithms[s->policy.algorithm_count++] = KEY_ED25519_SHA256;
	ready_of(s, KEY_ED25519_SHA256);
}

/* ACTIVATE 1, 2 stands by behind it */
static void
scene_two_ready(struct scene *s)
{
	scene_switch(s);
	ready_of(s, KEY_RSA_SHA256);
}

/* ACTIVATE 1: an Ed25519 key joins, and one of them signed before */
static void
scene_joins_again(struct scene *s)
{
	scene_joins(s);
	active_of(s, 20 * DAY);
	s->keys[2].alg = KEY_ED25519_SHA256;
	s->keys[2].facts.at[FACT_RETIRED] = NOW - DAY;
}

/* VERIFY 0, by resolvers */
static void
scene_resolvers(struct scene *s)
{
	scene_published(s);
	s->policy.proof = PROOF_RESOLVER;
	published(&s->keys[0], 2 * DAY);
	s->keys[0].looks.resolver_passes = 3;
	s->keys[0].looks.resolver_first_at = NOW - HOUR;
	s->keys[0].looks.resolver_last_at = s->keys[0].looks.looked_at = NOW;
	s->keys[0].looks.last_passed = true;
}

struct set {
	size_t offset, size;
	int64_t value;
	const char *text; /* of a text, else NULL */
};
#define SET(field, value)                                                                          \
	{                                                                                          \
		offsetof(struct scene, field), sizeof(((struct scene *)NULL)->field), value, NULL  \
	}
#define SILENT(field)                                                                              \
	{                                                                                          \
		offsetof(struct scene, field), sizeof(char *), 0, "ns2 is silent"                  \
	}
#define FACT(n, fact, value)   SET(keys[n].facts.at[FACT_##fact], value)
#define LOOKS(n, field, value) SET(keys[n].looks.field, value)
#define MUTE(n)		       LOOKS(n, last_passed, false)

struct row {
	const char *name;
	void (*scene)(struct scene *);
	struct set sets[7];
	int key; /* or DOMAIN: its last step */
	enum step_what want;
	enum step_wait wait;
	int64_t earliest; /* or ANYTIME */
	const char *why;  /* part of it */
};

#define N			 STEP_NONE
#define AT(what, wait, earliest) STEP_##what, WAIT_##wait, earliest

static const struct row rows[] = {
    /* 1: nothing -> GENERATED */
    {"new", scene_new, {{0}}, DOMAIN, AT(GENERATE, NOTHING, NOW), "no key of this algorithm"},
    {"new_clock", scene_new, {SET(world.clock_trusted, false)}, DOMAIN, AT(NONE, CLOCK, NEVER),
	"clock"},
    {"new_held", scene_new, {SET(domain.held, true)}, DOMAIN, AT(NONE, HOLD, NEVER), "held"},
    {"new_alias_says_which", scene_new, {SET(domain.alias_wrong, true), SILENT(domain.alias_why)},
	DOMAIN, AT(NONE, PERSON, NEVER), "made: ns2 is silent"},
    {"new_alias", scene_new, {SET(domain.alias_wrong, true)}, DOMAIN, AT(NONE, PERSON, NEVER),
	"alias"},
    {"active_begins_before_it_is_due", scene_active, {{0}}, DOMAIN,
	AT(GENERATE, TIME, NOW + 81 * DAY - (10 * MINUTE + IPUB + DAY)), "due to be replaced"},
    {"active_spread_begins_later", scene_active, {SET(policy.spread_s, 2), SET(keys[0].id, ODD)},
	DOMAIN, AT(GENERATE, TIME, NOW + 81 * DAY - (10 * MINUTE + IPUB + DAY) + 1), "due"},
    {"active_slow_dns_counts_for_a_quarter_at_most", scene_active,
	{SET(domain.propagation_max_s, 80 * DAY)}, DOMAIN,
	AT(GENERATE, TIME, NOW + 81 * DAY - (90 * DAY / 4 + IPUB + DAY)), "due"},
    {"active_unmeasured_zone_counts_as_stale", scene_active, {SET(keys[0].negative_max_s, NEVER)},
	DOMAIN, AT(GENERATE, TIME, NOW + 81 * DAY - (10 * MINUTE + 3 * DAY + HOUR + DAY)), "due"},
    {"active_old_begins_at_once", scene_active, {FACT(0, ACTIVATED, NOW - 89 * DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "due"},
    {"active_old_held", scene_active, {FACT(0, ACTIVATED, NOW - 89 * DAY), SET(domain.held, true)},
	DOMAIN, AT(NONE, HOLD, NEVER), "held"},
    {"active_of_the_future_is_due", scene_active, {FACT(0, ACTIVATED, NOW + DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "due"},
    {"active_rotate_off_begins_nothing", scene_active, {SET(policy.rotate, ROTATE_OFF)}, 0,
	AT(LOOK, TIME, NOW + PHASE), "signs"},
    {"rolled_begins_at_once", scene_active, {SET(domain.roll_at, NOW)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "roll"},
    {"rolled_though_rotation_is_off", scene_active,
	{SET(domain.roll_at, NOW), SET(policy.rotate, ROTATE_OFF)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "roll"},
    {"rolled_before_it_was_activated_is_done", scene_active, {SET(domain.roll_at, NOW - 9 * DAY)},
	DOMAIN, AT(GENERATE, TIME, ANYTIME), "due"},
    {"rolled_and_then_activated_under_a_wrong_clock", scene_active,
	{SET(domain.roll_at, NOW - DAY), FACT(0, ACTIVATED, NOW + DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "due to be replaced"},
    {"rolled_in_the_future_is_ignored", scene_active, {SET(domain.roll_at, NOW + DAY)}, DOMAIN,
	AT(GENERATE, TIME, ANYTIME), "due"},
    {"rolled_and_rolled_back", scene_active,
	{SET(domain.roll_at, NOW - HOUR), SET(domain.rollback_at, NOW)}, DOMAIN,
	AT(GENERATE, TIME, ANYTIME), "due"},
    {"standby_is_made_at_once", scene_active, {SET(policy.standby, STANDBY_YES)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "stand by"},
    {"unproven_import_is_replaced_first", scene_active, {SET(keys[0].imported_unproven, true)},
	DOMAIN, AT(GENERATE, NOTHING, NOW), "imported"},
    {"stolen_has_a_new_key_at_once", scene_active, {FACT(0, COMPROMISED, NOW)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "compromised"},
    {"stolen_has_a_new_key_though_an_alias_is_wrong", scene_active,
	{FACT(0, COMPROMISED, NOW), SET(domain.alias_wrong, true)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "compromised"},
    {"gone_record_differs_has_a_new_key", scene_gone, {LOOKS(0, differs, true)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "changed"},
    {"gone_record_differs_in_an_outage", scene_gone,
	{LOOKS(0, differs, true), SET(world.outage, true)}, DOMAIN, AT(GENERATE, TIME, ANYTIME),
	"due"},
    {"gone_record_that_cannot_be_published_has_a_new_key", scene_gone,
	{SET(keys[0].deeds[DEED_PUBLISH].refused, true)}, DOMAIN, AT(GENERATE, NOTHING, NOW),
	"changed"},
    {"gone_record_of_others_has_a_new_key", scene_gone, {FACT(0, IMPORTED, NOW - DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "changed"},
    {"stolen_standby_is_no_successor", scene_switch, {FACT(1, COMPROMISED, NOW)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "due"},
    {"taken_name_is_no_successor", scene_generated, {SET(keys[0].selector_taken, true)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "no key"},
    {"removing_makes_no_key", scene_removing, {{0}}, 0, AT(RETIRE, NOTHING, NOW), "removed"},

    /* slots: K6, K19, K25 */
    {"slots_first", scene_slots_first, {{0}}, DOMAIN, AT(GENERATE, NOTHING, NOW), "no key"},
    {"slots_are_prepared_first", scene_slots_first,
	{SET(slots[0].prepared, false), SET(slots[1].prepared, false),
	    SET(slots[2].prepared, false)},
	DOMAIN, AT(NONE, PUBLISHER, NEVER), "prepared"},
    {"slot_free", scene_slots, {{0}}, DOMAIN, AT(GENERATE, NOTHING, NOW), "stand by"},
    {"slot_rests", scene_slots, {SET(slots[2].free_at, NOW + HOUR)}, DOMAIN,
	AT(GENERATE, TIME, NOW + HOUR), "slot 3"},
    {"slot_rests_beyond_reason", scene_slots, {SET(slots[2].free_at, NOW + 100 * DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "stand by"},
    {"slot_unprepared", scene_slots, {SET(slots[2].prepared, false)}, DOMAIN,
	AT(NONE, PUBLISHER, NEVER), "prepared"},
    {"slot_of_a_smaller_policy", scene_slots, {SET(policy.slots, 2)}, DOMAIN, AT(NONE, TIME, NEVER),
	"waits for a slot"},
    {"slot_unprepared_of_a_smaller_policy", scene_slots,
	{SET(policy.slots, 2), SET(slots[2].prepared, false)}, DOMAIN, AT(NONE, TIME, NEVER),
	"waits for a slot"},
    {"slot_taken_by_the_same_key", scene_slots, {SET(keys[1].slot, 2)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "stand by"},
    {"slot_none_free", scene_slots, {SET(domain.slot_count, 2)}, DOMAIN, AT(NONE, TIME, NEVER),
	"waits for a slot"},
    {"slot_whose_key_is_removed_but_not_destroyed", scene_slots,
	{SET(domain.slot_count, 2), FACT(1, REMOVED, NOW - DAY), FACT(1, DESTROYED, NEVER)}, DOMAIN,
	AT(NONE, TIME, NEVER), "waits for a slot"},
    {"slot_whose_key_is_destroyed_and_removed", scene_slots,
	{SET(domain.slot_count, 2), FACT(1, REMOVED, NOW - DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "stand by"},
    {"slot_of_a_wrong_alias_is_not_chosen", scene_slots, {SET(slots[2].alias_wrong, true)}, DOMAIN,
	AT(NONE, PERSON, NEVER), "CNAME of each free slot"},
    {"slot_of_a_right_alias_is_chosen", scene_slots,
	{SET(slots[2].alias_wrong, true), FACT(1, REMOVED, NOW - DAY),
	    FACT(1, DESTROYED, NOW - DAY), SET(slots[1].free_at, NOW + HOUR)},
	DOMAIN, AT(GENERATE, TIME, NOW + HOUR), "slot 2"},
    {"slot_of_a_wrong_alias_unprepared", scene_slots,
	{SET(slots[2].alias_wrong, true), SET(slots[2].prepared, false)}, DOMAIN,
	AT(NONE, PUBLISHER, NEVER), "prepared"},
    {"slot_of_a_wrong_alias_for_the_first_key", scene_slots_first,
	{SET(slots[0].alias_wrong, true), SET(slots[1].alias_wrong, true),
	    SET(slots[2].alias_wrong, true)},
	DOMAIN, AT(GENERATE, NOTHING, NOW), "no key"},
    {"slot_of_a_wrong_alias_for_a_stolen_key", scene_slots,
	{SET(slots[2].alias_wrong, true), FACT(0, COMPROMISED, NOW)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "compromised"},
    {"slots_alias_wrong", scene_slots, {SET(domain.alias_wrong, true)}, DOMAIN,
	AT(NONE, PERSON, NEVER), "alias"},
    {"slots_stale_tombstone", scene_slots_switch, {{0}}, 1, AT(ACTIVATE, NOTHING, NOW),
	"seen again"},
    {"slots_stale_tombstone_waits", scene_slots_switch, {LOOKS(1, proven_at, NOW - 3 * DAY)}, 1,
	AT(ACTIVATE, TIME, NOW + 30 * MINUTE + HOUR), "slot was empty"},
    {"slots_stale_tombstone_ttl", scene_slots_switch,
	{LOOKS(1, proven_at, NOW - 3 * DAY), SET(keys[1].previous_ttl_s, HOUR)}, 1,
	AT(ACTIVATE, TIME, NOW + 2 * HOUR), "slot was empty"},
    {"slots_alias_stops_no_signing", scene_slots_switch, {SET(domain.alias_wrong, true)}, 1,
	AT(NONE, PERSON, NEVER), "alias"},
    {"slots_free_again", scene_slots_revoked, {{0}}, 1, AT(REMOVED, NOTHING, ANYTIME),
	"free again"},
    {"slots_rest_after_revocation", scene_slots_revoked, {FACT(1, REVOKED, NOW - HOUR)}, 1,
	AT(REMOVED, TIME, NOW - HOUR + 5 * MINUTE + 3 * DAY + HOUR), "slot 2"},
    {"slots_rest_after_the_largest_ttl", scene_slots_revoked,
	{FACT(1, REVOKED, NOW - HOUR), SET(keys[1].ttl_max_s, DAY)}, 1,
	AT(REMOVED, TIME, NOW - HOUR + 4 * DAY + HOUR), "slot 2"},
    {"slots_abandoned_leaves_a_tombstone", scene_slots_abandoned, {{0}}, 1,
	AT(REVOKE, NOTHING, NOW), "never signed"},
    {"slots_domain_gone_keeps_the_tombstone", scene_slots_revoked,
	{SET(domain.is_gone, true), SET(domain.removing_at, NOW - DAY),
	    FACT(1, REVOKED, NOW - HOUR)},
	1, AT(REMOVED, TIME, ANYTIME), "slot 2"},
    {"slots_domain_gone_keeps_the_first_slot", scene_slots_revoked,
	{SET(domain.is_gone, true), SET(domain.removing_at, NOW - DAY),
	    FACT(1, REVOKED, NOW - HOUR), SET(keys[1].slot, 0)},
	1, AT(REMOVED, TIME, ANYTIME), "slot 1"},
    {"slots_policy_now_txt_abandons", scene_slots_switch, {SET(policy.mode, MODE_TXT)}, 1,
	AT(ABANDON, NOTHING, NOW), "elsewhere"},
    {"slots_none_signs_and_all_are_in_overlap", scene_slots,
	{FACT(0, ACTIVATED, NEVER), FACT(0, ABANDONED, NOW)}, 1, AT(REVOKE, NOTHING, NOW), "p="},
    {"slots_none_signs_but_one_will", scene_slots, {FACT(0, ACTIVATED, NEVER)}, 1,
	AT(NONE, DNS, NEVER), "no other key"},
    {"slots_policy_now_txt_abandons_the_first", scene_slots_switch,
	{SET(policy.mode, MODE_TXT), SET(keys[1].slot, 0)}, 1, AT(ABANDON, NOTHING, NOW),
	"elsewhere"},
    {"slots_the_one_behind_the_last_abandons", scene_slots_switch, {SET(keys[1].slot, 3)}, 1,
	AT(ABANDON, NOTHING, NOW), "elsewhere"},
    {"slots_fewer_now_abandons", scene_slots_switch, {SET(policy.slots, 1)}, 1,
	AT(ABANDON, NOTHING, NOW), "elsewhere"},

    /* 2, 3: GENERATED -> PUBLISHED */
    {"generated", scene_generated, {{0}}, 0, AT(PUBLISH, NOTHING, NOW), "published"},
    {"generated_failed_once", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 1),
	    SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - 10)},
	0, AT(PUBLISH, PUBLISHER, NOW + 50), "tried 1 time, again in 50 s: no answer"},
    {"generated_failed_often", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 4), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW)},
	0, AT(PUBLISH, PUBLISHER, NOW + 8 * MINUTE), "tried 4 times"},
    {"generated_failed_for_days", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 400),
	    SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW)},
	0, AT(PUBLISH, PUBLISHER, NOW + HOUR), "tried 400 times"},
    {"generated_refused", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 1), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW),
	    SET(keys[0].deeds[DEED_PUBLISH].refused, true)},
	0, AT(PUBLISH, PUBLISHER, NOW + DAY), "again in 24 h"},
    {"generated_failed_in_the_future", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 1),
	    SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW + DAY)},
	0, AT(PUBLISH, PUBLISHER, NOW), "tried"},
    {"generated_done_but_cut_off", scene_generated,
	{SET(keys[0].deeds[DEED_PUBLISH].tries, 1), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW),
	    SET(keys[0].deeds[DEED_PUBLISH].done, true)},
	0, AT(PUBLISH, NOTHING, NOW), "published"},
    {"generated_clock", scene_generated, {SET(world.clock_trusted, false)}, 0,
	AT(NONE, CLOCK, NEVER), "clock"},
    {"generated_held", scene_generated, {SET(domain.held, true)}, 0, AT(NONE, HOLD, NEVER),
	"release"},
    {"generated_taken", scene_generated, {SET(keys[0].selector_taken, true)}, 0,
	AT(ABANDON, NOTHING, NOW), "another is chosen"},
    {"generated_dropped", scene_generated, {SET(keys[0].alg, KEY_ED25519_SHA256)}, 0,
	AT(ABANDON, NOTHING, NOW), "no longer in the policy"},
    {"generated_removing", scene_generated, {SET(domain.removing_at, NOW)}, 0,
	AT(ABANDON, NOTHING, NOW), "removed"},
    {"generated_elsewhere", scene_generated, {SET(keys[0].slot, 1)}, 0, AT(ABANDON, NOTHING, NOW),
	"elsewhere"},
    {"generated_stolen", scene_generated, {FACT(0, COMPROMISED, NOW)}, 0, AT(REVOKE, NOTHING, NOW),
	"compromised"},
    {"generated_stolen_by_hand", scene_generated,
	{FACT(0, COMPROMISED, NOW), SET(policy.by_hand, true)}, 0, AT(ABANDON, NOTHING, NOW),
	"handed out"},

    /* 4: PUBLISHED -> READY */
    {"published_looks_each_interval", scene_published, {{0}}, 0, AT(LOOK, DNS, NOW),
	"ns1 lacks it"},
    {"published_first_look", scene_published, {LOOKS(0, looked_at, NEVER)}, 0, AT(LOOK, DNS, NOW),
	"no server was asked"},
    {"published_by_hand_waits_for_a_person", scene_published, {SET(policy.by_hand, true)}, 0,
	AT(LOOK, PERSON, NOW), "ns1"},
    {"published_for_days_looks_slowly", scene_published,
	{FACT(0, PUBLISHED, NOW - 4 * DAY), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - MINUTE)},
	0, AT(LOOK, DNS, NOW + 59 * MINUTE), "ns1"},
    {"published_for_days_first_pass_is_followed_quickly", scene_published,
	{FACT(0, PUBLISHED, NOW - 4 * DAY), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - MINUTE),
	    LOOKS(0, first_pass_at, NOW - MINUTE), LOOKS(0, last_passed, true)},
	0, AT(LOOK, DNS, NOW), "second look"},
    {"published_for_days_mute_after_a_first_pass", scene_published,
	{FACT(0, PUBLISHED, NOW - 4 * DAY), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - MINUTE),
	    LOOKS(0, first_pass_at, NOW - 2 * MINUTE)},
	0, AT(LOOK, DNS, NOW), "ns1"},
    {"published_is_published_again", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - HOUR)},
	0, AT(PUBLISH, NOTHING, NOW), "again"},
    {"published_is_not_published_again_by_hand", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - HOUR),
	    SET(policy.by_hand, true)},
	0, AT(LOOK, PERSON, NOW), "ns1"},
    {"published_is_not_published_again_when_seen", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - HOUR),
	    LOOKS(0, last_passed, true), LOOKS(0, first_pass_at, NOW)},
	0, AT(LOOK, DNS, NOW + MINUTE), "second look"},
    {"published_mute_right_after_a_first_pass", scene_published,
	{LOOKS(0, first_pass_at, NOW - 50), LOOKS(0, looked_at, NOW - 20)}, 0,
	AT(LOOK, DNS, NOW + 40), "ns1"},
    {"published_nothing_said", scene_published, {LOOKS(0, obstacle, 0)}, 0, AT(LOOK, DNS, NOW),
	"not yet on every server"},
    {"published_looked_in_the_future", scene_published, {LOOKS(0, looked_at, NOW + DAY)}, 0,
	AT(LOOK, DNS, NOW), "ns1"},
    {"published_passed_in_the_future", scene_published,
	{LOOKS(0, first_pass_at, NOW + DAY), LOOKS(0, looked_at, NOW), LOOKS(0, last_passed, true)},
	0, AT(LOOK, DNS, NOW), "second look"},
    {"published_taken", scene_published, {SET(keys[0].selector_taken, true)}, 0,
	AT(ABANDON, NOTHING, NOW), "another is chosen"},
    {"published_removing", scene_published, {SET(domain.removing_at, NOW)}, 0,
	AT(ABANDON, NOTHING, NOW), "removed"},
    {"proven", scene_proven, {{0}}, 0, AT(VERIFY, NOTHING, NOW), "two equal looks"},
    {"proven_once", scene_proven, {LOOKS(0, second_pass_at, NEVER)}, 0, AT(LOOK, DNS, NOW + MINUTE),
	"second look"},
    {"proven_in_the_future", scene_proven, {LOOKS(0, second_pass_at, NOW + DAY)}, 0,
	AT(LOOK, DNS, NOW + MINUTE), "second look"},
    {"proven_clock", scene_proven,
	{SET(world.clock_trusted, false), LOOKS(0, looked_at, NOW - MINUTE)}, 0, AT(LOOK, DNS, NOW),
	"second look"},
    {"proven_clock_looked", scene_proven,
	{SET(world.clock_trusted, false), LOOKS(0, first_pass_at, NEVER)}, 0,
	AT(NONE, CLOCK, NEVER), "clock"},
    {"proven_held", scene_proven, {SET(domain.held, true), LOOKS(0, first_pass_at, NEVER)}, 0,
	AT(NONE, HOLD, NEVER), "held"},
    {"attest", scene_published, {SET(policy.proof, PROOF_ATTEST)}, 0, AT(NONE, PERSON, NEVER),
	"attest"},
    {"attest_ignores_looks", scene_proven, {SET(policy.proof, PROOF_ATTEST)}, 0,
	AT(NONE, PERSON, NEVER), "attest"},
    {"resolvers", scene_resolvers, {{0}}, 0, AT(VERIFY, NOTHING, NOW), "two equal"},
    {"resolvers_two", scene_resolvers, {LOOKS(0, resolver_passes, 2)}, 0,
	AT(LOOK, DNS, NOW + 30 * MINUTE + 1), "not yet"},
    {"resolvers_close", scene_resolvers, {LOOKS(0, resolver_first_at, NOW - HOUR + 1)}, 0,
	AT(LOOK, DNS, NOW + 30 * MINUTE + 1), "not yet"},
    {"resolvers_never", scene_resolvers, {LOOKS(0, resolver_first_at, NEVER)}, 0,
	AT(LOOK, DNS, NOW + 30 * MINUTE + 1), "not yet"},
    {"resolvers_in_the_future", scene_resolvers, {LOOKS(0, resolver_last_at, NOW + DAY)}, 0,
	AT(LOOK, DNS, NOW + 30 * MINUTE + 1), "not yet"},
    {"resolvers_not_yet_asked", scene_resolvers,
	{LOOKS(0, resolver_passes, 0), FACT(0, PUBLISHED, NOW - HOUR), LOOKS(0, looked_at, NEVER)},
	0, AT(LOOK, TIME, NOW + 23 * HOUR), "lest it remembers"},
    {"resolvers_not_asked_before_a_receiver_forgets", scene_switch,
	{SET(policy.proof, PROOF_RESOLVER), FACT(1, VERIFIED, NEVER),
	    FACT(1, PUBLISHED, NOW - HOUR), LOOKS(1, proven_at, NEVER), LOOKS(1, looked_at, NEVER)},
	1, AT(LOOK, TIME, NOW + 23 * HOUR + IPUB), "lest it remembers"},
    {"resolvers_remember", scene_resolvers,
	{LOOKS(0, resolver_passes, 0), LOOKS(0, resolver_wait_until, NOW + 2 * DAY)}, 0,
	AT(LOOK, TIME, NOW + 2 * DAY), "lest it remembers"},
    {"resolvers_remember_of_another_clock", scene_resolvers,
	{LOOKS(0, resolver_passes, 0), LOOKS(0, resolver_wait_until, NOW + 2 * DAY),
	    LOOKS(0, looked_at, NOW + DAY)},
	0, AT(LOOK, DNS, NOW), ""},

    /* 5: READY, not yet usable */
    {"first", scene_first, {{0}}, 0, AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"first_alias", scene_first, {SET(domain.alias_wrong, true)}, 0, AT(NONE, PERSON, NEVER),
	"alias"},
    {"first_needs_no_approval", scene_first, {SET(policy.rotate, ROTATE_APPROVE)}, 0,
	AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"first_though_rotation_is_off", scene_first, {SET(policy.rotate, ROTATE_OFF)}, 0,
	AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"first_waits_for_no_hour", scene_first, {SET(policy.switch_hour, 3)}, 0,
	AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"first_not_looked_now", scene_first, {LOOKS(0, looked_now, false)}, 0, AT(LOOK, DNS, NOW),
	"one more look"},
    {"first_mute_now", scene_first, {MUTE(0), LOOKS(0, passed_at, NOW - MINUTE)}, 0,
	AT(LOOK, DNS, NOW + MINUTE), "one more look"},
    {"first_attested", scene_first,
	{SET(policy.proof, PROOF_ATTEST), MUTE(0), LOOKS(0, looked_now, false),
	    LOOKS(0, looked_at, NEVER)},
	0, AT(ACTIVATE, NOTHING, NOW), "it signs"},

    /* 6: READY -> ACTIVE */
    {"switch", scene_switch, {{0}}, 1, AT(ACTIVATE, NOTHING, NOW), "one is due to be replaced"},
    {"switch_clock", scene_switch, {SET(world.clock_trusted, false)}, 1, AT(NONE, CLOCK, NEVER),
	"clock"},
    {"switch_held", scene_switch, {SET(domain.held, true)}, 1, AT(NONE, HOLD, NEVER), "held"},
    {"switch_alias", scene_switch, {SET(domain.alias_wrong, true)}, 1, AT(NONE, PERSON, NEVER),
	"alias"},
    {"switch_removing", scene_switch, {SET(domain.removing_at, NOW)}, 1, AT(ABANDON, NOTHING, NOW),
	"removed"},
    {"switch_outage_is_no_reason", scene_switch, {SET(world.outage, true)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_contradicted", scene_switch, {LOOKS(1, contradicted, true), MUTE(1)}, 1,
	AT(LOOK, DNS, NOW + MINUTE), "prove it anew"},
    {"switch_contradicted_then_passed_once", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, first_pass_at, NOW)}, 1,
	AT(LOOK, DNS, NOW + MINUTE), "second look"},
    {"switch_contradicted_then_proven", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, first_pass_at, NOW - MINUTE),
	    LOOKS(1, second_pass_at, NOW)},
	1, AT(VERIFY, NOTHING, NOW), "anew"},
    {"switch_proof_of_the_future", scene_switch, {LOOKS(1, proven_at, NOW + DAY)}, 1,
	AT(LOOK, DNS, NOW + MINUTE), "prove it anew"},
    {"switch_proven_anew_waits_anew", scene_switch, {LOOKS(1, proven_at, NOW - MINUTE)}, 1,
	AT(ACTIVATE, TIME, NOW - MINUTE + IPUB), "90 min, safety included"},
    {"switch_waits_for_the_negative_cache", scene_switch,
	{LOOKS(1, proven_at, NOW - MINUTE), SET(keys[1].negative_max_s, DAY)}, 1,
	AT(ACTIVATE, TIME, NOW - MINUTE + DAY + HOUR), "safety included"},
    {"switch_waits_for_the_cache_of_what_was_there", scene_switch,
	{LOOKS(1, proven_at, NOW - MINUTE), SET(keys[1].previous_ttl_s, DAY)}, 1,
	AT(ACTIVATE, TIME, NOW - MINUTE + DAY + HOUR), "safety included"},
    {"switch_waiting_is_looked_at_each_reprove_interval", scene_switch,
	{LOOKS(1, proven_at, NOW - HOUR), LOOKS(1, looked_at, NOW - 10 * MINUTE),
	    LOOKS(1, looked_now, false)},
	1, AT(LOOK, DNS, NOW - 0), ""},
    {"switch_young", scene_switch, {FACT(0, ACTIVATED, NOW - 90 * DAY + 1)}, 1,
	AT(ACTIVATE, TIME, NOW + 1), "one is 90 d old"},
    {"switch_spread", scene_switch, {SET(policy.spread_s, 2), SET(keys[0].id, ODD)}, 1,
	AT(ACTIVATE, TIME, NOW + 1), "stands by"},
    {"switch_standby_is_watched", scene_switch,
	{FACT(0, ACTIVATED, NOW - DAY), LOOKS(1, looked_at, NOW - HOUR),
	    LOOKS(1, looked_now, false)},
	1, AT(LOOK, DNS, WATCHED_AT), "looked at again"},
    {"switch_rolled", scene_switch, {FACT(0, ACTIVATED, NOW - DAY), SET(domain.roll_at, NOW)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "rolled"},
    {"switch_rolled_waits_for_ipub", scene_switch,
	{FACT(0, ACTIVATED, NOW - DAY), SET(domain.roll_at, NOW), LOOKS(1, proven_at, NOW)}, 1,
	AT(ACTIVATE, TIME, NOW + IPUB), "safety included"},
    {"switch_rolled_needs_a_look", scene_switch,
	{FACT(0, ACTIVATED, NOW - DAY), SET(domain.roll_at, NOW), LOOKS(1, looked_now, false)}, 1,
	AT(LOOK, DNS, NOW), "one more look"},
    {"switch_rolled_skips_hour_and_approval", scene_switch,
	{FACT(0, ACTIVATED, NOW - DAY), SET(domain.roll_at, NOW), SET(policy.switch_hour, 3),
	    SET(policy.rotate, ROTATE_APPROVE)},
	1, AT(ACTIVATE, NOTHING, NOW), "rolled"},
    {"switch_off", scene_switch, {SET(policy.rotate, ROTATE_OFF)}, 1, AT(NONE, PERSON, NEVER),
	"signpost roll"},
    {"switch_off_rolled", scene_switch, {SET(policy.rotate, ROTATE_OFF), SET(domain.roll_at, NOW)},
	1, AT(ACTIVATE, NOTHING, NOW), "rolled"},
    {"switch_unapproved", scene_switch, {SET(policy.rotate, ROTATE_APPROVE)}, 1,
	AT(NONE, PERSON, NEVER), "signpost approve"},
    {"switch_approved", scene_switch,
	{SET(policy.rotate, ROTATE_APPROVE), FACT(1, APPROVED, NOW - DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_approved_in_the_future", scene_switch,
	{SET(policy.rotate, ROTATE_APPROVE), FACT(1, APPROVED, NOW + DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_unapproved_young", scene_switch,
	{SET(policy.rotate, ROTATE_APPROVE), FACT(0, ACTIVATED, NOW - 90 * DAY + 1)}, 1,
	AT(ACTIVATE, TIME, NOW + 1), "stands by"},
    {"switch_rolled_back", scene_switch, {SET(domain.rollback_at, NOW - HOUR)}, 1,
	AT(ACTIVATE, TIME, NOW + 23 * HOUR), "rolled back"},
    {"switch_rolled_back_long_ago", scene_switch, {SET(domain.rollback_at, NOW - DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_rolled_back_in_the_future", scene_switch, {SET(domain.rollback_at, NOW + DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_hour_later_today", scene_switch, {SET(policy.switch_hour, 9)}, 1,
	AT(ACTIVATE, TIME, NOW + HOUR), "hour of the policy"},
    {"switch_hour_now", scene_switch, {SET(policy.switch_hour, 8)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"due"},
    {"switch_hour_tomorrow", scene_switch, {SET(policy.switch_hour, 7)}, 1,
	AT(ACTIVATE, TIME, NOW + 23 * HOUR), "hour"},
    {"switch_hour_delays_a_day_at_most", scene_switch,
	{SET(policy.switch_hour, 7), FACT(0, ACTIVATED, NOW - 91 * DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_not_looked_now", scene_switch, {LOOKS(1, looked_now, false)}, 1, AT(LOOK, DNS, NOW),
	"one more look"},
    {"switch_mute_now", scene_switch, {MUTE(1), SILENT(keys[1].looks.obstacle)}, 1,
	AT(LOOK, DNS, NOW + MINUTE), "but now: ns2 is silent"},
    {"switch_behind_another", scene_switch, {SET(domain.key_count, 3)}, 2, AT(NONE, TIME, NEVER),
	"behind another"},
    {"switch_overwritten", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, differs, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1)},
	1, AT(ABANDON, NOTHING, NOW), "another record"},
    {"switch_removed", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3),
	    MUTE(1)},
	1, AT(PUBLISH, NOTHING, NOW), "gone since 60 min"},
    {"switch_removed_since_a_future", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW + DAY), LOOKS(1, gone_sweeps, 3),
	    MUTE(1), SET(keys[1].deeds[DEED_PUBLISH].last_at, NOW - MINUTE)},
	1, AT(LOOK, DNS, NOW + MINUTE), "prove it anew"},
    {"switch_removed_in_an_outage", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3),
	    MUTE(1), SET(world.outage, true)},
	1, AT(LOOK, DNS, NOW + MINUTE), "prove it anew"},
    {"switch_overwritten_in_an_outage", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, differs, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1), SET(world.outage, true)},
	1, AT(LOOK, DNS, NOW + MINUTE), "prove it anew"},
    {"switch_overwritten_by_hand", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, differs, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1), SET(policy.by_hand, true)},
	1, AT(LOOK, PERSON, NOW + MINUTE), "contradicted"},
    {"switch_young_and_not_seen_for_long", scene_switch,
	{FACT(0, ACTIVATED, NOW - 9 * DAY), MUTE(1), LOOKS(1, passed_at, NOW - 2 * DAY),
	    LOOKS(1, proven_at, NOW - 20 * DAY)},
	1, AT(ACTIVATE, TIME, NOW + 81 * DAY), "stands by"},
    {"switch_rolled_after_a_rollback", scene_switch,
	{FACT(0, ACTIVATED, NOW - 9 * DAY), SET(domain.roll_at, NOW),
	    SET(domain.rollback_at, NOW - HOUR)},
	1, AT(ACTIVATE, NOTHING, NOW), "rolled"},
    {"switch_approved_waits_for_the_hour", scene_switch,
	{SET(policy.rotate, ROTATE_APPROVE), FACT(0, ACTIVATED, NOW - 92 * DAY),
	    FACT(1, APPROVED, NOW - HOUR), SET(policy.switch_hour, 3)},
	1, AT(ACTIVATE, TIME, NOW + 19 * HOUR), "in the hour"},
    {"switch_approval_is_nothing_to_auto", scene_switch,
	{FACT(0, ACTIVATED, NOW - 92 * DAY), FACT(1, APPROVED, NOW - HOUR),
	    SET(policy.switch_hour, 3)},
	1, AT(ACTIVATE, NOTHING, NOW), "due"},
    {"switch_alias_says_which", scene_switch,
	{SET(domain.alias_wrong, true), SILENT(domain.alias_why)}, 1, AT(NONE, PERSON, NEVER),
	"not sign yet: ns2 is silent"},
    {"switch_removed_by_hand", scene_switch,
	{LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3),
	    MUTE(1), SET(policy.by_hand, true)},
	1, AT(LOOK, PERSON, NOW + MINUTE), "contradicted"},

    /* K12, K29: away from a stolen or lost key */
    {"stolen", scene_stolen, {{0}}, 1, AT(ACTIVATE, NOTHING, NOW), "one is compromised"},
    {"stolen_signs_until_then", scene_stolen, {{0}}, 0, AT(NONE, NOTHING, NEVER), "two takes over"},
    {"stolen_though_held", scene_stolen, {SET(domain.held, true)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"compromised"},
    {"stolen_though_unapproved_off_hour_and_rolled_back", scene_stolen,
	{SET(policy.rotate, ROTATE_OFF), SET(policy.switch_hour, 3), SET(domain.rollback_at, NOW),
	    SET(domain.alias_wrong, true)},
	1, AT(ACTIVATE, NOTHING, NOW), "compromised"},
    {"stolen_in_an_outage", scene_stolen, {SET(world.outage, true)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"compromised"},
    {"stolen_clock", scene_stolen, {SET(world.clock_trusted, false)}, 1, AT(NONE, CLOCK, NEVER),
	"clock"},
    {"stolen_proof_too_old", scene_stolen, {LOOKS(1, passed_at, NOW - DAY - 1)}, 1,
	AT(LOOK, DNS, NOW), "as soon as it is seen"},
    {"stolen_proof_just_recent_enough", scene_stolen, {LOOKS(1, passed_at, NOW - DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "compromised"},
    {"stolen_proof_of_the_future", scene_stolen, {LOOKS(1, passed_at, NOW + DAY)}, 1,
	AT(LOOK, DNS, NOW), "as soon as it is seen"},
    {"stolen_never_seen_again", scene_stolen, {LOOKS(1, passed_at, NEVER)}, 1, AT(LOOK, DNS, NOW),
	"as soon as it is seen"},
    {"stolen_seen_by_the_last_look", scene_stolen,
	{LOOKS(1, passed_at, NEVER), LOOKS(1, last_passed, true)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"compromised"},
    {"stolen_attested_needs_no_look", scene_stolen,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, passed_at, NEVER)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "compromised"},
    {"stolen_attested_was_contradicted_before", scene_stolen,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, contradicted, true)}, 1, AT(NONE, PERSON, NEVER),
	"attest"},
    {"switch_attested_but_in_doubt", scene_switch,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, contradicted, true)}, 1, AT(NONE, PERSON, NEVER),
	"attest"},
    {"stolen_contradicted", scene_stolen, {LOOKS(1, contradicted, true)}, 1,
	AT(LOOK, DNS, NOW - 4 * MINUTE), "mute"},
    {"stolen_too", scene_stolen, {FACT(1, COMPROMISED, NOW)}, 1, AT(REVOKE, NOTHING, NOW),
	"revoked at once"},
    {"stolen_waits_less", scene_stolen,
	{LOOKS(1, proven_at, NOW - MINUTE), FACT(1, VERIFIED, NOW - MINUTE)}, 1,
	AT(ACTIVATE, TIME, NOW - MINUTE + 35 * MINUTE), "safety included"},
    {"stolen_waits_no_more_than_usual", scene_stolen,
	{LOOKS(1, proven_at, NOW - MINUTE), SET(policy.publish_safety_s, 2)}, 1,
	AT(ACTIVATE, TIME, NOW + 29 * MINUTE + 2), "safety included"},
    {"stolen_alone", scene_stolen, {SET(domain.key_count, 1)}, 0, AT(NONE, DNS, NEVER),
	"until a key"},
    {"stolen_removing_retires", scene_stolen, {SET(domain.removing_at, NOW)}, 0,
	AT(RETIRE, NOTHING, NOW), "removed"},
    {"stolen_stopped", scene_stolen, {FACT(0, RETIRED, NOW - MINUTE)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "no key signs"},
    {"lost", scene_lost, {{0}}, 1, AT(ACTIVATE, NOTHING, NOW), "has lost its record"},
    {"lost_though_held", scene_lost, {SET(domain.held, true)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"lost"},
    {"lost_in_a_held_domain_that_is_removed", scene_lost,
	{SET(domain.held, true), SET(domain.removing_at, NOW)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"lost"},
    {"stopped_in_a_held_domain", scene_stolen,
	{FACT(0, RETIRED, NOW - MINUTE), SET(domain.held, true)}, 1, AT(ACTIVATE, NOTHING, NOW),
	"no key signs"},
    {"stopped_in_a_held_domain_that_is_removed", scene_stolen,
	{FACT(0, RETIRED, NOW - MINUTE), SET(domain.held, true), SET(domain.removing_at, NOW)}, 1,
	AT(NONE, HOLD, NEVER), "held"},
    {"lost_in_a_domain_that_is_removed", scene_lost, {SET(domain.removing_at, NOW)}, 1,
	AT(ABANDON, NOTHING, NOW), "removed"},
    {"lost_in_an_outage", scene_lost, {SET(world.outage, true), SILENT(world.outage_why)}, 0,
	AT(NONE, OUTAGE, NEVER), "at once: ns2 is silent"},
    {"lost_in_an_outage_no_switch", scene_lost, {SET(world.outage, true)}, 1,
	AT(ACTIVATE, TIME, ANYTIME), "stands by"},
    {"lost_two_sweeps", scene_lost, {LOOKS(0, gone_sweeps, 2)}, 1, AT(ACTIVATE, TIME, ANYTIME),
	"stands by"},
    {"lost_since_never", scene_lost, {LOOKS(0, gone_since, NEVER)}, 1, AT(ACTIVATE, TIME, ANYTIME),
	"stands by"},
    {"lost_nine_minutes", scene_lost, {LOOKS(0, gone_since, NOW - 9 * MINUTE)}, 1,
	AT(ACTIVATE, TIME, ANYTIME), "stands by"},
    {"lost_ten_minutes", scene_lost, {LOOKS(0, gone_since, NOW - MINUTE / 2 - 10 * MINUTE)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "lost"},
    {"lost_since_a_future", scene_lost, {LOOKS(0, gone_since, NOW + DAY)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "lost"},
    {"lost_is_mended", scene_lost, {LOOKS(0, contradicted, false)}, 1, AT(ACTIVATE, TIME, ANYTIME),
	"stands by"},
    {"lost_unproven_import", scene_lost, {SET(keys[0].imported_unproven, true)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "has lost its record"},
    {"lost_switches_before_it_publishes", scene_lost, {{0}}, 0, AT(NONE, NOTHING, NEVER),
	"two takes over"},
    {"lost_publishes_when_none_can_switch", scene_lost, {LOOKS(1, proven_at, NOW)}, 0,
	AT(PUBLISH, NOTHING, NOW), "published again"},
    {"lost_attested_sees_nothing", scene_lost, {SET(policy.proof, PROOF_ATTEST)}, 0,
	AT(NONE, NOTHING, NEVER), "signs"},

    /* 7: the watch of ACTIVE */
    {"gone", scene_gone, {{0}}, 0, AT(PUBLISH, NOTHING, NOW), "11 min: it is published again"},
    {"gone_with_its_domain", scene_retired,
	{LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3),
	    MUTE(1), SET(keys[1].overlap_s, DAY), SET(domain.removing_at, NOW - 11 * DAY),
	    SET(domain.is_gone, true)},
	1, AT(REVOKE, TIME, NOW + IRET - DAY), "in overlap"},
    {"gone_two_sweeps", scene_gone, {LOOKS(0, gone_sweeps, 2)}, 0, AT(LOOK, DNS, NOW + MINUTE / 2),
	"ns1"},
    {"gone_published_just_now", scene_gone,
	{SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - MINUTE)}, 0,
	AT(LOOK, DNS, NOW + MINUTE / 2), "ns1"},
    {"gone_again_since_it_was_published", scene_gone,
	{SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - 30 * MINUTE)}, 0, AT(PUBLISH, NOTHING, NOW),
	"again"},
    {"gone_differs", scene_gone, {LOOKS(0, differs, true)}, 0, AT(NONE, PERSON, NEVER),
	"not overwritten"},
    {"gone_by_hand", scene_gone, {SET(policy.by_hand, true)}, 0, AT(NONE, PERSON, NEVER),
	"signpost records"},
    {"gone_of_others", scene_gone, {FACT(0, IMPORTED, NOW - DAY)}, 0, AT(NONE, PERSON, NEVER),
	"records"},
    {"gone_thrice", scene_gone, {SET(keys[0].removed_by_others, 3)}, 0, AT(NONE, PERSON, NEVER),
	"another tool"},
    {"gone_held", scene_gone, {SET(domain.held, true)}, 0, AT(NONE, HOLD, NEVER), "held"},
    {"gone_clock", scene_gone, {SET(world.clock_trusted, false), SILENT(world.clock_why)}, 0,
	AT(NONE, CLOCK, NEVER), "ns2 is silent"},
    {"gone_outage", scene_gone, {SET(world.outage, true)}, 0, AT(NONE, OUTAGE, NEVER), "outage"},
    {"gone_is_looked_at_first", scene_gone, {LOOKS(0, looked_at, NOW - MINUTE)}, 0,
	AT(LOOK, DNS, NOW), "ns1"},
    {"gone_and_back", scene_gone, {LOOKS(0, second_pass_at, NOW)}, 0, AT(VERIFY, NOTHING, NOW),
	"two looks"},
    {"active", scene_active, {{0}}, 0, AT(LOOK, TIME, NOW + PHASE), "signs"},
    {"active_hourly", scene_active, {LOOKS(0, looked_at, NOW - HOUR)}, 0, AT(LOOK, DNS, WATCHED_AT),
	"looked at"},
    {"active_looked_in_the_future", scene_active, {LOOKS(0, looked_at, NOW + DAY)}, 0,
	AT(LOOK, DNS, NOW), "looked at"},
    {"active_clock_still_looks", scene_active,
	{LOOKS(0, looked_at, NOW - HOUR), SET(world.clock_trusted, false)}, 0,
	AT(LOOK, DNS, WATCHED_AT), "looked at"},
    {"active_held_still_looks", scene_active,
	{LOOKS(0, looked_at, NOW - HOUR), SET(domain.held, true)}, 0, AT(LOOK, DNS, WATCHED_AT),
	"looked at"},
    {"active_unproven_import", scene_active,
	{SET(keys[0].imported_unproven, true), MUTE(0), LOOKS(0, looked_at, NOW - HOUR)}, 0,
	AT(LOOK, DNS, WATCHED_AT), "looked at"},
    {"active_unproven_import_waits", scene_active,
	{SET(keys[0].imported_unproven, true), MUTE(0), LOOKS(0, looked_at, NOW)}, 0,
	AT(LOOK, DNS, NOW + PHASE), "replaced first"},
    {"active_unproven_import_stays_so", scene_active,
	{SET(keys[0].imported_unproven, true), LOOKS(0, second_pass_at, NOW)}, 0,
	AT(LOOK, DNS, ANYTIME), "replaced first"},
    {"gone_unproven_import", scene_gone, {SET(keys[0].imported_unproven, true)}, 0,
	AT(NONE, PERSON, NEVER), "records"},
    {"gone_unproven_import_has_a_new_key", scene_gone, {SET(keys[0].imported_unproven, true)},
	DOMAIN, AT(GENERATE, NOTHING, NOW), "changed"},
    {"active_dropped", scene_joins, {SET(policy.algorithm_count, 1), FACT(1, ACTIVATED, NOW - DAY)},
	1, AT(RETIRE, NOTHING, NOW), "no longer in the policy"},
    {"active_twice", scene_switch, {FACT(1, ACTIVATED, NOW - DAY)}, 0, AT(RETIRE, NOTHING, NOW),
	"two signs too"},
    {"active_twice_newer_stays", scene_switch, {FACT(1, ACTIVATED, NOW - DAY)}, 1,
	AT(LOOK, TIME, NOW + PHASE), "signs"},
    {"active_twice_newer_is_stolen", scene_switch,
	{FACT(1, ACTIVATED, NOW - DAY), FACT(1, COMPROMISED, NOW)}, 1, AT(RETIRE, NOTHING, NOW),
	"one signs too"},
    {"active_twice_newer_is_unproven", scene_switch,
	{FACT(1, ACTIVATED, NOW - DAY), SET(keys[1].imported_unproven, true)}, 1,
	AT(RETIRE, NOTHING, NOW), "one signs too"},
    {"active_twice_both_stolen", scene_switch,
	{FACT(1, ACTIVATED, NOW - DAY), FACT(1, COMPROMISED, NOW), FACT(0, COMPROMISED, NOW)}, 0,
	AT(NONE, DNS, NEVER), "until a key"},
    {"active_twice_newer_is_gone", scene_switch,
	{FACT(1, ACTIVATED, NOW - DAY), LOOKS(1, contradicted, true),
	    LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3)},
	0, AT(LOOK, TIME, ANYTIME), "signs"},
    {"active_twice_both_unproven", scene_switch,
	{FACT(1, ACTIVATED, NOW - DAY), SET(keys[1].imported_unproven, true),
	    SET(keys[0].imported_unproven, true)},
	0, AT(LOOK, DNS, ANYTIME), "replaced first"},
    {"active_removing", scene_removing, {{0}}, 0, AT(RETIRE, NOTHING, NOW), "removed"},
    {"active_removing_clock", scene_removing, {SET(world.clock_trusted, false)}, 0,
	AT(NONE, CLOCK, NEVER), "clock"},
    {"active_removing_held", scene_removing, {SET(domain.held, true)}, 0, AT(NONE, HOLD, NEVER),
	"held"},
    {"active_removing_ed25519_first", scene_joins,
	{SET(domain.removing_at, NOW), FACT(1, ACTIVATED, NOW - DAY)}, 0, AT(NONE, TIME, NEVER),
	"Ed25519"},
    {"active_removing_ed25519", scene_joins,
	{SET(domain.removing_at, NOW), FACT(1, ACTIVATED, NOW - DAY)}, 1, AT(RETIRE, NOTHING, NOW),
	"removed"},

    /* K27: Ed25519 */
    {"ed25519_joins", scene_joins, {{0}}, 1, AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"ed25519_alone", scene_joins, {FACT(0, ACTIVATED, NEVER)}, 1, AT(NONE, DNS, NEVER), "RSA"},
    {"ed25519_alone_after_rsa", scene_joins, {FACT(0, RETIRED, NOW - DAY)}, 1, AT(NONE, DNS, NEVER),
	"RSA"},
    {"ed25519_beside_an_rsa_key_in_doubt", scene_joins, {LOOKS(0, contradicted, true)}, 1,
	AT(NONE, DNS, NEVER), "RSA"},
    {"ed25519_waits_for_ipub", scene_joins, {LOOKS(1, proven_at, NOW)}, 1,
	AT(ACTIVATE, TIME, NOW + IPUB), "safety included"},
    {"ed25519_needs_no_approval_to_join", scene_joins, {SET(policy.rotate, ROTATE_APPROVE)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "it signs"},
    {"ed25519_missing", scene_joins, {SET(domain.key_count, 1)}, DOMAIN, AT(GENERATE, NOTHING, NOW),
	"no key"},
    {"ed25519_stolen_alone_is_no_rescue", scene_joins,
	{FACT(0, RETIRED, NOW - DAY), FACT(1, ACTIVATED, NOW - DAY), FACT(1, COMPROMISED, NOW)}, 1,
	AT(NONE, DNS, NEVER), "until a key"},

    /* acknowledgement: K1 */
    {"unacknowledged", scene_unacknowledged, {{0}}, 1, AT(ACKNOWLEDGE, NOTHING, NOW), "left it"},
    {"unacknowledged_disagree", scene_unacknowledged, {SET(domain.signers.agree, false)}, 1,
	AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_laggard", scene_unacknowledged,
	{SET(domain.signers.agree, false), SILENT(domain.signers.laggard)}, 1,
	AT(NONE, SIGNERS, NEVER), "ns2 is silent"},
    {"unacknowledged_asks", scene_unacknowledged, {SET(domain.signers.agree, false)}, DOMAIN,
	AT(ASK_SIGNERS, SIGNERS, NOW - 11 * DAY + 2 * MINUTE), "every milter"},
    {"unacknowledged_asks_the_laggard", scene_unacknowledged,
	{SET(domain.signers.agree, false), SILENT(domain.signers.laggard)}, DOMAIN,
	AT(ASK_SIGNERS, SIGNERS, ANYTIME), "ns2 is silent"},
    {"unacknowledged_asked_before_the_table", scene_unacknowledged,
	{SET(domain.signers.asked_at, NOW - HOUR), SET(domain.signers.table_at, NOW - HOUR)}, 1,
	AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_asks_after_the_table", scene_unacknowledged,
	{SET(domain.signers.asked_at, NOW - HOUR), SET(domain.signers.table_at, NOW - HOUR)},
	DOMAIN, AT(ASK_SIGNERS, SIGNERS, NOW - HOUR + 1), "every milter"},
    {"unacknowledged_asked_before_it_retired", scene_unacknowledged, {FACT(1, RETIRED, NOW - DAY)},
	1, AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_never_asked", scene_unacknowledged, {SET(domain.signers.asked_at, NEVER)}, 1,
	AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_asked_in_the_future", scene_unacknowledged,
	{SET(domain.signers.asked_at, NOW + DAY)}, 1, AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_table_of_the_future", scene_unacknowledged,
	{SET(domain.signers.table_at, NOW + DAY)}, 1, AT(NONE, SIGNERS, NEVER), "every milter"},
    {"unacknowledged_table_of_the_future_asked_now", scene_unacknowledged,
	{SET(domain.signers.table_at, NOW + DAY), SET(domain.signers.asked_at, NOW - 5)}, 1,
	AT(ACKNOWLEDGE, NOTHING, NOW), "left it"},
    {"unacknowledged_none_may_sign", scene_unacknowledged,
	{SET(domain.signers.needed, false), SET(domain.signers.agree, false)}, 1,
	AT(ACKNOWLEDGE, NOTHING, NOW), "no rule"},
    {"unacknowledged_clock", scene_unacknowledged, {SET(world.clock_trusted, false)}, 1,
	AT(NONE, CLOCK, NEVER), "clock"},
    {"unacknowledged_keeps_its_record", scene_unacknowledged,
	{SET(domain.signers.agree, false), LOOKS(1, contradicted, true),
	    LOOKS(1, gone_since, NOW - HOUR), LOOKS(1, gone_sweeps, 3), MUTE(1),
	    LOOKS(1, looked_at, NOW)},
	1, AT(PUBLISH, NOTHING, NOW), "published again"},

    /* 8: overlap -> revocation */
    {"retired", scene_retired, {{0}}, 1, AT(REVOKE, NOTHING, NOW), "becomes p="},
    {"retired_by_hand_asks", scene_retired, {SET(policy.by_hand, true)}, 1, AT(REVOKE, PERSON, NOW),
	"p="},
    {"retired_overlaps", scene_retired, {SET(keys[1].overlap_s, IRET - 1)}, 1,
	AT(REVOKE, TIME, NOW + 1), "10 d 1 h"},
    {"retired_overlaps_longest_queue", scene_retired, {SET(keys[1].queue_max_s, 6 * DAY)}, 1,
	AT(REVOKE, TIME, NOW + DAY), "11 d 1 h"},
    {"retired_overlaps_longest_delay", scene_retired, {SET(keys[1].delay_max_s, 6 * DAY)}, 1,
	AT(REVOKE, TIME, NOW + DAY), "11 d 1 h"},
    {"retired_overlaps_longest_signature", scene_retired, {SET(keys[1].signature_max_s, 11 * DAY)},
	1, AT(REVOKE, TIME, NOW + DAY), "11 d 1 h"},
    {"retired_overlaps_a_longer_policy", scene_retired, {SET(policy.queue_lifetime_s, 6 * DAY)}, 1,
	AT(REVOKE, TIME, NOW + DAY), "11 d 1 h"},
    {"retired_overlaps_signature_of_the_policy", scene_retired,
	{SET(policy.signature_lifetime_s, 11 * DAY)}, 1, AT(REVOKE, TIME, NOW + DAY), "11 d 1 h"},
    {"retired_wall_clock_counts_nothing", scene_retired,
	{SET(keys[1].overlap_s, 0), FACT(1, ACKNOWLEDGED, NOW - 1000 * DAY)}, 1,
	AT(REVOKE, TIME, NOW + IRET), "counted"},
    {"retired_queue_holds", scene_retired, {SET(keys[1].queue_holds, true)}, 1,
	AT(NONE, QUEUE, NEVER), "queue"},
    {"retired_queue_held_then_waits_for_the_next_hop", scene_retired,
	{SET(keys[1].queue_held, true), SET(keys[1].queue_clear_s, 5 * DAY + HOUR - 1)}, 1,
	AT(REVOKE, TIME, NOW + 1), "left our queue late"},
    {"retired_queue_held_the_longest_delay_counts", scene_retired,
	{SET(keys[1].queue_held, true), SET(keys[1].queue_clear_s, 5 * DAY + HOUR),
	    SET(keys[1].overlap_s, 99 * DAY), SET(keys[1].delay_max_s, 6 * DAY)},
	1, AT(REVOKE, TIME, NOW + DAY), "left our queue late"},
    {"retired_queue_held_long_ago", scene_retired,
	{SET(keys[1].queue_held, true), SET(keys[1].queue_clear_s, 5 * DAY + HOUR)}, 1,
	AT(REVOKE, NOTHING, NOW), "p="},
    {"retired_no_other", scene_retired, {FACT(0, ACTIVATED, NEVER)}, 1, AT(NONE, DNS, NEVER),
	"no other key"},
    {"retired_other_mute", scene_retired, {MUTE(0)}, 1, AT(NONE, DNS, NEVER), "one, which signs"},
    {"retired_other_contradicted", scene_retired, {LOOKS(0, contradicted, true)}, 1,
	AT(NONE, DNS, NEVER), "one, which signs"},
    {"retired_other_not_seen_lately", scene_retired, {LOOKS(0, looked_at, NOW - 2 * HOUR - 1)}, 1,
	AT(NONE, DNS, NEVER), "one, which signs"},
    {"retired_other_seen_in_the_future", scene_retired, {LOOKS(0, looked_at, NOW + DAY)}, 1,
	AT(NONE, DNS, NEVER), "one, which signs"},
    {"retired_other_unproven", scene_retired, {SET(keys[0].imported_unproven, true)}, 1,
	AT(NONE, DNS, NEVER), "one, which signs"},
    {"retired_other_attested", scene_retired, {SET(policy.proof, PROOF_ATTEST), MUTE(0)}, 1,
	AT(REVOKE, NOTHING, NOW), "p="},
    {"retired_clock", scene_retired, {SET(world.clock_trusted, false)}, 1, AT(NONE, CLOCK, NEVER),
	"clock"},
    {"retired_held", scene_retired, {SET(domain.held, true)}, 1, AT(NONE, HOLD, NEVER), "held"},
    {"retired_imported", scene_retired, {FACT(1, IMPORTED, NOW - 200 * DAY)}, 1,
	AT(NONE, NOTHING, NEVER), "not ours"},
    {"retired_unproven", scene_retired, {SET(keys[1].imported_unproven, true)}, 1,
	AT(NONE, NOTHING, NEVER), "not ours"},
    {"retired_last_of_a_removed_domain", scene_retired,
	{FACT(0, ACTIVATED, NEVER), SET(domain.removing_at, NOW - DAY)}, 1,
	AT(REVOKE, NOTHING, NOW), "p="},
    {"retired_last_of_a_dropped_algorithm", scene_retired,
	{FACT(0, ACTIVATED, NEVER), SET(keys[1].alg, KEY_ED25519_SHA256)}, 1,
	AT(REVOKE, NOTHING, NOW), "p="},
    {"retired_domain_gone", scene_retired,
	{FACT(0, ACTIVATED, NEVER), SET(domain.removing_at, NOW - DAY), SET(domain.is_gone, true)},
	1, AT(REVOKED, NOTHING, NOW), "does not exist"},
    {"retired_domain_gone_but_not_removed", scene_retired, {SET(domain.is_gone, true)}, 1,
	AT(REVOKE, NOTHING, NOW), "p="},
    {"retired_domain_gone_overlaps", scene_retired,
	{SET(domain.removing_at, NOW - DAY), SET(domain.is_gone, true), SET(keys[1].overlap_s, 0)},
	1, AT(REVOKE, TIME, NOW + IRET), "overlap"},
    {"retired_is_watched", scene_retired,
	{SET(keys[1].overlap_s, 0), LOOKS(1, looked_at, NOW - HOUR)}, 1, AT(LOOK, DNS, WATCHED_AT),
	"overlap"},
    {"retired_is_proven_anew", scene_retired,
	{LOOKS(1, contradicted, true), LOOKS(1, second_pass_at, NOW)}, 1, AT(VERIFY, NOTHING, NOW),
	"two looks"},
    {"retired_is_not_published_again_in_an_outage", scene_retired,
	{SET(keys[1].overlap_s, 0), LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1), LOOKS(1, looked_at, NOW), SET(world.outage, true)},
	1, AT(REVOKE, TIME, NOW + IRET), "overlap"},
    {"retired_is_not_published_again_against_another_tool", scene_retired,
	{SET(keys[1].overlap_s, 0), LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1), LOOKS(1, looked_at, NOW),
	    SET(keys[1].removed_by_others, 3)},
	1, AT(REVOKE, TIME, NOW + IRET), "overlap"},
    {"retired_import_is_watched", scene_retired,
	{FACT(1, IMPORTED, NOW - 200 * DAY), SET(keys[1].overlap_s, IRET - 1),
	    LOOKS(1, looked_at, NOW - HOUR)},
	1, AT(LOOK, DNS, WATCHED_AT), "looked at"},
    {"retired_import_is_watched_no_longer", scene_retired,
	{FACT(1, IMPORTED, NOW - 200 * DAY), LOOKS(1, looked_at, NOW - HOUR)}, 1,
	AT(NONE, NOTHING, NEVER), "not ours"},
    {"retired_import_that_passes_is_not_revoked", scene_retired,
	{FACT(1, IMPORTED, NOW - 200 * DAY), LOOKS(1, second_pass_at, NOW)}, 1,
	AT(NONE, NOTHING, NEVER), "not ours"},
    {"retired_domain_gone_is_not_looked_at", scene_retired,
	{SET(domain.removing_at, NOW - DAY), SET(domain.is_gone, true),
	    LOOKS(1, looked_at, NOW - HOUR)},
	1, AT(REVOKED, NOTHING, NOW), "not exist"},
    {"retired_is_published_again", scene_retired,
	{SET(keys[1].overlap_s, 0), LOOKS(1, contradicted, true), LOOKS(1, gone_since, NOW - HOUR),
	    LOOKS(1, gone_sweeps, 3), MUTE(1), LOOKS(1, looked_at, NOW)},
	1, AT(PUBLISH, NOTHING, NOW), "published again"},
    {"retired_destroys", scene_retired, {FACT(1, DESTROYED, NEVER), SET(keys[1].overlap_s, 0)}, 1,
	AT(DESTROY, NOTHING, NOW), "left it for"},
    {"retired_destroys_not_yet", scene_retired,
	{FACT(1, DESTROYED, NEVER), FACT(1, ACKNOWLEDGED, NOW - 2 * DAY + 1),
	    SET(keys[1].overlap_s, 0)},
	1, AT(REVOKE, TIME, NOW + IRET), "overlap"},
    {"retired_destroys_in_trusted_time", scene_retired,
	{FACT(1, DESTROYED, NEVER), FACT(1, ACKNOWLEDGED, NOW + DAY),
	    SET(keys[1].overlap_s, 2 * DAY)},
	1, AT(DESTROY, NOTHING, NOW), "left it"},
    {"retired_destroys_not_yet_in_trusted_time", scene_retired,
	{FACT(1, DESTROYED, NEVER), FACT(1, ACKNOWLEDGED, NOW + DAY),
	    SET(keys[1].overlap_s, 2 * DAY - 1)},
	1, AT(REVOKE, TIME, ANYTIME), "overlap"},
    {"retired_imported_destroys", scene_retired,
	{FACT(1, DESTROYED, NEVER), FACT(1, IMPORTED, NOW - 200 * DAY)}, 1,
	AT(DESTROY, NOTHING, NOW), "left it"},

    /* 9: REVOKING -> REVOKED */
    {"revoke_failed", scene_retired,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 2), SET(keys[1].deeds[DEED_REVOKE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW), SILENT(keys[1].deeds[DEED_REVOKE].why)},
	1, AT(REVOKE, PUBLISHER, NOW + 2 * MINUTE), "again in 2 min: ns2 is silent"},
    {"revoke_refused_is_looked_at", scene_retired,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 2), SET(keys[1].deeds[DEED_REVOKE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].refused, true), MUTE(1)},
	1, AT(LOOK, DNS, NOW - 5 * MINUTE + DAY), "revoked"},
    {"revoke_refused_by_a_person_is_asked_again", scene_retired,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 2),
	    SET(keys[1].deeds[DEED_REVOKE].first_at, NOW - DAY),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - DAY),
	    SET(keys[1].deeds[DEED_REVOKE].refused, true), MUTE(1), SET(policy.by_hand, true)},
	1, AT(REVOKE, PERSON, NOW), "p="},
    {"tombstone", scene_tombstone, {{0}}, 1, AT(REVOKED, NOTHING, NOW), "seen twice"},
    {"tombstone_held", scene_tombstone,
	{SET(domain.held, true), LOOKS(1, first_pass_at, NEVER), LOOKS(1, looked_at, NOW)}, 1,
	AT(NONE, HOLD, NEVER), "held"},
    {"tombstone_seen_once", scene_tombstone, {LOOKS(1, second_pass_at, NEVER)}, 1,
	AT(LOOK, DNS, ANYTIME), "second look"},
    {"tombstone_pair_of_the_record", scene_tombstone, {LOOKS(1, second_pass_at, NOW - HOUR - 1)}, 1,
	AT(LOOK, DNS, ANYTIME), ""},
    {"tombstone_deed_of_the_future", scene_tombstone,
	{SET(keys[1].deeds[DEED_REVOKE].first_at, NOW + DAY)}, 1, AT(REVOKED, NOTHING, NOW),
	"seen twice"},
    {"tombstone_not_seen_is_done_again", scene_tombstone,
	{LOOKS(1, second_pass_at, NEVER), LOOKS(1, first_pass_at, NEVER), MUTE(1),
	    LOOKS(1, looked_at, NOW)},
	1, AT(REVOKE, NOTHING, NOW), "p="},
    {"tombstone_not_seen", scene_tombstone,
	{LOOKS(1, second_pass_at, NEVER), LOOKS(1, first_pass_at, NEVER), MUTE(1),
	    LOOKS(1, looked_at, NOW), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - MINUTE)},
	1, AT(LOOK, DNS, NOW + MINUTE), "not yet on every server"},
    {"tombstone_not_seen_for_days", scene_tombstone,
	{LOOKS(1, second_pass_at, NEVER), LOOKS(1, first_pass_at, NEVER), MUTE(1),
	    LOOKS(1, looked_at, NOW), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - MINUTE),
	    SET(keys[1].deeds[DEED_REVOKE].first_at, NOW - 4 * DAY)},
	1, AT(LOOK, DNS, NOW + HOUR), "not yet on every server"},
    {"tombstone_by_hand_is_looked_for_rarely", scene_tombstone,
	{LOOKS(1, second_pass_at, NEVER), LOOKS(1, first_pass_at, NEVER), MUTE(1),
	    LOOKS(1, looked_at, NOW), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - MINUTE),
	    SET(policy.by_hand, true)},
	1, AT(LOOK, PERSON, NOW + DAY), "not yet"},
    {"tombstone_attested_is_believed", scene_tombstone,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, second_pass_at, NEVER)}, 1,
	AT(REVOKED, NOTHING, NOW), "attest"},
    {"tombstone_attested_by_hand", scene_tombstone,
	{SET(policy.proof, PROOF_ATTEST), SET(policy.by_hand, true), MUTE(1)}, 1,
	AT(REVOKED, NOTHING, NOW), "a person vouches"},
    {"tombstone_attested_by_the_publisher", scene_tombstone,
	{SET(policy.proof, PROOF_ATTEST), MUTE(1)}, 1, AT(REVOKED, NOTHING, NOW),
	"the publisher took"},
    {"tombstone_attested_is_not_done", scene_tombstone,
	{SET(policy.proof, PROOF_ATTEST), SET(keys[1].deeds[DEED_REVOKE].done, false), MUTE(1)}, 1,
	AT(REVOKE, NOTHING, NOW - HOUR + MINUTE), "p="},
    {"tombstone_resolvers_wait", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), LOOKS(1, second_pass_at, NEVER), MUTE(1)}, 1,
	AT(REVOKED, TIME, NOW - HOUR + DAY), "everywhere"},
    {"tombstone_resolvers_waited", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - DAY)}, 1,
	AT(REVOKED, NOTHING, NOW), "everywhere after 24 h"},
    {"tombstone_resolvers_waited_for_what_nobody_took", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - DAY),
	    SET(keys[1].deeds[DEED_REVOKE].done, false), MUTE(1)},
	1, AT(REVOKE, NOTHING, NOW - DAY + MINUTE), "p="},
    {"tombstone_seen_in_the_future", scene_tombstone, {LOOKS(1, second_pass_at, NOW + DAY)}, 1,
	AT(LOOK, DNS, ANYTIME), "second look"},
    {"absent_resolvers_by_hand", scene_absent,
	{SET(policy.proof, PROOF_RESOLVER), SET(policy.by_hand, true), LOOKS(1, looked_at, NOW)}, 1,
	AT(REMOVED, NOTHING, NOW), "resolvers that were asked have its record no more"},
    {"tombstone_resolvers_refused_and_seen", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(keys[1].deeds[DEED_REVOKE].refused, true)}, 1,
	AT(REVOKED, NOTHING, NOW), ""},
    {"tombstone_resolvers_refused_and_not_seen", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(keys[1].deeds[DEED_REVOKE].refused, true), MUTE(1),
	    LOOKS(1, first_pass_at, NEVER)},
	1, AT(LOOK, DNS, NOW - MINUTE + DAY), "not yet"},
    {"tombstone_resolvers_seen_before_the_deed", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(policy.by_hand, true),
	    LOOKS(1, looked_at, NOW - 2 * HOUR)},
	1, AT(LOOK, DNS, ANYTIME), "second look"},
    {"tombstone_not_seen_though_it_was_gone_once", scene_tombstone,
	{LOOKS(1, second_pass_at, NEVER), LOOKS(1, first_pass_at, NEVER), MUTE(1),
	    LOOKS(1, looked_at, NOW), SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - 2 * MINUTE),
	    LOOKS(1, gone_since, NOW - MINUTE)},
	1, AT(LOOK, DNS, NOW + MINUTE), "not yet on every server"},
    {"thief_of_an_import_seen_by_resolvers", scene_thief,
	{FACT(1, IMPORTED, NOW - 200 * DAY), SET(policy.proof, PROOF_RESOLVER),
	    LOOKS(1, looked_at, NOW)},
	1, AT(REVOKED, NOTHING, NOW), ""},
    {"tombstone_resolvers_by_hand", scene_tombstone,
	{SET(policy.proof, PROOF_RESOLVER), SET(policy.by_hand, true)}, 1,
	AT(REVOKED, NOTHING, NOW), "resolvers that were asked have its key no more"},

    /* K29: what a thief has */
    {"thief", scene_thief, {{0}}, 1, AT(REVOKE, NOTHING, NOW), "revoked at once"},
    {"thief_though_held", scene_thief, {SET(domain.held, true)}, 1, AT(REVOKE, NOTHING, NOW),
	"revoked at once"},
    {"thief_acknowledged_then", scene_thief,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 1), SET(keys[1].deeds[DEED_REVOKE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW), SET(domain.signers.asked_at, NOW)},
	1, AT(ACKNOWLEDGE, NOTHING, NOW), "left it"},
    {"thief_destroyed_then", scene_thief,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 1), SET(keys[1].deeds[DEED_REVOKE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW), FACT(1, ACKNOWLEDGED, NOW)},
	1, AT(DESTROY, NOTHING, NOW), "deleted"},
    {"thief_is_looked_at_before_it_is_revoked_again", scene_thief,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 1),
	    SET(keys[1].deeds[DEED_REVOKE].first_at, NOW - 2 * HOUR),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - 2 * HOUR),
	    SET(keys[1].deeds[DEED_REVOKE].done, true), LOOKS(1, looked_at, NOW - 3 * HOUR),
	    MUTE(1)},
	1, AT(LOOK, DNS, ANYTIME), "not yet on every server"},
    {"thief_seen_once_is_not_revoked_again", scene_thief,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 1),
	    SET(keys[1].deeds[DEED_REVOKE].first_at, NOW - 2 * HOUR),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW - 2 * HOUR),
	    SET(keys[1].deeds[DEED_REVOKE].done, true), LOOKS(1, looked_at, NOW - 30),
	    LOOKS(1, first_pass_at, NOW - 30)},
	1, AT(LOOK, DNS, NOW + 30), "second look"},
    {"thief_waits_for_dns", scene_thief,
	{SET(keys[1].deeds[DEED_REVOKE].tries, 1), SET(keys[1].deeds[DEED_REVOKE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].last_at, NOW),
	    SET(keys[1].deeds[DEED_REVOKE].done, true), MUTE(1)},
	1, AT(LOOK, DNS, NOW - 4 * MINUTE), "not yet on every server"},
    {"thief_of_an_import", scene_thief, {FACT(1, IMPORTED, NOW - 200 * DAY), MUTE(1)}, 1,
	AT(LOOK, DNS, ANYTIME), ""},
    {"thief_of_an_import_attested", scene_thief,
	{FACT(1, IMPORTED, NOW - 200 * DAY), SET(policy.proof, PROOF_ATTEST)}, 1,
	AT(NONE, PERSON, NEVER), "published by others"},
    {"thief_of_an_import_revoked_by_them", scene_thief,
	{FACT(1, IMPORTED, NOW - 200 * DAY), LOOKS(1, second_pass_at, NOW)}, 1,
	AT(REVOKED, NOTHING, NOW), ""},
    {"thief_of_an_import_seen_as_it_was", scene_thief,
	{FACT(1, IMPORTED, NOW - 200 * DAY), LOOKS(1, second_pass_at, NOW - 2 * MINUTE)}, 1,
	AT(LOOK, DNS, ANYTIME), ""},
    {"thief_of_an_import_seen_before_the_theft", scene_thief,
	{FACT(1, IMPORTED, NOW - 200 * DAY), LOOKS(1, second_pass_at, NOW - HOUR - 1),
	    FACT(1, RETIRED, NOW - 2 * HOUR)},
	1, AT(LOOK, DNS, ANYTIME), ""},
    {"thief_of_a_removed_domain", scene_thief,
	{SET(domain.removing_at, NOW), SET(domain.is_gone, true)}, 1, AT(REVOKED, NOTHING, NOW),
	"not exist"},

    /* 10: REVOKED -> REMOVED -> DESTROYED */
    {"revoked", scene_revoked, {{0}}, 1, AT(REMOVE, NOTHING, NOW), "needed no more"},
    {"revoked_stays", scene_revoked, {FACT(1, REVOKED, NOW - 30 * DAY + 1)}, 1,
	AT(REMOVE, TIME, NOW + 1), "p= stays for 30 d"},
    {"revoked_stays_while_it_is_cached", scene_revoked,
	{SET(policy.tombstone_s, 1), FACT(1, REVOKED, NOW - HOUR)}, 1,
	AT(REMOVE, TIME, NOW - HOUR + REUSE), "stays"},
    {"revoked_compromised_stays_a_year", scene_revoked, {FACT(1, COMPROMISED, NOW - 40 * DAY)}, 1,
	AT(REMOVE, TIME, NOW + 335 * DAY), "365 d"},
    {"revoked_compromised_stays_as_the_policy_says", scene_revoked,
	{SET(policy.compromised_tombstone_s, 60 * DAY), FACT(1, COMPROMISED, NOW - 40 * DAY)}, 1,
	AT(REMOVE, TIME, NOW + 30 * DAY), "60 d"},
    {"revoked_compromised_stays_no_shorter_than_another", scene_revoked,
	{SET(policy.compromised_tombstone_s, 1), FACT(1, COMPROMISED, NOW - 40 * DAY)}, 1,
	AT(REMOVE, NOTHING, NOW), "needed no more"},
    {"revoked_in_the_future", scene_revoked, {FACT(1, REVOKED, NOW + DAY)}, 1,
	AT(REMOVE, NOTHING, NOW), ""},
    {"revoked_by_hand_asks", scene_revoked, {SET(policy.by_hand, true)}, 1, AT(REMOVE, PERSON, NOW),
	""},
    {"revoked_held", scene_revoked, {SET(domain.held, true)}, 1, AT(NONE, HOLD, NEVER), "held"},
    {"revoked_import", scene_revoked, {FACT(1, IMPORTED, NOW - 200 * DAY)}, 1,
	AT(NONE, NOTHING, NEVER), "not ours"},
    {"revoked_before_acknowledged", scene_revoked, {FACT(1, ACKNOWLEDGED, NEVER)}, 1,
	AT(ACKNOWLEDGE, NOTHING, NOW), "left it"},
    {"revoked_before_destroyed", scene_revoked, {FACT(1, DESTROYED, NEVER)}, 1,
	AT(DESTROY, NOTHING, NOW), "deleted"},
    {"revoked_domain_gone", scene_revoked,
	{SET(domain.removing_at, NOW), SET(domain.is_gone, true)}, 1, AT(REMOVED, NOTHING, NOW),
	"not exist"},
    {"absent", scene_absent, {{0}}, 1, AT(REMOVED, NOTHING, NOW), "without its record"},
    {"absent_not_yet", scene_absent,
	{LOOKS(1, second_pass_at, NEVER), MUTE(1), LOOKS(1, looked_at, NOW),
	    SET(keys[1].deeds[DEED_REMOVE].last_at, NOW)},
	1, AT(LOOK, DNS, NOW + MINUTE), "not yet gone"},
    {"removed", scene_removed, {{0}}, 1, AT(NONE, NOTHING, NEVER), "ended"},
    {"removed_is_acknowledged_late", scene_removed,
	{FACT(1, DESTROYED, NEVER), FACT(1, ACKNOWLEDGED, NEVER)}, 1, AT(ACKNOWLEDGE, NOTHING, NOW),
	"left it"},
    {"removed_held", scene_removed, {SET(domain.held, true)}, 1, AT(NONE, NOTHING, NEVER), "ended"},
    {"removed_not_destroyed", scene_removed, {FACT(1, DESTROYED, NEVER)}, 1,
	AT(DESTROY, TIME, NOW - 9 * DAY + MINUTE), "deleted"},
    {"removed_not_acknowledged", scene_removed,
	{FACT(1, DESTROYED, NEVER), FACT(1, ACKNOWLEDGED, NEVER), SET(domain.signers.agree, false)},
	1, AT(NONE, SIGNERS, NEVER), "until every milter"},

    /* 12: ABANDONED */
    {"abandoned", scene_abandoned, {{0}}, 1, AT(DESTROY, NOTHING, NOW), "never signed"},
    {"abandoned_is_removed", scene_abandoned, {FACT(1, DESTROYED, NOW)}, 1,
	AT(REMOVE, NOTHING, NOW), "taken away"},
    {"abandoned_is_removed_by_a_person", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(policy.by_hand, true)}, 1, AT(REMOVE, PERSON, NOW),
	"taken away"},
    {"abandoned_never_handed_out", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(policy.by_hand, true), FACT(1, PUBLISHED, NEVER)}, 1,
	AT(NONE, NOTHING, NEVER), "nothing of it"},
    {"abandoned_foreign_name", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(keys[1].selector_taken, true)}, 1, AT(NONE, NOTHING, NEVER),
	"nothing of it"},
    {"abandoned_foreign_slot", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(keys[1].selector_taken, true), SET(keys[1].slot, 2)}, 1,
	AT(REVOKE, NOTHING, NOW), "taken away"},
    {"abandoned_perhaps_published", scene_abandoned,
	{FACT(1, DESTROYED, NOW), FACT(1, PUBLISHED, NEVER)}, 1, AT(REMOVE, NOTHING, NOW),
	"taken away"},
    {"abandoned_domain_gone", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(domain.removing_at, NOW), SET(domain.is_gone, true)}, 1,
	AT(REMOVED, NOTHING, NOW), "not exist"},
    {"abandoned_and_absent", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(keys[1].deeds[DEED_REMOVE].tries, 1),
	    SET(keys[1].deeds[DEED_REMOVE].first_at, NOW - HOUR), LOOKS(1, second_pass_at, NOW)},
	1, AT(REMOVED, NOTHING, NOW), "without its record"},
    {"abandoned_not_yet_absent", scene_abandoned,
	{FACT(1, DESTROYED, NOW), SET(keys[1].deeds[DEED_REMOVE].tries, 1), MUTE(1),
	    SET(keys[1].deeds[DEED_REMOVE].first_at, NOW),
	    SET(keys[1].deeds[DEED_REMOVE].last_at, NOW),
	    SET(keys[1].deeds[DEED_REMOVE].done, true)},
	1, AT(LOOK, DNS, NOW + MINUTE), "not yet gone"},
    {"abandoned_clock", scene_abandoned, {SET(world.clock_trusted, false)}, 1,
	AT(NONE, CLOCK, NEVER), "clock"},
    /* what no other row would miss */
    {"lost_and_misplaced", scene_lost, {SET(keys[1].slot, 1)}, 1, AT(ABANDON, NOTHING, NOW),
	"elsewhere"},
    {"ready_twice_and_one_contradicted", scene_two_ready, {LOOKS(1, contradicted, true)}, 2,
	AT(ACTIVATE, NOTHING, NOW), "due to be replaced"},
    {"ready_behind_one_that_is_not", scene_two_ready, {FACT(1, VERIFIED, NEVER)}, 2,
	AT(ACTIVATE, NOTHING, NOW), "due to be replaced"},
    {"ed25519_again_is_no_emergency", scene_joins_again, {LOOKS(1, proven_at, NOW - 40 * MINUTE)},
	1, AT(ACTIVATE, TIME, NOW - 40 * MINUTE + IPUB), "not there"},
    {"proven_half_a_minute_ahead", scene_proven, {LOOKS(0, second_pass_at, NOW + 30)}, 0,
	AT(VERIFY, NOTHING, NOW), "two equal looks"},
    {"never_too_old", scene_switch, {SET(policy.lifetime_s, INT64_MAX)}, 1,
	AT(ACTIVATE, TIME, ANYTIME), "stands by"},
    {"begins_before_all_time", scene_active,
	{SET(policy.ahead_s, INT64_MAX), FACT(0, ACTIVATED, -200 * DAY)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "due"},
    {"gone_since_a_future", scene_gone, {LOOKS(0, gone_since, NOW + DAY)}, 0,
	AT(PUBLISH, NOTHING, NOW), "gone since 0 s"},
    {"slots_tombstone_of_a_long_ttl", scene_slots_switch,
	{SET(policy.ttl_s, 6 * HOUR), LOOKS(1, proven_at, NOW - 3 * DAY - 5 * HOUR)}, 1,
	AT(ACTIVATE, TIME, NOW + 2 * HOUR), "receiver may remember"},
    {"retired_under_a_longer_safety", scene_retired, {SET(keys[1].safety_max_s, 2 * HOUR)}, 1,
	AT(REVOKE, TIME, NOW + HOUR), "in overlap"},
    {"switch_attested_waits", scene_switch,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, proven_at, NEVER),
	    FACT(1, VERIFIED, NOW - HOUR)},
	1, AT(ACTIVATE, TIME, NOW - HOUR + IPUB), "not there"},
    /* who vouched by a clock that ran ahead is not asked again */
    {"switch_attested_by_a_fast_clock", scene_switch,
	{SET(policy.proof, PROOF_ATTEST), LOOKS(1, proven_at, NEVER),
	    FACT(1, VERIFIED, NOW + HOUR)},
	1, AT(ACTIVATE, NOTHING, NOW), "due to be replaced"},
    {"switch_within_its_hour", scene_switch,
	{SET(policy.switch_hour, 8), FACT(0, ACTIVATED, NOW - 90 * DAY + 30 * MINUTE)}, 1,
	AT(ACTIVATE, TIME, NOW + 30 * MINUTE), "hour of the policy"},
    {"switch_ready_after_its_hour", scene_switch,
	{SET(policy.switch_hour, 3), FACT(0, ACTIVATED, NOW - 90 * DAY - 5 * HOUR),
	    LOOKS(1, proven_at, NOW - 2 * HOUR)},
	1, AT(ACTIVATE, TIME, NOW + 19 * HOUR), "hour of the policy"},
    {"slots_policy_now_slots_abandons", scene_slots_switch, {SET(keys[1].slot, -1)}, 1,
	AT(ABANDON, NOTHING, NOW), "elsewhere"},
    {"published_never_tried_here", scene_published, {SET(keys[0].deeds[DEED_PUBLISH].tries, 0)}, 0,
	AT(LOOK, DNS, NOW), "lacks it"},
    {"published_again_is_looked_at_first", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR),
	    SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW - 2 * HOUR),
	    LOOKS(0, looked_at, NOW - 3 * HOUR)},
	0, AT(LOOK, DNS, ANYTIME), "lacks it"},
    {"slot_of_another_algorithm", scene_slots,
	{SET(keys[1].alg, KEY_ED25519_SHA256), SET(domain.signers.needed, false),
	    SET(slots[2].prepared, false)},
	DOMAIN, AT(GENERATE, NOTHING, NOW), "stand by"},
    {"slot_rests_as_long_as_its_last_key", scene_slots,
	{SET(keys[1].slot, 2), FACT(1, REVOKED, NOW - DAY), FACT(1, REMOVED, NOW - HOUR),
	    SET(keys[1].ttl_max_s, DAY), SET(slots[1].prepared, false),
	    SET(slots[2].free_at, NOW + 3 * DAY + 12 * HOUR)},
	DOMAIN, AT(GENERATE, TIME, NOW + 3 * DAY + 12 * HOUR), "slot 3"},
    {"slot_that_is_free_first", scene_slots_first,
	{SET(slots[0].free_at, NOW + 2 * HOUR), SET(slots[1].free_at, NOW + HOUR),
	    SET(slots[2].free_at, NOW + 3 * HOUR)},
	DOMAIN, AT(GENERATE, TIME, NOW + HOUR), "slot 2"},
    {"abandoned_held_is_not_looked_at_before_it_is_asked_for", scene_abandoned,
	{SET(policy.by_hand, true), SET(domain.held, true),
	    SET(keys[1].deeds[DEED_REMOVE].tries, 0), LOOKS(1, looked_at, NOW - 2 * DAY)},
	1, AT(NONE, HOLD, NEVER), "held"},
    {"late_from_our_queue_under_a_longer_safety", scene_retired,
	{SET(keys[1].queue_held, true), SET(keys[1].queue_clear_s, 5 * DAY + HOUR),
	    SET(keys[1].safety_max_s, 2 * HOUR), SET(keys[1].overlap_s, IRET + HOUR)},
	1, AT(REVOKE, TIME, NOW + HOUR), "left our queue late"},
    {"imported_stolen_by_hand_was_offered", scene_generated,
	{FACT(0, COMPROMISED, NOW), FACT(0, IMPORTED, NOW - DAY), SET(policy.by_hand, true)}, 0,
	AT(DESTROY, NOTHING, NOW), "compromised before"},
    {"lost_and_the_other_not_seen_for_long", scene_lost,
	{LOOKS(1, looked_at, NOW - 30), LOOKS(1, passed_at, NEVER)}, 1, AT(LOOK, DNS, NOW + 30),
	"seen again"},
    {"lost_and_the_other_proven_lately", scene_lost,
	{LOOKS(1, proven_at, NOW - 2 * HOUR), LOOKS(1, passed_at, NEVER)}, 1,
	AT(ACTIVATE, NOTHING, NOW), "takes over"},
    {"lost_waits_for_no_alias", scene_lost,
	{LOOKS(1, proven_at, NOW - MINUTE), SET(domain.alias_wrong, true)}, 1,
	AT(ACTIVATE, TIME, NOW + 34 * MINUTE), "not there"},
    {"rsa_beside_ed25519", scene_joins, {FACT(1, ACTIVATED, NOW - DAY)}, 0,
	AT(LOOK, TIME, NOW + PHASE), "signs"},
    {"published_under_another_clock", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW + DAY)},
	0, AT(PUBLISH, NOTHING, NOW), "again"},
    {"published_under_another_clock_and_never_seen", scene_published,
	{FACT(0, PUBLISHED, NOW - 2 * HOUR), SET(keys[0].deeds[DEED_PUBLISH].last_at, NOW + DAY),
	    LOOKS(0, looked_at, NEVER)},
	0, AT(LOOK, DNS, NOW), "no server"},
    {"gone_differs_but_once", scene_gone, {LOOKS(0, differs, true), LOOKS(0, gone_sweeps, 1)}, 0,
	AT(LOOK, DNS, NOW + MINUTE / 2), "ns1"},
    {"active_in_an_outage", scene_active, {SET(world.outage, true)}, 0, AT(LOOK, TIME, NOW + PHASE),
	"signs"},
    {"active_after_a_fight", scene_active, {SET(keys[0].removed_by_others, 3)}, 0,
	AT(LOOK, TIME, NOW + PHASE), "signs"},
    {"gone_by_hand_has_no_new_key", scene_gone,
	{SET(policy.by_hand, true), LOOKS(0, differs, true)}, DOMAIN, AT(GENERATE, TIME, ANYTIME),
	"due"},
    {"gone_has_no_new_key", scene_gone, {{0}}, DOMAIN, AT(GENERATE, TIME, ANYTIME), "due"},
    {"changed_has_a_new_key_though_an_alias_is_wrong", scene_gone,
	{LOOKS(0, differs, true), SET(domain.alias_wrong, true)}, DOMAIN,
	AT(GENERATE, NOTHING, NOW), "changed"},
    {"stopped_has_a_new_key_though_an_alias_is_wrong", scene_active,
	{FACT(0, RETIRED, NOW - DAY), SET(domain.alias_wrong, true),
	    SET(domain.signers.needed, false)},
	DOMAIN, AT(GENERATE, NOTHING, NOW), "no key of this algorithm"},
};

static void
apply_set(struct scene *s, const struct set *set)
{
	char *at = (char *)s + set->offset;
	int32_t narrow = (int32_t)set->value;
	bool yes = set->value != 0;

	if (set->text != NULL)
		memcpy(at, &set->text, sizeof(set->text));
	else if (set->size == sizeof(yes))
		memcpy(at, &yes, sizeof(yes));
	else if (set->size == sizeof(narrow))
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &set->value, sizeof(set->value));
}

static size_t
run_scene(struct scene *s, struct step *steps)
{
	s->domain.policy = &s->policy;
	s->domain.keys = s->keys;
	s->domain.slots = s->slots;
	s->world.times = &s->times;
	size_t count = schedule_next(&s->domain, &s->world, steps);
	assert_true(count >= s->domain.key_count && count <= SCHEDULE_STEPS(s->domain.key_count));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(steps[i].key, i < s->domain.key_count ? i : SIZE_MAX);
		assert_true(steps[i].what < STEP_COUNT);
		if (steps[i].why[0] == '\0')
			fail_msg("step %zu (%d) tells nothing", i, (int)steps[i].what);
		assert_int_equal(steps[i].what == STEP_NONE, steps[i].earliest == NEVER);
		if (steps[i].earliest > s->world.now && steps[i].wait == WAIT_NOTHING)
			fail_msg("waits for nothing: %s", steps[i].why);
	}
	return count;
}

static void
schedule_next_table(void **state)
{
	unsigned failed = 0;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct step steps[SCHEDULE_STEPS(KEYS)];
		struct scene s;
		r->scene(&s);
		if (strcmp(r->name, "switch_behind_another") == 0) {
			ready_of(&s, KEY_RSA_SHA256);
			s.domain.key_count--;
		}
		for (size_t j = 0; j < sizeof(r->sets) / sizeof(r->sets[0]); j++) {
			if (r->sets[j].size != 0)
				apply_set(&s, &r->sets[j]);
		}
		size_t count = run_scene(&s, steps);
		const struct step *got = &steps[r->key == DOMAIN ? count - 1 : (size_t)r->key];
		if ((r->key == DOMAIN && got->key != SIZE_MAX) || got->what != r->want ||
		    got->wait != r->wait ||
		    (r->earliest != ANYTIME && got->earliest != r->earliest) ||
		    strstr(got->why, r->why) == NULL) {
			print_error(
			    "%s: step %d wait %d at %lld, want %d %d at %lld \"%s\": \"%s\"\n",
			    r->name, (int)got->what, (int)got->wait, (long long)got->earliest,
			    (int)r->want, (int)r->wait, (long long)r->earliest, r->why, got->why);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* Random facts and looks, edges of the clock among them.  Whatever the input: what I1 to I7 forbid is not done. */
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

	switch (next_random(x) % 8) {
	case 0:
	case 1:
		return NEVER;
	case 2:
		return EDGES[next_random(x) % (sizeof(EDGES) / sizeof(EDGES[0]))];
	case 3:
		return NOW + (int64_t)(next_random(x) % (uint64_t)(20 * DAY));
	case 4:
		return NOW - (int64_t)(next_random(x) % 4000);
	default:
		return NOW - (int64_t)(next_random(x) % (uint64_t)(120 * DAY));
	}
}

static void
randomize_key(struct schedule_key *k, uint64_t *x)
{
	static const enum key_fact OFTEN[] = {
	    FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED, FACT_RETIRED};
	struct schedule_looks *l = &k->looks;
	uint64_t bits = next_random(x);

	key_facts_init(&k->facts);
	for (unsigned i = 0; i < next_random(x) % 5; i++)
		k->facts.at[OFTEN[i]] = random_time(x);
	for (int i = FACT_ACKNOWLEDGED; i < FACT_COUNT; i++) {
		if (next_random(x) % 6 == 0)
			k->facts.at[i] = random_time(x);
	}
	k->alg = bits & 1 ? KEY_RSA_SHA256 : KEY_ED25519_SHA256;
	k->slot = (int)(bits >> 1 & 3) - 1;
	l->looked_now = bits >> 3 & 1;
	l->last_passed = bits >> 4 & 1;
	l->contradicted = (bits >> 5 & 3) == 0;
	l->differs = bits >> 7 & 1;
	l->gone_sweeps = bits >> 8 & 7;
	k->queue_holds = (bits >> 11 & 3) == 0;
	k->queue_held = (bits >> 13 & 3) == 0;
	k->selector_taken = (bits >> 15 & 7) == 0;
	k->imported_unproven = (bits >> 18 & 7) == 0;
	k->removed_by_others = bits >> 21 & 3;
	l->resolver_passes = bits >> 23 & 3;
	int64_t *times[] = {&l->looked_at, &l->passed_at, &l->first_pass_at, &l->second_pass_at,
	    &l->proven_at, &l->gone_since, &l->resolver_first_at, &l->resolver_last_at,
	    &l->resolver_wait_until};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] = random_time(x);
	k->negative_max_s = bits >> 25 & 1 ? NEVER : HOUR;
	k->overlap_s = (int64_t)(next_random(x) % (uint64_t)(20 * DAY));
	k->queue_clear_s = (int64_t)(next_random(x) % (uint64_t)(20 * DAY));
	for (int i = 0; i < DEED_COUNT; i++) {
		uint64_t deed = next_random(x);
		k->deeds[i] = (struct schedule_deed){.first_at = random_time(x),
		    .tries = (unsigned)(deed & 3) * (unsigned)(deed >> 2 & 31),
		    .done = deed >> 7 & 1,
		    .refused = deed >> 8 & 1};
		k->deeds[i].last_at = random_time(x);
	}
}

static void
randomize(struct scene *s, uint64_t *x)
{
	uint64_t bits = next_random(x);

	blank(s);
	s->policy.mode = (enum key_mode)(bits % 3);
	s->policy.slots = 3;
	s->policy.by_hand = (bits >> 2 & 3) == 0 && s->policy.mode != MODE_SLOTS;
	s->policy.rotate = (enum rotate)(bits >> 4 & 3) == ROTATE_BY_PUBLISHER
			       ? ROTATE_AUTO
			       : (enum rotate)(bits >> 4 & 3);
	s->policy.standby = bits >> 6 & 1 ? STANDBY_YES : STANDBY_NO;
	s->policy.proof = (bits >> 7 & 7) > 2 ? PROOF_AUTHORITATIVE : (enum proof)(bits >> 7 & 7);
	s->policy.switch_hour = bits >> 10 & 1 ? POLICY_ANY_HOUR : 3;
	s->policy.spread_s = bits >> 11 & 1 ? DAY : 0;
	s->policy.algorithms[1] = KEY_ED25519_SHA256;
	s->policy.algorithm_count = 1 + (bits >> 12 & 1);
	for (size_t i = 0; i < (bits >> 13 & 3) + 1; i++) {
		add_key(s, KEY_RSA_SHA256, DAY);
		randomize_key(&s->keys[i], x);
	}
	for (int i = 0; i < 3; i++) {
		s->slots[i] = (struct schedule_slot){
		    .slot = i, .prepared = next_random(x) % 4 != 0, .why = "why"};
		s->slots[i].free_at = random_time(x);
		s->slots[i].deed_at = random_time(x);
	}
	s->domain.slot_count = 3;
	s->domain.signers =
	    (struct schedule_signers){.needed = (bits >> 15 & 3) != 0, .agree = bits >> 17 & 1};
	s->domain.signers.asked_at = random_time(x);
	s->domain.signers.table_at = random_time(x);
	s->domain.removing_at = (bits >> 18 & 7) == 0 ? random_time(x) : NEVER;
	s->domain.roll_at = (bits >> 21 & 3) == 0 ? random_time(x) : NEVER;
	s->domain.rollback_at = (bits >> 23 & 3) == 0 ? random_time(x) : NEVER;
	s->domain.held = (bits >> 25 & 7) == 0;
	s->domain.alias_wrong = (bits >> 28 & 7) == 0;
	s->domain.is_gone = bits >> 31 & 1;
	s->world.clock_trusted = (bits >> 32 & 7) != 0;
	s->world.outage = (bits >> 35 & 7) == 0;
}

static bool
signs(const struct scene *s, size_t i)
{
	return i < s->domain.key_count && key_state_signs(key_state_of(&s->keys[i].facts));
}

static bool
any_signs(const struct scene *s, enum key_alg alg, size_t but)
{
	for (size_t i = 0; i < s->domain.key_count; i++) {
		if (i != but && signs(s, i) && s->keys[i].alg == alg)
			return true;
	}
	return false;
}

static bool
has_fact(const struct schedule_key *k, enum key_fact fact)
{
	return k->facts.at[fact] != NEVER;
}

/* What a due step would break; NULL: nothing. */
static const char *
broken_by_key_step(const struct scene *s, const struct step *step)
{
	const struct schedule_key *k = &s->keys[step->key];
	bool imported = has_fact(k, FACT_IMPORTED) || k->imported_unproven;
	enum key_state state = key_state_of(&k->facts);
	bool wanted = s->domain.removing_at == NEVER &&
		      (k->alg == KEY_RSA_SHA256 || s->policy.algorithm_count == 2);

	if (s->domain.held && step->what != STEP_LOOK && step->what != STEP_ACTIVATE &&
	    state != KEY_STATE_COMPROMISED)
		return "held";
	switch (step->what) {
	case STEP_PUBLISH:
		if (state == KEY_STATE_GENERATED)
			return NULL;
		return k->looks.differs && k->looks.contradicted && state != KEY_STATE_PUBLISHED
			   ? "overwrites"
		       : s->policy.by_hand || imported ? "not ours"
		       : state > KEY_STATE_RETIRED     ? "revived"
						       : NULL;
	case STEP_ACTIVATE:
		return state != KEY_STATE_READY	    ? "not ready"
		       : !wanted && !s->domain.held ? "not wanted"
		       : k->looks.contradicted && s->policy.proof != PROOF_ATTEST
			   ? "I2: contradicted"
		       : k->alg != KEY_RSA_SHA256 && !any_signs(s, KEY_RSA_SHA256, SIZE_MAX)
			   ? "alone"
		       : any_signs(s, k->alg, step->other) &&
			       !(step->other != SIZE_MAX && signs(s, step->other) &&
				   s->keys[step->other].alg == k->alg)
			   ? "I1: two sign"
			   : NULL;
	case STEP_RETIRE:
		return !signs(s, step->key) ? "does not sign"
		       : wanted && s->policy.mode != MODE_SLOTS && !any_signs(s, k->alg, step->key)
			   ? "I1: none signs"
			   : NULL;
	case STEP_REVOKE:
		if (imported || signs(s, step->key))
			return "I7, or signs";
		return has_fact(k, FACT_COMPROMISED) || state == KEY_STATE_ABANDONED ? NULL
		       : !has_fact(k, FACT_ACKNOWLEDGED)			     ? "K1"
		       : k->overlap_s < IRET					     ? "Iret"
		       : k->queue_holds						     ? "K8"
		       : k->queue_held && k->queue_clear_s < 5 * DAY + HOUR	     ? "K8, late"
		       : wanted && s->policy.mode != MODE_SLOTS && !any_signs(s, k->alg, step->key)
			   ? "K17"
			   : NULL;
	case STEP_REVOKED:
		return signs(s, step->key) ? "signs" : NULL;
	case STEP_REMOVE:
		return imported ? "I7" : k->slot >= 0 ? "a slot" : NULL;
	case STEP_DESTROY:
		return signs(s, step->key)						? "signs"
		       : has_fact(k, FACT_ACTIVATED) && !has_fact(k, FACT_ACKNOWLEDGED) ? "K1"
											: NULL;
	case STEP_ABANDON:
		return has_fact(k, FACT_ACTIVATED) ? "signed" : NULL;
	case STEP_LOOK:
		return step->queries == 0 ? "asks nobody" : NULL;
	default:
		return NULL;
	}
}

static const char *
broken_by_domain_step(const struct scene *s, const struct step *step)
{
	if (!s->world.clock_trusted || s->domain.held)
		return "frozen";
	if (step->what == STEP_GENERATE && s->domain.removing_at != NEVER)
		return "removing";
	if (step->what != STEP_GENERATE || s->policy.mode != MODE_SLOTS)
		return NULL;
	for (size_t i = 0; i < s->domain.key_count; i++) {
		const struct schedule_key *k = &s->keys[i];
		if (k->alg == step->alg && k->slot == step->slot &&
		    !(has_fact(k, FACT_REMOVED) && has_fact(k, FACT_DESTROYED)))
			return "I3: the slot is in use";
	}
	return s->slots[step->slot].prepared ? NULL : "not prepared";
}

static void
schedule_next_of_anything_breaks_no_invariant(void **state)
{
	uint64_t x = 88172645463325252u;
	unsigned seen[STEP_COUNT] = {0};
	(void)state;

	for (int round = 0; round < 150000; round++) {
		struct step steps[SCHEDULE_STEPS(KEYS)];
		unsigned activated[POLICY_ALGORITHMS_MAX] = {0};
		struct scene s;
		randomize(&s, &x);
		size_t count = run_scene(&s, steps);
		for (size_t i = 0; i < count; i++) {
			const struct step *step = &steps[i];
			seen[step->what]++;
			if (step->what == STEP_NONE || step->earliest > s.world.now)
				continue;
			const char *broken = step->key == SIZE_MAX ? broken_by_domain_step(&s, step)
								   : broken_by_key_step(&s, step);
			if (!s.world.clock_trusted && step->what != STEP_LOOK)
				broken = "clock";
			if (step->what == STEP_ACTIVATE && ++activated[step->alg] > 1)
				broken = "I1: two at once";
			if (broken != NULL)
				fail_msg("round %d, step %zu (%d): %s: %s", round, i,
				    (int)step->what, broken, step->why);
		}
	}
	for (int i = 0; i < STEP_COUNT; i++)
		assert_true(seen[i] > 0); /* else the rounds prove nothing of it */
}

/* K11, K14: what may permit a step is asked often, the watch of what is fine once. */
static void
schedule_next_asks_as_often_as_it_must(void **state)
{
	static const struct {
		const char *name;
		void (*scene)(struct scene *);
		struct set sets[5];
		size_t key;
		unsigned want;
	} cases[] = {
	    {"published", scene_published, {{0}}, 0, 5},
	    {"first", scene_first, {LOOKS(0, looked_now, false), LOOKS(0, looked_at, NOW - HOUR)},
		0, 5},
	    {"waits", scene_switch,
		{LOOKS(1, proven_at, NOW - HOUR), LOOKS(1, looked_at, NOW - 10 * MINUTE)}, 1, 5},
	    {"standby", scene_switch,
		{FACT(0, ACTIVATED, NOW - DAY), LOOKS(1, looked_at, NOW - HOUR)}, 1, 1},
	    {"due", scene_switch, {LOOKS(1, looked_at, NOW - HOUR)}, 1, 5},
	    {"rolled", scene_switch,
		{FACT(0, ACTIVATED, NOW - DAY), LOOKS(1, looked_at, NOW - HOUR),
		    SET(domain.roll_at, NOW)},
		1, 5},
	    {"rescue", scene_lost, {LOOKS(1, looked_at, NOW - HOUR), LOOKS(1, passed_at, NEVER)}, 1,
		5},
	    {"contradicted", scene_switch,
		{FACT(0, ACTIVATED, NOW - DAY), LOOKS(1, contradicted, true),
		    LOOKS(1, looked_at, NOW - HOUR)},
		1, 5},
	    {"stale", scene_lost, {LOOKS(1, looked_at, NOW - 30), LOOKS(1, passed_at, NEVER)}, 1,
		5},
	    {"just_before", scene_switch, {LOOKS(1, looked_now, false)}, 1, 5},
	    {"active", scene_active, {LOOKS(0, looked_at, NOW - HOUR)}, 0, 1},
	    {"gone", scene_gone, {LOOKS(0, looked_at, NOW - HOUR)}, 0, 5},
	    {"retired", scene_retired, {LOOKS(1, looked_at, NOW - HOUR), SET(keys[1].overlap_s, 0)},
		1, 1},
	    {"tombstone", scene_tombstone, {LOOKS(1, second_pass_at, NEVER)}, 1, 5},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct step steps[SCHEDULE_STEPS(KEYS)];
		struct scene s;
		cases[i].scene(&s);
		for (size_t j = 0; j < sizeof(cases[i].sets) / sizeof(cases[i].sets[0]); j++) {
			if (cases[i].sets[j].size != 0)
				apply_set(&s, &cases[i].sets[j]);
		}
		run_scene(&s, steps);
		const struct step *step = &steps[cases[i].key];
		if (step->what != STEP_LOOK || step->queries != cases[i].want ||
		    step->expect != schedule_expect(&s.domain, &s.keys[cases[i].key]))
			fail_msg("%s: step %d asks %u times", cases[i].name, (int)step->what,
			    step->queries);
	}
}

static void
schedule_intervals(void **state)
{
	struct scene s;
	(void)state;

	scene_switch(&s);
	s.domain.policy = &s.policy;
	s.domain.keys = s.keys;
	assert_int_equal(schedule_publication_interval(&s.domain, &s.keys[1]), IPUB);
	s.keys[1].previous_ttl_s = DAY;
	assert_int_equal(schedule_publication_interval(&s.domain, &s.keys[1]), DAY + HOUR);
	s.policy.mode = MODE_SLOTS;
	assert_int_equal(
	    schedule_publication_interval(&s.domain, &s.keys[1]), DAY + 3 * DAY + HOUR);
	s.keys[0].facts.at[FACT_ACTIVATED] = NEVER; /* K3: the first key */
	assert_int_equal(schedule_publication_interval(&s.domain, &s.keys[1]), 0);
	assert_int_equal(schedule_retirement_interval(&s.policy, &s.keys[0]), IRET);
}

static void
schedule_due_at_of_imports_is_spread(void **state)
{
	struct scene s;
	int64_t first = INT64_MAX, last = 0;
	(void)state;

	scene_active(&s);
	assert_int_equal(schedule_due_at(&s.policy, &s.keys[0]), NOW + 81 * DAY);
	s.keys[0].facts.at[FACT_IMPORTED] = NOW;
	for (int64_t id = 1; id <= 1000; id++) { /* K31: over L */
		s.keys[0].id = id;
		int64_t at = schedule_due_at(&s.policy, &s.keys[0]);
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	assert_in_range(first - NOW, 0, 2 * DAY);
	assert_in_range(last - NOW, 88 * DAY, 90 * DAY);
	s.keys[0].imported_unproven = true;
	assert_int_equal(schedule_due_at(&s.policy, &s.keys[0]), NOW - 9 * DAY);
	s.keys[0].facts.at[FACT_ACTIVATED] = NEVER;
	assert_int_equal(schedule_due_at(&s.policy, &s.keys[0]), NEVER);
}

static void
schedule_jitter_is_even_and_fixed(void **state)
{
	unsigned count[10] = {0};
	(void)state;

	for (int64_t id = 0; id < 10000; id++) {
		int64_t jitter = schedule_jitter(id, 10);
		assert_in_range(jitter, 0, 9);
		assert_int_equal(jitter, schedule_jitter(id, 10));
		count[jitter]++;
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(count[i], 800, 1200);
	assert_int_equal(schedule_jitter(7, 0), 0);
}

/* However many are seen at once: the next look of each is within the hour, they are spread over it, and stay so. */
static void
schedule_watch_is_spread(void **state)
{
	unsigned count[60] = {0};
	(void)state;

	for (int64_t id = 0; id < 6000; id++) {
		struct schedule_key oldest = {.id = id};
		struct schedule_domain d = {.keys = &oldest, .key_count = 1, .watch_phases = 1000};
		int64_t at = schedule_watch_at(&d, NOW + 7, HOUR);
		assert_in_range(at, NOW + 8, NOW + 7 + HOUR);
		assert_int_equal(schedule_watch_at(&d, at + 90, HOUR), at + HOUR);
		assert_int_equal(schedule_watch_at(&d, at, HOUR), at + HOUR);
		assert_int_equal(at % MINUTE, 0); /* no more than one pass a minute */
		assert_in_range(schedule_watch_at(&d, NOW + 7, 8 * HOUR), NOW + 8 + 7 * HOUR,
		    NOW + 7 + 8 * HOUR);
		count[(at - NOW) / MINUTE % 60]++;
		assert_in_range(schedule_watch_at(&d, NOW, 7), NOW + 1, NOW + 7);
		d.watch_phases = 0; /* K11: an outage of a few shows at once */
		assert_int_equal(schedule_watch_at(&d, NOW + 7, HOUR), NOW + HOUR);
	}
	for (int i = 0; i < 60; i++)
		assert_in_range(count[i], 60, 140);
	const struct schedule_domain none = {.watch_phases = 60};
	assert_in_range(schedule_watch_at(&none, NOW, HOUR), NOW + 1, NOW + HOUR);
}

/* What is expected follows facts, and the deeds that were tried. */
static void
schedule_expect_follows_the_deeds(void **state)
{
	static const struct {
		void (*scene)(struct scene *);
		size_t key;
		struct set set;
		enum key_expect want;
	} cases[] = {
	    {scene_published, 0, {0}, EXPECT_RECORD},
	    {scene_switch, 0, {0}, EXPECT_RECORD},
	    {scene_switch, 1, {0}, EXPECT_RECORD},
	    {scene_retired, 1, {0}, EXPECT_RECORD},
	    {scene_retired, 1, SET(keys[1].deeds[DEED_REVOKE].tries, 1), EXPECT_TOMBSTONE},
	    {scene_stolen, 0, {0}, EXPECT_RECORD},
	    {scene_thief, 1, {0}, EXPECT_TOMBSTONE},
	    {scene_revoked, 1, {0}, EXPECT_TOMBSTONE},
	    {scene_absent, 1, {0}, EXPECT_ABSENT},
	    {scene_removed, 1, {0}, EXPECT_ABSENT},
	    {scene_removed, 1, SET(keys[1].slot, 0), EXPECT_TOMBSTONE},
	    {scene_abandoned, 1, {0}, EXPECT_ABSENT},
	    {scene_abandoned, 1, SET(keys[1].slot, 0), EXPECT_TOMBSTONE},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;
		cases[i].scene(&s);
		if (cases[i].set.size != 0)
			apply_set(&s, &cases[i].set);
		if (schedule_expect(&s.domain, &s.keys[cases[i].key]) != cases[i].want)
			fail_msg("case %zu", i);
	}
}

static size_t
count_of(struct scene *s, struct step *steps)
{
	s->domain.policy = &s->policy;
	s->domain.keys = s->keys;
	s->domain.slots = s->slots;
	s->world.times = &s->times;
	return schedule_next(&s->domain, &s->world, steps);
}

static void
schedule_begins_no_more_than_it_needs(void **state)
{
	struct scene s;
	struct step steps[SCHEDULE_STEPS(KEYS)];

	(void)state;
	scene_slots_first(&s); /* each slot is prepared */
	assert_int_equal(count_of(&s, steps), 1);
	assert_int_equal(steps[0].what, STEP_GENERATE);
	scene_active(&s);
	s.policy.rotate = ROTATE_OFF;
	assert_int_equal(count_of(&s, steps), 1);
	scene_unacknowledged(&s); /* every milter has left it */
	assert_int_equal(count_of(&s, steps), 3);
	s.domain.signers.agree = false;
	assert_int_equal(count_of(&s, steps), 4);
	scene_switch(&s); /* one stands by already */
	s.policy.standby = STANDBY_YES;
	assert_int_equal(count_of(&s, steps), 2);
}

/* What a page or a plan says of a key that signs alone, or not yet. */
static void
schedule_tells_of_a_lone_key(void **state)
{
	struct scene s;

	(void)state;
	scene_active(&s);
	s.domain.policy = &s.policy;
	s.domain.keys = s.keys;
	assert_int_equal(schedule_publication_interval(&s.domain, &s.keys[0]), 0);
	assert_int_equal(schedule_publication_interval(&s.domain, &s.keys[1]), HOUR);
	s.keys[0].facts.at[FACT_ACTIVATED] = NEVER;
	assert_true(schedule_due_at(&s.policy, &s.keys[0]) == NEVER);
}

static void
schedule_asks_for_every_slot_and_algorithm(void **state)
{
	struct step steps[SCHEDULE_STEPS(KEYS)];
	struct scene s;
	(void)state;

	scene_slots_first(&s);
	for (int i = 0; i < 3; i++)
		s.slots[i].prepared = false;
	s.slots[1].deed_at = NOW - 10;
	s.slots[1].why = "REFUSED";
	s.slots[2].deed_at = NOW + DAY;
	s.slots[2].alg = KEY_ED25519_SHA256;
	assert_int_equal(
	    run_scene(&s, steps), 3); /* slot 2 is of an algorithm that the policy lacks */
	assert_int_equal(steps[0].what, STEP_PREPARE_SLOT);
	assert_int_equal(steps[0].earliest, NOW);
	assert_int_equal(steps[1].what, STEP_PREPARE_SLOT);
	assert_int_equal(steps[1].slot, 1);
	assert_int_equal(steps[1].earliest, NOW + 50);
	assert_int_equal(steps[1].wait, WAIT_PUBLISHER);
	assert_string_equal(steps[1].why, "slot 2: REFUSED");
	assert_int_equal(steps[2].what, STEP_NONE);
	s.policy.algorithms[s.policy.algorithm_count++] = KEY_ED25519_SHA256;
	assert_int_equal(run_scene(&s, steps), 5);
	assert_int_equal(steps[2].alg, KEY_ED25519_SHA256);
	assert_int_equal(steps[2].earliest, NOW);
	s.policy.slots = 2; /* the third is asked for no more */
	assert_int_equal(run_scene(&s, steps), 4);
	s.policy.slots = 3;
	s.domain.held = true;
	assert_int_equal(run_scene(&s, steps), 2);
	s.domain.held = false;
	s.domain.removing_at = NOW;
	assert_int_equal(run_scene(&s, steps), 0);
}

/* Relations between options that cannot hold, with the number that breaks them. */
static const struct {
	const char *name;
	struct set sets[6];
	const char *want; /* part of the text; NULL: it holds */
} policies[] = {
    {"usual", {{0}}, NULL},
    {"ed25519_too", {SET(policy.algorithm_count, 2)}, NULL},
    {"no_rsa", {SET(policy.algorithms[0], KEY_ED25519_SHA256)}, "must have rsa-sha256"},
    {"rsa_twice", {SET(policy.algorithm_count, 2), SET(policy.algorithms[1], KEY_RSA_SHA256)},
	"twice"},
    {"spread_of_a_life", {SET(policy.spread_s, 90 * DAY)}, "rotate_spread (90 d)"},
    {"life_shorter_than_publication", {SET(policy.lifetime_s, DAY + 2 * HOUR - 1)}, "needs 26 h"},
    {"life_as_long_as_publication", {SET(policy.lifetime_s, DAY + 2 * HOUR)}, NULL},
    {"short_life_without_rotation", {SET(policy.lifetime_s, 1), SET(policy.rotate, ROTATE_OFF)},
	NULL},
    {"x_short", {SET(policy.signature_lifetime_s, 10 * DAY - 1)}, "at least 864000s"},
    {"x_long_enough", {SET(policy.signature_lifetime_s, 10 * DAY)}, NULL},
    {"slots", {SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3)}, NULL},
    {"slots_by_hand",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.by_hand, true)},
	"needs a publisher"},
    {"slots_one", {SET(policy.mode, MODE_SLOTS), SET(policy.slots, 1)}, "want 2 to 8"},
    {"slots_nine", {SET(policy.mode, MODE_SLOTS), SET(policy.slots, 9)}, "want 2 to 8"},
    {"slots_two_with_standby",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 2), SET(policy.standby, STANDBY_YES)},
	"none is left for a standby"},
    /* K25's own figures: 9.6 d, 14.1 d and 7.1 d */
    {"slots_three_9.5_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.ttl_s, 300),
	    SET(policy.lifetime_s, 95 * DAY / 10)},
	"every 9 d 13 h at most"},
    {"slots_three_9.6_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.ttl_s, 300),
	    SET(policy.lifetime_s, 96 * DAY / 10)},
	NULL},
    {"slots_three_9.6_d_spread",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.ttl_s, 300),
	    SET(policy.lifetime_s, 96 * DAY / 10), SET(policy.spread_s, DAY)},
	"rotate_spread is 8 d 14 h"},
    {"slots_three_standby_14.0_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.ttl_s, 300),
	    SET(policy.standby, STANDBY_YES), SET(policy.lifetime_s, 140 * DAY / 10)},
	"with a standby allow a rotation every 14 d 2 h"},
    {"slots_three_standby_14.1_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 3), SET(policy.ttl_s, 300),
	    SET(policy.standby, STANDBY_YES), SET(policy.lifetime_s, 1411 * DAY / 100)},
	NULL},
    {"slots_four_standby_7.0_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 4), SET(policy.ttl_s, 300),
	    SET(policy.standby, STANDBY_YES), SET(policy.lifetime_s, 70 * DAY / 10)},
	"every 7 d 1 h"},
    {"slots_four_standby_7.1_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 4), SET(policy.ttl_s, 300),
	    SET(policy.standby, STANDBY_YES), SET(policy.lifetime_s, 71 * DAY / 10)},
	NULL},
    {"slots_eight_standby_lead_rules",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 8), SET(policy.ttl_s, 300),
	    SET(policy.standby, STANDBY_YES), SET(policy.lifetime_s, 5 * DAY)},
	"every 5 d 1 h"},
    /* 2 slots: all of tail and lead, to the second */
    {"slots_two_23_d",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 2), SET(policy.ttl_s, 2 * DAY),
	    SET(policy.lifetime_s, 23 * DAY + 3 * HOUR + 15 * MINUTE - 1)},
	"every 23 d 3 h at most"},
    {"slots_two_23_d_and_a_second",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 2), SET(policy.ttl_s, 2 * DAY),
	    SET(policy.lifetime_s, 23 * DAY + 3 * HOUR + 15 * MINUTE)},
	NULL},
    {"slots_that_never_rotate",
	{SET(policy.mode, MODE_SLOTS), SET(policy.slots, 2), SET(policy.lifetime_s, 2 * DAY),
	    SET(policy.rotate, ROTATE_OFF)},
	NULL},
    /* floors are relations: a policy of seconds is as good */
    {"slots_of_seconds",
	{SET(policy.lifetime_s, 60), SET(policy.ttl_s, 1), SET(policy.ahead_s, 1),
	    SET(policy.publish_safety_s, 1), SET(policy.queue_lifetime_s, 5),
	    SET(policy.receiver_delay_s, 5)},
	NULL},
};

static void
schedule_check_policy_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct err err = ERR_INIT;
		struct scene s;
		blank(&s);
		s.policy.algorithms[1] = KEY_ED25519_SHA256;
		for (size_t j = 0; j < sizeof(policies[i].sets) / sizeof(policies[i].sets[0]);
		     j++) {
			if (policies[i].sets[j].size != 0)
				apply_set(&s, &policies[i].sets[j]);
		}
		if (strcmp(policies[i].name, "slots_of_seconds") == 0) {
			s.policy.mode = MODE_SLOTS;
			s.policy.slots = 3;
			s.policy.stale_s = s.policy.retire_safety_s = 1;
			s.policy.standby = STANDBY_YES;
		}
		int rc = schedule_check_policy(&s.policy, &err);
		if ((rc == 0) != (policies[i].want == NULL) ||
		    (rc != 0 &&
			(err.kind != ERR_CONFIG || strstr(err.text, policies[i].want) == NULL)))
			fail_msg("%s: %s", policies[i].name, err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(schedule_next_table),
	    cmocka_unit_test(schedule_next_of_anything_breaks_no_invariant),
	    cmocka_unit_test(schedule_next_asks_as_often_as_it_must),
	    cmocka_unit_test(schedule_intervals),
	    cmocka_unit_test(schedule_due_at_of_imports_is_spread),
	    cmocka_unit_test(schedule_jitter_is_even_and_fixed),
	    cmocka_unit_test(schedule_watch_is_spread),
	    cmocka_unit_test(schedule_expect_follows_the_deeds),
	    cmocka_unit_test(schedule_asks_for_every_slot_and_algorithm),
	    cmocka_unit_test(schedule_begins_no_more_than_it_needs),
	    cmocka_unit_test(schedule_tells_of_a_lone_key),
	    cmocka_unit_test(schedule_check_policy_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
