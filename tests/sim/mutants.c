/* SPDX-License-Identifier: ISC */
/* mutants.c - wrong schedulers, made of the right one by lying to it or by doing something else than it said: one for
 * each guard and for each term of a formula.  Each must be noticed. */
#include "tests/sim/sim.h"

static struct key_policy LIE;

static struct key_policy *
lie(struct schedule_domain *domain)
{
	LIE = *domain->policy;
	domain->policy = &LIE;
	return &LIE;
}

#define EACH_KEY(name, ...)                                                                        \
	static void name(struct schedule_domain *domain, struct schedule_key *keys,                \
	    struct schedule_world *world)                                                          \
	{                                                                                          \
		(void)world;                                                                       \
		for (size_t i = 0; i < domain->key_count; i++) {                                   \
			struct schedule_key *k = &keys[i];                                         \
			__VA_ARGS__;                                                               \
		}                                                                                  \
	}
#define INPUT(name, ...)                                                                           \
	static void name(struct schedule_domain *domain, struct schedule_key *keys,                \
	    struct schedule_world *world)                                                          \
	{                                                                                          \
		(void)domain, (void)keys, (void)world;                                             \
		__VA_ARGS__;                                                                       \
	}
#define EACH_STEP(name, ...)                                                                       \
	static void name(const struct schedule_domain *domain, const struct schedule_world *world, \
	    struct step *steps, size_t count)                                                      \
	{                                                                                          \
		(void)domain, (void)world;                                                         \
		for (size_t i = 0; i < count; i++) {                                               \
			struct step *s = &steps[i];                                                \
			__VA_ARGS__;                                                               \
		}                                                                                  \
	}

/* terms of formulas */
EACH_KEY(negative_zero, k->negative_max_s = 0)
EACH_KEY(previous_zero, k->previous_ttl_s = 0)
INPUT(publish_safety_zero, lie(domain)->publish_safety_s = 0)
INPUT(stale_zero, lie(domain)->stale_s = 0)
INPUT(retire_safety_zero, lie(domain)->retire_safety_s = 0)
INPUT(lifetime_half, lie(domain)->lifetime_s /= 2)
INPUT(lifetime_long, lie(domain)->lifetime_s *= 4)
INPUT(tombstone_zero, lie(domain)->tombstone_s = 0)
INPUT(destroy_at_once, lie(domain)->destroy_after_s = 0)
EACH_KEY(queue_zero, lie(domain)->queue_lifetime_s = 0; k->queue_max_s = 0)
EACH_KEY(queue_now, k->queue_max_s = domain->policy->queue_lifetime_s)
EACH_KEY(delay_zero, lie(domain)->receiver_delay_s = 0; k->delay_max_s = 0)
EACH_KEY(delay_now, k->delay_max_s = domain->policy->receiver_delay_s)
EACH_KEY(ttl_zero, lie(domain)->ttl_s = 0; k->ttl_max_s = 0)
EACH_KEY(overlap_twice, k->overlap_s *= 2)
EACH_KEY(overlap_endless, k->overlap_s = k->facts.at[FACT_ACKNOWLEDGED] == NEVER ? 0 : 4000 * DAY)
EACH_KEY(overlap_by_wall, k->overlap_s = k->facts.at[FACT_ACKNOWLEDGED] == NEVER
					     ? 0
					     : world->now - k->facts.at[FACT_ACKNOWLEDGED])
INPUT(clock_ahead, world->now += 2 * HOUR)

/* guards */
INPUT(signers_agree, domain->signers.agree = true)
INPUT(signers_asked, domain->signers.asked_at = world->now; domain->signers.agree = true)
INPUT(signers_not_needed, domain->signers.needed = false)
EACH_KEY(looked_now, k->looks.looked_now = true; k->looks.last_passed = true;
	 k->looks.looked_at = world->now; k->looks.passed_at = world->now)
EACH_KEY(passed, k->looks.last_passed = true)
EACH_KEY(contradiction_hidden, k->looks.contradicted = false)
EACH_KEY(one_sweep, k->looks.second_pass_at = k->looks.first_pass_at)
EACH_KEY(old_proof,
    if (k->facts.at[FACT_VERIFIED] != NEVER) k->looks.proven_at = k->facts.at[FACT_VERIFIED])
