/* SPDX-License-Identifier: ISC */
/* What the resolvers say of a record that every authoritative server that answers has. */
#include "keys/dns_ask.h"
#include "keys/resolvers.h"

#include "dkim/record.h"
#include "keys/key_state.h"

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
	struct dns_query q;
	bool failed; /* SERVFAIL */
};

static bool
is_failure(const ldns_pkt *pkt)
{
	return pkt != NULL && ldns_pkt_get_rcode(pkt) == LDNS_RCODE_SERVFAIL;
}

static uint32_t
negative_ttl(const ldns_pkt *pkt)
{
	ldns_rr *soa;
	if (dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_SOA, &soa, 1) == 0)
		return 0;
	return ldns_rr_ttl(soa);
}

static bool
is_same_record(const ldns_rr *txt, struct slice expected)
{
	struct err why = ERR_INIT;
	struct buf served;
	buf_init(&served, DNS_TXT_LEN_MAX);
	dns_record_txt(txt, &served);
	bool same = buf_check(&served, "its TXT", &why) == 0 &&
		    key_record_same(expected, buf_slice(&served), &why);
	buf_deinit(&served);
	return same;
}

static void
say(struct resolver_view *out, enum resolver_word word, const struct dns_query *q, const char *what)
{
	char at[IP_TEXT_LEN];
	if (out->word >= word)
		return; /* another one said what counts more */
	ip_addr_format(&q->server.addr, at);
	out->word = word;
	if (q->server.port == DNS_PORT)
		snprintf(out->text, sizeof(out->text), "the resolver %s %s", at, what);
	else
		snprintf(out->text, sizeof(out->text), "the resolver %s#%u %s", at,
		    (unsigned)q->server.port, what);
}

static void
differ(struct resolver_view *out, const struct dns_query *q, uint32_t ttl, const char *what)
{
	say(out, RESOLVER_DIFFERS, q, what);
	ttl = ttl < TTL_MAX ? ttl : TTL_MAX;
	out->ttl = ttl > out->ttl ? ttl : out->ttl;
}

static void
judge_reply(const struct dns_query *q, struct slice expected, struct resolver_view *out)
{
	ldns_rr *txt[2], *cname;
	char at[SWEEP_NAME_LEN], rcode[DNS_RCODE_LEN], what[80];
	(void)slice_to_str(slice_of(q->question.name), at, sizeof(at));
	for (int i = 0; i < CHAIN_MAX; i++)
		if (dns_records(ldns_pkt_answer(q->reply), at, LDNS_RR_TYPE_CNAME, &cname, 1) !=
			1 ||
		    !dns_record_target(cname, at))
			break;
	size_t count = dns_records(ldns_pkt_answer(q->reply), at, LDNS_RR_TYPE_TXT, txt, 2);
	if (count == 1 && is_same_record(txt[0], expected)) {
		say(out, RESOLVER_AGREES, q, "has the record");
	} else if (count > 0) {
		differ(out, q, ldns_rr_ttl(txt[0]),
		    count == 1 ? "has another record" : "has several records");
	} else {
		dns_rcode_text(q->reply, rcode);
		snprintf(what, sizeof(what), "has no such record (%s)", rcode);
		differ(out, q, negative_ttl(q->reply), what);
	}
}

/* Puts one round's questions; skipped: those whose resolver has said enough. */
static int
ask_round(struct dns_asker *a, struct asked *all, const char *name, enum round round)
{
	struct dns_query *open = calloc(DNS_RESOLVERS_MAX, sizeof(*open));
	size_t which[DNS_RESOLVERS_MAX] = {0}, count = 0;
	struct err err = ERR_INIT;
	int result = open == NULL ? -1 : 0;
	for (size_t i = 0; result == 0 && i < a->resolver_count; i++) {
		if (round != ROUND_ASK && !all[i].failed)
			continue;
		if (!dns_query_init(&open[count], a, &a->resolvers[i], name, LDNS_RR_TYPE_TXT))
			result = -1;
		open[count].question.recurse = true;
		open[count].question.unchecked = round == ROUND_UNCHECKED;
		open[count].delay_ms = round == ROUND_AGAIN ? AGAIN_MS : 0;
		which[count++] = i;
	}
	if (result == 0)
		result = dns_ask(a, open, count, &err);
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

void
dns_ask_resolvers(
    const struct dns_conf *conf, const struct sweep_question *question, struct resolver_view *out)
{
	char lower[SWEEP_NAME_LEN];
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct asked *all = calloc(DNS_RESOLVERS_MAX, sizeof(*all));
	*out = (struct resolver_view){.word = RESOLVER_NOT_ASKED, .warn_at = NEVER};
	if (a != NULL && all != NULL && dns_name_lower(question->name, lower)) {
		dns_asker_init(a, conf);
		for (size_t i = 0; i < DNS_RESOLVERS_MAX; i++)
			all[i].q.fd = -1;
		/* A failure may be bogus data, or servers that are out of reach, of which one at least
		 * is.  Only what fails with checking, before and after it is there without, is bogus. */
		bool done = ask_round(a, all, lower, ROUND_ASK) == 0 &&
			    ask_round(a, all, lower, ROUND_UNCHECKED) == 0 &&
			    ask_round(a, all, lower, ROUND_AGAIN) == 0;
		for (size_t i = 0; done && i < a->resolver_count; i++) {
			const ldns_pkt *reply = all[i].q.reply;
			if (all[i].failed)
				say(out, RESOLVER_BOGUS, &all[i].q,
				    "has an answer that does not validate (DNSSEC)");
			else if (reply != NULL && dns_packet_tells(reply))
				judge_reply(&all[i].q, question->expected, out);
		}
		for (size_t i = 0; i < DNS_RESOLVERS_MAX; i++)
			dns_query_deinit(&all[i].q);
	}
	free(all);
	free(a);
	if (out->word != RESOLVER_NOT_ASKED)
		return;
	out->word = RESOLVER_SILENT;
	snprintf(out->text, sizeof(out->text), "no resolver could be asked");
}
