/* SPDX-License-Identifier: ISC */
/* Each resolver by itself: its answer, for how long it remembers it, and whether it validates. */
#include "keys/resolvers.h"

#include "keys/dns_ask.h"
#include "keys/sweep_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 8
/* RFC 8767 section 4 advises resolvers to remember nothing for longer than a week. */
#define TTL_MAX (7 * 86400)
/* A failure is remembered for a second and more; asked again too early it is that memory that answers. */
#define AGAIN_MS 1500

enum round { ROUND_ASK, ROUND_UNCHECKED, ROUND_AGAIN };

/* How one resolver took it. */
struct asked {
	struct dns_endpoint server;
	struct dns_query q;
	bool failed; /* SERVFAIL */
};

static bool
is_failure(const ldns_pkt *pkt)
{
	return pkt != NULL && ldns_pkt_get_rcode(pkt) == LDNS_RCODE_SERVFAIL;
}

/* Puts one round's questions; skipped: those whose resolver has said enough. */
static int
ask_round(
    struct dns_asker *a, struct asked *all, size_t all_count, enum round round, struct err *err)
{
	struct dns_query *open = calloc(RESOLVERS_MAX, sizeof(*open));
	size_t which[RESOLVERS_MAX] = {0}, count = 0;
	if (open == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < all_count; i++) {
		if (round != ROUND_ASK && !all[i].failed)
			continue;
		(void)dns_query_init(&open[count], a, &all[i].server, "", all[i].q.question.type);
		open[count].question = all[i].q.question;
		open[count].question.unchecked = round == ROUND_UNCHECKED;
		open[count].delay_ms = round == ROUND_AGAIN ? AGAIN_MS : 0;
		which[count++] = i;
	}
	int result = dns_ask(a, open, count, err);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct asked *one = &all[which[i]];
		bool failed = is_failure(open[i].reply);
		/* without checking it has an answer: then checking is what fails */
		one->failed = round == ROUND_UNCHECKED
				  ? open[i].reply != NULL && dns_packet_tells(open[i].reply)
				  : failed;
		if (round == ROUND_UNCHECKED)
			continue;
		dns_query_deinit(&one->q);
		one->q = open[i];
		memset(&open[i], 0, sizeof(open[i]));
		open[i].fd = -1;
	}
	dns_queries_free(open, count);
	return result;
}

static uint32_t
negative_ttl(const ldns_pkt *pkt)
{
	ldns_rr *soa;
	if (dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_SOA, &soa, 1) == 0)
		return 0;
	return ldns_rr_ttl(soa);
}

/* Follows CNAMEs; the smallest TTL on the way is the answer's (RFC 1034 3.6.2). */
static void
follow(const ldns_pkt *pkt, char at[static SWEEP_NAME_LEN], uint32_t *ttl)
{
	ldns_rr *cname;
	for (int i = 0; i < CHAIN_MAX; i++) {
		if (dns_records(ldns_pkt_answer(pkt), at, LDNS_RR_TYPE_CNAME, &cname, 1) != 1 ||
		    !dns_record_target(cname, at))
			return;
		*ttl = ldns_rr_ttl(cname) < *ttl ? ldns_rr_ttl(cname) : *ttl;
	}
}

static bool
leads_elsewhere(const struct sweep_question *question, const struct dns_query *q)
{
	char target[SWEEP_NAME_LEN];
	ldns_rr *cname;
	return question->alias != NULL &&
	       dns_records(ldns_pkt_answer(q->reply), q->question.name, LDNS_RR_TYPE_CNAME, &cname,
		   1) == 1 &&
	       dns_record_target(cname, target) &&
	       !slice_ieq_str(slice_of(target), question->alias);
}

