/* SPDX-License-Identifier: ISC */
/* verb_plan.c - the timeline to come: of one domain drawn, of all a line each, the nearest first. */
#include "base/grow.h"
#include "signpost/forecast_text.h"
#include "signpost/json_out.h"
#include "signpost/operation.h"
#include "signpost/status_json.h"
#include "signpost/terminal.h"
#include "signpost/timeline.h"
#include "signpost/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNTIL_S	    (INT64_C(365) * 86400)
#define LINES_MAX   60
#define NEXT_EVENTS 12 /* among so many is one that is news */
#define WHEN_CELL   24

/* What comes next for one of all domains. */
struct line {
	char domain[DOMAIN_LEN_MAX + 1];
	char name[FORECAST_NAME_LEN];
	char text[160];
	int64_t at; /* INT64_MAX: nothing by itself */
	enum step_what what;
	enum forecast_ask ask;
};

struct lines {
	struct line *items;
	size_t count, cap;
};

struct planning {
	struct operation *op;
	struct terminal terminal;
	int64_t until;
	bool json;
	struct lines lines; /* of all domains */
	struct buf out;
};

static void
put_caveats(const struct operation *op, struct buf *out)
{
	operation_put_caveats(op, out);
	if (op->d != NULL && op->d->domain.policy->rotate == ROTATE_OFF)
		buf_printf(out, "rotate = off in policy %s: only signpost roll rotates.\n",
		    op->d->domain.policy->name);
}

static void
put_event(struct planning *p, const struct forecast *f, const struct forecast_event *e,
    struct terminal_row *row)
{
	char name[FORECAST_NAME_LEN];
	struct buf at, text;

	buf_init(&at, 64);
	buf_init(&text, 1024);
	when_put_far(&at, e->at, p->op->now);
	forecast_name(f, e->key, name);
	forecast_text(f, e, &text);
	row->cells[0] = buf_str(&at);
	row->cells[1] = name;
	row->cells[2] = buf_str(&text);
	terminal_put_row(&p->terminal, row, &p->out);
	buf_deinit(&at);
	buf_deinit(&text);
}

static void
put_events(struct planning *p, const struct forecast *f)
{
	struct terminal_row row = {.widths = {WHEN_CELL}, .count = 3, .fold = 2};
	char name[FORECAST_NAME_LEN];
	size_t told = 0, more = 0;

	for (size_t i = 0; i < f->count; i++) {
		forecast_name(f, f->events[i].key, name);
		terminal_widen(&row.widths[1], name);
	}
	for (size_t i = 0; i < f->count; i++) {
		if (!forecast_is_news(&f->events[i]))
			continue;
		if (told++ < LINES_MAX)
			put_event(p, f, &f->events[i], &row);
		else
			more++;
	}
	if (more > 0)
		buf_printf(&p->out, "and %zu more: --json has them all\n", more);
	if (f->end != FORECAST_UNTIL)
		buf_printf(&p->out, "%s\n", forecast_end_text(f->end));
}

static json_t *
events_json(const struct forecast *f)
{
	json_t *events = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct forecast_event *e = &f->events[i];
		char name[FORECAST_NAME_LEN];
		struct buf text;
		buf_init(&text, 1024);
		forecast_text(f, e, &text);
		forecast_name(f, e->key, name);
		json_t *event = json_pack("{s:o, s:s, s:s, s:s}", "at", status_json_time(e->at),
		    "step", forecast_word(e->what), "key", name, "text", buf_str(&text));
		if (e->ask != ASK_NOBODY)
			json_object_set_new(
			    event, "waits_for", json_string(forecast_ask_word(e->ask)));
		json_array_append_new(events, event);
		buf_deinit(&text);
	}
	return events;
}

static json_t *
keys_json(const struct forecast *f)
{
	static const enum key_fact shown[] = {FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED,
	    FACT_RETIRED, FACT_ACKNOWLEDGED, FACT_REVOKED, FACT_REMOVED, FACT_DESTROYED};
	json_t *keys = json_array();

	for (size_t i = 0; i < f->key_count; i++) {
		char name[FORECAST_NAME_LEN];
		forecast_name(f, i, name);
		json_t *key = json_pack("{s:s, s:b, s:s}", "key", name, "exists",
		    (int)(f->keys[i].selector != NULL), "algorithm", key_alg_name(f->keys[i].alg));
		for (size_t n = 0; n < sizeof(shown) / sizeof(shown[0]); n++)
			json_object_set_new(key, key_fact_name(shown[n]),
			    status_json_time(f->keys[i].facts.at[shown[n]]));
		json_array_append_new(keys, key);
	}
	return keys;
}

static int
plan_json(struct planning *p, const struct forecast *f, struct err *err)
{
	static const char *const ends[] = {[FORECAST_UNTIL] = "until",
	    [FORECAST_RESTS] = "rests",
	    [FORECAST_HELD] = "held",
	    [FORECAST_LIMITED] = "limited"};

	return json_put(
	    json_pack("{s:s, s:o, s:o, s:s, s:b, s:b, s:o, s:o}", "domain", p->op->domain, "from",
		status_json_time(p->op->now), "until", status_json_time(p->until), "end",
		ends[f->end], "held", (int)p->op->d->domain.held, "clock_trusted",
		(int)p->op->o.world.world.clock_trusted, "events", events_json(f), "keys",
		keys_json(f)),
	    JSON_BY_NAME, &p->out, err);
}

