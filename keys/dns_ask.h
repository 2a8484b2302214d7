/* SPDX-License-Identifier: ISC */
/* dns_ask.h - many questions at once, with one poll loop; no server address is asked more often than conf says
 * by all askers of the process together.
 *
 * Threads: one asker, one thread. */
#ifndef SIGNPOST_KEYS_DNS_ASK_H
#define SIGNPOST_KEYS_DNS_ASK_H

#include "keys/dns_wire.h"

#define DNS_ASK_OPEN_MAX  100 /* sockets of one asker at a time; of the usual 1024 several askers have enough */
#define DNS_RESOLVERS_MAX 8

struct zone_cache;

struct dns_asker {
	const struct dns_conf *conf;
	int timeout_ms, tries, spread_ms;
	struct dns_endpoint resolvers[DNS_RESOLVERS_MAX];
	size_t resolver_count; /* 0 also once all of them were silent: not waited for again */
	unsigned depth;	       /* of walks for the sake of other walks */
	bool in_a_hurry;       /* one of many: does not wait for addresses that are silent time and again */
	struct zone_cache *cache; /* or NULL */
	int64_t cache_age_ms;	  /* what is older does not count */
	/* of questions without RD: how many were put, were answered, and were answered as resolvers do */
	size_t put, answered, answered_as_resolver;
};

/* Borrows conf; reads /etc/resolv.conf when it names no resolvers.  Nothing to undo. */
void dns_asker_init(struct dns_asker *, const struct dns_conf *);
/* Text of resolv.conf(5) to addresses: nameserver lines only, comments and scoped addresses left out. */
size_t dns_resolv_conf_parse(struct slice text, struct dns_endpoint *out, size_t max);

/* One query, filled in; false when the name is too long.  End with dns_query_deinit. */
bool dns_query_init(struct dns_query *, const struct dns_asker *, const struct dns_endpoint *, const char *name,
    ldns_rr_type);
/* Runs them all to their ends.  -1 (ERR_IO) only for failures of this host; replies are in the queries. */
int dns_ask(struct dns_asker *, struct dns_query *, size_t count, struct err *) MUST_CHECK;
void dns_queries_free(struct dns_query *, size_t count); /* NULL is fine */

/* Asks the resolvers (RD) for each question, the first a little before the next, until one says NOERROR or NXDOMAIN;
 * where none does, reply stays NULL.  Names must lie at the domain or above, or be of NS hosts (K5). */
int dns_resolve(struct dns_asker *, struct dns_query *, size_t count, struct err *) MUST_CHECK;

#endif
