/* SPDX-License-Identifier: ISC */
#include "signpost/postfix.h"
#include "base/file.h"
#include "base/run.h"

#include <stdio.h>
#include <unistd.h>

#define ANSWER_LEN_MAX 16384
#define ANSWER_MS      10000 /* a main.cf on a file system that hangs must not hang us */
#define ARGUMENTS_MAX  8
#define PATH_LEN       4096

bool
postfix_find_program(const char *name, char *path, size_t size)
{
	static const char *const dirs[] = {
	    "/usr/sbin/", "/usr/local/sbin/", "/usr/bin/", "/usr/local/bin/"};

	if (name[0] == '/')
		return (size_t)snprintf(path, size, "%s", name) < size && access(path, X_OK) == 0;
	for (size_t i = 0; name[0] != '\0' && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if ((size_t)snprintf(path, size, "%s%s", dirs[i], name) < size &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* `postconf ARGUMENT...`, ended by NULL; false when it cannot be run, or fails. */
static bool
postconf(const char *const *arguments, struct buf *out)
{
	char path[PATH_LEN];
	const char *argv[ARGUMENTS_MAX + 2] = {path};
	struct run_job job = {.argv = argv, .timeout_ms = ANSWER_MS, .output_max = ANSWER_LEN_MAX};
	struct run_result result;
	struct err ignored = ERR_INIT; /* not known is an answer */

	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
		argv[i + 1] = arguments[i];
	if (!postfix_find_program("postconf", path, sizeof(path)) ||
	    run_program(&job, &result, &ignored) != 0)
		return false;
	bool good = result.end == RUN_EXITED && result.code == 0 && !result.cut;
	if (good)
		buf_put(out, buf_slice(&result.out));
	run_result_deinit(&result);
	return good && out->state == BUF_OK;
}

/* Its value, with other parameters in it replaced by theirs. */
static bool
parameter(const char *name, struct buf *out)
{
	const char *const arguments[] = {"-xh", name, NULL};

	return postconf(arguments, out);
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
	struct buf out;

	facts->found = false;
	facts->origin[0] = '\0';
	buf_init(&facts->networks, ANSWER_LEN_MAX);
	buf_init(&out, ANSWER_LEN_MAX);
	if (parameter("myorigin", &out)) {
		facts->found = true;
		set_origin(facts, slice_trim(buf_slice(&out)));
		if (!parameter("mynetworks", &facts->networks))
			buf_clear(&facts->networks);
	}
	buf_deinit(&out);
}

void
postfix_facts_deinit(struct postfix_facts *facts)
{
	buf_deinit(&facts->networks);
}

/* postconf(5): one of s, m, h, d, w; the unit of both parameters is the day. */
static bool
parse_time(struct slice s, int64_t *seconds)
{
	static const struct {
		uint8_t letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	int64_t unit = 86400;
	uint64_t n;

	for (size_t i = 0; s.len > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (s.ptr[s.len - 1] == units[i].letter) {
			unit = units[i].seconds;
			s.len--;
			break;
		}
	}
	if (!slice_to_u64(s, INT32_MAX, &n)) /* Postfix has no longer time */
		return false;
	*seconds = (int64_t)n * unit;
	return true;
}

bool
postfix_queue_parse(struct slice answer, int64_t *lifetime_s)
{
	struct slice text = slice_trim(answer);
	int64_t maximal, bounce;
	size_t end;

	if (!slice_find(text, '\n', &end) || !parse_time(slice_sub(text, 0, end), &maximal) ||
	    !parse_time(slice_from(text, end + 1), &bounce))
		return false;
	*lifetime_s = maximal > bounce ? maximal : bounce;
	if (*lifetime_s == 0) /* tried once, and that takes its time too */
		*lifetime_s = 1;
	return true;
}

static bool
ask_instance(const char *dir, int64_t *lifetime_s)
{
	static const char maximal[] = "maximal_queue_lifetime", bounce[] = "bounce_queue_lifetime";
	const char *const here[] = {"-xh", maximal, bounce, NULL};
	const char *const there[] = {"-c", dir, "-xh", maximal, bounce, NULL};
	struct buf out;

	buf_init(&out, ANSWER_LEN_MAX);
	bool known = postconf(dir == NULL ? here : there, &out) &&
		     postfix_queue_parse(buf_slice(&out), lifetime_s);
	buf_deinit(&out);
	if (!known)
		*lifetime_s = POSTFIX_QUEUE_ASSUMED_S;
	return known;
}

void
postfix_queue_ask(char *const *config_dirs, size_t count, struct postfix_queue *queue)
{
	int64_t lifetime_s;

	*queue = (struct postfix_queue){.known = true, .lifetime_s = 0};
	for (size_t i = 0; i < count || i == 0; i++) {
		if (!ask_instance(count == 0 ? NULL : config_dirs[i], &lifetime_s))
			queue->known = false;
		if (lifetime_s > queue->lifetime_s)
			queue->lifetime_s = lifetime_s;
	}
}
