/* SPDX-License-Identifier: ISC */
/* signals.h - what signals mean to the daemon: TERM and INT stop it, USR1 asks for its counters, HUP means
 * nothing (there is nothing to reload), PIPE neither.
 *
 * libmilter waits for HUP, TERM and INT in a thread of its own and takes them as stop.  So they stay
 * open in the main thread alone, to which the kernel then gives them: HUP is ignored there, which
 * discards it before any thread can take it, the others have handlers.  Every other thread,
 * libmilter's included, inherits a mask that blocks them.
 *
 * Threads: the main thread, but for signals_stop. */
#ifndef SIGNPOST_MILTER_SIGNALS_H
#define SIGNPOST_MILTER_SIGNALS_H

#include "base/err.h"

enum signals_event { SIGNALS_STOP, SIGNALS_COUNTERS };

/* From the main thread, before any other: handlers are set, the signals blocked. */
int signals_init(struct err *) MUST_CHECK;
/* From the main thread, when the others have been started. */
int signals_open(struct err *) MUST_CHECK;
/* From the main thread: sleeps until there is something to do; a stop comes first. */
enum signals_event signals_wait(void);
/* From any thread: as if TERM had come. */
void signals_stop(void);

#endif
