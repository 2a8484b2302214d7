/* SPDX-License-Identifier: ISC */
#include "signpost/key_stock.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct key_stock {
	pthread_mutex_t lock;
	pthread_cond_t taken, made;
	pthread_t threads[KEY_STOCK_THREADS_MAX];
	size_t thread_count;
	struct dkim_key *keys[KEY_STOCK_AHEAD + 1]; /* one that was put back, too */
	size_t count;
	size_t to_begin; /* keys that nobody makes yet */
	size_t making;
	unsigned bits;
	bool ends, failed;
};

static bool
may_begin(struct key_stock *s)
{
	while (!s->ends && !s->failed && s->to_begin > 0 && s->count + s->making >= KEY_STOCK_AHEAD)
		pthread_cond_wait(&s->taken, &s->lock);
	return !s->ends && !s->failed && s->to_begin > 0;
}

static void *
make_keys(void *arg)
{
	struct key_stock *s = arg;

	pthread_mutex_lock(&s->lock);
	while (may_begin(s)) {
		struct dkim_key *key = NULL;
		struct err ignored = ERR_INIT; /* who takes none makes one, and hears of it */
		s->to_begin--;
		s->making++;
		pthread_mutex_unlock(&s->lock);
		int rc = dkim_key_generate(KEY_RSA_SHA256, s->bits, &key, &ignored);
		pthread_mutex_lock(&s->lock);
		s->making--;
		if (rc == 0)
			s->keys[s->count++] = key;
		s->failed = s->failed || rc != 0;
		pthread_cond_broadcast(&s->made);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct key_stock *
key_stock_new(unsigned bits, size_t wanted, struct err *err)
{
	struct key_stock *s = calloc(1, sizeof(*s));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = processors < 1 ? 1 : (size_t)processors;

	if (s == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	s->bits = bits;
	s->to_begin = wanted;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->taken, NULL);
	pthread_cond_init(&s->made, NULL);
	threads = threads > KEY_STOCK_THREADS_MAX ? KEY_STOCK_THREADS_MAX : threads;
	for (size_t i = 0; i < threads && i < wanted; i++) {
		if (pthread_create(&s->threads[s->thread_count], NULL, make_keys, s) == 0)
			s->thread_count++;
	}
	if (s->thread_count > 0 || wanted == 0)
		return s;
	(void)err_set(err, ERR_IO, "no thread can be started");
	key_stock_free(s);
	return NULL;
}

struct dkim_key *
key_stock_take(struct key_stock *s)
{
	struct dkim_key *key = NULL;

	if (s == NULL)
		return NULL;
	pthread_mutex_lock(&s->lock);
	while (s->count == 0 && !s->failed && s->making + s->to_begin > 0)
		pthread_cond_wait(&s->made, &s->lock);
	if (s->count > 0)
		key = s->keys[--s->count];
	pthread_cond_broadcast(&s->taken);
	pthread_mutex_unlock(&s->lock);
	return key;
}

void
key_stock_put_back(struct key_stock *s, struct dkim_key *key)
{
	if (key == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	if (s->count + s->making <= KEY_STOCK_AHEAD) {
		s->keys[s->count++] = key;
		key = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	dkim_key_free(key);
}

void
key_stock_free(struct key_stock *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->ends = true;
	pthread_cond_broadcast(&s->taken);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->thread_count; i++)
		pthread_join(s->threads[i], NULL);
	for (size_t i = 0; i < s->count; i++)
		dkim_key_free(s->keys[i]);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->taken);
	pthread_cond_destroy(&s->made);
	free(s);
}
