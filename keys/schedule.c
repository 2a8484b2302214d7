/* SPDX-License-Identifier: ISC */
#include "keys/schedule_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A sweep's end is rounded up, and clocks are slewed; a time further ahead is of a clock that was
 * set back since. */
#define FUTURE_S 60

void
step_begin(struct step *step, enum step_what what, enum step_wait wait, const char *why)
{
	step->what = what;
	step->wait = wait;
	snprintf(step->why, sizeof(step->why), "%s", why);
}

void
step_say(struct step *step, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(step->why, sizeof(step->why), fmt, ap);
	va_end(ap);
}

struct span_text
span_of(int64_t seconds)
{
	static const struct {
		int64_t unit_s, next_s;
		const char *unit, *next;
	} UNITS[] = {{86400, 3600, "d", "h"}, {3600, 60, "h", "min"}, {60, 1, "min", "s"}};
	struct span_text out;

	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
		/* 90 minutes are "90 min": two units only where one would be coarse */
		if (seconds < 2 * UNITS[i].unit_s)
			continue;
		int64_t rest = seconds % UNITS[i].unit_s / UNITS[i].next_s;
		if (rest == 0)
			snprintf(out.text, sizeof(out.text), "%" PRId64 " %s",
			    seconds / UNITS[i].unit_s, UNITS[i].unit);
		else
			snprintf(out.text, sizeof(out.text), "%" PRId64 " %s %" PRId64 " %s",
			    seconds / UNITS[i].unit_s, UNITS[i].unit, rest, UNITS[i].next);
		return out;
	}
	snprintf(out.text, sizeof(out.text), "%" PRId64 " s", seconds);
	return out;
}

int64_t
later(int64_t at, int64_t by_s)
{
	if (by_s > 0 && at > INT64_MAX - by_s)
		return INT64_MAX;
	return by_s < 0 && at <= NEVER - by_s ? NEVER + 1 : at + by_s;
}

int64_t
elapsed_s(int64_t from, int64_t to)
{
	if (to <= from)
		return 0;
	return from < 0 && to > INT64_MAX + from ? INT64_MAX : to - from;
}

int64_t
max_s(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool
schedule_is_future(int64_t at, int64_t now)
{
	return at != NEVER && at > later(now, FUTURE_S);
}

int64_t
after(const struct view *v, int64_t at, int64_t by_s)
{
	return at == NEVER || schedule_is_future(at, v->now) ? v->now : later(at, by_s);
}

const struct chain *
chain_of(const struct view *v, const struct schedule_key *k)
{
	return &v->chains[k->alg];
}

bool
key_has(const struct schedule_key *k, enum key_fact fact)
{
	return k->facts.at[fact] != NEVER;
}

bool
always(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)v;
	(void)k;
	(void)step;
	return true;
}

/* K9, K18: no fact, no switch and no revocation rests on a clock that is not trusted. */
static bool
clock_untrusted(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)k;
	if (v->w->clock_trusted)
		return false;
	step_say(step, "the clock is not trusted%s%s; signing goes on",
	    v->w->clock_why == NULL ? "" : ": ", v->w->clock_why == NULL ? "" : v->w->clock_why);
	return true;
}

static bool
clock_untrusted_look(const struct view *v, const struct schedule_key *k, struct step *step)
{
	return !v->w->clock_trusted && look_due(v, k, step);
}

/* `hold` lets through the switch away from a lost key, and what `compromise` asks for: a forger does not wait. */
static bool
held(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return v->d->held && !rescues(v, k) && key_state_of(&k->facts) != KEY_STATE_COMPROMISED;
}

static bool
held_look(const struct view *v, const struct schedule_key *k, struct step *step)
{
	return held(v, k, step) && look_due(v, k, step);
}

