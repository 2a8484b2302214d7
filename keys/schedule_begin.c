/* SPDX-License-Identifier: ISC */
/* From nothing to a proven record: slots, new pairs, publication, proof. */
#include "keys/schedule_private.h"

bool
unwanted(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (chain_of(v, k)->wanted)
		return false;
	if (v->d->removing_at != NEVER)
		step_say(step, "the domain is being removed");
	else
		step_say(step, "its algorithm is no longer in the policy");
	return true;
}

/* The policy's mode was changed, or there are fewer slots now. */
bool
misplaced(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	if (v->p->mode != MODE_SLOTS)
		return k->slot >= 0;
	return k->slot < 0 || k->slot >= (int)v->p->slots;
}

static bool
taken(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)v;
	(void)step;
	return k->selector_taken;
}

static bool
publishes(const struct view *v, const struct schedule_key *k, struct step *step)
{
	/* else only the fact is missing: a pass was cut off */
	if (!k->deeds[DEED_PUBLISH].done && !v->p->by_hand)
		step->earliest = deed_at(v, k, DEED_PUBLISH);
	deed_say(v, k, DEED_PUBLISH, step);
	return true;
}

#define RULES_UNSIGNED                                                                             \
	{taken, STEP_ABANDON, WAIT_NOTHING, "something else is at its name: another is chosen"},   \
	    {unwanted, STEP_ABANDON, WAIT_NOTHING, ""},                                            \
	{                                                                                          \
		misplaced, STEP_ABANDON, WAIT_NOTHING, "the policy now puts records elsewhere"     \
	}

