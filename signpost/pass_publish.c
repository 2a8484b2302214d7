/* SPDX-License-Identifier: ISC */
/* pass_publish.c - what publishers are asked for in a pass: one call for each publisher and zone. */
#include "signpost/order.h"
#include "signpost/pass_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One errand, ready to be handed to its publisher. */
struct handing {
	const struct errand *errand;
	struct order order;
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
	return order_is_for(what);
}

/* What cannot be asked for yet is tried again, as what a publisher could not do. */
static void
put_off(struct handing *h, const char *why)
{
	h->taken = true;
	h->outcome.result = PUBLISH_TEMPORARY;
	snprintf(h->outcome.text, sizeof(h->outcome.text), "%.*s", PUBLISH_TEXT_LEN - 1, why);
}

/* What the publisher gave for it when it was not yet in force; "". */
static const char *
receipt_of(const struct errand *e)
{
	const struct observation *o = e->share->o;

	if (e->step->what == STEP_PREPARE_SLOT)
		return order_slot(e->share->d, e->step)->receipt;
	for (size_t i = 0; i < o->deed_count; i++) {
		if (o->deeds[i].key_id == errand_key(e)->id &&
		    o->deeds[i].deed == DEEDS[e->step->what])
			return o->deeds[i].receipt;
	}
	return "";
}

/* It is kept for as long as nobody has said what became of the change. */
static void
keep_receipt(const struct handing *h, char out[static PUBLISH_RECEIPT_LEN])
{
	enum publish_result r = h->outcome.result;
	bool silent = r == PUBLISH_TEMPORARY || r == PUBLISH_REFUSED;

	snprintf(out, PUBLISH_RECEIPT_LEN, "%s",
	    r == PUBLISH_PENDING ? h->outcome.receipt
	    : silent		 ? receipt_of(h->errand)
				 : "");
}

