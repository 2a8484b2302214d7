/* SPDX-License-Identifier: ISC */
/* Single questions: a name's TXT strings, wherever they are, for judging other people's signatures; who
 * serves a domain. */
#include "keys/lookup.h"

#include "keys/zone.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX	 8
#define SERVERS_TEXT_MAX 16384

static bool
is_configured(const struct dns_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->zone_count; i++)
		if (dns_name_within(name, conf->zones[i].name))
			return true;
	return false;
}

/* Follows CNAMEs inside one answer; name becomes the last target. */
static void
follow(const ldns_pkt *pkt, char name[static SWEEP_NAME_LEN])
{
	ldns_rr *cname;
	for (int i = 0; i < CHAIN_MAX; i++)
		if (dns_records(ldns_pkt_answer(pkt), name, LDNS_RR_TYPE_CNAME, &cname, 1) != 1 ||
		    !dns_record_target(cname, name))
			return;
}

static int
take_txt(const ldns_pkt *pkt, const char *name, struct buf out[static DNS_TXT_MAX], size_t *count,
    struct err *err)
{
	ldns_rr *txt[DNS_TXT_MAX];
	size_t n = dns_records(ldns_pkt_answer(pkt), name, LDNS_RR_TYPE_TXT, txt, DNS_TXT_MAX);
	int result = 0;
	*count = 0;
	for (size_t i = 0; i < n && i < DNS_TXT_MAX && result == 0; i++) {
		buf_init(&out[i], DNS_TXT_LEN_MAX);
		*count = i + 1;
		dns_record_txt(txt[i], &out[i]);
		result = buf_check(&out[i], name, err);
	}
	for (size_t i = 0; i < *count && result != 0; i++)
		buf_deinit(&out[i]);
	*count = result != 0 ? 0 : *count;
	return result;
}

static void
note_told(struct dns_told *told, const struct dns_query *q, bool by_resolver)
{
	if (q->reply == NULL)
		return;
	told->known = true;
	told->server = q->server;
	told->by_resolver = by_resolver;
	told->denied = ldns_pkt_get_rcode(q->reply) == LDNS_RCODE_NXDOMAIN;
	(void)slice_to_str(slice_of(q->question.name), told->name, sizeof(told->name));
}

static int
ask_resolvers(
    struct dns_asker *a, const char *name, ldns_pkt **out, struct dns_told *told, struct err *err)
{
	struct dns_query q;
	struct dns_endpoint none = {.port = DNS_PORT};
	if (!dns_query_init(&q, a, &none, name, LDNS_RR_TYPE_TXT))
		return err_set(err, ERR_INPUT, "%s is too long", name);
	int result = dns_resolve(a, &q, 1, err);
	note_told(told, &q, true);
	*out = q.reply;
	q.reply = NULL;
	dns_query_deinit(&q);
	/* silence: the authorities are left; a refusal may mean that the answer is bogus, and stands */
	if (result == 0 && *out == NULL && a->resolver_count > 0)
		return err_set(err, ERR_DNS, "no resolver could answer for the TXT of %s", name);
	return result;
}

/* The first server of the name's zone that speaks for it. */
static int
ask_authorities(
    struct dns_asker *a, const char *name, ldns_pkt **out, struct dns_told *told, struct err *err)
{
	struct dns_question question;
	struct zone_asked asked = {.max = SWEEP_SERVERS_MAX};
	struct zone_path *found = calloc(1, sizeof(*found));
	if (found == NULL)
		return err_nomem(err);
	int result = zone_find(a, name, found, err);
	if (result == 0 && !dns_question_set(&question, name, LDNS_RR_TYPE_TXT))
		result = err_set(err, ERR_INPUT, "%s is too long", name);
	if (result == 0)
		result = zone_ask(a, &found->zone, &question, &asked, err);
	for (size_t i = 0; result == 0 && i < asked.count && *out == NULL; i++) {
		if (asked.q[i].reply == NULL || !ldns_pkt_aa(asked.q[i].reply) ||
		    !dns_packet_tells(asked.q[i].reply))
			continue;
		note_told(told, &asked.q[i], false);
		*out = asked.q[i].reply;
		asked.q[i].reply = NULL;
	}
	if (result == 0) {
		dns_queries_free(asked.q, asked.count);
		if (*out == NULL)
			result = err_set(err, ERR_DNS, "no server of %s answers for the TXT of %s",
			    found->zone.name, name);
	}
	free(found);
	return result;
}

