/* SPDX-License-Identifier: ISC */
#include "signpost/status_text.h"
#include "signpost/forecast_text.h"
#include "keys/advice.h"
#include "signpost/verbs.h"
#include "signpost/when.h"

#include <string.h>
#include <time.h>

#define DAY_S	 86400
#define NARROW	 100 /* columns that ROW needs: below, what comes next has a line of its own */
#define WIDE	 200
#define LINE_LEN 4096

int
status_worse(int a, int b)
{
	static const int order[] = {
	    [EXIT_OK] = 0, [EXIT_WARNING] = 1, [EXIT_FAILED] = 3, [EXIT_CANNOT_TELL] = 2};

	return order[a] >= order[b] ? a : b;
}

static enum health
health_of(const json_t *domain)
{
	const char *word = status_text_get(domain, "status");

	for (int h = HEALTH_VERIFIED; h <= HEALTH_TEMPORARY; h++) {
		if (strcmp(word, health_name((enum health)h)) == 0)
			return (enum health)h;
	}
	return HEALTH_TEMPORARY;
}

static bool
has_warning(const json_t *domain)
{
	return json_is_true(json_object_get(domain, "warning"));
}

int
status_exit_code(const json_t *domain)
{
	return health_exit_code(health_of(domain), has_warning(domain));
}

/* "on 19 Feb (78 d)", "at 14:02 (25 min)" */
static void
put_coming(const struct status_reader *r, int64_t at, struct buf *out)
{
	bool soon = at - r->now < DAY_S;
	time_t t = (time_t)at;
	struct tm tm;
	char text[32];

	if (at <= r->now) {
		buf_put_str(out, " at the next pass");
		return;
	}
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), soon ? "%H:%M" : "%e %b", &tm) == 0)
		return;
	buf_printf(out, " %s %s (", soon ? "at" : "on", text[0] == ' ' ? text + 1 : text);
	advice_duration(at - r->now, out);
	buf_put_str(out, ")");
}

/* Where DNS is waited for. */
static void
put_looks(const struct status_reader *r, const json_t *domain, struct buf *out)
{
	const char *word = status_text_get(domain, "waits_for");
	int64_t again = status_time_get(domain, "next_look");
	bool dns = strcmp(word, "dns") == 0 || strcmp(word, "person") == 0 ||
		   strncmp(word, "port-53", 7) == 0;

	if (again == NEVER || !dns)
		return;
	if (json_is_true(json_object_get(domain, "slow"))) {
		buf_put_str(out, "; missing for ");
		advice_duration(r->now - status_time_get(domain, "waits_since"), out);
		buf_put_str(out, ", so it is looked for every ");
		advice_duration(r->config->slow_interval_s, out);
	}
	buf_put_str(out, "; looks again ");
	if (again <= r->now)
		buf_put_str(out, "at the next pass");
	else
		when_put(out, again, r->now);
}

static void
put_next(const struct status_reader *r, const json_t *domain, struct buf *out)
{
	const char *next = status_text_get(domain, "next");
	int64_t at = status_time_get(domain, "next_at");

	buf_put_str(out, next[0] == '\0' ? "-" : next);
	if (at != NEVER)
		put_coming(r, at, out);
	else
		put_looks(r, domain, out);
	if (has_warning(domain))
		buf_put_str(out, "  !");
}

/* Where there is room, two keys stand in one line, and what is behind them does not move. */
static struct terminal_row
row_for(const struct status_reader *r)
{
	bool wide = r->terminal->width == 0 || r->terminal->width >= WIDE;

	return (struct terminal_row){.widths = {22, 16, wide ? 48 : 24, 6},
	    .count = 5,
	    .fold = 4,
	    .inked = 1,
	    .ink = INK_PLAIN};
}

void
status_text_head(const struct status_reader *r, struct buf *out)
{
	struct terminal_row row = row_for(r);
	bool narrow = r->terminal->width != 0 && r->terminal->width < NARROW;

	row.cells[0] = "DOMAIN";
	row.cells[1] = "STATUS";
	row.cells[2] = "SIGNS WITH";
	row.cells[3] = "SINCE";
	row.cells[4] = "NEXT";
	row.count = narrow ? 4 : 5;
	terminal_put_row(r->terminal, &row, out);
}

