/* SPDX-License-Identifier: ISC */
/* look.c - the prober, and what the keeper keeps of a sweep. */
#include "tests/sim/sim.h"

struct sweep_result {
	unsigned good, wrong, mute, excused;
	bool foreign;
	int64_t ttl_max_s;
};

void
looks_reset(struct schedule_looks *looks)
{
	*looks = (struct schedule_looks){.looked_at = NEVER,
	    .passed_at = NEVER,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = NEVER,
	    .gone_since = NEVER,
	    .resolver_first_at = NEVER,
	    .resolver_last_at = NEVER,
	    .resolver_wait_until = NEVER};
}

/* A former server is asked until caches that name it are gone, and a little longer. */
static bool
is_asked(const struct site *site, const struct domain *domain, const struct node *node)
{
	if (!node->used || !node->met)
		return false;
	return node->former_until == NEVER ||
	       site->now <= node->delisted_at + domain->ns_ttl_s + domain->policy.publish_safety_s;
}

static bool
is_good(const struct answer *answer, enum key_expect expect, const struct model_key *key)
{
	switch (expect) {
	case EXPECT_RECORD:
		return answer->content == SAYS_RECORD && answer->key == key->k.id;
	case EXPECT_TOMBSTONE:
		return answer->content == SAYS_TOMBSTONE ||
		       (answer->content == SAYS_NOTHING && key->k.slot < 0);
	case EXPECT_ABSENT:
		return answer->content == SAYS_NOTHING;
	}
	return false;
}

static void
judge(const struct site *site, struct domain *domain, int node, struct model_key *key,
    struct sweep_result *result)
{
	struct name *name = &domain->names[key->name];
	struct answer says = node_says(site, domain, node, name);

	if (says.content ==
	    IS_SILENT) /* a former one, whose name no cache holds any more: it answers us */
		says = name->at[node];
	/* Under a wildcard, what any other name gets is the same as nothing. */
	if (name->at[node].content == SAYS_NOTHING && key->looks_for != EXPECT_RECORD &&
	    !domain->nodes[node].bogus)
		says.content = SAYS_NOTHING;
	if (says.content != SAYS_NOTHING && says.ttl_s > result->ttl_max_s)
		result->ttl_max_s = says.ttl_s;
	if (is_good(&says, key->looks_for, key)) {
		result->good++;
		return;
	}
	name->at[node].seen = true;
	/* A record that somebody typed wrongly is remembered as long as any. */
	if (says.content != SAYS_NOTHING && says.ttl_s > key->k.previous_ttl_s &&
	    key->looks_for == EXPECT_RECORD)
		key->k.previous_ttl_s = says.ttl_s;
	result->wrong++;
	if (says.content == SAYS_FOREIGN)
		result->foreign = true;
}

static void
ask_address(const struct site *site, struct domain *domain, struct model_key *key, int address,
    unsigned queries, struct sweep_result *result)
{
	int behind[NODES_MAX], count = 0, asked = 0;
	int64_t patience =
	    domain_in_emergency(domain) || domain->first_signed == NEVER ? HOUR : DAY;

	for (int n = 0; n < NODES_MAX; n++) {
		struct node *node = &domain->nodes[n];
		if (node->address != address || !is_asked(site, domain, node))
			continue;
		asked = 1;
		if (!node->dead)
			behind[count++] = n;
	}
	for (int n = 0; n < NODES_MAX; n++) {
		struct node *node = &domain->nodes[n];
		if (node->address != address || !is_asked(site, domain, node))
			continue;
		if (count > 0)
			node->mute_since = NEVER;
		else if (node->mute_since == NEVER)
			node->mute_since = site->now;
		if (count == 0 && site->now - node->mute_since >= patience)
			asked = 2;
	}
	if (count == 0 && asked > 0) {
		result->mute++;
		result->excused += asked == 2;
		return;
	}
	/* The balancer gives them in turn, beginning anywhere. */
	for (unsigned q = 0; count > 0 && q < queries; q++)
		judge(site, domain, behind[(unsigned)(site->rng % 7 + q) % (unsigned)count], key,
		    result);
}

