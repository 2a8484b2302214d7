/* SPDX-License-Identifier: ISC */
/* guide.h - what DNS has to say about a domain before its records are entered: who serves it, whether somebody can
 * update it from here, what stands below _domainkey already.
 *
 * Resolvers are asked for the domain and above and for name servers' addresses; everything at and below _domainkey is
 * asked of authoritative servers only, so that no cache learns of a denial (K3, K5).  No update is sent to anybody.
 * It takes some round trips, and a few seconds where servers are silent.
 *
 *	struct guide *g = calloc(1, sizeof(*g));
 *	if (guide_ask(&query, g, err) != 0) ...		no memory; that DNS is out of reach is in g->why
 *	guide_deinit(g);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_GUIDE_H
#define SIGNPOST_SIGNPOST_GUIDE_H

#include "keys/lookup.h"
#include "keys/other_services.h"
#include "keys/sweep.h"
#include "signpost/config.h"

#define GUIDE_HOSTS_MAX 8

enum guide_below {
	GUIDE_BELOW_UNKNOWN,
	GUIDE_BELOW_NOTHING,   /* NXDOMAIN for _domainkey.DOMAIN: no name exists there */
	GUIDE_BELOW_SOMETHING, /* it exists: some name stands below it */
	GUIDE_BELOW_ZONE,      /* a zone of its own */
	GUIDE_BELOW_ALIAS,     /* DNAME: everything below is elsewhere */
};

struct guide_service {
	const struct other_service *is;
	char target[SWEEP_NAME_LEN]; /* of its CNAME; "" for TXT */
};

struct guide_query {
	const struct config *config;
	const struct key_policy *policy;
	const char *domain;
};

struct guide {
	bool reached; /* its zone's servers answer */
	char why[ERR_TEXT_LEN];
	struct dns_servers servers; /* who serves it */
	char primary[SWEEP_NAME_LEN];
	bool primary_listed; /* among the name servers; else it is hidden, or a name only */
	const struct dns_provider *provider;

	enum guide_below below;
	struct buf below_at; /* the zone's servers, or the target */
	bool wildcard;	     /* any selector exists: `something` tells nothing */
	bool wildcard_txt;   /* and has an answer: others' selectors cannot be told apart */
	bool denies_above;   /* D51: NXDOMAIN for _domainkey.DOMAIN, but a name below it answers */
	struct guide_service found[OTHER_SERVICES_MAX];
	size_t found_count;
	size_t asked; /* selectors that were answered for, either way */

	bool publisher_told;  /* its server was asked for the zone's SOA ... */
	bool publisher_serves; /* ... and speaks for it */
	bool publisher_elsewhere; /* its block names a zone that does not hold the keys */
	/* delegated: who is to serve _domainkey.DOMAIN */
	char hosts[GUIDE_HOSTS_MAX][SWEEP_NAME_LEN];
	size_t host_count;
};

int guide_ask(const struct guide_query *, struct guide *, struct err *) MUST_CHECK;
void guide_deinit(struct guide *); /* NULL is fine; frees what guide_ask made, not the struct */

/* Only the zone that holds the domain; the domain itself where nobody tells.  Quickly. */
void guide_zone(const struct config *, const char *domain, char zone[static DOMAIN_LEN_MAX + 1]);
/* Hosts of the name servers of one of our own zones, for delegating to them; 0: nobody tells. */
size_t guide_hosts(const struct config *, const char *zone, char hosts[static GUIDE_HOSTS_MAX][SWEEP_NAME_LEN]);

/* guide_text.c: what was found, as whole lines. */
void guide_text(const struct guide_query *, const struct guide *, struct buf *out);

#endif
