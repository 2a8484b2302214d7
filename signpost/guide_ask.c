/* SPDX-License-Identifier: ISC */
#include "signpost/guide_ask.h"
#include "keys/sweep_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each server is asked about the domain. */
enum apex { APEX_SOA, APEX_BELOW, APEX_SIBLING, APEX_OTHER_SIBLING, APEX_COUNT };

struct apex_names {
	char name[APEX_COUNT][SWEEP_NAME_LEN];
};

void
guide_asking_add(struct guide_asking *a, const struct dns_endpoint *server)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->servers[i].port == server->port &&
		    ip_addr_eq(&a->servers[i].addr, &server->addr))
			return;
	}
	if (a->count < GUIDE_SERVERS_MAX)
		a->servers[a->count++] = *server;
}

void
guide_asking_servers(struct guide_asking *a, const struct zone *zone)
{
	a->count = 0;
	for (size_t i = 0; i < zone->server_count; i++)
		guide_asking_add(a, &zone->servers[i].endpoint);
}

static bool
speaks(const struct dns_query *q)
{
	return q->reply != NULL && ldns_pkt_aa(q->reply) && dns_packet_tells(q->reply);
}

static bool
denies(const struct dns_query *q)
{
	return ldns_pkt_get_rcode(q->reply) == LDNS_RCODE_NXDOMAIN;
}

/* Silence is borne everywhere; a failure of this host is as good as that. */
static bool
run(struct guide_asking *a, struct dns_query *q, size_t count)
{
	struct err ignored = ERR_INIT;

	return dns_ask(&a->asker, q, count, &ignored) == 0;
}

/* The first target of that type among the answers; false: none. */
static bool
find_target(const ldns_rr_list *section, const char *owner, ldns_rr_type type,
    char out[static SWEEP_NAME_LEN])
{
	ldns_rr *rr;

	return dns_records(section, owner, type, &rr, 1) > 0 && dns_record_target(rr, out);
}

static void
read_soa(const struct dns_query *q, const struct zone *zone, struct guide *g)
{
	g->reached = true;
	if (g->primary[0] != '\0' ||
	    !find_target(ldns_pkt_answer(q->reply), zone->name, LDNS_RR_TYPE_SOA, g->primary))
		return;
	for (size_t i = 0; i < zone->host_count; i++)
		g->primary_listed =
		    g->primary_listed || strcmp(zone->hosts[i].name, g->primary) == 0;
}

/* NS of _domainkey.DOMAIN: a cut, a name, nothing. */
static void
read_below(const struct dns_query *q, struct guide *g)
{
	const char *name = q->question.name;
	ldns_rr *rr;

	if (q->reply == NULL || !dns_packet_tells(q->reply))
		return;
	if (dns_records(ldns_pkt_answer(q->reply), name, LDNS_RR_TYPE_NS, &rr, 1) > 0 ||
	    (!ldns_pkt_aa(q->reply) &&
		dns_records(ldns_pkt_authority(q->reply), name, LDNS_RR_TYPE_NS, &rr, 1) > 0))
		g->below = GUIDE_BELOW_ZONE;
	else if (!speaks(q) || g->below == GUIDE_BELOW_ZONE)
		return;
	else if (!denies(q))
		g->below = GUIDE_BELOW_SOMETHING;
	else if (g->below == GUIDE_BELOW_UNKNOWN)
		g->below = GUIDE_BELOW_NOTHING;
}

/* K20: a random selector that exists is a wildcard's. */
static void
read_sibling(const struct dns_query *q, struct guide *g)
{
	char target[SWEEP_NAME_LEN];

	if (!speaks(q) || g->below == GUIDE_BELOW_ZONE)
		return;
	if (find_target(ldns_pkt_answer(q->reply), NULL, LDNS_RR_TYPE_DNAME, target)) {
		if (g->below != GUIDE_BELOW_ALIAS)
			buf_put_str(&g->below_at, target);
		g->below = GUIDE_BELOW_ALIAS;
		return;
	}
	g->wildcard = g->wildcard || !denies(q);
	g->wildcard_txt = g->wildcard_txt || ldns_pkt_ancount(q->reply) > 0;
}

static bool
name_apex(const char *domain, const struct zone *zone, struct apex_names *n)
{
	char any[SWEEP_NAME_LEN + 16];

	memcpy(n->name[APEX_SOA], zone->name, SWEEP_NAME_LEN);
	snprintf(any, sizeof(any), "x._domainkey.%s", domain);
	return strlen(any) < SWEEP_NAME_LEN &&
	       slice_to_str(slice_of(any + 2), n->name[APEX_BELOW], SWEEP_NAME_LEN) &&
	       sweep_random_sibling(any, n->name[APEX_SIBLING]) &&
	       sweep_random_sibling(any, n->name[APEX_OTHER_SIBLING]);
}

static void
read_apex(
    struct guide_asking *a, const struct dns_query *q, const struct zone *zone, struct guide *g)
{
	size_t kept = 0;

	for (size_t s = 0; s < a->count; s++) {
		const struct dns_query *of = &q[s * APEX_COUNT];
		if (!speaks(&of[APEX_SOA]))
			continue;
		read_soa(&of[APEX_SOA], zone, g);
		read_below(&of[APEX_BELOW], g);
		a->servers[kept++] = a->servers[s];
	}
	for (size_t i = 0; i < a->count * APEX_COUNT; i++) {
		if (i % APEX_COUNT == APEX_SIBLING || i % APEX_COUNT == APEX_OTHER_SIBLING)
			read_sibling(&q[i], g);
	}
	a->count = kept;
}

