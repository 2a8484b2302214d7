/* SPDX-License-Identifier: ISC */
/* verb_clock.c - what the clock guard saw; --accept: what the clock says now is right (K18). */
#include "keys/advice.h"
#include "keys/clock.h"
#include "signpost/change.h"
#include "signpost/json_out.h"
#include "signpost/status_json.h"
#include "signpost/when.h"

#include <stdio.h>

struct seen {
	struct clock_memory memory;
	struct clock_reading reading;
	struct clock_verdict verdict;
	int64_t untrusted; /* since when the passes do not trust it; NEVER */
};

static int
look(const struct operation *op, struct seen *s, struct err *err)
{
	if (clock_memory_get(op->store, &s->memory, err) != 0 ||
	    store_number_get(op->store, NUMBER_UNTRUSTED, NEVER, &s->untrusted, err) != 0)
		return -1;
	clock_read(&s->reading);
	clock_judge(
	    &s->memory, &s->reading, op->cli->config->keeper.clock_tolerance_s, &s->verdict);
	return 0;
}

static void
put_text(const struct seen *s, struct buf *out)
{
	int64_t now = s->reading.real_s;

	buf_put_str(out, "now            ");
	when_put_full(out, now);
	buf_printf(out, ", %s by the kernel\n",
	    s->reading.synchronised ? "said to be synchronised" : "not said to be synchronised");
	buf_put_str(out, "last trusted   ");
	when_put_far(out, s->memory.real_s, now);
	buf_put_str(out, "\ncounted        ");
	advice_duration(s->memory.trusted_s, out);
	buf_put_str(out, " of trusted time\nname server    ");
	when_put_far(out, s->memory.server_s, now);
	buf_put_str(
	    out, s->memory.server_s == NEVER ? " (none told its time with TSIG yet)\n" : "\n");
	if (s->untrusted != NEVER) {
		buf_put_str(out, "not trusted    since ");
		when_put_far(out, s->untrusted, now);
		buf_put_str(out, ": signing goes on, and no step is taken\n");
	}
	if (!s->verdict.trusted)
		buf_printf(out,
		    "judgement      not trusted: %s\n"
		    "               Is the time above right? Then: signpost clock --accept\n",
		    s->verdict.why);
	else
		buf_printf(out, "judgement      trusted%s%s\n", s->verdict.warns ? ", but: " : "",
		    s->verdict.why);
}

static int
put_json(const struct seen *s, struct buf *out, struct err *err)
{
	return json_put(
	    json_pack("{s:o, s:b, s:o, s:I, s:o, s:o, s:b, s:s}", "now",
		status_json_time(s->reading.real_s), "synchronised", (int)s->reading.synchronised,
		"last_trusted", status_json_time(s->memory.real_s), "trusted_seconds",
		(json_int_t)s->memory.trusted_s, "server_time",
		status_json_time(s->memory.server_s), "untrusted_since",
		status_json_time(s->untrusted), "trusted", (int)s->verdict.trusted, "why",
		s->verdict.why),
	    JSON_BY_NAME, out, err);
}

static int
accept_clock(struct operation *op, struct buf *said, struct err *err)
{
	char text[ERR_TEXT_LEN], what[CLOCK_WHY_LEN + 64];
	struct seen s;

	if (look(op, &s, err) != 0)
		return -1;
	clock_accept(&s.memory, &s.reading);
	snprintf(what, sizeof(what), "the clock is accepted%s%s",
	    s.verdict.trusted ? "" : "; before: ", s.verdict.trusted ? "" : s.verdict.why);
	struct store_event event = operation_event(op, "", what, text);
	if (clock_memory_put(op->store, &s.memory, err) != 0 ||
	    store_number_drop(op->store, NUMBER_UNTRUSTED, err) != 0 ||
	    store_all_due(op->store, err) != 0 || store_event_put(op->store, &event, err) != 0)
		return -1;
	buf_put_str(said, "The clock is taken to be right: ");
	when_put_full(said, s.reading.real_s);
	buf_put_str(said, ".  The next pass goes on.\n");
	return 0;
}

static int
show(const struct cli *cli, struct err *err)
{
	struct operation op;
	struct seen s;
	struct buf out;

	buf_init(&out, OPERATION_OUT_MAX);
	int rc = operation_open(&op, cli, err);
	if (rc == 0)
		rc = look(&op, &s, err);
	if (rc == 0 && cli_has(cli, "json"))
		rc = put_json(&s, &out, err);
	else if (rc == 0)
		put_text(&s, &out);
	if (rc == 0)
		rc = operation_print(&out, err);
	buf_deinit(&out);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static int
run(const struct cli *cli, struct err *err)
{
	if (!cli_has(cli, "accept"))
		return show(cli, err);
	if (cli_has(cli, "json"))
		return err_set(err, ERR_USAGE, "--json is for showing, not for --accept");
	return change_store(cli, accept_clock, err);
}

static const struct verb_option options[] = {
    {"accept", NULL, "what the clock says now is right"},
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_clock = {"clock", "", options, 0, 0, VERB_KEEPER, true,
    "Show what the clock guard saw, or accept the clock as it is", run};
