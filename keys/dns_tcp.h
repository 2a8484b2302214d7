/* SPDX-License-Identifier: ISC */
/* dns_tcp.h - one DNS message to one server by TCP, and the message that comes back: for updates, which ldns's own
 * transport would take from anybody (dns_wire.h is for plain questions, many at a time).  Waits, until a deadline.
 *
 * The connection is kept for the next message, and made anew when the server had closed it meanwhile.
 *
 *	struct dns_tcp t;
 *	dns_tcp_init(&t, &server, dns_now_ms() + timeout_ms);
 *	if (dns_tcp_exchange(&t, query, &reply) != DNS_TCP_REPLY)
 *		dns_tcp_text(&t, words);
 *	dns_tcp_deinit(&t);
 *
 * Threads: one connection, one thread. */
#ifndef SIGNPOST_KEYS_DNS_TCP_H
#define SIGNPOST_KEYS_DNS_TCP_H

#include "base/buf.h"
#include "keys/sweep.h"

#define DNS_TCP_LEN_MAX	 65535
#define DNS_TCP_TEXT_LEN 160

enum dns_tcp_end {
	DNS_TCP_REPLY,	   /* of the same identifier */
	DNS_TCP_CLOSED,	   /* nothing listens there */
	DNS_TCP_NO_ROUTE,
	DNS_TCP_UNREACHED, /* no connection in time */
	DNS_TCP_LOST,	   /* sent, but no answer came: it may have been done */
	DNS_TCP_BROKEN,	   /* what came is no answer to it */
	DNS_TCP_LOCAL,	   /* a failure of this host */
};

struct dns_tcp {
	struct dns_endpoint server;
	int64_t until_ms; /* of dns_now_ms() */
	int fd;
	enum dns_tcp_end end;
	int saved_errno;
	bool reused;
};

void dns_tcp_init(struct dns_tcp *, const struct dns_endpoint *, int64_t until_ms);
/* reply: cleared, then filled; its len_max is the cap. */
enum dns_tcp_end dns_tcp_exchange(struct dns_tcp *, struct slice message, struct buf *reply);
/* How the last exchange failed: "192.0.2.1 port 53: connection refused, nothing listens there". */
void dns_tcp_text(const struct dns_tcp *, char out[static DNS_TCP_TEXT_LEN]);
void dns_tcp_deinit(struct dns_tcp *);

#endif
