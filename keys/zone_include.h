/* SPDX-License-Identifier: ISC */
/* zone_include.h - the file of key records that a zone file includes: written whole, by signpost alone.
 *
 *	; signpost writes this file whole: what others add here stops it.
 *	; serial 2026112203
 *	s1._domainkey.example.com. 3600 IN TXT "v=DKIM1; k=rsa; h=sha256; p=..." "..."
 *
 * One record a line, sorted by name.  The serial is that of the zone with this content, so that a pass which was cut
 * off between the two files is made good by the next.  Anything else in the file is not ours, and the file is left
 * alone.  Pure.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_ZONE_INCLUDE_H
#define SIGNPOST_KEYS_ZONE_INCLUDE_H

#include "base/buf.h"

#define ZONE_INCLUDE_LEN_MAX (16U << 20)

struct include_record {
	char *owner; /* no final dot */
	char *text;
	uint32_t ttl_s;
};

struct zone_include {
	struct include_record *records;
	size_t count, cap;
	bool has_serial;
	uint32_t serial;
};

void zone_include_init(struct zone_include *);
void zone_include_deinit(struct zone_include *);
/* An empty text is an empty file.  ERR_INPUT: what stands there is not ours, with the line. */
int zone_include_parse(struct slice text, struct zone_include *, struct err *) MUST_CHECK;
void zone_include_format(struct zone_include *, struct buf *out); /* sorts the records */

/* NULL: none; *count: how many there are of this owner. */
const struct include_record *zone_include_find(const struct zone_include *, const char *owner, size_t *count);
/* text NULL: removes it. */
int zone_include_set(
    struct zone_include *, const char *owner, const char *text, uint32_t ttl_s, struct err *) MUST_CHECK;
/* A text in quotes, cut into strings of 255 octets, as zone files and nsupdate(1) want it. */
void zone_put_strings(struct buf *, const char *text);

#endif
