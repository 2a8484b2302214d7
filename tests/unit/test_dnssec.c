/* SPDX-License-Identifier: ISC */
/* Signatures of one server: a zone is signed here with ldns, then spoilt in one place per case. */
#include "keys/dnssec.h"
#include "tests/unit/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ZONE  "example.com"
#define NAME  "sel._domainkey." ZONE
#define NOW   1795305600
#define TTL   3600
#define MONTH (30 * 86400)

enum spoil {
	SPOIL_NOTHING,
	SPOIL_NO_DS_ASKED, /* the key set vouches for itself */
	SPOIL_DS_OF_OTHER_KEY,
	SPOIL_DS_SHORT,
	SPOIL_KEY_WITHOUT_ZONE_BIT,
	SPOIL_KEY_REVOKED,
	SPOIL_KEY_PROTOCOL,
	SPOIL_KEYS_UNSIGNED,
	SPOIL_KEYS_BY_ZSK_ONLY,
	SPOIL_NO_KEYS,
	SPOIL_KEYS_NO_AA,
	SPOIL_KEYS_SERVFAIL,
	SPOIL_TXT_UNSIGNED,
	SPOIL_TXT_CHANGED,
	SPOIL_TXT_BY_STRANGER,
	SPOIL_SIGNER_IS_OTHER,
	SPOIL_SIG_SHORT,
	SPOIL_SIG_LABELS,
	SPOIL_SIG_OF_OTHER_TYPE,
};

/* Why a signed zone is not believed, as check and explain tell it of a server. */
static const struct said_row SAID[] = {
    {"its signature expired on * UTC", "RRSIG"},
    {"its signature expires on * UTC, before the TTL of 3600 s is over", "RRSIG"},
    {"its signature is valid only from * UTC", "RRSIG"},
    {"its signature does not verify with the keys of *", "a changed record, or another key"},
    {"* is signed, but this answer carries no signature of it", "no RRSIG that fits"},
    {"none of its DNSKEYs is named by the DS of *", "the chain is broken"},
    {"* has a DS, but this server has no DNSKEY for it", "the server has the unsigned zone"},
    {"it did not answer for the DNSKEY of *", "silence"},
    {"DNSKEY of *: its signature does not verify with the keys of *", "the key set is signed with a key without DS"},
};

struct zone_keys {
	ldns_key *ksk, *zsk, *stranger;
	ldns_rr *ksk_rr, *zsk_rr, *stranger_rr;
};

struct row {
	const char *name;
	enum spoil spoil;
	int64_t inception, expiration; /* of the TXT's signature, from NOW */
	enum dnssec_state state;
	const char *why;
};

