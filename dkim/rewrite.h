/* SPDX-License-Identifier: ISC */
/* rewrite.h - what mail systems commonly do to a field's value, undone: for trials of the verifier.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_REWRITE_H
#define SIGNPOST_DKIM_REWRITE_H

#include "base/buf.h"

#define REWRITE_LEN_MAX ((size_t)1 << 20) /* longer values are not tried */

enum rewrite_kind {
	REWRITE_COMMA,    /* what stands behind each comma */
	REWRITE_FOLD,     /* each fold */
	REWRITE_LEADING,  /* what stands before the first word */
	REWRITE_TRAILING, /* blanks at the end */
	REWRITE_TAG,      /* "[list] " in front of a subject */
};

struct rewrite {
	enum rewrite_kind kind;
	bool simple_only;  /* relaxed canonicalization does not see the difference */
	const char *glue;  /* what takes the place */
	const char *found; /* what was done to the field, for "NAME: ..." */
};

extern const struct rewrite REWRITES[]; /* ended by a NULL found */

/* Appends the other form of the value; false when there is none or it is the same. */
bool rewrite_value(const struct rewrite *, struct slice name, struct slice value, struct buf *out);

#endif
