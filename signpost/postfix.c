/* SPDX-License-Identifier: ISC */
#include "signpost/postfix.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_LEN_MAX 16384

static char *const *
fixed_environment(void)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	static char *const environment[] = {path, locale, NULL};

	return environment;
}

static int
read_all(int fd, struct buf *out)
{
	uint8_t chunk[1024];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			buf_put(out, slice_new(chunk, (size_t)n));
	}
	return n == 0 && out->state == BUF_OK ? 0 : -1;
}

/* `postconf -xh NAME`, without a shell; false when there is none or it fails. */
static bool
postconf(const char *program, const char *name, struct buf *out)
{
	posix_spawn_file_actions_t actions;
	char *copy = strdup(name), *path = strdup(program);
	char option[] = "-xh";
	char *argv[] = {path, option, copy, NULL};
	int pipes[2] = {-1, -1}, status = -1;
	pid_t pid = -1;

	if (copy != NULL && path != NULL && pipe2(pipes, O_CLOEXEC) == 0) {
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
		if (posix_spawn(&pid, program, &actions, NULL, argv, fixed_environment()) != 0)
			pid = -1;
		posix_spawn_file_actions_destroy(&actions);
		close(pipes[1]);
		int rc = read_all(pipes[0], out);
		close(pipes[0]);
		if (pid > 0 && waitpid(pid, &status, 0) == pid && rc != 0)
			status = -1;
	}
	free(copy);
	free(path);
	return pid > 0 && status == 0;
}

/* Debian: myorigin may name a file that holds the domain. */
static void
set_origin(struct postfix_facts *facts, struct slice value)
{
	struct err ignored = ERR_INIT; /* an origin that is no domain is not known */
	struct buf text;
	char path[256];

	buf_init(&text, ANSWER_LEN_MAX);
	if (value.len > 0 && value.ptr[0] == '/' && slice_to_str(value, path, sizeof(path)) &&
	    file_read(path, &text, &ignored) == 0)
		value = slice_trim(buf_slice(&text));
	if (domain_normalize(value, facts->origin, &ignored) != 0)
		facts->origin[0] = '\0';
	buf_deinit(&text);
}

void
postfix_facts_init(struct postfix_facts *facts)
{
	static const char *const programs[] = {"/usr/sbin/postconf", "/usr/local/sbin/postconf"};
	struct buf out;

	facts->found = false;
	facts->origin[0] = '\0';
	buf_init(&facts->networks, ANSWER_LEN_MAX);
	buf_init(&out, ANSWER_LEN_MAX);
	for (size_t i = 0; i < 2 && !facts->found; i++) {
		if (access(programs[i], X_OK) != 0 || !postconf(programs[i], "myorigin", &out))
			continue;
		facts->found = true;
		set_origin(facts, slice_trim(buf_slice(&out)));
		if (!postconf(programs[i], "mynetworks", &facts->networks))
			buf_clear(&facts->networks);
	}
	buf_deinit(&out);
}

void
postfix_facts_deinit(struct postfix_facts *facts)
{
	buf_deinit(&facts->networks);
}
