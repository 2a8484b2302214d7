/* SPDX-License-Identifier: ISC */
/* mutation_charset.h - the charsets that mail was written in before UTF-8, to and from it by iconv(3).  Those of a
 * table alone: iconv knows many more that no mail has, and this text is anybody's.
 *
 *	struct charset_writer w;
 *	if (charset_writer_open(&w, charset_find(SLICE_LIT("iso-8859-1")))) {
 *		good = charset_write(&w, SLICE_LIT("caf\xc3\xa9"), &out);	"caf\xe9"
 *		charset_writer_close(&w);
 *	}
 *
 * Threads: reentrant; one writer, one thread. */
#ifndef SIGNPOST_DKIM_MUTATION_CHARSET_H
#define SIGNPOST_DKIM_MUTATION_CHARSET_H

#include "base/buf.h"

#include <iconv.h>

#define CHARSET_LABELS_MAX 3

struct charset {
	const char *codec;                      /* what iconv calls it, or one that holds more */
	const char *labels[CHARSET_LABELS_MAX]; /* as programs write it; NULL: no more */
};
extern const struct charset CHARSETS[]; /* ended by a NULL codec; the likely ones first */

/* Of a label of MIME, behind which RFC 2231 5 allows a language; NULL: not of the table. */
const struct charset *charset_find(struct slice label);
/* Appends; false when the charset is neither of the table nor utf-8 nor us-ascii, when the octets are not in it, or
 * when the system has no such converter. */
bool charset_to_utf8(struct slice label, struct slice octets, struct buf *out);

struct charset_writer {
	iconv_t to;
};
/* False: the system has no such converter; nothing is to be closed. */
bool charset_writer_open(struct charset_writer *, const struct charset *);
/* Appends a text that ends as it began (ISO 2022); false, with some of it appended: the charset has not all of it. */
bool charset_write(const struct charset_writer *, struct slice utf8, struct buf *out);
void charset_writer_close(struct charset_writer *);

#endif
