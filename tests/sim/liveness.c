/* SPDX-License-Identifier: ISC */
/* liveness.c - at the end of a calm: a scheduler that never does anything harms nobody, and is of no use. */
#include "tests/sim/sim.h"

static void
check_key_ended(struct site *site, struct domain *domain, const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;
	const struct key_policy *policy = &domain->policy;
	int64_t overlap = key->k.queue_max_s + key->k.delay_max_s;
	int64_t since = at[FACT_RETIRED] != NEVER ? at[FACT_RETIRED] : at[FACT_ABANDONED];

	if (since == NEVER && at[FACT_COMPROMISED] != NEVER && at[FACT_DESTROYED] == NEVER)
		violation(site, domain, key, "stolen long ago, and neither retired nor abandoned");
	if (since == NEVER || at[FACT_IMPORTED] != NEVER)
		return;
	if (overlap < key->k.signature_max_s) /* x= may allow for more */
		overlap = key->k.signature_max_s;
	if (since < site->calm_at)
		since = site->calm_at;
	int64_t age = wall(site) - since;
	if (key->pem && age > policy->destroy_after_s + 4 * DAY)
		violation(site, domain, key,
		    "its private key is still there, %lld days after it ended",
		    (long long)(age / DAY));
	if (policy->by_hand || at[FACT_PUBLISHED] == NEVER)
		return;
	if (at[FACT_REVOKED] == NEVER && at[FACT_REMOVED] == NEVER && age > overlap + 6 * DAY)
		violation(site, domain, key, "not revoked, %lld days after it ended",
		    (long long)(age / DAY));
}

static void
check_alg(struct site *site, struct domain *domain, enum key_alg alg)
{
	bool active = false;

	for (size_t i = 0; i < domain->key_count; i++)
		active |= domain->keys[i].k.alg == alg && key_is_active(&domain->keys[i]);
	if (!active)
		violation(site, domain, NULL, "no %s key is active, %lld days after the last fault",
		    alg == KEY_RSA_SHA256 ? "RSA" : "Ed25519",
		    (long long)((site->now - site->calm_at) / DAY));
	if (domain->policy.rotate != ROTATE_OFF && domain->last_activated[alg] < site->calm_at)
		violation(site, domain, NULL,
		    "no %s key was rotated for %lld days after the last fault",
		    alg == KEY_RSA_SHA256 ? "RSA" : "Ed25519",
		    (long long)((site->now - site->calm_at) / DAY));
}

/* One key of each algorithm that the policy names, and none in a domain that was removed. */
static void
check_one_signs(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *key = &domain->keys[i];
		bool wanted = false;
		if (!key_is_active(key))
			continue;
		for (size_t a = 0; a < domain->policy.algorithm_count; a++)
			wanted |= domain->policy.algorithms[a] == key->k.alg;
		if (!wanted || domain->removing_at != NEVER)
			violation(site, domain, key, "it signs, and is wanted no more");
		if (key->k.imported_unproven && domain->policy.rotate != ROTATE_OFF)
			violation(site, domain, key, "it was imported without proof, and signs");
	}
}

void
check_calm_end(struct site *site)
{
	for (int d = 0; d < site->domain_count && !site->failed; d++) {
		struct domain *domain = &site->domains[d];
		for (size_t a = 0;
		     a < domain->policy.algorithm_count && domain->removing_at == NEVER; a++)
			check_alg(site, domain, domain->policy.algorithms[a]);
		for (size_t i = 0; i < domain->key_count; i++)
			check_key_ended(site, domain, &domain->keys[i]);
		check_one_signs(site, domain);
	}
}
