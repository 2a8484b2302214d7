/* SPDX-License-Identifier: ISC */
/* ticks.h - the axis of a timeline: round times of the local clock, as many as there is room for.
 *
 *	struct tick ticks[TICKS_MAX];
 *	size_t count = ticks_make(&(struct tick_span){from, until, .most = 8}, ticks);
 *
 * Threads: localtime_r(3)'s. */
#ifndef SIGNPOST_SIGNPOST_TICKS_H
#define SIGNPOST_SIGNPOST_TICKS_H

#include <stddef.h>
#include <stdint.h>

#define TICKS_MAX      64
#define TICK_LABEL_LEN 16

struct tick {
	int64_t at;
	char label[TICK_LABEL_LEN]; /* "14:00", " 3 Nov", "Nov", "Nov 2026", "2026" */
};
struct tick_span {
	int64_t from, until;
	double most; /* so many at the widest */
};

/* The first lies at from or before it: what the picture begins in. */
size_t ticks_make(const struct tick_span *, struct tick out[static TICKS_MAX]);

#endif
