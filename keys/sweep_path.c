/* SPDX-License-Identifier: ISC */
/* The way to a zone's servers: which they are, whether the domain is still there, and what stands in between. */
#include "keys/sweep_run.h"

#include <stdlib.h>
#include <string.h>

#define ROOTS_ASKED 3
#define LOOKS	    2 /* at the SOA, the asker's spread apart */
#define TTL_STEPS   3 /* by so much a cache's TTL may have gone down meanwhile */

/* The resolver answers for the domain; asked only where servers do not. */
static bool
resolver_works(struct sweep_running *r)
{
	struct err ignored = ERR_INIT;
	struct dns_endpoint none = {.port = DNS_PORT};
	struct dns_query q;
	if (!dns_query_init(&q, r->asker, &none, r->domain, LDNS_RR_TYPE_NS))
		return false;
	bool works = dns_resolve(r->asker, &q, 1, &ignored) == 0 && q.reply != NULL;
	dns_query_deinit(&q);
	return works;
}

static bool
root_answers(struct sweep_running *r)
{
	struct err ignored = ERR_INIT;
	struct dns_question question;
	struct zone_asked asked = {.max = ROOTS_ASKED};
	struct zone *root = calloc(1, sizeof(*root));
	bool answers = false;
	if (root != NULL && zone_start(r->asker->conf, "", root, &ignored) == 0 &&
	    dns_question_set(&question, "", LDNS_RR_TYPE_NS) &&
	    zone_ask(r->asker, root, &question, &asked, &ignored) == 0) {
		for (size_t i = 0; i < asked.count; i++)
			answers = answers || asked.q[i].reply != NULL;
		dns_queries_free(asked.q, asked.count);
	}
	free(root);
	return answers;
}

static int
say_intercepted(struct sweep_running *r, struct err *err)
{
	r->out->obstruction = OBSTRUCTION_INTERCEPTED;
	return err_set(err, ERR_DNS,
	    "port 53 is intercepted on the way: a resolver answers in the place of the name "
	    "servers "
	    "of %s; let this host "
	    "ask name servers directly, or choose proof = resolver%s",
	    r->domain, r->watches ? "" : ". The key's own name was not asked for");
}

int
sweep_check_way(struct sweep_running *r, struct err *err)
{
	const struct dns_asker *a = r->asker;
	if (a->answered > 0 && a->answered_as_resolver == a->answered)
		return say_intercepted(r, err);
	if (a->put == 0 || a->answered > 0 || root_answers(r) || !resolver_works(r))
		return 0;
	r->out->obstruction = OBSTRUCTION_BLOCKED;
	return err_set(err, ERR_DNS,
	    "port 53 is blocked on the way out: the resolver works, but no name server answers "
	    "anything; open UDP and TCP "
	    "port 53 for this host, or choose proof = resolver");
}

/* A failure of the walk: the obstruction says more than the last thing that went wrong. */
static int
explain_failure(struct sweep_running *r, struct err *err)
{
	struct err why = ERR_INIT;
	if (err->kind == ERR_DNS && sweep_check_way(r, &why) != 0)
		*err = why;
	return -1;
}

/* Out of a cache: as a resolver answers, or with a TTL that counts down. */
static bool
is_cached(const struct dns_query *first, const struct dns_query *second, const char *zone)
{
	ldns_rr *a, *b;
	if (!ldns_pkt_aa(first->reply) && ldns_pkt_ra(first->reply))
		return true;
	if (second->reply == NULL ||
	    dns_records(ldns_pkt_answer(first->reply), zone, LDNS_RR_TYPE_SOA, &a, 1) != 1 ||
	    dns_records(ldns_pkt_answer(second->reply), zone, LDNS_RR_TYPE_SOA, &b, 1) != 1)
		return false;
	uint32_t before = ldns_rr_ttl(a), after = ldns_rr_ttl(b);
	return after < before && before - after <= TTL_STEPS;
}

static bool
counts_down(const struct dns_query *first, const struct dns_query *second, const char *zone)
{
	return ldns_pkt_aa(first->reply) && is_cached(first, second, zone);
}

/* K23, D50: when all that answer for the domain's zone answer out of a cache, nothing below _domainkey is asked for,
 * which that cache would remember. */
static int
look_at_soa(struct sweep_running *r, struct err *err)
{
	const struct zone *z = &r->path.zone;
	size_t n = z->server_count, walked = r->asker->answered;
	size_t walked_as_resolver = r->asker->answered_as_resolver;
	size_t answered = 0, cached = 0, counting = 0;
	struct dns_query *q = calloc(LOOKS * n + 1, sizeof(*q));
	if (q == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < LOOKS * n; i++) {
		const struct dns_endpoint *e = &z->servers[i / LOOKS].endpoint;
		(void)dns_query_init(&q[i], r->asker, e, z->name, LDNS_RR_TYPE_SOA);
		q[i].delay_ms = i % LOOKS == 0 ? 0 : r->asker->spread_ms;
	}
	int result = dns_ask(r->asker, q, LOOKS * n, err);
	for (size_t i = 0; i < LOOKS * n && result == 0; i += LOOKS) {
		if (q[i].reply == NULL)
			continue;
		answered++;
		cached += is_cached(&q[i], &q[i + 1], z->name);
		counting += counts_down(&q[i], &q[i + 1], z->name);
	}
	dns_queries_free(q, LOOKS * n);
	if (result != 0)
		return -1;
	if (answered == 0)
		return sweep_check_way(r, err);
	/* where the walk met servers that speak for themselves, one that does not may be just lame */
	bool walk_was_free = walked > walked_as_resolver;
	if (cached == answered && (!walk_was_free || counting > 0))
		return say_intercepted(r, err);
	return 0;
}

