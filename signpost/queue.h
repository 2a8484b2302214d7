/* SPDX-License-Identifier: ISC */
/* queue.h - how old the oldest message in Postfix's queue is (K8): what an old key signed may still wait there.
 *
 * Threads: reentrant; starts a process and waits for it. */
#ifndef SIGNPOST_SIGNPOST_QUEUE_H
#define SIGNPOST_SIGNPOST_QUEUE_H

#include "signpost/config.h"

/* Asks postqueue(1) of each instance.  *oldest: arrival, Unix seconds; NEVER: no message waits, or this host has no
 * postqueue (a path that is configured is to be there).  -1 (ERR_IO, ERR_LIMIT): it is there and does not tell. */
int queue_ask(const struct keeper_conf *, int64_t *oldest, struct err *) MUST_CHECK;
/* One JSON object a line, as `postqueue -j` prints them.  Pure.  ERR_INPUT: a line is none. */
int queue_parse(struct slice text, int64_t *oldest, struct err *) MUST_CHECK;

#endif