void
measure_zone(struct site *site, struct domain *domain, struct model_key *key)
{
	int64_t now = wall(site), most = 0,
		keep = domain->negative_max > DAY ? domain->negative_max : DAY;

	for (int n = 0; n < NODES_MAX; n++) {
		const struct node *node = &domain->nodes[n];
		if (is_asked(site, domain, node) && node_answers(site, node) &&
		    node->negative_ttl_s > most)
			most = node->negative_ttl_s;
	}
	domain->negative_measured = most;
	if (most >= domain->negative_max) {
		domain->negative_max = most;
		domain->lower_since = NEVER;
	} else if (domain->lower_since == NEVER || now < domain->lower_since) {
		domain->lower_since = now; /* who knows until when it was higher */
	} else if (now - domain->lower_since > keep) {
		domain->negative_max = most;
		domain->lower_since = NEVER;
	}
	if (key != NULL && key->k.negative_max_s < domain->negative_max)
		key->k.negative_max_s = domain->negative_max;
}

static void
found_wrong(struct site *site, struct model_key *key, const struct sweep_result *result)
{
	struct schedule_looks *looks = &key->k.looks;

	key->last_bad_look = site->now;
	key->pass1 = key->pass2 = NEVER;
	looks->first_pass_at = looks->second_pass_at = NEVER;
	looks->obstacle = "a server says otherwise";
	if (looks->proven_at == NEVER)
		return;
	looks->contradicted = true;
	if (looks->gone_since == NEVER) {
		looks->gone_since = looks->looked_at;
		looks->gone_sweeps = 0;
		key->k.deeds[DEED_PUBLISH] =
		    (struct schedule_deed){.first_at = NEVER, .last_at = NEVER};
		if (!result->foreign && key->looks_for == EXPECT_RECORD)
			key->removed_at[key->removals++ % 4] = looks->looked_at;
	}
	looks->gone_sweeps++;
	looks->differs = result->foreign;
}

void
look_at(struct site *site, struct domain *domain, struct model_key *key, enum key_expect expect,
    unsigned queries)
{
	struct sweep_result result = {0};
	struct schedule_looks *looks = &key->k.looks;

	if (expect != key->looks_for || key->name < 0) {
		looks_reset(looks);
		key->pass1 = key->pass2 = NEVER;
		key->looks_for = expect;
	}
	key->last_look = site->now;
	pace_of_look(site, domain, key);
	if (domain->policy.proof == PROOF_RESOLVER) {
		look_by_resolvers(site, domain, key, expect);
		return;
	}
	for (int a = 0; a < NODES_MAX; a++)
		ask_address(site, domain, key, a, queries, &result);
	measure_zone(site, domain, key);
	looks->looked_at = wall(site);
	looks->looked_now = true;
	looks->last_passed = false;
	key->looked_untrusted = !site->clock_trusted;
	if (key->servers_seen !=
	    domain->servers_changed) { /* other servers: the proof begins anew */
		key->servers_seen = domain->servers_changed;
		looks->first_pass_at = looks->second_pass_at = NEVER;
		key->pass1 = key->pass2 = NEVER;
	}
	/* whatever was there is remembered until the name is another key's */
	if (result.ttl_max_s > key->k.ttl_max_s)
		key->k.ttl_max_s = result.ttl_max_s;
	if (result.wrong > 0) {
		found_wrong(site, key, &result);
		return;
	}
	looks->gone_since = NEVER;
	looks->gone_sweeps = 0;
	looks->differs = false;
	if (result.good == 0 || result.excused < result.mute) {
		looks->obstacle = "a server is silent";
		return;
	}
	looks->last_passed = true;
	key->last_good_look = site->now;
	looks->obstacle = "";
	if (!site->clock_trusted)
		return; /* its time is not to be compared with another's */
	looks->passed_at = looks->looked_at;
	if (looks->first_pass_at == NEVER || looks->first_pass_at > looks->looked_at ||
	    looks->second_pass_at > looks->looked_at) {
		looks->second_pass_at = NEVER;
		looks->first_pass_at = looks->looked_at;
		key->pass1 = site->now;
		return;
	}
	if (looks->second_pass_at != NEVER &&
	    looks->looked_at - looks->second_pass_at >= site->times.sweep_interval_s) {
		looks->first_pass_at =
		    looks->second_pass_at; /* the pair led to nothing: it slides */
		key->pass1 = key->pass2;
	}
	if (looks->looked_at - looks->first_pass_at >= site->times.sweep_interval_s) {
		looks->second_pass_at = looks->looked_at;
		key->pass2 = site->now;
	}
}
