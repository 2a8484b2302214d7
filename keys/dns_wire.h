/* SPDX-License-Identifier: ISC */
/* dns_wire.h - one question to one server, over our own connected sockets; never blocks.
 *
 * UDP first: every try has a fresh source port and identifier, and what does not answer just this question is
 * not seen.  TCP when the answer was truncated, and once when UDP stayed silent.  The next try does not end the wait
 * for those before: whichever answers within the time of them all has answered.  What has come is read before a
 * deadline is judged, and TCP has its share of the time also when we come late.  dns_ask.h drives many of these.
 *
 *	struct dns_query q = {.server = server, .timeout_ms = 4000, .tries = 3};
 *	dns_question_set(&q.question, "example.com", LDNS_RR_TYPE_SOA);
 *	dns_query_start(&q, dns_now_ms());
 *	while (!dns_query_is_done(&q)) {
 *		struct pollfd p[DNS_QUERY_SOCKETS_MAX];
 *		size_t n = dns_query_sockets(&q, p, DNS_QUERY_SOCKETS_MAX);
 *		bool ready = poll(p, n, dns_query_wait_ms(&q, dns_now_ms())) > 0;
 *		dns_query_step(&q, ready, dns_now_ms());
 *	}
 *	dns_query_deinit(&q);
 *
 * Threads: one query, one thread. */
#ifndef SIGNPOST_KEYS_DNS_WIRE_H
#define SIGNPOST_KEYS_DNS_WIRE_H

#include "keys/dns_late.h"
#include "keys/dns_packet.h"
#include "keys/dns_socket.h"

#include <poll.h>

#define DNS_QUERY_SOCKETS_MAX (1 + DNS_LATE_MAX)

enum dns_end {
	DNS_END_NONE,      /* not done yet */
	DNS_END_REPLY,     /* reply is set, whatever its RCODE */
	DNS_END_SILENCE,   /* no answer in time, neither by UDP nor by TCP */
	DNS_END_CLOSED,    /* nothing listens there */
	DNS_END_NO_ROUTE,  /* this host has no route for the family */
	DNS_END_UNSENT,    /* this host does not send to that address: saved_errno */
	DNS_END_TRUNCATED, /* TC by UDP, and TCP failed */
	DNS_END_BROKEN,    /* what came by TCP is not an answer */
	DNS_END_LOCAL,     /* a failure of ours: saved_errno */
	DNS_END_RESTING,   /* dns_ask: it was silent so often just before that it was not asked */
};

enum dns_step {
	DNS_STEP_IDLE,
	DNS_STEP_UDP,
	DNS_STEP_TCP_SEND,
	DNS_STEP_TCP_READ,
	DNS_STEP_LATE, /* TCP failed, but the time for the tries by UDP is not over */
	DNS_STEP_DONE,
};

struct dns_query {
	struct dns_question question;
	struct dns_endpoint server;
	int timeout_ms, tries;
	int delay_ms; /* for dns_ask: after the beginning of the whole */
	int64_t turn_ms; /* dns_ask: when the server may be asked; 0: not reserved yet */

	enum dns_end end;
	ldns_pkt *reply;
	int saved_errno;
	int64_t done_ms;

	/* how far it is */
	enum dns_step step;
	int fd;
	short events;
	int tries_left;
	bool no_edns, truncated;
	bool is_cramped; /* dns_ask: no further socket now; a try goes out of the one there is */
	struct dns_late late;
	enum dns_end tcp_end; /* of DNS_STEP_LATE */
	int64_t until_ms, try_until_ms;
	uint8_t query[2 + DNS_QUERY_LEN_MAX]; /* with TCP's length in front */
	size_t query_len, sent;
	uint8_t *in;
	size_t in_len;
};

void dns_query_start(struct dns_query *, int64_t now_ms);
/* What to poll; returns how many there are, the first max are stored. */
size_t dns_query_sockets(const struct dns_query *, struct pollfd *out, size_t max);
void dns_query_step(struct dns_query *, bool ready, int64_t now_ms); /* ready: poll said so of any of them */
bool dns_query_is_done(const struct dns_query *);
int dns_query_wait_ms(const struct dns_query *, int64_t now_ms); /* until a step is due anyway */
void dns_query_give_up(struct dns_query *, enum dns_end, int64_t now_ms); /* in any state: done, so */
void dns_query_deinit(struct dns_query *);                       /* in any state */

#endif
