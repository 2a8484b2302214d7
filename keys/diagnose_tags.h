/* SPDX-License-Identifier: ISC */
/* diagnose_tags.h - a TXT as it stands, cut at semicolons: for records that no strict parser takes.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_DIAGNOSE_TAGS_H
#define SIGNPOST_KEYS_DIAGNOSE_TAGS_H

#include "dkim/taglist.h"
#include "keys/diagnose.h"

struct tags {
	struct tag tags[TAGLIST_MAX];
	size_t count;
};

void diagnose_tags(struct slice text, struct tags *out);
const struct tag *diagnose_tag(const struct tags *, const char *name); /* NULL: there is none */
bool diagnose_holds(struct slice text, const char *word);
/* A PEM file's armour, and whether it is the private key's: said whatever is expected at the name. */
bool diagnose_private(const struct judging *, const struct seen_reply *, struct slice text);

#endif