EACH_KEY(queue_forgotten, k->queue_holds = k->queue_held = false)
EACH_KEY(queue_clear, k->queue_clear_s = 4000 * DAY)
EACH_KEY(stolen_hidden, k->facts.at[FACT_COMPROMISED] = NEVER)
EACH_KEY(import_hidden, k->imported_unproven = false; k->facts.at[FACT_IMPORTED] = NEVER)
EACH_KEY(taken_hidden, k->selector_taken = false)
EACH_KEY(differs_hidden, k->looks.differs = false)
EACH_KEY(fight_hidden, k->removed_by_others = 0)
EACH_KEY(gone_hidden, k->looks.gone_since = NEVER; k->looks.gone_sweeps = 0)
EACH_KEY(approved, k->facts.at[FACT_APPROVED] = world->now)
EACH_KEY(
    signers_left,
    if (k->facts.at[FACT_RETIRED] != NEVER && k->facts.at[FACT_ACKNOWLEDGED] == NEVER) {
	    k->facts.at[FACT_ACKNOWLEDGED] = k->facts.at[FACT_RETIRED];
	    k->overlap_s = world->now - k->facts.at[FACT_RETIRED];
    })
EACH_KEY(
    verified, if (k->facts.at[FACT_PUBLISHED] != NEVER && k->facts.at[FACT_VERIFIED] == NEVER) {
	    k->facts.at[FACT_VERIFIED] = k->facts.at[FACT_PUBLISHED];
	    k->looks.proven_at = k->facts.at[FACT_PUBLISHED];
    })
INPUT(clock_trusted, world->clock_trusted = true)
INPUT(not_held, domain->held = false)
INPUT(no_outage, world->outage = false)
INPUT(not_removing, domain->removing_at = NEVER)
INPUT(rotate_always, lie(domain)->rotate = ROTATE_AUTO)
INPUT(rotate_never, lie(domain)->rotate = ROTATE_OFF)
INPUT(alg_count_one, lie(domain)->algorithm_count = 1)

static void
slots_prepared(struct schedule_slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		slots[i].prepared = true;
}

/* steps */
static bool
is_deed(const struct step *step)
{
	return step->what != STEP_NONE && step->what != STEP_LOOK && step->what != STEP_ASK_SIGNERS;
}

EACH_STEP(early_hour, if (is_deed(s) && s->earliest > INT64_MIN + DAY) s->earliest -= HOUR)
EACH_STEP(early_activate, if (s->what == STEP_ACTIVATE) s->earliest = world->now)
EACH_STEP(early_revoke, if (s->what == STEP_REVOKE) s->earliest = world->now)
EACH_STEP(early_remove, if (s->what == STEP_REMOVE) s->earliest = world->now)
EACH_STEP(early_removed, if (s->what == STEP_REMOVED) s->earliest = world->now)
EACH_STEP(
    early_destroy,
    if (s->key != SIZE_MAX && domain->keys[s->key].facts.at[FACT_ACKNOWLEDGED] != NEVER &&
	domain->keys[s->key].facts.at[FACT_DESTROYED] == NEVER) {
	    s->what = STEP_DESTROY;
	    s->earliest = world->now;
    })
EACH_STEP(
    look_verifies, if (s->what == STEP_LOOK && s->expect == EXPECT_RECORD &&
		       domain->keys[s->key].facts.at[FACT_VERIFIED] == NEVER) s->what = STEP_VERIFY)
EACH_STEP(
    look_revoked, if (s->what == STEP_LOOK && s->expect == EXPECT_TOMBSTONE) s->what = STEP_REVOKED)
EACH_STEP(ask_once, s->queries = 1)
EACH_STEP(look_for_record, s->expect = EXPECT_RECORD)
EACH_STEP(
    no_successor, if (s->what == STEP_ACTIVATE && s->other != SIZE_MAX) {
	    s->what = STEP_RETIRE;
	    s->key = s->other;
    })
