/* SPDX-License-Identifier: ISC */
#include "keys/looks.h"
#include "keys/sweep_verdict.h"

#define DAY_S 86400

void
looks_begin(struct schedule_looks *l)
{
	*l = (struct schedule_looks){.looked_at = NEVER,
	    .passed_at = NEVER,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = NEVER,
	    .gone_since = NEVER,
	    .resolver_first_at = NEVER,
	    .resolver_last_at = NEVER,
	    .resolver_wait_until = NEVER};
}

static void
contradict(struct schedule_looks *l, const struct looks_sweep *s)
{
	/* K16: only a contradiction resets; silence is neutral */
	l->first_pass_at = l->second_pass_at = NEVER;
	l->contradicted = l->proven_at != NEVER;
	l->resolver_passes = 0;
	l->resolver_first_at = l->resolver_last_at = NEVER;
	if (l->proven_at == NEVER)
		return;
	if (l->gone_since == NEVER || schedule_is_future(l->gone_since, s->sweep->ended_at)) {
		l->gone_since = s->sweep->ended_at;
		l->gone_sweeps = 0;
	}
	l->gone_sweeps++;
	l->differs = s->differs;
}

/* A passing sweep beside the one before: the first of a pair, the second, or one too early to tell. */
static void
pair_up(struct schedule_looks *l, const struct looks_sweep *s)
{
	const struct sweep *now = s->sweep;
	bool again = l->first_pass_at != NEVER && s->first != NULL && sweep_equal(s->first, now);

	/* one of the future can be of any age: the clock was set back */
	if (!again || schedule_is_future(l->first_pass_at, now->started_at) ||
	    schedule_is_future(l->second_pass_at, now->started_at)) {
		l->first_pass_at = now->ended_at;
		l->second_pass_at = NEVER;
		return;
	}
	/* a pair that permitted no step was perhaps one of before the deed: it goes on with its second */
	if (l->second_pass_at != NEVER && now->started_at >= l->second_pass_at + s->apart_s)
		l->first_pass_at = l->second_pass_at;
	if (now->started_at >= l->first_pass_at + s->apart_s)
		l->second_pass_at = now->ended_at;
}

void
looks_add(struct schedule_looks *l, const struct looks_sweep *s)
{
	l->looked_at = s->sweep->ended_at;
	l->looked_now = true;
	l->last_passed = !s->failed && !s->untrusted && s->passed;
	if (s->failed)
		return;
	/* K18: it can take a proof away, and give none */
	if (s->untrusted) {
		if (s->contradicts || s->new_servers)
			l->first_pass_at = l->second_pass_at = NEVER;
		l->contradicted = l->contradicted || (s->contradicts && l->proven_at != NEVER);
		return;
	}
	/* K2: receivers may still ask the old ones, which nobody has proven to be rid of */
	if (s->new_servers)
		l->first_pass_at = l->second_pass_at = NEVER;
	if (s->contradicts) {
		contradict(l, s);
		return;
	}
	if (!s->passed)
		return;
	l->passed_at = s->sweep->ended_at;
	l->gone_since = NEVER;
	l->gone_sweeps = 0;
	l->differs = false;
	if (s->may_prove)
		pair_up(l, s);
}

bool
looks_negative(struct looks_negative *n, int64_t measured_s, int64_t now, bool untrusted)
{
	const struct looks_negative was = *n;
	int64_t keep = n->max_s > DAY_S ? n->max_s : DAY_S;

	if (n->max_s == NEVER || measured_s >= n->max_s) {
		n->max_s = measured_s;
		n->lower_since = NEVER;
	} else if (untrusted) {
		return false; /* it cannot tell how long ago it was higher */
	} else if (n->lower_since == NEVER || schedule_is_future(n->lower_since, now)) {
		n->lower_since = now; /* until when it was higher, nobody knows */
	} else if (now - n->lower_since > keep) {
		n->max_s = measured_s;
		n->lower_since = NEVER;
	}
	return n->max_s != was.max_s || n->lower_since != was.lower_since;
}
