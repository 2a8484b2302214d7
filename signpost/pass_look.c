/* SPDX-License-Identifier: ISC */
/* pass_look.c - looking at DNS: which sweeps are due, and what each of them means for its key. */
#include "signpost/look_judge.h"
#include "signpost/pass_private.h"
#include "signpost/pass_slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMERS_MAX 32		 /* of one key */
#define MEASURE_S   (4 * 3600LL) /* between two measurements of a domain's negative TTLs */

/* One sweep of the batch. */
struct look {
	struct share *share;
	const struct step *step;
	struct sweep_former formers[FORMERS_MAX];
	/* that formers point into */
	char *zones[SWEEP_LINKS_MAX];
	struct store_server *servers[SWEEP_LINKS_MAX];
};

struct looking {
	struct pass *pass;
	int64_t now;
	struct look *looks;
	struct sweep_question *questions;
	size_t count;
	struct err err; /* the store failed: nothing more is written */
};

/* Those of one zone that are no longer listed, and that resolvers may still ask. */
static int
add_zone_formers(struct look *l, struct sweep_question *q, size_t zone, struct err *err)
{
	int64_t listed = NEVER, safety = l->share->d->domain.policy->publish_safety_s;
	size_t count = 0;

	if (store_servers(l->share->pass->store, l->zones[zone], &l->servers[zone], &count, err) !=
	    0)
		return -1;
	for (size_t i = 0; i < count; i++)
		listed = l->servers[zone][i].last_listed > listed ? l->servers[zone][i].last_listed
								  : listed;
	for (size_t i = 0; i < count && q->former_count < FORMERS_MAX; i++) {
		const struct store_server *s = &l->servers[zone][i];
		int64_t until = s->last_listed + s->ttl_s + safety;
		if (s->last_listed >= listed || until <= l->share->pass->began)
			continue;
		l->formers[q->former_count++] = (struct sweep_former){.zone = l->zones[zone],
		    .name = s->host,
		    .endpoint = s->endpoint,
		    .until = until};
	}
	return 0;
}

/* K2: of every zone of the chain, as the last sweep found it. */
static int
add_formers(struct look *l, struct sweep_question *q, struct err *err)
{
	struct slice rest = slice_of(l->share->d->looks[l->step->key].zones);

	q->formers = l->formers;
	for (size_t n = 0; n < SWEEP_LINKS_MAX && rest.len > 0; n++) {
		size_t len = rest.len;
		slice_find(rest, ' ', &len);
		l->zones[n] = slice_strdup(slice_sub(rest, 0, len));
		if (l->zones[n] == NULL)
			return err_nomem(err);
		if (add_zone_formers(l, q, n, err) != 0)
			return -1;
		rest = slice_from(rest, len + 1);
	}
	return 0;
}

/* Before a publication and while a key waits; and now and then, for K4 asks what was within a day. */
static bool
measures(const struct look *l)
{
	const struct observed *d = l->share->d;
	int64_t at = d->row->negative_at, now = l->share->pass->began;

	if (l->step->queries > 1 && key_state_of(&d->keys[l->step->key].facts) <= KEY_STATE_READY)
		return true;
	return at == NEVER || schedule_is_future(at, now) || now - at >= MEASURE_S;
}

static int
begin_look(struct look *l, struct sweep_question *q, struct err *err)
{
	const struct observed *d = l->share->d;
	const struct store_key *key = &d->keys[l->step->key];
	const struct store_look *seen = &d->looks[l->step->key];

	*q = (struct sweep_question){.domain = key->domain,
	    .name = key->alias[0] != '\0' ? key->alias : key->owner,
	    .expect = l->step->expect,
	    .expected = slice_of(key->record),
	    .alias = key->alias[0] != '\0' ? key->owner : NULL,
	    .queries = l->step->queries,
	    .or_nothing = l->step->expect == EXPECT_TOMBSTONE && key->slot < 0,
	    .survey = measures(l),
	    .zones = seen->zones[0] == '\0' ? NULL : seen->zones};
	return add_formers(l, q, err);
}

/* Puts what one sweep found on disk. */
static void
take(void *arg, const struct sweep_result *result)
{
	struct looking *all = arg;
	struct look *l = &all->looks[result->index];
	struct pass *pass = all->pass;
	struct err err = ERR_INIT;
	struct look_judgement j = {.config = pass->config,
	    .store = pass->store,
	    .seams = pass->seams,
	    .d = l->share->d,
	    .step = l->step,
	    .question = &all->questions[result->index],
	    .untrusted = !l->share->o->world.world.clock_trusted};

	if (all->err.kind != ERR_NONE)
		return;
	pass_between(pass, "look");
	if (look_judge(&j, result, &err) != 0) {
		all->err = err;
		return;
	}
	if (j.failed) {
		pass->unanswered = true;
		/* a timer would repeat it every minute; status shows it */
		if (j.news || pass->verbose)
			fprintf(stderr, "signpost: %s: %s\n", l->share->d->row->name, j.why);
	}
	pass_tell(pass, l->share->d->row->name, l->share->d->keys[l->step->key].selector, "%s",
	    j.passed ? "every server that answers has what it should" : j.why);
}

