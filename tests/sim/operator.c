/* SPDX-License-Identifier: ISC */
/* operator.c - people: they choose policies and change them, roll, roll back, hold, remove, and cry wolf. */
#include "tests/sim/sim.h"

#include <string.h>

static char NAME[] = "p", BY_HAND[] = PUBLISHER_BY_HAND, AUTO[] = "auto",
	    SLOT_ZONE[] = "slots.example";

static void
draw_times(struct site *site, struct key_policy *policy)
{
	static const int64_t DAYS[] = {5, 7, 10, 14, 21, 30, 45, 60, 90, 90, 90, 180};

	policy->lifetime_s = DAYS[rnd(site, sizeof(DAYS) / sizeof(DAYS[0]))] * DAY;
	if (policy->by_hand && policy->lifetime_s < 60 * DAY)
		policy->lifetime_s = 180 * DAY;
	policy->spread_s = chance(site, 700) ? between(site, 0, policy->lifetime_s / 9) : 0;
	policy->ahead_s = policy->by_hand ? 14 * DAY : DAY;
	policy->switch_hour = chance(site, 300) ? (uint32_t)rnd(site, 24) : POLICY_ANY_HOUR;
	policy->queue_lifetime_s = between(site, 1, 10) * DAY / 2;
	policy->receiver_delay_s = chance(site, 700) ? 5 * DAY : between(site, 0, 5) * DAY;
	policy->signature_lifetime_s = chance(site, 700) ? 0 : between(site, 1, 20) * DAY;
	policy->retire_safety_s = chance(site, 600) ? HOUR : between(site, 10, 180) * MINUTE;
	policy->destroy_after_s = between(site, 0, 4) * DAY;
	policy->ttl_s = policy->mode == MODE_SLOTS && chance(site, 400)
			    ? 300
			    : between(site, 1, 24) * 10 * MINUTE;
}

static void
draw_algorithms(struct site *site, struct key_policy *policy)
{
	bool two = chance(site, 400);

	policy->algorithm_count = two ? 2 : 1;
	policy->algorithms[0] = KEY_RSA_SHA256;
	policy->algorithms[1] = KEY_ED25519_SHA256;
	if (two && chance(site, 500)) {
		policy->algorithms[0] = KEY_ED25519_SHA256;
		policy->algorithms[1] = KEY_RSA_SHA256;
	}
}

/* A policy that the scheduler's own check accepts: what it accepts must hold. */
void
policy_draw(struct site *site, struct domain *domain)
{
	struct key_policy *p = &domain->policy;
	struct err err;

	for (int tries = 0; tries < 10000; tries++) {
		memset(p, 0, sizeof(*p));
		p->name = NAME;
		p->mode =
		    (enum key_mode[]){MODE_TXT, MODE_SLOTS, MODE_DELEGATED, MODE_TXT}[rnd(site, 4)];
		if (site->options->mode >= 0)
			p->mode = (enum key_mode)site->options->mode;
		p->by_hand = p->mode == MODE_TXT && chance(site, 400);
		p->publisher = p->by_hand ? BY_HAND : AUTO;
		p->slot_zone = p->mode == MODE_SLOTS ? SLOT_ZONE : NULL;
		p->slots = p->mode == MODE_SLOTS ? (uint32_t)between(site, 2, 5) : 0;
		p->rsa_bits = 2048;
		p->rotate = chance(site, 650)	? ROTATE_AUTO
			    : chance(site, 800) ? ROTATE_APPROVE
						: ROTATE_OFF;
		p->standby = !p->by_hand && chance(site, 500) ? STANDBY_YES : STANDBY_NO;
		p->proof = PROOF_AUTHORITATIVE;
		if (p->mode == MODE_TXT && chance(site, 200))
			p->proof = chance(site, 500) ? PROOF_RESOLVER : PROOF_ATTEST;
		p->publish_safety_s = chance(site, 700) ? HOUR : between(site, 10, 180) * MINUTE;
		p->compromised_tombstone_s = between(site, 30, 365) * DAY;
		/* whose zone was never measured is taken to deny for as long */
		p->stale_s = between(site, p->proof == PROOF_AUTHORITATIVE ? 0 : 1, 3) * DAY;
		p->tombstone_s = between(site, 1, 30) * DAY;
		p->keyless = KEYLESS_TEMPFAIL;
		p->timestamp = true;
		draw_algorithms(site, p);
		draw_times(site, p);
		if (schedule_check_policy(p, &err) == 0)
			return;
	}
	violation(site, domain, NULL, "no policy was accepted: the last was refused with \"%s\"",
	    err.text);
}

