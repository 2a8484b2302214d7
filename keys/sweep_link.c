/* SPDX-License-Identifier: ISC */
/* One zone of a chain: its servers are asked all at once, and judged. */
#include "keys/sweep_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
nothing_will_do(const struct sweep_question *q)
{
	return q->expect == EXPECT_ABSENT || (q->expect == EXPECT_TOMBSTONE && q->or_nothing);
}

static void
make_plan(struct sweep_running *r)
{
	struct sweep_plan *p = &r->plan;
	bool siblings = r->survey || nothing_will_do(r->question);
	const char *above = dns_name_parent(r->name);
	*p = (struct sweep_plan){r->queries, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, {""}};
	for (size_t i = 0; i < SWEEP_SIBLINGS && siblings; i++)
		siblings = sweep_random_sibling(r->name, p->sibling_names[i]);
	if (!r->watches || siblings)
		p->soa = p->each++;
	if (!r->watches || r->check_signatures)
		p->dnskey = p->each++;
	if (r->survey && strlen(above) > strlen(r->path.zone.name))
		p->above = p->each++;
	if (siblings) {
		p->siblings = p->each;
		p->each += SWEEP_SIBLINGS;
	}
}

/* Name, type and time of one server's query number nr. */
static bool
set_query(const struct sweep_running *r, struct dns_query *q, const struct dns_endpoint *server,
    size_t nr)
{
	const struct sweep_plan *p = &r->plan;
	const char *name = r->path.zone.name;
	ldns_rr_type type = LDNS_RR_TYPE_TXT;
	bool sibling = nr >= p->siblings;
	int delay_ms = 0;
	if (sibling) {
		name = p->sibling_names[nr - p->siblings];
	} else if (nr == p->soa) {
		type = LDNS_RR_TYPE_SOA;
	} else if (nr == p->dnskey) {
		type = LDNS_RR_TYPE_DNSKEY;
	} else if (nr == p->above) {
		name = dns_name_parent(r->name);
	} else {
		name = r->name;
		if (r->queries > 1)
			delay_ms = (int)nr * r->asker->spread_ms / (int)(r->queries - 1);
	}
	if (!dns_query_init(q, r->asker, server, name, type))
		return false;
	/* no DS: no signatures are needed; not known: they are looked at if there are any.  K4: NSEC TTLs
	 * are only seen with DO */
	q->question.dnssec = r->check_signatures || sibling;
	q->delay_ms = delay_ms;
	return true;
}

static int
prepare(struct sweep_running *r, struct err *err)
{
	make_plan(r);
	r->q_count = r->path.zone.server_count * r->plan.each;
	r->q = calloc(r->q_count > 0 ? r->q_count : 1, sizeof(*r->q));
	if (r->q == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < r->q_count; i++)
		r->q[i].fd = -1;
	for (size_t i = 0; i < r->q_count; i++) {
		const struct dns_endpoint *e = &r->path.zone.servers[i / r->plan.each].endpoint;
		if (!set_query(r, &r->q[i], e, i % r->plan.each))
			return err_set(err, ERR_INPUT, "%s is too long", r->name);
	}
	return 0;
}

static bool
has_dnskey(const struct sweep_running *r)
{
	ldns_rr *rr;
	for (size_t i = r->plan.dnskey; r->plan.dnskey != SIZE_MAX && i < r->q_count;
	     i += r->plan.each)
		if (r->q[i].reply != NULL &&
		    dns_records(ldns_pkt_answer(r->q[i].reply), r->path.zone.name,
			LDNS_RR_TYPE_DNSKEY, &rr, 1) > 0)
			return true;
	return false;
}

/* serial and lameness, from the apex SOA. */
static void
take_soa(const struct sweep_running *r, const struct dns_query *q, struct sweep_answer *a)
{
	ldns_rr *soa;
	if (q->reply == NULL)
		return;
	a->lame = a->verdict == ANSWER_MUTE;
	if (ldns_pkt_get_rcode(q->reply) != LDNS_RCODE_NOERROR || !ldns_pkt_aa(q->reply) ||
	    dns_records(ldns_pkt_answer(q->reply), r->path.zone.name, LDNS_RR_TYPE_SOA, &soa, 1) !=
		1)
		return;
	a->lame = false;
	(void)dns_record_serial(soa, &a->serial);
}

