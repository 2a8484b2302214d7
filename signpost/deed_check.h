/* SPDX-License-Identifier: ISC */
/* deed_check.h - a deed rests on what the store says now, not on what it said when the pass loaded the
 * domain: `compromise`, `hold`, `remove` and `add` do not wait for a pass.
 *
 *	if (deed_begin(e, err) != 0)		store_begin, and the scheduler still gives this step
 *		return -1;
 *	rc = store_fact_put(...);
 *	return store_end(store, rc, err);
 *
 * Threads: one pass, one thread. */
#ifndef SIGNPOST_SIGNPOST_DEED_CHECK_H
#define SIGNPOST_SIGNPOST_DEED_CHECK_H

#include "signpost/pass_private.h"

/* ERR_BUSY, and e->share->overtaken is set: somebody else changed the domain, and the step is not given any more; the
 * transaction is over.  What is left to be done for the domain is the next pass's. */
int deed_begin(const struct errand *, struct err *) MUST_CHECK;

#endif