const struct rule RULES_GENERATED[] = {
    RULES_UNSIGNED,
    {publishes, STEP_PUBLISH, WAIT_NOTHING, "its record is to be published"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

static bool
wants_attest(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)k;
	(void)step;
	return !has_looks(v);
}

static bool
proves(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return is_proven(v, k);
}

static bool
too_early_for_resolvers(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (v->p->proof != PROOF_RESOLVER || resolvers_at(v, k) <= v->now || !look_next(v, k, step))
		return false;
	step_say(step,
	    "no resolver is asked before it must have spread, lest it remembers that the "
	    "record was not there");
	return true;
}

/* What was published once and is not seen for long is published again: it changes nothing where
 * the record is, and mends a primary that forgot it. */
static bool
publishes_again(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t wait = max_s(v->t->slow_interval_s, v->t->retry_max_s);
	int64_t at = after(v, k->facts.at[FACT_PUBLISHED], wait);

	(void)step;
	if (k->deeds[DEED_PUBLISH].tries > 0)
		at = max_s(at, deed_at(v, k, DEED_PUBLISH));
	/* passes may be rarer than that: it is looked at in between */
	return is_ours(v, k) && !k->looks.last_passed && at <= v->now &&
	       looked_since(v, k, k->deeds[DEED_PUBLISH].last_at);
}

static bool
looks_for_record(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (v->p->by_hand && k->looks.first_pass_at == NEVER)
		step->wait = WAIT_PERSON;
	return look_next(v, k, step);
}

const struct rule RULES_PUBLISHED[] = {
    RULES_UNSIGNED,
    {wants_attest, STEP_NONE, WAIT_PERSON, "signpost attest is to say that its record is there"},
    {proves, STEP_VERIFY, WAIT_NOTHING, "two equal looks at every server found its record"},
    {too_early_for_resolvers, STEP_LOOK, WAIT_TIME, ""},
    {publishes_again, STEP_PUBLISH, WAIT_NOTHING,
	"published, but not seen for long: it is published again"},
    {looks_for_record, STEP_LOOK, WAIT_DNS, "its record is not yet on every server"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

bool
schedule_slot_is_free(const struct schedule_domain *d, const struct schedule_slot *slot)
{
	for (size_t i = 0; i < d->key_count; i++) {
		const struct schedule_key *k = &d->keys[i];
		if (k->alg == slot->alg && k->slot == slot->slot &&
		    !(key_has(k, FACT_REMOVED) && key_has(k, FACT_DESTROYED)))
			return false;
	}
	return true;
}

static int64_t
free_at(const struct view *v, const struct schedule_slot *slot)
{
	int64_t most = reuse_s(v, NULL);

	for (size_t i = 0; i < v->d->key_count; i++) {
		const struct schedule_key *k = &v->d->keys[i];
		if (k->alg == slot->alg && k->slot == slot->slot)
			most = max_s(most, reuse_s(v, k));
	}
	/* further ahead than any key's end can be: the clock was set back since */
	return schedule_is_future(slot->free_at, later(v->now, most))
		   ? v->now
		   : max_s(slot->free_at, v->now);
}

/* Nobody is told the CNAMEs of slots that the policy no longer has. */
static bool
is_dropped(const struct view *v, const struct schedule_slot *slot)
{
	return slot->slot >= (int)v->p->slots;
}

/* Of the slots with a right CNAME, or of those with a wrong one, that which is free first. */
static int64_t
first_slot(const struct view *v, const struct chain *c, bool wrong, int *n)
{
	int64_t best = NEVER;

	for (size_t i = 0; i < v->d->slot_count; i++) {
		const struct schedule_slot *slot = &v->d->slots[i];
		if (slot->alg != c->alg || !schedule_slot_is_free(v->d, slot) || !slot->prepared ||
		    is_dropped(v, slot) || slot->alias_wrong != wrong ||
		    (best != NEVER && free_at(v, slot) >= best))
			continue;
		best = free_at(v, slot);
		*n = slot->slot;
	}
	return best;
}

static bool
has_unprepared(const struct view *v, const struct chain *c)
{
	for (size_t i = 0; i < v->d->slot_count; i++) {
		const struct schedule_slot *slot = &v->d->slots[i];
		if (slot->alg == c->alg && !slot->prepared && !is_dropped(v, slot) &&
		    schedule_slot_is_free(v->d, slot))
			return true;
	}
	return false;
}

static void
wait_for_slot(const struct view *v, const struct chain *c, bool wrong, struct step *step)
{
	step->what = STEP_NONE;
	step->wait = WAIT_TIME;
	if (has_unprepared(v, c)) {
		step->wait = WAIT_PUBLISHER;
		step_say(step, "a new key waits for its slot to be prepared");
	} else if (wrong) {
		step->wait = WAIT_PERSON;
		step_say(
		    step, "no new key is made: the CNAME of each free slot is missing or wrong");
	} else {
		step_say(step,
		    "a new key waits for a slot: each holds a key that signs, stands by, is in "
		    "overlap or is not yet forgotten");
	}
}

/* Puts the slot that is free first into the step, or what is waited for.  A key behind a wrong CNAME is of no use
 * before a person mends that: it is made only where nothing better signs. */
static void
choose_slot(const struct view *v, const struct chain *c, bool urgent, struct step *step)
{
	int wrong_slot = -1;
	int64_t best = first_slot(v, c, false, &step->slot);
	int64_t wrong = first_slot(v, c, true, &wrong_slot);

	if (best == NEVER && urgent && wrong != NEVER) {
		best = wrong;
		step->slot = wrong_slot;
	}
	if (best == NEVER) {
		wait_for_slot(v, c, wrong != NEVER, step);
	} else if (best > v->now) {
		step->earliest = max_s(step->earliest, best);
		step->wait = WAIT_TIME;
		step_say(step,
		    "slot %d may be used again when no resolver can remember its last key",
		    step->slot + 1);
	}
}

typedef bool reason_guard(const struct view *, const struct chain *, struct step *);

static bool
has_none(const struct view *v, const struct chain *c, struct step *step)
{
	(void)v;
	(void)step;
	return c->active == NULL;
}

static bool
is_stolen(const struct view *v, const struct chain *c, struct step *step)
{
	(void)v;
	(void)step;
	return c->stolen;
}

/* A record that is merely gone is published again, or a person enters it again: that is quicker than
 * a new key. */
static bool
is_lost(const struct view *v, const struct chain *c, struct step *step)
{
	(void)step;
	return c->lost && !v->p->by_hand &&
	       (c->active->looks.differs || c->active->deeds[DEED_PUBLISH].refused ||
		   !is_ours(v, c->active));
}

static bool
is_rolled(const struct view *v, const struct chain *c, struct step *step)
{
	(void)step;
	return roll_is_due(v, c);
}

static bool
is_unproven_import(const struct view *v, const struct chain *c, struct step *step)
{
	(void)v;
	(void)step;
	return c->active->imported_unproven;
}

static bool
wants_standby(const struct view *v, const struct chain *c, struct step *step)
{
	(void)c;
	(void)step;
	return v->p->standby == STANDBY_YES;
}

static bool
by_age(const struct view *v, const struct chain *c, struct step *step)
{
	if (v->p->rotate == ROTATE_OFF)
		return false;
	step->earliest = max_s(begin_at(v, c->active), v->now);
	if (step->earliest > v->now)
		step->wait = WAIT_TIME;
	return true;
}

static const struct {
	reason_guard *holds;
	bool urgent; /* also while an alias is wrong */
	const char *why;
} REASONS[] = {
    {is_stolen, true, "the key that signs is compromised: it signs until this one is proven"},
    {is_lost, true, "the record of the key that signs was changed: this one replaces it"},
    {has_none, false, "the domain has no key of this algorithm"},
    {is_rolled, false, "signpost roll was said"},
    {is_unproven_import, false, "the key that signs was imported without proof"},
    {wants_standby, false, "a proven key is to stand by at all times"},
    {by_age, false, "so that it is proven when the key that signs is due to be replaced"},
};

static void
block(const struct view *v, bool urgent, struct step *step)
{
	enum step_wait wait = WAIT_NOTHING;

	if (!v->w->clock_trusted)
		wait = WAIT_CLOCK;
	else if (v->d->held)
		wait = WAIT_HOLD;
	else if (v->d->alias_wrong && !urgent)
		wait = WAIT_PERSON;
	if (wait == WAIT_NOTHING || step->earliest > v->now)
		return;
	step->what = STEP_NONE;
	step->wait = wait;
	if (wait == WAIT_PERSON)
		step_say(step, "no new key is made: %s",
		    v->d->alias_why == NULL || v->d->alias_why[0] == '\0'
			? "an alias or the delegation is missing"
			: v->d->alias_why);
	else
		step_say(step, "no new key is made while %s",
		    wait == WAIT_CLOCK ? "the clock is not trusted" : "the domain is held");
}

static bool
generate(const struct view *v, const struct chain *c, struct step *step)
{
	if (!c->wanted || c->successor != NULL)
		return false;
	*step = (struct step){.key = SIZE_MAX, .other = SIZE_MAX, .alg = c->alg, .slot = -1};
	for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++) {
		step_begin(step, STEP_GENERATE, WAIT_NOTHING, REASONS[i].why);
		step->earliest = v->now;
		if (!REASONS[i].holds(v, c, step))
			continue;
		block(v, REASONS[i].urgent || c->empty, step);
		if (v->p->mode == MODE_SLOTS && step->what == STEP_GENERATE)
			choose_slot(v, c, REASONS[i].urgent || c->active == NULL, step);
		if (step->what == STEP_NONE)
			step->earliest = NEVER;
		return true;
	}
	return false;
}

size_t
begin_steps(const struct view *v, struct step *steps)
{
	size_t count = 0;

	for (size_t i = 0; i < v->d->slot_count && v->p->mode == MODE_SLOTS; i++) {
		const struct schedule_slot *slot = &v->d->slots[i];
		struct step *step = &steps[count];
		if (slot->prepared || is_dropped(v, slot) || !v->chains[slot->alg].wanted ||
		    !v->w->clock_trusted || v->d->held ||
		    count >= (size_t)POLICY_ALGORITHMS_MAX * POLICY_SLOTS_MAX)
			continue;
		*step = (struct step){
		    .key = SIZE_MAX, .other = SIZE_MAX, .alg = slot->alg, .slot = slot->slot};
		step_begin(step, STEP_PREPARE_SLOT, WAIT_NOTHING,
		    "an empty slot holds p=, so that its alias leads somewhere");
		step->earliest = after(v, slot->deed_at, v->t->retry_s);
		if (slot->deed_at != NEVER && slot->why != NULL && slot->why[0] != '\0') {
			step->wait = WAIT_PUBLISHER;
			step_say(step, "slot %d: %s", slot->slot + 1, slot->why);
		}
		count++;
	}
	for (size_t i = 0; i < POLICY_ALGORITHMS_MAX; i++)
		count += generate(v, &v->chains[i], &steps[count]) ? 1 : 0;
	return count;
}
