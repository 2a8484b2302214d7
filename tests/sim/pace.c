/* SPDX-License-Identifier: ISC */
/* pace.c - how fast and how often: a scheduler that does the right thing too late, or all day long, is no good. */
#include "tests/sim/sim.h"

#define DEEDS_A_DAY 100
#define LOOKS_A_DAY 100

static bool
undisturbed_since(const struct site *site, const struct domain *domain, int64_t since)
{
	return site->calm && site->calm_at <= since && domain->disturbed_at < since &&
	       !clock_was_accepted(site);
}

/* Whoever is asked for something again and again is not asked more often for it. */
void
pace_of_deed(struct site *site, struct domain *domain, struct model_key *key)
{
	if (site->now - key->deeds_from > DAY) {
		key->deeds_from = site->now;
		key->deeds_made = 0;
	}
	if (++key->deeds_made > DEEDS_A_DAY)
		violation(site, domain, key, "a publisher is asked %u times within a day",
		    key->deeds_made);
}

void
pace_of_look(struct site *site, struct domain *domain, struct model_key *key)
{
	const int64_t *at = key->k.facts.at;

	if (site->now - key->looks_from > DAY) {
		key->looks_from = site->now;
		key->looks_made = 0;
	}
	if (++key->looks_made > LOOKS_A_DAY && key->proof != NEVER &&
	    undisturbed_since(site, domain, site->now - 2 * DAY) &&
	    site->now - key->proof > 2 * DAY && key->last_bad_look < key->proof &&
	    at[FACT_RETIRED] == NEVER && at[FACT_ABANDONED] == NEVER)
		violation(site, domain, key, "its name is looked at %u times within a day",
		    key->looks_made);
}

/* A key that signs, stands by or is in overlap is watched. */
static void
check_watch(struct site *site, struct domain *domain, const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;
	int64_t most = site->times.watch_interval_s > site->times.reprove_interval_s
			   ? site->times.watch_interval_s
			   : site->times.reprove_interval_s;

	if (at[FACT_VERIFIED] == NEVER || at[FACT_REVOKED] != NEVER ||
	    at[FACT_ABANDONED] != NEVER || at[FACT_IMPORTED] != NEVER ||
	    (at[FACT_RETIRED] != NEVER && key_overlap_end(site, domain, key) < site->now) ||
	    at[FACT_COMPROMISED] != NEVER || domain->policy.proof == PROOF_ATTEST ||
	    domain->is_gone)
		return;
	/* held or not, and whatever the clock says */
	if (domain->absent_at > site->now - 3 * most - DAY || site->rare_passes)
		return;
	if (site->now - key->last_look > 2 * most + HOUR)
		violation(site, domain, key, "nobody looked for its record for %lld h",
		    (long long)((site->now - key->last_look) / HOUR));
}

static bool
stands_by(const struct domain *domain, const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;

	(void)domain;
	return at[FACT_VERIFIED] != NEVER && at[FACT_ACTIVATED] == NEVER &&
	       at[FACT_ABANDONED] == NEVER && at[FACT_COMPROMISED] == NEVER &&
	       !key->k.looks.contradicted && key->last_good_look > key->last_bad_look;
}

/* Keys are made one at a time, each in a slot of its own. */
void
pace_of_keys(struct site *site, struct domain *domain, const struct step *step)
{
	int waiting = 0;

	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *key = &domain->keys[i];
		const int64_t *at = key->k.facts.at;
		if (key->k.alg != step->alg)
			continue;
		if (step->slot >= 0 && key->k.slot == step->slot && at[FACT_REMOVED] == NEVER)
			violation(site, domain, key, "its slot is given to another key");
		waiting += at[FACT_ACTIVATED] == NEVER && at[FACT_ABANDONED] == NEVER &&
			   at[FACT_COMPROMISED] == NEVER && !key->k.selector_taken;
	}
	if (site->now - domain->counted_from > 30 * DAY) {
		domain->counted_from = site->now;
		domain->made = 0;
	}
	if (++domain->made > 150)
		violation(site, domain, NULL, "%d keys are made in %lld days", domain->made,
		    (long long)((site->now - domain->counted_from) / DAY));
	if (waiting >= 2)
		violation(site, domain, NULL, "a third key is made while two wait");
}

/* Five minutes of safety are enough when the key that signs is stolen. */
static void
check_rescue(struct site *site, struct domain *domain, const struct model_key *stolen)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *key = &domain->keys[i];
		int64_t wait = key->k.previous_ttl_s;
		if (key->k.alg != stolen->k.alg || !stands_by(domain, key) ||
		    key->proof <= stolen->stolen_at)
			continue;
		if (wait < key->k.negative_max_s)
			wait = key->k.negative_max_s;
		if (domain->policy.mode == MODE_SLOTS && wait < domain->policy.ttl_s)
			wait = domain->policy.ttl_s;
		if (domain->policy.mode == MODE_SLOTS)
			wait += domain->policy.stale_s;
		if (domain->disturbed_at >= key->proof || clock_was_accepted(site) ||
		    domain->removing_at != NEVER || domain->policy.proof != PROOF_AUTHORITATIVE)
			continue;
		if (site->now > key->proof + wait + 5 * MINUTE + 30 * MINUTE)
			violation(site, domain, key, "proven %lld s ago, while a stolen key signs",
			    (long long)(site->now - key->proof));
	}
}

/* After each pass. */
void
pace_of_domain(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count && !site->failed; i++) {
		const struct model_key *key = &domain->keys[i];
		check_watch(site, domain, key);
		if (key_is_active(key) && key->k.facts.at[FACT_COMPROMISED] != NEVER &&
		    key->k.alg == KEY_RSA_SHA256)
			check_rescue(site, domain, key);
	}
}

/* A switch by age, nothing being in its way. */
void
pace_of_switch(struct site *site, struct domain *domain, const struct model_key *key,
    const struct model_key *other)
{
	const struct key_policy *policy = &domain->policy;
	int64_t after = site->now - other->switched_at - policy->lifetime_s;
	int64_t hour = wall(site) % DAY / HOUR;

	if (policy->rotate != ROTATE_AUTO || !undisturbed_since(site, domain, other->switched_at))
		return;
	happened(site, SWITCH_BY_AGE);
	/* slots that were full in a storm are free again by then */
	bool settled = site->calm_at == EPOCH || site->calm_at + 60 * DAY <= other->switched_at;
	if (settled && after > policy->spread_s + 2 * DAY)
		violation(site, domain, key, "it takes over %lld h too late",
		    (long long)((after - policy->spread_s) / HOUR));
	if (policy->switch_hour < 24) {
		site->totals->hours++;
		site->totals->hours_kept += hour == policy->switch_hour;
	} else if (policy->spread_s > 10 * HOUR) {
		site->totals->spread++;
		site->totals->spread_early += after < policy->spread_s / 10;
	}
}

/* What only many switches show; NULL: nothing. */
const char *
pace_of_all(const struct totals *totals)
{
	if (totals->spread >= 40 && totals->spread_early * 2 > totals->spread)
		return "switches are not spread over the time that the policy says";
	if (totals->hours >= 40 && totals->hours_kept * 2 < totals->hours)
		return "switches are not done in the hour that the policy says";
	return NULL;
}