static void
say(struct resolver_answer *out, enum answer_verdict verdict, const char *why)
{
	out->verdict = verdict;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

static bool
is_expected(const struct sweep_question *question, enum answer_found found)
{
	bool nothing = sweep_found_nothing(found);
	if (question->expect == EXPECT_RECORD)
		return found == FOUND_RECORD;
	if (question->expect == EXPECT_TOMBSTONE)
		return found == FOUND_TOMBSTONE || (nothing && question->or_nothing);
	return nothing;
}

static void
judge_reply(
    const struct sweep_question *question, const struct dns_query *q, struct resolver_answer *out)
{
	ldns_rr *txt[2];
	char at[SWEEP_NAME_LEN], rcode[DNS_RCODE_LEN], what[100];
	struct err ignored = ERR_INIT;
	uint32_t ttl = UINT32_MAX;
	memcpy(at, q->question.name, sizeof(at));
	follow(q->reply, at, &ttl);
	size_t count = dns_records(ldns_pkt_answer(q->reply), at, LDNS_RR_TYPE_TXT, txt, 2);
	if (count > 0) {
		out->found = count > 1 ? FOUND_SEVERAL
				       : sweep_judge_txt(txt[0], question->expected, &ignored);
		out->ttl = ldns_rr_ttl(txt[0]) < ttl ? ldns_rr_ttl(txt[0]) : ttl;
	} else {
		bool denied = ldns_pkt_get_rcode(q->reply) == LDNS_RCODE_NXDOMAIN;
		out->found = denied ? FOUND_NXDOMAIN : FOUND_NODATA;
		out->ttl = negative_ttl(q->reply);
	}
	out->ttl = out->ttl < TTL_MAX ? out->ttl : TTL_MAX;
	if (leads_elsewhere(question, q))
		say(out, ANSWER_BAD, "follows another CNAME");
	else if (is_expected(question, out->found))
		say(out, ANSWER_GOOD, "");
	else if (count == 0) {
		dns_rcode_text(q->reply, rcode);
		snprintf(what, sizeof(what), "has no such record (%s)", rcode);
		say(out, ANSWER_BAD, what);
	} else {
		say(out, ANSWER_BAD, count == 1 ? "has another record" : "has several records");
	}
}

static void
judge(const struct sweep_question *question, const struct asked *one, struct resolver_answer *out)
{
	const ldns_pkt *reply = one->q.reply;
	char rcode[DNS_RCODE_LEN], what[60];
	*out = (struct resolver_answer){.resolver = one->server, .verdict = ANSWER_MUTE};
	if (one->failed) {
		out->bogus = true;
		say(out, ANSWER_MUTE, "has an answer that does not validate (DNSSEC)");
	} else if (reply == NULL) {
		say(out, ANSWER_MUTE, "does not answer");
	} else if (!dns_packet_tells(reply)) {
		dns_rcode_text(reply, rcode);
		snprintf(what, sizeof(what), "cannot tell (%s)", rcode);
		say(out, ANSWER_MUTE, what);
	} else {
		judge_reply(question, &one->q, out);
	}
}

static void
count(struct resolver_poll *out, const struct resolver_answer *a)
{
	out->good += a->verdict == ANSWER_GOOD;
	out->bad += a->verdict == ANSWER_BAD;
	out->mute += a->verdict == ANSWER_MUTE;
	out->bogus += a->bogus;
	if (a->verdict == ANSWER_BAD && a->ttl > out->wait_s)
		out->wait_s = a->ttl;
}

static int
ask_all(struct dns_asker *a, const struct sweep_question *question, struct asked *all,
    struct resolver_poll *out, struct err *err)
{
	struct dns_question q;
	char name[SWEEP_NAME_LEN];
	if (!dns_name_lower(question->name, name) || !dns_question_set(&q, name, LDNS_RR_TYPE_TXT))
		return err_set(err, ERR_INPUT, "%s is too long for a name", question->name);
	q.recurse = true;
	for (size_t i = 0; i < out->count; i++)
		all[i].q.question = q;
	/* A failure may be bogus data, or servers that are out of reach, of which one at least is.  Only what fails
	 * with checking, before and after it is there without, is bogus. */
	if (ask_round(a, all, out->count, ROUND_ASK, err) != 0 ||
	    ask_round(a, all, out->count, ROUND_UNCHECKED, err) != 0 ||
	    ask_round(a, all, out->count, ROUND_AGAIN, err) != 0)
		return -1;
	for (size_t i = 0; i < out->count; i++) {
		judge(question, &all[i], &out->answers[i]);
		count(out, &out->answers[i]);
	}
	return 0;
}

static int
set_up(const struct dns_asker *a, const struct resolver_list *list, struct asked *all,
    struct resolver_poll *out, struct err *err)
{
	const struct dns_endpoint *from = list->count > 0 ? list->endpoints : a->resolvers;
	out->count = list->count > 0 ? list->count : a->resolver_count;
	if (out->count > RESOLVERS_MAX)
		return err_set(err, ERR_INPUT, "%zu resolvers are given, %d are the most",
		    out->count, RESOLVERS_MAX);
	if (out->count == 0)
		return err_set(err, ERR_DNS,
		    "no resolver is known: neither signpost.conf nor /etc/resolv.conf names one");
	for (size_t i = 0; i < out->count; i++)
		all[i].server = from[i];
	return 0;
}

int
resolvers_ask(const struct dns_conf *conf, const struct sweep_question *question,
    const struct resolver_list *list, struct resolver_poll *out, struct err *err)
{
	int64_t began_ms = dns_now_ms();
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct asked *all = calloc(RESOLVERS_MAX, sizeof(*all));
	int result = a == NULL || all == NULL ? err_nomem(err) : 0;
	memset(out, 0, sizeof(*out));
	if (result == 0) {
		dns_asker_init(a, conf);
		for (size_t i = 0; i < RESOLVERS_MAX; i++)
			all[i].q.fd = -1;
		result = set_up(a, list, all, out, err);
		if (result == 0)
			result = ask_all(a, question, all, out, err);
		for (size_t i = 0; i < RESOLVERS_MAX; i++)
			dns_query_deinit(&all[i].q);
	}
	free(all);
	free(a);
	out->started_at = question->now;
	out->ended_at = question->now + (dns_now_ms() - began_ms + 999) / 1000;
	return result;
}
