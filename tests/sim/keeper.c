/* SPDX-License-Identifier: ISC */
/* keeper.c - a pass over one domain: what is known goes to the scheduler, what is due is carried out.  Sweeps and
 * questions to the signers come first; then the scheduler is asked again, with what they found. */
#include "tests/sim/sim.h"

#include <string.h>

#define TICK_S (10 * MINUTE)

static struct schedule_key KEYS[KEYS_MAX];
static struct schedule_slot SLOTS[POLICY_ALGORITHMS_MAX * POLICY_SLOTS_MAX];
static struct step STEPS[SCHEDULE_STEPS(KEYS_MAX)];
static int64_t IDS[KEYS_MAX];

struct model_key *
key_of(struct domain *domain, int64_t id)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		if (domain->keys[i].k.id == id)
			return &domain->keys[i];
	}
	return NULL;
}

/* A key that signs is stolen, or the world contradicts it. */
bool
domain_in_emergency(const struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		const struct model_key *key = &domain->keys[i];
		if (key_is_active(key) && (key->k.facts.at[FACT_COMPROMISED] != NEVER ||
					      key->k.looks.gone_since != NEVER))
			return true;
	}
	return false;
}

static bool
dies(struct site *site, unsigned permille)
{
	/* the first days are not calm: whatever is prepared then is prepared but once */
	if ((site->calm && site->now > EPOCH + 10 * DAY) || !chance(site, permille))
		return false;
	site->totals->crashes++;
	site->down_until =
	    site->now + (chance(site, 700) ? between(site, 1, HOUR) : between(site, HOUR, 6 * DAY));
	return true;
}

bool
keeper_crashes(struct site *site)
{
	return dies(site, 3);
}

/* Once at least where it never died yet. */
bool
keeper_crashes_at(struct site *site, enum step_what what, bool after)
{
	if (!dies(site, site->died[after][what] == 0 ? 60 : 3))
		return false;
	site->died[after][what]++;
	(after ? site->totals->died_after : site->totals->died_before)[what]++;
	return true;
}

void
pass_at(struct site *site, struct domain *domain, int64_t at)
{
	domain->pass_at = at < site->now ? site->now : at;
	event_put(site, domain->pass_at,
	    (struct event){.what = EV_PASS, .domain = domain->index, .b = domain->pass_at});
}

static int64_t
more(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What a pass brings up to date before it asks: maxima, counts, and which expectation the sweeps are for. */
static void
refresh(struct site *site, struct domain *domain)
{
	const struct key_policy *policy = &domain->policy;
	int64_t now = wall(site);

	key_use_grows(site, domain); /* a setting that came and went unseen is no setting */
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		const int64_t *at = key->k.facts.at;
		key->k.selector = key->selector;
		if (at[FACT_REVOKED] == NEVER) {
			key->k.queue_max_s = more(key->k.queue_max_s, policy->queue_lifetime_s);
			key->k.delay_max_s = more(key->k.delay_max_s, policy->receiver_delay_s);
			key->k.safety_max_s = more(key->k.safety_max_s, policy->retire_safety_s);
			key->k.signature_max_s =
			    more(key->k.signature_max_s, policy->signature_lifetime_s);
		}
		key->k.ttl_max_s = more(key->k.ttl_max_s, policy->ttl_s);
		key->k.overlap_s =
		    at[FACT_ACKNOWLEDGED] == NEVER ? 0 : site->trusted_s - key->acknowledged_count;
		key->k.queue_holds = key->held;
		if (key->held) {
			key->k.queue_held = key->saw_held = true;
		} else if (key->saw_held) { /* counted from the first look that finds it clear */
			key->saw_held = false;
			key->held_count = site->trusted_s;
		}
		key->k.queue_clear_s = key->held ? 0 : site->trusted_s - key->held_count;
		key->k.looks.looked_now = false;
		if (key->looked_untrusted &&
		    site->clock_trusted) { /* its time is good for nothing */
			key->k.looks.looked_at = NEVER;
			key->k.looks.last_passed = key->looked_untrusted = false;
		}
		key->k.removed_by_others = 0;
		for (int r = 0; r < 4; r++) {
			if (key->removed_at[r] != NEVER && now - key->removed_at[r] < DAY &&
			    now >= key->removed_at[r])
				key->k.removed_by_others++;
		}
		const struct schedule_domain d = {.policy = policy};
		enum key_expect expect = schedule_expect(&d, &key->k);
		if (expect != key->looks_for) {
			looks_reset(&key->k.looks);
			key->pass1 = key->pass2 = NEVER;
			key->looks_for = expect;
		}
	}
}

