/* SPDX-License-Identifier: ISC */
#include "milter/client_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define COPY_LEN_MAX 8192 /* below it a copy is cheaper than a piece of its own */

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
deadline_of(const struct wire *w)
{
	int64_t deadline = now_ms() + w->timeout_ms;

	return w->end_ms > 0 && w->end_ms < deadline ? w->end_ms : deadline;
}

void
wire_limit(struct wire *w, int ms)
{
	w->end_ms = ms > 0 ? now_ms() + ms : 0;
}

/* What an admin is to look at. */
static const char *
connect_hint(int number)
{
	switch (number) {
	case ENOENT:
		return "is the milter running, and is this its socket?";
	case ECONNREFUSED:
		return "nobody listens there: is the milter running?";
	case EACCES:
	case EPERM:
		return "this user may not open the socket: is it in the socket's group?";
	case EAGAIN: /* a UNIX socket whose queue of connections is full */
	case EINPROGRESS:
	case ETIMEDOUT:
		return "it takes no connection: does the milter hang?";
	default:
		return "is the milter running, and may this user open its socket?";
	}
}

/* The kernel bounds the connect by the send timeout: poll() cannot, for a UNIX socket with a full backlog. */
static int
connect_to(struct wire *w, const struct sockaddr *sa, socklen_t len, struct err *err)
{
	struct timeval limit = {w->timeout_ms / 1000, w->timeout_ms % 1000 * 1000};

	w->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return err_set(err, ERR_IO, "%s: socket: %s", w->address, strerror(errno));
	(void)setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(w->fd, sa, len) == 0 && fcntl(w->fd, F_SETFL, O_NONBLOCK) == 0)
		return 0;
	bool late = errno == EAGAIN || errno == EINPROGRESS || errno == ETIMEDOUT;
	err_set(err, late ? ERR_BUSY : ERR_IO, "%s: cannot connect: %s; %s", w->address,
	    strerror(late ? ETIMEDOUT : errno), connect_hint(errno));
	close(w->fd);
	w->fd = -1;
	return -1;
}

static int
connect_unix(struct wire *w, const char *path, struct err *err)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	if (!slice_to_str(slice_of(path), sa.sun_path, sizeof sa.sun_path))
		return err_set(err, ERR_CONFIG,
		    "%s: the path of a UNIX socket has at most %zu octets", w->address,
		    sizeof sa.sun_path - 1);
	return connect_to(w, (const struct sockaddr *)&sa, sizeof sa, err);
}

static int
connect_inet(struct wire *w, int family, const char *port_host, struct err *err)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *found = NULL;
	struct slice text = slice_of(port_host);
	char port[16], host[256];
	size_t at;

	if (!slice_find(text, '@', &at) ||
	    !slice_to_str(slice_sub(text, 0, at), port, sizeof port) ||
	    !slice_to_str(slice_from(text, at + 1), host, sizeof host))
		return err_set(err, ERR_CONFIG, "%s: not inet:PORT@HOST", w->address);
	int failed = getaddrinfo(host, port, &hints, &found);
	if (failed != 0)
		return err_set(err, ERR_IO, "%s: %s", w->address, gai_strerror(failed));
	int result = -1;
	for (const struct addrinfo *a = found; a != NULL && result != 0; a = a->ai_next)
		result = connect_to(w, a->ai_addr, a->ai_addrlen, err);
	freeaddrinfo(found);
	return result;
}

int
wire_open(struct wire *w, const char *address, int timeout_ms, struct err *err)
{
	w->fd = -1;
	w->timeout_ms = timeout_ms;
	w->end_ms = 0;
	w->address = address;
	w->in_at = w->in_len = 0;
	buf_init(&w->out, WIRE_OUT_LEN_MAX);
	buf_init(&w->packet, PROTOCOL_LEN_MAX);
	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(w, address + 5, err);
	if (strncmp(address, "inet:", 5) == 0)
		return connect_inet(w, AF_INET, address + 5, err);
	if (strncmp(address, "inet6:", 6) == 0)
		return connect_inet(w, AF_INET6, address + 6, err);
	if (address[0] == '/')
		return connect_unix(w, address, err);
	return err_set(err, ERR_CONFIG,
	    "%s: no milter's address; it is unix:/PATH or inet:PORT@HOST", address);
}

void
wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	buf_deinit(&w->out);
	buf_deinit(&w->packet);
}

void
wire_begin(struct wire *w, char command)
{
	w->packet_at = protocol_begin(&w->out, command);
}

