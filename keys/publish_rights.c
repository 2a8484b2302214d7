/* SPDX-License-Identifier: ISC */
/* What a name server must allow our key, and whether it allows more.
 *
 * The tries ask for what must be refused in a way that changes nothing: the deletion of one record that does not exist
 * (RFC 2136 3.4.2.4), which servers judge as any other.  NOERROR alone may be silence (PowerDNS's policies skip), so at
 * a random name it is made certain: a record is added, looked for, and deleted. */
#include "keys/dns_wire.h"
#include "keys/publish_answer.h"
#include "keys/publish_type.h"
#include "keys/publish_update.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define NAME_PLACE "KEY" /* where the key file cannot be read */
#define RANDOM_LEN 8

static void
put_bind(const char *key, const char *const *names, size_t count, struct buf *out)
{
	buf_put_str(out, "# BIND, named.conf, in the zone\nupdate-policy {\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "\tgrant %s wildcard *.%s. TXT;\n", key, names[i]);
	buf_put_str(out, "};\n\n");
}

static void
put_knot(const struct publisher_conf *conf, const char *key, const char *const *names, size_t count,
    struct buf *out)
{
	buf_printf(out,
	    "# Knot, knot.conf; name the acl in the zone: acl: signpost\nacl:\n  - id: signpost\n  "
	    "  key: %s\n"
	    "    action: update\n    update-type: TXT\n    update-owner: name\n    "
	    "update-owner-match: sub\n    update-owner-name: [",
	    key);
	for (size_t i = 0; i < count; i++) {
		struct slice name = slice_of(names[i]), zone = slice_of(conf->zone);
		/* Knot takes names within the zone without a final dot */
		if (conf->zone != NULL && name.len > zone.len &&
		    dns_name_within(names[i], conf->zone))
			name = slice_sub(name, 0, name.len - zone.len - 1);
		buf_printf(out, "%s%.*s%s", i == 0 ? "" : ", ", SLICE_ARG(name),
		    name.len == strlen(names[i]) ? "." : "");
	}
	buf_put_str(out, "]\n\n");
}

static void
put_powerdns(const struct publisher_conf *conf, const char *key, const char *const *names,
    size_t count, struct buf *out)
{
	const char *zone = conf->zone != NULL ? conf->zone : "ZONE";
	buf_printf(out,
	    "# PowerDNS; dnsupdate=yes in pdns.conf.  A key may change every record of the zone: "
	    "give signpost a zone of\n"
	    "# its own (%s delegated to it, or mode slots), or limit it with "
	    "lua-dnsupdate-policy-script,\n"
	    "# which then replaces TSIG-ALLOW-DNSUPDATE.\n",
	    count > 0 ? names[0] : "_domainkey");
	buf_printf(out, "pdnsutil import-tsig-key %s hmac-sha256 SECRET\n", key);
	buf_printf(out, "pdnsutil set-meta %s TSIG-ALLOW-DNSUPDATE %s\n", zone, key);
	buf_printf(
	    out, "pdnsutil set-meta %s ALLOW-DNSUPDATE-FROM ADDRESS-OF-THIS-HOST/32\n", zone);
	buf_printf(out,
	    "-- the script\nfunction updatepolicy(input)\n  local name = input:getQName()\n"
	    "  if input:getTsigName():toString() ~= \"%s.\" or input:getQType() ~= pdns.TXT then "
	    "return false end\n",
	    key);
	for (size_t i = 0; i < count; i++)
		buf_printf(
		    out, "  if name:isPartOf(newDN(\"%s.\")) then return true end\n", names[i]);
	buf_put_str(out, "  return false\nend\n");
}

int
publish_rfc2136_rights(const struct publisher_conf *conf, const char *const *names, size_t count,
    struct buf *out, struct err *err)
{
	struct tsig_key key;
	struct err ignored = ERR_INIT; /* it may belong to the keeper alone */
	(void)err;
	bool known = tsig_key_load(conf->tsig_key, &key, &ignored) == 0;
	const char *name = known ? key.name : NAME_PLACE;
	put_bind(name, names, count, out);
	put_knot(conf, name, names, count, out);
	put_powerdns(conf, name, names, count, out);
	if (!known)
		buf_printf(out, "# " NAME_PLACE " is the name of the key in %s (%s)\n",
		    conf->tsig_key, ignored.text);
	tsig_key_wipe(&key);
	return 0;
}

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };

