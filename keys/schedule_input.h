/* SPDX-License-Identifier: ISC */
/* schedule_input.h - what the scheduler is told of one domain: facts, observations, deeds, settings, the clock.  Plain
 * data; who fills it owns what it points to.  Times are Unix seconds or NEVER.
 *
 *	struct schedule_domain domain = {.policy = &policy, .keys = keys, .key_count = n, .removing_at = NEVER,
 *	    .roll_at = NEVER, .rollback_at = NEVER};
 *	struct schedule_world world = {.now = now, .times = &times, .clock_trusted = true};
 *
 * Threads: plain data. */
#ifndef SIGNPOST_KEYS_SCHEDULE_INPUT_H
#define SIGNPOST_KEYS_SCHEDULE_INPUT_H

#include "keys/key_policy.h"
#include "keys/key_state.h"

/* Sweeps that were kept, for what the key's name is to show now (a sweep for another expectation does not count). */
struct schedule_looks {
	int64_t looked_at;	/* end of the last sweep, or NEVER */
	bool looked_now;	/* that sweep is of this very pass */
	bool last_passed;	/* sweep_passes */
	int64_t passed_at;	/* end of the last one that passed, NEVER: none (K12: the last proof may be older than a
				   sweep that found the servers mute) */
	int64_t first_pass_at;	/* end of the first of the passing sweeps that may prove; NEVER: none, or BAD reset it */
	int64_t second_pass_at; /* end of the second, equal one, far enough from the first; NEVER */
	int64_t proven_at;	/* end of the second of the last pair that proved; NEVER */
	bool contradicted;	/* a BAD answer came after that pair */
	const char *obstacle;	/* what the last sweep lacked, for an admin; NULL or "" */
	/* K11, of a key that was proven: authoritative answers contradict it since then, in so many sweeps in a row */
	int64_t gone_since;	/* NEVER: they do not */
	unsigned gone_sweeps;
	bool differs;		/* another record is there, ours was not simply removed */
	/* K34, proof = resolver: positive answers of at least two resolvers */
	unsigned resolver_passes;
	int64_t resolver_first_at, resolver_last_at; /* or NEVER */
	int64_t resolver_wait_until;		     /* a negative answer is remembered until then; NEVER */
};

enum deed { DEED_PUBLISH, DEED_REVOKE, DEED_REMOVE, DEED_COUNT };
struct schedule_deed {
	int64_t first_at, last_at; /* of the tries since it is due; NEVER */
	unsigned tries;
	bool done;		   /* the publisher took it */
	bool refused;		   /* the last one will not change by itself, or is a person's: asked again rarely */
	const char *why;	   /* the publisher's last words; NULL or "" */
};

struct schedule_key {
	int64_t id;	  /* rises with age */
	const char *selector; /* for texts */
	enum key_alg alg;
	int slot;	  /* or -1 */
	struct key_facts facts;
	bool imported_unproven; /* K31: signs without proof; replaced first; its record is never revoked by us */
	/* the largest ever in force while it could be needed (K8, K24, K28): they only rise */
	int64_t queue_max_s, delay_max_s, signature_max_s, safety_max_s, ttl_max_s;
	int64_t previous_ttl_s; /* TTLprev: largest TTL served at its name before it was published; 0 */
	int64_t negative_max_s; /* Nmax of its chain of zones (K4) as measured; NEVER: not yet */
	struct schedule_looks looks;
	struct schedule_deed deeds[DEED_COUNT];
	int64_t overlap_s;	  /* trusted seconds counted since `acknowledged` (K18) */
	bool queue_holds;	  /* our queue holds mail from before it was retired (K8) */
	bool queue_held;	  /* some pass saw it hold such mail, which then waits behind the next hop */
	int64_t queue_clear_s;	  /* trusted seconds counted since the first pass after that which did not */
	unsigned removed_by_others; /* times its record vanished within the last 24 h (K11) */
	bool selector_taken;	  /* PUBLISH found something foreign at its name: choose another */
};

struct schedule_slot {
	enum key_alg alg;
	int slot;
	bool prepared;	    /* its tombstone was published, or a key has been there */
	int64_t free_at;    /* not before (K6, K19); NEVER: at once */
	int64_t deed_at;    /* last try to prepare it; NEVER */
	const char *why;
	bool alias_wrong;   /* it holds no key, and its CNAME is missing or wrong */
};

struct schedule_signers {
	bool needed;	     /* some rule lets somebody sign for the domain, and milters are configured */
	int64_t asked_at;    /* or NEVER */
	int64_t table_at;    /* when the table last changed for this domain; asked before does not count */
	bool agree;	     /* every milter signs with exactly the active keys (none: not at all) */
	const char *laggard; /* which does not, and what it said; NULL or "" */
};

struct schedule_domain {
	const struct key_policy *policy;
	const struct schedule_key *keys; /* by id */
	size_t key_count;
	const struct schedule_slot *slots; /* slots mode: of every algorithm of the policy */
	size_t slot_count;
	struct schedule_signers signers;
	int64_t removing_at;	/* `remove` was said; NEVER */
	int64_t roll_at;	/* `roll` was last said; NEVER.  Done for an algorithm whose key was activated since */
	int64_t rollback_at;	/* NEVER */
	bool held;		/* `hold`: no step but away from a lost key; looking goes on */
	bool alias_wrong;	/* slots: a CNAME is missing or wrong; delegated: no delegation yet */
	const char *alias_why;
	int64_t propagation_max_s; /* Dprp: longest that a record of this domain took to be everywhere; 0 */
	unsigned watch_phases;	/* moments in the hour for the watches of all domains; 0, 1: all at once */
	bool is_gone;		/* K17: the parent says that the domain does not exist */
};

struct schedule_times {
	int64_t sweep_interval_s, slow_after_s, slow_interval_s, reprove_interval_s, watch_interval_s;
	int64_t gone_sweeps, gone_over_s;	/* K11 */
	int64_t retry_s, retry_max_s;		/* of a deed that failed: doubled from the one to the other */
	int64_t ask_signers_interval_s;
	int64_t recent_proof_s;			/* K12: 24 h */
	int64_t rollback_hold_s;		/* K30: 24 h */
	int64_t resolver_wait_s;		/* K34: no resolver is asked so long after publication (24 h; the
						   zone's REFRESH + RETRY, if longer: looks.resolver_wait_until) */
	int64_t person_interval_s;		/* how often a person's deed is asked for again: looks go on */
	uint32_t queries;			/* K14 */
};

struct schedule_world {
	int64_t now;
	const struct schedule_times *times;
	bool clock_trusted;	 /* else: no fact, no switch, no revocation (K9, K18) */
	const char *clock_why;
	bool outage;		 /* K11: too many domains at once; nothing is switched or republished because of it */
	const char *outage_why;
};

#endif
