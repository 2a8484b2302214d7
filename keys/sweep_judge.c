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
	case DNS_END_UNSENT:
		snprintf(text, sizeof(text), "this host does not send to it: %s",
		    strerror(q->saved_errno));
		break;
	case DNS_END_TRUNCATED:
		snprintf(
		    text, sizeof(text), "its answer by UDP is cut, and it does not answer by TCP");
		break;
	case DNS_END_BROKEN:
		snprintf(text, sizeof(text), "what it sends by TCP is not an answer");
		break;
	case DNS_END_RESTING:
		snprintf(text, sizeof(text),
		    "silent to every question of this pass, and not asked again at once");
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
	out->ttl = 0;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

bool
sweep_found_nothing(enum answer_found found)
{
	return found == FOUND_NODATA || found == FOUND_NXDOMAIN;
}

bool
sweep_judge_dname(const ldns_pkt *pkt, const char *name, char owner[static SWEEP_NAME_LEN])
{
	ldns_rr *dname;
	return dns_records(ldns_pkt_answer(pkt), NULL, LDNS_RR_TYPE_DNAME, &dname, 1) == 1 &&
	       dns_name_text(ldns_rr_owner(dname), owner) && dns_name_within(name, owner);
}

/* In a signed zone the RRset must verify; DNAME's made-up CNAMEs carry no signature, the DNAME does. */
static void
judge_signature(const struct judge_rule *rule, const ldns_pkt *pkt, const struct dnssec_keys *keys,
    struct judgement *out)
{
	struct dnssec_rrset set = {pkt, rule->zone, rule->name, LDNS_RR_TYPE_TXT};
	char owner[SWEEP_NAME_LEN], why[DNSSEC_WHY_LEN];
	if (out->found == FOUND_ALIAS)
		set.type = LDNS_RR_TYPE_CNAME;
	if (out->found == FOUND_ALIAS && sweep_judge_dname(pkt, rule->name, owner)) {
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
judge_cname(
    const struct judge_rule *rule, const ldns_pkt *pkt, const ldns_rr *cname, struct judgement *out)
{
	char target[SWEEP_NAME_LEN], owner[SWEEP_NAME_LEN], text[192];
	out->verdict = ANSWER_GOOD;
	out->found = FOUND_ALIAS;
	out->ttl = ldns_rr_ttl(cname);
	if (!dns_record_target(cname, target)) {
		bad(out, "its CNAME leads to a name that cannot be used");
	} else if (rule->expect == EXPECT_ABSENT && !rule->alias_wanted &&
		   !sweep_judge_dname(pkt, rule->name, owner)) {
		snprintf(text, sizeof(text), "a CNAME to %.120s stands there", target);
		bad(out, text);
	} else if (rule->alias == NULL || !slice_ieq_str(slice_of(target), rule->alias)) {
		snprintf(text, sizeof(text), "its CNAME leads to %.70s, %s %.70s", target,
		    rule->alias_wanted ? "and should lead to" : "that of another server to",
		    rule->alias == NULL ? "none" : rule->alias);
		bad(out, text);
	}
}

static bool
is_tombstone(struct slice text)
{
	struct err ignored = ERR_INIT;
	struct key_record record;
	return key_record_parse(text, &record, &ignored) == 0 && record.revoked;
}

static bool
is_key_record(struct slice text)
{
	struct err ignored = ERR_INIT;
	struct key_record record;
	return key_record_parse(text, &record, &ignored) == 0;
}

enum answer_found
sweep_judge_txt(const ldns_rr *txt, struct slice expected, struct err *why)
{
	struct buf served;
	enum answer_found found = FOUND_OTHER_TEXT;
	buf_init(&served, DNS_TXT_LEN_MAX);
	dns_record_txt(txt, &served);
	if (buf_check(&served, "its TXT", why) == 0) {
		struct slice text = buf_slice(&served);
		if (expected.len > 0 && key_record_same(expected, text, why))
			found = FOUND_RECORD;
		else if (is_tombstone(text))
			found = FOUND_TOMBSTONE;
		else if (is_key_record(text))
			found = FOUND_OTHER_KEY;
	}
	buf_deinit(&served);
	return found;
}

/* Why a TXT where p= or nothing is to be is wrong; NULL: it is not. */
static const char *
why_not_gone(enum key_expect expect, enum answer_found found)
{
	bool tombstone = expect == EXPECT_TOMBSTONE;
	if (tombstone && found == FOUND_TOMBSTONE)
		return NULL;
	if (found == FOUND_RECORD)
		return tombstone ? "it still has the key's record, which is to be revoked"
				 : "it still has the key's record, which is to be gone";
	if (found == FOUND_TOMBSTONE)
		return "it still has the revoked record (empty p=)";
	if (found == FOUND_OTHER_KEY)
		return tombstone ? "another key stands there, and no empty p="
				 : "another key stands there";
	return tombstone ? "its TXT is no key record with an empty p="
			 : "a TXT that is no key stands there";
}

static void
judge_txt(const struct judge_rule *rule, const ldns_rr *txt, struct judgement *out)
{
	struct err why = ERR_INIT;
	char text[192];
	out->verdict = ANSWER_GOOD;
	out->ttl = ldns_rr_ttl(txt);
	out->found = sweep_judge_txt(txt, rule->expected, &why);
	if (rule->expect == EXPECT_RECORD) {
		if (out->found == FOUND_RECORD)
			return;
		snprintf(text, sizeof(text), "its TXT is another one: %.150s", why.text);
		bad(out, text);
		return;
	}
	const char *wrong = why_not_gone(rule->expect, out->found);
	if (wrong != NULL)
		bad(out, wrong);
}

static void
judge_nothing(const struct judge_rule *rule, const ldns_pkt *pkt, struct judgement *out)
{
	bool denied = ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NXDOMAIN;
	out->found = denied ? FOUND_NXDOMAIN : FOUND_NODATA;
	out->verdict = ANSWER_GOOD;
	if (rule->expect == EXPECT_ABSENT || (rule->expect == EXPECT_TOMBSTONE && rule->or_nothing))
		return;
	bad(out, denied ? "NXDOMAIN" : "the name exists, but holds no TXT");
}

/* Is there one with the same data among the records of another name? */
static bool
has_like(const ldns_pkt *pkt, const char *name, const ldns_rr *like)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if (ldns_rr_get_type(rr) != ldns_rr_get_type(like) ||
		    ldns_rr_rd_count(rr) != ldns_rr_rd_count(like) ||
		    !dns_name_is(ldns_rr_owner(rr), name))
			continue;
		bool same = true;
		for (size_t d = 0; same && d < ldns_rr_rd_count(rr); d++)
			same = ldns_rr_rdf(rr, d) != NULL && ldns_rr_rdf(like, d) != NULL &&
			       ldns_rdf_compare(ldns_rr_rdf(rr, d), ldns_rr_rdf(like, d)) == 0;
		if (same)
			return true;
	}
	return false;
}

