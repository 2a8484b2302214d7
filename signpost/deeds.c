/* SPDX-License-Identifier: ISC */
/* deeds.c - the steps that need nothing but the store and the key files: facts, the switch, new keys, the end of old
 * ones. */
#include "keys/keyfile.h"
#include "signpost/deed_check.h"
#include "signpost/keymaker.h"
#include "signpost/pass_private.h"
#include "signpost/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int deed_fn(const struct errand *, struct err *);

static struct store_event
event_of(const struct errand *e, const char *text)
{
	const struct store_key *key = errand_key(e);

	return (struct store_event){
	    pass_now(e->share->pass), e->share->pass->verb, key->domain, key->selector, text};
}

static int
put_fact(const struct errand *e, enum key_fact fact, const char *text, struct err *err)
{
	struct store_event event = event_of(e, text);
	struct store *store = e->share->pass->store;

	if (deed_begin(e, err) != 0)
		return -1;
	pass_tell(e->share->pass, event.domain, event.selector, "%s", text);
	return store_end(store, store_fact_put(store, errand_key(e), fact, &event, err), err);
}

static int
do_switch(const struct errand *e, const struct store_switch *change, struct err *err)
{
	struct store *store = e->share->pass->store;

	if (deed_begin(e, err) != 0)
		return -1;
	return store_end(store, store_switch(store, change, err), err);
}

/* A pair of sweeps proved it, or, where there are none, a person or the parent did. */
static int
put_proven(const struct errand *e, enum key_fact fact, const char *text, struct err *err)
{
	const struct schedule_looks *l = &e->share->d->domain.keys[e->step->key].looks;
	struct store_event event = event_of(e, text);

	if (l->second_pass_at == NEVER && (fact != FACT_VERIFIED || l->resolver_passes == 0))
		return put_fact(e, fact, text, err);
	struct store *store = e->share->pass->store;
	if (deed_begin(e, err) != 0)
		return -1;
	pass_tell(e->share->pass, event.domain, event.selector, "%s", text);
	return store_end(store, store_proven(store, errand_key(e), fact, &event, err), err);
}

/* Dprp: what a rotation has to allow for. */
static int
note_propagation(const struct errand *e, struct err *err)
{
	const struct store_key *key = errand_key(e);
	const struct schedule_looks *l = &e->share->d->domain.keys[e->step->key].looks;
	int64_t published = key->facts.at[FACT_PUBLISHED];

	if (key->facts.at[FACT_VERIFIED] != NEVER || published == NEVER ||
	    l->second_pass_at == NEVER || l->second_pass_at <= published ||
	    e->share->d->domain.policy->by_hand)
		return 0;
	return store_domain_propagation(
	    e->share->pass->store, key->domain, l->second_pass_at - published, err);
}

static int
verify(const struct errand *e, struct err *err)
{
	const struct store_key *key = errand_key(e);
	const struct schedule_looks *l = &e->share->d->domain.keys[e->step->key].looks;
	bool anew = key->facts.at[FACT_VERIFIED] != NEVER;
	struct store_sweep *second = calloc(1, sizeof(*second));
	char text[ERR_TEXT_LEN];
	struct buf since;

	if (second == NULL)
		return err_nomem(err);
	buf_init(&since, 64);
	when_put_full(&since, l->resolver_first_at);
	int rc = store_sweep_get(e->share->pass->store, key->id, EVIDENCE_SECOND, second, err);
	if (rc == 0 && second->found && l->first_pass_at != NEVER)
		snprintf(text, sizeof(text),
		    "proven%s: %zu server address%s of %.80s served it twice, %" PRId64 " s apart",
		    anew ? " anew" : "", second->sweep.good, second->sweep.good == 1 ? "" : "es",
		    second->sweep.zone, second->sweep.started_at - l->first_pass_at);
	else
		snprintf(text, sizeof(text), "proven%s by resolvers only: %u times since %s",
		    anew ? " anew" : "", l->resolver_passes, buf_str(&since));
	buf_deinit(&since);
	free(second);
	if (rc == 0)
		rc = note_propagation(e, err);
	return rc == 0 ? put_proven(e, FACT_VERIFIED, text, err) : -1;
}