/* More domains at once than can be chance: K11. */
static void
notice_outage(struct site *site)
{
	int gone = 0;

	for (int d = 0; d < site->domain_count; d++) {
		const struct domain *domain = &site->domains[d];
		bool lost = false;
		for (size_t i = 0; i < domain->key_count; i++) {
			const struct model_key *key = &domain->keys[i];
			if (key->k.looks.gone_since != NEVER && key->looks_for == EXPECT_RECORD &&
			    key->k.facts.at[FACT_REVOKED] == NEVER)
				lost = true;
		}
		gone += lost;
	}
	site->outage = gone > 20 || (gone >= 5 && gone * 20 > site->domain_count);
}

static size_t
slots_of(const struct domain *domain)
{
	size_t count = 0;

	if (domain->policy.mode != MODE_SLOTS)
		return 0;
	for (int i = 0; i < KEYS_MAX; i++) {
		const struct name *name = &domain->names[i];
		if (!name->used || name->slot < 0)
			continue;
		bool wanted = false;
		for (size_t a = 0; a < domain->policy.algorithm_count; a++)
			wanted |= domain->policy.algorithms[a] == name->alg;
		if (wanted)
			SLOTS[count++] = (struct schedule_slot){.alg = name->alg,
			    .slot = name->slot,
			    .prepared = name->prepared,
			    .free_at = name->free_at,
			    .deed_at = name->deed_at};
	}
	return count;
}

static size_t
ask(struct site *site, struct domain *domain)
{
	const struct mutant *mutant = site->options->mutant;
	struct schedule_domain d = {.policy = &domain->policy,
	    .keys = KEYS,
	    .key_count = domain->key_count,
	    .slots = SLOTS,
	    .signers = {.needed = !domain->no_rule,
		.asked_at = domain->asked_at,
		.table_at = domain->table_at,
		.agree = domain->agree,
		.laggard = "a milter"},
	    .removing_at = domain->removing_at,
	    .roll_at = domain->roll_at,
	    .rollback_at = domain->rollback_at,
	    .held = domain->held,
	    .alias_wrong = domain->policy.mode != MODE_TXT && domain->alias_wrong,
	    .propagation_max_s = domain->propagation_max_s,
	    .watch_phases =
		(unsigned)(site->seed % 70), /* as of some that have many more domains */
	    .is_gone = domain->is_gone};
	struct schedule_world world = {.now = wall(site),
	    .times = &site->times,
	    .clock_trusted = site->clock_trusted,
	    .clock_why = "the clock was set",
	    .outage = site->outage,
	    .outage_why = "many at once"};

	for (size_t i = 0; i < domain->key_count; i++) {
		KEYS[i] = domain->keys[i].k;
		IDS[i] = domain->keys[i].k.id;
	}
	d.slot_count = slots_of(domain);
	if (mutant != NULL && mutant->in != NULL)
		mutant->in(&d, KEYS, &world);
	if (mutant != NULL && mutant->slots != NULL)
		mutant->slots(SLOTS, d.slot_count);
	size_t count = schedule_next(&d, &world, STEPS);
	if (mutant != NULL && mutant->out != NULL)
		mutant->out(&d, &world, STEPS, count);
	return count;
}

/* For a trace: what the scheduler says of each key. */
void
keeper_show_steps(struct site *site, const struct domain *domain)
{
	if (!site->options->trace || domain == NULL)
		return;
	size_t count = ask(site, &site->domains[domain->index]);
	for (size_t i = 0; i < count; i++)
		trace(site, domain, "says of key %lld: step %d earliest in %lld s, wait %d: %s",
		    STEPS[i].key == SIZE_MAX ? -1LL : (long long)IDS[STEPS[i].key],
		    (int)STEPS[i].what,
		    STEPS[i].earliest == NEVER ? -1LL : (long long)(STEPS[i].earliest - wall(site)),
		    (int)STEPS[i].wait, STEPS[i].why);
}

