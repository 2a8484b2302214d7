/* SPDX-License-Identifier: ISC */
/* theft.h - what `compromise` does: the keys are marked, and where a proven one that was not stolen stands
 * by, it signs at once
 * (K12, K29).  Needs the store's lock alone, never that of a pass: each deed of a pass is decided anew in its own
 * transaction (deed_check.h), and the table is written by whoever comes last (compile.h).
 *
 * Threads: one verb, one thread. */
#ifndef SIGNPOST_SIGNPOST_THEFT_H
#define SIGNPOST_SIGNPOST_THEFT_H

#include "signpost/operation.h"

struct theft {
	struct operation *op; /* of the one domain, or of the store */
	const char *selector; /* NULL: every key that was generated before `before` */
	int64_t before;
	bool stop_now;
	bool dry;	      /* inside a transaction that is taken back: nothing leaves it */
	/* out */
	size_t marked, known; /* keys; known: marked before */
	size_t switched, stopped, going_on; /* domains */
	struct buf said;      /* a line for each domain whose stolen key signed; the caller's */
};

/* Marks, in one transaction. */
int theft_mark(struct theft *, struct err *) MUST_CHECK;
/* Switches, domain by domain; the table after that. */
int theft_answer(struct theft *, struct err *) MUST_CHECK;

#endif
