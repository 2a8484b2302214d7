/* SPDX-License-Identifier: ISC */
#include "keys/zone.h"

#include "keys/zone_cache.h"

#include <stdlib.h>
#include <string.h>

#define CUTS_MAX     16 /* zone cuts on the way down */
#define HIGH_ASKED   3	/* servers asked above the second level: all say the same */
#define SECOND_LEVEL 2
#define RECORDS_MAX  64

/* What one answer says about cuts between zone (not itself) and target. */
enum cut { CUT_UNKNOWN, CUT_NONE, CUT_AT };

static bool
is_between(const char *owner, const char *zone, const char *target)
{
	return dns_name_within(owner, zone) && strcmp(owner, zone) != 0 &&
	       dns_name_within(target, owner);
}

static enum cut
read_cut(const ldns_pkt *pkt, const char *zone, const char *target, char at[static SWEEP_NAME_LEN])
{
	ldns_rr *rr;
	if (!dns_packet_tells(pkt))
		return CUT_UNKNOWN;
	/* with an answer it is no referral, but a resolver's */
	if (dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_NS, &rr, 1) > 0 &&
	    !ldns_pkt_aa(pkt) && ldns_pkt_ancount(pkt) == 0)
		return dns_name_text(ldns_rr_owner(rr), at) && is_between(at, zone, target)
			   ? CUT_AT
			   : CUT_UNKNOWN;
	if (!ldns_pkt_aa(pkt))
		return CUT_UNKNOWN;
	/* it serves the child as well */
	if (dns_records(ldns_pkt_answer(pkt), target, LDNS_RR_TYPE_NS, &rr, 1) > 0 &&
	    strcmp(target, zone) != 0)
		return slice_to_str(slice_of(target), at, SWEEP_NAME_LEN) ? CUT_AT : CUT_UNKNOWN;
	if (dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_SOA, &rr, 1) != 1 ||
	    !dns_name_text(ldns_rr_owner(rr), at))
		return CUT_UNKNOWN;
	if (is_between(at, zone, target))
		return CUT_AT;
	return strcmp(at, zone) == 0 ? CUT_NONE : CUT_UNKNOWN;
}

/* Where NS records stand, and whose glue is believed. */
struct ns_source {
	const ldns_pkt *pkt;
	const ldns_rr_list *section;
	const char *glue_within;
	uint16_t port;
};

