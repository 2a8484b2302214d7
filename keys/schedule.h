/* SPDX-License-Identifier: ISC */
/* schedule.h - what is to be done next for the keys of one domain: a pure function of facts, policy, observations and
 * now.  The pass carries steps out, status and explain show them, plan runs them in simulated time.
 *
 * DNS evidence permits; time only delays.  Every failure leaves the older key signing.  One forward step per key
 * and pass.  A watch's LOOK is given when it is due, and hides the step that comes then.  The states and their guards are those of signpost(7); the symbols in comments are those of RFC 7583 and
 * of that page:
 *
 *	Ipub  = max(TTLprev, Nmax) + Sp		(slots: TTL of the tombstone + Wst + Sp; a domain's first key: 0)
 *	ready = end of the second of two equal sweeps + Ipub
 *	switch = max(activated + L + J, ready of the next, switch_hour)
 *	begin = activated + L + J - (Dprp + Ipub + ahead)	(standby: when there is none)
 *	Iret  = max(Q + V, X) + Sr, counted in trusted time from `acknowledged`
 *	free  = revoked + TTL + Wst + Sr (slot);  removal = revoked + max(tombstone, TTL + Wst + Sr)
 *
 *	struct step steps[SCHEDULE_STEPS(n)];
 *	size_t count = schedule_next(&domain, &world, steps);
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_SCHEDULE_H
#define SIGNPOST_KEYS_SCHEDULE_H

#include "keys/key_policy.h"
#include "base/err.h"
#include "keys/key_state.h"

#define STEP_WHY_LEN 320
#define SCHEDULE_STEPS(keys) ((keys) + POLICY_ALGORITHMS_MAX * (1 + POLICY_SLOTS_MAX) + 1)

enum step_what {
	STEP_NONE,	   /* nothing to do by itself: why says what is waited for, if anything */
	STEP_PREPARE_SLOT, /* alg, slot: publish the tombstone of a slot that never held anything */
	STEP_GENERATE,	   /* alg, slot: make the pair, commit the row: fact `generated` */
	STEP_PUBLISH,	   /* nothing (slot: tombstone) -> record; when the publisher took it: `published`.  Also again,
			      when an active, ready or retired key's record is gone */
	STEP_LOOK,	   /* sweep for `expect` with `queries` per address; the result changes observations only */
	STEP_VERIFY,	   /* `verified`, or proven anew */
	STEP_ACTIVATE,	   /* `activated`, and `retired` for steps[].other, in one transaction; then the table */
	STEP_RETIRE,	   /* `retired` without a successor; then the table */
	STEP_ASK_SIGNERS,  /* ask every milter what it signs the domain's mail with */
	STEP_ACKNOWLEDGE,  /* `acknowledged` */
	STEP_REVOKE,	   /* record -> p= (by hand: asks the person; blocks nothing) */
	STEP_REVOKED,	   /* `revoked` */
	STEP_REMOVE,	   /* p= (or the record of a key that never signed) -> nothing; never in slots */
	STEP_REMOVED,	   /* `removed`; a slot is free again */
	STEP_DESTROY,	   /* delete the PEM: `destroyed` */
	STEP_ABANDON,	   /* `abandoned` */
	STEP_COUNT
};

/* What a step with a time to come, or STEP_NONE, waits for. */
enum step_wait {
	WAIT_NOTHING, WAIT_TIME, WAIT_DNS, WAIT_PERSON /* record, approval, alias, delegation */, WAIT_PUBLISHER,
	WAIT_SIGNERS, WAIT_CLOCK, WAIT_HOLD, WAIT_OUTAGE, WAIT_QUEUE
};

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
	int64_t queue_max_s, delay_max_s, signature_max_s, ttl_max_s;
	int64_t previous_ttl_s; /* TTLprev: largest TTL served at its name before it was published; 0 */
	int64_t negative_max_s; /* Nmax of its chain of zones (K4) as measured; NEVER: not yet */
	struct schedule_looks looks;
	struct schedule_deed deeds[DEED_COUNT];
	int64_t overlap_s;	  /* trusted seconds counted since `acknowledged` (K18) */
	bool queue_holds;	  /* our queue holds mail from before it was retired (K8) */
	bool queue_held;	  /* some pass saw it hold such mail, which then waits behind the next hop */
	int64_t queue_clear_s;	  /* trusted seconds counted since the last pass that did */
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

struct step {
	enum step_what what;
	size_t key;	    /* index in keys; SIZE_MAX: of the domain (ASK_SIGNERS), an algorithm or a slot */
	size_t other;	    /* ACTIVATE: index of the key that is retired by it, or SIZE_MAX */
	enum key_alg alg;   /* GENERATE, PREPARE_SLOT */
	int slot;
	enum key_expect expect; /* LOOK */
	unsigned queries;	/* LOOK: to each address */
	int64_t earliest;	/* not before; NEVER with STEP_NONE */
	enum step_wait wait;
	char why[STEP_WHY_LEN]; /* what is waited for or why it is done, a sentence without final dot */
};

/* Writes at most SCHEDULE_STEPS(key_count) steps: one for each key, in their order, then those of the domain.
 * Returns how many. */
size_t schedule_next(const struct schedule_domain *, const struct schedule_world *, struct step *steps);

/* What is to be seen at a key's name now: p= or nothing from the first try to revoke or remove on. */
enum key_expect schedule_expect(const struct schedule_domain *, const struct schedule_key *);
/* Ipub, Iret and the age at which a key is due to be replaced, of one key under its policy. */
int64_t schedule_publication_interval(const struct schedule_domain *, const struct schedule_key *);
int64_t schedule_retirement_interval(const struct key_policy *, const struct schedule_key *);
int64_t schedule_due_at(const struct key_policy *, const struct schedule_key *); /* activated + L + J */
/* J: 0 <= J < spread, fixed by the key's id. */
int64_t schedule_jitter(int64_t key_id, int64_t spread_s);

/* A policy that cannot hold is refused with the number that breaks it (K25, K26, K28, RFC 8301). */
int schedule_check_policy(const struct key_policy *, struct err *) MUST_CHECK;

/* Is at so far behind now that the clock must have been set back? */
bool schedule_is_future(int64_t at, int64_t now);

#endif
