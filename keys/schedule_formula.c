/* SPDX-License-Identifier: ISC */
/* The quantities of schedule.h; RFC 7583's where it has them. */
#include "keys/schedule_private.h"

#define EMERGENCY_SAFETY_S 300 /* K3: of Sp, when the key that signs is lost or stolen */
#define LEAD_SHARE	   4   /* K22: Dprp counts for at most L / 4 */

int64_t
schedule_jitter(int64_t key_id, int64_t spread_s)
{
	uint64_t x = (uint64_t)key_id;

	if (spread_s <= 0)
		return 0;
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9) + UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int64_t)((x ^ (x >> 31)) % (uint64_t)spread_s);
}

bool
in_danger(const struct chain *c)
{
	return c->lost || c->stolen || c->empty;
}

/* Nmax of a key whose chain of zones was not measured: that of its siblings, which lie in the same
 * zones; else the longest that we allow any resolver to be wrong. */
static int64_t
negative_max(const struct schedule_domain *d, const struct schedule_key *k)
{
	int64_t most = k == NULL ? NEVER : k->negative_max_s;

	for (size_t i = 0; most == NEVER && i < d->key_count; i++)
		most = d->keys[i].negative_max_s;
	return most == NEVER ? d->policy->stale_s : most;
}

/* For a key that is not yet there, k is NULL. */
static int64_t
interval(const struct schedule_domain *d, const struct schedule_key *k, int64_t safety_s)
{
	const struct key_policy *p = d->policy;
	int64_t previous = k == NULL ? 0 : k->previous_ttl_s;

	/* K3, K4 */
	int64_t most = max_s(previous, negative_max(d, k));
	/* K6: a slot's tombstone may be served stale though the authority is alive */
	if (p->mode == MODE_SLOTS)
		most = later(max_s(most, p->ttl_s), p->stale_s);
	return later(most, safety_s);
}

int64_t
publication_interval(const struct view *v, const struct schedule_key *k, bool emergency)
{
	int64_t safety = v->p->publish_safety_s;

	/* K3: before a domain's first key its mail was unsigned; nothing gets worse */
	if (!v->any_was_active)
		return 0;
	if (emergency && safety > EMERGENCY_SAFETY_S)
		safety = EMERGENCY_SAFETY_S;
	return interval(v->d, k, safety);
}

int64_t
schedule_publication_interval(const struct schedule_domain *d, const struct schedule_key *k)
{
	for (size_t i = 0; i < d->key_count; i++) {
		if (key_has(&d->keys[i], FACT_ACTIVATED) && &d->keys[i] != k)
			return interval(d, k, d->policy->publish_safety_s);
	}
	return 0;
}

int64_t
schedule_retirement_interval(const struct key_policy *p, const struct schedule_key *k)
{
	int64_t queued = max_s(p->queue_lifetime_s, k->queue_max_s);
	int64_t delayed = max_s(p->receiver_delay_s, k->delay_max_s);
	int64_t signature = max_s(p->signature_lifetime_s, k->signature_max_s);
	int64_t safety = max_s(p->retire_safety_s, k->safety_max_s);

	return later(max_s(later(queued, delayed), signature), safety);
}

int64_t
schedule_due_at(const struct key_policy *p, const struct schedule_key *k)
{
	int64_t activated = k->facts.at[FACT_ACTIVATED];

	if (activated == NEVER)
		return NEVER;
	if (k->imported_unproven)
		return activated; /* K31: replaced first */
	/* K31: many keys are imported on one day; their first rolls are spread over L */
	if (key_has(k, FACT_IMPORTED))
		return later(max_s(activated, k->facts.at[FACT_IMPORTED]),
		    schedule_jitter(k->id, p->lifetime_s));
	return later(later(activated, p->lifetime_s), schedule_jitter(k->id, p->spread_s));
}

int64_t
proof_time(const struct schedule_key *k)
{
	return k->looks.proven_at != NEVER ? k->looks.proven_at : k->facts.at[FACT_VERIFIED];
}

int64_t
ready_at(const struct view *v, const struct schedule_key *k)
{
	return after(v, proof_time(k), publication_interval(v, k, in_danger(chain_of(v, k))));
}

/* The first moment within the policy's hour of the day that is not before at: at most a day later. */
static int64_t
at_hour(const struct key_policy *p, int64_t at)
{
	const int64_t day = 86400, hour = 3600;

	if (p->switch_hour >= POLICY_ANY_HOUR || at > INT64_MAX - 2 * day || at < 0)
		return at;
	int64_t open = at - at % day + (int64_t)p->switch_hour * hour;
	if (at >= open + hour)
		return open + day;
	return max_s(at, open);
}

static int64_t
due_at(const struct view *v, const struct schedule_key *active)
{
	return schedule_is_future(active->facts.at[FACT_ACTIVATED], v->now)
		   ? v->now
		   : schedule_due_at(v->p, active);
}

int64_t
switch_at(
    const struct view *v, const struct schedule_key *successor, const struct schedule_key *active)
{
	int64_t at = max_s(due_at(v, active), ready_at(v, successor));
	int64_t approved = successor->facts.at[FACT_APPROVED];

	if (v->p->rotate == ROTATE_APPROVE && !schedule_is_future(approved, v->now))
		at = max_s(at, approved);
	return at_hour(v->p, at);
}

int64_t
begin_at(const struct view *v, const struct schedule_key *active)
{
	int64_t spread = v->d->propagation_max_s;

	if (spread > v->p->lifetime_s / LEAD_SHARE)
		spread = v->p->lifetime_s / LEAD_SHARE;
	int64_t lead = later(later(spread, v->p->ahead_s), publication_interval(v, NULL, false));
	return later(due_at(v, active), -lead);
}

int64_t
reuse_s(const struct view *v, const struct schedule_key *k)
{
	return later(later(max_s(v->p->ttl_s, k == NULL ? 0 : k->ttl_max_s), v->p->stale_s),
	    v->p->retire_safety_s);
}