/* All TXT and CNAME of the one name stand at the other as well. */
static bool
is_within(const ldns_pkt *pkt, const char *name, const ldns_pkt *other, const char *other_name)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		if ((type == LDNS_RR_TYPE_TXT || type == LDNS_RR_TYPE_CNAME) &&
		    dns_name_is(ldns_rr_owner(rr), name) && !has_like(other, other_name, rr))
			return false;
	}
	return true;
}

/* K20: a wildcard answers for every name; the same for two that nobody ever made is nothing. */
static bool
is_wildcards(const struct judge_rule *rule, const ldns_pkt *pkt, const struct judge_witness *w)
{
	for (size_t i = 0; i < SWEEP_SIBLINGS; i++) {
		const ldns_pkt *sibling = w->siblings[i];
		if (sibling == NULL || !ldns_pkt_aa(sibling) || !dns_packet_tells(sibling))
			return false;
		if (!is_within(pkt, rule->name, sibling, w->sibling_names[i]) ||
		    !is_within(sibling, w->sibling_names[i], pkt, rule->name))
			return false;
	}
	return true;
}

static void
judge_answer(const struct judge_rule *rule, const ldns_pkt *pkt, struct judgement *out)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	ldns_rr *cname, *txt;
	char text[192];
	size_t cnames = dns_records(answer, rule->name, LDNS_RR_TYPE_CNAME, &cname, 1);
	size_t txts = dns_records(answer, rule->name, LDNS_RR_TYPE_TXT, &txt, 1);
	if (cnames + txts > 1) {
		out->found = FOUND_SEVERAL;
		snprintf(
		    text, sizeof(text), "%zu records answer, only one may be there", cnames + txts);
		bad(out, text);
	} else if (cnames == 1) {
		judge_cname(rule, pkt, cname, out);
	} else if (txts == 1) {
		judge_txt(rule, txt, out);
	} else {
		judge_nothing(rule, pkt, out);
	}
}

void
sweep_judge(const struct judge_rule *rule, const struct dns_query *q,
    const struct judge_witness *witness, struct judgement *out)
{
	bool nothing_will_do =
	    rule->expect == EXPECT_ABSENT || (rule->expect == EXPECT_TOMBSTONE && rule->or_nothing);
	memset(out, 0, sizeof(*out));
	out->at_ms = q->done_ms;
	if (q->reply == NULL) {
		judge_silence(rule, q, out);
		return;
	}
	if (!is_authoritative(rule, q->reply, out))
		return;
	judge_answer(rule, q->reply, out);
	if (out->verdict == ANSWER_BAD && nothing_will_do && !rule->alias_wanted &&
	    is_wildcards(rule, q->reply, witness)) {
		*out = (struct judgement){
		    .verdict = ANSWER_GOOD, .found = FOUND_NXDOMAIN, .at_ms = q->done_ms};
	}
	/* denial is not checked: what is missing is never what is wanted but for what is to be gone */
	if (out->verdict == ANSWER_GOOD && !sweep_found_nothing(out->found) &&
	    witness->keys != NULL)
		judge_signature(rule, q->reply, witness->keys, out);
	if (out->verdict == ANSWER_MUTE)
		out->found = FOUND_UNKNOWN;
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
	if (sweep_found_nothing(first->found) || sweep_found_nothing(last->found))
		return;
	uint32_t steps = TTL_STEPS + (uint32_t)((last->at_ms - first->at_ms) / 1000);
	if (last->ttl < first->ttl && first->ttl - last->ttl <= steps) {
		memset(out, 0, sizeof(*out));
		mute(out, "its TTL counts down: a cache answers, not the server");
	}
}
