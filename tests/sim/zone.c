/* SPDX-License-Identifier: ISC */
/* zone.c - the name servers of a domain's keys: who serves which version of the zone, and what it says. */
#include "tests/sim/sim.h"

#include <string.h>

bool
node_answers(const struct site *site, const struct node *node)
{
	return node->used && !node->dead &&
	       (node->former_until == NEVER || node->former_until >= site->now);
}

/* What is wrong there was not brought about by the keeper. */
bool
answer_is_worlds(const struct domain *domain, int node, const struct name *name)
{
	const struct node *n = &domain->nodes[node];

	return n->wrong_by_itself || n->bogus || n->former_until != NEVER || domain->alias_wrong ||
	       name->at[node].author == BY_WORLD;
}

struct answer
node_says(const struct site *site, const struct domain *domain, int node, const struct name *name)
{
	const struct node *n = &domain->nodes[node];
	struct answer answer = name->at[node];

	if (!node_answers(site, n))
		return (struct answer){.content = IS_SILENT};
	if (n->bogus) {
		answer.content = SAYS_FOREIGN;
		answer.ttl_s = 5 * MINUTE;
	} else if (domain->alias_wrong) {
		answer.content = SAYS_NOTHING;
	}
	if (answer.content == SAYS_NOTHING && n->wildcard_ttl_s > 0) {
		answer.content = SAYS_FOREIGN;
		answer.ttl_s = n->wildcard_ttl_s;
	} else if (answer.content == SAYS_NOTHING) {
		answer.ttl_s = n->negative_ttl_s;
	}
	return answer;
}

/* The oldest version among the servers that the prober meets and that are alive. */
static int64_t
met_serial(const struct site *site, const struct domain *domain)
{
	int64_t oldest = FOREVER;

	for (int n = 0; n < NODES_MAX; n++) {
		const struct node *node = &domain->nodes[n];
		if (node->met && node_answers(site, node) && node->former_until == NEVER &&
		    node->serial < oldest)
			oldest = node->serial;
	}
	return oldest;
}

/* Servers that nobody meets are at most the publish safety behind those that are met: often exactly so. */
static void
unmet_follow(struct site *site, struct domain *domain)
{
	int64_t most = domain->policy.publish_safety_s < domain->policy.retire_safety_s
			   ? domain->policy.publish_safety_s
			   : domain->policy.retire_safety_s;

	for (int i = 0; i < NODES_MAX; i++) {
		if (!domain->nodes[i].used || domain->nodes[i].met)
			continue;
		int64_t behind = chance(site, 500) ? most : between(site, 0, most);
		event_put(site, site->now + behind,
		    (struct event){
			.what = EV_SYNC, .domain = domain->index, .a = i, .b = domain->serial});
	}
}

void
world_change(struct site *site, struct domain *domain,
    void (*change)(struct site *, struct domain *, int), int node)
{
	static struct answer before[KEYS_MAX][NODES_MAX];
	static bool worlds[KEYS_MAX][NODES_MAX];

	int64_t serial = met_serial(site, domain);
	for (int i = 0; i < KEYS_MAX; i++) {
		for (int n = 0; domain->names[i].used && n < NODES_MAX; n++) {
			before[i][n] = node_says(site, domain, n, &domain->names[i]);
			worlds[i][n] = answer_is_worlds(domain, n, &domain->names[i]);
		}
	}
	for (int n = 0; n < NODES_MAX; n++) {
		const struct node *at = &domain->nodes[n];
		for (int m = at->met ? 0 : 1; node_answers(site, at) && m < 2; m++) {
			if (site->now + at->negative_ttl_s > domain->denied_until[m])
				domain->denied_until[m] = site->now + at->negative_ttl_s;
			if (at->wildcard_ttl_s > 0 &&
			    site->now + at->wildcard_ttl_s > domain->wildcard_until[m])
				domain->wildcard_until[m] = site->now + at->wildcard_ttl_s;
		}
	}
	change(site, domain, node);
	for (int i = 0; i < KEYS_MAX; i++) {
		for (int n = 0; domain->names[i].used && n < NODES_MAX; n++)
			receivers_hear(site, domain, i, n, before[i][n], worlds[i][n]);
	}
	if (met_serial(site, domain) != serial)
		unmet_follow(site, domain);
}

