/* SPDX-License-Identifier: ISC */
#include "keys/sweep.h"

#include "keys/sweep_judge.h"
#include "keys/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX  8	/* CNAMEs */
#define ROUNDS	   5	/* questions per address: several backends may hide behind it (K14) */
#define SPREAD_MS  1200 /* over which they go, so that a cache's TTL is seen to count down */
#define EACH	   (ROUNDS + 2)
#define ASK_SOA	   ROUNDS
#define ASK_DNSKEY (ROUNDS + 1)

struct run {
	struct dns_asker asker;
	struct zone_path path;
	struct zone_ds ds;
	struct judge_rule rule;
	char name[SWEEP_NAME_LEN], alias[SWEEP_NAME_LEN];
	const char *domain;
	struct dns_query *queries; /* EACH per server of the zone */
	size_t query_count;
	bool check_signatures;
	struct sweep *out;
};

static int
prepare(struct run *r, struct err *err)
{
	r->query_count = r->path.zone.server_count * EACH;
	r->queries = calloc(r->query_count, sizeof(*r->queries));
	if (r->queries == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < r->query_count; i++) {
		const struct dns_endpoint *e = &r->path.zone.servers[i / EACH].endpoint;
		size_t nr = i % EACH;
		const char *name = nr < ROUNDS ? r->name : r->path.zone.name;
		ldns_rr_type type = LDNS_RR_TYPE_TXT;
		if (nr >= ROUNDS)
			type = nr == ASK_SOA ? LDNS_RR_TYPE_SOA : LDNS_RR_TYPE_DNSKEY;
		if (!dns_query_init(&r->queries[i], &r->asker, e, name, type))
			return err_set(err, ERR_INPUT, "%s is too long", name);
		/* no DS: no signatures are needed; not known: they are looked at if there are any */
		r->queries[i].question.dnssec = r->check_signatures;
		r->queries[i].delay_ms = nr < ROUNDS ? (int)nr * (SPREAD_MS / (ROUNDS - 1)) : 0;
	}
	return 0;
}

static bool
has_dnskey(const struct run *r)
{
	ldns_rr *rr;
	for (size_t i = ASK_DNSKEY; i < r->query_count; i += EACH)
		if (r->queries[i].reply != NULL &&
		    dns_records(ldns_pkt_answer(r->queries[i].reply), r->path.zone.name,
			LDNS_RR_TYPE_DNSKEY, &rr, 1) > 0)
			return true;
	return false;
}

/* serial and lameness, from the apex SOA. */
static void
take_soa(const struct run *r, const struct dns_query *q, struct sweep_answer *a)
{
	ldns_rr *soa;
	if (q->reply == NULL)
		return;
	a->lame = true;
	if (ldns_pkt_get_rcode(q->reply) != LDNS_RCODE_NOERROR || !ldns_pkt_aa(q->reply) ||
	    dns_records(ldns_pkt_answer(q->reply), r->path.zone.name, LDNS_RR_TYPE_SOA, &soa, 1) !=
		1)
		return;
	a->lame = false;
	(void)dns_record_serial(soa, &a->serial);
}

static void
judge_server(struct run *r, size_t server, struct sweep_answer *a)
{
	struct dns_query *q = &r->queries[server * EACH];
	struct dnssec_keys keys;
	struct judgement each[ROUNDS], all;
	memset(a, 0, sizeof(*a));
	memcpy(a->server, r->path.zone.servers[server].name, sizeof(a->server));
	a->endpoint = r->path.zone.servers[server].endpoint;
	dnssec_keys_check(q[ASK_DNSKEY].reply, r->path.zone.name, r->ds.ds, r->rule.now, &keys);
	for (size_t i = 0; i < ROUNDS; i++)
		sweep_judge(&r->rule, &q[i], r->check_signatures ? &keys : NULL, &each[i]);
	sweep_judge_all(each, ROUNDS, &all);
	take_soa(r, &q[ASK_SOA], a);
	a->verdict = all.verdict;
	a->ttl = all.verdict == ANSWER_GOOD ? all.ttl : 0;
	a->family_unroutable = all.no_route;
	a->lame = a->lame && all.verdict == ANSWER_MUTE;
	if (all.verdict == ANSWER_BAD && a->serial != 0)
		snprintf(
		    a->why, sizeof(a->why), "%.160s (serial %u)", all.why, (unsigned)a->serial);
	else if (all.verdict != ANSWER_GOOD)
		memcpy(a->why, all.why, sizeof(a->why));
}

