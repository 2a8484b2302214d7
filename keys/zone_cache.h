/* SPDX-License-Identifier: ISC */
/* zone_cache.h - what a batch of sweeps has found out about zones: their servers, DS sets, and the addresses of name
 * servers.  Nothing about key names.
 *
 *	struct zone_cache *cache = zone_cache_new();
 *	asker.cache = cache;
 *	asker.cache_age_ms = 60000;
 *	... zone_find(&asker, ...)
 *	zone_cache_free(cache);
 *
 * Threads: any; one lock, held for copies only. */
#ifndef SIGNPOST_KEYS_ZONE_CACHE_H
#define SIGNPOST_KEYS_ZONE_CACHE_H

#include "keys/zone.h"

#define ZONE_CACHE_MAX	     20000 /* zones, and hosts; then they are all forgotten */
#define ZONE_CACHE_ADDRS_MAX 16	   /* of one host */

struct zone_cache *zone_cache_new(void); /* NULL without memory: goes without */
void zone_cache_free(struct zone_cache *); /* NULL is fine */

/* The nearest zone at or above name that is remembered with its parent, and no shorter than at_least (a name above
 * it); *whole: with its own NS set and all addresses, not only as its parent refers to it. */
bool zone_cache_find(
    const struct dns_asker *, const char *name, const char *at_least, struct zone_path *out, bool *whole);
void zone_cache_put(const struct dns_asker *, const struct zone_path *, bool whole);

/* The DS set that was found for a remembered zone; a copy. */
bool zone_cache_find_ds(const struct dns_asker *, const char *zone, struct zone_ds *out);
void zone_cache_put_ds(const struct dns_asker *, const char *zone, const struct zone_ds *);

/* Addresses of a name server's host name. */
struct zone_addrs {
	struct ip_addr addr[ZONE_CACHE_ADDRS_MAX];
	uint32_t ttl_s[ZONE_CACHE_ADDRS_MAX];
	size_t count;
};
bool zone_cache_find_host(const struct dns_asker *, const char *host, struct zone_addrs *out);
void zone_cache_put_host(const struct dns_asker *, const char *host, const struct zone_addrs *);

#endif
