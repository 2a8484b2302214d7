/* SPDX-License-Identifier: ISC */
/* change.h - the shape of a verb that changes something about a domain: looked at and changed in one
 * transaction; then it says what was done and what comes next.  With --dry-run the transaction is taken back.
 *
 *	static int apply(struct operation *op, struct buf *said, struct err *err);
 *	...
 *	return change_domain(cli, apply, err);
 *
 * Threads: one verb, one thread. */
#ifndef SIGNPOST_SIGNPOST_CHANGE_H
#define SIGNPOST_SIGNPOST_CHANGE_H

#include "signpost/operation.h"

/* In the transaction; op was loaded in it.  Nothing to be done is 0, with a word about it in `said`. */
typedef int change_fn(struct operation *, struct buf *said, struct err *);

/* Returns an exit code, or -1. */
int change_domain(const struct cli *, change_fn *apply, struct err *) MUST_CHECK;
/* The same for the whole store: op has no domain. */
int change_store(const struct cli *, change_fn *apply, struct err *) MUST_CHECK;

/* ERR_INPUT when the domain is being removed. */
int change_refuse_removed(const struct operation *, struct err *) MUST_CHECK;

#endif