EACH_STEP(both_active, if (s->what == STEP_ACTIVATE) s->other = SIZE_MAX)
EACH_STEP(never_generate, if (s->what == STEP_GENERATE) s->what = STEP_NONE)
EACH_STEP(never_publish, if (s->what == STEP_PUBLISH) s->what = STEP_NONE)
EACH_STEP(never_verify, if (s->what == STEP_VERIFY) s->what = STEP_NONE)
EACH_STEP(never_activate, if (s->what == STEP_ACTIVATE) s->what = STEP_NONE)
EACH_STEP(never_ask, if (s->what == STEP_ASK_SIGNERS) s->what = STEP_NONE)
EACH_STEP(never_acknowledge, if (s->what == STEP_ACKNOWLEDGE) s->what = STEP_NONE)
EACH_STEP(never_revoke, if (s->what == STEP_REVOKE) s->what = STEP_NONE)
EACH_STEP(never_revoked, if (s->what == STEP_REVOKED) s->what = STEP_NONE)
EACH_STEP(never_destroy, if (s->what == STEP_DESTROY) s->what = STEP_NONE)
EACH_STEP(never_look, if (s->what == STEP_LOOK) s->what = STEP_NONE)
EACH_STEP(never_prepare, if (s->what == STEP_PREPARE_SLOT) s->what = STEP_NONE)
EACH_STEP(never_retire, if (s->what == STEP_RETIRE) s->what = STEP_NONE)
EACH_STEP(never_removed, if (s->what == STEP_REMOVED) s->what = STEP_NONE)
EACH_STEP(revoke_removes, if (s->what == STEP_REVOKE) s->what = STEP_REMOVE)
EACH_STEP(slot_zero, if (s->what == STEP_GENERATE && s->slot > 0) s->slot = 0)
EACH_STEP(
    ask_acknowledges, if (s->what == STEP_NONE && s->key != SIZE_MAX && s->wait == WAIT_SIGNERS) {
	    s->what = STEP_ACKNOWLEDGE;
	    s->earliest = world->now;
    })
EACH_STEP(
    retire_destroys, if (s->what == STEP_NONE && s->key != SIZE_MAX && s->wait == WAIT_SIGNERS) {
	    s->what = STEP_DESTROY;
	    s->earliest = world->now;
    })

#define IN(f)                                                                                      \
	{                                                                                          \
		.name = #f, .in = f                                                                \
	}
#define OUT(f)                                                                                     \
	{                                                                                          \
		.name = #f, .out = f                                                               \
	}
#define SLOTS(f)                                                                                   \
	{                                                                                          \
		.name = #f, .slots = f                                                             \
	}
const struct mutant MUTANTS[] = {IN(negative_zero), IN(previous_zero), IN(publish_safety_zero),
    IN(stale_zero), IN(retire_safety_zero), IN(lifetime_half), IN(lifetime_long),
    IN(tombstone_zero), IN(destroy_at_once), IN(queue_zero), IN(queue_now), IN(delay_zero),
    IN(delay_now), IN(ttl_zero), IN(overlap_twice), IN(overlap_endless), IN(overlap_by_wall),
    IN(clock_ahead), IN(signers_agree), IN(signers_asked), IN(signers_not_needed), IN(looked_now),
    IN(passed), IN(contradiction_hidden), IN(one_sweep), IN(old_proof), IN(queue_forgotten),
    IN(queue_clear), IN(stolen_hidden), IN(import_hidden), IN(taken_hidden), IN(differs_hidden),
    IN(fight_hidden), IN(gone_hidden), IN(approved), IN(signers_left), IN(verified),
    IN(clock_trusted), IN(not_held), IN(no_outage), IN(not_removing), IN(rotate_always),
    IN(rotate_never), IN(alg_count_one), SLOTS(slots_prepared), OUT(early_hour),
    OUT(early_activate), OUT(early_revoke), OUT(early_remove), OUT(early_removed),
    OUT(early_destroy), OUT(look_verifies), OUT(look_revoked), OUT(ask_once), OUT(look_for_record),
    OUT(no_successor), OUT(both_active), OUT(never_generate), OUT(never_publish), OUT(never_verify),
    OUT(never_activate), OUT(never_ask), OUT(never_acknowledge), OUT(never_revoke),
    OUT(never_revoked), OUT(never_destroy), OUT(never_look), OUT(never_prepare), OUT(never_retire),
    OUT(never_removed), OUT(revoke_removes), OUT(slot_zero), OUT(ask_acknowledges),
    OUT(retire_destroys)};
const size_t MUTANT_COUNT = sizeof(MUTANTS) / sizeof(MUTANTS[0]);
