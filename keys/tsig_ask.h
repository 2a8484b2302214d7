/* SPDX-License-Identifier: ISC */
/* tsig_ask.h - a DNS message, signed by TSIG (RFC 8945), to one server by TCP, and how far its reply can be believed.
 *
 * ldns makes and checks the MAC; the time, the algorithm, the key's name and the TSIG error are checked here, for
 * ldns does not.  Our clock is gettimeofday(2), as it is ldns's.
 *
 *	struct tsig_reply r;
 *	if (tsig_ask(&tcp, &key, packet, &r, err) != 0)		a failure of ours
 *		return -1;
 *	if (r.end == DNS_TCP_REPLY && r.trust == TSIG_VERIFIED && ldns_pkt_get_rcode(r.pkt) == LDNS_RCODE_NOERROR) ...
 *	tsig_reply_deinit(&r);
 *
 * Threads: one connection, one thread. */
#ifndef SIGNPOST_KEYS_TSIG_ASK_H
#define SIGNPOST_KEYS_TSIG_ASK_H

#include "keys/dns_packet.h"
#include "keys/dns_tcp.h"
#include "keys/tsig_key.h"

#define TSIG_FUDGE_S 300 /* RFC 8945 10: recommended */

enum tsig_error { TSIG_NOERROR = 0, TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18, TSIG_BADTRUNC = 22 };

enum tsig_trust {
	TSIG_ABSENT,   /* the reply carries none: anybody could have said it */
	TSIG_UNPROVEN, /* it carries one that proves nothing: no MAC (BADKEY, BADSIG), a wrong one, another key's */
	TSIG_STALE,    /* a right MAC, but of another time */
	TSIG_VERIFIED,
};

struct tsig_reply {
	enum dns_tcp_end end; /* not REPLY: nothing below is set */
	ldns_pkt *pkt;
	enum tsig_trust trust;
	unsigned tsig_error;  /* enum tsig_error, or what came */
	int64_t server_time;  /* as the TSIG tells it, with BADTIME too; NEVER without */
	int64_t our_time;     /* when the message was signed */
};

/* Signs (key NULL: does not) and frees the packet, sends it, judges the reply.  -1: ERR_CRYPTO, ERR_NOMEM. */
int tsig_ask(struct dns_tcp *, const struct tsig_key *, ldns_pkt *, struct tsig_reply *, struct err *) MUST_CHECK;
void tsig_reply_deinit(struct tsig_reply *);

#endif
