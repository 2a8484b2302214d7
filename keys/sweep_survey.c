/* SPDX-License-Identifier: ISC */
/* What the answers of a sweep tell beside the record: TTLs, wildcards, the alias. */
#include "keys/sweep_run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LABEL_LEN     20
#define PARENTS_ASKED 3
#define RECORDS_MAX   16

bool
sweep_random_sibling(const char *name, char out[static SWEEP_NAME_LEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const char *parent = dns_name_parent(name);
	uint8_t r[LABEL_LEN];
	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r) ||
	    strlen(parent) + LABEL_LEN + 2 > SWEEP_NAME_LEN)
		return false;
	for (size_t i = 0; i < LABEL_LEN; i++)
		out[i] = letters[r[i] % 32];
	out[LABEL_LEN] = '.';
	return slice_to_str(slice_of(parent), out + LABEL_LEN + 1, SWEEP_NAME_LEN - LABEL_LEN - 1);
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* SOA: the seventh of its data is MINIMUM. */
static int64_t
soa_minimum(const ldns_rr *soa)
{
	const ldns_rdf *rdf = ldns_rr_rd_count(soa) == 7 ? ldns_rr_rdf(soa, 6) : NULL;
	if (rdf == NULL || ldns_rdf_size(rdf) != 4)
		return INT64_MAX;
	return ldns_rdf2native_int32(rdf);
}

int64_t
sweep_negative_ttl(const ldns_pkt *pkt)
{
	static const ldns_rr_type denials[] = {LDNS_RR_TYPE_NSEC, LDNS_RR_TYPE_NSEC3};
	ldns_rr *rr[RECORDS_MAX];
	int64_t ttl = SWEEP_UNKNOWN;
	/* the apex's own SOA is not a denial: of it only the smaller of both counts (RFC 2308 5) */
	if (dns_records(ldns_pkt_answer(pkt), NULL, LDNS_RR_TYPE_SOA, rr, 1) == 1) {
		int64_t minimum = soa_minimum(rr[0]), own = ldns_rr_ttl(rr[0]);
		ttl = own < minimum ? own : minimum;
	}
	const ldns_rr_list *authority = ldns_pkt_authority(pkt);
	if (dns_records(authority, NULL, LDNS_RR_TYPE_SOA, rr, 1) == 1)
		ttl = larger(ttl, ldns_rr_ttl(rr[0]));
	for (size_t d = 0; d < 2; d++) {
		size_t n = dns_records(authority, NULL, denials[d], rr, RECORDS_MAX);
		for (size_t i = 0; i < n && i < RECORDS_MAX; i++)
			ttl = larger(ttl, ldns_rr_ttl(rr[i]));
	}
	return ttl;
}

static bool
speaks(const struct dns_query *q)
{
	return q->reply != NULL && ldns_pkt_aa(q->reply) && dns_packet_tells(q->reply);
}

/* Of what stands at the name, and of a DNAME that leads away from it. */
static void
measure_positive(struct sweep *s, const ldns_pkt *pkt, const char *name)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		if (type == LDNS_RR_TYPE_RRSIG ||
		    (type != LDNS_RR_TYPE_DNAME && !dns_name_is(ldns_rr_owner(rr), name)))
			continue;
		s->ttl_max_s = larger(s->ttl_max_s, ldns_rr_ttl(rr));
	}
}

/* One server's answers about the siblings; true when it answered both. */
static bool
measure_siblings(struct sweep_running *r, const struct dns_query *q)
{
	size_t answered = 0;
	for (size_t i = 0; i < SWEEP_SIBLINGS; i++) {
		const struct dns_query *sibling = &q[r->plan.siblings + i];
		if (!speaks(sibling))
			continue;
		r->out->negative_max_s =
		    larger(r->out->negative_max_s, sweep_negative_ttl(sibling->reply));
		measure_positive(r->out, sibling->reply, sibling->question.name);
		answered += ldns_pkt_ancount(sibling->reply) > 0;
	}
	return answered == SWEEP_SIBLINGS;
}

