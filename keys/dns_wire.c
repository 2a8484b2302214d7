/* SPDX-License-Identifier: ISC */
#include "keys/dns_wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define TCP_LEN_MAX (2 + LDNS_MAX_PACKETLEN)
#define STRAYS_A_STEP                                                                              \
	32 /* datagrams that are not ours, looked at before the others get their turn */

int64_t
dns_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

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
	free(q->in); /* hundreds of queries may wait for their turn to be judged */
	q->in = NULL;
	q->end = end;
	q->done_ms = now_ms;
	q->step = DNS_STEP_DONE;
}

static void
fail_local(struct dns_query *q, int64_t now_ms)
{
	q->saved_errno = errno;
	finish(q, DNS_END_LOCAL, now_ms);
}

/* Of this one server: a route that is a black hole, a firewall of ours.  What the host lacks is lacking for all. */
static bool
is_of_address(const struct dns_query *q, int e)
{
	return q->fd >= 0 && e != ENOMEM && e != ENOBUFS && e != EMFILE && e != ENFILE;
}

static void
fail_unsent(struct dns_query *q, int64_t now_ms)
{
	q->saved_errno = errno;
	finish(q, DNS_END_UNSENT, now_ms);
}

static bool
is_no_route(int e)
{
	return e == ENETUNREACH || e == EHOSTUNREACH || e == EAFNOSUPPORT || e == EADDRNOTAVAIL;
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
	q->sent = 0;
	if (q->query_len == 0)
		errno = EINVAL;
	return q->query_len > 0;
}

static struct slice
query_slice(const struct dns_query *q)
{
	return slice_new(q->query + 2, q->query_len);
}