/* Asks and judges all servers of the zone.  r->alias: where the chain goes on, "" at its end. */
static int
sweep_zone(struct run *r, struct err *err)
{
	struct sweep *s = r->out;
	r->check_signatures = !r->ds.known || dnssec_ds_is_usable(r->ds.ds);
	if (s->count + r->path.zone.server_count > SWEEP_SERVERS_MAX)
		return err_set(err, ERR_LIMIT,
		    "%s: the zones of its chain have more than %d server addresses", r->name,
		    SWEEP_SERVERS_MAX);
	if (prepare(r, err) != 0 || dns_ask(&r->asker, r->queries, r->query_count, err) != 0)
		return -1;
	if (!r->ds.known)
		r->check_signatures = has_dnskey(r);
	r->alias[0] = '\0';
	r->rule.zone = r->path.zone.name;
	r->rule.name = r->name;
	for (size_t i = 0; i < r->query_count && r->alias[0] == '\0'; i++)
		if (i % EACH < ROUNDS && !sweep_judge_alias(&r->queries[i], r->name, r->alias))
			r->alias[0] = '\0';
	r->rule.alias = r->alias[0] == '\0' ? NULL : r->alias;
	for (size_t i = 0; i < r->path.zone.server_count; i++)
		judge_server(r, i, &s->answers[s->count++]);
	s->zone_signed = r->check_signatures;
	return 0;
}

static void
drop_zone(struct run *r)
{
	dns_queries_free(r->queries, r->query_count);
	ldns_rr_list_deep_free(r->ds.ds);
	r->queries = NULL;
	r->query_count = 0;
	r->ds.ds = NULL;
}

/* The zone of r->name, its DS, its servers. */
static int
sweep_link(struct run *r, struct err *err)
{
	if (zone_find(&r->asker, r->name, &r->path, err) != 0)
		return -1;
	if (zone_check_view(&r->asker, &r->path.zone, r->domain, err) != 0)
		return -1;
	if (zone_find_ds(&r->asker, &r->path, r->domain, &r->ds, err) != 0)
		return -1;
	if (!slice_to_str(slice_of(r->path.zone.name), r->out->zone, sizeof(r->out->zone)))
		return err_set(err, ERR_DNS, "%s: its zone's name is too long", r->name);
	return sweep_zone(r, err);
}

static int
sweep_chain(struct run *r, struct err *err)
{
	for (int links = 0; links <= CHAIN_MAX; links++) {
		int result = sweep_link(r, err);
		drop_zone(r);
		if (result != 0)
			return links == 0 ? -1 : err_wrap(err, "behind a CNAME: %s", r->name);
		if (r->alias[0] == '\0')
			return 0;
		memcpy(r->name, r->alias, sizeof(r->name));
	}
	return err_set(
	    err, ERR_DNS, "more than %d CNAMEs behind each other, at last %s", CHAIN_MAX, r->name);
}

static void
count_verdicts(struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++) {
		s->good += s->answers[i].verdict == ANSWER_GOOD;
		s->bad += s->answers[i].verdict == ANSWER_BAD;
		s->mute += s->answers[i].verdict == ANSWER_MUTE;
	}
}

int
sweep_run(const struct dns_conf *conf, const struct sweep_question *question, struct sweep *out,
    struct err *err)
{
	int64_t began_ms = dns_now_ms();
	struct run *r = calloc(1, sizeof(*r));
	memset(out, 0, sizeof(*out));
	if (r == NULL)
		return err_nomem(err);
	dns_asker_init(&r->asker, conf);
	r->out = out;
	r->domain = question->domain;
	r->rule.expected = question->expected;
	r->rule.now = question->now;
	r->rule.timeout_ms = r->asker.timeout_ms;
	int result = dns_name_lower(question->name, r->name)
			 ? sweep_chain(r, err)
			 : err_set(err, ERR_INPUT, "%s is too long for a name", question->name);
	free(r);
	count_verdicts(out);
	out->started_at = question->now;
	out->ended_at = question->now + (dns_now_ms() - began_ms + 999) / 1000;
	return result;
}
