/* SPDX-License-Identifier: ISC */
/* Name servers' host names and addresses. */
#include "keys/zone_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define IN_ZONE_ASKED 4 /* servers asked for hosts of their own zone */
#define ADDRS_MAX     16

uint16_t
zone_found_port(const struct dns_conf *conf)
{
	return conf->root_count > 0 ? conf->roots[0].port : DNS_PORT;
}

bool
zone_add_host(struct zone *z, const char *host, uint32_t ttl_s)
{
	for (size_t i = 0; i < z->host_count; i++) {
		struct zone_host *h = &z->hosts[i];
		if (!slice_ieq_str(slice_of(h->name), host))
			continue;
		h->ttl_s = ttl_s > h->ttl_s ? ttl_s : h->ttl_s;
		return true;
	}
	if (host[0] == '\0' || z->host_count == ZONE_HOSTS_MAX)
		return false;
	struct zone_host *h = &z->hosts[z->host_count++];
	h->ttl_s = ttl_s;
	return slice_to_str(slice_of(host), h->name, sizeof(h->name));
}

static bool
is_same_server(const struct zone_server *a, const struct zone_server *b)
{
	return ip_addr_eq(&a->endpoint.addr, &b->endpoint.addr) &&
	       a->endpoint.port == b->endpoint.port && strcmp(a->name, b->name) == 0;
}

int
zone_add_server(struct zone *z, const struct zone_server *server, struct err *err)
{
	for (size_t i = 0; i < z->server_count; i++) {
		struct zone_server *s = &z->servers[i];
		if (!is_same_server(s, server))
			continue;
		s->ttl_s = server->ttl_s > s->ttl_s ? server->ttl_s : s->ttl_s;
		return 0;
	}
	if (z->server_count == SWEEP_SERVERS_MAX)
		return err_set(err, ERR_LIMIT, "%s has more than %d name server addresses", z->name,
		    SWEEP_SERVERS_MAX);
	z->servers[z->server_count++] = *server;
	return 0;
}

uint32_t
zone_listed_ttl(const struct zone *z, const struct zone_server *server)
{
	uint32_t ttl_s = server->former ? 0 : server->ttl_s;
	for (size_t i = 0; i < z->host_count && !server->former; i++)
		if (slice_ieq_str(slice_of(z->hosts[i].name), server->name) &&
		    z->hosts[i].ttl_s > ttl_s)
			ttl_s = z->hosts[i].ttl_s;
	return ttl_s;
}

static uint32_t
random_below(size_t n)
{
	uint32_t r = 0;
	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = 0;
	return (uint32_t)(r % n);
}

int
zone_ask(struct dns_asker *a, const struct zone *z, const struct dns_question *question,
    struct zone_asked *asked, struct err *err)
{
	size_t n = z->server_count < asked->max ? z->server_count : asked->max;
	size_t begin = z->server_count > asked->max ? random_below(z->server_count) : 0;
	asked->count = 0;
	asked->q = calloc(n > 0 ? n : 1, sizeof(*asked->q));
	if (asked->q == NULL)
		return err_nomem(err);
	asked->count = n;
	for (size_t i = 0; i < n; i++) {
		const struct zone_server *s = &z->servers[(begin + i) % z->server_count];
		(void)dns_query_init(&asked->q[i], a, &s->endpoint, "", question->type);
		asked->q[i].question = *question;
	}
	if (dns_ask(a, asked->q, n, err) == 0)
		return 0;
	dns_queries_free(asked->q, n);
	return -1;
}

/* Addresses of host in an answer; CNAMEs at NS targets are forbidden (RFC 2181 10.3) but work in practice,
 * so the owner is not compared. */
static int
take_addresses(
    const struct dns_asker *a, struct zone *z, const struct dns_query *q, struct err *err)
{
	ldns_rr *rrs[ADDRS_MAX];
	if (q->reply == NULL)
		return 0;
	size_t n = dns_records(ldns_pkt_answer(q->reply), NULL, q->question.type, rrs, ADDRS_MAX);
	struct zone_server server = {.endpoint.port = zone_found_port(a->conf)};
	(void)slice_to_str(slice_of(q->question.name), server.name, sizeof(server.name));
	for (size_t i = 0; i < n && i < ADDRS_MAX; i++) {
		server.ttl_s = ldns_rr_ttl(rrs[i]);
		if (dns_record_addr(rrs[i], &server.endpoint.addr) &&
		    zone_add_server(z, &server, err) != 0)
			return -1;
	}
	return 0;
}

static const ldns_rr_type addr_types[] = {LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA};

