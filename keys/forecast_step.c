/* SPDX-License-Identifier: ISC */
/* forecast_step.c - what each step does in the simulated world. */
#include "keys/forecast_private.h"
#include "keys/looks.h"

/* The longest that a record took to be everywhere so far. */
static int64_t
visible_after(const struct sim *s, bool by_person)
{
	const struct key_policy *p = s->domain.policy;
	bool signs = false;

	for (size_t i = 0; i < s->domain.key_count; i++)
		signs = signs || key_state_of(&s->keys[i].facts) == KEY_STATE_ACTIVE;
	/* the lead is what the person is given when nothing presses; a first record is wanted at once */
	return s->domain.propagation_max_s + (by_person && signs ? p->ahead_s : 0);
}

static int64_t
later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What is expected has become another thing: what was seen before says nothing of it. */
static void
follow_expectation(struct sim *s, size_t key)
{
	enum key_expect expect = schedule_expect(&s->domain, &s->keys[key]);

	if (expect == s->more[key].expect)
		return;
	s->more[key].expect = expect;
	s->more[key].visible_at = s->world.now + visible_after(s, false);
	looks_begin(&s->keys[key].looks);
}

/* Where a record of a key that was proven is not to be seen, it will be; mute servers will answer. */
static void
begin_looks(struct schedule_key *k, int64_t now)
{
	if (k->looks.contradicted || k->looks.proven_at == NEVER)
		return;
	k->looks.looked_at = k->looks.passed_at = now;
	k->looks.last_passed = true;
	k->looks.obstacle = NULL;
}

void
sim_begin_key(struct sim *s, size_t key)
{
	struct schedule_key *k = &s->keys[key];
	struct sim_key *m = &s->more[key];
	int64_t now = s->world.now, published = k->facts.at[FACT_PUBLISHED];
	bool waits = key_state_of(&k->facts) == KEY_STATE_PUBLISHED && !k->looks.last_passed;

	*m = (struct sim_key){.visible_at = now,
	    .expect = schedule_expect(&s->domain, k),
	    .overlap_base_s = k->overlap_s,
	    .overlap_from = now,
	    .queue_free_at = now,
	    .clear_base_s = k->queue_clear_s,
	    .clear_from = now};
	if (waits && published != NEVER && !schedule_is_future(published, now))
		m->visible_at =
		    later_of(now, published + visible_after(s, s->domain.policy->by_hand));
	if (k->facts.at[FACT_RETIRED] != NEVER &&
	    !schedule_is_future(k->facts.at[FACT_RETIRED], now))
		m->queue_free_at =
		    later_of(now, k->facts.at[FACT_RETIRED] + s->domain.policy->queue_lifetime_s);
	begin_looks(k, now);
}

static void
put_fact(struct sim *s, size_t key, enum key_fact fact, int64_t at)
{
	if (s->keys[key].facts.at[fact] == NEVER)
		s->keys[key].facts.at[fact] = at;
}

static void
do_look(struct sim *s, const struct step *step)
{
	struct schedule_looks *l = &s->keys[step->key].looks;
	int64_t now = s->world.now;

	l->looked_at = l->passed_at = now;
	l->looked_now = l->last_passed = true;
	l->gone_since = NEVER;
	l->gone_sweeps = 0;
	l->differs = false;
	l->obstacle = NULL;
	if (s->domain.policy->proof == PROOF_RESOLVER) {
		l->resolver_passes++;
		l->resolver_first_at = l->resolver_first_at == NEVER ? now : l->resolver_first_at;
		l->resolver_last_at = now;
	} else if (step->queries >= s->times.queries) {
		if (l->first_pass_at == NEVER || schedule_is_future(l->first_pass_at, now))
			l->first_pass_at = now;
		else if (now >= l->first_pass_at + s->times.sweep_interval_s)
			l->second_pass_at = now;
	}
}

