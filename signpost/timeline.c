/* SPDX-License-Identifier: ISC */
#include "signpost/timeline.h"
#include "signpost/forecast_text.h"
#include "signpost/ticks.h"

#include <stdio.h>
#include <string.h>

#define GAP	    2
#define LABEL_CELLS 9 /* a label and the space to the next */

static const struct {
	enum key_state state;
	const char *utf8, *ascii, *color, *legend;
} MARKS[] = {
    {KEY_STATE_PUBLISHED, "╌", "-", "\033[36m", "published, stands by"},
    {KEY_STATE_ACTIVE, "█", "#", "\033[32m", "signs"},
    {KEY_STATE_RETIRED, "▒", "=", "\033[33m", "delayed mail still verifies"},
    {KEY_STATE_REVOKED, "░", ".", "\033[2m", "revoked"},
};

#define MARK_COUNT (sizeof(MARKS) / sizeof(MARKS[0]))

struct frame {
	const struct timeline *t;
	size_t label, cells;
	int64_t span;
};

static int64_t
time_of_cell(const struct frame *f, size_t cell)
{
	/* the middle of it: what holds for most of the cell */
	return f->t->from + (int64_t)((double)f->span * ((double)cell + 0.5) / (double)f->cells);
}

static bool
is_seen(const struct frame *f, const struct schedule_key *k)
{
	for (size_t c = 0; c < f->cells; c++) {
		if (forecast_state_at(k, time_of_cell(f, c)) != KEY_STATE_REMOVED)
			return true;
	}
	return false;
}

static void
measure(struct frame *f)
{
	char label[FORECAST_LABEL_LEN];
	unsigned width = f->t->width;

	width = width < TIMELINE_WIDTH_MIN ? TIMELINE_WIDTH_MIN : width;
	width = width > TIMELINE_WIDTH_MAX ? TIMELINE_WIDTH_MAX : width;
	f->span = f->t->until - f->t->from;
	f->label = 0;
	for (size_t i = 0; i < f->t->f->key_count; i++) {
		forecast_label(f->t->f, i, label);
		f->label = strlen(label) > f->label ? strlen(label) : f->label;
	}
	/* the picture keeps at least a third */
	if (f->label + GAP > width * 2 / 3)
		f->label = width * 2 / 3 - GAP;
	f->cells = width - f->label - GAP;
}

/* Where a time lies; what began before the picture lies at its left edge. */
static double
cell_of(const struct frame *f, int64_t at)
{
	at = at < f->t->from ? f->t->from : at;
	return (double)(at - f->t->from) * (double)f->cells / (double)f->span;
}

static void
put_axis(const struct frame *f, struct buf *out)
{
	const struct tick_span span = {
	    f->t->from, f->t->until, (double)f->cells / (double)LABEL_CELLS};
	char line[TIMELINE_WIDTH_MAX + 64];
	struct tick ticks[TICKS_MAX];
	size_t count = ticks_make(&span, ticks), used = 0;

	memset(line, ' ', sizeof(line));
	for (size_t i = 0; i < count; i++) {
		size_t cell = (size_t)cell_of(f, ticks[i].at), len = strlen(ticks[i].label);
		/* what began before the picture gives way to what begins in it */
		if (cell < used || cell + len > f->cells ||
		    (ticks[i].at < f->t->from && i + 1 < count &&
			cell_of(f, ticks[i + 1].at) < (double)(len + 1)))
			continue;
		memcpy(line + cell, ticks[i].label, len);
		used = cell + len + 1;
	}
	buf_printf(
	    out, "%*s%.*s\n", (int)(f->label + GAP), "", (int)(used > 0 ? used - 1 : 0), line);
}

static size_t
mark_at(const struct frame *f, const struct schedule_key *k, size_t cell)
{
	enum key_state state = forecast_state_at(k, time_of_cell(f, cell));

	for (size_t i = 0; i < MARK_COUNT; i++) {
		if (MARKS[i].state == state)
			return i;
	}
	return MARK_COUNT;
}

static void
put_mark(const struct timeline *t, size_t mark, struct buf *out)
{
	buf_put_str(out, mark == MARK_COUNT ? " " : t->utf8 ? MARKS[mark].utf8 : MARKS[mark].ascii);
}

static void
put_row(const struct frame *f, size_t key, struct buf *out)
{
	const struct schedule_key *k = &f->t->f->keys[key];
	char label[FORECAST_LABEL_LEN];
	size_t end = f->cells, before = MARK_COUNT;

	forecast_label(f->t->f, key, label);
	buf_printf(out, "%-*.*s", (int)(f->label + GAP), (int)f->label, label);
	while (end > 0 && mark_at(f, k, end - 1) == MARK_COUNT)
		end--;
	for (size_t c = 0; c < end; c++) {
		size_t mark = mark_at(f, k, c);
		if (f->t->color && mark != before)
			buf_printf(out, "\033[0m%s", mark == MARK_COUNT ? "" : MARKS[mark].color);
		put_mark(f->t, mark, out);
		before = mark;
	}
	buf_put_str(out, f->t->color && end > 0 ? "\033[0m\n" : "\n");
}

/* Below each other where the terminal is narrow. */
static void
put_legend(const struct frame *f, struct buf *out)
{
	size_t used = 0;

	buf_printf(out, "%*s", (int)(f->label + GAP), "");
	for (size_t i = 0; i < MARK_COUNT; i++) {
		size_t len = 2 + strlen(MARKS[i].legend);
		if (used > 0 && used + 3 + len > f->cells) {
			buf_printf(out, "\n%*s", (int)(f->label + GAP), "");
			used = 0;
		}
		buf_put_str(out, used > 0 ? "   " : "");
		put_mark(f->t, i, out);
		buf_printf(out, " %s", MARKS[i].legend);
		used += len + (used > 0 ? 3 : 0);
	}
	buf_put_str(out, "\n");
}

void
timeline_put(const struct timeline *t, struct buf *out)
{
	struct frame f = {.t = t};
	size_t shown = 0;

	if (t->until <= t->from)
		return;
	measure(&f);
	put_axis(&f, out);
	for (size_t i = 0; i < t->f->key_count; i++) {
		if (!is_seen(&f, &t->f->keys[i]))
			continue;
		put_row(&f, i, out);
		shown++;
	}
	if (shown > 0)
		put_legend(&f, out);
}
