/* SPDX-License-Identifier: ISC */
/* status_rebuild.h - a domain of the status file as an observation again, as far as `check` needs it: which keys there
 * are, where their records stand, and what these are to be.
 *
 * Threads: one value, one thread. */
#ifndef SIGNPOST_SIGNPOST_STATUS_REBUILD_H
#define SIGNPOST_SIGNPOST_STATUS_REBUILD_H

#include "signpost/status.h"

/* Of one domain.  Lies still from status_rebuild on: the observation points into it. */
struct status_rebuilt {
	struct observation o;
	struct key_policy policy;
	json_t *domain; /* what the policy's and deeds' words are borrowed from */
};

/* ERR_INPUT: the object is no domain's.  Undo with status_rebuilt_deinit in any case. */
int status_rebuild(struct status_rebuilt *, json_t *domain, const struct config *, struct err *) MUST_CHECK;
void status_rebuilt_deinit(struct status_rebuilt *);

#endif
