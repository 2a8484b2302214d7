/* SPDX-License-Identifier: ISC */
#include "signpost/announce_judge.h"
#include "base/grow.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S	    86400
#define LAG_ASKS    5	/* so often a milter may be asked before it lags ... */
#define LAG_S	    300 /* ... or for so long, whichever is less */
#define WRONG_LOOKS 2	/* a server may be late with a CNAME that was just entered */

const struct alert_words ALERT_WORDS[KIND_COUNT] = {
    [KIND_COMPROMISED] = {.name = "compromised",
	.urgent = true,
	.also_over = true,
	.raised = "a key is compromised",
	.ended = "the compromised key is revoked"},
    [KIND_OUTAGE] = {.name = "outage",
	.also_over = true,
	.raised = "an outage: many records are gone at once",
	.ended = "the outage is over"},
    [KIND_FAILED] = {.name = "failed",
	.by_outage = true,
	.also_over = true,
	.raised = "Failed",
	.ended = "Failed no more"},
    [KIND_CHANGED] = {.name = "changed",
	.by_outage = true,
	.also_over = true,
	.raised = "a record was changed or is gone",
	.ended = "the record is right again"},
    [KIND_CLOCK] = {.name = "clock",
	.also_over = true,
	.raised = "the clock is not trusted",
	.ended = "the clock is trusted again"},
    [KIND_PORT_53] = {.name = "port-53",
	.raised = "no name server can be asked",
	.ended = "name servers can be asked again"},
    [KIND_LAGGING] = {.name = "lagging",
	.raised = "a milter does not sign as it should",
	.ended = "every milter signs as it should"},
    [KIND_REFUSED] = {.name = "refused",
	.raised = "the publisher does not take a change",
	.ended = "the publisher takes changes again"},
    [KIND_OVERDUE] = {.name = "overdue",
	.raised = "a rotation is overdue",
	.ended = "the overdue rotation is done"},
    [KIND_ASKED] = {.name = "asked", .raised = "something is yours to do", .ended = "it was done"},
    [KIND_VERIFIED] = {.name = "verified",
	.stays = true,
	.raised = "Verified: its mail is signed",
	.ended = ""},
};

enum alert_kind
alert_kind_of(const char *name)
{
	int k = 0;

	while (k < KIND_COUNT && strcmp(ALERT_WORDS[k].name, name) != 0)
		k++;
	return (enum alert_kind)k;
}

struct found {
	struct alert_list *list;
	const char *domain;
};

static void
add(const struct found *f, enum alert_kind kind, const char *selector, const char *text)
{
	struct alert_list *l = f->list;

	/* one of a kind and selector: the first says it */
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->items[i].kind, ALERT_WORDS[kind].name) == 0 &&
		    strcmp(l->items[i].selector, selector) == 0)
			return;
	}
	void *items = grow_array(l->items, l->count, &l->cap, sizeof(*l->items));
	if (items == NULL) {
		l->failed = true;
		return;
	}
	l->items = items;
	struct store_alert *a = &l->items[l->count++];
	*a = (struct store_alert){.raised_at = NEVER, .ended_at = NEVER};
	snprintf(a->domain, sizeof(a->domain), "%s", f->domain);
	snprintf(a->kind, sizeof(a->kind), "%s", ALERT_WORDS[kind].name);
	snprintf(a->selector, sizeof(a->selector), "%s", selector);
	snprintf(a->text, sizeof(a->text), "%s", text);
	utf8_defuse(a->text); /* it may have been cut within a character */
}

/* It should have been replaced by now. */
static bool
is_overdue(const struct domain_health *d, const struct key_health *k, int64_t now)
{
	const struct key_policy *p = d->seen->domain.policy;
	int64_t grace = p->lifetime_s / 10 < DAY_S ? p->lifetime_s / 10 : DAY_S;

	if (p->rotate == ROTATE_OFF || d->seen->domain.held || d->seen->row->removing_at != NEVER ||
	    k->row->facts.at[FACT_ACTIVATED] == NEVER)
		return false;
	if (p->switch_hour != POLICY_ANY_HOUR)
		grace += DAY_S; /* it comes in its hour */
	return now > schedule_due_at(p, k->view) + grace;
}

/* What keeps the successor from taking over. */
static const char *
overdue_why(const struct domain_health *d, const struct key_health *active)
{
	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *k = &d->keys[i];
		if (k->row->alg == active->row->alg &&
		    key_state_of(&k->row->facts) <= KEY_STATE_READY)
			return k->step.why;
	}
	return d->step_count > 0 ? d->steps[0].why : "no successor is on its way";
}

