/* SPDX-License-Identifier: ISC */
/* Questions of a diagnosis, and what is kept of the packets that come back. */
#include "keys/diagnose_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_EDE  15
#define NS_MAX	    32
#define SOA_MINIMUM 6
#define ROOM_FIRST  64

static const char *
type_text(ldns_rr_type type)
{
	switch (type) {
	case LDNS_RR_TYPE_TXT:
		return "TXT";
	case LDNS_RR_TYPE_CNAME:
		return "CNAME";
	case LDNS_RR_TYPE_SOA:
		return "SOA";
	case LDNS_RR_TYPE_NS:
		return "NS";
	case LDNS_RR_TYPE_AAAA:
		return "AAAA";
	default:
		return "A";
	}
}

void
questions_begin(struct questions *all, struct dns_asker *asker, struct seen *seen)
{
	*all = (struct questions){.asker = asker, .seen = seen, .first = seen->reply_count};
}

static bool
grow(struct questions *all)
{
	if (all->count < all->room)
		return true;
	size_t room = all->room == 0 ? ROOM_FIRST : 2 * all->room;
	struct dns_query *more = realloc(all->q, room * sizeof(*more));
	if (more == NULL)
		return false;
	all->q = more;
	all->room = room;
	return true;
}

void
questions_add(struct questions *all, const struct seen_reply *about, ldns_rr_type type)
{
	struct dns_query q;
	if (!dns_query_init(&q, all->asker, &about->endpoint, about->name, type))
		return;
	q.question.recurse = about->recurse;
	q.question.unchecked = about->unchecked;
	q.question.dnssec = about->what == SEEN_RESOLVER_TXT;
	struct seen_reply *r = grow(all) ? seen_add(all->seen) : NULL;
	if (r == NULL) {
		all->failed = true;
		return;
	}
	*r = *about;
	r->type = type_text(type);
	r->ede = -1;
	r->case_kept = true;
	all->q[all->count++] = q;
}

static enum seen_end
end_of(enum dns_end end)
{
	switch (end) {
	case DNS_END_REPLY:
		return SEEN_REPLY;
	case DNS_END_CLOSED:
		return SEEN_CLOSED;
	case DNS_END_NO_ROUTE:
		return SEEN_NO_ROUTE_TO;
	case DNS_END_TRUNCATED:
		return SEEN_CUT_UDP;
	case DNS_END_BROKEN:
		return SEEN_BROKEN;
	default:
		return SEEN_SILENT;
	}
}

/* Owners may hold octets that no text of ours has. */
static bool
is_at(const ldns_rr *rr, const ldns_rdf *name)
{
	return ldns_rr_owner(rr) != NULL && ldns_dname_compare(ldns_rr_owner(rr), name) == 0;
}

static void
note_ttl(struct seen_reply *r, const ldns_rr *rr)
{
	if (ldns_rr_ttl(rr) > r->ttl)
		r->ttl = ldns_rr_ttl(rr);
}

static void
take_txt(struct seen *s, struct seen_reply *r, const ldns_rr *rr)
{
	struct buf text;
	buf_init(&text, SEEN_TEXT_LEN);
	dns_record_txt(rr, &text);
	if (r->txts < SEEN_RECORDS_MAX)
		r->texts[r->txts] = seen_put_text(s, buf_slice(&text));
	r->txts++;
	buf_deinit(&text);
	note_ttl(r, rr);
}

static void
take_answer(struct seen *s, struct seen_reply *r, const ldns_pkt *pkt, const ldns_rdf *name)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if (!is_at(rr, name))
			continue;
		switch (ldns_rr_get_type(rr)) {
		case LDNS_RR_TYPE_TXT:
			take_txt(s, r, rr);
			break;
		case LDNS_RR_TYPE_CNAME:
			if (r->cnames++ == 0 && !dns_record_target(rr, r->cname))
				r->cname[0] = '\0';
			note_ttl(r, rr);
			break;
		case LDNS_RR_TYPE_A:
		case LDNS_RR_TYPE_AAAA:
			r->addresses++;
			note_ttl(r, rr);
			break;
		default:
			break;
		}
	}
}

