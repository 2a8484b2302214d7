/* SPDX-License-Identifier: ISC */
/* taglist.h - tag=value lists, RFC 6376 3.2.  Pure; slices borrow from the input.
 *
 * Threads: reentrant; one list, one thread. */
#ifndef SIGNPOST_DKIM_TAGLIST_H
#define SIGNPOST_DKIM_TAGLIST_H

#include "base/err.h"
#include "base/slice.h"

#define TAGLIST_MAX 64 /* tags; more is refused */

struct tag {
	struct slice name;
	struct slice value; /* without surrounding FWS; inner FWS kept */
};

struct taglist {
	struct tag tags[TAGLIST_MAX];
	size_t count;
};

/* ERR_INPUT: not a tag-list, a tag twice (MUST NOT, 3.2), more than TAGLIST_MAX. */
int taglist_parse(struct slice, struct taglist *, struct err *) MUST_CHECK;
/* NULL when absent; names are case-sensitive. */
const struct tag *taglist_get(const struct taglist *, const char *name);
/* Walks a colon-separated value: true and *item (trimmed of FWS) while there is one; start with
 * *off = 0. */
bool tag_next_item(struct slice value, size_t *off, struct slice *item);

#endif
