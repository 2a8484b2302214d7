/* SPDX-License-Identifier: ISC */
/* looks.h - what one more sweep adds to what was seen of a key's name: pairs that prove, contradictions, records that
 * are gone (K11, K14, K16, K24).  Pure.
 *
 *	looks_begin(&looks);				nothing was seen yet, or something else is expected now
 *	looks_add(&looks, &(struct looks_sweep){...});
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_LOOKS_H
#define SIGNPOST_KEYS_LOOKS_H

#include "keys/schedule.h"
#include "keys/sweep.h"

struct looks_sweep {
	const struct sweep *sweep; /* only its times count when failed */
	bool failed;		   /* it could not be carried out: says nothing but that it was tried */
	bool passed;		   /* sweep_passes */
	bool may_prove;		   /* asked as often as a proof wants */
	const struct sweep *first; /* of the pair that is begun; NULL */
	bool untrusted;		   /* the clock was not trusted: its times mean nothing later */
	bool new_servers;	   /* the zone is served by others than before (K2) */
	bool contradicts, differs; /* as of sweep_verdict.h */
	int64_t apart_s;	   /* the two of a pair are at least so far from each other */
};

/* K4: the longest that a denial may have been kept: the highest that was seen within max(itself, 1 d), which is counted
 * from the first look that found less. */
struct looks_negative {
	int64_t max_s, lower_since; /* NEVER */
};
/* True: it is another now, and is to be kept. */
bool looks_negative(struct looks_negative *, int64_t measured_s, int64_t now, bool untrusted);

void looks_begin(struct schedule_looks *);
void looks_add(struct schedule_looks *, const struct looks_sweep *);

#endif
