/* SPDX-License-Identifier: ISC */
/* check.c - what must hold at every step, by the world's truth, not by what the keeper believes. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const STEP_NAMES[STEP_COUNT] = {"none", "prepare-slot", "generate", "publish",
    "look", "verify", "activate", "retire", "ask-signers", "acknowledge", "revoke", "revoked",
    "remove", "removed", "destroy", "abandon"};

const char *
step_name(enum step_what what)
{
	return STEP_NAMES[what];
}

void
trace(struct site *site, const struct domain *domain, const char *format, ...)
{
	va_list args;

	if (!site->options->trace || (domain != NULL && site->options->trace_domain >= 0 &&
					 domain->index != site->options->trace_domain))
		return;
	printf("%10.4f d%d ", (double)(site->now - EPOCH) / (double)DAY,
	    domain == NULL ? -1 : domain->index);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	printf("\n");
}

void
violation(struct site *site, const struct domain *domain, const struct model_key *key,
    const char *format, ...)
{
	va_list args;
	char text[300];

	if (site->failed)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	site->failed = true;
	site->totals->violations++;
	(void)snprintf(site->failure, sizeof(site->failure),
	    "site seed %llu, day %.4f, domain %d, key %lld: %s", (unsigned long long)site->seed,
	    (double)(site->now - EPOCH) / (double)DAY, domain == NULL ? -1 : domain->index,
	    key == NULL ? -1LL : (long long)key->k.id, text);
	trace(site, domain, "VIOLATION %s", text);
	keeper_show_steps(site, domain);
}

static bool
is_fact(const struct domain *domain, const struct step *step, const struct model_key *key)
{
	(void)domain;
	switch (step->what) {
	case STEP_NONE:
	case STEP_LOOK:
	case STEP_ASK_SIGNERS:
	case STEP_PREPARE_SLOT:
		return false;
	case STEP_PUBLISH:
		return key->k.facts.at[FACT_PUBLISHED] == NEVER;
	default:
		return true;
	}
}

static bool
is_ready_in_truth(const struct site *site, const struct domain *domain, const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;

	return at[FACT_VERIFIED] != NEVER && at[FACT_ACTIVATED] == NEVER &&
	       at[FACT_ABANDONED] == NEVER && at[FACT_COMPROMISED] == NEVER &&
	       !key->k.looks.contradicted && key->last_good_look != NEVER &&
	       key->last_good_look > key->last_bad_look &&
	       site->now - key->last_good_look < 20 * HOUR && key->pem &&
	       site->now - key->proof > 8 * DAY && /* beyond any publication interval here */
	       receivers_wrong_until(site, domain, key, false) == NEVER;
}

static void
check_activate(
    struct site *site, struct domain *domain, struct model_key *key, struct model_key *other)
{
	const int64_t *at = key->k.facts.at;
	const struct key_policy *policy = &domain->policy;
	bool replaces = other != NULL;

