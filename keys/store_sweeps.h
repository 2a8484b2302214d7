/* SPDX-License-Identifier: ISC */
/* store_sweeps.h - rows of sweeps and their answers, for the store's own files.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_SWEEPS_H
#define SIGNPOST_KEYS_STORE_SWEEPS_H

#include "keys/store_sql.h"

extern const char *const EVIDENCE_NAMES[]; /* by role */

int store_sweep_insert(struct store *, int64_t key_id, enum evidence_role, const struct store_sweep *,
    struct err *) MUST_CHECK;
/* The newest of a role; 0: none. */
int store_sweep_find(struct store *, int64_t key_id, enum evidence_role, int64_t *id, struct err *) MUST_CHECK;

struct sweep_comparison {
	int64_t key_id;
	const struct store_sweep *with;
	int64_t last; /* out: id of LAST, 0: none */
	bool same;    /* out: it says the same as with, but for times */
};
int store_sweep_compare(struct store *, struct sweep_comparison *, struct err *) MUST_CHECK;

#endif
