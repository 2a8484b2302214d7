/* SPDX-License-Identifier: ISC */
/* signals.h - what signals mean to the daemon: TERM and INT stop it, USR1 asks for its counters, HUP means
 * nothing (there is nothing to reload), PIPE neither.
 *
 * HUP and PIPE are ignored.  The others are blocked in every thread and wait for signals_wait: no handler runs.
 *
 * Threads: the main thread, but for signals_stop. */
#ifndef SIGNPOST_MILTER_SIGNALS_H
#define SIGNPOST_MILTER_SIGNALS_H

#include "base/err.h"

enum signals_event { SIGNALS_STOP, SIGNALS_COUNTERS };

/* From the main thread, before any other: they inherit the mask. */
int signals_init(struct err *) MUST_CHECK;
/* From the main thread: sleeps until there is something to do; a stop comes first. */
enum signals_event signals_wait(void);
/* From any thread: as if TERM had come. */
void signals_stop(void);

#endif