static int
plan_one(struct planning *p, struct err *err)
{
	struct forecast f;

	int rc = operation_forecast(p->op, p->until, 0, &f, err);
	if (rc == 0 && p->json) {
		rc = plan_json(p, &f, err);
	} else if (rc == 0) {
		const struct timeline t = {.f = &f,
		    .from = p->op->now,
		    .until = p->until,
		    .width = p->terminal.width > 0 ? p->terminal.width : TIMELINE_WIDTH,
		    .utf8 = p->terminal.utf8,
		    .color = p->terminal.color};
		put_caveats(p->op, &p->out);
		timeline_put(&t, &p->out);
		buf_put_str(&p->out, "\n");
		put_events(p, &f);
	}
	forecast_deinit(&f);
	return rc;
}

static int
add_line(void *arg, struct err *err)
{
	struct planning *p = arg;
	struct lines *l = &p->lines;
	const struct operation *op = p->op;
	struct forecast f;
	size_t i = 0;

	struct line *items = grow_array(l->items, l->count, &l->cap, sizeof(*items));
	if (items == NULL)
		return err_nomem(err);
	l->items = items;
	struct line *line = &l->items[l->count++];
	*line = (struct line){.at = INT64_MAX, .what = STEP_NONE};
	snprintf(line->domain, sizeof(line->domain), "%s", op->d->row->name);
	snprintf(line->name, sizeof(line->name), "-");
	if (op->d->domain.policy == NULL) {
		snprintf(line->text, sizeof(line->text), "its policy %s is not defined",
		    op->d->row->policy);
		return 0;
	}
	int rc = operation_forecast(op, p->until, NEXT_EVENTS, &f, err);
	while (rc == 0 && i < f.count && !forecast_is_news(&f.events[i]))
		i++;
	if (rc == 0 && i == f.count) {
		snprintf(line->text, sizeof(line->text), "%s",
		    f.end == FORECAST_UNTIL ? "nothing until then" : forecast_end_text(f.end));
	} else if (rc == 0) {
		struct buf text;
		buf_init(&text, 1024);
		forecast_text(&f, &f.events[i], &text);
		forecast_name(&f, f.events[i].key, line->name);
		snprintf(line->text, sizeof(line->text), "%s", buf_str(&text));
		line->at = f.events[i].at;
		line->what = f.events[i].what;
		line->ask = f.events[i].ask;
		buf_deinit(&text);
	}
	forecast_deinit(&f);
	return rc;
}

static int
by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static int
lines_json(struct planning *p, struct err *err)
{
	const struct lines *l = &p->lines;
	json_t *array = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct line *line = &l->items[i];
		json_t *item = json_pack("{s:s, s:o, s:s, s:s, s:s}", "domain", line->domain, "at",
		    status_json_time(line->at == INT64_MAX ? NEVER : line->at), "step",
		    forecast_word(line->what), "key", line->name, "text", line->text);
		if (line->ask != ASK_NOBODY)
			json_object_set_new(
			    item, "waits_for", json_string(forecast_ask_word(line->ask)));
		json_array_append_new(array, item);
	}
	return json_put(array, JSON_BY_NAME, &p->out, err);
}

static void
put_lines(struct planning *p)
{
	const struct lines *l = &p->lines;
	struct terminal_row row = {.widths = {WHEN_CELL}, .count = 4, .fold = 2};

	put_caveats(p->op, &p->out);
	for (size_t i = 0; i < l->count; i++) {
		terminal_widen(&row.widths[1], l->items[i].domain);
		terminal_widen(&row.widths[2], l->items[i].name);
	}
	for (size_t i = 0; i < l->count; i++) {
		const struct line *line = &l->items[i];
		struct buf at;
		buf_init(&at, 64);
		if (line->at == INT64_MAX)
			buf_put_str(&at, "-");
		else
			when_put_far(&at, line->at, p->op->now);
		row.cells[0] = buf_str(&at);
		row.cells[1] = line->domain;
		row.cells[2] = line->name;
		row.cells[3] = line->text;
		terminal_put_row(&p->terminal, &row, &p->out);
		buf_deinit(&at);
	}
	if (l->count == 0)
		buf_put_str(
		    &p->out, "No domain yet: signpost add DOMAIN starts signing for one.\n");
}

static int
plan_all(struct planning *p, struct err *err)
{
	struct lines *l = &p->lines;

	int rc = operation_each(p->op, add_line, p, err);
	if (rc == 0 && l->count > 0)
		qsort(l->items, l->count, sizeof(*l->items), by_time);
	if (rc == 0 && p->json)
		rc = lines_json(p, err);
	else if (rc == 0)
		put_lines(p);
	free(l->items);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *until = cli_value(cli, "until");
	int64_t span = UNTIL_S;
	struct operation op = {.store = NULL};
	struct planning p = {
	    .op = &op, .json = cli_has(cli, "json"), .terminal = terminal_of_stdout()};

	if (until != NULL && span_parse(until, &span, err) != 0)
		return err_wrap(err, "--until");
	buf_init(&p.out, 16 * OPERATION_OUT_MAX);
	bool one = cli->operand_count > 0;
	int rc = one ? operation_begin(&op, cli, err) : operation_open(&op, cli, err);
	p.until = op.now + span;
	if (rc == 0)
		rc = one ? plan_one(&p, err) : plan_all(&p, err);
	if (rc == 0)
		rc = operation_print(&p.out, err);
	buf_deinit(&p.out);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"until", "SPAN", "how far ahead: 36h, 200d; default: 1y"},
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_plan = {"plan", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Draw the timeline to come, from the scheduler in simulated time", run};
