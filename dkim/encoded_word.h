/* SPDX-License-Identifier: ISC */
/* encoded_word.h - encoded words of header fields, RFC 2047: read, and written as several programs write them.  Pure.
 *
 *	struct encoded_word w;
 *	if (encoded_word_find(SLICE_LIT("a =?utf-8?q?b=C3=A9?="), 0, &w) && encoded_word_decode(&w, &octets))
 *		encoded_word_put(&(struct encoded_form){w.charset, 'B', false, NULL}, buf_slice(&octets), &out);
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_ENCODED_WORD_H
#define SIGNPOST_DKIM_ENCODED_WORD_H

#include "base/buf.h"
#include "dkim/mutation_charset.h"

#define ENCODED_WORD_MAX 75 /* octets, RFC 2047 2; some programs write more */

struct encoded_word {
	struct slice whole, charset, text;
	bool base64;
};

/* The first one at `from` or behind it, whatever its length. */
bool encoded_word_find(struct slice, size_t from, struct encoded_word *out);
/* Appends the octets that it stands for, in its charset; false: it is wrong. */
bool encoded_word_decode(const struct encoded_word *, struct buf *out);

struct encoded_form {
	struct slice charset;
	char letter; /* one of BbQq */
	bool loose;  /* Q: only what must be encoded is (2047 4.2), not all that phrases forbid (5) */
	const struct charset_writer *to; /* the charset's; NULL: UTF-8 is written */
};
/* Appends one word of octets in its charset, which may become longer than ENCODED_WORD_MAX. */
void encoded_word_put(const struct encoded_form *, struct slice octets, struct buf *out);
/* How long a word may be, and by how much less the first one, behind the field's name. */
struct encoded_room {
	size_t max, less;
};
/* Appends UTF-8 as words that are no longer, folded between them; all of it is in the charset. */
void encoded_word_put_split(
    const struct encoded_form *, struct slice utf8, const struct encoded_room *, struct buf *out);

#endif
