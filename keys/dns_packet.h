/* SPDX-License-Identifier: ISC */
/* dns_packet.h - one DNS question as bytes, and what may count as its answer.  Pure: no sockets, no clock.
 *
 * Names are text: lower case, no final dot, "" for the root.  A name whose text would need escapes is not
 * one that we handle: records that carry it are skipped.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_DNS_PACKET_H
#define SIGNPOST_KEYS_DNS_PACKET_H

#include "base/buf.h"
#include "keys/sweep.h"

#include <ldns/ldns.h>

#define DNS_QUERY_LEN_MAX 300  /* header, name of 255 octets, type, class, OPT */
#define DNS_UDP_LEN_MAX   4096 /* read; EDNS offers less */
#define DNS_EDNS_LEN      1232 /* no fragments on any sane path (DNS flag day 2020) */
#define DNS_TXT_LEN_MAX   4096 /* joined strings of one record that are kept */
#define DNS_RCODE_LEN     24

struct dns_question {
	char name[SWEEP_NAME_LEN];
	ldns_rr_type type;
	bool recurse; /* RD */
	bool dnssec;  /* DO */
	bool unchecked; /* CD: the resolver is not to validate */
};

/* false when name does not fit. */
bool dns_question_set(struct dns_question *, const char *name, ldns_rr_type);

/* The message; returns its length, 0 when the name is not one. */
size_t dns_packet_query(
    const struct dns_question *, uint16_t id, bool edns, uint8_t out[static DNS_QUERY_LEN_MAX]);
/* A response to just this query: identifier, QR, opcode, the one question (RFC 5452 section 9). */
bool dns_packet_answers(struct slice query, struct slice reply);
/* NULL when it is malformed or out of memory.  Free with ldns_pkt_free. */
ldns_pkt *dns_packet_parse(struct slice reply);

/* NOERROR or NXDOMAIN: it says whether the name is there. */
bool dns_packet_tells(const ldns_pkt *);
/* "NOERROR", "RCODE 23". */
void dns_rcode_text(const ldns_pkt *, char out[static DNS_RCODE_LEN]);

/* false: it needs escapes or is too long; the root is "". */
bool dns_name_text(const ldns_rdf *, char out[static SWEEP_NAME_LEN]);
bool dns_name_is(const ldns_rdf *, const char *name);
bool dns_name_lower(const char *name, char out[static SWEEP_NAME_LEN]); /* and without a final dot; false: too long */
bool dns_name_within(const char *name, const char *above); /* itself included */
size_t dns_name_labels(const char *name);
const char *dns_name_parent(const char *name); /* points into name; "" at the top */

/* Records of one owner (NULL: any) and type; returns how many there are, the first max are stored. */
size_t dns_records(const ldns_rr_list *, const char *owner, ldns_rr_type, ldns_rr **out, size_t max);
/* A record's first rdata is a name (NS, CNAME, SOA, DNAME). */
bool dns_record_target(const ldns_rr *, char out[static SWEEP_NAME_LEN]);
/* Strings of a TXT record, joined. */
void dns_record_txt(const ldns_rr *, struct buf *out);
bool dns_record_addr(const ldns_rr *, struct ip_addr *out); /* A, AAAA */
bool dns_record_serial(const ldns_rr *, uint32_t *serial);  /* SOA */

#endif