/* K33: from outside, too, before a domain's mail is signed for the first time. */
static int
ask_vantage(const struct errand *e, struct err *err)
{
	const struct dns_conf *dns = &e->share->pass->config->dns;
	const struct store_key *key = errand_key(e);
	struct sweep_question q = {.domain = key->domain,
	    .name = key->alias[0] != '\0' ? key->alias : key->owner,
	    .expect = EXPECT_RECORD,
	    .expected = slice_of(key->record),
	    .now = pass_now(e->share->pass)};
	const struct resolver_list outside = {dns->vantage, dns->vantage_count};
	struct resolver_poll poll;

	if (dns->vantage_count == 0 || e->share->d->row->active_from != NEVER)
		return 0;
	if (e->share->pass->seams->poll(dns, &q, &outside, &poll, err) != 0)
		return -1;
	for (size_t i = 0; i < poll.count; i++) {
		if (poll.answers[i].verdict == ANSWER_BAD || poll.answers[i].bogus)
			return err_set(err, ERR_DNS,
			    "%s is proven from here, but seen from outside it is not so: %s; is "
			    "the "
			    "domain served differently inside and outside?",
			    key->selector, poll.answers[i].why);
	}
	if (poll.good == 0)
		return err_set(err, ERR_DNS,
		    "%s is proven from here, but no resolver of \"vantage\" answers",
		    key->selector);
	return 0;
}

static int
activate(const struct errand *e, struct err *err)
{
	const struct share *share = e->share;
	const struct store_key *key = errand_key(e);
	struct store_switch change = {
	    .on = key, .at = pass_now(share->pass), .verb = share->pass->verb, .why = e->step->why};

	/* else the milter would answer 451 to mail that left unsigned before */
	if (keyfile_check(store_dir(share->pass->store), key, err) != 0) {
		/* nothing was signed with it: another is as good, but a person would have to enter its record */
		if (key->facts.at[FACT_ACTIVATED] == NEVER && !share->d->domain.policy->by_hand &&
		    keyfile_is_lost(store_dir(share->pass->store), key))
			return put_fact(e, FACT_ABANDONED,
			    "its private key is gone or damaged: another key takes its place", err);
		return err_wrap(err, "%s is proven, but cannot sign", key->selector);
	}
	if (ask_vantage(e, err) != 0)
		return -1;
	if (e->step->other != SIZE_MAX)
		change.off = &share->d->keys[e->step->other];
	/* else other hosts would get a table that names what they do not have */
	if (pass_push(share->pass, PUSH_KEYS, key->domain, err) != 0)
		return err_wrap(
		    err, "%s is proven, but its file cannot be sent to other hosts", key->selector);
	if (do_switch(e, &change, err) != 0)
		return -1;
	share->pass->table_stale = true;
	pass_tell(share->pass, key->domain, key->selector, "signs from now on");
	return 0;
}

static int
retire(const struct errand *e, struct err *err)
{
	struct store_switch change = {.off = errand_key(e),
	    .at = pass_now(e->share->pass),
	    .verb = e->share->pass->verb,
	    .why = e->step->why};

	if (do_switch(e, &change, err) != 0)
		return -1;
	e->share->pass->table_stale = true;
	pass_tell(e->share->pass, change.off->domain, change.off->selector, "signs no more");
	return 0;
}

static int
acknowledge(const struct errand *e, struct err *err)
{
	const struct store_key *key = errand_key(e);
	bool named = false;

	/* where no milter is asked, none has left it before the table did */
	if (pass_table_names(e->share->pass, key, &named, err) != 0)
		return -1;
	if (named)
		return err_set(err, ERR_BUSY,
		    "%s is still in the signing table: it does not count as left before a table "
		    "without it is written",
		    key->selector);
	return put_fact(e, FACT_ACKNOWLEDGED, "no milter signs with it any more", err);
}

