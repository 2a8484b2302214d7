/* SPDX-License-Identifier: ISC */
/* Any bytes as the reply to a question: what accepts, parses and judges them must neither crash nor call nonsense
 * good. */
#include "keys/dns_ask.h"
#include "keys/sweep_run.h"

#include <stdlib.h>

#define ZONE   "signed.test"
#define NAME   "sel._domainkey." ZONE
#define RECORD "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define NOW    1795305600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look_at_records(const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		char name[SWEEP_NAME_LEN];
		struct ip_addr addr;
		uint32_t serial;
		struct buf txt;
		buf_init(&txt, DNS_TXT_LEN_MAX);
		(void)dns_name_text(ldns_rr_owner(rr), name);
		(void)dns_record_target(rr, name);
		(void)dns_record_addr(rr, &addr);
		(void)dns_record_serial(rr, &serial);
		dns_record_txt(rr, &txt);
		buf_deinit(&txt);
	}
}

static void
judge(ldns_pkt *pkt, const struct dnssec_keys *keys, enum key_expect expect)
{
	char alias[SWEEP_NAME_LEN];
	struct dns_query q = {.end = DNS_END_REPLY, .fd = -1, .reply = pkt};
	struct judge_rule rule = {.zone = ZONE,
	    .name = NAME,
	    .expect = expect,
	    .or_nothing = true,
	    .expected = slice_of(RECORD),
	    .now = NOW,
	    .timeout_ms = 4000};
	/* the packet stands for what the server says of its siblings as well */
	const struct judge_witness witness = {
	    .keys = keys, .siblings = {pkt, pkt}, .sibling_names = {ZONE, "*." ZONE}};
	struct judgement j;
	if (sweep_judge_alias(&q, NAME, alias))
		rule.alias = alias;
	sweep_judge(&rule, &q, &witness, &j);
	if (j.verdict == ANSWER_GOOD && (!ldns_pkt_aa(pkt) || !dns_packet_tells(pkt)))
		abort();
	if (j.verdict == ANSWER_GOOD && !sweep_found_nothing(j.found) && keys != NULL &&
	    keys->state != DNSSEC_GOOD)
		abort();
	if (j.verdict == ANSWER_GOOD && expect == EXPECT_RECORD && j.found != FOUND_RECORD &&
	    j.found != FOUND_ALIAS)
		abort();
	if ((j.verdict == ANSWER_MUTE) != (j.found == FOUND_UNKNOWN))
		abort();
}

static void
judge_all(ldns_pkt *pkt, const struct dnssec_keys *keys)
{
	judge(pkt, keys, EXPECT_RECORD);
	judge(pkt, keys, EXPECT_TOMBSTONE);
	judge(pkt, keys, EXPECT_ABSENT);
	if (sweep_negative_ttl(pkt) < SWEEP_UNKNOWN)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice reply = slice_new(data, len);
	struct dns_question question;
	struct dns_endpoint resolvers[4];
	struct dnssec_keys keys;
	uint8_t query[DNS_QUERY_LEN_MAX];
	char rcode[DNS_RCODE_LEN];
	if (!dns_question_set(&question, NAME, LDNS_RR_TYPE_TXT))
		abort();
	size_t query_len = dns_packet_query(&question, 0x1234, true, query);
	(void)dns_packet_answers(slice_new(query, query_len), reply);
	(void)dns_resolv_conf_parse(reply, resolvers, 4);
	ldns_pkt *pkt = dns_packet_parse(reply);
	if (pkt == NULL)
		return 0;
	dns_rcode_text(pkt, rcode);
	look_at_records(ldns_pkt_answer(pkt));
	look_at_records(ldns_pkt_authority(pkt));
	look_at_records(ldns_pkt_additional(pkt));
	(void)dnssec_ds_is_usable(ldns_pkt_answer(pkt));
	judge_all(pkt, NULL);
	dnssec_keys_check(pkt, ZONE, ldns_pkt_answer(pkt), NOW, &keys);
	judge_all(pkt, &keys);
	dnssec_keys_check(pkt, ZONE, NULL, NOW, &keys);
	judge_all(pkt, &keys);
	ldns_pkt_free(pkt);
	return 0;
}
