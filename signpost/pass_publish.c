/* SPDX-License-Identifier: ISC */
/* pass_publish.c - what publishers are asked for in a pass: one call for each publisher and zone. */
#include "signpost/keymaker.h"
#include "signpost/pass_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOMBSTONE "v=DKIM1; p=" /* K32 */

/* One errand, ready to be handed to its publisher. */
struct order {
	const struct errand *errand;
	const struct publisher_conf *conf; /* NULL: by hand */
	char zone[SWEEP_NAME_LEN], owner[SWEEP_NAME_LEN];
	struct publish_change change;
	struct publish_outcome outcome;
	int64_t previous_ttl_s; /* PREPARE_SLOT */
	bool taken;		/* it is asked for, or cannot be */
};

static const enum deed DEEDS[STEP_COUNT] = {
    [STEP_PUBLISH] = DEED_PUBLISH,
    [STEP_REVOKE] = DEED_REVOKE,
    [STEP_REMOVE] = DEED_REMOVE,
};

bool
deed_is_published(enum step_what what)
{
	return what == STEP_PREPARE_SLOT || what == STEP_PUBLISH || what == STEP_REVOKE ||
	       what == STEP_REMOVE;
}

static const struct store_slot *
slot_of(const struct errand *e)
{
	const struct observed *d = e->share->d;

	for (size_t i = 0; i < d->domain.slot_count; i++) {
		if (d->slots[i].alg == e->step->alg && d->slots[i].n == e->step->slot)
			return &d->slots[i];
	}
	return NULL;
}

/* The zone that the last sweep of one of the domain's keys found; "" when none did. */
static void
known_zone(const struct observed *d, char out[static SWEEP_NAME_LEN])
{
	out[0] = '\0';
	for (size_t i = d->domain.key_count; i > 0 && out[0] == '\0'; i--) {
		const char *zones = d->looks[i - 1].zones, *last = strrchr(zones, ' ');
		if (d->keys[i - 1].slot < 0)
			snprintf(out, SWEEP_NAME_LEN, "%.*s", SWEEP_NAME_LEN - 1,
			    last == NULL ? zones : last + 1);
	}
}

static int
find_zone(struct order *o, struct err *err)
{
	const struct share *share = o->errand->share;
	const struct key_policy *p = share->d->domain.policy;
	char zone[DOMAIN_LEN_MAX + 1] = "";

	if (o->conf == NULL)
		return 0;
	if (o->conf->zone != NULL)
		snprintf(o->zone, sizeof(o->zone), "%s", o->conf->zone);
	else if (p->mode == MODE_SLOTS && p->slot_zone != NULL)
		snprintf(o->zone, sizeof(o->zone), "%s", p->slot_zone);
	else if (p->mode == MODE_DELEGATED)
		snprintf(o->zone, sizeof(o->zone), "_domainkey.%.240s", share->d->row->name);
	else
		known_zone(share->d, o->zone);
	if (o->zone[0] != '\0')
		return 0;
	if (share->pass->seams->find_zone(
		&share->pass->config->dns, share->d->row->name, zone, err) != 0)
		return -1;
	snprintf(o->zone, sizeof(o->zone), "%s", zone);
	return 0;
}

static int
order_slot(struct order *o, struct err *err)
{
	const struct key_policy *p = o->errand->share->d->domain.policy;
	const struct store_slot *slot = slot_of(o->errand);
	char alias[SWEEP_NAME_LEN];

	if (slot == NULL)
		return err_set(
		    err, ERR_INPUT, "%s has no such slot", o->errand->share->d->row->name);
	if (keymaker_slot_names(p, slot, o->owner, alias, err) != 0)
		return -1;
	o->change = (struct publish_change){
	    .zone = o->zone, .owner = o->owner, .new_text = TOMBSTONE, .ttl_s = p->ttl_s};
	return 0;
}

static void
order_key(struct order *o)
{
	const struct store_key *key = errand_key(o->errand);
	enum step_what what = o->errand->step->what;
	bool revoked = key->facts.at[FACT_REVOKED] != NEVER;

	snprintf(o->owner, sizeof(o->owner), "%s", key->owner);
	o->change =
	    (struct publish_change){.zone = o->zone, .owner = o->owner, .ttl_s = key->ttl_s};
	switch (what) {
	case STEP_PUBLISH:
		o->change.old_text = key->slot >= 0 ? TOMBSTONE : NULL;
		o->change.new_text = key->record;
		break;
	case STEP_REVOKE:
		o->change.old_text = key->record;
		o->change.new_text = TOMBSTONE;
		break;
	default:
		o->change.old_text = revoked ? TOMBSTONE : key->record;
		break;
	}
}