/* A publisher that says no; or one that has failed for as long as its pauses get. */
static bool
is_refused(const struct key_health *k, const struct config *config, int64_t now)
{
	for (int i = 0; i < DEED_COUNT; i++) {
		const struct schedule_deed *deed = &k->view->deeds[i];
		if (deed->tries > 0 && !deed->done &&
		    (deed->refused || now - deed->first_at >= config->keeper.retry_max_s))
			return k->step.wait == WAIT_PUBLISHER;
	}
	return false;
}

/* What a person is asked for. */
static void
find_asked(const struct found *f, const struct domain_health *d, const struct key_health *k)
{
	const struct store_domain *row = d->seen->row;
	char text[ALERT_TEXT_LEN];

	/* the first key's record was handed over by `add`; a lost one is told as that */
	if (k->step.wait != WAIT_PERSON || k->lost || row->active_from == NEVER ||
	    d->seen->domain.policy->rotate == ROTATE_OFF)
		return;
	snprintf(text, sizeof(text), "%s", k->step.why);
	if (key_state_of(&k->row->facts) == KEY_STATE_PUBLISHED && k->step.what == STEP_LOOK)
		snprintf(text, sizeof(text),
		    "the record of the next key is yours to enter: signpost records %s", row->name);
	else if (k->step.what == STEP_LOOK && k->step.expect != EXPECT_RECORD)
		snprintf(text, sizeof(text),
		    "its record is yours to revoke or remove: signpost explain %s", row->name);
	add(f, KIND_ASKED, k->row->selector, text);
}

static void
find_of_key(const struct found *f, const struct domain_health *d, const struct key_health *k,
    const struct config *config, int64_t now)
{
	const struct key_facts *facts = &k->row->facts;
	enum key_state state = key_state_of(facts);
	const char *why = k->step.why, *selector = k->row->selector;

	if (facts->at[FACT_COMPROMISED] != NEVER && facts->at[FACT_REVOKED] == NEVER &&
	    state != KEY_STATE_ABANDONED && state != KEY_STATE_DESTROYED)
		add(f, KIND_COMPROMISED, selector, why);
	if (k->lost)
		add(f, KIND_CHANGED, selector, why);
	if (key_state_signs(state) && is_overdue(d, k, now))
		add(f, KIND_OVERDUE, selector, overdue_why(d, k));
	if (is_refused(k, config, now))
		add(f, KIND_REFUSED, selector, why);
	find_asked(f, d, k);
}

static bool
lags(const struct store_domain *row, const struct domain_health *d, const struct config *config)
{
	int64_t limit = LAG_ASKS * config->signers.ask_every_s;

	if (limit > LAG_S)
		limit = LAG_S;
	return d->seen->domain.signers.needed && row->signers_asked_at != NEVER &&
	       !row->signers_agree && row->signers_laggard[0] != '\0' && row->table_at != NEVER &&
	       row->signers_asked_at - row->table_at >= limit;
}

/* Where there are milters to be asked, its mail is signed when they have said so. */
static bool
is_signed(const struct store_domain *row, const struct domain_health *d)
{
	return !d->seen->domain.signers.needed ||
	       (row->signers_agree && row->signers_asked_at != NEVER &&
		   row->signers_asked_at > d->since);
}

void
announce_find(
    const struct domain_health *d, const struct config *config, int64_t now, struct alert_list *out)
{
	const struct store_domain *row = d->seen->row;
	const struct found f = {out, row->name};

	if (d->health == HEALTH_VERIFIED && is_signed(row, d))
		add(&f, KIND_VERIFIED, "", "");
	if (d->health == HEALTH_FAILED && row->removing_at == NEVER)
		add(&f, KIND_FAILED, "", d->next);
	if (d->wait != NULL && d->wait->obstruction != OBSTRUCTION_NONE)
		add(&f, KIND_PORT_53, "", d->next);
	if (lags(row, d, config))
		add(&f, KIND_LAGGING, "", row->signers_laggard);
	if (row->alias_wrong && row->active_from != NEVER)
		add(&f, KIND_CHANGED, "", row->alias_why);
	for (size_t i = 0; i < d->seen->domain.slot_count && row->active_from != NEVER; i++) {
		const struct store_slot *slot = &d->seen->slots[i];
		if (d->seen->domain.slots[i].alias_wrong && slot->wrong_looks >= WRONG_LOOKS)
			add(&f, KIND_CHANGED, slot->token, slot->alias_why);
	}
	if (d->seen->domain.policy == NULL)
		return;
	for (size_t i = 0; i < d->key_count; i++)
		find_of_key(&f, d, &d->keys[i], config, now);
}

void
announce_find_world(const struct observed_world *w, struct alert_list *out)
{
	const struct found f = {out, ""};

	if (w->world.outage)
		add(&f, KIND_OUTAGE, "", w->outage_why);
	if (!w->world.clock_trusted)
		add(&f, KIND_CLOCK, "", w->clock_why);
}
