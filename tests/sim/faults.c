/* SPDX-License-Identifier: ISC */
/* faults.c - what goes wrong, and how it heals.  A storm brings everything at random; a calm mends it all. */
#include "tests/sim/sim.h"

static void
again(struct site *site, enum event_what what, int domain, int64_t after)
{
	event_put(site, site->now + after, (struct event){.what = what, .domain = domain});
}

/* Somebody removes a record, or puts another one there. */
static void
rogue(struct site *site, struct domain *domain)
{
	if (domain->key_count == 0)
		return;
	const struct model_key *key = &domain->keys[rnd(site, domain->key_count)];
	struct name *name = &domain->names[key->name];
	if (name->zone.content != SAYS_RECORD || name->zone.key != key->k.id)
		return;
	bool other = chance(site, 400);
	happened(site, other ? RECORD_REPLACED : RECORD_REMOVED);
	trace(site, domain, "key %lld: its record is %s", (long long)key->k.id,
	    other ? "replaced" : "removed");
	zone_put(site, domain, key->name,
	    (struct answer){.content = other ? SAYS_FOREIGN : SAYS_NOTHING,
		.key = key->k.id,
		.ttl_s = domain->policy.ttl_s,
		.author = BY_WORLD});
	if (other || domain->policy.by_hand)
		event_put(site, site->now + between(site, HOUR, 10 * DAY),
		    (struct event){.what = EV_OUTAGE, .domain = domain->index, .b = key->k.id});
}

/* Another tool owns the zone and removes what it does not know, each time that it runs. */
static void
fight(struct site *site, struct domain *domain, int64_t id, int more)
{
	const struct model_key *key = key_of(domain, id);

	if (key == NULL || site->calm)
		return;
	const struct name *name = &domain->names[key->name];
	if (name->zone.content == SAYS_RECORD && name->zone.key == id) {
		happened(site, ANOTHER_TOOL_FIGHTS);
		zone_put(site, domain, key->name, (struct answer){.key = id, .author = BY_WORLD});
	}
	if (more > 0)
		event_put(site, site->now + between(site, HOUR, 3 * HOUR),
		    (struct event){
			.what = EV_FIGHT, .domain = domain->index, .a = more - 1, .b = id});
}

/* Who did it undoes it. */
static void
rogue_repents(struct site *site, struct domain *domain, int64_t id)
{
	const struct model_key *key = key_of(domain, id);

	if (key == NULL)
		return;
	struct name *name = &domain->names[key->name];
	if (name->zone.author != BY_WORLD || name->zone.content == SAYS_RECORD ||
	    name->zone.key != id)
		return;
	/* What was to be revoked meanwhile is not brought back. */
	bool over = key->k.deeds[DEED_REVOKE].tries > 0 || key->k.deeds[DEED_REMOVE].tries > 0;
	zone_put(site, domain, key->name,
	    (struct answer){.content = !over		 ? SAYS_RECORD
				       : name->slot >= 0 ? SAYS_TOMBSTONE
							 : SAYS_NOTHING,
		.key = id,
		.ttl_s = domain->policy.ttl_s,
		.author = BY_KEEPER});
}

static void
zone_fault(struct site *site, struct domain *domain)
{
	switch (rnd(site, 13)) {
	case 12:
		if (domain->key_count > 0)
			fight(site, domain, domain->keys[rnd(site, domain->key_count)].k.id,
			    (int)NODES_MAX - 1);
		break;
	case 0:
		happened(site, PUBLISHER_FAILS);
		domain->publisher_fails_until = site->now + between(site, HOUR, 20 * DAY);
		break;
	case 1:
		happened(site, PUBLISHER_REFUSES);
		domain->publisher_refuses = !domain->publisher_refuses;
		break;
	case 2:
	case 3:
		rogue(site, domain);
		break;
	case 4:
		if (domain->negative_measured != domain->negative_ttl_s)
			break; /* what came and went unseen cannot be allowed for */
		happened(site, NEGATIVE_TTL_CHANGES);
		domain->negative_ttl_s = chance(site, 200) ? DAY : between(site, MINUTE, 3 * HOUR);
		zone_changed(site, domain);
		break;
	case 5:
		happened(site, WILDCARD_COMES);
		domain->wildcard_ttl_s =
		    domain->wildcard_ttl_s > 0 ? 0 : between(site, MINUTE, 6 * HOUR);
		zone_changed(site, domain);
		break;
	case 6:
		if (domain->policy.mode == MODE_TXT)
			break;
		world_change(site, domain, domain->alias_wrong ? alias_mend : alias_break, 0);
		break;
	case 7:
		if (domain->queue_held_until != NEVER)
			break;
		happened(site, QUEUE_HELD);
		hold_queue(site, domain, site->now + between(site, HOUR, 30 * DAY));
		again(site, EV_QUEUE, domain->index, domain->queue_held_until - site->now);
		break;
	case 8:
		servers_change(site, domain);
		break;
	default:
		node_fault(site, domain);
	}
}

