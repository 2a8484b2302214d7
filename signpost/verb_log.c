/* SPDX-License-Identifier: ISC */
/* verb_log.c - who or what did each step, and the DNS answers that permitted it. */
#include "keys/sweep_verdict.h"
#include "signpost/json_out.h"
#include "signpost/operation.h"
#include "signpost/status_json.h"
#include "signpost/when.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWEST 200 /* when neither domain nor time says what is wanted */
#define INDENT "    "

struct reader {
	struct operation *op;
	bool evidence;
	struct buf out;
	json_t *array; /* NULL: text */
};

static void
put_who(int64_t uid, struct buf *out)
{
	const struct passwd *pw = uid >= 0 && uid <= INT32_MAX ? getpwuid((uid_t)uid) : NULL;

	if (pw != NULL)
		buf_put_str(out, pw->pw_name);
	else
		buf_printf(out, "uid %" PRId64, uid);
}

/* The answers, a line each, further in than the event. */
static void
put_sweep(const struct store_sweep *sweep, struct buf *out)
{
	struct buf text;

	buf_init(&text, OPERATION_OUT_MAX);
	sweep_format(&sweep->sweep, &text);
	if (sweep->resolver[0] != '\0')
		buf_printf(&text, "%s\n", sweep->resolver);
	buf_put_str(out, INDENT "seen ");
	when_put_full(out, sweep->sweep.started_at);
	buf_put_str(out, "\n");
	struct slice rest = buf_slice(&text);
	while (rest.len > 0) {
		size_t end = rest.len;
		slice_find(rest, '\n', &end);
		buf_printf(out, INDENT "%.*s\n", (int)end, (const char *)rest.ptr);
		rest = slice_from(rest, end + 1);
	}
	buf_deinit(&text);
}

static json_t *
answers_json(const struct store_sweep *sweep)
{
	static const char *const verdicts[] = {
	    [ANSWER_GOOD] = "good", [ANSWER_BAD] = "bad", [ANSWER_MUTE] = "mute"};
	json_t *answers = json_array();

	for (size_t i = 0; i < sweep->sweep.count; i++) {
		const struct sweep_answer *a = &sweep->sweep.answers[i];
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		json_array_append_new(
		    answers, json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:I, s:o}", "server",
				 a->server, "address", addr, "port", (int)a->endpoint.port,
				 "verdict", verdicts[a->verdict], "found",
				 answer_found_name(a->found), "ttl", (json_int_t)a->ttl, "serial",
				 (json_int_t)a->serial, "why", status_json_text(a->why)));
	}
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "started_at",
	    status_json_time(sweep->sweep.started_at), "ended_at",
	    status_json_time(sweep->sweep.ended_at), "zone", sweep->sweep.zone, "resolvers",
	    status_json_text(sweep->resolver), "answers", answers);
}

static int
add_json(struct reader *r, const struct store_log_row *row, const struct store_sweep *sweep,
    struct err *err)
{
	json_t *event = json_pack("{s:I, s:o, s:I, s:s, s:s, s:s, s:o}", "id", (json_int_t)row->id,
	    "at", status_json_time(row->at), "uid", (json_int_t)row->uid, "verb", row->verb,
	    "domain", row->domain, "selector", row->selector, "text", status_json_text(row->text));

	if (event != NULL && sweep != NULL)
		json_object_set_new(event, "evidence", answers_json(sweep));
	if (event == NULL || json_array_append_new(r->array, event) != 0)
		return err_nomem(err);
	return 0;
}

static void
put_event(struct reader *r, const struct store_log_row *row)
{
	when_put_full(&r->out, row->at);
	buf_put_str(&r->out, "  ");
	put_who(row->uid, &r->out);
	buf_printf(&r->out, " %s", row->verb);
	if (r->op->domain[0] == '\0' && row->domain[0] != '\0')
		buf_printf(&r->out, "  %s", row->domain);
	if (row->selector[0] != '\0')
		buf_printf(&r->out, "  %s", row->selector);
	buf_printf(&r->out, "  %s\n", row->text);
}

static int
read_event(
    struct reader *r, const struct store_log_row *row, struct store_sweep *sweep, struct err *err)
{
	bool found = r->evidence && row->evidence != 0;

	if (found && store_sweep_read(r->op->store, row->evidence, sweep, err) != 0)
		return -1;
	found = found && sweep->found;
	if (r->array != NULL)
		return add_json(r, row, found ? sweep : NULL, err);
	put_event(r, row);
	if (found)
		put_sweep(sweep, &r->out);
	return r->out.len > OPERATION_OUT_MAX / 2 ? operation_print(&r->out, err) : 0;
}

static int
read_all(struct reader *r, const struct store_log_query *query, struct err *err)
{
	struct store_log_row *rows = NULL;
	struct store_sweep *sweep = malloc(sizeof(*sweep));
	size_t count = 0;

	if (sweep == NULL)
		return err_nomem(err);
	int rc = store_log(r->op->store, query, &rows, &count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_event(r, &rows[i], sweep, err);
	if (rc == 0 && query->newest > 0 && count == (size_t)query->newest)
		fprintf(
		    stderr, "signpost: these are the newest %d; --since 1y shows more\n", NEWEST);
	free(rows);
	free(sweep);
	return rc;
}

static int
print(struct reader *r, struct err *err)
{
	if (r->array != NULL)
		return json_print(json_incref(r->array), JSON_BY_NAME, err);
	return operation_print(&r->out, err);
}

/* A domain that was removed has a log, too. */
static int
name_domain(struct operation *op, struct err *err)
{
	const char *name = op->cli->operands[0];

	return name == NULL ? 0 : domain_normalize(slice_of(name), op->domain, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *since = cli_value(cli, "since");
	struct store_log_query query = {.since = NEVER};
	struct operation op;
	struct reader r = {
	    .op = &op, .evidence = cli->operand_count > 0 || cli_has(cli, "evidence")};

	if (since != NULL && when_parse(since, cli->now, &query.since, err) != 0)
		return err_wrap(err, "--since");
	buf_init(&r.out, 2 * OPERATION_OUT_MAX);
	int rc = operation_open(&op, cli, err);
	if (rc == 0)
		rc = name_domain(&op, err);
	if (rc == 0 && cli_has(cli, "json") && (r.array = json_array()) == NULL)
		rc = err_nomem(err);
	query.domain = op.domain[0] == '\0' ? NULL : op.domain;
	query.newest = query.domain == NULL && since == NULL ? NEWEST : 0;
	if (rc == 0)
		rc = read_all(&r, &query, err);
	if (rc == 0)
		rc = print(&r, err);
	json_decref(r.array);
	buf_deinit(&r.out);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"since", "TIME", "begin at TIME: 2026-11-01, or 7d for so long ago"},
    {"evidence", NULL, "without a domain, too: the DNS answers that permitted each step"},
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_log = {"log", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Show what was done, by whom, and on what evidence", run};
