/* SPDX-License-Identifier: ISC */
/* socket.h - the listening socket: made, checked and protected by us, then handed to the engine.
 *
 * Threads: before the threads, but for milter_socket_close. */
#ifndef SIGNPOST_MILTER_SOCKET_H
#define SIGNPOST_MILTER_SOCKET_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#define MILTER_SOCKET_BACKLOG 4096 /* a burst of clients waits; a full queue would refuse them */

struct socket_spec {
	const char *address; /* "unix:/path", "/path", "inet:port@host", "inet6:port@host" */
	const char *group;   /* of a UNIX socket; NULL leaves it */
	mode_t mode;	     /* of a UNIX socket; 0660 */
	bool allow_remote;   /* an inet address that is not loopback is refused without it */
};

struct milter_socket {
	int fd;		/* close-on-exec: nothing is executed */
	bool inherited; /* systemd's: it goes on queueing for the next one of us */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "" unless we made a file */
	dev_t dev;
	ino_t ino;
};

/* A live socket at the path is refused (ERR_BUSY), a stale one replaced, any other file refused;
 * the directory must exist.  Two that start at once: one wins, the other is refused. */
int milter_socket_open(const struct socket_spec *, struct milter_socket *, struct err *) MUST_CHECK;
/* From systemd (LISTEN_FDS=1, LISTEN_PID).  -1 with err->kind ERR_NONE when there is none. */
int milter_socket_inherited(struct milter_socket *, struct err *) MUST_CHECK;
/* New connections fail from now on, also while a thread waits for them; the file goes if it is still
 * ours.  An inherited socket is left as it is. */
void milter_socket_close(struct milter_socket *);

#endif