struct trial {
	struct tsig_key key;
	struct dns_tcp tcp;
	struct publish_talk talk;
	char random[2 * RANDOM_LEN + 1];
	char words[PUBLISH_TEXT_LEN]; /* of the last answer */
	bool silent;		      /* it says NOERROR also to what it does not do */
	struct err *err;
};

static int
send_rr(struct trial *t, ldns_rr *rr, ldns_rr_class class, enum verdict *verdict)
{
	struct update u;
	struct tsig_reply r;
	struct publish_outcome o = {.result = PUBLISH_DONE};
	update_init(&u);
	update_put_rr(&u, rr, class);
	ldns_pkt *pkt = update_packet(&u, t->talk.zone, t->err);
	if (pkt == NULL || tsig_ask(&t->tcp, &t->key, pkt, &r, t->err) != 0)
		return -1;
	if (r.end != DNS_TCP_REPLY) {
		char text[DNS_TCP_TEXT_LEN];
		dns_tcp_text(&t->tcp, text);
		return err_set(t->err, ERR_DNS, "%s", text);
	}
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(r.pkt);
	snprintf(t->words, sizeof(t->words), "NOERROR");
	if (r.trust == TSIG_VERIFIED && rcode == LDNS_RCODE_NOERROR) {
		*verdict = VERDICT_YES;
	} else {
		publish_judge(&t->talk, &r, "that name", &o);
		snprintf(t->words, sizeof(t->words), "%s", o.text);
		bool refused = (rcode == LDNS_RCODE_REFUSED && r.trust == TSIG_VERIFIED) ||
			       r.tsig_error == TSIG_BADKEY;
		*verdict = refused ? VERDICT_NO : VERDICT_UNKNOWN;
	}
	tsig_reply_deinit(&r);
	return 0;
}

/* Adds what may not be added, looks, and takes it away again. */
static int
make_certain(struct trial *t, const char *owner, enum verdict *verdict)
{
	struct name_state s;
	enum verdict undone = VERDICT_UNKNOWN;
	if (send_rr(t, update_txt(owner, t->random, 60), LDNS_RR_CLASS_IN, verdict) != 0)
		return -1;
	if (*verdict != VERDICT_YES)
		return 0;
	int rc = publish_read_back(&t->tcp, &t->key, owner, &s, t->err);
	t->silent = rc == 0 && s.holds == HOLDS_NOTHING;
	if (t->silent)
		*verdict = VERDICT_NO;
	else if (rc == 0 && !name_state_is(&s, t->random))
		*verdict = VERDICT_UNKNOWN;
	if (rc == 0)
		name_state_deinit(&s);
	if (send_rr(t, update_txt(owner, t->random, 0), LDNS_RR_CLASS_NONE, &undone) != 0)
		return -1;
	if (*verdict == VERDICT_YES && undone != VERDICT_YES)
		return err_set(t->err, ERR_DNS,
		    "%s: the TXT record \"%s\" was added for a test and cannot be deleted: %s; "
		    "delete it",
		    owner, t->random, t->words);
	return rc;
}

struct trial_row {
	const char *what, *owner;
	ldns_rr *rr; /* that does not exist; taken */
	bool must;   /* the key needs it */
	bool certain;
};

