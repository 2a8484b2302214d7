/* SPDX-License-Identifier: ISC */
/* zone.h - which zone holds a name, and at which addresses its servers answer.
 *
 * The nearest configured zone at or above the name wins, with its servers; else the root.  From there questions without RD
 * go to the zones' own servers, and referrals are followed down.  The NS set of the zone found is the referral's joined with the
 * zone's own; each server's addresses are glue joined with what the resolvers say (K5: NS host names are allowed).
 * Found servers listen on port 53, or on the port of the first configured root.
 *
 * Threads: reentrant, one asker per thread. */
#ifndef SIGNPOST_KEYS_ZONE_H
#define SIGNPOST_KEYS_ZONE_H

#include "keys/dns_ask.h"

#define ZONE_HOSTS_MAX 32

struct zone_server {
	char name[SWEEP_NAME_LEN];
	struct dns_endpoint endpoint;
};

struct zone {
	char name[SWEEP_NAME_LEN]; /* "" is the root */
	bool configured;           /* servers are the admin's, and all there are */
	char hosts[ZONE_HOSTS_MAX][SWEEP_NAME_LEN];
	size_t host_count;
	struct zone_server servers[SWEEP_SERVERS_MAX];
	size_t server_count;
};

/* parent: the zone that referred to it; server_count 0 when that was not met (the zone is configured).
 * ERR_DNS: which zone's servers say nothing or do not agree; ERR_LIMIT: too many servers. */
int zone_find(struct dns_asker *, const char *name, struct zone *out, struct zone *parent, struct err *) MUST_CHECK;

/* The DS set at the parent's servers.  known false: nobody told.  ds may come back NULL (none); free with
 * ldns_rr_list_deep_free.  domain: resolvers may be asked about it and above. */
struct zone_ds {
	ldns_rr_list *ds;
	bool known;
};
int zone_find_ds(struct dns_asker *, const struct zone *, const struct zone *parent, const char *domain,
    struct zone_ds *out, struct err *) MUST_CHECK;

/* zone_hosts.c, for zone.c. */
bool zone_add_host(struct zone *, const char *host);
int zone_add_server(struct zone *, const char *host, const struct ip_addr *, uint16_t port, struct err *) MUST_CHECK;
uint16_t zone_found_port(const struct dns_conf *);
/* Adds the addresses of all hosts: inside the zone from its own servers, else from the resolvers, or by walking down from
 * the root when these fail. */
int zone_add_addresses(struct dns_asker *, struct zone *, struct err *) MUST_CHECK;
/* One query per server (at most max of them, any) for name and type.  Free with dns_queries_free. */
int zone_ask(struct dns_asker *, const struct zone *, size_t max, const struct dns_question *, struct dns_query **out,
    size_t *count, struct err *) MUST_CHECK;

#endif
