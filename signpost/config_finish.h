/* SPDX-License-Identifier: ISC */
/* config_finish.h - the last part of reading signpost.conf: makes every choice definite that the file left open, and
 * holds the options of different sections against each other.  Pure.
 *
 * Threads: reentrant; the config is the caller's. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_FINISH_H
#define SIGNPOST_SIGNPOST_CONFIG_FINISH_H

#include "keys/schedule.h"
#include "signpost/config.h"
#include "signpost/options.h"
#include "signpost/postfix.h"

/* Where the fault is, for its line. */
struct config_fault {
	enum section section;
	const char *title; /* borrowed from the config; NULL: the section has none */
};

/* Some policy leaves its queue_lifetime to Postfix. */
bool config_wants_queue(const struct config *);
/* Sets config->written, and config->policies from it.  ERR_CONFIG without file and line: fault tells where. */
int config_finish(struct config *, const struct postfix_queue *, struct config_fault *,
    struct err *) MUST_CHECK;
/* What the scheduler is told of times, the same for every policy. */
void config_schedule_times(const struct config *, struct schedule_times *);

#endif