void
guide_ask_apex(struct guide_asking *a, const char *domain, const struct zone *zone, struct guide *g)
{
	static const ldns_rr_type types[APEX_COUNT] = {
	    LDNS_RR_TYPE_SOA, LDNS_RR_TYPE_NS, LDNS_RR_TYPE_TXT, LDNS_RR_TYPE_TXT};
	size_t count = a->count * APEX_COUNT;
	struct dns_query *q = calloc(count + 1, sizeof(*q));
	struct apex_names *names = calloc(1, sizeof(*names));
	bool fine = q != NULL && names != NULL && name_apex(domain, zone, names);

	for (size_t i = 0; fine && i < count; i++)
		fine = dns_query_init(&q[i], &a->asker, &a->servers[i / APEX_COUNT],
		    names->name[i % APEX_COUNT], types[i % APEX_COUNT]);
	if (fine && run(a, q, count))
		read_apex(a, q, zone, g);
	if (!g->reached)
		snprintf(g->why, sizeof(g->why), "no server of %.200s answers", zone->name);
	free(names);
	dns_queries_free(q, count);
}

/* NOERROR with an answer of its own. */
static void
read_service(const struct dns_query *q, const struct other_service *is, struct guide *g)
{
	if (!speaks(q))
		return;
	g->asked++;
	if (ldns_pkt_ancount(q->reply) == 0)
		return;
	struct guide_service *found = &g->found[g->found_count++];
	found->is = is;
	found->target[0] = '\0';
	(void)find_target(
	    ldns_pkt_answer(q->reply), q->question.name, LDNS_RR_TYPE_CNAME, found->target);
	if (g->below == GUIDE_BELOW_NOTHING)
		g->denies_above = true;
}

static bool
ask_once_more(struct guide_asking *a, struct dns_query *q, size_t count)
{
	struct dns_query *again = calloc(count + 1, sizeof(*again));
	size_t *of = calloc(count + 1, sizeof(*of)), n = 0;
	bool fine = again != NULL && of != NULL;

	for (size_t i = 0; fine && i < count; i++) {
		if (speaks(&q[i]))
			continue;
		of[n] = i;
		fine = dns_query_init(&again[n++], &a->asker, &a->servers[(i + 1) % a->count],
		    q[i].question.name, LDNS_RR_TYPE_TXT);
	}
	fine = fine && run(a, again, n);
	for (size_t i = 0; fine && i < n; i++) {
		struct dns_query old = q[of[i]];
		q[of[i]] = again[i];
		again[i] = old;
	}
	dns_queries_free(again, n);
	free(of);
	return fine;
}

void
guide_ask_services(struct guide_asking *a, const char *domain, struct guide *g)
{
	struct dns_query *q = calloc(OTHER_SERVICE_COUNT, sizeof(*q));
	bool fine = q != NULL && a->count > 0;
	char name[SWEEP_NAME_LEN + 32];

	for (size_t i = 0; fine && i < OTHER_SERVICE_COUNT; i++) {
		snprintf(
		    name, sizeof(name), "%s._domainkey.%s", OTHER_SERVICES[i].selector, domain);
		fine = strlen(name) < SWEEP_NAME_LEN &&
		       dns_query_init(
			   &q[i], &a->asker, &a->servers[i % a->count], name, LDNS_RR_TYPE_TXT);
	}
	fine = fine && run(a, q, OTHER_SERVICE_COUNT) &&
	       (a->count == 1 || ask_once_more(a, q, OTHER_SERVICE_COUNT));
	for (size_t i = 0; fine && i < OTHER_SERVICE_COUNT; i++)
		read_service(&q[i], &OTHER_SERVICES[i], g);
	if (g->denies_above)
		g->below = GUIDE_BELOW_SOMETHING;
	dns_queries_free(q, q == NULL ? 0 : OTHER_SERVICE_COUNT);
}

void
guide_ask_publisher(struct guide_asking *a, const char *zone, struct guide *g)
{
	struct dns_query *q = calloc(a->count + 1, sizeof(*q));
	char mname[SWEEP_NAME_LEN];
	bool fine = q != NULL;

	for (size_t i = 0; fine && i < a->count; i++)
		fine = dns_query_init(&q[i], &a->asker, &a->servers[i], zone, LDNS_RR_TYPE_SOA);
	fine = fine && run(a, q, a->count);
	for (size_t i = 0; fine && i < a->count; i++) {
		g->publisher_told = g->publisher_told || q[i].reply != NULL;
		g->publisher_serves = g->publisher_serves ||
				      (speaks(&q[i]) && find_target(ldns_pkt_answer(q[i].reply),
							    zone, LDNS_RR_TYPE_SOA, mname));
	}
	dns_queries_free(q, q == NULL ? 0 : a->count);
}

size_t
guide_ask_ns(
    struct guide_asking *a, const char *zone, char hosts[static GUIDE_HOSTS_MAX][SWEEP_NAME_LEN])
{
	struct dns_query *q = calloc(a->count + 1, sizeof(*q));
	ldns_rr *ns[GUIDE_HOSTS_MAX];
	bool fine = q != NULL;
	size_t count = 0;

	for (size_t i = 0; fine && i < a->count; i++)
		fine = dns_query_init(&q[i], &a->asker, &a->servers[i], zone, LDNS_RR_TYPE_NS);
	fine = fine && run(a, q, a->count);
	for (size_t i = 0; fine && i < a->count && count == 0; i++) {
		size_t found = !speaks(&q[i]) ? 0
					      : dns_records(ldns_pkt_answer(q[i].reply), zone,
						    LDNS_RR_TYPE_NS, ns, GUIDE_HOSTS_MAX);
		for (size_t n = 0; n < found && n < GUIDE_HOSTS_MAX; n++)
			count += dns_record_target(ns[n], hosts[count]);
	}
	dns_queries_free(q, q == NULL ? 0 : a->count);
	return count;
}