static int
take_glue(const struct ns_source *from, const char *host, struct zone *child, struct err *err)
{
	static const ldns_rr_type types[] = {LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA};
	ldns_rr *glue[RECORDS_MAX];
	struct zone_server server = {.endpoint.port = from->port};
	(void)slice_to_str(slice_of(host), server.name, sizeof(server.name));
	for (size_t t = 0; t < 2; t++) {
		size_t found =
		    dns_records(ldns_pkt_additional(from->pkt), host, types[t], glue, RECORDS_MAX);
		for (size_t g = 0; g < found && g < RECORDS_MAX; g++) {
			server.ttl_s = ldns_rr_ttl(glue[g]);
			if (dns_record_addr(glue[g], &server.endpoint.addr) &&
			    zone_add_server(child, &server, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* NS hosts of child in a section, and the glue that its parent may give. */
static int
take_ns(const struct ns_source *from, struct zone *child, struct err *err)
{
	ldns_rr *ns[ZONE_HOSTS_MAX];
	char host[SWEEP_NAME_LEN];
	size_t n = dns_records(from->section, child->name, LDNS_RR_TYPE_NS, ns, ZONE_HOSTS_MAX);
	for (size_t i = 0; i < n && i < ZONE_HOSTS_MAX; i++) {
		if (!dns_record_target(ns[i], host))
			continue;
		if (!zone_add_host(child, host, ldns_rr_ttl(ns[i])))
			n = ZONE_HOSTS_MAX + 1;
		else if (dns_name_within(host, from->glue_within) &&
			 take_glue(from, host, child, err) != 0)
			return -1;
	}
	if (n > ZONE_HOSTS_MAX)
		return err_set(err, ERR_LIMIT, "%s has more than %d name servers", child->name,
		    ZONE_HOSTS_MAX);
	return 0;
}

/* From the replies of many servers: authoritative ones in the answer, referrals in the authority section. */
static int
take_all_ns(const struct dns_asker *a, const struct zone_asked *asked, const char *glue_within,
    struct zone *child, struct err *err)
{
	for (size_t i = 0; i < asked->count; i++) {
		const ldns_pkt *pkt = asked->q[i].reply;
		if (pkt == NULL)
			continue;
		struct ns_source from = {
		    pkt, ldns_pkt_authority(pkt), glue_within, zone_found_port(a->conf)};
		if (ldns_pkt_aa(pkt))
			from.section = ldns_pkt_answer(pkt);
		if (take_ns(&from, child, err) != 0)
			return -1;
	}
	return 0;
}

struct cut_vote {
	const struct dns_query *none; /* a server that knows no cut */
	const struct dns_query *some;
	char at[SWEEP_NAME_LEN]; /* the highest */
};

static void
count_votes(const struct zone_asked *asked, const char *zone, struct cut_vote *vote)
{
	char at[SWEEP_NAME_LEN];
	memset(vote, 0, sizeof(*vote));
	for (size_t i = 0; i < asked->count; i++) {
		const struct dns_query *q = &asked->q[i];
		if (q->reply == NULL)
			continue;
		enum cut cut = read_cut(q->reply, zone, q->question.name, at);
		if (cut == CUT_NONE)
			vote->none = q;
		if (cut != CUT_AT || (vote->some != NULL && strlen(at) >= strlen(vote->at)))
			continue;
		vote->some = q;
		memcpy(vote->at, at, sizeof(vote->at));
	}
}

static int
disagree(const struct zone *z, const struct cut_vote *vote, struct err *err)
{
	char yes[IP_TEXT_LEN], no[IP_TEXT_LEN];
	ip_addr_format(&vote->some->server.addr, yes);
	ip_addr_format(&vote->none->server.addr, no);
	return err_set(err, ERR_DNS,
	    "the servers of %s do not agree whether %s is a zone of its own: %s says so, %s does "
	    "not",
	    z->name, vote->at, yes, no);
}

/* Asks all servers of z for the NS set of child. */
static int
ask_ns(struct dns_asker *a, const struct zone *z, struct zone *child, struct err *err)
{
	struct dns_question question;
	struct zone_asked asked = {.max = SWEEP_SERVERS_MAX};
	if (!dns_question_set(&question, child->name, LDNS_RR_TYPE_NS))
		return err_set(err, ERR_INPUT, "%s is too long", child->name);
	if (zone_ask(a, z, &question, &asked, err) != 0)
		return -1;
	char within[SWEEP_NAME_LEN];
	memcpy(within, z->name, sizeof(within));
	int result = take_all_ns(a, &asked, within, child, err);
	dns_queries_free(asked.q, asked.count);
	return result;
}

static int
take_child(struct dns_asker *a, const struct zone *z, const struct zone_asked *asked,
    struct zone *child, struct err *err)
{
	if (take_all_ns(a, asked, z->name, child, err) != 0)
		return -1;
	/* seen only by the SOA of a hidden child: the same servers know its NS set */
	if (child->host_count == 0 && ask_ns(a, z, child, err) != 0)
		return -1;
	if (child->server_count == 0 && zone_add_addresses(a, child, err) != 0)
		return -1;
	if (child->server_count == 0 && zone_ask_addresses(a, z, child, err) != 0)
		return -1;
	if (child->server_count == 0)
		return err_set(err, ERR_DNS, "no address can be found for the name servers of %s",
		    child->name);
	return 0;
}

/* One step down from z towards target: 1 with child filled in, 0 at the bottom, -1. */
static int
step_down(struct dns_asker *a, const struct zone *z, const char *target, struct zone *child,
    struct err *err)
{
	struct dns_question question;
	bool high = !z->configured && dns_name_labels(z->name) < SECOND_LEVEL;
	struct zone_asked asked = {.max = high ? HIGH_ASKED : SWEEP_SERVERS_MAX};
	if (!dns_question_set(&question, target, LDNS_RR_TYPE_NS))
		return err_set(err, ERR_INPUT, "%s is too long", target);
	if (zone_ask(a, z, &question, &asked, err) != 0)
		return -1;
	struct cut_vote vote;
	int result = 0;
	count_votes(&asked, z->name, &vote);
	if (vote.some != NULL && vote.none != NULL)
		result = disagree(z, &vote, err);
	else if (vote.some == NULL && vote.none == NULL && high)
		result = err_set(err, ERR_DNS,
		    "no server of %s answers about %s: is port 53 open from here to the outside? "
		    "The name servers of "
		    "a zone can also be given in signpost.conf",
		    z->name[0] == '\0' ? "the root" : z->name, target);
	if (result == 0 && vote.some != NULL) {
		memset(child, 0, sizeof(*child));
		memcpy(child->name, vote.at, sizeof(child->name));
		result = take_child(a, z, &asked, child, err) == 0 ? 1 : -1;
	}
	dns_queries_free(asked.q, asked.count);
	return result;
}

static int
descend(struct dns_asker *a, const char *target, struct zone_path *path, struct err *err)
{
	struct zone *child = calloc(1, sizeof(*child));
	if (child == NULL)
		return err_nomem(err);
	int moved = 1;
	for (int cuts = 0; moved == 1 && strcmp(path->zone.name, target) != 0; cuts++) {
		moved = cuts < CUTS_MAX ? step_down(a, &path->zone, target, child, err)
					: err_set(err, ERR_DNS, "%s: too many zone cuts", target);
		if (moved != 1)
			break;
		memcpy(&path->parent, &path->zone, sizeof(path->parent));
		memcpy(&path->zone, child, sizeof(path->zone));
		zone_cache_put(a, path, false);
	}
	free(child);
	return moved < 0 ? -1 : 0;
}

/* From where the walk begins: what is remembered nearest to the name, unless more was configured. */
static int
begin(const struct dns_asker *a, const char *name, struct zone_path *out, bool *whole,
    struct err *err)
{
	memset(out, 0, sizeof(*out));
	*whole = false;
	if (zone_start(a->conf, name, &out->zone, err) != 0)
		return -1;
	struct zone_path *known = a->cache == NULL ? NULL : calloc(1, sizeof(*known));
	if (known != NULL && zone_cache_find(a, name, out->zone.name, known, whole))
		memcpy(out, known, sizeof(*out));
	free(known);
	return 0;
}

int
zone_find(struct dns_asker *a, const char *name, struct zone_path *out, struct err *err)
{
	struct zone *z = &out->zone;
	char began[SWEEP_NAME_LEN];
	bool whole;
	if (begin(a, name, out, &whole, err) != 0)
		return -1;
	memcpy(began, z->name, sizeof(began));
	/* first to the name above: at the name itself a CNAME could hide in which zone it is */
	const char *above = dns_name_parent(name);
	if (above[0] != '\0' && dns_name_within(above, z->name) && descend(a, above, out, err) != 0)
		return -1;
	if (descend(a, name, out, err) != 0)
		return -1;
	if (z->configured || (whole && strcmp(began, z->name) == 0))
		return 0;
	/* the zone's own NS set and addresses, next to what its parent says */
	if (ask_ns(a, z, z, err) != 0 || zone_add_addresses(a, z, err) != 0)
		return -1;
	zone_cache_put(a, out, true);
	return 0;
}
