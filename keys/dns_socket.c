/* SPDX-License-Identifier: ISC */
#include "keys/dns_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

int64_t
dns_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
dns_socket_connect(const struct dns_endpoint *server, int type, int *fd)
{
	struct sockaddr_storage sa;
	socklen_t len = ip_addr_to_sockaddr(&server->addr, server->port, &sa);
	*fd = -1;
	if (len == 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	*fd = socket(sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return -1;
	return connect(*fd, (struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS ? -1 : 0;
}

bool
dns_socket_lacks(int e)
{
	return e == ENOMEM || e == ENOBUFS || e == EMFILE || e == ENFILE;
}

bool
dns_socket_no_route(int e)
{
	return e == ENETUNREACH || e == EHOSTUNREACH || e == EAFNOSUPPORT || e == EADDRNOTAVAIL;
}
