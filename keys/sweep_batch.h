/* SPDX-License-Identifier: ISC */
/* sweep_batch.h - many sweeps beside each other: ten thousand domains in one pass.
 *
 * Zones, their servers and DS sets are looked up once and remembered while the batch lives; each server address gets
 * at most conf's queries_per_second of the whole process, and one that is silent time and again is not waited
 * for by every sweep.  Questions are put in random order.
 *
 *	struct sweep_batch *batch;
 *	if (sweep_batch_new(conf, &batch, &err) != 0) ...
 *	sweep_batch_run(batch, questions, count, take, &pass);	calls take(&pass, &result) for each
 *	sweep_batch_free(batch);
 *
 * Threads: one batch, one thread; it starts SWEEP_BATCH_THREADS of its own for a run and ends them. */
#ifndef SIGNPOST_KEYS_SWEEP_BATCH_H
#define SIGNPOST_KEYS_SWEEP_BATCH_H

#include "keys/sweep.h"

#define SWEEP_BATCH_THREADS 8

struct sweep_batch;

struct sweep_result {
	size_t index; /* of the question */
	int rc;	      /* as of sweep_run */
	struct err why;
	struct sweep sweep;
};
/* In the caller's thread, in the order in which they end; the result is borrowed for the call. */
typedef void sweep_take_fn(void *arg, const struct sweep_result *);

/* conf is borrowed until the end. */
int sweep_batch_new(const struct dns_conf *, struct sweep_batch **out, struct err *) MUST_CHECK;
void sweep_batch_free(struct sweep_batch *); /* NULL is fine */
/* Questions whose `now` is 0 get the time at which their turn comes.  Returns when all were taken. */
void sweep_batch_run(
    struct sweep_batch *, const struct sweep_question *, size_t count, sweep_take_fn *take, void *arg);

#endif
