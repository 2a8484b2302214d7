/* SPDX-License-Identifier: ISC */
/* scan.h - the inner loops over mail bodies, many octets at a time.  Pure, no allocation.
 *
 * Threads: reentrant; one struct scan_lines, one thread. */
#ifndef SIGNPOST_BASE_SCAN_H
#define SIGNPOST_BASE_SCAN_H

#include "base/slice.h"

#define SCAN_LINE_LEN 998 /* RFC 5322 2.1.1: a line is no longer, without its CRLF */

/* What a stretch of body looked like; zeroed to begin with, updated by scan_lines_update. */
struct scan_lines {
	uint64_t line_len;     /* octets since the last LF */
	/* longest line without its line end; 0 while none is over SCAN_LINE_LEN */
	uint64_t line_len_max;
	bool has_8bit;         /* any octet >= 0x80 */
	bool after_cr;         /* the last octet was a CR */
};

/* Length of a prefix that relaxed body canonicalization leaves as it is (RFC 6376 3.4.4 a),
 * whatever follows the slice: it holds no HTAB, no SP before SP or CR, and its last octet is none
 * of SP, CR and LF. The octet before the slice must not have been WSP. */
size_t scan_relaxed_run(struct slice);
/* The same for simple (3.4.3): all but the CR and CRLF at the end. */
size_t scan_simple_run(struct slice);
/* Relaxed again, for text that is not left as it is: takes a prefix of *in, at most SCAN_SQUEEZE octets that end in
 * text, and writes its canonical form (WSP runs as one SP, none at a line's end) to out, which has room for
 * SCAN_SQUEEZE.  Returns the octets written; 0, and *in as it was, when there is no text so near. */
#define SCAN_SQUEEZE 2048
size_t scan_relaxed_squeeze(struct slice *in, uint8_t out[static SCAN_SQUEEZE]);
/* Any octet >= 0x80? */
bool scan_has_8bit(struct slice);
void scan_lines_update(struct scan_lines *, struct slice);

#endif
