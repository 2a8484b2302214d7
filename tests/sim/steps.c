/* SPDX-License-Identifier: ISC */
/* steps.c - the keeper carries out a step: first the deed, then the fact; it may die between the two. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <string.h>

struct model_key *
key_new(struct site *site, struct domain *domain, enum key_alg alg, int slot)
{
	if (domain->key_count == KEYS_MAX)
		return NULL;
	struct model_key *key = &domain->keys[domain->key_count];
	memset(key, 0, sizeof(*key));
	int name = -1;
	for (int i = 0; slot >= 0 && i < KEYS_MAX; i++) {
		if (domain->names[i].used && domain->names[i].slot == slot &&
		    domain->names[i].alg == alg)
			name = i;
	}
	key->name = name >= 0 ? name : name_new(site, domain, slot, alg);
	if (key->name < 0)
		return NULL;
	domain->key_count++;
	key->k.id = site->next_key++;
	key->k.alg = alg;
	key->k.slot = slot;
	(void)snprintf(key->selector, sizeof(key->selector), "s%lld", (long long)key->k.id);
	key_facts_init(&key->k.facts);
	looks_reset(&key->k.looks);
	for (int d = 0; d < DEED_COUNT; d++)
		key->k.deeds[d] = (struct schedule_deed){.first_at = NEVER, .last_at = NEVER};
	key->k.negative_max_s = NEVER;
	key->pem = true;
	key->pass1 = key->pass2 = key->proof = key->last_bad_look = key->last_good_look = NEVER;
	key->stolen_at = key->ended_at = key->last_signed = key->overlap_end = NEVER;
	for (int i = 0; i < 4; i++)
		key->removed_at[i] = NEVER;
	key->servers_seen = domain->servers_changed;
	key->made_at = site->now;
	return key;
}

static void
fact(struct site *site, struct domain *domain, struct model_key *key, enum key_fact what)
{
	if (key->k.facts.at[what] == NEVER)
		key->k.facts.at[what] = wall(site);
	trace(site, domain, "key %lld alg %d slot %d: %s", (long long)key->k.id, (int)key->k.alg,
	    key->k.slot, key_fact_name(what));
}

/* The largest TTL that servers give to what is at a name now, unless it is the key's own record. */
static int64_t
ttl_served(const struct site *site, const struct domain *domain, int name, int64_t key)
{
	int64_t most = 0;

	for (int n = 0; n < NODES_MAX; n++) {
		struct answer says = node_says(site, domain, n, &domain->names[name]);
		if (!domain->nodes[n].met || says.content == IS_SILENT ||
		    says.content == SAYS_NOTHING ||
		    (says.content == SAYS_RECORD && says.key == key))
			continue;
		if (says.ttl_s > most)
			most = says.ttl_s;
	}
	return most;
}

static void
measure_before(const struct site *site, const struct domain *domain, struct model_key *key)
{
	int64_t most = ttl_served(site, domain, key->name, key->k.id);

	if (most < domain->names[key->name].before_ttl_s)
		most = domain->names[key->name].before_ttl_s;
	if (key->k.previous_ttl_s < most)
		key->k.previous_ttl_s = most;
}

static bool
deed(struct site *site, struct domain *domain, struct model_key *key, enum deed what)
{
	static const enum content CONTENTS[] = {SAYS_RECORD, SAYS_TOMBSTONE, SAYS_NOTHING};
	struct schedule_deed *d = &key->k.deeds[what];

	if (what == DEED_PUBLISH && key->k.facts.at[FACT_PUBLISHED] == NEVER)
		measure_before(site, domain, key);
	pace_of_deed(site, domain, key);
	enum deed_result result = publisher_put(site, domain, key, CONTENTS[what]);
	if (keeper_crashes(site))
		return false;
	d->last_at = wall(site);
	if (d->first_at == NEVER)
		d->first_at = d->last_at;
	d->tries++;
	d->done = result == DEED_DONE;
	d->refused = result == DEED_REFUSED || result == DEED_PERSON || result == DEED_FOREIGN;
	d->why = "as it says";
	if (what != DEED_PUBLISH)
		return true;
	if (result == DEED_FOREIGN && key->k.facts.at[FACT_PUBLISHED] == NEVER && key->k.slot < 0)
		key->k.selector_taken = true;
	if (key->k.facts.at[FACT_PUBLISHED] == NEVER)
		key->published_true = site->now;
	if (result == DEED_DONE || result == DEED_PERSON)
		fact(site, domain, key, FACT_PUBLISHED);
	return true;
}

/* Both facts in one transaction. */
void
key_switch(struct site *site, struct domain *domain, struct model_key *key, struct model_key *other)
{
	int64_t *at = key->k.facts.at;

	if (at[FACT_RETIRED] != NEVER) { /* rolled back to */
		at[FACT_RETIRED] = at[FACT_ACKNOWLEDGED] = at[FACT_ACTIVATED] = NEVER;
		key->k.overlap_s = 0;
	}
	fact(site, domain, key, FACT_ACTIVATED);
	if (other != NULL)
		fact(site, domain, other, FACT_RETIRED);
	if (domain->removing_at == NEVER && key->k.alg == KEY_RSA_SHA256)
		domain->stopped_at = NEVER;
	key->switched_at = site->now;
	domain->last_activated[key->k.alg] = site->now;
	domain->rotations++;
	site->totals->rotations++;
}

