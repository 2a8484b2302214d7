/* SPDX-License-Identifier: ISC */
#include "keys/publish_answer.h"
#include "keys/key_state.h"
#include "keys/publish_type.h"

#include <stdio.h>
#include <string.h>

/* A RCODE that is the server's last word. */
struct answer_row {
	ldns_pkt_rcode rcode;
	enum publish_result result;
	const char *text; /* %K key, %O owner, %Z zone */
};

static const struct answer_row rows[] = {
    {LDNS_RCODE_FORMERR, PUBLISH_REFUSED, "it does not understand updates"},
    {LDNS_RCODE_SERVFAIL, PUBLISH_TEMPORARY,
	"it could not do it, its own log says why (a journal or zone file that it cannot write, a "
	"zone that is frozen)"},
    {LDNS_RCODE_NOTIMPL, PUBLISH_REFUSED,
	"it does not do updates at all (NSD does not): use a publisher of type zone-file, or name "
	"the primary"},
    {LDNS_RCODE_REFUSED, PUBLISH_REFUSED,
	"key %K may not change TXT records at %O, or updates of zone %Z are not allowed at all: "
	"allow them in its configuration"},
    {LDNS_RCODE_YXDOMAIN, PUBLISH_REFUSED, "it reports a name that nobody asked about"},
    {LDNS_RCODE_NXDOMAIN, PUBLISH_REFUSED, "it reports a name that nobody asked about"},
    {LDNS_RCODE_NOTAUTH, PUBLISH_REFUSED,
	"it is not the primary of zone %Z: name the primary, or the zone that really holds %O"},
    {LDNS_RCODE_NOTZONE, PUBLISH_REFUSED, "%O does not lie in zone %Z"},
};

static void
expand(const char *text, const struct publish_talk *talk, const char *owner, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text != '%') {
			buf_put_byte(out, (uint8_t)*text);
			continue;
		}
		text++;
		buf_put_str(out, *text == 'K'	? talk->key->name
				 : *text == 'O' ? owner
						: talk->zone);
	}
}

static enum publish_result
say_badtime(const struct publish_talk *talk, const struct tsig_reply *r, struct buf *out)
{
	if (r->server_time == NEVER) {
		buf_put_str(out, "BADTIME: its clock and ours are more than 300 s apart; set the "
				 "one that is wrong");
		return PUBLISH_TEMPORARY;
	}
	buf_put_str(out, "BADTIME: ");
	publish_put_clocks(out, r->server_time, r->our_time);
	buf_put_str(out, "; TSIG bears 300 s.  Set the clock that is wrong (`chronyc tracking` or "
			 "`timedatectl` shows this host's)");
	if (r->trust != TSIG_VERIFIED)
		buf_printf(out, "; the time it tells is not proven by key %s", talk->key->name);
	return PUBLISH_TEMPORARY;
}

/* The TSIG errors of RFC 8945 3; they come without a MAC but for BADTIME. */
static enum publish_result
say_tsig_error(
    const struct publish_talk *talk, const struct tsig_reply *r, const char *owner, struct buf *out)
{
	switch (r->tsig_error) {
	case TSIG_BADTIME:
		return say_badtime(talk, r, out);
	case TSIG_BADSIG:
		buf_printf(out,
		    "BADSIG: it has a key named %s, but with another secret or algorithm: copy the "
		    "key file anew",
		    talk->key->name);
		break;
	case TSIG_BADKEY:
		buf_printf(out,
		    "BADKEY: it has no key named %s of algorithm %s; Knot says the same when it "
		    "has the key and its "
		    "acl does not let it change TXT records at %s: look at both",
		    talk->key->name, talk->key->algorithm, owner);
		break;
	case TSIG_BADTRUNC:
		buf_printf(out,
		    "BADTRUNC: it takes only longer signatures than those of %s: make a key of "
		    "hmac-sha512",
		    talk->key->algorithm);
		break;
	default:
		buf_printf(out, "TSIG error %u", r->tsig_error);
	}
	return PUBLISH_REFUSED;
}

static enum publish_result
say_unproven(const struct tsig_reply *r, const char *rcode, struct buf *out)
{
	if (r->trust == TSIG_STALE)
		buf_printf(out,
		    "%s, but signed at another time than now: an old answer, not believed", rcode);
	else if (r->trust == TSIG_UNPROVEN)
		buf_printf(out, "%s, with a signature that is not by our key: not believed", rcode);
	else if (ldns_pkt_get_rcode(r->pkt) == LDNS_RCODE_REFUSED)
		buf_put_str(out, "REFUSED, unsigned: it does not know the key, or its clock and "
				 "ours are more than 300 s apart "
				 "(PowerDNS says both so), or it takes no updates of this zone "
				 "from this address");
	else
		buf_printf(out, "%s, unsigned: anybody could have said that, so it is not believed",
		    rcode);
	return PUBLISH_TEMPORARY;
}

static enum publish_result
say_rcode(
    const struct publish_talk *talk, const struct tsig_reply *r, const char *owner, struct buf *out)
{
	char rcode[DNS_RCODE_LEN];
	dns_rcode_text(r->pkt, rcode);
	const struct answer_row *row = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].rcode == ldns_pkt_get_rcode(r->pkt))
			row = &rows[i];
	}
	if (r->trust != TSIG_VERIFIED &&
	    (row == NULL || row->rcode == LDNS_RCODE_REFUSED || r->trust != TSIG_ABSENT))
		return say_unproven(r, rcode, out);
	buf_printf(out, "%s: ", rcode);
	expand(row == NULL ? "an answer that updates do not have" : row->text, talk, owner, out);
	if (r->trust == TSIG_VERIFIED)
		return row == NULL ? PUBLISH_REFUSED : row->result;
	/* not for good: whoever is between could have said it */
	buf_put_str(out, "; the answer was unsigned, so it is tried again");
	return PUBLISH_TEMPORARY;
}

void
publish_note_clock(const struct tsig_reply *r, struct publish_outcome *o)
{
	if (r->end != DNS_TCP_REPLY || r->trust != TSIG_VERIFIED)
		return;
	o->server_time = r->server_time;
	o->our_time = r->our_time;
}

void
publish_judge(const struct publish_talk *talk, const struct tsig_reply *r, const char *owner,
    struct publish_outcome *o)
{
	char addr[IP_TEXT_LEN];
	struct buf words;
	enum publish_result result;

	buf_init(&words, PUBLISH_TEXT_LEN);
	ip_addr_format(&talk->server->addr, addr);
	if (r->tsig_error != TSIG_NOERROR)
		result = say_tsig_error(talk, r, owner, &words);
	else
		result = say_rcode(talk, r, owner, &words);
	publish_say(
	    o, result, "%s port %u: %s", addr, (unsigned)talk->server->port, buf_str(&words));
	publish_note_clock(r, o);
	buf_deinit(&words);
}