static int
prepare(struct order *o, const struct errand *e, struct err *err)
{
	o->errand = e;
	o->conf = config_publisher(e->share->pass->config, e->share->d->domain.policy->publisher);
	o->outcome = (struct publish_outcome){
	    .result = PUBLISH_BY_PERSON, .server_time = NEVER, .our_time = NEVER};
	if (find_zone(o, err) != 0)
		return -1;
	if (e->step->what == STEP_PREPARE_SLOT)
		return order_slot(o, err);
	order_key(o);
	return 0;
}

static const char *
by_hand_text(enum step_what what)
{
	switch (what) {
	case STEP_PUBLISH:
		return "record handed over, to be published by hand";
	case STEP_REVOKE:
		return "no mail needs its record any more: its value may become v=DKIM1; p= by "
		       "hand";
	default:
		return "its record may be removed by hand";
	}
}

static int
note_slot(const struct order *o, struct err *err)
{
	const struct errand *e = o->errand;
	struct store_slot slot = *slot_of(e);
	bool done = o->outcome.result == PUBLISH_DONE;
	int64_t now = pass_now(e->share->pass);
	char text[ERR_TEXT_LEN];

	bool news = done || strcmp(slot.why, o->outcome.text) != 0;
	slot.deed_at = now;
	slot.previous_ttl_s = o->previous_ttl_s;
	slot.prepared_at = done ? now : NEVER;
	snprintf(slot.why, sizeof(slot.why), "%s", done ? "" : o->outcome.text);
	snprintf(text, sizeof(text), "slot %d of %s: %s", slot.n + 1, key_alg_name(slot.alg),
	    done ? "its tombstone is published" : o->outcome.text);
	pass_tell(e->share->pass, slot.domain, slot.token, "%s", text);
	return store_slot_put(e->share->pass->store, &slot,
	    news ? &(struct store_event){now, e->share->pass->verb, slot.domain, slot.token, text}
		 : NULL,
	    err);
}

static void
fill_deed(const struct order *o, struct store_deed *deed, bool by_person)
{
	const struct errand *e = o->errand;
	enum publish_result r = o->outcome.result;
	const struct schedule_deed *old =
	    &e->share->d->domain.keys[e->step->key].deeds[DEEDS[e->step->what]];
	bool begins = old->tries == 0 || (old->done && e->step->what == STEP_PUBLISH);

	*deed = (struct store_deed){.key_id = errand_key(e)->id, .deed = DEEDS[e->step->what]};
	deed->tries.last_at = pass_now(e->share->pass);
	deed->tries.first_at = begins ? deed->tries.last_at : old->first_at;
	deed->tries.tries = begins ? 1 : old->tries + 1;
	deed->tries.done = r == PUBLISH_DONE || (by_person && e->step->what == STEP_PUBLISH);
	deed->tries.refused = r == PUBLISH_REFUSED || r == PUBLISH_FOREIGN ||
			      (by_person && e->step->what != STEP_PUBLISH);
	if (r != PUBLISH_DONE)
		snprintf(deed->why, sizeof(deed->why), "%s", o->outcome.text);
}

/* Something foreign is at a new key's name: it is not touched, and another name is taken. */
static int
note_taken(const struct order *o, struct err *err)
{
	struct store_key key = *errand_key(o->errand);

	if (o->outcome.result != PUBLISH_FOREIGN || o->errand->step->what != STEP_PUBLISH ||
	    key.slot >= 0 || key_state_of(&key.facts) >= KEY_STATE_READY)
		return 0;
	key.selector_taken = true;
	return store_key_raise(o->errand->share->pass->store, &key, err);
}

static int
note_key(const struct order *o, struct err *err)
{
	const struct errand *e = o->errand;
	struct pass *pass = e->share->pass;
	const struct store_key *key = errand_key(e);
	const struct schedule_key *view = &e->share->d->domain.keys[e->step->key];
	bool publish = e->step->what == STEP_PUBLISH;
	bool by_person = o->outcome.result == PUBLISH_BY_PERSON;
	struct store_deed *deed = malloc(sizeof(*deed));

	if (deed == NULL)
		return err_nomem(err);
	fill_deed(o, deed, by_person);
	const char *old_why = view->deeds[DEEDS[e->step->what]].why;
	const char *text = by_person			? by_hand_text(e->step->what)
			   : o->outcome.text[0] != '\0' ? o->outcome.text
							: e->step->why;
	char again[PUBLISH_TEXT_LEN + STEP_WHY_LEN + 4];
	/* that it was gone is to be found in the log */
	if (publish && !by_person && view->looks.gone_since != NEVER) {
		snprintf(again, sizeof(again), "%s; %s", e->step->why, text);
		text = again;
	}
	/* a try that failed as the one before did is no news */
	bool news = deed->tries.tries == 1 || deed->tries.done ||
		    strcmp(old_why == NULL ? "" : old_why, deed->why) != 0;
	struct store_event event = {
	    deed->tries.last_at, pass->verb, key->domain, key->selector, text};
	struct store_deed_put put = {.key = key,
	    .deed = deed,
	    .fact = publish && deed->tries.done ? FACT_PUBLISHED : FACT_COUNT,
	    .vanished = publish && deed->tries.done && view->looks.gone_since != NEVER,
	    .publisher = deed->tries.done ? e->share->d->domain.policy->publisher : NULL};
	int rc = store_begin(pass->store, err);
	if (rc == 0) {
		rc = note_taken(o, err);
		if (rc == 0)
			rc = store_deed_put(pass->store, &put, news ? &event : NULL, err);
		rc = store_end(pass->store, rc, err);
	}
	if (rc == 0 && news)
		pass_tell(pass, key->domain, key->selector, "%s", text);
	free(deed);
	return rc;
}