void
wire_end(struct wire *w)
{
	protocol_end(&w->out, w->packet_at);
}

/* Until the socket is ready; ERR_BUSY past the deadline, so that a probe can tell "slow" from "gone". */
static int
wait_for(struct wire *w, short events, int64_t deadline, struct err *err)
{
	struct pollfd p = {.fd = w->fd, .events = events};
	int64_t left = deadline - now_ms();
	int ready = left < 0 ? 0 : poll(&p, 1, (int)left);

	if (ready > 0 || (ready < 0 && errno == EINTR))
		return 0;
	if (ready == 0)
		return err_set(
		    err, ERR_BUSY, "%s: no answer within %d ms", w->address, w->timeout_ms);
	return err_set(err, ERR_IO, "%s: poll: %s", w->address, strerror(errno));
}

int
wire_flush(struct wire *w, struct slice tail, struct err *err)
{
	int64_t deadline = deadline_of(w);
	size_t sent = 0;

	if (buf_check(&w->out, "a milter command", err) != 0)
		return -1;
	while (sent < w->out.len + tail.len) {
		struct slice rest = slice_from(tail, sent > w->out.len ? sent - w->out.len : 0);
		size_t head = sent < w->out.len ? w->out.len - sent : 0;
		union {
			const void *in;
			void *out;
		} tail_ptr = {.in = rest.ptr}; /* an iovec of a send is not written to */
		struct iovec iov[2] = {
		    {head > 0 ? w->out.data + sent : NULL, head}, {tail_ptr.out, rest.len}};
		struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
		ssize_t n = sendmsg(w->fd, &msg, MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN && wait_for(w, POLLOUT, deadline, err) != 0)
			return -1;
		else if (errno != EAGAIN && errno != EINTR)
			return err_set(err, ERR_IO, "%s: the milter closed the connection: %s",
			    w->address, strerror(errno));
	}
	buf_clear(&w->out);
	return 0;
}

int
wire_send_data(struct wire *w, char command, struct slice data, struct err *err)
{
	if (data.len >= COPY_LEN_MAX) {
		protocol_put_head(&w->out, command, data.len);
		return wire_flush(w, data, err);
	}
	wire_begin(w, command);
	buf_put(&w->out, data);
	wire_end(w);
	if (w->out.len < WIRE_GATHER_LEN)
		return 0;
	return wire_flush(w, slice_of(""), err);
}

static int
fill(struct wire *w, int64_t deadline, struct err *err)
{
	for (;;) {
		ssize_t n = recv(w->fd, w->in, sizeof w->in, 0);
		if (n > 0) {
			w->in_at = 0;
			w->in_len = (size_t)n;
			return 0;
		}
		if (n == 0)
			return err_set(err, ERR_IO,
			    "%s: the milter closed the connection without an answer", w->address);
		if (errno != EAGAIN && errno != EINTR)
			return err_set(err, ERR_IO, "%s: %s", w->address, strerror(errno));
		if (wait_for(w, POLLIN, deadline, err) != 0)
			return -1;
	}
}

/* Moves `len` octets of input into w->packet. */
static int
read_octets(struct wire *w, size_t len, int64_t deadline, struct err *err)
{
	while (len > 0) {
		if (w->in_at == w->in_len && fill(w, deadline, err) != 0)
			return -1;
		struct slice have =
		    slice_sub(slice_new(w->in + w->in_at, w->in_len - w->in_at), 0, len);
		buf_put(&w->packet, have);
		w->in_at += have.len;
		len -= have.len;
	}
	return buf_check(&w->packet, "a milter's answer", err);
}

int
wire_read(struct wire *w, struct wire_packet *packet, struct err *err)
{
	int64_t deadline = deadline_of(w);

	struct protocol_head head = {.is_whole = false};

	buf_clear(&w->packet);
	/* the length is judged before more is waited for */
	for (size_t part = 4; !head.is_whole; part = 1) {
		if (read_octets(w, part, deadline, err) != 0)
			return -1;
		if (protocol_head(buf_slice(&w->packet), &head, err) != 0)
			return err_set(err, ERR_IO, "%s: an answer of %u octets: that is no milter",
			    w->address, protocol_u32(buf_slice(&w->packet)));
	}
	buf_clear(&w->packet);
	if (read_octets(w, head.data_len, deadline, err) != 0)
		return -1;
	packet->command = head.command;
	packet->data = buf_slice(&w->packet);
	return 0;
}