int
dns_lookup_txt(const struct dns_conf *conf, const char *name, struct buf out[static DNS_TXT_MAX],
    size_t *count, struct err *err)
{
	struct dns_txt found;
	int rc = dns_lookup_txt_told(conf, name, &found, err);

	*count = rc == 0 ? found.count : 0;
	for (size_t i = 0; i < *count; i++)
		out[i] = found.txt[i];
	return rc;
}

static int
look_up(const struct dns_conf *conf, const char *name, bool authorities, struct dns_txt *out,
    struct err *err)
{
	char at[SWEEP_NAME_LEN], before[SWEEP_NAME_LEN];
	out->count = 0;
	out->told = (struct dns_told){.known = false};
	if (!dns_name_lower(name, at))
		return err_set(err, ERR_INPUT, "%s is too long for a name", name);
	struct dns_asker *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return err_nomem(err);
	dns_asker_init(a, conf);
	int result = 0;
	bool done = false;
	for (int links = 0; links <= CHAIN_MAX && !done && result == 0; links++) {
		ldns_pkt *pkt = NULL;
		bool direct = authorities || is_configured(conf, at) || a->resolver_count == 0;
		if (!direct)
			result = ask_resolvers(a, at, &pkt, &out->told, err);
		if (result == 0 && pkt == NULL) {
			direct = true;
			result = ask_authorities(a, at, &pkt, &out->told, err);
		}
		if (result != 0)
			break;
		(void)slice_to_str(slice_of(at), before, sizeof(before));
		follow(pkt, at);
		result = take_txt(pkt, at, out->txt, &out->count, err);
		/* an authority's answer ends where its zone ends; a resolver's is whole */
		done = !direct || out->count > 0 || slice_ieq_str(slice_of(at), before);
		ldns_pkt_free(pkt);
	}
	free(a);
	if (result == 0 && !done)
		return err_set(err, ERR_DNS, "%s: more than %d CNAMEs", name, CHAIN_MAX);
	return result;
}

int
dns_lookup_txt_told(
    const struct dns_conf *conf, const char *name, struct dns_txt *out, struct err *err)
{
	return look_up(conf, name, false, out, err);
}

int
dns_lookup_txt_authorities(
    const struct dns_conf *conf, const char *name, struct dns_txt *out, struct err *err)
{
	return look_up(conf, name, true, out, err);
}

/* Is it the first of its name? */
static bool
is_first(const struct zone *z, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_ieq_str(slice_of(z->servers[i].name), z->servers[at].name))
			return false;
	return true;
}

/* "ns1.example.com (192.0.2.1, 2001:db8::1)", or the address alone when that is the name. */
static void
put_server(const struct zone *z, const char *name, struct buf *out)
{
	char addr[IP_TEXT_LEN];
	const char *before = " (";
	buf_put_str(out, name);
	for (size_t i = 0; i < z->server_count; i++) {
		ip_addr_format(&z->servers[i].endpoint.addr, addr);
		if (!slice_ieq_str(slice_of(z->servers[i].name), name) ||
		    slice_ieq_str(slice_of(addr), name))
			continue;
		buf_put_str(out, before);
		buf_put_str(out, addr);
		before = ", ";
	}
	if (before[0] == ',')
		buf_put_byte(out, ')');
}

