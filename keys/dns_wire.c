/* SPDX-License-Identifier: ISC */
#include "keys/dns_wire.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define TCP_LEN_MAX (2 + LDNS_MAX_PACKETLEN)
#define STRAYS_A_STEP                                                                              \
	32 /* datagrams that are not ours, looked at before the others get their turn */
#define STRAYS_AT_END 1024 /* and before a try is over: more than a socket holds */

bool
dns_query_is_done(const struct dns_query *q)
{
	return q->step == DNS_STEP_DONE;
}

static void
drop_fd(struct dns_query *q)
{
	if (q->step != DNS_STEP_IDLE && q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	q->events = 0;
}

static void
finish(struct dns_query *q, enum dns_end end, int64_t now_ms)
{
	drop_fd(q);
	dns_late_clear(&q->late);
	free(q->in); /* hundreds of queries may wait for their turn to be judged */
	q->in = NULL;
	q->end = end;
	q->done_ms = now_ms;
	q->step = DNS_STEP_DONE;
}

static void
fail_errno(struct dns_query *q, enum dns_end end, int64_t now_ms)
{
	q->saved_errno = errno;
	finish(q, end, now_ms);
}

/* Of this one server: a route that is a black hole, a firewall of ours.  What the host lacks is lacking for all. */
static bool
is_of_address(const struct dns_query *q, int e)
{
	return q->fd >= 0 && !dns_socket_lacks(e);
}

static bool
make_query(struct dns_query *q)
{
	uint16_t id;
	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return false;
	q->query_len = dns_packet_query(&q->question, id, !q->no_edns, q->query + 2);
	q->query[0] = (uint8_t)(q->query_len >> 8);
	q->query[1] = (uint8_t)(q->query_len & 0xff);
	q->sent = q->in_len = 0;
	if (q->query_len == 0)
		errno = EINVAL;
	return q->query_len > 0;
}

static struct slice
query_slice(const struct dns_query *q)
{
	return slice_new(q->query + 2, q->query_len);
}

static int64_t
share_ms(const struct dns_query *q)
{
	return q->timeout_ms / (q->tries + 1);
}

/* Without a socket to spare, those of the tries before make room. */
static int
connect_tcp(struct dns_query *q)
{
	int result = dns_socket_connect(&q->server, SOCK_STREAM, &q->fd);
	if (result != 0 && dns_socket_lacks(errno) && q->late.count > 0) {
		dns_late_clear(&q->late);
		drop_fd(q);
		result = dns_socket_connect(&q->server, SOCK_STREAM, &q->fd);
	}
	return result;
}

/* By TCP there is no answer.  One by UDP may come as long as there is time. */
static void
fail_tcp(struct dns_query *q, enum dns_end end, int64_t now_ms)
{
	if (q->truncated || q->late.count == 0 || now_ms >= q->until_ms) {
		finish(q, q->truncated ? DNS_END_TRUNCATED : end, now_ms);
		return;
	}
	drop_fd(q);
	q->step = DNS_STEP_LATE;
	q->tcp_end = end;
	q->try_until_ms = q->until_ms;
}

static void
start_tcp(struct dns_query *q, int64_t now_ms)
{
	drop_fd(q);
	q->step = DNS_STEP_TCP_SEND;
	if (!make_query(q)) {
		fail_errno(q, DNS_END_LOCAL, now_ms);
		return;
	}
	if (connect_tcp(q) == 0) {
		q->events = POLLOUT;
		q->try_until_ms = now_ms + share_ms(q);
		if (q->try_until_ms < q->until_ms)
			q->try_until_ms = q->until_ms;
		return;
	}
	if (errno == ECONNREFUSED)
		fail_tcp(q, DNS_END_CLOSED, now_ms);
	else if (dns_socket_lacks(errno))
		fail_errno(q, DNS_END_LOCAL, now_ms);
	else if (!q->truncated && q->late.count == 0 && is_of_address(q, errno))
		fail_errno(q, DNS_END_UNSENT, now_ms);
	else
		fail_tcp(q, DNS_END_SILENCE, now_ms);
}

/* a lost send is a lost datagram: the deadline covers it */
static void
send_udp(struct dns_query *q, int64_t now_ms)
{
	ssize_t sent = send(q->fd, q->query + 2, q->query_len, MSG_NOSIGNAL);
	(void)sent;
	q->events = POLLIN;
	q->try_until_ms = now_ms + share_ms(q);
}

static void
start_udp(struct dns_query *q, int64_t now_ms)
{
	drop_fd(q);
	q->step = DNS_STEP_UDP;
	if (q->tries_left > 0)
		q->tries_left--;
	if (!make_query(q)) {
		fail_errno(q, DNS_END_LOCAL, now_ms);
		return;
	}
	if (dns_socket_connect(&q->server, SOCK_DGRAM, &q->fd) != 0) {
		if (dns_socket_no_route(errno))
			finish(q, DNS_END_NO_ROUTE, now_ms);
		else if (is_of_address(q, errno))
			fail_errno(q, DNS_END_UNSENT, now_ms);
		else
			fail_errno(q, DNS_END_LOCAL, now_ms);
		return;
	}
	send_udp(q, now_ms);
}

/* The socket of this try is listened to further, if need be in the place of the oldest. */
static void
keep_udp(struct dns_query *q)
{
	if (q->is_cramped && q->late.count == 0)
		return;
	if (q->is_cramped)
		dns_late_drop(&q->late, 0);
	dns_late_put(&q->late, q->fd, q->query + 2);
	q->fd = -1;
}

/* A fresh port may take a way that is not broken; without a socket to spare, the old one has to do. */
static void
try_again(struct dns_query *q, int64_t now_ms)
{
	struct dns_late_try before = {.fd = q->fd, .id = {q->query[2], q->query[3]}};
	bool is_fresh = !q->is_cramped && !dns_late_is_full(&q->late);
	q->tries_left--;
	if (is_fresh && dns_socket_connect(&q->server, SOCK_DGRAM, &q->fd) != 0) {
		drop_fd(q);
		q->fd = before.fd;
		is_fresh = false;
	}
	if (is_fresh)
		dns_late_put(&q->late, before.fd, before.id);
	if (is_fresh && !make_query(q))
		fail_errno(q, DNS_END_LOCAL, now_ms);
	else
		send_udp(q, now_ms);
}

void
dns_query_start(struct dns_query *q, int64_t now_ms)
{
	q->step = DNS_STEP_IDLE;
	q->fd = -1;
	q->end = DNS_END_NONE;
	q->tries_left = q->tries;
	q->no_edns = q->truncated = false;
	q->late.count = 0;
	q->until_ms = now_ms + q->timeout_ms;
	start_udp(q, now_ms);
}

/* An answer to this question: done, or asked again the way it wants.  Tries before would be told the same. */
static void
take_udp(struct dns_query *q, ldns_pkt *pkt, int64_t now_ms)
{
	/* RFC 6891 7: a server without EDNS says FORMERR, or NOTIMP; DNSSEC needs EDNS, so nothing is lost */
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	if ((rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL) && !q->no_edns) {
		ldns_pkt_free(pkt);
		dns_late_clear(&q->late);
		q->no_edns = true;
		start_udp(q, now_ms);
		return;
	}
	if (ldns_pkt_tc(pkt)) {
		ldns_pkt_free(pkt);
		dns_late_clear(&q->late);
		q->truncated = true;
		if (q->step == DNS_STEP_UDP)
			start_tcp(q, now_ms);
		else if (q->step == DNS_STEP_LATE)
			fail_tcp(q, q->tcp_end, now_ms);
		return;
	}
	q->reply = pkt;
	finish(q, DNS_END_REPLY, now_ms);
}

static void
read_udp(struct dns_query *q, int strays, int64_t now_ms)
{
	bool is_broken = false;
	ldns_pkt *pkt = NULL;
	for (size_t i = q->late.count; i > 0 && pkt == NULL; i--) {
		pkt = dns_late_read(&q->late.tries[i - 1], query_slice(q), strays, &is_broken);
		if (is_broken)
			dns_late_drop(&q->late, i - 1);
	}
	is_broken = false;
	if (pkt == NULL && q->step == DNS_STEP_UDP) {
		struct dns_late_try now = {.fd = q->fd, .id = {q->query[2], q->query[3]}};
		pkt = dns_late_read(&now, query_slice(q), strays, &is_broken);
	}
	if (pkt != NULL)
		take_udp(q, pkt, now_ms);
	else if (is_broken)
		start_tcp(q, now_ms); /* an ICMP error: no use to ask again this way */
}

static void
send_tcp(struct dns_query *q, int64_t now_ms)
{
	int e = 0;
	socklen_t len = sizeof(e);
	if (getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0 || e != 0) {
		fail_tcp(q, e == ECONNREFUSED ? DNS_END_CLOSED : DNS_END_SILENCE, now_ms);
		return;
	}
	ssize_t n = send(q->fd, q->query + q->sent, q->query_len + 2 - q->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		fail_tcp(q, DNS_END_SILENCE, now_ms);
		return;
	}
	q->sent += (size_t)n;
	if (q->sent < q->query_len + 2)
		return;
	q->step = DNS_STEP_TCP_READ;
	q->events = POLLIN;
	if (q->try_until_ms < now_ms + 1)
		q->try_until_ms = now_ms + share_ms(q); /* we came late, not the server */
}

static bool
has_whole(const struct dns_query *q)
{
	return q->in_len >= 2 && q->in_len >= 2 + ((size_t)q->in[0] << 8 | q->in[1]);
}

static void
take_tcp(struct dns_query *q, int64_t now_ms)
{
	struct slice reply = slice_new(q->in + 2, q->in_len - 2);
	if (dns_packet_answers(query_slice(q), reply))
		q->reply = dns_packet_parse(reply);
	finish(q, q->reply == NULL ? DNS_END_BROKEN : DNS_END_REPLY, now_ms);
}

static void
read_tcp(struct dns_query *q, int64_t now_ms)
{
	if (q->in == NULL)
		q->in = calloc(1, TCP_LEN_MAX);
	if (q->in == NULL) {
		fail_errno(q, DNS_END_LOCAL, now_ms);
		return;
	}
	while (!has_whole(q)) {
		size_t want = q->in_len < 2 ? 2 : 2 + ((size_t)q->in[0] << 8 | q->in[1]);
		ssize_t n = recv(q->fd, q->in + q->in_len, want - q->in_len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			fail_tcp(q, DNS_END_SILENCE, now_ms);
			return;
		}
		q->in_len += (size_t)n;
	}
	take_tcp(q, now_ms);
}

static void
run_out(struct dns_query *q, int64_t now_ms)
{
	if (q->step == DNS_STEP_LATE)
		finish(q, q->tcp_end, now_ms);
	else if (q->step != DNS_STEP_UDP)
		fail_tcp(q, DNS_END_SILENCE, now_ms);
	else if (q->tries_left > 0)
		try_again(q, now_ms);
	else {
		keep_udp(q);
		start_tcp(q, now_ms);
	}
}

size_t
dns_query_sockets(const struct dns_query *q, struct pollfd *out, size_t max)
{
	size_t n = 0;
	if (q->step == DNS_STEP_IDLE || q->step == DNS_STEP_DONE)
		return 0;
	for (size_t i = 0; i < q->late.count; i++, n++)
		if (n < max)
			out[n] = (struct pollfd){.fd = q->late.tries[i].fd, .events = POLLIN};
	if (q->fd >= 0 && n++ < max)
		out[n - 1] = (struct pollfd){.fd = q->fd, .events = q->events};
	return n;
}

void
dns_query_step(struct dns_query *q, bool ready, int64_t now_ms)
{
	bool is_over = now_ms >= q->try_until_ms;
	enum dns_step step = q->step;
	if (ready || is_over) { /* first of all: what has come is no silence */
		read_udp(q, is_over ? STRAYS_AT_END : STRAYS_A_STEP, now_ms);
		if (q->step == step && step == DNS_STEP_TCP_SEND)
			send_tcp(q, now_ms);
		else if (q->step == step && step == DNS_STEP_TCP_READ)
			read_tcp(q, now_ms);
	}
	/* the late ones may all be gone, after ICMP errors */
	is_over = now_ms >= q->try_until_ms || (q->step == DNS_STEP_LATE && q->late.count == 0);
	if (q->step != DNS_STEP_DONE && is_over)
		run_out(q, now_ms);
}

int
dns_query_wait_ms(const struct dns_query *q, int64_t now_ms)
{
	int64_t wait = q->try_until_ms - now_ms;
	if (wait < 0 || dns_query_is_done(q))
		return 0;
	return wait > INT_MAX ? INT_MAX : (int)wait;
}

void
dns_query_give_up(struct dns_query *q, enum dns_end end, int64_t now_ms)
{
	finish(q, end, now_ms);
}

void
dns_query_deinit(struct dns_query *q)
{
	drop_fd(q);
	if (q->step != DNS_STEP_IDLE)
		dns_late_clear(&q->late);
	free(q->in);
	ldns_pkt_free(q->reply);
	q->in = NULL;
	q->reply = NULL;
	q->step = DNS_STEP_IDLE;
}
