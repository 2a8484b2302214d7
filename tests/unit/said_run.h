/* SPDX-License-Identifier: ISC */
/* said_run.h - a verb is run in this process, and what it prints is heard.
 *
 * Threads: one. */
#ifndef SIGNPOST_TESTS_UNIT_SAID_RUN_H
#define SIGNPOST_TESTS_UNIT_SAID_RUN_H

#include "signpost/verbs.h"
#include "tests/unit/said.h"

#include <unistd.h>

#define HEAR_MAX 65536

/* Gives WORDS, names of options with their values: "json", "time=x", ended by NULL; the cli borrows them. */
static inline void
hear_options(struct cli *cli, const char *const *words)
{
	for (; *words != NULL; words++) {
		size_t len = strcspn(*words, "="), i = 0;
		while (cli->verb->options[i].name != NULL &&
		       (strncmp(cli->verb->options[i].name, *words, len) != 0 || cli->verb->options[i].name[len] != '\0'))
			i++;
		if (cli->verb->options[i].name == NULL)
			fail_msg("%s has no --%s", cli->verb->name, *words);
		cli->values[i] = *words + len + ((*words)[len] == '=' ? 1 : 0);
	}
}

/* Ends one of the two, and hears what it holds. */
static inline void
hear_file(FILE *file, int fd, int kept)
{
	char *text = malloc(HEAR_MAX);

	assert_true(text != NULL && dup2(kept, fd) >= 0);
	close(kept);
	rewind(file);
	text[fread(text, 1, HEAR_MAX - 1, file)] = '\0';
	fclose(file);
	hear(text);
	free(text);
}

/* Standard output and standard error, and the error that it ends with. */
static inline int
hear_run(const struct cli *cli)
{
	struct err err = ERR_INIT;
	FILE *said_out = tmpfile(), *said_wrong = tmpfile();

	assert_true(said_out != NULL && said_wrong != NULL);
	fflush(stdout);
	fflush(stderr);
	int out = dup(STDOUT_FILENO), wrong = dup(STDERR_FILENO);
	assert_true(out >= 0 && wrong >= 0 && dup2(fileno(said_out), STDOUT_FILENO) >= 0 &&
		    dup2(fileno(said_wrong), STDERR_FILENO) >= 0);
	int code = cli->verb->run(cli, &err);
	fflush(stdout);
	fflush(stderr);
	hear_file(said_out, STDOUT_FILENO, out);
	hear_file(said_wrong, STDERR_FILENO, wrong);
	if (code < 0)
		hear(err.text);
	return code;
}

#endif
