/* SPDX-License-Identifier: ISC */
#include "signpost/queue.h"
#include "base/run.h"
#include "signpost/postfix.h"

#include <jansson.h>
#include <stdio.h>

#define PATH_LEN   4096
#define ANSWER_MAX (256u * 1024 * 1024) /* about a million messages */
#define TIMEOUT_MS 60000
#define REASON_LEN 200

static int
parse_line(struct slice line, int64_t *oldest, struct err *err)
{
	json_error_t why;
	json_t *object = json_loadb((const char *)line.ptr, line.len, 0, &why);
	const json_t *arrival = json_object_get(object, "arrival_time");
	int rc = 0;

	if (!json_is_integer(arrival))
		rc = err_set(err, ERR_INPUT, "postqueue -j prints what has no arrival_time: %.80s",
		    object == NULL ? why.text : "a line of its own");
	else if (*oldest == NEVER || json_integer_value(arrival) < *oldest)
		*oldest = (int64_t)json_integer_value(arrival);
	json_decref(object);
	return rc;
}

int
queue_parse(struct slice text, int64_t *oldest, struct err *err)
{
	*oldest = NEVER;
	while (text.len > 0) {
		size_t len = text.len;
		bool ended = slice_find(text, '\n', &len);
		struct slice line = slice_trim(slice_sub(text, 0, ended ? len : text.len));
		text = slice_from(text, ended ? len + 1 : text.len);
		if (line.len > 0 && parse_line(line, oldest, err) != 0)
			return -1;
	}
	return 0;
}

static int
failed(const struct run_job *job, const struct run_result *r, struct err *err)
{
	struct buf text;

	buf_init(&text, ERR_TEXT_LEN);
	run_result_text(r, job, &text);
	buf_put_str(&text, "; ");
	run_last_lines(&r->err, 1, REASON_LEN, &text);
	err_set(err, ERR_IO,
	    "%s: %s; mail may wait there: no key is revoked until it tells (authorized_mailq_users "
	    "must list the keeper)",
	    job->argv[0], buf_str(&text));
	buf_deinit(&text);
	return -1;
}

/* config_dir NULL: Postfix's default instance. */
static int
ask(const char *path, const char *config_dir, int64_t *oldest, struct err *err)
{
	const char *const argv[] = {path, "-j", config_dir == NULL ? NULL : "-c", config_dir, NULL};
	struct run_job job = {.argv = argv, .timeout_ms = TIMEOUT_MS, .output_max = ANSWER_MAX};
	struct run_result r;

	if (run_program(&job, &r, err) != 0)
		return -1;
	int rc = 0;
	if (r.end != RUN_EXITED || r.code != 0)
		rc = failed(&job, &r, err);
	else if (r.cut)
		rc = err_set(err, ERR_LIMIT, "%s -j prints more than %u bytes", path, ANSWER_MAX);
	else
		rc = queue_parse(buf_slice(&r.out), oldest, err);
	run_result_deinit(&r);
	return rc;
}

int
queue_ask(const struct keeper_conf *k, int64_t *oldest, struct err *err)
{
	size_t instances = k->postfix_config_count == 0 ? 1 : k->postfix_config_count;
	char path[PATH_LEN];

	*oldest = NEVER;
	if (k->postqueue == NULL || k->postqueue[0] == '\0')
		return 0;
	if (!postfix_find_program(k->postqueue, path, sizeof(path)))
		/* a name is looked for where there may be no Postfix; a path was written by somebody */
		return k->postqueue[0] != '/'
			   ? 0
			   : err_set(err, ERR_IO,
				 "%s cannot be run; mail may wait in the queue: no key is revoked "
				 "until it tells (option postqueue; \"\": there is no queue here)",
				 k->postqueue);
	for (size_t i = 0; i < instances; i++) {
		int64_t here;
		if (ask(path, k->postfix_config_count == 0 ? NULL : k->postfix_configs[i], &here,
			err) != 0)
			return -1;
		if (here != NEVER && (*oldest == NEVER || here < *oldest))
			*oldest = here;
	}
	return 0;
}