/* The first zone that the question tells. */
static struct slice
told_zone(const struct sweep_question *q, size_t link)
{
	struct slice rest = q->zones == NULL ? SLICE_LIT("") : slice_of(q->zones);
	for (size_t i = 0;; i++) {
		size_t end = rest.len;
		(void)slice_find(rest, ' ', &end);
		if (i == link || rest.len == 0)
			return slice_sub(rest, 0, end);
		rest = slice_from(rest, end + 1);
	}
}

/* K17: the servers of the zone above deny the domain, and it is one that had servers of its own. */
static int
look_whether_gone(struct sweep_running *r, struct err *err)
{
	const struct zone *z = &r->path.zone;
	struct dns_question question;
	struct zone_asked asked = {.max = SWEEP_SERVERS_MAX};
	char was[SWEEP_NAME_LEN];
	if (strcmp(z->name, r->domain) == 0)
		return 0;
	bool was_zone = slice_to_str(told_zone(r->question, 0), was, sizeof(was)) &&
			was[0] != '\0' && dns_name_within(was, r->domain);
	if (!was_zone && dns_name_labels(z->name) > 1)
		return 0;
	if (!dns_question_set(&question, r->domain, LDNS_RR_TYPE_NS))
		return err_set(err, ERR_INPUT, "%s is too long", r->domain);
	if (zone_ask(r->asker, z, &question, &asked, err) != 0)
		return -1;
	size_t denied = 0, others = 0;
	for (size_t i = 0; i < asked.count; i++) {
		const ldns_pkt *pkt = asked.q[i].reply;
		if (pkt == NULL || !dns_packet_tells(pkt))
			continue;
		if (ldns_pkt_aa(pkt) && ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NXDOMAIN)
			denied++;
		else
			others++;
	}
	dns_queries_free(asked.q, asked.count);
	r->out->domain_gone = denied > 0 && others == 0;
	return 0;
}

int
sweep_look_ahead(struct sweep_running *r, struct err *err)
{
	if (zone_find(r->asker, r->domain, &r->path, err) != 0)
		return explain_failure(r, err);
	if (look_whether_gone(r, err) != 0)
		return -1;
	return r->watches ? 0 : look_at_soa(r, err);
}

/* K2: those that resolvers may still ask. */
static int
add_formers(struct sweep_running *r, struct err *err)
{
	struct zone *z = &r->path.zone;
	for (size_t i = 0; i < r->question->former_count; i++) {
		const struct sweep_former *f = &r->question->formers[i];
		struct zone_server s = {.endpoint = f->endpoint, .former = true};
		bool listed = false;
		if (f->until <= r->question->now || !slice_ieq_str(slice_of(f->zone), z->name) ||
		    !dns_name_lower(f->name, s.name))
			continue;
		for (size_t n = 0; n < z->server_count && !listed; n++)
			listed = z->servers[n].endpoint.port == f->endpoint.port &&
				 ip_addr_eq(&z->servers[n].endpoint.addr, &f->endpoint.addr);
		if (!listed && zone_add_server(z, &s, err) != 0)
			return -1;
	}
	return 0;
}

/* false: the question told none, or it is not a zone any more. */
static bool
find_told(struct sweep_running *r)
{
	struct err ignored = ERR_INIT;
	char zone[SWEEP_NAME_LEN];
	return slice_to_str(told_zone(r->question, r->out->link_count), zone, sizeof(zone)) &&
	       zone[0] != '\0' && dns_name_within(r->name, zone) &&
	       zone_find(r->asker, zone, &r->path, &ignored) == 0 &&
	       strcmp(r->path.zone.name, zone) == 0;
}

int
sweep_find_zone(struct sweep_running *r, bool told, struct err *err)
{
	r->zone_was_told = told && find_told(r);
	/* what was a zone is none any more: perhaps nothing is left of the domain */
	if (told && !r->zone_was_told && r->question->zones != NULL && r->out->link_count == 0 &&
	    sweep_look_ahead(r, err) != 0)
		return -1;
	if (!r->zone_was_told && zone_find(r->asker, r->name, &r->path, err) != 0)
		return explain_failure(r, err);
	if (add_formers(r, err) != 0)
		return -1;
	if (!r->watches && zone_check_view(r->asker, &r->path.zone, r->domain, err) != 0)
		return -1;
	return zone_find_ds(r->asker, &r->path, r->domain, &r->ds, err);
}
