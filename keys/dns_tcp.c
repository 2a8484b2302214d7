/* SPDX-License-Identifier: ISC */
#include "keys/dns_tcp.h"
#include "keys/dns_socket.h"
#include "keys/dns_wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
dns_tcp_init(struct dns_tcp *t, const struct dns_endpoint *server, int64_t until_ms)
{
	*t = (struct dns_tcp){.server = *server, .until_ms = until_ms, .fd = -1};
}

void
dns_tcp_deinit(struct dns_tcp *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->reused = false;
}

static enum dns_tcp_end
fail(struct dns_tcp *t, enum dns_tcp_end end)
{
	t->saved_errno = errno;
	dns_tcp_deinit(t);
	return end;
}

/* false: until the deadline there was nothing */
static bool
await(const struct dns_tcp *t, short events)
{
	for (;;) {
		int64_t left = t->until_ms - dns_now_ms();
		struct pollfd p = {.fd = t->fd, .events = events};
		if (left < 0)
			left = 0; /* what has come before we look has come in time */
		int n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (n >= 0 || errno != EINTR)
			return n > 0;
	}
}

static enum dns_tcp_end
refusal(struct dns_tcp *t, int e)
{
	errno = e;
	if (e == ECONNREFUSED)
		return fail(t, DNS_TCP_CLOSED);
	if (dns_socket_no_route(e))
		return fail(t, DNS_TCP_NO_ROUTE);
	return fail(t, e == EMFILE || e == ENFILE || e == ENOMEM || e == EACCES
			   ? DNS_TCP_LOCAL
			   : DNS_TCP_UNREACHED);
}

static enum dns_tcp_end
connect_to(struct dns_tcp *t)
{
	socklen_t len = sizeof(int);
	int e = 0;
	if (dns_socket_connect(&t->server, SOCK_STREAM, &t->fd) != 0)
		return refusal(t, errno);
	if (!await(t, POLLOUT))
		return refusal(t, ETIMEDOUT);
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0)
		e = errno;
	return e == 0 ? DNS_TCP_REPLY : refusal(t, e);
}

static bool
send_all(struct dns_tcp *t, struct slice s)
{
	while (s.len > 0) {
		ssize_t n = send(t->fd, s.ptr, s.len, MSG_NOSIGNAL);
		if (n > 0)
			s = slice_from(s, (size_t)n);
		else if (errno != EAGAIN && errno != EINTR)
			return false;
		else if (!await(t, POLLOUT)) {
			errno = ETIMEDOUT;
			return false;
		}
	}
	return true;
}

/* *got: what was read before it failed */
static bool
read_all(struct dns_tcp *t, uint8_t *to, size_t want, size_t *got)
{
	for (*got = 0; *got < want;) {
		ssize_t n = recv(t->fd, to + *got, want - *got, 0);
		if (n > 0) {
			*got += (size_t)n;
			continue;
		}
		if (n == 0)
			errno = 0; /* it hung up */
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		if (!await(t, POLLIN)) {
			errno = ETIMEDOUT;
			return false;
		}
	}
	return true;
}

static enum dns_tcp_end
read_reply(struct dns_tcp *t, struct slice message, struct buf *reply, size_t *got)
{
	uint8_t head[2], chunk[4096];
	if (!read_all(t, head, sizeof(head), got))
		return DNS_TCP_LOST;
	size_t left = (size_t)head[0] << 8 | head[1], n = 0;
	while (left > 0) {
		if (!read_all(t, chunk, left < sizeof(chunk) ? left : sizeof(chunk), &n))
			return DNS_TCP_LOST;
		buf_put(reply, slice_new(chunk, n));
		left -= n;
	}
	errno = EPROTO;
	/* RFC 1035 4.1.1: the identifier is the query's, QR is set */
	if (reply->state != BUF_OK || reply->len < 12 || message.len < 2 ||
	    reply->data[0] != message.ptr[0] || reply->data[1] != message.ptr[1] ||
	    (reply->data[2] & 0x80) == 0)
		return DNS_TCP_BROKEN;
	return DNS_TCP_REPLY;
}

static enum dns_tcp_end
try_once(struct dns_tcp *t, struct slice message, struct buf *reply, bool *stale)
{
	uint8_t head[2] = {(uint8_t)(message.len >> 8), (uint8_t)(message.len & 0xff)};
	size_t got = 0;
	struct buf whole;

	*stale = false;
	buf_clear(reply);
	if (t->fd < 0) {
		enum dns_tcp_end end = connect_to(t);
		if (end != DNS_TCP_REPLY)
			return end;
		t->reused = false;
	}
	/* in one piece: some servers read the length and the message at once */
	buf_init(&whole, message.len + sizeof(head));
	buf_put(&whole, slice_new(head, sizeof(head)));
	buf_put(&whole, message);
	errno = ENOMEM;
	bool sent = whole.state == BUF_OK && send_all(t, buf_slice(&whole));
	buf_deinit(&whole);
	enum dns_tcp_end end = sent ? read_reply(t, message, reply, &got) : DNS_TCP_LOST;
	if (end == DNS_TCP_REPLY) {
		t->reused = true;
		return end;
	}
	*stale = t->reused && got == 0 && errno != ETIMEDOUT;
	return fail(t, end);
}

enum dns_tcp_end
dns_tcp_exchange(struct dns_tcp *t, struct slice message, struct buf *reply)
{
	bool stale;
	t->saved_errno = 0;
	if (message.len > DNS_TCP_LEN_MAX) {
		errno = EMSGSIZE;
		return t->end = fail(t, DNS_TCP_LOCAL);
	}
	t->end = try_once(t, message, reply, &stale);
	/* a kept connection that the server closed says nothing of this message; changes bear repetition */
	if (t->end != DNS_TCP_REPLY && stale)
		t->end = try_once(t, message, reply, &stale);
	return t->end;
}

void
dns_tcp_text(const struct dns_tcp *t, char out[static DNS_TCP_TEXT_LEN])
{
	char addr[IP_TEXT_LEN];
	const char *what = "";
	ip_addr_format(&t->server.addr, addr);
	switch (t->end) {
	case DNS_TCP_REPLY:
		what = "it answered";
		break;
	case DNS_TCP_CLOSED:
		what = "connection refused, nothing listens there";
		break;
	case DNS_TCP_NO_ROUTE:
		what = "this host has no route to it";
		break;
	case DNS_TCP_UNREACHED:
		what = "no connection in time";
		break;
	case DNS_TCP_LOST:
		what = t->saved_errno == ETIMEDOUT
			   ? "it took the message and did not answer in time"
			   : "it took the message and hung up without an answer";
		break;
	case DNS_TCP_BROKEN:
		what = "what came back is no DNS answer";
		break;
	case DNS_TCP_LOCAL:
		what = strerror(t->saved_errno);
		break;
	}
	snprintf(out, DNS_TCP_TEXT_LEN, "%s port %u: %s", addr, (unsigned)t->server.port, what);
}