static const struct rule RULES_FROZEN[] = {
    {clock_untrusted_look, STEP_LOOK, WAIT_DNS, "looked at while the clock is not trusted"},
    {clock_untrusted, STEP_NONE, WAIT_CLOCK, ""},
    {held_look, STEP_LOOK, WAIT_DNS, "looked at while the domain is held"},
    {held, STEP_NONE, WAIT_HOLD, "held: signpost release lets it go on; signing and watching do"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

static const struct rule RULES_ENDED[] = {
    {always, STEP_NONE, WAIT_NOTHING, "ended"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

static const struct rule *const RULES[] = {
    [KEY_STATE_GENERATED] = RULES_GENERATED,
    [KEY_STATE_PUBLISHED] = RULES_PUBLISHED,
    [KEY_STATE_READY] = RULES_READY,
    [KEY_STATE_ACTIVE] = RULES_ACTIVE,
    [KEY_STATE_RETIRED] = RULES_RETIRED,
    [KEY_STATE_REVOKED] = RULES_REVOKED,
    [KEY_STATE_REMOVED] = RULES_REMOVED,
    [KEY_STATE_DESTROYED] = RULES_ENDED,
    [KEY_STATE_ABANDONED] = RULES_ABANDONED,
    [KEY_STATE_COMPROMISED] = RULES_COMPROMISED,
};

static bool
apply(
    const struct rule *rules, const struct view *v, const struct schedule_key *k, struct step *step)
{
	for (const struct rule *r = rules; r->holds != NULL; r++) {
		step_begin(step, r->what, r->wait, r->why);
		step->earliest = v->now;
		if (!r->holds(v, k, step))
			continue;
		if (step->what == STEP_NONE)
			step->earliest = NEVER;
		return true;
	}
	return false;
}

static void
step_of_key(const struct view *v, const struct schedule_key *k, struct step *step)
{
	enum key_state state = key_state_of(&k->facts);

	*step = (struct step){.key = (size_t)(k - v->d->keys),
	    .other = SIZE_MAX,
	    .alg = k->alg,
	    .slot = k->slot,
	    .earliest = NEVER};
	if (state != KEY_STATE_DESTROYED && apply(RULES_FROZEN, v, k, step))
		return;
	apply(RULES[state], v, k, step); /* some row of each table holds */
}

static bool
is_wanted(const struct view *v, enum key_alg alg)
{
	for (size_t i = 0; i < v->p->algorithm_count; i++) {
		if (v->p->algorithms[i] == alg)
			return v->d->removing_at == NEVER;
	}
	return false;
}

/* Of two keys that both sign (an import can bring two), the one that is to stay. */
static bool
is_better_active(const struct schedule_key *a, const struct schedule_key *b)
{
	if (b == NULL || key_has(a, FACT_COMPROMISED) != key_has(b, FACT_COMPROMISED))
		return b == NULL || !key_has(a, FACT_COMPROMISED);
	if (a->imported_unproven != b->imported_unproven)
		return !a->imported_unproven;
	return a->facts.at[FACT_ACTIVATED] >= b->facts.at[FACT_ACTIVATED];
}

static int
successor_rank(const struct view *v, const struct schedule_key *k)
{
	enum key_state state = key_state_of(&k->facts);

	if (state > KEY_STATE_READY || misplaced(v, k, NULL))
		return 0;
	if (state != KEY_STATE_READY)
		return k->selector_taken ? 0 : 1;
	return needs_proof(v, k) ? 2 : 3;
}

static void
find_chain(struct view *v, struct chain *c)
{
	int rank = 0;

	c->wanted = is_wanted(v, c->alg);
	for (size_t i = 0; i < v->d->key_count; i++) {
		const struct schedule_key *k = &v->d->keys[i];
		if (k->alg != c->alg)
			continue;
		c->was_active = c->was_active || key_has(k, FACT_ACTIVATED);
		if (key_state_of(&k->facts) == KEY_STATE_ACTIVE && is_better_active(k, c->active))
			c->active = k;
		if (successor_rank(v, k) > rank) {
			rank = successor_rank(v, k);
			c->successor = k;
		}
	}
	v->any_was_active = v->any_was_active || c->was_active;
	c->empty = c->active == NULL && c->was_active && c->alg == KEY_RSA_SHA256;
	c->stolen = c->active != NULL && key_has(c->active, FACT_COMPROMISED);
	c->lost = c->active != NULL && !v->w->outage && key_is_gone(v, c->active);
}

static void
view_init(struct view *v, const struct schedule_domain *d, const struct schedule_world *w)
{
	*v = (struct view){.d = d, .w = w, .p = d->policy, .t = w->times, .now = w->now};
	for (size_t i = 0; i < POLICY_ALGORITHMS_MAX; i++) {
		v->chains[i].alg = (enum key_alg)i;
		find_chain(v, &v->chains[i]);
	}
}

size_t
schedule_next(
    const struct schedule_domain *domain, const struct schedule_world *world, struct step *steps)
{
	struct view v;
	size_t count = 0;

	view_init(&v, domain, world);
	for (; count < domain->key_count; count++)
		step_of_key(&v, &domain->keys[count], &steps[count]);
	count += begin_steps(&v, steps + count);
	count += signer_steps(&v, steps + count);
	return count;
}

int64_t
schedule_next_look(const struct schedule_domain *domain, const struct schedule_world *world,
    const struct schedule_key *key)
{
	struct view v;

	view_init(&v, domain, world);
	return look_plan_of(&v, key).at;
}

bool
schedule_is_lost(const struct schedule_domain *domain, const struct schedule_world *world,
    const struct schedule_key *key)
{
	struct view v;

	view_init(&v, domain, world);
	return key_is_gone(&v, key);
}