static void
slots_begin(struct site *site, struct domain *domain)
{
	for (uint32_t s = 0; s < domain->policy.slots; s++) {
		for (int a = 0; a < 2; a++)
			(void)name_new(
			    site, domain, (int)s, a == 0 ? KEY_RSA_SHA256 : KEY_ED25519_SHA256);
	}
}

/* A key that signed here before signpost came (K31). */
static void
import(struct site *site, struct domain *domain)
{
	struct model_key *key = key_new(site, domain, KEY_RSA_SHA256, -1);
	struct answer record = {
	    .content = SAYS_RECORD, .key = key->k.id, .ttl_s = HOUR, .author = BY_KEEPER};

	domain->names[key->name].zone = record;
	for (int n = 0; n < NODES_MAX; n++)
		domain->names[key->name].at[n] = record;
	domain->names[key->name].memory[0].nothing = domain->names[key->name].memory[1].nothing =
	    NEVER;
	domain->names[key->name].memory[0].foreign = domain->names[key->name].memory[1].foreign =
	    NEVER;
	for (int f = 0; f < FACT_COUNT; f++) {
		if (f == FACT_GENERATED || f == FACT_PUBLISHED || f == FACT_ACTIVATED ||
		    f == FACT_IMPORTED)
			key->k.facts.at[f] = site->now;
	}
	key->k.imported_unproven = true;
	happened(site, KEY_IMPORTED);
}

void
domain_begin(struct site *site, struct domain *domain, int index)
{
	memset(domain, 0, sizeof(*domain));
	domain->index = index;
	domain->removing_at = domain->roll_at = domain->rollback_at = NEVER;
	domain->first_signed = domain->stopped_at = domain->lost_since = NEVER;
	domain->table_at = domain->asked_at = domain->queue_held_until = NEVER;
	domain->lower_since = NEVER;
	domain->last_activated[0] = domain->last_activated[1] = NEVER;
	policy_draw(site, domain);
	if (site->failed)
		return;
	zone_init(site, domain);
	if (domain->policy.mode == MODE_SLOTS)
		slots_begin(site, domain);
	domain->no_rule = chance(site, 60);
	if (domain->policy.mode == MODE_TXT && chance(site, 200)) {
		import(site, domain);
		if (chance(site, 300)) /* both signed, one after the other or at the same time */
			import(site, domain);
	}
	happened(site,
	    (enum happening[]){MODE_IS_TXT, MODE_IS_SLOTS, MODE_IS_DELEGATED}[domain->policy.mode]);
	if (domain->policy.by_hand)
		happened(site, RECORDS_BY_HAND);
	if (domain->policy.algorithm_count == 2)
		happened(site, TWO_ALGORITHMS);
	if (domain->no_rule)
		happened(site, NO_RULE);
	if (domain->policy.proof != PROOF_AUTHORITATIVE)
		happened(site, domain->policy.proof == PROOF_RESOLVER ? PROOF_BY_RESOLVERS
								      : PROOF_BY_A_PERSON);
	domain->alias_wrong = domain->policy.mode != MODE_TXT;
	if (domain->alias_wrong)
		event_put(site, site->now + between(site, 0, 10 * DAY),
		    (struct event){.what = EV_ALIAS, .domain = index});
	pass_at(site, domain, site->now);
}

static void
compromise(struct site *site, struct domain *domain, bool host)
{
	bool stop = chance(site, 150);

	happened(site, host ? COMPROMISE_OF_HOST : COMPROMISE_SAID);
	if (stop)
		happened(site, STOP_NOW_SAID);

	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		bool this = host || (key_is_active(key) && chance(site, 600));
		if (!this || key->k.facts.at[FACT_COMPROMISED] != NEVER || !key->pem)
			continue;
		key->k.facts.at[FACT_COMPROMISED] = wall(site);
		key->stolen_at = site->now;
		trace(site, domain, "key %lld is stolen%s", (long long)key->k.id,
		    stop ? ", stop now" : "");
		if (stop && key_is_active(key)) {
			key->k.facts.at[FACT_RETIRED] = wall(site);
			domain->stopped_at = site->now;
		}
	}
	if (stop && domain->stopped_at == site->now) { /* nothing signs alone that is not RSA */
		for (size_t i = 0; i < domain->key_count; i++) {
			if (key_is_active(&domain->keys[i]))
				domain->keys[i].k.facts.at[FACT_RETIRED] = wall(site);
		}
	}
	table_write(site, domain);
}

