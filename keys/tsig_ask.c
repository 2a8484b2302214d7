/* SPDX-License-Identifier: ISC */
#include "keys/tsig_ask.h"
#include "keys/key_state.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

/* RFC 8945 4.2: the parts of the RDATA */
enum {
	PART_ALGORITHM,
	PART_TIME,
	PART_FUDGE,
	PART_MAC,
	PART_ID,
	PART_ERROR,
	PART_OTHER,
	PART_COUNT
};

static int64_t
our_clock(void)
{
	struct timeval tv = {.tv_sec = 0};
	gettimeofday(&tv, NULL);
	return (int64_t)tv.tv_sec;
}

static int64_t
time_of(const uint8_t *octets)
{
	int64_t t = 0;
	for (size_t i = 0; i < 6; i++)
		t = t << 8 | octets[i];
	return t;
}

static int
sign(ldns_pkt *pkt, const struct tsig_key *key, struct err *err)
{
	char algorithm[TSIG_ALGORITHM_LEN + 1];
	snprintf(algorithm, sizeof(algorithm), "%s.", key->algorithm);
	ldns_status s =
	    ldns_pkt_tsig_sign(pkt, key->name, key->secret, TSIG_FUDGE_S, algorithm, NULL);
	if (s != LDNS_STATUS_OK)
		return err_set(err, ERR_CRYPTO, "TSIG key %s: cannot sign: %s", key->name,
		    ldns_get_errorstr_by_id(s));
	return 0;
}

static bool
is_same_key(const ldns_rr *tsig, const struct tsig_key *key)
{
	return dns_name_is(ldns_rr_owner(tsig), key->name) &&
	       dns_name_is(ldns_rr_rdf(tsig, PART_ALGORITHM), key->algorithm);
}

/* BADTIME: the server's clock is in the other data, and the time of the TSIG is ours (RFC 8945 5.2.3). */
static int64_t
server_clock(const ldns_rr *tsig, unsigned error)
{
	const ldns_rdf *rdf = ldns_rr_rdf(tsig, PART_TIME), *other = ldns_rr_rdf(tsig, PART_OTHER);
	/* other data begins with its own length */
	if (error == TSIG_BADTIME)
		return other != NULL && ldns_rdf_size(other) == 2 + 6
			   ? time_of((const uint8_t *)ldns_rdf_data(other) + 2)
			   : NEVER;
	if (rdf == NULL || ldns_rdf_size(rdf) != 6)
		return NEVER;
	return time_of(ldns_rdf_data(rdf));
}

static void
judge(
    struct tsig_reply *r, const struct buf *wire, const struct tsig_key *key, const ldns_rr *asked)
{
	const ldns_rr *tsig = ldns_pkt_tsig(r->pkt);
	if (tsig == NULL || ldns_rr_rd_count(tsig) != PART_COUNT)
		return;
	r->trust = TSIG_UNPROVEN;
	const ldns_rdf *error = ldns_rr_rdf(tsig, PART_ERROR),
		       *signed_at = ldns_rr_rdf(tsig, PART_TIME);
	if (ldns_rdf_size(error) == 2)
		r->tsig_error = ldns_rdf2native_int16(error);
	r->server_time = server_clock(tsig, r->tsig_error);
	if (!is_same_key(tsig, key) || ldns_rdf_size(signed_at) != 6 ||
	    !ldns_pkt_tsig_verify(r->pkt, wire->data, wire->len, key->name, key->secret,
		ldns_rr_rdf(asked, PART_MAC)))
		return;
	/* RFC 8945 5.2.3: the time is checked after the MAC */
	int64_t apart = time_of(ldns_rdf_data(signed_at)) - our_clock();
	r->trust = apart > TSIG_FUDGE_S || apart < -TSIG_FUDGE_S ? TSIG_STALE : TSIG_VERIFIED;
}

/* A reply to just this message, as far as that shows without TSIG. */
static bool
belongs(const ldns_pkt *query, struct slice wire, const struct buf *reply)
{
	if (ldns_pkt_get_opcode(query) == LDNS_PACKET_QUERY)
		return dns_packet_answers(wire, buf_slice(reply));
	return (reply->data[2] >> 3 & 0x0f) == LDNS_PACKET_UPDATE;
}

static void
exchange(struct dns_tcp *tcp, const struct tsig_key *key, ldns_pkt *query, struct slice wire,
    struct tsig_reply *r)
{
	struct buf reply;
	buf_init(&reply, DNS_TCP_LEN_MAX);
	r->end = dns_tcp_exchange(tcp, wire, &reply);
	if (r->end == DNS_TCP_REPLY) {
		r->pkt = belongs(query, wire, &reply) ? dns_packet_parse(buf_slice(&reply)) : NULL;
		if (r->pkt == NULL)
			r->end = tcp->end = DNS_TCP_BROKEN;
		else if (key != NULL)
			judge(r, &reply, key, ldns_pkt_tsig(query));
	}
	buf_deinit(&reply);
}

int
tsig_ask(struct dns_tcp *tcp, const struct tsig_key *key, ldns_pkt *pkt, struct tsig_reply *r,
    struct err *err)
{
	uint8_t *wire = NULL, id[2];
	size_t len = 0;
	int rc = -1;

	*r = (struct tsig_reply){.server_time = NEVER, .our_time = our_clock()};
	if (RAND_bytes(id, sizeof(id)) != 1) {
		ldns_pkt_free(pkt);
		return err_set(err, ERR_CRYPTO, "no random numbers for a DNS message");
	}
	ldns_pkt_set_id(pkt, (uint16_t)(id[0] << 8 | id[1]));
	ldns_pkt_set_rd(pkt, false);
	if (key != NULL && sign(pkt, key, err) != 0)
		goto out;
	if (ldns_pkt2wire(&wire, pkt, &len) != LDNS_STATUS_OK) {
		err_nomem(err);
		goto out;
	}
	exchange(tcp, key, pkt, slice_new(wire, len), r);
	rc = 0;
out:
	LDNS_FREE(wire);
	ldns_pkt_free(pkt);
	return rc;
}

void
tsig_reply_deinit(struct tsig_reply *r)
{
	ldns_pkt_free(r->pkt);
	r->pkt = NULL;
}
