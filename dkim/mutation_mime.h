/* SPDX-License-Identifier: ISC */
/* mutation_mime.h - as much of MIME (RFC 2045, 2046) as it takes to undo what is done to parts.  Pure; never refuses:
 * what is no MIME has no parts.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_MIME_H
#define SIGNPOST_DKIM_MUTATION_MIME_H

#include "base/buf.h"

#define MIME_PARTS_MAX 64

/* All slices lie in the body.  A part's body ends before the CRLF of the delimiter behind it. */
struct mime_part {
	struct slice header, body;
	struct slice type, encoding; /* trimmed; empty when there is none */
	struct slice encoding_field; /* whole, with its CRLF */
	bool holds_parts;	     /* a multipart or message, body empty: its parts come behind it */
	size_t delimiter;	     /* where the line "--BOUNDARY" before it begins, in what was split */
};
struct mime_parts {
	struct mime_part list[MIME_PARTS_MAX];
	size_t count;
	size_t close; /* where the line "--BOUNDARY--" begins; the end, when there is none */
};

/* The boundary of a multipart; empty: it is none. */
struct slice mime_boundary(struct slice content_type);
/* False: no parts. */
bool mime_split(struct slice content_type, struct slice body, struct mime_parts *out);
/* The parts that hold no others, of all multiparts and messages in it, and before its parts each of these that has a
 * transfer encoding of its own; one that is too deep or one too many holds nothing. */
bool mime_leaves(struct slice content_type, struct slice body, struct mime_parts *out);

enum mime_encoding { MIME_PLAIN, MIME_QP, MIME_BASE64 };
enum mime_encoding mime_encoding(struct slice encoding);
/* Appends what the octets decode to, line ends as CRLF; false: the encoding is neither, or they are not in it. */
bool mime_decode(struct slice encoding, struct slice octets, struct buf *out);

#endif
