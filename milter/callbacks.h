/* SPDX-License-Identifier: ISC */
/* callbacks.h - between libmilter and session.h, and the only file that knows libmilter.
 *
 * libmilter runs the callbacks of one connection on different threads, one after the other, and begins
 * them at any point: also a close without a connect.  State hangs on smfi_setpriv alone.
 *
 * Threads: callbacks_setup before the threads, callbacks_run in one of its own, the rest from any. */
#ifndef SIGNPOST_MILTER_CALLBACKS_H
#define SIGNPOST_MILTER_CALLBACKS_H

#include "milter/session.h"

/* Hands the listening descriptor to libmilter; all arguments are borrowed until the process ends. */
int callbacks_setup(int listen_fd, struct keyring *, struct counters *, struct err *) MUST_CHECK;
/* libmilter's loop; comes back only when libmilter gives up. */
void callbacks_run(void);
/* No callback begins after this.  The process must end soon: threads of libmilter are held for good. */
void callbacks_stop(void);
/* Callbacks that run now. */
unsigned callbacks_running(void);

#endif
