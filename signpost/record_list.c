/* SPDX-License-Identifier: ISC */
#include "signpost/record_list.h"
#include "signpost/keymaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
wants_key(const struct record_source *from, const struct store_key *key)
{
	enum key_state state = key_state_of(&key->facts);

	if (key->slot >= 0 || state > KEY_STATE_RETIRED)
		return false;
	return !from->to_enter || (state <= KEY_STATE_ACTIVE && !key_state_signs(state));
}

/* One of those that the policy wants now. */
static bool
wants_slot(const struct key_policy *policy, const struct store_slot *slot)
{
	for (size_t k = 0; k < policy->algorithm_count; k++) {
		if (policy->algorithms[k] == slot->alg && slot->n < (int)policy->slots)
			return true;
	}
	return false;
}

static void
set_names(struct record_list *list, const char *domain, const char *zone)
{
	snprintf(list->domain, sizeof(list->domain), "%s", domain);
	snprintf(list->zone, sizeof(list->zone), "%.*s", DOMAIN_LEN_MAX,
	    zone == NULL || zone[0] == '\0' ? domain : zone);
}

static int
begin(struct record_list *list, size_t count_max, struct err *err)
{
	list->records = calloc(count_max + 1, sizeof(*list->records));
	return list->records == NULL ? err_nomem(err) : 0;
}

static void
take_key(struct record_list *list, const struct store_key *key)
{
	struct record *r = &list->records[list->count++];

	r->type = RECORD_TXT;
	r->ttl_s = key->ttl_s;
	r->algorithm = key_alg_name(key->alg);
	r->proven = key->facts.at[FACT_VERIFIED] != NEVER;
	memcpy(r->owner, key->owner, sizeof(r->owner));
	memcpy(r->selector, key->selector, sizeof(r->selector));
	memcpy(r->value, key->record, sizeof(r->value));
}

static int
take_slot(struct record_list *list, const struct record_source *from, const struct store_slot *slot,
    struct err *err)
{
	struct record *r = &list->records[list->count];
	char target[SWEEP_NAME_LEN];

	if (keymaker_slot_names(from->policy, slot, target, r->owner, err) != 0)
		return -1;
	r->type = RECORD_CNAME;
	r->ttl_s = from->policy->ttl_s;
	r->algorithm = key_alg_name(slot->alg);
	memcpy(r->selector, slot->token, sizeof(r->selector));
	snprintf(r->value, sizeof(r->value), "%s", target);
	list->count++;
	return 0;
}

int
record_list_init(struct record_list *list, const struct record_source *from, struct err *err)
{
	bool slots = from->policy != NULL && from->policy->mode == MODE_SLOTS;

	memset(list, 0, sizeof(*list));
	set_names(list, from->domain, from->zone);
	if (begin(list, from->key_count + from->slot_count, err) != 0)
		return -1;
	if (from->policy != NULL && from->policy->mode == MODE_DELEGATED) {
		char below[SWEEP_NAME_LEN];
		record_below(from->domain, below);
		set_names(list, from->domain, below);
	}
	for (size_t i = 0; slots && i < from->slot_count; i++) {
		if (wants_slot(from->policy, &from->slots[i]) &&
		    take_slot(list, from, &from->slots[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < from->key_count; i++) {
		if (wants_key(from, &from->keys[i]))
			take_key(list, &from->keys[i]);
	}
	return 0;
}

int
record_list_delegate(struct record_list *list, const struct record_delegation *d, struct err *err)
{
	memset(list, 0, sizeof(*list));
	set_names(list, d->domain, d->zone);
	if (begin(list, d->host_count, err) != 0)
		return -1;
	for (size_t i = 0; i < d->host_count; i++) {
		struct record *r = &list->records[list->count++];
		r->type = RECORD_NS;
		r->ttl_s = d->ttl_s;
		r->algorithm = "";
		snprintf(r->owner, sizeof(r->owner), "%s", d->name);
		snprintf(r->value, sizeof(r->value), "%s", d->hosts[i]);
	}
	return 0;
}

void
record_below(const char *domain, char name[static SWEEP_NAME_LEN])
{
	snprintf(name, SWEEP_NAME_LEN, "_domainkey.%.240s", domain);
}

void
record_list_deinit(struct record_list *list)
{
	free(list->records);
	list->records = NULL;
	list->count = 0;
}
