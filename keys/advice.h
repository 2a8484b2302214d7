/* SPDX-License-Identifier: ISC */
/* advice.h - what a person is told in the same words everywhere.  Pure text.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_ADVICE_H
#define SIGNPOST_KEYS_ADVICE_H

#include "base/buf.h"

/* "3600" stays a number; for people: "1 h", "25 min", "12 d". */
void advice_duration(int64_t seconds, struct buf *out);

#endif