/* RFC 8020: what has a name below it exists; resolvers that go down label by label believe the denial. */
static bool
denies_above(const struct dns_query *q, const struct sweep_answer *a)
{
	return q->reply != NULL && ldns_pkt_aa(q->reply) &&
	       ldns_pkt_get_rcode(q->reply) == LDNS_RCODE_NXDOMAIN && a->verdict != ANSWER_MUTE &&
	       !sweep_found_nothing(a->found);
}

/* The serial of one that contradicts tells whether it is behind. */
static void
tell_serial(struct sweep_answer *a)
{
	char why[sizeof(a->why)];
	if (a->verdict != ANSWER_BAD || a->serial == 0)
		return;
	snprintf(why, sizeof(why), "%.160s (serial %u)", a->why, (unsigned)a->serial);
	memcpy(a->why, why, sizeof(a->why));
}

static void
judge_server(struct sweep_running *r, size_t nr, struct sweep_answer *a)
{
	const struct zone_server *server = &r->path.zone.servers[nr];
	const struct sweep_plan *p = &r->plan;
	const struct dns_query *q = &r->q[nr * p->each];
	struct judgement each[SWEEP_QUERIES_MAX], all;
	struct judge_witness witness = {.keys = NULL};
	struct dnssec_keys keys;
	if (r->check_signatures) {
		dnssec_keys_check(p->dnskey == SIZE_MAX ? NULL : q[p->dnskey].reply,
		    r->path.zone.name, r->ds.ds, r->rule.now, &keys);
		witness.keys = &keys;
	}
	for (size_t i = 0; i < SWEEP_SIBLINGS && p->siblings != SIZE_MAX; i++) {
		witness.siblings[i] = q[p->siblings + i].reply;
		witness.sibling_names[i] = p->sibling_names[i];
	}
	for (unsigned i = 0; i < r->queries; i++)
		sweep_judge(&r->rule, &q[i], &witness, &each[i]);
	sweep_judge_all(each, r->queries, &all);
	memset(a, 0, sizeof(*a));
	memcpy(a->server, server->name, sizeof(a->server));
	a->endpoint = server->endpoint;
	a->link = (uint8_t)r->out->link_count;
	a->former = server->former;
	a->listed_ttl_s = zone_listed_ttl(&r->path.zone, server);
	a->verdict = all.verdict;
	a->found = all.found;
	a->ttl = all.verdict == ANSWER_GOOD ? all.ttl : 0;
	a->family_unroutable = all.no_route;
	if (all.verdict != ANSWER_GOOD)
		memcpy(a->why, all.why, sizeof(a->why));
	if (p->above != SIZE_MAX)
		a->denies_above = denies_above(&q[p->above], a);
	if (p->soa == SIZE_MAX)
		return;
	take_soa(r, &q[p->soa], a);
	tell_serial(a);
}

static bool
is_ignored(const struct dns_conf *conf, const struct dns_endpoint *server)
{
	for (size_t i = 0; i < conf->ignored_count; i++)
		if (conf->ignored[i].port == server->port &&
		    ip_addr_eq(&conf->ignored[i].addr, &server->addr))
			return true;
	return false;
}

/* K15: an admin takes it upon him that receivers may meet it; what it says is still shown. */
static void
waive(const struct sweep_running *r, struct sweep_answer *a)
{
	char why[sizeof(a->why)];
	if (a->verdict == ANSWER_GOOD || !is_ignored(r->asker->conf, &a->endpoint))
		return;
	snprintf(why, sizeof(why), "does not count (ignore_server): %.150s", a->why);
	memcpy(a->why, why, sizeof(a->why));
	a->verdict = ANSWER_MUTE;
	a->found = FOUND_UNKNOWN;
	a->waived = true;
}

/* A watch asks for the SOA only where something is wrong. */
static int
ask_soa(struct sweep_running *r, struct sweep_answer *answers, struct err *err)
{
	size_t servers = r->path.zone.server_count, count = 0;
	size_t which[SWEEP_SERVERS_MAX] = {0};
	struct dns_query *q = calloc(servers > 0 ? servers : 1, sizeof(*q));
	if (q == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < servers; i++) {
		if (answers[i].verdict == ANSWER_GOOD)
			continue;
		(void)dns_query_init(
		    &q[count], r->asker, &answers[i].endpoint, r->path.zone.name, LDNS_RR_TYPE_SOA);
		which[count++] = i;
	}
	int result = dns_ask(r->asker, q, count, err);
	for (size_t i = 0; result == 0 && i < count; i++) {
		take_soa(r, &q[i], &answers[which[i]]);
		tell_serial(&answers[which[i]]);
	}
	dns_queries_free(q, count);
	return result;
}

