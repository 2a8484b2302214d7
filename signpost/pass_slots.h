/* SPDX-License-Identifier: ISC */
/* pass_slots.h - the CNAMEs of slots that hold no key: the next key comes there.
 *
 * Threads: one pass, one thread. */
#ifndef SIGNPOST_SIGNPOST_PASS_SLOTS_H
#define SIGNPOST_SIGNPOST_PASS_SLOTS_H

#include "signpost/pass_private.h"

/* Looks at those that are due, of all shares; what was found is on disk, of each slot for itself. */
int pass_slots(struct pass *, struct share *, size_t count, struct err *) MUST_CHECK;
/* When the first of the domain's is due; NEVER: none is watched. */
int64_t pass_slots_next(const struct share *);

#endif
