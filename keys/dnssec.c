/* SPDX-License-Identifier: ISC */
#include "keys/dnssec.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DNSKEY_ZONE    0x0100
#define DNSKEY_REVOKED 0x0080
#define RECORDS_MAX    64

/* ldns 1.8.3 accepts records whose rdata ends early, and its accessors then assert: count first. */
static bool
has_rdata(const ldns_rr *rr, size_t count)
{
	if (ldns_rr_rd_count(rr) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (ldns_rr_rdf(rr, i) == NULL)
			return false;
	return true;
}

static bool
algorithm_is_known(unsigned algorithm)
{
	switch (algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
	case LDNS_RSASHA256:
	case LDNS_RSASHA512:
	case LDNS_ECDSAP256SHA256:
	case LDNS_ECDSAP384SHA384:
	case LDNS_ED25519:
	case LDNS_ED448:
		return true;
	default:
		return false;
	}
}

/* DS: key tag, algorithm, digest type, digest. */
static bool
ds_is_usable(const ldns_rr *ds)
{
	if (!has_rdata(ds, 4) || !algorithm_is_known(ldns_rdf2native_int8(ldns_rr_rdf(ds, 1))))
		return false;
	unsigned digest = ldns_rdf2native_int8(ldns_rr_rdf(ds, 2));
	return digest == LDNS_SHA1 || digest == LDNS_SHA256 || digest == LDNS_SHA384;
}

bool
dnssec_ds_is_usable(const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
		if (ds_is_usable(ldns_rr_list_rr(list, i)))
			return true;
	return false;
}

/* DNSKEY: flags, protocol, algorithm, key.  RFC 4034 2.1: zone key, protocol 3; RFC 5011: not revoked. */
static bool
key_may_sign(const ldns_rr *key)
{
	if (!has_rdata(key, 4) || ldns_rdf_size(ldns_rr_rdf(key, 3)) < 4)
		return false;
	unsigned flags = ldns_rdf2native_int16(ldns_rr_rdf(key, 0));
	return (flags & DNSKEY_ZONE) != 0 && (flags & DNSKEY_REVOKED) == 0 &&
	       ldns_rdf2native_int8(ldns_rr_rdf(key, 1)) == 3;
}

static bool
key_matches_ds(const ldns_rr *key, const ldns_rr *ds)
{
	if (!ds_is_usable(ds))
		return false;
	ldns_rr *made = ldns_key_rr2ds(key, (ldns_hash)ldns_rdf2native_int8(ldns_rr_rdf(ds, 2)));
	if (made == NULL)
		return false;
	bool same = has_rdata(made, 4);
	for (size_t i = 0; same && i < 4; i++)
		same = ldns_rdf_compare(ldns_rr_rdf(made, i), ldns_rr_rdf(ds, i)) == 0;
	ldns_rr_free(made);
	return same;
}

static bool
key_is_named(const ldns_rr *key, const ldns_rr_list *ds)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(ds); i++)
		if (key_matches_ds(key, ldns_rr_list_rr(ds, i)))
			return true;
	return false;
}

