/* SPDX-License-Identifier: ISC */
/* verbs.h - the verbs of the command, one row each: dispatch, usage, manual page and completion
 * come from it.
 *
 * One file per verb, signpost/verb_NAME.c, which defines its row:
 *
 *	static const struct verb_option options[] = {
 *		{"json", NULL, "print JSON"},
 *		{"since", "TIME", "begin at TIME"},
 *		{NULL, NULL, NULL},
 *	};
 *	static int run(const struct cli *cli, struct err *err)
 *	{
 *		if (cli_has(cli, "json")) ...
 *		return 0;
 *	}
 *	const struct verb verb_log = {"log", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true, "Show
 * what was done", run};
 *
 * main.c reads the command line into a struct cli, gives up root's powers as the row says, and
 * calls run.
 *
 * Threads: a verb runs on the main thread; sweeps.h alone starts others. */
#ifndef SIGNPOST_SIGNPOST_VERBS_H
#define SIGNPOST_SIGNPOST_VERBS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_OPERANDS_MAX 256
#define CLI_OPTIONS_MAX  16 /* of one verb */

enum exit_code {
	EXIT_OK = 0,
	EXIT_WARNING = 1, /* 1 to 3: check, status, doctor, verify and decide only */
	EXIT_FAILED = 2,
	EXIT_CANNOT_TELL = 3,
	EXIT_USAGE = 64,
	EXIT_INPUT = 65,
	EXIT_CRYPTO = 70,
	EXIT_NOMEM = 71,
	EXIT_IO = 74,
	EXIT_BUSY = 75,
	EXIT_CONF = 78,
};

/* What a verb becomes when it was started by root. */
enum verb_power {
	VERB_AS_IS,  /* stays root: init, and what only reads files that are named on the command line */
	VERB_KEEPER, /* becomes the owner of the store */
	VERB_NOBODY, /* becomes nobody: reads foreign bytes and needs no file of ours */
};

struct config;

struct verb_option {
	const char *name; /* without the dashes */
	const char *arg;  /* "FILE"; NULL: a flag */
	const char *help; /* half a sentence, no final dot */
};

struct cli {
	const struct verb *verb;
	const struct config *config;      /* read before the powers were given up; defaults when the row does not need it and
	                                     the default file is missing; never NULL inside run */
	const char *config_path;
	const char *store_dir;            /* --store, or the configuration's */
	const char *operands[CLI_OPERANDS_MAX + 1]; /* NULL behind the last */
	size_t operand_count;
	const char *values[CLI_OPTIONS_MAX]; /* by row of verb->options; NULL: not given */
	int64_t now;                      /* Unix seconds at the start */
	int64_t uid;                      /* who started it, before the powers were given up */
	char **argv;                      /* as it was started; ended by NULL */
};

struct verb {
	const char *name;
	const char *args;                  /* of the usage line: "DOMAIN [SELECTOR]" */
	const struct verb_option *options; /* ended by a NULL name */
	size_t operands_min, operands_max; /* checked before run */
	enum verb_power power;
	bool needs_config;                 /* false: a missing default file is fine */
	const char *help;                  /* one sentence without final dot */
	/* Returns an exit code (>= 0), or -1 with err: main prints it and exits by its kind. */
	int (*run)(const struct cli *, struct err *);
};

extern const struct verb verb_add, verb_approve, verb_attest, verb_check, verb_clock, verb_compromise, verb_config,
    verb_decide, verb_doctor, verb_explain, verb_help, verb_hold, verb_init, verb_log, verb_plan,
    verb_publisher, verb_records,
    verb_release, verb_remove, verb_report, verb_roll, verb_rollback, verb_run, verb_sign, verb_status,
    verb_tick, verb_verify;

extern const struct verb *const VERBS[]; /* in the order of `signpost help`, ended by NULL */

const struct verb *verb_find(const char *name); /* NULL if there is none */
/* The options that every verb takes: --config FILE, --store DIR, --help. */
extern const struct verb_option GLOBAL_OPTIONS[];

/* Value of an option of the verb: NULL when not given, "" for a flag.  The name must be in the
 * row. */
const char *cli_value(const struct cli *, const char *option);
bool cli_has(const struct cli *, const char *option);

/* The whole command: what main returns. */
int cli_main(int argc, char **argv);
int exit_code_of(enum err_kind); /* the one table */

#endif