/* Asks one publisher for all changes of one zone.  What cannot even be tried is tried again. */
static void
call(struct pass *pass, struct order **group, size_t count)
{
	struct publish_change *changes = calloc(count, sizeof(*changes));
	struct publish_outcome *outcomes = calloc(count, sizeof(*outcomes));
	struct err err = ERR_INIT;
	int rc = changes == NULL || outcomes == NULL ? err_nomem(&err) : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		changes[i] = group[i]->change;
		outcomes[i].server_time = outcomes[i].our_time = NEVER;
	}
	pass_between(pass, "publish");
	if (rc == 0)
		rc = pass->seams->publish(group[0]->conf, changes, count, outcomes, &err);
	for (size_t i = 0; i < count; i++) {
		if (rc == 0) {
			group[i]->outcome = outcomes[i];
			continue;
		}
		group[i]->outcome.result = PUBLISH_TEMPORARY;
		snprintf(group[i]->outcome.text, sizeof(group[i]->outcome.text), "%.*s",
		    PUBLISH_TEXT_LEN - 1, err.text);
	}
	free(changes);
	free(outcomes);
}

static bool
belong_together(const struct order *a, const struct order *b)
{
	return !b->taken && b->conf != NULL && a->conf == b->conf && strcmp(a->zone, b->zone) == 0;
}

static void
call_all(struct pass *pass, struct order *orders, size_t count)
{
	struct order *group[PUBLISH_CHANGES_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t n = 0;
		for (size_t k = i; orders[i].conf != NULL && k < count && n < PUBLISH_CHANGES_MAX;
		     k++) {
			if (!belong_together(&orders[i], &orders[k]))
				continue;
			orders[k].taken = true;
			group[n++] = &orders[k];
		}
		if (n > 0)
			call(pass, group, n);
	}
}

/* Slots whose names have to be looked at before anything is put there.  By resolvers or by word of a person
 * nothing can be seen that is not there. */
static int
survey_slots(struct pass *pass, struct order *orders, size_t count, struct err *err)
{
	struct survey *list = calloc(count + 1, sizeof(*list));
	size_t *index = calloc(count + 1, sizeof(*index)), n = 0;
	int rc = list == NULL || index == NULL ? err_nomem(err) : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct errand *e = orders[i].errand;
		if (e->step->what != STEP_PREPARE_SLOT ||
		    e->share->d->domain.policy->proof != PROOF_AUTHORITATIVE)
			continue;
		index[n] = i;
		list[n++] = (struct survey){.zone = orders[i].zone, .name = orders[i].owner};
	}
	if (rc == 0)
		rc = pass_survey(pass, list, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct order *o = &orders[index[i]];
		o->previous_ttl_s = list[i].ttl_max_s;
		if (list[i].rc == 0)
			continue;
		o->taken = true;
		o->outcome.result = PUBLISH_TEMPORARY;
		snprintf(o->outcome.text, sizeof(o->outcome.text), "%.*s", PUBLISH_TEXT_LEN - 1,
		    list[i].why.text);
	}
	free(list);
	free(index);
	return rc;
}

int
pass_publish(struct pass *pass, const struct errand *errands, size_t count, struct err *err)
{
	struct order *orders = calloc(count + 1, sizeof(*orders));
	size_t n = 0;

	if (orders == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct err one = ERR_INIT;
		if (prepare(&orders[n], &errands[i], &one) == 0) {
			n++;
			continue;
		}
		memset(&orders[n], 0, sizeof(orders[n]));
		errands[i].share->troubled = true;
		pass_note_trouble(pass, errands[i].share->d->row->name, &one);
	}
	int rc = survey_slots(pass, orders, n, err);
	if (rc == 0)
		call_all(pass, orders, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		pass_between(pass, "published");
		rc = orders[i].errand->step->what == STEP_PREPARE_SLOT ? note_slot(&orders[i], err)
								       : note_key(&orders[i], err);
		orders[i].errand->share->acted = true;
		if (rc == 0)
			rc = pass_hear(pass, &orders[i].outcome, err);
	}
	free(orders);
	return rc;
}
