/* SPDX-License-Identifier: ISC */
/* mutation_undo.h - a body as it was before one thing was done to it.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_UNDO_H
#define SIGNPOST_DKIM_MUTATION_UNDO_H

#include "base/buf.h"
#include "dkim/verify_words.h"

#define UNDO_WORD_LEN 120

/* A body with the fields that say how to read it, each empty when there is none. */
struct entity {
	struct slice type, encoding; /* Content-Type, Content-Transfer-Encoding */
	struct slice signed_type;    /* Content-Type as z= copied it */
	struct slice body;
};

struct undone {
	enum verify_say say;
	char word[UNDO_WORD_LEN + 1]; /* %1 of its verdict */
	struct entity entity;	      /* borrows from text, and from the entity that it was made of */
	struct buf text;
};

struct undo_row;
typedef bool undo_function(const struct undo_row *, const struct entity *, struct undone *);
struct undo_row {
	enum verify_say say;
	undo_function *undo;
	unsigned arg;
	unsigned more; /* args behind that one, which are tried, too: other programs' ways to do the same */
};
extern const struct undo_row UNDO_ROWS[]; /* ended by a NULL undo; the likely ones first */
/* Of transfer encodings, in all forms that programs give them; ended in the same way. */
extern const struct undo_row UNDO_ENCODINGS[];

/* False: there is nothing of that kind to undo.  *out is ended with undone_deinit in any case. */
bool undo_apply(const struct undo_row *, const struct entity *, struct undone *out);
void undone_deinit(struct undone *);
/* "3 lines", for the word. */
void undo_count(struct undone *, size_t n, const char *what);

/* The rows' functions that are not about lines: mutation_mime.c, mutation_encoding.c. */
undo_function undo_transfer, undo_from_qp, undo_from_base64, undo_wrap, undo_footer_part, undo_boundary;
undo_function undo_to_utf8, undo_to_latin1;
/* mutation_parts.c */
undo_function undo_parts, undo_parts_from_qp, undo_parts_from_base64, undo_parts_label;

#endif
