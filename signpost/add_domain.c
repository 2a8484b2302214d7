/* SPDX-License-Identifier: ISC */
#include "signpost/add_domain.h"
#include "signpost/keymaker.h"

#include <stdio.h>
#include <stdlib.h>

/* One that the policy can still lead to a signature; a slot's key is none in another mode. */
static bool
has_key(const struct adding *a, enum key_alg alg)
{
	for (size_t i = 0; i < a->key_count; i++) {
		if (a->keys[i].alg == alg && a->keys[i].slot < 0 &&
		    key_state_of(&a->keys[i].facts) <= KEY_STATE_ACTIVE)
			return true;
	}
	return false;
}

static int
load_row(struct adding *a, struct err *err)
{
	struct store_domain *row = NULL;
	size_t count;

	if (store_domains(a->store, a->name, &row, &count, err) != 0)
		return -1;
	a->active_from = count == 0 ? NEVER : row->active_from;
	free(row);
	return 0;
}

int
adding_load(struct adding *a, struct err *err)
{
	struct store_select select = store_select_domain(a->name);

	free(a->keys);
	free(a->slots);
	a->keys = NULL;
	a->slots = NULL;
	if (load_row(a, err) != 0)
		return -1;
	if (store_keys(a->store, a->name, &a->keys, &a->key_count, err) != 0)
		return -1;
	return store_slots_select(a->store, &select, &a->slots, &a->slot_count, err);
}

static int
make_key(const struct adding *a, struct keymaker *maker, enum key_alg alg, struct err *err)
{
	bool stocked =
	    alg == KEY_RSA_SHA256 && a->stock != NULL && a->stock_bits == a->rules->rsa_bits;
	struct dkim_key *ready = stocked ? key_stock_take(a->stock) : NULL;
	bool made;

	maker->ready = &ready;
	int rc = keymaker_make(maker, alg, -1, &made, err);
	maker->ready = NULL;
	key_stock_put_back(a->stock, ready);
	return rc;
}

/* Behind slots the first keys wait until the slots are prepared: that is for the passes. */
static int
make_keys(struct adding *a, struct err *err)
{
	struct keymaker maker = {.store = a->store,
	    .domain = a->name,
	    .policy = a->rules,
	    .now = a->now,
	    .verb = "add",
	    .locked = a->locked};

	if (a->rules->mode == MODE_SLOTS)
		return keymaker_slots(&maker, err) == 0 ? adding_load(a, err) : -1;
	if (adding_load(a, err) != 0)
		return -1;
	for (size_t i = 0; i < a->rules->algorithm_count; i++) {
		if (!has_key(a, a->rules->algorithms[i]) &&
		    make_key(a, &maker, a->rules->algorithms[i], err) != 0)
			return -1;
	}
	return adding_load(a, err);
}

int
adding_choose(struct adding *a, struct err *err)
{
	struct store_domain *old = NULL;
	size_t count;

	if (store_domains(a->store, a->name, &old, &count, err) != 0)
		return -1;
	const char *policy = a->policy != NULL ? a->policy : count == 1 ? old->policy : "default";
	a->is_new = count == 0;
	a->rules = config_policy(a->config, policy);
	int rc = a->rules != NULL ? 0
				  : err_set(err, ERR_CONFIG, "%s has no policy \"%.63s\"",
					a->config->path, policy);
	free(old);
	return rc;
}

int
adding_make(struct adding *a, struct err *err)
{
	struct store_domain row = {.added_at = a->now};

	snprintf(row.name, sizeof(row.name), "%s", a->name);
	snprintf(row.policy, sizeof(row.policy), "%s", a->rules->name);
	if (store_domain_put(a->store, &row, "add", err) != 0)
		return -1;
	return make_keys(a, err);
}

static int
hand_over(const struct adding *a, const struct store_key *key, struct err *err)
{
	const struct store_deed deed = {.key_id = key->id,
	    .deed = DEED_PUBLISH,
	    .tries = {.first_at = a->now, .last_at = a->now, .tries = 1, .done = true}};
	const struct store_deed_put put = {
	    .key = key, .deed = &deed, .fact = FACT_PUBLISHED, .publisher = PUBLISHER_BY_HAND};
	const struct store_event event = {a->now, "add", key->domain, key->selector,
	    "record handed over, to be published by hand"};

	return store_deed_put(a->store, &put, &event, err);
}

int
adding_hand_over(const struct adding *a, struct err *err)
{
	for (size_t i = 0; a->rules->by_hand && i < a->key_count; i++) {
		const struct store_key *key = &a->keys[i];
		if (key_state_of(&key->facts) == KEY_STATE_GENERATED && hand_over(a, key, err) != 0)
			return -1;
	}
	return 0;
}

void
adding_deinit(struct adding *a)
{
	free(a->keys);
	free(a->slots);
	a->keys = NULL;
	a->slots = NULL;
}