void
node_copy_zone(struct domain *domain, int node)
{
	struct node *n = &domain->nodes[node];

	for (int i = 0; i < KEYS_MAX; i++) {
		struct name *name = &domain->names[i];
		bool same = name->at[node].content == name->zone.content &&
			    name->at[node].key == name->zone.key;
		bool seen = same && name->at[node].seen;
		if (!name->used)
			continue;
		name->at[node] = name->zone;
		name->at[node].seen = seen;
	}
	n->serial = domain->serial;
	n->negative_ttl_s = domain->negative_ttl_s;
	n->wildcard_ttl_s = domain->wildcard_ttl_s;
}

static void
take(struct site *site, struct domain *domain, int node)
{
	(void)site;
	node_copy_zone(domain, node);
	domain->nodes[node].wrong_by_itself = false;
}

void
node_take_zone(struct site *site, struct domain *domain, int node)
{
	struct node *n = &domain->nodes[node];
	if (!n->used || n->dead || n->frozen || n->former_until != NEVER)
		return;
	world_change(site, domain, take, node);
}

void
zone_changed(struct site *site, struct domain *domain)
{
	domain->serial++;
	for (int i = 0; i < NODES_MAX; i++) {
		struct node *node = &domain->nodes[i];
		if (!node->used || !node->met)
			continue;
		int64_t lag = chance(site, 300) ? node->lag_s : between(site, 0, node->lag_s);
		event_put(site, site->now + lag,
		    (struct event){
			.what = EV_SYNC, .domain = domain->index, .a = i, .b = domain->serial});
	}
}

void
zone_put(struct site *site, struct domain *domain, int name, struct answer answer)
{
	answer.seen = false;
	domain->names[name].zone = answer;
	zone_changed(site, domain);
}

int
name_new(struct site *site, struct domain *domain, int slot, enum key_alg alg)
{
	for (int i = 0; i < KEYS_MAX; i++) {
		struct name *name = &domain->names[i];
		if (name->used)
			continue;
		memset(name, 0, sizeof(*name));
		name->used = true;
		name->slot = slot;
		name->alg = alg;
		name->free_at = name->deed_at = NEVER;
		for (int m = 0; m < 2; m++) {
			name->memory[m].nothing = domain->denied_until[m];
			name->memory[m].foreign = domain->wildcard_until[m];
			name->memory[m].record_key = -1;
		}
		for (int n = 0; n < NODES_MAX; n++)
			name->at[n] = name->zone;
		(void)site;
		return i;
	}
	return -1;
}

void
name_forget(struct domain *domain, int name)
{
	memset(&domain->names[name], 0, sizeof(domain->names[name]));
}

static int64_t
draw_lag(struct site *site)
{
	switch (rnd(site, 5)) {
	case 0:
		return 0;
	case 1:
		return between(site, 1, 5 * MINUTE);
	case 2:
		return between(site, MINUTE, HOUR);
	case 3:
		return between(site, HOUR, 4 * HOUR);
	default:
		return between(site, 0, 2 * MINUTE);
	}
}

void
node_init(struct site *site, struct domain *domain, int node, bool met)
{
	domain->nodes[node] = (struct node){.used = true,
	    .met = met,
	    .address = node,
	    .former_until = NEVER,
	    .mute_since = NEVER,
	    .delisted_at = NEVER,
	    .lag_s = draw_lag(site),
	    .serial = domain->serial,
	    .negative_ttl_s = domain->negative_ttl_s,
	    .wildcard_ttl_s = domain->wildcard_ttl_s};
}

void
zone_init(struct site *site, struct domain *domain)
{
	int met = (int)between(site, 2, 4), unmet = (int)between(site, 0, 2);

	domain->expire_s = between(site, 2, 14) * DAY;
	domain->ns_ttl_s = between(site, HOUR, 2 * DAY);
	domain->negative_ttl_s = chance(site, 100) ? DAY : between(site, MINUTE, 3 * HOUR);
	domain->wildcard_ttl_s = chance(site, 100) ? between(site, MINUTE, 6 * HOUR) : 0;
	for (int i = 0; i < met + unmet; i++) {
		node_init(site, domain, i, i < met);
		if (i >= met)
			happened(site, SERVER_NEVER_MET);
		if (domain->nodes[i].lag_s > HOUR)
			happened(site, SERVER_LAGS);
		if (i > 0 && i < met &&
		    chance(site, 250)) { /* a second machine behind one address */
			domain->nodes[i].address = domain->nodes[i - 1].address;
			happened(site, SERVER_BEHIND_ANOTHER);
		}
	}
	for (int m = 0; m < 2; m++) {
		domain->denied_until[m] = site->now + domain->negative_ttl_s;
		domain->wildcard_until[m] =
		    domain->wildcard_ttl_s > 0 ? site->now + domain->wildcard_ttl_s : NEVER;
	}
}
