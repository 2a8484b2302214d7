/* SPDX-License-Identifier: ISC */
/* status_file.h - what everybody may know of the keys, in a file that each pass of the keeper keeps up to date: without
 * the store, without secrets, for `status` and `check` of ordinary users.
 *
 * One JSON object: what concerns all domains, and "domains", with one domain a line.  It is replaced as a whole, in a
 * directory that must be there; a link in its place is not followed.  Its time of modification is the end of the last
 * pass, so that a pass in which nothing changed need not write it anew.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_STATUS_FILE_H
#define SIGNPOST_SIGNPOST_STATUS_FILE_H

#include "signpost/pass.h"
#include "signpost/status.h"

#define STATUS_FILE_MODE 0644
#define STATUS_DIR_MODE	 0755

/* Where it is: as configured, or STORE-status/status.json.  store_dir without a final slash.  free() it; NULL without
 * memory. */
char *status_file_path(const struct config *, const char *store_dir);
/* The store cannot be opened by who we are, and it is not that there is none. */
bool status_file_wanted(const char *store_dir);

int status_file_write(const char *path, struct store *, const struct config *, int64_t now, struct err *) MUST_CHECK;
struct status_file {
	const char *path;
	const char *name; /* of one domain; NULL: all */
};
/* As status_each.  ERR_IO: it is not there, or not to be read.  ERR_INPUT: it is none. */
int status_file_each(const struct status_file *, struct status_world *, status_take_fn *, void *arg,
    struct err *) MUST_CHECK;

/* At the end of a pass: writes it when something changed or an hour has gone by, with many domains at most every few
 * minutes; else only marks that the pass was made.  What goes wrong does not matter to the pass: `status` says it. */
void status_file_pass(struct pass *);

#endif
