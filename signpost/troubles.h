/* SPDX-License-Identifier: ISC */
/* troubles.h - what is wrong on the keeper's host and concerns all domains, found by looking: who may write the
 * store, the login map, the secrets of publishers.  Each is a sentence without its final dot, for an admin.
 *
 *	struct troubles troubles;
 *	if (troubles_find(config, dir, &troubles, err) != 0) ...
 *	for (size_t i = 0; i < troubles.count; i++)
 *		puts(troubles.text[i]);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_TROUBLES_H
#define SIGNPOST_SIGNPOST_TROUBLES_H

#include "signpost/config.h"

#define TROUBLES_MAX 8 /* the first ones */
#define TROUBLE_LEN  (ERR_TEXT_LEN + 256)

struct troubles {
	char text[TROUBLES_MAX][TROUBLE_LEN];
	size_t count;
};

/* Looks as who we are: the keeper. */
int troubles_find(const struct config *, const char *store_dir, struct troubles *, struct err *) MUST_CHECK;
/* text NULL: nothing. */
void troubles_add(struct troubles *, const char *text);
/* For everybody: that there are some. */
void troubles_close(struct troubles *);

#endif
