/* SPDX-License-Identifier: ISC */
/* guide_ask.h - the questions of a guide to authoritative servers, in rounds; for guide.c.
 *
 * Threads: one asking, one thread. */
#ifndef SIGNPOST_SIGNPOST_GUIDE_ASK_H
#define SIGNPOST_SIGNPOST_GUIDE_ASK_H

#include "keys/zone.h"
#include "signpost/guide.h"

#define GUIDE_SERVERS_MAX 8 /* more of them would say the same */

struct guide_asking {
	struct dns_asker asker;
	struct dns_endpoint servers[GUIDE_SERVERS_MAX];
	size_t count;
};

void guide_asking_servers(struct guide_asking *, const struct zone *); /* from here on these are asked */
void guide_asking_add(struct guide_asking *, const struct dns_endpoint *);

/* Primary, and what stands at _domainkey.DOMAIN; those who do not speak for the zone are not asked again. */
void guide_ask_apex(struct guide_asking *, const char *domain, const struct zone *, struct guide *);
/* Each selector of the table, of one server each; once more of another where that was silent. */
void guide_ask_services(struct guide_asking *, const char *domain, struct guide *);
/* Whether one of the servers speaks for the zone. */
void guide_ask_publisher(struct guide_asking *, const char *zone, struct guide *);
/* NS hosts of a zone, as its servers name them. */
size_t guide_ask_ns(
    struct guide_asking *, const char *zone, char hosts[static GUIDE_HOSTS_MAX][SWEEP_NAME_LEN]);

#endif
