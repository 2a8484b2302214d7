/* SPDX-License-Identifier: ISC */
#include "keys/sweep_judge.h"

#include "dkim/record.h"

#include <stdio.h>
#include <string.h>

#define TTL_STEPS                                                                                  \
	3 /* a cache's TTL went down by at most as many seconds as a sweep's questions take */

static void
mute(struct judgement *out, const char *why)
{
	out->verdict = ANSWER_MUTE;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

static void
judge_silence(const struct judge_rule *rule, const struct dns_query *q, struct judgement *out)
{
	char text[192];
	switch (q->end) {
	case DNS_END_NO_ROUTE:
		out->no_route = true;
		snprintf(text, sizeof(text), "no route to %s addresses from this host",
		    q->server.addr.family == IP_V6 ? "IPv6" : "IPv4");
		break;
	case DNS_END_CLOSED:
		snprintf(text, sizeof(text), "nothing answers on port %u: closed", q->server.port);
		break;
	case DNS_END_TRUNCATED:
		snprintf(
		    text, sizeof(text), "its answer by UDP is cut, and it does not answer by TCP");
		break;
	case DNS_END_BROKEN:
		snprintf(text, sizeof(text), "what it sends by TCP is not an answer");
		break;
	default:
		snprintf(text, sizeof(text), "no answer in %.3g s by UDP and TCP",
		    rule->timeout_ms / 1000.0);
		break;
	}
	mute(out, text);
}

/* false: it does not speak for the zone. */
static bool
is_authoritative(const struct judge_rule *rule, const ldns_pkt *pkt, struct judgement *out)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	char name[DNS_RCODE_LEN], text[192];
	dns_rcode_text(pkt, name);
	if (rcode == LDNS_RCODE_REFUSED || rcode == LDNS_RCODE_NOTAUTH)
		snprintf(text, sizeof(text), "%s: not authoritative for %.140s", name, rule->zone);
	else if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN)
		snprintf(text, sizeof(text), "%s for %.150s", name, rule->zone);
	else if (!ldns_pkt_aa(pkt))
		snprintf(text, sizeof(text), "not authoritative for %.110s: its answer has no AA%s",
		    rule->zone, ldns_pkt_ra(pkt) ? ", it may be a resolver" : "");
	else
		return true;
	mute(out, text);
	return false;
}

