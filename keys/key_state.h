/* SPDX-License-Identifier: ISC */
/* key_state.h - the life of one key, from facts.  Pure.
 *
 * A fact is recorded after the deed, never planned; NEVER means not yet.  State is a function of
 * facts alone; the next step a function of facts, policy, observations and now.  Names follow RFC
 * 7583.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_KEY_STATE_H
#define SIGNPOST_KEYS_KEY_STATE_H

#include "base/slice.h"

#include <stdint.h>

#define NEVER INT64_MIN

enum key_fact {
	FACT_GENERATED, FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED, FACT_RETIRED, FACT_ACKNOWLEDGED, FACT_REVOKED,
	FACT_REMOVED, FACT_DESTROYED, FACT_APPROVED, FACT_IMPORTED, FACT_COMPROMISED, FACT_ABANDONED, FACT_COUNT
};

struct key_facts {
	int64_t at[FACT_COUNT]; /* Unix seconds or NEVER */
};

enum key_state {
	KEY_STATE_GENERATED,  /* row and PEM exist, nothing is known of DNS */
	KEY_STATE_PUBLISHED,  /* published, or handed to a person; waiting for proof */
	KEY_STATE_READY,      /* verified */
	KEY_STATE_ACTIVE,
	KEY_STATE_RETIRED,
	KEY_STATE_REVOKED,
	KEY_STATE_REMOVED,
	KEY_STATE_DESTROYED,
	KEY_STATE_ABANDONED,
	KEY_STATE_COMPROMISED,
};

void key_facts_init(struct key_facts *); /* all NEVER */
const char *key_fact_name(enum key_fact);
bool key_fact_from_name(struct slice, enum key_fact *);
enum key_state key_state_of(const struct key_facts *);
const char *key_state_name(enum key_state);
bool key_state_signs(enum key_state); /* belongs in the signing table */

#endif
