/* SPDX-License-Identifier: ISC */
/* dry_run.h - what the next pass would send to publishers for one domain: nothing is sent, and nothing is kept.
 *
 * A verb does what it does in a transaction, asks for this, and takes the transaction back:
 *
 *	store_begin(op.store, err); mark(); dry_run_put(&op, &out, err); store_end(op.store, -1, &ignored);
 *
 * Threads: one operation, one thread; may ask DNS for the domain's zone. */
#ifndef SIGNPOST_SIGNPOST_DRY_RUN_H
#define SIGNPOST_SIGNPOST_DRY_RUN_H

#include "signpost/operation.h"

/* Loads the domain again. */
int dry_run_put(struct operation *, struct buf *out, struct err *) MUST_CHECK;
/* Each step of the loaded domain that is due, and what would be sent for it; *due counts them on.  What cannot be told
 * is said in their place. */
int dry_run_put_due(const struct operation *, struct buf *out, size_t *due, struct err *) MUST_CHECK;

#endif
