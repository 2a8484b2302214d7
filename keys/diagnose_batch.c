/* SPDX-License-Identifier: ISC */
/* Many diagnoses beside each other: they mostly wait. */
#include "keys/diagnose_ask.h"
#include "keys/zone_cache.h"

#include <pthread.h>
#include <stdlib.h>

#define CACHE_AGE_MS 60000
#define AHEAD	     64 /* of the one that is shown next: bounds what lies ready in memory */

struct batch {
	const struct dns_conf *conf;
	const struct diagnose_subject *subjects;
	size_t count, next, running, taken;
	struct zone_cache *cache;
	pthread_mutex_t lock;
	pthread_cond_t ended, room;
	struct seen **done; /* by index, until taken */
	bool *is_done;
};

static struct seen *
collect(struct batch *b, size_t i)
{
	struct err err = ERR_INIT;
	struct dns_asker *asker = calloc(1, sizeof(*asker));
	struct seen *seen = asker == NULL ? NULL : seen_new();
	if (seen == NULL) {
		free(asker);
		return NULL;
	}
	dns_asker_init(asker, b->conf);
	asker->cache = b->cache;
	asker->cache_age_ms = CACHE_AGE_MS;
	if (diagnose_collect(asker, &b->subjects[i], seen, &err) != 0) {
		seen->swept = false;
		seen->why = err;
	}
	free(asker);
	return seen;
}

static void *
work(void *arg)
{
	struct batch *b = arg;
	pthread_mutex_lock(&b->lock);
	while (b->next < b->count) {
		if (b->next >= b->taken + AHEAD) {
			pthread_cond_wait(&b->room, &b->lock);
			continue;
		}
		size_t i = b->next++;
		pthread_mutex_unlock(&b->lock);
		struct seen *seen = collect(b, i);
		pthread_mutex_lock(&b->lock);
		b->done[i] = seen;
		b->is_done[i] = true;
		pthread_cond_signal(&b->ended);
	}
	b->running--;
	pthread_cond_signal(&b->ended);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* In their order: one that waits for a slow server holds up what is shown, not what is asked. */
static void
take_all(struct batch *b, diagnose_take_fn *take, void *arg)
{
	for (size_t i = 0; i < b->count; i++) {
		pthread_mutex_lock(&b->lock);
		while (!b->is_done[i] && b->running > 0)
			pthread_cond_wait(&b->ended, &b->lock);
		struct seen *seen = b->done[i];
		b->done[i] = NULL;
		b->taken = i + 1;
		pthread_cond_broadcast(&b->room);
		pthread_mutex_unlock(&b->lock);
		take(arg, i, seen);
		seen_free(seen);
	}
}

int
diagnose_ask(const struct dns_conf *conf, const struct diagnose_subject *subjects, size_t count,
    diagnose_take_fn *take, void *arg)
{
	pthread_t threads[DIAGNOSE_THREADS];
	size_t started = 0;
	struct batch b = {
	    .conf = conf, .subjects = subjects, .count = count, .cache = zone_cache_new()};
	b.done = calloc(count + 1, sizeof(struct seen *));
	b.is_done = calloc(count + 1, sizeof(bool));
	bool ready = b.done != NULL && b.is_done != NULL;
	(void)pthread_mutex_init(&b.lock, NULL);
	(void)pthread_cond_init(&b.ended, NULL);
	(void)pthread_cond_init(&b.room, NULL);
	pthread_mutex_lock(&b.lock);
	while (ready && started < DIAGNOSE_THREADS && started < count &&
	       pthread_create(&threads[started], NULL, work, &b) == 0)
		b.running = ++started;
	pthread_mutex_unlock(&b.lock);
	ready = ready && (started > 0 || count == 0);
	if (ready)
		take_all(&b, take, arg);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	zone_cache_free(b.cache);
	(void)pthread_mutex_destroy(&b.lock);
	(void)pthread_cond_destroy(&b.ended);
	(void)pthread_cond_destroy(&b.room);
	free(b.done);
	free(b.is_done);
	return ready ? 0 : -1;
}
