/* SPDX-License-Identifier: ISC */
/* zone.h - which zone holds a name, and at which addresses its servers answer.
 *
 * The nearest configured zone at or above the name wins, with its servers; else the root.  From there questions
 * without RD go to the zones' own servers, and referrals are followed down.  The NS set of the zone found is the
 * referral's joined with the zone's own; each server's addresses are glue joined with what the resolvers say (K5: NS
 * host names are allowed).  An asker's cache, if it has one, shortens the way (zone_cache.h).
 * Found servers listen on port 53, or on the port of the first configured root.
 *
 * Threads: reentrant, one asker per thread. */
#ifndef SIGNPOST_KEYS_ZONE_H
#define SIGNPOST_KEYS_ZONE_H

#include "keys/dns_ask.h"

#define ZONE_HOSTS_MAX 32

struct zone_host {
	char name[SWEEP_NAME_LEN];
	uint32_t ttl_s; /* the largest of its NS records, at parent and child; 0: configured */
};

struct zone_server {
	char name[SWEEP_NAME_LEN];
	struct dns_endpoint endpoint;
	uint32_t ttl_s; /* the largest of its address records; 0: configured, a hint */
	bool former;	/* not listed: added by a sweep (K2) */
};

struct zone {
	char name[SWEEP_NAME_LEN]; /* "" is the root */
	bool configured;           /* servers are the admin's, and all there are */
	struct zone_host hosts[ZONE_HOSTS_MAX];
	size_t host_count;
	struct zone_server servers[SWEEP_SERVERS_MAX];
	size_t server_count;
};

struct zone_path {
	struct zone zone;
	struct zone parent; /* that referred to it; no servers when that was not met: zone is configured */
};

/* ERR_DNS: which zone's servers say nothing or do not agree; ERR_LIMIT: too many servers. */
int zone_find(struct dns_asker *, const char *name, struct zone_path *out, struct err *) MUST_CHECK;

/* K33: ERR_DNS when the resolvers name a server of the zone that is not among z's (split view, or a change of
 * servers that is still cached and was not noticed).  Nothing is asked about configured zones and below the domain. */
int zone_check_view(struct dns_asker *, const struct zone *z, const char *domain, struct err *) MUST_CHECK;

/* The DS set at the parent's servers.  known false: nobody told.  ds NULL: there is none; free with
 * ldns_rr_list_deep_free.  domain: resolvers may be asked about it and above. */
struct zone_ds {
	ldns_rr_list *ds;
	bool known;
};
int zone_find_ds(struct dns_asker *, const struct zone_path *, const char *domain, struct zone_ds *out,
    struct err *) MUST_CHECK;

/* A question to a zone's servers: to max of them, any. */
struct zone_asked {
	size_t max;
	struct dns_query *q; /* one per server; free with dns_queries_free */
	size_t count;
};
int zone_ask(struct dns_asker *, const struct zone *, const struct dns_question *, struct zone_asked *,
    struct err *) MUST_CHECK;

/* zone_hosts.c, for zone.c: hosts and their addresses, once each; the larger TTL stays. */
bool zone_add_host(struct zone *, const char *host, uint32_t ttl_s);
int zone_add_server(struct zone *, const struct zone_server *, struct err *) MUST_CHECK;
/* How long resolvers may go on asking a server that is no longer listed (K2); 0: configured, or former. */
uint32_t zone_listed_ttl(const struct zone *, const struct zone_server *);
uint16_t zone_found_port(const struct dns_conf *);
/* Adds the addresses of all hosts: inside the zone from its own servers, else from the resolvers, or by
 * walking down from the root when these fail. */
int zone_add_addresses(struct dns_asker *, struct zone *, struct err *) MUST_CHECK;
/* Of hosts inside child, from the servers of the zone above: they may serve child too, and then give no glue. */
int zone_ask_addresses(struct dns_asker *, const struct zone *from, struct zone *child, struct err *) MUST_CHECK;

/* zone_start.c: the configured zone at or above the name, or else the root. */
int zone_start(const struct dns_conf *, const char *name, struct zone *out, struct err *) MUST_CHECK;

#endif
