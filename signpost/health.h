/* SPDX-License-Identifier: ISC */
/* health.h - how a domain stands: Pending, Verified, Failed or TemporaryFailure, and what is waited for, since when,
 * and when it is looked at again; for `signpost status`, its file, and what is announced.
 *
 *	Verified		a usable RSA key signs
 *	Pending			the first key is on its way
 *	TemporaryFailure	it cannot be looked for: nobody answers, or port 53 is obstructed
 *	Failed			the record is missing for longer than slow_after; or no key can sign.  It is looked for
 *				further, less often, for as long as it takes
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_HEALTH_H
#define SIGNPOST_SIGNPOST_HEALTH_H

#include "keys/schedule.h"
#include "signpost/observe.h"

#define HEALTH_TEXT_LEN 512

enum health { HEALTH_VERIFIED, HEALTH_PENDING, HEALTH_FAILED, HEALTH_TEMPORARY };

struct key_health {
	const struct store_key *row;
	const struct store_look *look;
	const struct schedule_key *view;
	struct step step;
	struct store_sweep *last;      /* NULL when it was not asked for */
	char trouble[HEALTH_TEXT_LEN]; /* with the key's file; "" when it is fine or not needed */
	int64_t since;		       /* of its state; NEVER */
	int64_t next_look;	       /* NEVER: it is not looked at */
	bool lost;		       /* K11: its record is gone or changed */
	bool slow;		       /* missing for so long that it is looked for less often */
	enum sweep_obstruction obstruction;
};

struct domain_health {
	const struct observed *seen;
	struct key_health *keys;
	size_t key_count;
	struct step *steps; /* of the domain itself */
	size_t step_count;
	enum health health;
	bool warning;		       /* Verified, but something wants looking at */
	int64_t since;		       /* the oldest key that signs; NEVER */
	char next[HEALTH_TEXT_LEN];    /* what is waited for, or wrong; without a time of day */
	int64_t next_at;	       /* when `next` comes; NEVER */
	const struct key_health *wait; /* the key that `next` tells of, or that is on its way; NULL */
	const char *waits_for;	       /* one word: "dns", "person", "port-53-blocked", ... */
};

struct health_view {
	struct store *store;
	const struct config *config;
	int64_t now;
	bool sweeps; /* the last sweep of every key is loaded; else only where something is waited for */
	bool files;  /* every key's file is read; else only looked at */
};

/* A milter was asked, long enough after the table changed, and does not sign as that says; signers_laggard tells it. */
bool health_signers_lag(const struct observed *);
const char *health_name(enum health); /* as Amazon SES calls them */
int health_exit_code(enum health, bool warning);
/* Its life is over: not shown unless asked for. */
bool key_health_has_ended(const struct key_health *);
/* Borrows from the observation.  Free with domain_health_deinit, also on failure. */
int domain_health_init(struct domain_health *, const struct health_view *, const struct observation *,
    const struct observed *, struct err *) MUST_CHECK;
void domain_health_deinit(struct domain_health *);
/* The words, from what is in it; part of domain_health_init.  Pure. */
void health_judge(struct domain_health *, const struct config *, int64_t now);

#endif