	key->urgent = domain_in_emergency(domain);
	key->free_start = domain->table_count == 0 &&
			  (domain->first_signed == NEVER || domain->first_signed == site->now ||
			      domain->stopped_at != NEVER);
	if (key->free_start || (domain->first_signed == NEVER && domain->table_count > 0 &&
				   domain->table_at == wall(site)))
		key->free_start = true;
	if (at[FACT_COMPROMISED] != NEVER || at[FACT_ABANDONED] != NEVER ||
	    at[FACT_REVOKED] != NEVER || !key->pem || key->k.deeds[DEED_REVOKE].tries > 0 ||
	    key->k.deeds[DEED_REMOVE].tries > 0)
		violation(site, domain, key, "a key is activated that must not sign again");
	if (domain->removing_at != NEVER && !key->urgent)
		violation(
		    site, domain, key, "a key is activated though the domain is being removed");
	if (key->proof == NEVER || key->last_bad_look > key->proof)
		violation(
		    site, domain, key, "activated without a proof that nothing contradicted since");
	if (!clock_was_accepted_since(site, key->last_good_look) && key->last_good_look != NEVER &&
	    site->now - key->last_good_look > (key->urgent || key->free_start ? DAY : HOUR))
		violation(site, domain, key, "activated on a look that is %lld s old",
		    (long long)(site->now - key->last_good_look));
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *k = &domain->keys[i];
		if (k != other && k != key && key_is_active(k) && k->k.alg == key->k.alg &&
		    !k->k.imported_unproven)
			violation(
			    site, domain, key, "activated beside key %lld", (long long)k->k.id);
	}
	if (key->urgent && replaces)
		happened(site, other->k.facts.at[FACT_COMPROMISED] != NEVER ? SWITCH_FROM_STOLEN
									    : SWITCH_FROM_LOST);
	if (!replaces || key->urgent || other->k.imported_unproven || at[FACT_ACTIVATED] != NEVER)
		return;
	bool asked =
	    domain->roll_at != NEVER && domain->roll_at >= other->k.facts.at[FACT_ACTIVATED];
	if (domain->held)
		violation(site, domain, key, "switched though the domain is held");
	if (!asked && policy->rotate == ROTATE_OFF)
		violation(site, domain, key, "rotated, with rotate = off");
	if (!asked && policy->rotate == ROTATE_APPROVE && at[FACT_APPROVED] == NEVER)
		violation(site, domain, key, "rotated without approval");
	if (!asked && at[FACT_APPROVED] == NEVER &&
	    !clock_was_accepted_since(site, other->switched_at) &&
	    site->now - other->switched_at < policy->lifetime_s)
		violation(site, domain, key, "rotated before its time");
	if (!asked && at[FACT_APPROVED] == NEVER)
		pace_of_switch(site, domain, key, other);
}

static void
check_publish(struct site *site, struct domain *domain, const struct model_key *key)
{
	const struct name *name = &domain->names[key->name];
	const int64_t *at = key->k.facts.at;

	if (at[FACT_REVOKED] != NEVER || at[FACT_REMOVED] != NEVER ||
	    key->k.deeds[DEED_REVOKE].tries > 0 || key->k.deeds[DEED_REMOVE].tries > 0 ||
	    (at[FACT_COMPROMISED] != NEVER && !key_is_active(key)))
		violation(site, domain, key, "published again after it was revoked or stolen");
	if (key->k.looks.differs && key->k.looks.gone_since != NEVER)
		violation(site, domain, key, "published over another's record");
	if (at[FACT_PUBLISHED] != NEVER && key->k.removed_by_others >= 3)
		violation(site, domain, key,
		    "published again, and another tool removed it %u times in a day",
		    key->k.removed_by_others);
	if (site->outage && key->k.looks.gone_since != NEVER)
		violation(site, domain, key, "published again during an outage of many domains");
	if (key->k.slot < 0 || at[FACT_PUBLISHED] != NEVER || clock_was_accepted(site))
		return;
	const struct memory *memory = &name->memory[1];
	if (memory->other > site->now ||
	    (memory->record_key != key->k.id && memory->record > site->now))
		violation(site, domain, key,
		    "its slot is used again while caches may hold the key before");
	for (int n = 0; n < NODES_MAX; n++) {
		struct answer says = node_says(site, domain, n, name);
		if (says.content == SAYS_RECORD && says.key != key->k.id &&
		    !answer_is_worlds(domain, n, name))
			violation(site, domain, key,
			    "its slot is used again while server %d (met %d, frozen %d, version "
			    "%lld of %lld) has key %lld",
			    n, domain->nodes[n].met, domain->nodes[n].frozen,
			    (long long)domain->nodes[n].serial, (long long)domain->serial,
			    (long long)says.key);
	}
}