static bool
is_question(enum step_what what)
{
	return what == STEP_LOOK || what == STEP_ASK_SIGNERS;
}

/* Carries out what is due of one kind; -1: the keeper died. */
static int
do_due(struct site *site, struct domain *domain, size_t count, bool questions)
{
	int done = 0;

	for (size_t i = 0; i < count; i++) {
		const struct step *step = &STEPS[i];
		if (step->what == STEP_NONE || step->earliest > wall(site) ||
		    is_question(step->what) != questions)
			continue;
		check_step(site, domain, step, IDS);
		if (site->failed || !step_do(site, domain, step, IDS))
			return -1;
		done++;
	}
	return done;
}

/* What has come to its end and can be forgotten. */
static void
forget_ended(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count;) {
		struct model_key *key = &domain->keys[i];
		const int64_t *at = key->k.facts.at;
		bool ended = !key->pem &&
			     (at[FACT_REMOVED] != NEVER || at[FACT_ABANDONED] != NEVER) &&
			     at[FACT_DESTROYED] != NEVER;
		if (ended && key->ended_at == NEVER)
			key->ended_at = site->now;
		int64_t end = key_overlap_end(site, domain, key);
		bool old = !key->pem && domain->policy.by_hand &&
			   key->made_at < site->now - 900 * DAY && end < site->now;
		bool removed =
		    at[FACT_REMOVED] != NEVER || (at[FACT_PUBLISHED] == NEVER && key->k.slot < 0);
		if (!old &&
		    (!ended || !removed || end >= site->now || site->now - key->ended_at < DAY)) {
			i++;
			continue;
		}
		if (key->k.slot < 0)
			name_forget(domain, key->name);
		memmove(key, key + 1, (domain->key_count - i - 1) * sizeof(*key));
		domain->key_count--;
	}
}

static void
sleep_until_due(struct site *site, struct domain *domain, size_t count, bool busy)
{
	int64_t next = FOREVER, now = wall(site);
	int64_t most = site->rare_passes ? DAY : site->times.watch_interval_s;

	for (size_t i = 0; i < count; i++) {
		if (STEPS[i].what != STEP_NONE && STEPS[i].earliest < next)
			next = STEPS[i].earliest;
	}
	int64_t wait = next == FOREVER || next - now > most ? most : next - now;
	if (busy || wait <= 0)
		wait = between(site, 1, TICK_S);
	else if (chance(site, 500))
		wait += between(site, 0, TICK_S);
	pass_at(site, domain, site->now + wait);
}

void
keeper_pass(struct site *site, struct domain *domain)
{
	if (site->now < site->down_until) {
		domain->disturbed_at = domain->absent_at = site->down_until;
		pass_at(site, domain, site->down_until + between(site, 0, TICK_S));
		return;
	}
	site->totals->passes++;
	clock_look(site);
	table_write(site, domain);
	refresh(site, domain);
	notice_outage(site);
	trace(site, domain, "pass%s%s%s", site->clock_trusted ? "" : ", clock doubted",
	    site->outage ? ", outage" : "", domain->held ? ", held" : "");
	size_t count = ask(site, domain);
	int asked = do_due(site, domain, count, true), done = -1;
	if (asked >= 0) {
		notice_outage(site);
		count = ask(site, domain);
		done = do_due(site, domain, count, false);
	}
	if (site->failed)
		return;
	if (done < 0 || !site->clock_trusted || site->outage || domain->held)
		domain->disturbed_at = site->now;
	if (done < 0)
		domain->absent_at = site->down_until;
	if (site->outage)
		happened(site, OUTAGE_IS_SEEN);
	if (!site->clock_trusted)
		happened(site, CLOCK_IS_DOUBTED);
	check_domain(site, domain);
	if (done < 0) {
		pass_at(site, domain, site->down_until + between(site, 0, TICK_S));
		return;
	}
	forget_ended(site, domain);
	sleep_until_due(site, domain, count, done > 0);
}