static enum terminal_ink
ink_of(const json_t *domain)
{
	static const enum terminal_ink inks[] = {[HEALTH_VERIFIED] = INK_GOOD,
	    [HEALTH_PENDING] = INK_WARNING,
	    [HEALTH_FAILED] = INK_BAD,
	    [HEALTH_TEMPORARY] = INK_BAD};
	enum health health = health_of(domain);

	return health == HEALTH_VERIFIED && has_warning(domain) ? INK_WARNING : inks[health];
}

static void
put_signers(const json_t *domain, struct buf *out)
{
	const json_t *signs = json_object_get(domain, "signs_with");

	for (size_t i = 0; i < json_array_size(signs); i++) {
		const json_t *key = json_array_get(signs, i);
		bool rsa = strncmp(status_text_get(key, "algorithm"), "rsa", 3) == 0;
		buf_printf(out, "%s%s %s", i == 0 ? "" : ", ", status_text_get(key, "selector"),
		    rsa ? "rsa" : "ed25519");
	}
	if (out->len == 0)
		buf_put_str(out, "-");
}

void
status_text_line(const struct status_reader *r, const json_t *domain, struct buf *out)
{
	int64_t at = status_time_get(domain, "since");
	struct buf signers, since, next;

	buf_init(&signers, LINE_LEN);
	buf_init(&since, LINE_LEN);
	buf_init(&next, LINE_LEN);
	put_signers(domain, &signers);
	if (at != NEVER)
		advice_duration(r->now - at, &since);
	put_next(r, domain, &next);
	struct terminal_row row = row_for(r);
	row.cells[0] = status_text_get(domain, "domain");
	row.cells[1] = status_text_get(domain, "status");
	row.cells[2] = buf_str(&signers);
	row.cells[3] = at == NEVER ? "-" : buf_str(&since);
	row.cells[4] = buf_str(&next);
	row.ink = ink_of(domain);
	terminal_put_row(r->terminal, &row, out);
	buf_deinit(&signers);
	buf_deinit(&since);
	buf_deinit(&next);
}

static void
put_text(const struct status_reader *r, unsigned indent, const char *text, struct buf *out)
{
	buf_printf(out, "%*s", (int)indent, "");
	terminal_wrap(
	    r->terminal, (struct terminal_room){.used = indent, .indent = indent}, text, out);
	buf_put_byte(out, '\n');
}

/* "since 21 Nov 13:00 (2 h ago); looked 14:01; looks again 14:02" */
static void
put_times(const struct status_reader *r, const json_t *key, struct buf *out)
{
	int64_t since = status_time_get(key, "since"), looked = status_time_get(key, "looked_at");
	int64_t again = status_time_get(key, "next_look");

	buf_put_str(out, "  since ");
	when_put_far(out, since, r->now);
	if (looked != NEVER) {
		buf_put_str(out, "; last looked at ");
		when_put(out, looked, r->now);
	}
	if (again != NEVER) {
		buf_put_str(out, "; next ");
		if (again <= r->now)
			buf_put_str(out, "at the next pass");
		else
			when_put(out, again, r->now);
	}
	buf_put_byte(out, '\n');
}

static void
put_key(const struct status_reader *r, const json_t *key, struct buf *out)
{
	const json_t *servers = json_object_get(key, "servers");

	struct buf head;

	buf_init(&head, LINE_LEN);
	buf_printf(&head, "%s %s %s", status_text_get(key, "selector"),
	    status_text_get(key, "algorithm"), status_text_get(key, "state"));
	buf_put_byte(out, '\n');
	put_text(r, 0, buf_str(&head), out);
	buf_deinit(&head);
	put_text(r, 2, status_text_get(json_object_get(key, "next"), "why"), out);
	put_times(r, key, out);
	for (size_t i = 0; i < json_array_size(servers); i++)
		put_text(r, 2, status_text_get(json_array_get(servers, i), "said"), out);
	const char *resolver = status_text_get(key, "resolver");
	if (resolver[0] != '\0') {
		buf_put_str(out, "  asked too, as a server is silent for long:\n");
		put_text(r, 2, resolver, out);
	}
	const char *trouble = status_text_get(key, "trouble");
	if (trouble[0] != '\0')
		put_text(r, 2, trouble, out);
}