static void
put_servers(const struct zone *z, struct buf *out)
{
	size_t names = 0, done = 0;
	for (size_t i = 0; i < z->server_count; i++)
		names += is_first(z, i);
	for (size_t i = 0; i < z->server_count; i++) {
		if (!is_first(z, i))
			continue;
		done++;
		if (done > 1)
			buf_put_str(out, done == names ? " and " : ", ");
		put_server(z, z->servers[i].name, out);
	}
}

int
dns_describe_zone(
    const struct zone *z, const char *domain, struct dns_servers *out, struct err *err)
{
	buf_init(&out->text, SERVERS_TEXT_MAX);
	/* the walk went no further than a top level, or nowhere */
	if (!z->configured && dns_name_labels(z->name) < 2)
		return err_set(err, ERR_DNS, "DNS knows no name servers of %s", domain);
	if (z->server_count == 0)
		return err_set(
		    err, ERR_DNS, "no address was found for the name servers of %s", z->name);
	if (!slice_to_str(slice_of(z->name), out->zone, sizeof(out->zone)))
		return err_set(err, ERR_DNS, "%s: its zone's name is too long", domain);
	put_servers(z, &out->text);
	return buf_check(&out->text, "the list of name servers", err);
}

int
dns_lookup_servers(
    const struct dns_conf *conf, const char *domain, struct dns_servers *out, struct err *err)
{
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct zone_path *found = calloc(1, sizeof(*found));
	buf_init(&out->text, SERVERS_TEXT_MAX);
	int result = 0;
	if (a == NULL || found == NULL) {
		result = err_nomem(err);
	} else {
		dns_asker_init(a, conf);
		result = zone_find(a, domain, found, err);
	}
	if (result == 0)
		result = dns_describe_zone(&found->zone, domain, out, err);
	free(found);
	free(a);
	return result;
}

/* By the SOA that a resolver gives for the domain, as its answer or with its denial. */
static bool
zone_by_resolver(struct dns_asker *a, const char *domain, char zone[static SWEEP_NAME_LEN])
{
	struct err ignored = ERR_INIT;
	struct dns_endpoint none = {.port = DNS_PORT};
	struct dns_query q;
	ldns_rr *soa;
	if (!dns_query_init(&q, a, &none, domain, LDNS_RR_TYPE_SOA))
		return false;
	bool found =
	    dns_resolve(a, &q, 1, &ignored) == 0 && q.reply != NULL &&
	    (dns_records(ldns_pkt_answer(q.reply), domain, LDNS_RR_TYPE_SOA, &soa, 1) == 1 ||
		dns_records(ldns_pkt_authority(q.reply), NULL, LDNS_RR_TYPE_SOA, &soa, 1) == 1) &&
	    dns_name_text(ldns_rr_owner(soa), zone) && zone[0] != '\0' &&
	    dns_name_within(domain, zone);
	dns_query_deinit(&q);
	return found;
}

int
dns_lookup_zone(const struct dns_conf *conf, const char *domain,
    char zone[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	char told[SWEEP_NAME_LEN];
	struct err why = ERR_INIT;
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct zone_path *found = calloc(1, sizeof(*found));
	int result = 0;
	if (a == NULL || found == NULL) {
		result = err_nomem(&why);
	} else {
		dns_asker_init(a, conf);
		result = zone_find(a, domain, found, &why);
	}
	/* K34: port 53 may be closed to all but the resolvers */
	if (result != 0 && why.kind == ERR_DNS && zone_by_resolver(a, domain, told))
		result = 0;
	else if (result == 0)
		memcpy(told, found->zone.name, sizeof(told));
	if (result == 0 && !slice_to_str(slice_of(told), zone, DOMAIN_LEN_MAX + 1))
		result = err_set(&why, ERR_DNS, "%s: its zone's name is too long", domain);
	if (result != 0)
		*err = why;
	free(found);
	free(a);
	return result;
}
