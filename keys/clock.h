/* SPDX-License-Identifier: ISC */
/* clock.h - may the clock be believed, and how much time has surely passed (K18).
 *
 * Within a boot two clocks must agree; across boots real time counts only when something else says the same.  While the
 * clock is not trusted nothing is recorded: no fact, and none of the numbers below, so that it is trusted again as soon
 * as it is right again.
 *
 *	clock_read(&reading);
 *	clock_judge(&memory, &reading, tolerance_s, &verdict);
 *	if (!verdict.trusted) ... verdict.why
 *
 * Threads: reentrant; clock_memory_* belong to the store: one store, one thread. */
#ifndef SIGNPOST_KEYS_CLOCK_H
#define SIGNPOST_KEYS_CLOCK_H

#include "keys/store.h"

#define CLOCK_WHY_LEN 320

struct clock_reading {
	int64_t real_s;	     /* Unix seconds */
	int64_t boot_s;	     /* since boot, sleep included */
	int64_t boot_id;     /* of the kernel's, a number; 0: unknown */
	bool synchronised;   /* the kernel says that something keeps it right */
};

/* What was last trusted; NEVER at first. */
struct clock_memory {
	int64_t real_s, boot_s, boot_id;
	int64_t trusted_s; /* counted since the store was made */
	int64_t synchronised; /* 0: nothing kept the clock right then; NEVER: not known */
	/* a server's time that came authenticated (TSIG), and when that was since boot; NEVER */
	int64_t server_s, server_boot_s, server_boot_id;
};

struct clock_verdict {
	bool trusted;
	bool warns;		   /* trusted, but why says what is wanting */
	char why[CLOCK_WHY_LEN];   /* "" */
	struct clock_memory after; /* to be kept when it is trusted */
};

void clock_memory_init(struct clock_memory *);
void clock_read(struct clock_reading *);
/* Pure. */
void clock_judge(const struct clock_memory *, const struct clock_reading *, int64_t tolerance_s,
    struct clock_verdict *out);
/* `clock --accept`: what the clock says now is right; what a server said is forgotten.  Pure. */
void clock_accept(struct clock_memory *, const struct clock_reading *);
/* A server's authenticated time, that came at our_time.  Pure. */
void clock_hear(struct clock_memory *, const struct clock_reading *, int64_t server_s, int64_t our_time);

int clock_memory_get(struct store *, struct clock_memory *, struct err *) MUST_CHECK;
int clock_memory_put(struct store *, const struct clock_memory *, struct err *) MUST_CHECK;

#endif
