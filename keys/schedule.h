/* SPDX-License-Identifier: ISC */
/* schedule.h - what is to be done next for the keys of one domain: a pure function of facts, policy, observations and
 * now.  The pass carries steps out, status and explain show them, plan runs them in simulated time.
 *
 * DNS evidence permits; time only delays.  Every failure leaves the older key signing.  One forward step per key
 * and pass.  A watch's LOOK is given when it is due, and hides the step that comes then.  The states and their guards
 * are those of signpost(7); the symbols in comments are those of RFC 7583 and of that page:
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

#include "base/err.h"
#include "keys/schedule_input.h"

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
/* When its name is looked at again; NEVER: it is not.  Also where a step that comes earlier hides the look. */
int64_t schedule_next_look(const struct schedule_domain *, const struct schedule_world *, const struct schedule_key *);
/* When what is only watched, and was seen at looked_at, is looked at again: once in every interval_s > 0. */
int64_t schedule_watch_at(const struct schedule_domain *, int64_t looked_at, int64_t interval_s);
/* No key is in that slot, nor the private key of one still about. */
bool schedule_slot_is_free(const struct schedule_domain *, const struct schedule_slot *);
/* K11: its record is gone or changed, past the thresholds. */
bool schedule_is_lost(const struct schedule_domain *, const struct schedule_world *, const struct schedule_key *);
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