void
sweep_measure(struct sweep_running *r)
{
	for (size_t at = 0; at < r->q_count; at += r->plan.each) {
		const struct dns_query *q = &r->q[at];
		for (unsigned i = 0; i < r->queries; i++)
			if (speaks(&q[i]))
				measure_positive(r->out, q[i].reply, r->name);
		if (r->plan.siblings == SIZE_MAX)
			continue;
		if (measure_siblings(r, q))
			r->out->wildcard = true;
		const struct dns_query *soa = &q[r->plan.soa];
		if (speaks(soa))
			r->out->negative_max_s =
			    larger(r->out->negative_max_s, sweep_negative_ttl(soa->reply));
	}
}

int
sweep_measure_parent(struct sweep_running *r, struct err *err)
{
	const struct zone *parent = &r->path.parent;
	struct dns_question question;
	struct zone_asked asked = {.max = PARENTS_ASKED};
	char name[SWEEP_NAME_LEN];
	if (parent->server_count == 0 || !sweep_random_sibling(r->path.zone.name, name) ||
	    !dns_question_set(&question, name, LDNS_RR_TYPE_TXT))
		return 0;
	question.dnssec = true;
	if (zone_ask(r->asker, parent, &question, &asked, err) != 0)
		return -1;
	for (size_t i = 0; i < asked.count; i++)
		if (speaks(&asked.q[i]))
			r->out->negative_parent_s =
			    larger(r->out->negative_parent_s, sweep_negative_ttl(asked.q[i].reply));
	dns_queries_free(asked.q, asked.count);
	return 0;
}

static enum sweep_alias
alias_of(const struct sweep_running *r, const struct sweep_answer *a, const char *target)
{
	switch (a->found) {
	case FOUND_UNKNOWN:
		return ALIAS_UNKNOWN;
	case FOUND_ALIAS:
		return slice_ieq_str(slice_of(target), r->wanted) ? ALIAS_RIGHT : ALIAS_WRONG;
	case FOUND_NODATA:
	case FOUND_NXDOMAIN:
		return ALIAS_MISSING;
	case FOUND_SEVERAL:
		return ALIAS_WRONG;
	default:
		return ALIAS_FLATTENED;
	}
}

static bool
has_address(const struct dns_query *q, const char *name)
{
	ldns_rr *rr;
	return speaks(q) &&
	       dns_records(ldns_pkt_answer(q->reply), name, LDNS_RR_TYPE_A, &rr, 1) > 0;
}

/* Addresses at the name: a provider's proxy stands in for the alias (D45). */
static int
look_for_proxy(struct sweep_running *r, struct err *err)
{
	struct dns_question question;
	struct zone_asked asked = {.max = SWEEP_SERVERS_MAX};
	if (!dns_question_set(&question, r->name, LDNS_RR_TYPE_A))
		return 0;
	if (zone_ask(r->asker, &r->path.zone, &question, &asked, err) != 0)
		return -1;
	for (size_t i = 0; i < asked.count; i++) {
		if (!has_address(&asked.q[i], r->name))
			continue;
		r->out->alias = ALIAS_PROXIED;
		measure_positive(r->out, asked.q[i].reply, r->name);
	}
	dns_queries_free(asked.q, asked.count);
	return 0;
}

int
sweep_judge_wanted(struct sweep_running *r, struct err *err)
{
	struct sweep *s = r->out;
	bool first = true;
	s->alias = ALIAS_UNKNOWN;
	for (size_t i = 0; i < s->count; i++) {
		char target[SWEEP_NAME_LEN] = "";
		const struct dns_query *q = &r->q[i * r->plan.each];
		for (unsigned n = 0; n < r->queries && target[0] == '\0'; n++)
			if (!sweep_judge_alias(&q[n], r->name, target))
				target[0] = '\0';
		enum sweep_alias one = alias_of(r, &s->answers[i], target);
		if (one == ALIAS_UNKNOWN || s->answers[i].former)
			continue;
		s->alias = first || s->alias == one ? one : ALIAS_DIFFERS;
		first = false;
		if (one == ALIAS_WRONG)
			memcpy(s->alias_found, target, sizeof(s->alias_found));
	}
	return s->alias == ALIAS_MISSING ? look_for_proxy(r, err) : 0;
}