static int
prepare(struct handing *h, const struct errand *e, struct err *err)
{
	const struct pass *pass = e->share->pass;
	struct err why = ERR_INIT;

	h->errand = e;
	h->order = (struct order){.config = pass->config,
	    .d = e->share->d,
	    .step = e->step,
	    .find_zone = pass->seams->find_zone};
	h->outcome = (struct publish_outcome){
	    .result = PUBLISH_BY_PERSON, .server_time = NEVER, .our_time = NEVER};
	if (order_fill(&h->order, &why) == 0) {
		h->order.change.receipt = receipt_of(e);
		return 0;
	}
	if (why.kind != ERR_DNS) {
		*err = why;
		return -1;
	}
	put_off(h, why.text);
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
note_slot(const struct handing *h, struct err *err)
{
	const struct errand *e = h->errand;
	struct store_slot slot = *order_slot(e->share->d, e->step);
	bool done = h->outcome.result == PUBLISH_DONE;
	int64_t now = pass_now(e->share->pass);
	char text[ERR_TEXT_LEN];

	bool news = done || strcmp(slot.why, h->outcome.text) != 0;
	slot.deed_at = now;
	slot.previous_ttl_s = h->previous_ttl_s;
	slot.prepared_at = done ? now : NEVER;
	snprintf(slot.why, sizeof(slot.why), "%s", done ? "" : h->outcome.text);
	keep_receipt(h, slot.receipt);
	snprintf(text, sizeof(text), "slot %d of %s: %s", slot.n + 1, key_alg_name(slot.alg),
	    done ? "its tombstone is published" : h->outcome.text);
	pass_tell(e->share->pass, slot.domain, slot.token, "%s", text);
	return store_slot_put(e->share->pass->store, &slot,
	    news ? &(struct store_event){now, e->share->pass->verb, slot.domain, slot.token, text}
		 : NULL,
	    err);
}

static void
fill_deed(const struct handing *h, struct store_deed *deed, bool by_person)
{
	const struct errand *e = h->errand;
	enum publish_result r = h->outcome.result;
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
		snprintf(deed->why, sizeof(deed->why), "%s", h->outcome.text);
	keep_receipt(h, deed->receipt);
}

/* Something foreign is at a new key's name: it is not touched, and another name, or another slot, is taken. */
static int
note_taken(const struct handing *h, struct err *err)
{
	struct store_key key = *errand_key(h->errand);

	if (h->outcome.result != PUBLISH_FOREIGN || h->errand->step->what != STEP_PUBLISH ||
	    key_state_of(&key.facts) >= KEY_STATE_READY)
		return 0;
	key.selector_taken = true;
	return store_key_raise(h->errand->share->pass->store, &key, err);
}

static int
note_key(const struct handing *h, struct err *err)
{
	const struct errand *e = h->errand;
	struct pass *pass = e->share->pass;
	const struct store_key *key = errand_key(e);
	const struct schedule_key *view = &e->share->d->domain.keys[e->step->key];
	bool publish = e->step->what == STEP_PUBLISH;
	bool by_person = h->outcome.result == PUBLISH_BY_PERSON;
	struct store_deed *deed = malloc(sizeof(*deed));

	if (deed == NULL)
		return err_nomem(err);
	fill_deed(h, deed, by_person);
	const char *old_why = view->deeds[DEEDS[e->step->what]].why;
	const char *text = by_person			? by_hand_text(e->step->what)
			   : h->outcome.text[0] != '\0' ? h->outcome.text
							: e->step->why;
	char more[PUBLISH_TEXT_LEN + STEP_WHY_LEN + 4];
	/* that it was gone, or that it is p= that stands there now, is to be found in the log */
	const char *first = publish && view->looks.gone_since != NEVER	       ? e->step->why
			    : e->step->what == STEP_REVOKE && deed->tries.done ? "revoked"
									       : NULL;
	if (first != NULL && !by_person) {
		snprintf(more, sizeof(more), "%s; %s", first, text);
		text = more;
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
		rc = note_taken(h, err);
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
call(struct pass *pass, struct handing **group, size_t count)
{
	struct publish_change *changes = calloc(count, sizeof(*changes));
	struct publish_outcome *outcomes = calloc(count, sizeof(*outcomes));
	struct err err = ERR_INIT;
	int rc = changes == NULL || outcomes == NULL ? err_nomem(&err) : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		changes[i] = group[i]->order.change;
		outcomes[i].server_time = outcomes[i].our_time = NEVER;
	}
	pass_between(pass, "publish");
	if (rc == 0)
		rc = pass->seams->publish(group[0]->order.conf, changes, count, outcomes, &err);
	for (size_t i = 0; i < count; i++) {
		if (rc == 0) {
			group[i]->outcome = outcomes[i];
			continue;
		}
		put_off(group[i], err.text);
	}
	free(changes);
	free(outcomes);
}

static bool
belong_together(const struct handing *a, const struct handing *b)
{
	return !a->taken && !b->taken && a->order.conf != NULL && a->order.conf == b->order.conf &&
	       strcmp(a->order.zone, b->order.zone) == 0;
}

static void
call_all(struct pass *pass, struct handing *orders, size_t count)
{
	struct handing *group[PUBLISH_CHANGES_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t n = 0;
		for (size_t k = i; k < count && n < PUBLISH_CHANGES_MAX; k++) {
			if (belong_together(&orders[i], &orders[k]))
				group[n++] = &orders[k];
		}
		for (size_t k = 0; k < n; k++)
			group[k]->taken = true;
		if (n > 0)
			call(pass, group, n);
	}
}

/* Slots whose names have to be looked at before anything is put there.  By resolvers or by word of a person
 * nothing can be seen that is not there. */
static int
survey_slots(struct pass *pass, struct handing *orders, size_t count, struct err *err)
{
	struct survey *list = calloc(count + 1, sizeof(*list));
	size_t *index = calloc(count + 1, sizeof(*index)), n = 0;
	int rc = list == NULL || index == NULL ? err_nomem(err) : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct errand *e = orders[i].errand;
		if (e->step->what != STEP_PREPARE_SLOT || orders[i].taken ||
		    e->share->d->domain.policy->proof != PROOF_AUTHORITATIVE)
			continue;
		index[n] = i;
		list[n++] =
		    (struct survey){.zone = orders[i].order.zone, .name = orders[i].order.owner};
	}
	if (rc == 0)
		rc = pass_survey(pass, list, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct handing *h = &orders[index[i]];
		h->previous_ttl_s = list[i].ttl_max_s;
		if (list[i].rc == 0)
			continue;
		put_off(h, list[i].why.text);
	}
	free(list);
	free(index);
	return rc;
}

int
pass_publish(struct pass *pass, const struct errand *errands, size_t count, struct err *err)
{
	struct handing *orders = calloc(count + 1, sizeof(*orders));
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
		if (rc == 0)
			rc = pass_hear(pass, &orders[i].outcome, err);
	}
	free(orders);
	return rc;
}
