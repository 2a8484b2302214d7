/* SPDX-License-Identifier: ISC */
/* proofs.c - what a keeper knows that does not ask the servers themselves: what resolvers say, each with its cache, or
 * what a person vouches for. */
#include "tests/sim/sim.h"

static bool
expected(const struct answer *says, enum key_expect expect, const struct model_key *key)
{
	if (expect == EXPECT_RECORD)
		return says->content == SAYS_RECORD && says->key == key->k.id;
	return says->content == SAYS_NOTHING ||
	       (expect == EXPECT_TOMBSTONE && says->content == SAYS_TOMBSTONE);
}

static struct answer
resolve(struct site *site, const struct domain *domain, struct model_key *key, int resolver)
{
	struct answer says = {.content = IS_SILENT};
	int start = (int)rnd(site, NODES_MAX);

	if (key->cached_until[resolver] > site->now)
		return key->cached[resolver];
	for (int i = 0; i < NODES_MAX && says.content == IS_SILENT; i++)
		says = node_says(site, domain, (start + i) % NODES_MAX, &domain->names[key->name]);
	key->cached[resolver] = says;
	key->cached_until[resolver] = site->now + (says.content == IS_SILENT ? 0 : says.ttl_s);
	return says;
}

static void
contradict(struct site *site, struct model_key *key, int64_t remembered_s)
{
	struct schedule_looks *looks = &key->k.looks;

	key->last_bad_look = site->now;
	key->pass1 = key->pass2 = NEVER;
	key->resolver_passes = looks->resolver_passes = 0;
	looks->resolver_first_at = looks->resolver_last_at = NEVER;
	looks->resolver_wait_until = wall(site) + remembered_s;
	looks->obstacle = "a resolver says otherwise";
	if (looks->proven_at == NEVER)
		return;
	looks->contradicted = true;
	if (looks->gone_since == NEVER) {
		looks->gone_since = looks->looked_at;
		looks->gone_sweeps = 0;
		key->k.deeds[DEED_PUBLISH] =
		    (struct schedule_deed){.first_at = NEVER, .last_at = NEVER};
	}
	looks->gone_sweeps++;
}

void
look_by_resolvers(
    struct site *site, struct domain *domain, struct model_key *key, enum key_expect expect)
{
	struct schedule_looks *looks = &key->k.looks;
	unsigned good = 0, wrong = 0;
	int64_t remembered_s = 0;

	for (int r = 0; r < RESOLVERS; r++) {
		struct answer says = resolve(site, domain, key, r);
		if (says.content == IS_SILENT)
			continue;
		if (says.content != SAYS_NOTHING && says.ttl_s > key->k.ttl_max_s)
			key->k.ttl_max_s = says.ttl_s;
		if (expected(&says, expect, key)) {
			good++;
			continue;
		}
		wrong++;
		if (key->cached_until[r] - site->now > remembered_s)
			remembered_s = key->cached_until[r] - site->now;
	}
	measure_zone(site, domain, key);
	looks->looked_at = wall(site);
	looks->looked_now = true;
	looks->last_passed = good >= 2 && wrong == 0;
	key->looked_untrusted = !site->clock_trusted;
	if (wrong > 0)
		contradict(site, key, remembered_s);
	if (!looks->last_passed)
		return;
	key->last_good_look = site->now;
	looks->gone_since = NEVER;
	looks->gone_sweeps = 0;
	if (!site->clock_trusted)
		return;
	looks->passed_at = looks->looked_at;
	if (looks->resolver_first_at == NEVER || looks->resolver_first_at > looks->looked_at) {
		looks->resolver_first_at = looks->looked_at;
		looks->resolver_passes = key->resolver_passes = 0;
		key->pass1 = site->now;
	}
	looks->resolver_last_at = looks->looked_at;
	looks->resolver_passes++;
	if (++key->resolver_passes >= 3 && site->now - key->pass1 >= domain->policy.ttl_s)
		key->pass2 = site->now;
}

static bool
is_everywhere(
    const struct site *site, const struct domain *domain, const struct model_key *key, bool record)
{
	for (int n = 0; n < NODES_MAX; n++) {
		struct answer says = node_says(site, domain, n, &domain->names[key->name]);
		bool own = says.content == SAYS_RECORD && says.key == key->k.id;
		if (says.content != IS_SILENT && own != record)
			return false;
	}
	return true;
}

/* The person looks with care. */
void
attest(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		int64_t *at = key->k.facts.at;
		struct schedule_deed *revoke = &key->k.deeds[DEED_REVOKE];
		if (at[FACT_ABANDONED] == NEVER && at[FACT_PUBLISHED] != NEVER &&
		    at[FACT_VERIFIED] == NEVER && at[FACT_COMPROMISED] == NEVER &&
		    is_everywhere(site, domain, key, true)) {
			at[FACT_VERIFIED] = wall(site);
			key->proof = site->now;
			happened(site, ATTEST_SAID);
		}
		if (revoke->tries > 0 && !revoke->done && is_everywhere(site, domain, key, false))
			revoke->done = true;
	}
}
