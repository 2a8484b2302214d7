/* SPDX-License-Identifier: ISC */
/* dns_conf.h - whom to ask, and how hard.  Plain data.
 *
 * Threads: read-only once it was filled in. */
#ifndef SIGNPOST_KEYS_DNS_CONF_H
#define SIGNPOST_KEYS_DNS_CONF_H

#include "base/ip.h"

#define DNS_PORT	       53
#define DNS_QUERIES_PER_SECOND 20 /* unless the configuration says otherwise */

struct dns_endpoint {
	struct ip_addr addr;
	uint16_t port;
};

/* A zone whose servers the admin named: instead of finding them. */
struct dns_zone_conf {
	char *name; /* A-labels, no final dot */
	struct dns_endpoint *servers;
	size_t server_count;
};

struct dns_conf {
	struct dns_endpoint *resolvers; /* none: /etc/resolv.conf, port 53 */
	size_t resolver_count;
	struct dns_endpoint *roots; /* none: the root hints */
	size_t root_count;
	struct dns_zone_conf *zones;
	size_t zone_count;
	int timeout_ms; /* of one question to one server, all its tries; default 4000 */
	int tries;      /* UDP; default 3 */
	int spread_ms;	/* over which a proving sweep's questions to one server go; default 1200 */
	uint32_t queries_per_second;  /* to one server address, by the whole process (K16); 0: the default */
	struct dns_endpoint *vantage; /* resolvers outside, asked before a first activation (K33); none: inside */
	size_t vantage_count;
	struct dns_endpoint *ignored; /* K15: servers whose wrong answers and silence an admin has waived */
	size_t ignored_count;
};

#endif
