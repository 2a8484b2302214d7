/* SPDX-License-Identifier: ISC */
/* add_file.h - thousands of domains from a file, one a line: DOMAIN [POLICY].  Keys are made ahead by threads, rows are
 * written a chunk at a time; a line that cannot be taken is named, and the others go on.
 *
 * Threads: one store, one thread; keys are made by others (key_stock.h). */
#ifndef SIGNPOST_SIGNPOST_ADD_FILE_H
#define SIGNPOST_SIGNPOST_ADD_FILE_H

#include "signpost/add_domain.h"
#include "signpost/verbs.h"

#define ADD_FILE_LINES_MAX 100000
#define ADD_FILE_CHUNK	   64 /* domains of one transaction: some tenths of a second */

/* What is to be said of one that is on disk now. */
typedef int add_say_fn(void *arg, const struct adding *, struct err *);

struct add_file {
	const struct cli *cli;
	struct store *store;
	const char *path;   /* "-" is standard input */
	const char *policy; /* of lines that name none; NULL: as of struct adding */
	add_say_fn *say;
	void *arg;
};

/* EXIT_OK, EXIT_INPUT when lines were left out, or -1. */
int add_file(const struct add_file *, struct err *) MUST_CHECK;

#endif
