/* SPDX-License-Identifier: ISC */
/* flags.h - the daemon's command line.  One table of rows gives parser and usage; the man page is checked against
 * what --help prints.
 *
 * Threads: before the threads. */
#ifndef SIGNPOST_MILTER_FLAGS_H
#define SIGNPOST_MILTER_FLAGS_H

#include "base/log.h"
#include "milter/socket.h"

#include <stdio.h>

enum flags_action { FLAGS_RUN, FLAGS_CHECK, FLAGS_VERSION, FLAGS_HELP };

struct flags {
	enum flags_action action;
	struct socket_spec socket;
	const char *table;
	const char *user; /* NULL: stay */
	enum log_target log;
};

/* Borrows from argv.  ERR_USAGE. */
int flags_parse(int argc, char **argv, struct flags *, struct err *) MUST_CHECK;
/* One line an option: "  -s, --socket=ADDRESS  SENTENCE". */
void flags_usage(FILE *);

#endif
