/* SPDX-License-Identifier: ISC */
/* A program of the admin's, once for each change: what is wanted as JSON on its standard input, what came of it as its
 * exit status, and in more detail, if it likes, as JSON on its standard output.
 *
 * Input, in one object:
 *	version		1
 *	publisher	the name of the block in signpost.conf
 *	zone, owner	names without a final dot
 *	type		"TXT"
 *	ttl		seconds
 *	old		the text that may be replaced; null: the name must be free
 *	new		the text that is to stand there; null: the record is to go
 *	strings		new, cut into strings of 255 octets at most; [] when it is null
 * Output, optional: {"result": "done" | "pending" | "foreign", "text": "..."}, looked at when the exit status is 0; any
 * text without a leading { is for the admin.  Exit status: 0 done, 75 try again, anything else refused. */
#include "base/run.h"
#include "keys/dns_wire.h"
#include "keys/publish_type.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ARGV_MAX       32
#define OUTPUT_MAX     4096
#define STRING_LEN_MAX 255
#define LINES_TOLD     3
#define LINES_LEN      300
#define TEXT_LEN_MAX   300 /* of the hook's own text */
#define EX_TEMPFAIL    75  /* sysexits.h */

static int
check(const struct publisher_conf *conf, struct err *err)
{
	if (conf->program_count >= ARGV_MAX)
		return err_set(err, ERR_CONFIG, "publisher %s: program has more than %d words",
		    conf->name, ARGV_MAX - 1);
	return publish_need_argv(conf, "program", conf->program, conf->program_count, err);
}

static json_t *
make_strings(const char *text)
{
	json_t *list = json_array();
	size_t left = text == NULL ? 0 : strlen(text);
	for (; list != NULL && left > 0; left -= left < STRING_LEN_MAX ? left : STRING_LEN_MAX) {
		size_t len = left < STRING_LEN_MAX ? left : STRING_LEN_MAX;
		if (json_array_append_new(list, json_stringn(text, len)) != 0) {
			json_decref(list);
			return NULL;
		}
		text += len;
	}
	return list;
}

/* NULL: out of memory.  Free with free(). */
static char *
make_input(const struct publisher_conf *conf, const struct publish_change *c, size_t indent)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:s?, s:s?, s:o}", "version", 1,
	    "publisher", conf->name, "zone", publish_zone_of(conf, c), "owner", c->owner, "type",
	    "TXT", "ttl", (json_int_t)c->ttl_s, "old", c->old_text, "new", c->new_text, "strings",
	    make_strings(c->new_text));
	char *text = o == NULL ? NULL : json_dumps(o, JSON_INDENT(indent));
	json_decref(o);
	return text;
}

/* The hook's answer; false when it is none that we know. */
static bool
take_answer(const struct publish_change *c, struct slice output, struct publish_outcome *o)
{
	static const struct {
		const char *name;
		enum publish_result result;
	} results[] = {
	    {"done", PUBLISH_DONE}, {"pending", PUBLISH_PENDING}, {"foreign", PUBLISH_FOREIGN}};
	json_error_t e;
	json_t *answer =
	    json_loadb((const char *)output.ptr, output.len, JSON_REJECT_DUPLICATES, &e);
	const char *name = json_string_value(json_object_get(answer, "result"));
	const char *text = json_string_value(json_object_get(answer, "text"));
	bool known = false;
	for (size_t i = 0; name != NULL && !known && i < sizeof(results) / sizeof(results[0]);
	     i++) {
		known = strcmp(results[i].name, name) == 0;
		if (known)
			publish_say(o, results[i].result, "%s: the hook says: %s%s%.*s", c->owner,
			    name, text == NULL ? "" : ": ", TEXT_LEN_MAX, text == NULL ? "" : text);
	}
	json_decref(answer);
	return known;
}

static void
judge(const struct publish_change *c, const struct run_job *job, const struct run_result *r,
    struct publish_outcome *o)
{
	struct buf words;
	struct slice out = slice_trim(buf_slice(&r->out));
	bool good = r->end == RUN_EXITED && r->code == 0,
	     is_json = out.len > 0 && out.ptr[0] == '{';
	if (good && is_json && take_answer(c, out, o))
		return;
	buf_init(&words, PUBLISH_TEXT_LEN);
	buf_printf(&words, "%s: %s: ", c->owner, job->argv[0]);
	run_result_text(r, job, &words);
	if (r->err.len > 0 || r->out.len > 0)
		buf_put_str(&words, ": ");
	run_last_lines(r->err.len > 0 ? &r->err : &r->out, LINES_TOLD, LINES_LEN, &words);
	if (good && is_json)
		publish_say(o, PUBLISH_REFUSED,
		    "%s; its answer is no JSON object with a result of done, pending or foreign%s",
		    buf_str(&words), r->cut ? ", or longer than 4 KiB" : "");
	else if (good)
		publish_say(o, PUBLISH_DONE, "%s", buf_str(&words));
	else if (r->end == RUN_EXITED && r->code != EX_TEMPFAIL)
		publish_say(o, PUBLISH_REFUSED, "%s", buf_str(&words));
	else
		publish_say(o, PUBLISH_TEMPORARY, "%s", buf_str(&words));
	buf_deinit(&words);
}

static int
run_one(const struct publisher_conf *conf, const struct publish_change *c, int timeout_ms,
    struct publish_outcome *o, struct err *err)
{
	const char *argv[ARGV_MAX + 1] = {NULL};
	struct run_result r;
	char *input = make_input(conf, c, 0);
	if (input == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < conf->program_count && i < ARGV_MAX; i++)
		argv[i] = conf->program[i];
	struct run_job job = {.argv = argv,
	    .input = slice_of(input),
	    .timeout_ms = timeout_ms,
	    .output_max = OUTPUT_MAX};
	int rc = run_program(&job, &r, err);
	if (rc == 0) {
		judge(c, &job, &r, o);
		run_result_deinit(&r);
	}
	free(input);
	return rc;
}

static int
change(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct publish_outcome *outcomes, struct err *err)
{
	int64_t until_ms = dns_now_ms() + conf->timeout_ms;
	for (size_t i = 0; i < count; i++) {
		int64_t left = until_ms - dns_now_ms();
		if (left <= 0)
			break; /* those that are left stay temporary */
		if (run_one(conf, &changes[i], (int)left, &outcomes[i], err) != 0)
			return err_wrap(err, "publisher %s", conf->name);
	}
	return 0;
}

static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		char *input = make_input(conf, &changes[i], 2);
		if (input == NULL)
			return err_nomem(err);
		buf_put_str(out, "run:");
		for (size_t w = 0; w < conf->program_count; w++)
			buf_printf(out, " %s", conf->program[w]);
		buf_printf(out, "\n%s\n", input);
		free(input);
	}
	return 0;
}

static int
rights(const struct publisher_conf *conf, const char *const *names, size_t count, struct buf *out,
    struct err *err)
{
	(void)err;
	buf_printf(out,
	    "The user that signpost runs as must be allowed to run %s.  What that program uses to "
	    "change DNS\n"
	    "should be able to change TXT records below these names, and nothing else:\n",
	    conf->program[0]);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "    %s\n", names[i]);
	return 0;
}

static int
try_rights(const struct publisher_conf *conf, const char *zone, const char *domain, struct buf *out,
    struct err *err)
{
	(void)domain;
	(void)err;
	buf_printf(out,
	    "zone %s: what %s may do only its own credentials tell: there is nothing to try\n",
	    zone, conf->program[0]);
	return 0;
}

const struct publish_type publish_hook = {"hook", check, change, show, rights, try_rights, NULL};