static void
take_soa(struct seen_reply *r, const ldns_pkt *pkt)
{
	ldns_rr *soa;
	if (dns_records(ldns_pkt_answer(pkt), NULL, LDNS_RR_TYPE_SOA, &soa, 1) == 0 &&
	    dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_SOA, &soa, 1) == 0)
		return;
	if (ldns_rr_rd_count(soa) != SOA_MINIMUM + 1)
		return;
	uint32_t ttl = ldns_rr_ttl(soa),
		 minimum = ldns_rdf2native_int32(ldns_rr_rdf(soa, SOA_MINIMUM));
	r->has_soa = dns_record_serial(soa, &r->serial);
	r->negative_s = ttl < minimum ? ttl : minimum; /* RFC 2308 5 */
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
take_hosts(struct seen_reply *r, const ldns_pkt *pkt)
{
	ldns_rr *ns[NS_MAX];
	char names[NS_MAX][SWEEP_NAME_LEN];
	size_t len = 0, kept = 0;
	size_t n = dns_records(ldns_pkt_answer(pkt), r->name, LDNS_RR_TYPE_NS, ns, NS_MAX);
	if (n == 0)
		n = dns_records(ldns_pkt_authority(pkt), r->name, LDNS_RR_TYPE_NS, ns, NS_MAX);
	for (size_t i = 0; i < n && i < NS_MAX; i++)
		kept += dns_record_target(ns[i], names[kept]);
	qsort(names, kept, sizeof(names[0]), by_name);
	for (size_t i = 0; i < kept && len + strlen(names[i]) + 2 < sizeof(r->hosts); i++)
		len += (size_t)snprintf(
		    r->hosts + len, sizeof(r->hosts) - len, "%s%s", i == 0 ? "" : " ", names[i]);
}

/* The question as it came back, octet by octet. */
static bool
keeps_case(const ldns_pkt *pkt, const ldns_rdf *name)
{
	const ldns_rr_list *question = ldns_pkt_question(pkt);
	if (ldns_rr_list_rr_count(question) != 1)
		return true;
	const ldns_rdf *back = ldns_rr_owner(ldns_rr_list_rr(question, 0));
	return back == NULL || ldns_rdf_size(back) != ldns_rdf_size(name) ||
	       memcmp(ldns_rdf_data(back), ldns_rdf_data(name), ldns_rdf_size(name)) == 0;
}

static int
extended_error(const ldns_pkt *pkt)
{
	const ldns_rdf *options = ldns_pkt_edns_data(pkt);
	if (options == NULL)
		return -1;
	const uint8_t *at = ldns_rdf_data(options);
	size_t left = ldns_rdf_size(options);
	while (left >= 4) {
		unsigned code = (unsigned)at[0] << 8 | at[1];
		size_t len = (size_t)at[2] << 8 | at[3];
		if (len > left - 4)
			return -1;
		if (code == OPTION_EDE && len >= 2)
			return at[4] << 8 | at[5];
		at += 4 + len;
		left -= 4 + len;
	}
	return -1;
}

static void
take(struct seen *s, struct seen_reply *r, const struct dns_query *q)
{
	const ldns_pkt *pkt = q->reply;
	r->end = end_of(q->end);
	r->no_edns = q->no_edns;
	if (pkt == NULL)
		return;
	ldns_rdf *name = ldns_dname_new_frm_str(r->name[0] == '\0' ? "." : r->name);
	if (name == NULL)
		return;
	r->rcode = (uint16_t)ldns_pkt_get_rcode(pkt);
	r->aa = ldns_pkt_aa(pkt);
	r->ra = ldns_pkt_ra(pkt);
	r->case_kept = keeps_case(pkt, name);
	r->ede = extended_error(pkt);
	take_answer(s, r, pkt, name);
	take_soa(r, pkt);
	if (q->question.type == LDNS_RR_TYPE_NS)
		take_hosts(r, pkt);
	ldns_rdf_deep_free(name);
}

int
questions_end(struct questions *all, struct err *err)
{
	int result = all->failed ? err_nomem(err) : 0;
	if (result == 0 && all->count > 0)
		result = dns_ask(all->asker, all->q, all->count, err);
	for (size_t i = 0; i < all->count; i++) {
		if (result == 0)
			take(all->seen, &all->seen->replies[all->first + i], &all->q[i]);
		dns_query_deinit(&all->q[i]);
	}
	free(all->q);
	all->q = NULL;
	return result;
}
