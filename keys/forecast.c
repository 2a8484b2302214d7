/* SPDX-License-Identifier: ISC */
#include "keys/forecast_private.h"
#include "keys/looks.h"

#include <stdlib.h>
#include <string.h>

#define WORK_MAX       300000 /* keys that the scheduler is asked about: less than a second */
#define ROUNDS_AT_ONCE 16     /* and 8 more for each key */
#define WATCH_NEVER_S  (INT64_C(4000) * 365 * 86400)
#define SPAN_MAX_S     (INT64_C(200) * 365 * 86400)

void
sim_record(struct sim *s, const struct step *step, enum forecast_ask ask)
{
	struct forecast *f = s->out;

	if (f->count >= s->events_max) {
		s->full = true;
		return;
	}
	f->events[f->count++] = (struct forecast_event){.at = s->world.now,
	    .what = step->what,
	    .ask = ask,
	    .key = step->key,
	    .other = step->other,
	    .alg = step->alg,
	    .slot = step->slot};
	s->full = f->count == s->events_max;
}

static int
reserve_keys(struct sim *s, size_t cap, struct err *err)
{
	struct schedule_key *keys = realloc(s->keys, cap * sizeof(*keys));

	if (keys == NULL)
		return err_nomem(err);
	s->keys = keys;
	s->domain.keys = keys;
	struct sim_key *more = realloc(s->more, cap * sizeof(*more));
	if (more == NULL)
		return err_nomem(err);
	s->more = more;
	s->key_cap = cap;
	return 0;
}

int
sim_new_key(struct sim *s, const struct step *step, struct err *err)
{
	size_t n = s->domain.key_count;

	if (n >= s->original->key_count + FORECAST_KEYS_MAX) {
		s->full = true;
		return 0;
	}
	if (n == s->key_cap && reserve_keys(s, 2 * n + 8, err) != 0)
		return -1;
	struct schedule_key *k = &s->keys[n];
	*k = (struct schedule_key){.id = n == 0 ? 1 : s->keys[n - 1].id + 1,
	    .alg = step->alg,
	    .slot = step->slot,
	    .negative_max_s = NEVER};
	key_facts_init(&k->facts);
	k->facts.at[FACT_GENERATED] = s->world.now;
	looks_begin(&k->looks);
	for (int d = 0; d < DEED_COUNT; d++)
		k->deeds[d].first_at = k->deeds[d].last_at = NEVER;
	s->domain.key_count++;
	sim_begin_key(s, n);
	return 0;
}

/* A world in which nothing is found wrong need not be watched. */
static void
begin_world(struct sim *s, const struct forecast_query *q)
{
	s->original = q->domain;
	s->domain = *q->domain;
	s->domain.keys = s->keys;
	s->domain.slots = s->slots;
	s->domain.is_gone = false;
	s->world = *q->world;
	s->times = *q->world->times;
	s->world.times = &s->times;
	s->world.clock_trusted = true;
	s->world.outage = false;
	s->times.watch_interval_s = s->times.reprove_interval_s = WATCH_NEVER_S;
	s->alias_by = NEVER;
	s->events_max = q->events_max > 0 && q->events_max < FORECAST_EVENTS_MAX
			    ? q->events_max
			    : FORECAST_EVENTS_MAX;
}

static int
sim_init(struct sim *s, const struct forecast_query *q, struct err *err)
{
	const struct schedule_domain *d = q->domain;

	if (reserve_keys(s, d->key_count + 4, err) != 0)
		return -1;
	s->slots = calloc(d->slot_count + 1, sizeof(*s->slots));
	if (s->slots == NULL)
		return err_nomem(err);
	if (d->key_count > 0)
		memcpy(s->keys, d->keys, d->key_count * sizeof(*s->keys));
	if (d->slot_count > 0)
		memcpy(s->slots, d->slots, d->slot_count * sizeof(*s->slots));
	begin_world(s, q);
	s->out->events = calloc(s->events_max, sizeof(*s->out->events));
	if (s->out->events == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < d->key_count; i++)
		sim_begin_key(s, i);
	return 0;
}

/* Counts what the scheduler is told in trusted seconds, and forgets the looks of the moment before. */
static void
set_now(struct sim *s, int64_t now)
{
	for (size_t i = 0; i < s->domain.key_count; i++) {
		struct schedule_key *k = &s->keys[i];
		struct sim_key *m = &s->more[i];
		if (now > s->world.now)
			k->looks.looked_now = false;
		if (k->facts.at[FACT_ACKNOWLEDGED] != NEVER)
			k->overlap_s = m->overlap_base_s + (now - m->overlap_from);
		if (k->queue_holds && now >= m->queue_free_at) {
			k->queue_holds = false;
			k->queue_held = true;
			m->clear_base_s = 0;
			m->clear_from = now;
		}
		if (k->queue_held && !k->queue_holds)
			k->queue_clear_s = m->clear_base_s + (now - m->clear_from);
	}
	s->world.now = now;
}

