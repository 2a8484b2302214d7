/* SPDX-License-Identifier: ISC */
#include "signpost/pass_slots.h"
#include "signpost/keymaker.h"
#include "signpost/look_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot_look {
	const struct share *share;
	const struct store_slot *slot;
	char owner[SWEEP_NAME_LEN], alias[SWEEP_NAME_LEN];
};

struct slot_looks {
	struct pass *pass;
	struct slot_look *looks;
	struct sweep_question *questions;
	size_t count;
	struct err err; /* the store failed: nothing more is written */
};

/* What is wrong is looked at as often as a new record, for as long: a person may be at it. */
static int64_t
mending_at(const struct share *s, const struct store_slot *slot, int64_t now)
{
	const struct config *c = s->pass->config;

	return slot->looked_at + (now - s->d->row->added_at < c->slow_after_s ? c->sweep_interval_s
									      : c->slow_interval_s);
}

/* NEVER: it is not watched. */
static int64_t
next_of(const struct share *s, size_t nr, int64_t now)
{
	const struct store_slot *slot = &s->d->slots[nr];

	if (!observed_watches_slot(s->d, nr))
		return NEVER;
	if (slot->looked_at == NEVER || schedule_is_future(slot->looked_at, now))
		return now;
	int64_t watch_at = schedule_watch_at(
	    &s->d->domain, slot->looked_at, s->pass->config->keeper.watch_interval_s);
	if (slot->alias_why[0] == '\0')
		return watch_at;
	int64_t at = mending_at(s, slot, now);
	return at < watch_at ? at : watch_at;
}

int64_t
pass_slots_next(const struct share *s)
{
	int64_t now = pass_now(s->pass), first = NEVER;

	for (size_t i = 0; i < s->d->domain.slot_count; i++) {
		int64_t at = next_of(s, i, now);
		if (at != NEVER && (first == NEVER || at < first))
			first = at;
	}
	return first;
}

static size_t
count_due(const struct share *shares, size_t count, int64_t now)
{
	size_t n = 0;

	for (size_t s = 0; s < count; s++) {
		for (size_t i = 0; i < shares[s].d->domain.slot_count; i++) {
			int64_t at = next_of(&shares[s], i, now);
			n += at != NEVER && at <= now;
		}
	}
	return n;
}

/* The zones of a neighbour's chain are those of the slot's, too, or the answers show it. */
static const char *
zones_of(const struct observed *d)
{
	for (size_t i = 0; i < d->domain.key_count; i++) {
		if (d->keys[i].slot >= 0 && d->looks[i].zones[0] != '\0')
			return d->looks[i].zones;
	}
	return NULL;
}

static int
plan_one(struct slot_looks *all, const struct share *s, size_t nr, struct err *err)
{
	struct slot_look *l = &all->looks[all->count];
	const struct observed *d = s->d;

	*l = (struct slot_look){.share = s, .slot = &d->slots[nr]};
	if (keymaker_slot_names(d->domain.policy, l->slot, l->owner, l->alias, err) != 0)
		return -1;
	all->questions[all->count++] = (struct sweep_question){.domain = d->row->name,
	    .name = l->alias,
	    .expect = EXPECT_TOMBSTONE,
	    .alias = l->owner,
	    .queries = 1,
	    .zones = zones_of(d)};
	return 0;
}

static void
plan(struct slot_looks *all, struct share *shares, size_t count, int64_t now)
{
	for (size_t s = 0; s < count; s++) {
		for (size_t i = 0; i < shares[s].d->domain.slot_count; i++) {
			int64_t at = next_of(&shares[s], i, now);
			struct err one = ERR_INIT;
			if (at == NEVER || at > now || plan_one(all, &shares[s], i, &one) == 0)
				continue;
			shares[s].troubled = true;
			pass_note_trouble(all->pass, shares[s].d->row->name, &one);
		}
	}
}

/* What the CNAME is, in words; "" when it is right. */
static void
judge_alias(const struct slot_look *l, const struct sweep *seen, char why[SLOT_ALIAS_WHY_LEN])
{
	const char *wrong = look_alias_wrong(seen->alias);

	why[0] = '\0';
	if (wrong == NULL)
		return;
	snprintf(why, SLOT_ALIAS_WHY_LEN, "the CNAME of free slot %d %s: enter %.180s CNAME %.180s",
	    l->slot->n + 1, wrong, l->alias, l->owner);
}

static void
take(void *arg, const struct sweep_result *result)
{
	struct slot_looks *all = arg;
	const struct slot_look *l = &all->looks[result->index];
	struct store_slot slot = *l->slot;
	struct pass *pass = all->pass;

	if (all->err.kind != ERR_NONE)
		return;
	pass_between(pass, "look");
	slot.looked_at = result->sweep.ended_at;
	/* silence says nothing against what was seen before */
	if (result->rc == 0 && result->sweep.alias != ALIAS_UNKNOWN) {
		judge_alias(l, &result->sweep, slot.alias_why);
		slot.wrong_looks = slot.alias_why[0] == '\0' ? 0 : slot.wrong_looks + 1;
	}
	pass->unanswered = pass->unanswered || result->rc != 0;
	bool right = slot.alias_why[0] == '\0',
	     news = strcmp(slot.alias_why, l->slot->alias_why) != 0;
	const struct store_event event = {slot.looked_at, pass->verb, slot.domain, slot.token,
	    right ? "the CNAME of this free slot is right" : slot.alias_why};
	pass_tell(
	    pass, slot.domain, slot.token, "%s", result->rc != 0 ? result->why.text : event.text);
	struct err one = ERR_INIT;
	if (store_slot_looked(pass->store, &slot, news ? &event : NULL, &one) != 0)
		all->err = one;
}

int
pass_slots(struct pass *pass, struct share *shares, size_t count, struct err *err)
{
	int64_t now = pass_now(pass);
	struct slot_looks all = {.pass = pass, .err = ERR_INIT};
	size_t due = count_due(shares, count, now);

	if (due == 0)
		return 0;
	all.looks = calloc(due, sizeof(*all.looks));
	all.questions = calloc(due, sizeof(*all.questions));
	int rc = all.looks == NULL || all.questions == NULL ? err_nomem(err) : 0;
	if (rc == 0)
		plan(&all, shares, count, now);
	if (all.count > 0)
		pass->seams->sweep(pass->seams->arg, pass->batch,
		    &(struct pass_sweeps){all.questions, all.count, take, &all});
	if (rc == 0 && all.err.kind != ERR_NONE) {
		*err = all.err;
		rc = -1;
	}
	free(all.looks);
	free(all.questions);
	return rc;
}