static void
set_alias(struct sweep_running *r)
{
	bool stays = nothing_will_do(r->question) && r->wanted[0] == '\0';
	char owner[SWEEP_NAME_LEN];
	r->alias[0] = '\0';
	for (size_t i = 0; i < r->q_count && r->alias[0] == '\0'; i++) {
		const struct zone_server *server = &r->path.zone.servers[i / r->plan.each];
		if (i % r->plan.each >= r->queries || server->former ||
		    is_ignored(r->asker->conf, &server->endpoint))
			continue;
		bool leads = sweep_judge_alias(&r->q[i], r->name, r->alias);
		/* a CNAME where nothing is to be is what is wrong; a DNAME's moves the place */
		if (!leads || (stays && r->question->expect == EXPECT_ABSENT &&
				  !sweep_judge_dname(r->q[i].reply, r->name, owner)))
			r->alias[0] = '\0';
		if (r->out->link_count == 0 && r->wanted[0] != '\0' &&
		    !slice_ieq_str(slice_of(r->alias), r->wanted))
			r->alias[0] = '\0';
	}
}

static void
set_rule(struct sweep_running *r)
{
	const struct sweep_question *q = r->question;
	bool wanted = r->out->link_count == 0 && r->wanted[0] != '\0';
	r->rule = (struct judge_rule){.zone = r->path.zone.name,
	    .name = r->name,
	    .expect = q->expect,
	    .or_nothing = q->or_nothing && !wanted,
	    .expected = q->expected,
	    .alias = r->alias[0] == '\0' ? NULL : r->alias,
	    .alias_wanted = wanted,
	    .now = q->now,
	    .timeout_ms = r->asker->timeout_ms};
	if (wanted)
		r->rule.alias = r->wanted;
}

/* A referral, or a denial from further down, that the question did not know of. */
static bool
shows_other_cut(const struct sweep_running *r)
{
	ldns_rr *ns;
	char at[SWEEP_NAME_LEN];
	for (size_t i = 0; i < r->q_count; i++) {
		const ldns_pkt *pkt = r->q[i].reply;
		if (i % r->plan.each >= r->queries || pkt == NULL || !dns_packet_tells(pkt))
			continue;
		ldns_rr_type type = ldns_pkt_aa(pkt) ? LDNS_RR_TYPE_SOA : LDNS_RR_TYPE_NS;
		if (ldns_pkt_ancount(pkt) == 0 &&
		    dns_records(ldns_pkt_authority(pkt), NULL, type, &ns, 1) > 0 &&
		    dns_name_text(ldns_rr_owner(ns), at) && strcmp(at, r->path.zone.name) != 0 &&
		    dns_name_within(at, r->path.zone.name))
			return true;
	}
	return false;
}

int
sweep_ask_link(struct sweep_running *r, struct err *err)
{
	struct sweep *s = r->out;
	struct sweep_answer *answers = &s->answers[s->count];
	size_t servers = r->path.zone.server_count;
	r->check_signatures = !r->ds.known || dnssec_ds_is_usable(r->ds.ds);
	if (s->count + servers > SWEEP_SERVERS_MAX)
		return err_set(err, ERR_LIMIT,
		    "%s: the zones of its chain have more than %d server addresses", r->name,
		    SWEEP_SERVERS_MAX);
	if (prepare(r, err) != 0 || dns_ask(r->asker, r->q, r->q_count, err) != 0)
		return -1;
	if (r->zone_was_told && shows_other_cut(r)) {
		r->other_cut = true;
		return 0;
	}
	if (!r->ds.known)
		r->check_signatures = has_dnskey(r);
	set_alias(r);
	set_rule(r);
	for (size_t i = 0; i < servers; i++)
		judge_server(r, i, &answers[i]);
	if (r->watches && r->plan.soa == SIZE_MAX && ask_soa(r, answers, err) != 0)
		return -1;
	for (size_t i = 0; i < servers; i++)
		waive(r, &answers[i]);
	s->count += servers;
	s->zone_signed = r->check_signatures;
	return 0;
}

void
sweep_drop_link(struct sweep_running *r)
{
	dns_queries_free(r->q, r->q_count);
	ldns_rr_list_deep_free(r->ds.ds);
	r->q = NULL;
	r->q_count = 0;
	r->ds.ds = NULL;
}
