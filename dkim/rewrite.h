/* SPDX-License-Identifier: ISC */
/* rewrite.h - what mail systems commonly do to a field's value, undone: for trials of the verifier.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_REWRITE_H
#define SIGNPOST_DKIM_REWRITE_H

#include "base/buf.h"
#include "dkim/verify_words.h"

#define REWRITE_LEN_MAX ((size_t)1 << 20) /* longer values are not tried */

enum rewrite_kind {
	REWRITE_COMMA,    /* what stands behind each comma */
	REWRITE_FOLD,     /* each fold */
	REWRITE_LEADING,  /* what stands before the first word */
	REWRITE_TRAILING, /* blanks at the end */
	REWRITE_TABS,     /* each tab */
};

struct rewrite {
	enum rewrite_kind kind;
	bool simple_only;  /* relaxed canonicalization does not see the difference */
	const char *glue;  /* what takes the place */
	enum verify_say say;
};

extern const struct rewrite REWRITES[]; /* ended by VERIFY_SAY_COUNT */

/* Appends the other form of the value; false when there is none or it is the same. */
bool rewrite_value(const struct rewrite *, struct slice value, struct buf *out);

#endif
