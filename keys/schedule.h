/* SPDX-License-Identifier: ISC */
/* schedule.h - the next step of a key: a pure function of facts, policy, observations and now.
 * The pass carries the step out, status shows it.  Time alone only delays; what permits is DNS
 * evidence.
 *
 *	struct step step;
 *	schedule_next(&facts, &observed, &times, now, &step);
 *	if (step.what == STEP_LOOK && step.earliest <= now) ...
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_SCHEDULE_H
#define SIGNPOST_KEYS_SCHEDULE_H

#include "keys/key_state.h"

#define STEP_WHY_LEN 320

/* How often a proven key is looked at while it waits (K14): every so many sweep intervals. */
#define SCHEDULE_WATCH_INTERVALS 10

enum step_what {
	STEP_NONE,     /* nothing is due for this key in this version's life of a key */
	STEP_LOOK,     /* sweep the servers */
	STEP_VERIFY,   /* record `verified`: two equal sweeps are there */
	STEP_ACTIVATE, /* record `activated`: the key enters the signing table */
};

/* What the pass has seen and stored. */
struct key_observed {
	int64_t looked_at; /* end of the last sweep, or NEVER */
	bool looked_now;   /* that sweep is of this very pass */
	bool last_passed;  /* it passed (sweep_passes) */
	int64_t
	    first_pass_at; /* end of the first of the passing sweeps that may prove; NEVER: none, or a BAD answer reset it */
	int64_t second_pass_at; /* end of the second, equal one, far enough from the first; NEVER */
	int64_t proven_at; /* end of the second of the last pair that proved the record; NEVER: none */
	bool contradicted; /* a BAD answer came after that pair */
	const char *obstacle;	/* what the last sweep lacked, for an admin; NULL or "" */
	bool domain_active;	/* some key of the domain signs now */
	bool domain_was_active; /* some key of the domain signed before this one was made */
	bool rsa_active;	/* an RSA key of the domain signs now */
	bool is_rsa;
};

struct key_times {
	int64_t sweep_interval_s, slow_after_s, slow_interval_s;
	int64_t publication_interval_s;
};

struct step {
	enum step_what what;
	int64_t earliest;	/* not before; NEVER with STEP_NONE */
	char why[STEP_WHY_LEN]; /* what is waited for, a sentence without final dot */
};

/* A proven key needs a new pair: a server contradicted since, or the proof is of a future that a
 * clock dreamt of. */
bool schedule_wants_new_proof(const struct key_observed *, int64_t now);
/* Is at so far behind now that the clock must have been set back? */
bool schedule_is_future(int64_t at, int64_t now);

void schedule_next(const struct key_facts *, const struct key_observed *, const struct key_times *,
    int64_t now, struct step *);

#endif