static void
date_text(uint32_t at, char out[static 32])
{
	time_t t = (time_t)at;
	struct tm tm;
	if (gmtime_r(&t, &tm) == NULL || strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(out, 32, "%u", (unsigned)at);
}

/* RFC 4034 3.1.5: serial number arithmetic. */
static bool
is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* RRSIG: type covered, algorithm, labels, original TTL, expiration, inception, key tag, signer, signature. */
static bool
times_are_good(const ldns_rr *sig, uint32_t ttl, int64_t now, char why[static DNSSEC_WHY_LEN])
{
	uint32_t expiration = ldns_rdf2native_int32(ldns_rr_rdf(sig, 4));
	uint32_t inception = ldns_rdf2native_int32(ldns_rr_rdf(sig, 5));
	uint32_t at = (uint32_t)(uint64_t)now;
	char date[32];
	if (is_after(inception, at)) {
		date_text(inception, date);
		snprintf(why, DNSSEC_WHY_LEN, "its signature is valid only from %s", date);
		return false;
	}
	date_text(expiration, date);
	if (!is_after(expiration, at)) {
		snprintf(why, DNSSEC_WHY_LEN, "its signature expired on %s", date);
		return false;
	}
	if (is_after(at + ttl, expiration)) {
		snprintf(why, DNSSEC_WHY_LEN,
		    "its signature expires on %s, before the TTL of %u s is over", date,
		    (unsigned)ttl);
		return false;
	}
	return true;
}

static bool
sig_verifies(const ldns_rr_list *rrset, const ldns_rr *sig, const struct dnssec_keys *keys)
{
	ldns_rr_list *candidates = ldns_rr_list_new(), *good = ldns_rr_list_new();
	bool ok = candidates != NULL && good != NULL;
	for (size_t i = 0; ok && i < keys->count; i++)
		ok = ldns_rr_list_push_rr(candidates, keys->keys[i]);
	ok = ok && ldns_verify_rrsig_keylist_notime(rrset, sig, candidates, good) == LDNS_STATUS_OK;
	ldns_rr_list_free(candidates);
	ldns_rr_list_free(good);
	return ok;
}

static bool
sig_is_for(const ldns_rr *sig, const struct dnssec_rrset *set)
{
	return has_rdata(sig, 9) &&
	       ldns_rdf2native_int16(ldns_rr_rdf(sig, 0)) == (uint16_t)set->type &&
	       dns_name_is(ldns_rr_rdf(sig, 7), set->zone) &&
	       ldns_rdf2native_int8(ldns_rr_rdf(sig, 2)) <= dns_name_labels(set->owner);
}

/* An RRset out of an answer: 0 when there is none. */
static size_t
collect(const struct dnssec_rrset *set, ldns_rr_list *out)
{
	ldns_rr *found[RECORDS_MAX];
	size_t n =
	    dns_records(ldns_pkt_answer(set->reply), set->owner, set->type, found, RECORDS_MAX);
	for (size_t i = 0; i < n && i < RECORDS_MAX; i++)
		if (!ldns_rr_list_push_rr(out, found[i]))
			return 0;
	return n > RECORDS_MAX ? 0 : n;
}

static enum dnssec_state
check_rrset(const struct dnssec_keys *keys, const struct dnssec_rrset *set, const ldns_rr_list *rrs,
    int64_t now, char why[static DNSSEC_WHY_LEN])
{
	ldns_rr *sigs[DNSSEC_SIGS_MAX];
	size_t n = dns_records(
	    ldns_pkt_answer(set->reply), set->owner, LDNS_RR_TYPE_RRSIG, sigs, DNSSEC_SIGS_MAX);
	uint32_t ttl = ldns_rr_ttl(ldns_rr_list_rr(rrs, 0));
	snprintf(why, DNSSEC_WHY_LEN, "%s is signed, but this answer carries no signature of it",
	    set->zone);
	for (size_t i = 0; i < n && i < DNSSEC_SIGS_MAX; i++) {
		if (!sig_is_for(sigs[i], set) || !times_are_good(sigs[i], ttl, now, why))
			continue;
		if (sig_verifies(rrs, sigs[i], keys))
			return DNSSEC_GOOD;
		snprintf(why, DNSSEC_WHY_LEN, "its signature does not verify with the keys of %s",
		    set->zone);
	}
	return DNSSEC_BOGUS;
}

enum dnssec_state
dnssec_check(const struct dnssec_keys *keys, const struct dnssec_rrset *set, int64_t now,
    char why[static DNSSEC_WHY_LEN])
{
	if (keys->state != DNSSEC_GOOD) {
		snprintf(why, DNSSEC_WHY_LEN, "%s", keys->why);
		return keys->state;
	}
	ldns_rr_list *rrs = ldns_rr_list_new();
	enum dnssec_state state = DNSSEC_UNKNOWN;
	snprintf(why, DNSSEC_WHY_LEN, "out of memory");
	if (rrs != NULL && collect(set, rrs) > 0)
		state = check_rrset(keys, set, rrs, now, why);
	ldns_rr_list_free(rrs);
	return state;
}

/* The key set must be signed by a key that the DS set names, or, without one, by any of its own. */
static void
check_key_set(const struct dnssec_rrset *set, const ldns_rr_list *rrs, const ldns_rr_list *ds,
    int64_t now, struct dnssec_keys *out)
{
	struct dnssec_keys entry = {.state = DNSSEC_GOOD};
	for (size_t i = 0; i < out->count; i++)
		if (ds == NULL || key_is_named(out->keys[i], ds))
			entry.keys[entry.count++] = out->keys[i];
	if (entry.count == 0) {
		out->state = DNSSEC_BOGUS;
		snprintf(out->why, sizeof(out->why), "none of its DNSKEYs is named by the DS of %s",
		    set->zone);
		return;
	}
	char why[DNSSEC_WHY_LEN];
	out->state = check_rrset(&entry, set, rrs, now, why);
	if (out->state != DNSSEC_GOOD)
		snprintf(out->why, sizeof(out->why), "DNSKEY of %.50s: %.90s", set->zone, why);
}

void
dnssec_keys_check(const ldns_pkt *reply, const char *zone, const ldns_rr_list *ds, int64_t now,
    struct dnssec_keys *out)
{
	memset(out, 0, sizeof(*out));
	out->state = DNSSEC_UNKNOWN;
	snprintf(out->why, sizeof(out->why), "it did not answer for the DNSKEY of %s", zone);
	if (reply == NULL || ldns_pkt_get_rcode(reply) != LDNS_RCODE_NOERROR || !ldns_pkt_aa(reply))
		return;
	struct dnssec_rrset set = {reply, zone, zone, LDNS_RR_TYPE_DNSKEY};
	ldns_rr_list *rrs = ldns_rr_list_new();
	if (rrs == NULL)
		return;
	size_t n = collect(&set, rrs);
	for (size_t i = 0; i < n && out->count < DNSSEC_KEYS_MAX; i++)
		if (key_may_sign(ldns_rr_list_rr(rrs, i)))
			out->keys[out->count++] = ldns_rr_list_rr(rrs, i);
	out->state = DNSSEC_BOGUS;
	snprintf(
	    out->why, sizeof(out->why), "%s has a DS, but this server has no DNSKEY for it", zone);
	if (out->count > 0)
		check_key_set(&set, rrs, ds, now, out);
	ldns_rr_list_free(rrs);
}
