/* SPDX-License-Identifier: ISC */
/* wait.h - until mail of a domain is signed: makes the passes itself, or lets a running keeper make them, and tells
 * how far it is; on a terminal in one line that changes, else in a line whenever something is new.
 *
 *	code = wait_until_signed(&(struct waiting){.cli = cli, .domain = name, .timeout_s = 900}, err);
 *
 * INT, TERM and HUP end the waiting between two passes, and leave everything as it is: it goes on without.
 *
 * Threads: the main thread, before any other was started: it blocks signals. */
#ifndef SIGNPOST_SIGNPOST_WAIT_H
#define SIGNPOST_SIGNPOST_WAIT_H

#include "signpost/verbs.h"

#define WAIT_TIMEOUT_S 3600

struct waiting {
	const struct cli *cli;
	const char *domain; /* normalized, and added */
	int64_t timeout_s;
	bool quiet; /* no progress on standard output: JSON goes there */
};

/* EXIT_OK: it is signed.  EXIT_BUSY: the time is over, or it was told to end.  -1: the store cannot be used. */
int wait_until_signed(const struct waiting *, struct err *) MUST_CHECK;

#endif
