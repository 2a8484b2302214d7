/* SPDX-License-Identifier: ISC */
/* health.h - how a domain stands: Pending, Verified, Failed or TemporaryFailure, and what is
 * waited for; for `signpost status`.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_HEALTH_H
#define SIGNPOST_SIGNPOST_HEALTH_H

#include "signpost/observe.h"

#define HEALTH_TEXT_LEN 512

enum health { HEALTH_VERIFIED, HEALTH_PENDING, HEALTH_FAILED, HEALTH_TEMPORARY };

struct key_health {
	struct store_key row;
	struct observation seen;
	struct step step;
	char trouble[HEALTH_TEXT_LEN]; /* with the key's file; "" when it is fine or not needed */
};

struct domain_health {
	struct store_domain row;
	struct key_health *keys;
	size_t key_count;
	enum health health;
	bool warning;		    /* Verified, but something wants looking at */
	int64_t since;		    /* the oldest key that signs; NEVER */
	char next[HEALTH_TEXT_LEN]; /* one line for the table */
};

struct health_view {
	struct store *store;
	const struct config *config;
	int64_t now;
};

const char *health_name(enum health); /* as Amazon SES calls them */
int health_exit_code(enum health, bool warning);
/* Free with domain_health_deinit, also on failure. */
int domain_health_init(struct domain_health *, const struct health_view *,
    const struct store_domain *, struct err *) MUST_CHECK;
void domain_health_deinit(struct domain_health *);

#endif
