/* SPDX-License-Identifier: ISC */
/* socket.h - the listening socket: made, checked and protected by us, then handed to libmilter as
 * fd:N. */
#ifndef SIGNPOST_MILTER_SOCKET_H
#define SIGNPOST_MILTER_SOCKET_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct socket_spec {
	const char *address;  /* "unix:/path", "/path", "inet:port@host", "inet6:port@host" */
	const char *group;    /* of a UNIX socket; NULL leaves it */
	mode_t mode;          /* of a UNIX socket; 0660 */
	bool allow_remote;    /* an inet address that is not loopback is refused without it */
};

/* Listening descriptor (close-on-exec off only for libmilter's use), or -1.  A live socket at the
 * path is refused (ERR_BUSY), a stale one replaced, any other file refused; the directory must
 * exist. */
int milter_socket_open(const struct socket_spec *, struct err *) MUST_CHECK;
/* From systemd (LISTEN_FDS=1, LISTEN_PID): the descriptor, -1 with err->kind ERR_NONE when there is
 * none. */
int milter_socket_inherited(struct err *) MUST_CHECK;

#endif
