/* SPDX-License-Identifier: ISC */
/* engine.h - serves the MTA's connections: each by a thread of its own, which waits in recv(2).
 *
 * So nobody waits for another's message but for the processor, which the kernel shares out, and a peer that is slow,
 * silent or hostile holds up itself alone.  Whoever waits in accept(2) takes the next connection and, when nobody else
 * waits there, first starts a thread that does; one that has served waits there again.  With no descriptor or thread
 * left, new connections wait in the socket's queue until another ends, and the log says so once a minute.
 *
 * Memory of a connection: its thread's stack, with a small buffer in it; 32 KB more while a message is larger than
 * that; what connection.h says.
 *
 * Threads: engine_start once, before there are others; the rest from any. */
#ifndef SIGNPOST_MILTER_ENGINE_H
#define SIGNPOST_MILTER_ENGINE_H

#include "milter/session.h"

#include <stdbool.h>

/* Arguments are borrowed until the process ends.  Returns when the first thread waits for connections. */
int engine_start(int listen_fd, struct keyring *, struct counters *, struct err *) MUST_CHECK;
/* No command begins after this.  The process must end soon. */
void engine_stop(void);
/* Threads that work on a command or send its answer, rather than wait for the MTA. */
unsigned engine_running(void);
/* The listening socket is of no more use, and signals_stop() was called. */
bool engine_has_failed(void);

#endif