static void
bad(struct judgement *out, const char *why)
{
	out->verdict = ANSWER_BAD;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

/* In a signed zone the RRset must verify; DNAME's made-up CNAMEs carry no signature, the DNAME does. */
static void
judge_signature(const struct judge_rule *rule, const ldns_pkt *pkt, ldns_rr_type type,
    const struct dnssec_keys *keys, struct judgement *out)
{
	struct dnssec_rrset set = {pkt, rule->zone, rule->name, type};
	ldns_rr *dname;
	char owner[SWEEP_NAME_LEN], why[DNSSEC_WHY_LEN];
	if (keys == NULL)
		return;
	if (type == LDNS_RR_TYPE_CNAME &&
	    dns_records(ldns_pkt_answer(pkt), NULL, LDNS_RR_TYPE_DNAME, &dname, 1) == 1 &&
	    dns_name_text(ldns_rr_owner(dname), owner) && dns_name_within(rule->name, owner)) {
		set.owner = owner;
		set.type = LDNS_RR_TYPE_DNAME;
	}
	enum dnssec_state state = dnssec_check(keys, &set, rule->now, why);
	if (state == DNSSEC_BOGUS)
		bad(out, why);
	else if (state == DNSSEC_UNKNOWN)
		mute(out, why);
}

static void
judge_cname(const struct judge_rule *rule, const ldns_rr *cname, struct judgement *out)
{
	char target[SWEEP_NAME_LEN], text[192];
	out->verdict = ANSWER_GOOD;
	out->ttl = ldns_rr_ttl(cname);
	if (!dns_record_target(cname, target)) {
		bad(out, "its CNAME leads to a name that cannot be used");
	} else if (rule->alias == NULL || !slice_ieq_str(slice_of(target), rule->alias)) {
		snprintf(text, sizeof(text),
		    "its CNAME leads to %.70s, that of another server to %.70s", target,
		    rule->alias == NULL ? "none" : rule->alias);
		bad(out, text);
	}
}

static void
judge_txt(const struct judge_rule *rule, const ldns_rr *txt, struct judgement *out)
{
	struct err why = ERR_INIT;
	struct buf served;
	char text[192];
	buf_init(&served, DNS_TXT_LEN_MAX);
	dns_record_txt(txt, &served);
	out->verdict = ANSWER_GOOD;
	out->ttl = ldns_rr_ttl(txt);
	if (buf_check(&served, "its TXT", &why) != 0 ||
	    !key_record_same(rule->expected, buf_slice(&served), &why)) {
		snprintf(text, sizeof(text), "its TXT is another one: %.150s", why.text);
		bad(out, text);
	}
	buf_deinit(&served);
}

void
sweep_judge(const struct judge_rule *rule, const struct dns_query *q,
    const struct dnssec_keys *keys, struct judgement *out)
{
	memset(out, 0, sizeof(*out));
	out->at_ms = q->done_ms;
	if (q->reply == NULL) {
		judge_silence(rule, q, out);
		return;
	}
	if (!is_authoritative(rule, q->reply, out))
		return;
	const ldns_rr_list *answer = ldns_pkt_answer(q->reply);
	ldns_rr *cname, *txt;
	char text[192];
	size_t cnames = dns_records(answer, rule->name, LDNS_RR_TYPE_CNAME, &cname, 1);
	size_t txts = dns_records(answer, rule->name, LDNS_RR_TYPE_TXT, &txt, 1);
	if (cnames + txts > 1) {
		snprintf(
		    text, sizeof(text), "%zu records answer, only one may be there", cnames + txts);
		bad(out, text);
	} else if (cnames == 1) {
		judge_cname(rule, cname, out);
	} else if (txts == 1) {
		judge_txt(rule, txt, out);
	} else if (ldns_pkt_get_rcode(q->reply) == LDNS_RCODE_NXDOMAIN) {
		bad(out, "NXDOMAIN");
	} else {
		bad(out, "the name exists, but holds no TXT");
	}
	if (out->verdict == ANSWER_GOOD)
		judge_signature(
		    rule, q->reply, cnames == 1 ? LDNS_RR_TYPE_CNAME : LDNS_RR_TYPE_TXT, keys, out);
}

bool
sweep_judge_alias(const struct dns_query *q, const char *name, char target[static SWEEP_NAME_LEN])
{
	ldns_rr *cname;
	if (q->reply == NULL || !ldns_pkt_aa(q->reply))
		return false;
	return dns_records(ldns_pkt_answer(q->reply), name, LDNS_RR_TYPE_CNAME, &cname, 1) == 1 &&
	       dns_record_target(cname, target);
}

void
sweep_judge_all(const struct judgement *all, size_t count, struct judgement *out)
{
	const struct judgement *first = NULL, *last = NULL;
	*out = all[0];
	for (size_t i = 0; i < count; i++) {
		if (all[i].verdict == ANSWER_BAD) {
			*out = all[i];
			return;
		}
		if (all[i].verdict != ANSWER_GOOD)
			continue;
		first = first == NULL ? &all[i] : first;
		last = &all[i];
		if (out->verdict != ANSWER_GOOD || all[i].ttl > out->ttl)
			*out = all[i];
	}
	if (first == NULL || last->at_ms < first->at_ms)
		return;
	/* beside other sweeps the questions have to wait for their turns */
	uint32_t steps = TTL_STEPS + (uint32_t)((last->at_ms - first->at_ms) / 1000);
	if (last->ttl < first->ttl && first->ttl - last->ttl <= steps) {
		memset(out, 0, sizeof(*out));
		mute(out, "its TTL counts down: a cache answers, not the server");
	}
}
