/* SPDX-License-Identifier: ISC */
/* mutation_text.h - a field with encoded words (RFC 2047) as text, and written as field again.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_TEXT_H
#define SIGNPOST_DKIM_MUTATION_TEXT_H

#include "dkim/encoded_word.h"

struct text {
	struct slice phrase; /* UTF-8 */
	struct slice rest;   /* " <ADDRESS>" behind it */
	struct slice tag;    /* that was taken out */
};

/* Appends all of a field's value as UTF-8; RFC 2047 6.2: blanks between two words are none.  False: a word is wrong, or
 * of a charset that is not known here. */
bool text_decode(struct slice value, struct buf *out);
/* "Phrase <ADDRESS>" of one mailbox; what is no such thing is a phrase alone. */
void text_split(struct slice utf8, struct text *out);

/* Which part of the phrase is encoded. */
enum text_span { TEXT_WHOLE, TEXT_FIRST_TO_LAST, TEXT_RUNS, TEXT_SPAN_COUNT };
/* Appends the value, encoded in that form. */
void text_put(const struct text *, const struct encoded_form *, enum text_span,
    const struct encoded_room *, struct buf *out);

#endif
