/* SPDX-License-Identifier: ISC */
/* When a key's name is looked at, and what the looks mean (K11, K12, K14, K16, K34). */
#include "keys/schedule_private.h"

#define WATCH_QUERIES	1 /* K11: the watch of 10,000 domains asks each address once */
#define WATCH_SPREAD_S	3600
#define WATCH_PHASES	60 /* the most: minutes of it */
#define RESOLVER_PASSES 3  /* K34 */
#define REMOVALS_MAX	3  /* K11: of one record within 24 h, until another tool is to blame */

bool
has_looks(const struct view *v)
{
	return v->p->proof != PROOF_ATTEST;
}

bool
needs_proof(const struct view *v, const struct schedule_key *k)
{
	/* where nothing is looked at, a store that was put back from a copy contradicts (K13) */
	if (!has_looks(v))
		return k->looks.contradicted;
	return k->looks.contradicted || schedule_is_future(proof_time(k), v->now);
}

bool
key_is_gone(const struct view *v, const struct schedule_key *k)
{
	const struct schedule_looks *l = &k->looks;

	if (!has_looks(v) || !l->contradicted || l->gone_since == NEVER)
		return false;
	return (int64_t)l->gone_sweeps >= v->t->gone_sweeps &&
	       (schedule_is_future(l->gone_since, v->now) ||
		   l->looked_at >= later(l->gone_since, v->t->gone_over_s));
}

bool
is_proven(const struct view *v, const struct schedule_key *k)
{
	const struct schedule_looks *l = &k->looks;

	if (v->p->proof == PROOF_RESOLVER)
		return l->resolver_passes >= RESOLVER_PASSES && l->resolver_first_at != NEVER &&
		       !schedule_is_future(l->resolver_last_at, v->now) &&
		       l->resolver_last_at >= later(l->resolver_first_at, v->p->ttl_s);
	return l->second_pass_at != NEVER && !schedule_is_future(l->second_pass_at, v->now);
}

bool
is_recent(const struct view *v, const struct schedule_key *k)
{
	const int64_t seen[] = {
	    proof_time(k), k->looks.passed_at, k->looks.last_passed ? k->looks.looked_at : NEVER};

	if (!has_looks(v))
		return true;
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		if (seen[i] != NEVER && !schedule_is_future(seen[i], v->now) &&
		    later(seen[i], v->t->recent_proof_s) >= v->now)
			return true;
	}
	return false;
}

int64_t
resolvers_at(const struct view *v, const struct schedule_key *k)
{
	const struct schedule_looks *l = &k->looks;
	int64_t wait = later(v->t->resolver_wait_s, publication_interval(v, k, false));
	int64_t at = after(v, k->facts.at[FACT_PUBLISHED], wait);

	/* what a resolver said under a clock that was set back since is not waited for */
	if (l->resolver_wait_until != NEVER && !schedule_is_future(l->looked_at, v->now))
		at = max_s(at, l->resolver_wait_until);
	return at;
}

/* interval_s after the last look; the second of a pair as soon as it may be. */
static int64_t
next_at(const struct view *v, const struct schedule_looks *l, int64_t interval_s)
{
	if (l->looked_at == NEVER || schedule_is_future(l->looked_at, v->now) ||
	    schedule_is_future(l->first_pass_at, v->now))
		return v->now;
	if (interval_s > v->t->sweep_interval_s && l->first_pass_at != NEVER)
		interval_s = v->t->sweep_interval_s;
	/* a look after that time which completed no pair is repeated at leisure */
	int64_t second = later(l->first_pass_at, v->t->sweep_interval_s);
	if (l->last_passed && l->first_pass_at != NEVER && second > l->looked_at)
		return second;
	return later(l->looked_at, interval_s);
}

/* Every sweep_interval; what is missing for days is looked for less often. */
static int64_t
prove_at(const struct view *v, const struct schedule_looks *l, int64_t since)
{
	int64_t interval = v->t->sweep_interval_s;

	if (since != NEVER && l->looked_at != NEVER &&
	    l->looked_at >= later(since, v->t->slow_after_s))
		interval = max_s(interval, v->t->slow_interval_s);
	return next_at(v, l, interval);
}

static int64_t
watch_at(const struct view *v, const struct schedule_looks *l, int64_t interval_s)
{
	return after(v, l->looked_at, interval_s);
}

static int64_t
published_look_at(const struct view *v, const struct schedule_key *k)
{
	int64_t since = k->facts.at[FACT_PUBLISHED];

	if (v->p->proof == PROOF_RESOLVER)
		return max_s(resolvers_at(v, k), watch_at(v, &k->looks, v->p->ttl_s / 2 + 1));
	return prove_at(v, &k->looks, since);
}

/* After p= was asked for, or nothing. */
static int64_t
closing_look_at(const struct view *v, const struct schedule_key *k)
{
	const struct schedule_deed *deed = &k->deeds[closing_of(k)->deed];
	bool by_person = is_by_person(v, k);

	if (deed->tries == 0 && key_state_of(&k->facts) != KEY_STATE_COMPROMISED)
		return NEVER;
	if (by_person)
		return next_at(v, &k->looks, v->t->person_interval_s);
	/* by resolvers nothing can be seen that is gone: their caches are not asked */
	if (!deed->done || v->p->proof == PROOF_RESOLVER)
		return NEVER;
	return prove_at(v, &k->looks, deed->first_at);
}

/* Domains have their moments in the hour: those that were added at once, or seen at once after the keeper stood still,
 * are spread, too, and a look that ends late moves none of the next.  Keys of a domain stay together, for they share
 * its servers; and so many domains that an outage shows at once (K11). */
