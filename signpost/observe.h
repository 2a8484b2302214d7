/* SPDX-License-Identifier: ISC */
/* observe.h - what the store knows of a key, in the words of keys/schedule.h; for tick and
 * status alike.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_OBSERVE_H
#define SIGNPOST_SIGNPOST_OBSERVE_H

#include "keys/schedule.h"
#include "keys/store.h"
#include "signpost/config.h"

struct observation {
	struct key_observed seen;
	struct store_sweep last, first;
};

/* All rows of a domain. */
struct key_set {
	const struct store_key *keys;
	size_t count;
};

/* The key is one of the set. */
int observe(struct store *, const struct key_set *, const struct store_key *, struct observation *,
    struct err *) MUST_CHECK;
void observe_times(const struct config *, const struct key_policy *, struct key_times *);

#endif
