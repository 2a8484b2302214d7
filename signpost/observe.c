/* SPDX-License-Identifier: ISC */
#include "signpost/observe.h"

#include <string.h>

/* Those facts of seen that depend on the other keys. */
static void
observe_domain(const struct key_set *set, const struct store_key *key, struct key_observed *seen)
{
	seen->is_rsa = key->alg == KEY_RSA_SHA256;
	seen->domain_active = seen->rsa_active = seen->domain_was_active = false;
	for (size_t i = 0; i < set->count; i++) {
		const struct store_key *other = &set->keys[i];
		int64_t activated = other->facts.at[FACT_ACTIVATED];
		bool signs = key_state_signs(key_state_of(&other->facts));
		seen->domain_active = seen->domain_active || signs;
		seen->rsa_active = seen->rsa_active || (signs && other->alg == KEY_RSA_SHA256);
		/* made together with the first key: receivers had no reason to ask for either */
		if (other->id != key->id && activated != NEVER &&
		    activated <= key->facts.at[FACT_GENERATED])
			seen->domain_was_active = true;
	}
}

int
observe(struct store *store, const struct key_set *set, const struct store_key *key,
    struct observation *o, struct err *err)
{
	struct store_proof proof;

	if (store_proof_get(store, key->id, &proof, err) != 0 ||
	    store_sweep_get(store, key->id, EVIDENCE_LAST, &o->last, err) != 0 ||
	    store_sweep_get(store, key->id, EVIDENCE_FIRST, &o->first, err) != 0)
		return -1;
	o->seen = (struct key_observed){
	    .looked_at = o->last.found ? o->last.sweep.ended_at : NEVER,
	    .last_passed = o->last.found && o->last.passed,
	    .first_pass_at = o->first.found ? o->first.sweep.ended_at : NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = proof.at,
	    .contradicted = proof.contradicted,
	    .obstacle = o->last.why,
	};
	observe_domain(set, key, &o->seen);
	return 0;
}

void
observe_times(const struct config *config, const struct key_policy *policy, struct key_times *times)
{
	*times = (struct key_times){
	    .sweep_interval_s = config->sweep_interval_s,
	    .slow_after_s = config->slow_after_s,
	    .slow_interval_s = config->slow_interval_s,
	    .publication_interval_s = policy->publication_interval_s,
	};
}