static void
check_withdraw(
    struct site *site, struct domain *domain, const struct step *step, const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;
	int64_t end = key_overlap_end(site, domain, key);

	if (key_is_active(key))
		violation(site, domain, key, "withdrawn while it is active");
	if (step->what == STEP_REMOVE && key->k.slot >= 0)
		violation(site, domain, key, "a slot's record is removed");
	if (at[FACT_COMPROMISED] == NEVER && end != NEVER && end > site->now)
		violation(site, domain, key,
		    "withdrawn %lld s before its overlap ends (q %lld v %lld, counted %lld, last "
		    "signed %.2f)",
		    end == FOREVER ? -1LL : (long long)(end - site->now), (long long)key->in_use_q,
		    (long long)key->in_use_v, (long long)key->k.overlap_s,
		    (double)(key->last_signed - EPOCH) / (double)DAY);
	if (key->k.imported_unproven && at[FACT_COMPROMISED] == NEVER)
		violation(site, domain, key,
		    "an imported key's record is withdrawn, and others may sign with it");
	if (step->what == STEP_REMOVE && key->ever_signed &&
	    !clock_was_accepted_since(site, key->revoked_true) &&
	    (at[FACT_REVOKED] == NEVER ||
		site->now - key->revoked_true < (at[FACT_COMPROMISED] == NEVER
							? domain->policy.tombstone_s
							: domain->policy.compromised_tombstone_s)))
		violation(site, domain, key, "its tombstone is removed early");
}

static int
active_count(const struct domain *domain, enum key_alg alg, bool imports)
{
	int count = 0;

	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *key = &domain->keys[i];
		count += key_is_active(key) && key->k.alg == alg &&
			 (!imports || !key->k.imported_unproven);
	}
	return count;
}

/* By what the policy rests on. */
static bool
is_revoked_in_truth(const struct domain *domain, const struct model_key *key)
{
	const struct schedule_deed *revoke = &key->k.deeds[DEED_REVOKE];

	if (domain->policy.proof == PROOF_ATTEST)
		return revoke->done;
	if (key->looks_for == EXPECT_RECORD)
		return false;
	if (domain->policy.proof == PROOF_RESOLVER)
		return revoke->done || (revoke->refused && key->k.looks.last_passed);
	return key->pass2 != NEVER;
}

static void
check_key_step(
    struct site *site, struct domain *domain, const struct step *step, struct model_key *key)
{
	const int64_t *at = key->k.facts.at;

	switch (step->what) {
	case STEP_PUBLISH:
		check_publish(site, domain, key);
		break;
	case STEP_LOOK:
		if (domain->policy.proof == PROOF_RESOLVER && at[FACT_VERIFIED] == NEVER &&
		    at[FACT_ABANDONED] == NEVER && at[FACT_COMPROMISED] == NEVER &&
		    at[FACT_IMPORTED] == NEVER && site->clock_trusted &&
		    !clock_was_accepted_since(site, key->published_true) &&
		    site->now - key->published_true < DAY)
			violation(site, domain, key,
			    "resolvers are asked %lld s after it was published",
			    (long long)(site->now - key->published_true));
		break;
	case STEP_VERIFY:
		if (key->pass1 == NEVER || key->pass2 == NEVER)
			violation(site, domain, key, "verified without two sweeps");
		break;
	case STEP_RETIRE:
		if (domain->removing_at == NEVER && key->k.alg == KEY_RSA_SHA256 &&
		    active_count(domain, KEY_RSA_SHA256, false) < 2)
			violation(site, domain, key,
			    "the domain's only RSA key is retired without a successor");
		break;
	case STEP_ACKNOWLEDGE:
		if (key->signing != 0)
			violation(site, domain, key, "acknowledged while signers %x sign with it",
			    key->signing);
		break;
	case STEP_REVOKE:
	case STEP_REMOVE:
		check_withdraw(site, domain, step, key);
		break;
	case STEP_REVOKED:
		if (domain->removing_at != NEVER && domain->is_gone && key->k.slot < 0)
			break; /* its parent says so, twice */
		if (!is_revoked_in_truth(domain, key))
			violation(site, domain, key, "called revoked without two sweeps");
		break;
	case STEP_DESTROY:
		if (key->signing != 0 || key_is_active(key))
			violation(site, domain, key, "destroyed while signers %x sign with it",
			    key->signing);
		if (at[FACT_ACTIVATED] != NEVER && at[FACT_COMPROMISED] == NEVER &&
		    !clock_was_accepted_since(site, key->acknowledged_true) &&
		    (at[FACT_ACKNOWLEDGED] == NEVER ||
			site->now - key->acknowledged_true < domain->policy.destroy_after_s))
			violation(
			    site, domain, key, "destroyed before the time to roll back is over");
		break;
	case STEP_ABANDON:
		if (key->ever_signed)
			violation(site, domain, key, "abandoned, and it signed");
		break;
	default:
		break;
	}
}