/* A pair has proven something: the fact is of its end. */
static void
prove(struct sim *s, size_t key, enum key_fact fact)
{
	struct schedule_looks *l = &s->keys[key].looks;
	int64_t at = l->second_pass_at != NEVER ? l->second_pass_at : l->resolver_last_at;

	at = at == NEVER ? s->world.now : at;
	put_fact(s, key, fact, at);
	l->proven_at = at;
	l->first_pass_at = l->second_pass_at = NEVER;
	l->resolver_first_at = l->resolver_last_at = NEVER;
	l->resolver_passes = 0;
	l->contradicted = false;
	s->keys[key].imported_unproven = false;
}

static void
try_deed(struct sim *s, size_t key, enum deed deed)
{
	struct schedule_deed *d = &s->keys[key].deeds[deed];
	bool by_hand = s->domain.policy->by_hand;

	if (d->tries == 0)
		d->first_at = s->world.now;
	d->tries++;
	d->last_at = s->world.now;
	d->done = deed == DEED_PUBLISH || !by_hand;
	d->refused = !d->done;
	d->why = NULL;
}

static void
do_publish(struct sim *s, const struct step *step)
{
	bool by_hand = s->domain.policy->by_hand;
	bool first = s->keys[step->key].facts.at[FACT_PUBLISHED] == NEVER;

	try_deed(s, step->key, DEED_PUBLISH);
	put_fact(s, step->key, FACT_PUBLISHED, s->world.now);
	s->more[step->key].visible_at = s->world.now + visible_after(s, by_hand);
	if (first || s->keys[step->key].looks.gone_since != NEVER)
		sim_record(s, step, by_hand ? ASK_RECORD : ASK_NOBODY);
}

static void
do_closing(struct sim *s, const struct step *step)
{
	enum deed deed = step->what == STEP_REVOKE ? DEED_REVOKE : DEED_REMOVE;
	enum forecast_ask ask = step->what == STEP_REVOKE ? ASK_REVOCATION : ASK_REMOVAL;

	if (s->keys[step->key].deeds[deed].tries == 0)
		sim_record(s, step, s->domain.policy->by_hand ? ask : ASK_NOBODY);
	try_deed(s, step->key, deed);
	s->more[step->key].visible_at = s->world.now + visible_after(s, false);
}

static void
do_activate(struct sim *s, const struct step *step)
{
	struct key_facts *facts = &s->keys[step->key].facts;

	facts->at[FACT_ACTIVATED] = s->world.now;
	facts->at[FACT_RETIRED] = facts->at[FACT_ACKNOWLEDGED] = NEVER;
	if (step->other != SIZE_MAX)
		put_fact(s, step->other, FACT_RETIRED, s->world.now);
	s->domain.signers.table_at = s->world.now;
	s->domain.signers.laggard = NULL;
}

static void
do_acknowledge(struct sim *s, const struct step *step)
{
	put_fact(s, step->key, FACT_ACKNOWLEDGED, s->world.now);
	s->more[step->key].overlap_base_s = 0;
	s->more[step->key].overlap_from = s->world.now;
}

/* As the keeper notes it when the key is removed (K6). */
static void
do_removed(struct sim *s, const struct step *step)
{
	const struct schedule_key *k = &s->keys[step->key];
	const struct key_policy *p = s->domain.policy;
	int64_t revoked = k->facts.at[FACT_REVOKED];

	if (revoked == NEVER || schedule_is_future(revoked, s->world.now))
		revoked = s->world.now;
	for (size_t i = 0; k->slot >= 0 && i < s->domain.slot_count; i++) {
		if (s->slots[i].alg == k->alg && s->slots[i].slot == k->slot)
			s->slots[i].free_at = revoked + later_of(k->ttl_max_s, p->ttl_s) +
					      p->stale_s + p->retire_safety_s;
	}
	prove(s, step->key, FACT_REMOVED);
}

static void
do_prepare(struct sim *s, const struct step *step)
{
	for (size_t i = 0; i < s->domain.slot_count; i++) {
		if (s->slots[i].alg == step->alg && s->slots[i].slot == step->slot)
			s->slots[i].prepared = true;
	}
}

static void
do_ask(struct sim *s, const struct step *step)
{
	(void)step;
	s->domain.signers.asked_at = s->world.now;
	s->domain.signers.agree = true;
	s->domain.signers.laggard = NULL;
}

