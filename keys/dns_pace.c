/* SPDX-License-Identifier: ISC */
#include "keys/dns_pace.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS	  4096 /* a power of two */
#define FORGET_MS 1000
#define PACES_MAX                                                                                  \
	65536 /* addresses that are remembered; then those that wait for nothing are forgotten */
#define SECOND_US 1000000
#define MS_US	  1000

struct pace {
	struct pace *next;
	struct dns_endpoint server;
	int64_t free_at_us;
	unsigned silences;
	int64_t rests_until_ms;
};

static struct {
	pthread_mutex_t lock;
	struct pace *buckets[BUCKETS];
	size_t count;
	int64_t forgot_ms; /* when the idle were looked for: not for every question again */
	struct pace spare; /* without room or memory: all others share a pace */
} paces = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t
bucket_of(const struct dns_endpoint *e)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < sizeof(e->addr.octet); i++)
		h = (h ^ e->addr.octet[i]) * 16777619u;
	h = (h ^ e->port) * 16777619u;
	return (h ^ h >> 16) & (BUCKETS - 1);
}

static bool
is_idle(const struct pace *p, int64_t now_ms)
{
	return p->free_at_us <= now_ms * MS_US && p->silences == 0;
}

static void
forget_idle(int64_t now_ms)
{
	for (size_t b = 0; b < BUCKETS; b++) {
		struct pace **at = &paces.buckets[b];
		while (*at != NULL) {
			struct pace *p = *at;
			if (!is_idle(p, now_ms)) {
				at = &p->next;
				continue;
			}
			*at = p->next;
			free(p);
			paces.count--;
		}
	}
}

static struct pace *
pace_of(const struct dns_endpoint *server, int64_t now_ms)
{
	struct pace **bucket = &paces.buckets[bucket_of(server)];
	for (struct pace *p = *bucket; p != NULL; p = p->next)
		if (p->server.port == server->port && ip_addr_eq(&p->server.addr, &server->addr))
			return p;
	if (paces.count >= PACES_MAX && now_ms - paces.forgot_ms >= FORGET_MS) {
		paces.forgot_ms = now_ms;
		forget_idle(now_ms);
	}
	struct pace *p = paces.count < PACES_MAX ? calloc(1, sizeof(*p)) : NULL;
	if (p == NULL)
		return &paces.spare;
	p->server = *server;
	p->next = *bucket;
	*bucket = p;
	paces.count++;
	return p;
}

int64_t
dns_pace_reserve(const struct dns_endpoint *server, uint32_t queries_per_second, int64_t now_ms)
{
	uint32_t rate = queries_per_second > 0 ? queries_per_second : DNS_QUERIES_PER_SECOND;
	int64_t now_us = now_ms * MS_US;
	pthread_mutex_lock(&paces.lock);
	struct pace *p = pace_of(server, now_ms);
	int64_t turn_us = p->free_at_us > now_us ? p->free_at_us : now_us;
	p->free_at_us = turn_us + (SECOND_US + rate - 1) / rate;
	pthread_mutex_unlock(&paces.lock);
	return (turn_us + MS_US - 1) / MS_US;
}

void
dns_pace_note(const struct dns_endpoint *server, bool answered, int64_t now_ms)
{
	pthread_mutex_lock(&paces.lock);
	struct pace *p = pace_of(server, now_ms);
	if (p != &paces.spare) {
		p->silences = answered ? 0 : p->silences + 1;
		if (p->silences == DNS_PACE_SILENCES)
			p->rests_until_ms = now_ms + DNS_PACE_REST_MS;
	}
	pthread_mutex_unlock(&paces.lock);
}

bool
dns_pace_is_resting(const struct dns_endpoint *server, int64_t now_ms)
{
	pthread_mutex_lock(&paces.lock);
	struct pace *p = pace_of(server, now_ms);
	bool resting = p->silences >= DNS_PACE_SILENCES && p->rests_until_ms > now_ms;
	if (!resting && p->silences >= DNS_PACE_SILENCES)
		p->rests_until_ms = now_ms + DNS_PACE_REST_MS; /* this one tries, the others wait */
	pthread_mutex_unlock(&paces.lock);
	return resting;
}
