/* SPDX-License-Identifier: ISC */
/* client_wire.h - packets of the milter protocol over a socket: commands are gathered and sent in one call, answers
 * are read through a buffer, and nothing waits longer than its deadline.  Inside milter/client*.c.
 *
 * Threads: one connection, one thread. */
#ifndef SIGNPOST_MILTER_CLIENT_WIRE_H
#define SIGNPOST_MILTER_CLIENT_WIRE_H

#include "milter/protocol.h"

#define WIRE_IN_LEN      4096
#define WIRE_GATHER_LEN  65536      /* what is sent at once when no answer is due before */
#define WIRE_OUT_LEN_MAX (64u << 20)

struct wire {
	int fd;
	int timeout_ms; /* for each answer, and for each send */
	int64_t end_ms; /* of all of them, by the monotonic clock; 0: none */
	const char *address; /* for messages; borrowed */
	struct buf out;
	size_t packet_at; /* start of the packet being made in `out` */
	struct buf packet; /* the last answer */
	size_t in_at, in_len;
	uint8_t in[WIRE_IN_LEN];
};

struct wire_packet {
	uint8_t command;
	struct slice data; /* borrowed until the next wire_read */
};

int wire_open(struct wire *, const char *address, int timeout_ms, struct err *) MUST_CHECK;
void wire_close(struct wire *); /* safe twice */
void wire_limit(struct wire *, int ms); /* from now on, whatever comes; 0 lifts it */

void wire_begin(struct wire *, char command);
void wire_end(struct wire *); /* what was put into `out` since then, with protocol_put_*, is its data */

/* Sends what was gathered, then `tail` (of a packet whose length was put), in one call where the socket takes it. */
int wire_flush(struct wire *, struct slice tail, struct err *) MUST_CHECK;
/* A whole packet: small ones are gathered, large ones are sent without a copy. */
int wire_send_data(struct wire *, char command, struct slice data, struct err *) MUST_CHECK;
int wire_read(struct wire *, struct wire_packet *, struct err *) MUST_CHECK;

#endif
