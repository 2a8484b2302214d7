/* SPDX-License-Identifier: ISC */
/* health.h - how a domain stands: Pending, Verified, Failed or TemporaryFailure, and what is
 * waited for; for `signpost status`.
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
};

struct domain_health {
	const struct observed *seen;
	struct key_health *keys;
	size_t key_count;
	struct step *steps; /* of the domain itself */
	size_t step_count;
	enum health health;
	bool warning;		    /* Verified, but something wants looking at */
	int64_t since;		    /* the oldest key that signs; NEVER */
	char next[HEALTH_TEXT_LEN]; /* one line for the table */
};

struct health_view {
	struct store *store;
	const struct config *config;
	int64_t now;
	bool sweeps; /* the last sweep of every key is loaded; else only where something is waited for */
	bool files;  /* every key's file is read; else only looked at */
};

const char *health_name(enum health); /* as Amazon SES calls them */
int health_exit_code(enum health, bool warning);
/* Borrows from the observation.  Free with domain_health_deinit, also on failure. */
int domain_health_init(struct domain_health *, const struct health_view *, const struct observation *,
    const struct observed *, struct err *) MUST_CHECK;
void domain_health_deinit(struct domain_health *);

#endif