/* When the simulation takes the step: nobody looks at what is not there yet. */
static int64_t
time_of(const struct sim *s, const struct step *step)
{
	if (step->what == STEP_NONE || step->earliest == NEVER)
		return NEVER;
	if (step->what == STEP_LOOK && step->key != SIZE_MAX &&
	    s->more[step->key].visible_at > step->earliest)
		return s->more[step->key].visible_at;
	return step->earliest;
}

/* The private key of a retired one goes while its record is still waited for, which no step tells ahead of time: a pass
 * comes by often enough. */
static int64_t
destroyed_at(const struct sim *s, const struct schedule_key *k)
{
	int64_t at = k->facts.at[FACT_ACKNOWLEDGED];

	if (at == NEVER || k->facts.at[FACT_DESTROYED] != NEVER ||
	    schedule_is_future(at, s->world.now))
		return NEVER;
	at += s->domain.policy->destroy_after_s;
	return at > s->world.now ? at : NEVER;
}

/* When something is due that no step says. */
static int64_t
wake_at(const struct sim *s)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < s->domain.key_count; i++) {
		int64_t at = destroyed_at(s, &s->keys[i]);
		if (at != NEVER && at < first)
			first = at;
	}
	return first;
}

/* Does the first step that is due; a view is of one moment, so that the next is asked for anew.  *next: when the first
 * of the others is due. */
static int
one_round(struct sim *s, const struct step *steps, size_t count, int64_t *next, struct err *err)
{
	*next = wake_at(s);
	for (size_t i = 0; i < count; i++) {
		int64_t at = time_of(s, &steps[i]);
		if (at == NEVER && steps[i].wait == WAIT_PERSON && sim_ask(s, &steps[i])) {
			*next = s->world.now;
			return 0;
		}
		if (at == NEVER && steps[i].wait == WAIT_QUEUE && steps[i].key != SIZE_MAX)
			at = s->more[steps[i].key].queue_free_at;
		else if (at != NEVER && at <= s->world.now) {
			*next = s->world.now;
			return sim_do(s, &steps[i], err);
		}
		if (at != NEVER && at < *next)
			*next = at;
	}
	return 0;
}

static int
ask_scheduler(struct sim *s, struct step **steps, size_t *cap, size_t *count, struct err *err)
{
	size_t want = SCHEDULE_STEPS(s->domain.key_count);

	if (want > *cap) {
		struct step *more = realloc(*steps, want * sizeof(**steps));
		if (more == NULL)
			return err_nomem(err);
		*steps = more;
		*cap = want;
	}
	*count = schedule_next(&s->domain, &s->world, *steps);
	return 0;
}

static int
simulate(struct sim *s, int64_t until, struct err *err)
{
	struct step *steps = NULL;
	size_t cap = 0, count = 0, at_once = 0, work = 0;
	int64_t next = s->world.now, never = s->world.now + WATCH_NEVER_S / 2;
	int rc = 0;

	s->out->end = FORECAST_LIMITED;
	for (; rc == 0 && work < WORK_MAX && !s->full; work += s->domain.key_count + 1) {
		if (next >= never)
			s->out->end = s->domain.held ? FORECAST_HELD : FORECAST_RESTS;
		else if (next > until)
			s->out->end = FORECAST_UNTIL;
		if (next >= never || next > until)
			break;
		at_once = next > s->world.now ? 0 : at_once + 1;
		/* what should have been done is asked for again and again: no more can be told */
		if (at_once > ROUNDS_AT_ONCE + 8 * s->domain.key_count)
			break;
		set_now(s, next);
		rc = ask_scheduler(s, &steps, &cap, &count, err);
		if (rc == 0)
			rc = one_round(s, steps, count, &next, err);
	}
	free(steps);
	return rc;
}

int
forecast_make(const struct forecast_query *q, struct forecast *out, struct err *err)
{
	struct sim s = {.out = out};
	int64_t until = q->until;

	*out = (struct forecast){.events = NULL};
	if (until > q->world->now && until - q->world->now > SPAN_MAX_S)
		until = q->world->now + SPAN_MAX_S;
	int rc = sim_init(&s, q, err);
	if (rc == 0)
		rc = simulate(&s, until, err);
	free(s.more);
	free(s.slots);
	out->keys = s.keys;
	out->key_count = s.domain.key_count;
	out->ended_at = s.world.now;
	return rc;
}

void
forecast_deinit(struct forecast *f)
{
	free(f->keys);
	free(f->events);
	f->keys = NULL;
	f->events = NULL;
}

enum key_state
forecast_state_at(const struct schedule_key *k, int64_t at)
{
	static const struct {
		enum key_fact fact;
		enum key_state state;
	} ENDS[] = {{FACT_REMOVED, KEY_STATE_REMOVED}, {FACT_ABANDONED, KEY_STATE_REMOVED},
	    {FACT_REVOKED, KEY_STATE_REVOKED}, {FACT_RETIRED, KEY_STATE_RETIRED},
	    {FACT_ACTIVATED, KEY_STATE_ACTIVE}, {FACT_PUBLISHED, KEY_STATE_PUBLISHED}};

	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++) {
		int64_t since = k->facts.at[ENDS[i].fact];
		if (since != NEVER && since <= at)
			return ENDS[i].state;
	}
	return KEY_STATE_REMOVED;
}