static void
put_step(const struct status_reader *r, const json_t *step, struct buf *out)
{
	const char *why = status_text_get(step, "why");
	int64_t at = status_time_get(step, "earliest");
	struct buf text;

	if (strcmp(status_text_get(step, "step"), status_step_name(STEP_GENERATE)) != 0 ||
	    at <= r->now) {
		put_text(r, 0, why, out);
		return;
	}
	buf_init(&text, LINE_LEN);
	forecast_put_made(at, r->now, why, &text);
	put_text(r, 0, buf_str(&text), out);
	buf_deinit(&text);
}

void
status_text_detail(const struct status_reader *r, const json_t *domain, struct buf *out)
{
	const json_t *keys = json_object_get(domain, "keys"),
		     *steps = json_object_get(domain, "steps");
	const json_t *notes = json_object_get(domain, "notes");

	for (size_t i = 0; i < json_array_size(keys); i++)
		put_key(r, json_array_get(keys, i), out);
	for (size_t i = 0; i < json_array_size(steps); i++) {
		buf_put_byte(out, '\n');
		put_step(r, json_array_get(steps, i), out);
	}
	for (size_t i = 0; i < json_array_size(notes); i++) {
		const char *note = json_string_value(json_array_get(notes, i));
		if (i == 0)
			buf_put_byte(out, '\n');
		put_text(r, 0, note == NULL ? "" : note, out);
	}
}

int
status_world_exit_code(const struct status_reader *r, const struct status_world *w)
{
	bool fine = w->clock_trusted && !w->outage && w->restored_at == NEVER &&
		    w->troubles.count == 0 && !status_is_stale(w, r->config, r->now);

	for (int c = 0; c < ALERT_CHANNELS; c++)
		fine = fine && w->telling[c].failed_at == NEVER;
	return w->count == 0 || fine ? EXIT_OK : EXIT_WARNING;
}

static void
put_telling(const struct status_reader *r, enum alert_channel c, const struct store_telling *t,
    struct buf *out)
{
	if (t->failed_at == NEVER)
		return;
	buf_printf(out, "What is to be announced by %s could not be sent, since ",
	    c == ALERT_MAIL ? "mail" : "the program of notify");
	when_put_far(out, t->failed_at, r->now);
	buf_printf(
	    out, ": %s%sIt is tried again in every pass.\n", t->why, t->why[0] == '\0' ? "" : ". ");
}

static void
put_stale(const struct status_reader *r, const struct status_world *w, struct buf *out)
{
	if (!status_is_stale(w, r->config, r->now))
		return;
	if (w->passed_at == NEVER) {
		buf_put_str(
		    out, "No pass was made yet: run signpost tick every minute, from a timer.\n");
		return;
	}
	buf_put_str(out, "The last pass was ");
	advice_duration(r->now - w->passed_at, out);
	buf_put_str(out, " ago: does the timer of signpost tick run?\n");
}

void
status_text_world(const struct status_reader *r, const struct status_world *w, struct buf *out)
{
	struct buf text;

	if (w->count == 0)
		return;
	buf_init(&text, LINE_LEN);
	if (!w->clock_trusted)
		buf_printf(&text, "The clock is not trusted: %s. Signing goes on.\n", w->clock_why);
	if (w->restored_at != NEVER)
		buf_put_str(&text, "The store was put back from an older copy: what signed goes on "
				   "signing until keys are proven anew; see: signpost log\n");
	if (w->outage)
		buf_printf(&text,
		    "An outage: %s. Nothing is switched or published because of it.\n",
		    w->outage_why);
	for (size_t i = 0; i < w->troubles.count; i++)
		buf_printf(&text, "%s.\n", w->troubles.text[i]);
	for (int c = 0; c < ALERT_CHANNELS; c++)
		put_telling(r, (enum alert_channel)c, &w->telling[c], &text);
	put_stale(r, w, &text);
	if (text.len > 0) {
		terminal_wrap(r->terminal, (struct terminal_room){0, 0}, buf_str(&text), out);
	}
	buf_deinit(&text);
}