static const struct row rows[] = {
    {"good", SPOIL_NOTHING, -MONTH, MONTH, DNSSEC_GOOD, ""},
    {"good, no DS known", SPOIL_NO_DS_ASKED, -MONTH, MONTH, DNSSEC_GOOD, ""},
    {"expired", SPOIL_NOTHING, -MONTH, -1, DNSSEC_BOGUS, "expired on"},
    {"expires now", SPOIL_NOTHING, -MONTH, 0, DNSSEC_BOGUS, "expired on"},
    {"expires before the TTL is over", SPOIL_NOTHING, -MONTH, TTL - 1, DNSSEC_BOGUS,
	"before the TTL of 3600 s"},
    {"expires with the TTL", SPOIL_NOTHING, -MONTH, TTL, DNSSEC_GOOD, ""},
    {"not yet", SPOIL_NOTHING, 1, MONTH, DNSSEC_BOGUS, "valid only from"},
    {"just now", SPOIL_NOTHING, 0, MONTH, DNSSEC_GOOD, ""},
    {"DS of another key", SPOIL_DS_OF_OTHER_KEY, -MONTH, MONTH, DNSSEC_BOGUS,
	"none of its DNSKEYs is named"},
    {"DS that ends early", SPOIL_DS_SHORT, -MONTH, MONTH, DNSSEC_BOGUS,
	"none of its DNSKEYs is named"},
    {"key is no zone key", SPOIL_KEY_WITHOUT_ZONE_BIT, -MONTH, MONTH, DNSSEC_BOGUS,
	"none of its DNSKEYs"},
    {"key is revoked", SPOIL_KEY_REVOKED, -MONTH, MONTH, DNSSEC_BOGUS, "none of its DNSKEYs"},
    {"key of another protocol", SPOIL_KEY_PROTOCOL, -MONTH, MONTH, DNSSEC_BOGUS,
	"none of its DNSKEYs"},
    {"key set without signature", SPOIL_KEYS_UNSIGNED, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
    {"key set signed by a key without DS", SPOIL_KEYS_BY_ZSK_ONLY, -MONTH, MONTH, DNSSEC_BOGUS,
	"does not verify"},
    {"no key set", SPOIL_NO_KEYS, -MONTH, MONTH, DNSSEC_BOGUS, "has a DS, but"},
    {"key set without AA", SPOIL_KEYS_NO_AA, -MONTH, MONTH, DNSSEC_UNKNOWN,
	"did not answer for the DNSKEY"},
    {"key set SERVFAIL", SPOIL_KEYS_SERVFAIL, -MONTH, MONTH, DNSSEC_UNKNOWN,
	"did not answer for the DNSKEY"},
    {"record without signature", SPOIL_TXT_UNSIGNED, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
    {"record changed", SPOIL_TXT_CHANGED, -MONTH, MONTH, DNSSEC_BOGUS, "does not verify"},
    {"record signed by a stranger", SPOIL_TXT_BY_STRANGER, -MONTH, MONTH, DNSSEC_BOGUS,
	"does not verify"},
    {"signer is another zone", SPOIL_SIGNER_IS_OTHER, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
    {"signature that ends early", SPOIL_SIG_SHORT, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
    {"signature of more labels", SPOIL_SIG_LABELS, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
    {"signature of another type", SPOIL_SIG_OF_OTHER_TYPE, -MONTH, MONTH, DNSSEC_BOGUS,
	"carries no signature"},
};

static ldns_key *
new_key(uint16_t flags)
{
	ldns_key *key = ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	assert_non_null(key);
	ldns_key_set_flags(key, flags);
	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str(ZONE "."));
	return key;
}

/* The public record of a key; its tag must be set for signing. */
static ldns_rr *
public_of(ldns_key *key)
{
	ldns_rr *rr = ldns_key2rr(key);
	assert_non_null(rr);
	ldns_rr_set_ttl(rr, TTL);
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	return rr;
}

static void
keys_make(struct zone_keys *k)
{
	k->ksk = new_key(LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
	k->zsk = new_key(LDNS_KEY_ZONE_KEY);
	k->stranger = new_key(LDNS_KEY_ZONE_KEY);
	k->ksk_rr = public_of(k->ksk);
	k->zsk_rr = public_of(k->zsk);
	k->stranger_rr = public_of(k->stranger);
}

static void
keys_drop(struct zone_keys *k)
{
	ldns_key_deep_free(k->ksk);
	ldns_key_deep_free(k->zsk);
	ldns_key_deep_free(k->stranger);
	ldns_rr_free(k->ksk_rr);
	ldns_rr_free(k->zsk_rr);
	ldns_rr_free(k->stranger_rr);
}

static ldns_rr *
sign(const ldns_rr_list *rrset, ldns_key *key, int64_t inception, int64_t expiration)
{
	ldns_key_list *list = ldns_key_list_new();
	ldns_key_set_inception(key, (uint32_t)(NOW + inception));
	ldns_key_set_expiration(key, (uint32_t)(NOW + expiration));
	assert_true(ldns_key_list_push_key(list, key));
	ldns_rr_list *copy = ldns_rr_list_clone(rrset);
	ldns_rr_list *sigs = ldns_sign_public(copy, list);
	assert_non_null(sigs);
	assert_int_equal(ldns_rr_list_rr_count(sigs), 1);
	ldns_rr *sig = ldns_rr_list_pop_rr(sigs);
	ldns_rr_list_free(sigs);
	ldns_rr_list_deep_free(copy);
	ldns_key_list_set_key_count(list, 0); /* the key stays */
	ldns_key_list_free(list);
	return sig;
}

static ldns_pkt *
packet(const ldns_rr_list *rrset, ldns_rr *sig)
{
	ldns_pkt *pkt = ldns_pkt_new();
	ldns_pkt_set_aa(pkt, true);
	for (size_t i = 0; i < ldns_rr_list_rr_count(rrset); i++)
		assert_true(ldns_pkt_push_rr(
		    pkt, LDNS_SECTION_ANSWER, ldns_rr_clone(ldns_rr_list_rr(rrset, i))));
	if (sig != NULL)
		assert_true(ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, sig));
	return pkt;
}

static void
replace_rdf(ldns_rr *rr, size_t at, ldns_rdf *with)
{
	ldns_rdf_deep_free(ldns_rr_set_rdf(rr, with, at));
}

/* The key that the DS names, as the server shows it. */
static ldns_rr *
shown_ksk(const struct zone_keys *k, enum spoil spoil)
{
	ldns_rr *ksk = ldns_rr_clone(k->ksk_rr);
	if (spoil == SPOIL_KEY_WITHOUT_ZONE_BIT)
		replace_rdf(ksk, 0, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, LDNS_KEY_SEP_KEY));
	if (spoil == SPOIL_KEY_REVOKED)
		replace_rdf(ksk, 0, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, 0x0181));
	if (spoil == SPOIL_KEY_PROTOCOL)
		replace_rdf(ksk, 1, ldns_native2rdf_int8(LDNS_RDF_TYPE_INT8, 4));
	return ksk;
}

static ldns_pkt *
key_packet(const struct zone_keys *k, enum spoil spoil)
{
	ldns_rr_list *set = ldns_rr_list_new();
	ldns_rr *ksk = shown_ksk(k, spoil);
	ldns_rr_list_push_rr(set, ksk);
	ldns_rr_list_push_rr(set, ldns_rr_clone(k->zsk_rr));
	ldns_rr *sig = NULL;
	if (spoil != SPOIL_KEYS_UNSIGNED && spoil != SPOIL_NO_KEYS)
		sig = sign(set, spoil == SPOIL_KEYS_BY_ZSK_ONLY ? k->zsk : k->ksk, -MONTH, MONTH);
	ldns_rr_list *nothing = ldns_rr_list_new();
	ldns_pkt *pkt = packet(spoil == SPOIL_NO_KEYS ? nothing : set, sig);
	ldns_rr_list_free(nothing);
	ldns_rr_list_deep_free(set);
	if (spoil == SPOIL_KEYS_NO_AA)
		ldns_pkt_set_aa(pkt, false);
	if (spoil == SPOIL_KEYS_SERVFAIL)
		ldns_pkt_set_rcode(pkt, LDNS_RCODE_SERVFAIL);
	return pkt;
}

static ldns_rr *
txt(const char *text)
{
	ldns_rr *rr = NULL;
	char line[128];
	snprintf(line, sizeof(line), NAME ". %d IN TXT \"%s\"", TTL, text);
	assert_int_equal(ldns_rr_new_frm_str(&rr, line, TTL, NULL, NULL), LDNS_STATUS_OK);
	return rr;
}

static ldns_pkt *
txt_packet(const struct zone_keys *k, const struct row *row)
{
	ldns_rr_list *set = ldns_rr_list_new();
	ldns_rr_list_push_rr(set, txt("v=DKIM1; p="));
	ldns_rr *sig = sign(set, row->spoil == SPOIL_TXT_BY_STRANGER ? k->stranger : k->zsk,
	    row->inception, row->expiration);
	if (row->spoil == SPOIL_SIGNER_IS_OTHER)
		replace_rdf(sig, 7, ldns_dname_new_frm_str("example.org."));
	if (row->spoil == SPOIL_SIG_SHORT)
		while (ldns_rr_rd_count(sig) > 4)
			ldns_rdf_deep_free(ldns_rr_pop_rdf(sig));
	if (row->spoil == SPOIL_SIG_LABELS)
		replace_rdf(sig, 2, ldns_native2rdf_int8(LDNS_RDF_TYPE_INT8, 9));
	if (row->spoil == SPOIL_SIG_OF_OTHER_TYPE)
		replace_rdf(sig, 0, ldns_native2rdf_int16(LDNS_RDF_TYPE_TYPE, LDNS_RR_TYPE_A));
	if (row->spoil == SPOIL_TXT_UNSIGNED) {
		ldns_rr_free(sig);
		sig = NULL;
	}
	if (row->spoil == SPOIL_TXT_CHANGED) {
		ldns_rr_list_deep_free(set);
		set = ldns_rr_list_new();
		ldns_rr_list_push_rr(set, txt("v=DKIM1; p=AAAA"));
	}
	ldns_pkt *pkt = packet(set, sig);
	ldns_rr_list_deep_free(set);
	return pkt;
}

static ldns_rr_list *
ds_of(const struct zone_keys *k, enum spoil spoil)
{
	if (spoil == SPOIL_NO_DS_ASKED)
		return NULL;
	ldns_rr_list *list = ldns_rr_list_new();
	ldns_rr *named =
	    spoil == SPOIL_DS_OF_OTHER_KEY ? ldns_rr_clone(k->stranger_rr) : shown_ksk(k, spoil);
	ldns_rr *ds = ldns_key_rr2ds(named, LDNS_SHA256);
	ldns_rr_free(named);
	assert_non_null(ds);
	if (spoil == SPOIL_DS_SHORT)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(ds));
	ldns_rr_list_push_rr(list, ds);
	return list;
}

static void
check_spoilt_zone_is_bogus(void **state)
{
	(void)state;
	struct zone_keys k;
	keys_make(&k);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct dnssec_keys keys;
		char why[DNSSEC_WHY_LEN] = "";
		ldns_rr_list *ds = ds_of(&k, row->spoil);
		ldns_pkt *key_pkt = key_packet(&k, row->spoil), *txt_pkt = txt_packet(&k, row);
		dnssec_keys_check(key_pkt, ZONE, ds, NOW, &keys);
		struct dnssec_rrset set = {txt_pkt, ZONE, NAME, LDNS_RR_TYPE_TXT};
		enum dnssec_state got = dnssec_check(&keys, &set, NOW, why);
		hear(why);
		if (got != row->state || (got != DNSSEC_GOOD && strstr(why, row->why) == NULL))
			fail_msg("%s: state %d, \"%s\"", row->name, (int)got, why);
		ldns_pkt_free(key_pkt);
		ldns_pkt_free(txt_pkt);
		ldns_rr_list_deep_free(ds);
	}
	keys_drop(&k);
}