static void
site_fault(struct site *site)
{
	int signer = (int)rnd(site, (uint64_t)site->signer_count);

	switch (rnd(site, 5)) {
	case 0:
		happened(site, SIGNER_STUCK);
		site->stuck_until[signer] = site->now + between(site, MINUTE, 30 * DAY);
		event_put(site, site->stuck_until[signer],
		    (struct event){.what = EV_SIGNER, .a = signer});
		break;
	case 1:
		happened(site, SIGNER_AWAY);
		site->away_until[signer] = site->now + between(site, MINUTE, 10 * DAY);
		break;
	case 2:
		happened(site, KEEPER_DOWN);
		site->down_until =
		    site->now + between(site, HOUR, chance(site, 200) ? 90 * DAY : 5 * DAY);
		if (chance(site, 500))
			site->boot = site->now;
		break;
	case 3:
		if (site->offset != 0)
			break;
		clock_jump(site);
		event_put(site, site->now + between(site, 20 * MINUTE, 5 * DAY),
		    (struct event){.what = EV_CLOCK});
		break;
	default:
		happened(site, MANY_LOSE_ALL);
		for (int d = 0; d < site->domain_count && chance(site, 930); d++) {
			for (int n = 0; n < NODES_MAX; n++) {
				if (site->domains[d].nodes[n].used && site->domains[d].nodes[n].met)
					world_change(site, &site->domains[d], node_lose_all, n);
			}
			again(site, EV_OUTAGE, d, between(site, HOUR, DAY));
		}
	}
}

static void
outage_ends(struct site *site, struct domain *domain)
{
	for (int n = 0; n < NODES_MAX; n++) {
		if (domain->nodes[n].used && !domain->nodes[n].dead &&
		    domain->nodes[n].former_until == NEVER)
			world_change(site, domain, node_mend, n);
	}
}

void
calm_begin(struct site *site)
{
	site->calm = true;
	site->calm_at = site->now;
	clock_heal(site);
	site->down_until = site->now;
	for (int s = 0; s < site->signer_count; s++) {
		site->stuck_until[s] = site->away_until[s] = site->now;
		event_put(site, site->now, (struct event){.what = EV_SIGNER, .a = s});
	}
	for (int d = 0; d < site->domain_count; d++) {
		struct domain *domain = &site->domains[d];
		domain->publisher_fails_until = site->now;
		domain->publisher_refuses = domain->held = false;
		if (domain->alias_wrong)
			world_change(site, domain, alias_mend, 0);
		for (size_t i = 0; i < domain->key_count; i++)
			rogue_repents(site, domain, domain->keys[i].k.id);
		outage_ends(site, domain);
		for (int n = 0; n < NODES_MAX; n++) {
			if (domain->nodes[n].used && domain->nodes[n].dead)
				world_change(site, domain, node_mend, n);
		}
		if (domain->queue_held_until != NEVER)
			release_queue(site, domain);
		domain->lost_since = NEVER;
		pass_at(site, domain, site->now + between(site, 0, HOUR));
	}
}

void
storm_begin(struct site *site)
{
	site->calm = false;
	for (int d = 0; d < site->domain_count; d++) {
		again(site, EV_ZONE_FAULT, d, between(site, 0, 60 * DAY));
	}
	again(site, EV_STORM, -1, between(site, DAY, 60 * DAY));
}

void
fault_event(struct site *site, const struct event *event)
{
	struct domain *domain = event->domain >= 0 ? &site->domains[event->domain] : NULL;
	struct node *node = domain != NULL ? &domain->nodes[event->a] : NULL;

	switch (event->what) {
	case EV_NODE_FAULT: /* frozen until the zone expired */
		if (node->used && node->frozen && !node->dead && node->former_until == NEVER)
			world_change(site, domain, node_die, event->a);
		break;
	case EV_NODE_HEAL:
		if (node->used && node->former_until == NEVER)
			world_change(site, domain, node_mend, event->a);
		break;
	case EV_EXPIRE: /* the old provider deletes the zone */
		if (node->used && node->former_until != NEVER)
			world_change(site, domain, node_lose_all, event->a);
		break;
	case EV_RELEASE:
		if (node->former_until != NEVER && event->b == 0)
			world_change(site, domain, node_fall_silent, event->a);
		if (node->former_until != NEVER && event->b == 1)
			world_change(site, domain, node_leave, event->a);
		break;
	case EV_ZONE_FAULT:
		if (!site->calm) {
			zone_fault(site, domain);
			again(site, EV_ZONE_FAULT, event->domain, between(site, HOUR, 50 * DAY));
		}
		break;
	case EV_STORM:
		if (!site->calm) {
			site_fault(site);
			again(site, EV_STORM, -1, between(site, DAY, 60 * DAY));
		}
		break;
	case EV_OUTAGE:
		if (event->b != 0)
			rogue_repents(site, domain, event->b);
		else
			outage_ends(site, domain);
		break;
	case EV_QUEUE:
		if (domain->queue_held_until != NEVER && domain->queue_held_until <= site->now)
			release_queue(site, domain);
		break;
	case EV_FIGHT:
		fight(site, domain, event->b, event->a);
		break;
	case EV_ALIAS:
		world_change(site, domain, alias_mend, 0);
		break;
	case EV_ACCEPT:
		if (site->offset != 0 && !site->calm)
			clock_accept(site);
		break;
	case EV_CLOCK:
		clock_heal(site);
		break;
	default:
		break;
	}
}
