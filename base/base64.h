/* SPDX-License-Identifier: ISC */
/* base64.h - RFC 4648 section 4, as DKIM uses it: decoding ignores FWS between the characters (RFC
 * 6376 2.10) and accepts nothing else.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_BASE_BASE64_H
#define SIGNPOST_BASE_BASE64_H

#include "base/buf.h"

#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Appends BASE64_LEN(in.len) characters, padded, unfolded. */
void base64_encode(struct slice in, struct buf *out);
/* Appends the octets; ERR_INPUT for a foreign character, a wrong length or set bits in the padding,
 * ERR_LIMIT when out is full.  SP, HTAB, CR and LF are skipped. */
int base64_decode(struct slice in, struct buf *out, struct err *) MUST_CHECK;

#endif
