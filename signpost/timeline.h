/* SPDX-License-Identifier: ISC */
/* timeline.h - a forecast as a picture for the terminal: a line for each key, a column for each stretch of time.
 *
 *	                      Nov        Dec        Jan        Feb
 *	sp26q4-h2cd7xqa rsa   ████████████▒▒▒░░
 *
 * Pure but for the local time zone.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_TIMELINE_H
#define SIGNPOST_SIGNPOST_TIMELINE_H

#include "base/buf.h"
#include "keys/forecast.h"

#define TIMELINE_WIDTH	   80
#define TIMELINE_WIDTH_MIN 48
#define TIMELINE_WIDTH_MAX 400

struct timeline {
	const struct forecast *f;
	int64_t from, until;
	unsigned width; /* columns of the terminal */
	bool utf8, color;
};

void timeline_put(const struct timeline *, struct buf *out);

#endif