static void
edit_policy(struct site *site, struct domain *domain)
{
	struct key_policy before = domain->policy, *p = &domain->policy;
	struct err err;

	draw_times(site, p);
	if (chance(site, 300))
		draw_algorithms(site, p);
	if (chance(site, 300) && !p->by_hand)
		p->standby = p->standby == STANDBY_YES ? STANDBY_NO : STANDBY_YES;
	if (chance(site, 200))
		p->rotate = (enum rotate[]){ROTATE_AUTO, ROTATE_APPROVE, ROTATE_OFF}[rnd(site, 3)];
	if (schedule_check_policy(p, &err) != 0)
		*p = before;
	happened(site, POLICY_EDITED);
	trace(site, domain, "policy: L %lld d, algorithms %zu", (long long)(p->lifetime_s / DAY),
	    p->algorithm_count);
}

static void
remove_or_add(struct site *site, struct domain *domain)
{
	if (domain->removing_at == NEVER) {
		domain->removing_at = wall(site);
		domain->stopped_at = site->now;
		domain->stays_removed = chance(site, 500);
		domain->is_gone = chance(site, 400);
		happened(site, REMOVE_SAID);
		if (domain->is_gone)
			happened(site, DOMAIN_IS_GONE);
	} else {
		domain->removing_at = NEVER;
		domain->is_gone = false;
		happened(site, ADDED_AGAIN);
	}
	trace(site, domain, domain->removing_at == NEVER ? "added again" : "removed");
}

static void
approve(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		int64_t *at = domain->keys[i].k.facts.at;
		if (at[FACT_VERIFIED] == NEVER || at[FACT_ACTIVATED] != NEVER ||
		    at[FACT_APPROVED] != NEVER || at[FACT_ABANDONED] != NEVER)
			continue;
		at[FACT_APPROVED] = wall(site);
		happened(site, APPROVE_SAID);
	}
}

/* The verb itself switches: to the youngest key that was left, while its private key exists and its record stands. */
static void
roll_back(struct site *site, struct domain *domain)
{
	for (size_t i = domain->key_count; i > 0; i--) {
		struct model_key *key = &domain->keys[i - 1];
		const int64_t *at = key->k.facts.at;
		struct model_key *other = NULL;
		if (at[FACT_RETIRED] == NEVER || at[FACT_COMPROMISED] != NEVER || !key->pem ||
		    key->k.deeds[DEED_REVOKE].tries > 0 || domain->removing_at != NEVER ||
		    !site->clock_trusted || key->looks_for != EXPECT_RECORD)
			continue;
		look_at(site, domain, key, EXPECT_RECORD, 5);
		if (key->last_good_look <= key->last_bad_look || key->last_good_look < site->now)
			continue;
		for (size_t j = 0; j < domain->key_count; j++) {
			if (key_is_active(&domain->keys[j]) && domain->keys[j].k.alg == key->k.alg)
				other = &domain->keys[j];
		}
		if (other == NULL || receivers_wrong_until(site, domain, key, false) != NEVER)
			continue;
		domain->rollback_at = wall(site);
		happened(site, ROLLBACK_DONE);
		trace(site, domain, "rollback to key %lld", (long long)key->k.id);
		key_switch(site, domain, key, other);
		table_write(site, domain);
		return;
	}
}

static void
whim(struct site *site, struct domain *domain)
{
	switch (rnd(site, 8)) {
	case 0:
		domain->roll_at = wall(site);
		happened(site, ROLL_SAID);
		trace(site, domain, "roll");
		break;
	case 1:
		roll_back(site, domain);
		break;
	case 2:
		compromise(site, domain, false);
		break;
	case 3:
		compromise(site, domain, chance(site, 500));
		break;
	case 4:
		if (chance(site, 600))
			remove_or_add(site, domain);
		break;
	case 5:
	case 6:
		edit_policy(site, domain);
		break;
	default:
		domain->held = !domain->held;
		happened(site, domain->held ? HOLD_SAID : RELEASE_SAID);
		trace(site, domain, domain->held ? "held" : "released");
	}
}

void
operator_event(struct site *site, struct domain *domain)
{
	bool storm = !site->calm;

	if (domain->policy.rotate == ROTATE_APPROVE && (!storm || chance(site, 600)))
		approve(site, domain);
	if (storm && chance(site, 400))
		whim(site, domain);
	if (domain->policy.proof == PROOF_ATTEST)
		attest(site, domain);
	if (!storm && domain->removing_at != NEVER && !domain->stays_removed)
		remove_or_add(site, domain);
	if (!storm)
		domain->held = false;
	/* A person's word is heard by the next pass. */
	pass_at(site, domain, site->now + between(site, 0, 10 * MINUTE));
	event_put(site, site->now + (storm ? between(site, DAY, 40 * DAY) : DAY),
	    (struct event){.what = EV_OPERATOR, .domain = domain->index});
}
