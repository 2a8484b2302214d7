/* SPDX-License-Identifier: ISC */
#include "keys/schedule.h"

#include <stdarg.h>
#include <stdio.h>

/* A sweep's end is rounded up, and clocks are slewed; a time further ahead is of a clock that was
 * set back since. */
#define FUTURE_S 60

static void __attribute__((format(printf, 4, 5)))
set_step(struct step *step, enum step_what what, int64_t earliest, const char *fmt, ...)
{
	va_list ap;

	step->what = what;
	step->earliest = earliest;
	va_start(ap, fmt);
	vsnprintf(step->why, sizeof(step->why), fmt, ap);
	va_end(ap);
}

/* No overflow for any clock. */
static int64_t
later(int64_t at, int64_t by)
{
	return at > INT64_MAX - by ? INT64_MAX : at + by;
}

bool
schedule_is_future(int64_t at, int64_t now)
{
	return at != NEVER && at > later(now, FUTURE_S);
}

bool
schedule_wants_new_proof(const struct key_observed *o, int64_t now)
{
	return o->contradicted || schedule_is_future(o->proven_at, now);
}

/* When the servers are looked at next.  A record that is missing for days is looked for less
 * often, unless a first sweep has passed just now. */
static int64_t
next_look(
    const struct key_facts *f, const struct key_observed *o, const struct key_times *t, int64_t now)
{
	int64_t generated = f->at[FACT_GENERATED];
	int64_t interval = t->sweep_interval_s;

	if (o->looked_at == NEVER)
		return generated == NEVER || generated > now ? now : generated;
	/* the clock was set back: its old time must not be waited for */
	if (schedule_is_future(o->looked_at, now) || schedule_is_future(o->first_pass_at, now))
		return now;
	if (o->first_pass_at == NEVER && generated != NEVER &&
	    o->looked_at >= later(generated, t->slow_after_s) && t->slow_interval_s > interval)
		interval = t->slow_interval_s;
	if (o->first_pass_at != NEVER && o->last_passed)
		return later(o->first_pass_at, interval); /* the second of the pair, no earlier */
	return later(o->looked_at, interval);
}

static void
wait_for_proof(const struct key_facts *f, const struct key_observed *o, const struct key_times *t,
    int64_t now, struct step *step)
{
	int64_t at = next_look(f, o, t, now);

	if (o->second_pass_at != NEVER)
		set_step(step, STEP_VERIFY, o->second_pass_at,
		    "two equal looks at every server found the record");
	else if (o->looked_at == NEVER)
		set_step(step, STEP_LOOK, at, "no server was asked yet");
	else if (o->first_pass_at != NEVER && o->last_passed)
		set_step(step, STEP_LOOK, at,
		    "every server that answers has the record; a second look proves it");
	else if (o->obstacle != NULL && o->obstacle[0] != '\0')
		set_step(step, STEP_LOOK, at, "%s", o->obstacle);
	else
		set_step(step, STEP_LOOK, at, "the record is not yet on every server");
}

static void
wait_for_switch(const struct key_facts *f, const struct key_observed *o, const struct key_times *t,
    int64_t now, struct step *step)
{
	/* K16: a proof that was renewed after a contradiction is the one that counts */
	int64_t ready = o->proven_at != NEVER ? o->proven_at : f->at[FACT_VERIFIED];
	int64_t watch = later(o->looked_at, SCHEDULE_WATCH_INTERVALS * t->sweep_interval_s);

	/* K3: the first key of a domain waits for nothing more; mail was unsigned before, so
	 * nothing gets worse */
	if (o->domain_was_active)
		ready = later(ready, t->publication_interval_s);
	if (!o->is_rsa && !o->rsa_active) {
		/* RFC 8301 3.1, K27: never Ed25519 alone */
		set_step(
		    step, STEP_NONE, NEVER, "proven; joins when an RSA key of the domain signs");
	} else if (o->looked_at != NEVER && !o->last_passed) {
		set_step(step, STEP_LOOK, next_look(f, o, t, now), "it was proven, but now: %s",
		    o->obstacle == NULL ? "" : o->obstacle);
	} else if (schedule_wants_new_proof(o, now)) {
		/* K2, K16 */
		set_step(step, STEP_LOOK, next_look(f, o, t, now),
		    "a server contradicted after the proof; two equal looks prove it anew");
	} else if (now < ready && now < watch) {
		set_step(step, STEP_ACTIVATE, ready,
		    "proven; waits because receivers may still remember that the record was not "
		    "there");
	} else if (now >= ready && o->looked_now) {
		set_step(step, STEP_ACTIVATE, ready, "proven, and seen again just now; it signs");
	} else {
		/* the switch rests on what every server says now, not on what one said before */
		set_step(step, STEP_LOOK, now, "proven; one more look before it signs");
	}
}

void
schedule_next(const struct key_facts *facts, const struct key_observed *observed,
    const struct key_times *times, int64_t now, struct step *step)
{
	switch (key_state_of(facts)) {
	case KEY_STATE_GENERATED:
	case KEY_STATE_PUBLISHED:
		wait_for_proof(facts, observed, times, now, step);
		break;
	case KEY_STATE_READY:
		wait_for_switch(facts, observed, times, now, step);
		break;
	case KEY_STATE_ACTIVE:
		set_step(step, STEP_NONE, NEVER, "signs");
		break;
	default:
		set_step(step, STEP_NONE, NEVER, "%s", key_state_name(key_state_of(facts)));
		break;
	}
}
