/* SPDX-License-Identifier: ISC */
#include "keys/zone_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192 /* a power of two */

/* A zone as it was found, or the addresses of a host; the arrays hold no more than there is. */
struct entry {
	struct entry *next;
	int64_t at_ms;
	char *name;
	bool is_host;
	struct zone_addrs *addrs; /* host */
	char *parent;		  /* zone */
	bool whole, configured, ds_asked;
	struct zone_host *hosts;
	size_t host_count;
	struct zone_server *servers;
	size_t server_count;
	struct zone_ds ds;
};

struct zone_cache {
	pthread_mutex_t lock;
	struct entry *buckets[BUCKETS];
	size_t count;
};

struct zone_cache *
zone_cache_new(void)
{
	struct zone_cache *c = calloc(1, sizeof(*c));
	if (c != NULL)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void
entry_free(struct entry *e)
{
	if (e == NULL)
		return;
	free(e->name);
	free(e->addrs);
	free(e->parent);
	free(e->hosts);
	free(e->servers);
	ldns_rr_list_deep_free(e->ds.ds);
	free(e);
}

static void
forget_all(struct zone_cache *c)
{
	for (size_t b = 0; b < BUCKETS; b++) {
		while (c->buckets[b] != NULL) {
			struct entry *e = c->buckets[b];
			c->buckets[b] = e->next;
			entry_free(e);
		}
	}
	c->count = 0;
}

void
zone_cache_free(struct zone_cache *c)
{
	if (c == NULL)
		return;
	forget_all(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct entry **
bucket_of(struct zone_cache *c, const char *name, bool is_host)
{
	uint32_t h = is_host ? 1 : 2166136261u; /* FNV-1a */
	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return &c->buckets[(h ^ h >> 16) & (BUCKETS - 1)];
}

/* The lock is held. */
static struct entry *
find(const struct dns_asker *a, const char *name, bool is_host)
{
	for (struct entry *e = *bucket_of(a->cache, name, is_host); e != NULL; e = e->next)
		if (e->is_host == is_host && strcmp(e->name, name) == 0)
			return dns_now_ms() - e->at_ms <= a->cache_age_ms ? e : NULL;
	return NULL;
}

/* In the place of what was known before; e may be NULL: without memory nothing is remembered. */
static void
put(struct zone_cache *c, struct entry *e)
{
	if (e == NULL)
		return;
	e->at_ms = dns_now_ms();
	pthread_mutex_lock(&c->lock);
	if (c->count >= ZONE_CACHE_MAX)
		forget_all(c);
	struct entry **at = bucket_of(c, e->name, e->is_host);
	e->next = *at;
	*at = e;
	c->count++;
	for (at = &e->next; *at != NULL; at = &(*at)->next) {
		struct entry *old = *at;
		if (old->is_host != e->is_host || strcmp(old->name, e->name) != 0)
			continue;
		*at = old->next;
		entry_free(old);
		c->count--;
		break;
	}
	pthread_mutex_unlock(&c->lock);
}

static bool
is_filled(const struct entry *e)
{
	return e->name != NULL && e->parent != NULL && (e->host_count == 0 || e->hosts != NULL) &&
	       (e->server_count == 0 || e->servers != NULL);
}

static void *
copy_of(const void *array, size_t count, size_t size)
{
	void *copy = count > 0 ? calloc(count, size) : NULL;
	if (copy != NULL)
		memcpy(copy, array, count * size);
	return copy;
}

void
zone_cache_put(const struct dns_asker *a, const struct zone_path *path, bool whole)
{
	const struct zone *z = &path->zone;
	if (a->cache == NULL || z->configured || z->name[0] == '\0')
		return;
	struct entry *e = calloc(1, sizeof(*e));
	if (e == NULL)
		return;
	e->name = strdup(z->name);
	e->parent = strdup(path->parent.name);
	e->whole = whole;
	e->host_count = z->host_count;
	e->hosts = copy_of(z->hosts, z->host_count, sizeof(*z->hosts));
	e->server_count = z->server_count;
	e->servers = copy_of(z->servers, z->server_count, sizeof(*z->servers));
	if (!is_filled(e)) {
		entry_free(e);
		return;
	}
	put(a->cache, e);
}

static void
expand(const struct entry *e, struct zone *z)
{
	memset(z, 0, sizeof(*z));
	(void)slice_to_str(slice_of(e->name), z->name, sizeof(z->name));
	z->host_count = e->host_count;
	if (e->host_count > 0)
		memcpy(z->hosts, e->hosts, e->host_count * sizeof(*e->hosts));
	z->server_count = e->server_count;
	if (e->server_count > 0)
		memcpy(z->servers, e->servers, e->server_count * sizeof(*e->servers));
}

/* The parent is remembered too, or is where every walk begins. */
static bool
expand_parent(const struct dns_asker *a, const char *name, struct zone *z)
{
	struct err ignored = ERR_INIT;
	const struct entry *e = find(a, name, false);
	if (e != NULL) {
		expand(e, z);
		return true;
	}
	return zone_start(a->conf, name, z, &ignored) == 0 && strcmp(z->name, name) == 0;
}

bool
zone_cache_find(const struct dns_asker *a, const char *name, const char *at_least,
    struct zone_path *out, bool *whole)
{
	bool found = false;
	if (a->cache == NULL)
		return false;
	pthread_mutex_lock(&a->cache->lock);
	for (const char *at = name; !found && at[0] != '\0' && strlen(at) > strlen(at_least);
	     at = dns_name_parent(at)) {
		const struct entry *e = find(a, at, false);
		if (e == NULL || !expand_parent(a, e->parent, &out->parent))
			continue;
		expand(e, &out->zone);
		*whole = e->whole;
		found = true;
	}
	pthread_mutex_unlock(&a->cache->lock);
	return found;
}

bool
zone_cache_find_ds(const struct dns_asker *a, const char *zone, struct zone_ds *out)
{
	bool found = false;
	if (a->cache == NULL)
		return false;
	pthread_mutex_lock(&a->cache->lock);
	const struct entry *e = find(a, zone, false);
	if (e != NULL && e->ds_asked) {
		out->known = e->ds.known;
		out->ds = e->ds.ds == NULL ? NULL : ldns_rr_list_clone(e->ds.ds);
		found = e->ds.ds == NULL || out->ds != NULL;
	}
	pthread_mutex_unlock(&a->cache->lock);
	return found;
}

void
zone_cache_put_ds(const struct dns_asker *a, const char *zone, const struct zone_ds *ds)
{
	if (a->cache == NULL || !ds->known)
		return;
	pthread_mutex_lock(&a->cache->lock);
	struct entry *e = find(a, zone, false);
	if (e != NULL && !e->ds_asked) {
		e->ds.ds = ds->ds == NULL ? NULL : ldns_rr_list_clone(ds->ds);
		e->ds.known = true;
		e->ds_asked = ds->ds == NULL || e->ds.ds != NULL;
	}
	pthread_mutex_unlock(&a->cache->lock);
}

bool
zone_cache_find_host(const struct dns_asker *a, const char *host, struct zone_addrs *out)
{
	if (a->cache == NULL)
		return false;
	pthread_mutex_lock(&a->cache->lock);
	const struct entry *e = find(a, host, true);
	if (e != NULL)
		*out = *e->addrs;
	pthread_mutex_unlock(&a->cache->lock);
	return e != NULL;
}

void
zone_cache_put_host(const struct dns_asker *a, const char *host, const struct zone_addrs *addrs)
{
	struct entry *e = a->cache == NULL ? NULL : calloc(1, sizeof(*e));
	if (e == NULL)
		return;
	e->is_host = true;
	e->name = strdup(host);
	e->addrs = copy_of(addrs, 1, sizeof(*addrs));
	if (e->name == NULL || e->addrs == NULL) {
		entry_free(e);
		return;
	}
	put(a->cache, e);
}
