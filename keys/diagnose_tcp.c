/* SPDX-License-Identifier: ISC */
/* Who takes a connection by TCP: RFC 7766 5 wants it of every server. */
#include "keys/diagnose_ask.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define AT_ONCE 64

/* A connection under way: its descriptor, or -1 with the result. */
static int
begin(const struct dns_endpoint *e, enum seen_tcp *result)
{
	struct sockaddr_storage sa;
	socklen_t len = ip_addr_to_sockaddr(&e->addr, e->port, &sa);
	int fd =
	    len == 0 ? -1 : socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*result = TCP_NOT_TRIED;
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, len) == 0)
		*result = TCP_OPEN;
	else if (errno == ECONNREFUSED)
		*result = TCP_REFUSED;
	else if (errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static enum seen_tcp
ending(int fd)
{
	int e = 0;
	socklen_t len = sizeof(e);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0)
		return TCP_NOT_TRIED;
	return e == 0 ? TCP_OPEN : e == ECONNREFUSED ? TCP_REFUSED : TCP_SILENT;
}

void
diagnose_try_tcp(struct seen *s, int timeout_ms)
{
	struct pollfd fds[AT_ONCE];
	struct seen_reply *of[AT_ONCE];
	nfds_t n = 0;
	size_t open = 0;
	int64_t until = dns_now_ms() + timeout_ms;
	for (size_t i = 0; i < s->reply_count && n < AT_ONCE; i++) {
		struct seen_reply *r = &s->replies[i];
		if (r->what != SEEN_SOA || r->end != SEEN_REPLY)
			continue;
		int fd = begin(&r->endpoint, &r->tcp);
		if (fd < 0)
			continue;
		of[n] = r;
		fds[n++] = (struct pollfd){.fd = fd, .events = POLLOUT};
		open++;
	}
	for (int64_t left = timeout_ms; open > 0 && left > 0; left = until - dns_now_ms()) {
		if (poll(fds, n, (int)left) < 0 && errno != EINTR)
			break;
		for (nfds_t i = 0; i < n; i++) {
			if (fds[i].fd < 0 || fds[i].revents == 0)
				continue;
			of[i]->tcp = ending(fds[i].fd);
			close(fds[i].fd);
			fds[i].fd = -1;
			open--;
		}
	}
	for (nfds_t i = 0; i < n; i++) {
		if (fds[i].fd < 0)
			continue;
		of[i]->tcp = TCP_SILENT;
		close(fds[i].fd);
	}
}