/* A connected socket: 0 connected or under way, -1 with errno. */
static int
connect_to(struct dns_query *q, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = ip_addr_to_sockaddr(&q->server.addr, q->server.port, &sa);
	if (len == 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	q->fd = socket(sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return -1;
	if (connect(q->fd, (struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS)
		return -1;
	return 0;
}

static void
start_tcp(struct dns_query *q, int64_t now_ms)
{
	drop_fd(q);
	q->step = DNS_STEP_TCP_SEND;
	if (!make_query(q)) {
		fail_local(q, now_ms);
		return;
	}
	if (connect_to(q, SOCK_STREAM) != 0) {
		if (q->truncated)
			finish(q, DNS_END_TRUNCATED, now_ms);
		else if (errno != ECONNREFUSED && is_of_address(q, errno))
			fail_unsent(q, now_ms);
		else
			finish(q, errno == ECONNREFUSED ? DNS_END_CLOSED : DNS_END_SILENCE, now_ms);
		return;
	}
	q->events = POLLOUT;
	q->try_until_ms = q->until_ms;
}

static void
start_udp(struct dns_query *q, int64_t now_ms)
{
	drop_fd(q);
	q->step = DNS_STEP_UDP;
	if (q->tries_left > 0)
		q->tries_left--;
	if (!make_query(q)) {
		fail_local(q, now_ms);
		return;
	}
	if (connect_to(q, SOCK_DGRAM) != 0) {
		if (is_no_route(errno))
			finish(q, DNS_END_NO_ROUTE, now_ms);
		else if (is_of_address(q, errno))
			fail_unsent(q, now_ms);
		else
			fail_local(q, now_ms);
		return;
	}
	/* a lost send is a lost datagram: the deadline covers it */
	ssize_t sent = send(q->fd, q->query + 2, q->query_len, MSG_NOSIGNAL);
	(void)sent;
	q->events = POLLIN;
	q->try_until_ms = now_ms + q->timeout_ms / (q->tries + 1);
}

void
dns_query_start(struct dns_query *q, int64_t now_ms)
{
	q->step = DNS_STEP_IDLE;
	q->fd = -1;
	q->end = DNS_END_NONE;
	q->tries_left = q->tries;
	q->no_edns = q->truncated = false;
	q->in_len = 0;
	q->until_ms = now_ms + q->timeout_ms;
	start_udp(q, now_ms);
}

/* An answer to this question: done, or asked again the way it wants. */
static void
take_reply(struct dns_query *q, ldns_pkt *pkt, int64_t now_ms)
{
	bool udp = q->step == DNS_STEP_UDP;
	/* RFC 6891 7: a server without EDNS says FORMERR, or NOTIMP; DNSSEC needs EDNS, so nothing is lost */
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	if (udp && (rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL) && !q->no_edns) {
		ldns_pkt_free(pkt);
		q->no_edns = true;
		start_udp(q, now_ms);
		return;
	}
	if (udp && ldns_pkt_tc(pkt)) {
		ldns_pkt_free(pkt);
		q->truncated = true;
		start_tcp(q, now_ms);
		return;
	}
	q->reply = pkt;
	finish(q, DNS_END_REPLY, now_ms);
}

static void
read_udp(struct dns_query *q, int64_t now_ms)
{
	uint8_t in[DNS_UDP_LEN_MAX];
	for (int i = 0; i < STRAYS_A_STEP; i++) {
		ssize_t n = recv(q->fd, in, sizeof(in), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) { /* an ICMP error: no use to ask again this way */
			start_tcp(q, now_ms);
			return;
		}
		struct slice reply = slice_new(in, (size_t)n);
		if (!dns_packet_answers(query_slice(q), reply))
			continue;
		ldns_pkt *pkt = dns_packet_parse(reply);
		if (pkt == NULL)
			continue; /* TCP will show whether it was damaged on the way */
		take_reply(q, pkt, now_ms);
		return;
	}
}

static void
fail_tcp(struct dns_query *q, bool closed, int64_t now_ms)
{
	enum dns_end end = closed ? DNS_END_CLOSED : DNS_END_SILENCE;
	finish(q, q->truncated ? DNS_END_TRUNCATED : end, now_ms);
}

static void
send_tcp(struct dns_query *q, int64_t now_ms)
{
	int e = 0;
	socklen_t len = sizeof(e);
	if (getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0 || e != 0) {
		fail_tcp(q, e == ECONNREFUSED, now_ms);
		return;
	}
	ssize_t n = send(q->fd, q->query + q->sent, q->query_len + 2 - q->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		fail_tcp(q, false, now_ms);
		return;
	}
	q->sent += (size_t)n;
	if (q->sent < q->query_len + 2)
		return;
	q->step = DNS_STEP_TCP_READ;
	q->events = POLLIN;
}

static void
read_tcp(struct dns_query *q, int64_t now_ms)
{
	if (q->in == NULL)
		q->in = calloc(1, TCP_LEN_MAX);
	if (q->in == NULL) {
		fail_local(q, now_ms);
		return;
	}
	size_t want = q->in_len < 2 ? 2 : 2 + ((size_t)q->in[0] << 8 | q->in[1]);
	ssize_t n = recv(q->fd, q->in + q->in_len, want - q->in_len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail_tcp(q, false, now_ms);
		return;
	}
	q->in_len += (size_t)n;
	if (q->in_len < 2 || q->in_len < 2 + ((size_t)q->in[0] << 8 | q->in[1]))
		return;
	struct slice reply = slice_new(q->in + 2, q->in_len - 2);
	ldns_pkt *pkt = NULL;
	if (dns_packet_answers(query_slice(q), reply))
		pkt = dns_packet_parse(reply);
	if (pkt == NULL)
		finish(q, DNS_END_BROKEN, now_ms);
	else
		take_reply(q, pkt, now_ms);
}

static void
run_out(struct dns_query *q, int64_t now_ms)
{
	if (q->step != DNS_STEP_UDP)
		fail_tcp(q, false, now_ms);
	else if (q->tries_left > 0)
		start_udp(q, now_ms);
	else
		start_tcp(q, now_ms);
}

void
dns_query_step(struct dns_query *q, short revents, int64_t now_ms)
{
	if (revents != 0) {
		if (q->step == DNS_STEP_UDP)
			read_udp(q, now_ms);
		else if (q->step == DNS_STEP_TCP_SEND)
			send_tcp(q, now_ms);
		else if (q->step == DNS_STEP_TCP_READ)
			read_tcp(q, now_ms);
	}
	if (q->step != DNS_STEP_DONE && now_ms >= q->try_until_ms)
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
	free(q->in);
	ldns_pkt_free(q->reply);
	q->in = NULL;
	q->reply = NULL;
	q->step = DNS_STEP_IDLE;
}
