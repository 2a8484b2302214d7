/* SPDX-License-Identifier: ISC */
/* mutation_encode.h - octets in a transfer encoding (RFC 2045 6.7, 6.8) as several programs write it: where they break
 * lines, and what they encode beside what they must.  Pure.
 *
 *	for (unsigned style = 0; style < ENCODE_QP_STYLES; style++)
 *		encode_qp(style, SLICE_LIT("caf\xc3\xa9\r\n"), &out);	"caf=C3=A9\r\n" and its like
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_ENCODE_H
#define SIGNPOST_DKIM_MUTATION_ENCODE_H

#include "base/buf.h"

#define ENCODE_QP_STYLES     10
#define ENCODE_BASE64_STYLES 8

/* Both append, with CRLF line ends; at most 4 octets for each of text, which has CRLF. */
void encode_qp(unsigned style, struct slice text, struct buf *out);
void encode_base64(unsigned style, struct slice text, struct buf *out);

#endif