static int
revoked(const struct errand *e, struct err *err)
{
	return put_proven(e, FACT_REVOKED, e->step->why, err);
}

/* The slot is its successor's, once nobody can remember this key (K6). */
static int
free_slot(const struct errand *e, struct err *err)
{
	const struct observed *d = e->share->d;
	const struct store_key *key = errand_key(e);
	const struct key_policy *p = d->domain.policy;

	for (size_t i = 0; i < d->domain.slot_count; i++) {
		struct store_slot slot = d->slots[i];
		if (slot.alg != key->alg || slot.n != key->slot)
			continue;
		int64_t revoked_at = key->facts.at[FACT_REVOKED];
		int64_t ttl = key->ttl_max_s > p->ttl_s ? key->ttl_max_s : p->ttl_s;
		slot.free_at = (revoked_at == NEVER ? pass_now(e->share->pass) : revoked_at) + ttl +
			       p->stale_s + p->retire_safety_s;
		return store_slot_put(e->share->pass->store, &slot, NULL, err);
	}
	return 0;
}

static int
removed(const struct errand *e, struct err *err)
{
	if (errand_key(e)->slot >= 0 && free_slot(e, err) != 0)
		return -1;
	return put_proven(e, FACT_REMOVED, e->step->why, err);
}

static int
abandon(const struct errand *e, struct err *err)
{
	return put_fact(e, FACT_ABANDONED, e->step->why, err);
}

static int
generate(const struct errand *e, struct err *err)
{
	const struct pass *pass = e->share->pass;
	const struct keymaker maker = {.store = pass->store,
	    .domain = e->share->d->row->name,
	    .policy = e->share->d->domain.policy,
	    .now = pass_now(pass),
	    .verb = pass->verb};
	bool made;

	if (keymaker_make(&maker, e->step->alg, e->step->slot, &made, err) != 0)
		return -1;
	if (made)
		pass_tell(pass, maker.domain, key_alg_name(e->step->alg), "a key is made");
	return 0;
}

static deed_fn *const LOCAL[STEP_COUNT] = {
    [STEP_GENERATE] = generate,
    [STEP_VERIFY] = verify,
    [STEP_ACTIVATE] = activate,
    [STEP_RETIRE] = retire,
    [STEP_ACKNOWLEDGE] = acknowledge,
    [STEP_REVOKED] = revoked,
    [STEP_REMOVED] = removed,
    [STEP_ABANDON] = abandon,
};

bool
deed_is_local(enum step_what what)
{
	return LOCAL[what] != NULL;
}

int
deed_local(const struct errand *e, struct err *err)
{
	pass_between(e->share->pass, "deed");
	return LOCAL[e->step->what](e, err);
}

int
deed_destroy(const struct errand *e, struct err *err)
{
	struct pass *pass = e->share->pass;
	const struct store_key *key = errand_key(e);
	struct buf name;
	bool named = false;

	if (key_state_signs(key_state_of(&key->facts)))
		return err_set(
		    err, ERR_INPUT, "%s signs: its private key is not deleted", key->selector);
	/* K13: a store that was put back may think that it never signed */
	if (pass_table_names(pass, key, &named, err) != 0)
		return -1;
	if (named)
		return err_set(err, ERR_INPUT,
		    "%s is in the signing table, and the store thinks that it does not sign: its "
		    "private key is not deleted before another key takes its place",
		    key->selector);
	pass_between(pass, "destroy");
	buf_init(&name, 512);
	keyfile_name(key->domain, key->selector, &name);
	int rc = buf_check(&name, "the name of a key file", err);
	if (rc == 0)
		rc = keyfile_remove(store_dir(pass->store), key, err);
	if (rc == 0)
		rc = pass_push(pass, PUSH_DELETE, buf_str(&name), err);
	if (rc == 0) {
		pass_between(pass, "destroyed");
		rc = put_fact(e, FACT_DESTROYED, "its private key is deleted", err);
	}
	buf_deinit(&name);
	return rc;
}