static void
check_without_key_answer_is_unknown(void **state)
{
	(void)state;
	struct dnssec_keys keys;
	dnssec_keys_check(NULL, ZONE, NULL, NOW, &keys);
	assert_int_equal(keys.state, DNSSEC_UNKNOWN);
	assert_non_null(strstr(keys.why, ZONE));
}

static void
ds_is_usable_for_known_algorithms(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool usable;
	} texts[] = {
	    {"1 8 2 0102030405060708091011121314151617181920212223242526272829303132", true},
	    {"1 15 4 "
	     "0102030405060708091011121314151617181920212223242526272829303132333435363738394041424"
	     "344454647"
	     "48",
		true},
	    {"1 13 1 0102030405060708091011121314151617181920", true},
	    {"1 3 2 0102030405060708091011121314151617181920212223242526272829303132", false},
	    {"1 200 2 0102030405060708091011121314151617181920212223242526272829303132", false},
	    {"1 8 3 0102030405060708091011121314151617181920212223242526272829303132", false},
	};
	assert_false(dnssec_ds_is_usable(NULL));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ldns_rr_list *list = ldns_rr_list_new();
		ldns_rr *rr = NULL;
		char line[256];
		snprintf(line, sizeof(line), ZONE ". 60 IN DS %s", texts[i].text);
		assert_int_equal(ldns_rr_new_frm_str(&rr, line, 60, NULL, NULL), LDNS_STATUS_OK);
		ldns_rr_list_push_rr(list, rr);
		if (dnssec_ds_is_usable(list) != texts[i].usable)
			fail_msg("%s", texts[i].text);
		ldns_rr_list_deep_free(list);
	}
}

static void
whys_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_spoilt_zone_is_bogus),
	    cmocka_unit_test(check_without_key_answer_is_unknown),
	    cmocka_unit_test(ds_is_usable_for_known_algorithms),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