/* From the servers of `from`, which may be z itself. */
static int
ask_servers(
    struct dns_asker *a, const struct zone *from, struct zone *z, const char *host, struct err *err)
{
	for (size_t t = 0; t < 2; t++) {
		struct dns_question question;
		struct zone_asked asked = {.max = IN_ZONE_ASKED};
		if (!dns_question_set(&question, host, addr_types[t]))
			return 0;
		if (zone_ask(a, from, &question, &asked, err) != 0)
			return -1;
		int result = 0;
		for (size_t i = 0; i < asked.count && result == 0; i++)
			if (asked.q[i].reply != NULL && ldns_pkt_aa(asked.q[i].reply))
				result = take_addresses(a, z, &asked.q[i], err);
		dns_queries_free(asked.q, asked.count);
		if (result != 0)
			return -1;
	}
	return 0;
}

static bool
is_in_configured_zone(const struct dns_asker *a, const char *host)
{
	for (size_t i = 0; i < a->conf->zone_count; i++)
		if (dns_name_within(host, a->conf->zones[i].name))
			return true;
	return false;
}

/* By our own walk: when the resolvers cannot help, or the admin named the servers. */
static int
walk_to_host(struct dns_asker *a, struct zone *z, const char *host, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct zone_path *found = calloc(1, sizeof(*found));
	if (found == NULL)
		return err_nomem(err);
	int result = 0;
	if (zone_find(a, host, found, &ignored) == 0)
		result = ask_servers(a, &found->zone, z, host, err);
	free(found);
	return result;
}

static int
ask_resolvers(struct dns_asker *a, struct zone *z, const char *host, bool *settled, struct err *err)
{
	struct dns_query q[2];
	struct dns_endpoint none = {.port = DNS_PORT};
	*settled = false;
	for (size_t t = 0; t < 2; t++)
		if (!dns_query_init(&q[t], a, &none, host, addr_types[t]))
			return 0;
	int result = dns_resolve(a, q, 2, err);
	for (size_t t = 0; t < 2; t++) {
		*settled = *settled || q[t].reply != NULL;
		if (result == 0)
			result = take_addresses(a, z, &q[t], err);
		dns_query_deinit(&q[t]);
	}
	return result;
}

/* What was found for another zone of the same host. */
static int
add_known(const struct dns_asker *a, struct zone *z, const char *host, bool *known, struct err *err)
{
	struct zone_addrs addrs;
	struct zone_server server = {.endpoint.port = zone_found_port(a->conf)};
	*known = zone_cache_find_host(a, host, &addrs);
	(void)slice_to_str(slice_of(host), server.name, sizeof(server.name));
	for (size_t i = 0; *known && i < addrs.count; i++) {
		server.endpoint.addr = addrs.addr[i];
		server.ttl_s = addrs.ttl_s[i];
		if (zone_add_server(z, &server, err) != 0)
			return -1;
	}
	return 0;
}

static void
remember(const struct dns_asker *a, const struct zone *z, const char *host)
{
	struct zone_addrs addrs = {.count = 0};
	for (size_t i = 0; i < z->server_count && addrs.count < ZONE_CACHE_ADDRS_MAX; i++) {
		if (strcmp(z->servers[i].name, host) != 0)
			continue;
		addrs.addr[addrs.count] = z->servers[i].endpoint.addr;
		addrs.ttl_s[addrs.count++] = z->servers[i].ttl_s;
	}
	zone_cache_put_host(a, host, &addrs);
}

static int
add_addresses_of(struct dns_asker *a, struct zone *z, const char *host, struct err *err)
{
	bool settled = false;
	if (dns_name_within(host, z->name))
		return z->server_count > 0 ? ask_servers(a, z, z, host, err) : 0;
	if (add_known(a, z, host, &settled, err) != 0)
		return -1;
	if (settled)
		return 0;
	if (!is_in_configured_zone(a, host) && ask_resolvers(a, z, host, &settled, err) != 0)
		return -1;
	/* a server whose name needs a walk that needs a walk is left to the resolvers */
	if (!settled && a->depth > 0)
		return 0;
	int result = 0;
	if (!settled) {
		a->depth++;
		result = walk_to_host(a, z, host, err);
		a->depth--;
	}
	if (result == 0)
		remember(a, z, host);
	return result;
}

int
zone_ask_addresses(
    struct dns_asker *a, const struct zone *from, struct zone *child, struct err *err)
{
	for (size_t i = 0; i < child->host_count; i++)
		if (dns_name_within(child->hosts[i].name, child->name) &&
		    ask_servers(a, from, child, child->hosts[i].name, err) != 0)
			return -1;
	return 0;
}

int
zone_add_addresses(struct dns_asker *a, struct zone *z, struct err *err)
{
	for (size_t i = 0; i < z->host_count; i++)
		if (add_addresses_of(a, z, z->hosts[i].name, err) != 0)
			return -1;
	return 0;
}