static void
do_plain(struct sim *s, const struct step *step)
{
	switch (step->what) {
	case STEP_VERIFY:
		prove(s, step->key, FACT_VERIFIED);
		break;
	case STEP_REVOKED:
		prove(s, step->key, FACT_REVOKED);
		break;
	case STEP_RETIRE:
		put_fact(s, step->key, FACT_RETIRED, s->world.now);
		s->domain.signers.table_at = s->world.now;
		break;
	case STEP_DESTROY:
		put_fact(s, step->key, FACT_DESTROYED, s->world.now);
		break;
	default:
		put_fact(s, step->key, FACT_ABANDONED, s->world.now);
		break;
	}
}

static const struct {
	void (*deed)(struct sim *, const struct step *);
	bool silent; /* no event, or the deed records it */
} DEEDS[STEP_COUNT] = {
    [STEP_PREPARE_SLOT] = {do_prepare, false},
    [STEP_PUBLISH] = {do_publish, true},
    [STEP_LOOK] = {do_look, true},
    [STEP_VERIFY] = {do_plain, false},
    [STEP_ACTIVATE] = {do_activate, false},
    [STEP_RETIRE] = {do_plain, false},
    [STEP_ASK_SIGNERS] = {do_ask, true},
    [STEP_ACKNOWLEDGE] = {do_acknowledge, false},
    [STEP_REVOKE] = {do_closing, true},
    [STEP_REVOKED] = {do_plain, false},
    [STEP_REMOVE] = {do_closing, true},
    [STEP_REMOVED] = {do_removed, false},
    [STEP_DESTROY] = {do_plain, false},
    [STEP_ABANDON] = {do_plain, false},
};

int
sim_do(struct sim *s, const struct step *step, struct err *err)
{
	if (step->what == STEP_GENERATE) {
		struct step made = *step;
		made.key = s->domain.key_count;
		if (sim_new_key(s, step, err) != 0)
			return -1;
		if (!s->full)
			sim_record(s, &made, ASK_NOBODY);
		return 0;
	}
	if (!DEEDS[step->what].silent)
		sim_record(s, step, ASK_NOBODY);
	DEEDS[step->what].deed(s, step);
	for (size_t i = 0; i < s->domain.key_count; i++)
		follow_expectation(s, i);
	return 0;
}

/* A record that is gone, and that a person has to put back. */
static bool
ask_record(struct sim *s, const struct step *step)
{
	struct schedule_key *k = &s->keys[step->key];

	if (!k->looks.contradicted || k->looks.gone_since == NEVER)
		return false;
	sim_record(s, step, ASK_RECORD);
	s->more[step->key].visible_at = s->world.now;
	k->looks.contradicted = false;
	k->looks.gone_since = NEVER;
	begin_looks(k, s->world.now);
	return true;
}

/* The CNAMEs of free slots. */
static bool
ask_slots(struct sim *s, const struct step *step)
{
	bool any = false;

	for (size_t i = 0; i < s->domain.slot_count; i++) {
		any = any || s->slots[i].alias_wrong;
		s->slots[i].alias_wrong = false;
	}
	if (any)
		sim_record(s, step, ASK_ALIAS);
	return any;
}

bool
sim_ask(struct sim *s, const struct step *step)
{
	struct schedule_key *k = step->key == SIZE_MAX ? NULL : &s->keys[step->key];

	if (s->domain.alias_wrong) {
		sim_record(s, step, ASK_ALIAS);
		s->domain.alias_wrong = false;
		return true;
	}
	if (k == NULL)
		return ask_slots(s, step);
	switch (key_state_of(&k->facts)) {
	case KEY_STATE_PUBLISHED:
		if (s->domain.policy->proof != PROOF_ATTEST)
			return false;
		sim_record(s, step, ASK_ATTEST);
		put_fact(s, step->key, FACT_VERIFIED, s->world.now);
		return true;
	case KEY_STATE_READY:
		if (s->domain.policy->rotate != ROTATE_APPROVE ||
		    k->facts.at[FACT_APPROVED] != NEVER)
			return ask_record(s, step);
		sim_record(s, step, ASK_APPROVAL);
		put_fact(s, step->key, FACT_APPROVED, s->world.now);
		return true;
	default:
		return ask_record(s, step);
	}
}