static bool
activate(struct site *site, struct domain *domain, struct model_key *key, struct model_key *other)
{
	key_switch(site, domain, key, other);
	if (keeper_crashes(site))
		return false;
	table_write(site, domain);
	return true;
}

static bool
prepare_slot(struct site *site, struct domain *domain, const struct step *step)
{
	for (int i = 0; i < KEYS_MAX; i++) {
		struct name *name = &domain->names[i];
		if (!name->used || name->slot != step->slot || name->alg != step->alg)
			continue;
		if (domain->publisher_fails_until > site->now || domain->publisher_refuses) {
			name->deed_at = wall(site);
			return true;
		}
		int64_t before = ttl_served(site, domain, i, -1);
		if (name->before_ttl_s < before)
			name->before_ttl_s = before;
		if (name->zone.content == SAYS_NOTHING)
			zone_put(site, domain, i,
			    (struct answer){.content = SAYS_TOMBSTONE,
				.key = -1,
				.ttl_s = domain->policy.ttl_s,
				.author = BY_KEEPER});
		if (keeper_crashes(site))
			return false;
		name->deed_at = wall(site);
		name->prepared = true;
	}
	return true;
}

static void
verify(struct site *site, struct domain *domain, struct model_key *key)
{
	struct schedule_looks *looks = &key->k.looks;

	if (key->k.facts.at[FACT_VERIFIED] == NEVER && key->k.facts.at[FACT_PUBLISHED] != NEVER) {
		int64_t took = wall(site) - key->k.facts.at[FACT_PUBLISHED];
		if (!domain->policy.by_hand && took > domain->propagation_max_s)
			domain->propagation_max_s = took;
	}
	fact(site, domain, key, FACT_VERIFIED);
	key->proof = key->pass2;
	key->pass1 = key->pass2 = NEVER;
	looks->proven_at = domain->policy.proof == PROOF_RESOLVER ? looks->resolver_last_at
								  : looks->second_pass_at;
	looks->resolver_passes = key->resolver_passes = 0;
	looks->resolver_first_at = looks->resolver_last_at = NEVER;
	looks->contradicted = false;
	looks->gone_since = NEVER;
	looks->gone_sweeps = 0;
	looks->first_pass_at = looks->second_pass_at = NEVER;
}

static bool
generate(struct site *site, struct domain *domain, const struct step *step)
{
	if (keeper_crashes(site))
		return false;
	struct model_key *key = key_new(site, domain, step->alg, step->slot);
	if (key == NULL)
		return true;
	if (key->k.slot < 0 && !domain->policy.by_hand && !site->calm &&
	    chance(site, 50)) { /* somebody has that name */
		happened(site, NAME_IS_TAKEN);
		domain->names[key->name].zone = (struct answer){
		    .content = SAYS_FOREIGN, .key = -1, .ttl_s = HOUR, .author = BY_WORLD};
		zone_changed(site, domain);
	}
	fact(site, domain, key, FACT_GENERATED);
	return true;
}

static bool
key_step(struct site *site, struct domain *domain, const struct step *step, struct model_key *key)
{
	switch (step->what) {
	case STEP_PUBLISH:
		return deed(site, domain, key, DEED_PUBLISH);
	case STEP_REVOKE:
		return deed(site, domain, key, DEED_REVOKE);
	case STEP_REMOVE:
		return deed(site, domain, key, DEED_REMOVE);
	case STEP_VERIFY:
		verify(site, domain, key);
		return true;
	case STEP_RETIRE:
		fact(site, domain, key, FACT_RETIRED);
		if (keeper_crashes(site))
			return false;
		table_write(site, domain);
		return true;
	case STEP_ACKNOWLEDGE:
		key->acknowledged_count = site->trusted_s;
		key->acknowledged_true = site->now;
		fact(site, domain, key, FACT_ACKNOWLEDGED);
		return true;
	case STEP_REVOKED:
		key->revoked_true = site->now;
		fact(site, domain, key, FACT_REVOKED);
		return true;
	case STEP_REMOVED:
		fact(site, domain, key, FACT_REMOVED);
		return true;
	case STEP_DESTROY:
		key->pem = false;
		if (keeper_crashes(site))
			return false;
		fact(site, domain, key, FACT_DESTROYED);
		return true;
	case STEP_ABANDON:
		fact(site, domain, key, FACT_ABANDONED);
		return true;
	default:
		return true;
	}
}

bool
step_do(struct site *site, struct domain *domain, const struct step *step, int64_t *ids)
{
	struct model_key *key = step->key == SIZE_MAX ? NULL : key_of(domain, ids[step->key]);

	site->totals->steps[step->what]++;
	if (keeper_crashes_at(site, step->what, false))
		return false;
	switch (step->what) {
	case STEP_LOOK:
		if (key != NULL)
			look_at(site, domain, key, step->expect, step->queries);
		break;
	case STEP_ASK_SIGNERS:
		signers_ask(site, domain);
		break;
	case STEP_GENERATE:
		if (!generate(site, domain, step))
			return false;
		break;
	case STEP_PREPARE_SLOT:
		if (!prepare_slot(site, domain, step))
			return false;
		break;
	case STEP_ACTIVATE:
		if (key != NULL &&
		    !activate(site, domain, key,
			step->other == SIZE_MAX ? NULL : key_of(domain, ids[step->other])))
			return false;
		break;
	default:
		if (key != NULL && !key_step(site, domain, step, key))
			return false;
	}
	return !keeper_crashes_at(site, step->what, true);
}
