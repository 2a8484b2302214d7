/* SPDX-License-Identifier: ISC */
/* zone_text.h - two places in a zone file (RFC 1035 5.1) that a publisher changes: the serial of the SOA, and the path
 * of an $INCLUDE.  All other octets stay as they are: comments, parentheses, blanks.  Pure.
 *
 *	struct zone_text z;
 *	if (zone_text_scan(text, "/var/lib/signpost/example.com.dkim", &z, err) != 0)
 *		return -1;
 *	uint32_t serial = zone_serial_next(z.serial, now);
 *	zone_text_put(text, &z, serial, NULL, &out);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_ZONE_TEXT_H
#define SIGNPOST_KEYS_ZONE_TEXT_H

#include "base/buf.h"

#define ZONE_TEXT_LEN_MAX (64U << 20)

struct zone_span {
	size_t at, len; /* len 0: not there */
};

struct zone_text {
	uint32_t serial;
	struct zone_span serial_span;
	struct zone_span include_span; /* the file name of the $INCLUDE that reads `include`, quotes included */
};

/* include: an absolute path; an $INCLUDE names it when it is this path or a relative tail of it.  ERR_INPUT: no SOA,
 * more than one, or one that is not as RFC 1035 has it; with the line. */
int zone_text_scan(struct slice text, const char *include, struct zone_text *, struct err *) MUST_CHECK;
/* The text with another serial and, unless NULL, another path to include. */
void zone_text_put(struct slice text, const struct zone_text *, uint32_t serial, const char *include, struct buf *out);

/* RFC 1982 3.1: one more, never 0, which some take for "none".  A serial that is a date (2026112203) becomes the first
 * of today's where that is higher. */
uint32_t zone_serial_next(uint32_t serial, int64_t now);
/* RFC 1982 3.2: a is lower than b. */
bool zone_serial_is_before(uint32_t a, uint32_t b);

#endif
