/* SPDX-License-Identifier: ISC */
/* dnssec.h - are the signatures that one server sends good, now and for as long as the record is cached?
 *
 * Each server is judged by its own DNSKEY answer against the parent's DS set, because a resolver takes both from whom
 * it happens to ask: one secondary with expired signatures is bogus to it.  Denial of existence is not
 * checked: what is missing is never good.  Pure but for OpenSSL inside ldns.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_DNSSEC_H
#define SIGNPOST_KEYS_DNSSEC_H

#include "keys/dns_packet.h"

#define DNSSEC_WHY_LEN  160
#define DNSSEC_KEYS_MAX 32 /* of a DNSKEY RRset; and as many RRSIGs: bounds the work (CVE-2023-50387) */
#define DNSSEC_SIGS_MAX 16

enum dnssec_state { DNSSEC_GOOD, DNSSEC_BOGUS, DNSSEC_UNKNOWN /* the server did not tell its keys */ };

/* The key set of one server; keys points into the packet it was taken from. */
struct dnssec_keys {
	enum dnssec_state state;
	ldns_rr *keys[DNSSEC_KEYS_MAX];
	size_t count;
	char why[DNSSEC_WHY_LEN]; /* BOGUS, UNKNOWN */
};

/* A zone's DS set holds an algorithm and a digest that we know; else it counts as unsigned (RFC 4035 5.2). */
bool dnssec_ds_is_usable(const ldns_rr_list *ds);

/* reply: the server's answer for DNSKEY (borrowed, as long as out is used), NULL when there was none.
 * ds NULL: the parent could not be asked; the key set then vouches for itself. */
void dnssec_keys_check(const ldns_pkt *reply, const char *zone, const ldns_rr_list *ds, int64_t now,
    struct dnssec_keys *out);

/* An RRset of an answer section: all records of owner and type. */
struct dnssec_rrset {
	const ldns_pkt *reply;
	const char *zone; /* that must have signed it */
	const char *owner;
	ldns_rr_type type;
};

/* It is signed by one of the keys, from now until now + its TTL. */
enum dnssec_state dnssec_check(const struct dnssec_keys *, const struct dnssec_rrset *, int64_t now,
    char why[static DNSSEC_WHY_LEN]);

#endif