void
check_step(struct site *site, struct domain *domain, const struct step *step, const int64_t *ids)
{
	struct model_key *key = step->key == SIZE_MAX ? NULL : key_of(domain, ids[step->key]);

	trace(site, domain, "step %s key %lld queries %u: %s", STEP_NAMES[step->what],
	    key == NULL ? -1LL : (long long)key->k.id, step->queries, step->why);
	if (key == NULL && step->what != STEP_GENERATE && step->what != STEP_PREPARE_SLOT &&
	    step->what != STEP_ASK_SIGNERS) {
		violation(site, domain, NULL, "step %s has no key", STEP_NAMES[step->what]);
		return;
	}
	if (!site->clock_trusted && is_fact(domain, step, key))
		violation(site, domain, key, "step %s while the clock is not trusted",
		    STEP_NAMES[step->what]);
	if (domain->held && !domain_in_emergency(domain) &&
	    (key == NULL || key->k.facts.at[FACT_COMPROMISED] == NEVER) &&
	    (step->what == STEP_GENERATE || step->what == STEP_REVOKE ||
		step->what == STEP_REMOVE || step->what == STEP_RETIRE))
		violation(
		    site, domain, key, "step %s while the domain is held", STEP_NAMES[step->what]);
	if (step->what == STEP_GENERATE)
		pace_of_keys(site, domain, step);
	else if (step->what == STEP_ACTIVATE && key != NULL)
		check_activate(site, domain, key,
		    step->other == SIZE_MAX ? NULL : key_of(domain, ids[step->other]));
	else if (key != NULL)
		check_key_step(site, domain, step, key);
}

static void
check_lost(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *active = &domain->keys[i];
		const struct schedule_looks *looks = &active->k.looks;
		bool lost = active->k.facts.at[FACT_COMPROMISED] != NEVER ||
			    (looks->gone_since != NEVER && looks->gone_sweeps >= 3 &&
				looks->looked_at - looks->gone_since >= HOUR);
		for (size_t j = 0; j < domain->key_count && lost && key_is_active(active); j++) {
			const struct model_key *key = &domain->keys[j];
			if (key->k.alg != active->k.alg || !is_ready_in_truth(site, domain, key))
				continue;
			if (domain->lost_since == NEVER)
				domain->lost_since = site->now;
			if (site->now - domain->lost_since > 12 * HOUR)
				violation(site, domain, active,
				    "it is lost, and key %lld stands by, proven",
				    (long long)key->k.id);
			return;
		}
	}
	domain->lost_since = NEVER;
}

/* After each pass. */
void
check_domain(struct site *site, struct domain *domain)
{
	int rsa = active_count(domain, KEY_RSA_SHA256, false);

	/* what was imported signed beside others before */
	if (active_count(domain, KEY_RSA_SHA256, true) > 1 ||
	    active_count(domain, KEY_ED25519_SHA256, true) > 1)
		violation(site, domain, NULL, "two keys of one algorithm are active");
	if (active_count(domain, KEY_ED25519_SHA256, false) > 0 && rsa == 0)
		violation(site, domain, NULL, "Ed25519 signs alone");
	if (rsa == 0 && domain->first_signed != NEVER && domain->stopped_at == NEVER)
		violation(site, domain, NULL, "its mail is unsigned");
	pace_of_domain(site, domain);
	if (site->outage || !site->clock_trusted || clock_was_accepted(site) ||
	    site->now < site->down_until)
		domain->lost_since = NEVER;
	else
		check_lost(site, domain);
}