static int
try_row(struct trial *t, const struct trial_row *row, bool *too_much, struct buf *out)
{
	enum verdict v = VERDICT_UNKNOWN;
	if (row->rr == NULL)
		return err_nomem(t->err);
	if (send_rr(t, row->rr, LDNS_RR_CLASS_NONE, &v) != 0)
		return -1;
	if (v == VERDICT_YES && row->certain && make_certain(t, row->owner, &v) != 0)
		return -1;
	if (v == VERDICT_YES && t->silent && !row->must) {
		v = VERDICT_UNKNOWN;
		snprintf(t->words, sizeof(t->words),
		    "NOERROR, which it says also to what it does not do");
	}
	const char *says = v == VERDICT_UNKNOWN		     ? "cannot tell"
			   : (v == VERDICT_YES) == row->must ? "right"
							     : "wrong";
	const char *can = v == VERDICT_YES ? "may" : v == VERDICT_NO ? "may not" : "perhaps may";
	buf_printf(out, "%s: %s %s %s", says, t->key.name, can, row->what);
	if (v == VERDICT_UNKNOWN)
		buf_printf(out, " (%s)", t->words);
	buf_put_byte(out, '\n');
	*too_much = *too_much || (v == VERDICT_YES && !row->must);
	if (row->must && v != VERDICT_YES)
		return err_set(t->err, ERR_DNS,
		    "the key cannot do what it must, so that no other answer tells anything: %s",
		    t->words);
	return 0;
}

static ldns_rr *
rr_of(const char *owner, const char *rest)
{
	char text[2 * SWEEP_NAME_LEN];
	ldns_rr *rr = NULL;
	int len = snprintf(text, sizeof(text), "%s. 0 IN %s", owner, rest);
	if (len < 0 || (size_t)len >= sizeof(text) ||
	    ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		return NULL;
	return rr;
}

static int
try_all(struct trial *t, const char *zone, const char *domain, bool *too_much, struct buf *out)
{
	char ours[SWEEP_NAME_LEN], other[SWEEP_NAME_LEN], mx[64];
	/* a zone that does not hold the domain is one for keys alone: _domainkey.DOMAIN, or of slots */
	bool whole = !dns_name_within(domain, zone);
	int a = snprintf(ours, sizeof(ours), whole ? "signpost-%s.%s" : "signpost-%s._domainkey.%s",
	    t->random, whole ? zone : domain);
	int b = snprintf(other, sizeof(other), "signpost-%s.%s", t->random, zone);
	if (a < 0 || b < 0 || (size_t)a >= sizeof(ours) || (size_t)b >= sizeof(other))
		return err_set(t->err, ERR_LIMIT, "%s: the name is too long", domain);
	snprintf(mx, sizeof(mx), "MX 65535 signpost-%s.invalid.", t->random);
	const struct trial_row rows[] = {
	    {"change TXT records of keys", ours, update_txt(ours, t->random, 0), true, false},
	    {"change TXT records at other names", other, update_txt(other, t->random, 0), false,
		true},
	    {"change records of other types at their names", ours, rr_of(ours, "A 192.0.2.1"),
		false, false},
	    {"change addresses at other names", other, rr_of(other, "A 192.0.2.1"), false, false},
	    {"change TXT records of the zone's own name", zone, update_txt(zone, t->random, 0),
		false, false},
	    {"change where mail for the zone's own name goes", zone, rr_of(zone, mx), false, false},
	};
	int rc = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool skip = whole && rows[i].owner == other;
		if (rc != 0 || skip)
			ldns_rr_free(rows[i].rr);
		else
			rc = try_row(t, &rows[i], too_much, out);
	}
	return rc;
}

int
publish_rfc2136_try_rights(const struct publisher_conf *conf, const char *zone, const char *domain,
    struct buf *out, struct err *err)
{
	struct trial t = {.err = err};
	uint8_t random[RANDOM_LEN];
	bool too_much = false;
	if (RAND_bytes(random, sizeof(random)) != 1)
		return err_set(err, ERR_CRYPTO, "no random numbers for a name");
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(t.random + 2 * i, 3, "%02x", random[i]);
	if (tsig_key_load(conf->tsig_key, &t.key, err) != 0)
		return err_wrap(err, "publisher %s", conf->name);
	t.talk = (struct publish_talk){.server = &conf->servers[0], .key = &t.key, .zone = zone};
	dns_tcp_init(&t.tcp, t.talk.server, dns_now_ms() + conf->timeout_ms);
	int rc = try_all(&t, zone, domain, &too_much, out);
	dns_tcp_deinit(&t.tcp);
	tsig_key_wipe(&t.key);
	if (rc != 0)
		return err_wrap(err, "publisher %s", conf->name);
	return too_much ? 1 : 0;
}
