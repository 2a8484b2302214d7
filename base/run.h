/* SPDX-License-Identifier: ISC */
/* run.h - one program, run to its end: fixed argv, no shell, its input given whole, its output and time bounded.
 *
 * The child has PATH and nothing else in its environment, its own process group, / as its directory, default signals,
 * and no descriptor but 0, 1, 2.  When its time is over the whole group gets TERM, and KILL two seconds later.
 *
 *	const char *const argv[] = {"/usr/sbin/nsd-control", "reload", NULL};
 *	struct run_job job = {.argv = argv, .timeout_ms = 10000, .merge = true};
 *	struct run_result r;
 *	if (run_program(&job, &r, err) != 0)		it could not be started: err says why
 *		return -1;
 *	if (r.end != RUN_EXITED || r.code != 0) ...	run_result_text() has it in words
 *	run_result_deinit(&r);
 *
 * Threads: reentrant; SIGCHLD must not be ignored in the process. */
#ifndef SIGNPOST_BASE_RUN_H
#define SIGNPOST_BASE_RUN_H

#include "base/buf.h"

#define RUN_OUTPUT_MAX 65536
#define RUN_PATH       "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct run_job {
	const char *const *argv; /* ends with NULL; argv[0] is an absolute path */
	struct slice input;	 /* on its standard input, as a file */
	int timeout_ms;
	size_t output_max;	 /* of each stream; 0: RUN_OUTPUT_MAX */
	bool merge;		 /* standard error into out, in the order written */
	bool keep_tail;		 /* of what is too much, the end is kept, not the beginning */
};

enum run_end { RUN_EXITED, RUN_SIGNALED, RUN_TIMED_OUT };

struct run_result {
	enum run_end end;
	int code; /* exit status, or the signal */
	struct buf out, err;
	bool cut; /* there was more output than is kept */
};

/* 0: it ran, whatever came of it; end with run_result_deinit.  -1: it did not start (ERR_CONFIG: no such program,
 * not executable; ERR_IO), and there is nothing to undo. */
int run_program(const struct run_job *, struct run_result *, struct err *) MUST_CHECK;
/* "exit status 1", "killed by signal 9 (Killed)", "still running after 10 s: stopped" */
void run_result_text(const struct run_result *, const struct run_job *, struct buf *out);
void run_result_deinit(struct run_result *);
/* ERR_IO when it did not end well: "/bin/x: exit status 1; " and the last lines of what it printed. */
int run_result_check(const struct run_result *, const struct run_job *, struct err *) MUST_CHECK;
/* The last lines of an output in one line, "; " between them, at most max octets. */
void run_last_lines(const struct buf *, unsigned lines, size_t max, struct buf *out);

#endif
