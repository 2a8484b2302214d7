/* SPDX-License-Identifier: ISC */
/* json_out.h - what a verb prints as JSON, a line's end behind it.
 *
 * Threads: one value, one thread: jansson counts references. */
#ifndef SIGNPOST_SIGNPOST_JSON_OUT_H
#define SIGNPOST_SIGNPOST_JSON_OUT_H

#include "base/buf.h"

#include <jansson.h>

/* For people who look at it. */
#define JSON_AS_MADE   JSON_INDENT(2)
#define JSON_BY_NAME   (JSON_INDENT(2) | JSON_SORT_KEYS)

/* Both take the value.  NULL: out of memory, unless err tells another reason already. */
int json_put(json_t *, size_t flags, struct buf *out, struct err *) MUST_CHECK;
int json_print(json_t *, size_t flags, struct err *) MUST_CHECK; /* on standard output */

#endif
