/* SPDX-License-Identifier: ISC */
/* fixture_log.h - what a piece of a test says on standard error, where the log goes.
 *
 *	fixture_log_begin();
 *	...
 *	fixture_log_end(text);		from here on standard error is the old one
 *
 * Threads: one test. */
#ifndef SIGNPOST_TESTS_FIXTURE_LOG_H
#define SIGNPOST_TESTS_FIXTURE_LOG_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIXTURE_LOG_LEN 65536

static int fixture_log_old = -1;
static FILE *fixture_log_file;

static inline void
fixture_log_begin(void)
{
	fixture_log_file = tmpfile();
	fixture_log_old = dup(STDERR_FILENO);
	if (fixture_log_file == NULL || fixture_log_old < 0 ||
	    dup2(fileno(fixture_log_file), STDERR_FILENO) < 0)
		abort();
}

static inline void
fixture_log_end(char out[static FIXTURE_LOG_LEN])
{
	size_t n;

	if (dup2(fixture_log_old, STDERR_FILENO) < 0)
		abort();
	rewind(fixture_log_file);
	n = fread(out, 1, FIXTURE_LOG_LEN - 1, fixture_log_file);
	out[n] = '\0';
	fclose(fixture_log_file);
	close(fixture_log_old);
}

#endif
