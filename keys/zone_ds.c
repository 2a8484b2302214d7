/* SPDX-License-Identifier: ISC */
/* What others say of a zone: its DS set at the parent, its name servers at the resolvers. */
#include "keys/zone_cache.h"

#include <stdlib.h>
#include <string.h>

#define PARENTS_ASKED 4
#define DS_MAX	      32

/* An authoritative or resolved answer about DS; referrals and refusals say nothing. */
static int
take_ds(const ldns_pkt *pkt, const char *zone, bool need_aa, struct zone_ds *out, struct err *err)
{
	ldns_rr *rrs[DS_MAX];
	if ((need_aa && !ldns_pkt_aa(pkt)) || !dns_packet_tells(pkt))
		return 0;
	out->known = true;
	size_t n = dns_records(ldns_pkt_answer(pkt), zone, LDNS_RR_TYPE_DS, rrs, DS_MAX);
	for (size_t i = 0; i < n && i < DS_MAX; i++) {
		if (out->ds == NULL && (out->ds = ldns_rr_list_new()) == NULL)
			return err_nomem(err);
		ldns_rr *copy = ldns_rr_clone(rrs[i]);
		if (copy == NULL || !ldns_rr_list_push_rr(out->ds, copy)) {
			ldns_rr_free(copy);
			return err_nomem(err);
		}
	}
	return 0;
}

static int
ask_parent(struct dns_asker *a, const struct zone *parent, const char *zone, struct zone_ds *out,
    struct err *err)
{
	struct dns_question question;
	struct zone_asked asked = {.max = PARENTS_ASKED};
	if (!dns_question_set(&question, zone, LDNS_RR_TYPE_DS))
		return err_set(err, ERR_INPUT, "%s is too long", zone);
	question.dnssec = true;
	if (zone_ask(a, parent, &question, &asked, err) != 0)
		return -1;
	int result = 0;
	for (size_t i = 0; i < asked.count && result == 0; i++)
		if (asked.q[i].reply != NULL)
			result = take_ds(asked.q[i].reply, zone, true, out, err);
	dns_queries_free(asked.q, asked.count);
	return result;
}

static int
ask_resolvers(struct dns_asker *a, const char *zone, struct zone_ds *out, struct err *err)
{
	struct dns_query q;
	struct dns_endpoint none = {.port = DNS_PORT};
	if (!dns_query_init(&q, a, &none, zone, LDNS_RR_TYPE_DS))
		return err_set(err, ERR_INPUT, "%s is too long", zone);
	q.question.dnssec = true;
	int result = dns_resolve(a, &q, 1, err);
	if (result == 0 && q.reply != NULL)
		result = take_ds(q.reply, zone, false, out, err);
	dns_query_deinit(&q);
	return result;
}

static bool
is_configured_above(const struct dns_conf *conf, const char *zone)
{
	for (size_t i = 0; i < conf->zone_count; i++)
		if (dns_name_within(dns_name_parent(zone), conf->zones[i].name))
			return true;
	return false;
}

static int
ask_ds(struct dns_asker *a, const struct zone_path *path, const char *domain, struct zone_ds *out,
    struct err *err)
{
	const char *zone = path->zone.name;
	if (path->parent.server_count > 0)
		return ask_parent(a, &path->parent, zone, out, err);
	/* K5: above the domain a resolver may be asked; `_domainkey` as a zone may not */
	if (!is_configured_above(a->conf, zone) && dns_name_within(domain, zone))
		return ask_resolvers(a, zone, out, err);
	struct err ignored = ERR_INIT;
	struct zone_path *found = calloc(1, sizeof(*found));
	if (found == NULL)
		return err_nomem(err);
	int result = 0;
	if (zone_find(a, dns_name_parent(zone), found, &ignored) == 0)
		result = ask_parent(a, &found->zone, zone, out, err);
	free(found);
	return result;
}

int
zone_find_ds(struct dns_asker *a, const struct zone_path *path, const char *domain,
    struct zone_ds *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (path->zone.name[0] == '\0' || zone_cache_find_ds(a, path->zone.name, out))
		return 0;
	if (ask_ds(a, path, domain, out, err) != 0)
		return -1;
	zone_cache_put_ds(a, path->zone.name, out);
	return 0;
}

/* The first of the resolvers' NS that we did not find. */
static bool
has_stranger(const struct zone *z, const ldns_pkt *pkt, char stranger[static SWEEP_NAME_LEN])
{
	ldns_rr *ns[ZONE_HOSTS_MAX];
	size_t n = dns_records(ldns_pkt_answer(pkt), z->name, LDNS_RR_TYPE_NS, ns, ZONE_HOSTS_MAX);
	for (size_t i = 0; i < n && i < ZONE_HOSTS_MAX; i++) {
		bool known = false;
		if (!dns_record_target(ns[i], stranger))
			continue;
		for (size_t h = 0; h < z->host_count && !known; h++)
			known = slice_ieq_str(slice_of(z->hosts[h].name), stranger);
		for (size_t f = 0; f < z->server_count && !known;
		     f++) /* K2: it is known, and why */
			known = z->servers[f].former &&
				slice_ieq_str(slice_of(z->servers[f].name), stranger);
		if (!known)
			return true;
	}
	return false;
}

int
zone_check_view(struct dns_asker *a, const struct zone *z, const char *domain, struct err *err)
{
	struct dns_query q;
	struct dns_endpoint none = {.port = DNS_PORT};
	char stranger[SWEEP_NAME_LEN];
	if (z->configured || z->name[0] == '\0' || !dns_name_within(domain, z->name))
		return 0;
	if (!dns_query_init(&q, a, &none, z->name, LDNS_RR_TYPE_NS))
		return err_set(err, ERR_INPUT, "%s is too long", z->name);
	int result = dns_resolve(a, &q, 1, err);
	if (result == 0 && q.reply != NULL && has_stranger(z, q.reply, stranger))
		result = err_set(err, ERR_DNS,
		    "split view: the resolver says that %s is served by %s, the root does not lead "
		    "there; if the name "
		    "servers were just changed, wait until it forgets the old ones, else name the "
		    "right ones in zone "
		    "\"%s\" of signpost.conf",
		    z->name, stranger, z->name);
	dns_query_deinit(&q);
	return result;
}
