/* SPDX-License-Identifier: ISC */
/* dns_socket.h - connected sockets to a server, whose fault it is when there is none, and the clock of their deadlines.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_DNS_SOCKET_H
#define SIGNPOST_KEYS_DNS_SOCKET_H

#include "keys/dns_conf.h"

#include <stdbool.h>
#include <stdint.h>

int64_t dns_now_ms(void); /* monotonic */
/* It never blocks.  0: connected or under way; -1 with errno, and *fd is -1 or to be closed. */
int dns_socket_connect(const struct dns_endpoint *, int type, int *fd);
/* The errno is about what this host lacks: of any server it would be the same. */
bool dns_socket_lacks(int e);
bool dns_socket_no_route(int e);

#endif