int64_t
schedule_watch_at(const struct schedule_domain *d, int64_t looked_at, int64_t interval_s)
{
	int64_t latest = later(looked_at, interval_s);
	int64_t window = interval_s < WATCH_SPREAD_S ? interval_s : WATCH_SPREAD_S;
	int64_t phases = d->watch_phases < WATCH_PHASES ? d->watch_phases : WATCH_PHASES;
	int64_t oldest = d->key_count > 0 ? d->keys[0].id : 0;
	int64_t phase = phases > 1 ? schedule_jitter(oldest, phases) * window / phases : 0;

	return latest - (latest - phase) % window;
}

static int64_t
hourly_at(const struct view *v, const struct schedule_looks *l)
{
	if (l->looked_at == NEVER || schedule_is_future(l->looked_at, v->now))
		return v->now;
	return schedule_watch_at(v->d, l->looked_at, v->t->watch_interval_s);
}

/* READY, ACTIVE, RETIRED: the record is to be there. */
static void
plan_watch(const struct view *v, const struct schedule_key *k, struct look_plan *plan)
{
	bool ready = key_state_of(&k->facts) == KEY_STATE_READY;

	plan->queries = v->t->queries;
	plan->proves = needs_proof(v, k);
	if (plan->proves && v->p->proof == PROOF_RESOLVER)
		plan->at = watch_at(v, &k->looks, v->p->ttl_s / 2 + 1);
	else if (plan->proves)
		plan->at = prove_at(v, &k->looks, k->looks.gone_since);
	else if (ready && v->now < ready_at(v, k))
		plan->at = watch_at(v, &k->looks, v->t->reprove_interval_s); /* K14 */
	else
		*plan =
		    (struct look_plan){hourly_at(v, &k->looks), WATCH_QUERIES, plan->expect, false};
}

struct look_plan
look_plan_of(const struct view *v, const struct schedule_key *k)
{
	struct look_plan plan = {NEVER, v->t->queries, schedule_expect(v->d, k), true};

	if (!has_looks(v))
		return plan;
	switch (key_state_of(&k->facts)) {
	case KEY_STATE_PUBLISHED:
		plan.at = published_look_at(v, k);
		break;
	case KEY_STATE_RETIRED:
		if (plan.expect == EXPECT_TOMBSTONE) {
			plan.at = closing_look_at(v, k);
			break;
		}
		/* an imported record is others' affair once no mail of ours needs it */
		if (!domain_gone(v, k, NULL) &&
		    (!key_has(k, FACT_IMPORTED) ||
			k->overlap_s < schedule_retirement_interval(v->p, k)))
			plan_watch(v, k, &plan);
		break;
	case KEY_STATE_READY:
	case KEY_STATE_ACTIVE:
		plan_watch(v, k, &plan);
		break;
	case KEY_STATE_REVOKED:
	case KEY_STATE_ABANDONED:
	case KEY_STATE_COMPROMISED:
		plan.at = closing_look_at(v, k);
		break;
	default: /* GENERATED: nothing is there yet; REMOVED, DESTROYED: nothing any more */
		break;
	}
	return plan;
}

bool
look_next(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct schedule_looks *l = &k->looks;
	struct look_plan plan = look_plan_of(v, k);

	if (plan.at == NEVER)
		return false;
	step->earliest = plan.at;
	step->queries = plan.queries;
	step->expect = plan.expect;
	if (l->looked_at == NEVER)
		step_say(step, "no server was asked yet");
	else if (!l->last_passed && l->obstacle != NULL && l->obstacle[0] != '\0')
		step_say(step, "%s", l->obstacle);
	else if (plan.proves && l->last_passed && l->first_pass_at != NEVER)
		step_say(step, "every server that answers has it; a second look proves it");
	return true;
}

bool
look_due(const struct view *v, const struct schedule_key *k, struct step *step)
{
	/* NEVER is before all times: then look_next has nothing to say */
	return look_plan_of(v, k).at <= v->now && look_next(v, k, step);
}

bool
proves_anew(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return needs_proof(v, k) && is_proven(v, k);
}

bool
is_unproven(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (key_is_gone(v, k) && v->p->by_hand)
		step->wait = WAIT_PERSON;
	return needs_proof(v, k) && look_next(v, k, step);
}

bool
gone_in_outage(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!v->w->outage || !key_is_gone(v, k))
		return false;
	step_say(step,
	    "its record is gone, but so are many others at once%s%s: an outage, in which "
	    "nothing is switched or published again",
	    v->w->outage_why == NULL ? "" : ": ", v->w->outage_why == NULL ? "" : v->w->outage_why);
	return true;
}

bool
gone_by_other_tool(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (k->removed_by_others < REMOVALS_MAX || !key_is_gone(v, k))
		return false;
	step_say(step,
	    "another tool owns this zone: the record was removed %u times within 24 h, and "
	    "is not published again until that ends",
	    k->removed_by_others);
	return true;
}

bool
gone_and_differs(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return k->looks.differs && key_is_gone(v, k);
}

bool
gone_and_foreign(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return !is_ours(v, k) && key_is_gone(v, k);
}

bool
republishes(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t at = deed_at(v, k, DEED_PUBLISH);

	if (!key_is_gone(v, k) || v->w->outage || k->removed_by_others >= REMOVALS_MAX ||
	    k->looks.differs || !is_ours(v, k) || at > v->now || domain_gone(v, k, NULL))
		return false;
	step_say(step, "its record is gone since %s: it is published again",
	    span_of(elapsed_s(k->looks.gone_since, v->now)).text);
	return true;
}
