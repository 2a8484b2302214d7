/* SPDX-License-Identifier: ISC */
/* key_state.h - the life of one key, from facts.  Pure.
 *
 * A fact is recorded after the deed, never planned; NEVER means not yet.  State is a function of facts alone; the next
 * step a function of facts, policy, observations and now (schedule.h).  Names follow RFC 7583.
 *
 *	generated -> published -> verified -> activated -> retired -> acknowledged -> revoked -> removed
 *	                                                                  \-> destroyed (the private key; 2 d later)
 *
 * `destroyed` and `compromised` stand beside the rest: a retired key whose PEM is gone is still in overlap, and a
 * compromised key goes on signing until its replacement is proven (K29).
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_KEY_STATE_H
#define SIGNPOST_KEYS_KEY_STATE_H

#include "base/slice.h"

#include <stdint.h>

#define NEVER INT64_MIN

enum key_fact {
	FACT_GENERATED,
	FACT_PUBLISHED,	   /* the publisher took the record, or a person was handed it */
	FACT_VERIFIED,	   /* two equal sweeps proved it */
	FACT_ACTIVATED,	   /* the signing table names it */
	FACT_RETIRED,	   /* the signing table names its successor, or nothing */
	FACT_ACKNOWLEDGED, /* every milter was seen not to sign with it any more; overlap counts from here */
	FACT_REVOKED,	   /* two equal sweeps found p= (or nothing) at its name */
	FACT_REMOVED,	   /* two equal sweeps found nothing there, or its slot free again */
	FACT_DESTROYED,	   /* its private key is deleted */
	FACT_APPROVED, FACT_IMPORTED, FACT_COMPROMISED,
	FACT_ABANDONED,	   /* never signed, and never will */
	FACT_COUNT
};

struct key_facts {
	int64_t at[FACT_COUNT]; /* Unix seconds or NEVER */
};

enum key_state {
	KEY_STATE_GENERATED,  /* row and PEM exist, nothing is known of DNS */
	KEY_STATE_PUBLISHED,  /* published, or handed to a person; waiting for proof */
	KEY_STATE_READY,      /* verified; a standby, once its publication interval is over */
	KEY_STATE_ACTIVE,     /* signs, also when it is compromised */
	KEY_STATE_RETIRED,    /* in overlap */
	KEY_STATE_REVOKED,
	KEY_STATE_REMOVED,
	KEY_STATE_DESTROYED,  /* removed, and the private key is gone too: the end */
	KEY_STATE_ABANDONED,
	KEY_STATE_COMPROMISED, /* does not sign, and must not again; not yet revoked */
};

/* What DNS is to show of a key. */
enum key_expect {
	EXPECT_RECORD,
	EXPECT_TOMBSTONE, /* p= */
	EXPECT_ABSENT,	  /* nothing; under a wildcard the same as for a random sibling (K20) */
};

void key_facts_init(struct key_facts *); /* all NEVER */
const char *key_fact_name(enum key_fact);
bool key_fact_from_name(struct slice, enum key_fact *);
enum key_state key_state_of(const struct key_facts *);
const char *key_state_name(enum key_state);
bool key_state_signs(enum key_state); /* belongs in the signing table */

#endif
