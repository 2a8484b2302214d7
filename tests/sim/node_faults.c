/* SPDX-License-Identifier: ISC */
/* node_faults.c - what befalls name servers: they node_die, freeze, go bogus, are restored from a backup, lose the zone, and
 * are replaced by others while resolvers go on asking them. */
#include "tests/sim/sim.h"

static int
some_node(struct site *site, const struct domain *domain)
{
	int start = (int)rnd(site, NODES_MAX);

	for (int i = 0; i < NODES_MAX; i++) {
		int n = (start + i) % NODES_MAX;
		const struct node *node = &domain->nodes[n];
		if (node->used && node->met && node->former_until == NEVER && !node->dead &&
		    !node->frozen && !node->bogus && !node->wrong_by_itself)
			return n;
	}
	return -1;
}

void
node_die(struct site *site, struct domain *domain, int node)
{
	happened(site, domain->nodes[node].frozen ? SERVER_EXPIRES : SERVER_DIES);
	domain->nodes[node].dead = true;
}

static void
go_bogus(struct site *site, struct domain *domain, int node)
{
	happened(site, SERVER_GOES_BOGUS);
	domain->nodes[node].bogus = true;
	domain->nodes[node].frozen = true;
}

/* A backup is restored there: what was published last is not in it. */
static void
roll_back(struct site *site, struct domain *domain, int node)
{
	struct node *n = &domain->nodes[node];
	int lost = (int)between(site, 1, 3);

	happened(site, SERVER_IS_RESTORED);
	n->wrong_by_itself = n->frozen = true;
	for (size_t i = domain->key_count; i > 0 && lost > 0; i--, lost--) {
		struct name *name = &domain->names[domain->keys[i - 1].name];
		name->at[node].content = name->slot >= 0 ? SAYS_TOMBSTONE : SAYS_NOTHING;
	}
}

void
node_lose_all(struct site *site, struct domain *domain, int node)
{
	happened(site,
	    domain->nodes[node].former_until == NEVER ? SERVER_LOSES_ALL : FORMER_SERVER_LIES);
	domain->nodes[node].wrong_by_itself = domain->nodes[node].frozen = true;
	for (int i = 0; i < KEYS_MAX; i++)
		domain->names[i].at[node].content = SAYS_NOTHING;
}

/* No cache names it any more. */
void
node_fall_silent(struct site *site, struct domain *domain, int node)
{
	domain->nodes[node].former_until = site->now - 1;
}

void
alias_break(struct site *site, struct domain *domain, int node)
{
	(void)node;
	happened(site, ALIAS_BREAKS);
	domain->alias_wrong = true;
}

void
alias_mend(struct site *site, struct domain *domain, int node)
{
	(void)site;
	(void)node;
	domain->alias_wrong = false;
}

void
node_mend(struct site *site, struct domain *domain, int node)
{
	struct node *n = &domain->nodes[node];

	(void)site;
	n->bogus = n->frozen = n->dead = n->wrong_by_itself = false;
	node_copy_zone(domain, node);
}

void
node_leave(struct site *site, struct domain *domain, int node)
{
	(void)site;
	domain->nodes[node].used = false;
}

/* Another server for one of the old ones, which resolvers go on asking. */
void
servers_change(struct site *site, struct domain *domain)
{
	int old = some_node(site, domain), new = -1;

	for (int i = 0; i < NODES_MAX; i++) {
		if (!domain->nodes[i].used)
			new = i;
	}
	for (int i = 0; old >= 0 && i < NODES_MAX; i++) {
		if (i != old && domain->nodes[i].used &&
		    domain->nodes[i].address == domain->nodes[old].address && domain->nodes[i].met)
			return;
	}
	if (old < 0 || new < 0 || new == old || domain->policy.proof != PROOF_AUTHORITATIVE)
		return;
	node_init(site, domain, new, true);
	node_mend(site, domain, new);
	domain->nodes[old].former_until = site->now + between(site, HOUR, domain->ns_ttl_s);
	domain->nodes[old].delisted_at = site->now;
	domain->servers_changed++;
	happened(site, SERVERS_CHANGE);
	if (chance(site, 500))
		event_put(site, site->now + between(site, 0, domain->ns_ttl_s),
		    (struct event){.what = EV_EXPIRE, .domain = domain->index, .a = old});
	event_put(site, domain->nodes[old].former_until,
	    (struct event){.what = EV_RELEASE, .domain = domain->index, .a = old});
	event_put(site, site->now + domain->ns_ttl_s + domain->policy.publish_safety_s + HOUR,
	    (struct event){.what = EV_RELEASE, .domain = domain->index, .a = old, .b = 1});
}

void
node_fault(struct site *site, struct domain *domain)
{
	int node = some_node(site, domain);
	int64_t lasts = chance(site, 700) ? between(site, 10 * MINUTE, 2 * DAY)
					  : between(site, 2 * DAY, 25 * DAY);

	if (node < 0)
		return;
	/* who does not ask the servers knows of those faults only that end in silence */
	switch (domain->policy.proof == PROOF_AUTHORITATIVE ? rnd(site, 4) : 1) {
	case 0:
		happened(site, SERVER_FREEZES);
		domain->nodes[node].frozen = true;
		if (lasts > domain->expire_s)
			event_put(site, site->now + domain->expire_s,
			    (struct event){
				.what = EV_NODE_FAULT, .domain = domain->index, .a = node});
		break;
	case 1:
		world_change(site, domain, node_die, node);
		break;
	case 2:
		world_change(site, domain, roll_back, node);
		lasts = between(site, 10 * MINUTE, 2 * DAY);
		break;
	default:
		world_change(site, domain, go_bogus, node);
		lasts = between(site, 10 * MINUTE, 3 * DAY);
	}
	trace(site, domain, "node %d: fault dead %d frozen %d bogus %d wrong %d", node,
	    domain->nodes[node].dead, domain->nodes[node].frozen, domain->nodes[node].bogus,
	    domain->nodes[node].wrong_by_itself);
	event_put(site, site->now + lasts,
	    (struct event){.what = EV_NODE_HEAL, .domain = domain->index, .a = node});
}