/* K34: the resolvers are asked instead. */
static int
poll_resolvers(struct looking *all, size_t i, struct err *err)
{
	struct look *l = &all->looks[i];
	struct pass *pass = all->pass;
	struct look_judgement j = {.config = pass->config,
	    .store = pass->store,
	    .seams = pass->seams,
	    .d = l->share->d,
	    .step = l->step,
	    .question = &all->questions[i],
	    .untrusted = !l->share->o->world.world.clock_trusted};

	all->questions[i].now = pass_now(pass);
	pass_between(pass, "look");
	if (look_poll(&j, err) != 0)
		return -1;
	pass->unanswered = pass->unanswered || j.failed;
	pass_tell(pass, l->share->d->row->name, l->share->d->keys[l->step->key].selector, "%s",
	    j.passed ? "the resolvers have the record" : j.why);
	return 0;
}

static bool
by_resolvers(const struct look *l)
{
	return l->share->d->domain.policy->proof == PROOF_RESOLVER;
}

static int
run_looks(struct looking *all, struct err *err)
{
	size_t sweeps = 0;
	int rc = 0;

	/* those that are swept come first */
	for (size_t i = 0; i < all->count; i++) {
		if (by_resolvers(&all->looks[i]))
			continue;
		struct look l = all->looks[sweeps];
		struct sweep_question q = all->questions[sweeps];
		all->looks[sweeps] = all->looks[i];
		all->questions[sweeps] = all->questions[i];
		all->looks[i] = l;
		all->questions[i] = q;
		sweeps++;
	}
	for (size_t i = 0; i < sweeps; i++)
		all->questions[i].formers = all->looks[i].formers;
	const struct pass_sweeps todo = {all->questions, sweeps, take, all};
	if (sweeps > 0)
		all->pass->seams->sweep(all->pass->seams->arg, all->pass->batch, &todo);
	if (all->err.kind != ERR_NONE) {
		*err = all->err;
		rc = -1;
	}
	for (size_t i = sweeps; rc == 0 && i < all->count; i++)
		rc = poll_resolvers(all, i, err);
	return rc;
}

static size_t
count_due(const struct share *shares, size_t count, int64_t now)
{
	size_t n = 0;

	for (size_t s = 0; s < count; s++) {
		for (size_t i = 0; i < shares[s].count; i++)
			n += shares[s].steps[i].what == STEP_LOOK &&
			     shares[s].steps[i].earliest <= now;
	}
	return n;
}

static int
plan_looks(struct looking *all, struct share *shares, size_t count, struct err *err)
{
	for (size_t s = 0; s < count; s++) {
		for (size_t i = 0; i < shares[s].count; i++) {
			const struct step *step = &shares[s].steps[i];
			if (step->what != STEP_LOOK || step->earliest > all->now)
				continue;
			struct look *l = &all->looks[all->count];
			l->share = &shares[s];
			l->step = step;
			if (begin_look(l, &all->questions[all->count++], err) != 0)
				return -1;
		}
	}
	return 0;
}

static void
free_look(struct look *l)
{
	for (size_t i = 0; i < SWEEP_LINKS_MAX; i++) {
		free(l->servers[i]);
		free(l->zones[i]);
	}
}

int
pass_looks(struct pass *pass, struct share *shares, size_t count, struct err *err)
{
	/* a key that was never looked at is due at the time of its plan, which is later than the pass began */
	struct looking all = {.pass = pass, .now = pass_now(pass), .err = ERR_INIT};
	size_t due = count_due(shares, count, all.now);

	if (due == 0)
		return pass_slots(pass, shares, count, err);
	all.looks = calloc(due, sizeof(*all.looks));
	all.questions = calloc(due, sizeof(*all.questions));
	int rc = all.looks == NULL || all.questions == NULL ? err_nomem(err) : 0;
	if (rc == 0)
		rc = plan_looks(&all, shares, count, err);
	if (rc == 0)
		rc = run_looks(&all, err);
	for (size_t i = 0; all.looks != NULL && i < all.count; i++)
		free_look(&all.looks[i]);
	free(all.looks);
	free(all.questions);
	return rc == 0 ? pass_slots(pass, shares, count, err) : rc;
}
