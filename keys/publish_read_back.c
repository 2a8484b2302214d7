/* SPDX-License-Identifier: ISC */
#include "keys/publish_answer.h"
#include "keys/publish_type.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 90 /* octets of a foreign record that a text quotes */

void
name_state_deinit(struct name_state *s)
{
	ldns_rr_free(s->txt);
	s->txt = NULL;
}

bool
name_state_is(const struct name_state *s, const char *text)
{
	struct buf served;
	if (s->holds != HOLDS_TXT || s->count != 1 || text == NULL)
		return false;
	buf_init(&served, DNS_TXT_LEN_MAX);
	dns_record_txt(s->txt, &served);
	bool is = served.state == BUF_OK && slice_eq_str(buf_slice(&served), text);
	buf_deinit(&served);
	return is;
}

void
name_state_say_foreign(
    const struct name_state *s, const struct publish_change *c, struct publish_outcome *o)
{
	if (s->holds == HOLDS_ALIAS)
		publish_say(o, PUBLISH_FOREIGN,
		    "%s holds %s; a TXT record cannot stand beside it, so nothing was changed.  "
		    "Remove "
		    "the alias, or use mode slots",
		    c->owner, s->text);
	else if (s->holds == HOLDS_DELEGATION)
		publish_say(o, PUBLISH_REFUSED,
		    "%s: %s, so records of this zone are not seen there: name that zone and its "
		    "primary",
		    c->owner, s->text);
	else if (s->holds == HOLDS_NOTHING)
		publish_say(o, PUBLISH_FOREIGN,
		    "%s holds no TXT record any more, where ours was to be replaced: someone "
		    "removed it; "
		    "nothing was changed",
		    c->owner);
	else
		publish_say(o, PUBLISH_FOREIGN,
		    "%s holds %s, which is not what signpost put there; nothing was changed.  "
		    "Remove it, "
		    "or let the other tool go",
		    c->owner, s->text);
}

void
name_state_put_txt(struct name_state *s, struct slice text)
{
	char shown[SHOWN_MAX + 1];
	size_t n = 0;
	for (; n < text.len && n < SHOWN_MAX; n++)
		shown[n] = text.ptr[n] < 0x20 || text.ptr[n] > 0x7e ? '?' : (char)text.ptr[n];
	shown[n] = '\0';
	const char *more = n < text.len ? "..." : "";
	if (s->count > 1)
		snprintf(s->text, sizeof(s->text), "%zu TXT records, one of them \"%s%s\"",
		    s->count, shown, more);
	else
		snprintf(s->text, sizeof(s->text), "the TXT record \"%s%s\"", shown, more);
}

static void
describe_txt(struct name_state *s)
{
	struct buf text;
	buf_init(&text, DNS_TXT_LEN_MAX);
	dns_record_txt(s->txt, &text);
	name_state_put_txt(s, buf_slice(&text));
	buf_deinit(&text);
}

/* Below which name it was handed on, if the reply is a referral. */
static bool
is_referral(const ldns_pkt *pkt, char cut[static SWEEP_NAME_LEN])
{
	ldns_rr *ns = NULL;
	return !ldns_pkt_aa(pkt) && ldns_pkt_ancount(pkt) == 0 &&
	       dns_records(ldns_pkt_authority(pkt), NULL, LDNS_RR_TYPE_NS, &ns, 1) > 0 &&
	       dns_name_text(ldns_rr_owner(ns), cut);
}

static void
look(const ldns_pkt *pkt, const char *owner, struct name_state *s)
{
	ldns_rr *rr = NULL;
	char name[SWEEP_NAME_LEN];
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	if (dns_records(answer, NULL, LDNS_RR_TYPE_DNAME, &rr, 1) > 0 ||
	    dns_records(answer, owner, LDNS_RR_TYPE_CNAME, &rr, 1) > 0) {
		bool has_target = dns_record_target(rr, name);
		s->holds = HOLDS_ALIAS;
		snprintf(s->text, sizeof(s->text), "a %s to %s",
		    ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME ? "CNAME" : "DNAME above it",
		    has_target ? name : "elsewhere");
	} else if ((s->count = dns_records(answer, owner, LDNS_RR_TYPE_TXT, &rr, 1)) > 0) {
		s->txt = ldns_rr_clone(rr);
		s->holds = s->txt == NULL ? HOLDS_UNKNOWN : HOLDS_TXT;
		if (s->txt != NULL)
			describe_txt(s);
	} else if (is_referral(pkt, name)) {
		s->holds = HOLDS_DELEGATION;
		snprintf(s->text, sizeof(s->text), "%s is delegated to other name servers", name);
	} else {
		s->holds = HOLDS_NOTHING;
		snprintf(s->text, sizeof(s->text), "no TXT record");
	}
}

/* One question; unknown unless the answer can be used. */
static int
ask(struct dns_tcp *tcp, const struct tsig_key *key, const char *owner, struct name_state *s,
    struct err *err)
{
	struct tsig_reply r;
	char rcode[DNS_RCODE_LEN];
	ldns_rdf *name = ldns_dname_new_frm_str(owner);
	ldns_pkt *pkt =
	    name == NULL ? NULL : ldns_pkt_query_new(name, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_IN, 0);
	if (pkt == NULL) {
		ldns_rdf_deep_free(name);
		return err_nomem(err);
	}
	if (tsig_ask(tcp, key, pkt, &r, err) != 0)
		return -1;
	if (r.end != DNS_TCP_REPLY)
		dns_tcp_text(tcp, s->text);
	else if (key != NULL && r.trust != TSIG_VERIFIED)
		snprintf(s->text, sizeof(s->text), "it does not sign its answers");
	else if (dns_packet_tells(r.pkt))
		look(r.pkt, owner, s);
	else {
		dns_rcode_text(r.pkt, rcode);
		snprintf(s->text, sizeof(s->text), "it answers questions with %s", rcode);
	}
	tsig_reply_deinit(&r);
	return 0;
}

int
publish_read_back(struct dns_tcp *tcp, const struct tsig_key *key, const char *owner,
    struct name_state *s, struct err *err)
{
	*s = (struct name_state){.holds = HOLDS_UNKNOWN};
	/* signed first: where views are chosen by the key, the update went into the key's */
	if (ask(tcp, key, owner, s, err) != 0)
		return -1;
	if (s->holds != HOLDS_UNKNOWN || tcp->end != DNS_TCP_REPLY)
		return 0;
	return ask(tcp, NULL, owner, s, err);
}
