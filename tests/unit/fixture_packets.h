/* SPDX-License-Identifier: ISC */
/* fixture_packets.h - an MTA's octets, written by hand: not by the functions that are tested. */
#ifndef SIGNPOST_TESTS_FIXTURE_PACKETS_H
#define SIGNPOST_TESTS_FIXTURE_PACKETS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct packets {
	uint8_t data[1u << 18];
	size_t len;
};

static inline void
packets_put(struct packets *p, char command, const void *data, size_t len)
{
	uint8_t *to = p->data + p->len;
	size_t n = len + 1;

	if (p->len + len + 5 > sizeof(p->data))
		abort();
	to[0] = 0;
	to[1] = (uint8_t)(n >> 16);
	to[2] = (uint8_t)(n >> 8);
	to[3] = (uint8_t)n;
	to[4] = (uint8_t)command;
	if (len > 0)
		memcpy(to + 5, data, len);
	p->len += len + 5;
}

/* With the NULs of the literal, and one behind it. */
#define PACKETS_PUT(p, command, lit)  packets_put((p), (command), (lit), sizeof(lit))
/* As it stands. */
#define PACKETS_RAW(p, command, lit)  packets_put((p), (command), (lit), sizeof(lit) - 1)
#define PACKETS_OPTIONS_FULL	      "\0\0\0\6\0\0\1\377\0\37\377\377"
#define PACKETS_OPTIONS_OLD	      "\0\0\0\2\0\0\0\77\0\0\0\177"
#define PACKETS_LOGIN		      "M{auth_type}\0PLAIN\0{auth_authen}\0u@a.test"

static inline void
packets_negotiate(struct packets *p)
{
	PACKETS_RAW(p, 'O', PACKETS_OPTIONS_FULL);
	PACKETS_PUT(p, 'C', "host\0004\20\1" "192.0.2.1");
}

static inline void
packets_header(struct packets *p)
{
	PACKETS_PUT(p, 'L', "From\0 u@a.test");
	PACKETS_PUT(p, 'L', "Subject\0 one\n two");
	packets_put(p, 'N', NULL, 0);
}

static inline void
packets_message(struct packets *p)
{
	PACKETS_PUT(p, 'M', "<u@a.test>");
	packets_header(p);
	PACKETS_RAW(p, 'B', "a body\r\n");
	packets_put(p, 'E', NULL, 0);
}

#endif
