/* SPDX-License-Identifier: ISC */
/* Policies that cannot hold.  Floors are relations between options, never constants: a test's policy of seconds
 * is as good as one of months. */
#include "keys/schedule_private.h"

#include <inttypes.h>

#define SPREADING_S	 86400 /* Dprp, K25: until every server has a record */
#define SPREADING_SHARE	 4     /* K22: of L, at most */
#define SIGNER_LAG_S	 900   /* H: until every milter has left a key */
#define SIGNER_LAG_SHARE 100

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int
check_algorithms(const struct key_policy *p, struct err *err)
{
	bool rsa = false;

	for (size_t i = 0; i < p->algorithm_count; i++) {
		rsa = rsa || p->algorithms[i] == KEY_RSA_SHA256;
		for (size_t j = 0; j < i; j++) {
			if (p->algorithms[i] == p->algorithms[j])
				return err_set(err, ERR_CONFIG,
				    "policy \"%s\": algorithms names %s twice", p->name,
				    key_alg_name(p->algorithms[i]));
		}
	}
	if (!rsa)
		return err_set(err, ERR_CONFIG,
		    "policy \"%s\": algorithms must have rsa-sha256 (RFC 8301): most receivers "
		    "verify nothing else",
		    p->name);
	return 0;
}

/* L: from one switch to the next everything must fit that the next key needs. */
static int
check_lifetime(const struct key_policy *p, struct err *err)
{
	int64_t publication = later(later(p->ttl_s, p->publish_safety_s), p->ahead_s);

	if (p->rotate == ROTATE_OFF)
		return 0;
	if (p->spread_s >= p->lifetime_s)
		return err_set(err, ERR_CONFIG,
		    "policy \"%s\": rotate_spread (%s) must be shorter than rotate_every (%s)",
		    p->name, span_of(p->spread_s).text, span_of(p->lifetime_s).text);
	if (p->lifetime_s < publication)
		return err_set(err, ERR_CONFIG,
		    "policy \"%s\": rotate_every is %s, but a new key needs %s: ttl %s + "
		    "publish_safety %s + ahead %s; make it longer, or ahead shorter",
		    p->name, span_of(p->lifetime_s).text, span_of(publication).text,
		    span_of(p->ttl_s).text, span_of(p->publish_safety_s).text,
		    span_of(p->ahead_s).text);
	return 0;
}

/* K28 */
static int
check_signature(const struct key_policy *p, struct err *err)
{
	int64_t queued = later(p->queue_lifetime_s, p->receiver_delay_s);

	if (p->signature_lifetime_s == 0 || p->signature_lifetime_s >= queued)
		return 0;
	return err_set(err, ERR_CONFIG,
	    "policy \"%s\": signature_lifetime (%s) is shorter than queue_lifetime + "
	    "receiver_delay "
	    "(%s): delayed mail would fail; make it at least %" PRId64 "s, or 0",
	    p->name, span_of(p->signature_lifetime_s).text, span_of(queued).text, queued);
}

/* K25, K26: with n slots of one algorithm, the key that left one must be forgotten before its turn comes again. */
static int
check_slot_turn(const struct key_policy *p, struct err *err)
{
	static const struct schedule_key none = {.queue_max_s = 0};
	int64_t spreading = least(SPREADING_S, p->lifetime_s / SPREADING_SHARE);
	int64_t lag = least(SIGNER_LAG_S, p->lifetime_s / SIGNER_LAG_SHARE);
	int64_t forget = later(p->ttl_s, p->stale_s);
	int64_t lead = later(later(spreading, later(forget, p->publish_safety_s)), p->ahead_s);
	int64_t tail = later(later(lag, schedule_retirement_interval(p, &none)),
	    later(spreading, later(forget, p->retire_safety_s)));
	bool standby = p->standby == STANDBY_YES;
	int64_t turns = (int64_t)p->slots - (standby ? 2 : 1);
	int64_t needed = standby ? max_s(lead, (tail + turns - 1) / turns)
				 : (later(tail, lead) + turns - 1) / turns;

	if (p->rotate == ROTATE_OFF || p->lifetime_s - p->spread_s >= needed)
		return 0;
	return err_set(err, ERR_CONFIG,
	    "policy \"%s\": %u slots of each algorithm%s allow a rotation every %s at most (a slot "
	    "rests "
	    "%s after its key left it, a new key needs %s before it signs), but rotate_every less "
	    "rotate_spread is %s; use more slots%s or rotate less often",
	    p->name, (unsigned)p->slots, standby ? " with a standby" : "", span_of(needed).text,
	    span_of(tail).text, span_of(lead).text, span_of(p->lifetime_s - p->spread_s).text,
	    standby ? ", standby = no" : "");
}

static int
check_slots(const struct key_policy *p, struct err *err)
{
	uint32_t least_slots = p->standby == STANDBY_YES ? 3 : 2;

	if (p->mode != MODE_SLOTS)
		return 0;
	if (p->by_hand)
		return err_set(err, ERR_CONFIG,
		    "policy \"%s\": mode = slots needs a publisher that writes slot_zone: a slot "
		    "is used "
		    "again, so that what is in it must not depend on a person",
		    p->name);
	if (p->slots < least_slots || p->slots > POLICY_SLOTS_MAX)
		return err_set(err, ERR_CONFIG, "policy \"%s\": slots is %u, want %u to %d%s",
		    p->name, (unsigned)p->slots, (unsigned)least_slots, POLICY_SLOTS_MAX,
		    p->standby == STANDBY_YES && p->slots == 2
			? ": one signs and one is in overlap, so that none is left for a standby"
			: " for each algorithm");
	return check_slot_turn(p, err);
}

int
schedule_check_policy(const struct key_policy *p, struct err *err)
{
	static int (*const CHECKS[])(const struct key_policy *, struct err *) = {
	    check_algorithms, check_lifetime, check_signature, check_slots};

	for (size_t i = 0; i < sizeof(CHECKS) / sizeof(CHECKS[0]); i++) {
		if (CHECKS[i](p, err) != 0)
			return -1;
	}
	return 0;
}
