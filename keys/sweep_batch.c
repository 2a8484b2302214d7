/* SPDX-License-Identifier: ISC */
#include "keys/sweep_batch.h"

#include "keys/sweep_run.h"
#include "keys/zone_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define WATCH_AGE_MS 600000 /* of look-ups that a watch takes over from others of its pass */
#define PROOF_AGE_MS 60000  /* and a sweep that permits a step */

/* A thread, and the room for its sweep. */
struct worker {
	struct sweep_batch *batch;
	pthread_t thread;
	bool is_done; /* its result waits for the caller's thread */
	struct sweep_result result;
};

struct sweep_batch {
	struct dns_asker template; /* with the resolvers as they were read once */
	struct zone_cache *cache;
	pthread_mutex_t lock;
	pthread_cond_t ended, room;
	const struct sweep_question *questions;
	size_t *order;
	size_t count, next;
	struct worker workers[SWEEP_BATCH_THREADS];
};

int
sweep_batch_new(const struct dns_conf *conf, struct sweep_batch **out, struct err *err)
{
	struct sweep_batch *b = calloc(1, sizeof(*b));
	if (b == NULL)
		return err_nomem(err);
	b->cache = zone_cache_new();
	if (b->cache == NULL) {
		free(b);
		return err_nomem(err);
	}
	dns_asker_init(&b->template, conf);
	b->template.cache = b->cache;
	b->template.in_a_hurry = true;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->ended, NULL);
	pthread_cond_init(&b->room, NULL);
	*out = b;
	return 0;
}

void
sweep_batch_free(struct sweep_batch *b)
{
	if (b == NULL)
		return;
	zone_cache_free(b->cache);
	pthread_cond_destroy(&b->room);
	pthread_cond_destroy(&b->ended);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static void
sweep_one(const struct sweep_batch *b, size_t index, struct sweep_result *out)
{
	struct dns_asker a = b->template;
	struct sweep_question q = b->questions[index];
	a.cache_age_ms = q.queries == 1 ? WATCH_AGE_MS : PROOF_AGE_MS;
	if (q.now == 0)
		q.now = (int64_t)time(NULL);
	out->index = index;
	out->why = (struct err)ERR_INIT;
	out->rc = sweep_run_with(&a, &q, &out->sweep, &out->why);
}

/* Takes the next question; false: there is none left. */
static bool
next_question(struct sweep_batch *b, size_t *index)
{
	pthread_mutex_lock(&b->lock);
	bool more = b->next < b->count;
	if (more)
		*index = b->order == NULL ? b->next : b->order[b->next];
	b->next += more;
	pthread_mutex_unlock(&b->lock);
	return more;
}

/* Leaves the result for the caller's thread, and waits until it has been taken. */
static void
hand_over(struct worker *w)
{
	struct sweep_batch *b = w->batch;
	pthread_mutex_lock(&b->lock);
	w->is_done = true;
	pthread_cond_signal(&b->ended);
	while (w->is_done)
		pthread_cond_wait(&b->room, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	size_t index;
	while (next_question(w->batch, &index)) {
		sweep_one(w->batch, index, &w->result);
		hand_over(w);
	}
	return NULL;
}

/* Fisher and Yates; without memory they go in their own order. */
static size_t *
random_order(size_t count)
{
	size_t *order = count > 0 ? calloc(count, sizeof(*order)) : NULL;
	for (size_t i = 0; order != NULL && i < count; i++)
		order[i] = i;
	for (size_t i = count; order != NULL && i > 1; i--) {
		uint64_t r = 0;
		if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
			break;
		size_t j = (size_t)(r % i), kept = order[i - 1];
		order[i - 1] = order[j];
		order[j] = kept;
	}
	return order;
}

static struct worker *
find_done(struct sweep_batch *b)
{
	for (size_t i = 0; i < SWEEP_BATCH_THREADS; i++)
		if (b->workers[i].is_done)
			return &b->workers[i];
	return NULL;
}

/* One result after another, as they come; the lock is free while it is taken. */
static void
take_results(struct sweep_batch *b, sweep_take_fn *take, void *arg)
{
	pthread_mutex_lock(&b->lock);
	for (size_t taken = 0; taken < b->count; taken++) {
		struct worker *w;
		while ((w = find_done(b)) == NULL)
			pthread_cond_wait(&b->ended, &b->lock);
		pthread_mutex_unlock(&b->lock);
		take(arg, &w->result);
		pthread_mutex_lock(&b->lock);
		w->is_done = false;
		pthread_cond_broadcast(&b->room);
	}
	pthread_mutex_unlock(&b->lock);
}

/* No thread can be started: the caller's does it. */
static void
work_alone(struct sweep_batch *b, sweep_take_fn *take, void *arg)
{
	struct sweep_result *result = &b->workers[0].result;
	size_t index;
	while (next_question(b, &index)) {
		sweep_one(b, index, result);
		take(arg, result);
	}
}

void
sweep_batch_run(struct sweep_batch *b, const struct sweep_question *questions, size_t count,
    sweep_take_fn *take, void *arg)
{
	size_t started = 0;
	b->questions = questions;
	b->order = random_order(count);
	b->count = count;
	b->next = 0;
	while (started < SWEEP_BATCH_THREADS && started < count) {
		struct worker *w = &b->workers[started];
		w->batch = b;
		w->is_done = false;
		if (pthread_create(&w->thread, NULL, work, w) != 0)
			break;
		started++;
	}
	if (started > 0)
		take_results(b, take, arg);
	else
		work_alone(b, take, arg);
	for (size_t i = 0; i < started; i++)
		pthread_join(b->workers[i].thread, NULL);
	free(b->order);
	b->order = NULL;
}
