/* SPDX-License-Identifier: ISC */
/* connection.h - one connection of an MTA, without its socket: octets come in, session.h is called, octets go out.
 * What is agreed with the MTA and which macro holds for which message is known here; sockets and threads are
 * engine.c's.
 *
 *	do {
 *		step = connection_step(c, input, &taken);
 *		input = slice_from(input, taken);
 *	} while (step == CONNECTION_TOOK);
 *	send(buf_slice(connection_answers(c)));
 *
 * Memory: the header that a table's caps allow, and what connection_wants says; never the body.
 *
 * Threads: one connection, one thread at a time. */
#ifndef SIGNPOST_MILTER_CONNECTION_H
#define SIGNPOST_MILTER_CONNECTION_H

#include "base/buf.h"
#include "milter/session.h"

struct connection;

enum connection_step {
	CONNECTION_TOOK, /* and there may be more to take */
	CONNECTION_WANTS, /* more octets behind those that are left */
	CONNECTION_OVER, /* to be closed: the MTA quits, or an err says why (its kind is else ERR_NONE) */
};

/* NULL: no memory.  The arguments are borrowed until connection_free. */
struct connection *connection_new(struct keyring *, struct counters *);
void connection_free(struct connection *); /* NULL is fine; a message in progress is aborted */

/* One command at the front of `in`, or a piece of a body; *taken octets of it are done with. */
enum connection_step connection_step(
    struct connection *, struct slice in, size_t *taken, struct err *);
/* How many octets must lie together for the next step to take any: at least 1. */
size_t connection_wants(const struct connection *);
/* Answers that are due, in their order: to be sent before more is waited for, then cleared. */
struct buf *connection_answers(struct connection *);
/* A message is on it: it will go on soon. */
bool connection_is_busy(const struct connection *);

#endif
