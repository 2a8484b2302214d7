/* SPDX-License-Identifier: ISC */
/* pass_due.c - after its steps: when each domain is due again, and which ones have come to their end. */
#include "signpost/pass_private.h"
#include "signpost/pass_slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing is left to be done for any of its keys. */
static bool
has_ended(const struct observed *d)
{
	if (d->domain.removing_at == NEVER || d->domain.policy == NULL)
		return false;
	for (size_t i = 0; i < d->domain.key_count; i++) {
		const struct schedule_key *k = &d->domain.keys[i];
		bool asked = d->domain.policy->by_hand &&
			     (k->deeds[DEED_REVOKE].tries > 0 || k->deeds[DEED_REMOVE].tries > 0 ||
				 k->facts.at[FACT_PUBLISHED] == NEVER);
		bool foreign = k->facts.at[FACT_IMPORTED] != NEVER || k->imported_unproven ||
			       (k->selector_taken && k->slot < 0);
		if (k->facts.at[FACT_DESTROYED] == NEVER ||
		    (k->facts.at[FACT_REMOVED] == NEVER && !asked && !foreign))
			return false;
	}
	return true;
}

/* When the domain is looked at again: at its first step, and now and then in any case. */
static int64_t
due_of(const struct share *s, const struct share *before)
{
	const struct pass *pass = s->pass;
	int64_t now = pass_now(pass), due = now + pass->config->keeper.watch_interval_s;

	/* what a person mends is seen soon */
	int64_t retry = pass->config->keeper.retry_s < pass->config->sweep_interval_s
			    ? pass->config->keeper.retry_s
			    : pass->config->sweep_interval_s;

	if (before->troubled || s->troubled)
		return now + retry;
	for (size_t i = 0; i < s->count; i++) {
		if (s->steps[i].earliest != NEVER && s->steps[i].earliest < due)
			due = s->steps[i].earliest;
	}
	int64_t slots = pass_slots_next(s), watch = watch_due(s);
	if (slots != NEVER && slots < due)
		due = slots;
	if (watch != NEVER && watch < due)
		due = watch > now ? watch : now + retry;
	return due;
}

static int
end_domain(struct pass *pass, const struct observed *d, struct err *err)
{
	struct store_event event = {
	    pass_now(pass), pass->verb, d->row->name, "", "the domain is removed"};

	pass_tell(pass, d->row->name, "-", "%s", event.text);
	return store_domain_mark(pass->store,
	    &(struct store_marking){d->row->name, MARK_REMOVED, event.at}, &event, err);
}

int
batch_note_due(struct batch *b, struct err *err)
{
	struct share *before = b->shares;
	size_t count = b->o.count, n = 0;
	struct pass *pass = b->pass;
	char first[DOMAIN_LEN_MAX + 1], last[DOMAIN_LEN_MAX + 1];

	snprintf(first, sizeof(first), "%s", b->o.rows[0].name);
	snprintf(last, sizeof(last), "%s", b->o.rows[count - 1].name);
	struct observation old = b->o;
	struct store_select select = {.first = first, .last = last, .due_by = pass->began};
	memset(&b->o, 0, sizeof(b->o));
	b->shares = NULL;
	/* nobody else says anything to these domains in between */
	int rc = store_begin(pass->store, err);
	if (rc == 0) {
		rc = batch_load(b, &select, err);
		for (size_t i = 0; rc == 0 && i < b->o.count; i++) {
			while (n < count && strcmp(old.rows[n].name, b->o.rows[i].name) < 0)
				n++;
			if (n == count || strcmp(old.rows[n].name, b->o.rows[i].name) != 0)
				continue;
			if (has_ended(&b->o.domains[i]))
				rc = end_domain(pass, &b->o.domains[i], err);
			else
				rc = store_domain_due(pass->store, b->o.rows[i].name,
				    due_of(&b->shares[i], &before[n]), err);
		}
		rc = store_end(pass->store, rc, err);
	}
	for (size_t i = 0; i < count; i++)
		free(before[i].steps);
	free(before);
	observation_deinit(&old);
	return rc;
}
