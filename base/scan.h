/* SPDX-License-Identifier: ISC */
/* scan.h - the inner loops over mail bodies, many octets at a time.  Pure, no allocation. */
#ifndef SIGNPOST_BASE_SCAN_H
#define SIGNPOST_BASE_SCAN_H

#include "base/slice.h"

/* What a stretch of body looked like; updated by scan_lines. */
struct scan_lines {
	uint64_t line_len;     /* octets since the last LF */
	uint64_t line_len_max; /* longest line so far, without its line end */
	bool has_8bit;         /* any octet >= 0x80 */
};

/* Length of the prefix that relaxed body canonicalization leaves as it is (RFC 6376 3.4.4 a): stops before
 * HTAB, before SP followed by SP, HTAB, CR or the end of the slice, before CR and before LF.  A CRLF that is
 * followed by an octet other than SP, HTAB, CR, LF inside the slice is part of the prefix. */
size_t scan_relaxed_run(struct slice);
/* The same for simple: stops before a CRLF that is followed by CR or by the slice's end, and before a
 * CR that ends the slice. */
size_t scan_simple_run(struct slice);
void scan_lines_update(struct scan_lines *, struct slice);

#endif
