/* SPDX-License-Identifier: ISC */
/* when.h - times as people read and write them: local, and no longer than needed.  JSON has UTC (status_json.h).
 *
 *	when_put(&out, at, now);	"14:02:05", "19 Feb 13:00", "19 Feb 2028"
 *	when_parse("2026-11-01T12:00Z", now, &at, err)
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_WHEN_H
#define SIGNPOST_SIGNPOST_WHEN_H

#include "base/buf.h"

#include <stdint.h>

/* NEVER: "-".  To the second within ten minutes, without a date within the day. */
void when_put(struct buf *, int64_t at, int64_t now);
/* "2026-11-22 04:35:14 CET" */
void when_put_full(struct buf *, int64_t at);
/* With the distance: "19 Feb 13:00 (in 78 d)", "14:02:05 (3 min ago)", "now". */
void when_put_far(struct buf *, int64_t at, int64_t now);
/* "2026-11-01", "2026-11-01T12:00", "2026-11-01T12:00:00", each with Z for UTC, else local; "@1793620000"; "7d" is so
 * long ago.  ERR_USAGE. */
int when_parse(const char *, int64_t now, int64_t *at, struct err *) MUST_CHECK;
/* "200d", "36h", "1y".  ERR_USAGE. */
int span_parse(const char *, int64_t *seconds, struct err *) MUST_CHECK;

#endif
