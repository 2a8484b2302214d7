/* SPDX-License-Identifier: ISC */
/* process.h - the daemon as a process: its descriptors, limits and user, and its word to the service manager.
 *
 * Threads: before the threads, but for process_notify. */
#ifndef SIGNPOST_MILTER_PROCESS_H
#define SIGNPOST_MILTER_PROCESS_H

#include "base/err.h"

/* Closed descriptors 0 to 2 become /dev/null, so that no socket takes their number. */
int process_fill_std_fds(struct err *) MUST_CHECK;
/* No core dump and no ptrace by others (keys are in memory), as many descriptors as allowed, few malloc arenas. */
int process_harden(struct err *) MUST_CHECK;
/* For good: user, its group and its supplementary groups.  Nothing to do when we are that user already. */
int process_become(const char *user, struct err *) MUST_CHECK;
/* "READY=1", "STOPPING=1" to $NOTIFY_SOCKET; nothing when there is none. */
void process_notify(const char *state);

#endif
