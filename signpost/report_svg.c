/* SPDX-License-Identifier: ISC */
#include "signpost/report_svg.h"
#include "signpost/forecast_text.h"
#include "signpost/report_html.h"
#include "signpost/ticks.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TICKS_MOST 7  /* labels that a phone has room for */
#define TOP	   24 /* of the first row, below the axis */
#define ROW	   36
#define BAR_TOP	   12 /* below the row's text */
#define BAR	   14
#define EDGES_MAX  8

static const struct {
	enum key_state state;
	int height; /* of the bar, which stands in the middle of its row */
	const char *style, *legend;
} MARKS[] = {
    {KEY_STATE_PUBLISHED, 4, "k-published", "published, stands by"},
    {KEY_STATE_ACTIVE, BAR, "k-active", "signs"},
    {KEY_STATE_RETIRED, 8, "k-retired", "delayed mail still verifies"},
    {KEY_STATE_REVOKED, 2, "k-revoked", "revoked"},
};

#define MARK_COUNT (sizeof(MARKS) / sizeof(MARKS[0]))

static const enum key_fact EDGES[] = {
    FACT_PUBLISHED, FACT_ACTIVATED, FACT_RETIRED, FACT_REVOKED, FACT_REMOVED, FACT_ABANDONED};

#define EDGE_COUNT (sizeof(EDGES) / sizeof(EDGES[0]))

static int
by_age(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The times at which the key may change within the picture, with its both ends. */
static size_t
edges_of(const struct lives *l, const struct life *life, int64_t out[static EDGES_MAX])
{
	size_t count = 0;

	out[count++] = l->from;
	for (size_t i = 0; i < EDGE_COUNT; i++) {
		int64_t at = life->key.facts.at[EDGES[i]];
		if (at != NEVER && at > l->from && at < l->until)
			out[count++] = at;
	}
	out[count++] = l->until;
	qsort(out, count, sizeof(*out), by_age);
	return count;
}

static bool
is_seen(const struct lives *l, const struct life *life)
{
	int64_t edges[EDGES_MAX];
	size_t count = edges_of(l, life, edges);

	for (size_t i = 0; i + 1 < count; i++) {
		if (forecast_state_at(&life->key, edges[i]) != KEY_STATE_REMOVED)
			return true;
	}
	return false;
}

static const struct schedule_key *
in_forecast(const struct forecast *f, int64_t id)
{
	for (size_t i = 0; i < f->key_count; i++) {
		if (f->keys[i].id == id && f->keys[i].selector != NULL)
			return &f->keys[i];
	}
	return NULL;
}

static struct life *
add_life(struct lives *l, const struct key_facts *facts)
{
	struct life *life = &l->list[l->count];

	*life = (struct life){.key = {.facts = *facts}};
	if (!is_seen(l, life))
		return NULL;
	l->count++;
	return life;
}

int
lives_init(struct lives *l, const struct store_key *keys, size_t count, const struct forecast *f,
    struct err *err)
{
	struct life *life;

	l->count = 0;
	l->list = calloc(count + f->key_count + 1, sizeof(*l->list));
	if (l->list == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct schedule_key *k = in_forecast(f, keys[i].id);
		life = add_life(l, k == NULL ? &keys[i].facts : &k->facts);
		if (life != NULL)
			snprintf(life->name, sizeof(life->name), "%s %s", keys[i].selector,
			    key_alg_k(keys[i].alg));
	}
	for (size_t i = 0; i < f->key_count; i++) {
		if (f->keys[i].selector != NULL)
			continue;
		life = add_life(l, &f->keys[i].facts);
		if (life != NULL)
			forecast_label(f, i, life->name);
	}
	return 0;
}

void
lives_deinit(struct lives *l)
{
	free(l->list);
	l->list = NULL;
	l->count = 0;
}

static double
percent(const struct lives *l, int64_t at)
{
	return 100.0 * (double)(at - l->from) / (double)(l->until - l->from);
}

/* A time of the key that is still to come within the picture; NEVER: it does not. */
static int64_t
comes(const struct lives *l, const struct life *life, enum key_fact fact)
{
	int64_t at = life->key.facts.at[fact];

	return at != NEVER && at > l->now && at < l->until ? at : NEVER;
}

static void
put_when(struct buf *out, const char *before, int64_t at)
{
	if (at == NEVER)
		return;
	buf_put_str(out, before);
	html_plain_day(out, at);
}

void
svg_words(const struct lives *l, const struct life *life, struct buf *out)
{
	const struct key_facts *facts = &life->key.facts;

	switch (forecast_state_at(&life->key, l->now)) {
	case KEY_STATE_PUBLISHED:
		buf_put_str(out, comes(l, life, FACT_ACTIVATED) == NEVER ? "published" : "");
		put_when(out, "signs from ", comes(l, life, FACT_ACTIVATED));
		break;
	case KEY_STATE_ACTIVE:
		buf_put_str(out, "signs");
		put_when(out, " until ", comes(l, life, FACT_RETIRED));
		break;
	case KEY_STATE_RETIRED:
		buf_put_str(out, "in overlap");
		put_when(out, " until ", comes(l, life, FACT_REVOKED));
		break;
	case KEY_STATE_REVOKED:
		put_when(out, "revoked ", facts->at[FACT_REVOKED]);
		break;
	default:
		if (comes(l, life, FACT_ACTIVATED) != NEVER)
			put_when(out, "signs from ", comes(l, life, FACT_ACTIVATED));
		else if (comes(l, life, FACT_PUBLISHED) != NEVER)
			put_when(out, "published ", comes(l, life, FACT_PUBLISHED));
		else
			buf_put_str(out, "gone");
	}
}

static void
put_axis(const struct lives *l, int height, struct buf *out)
{
	const struct tick_span span = {l->from, l->until, TICKS_MOST};
	struct tick ticks[TICKS_MAX];
	size_t count = ticks_make(&span, ticks);

	for (size_t i = 0; i < count; i++) {
		double x = percent(l, ticks[i].at);
		if (ticks[i].at < l->from)
			continue;
		buf_printf(
		    out, "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"16\" y2=\"%d\"/>", x, x, height);
		/* a label that would be cut off is left out */
		if (x < 90)
			buf_printf(out, "<text class=\"axis\" x=\"%.2f%%\" y=\"12\">%s </text>\n",
			    x, ticks[i].label[0] == ' ' ? ticks[i].label + 1 : ticks[i].label);
	}
	double now = percent(l, l->now);
	buf_printf(out, "<line class=\"now\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"16\" y2=\"%d\"/>\n",
	    now, now, height);
}

static void
put_bars(const struct lives *l, const struct life *life, int top, struct buf *out)
{
	int64_t edges[EDGES_MAX];
	size_t count = edges_of(l, life, edges);

	for (size_t i = 0; i + 1 < count; i++) {
		enum key_state state = forecast_state_at(&life->key, edges[i]);
		for (size_t m = 0; m < MARK_COUNT; m++) {
			if (MARKS[m].state != state || edges[i] == edges[i + 1])
				continue;
			buf_printf(out,
			    "<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"%d\" "
			    "height=\"%d\"/>",
			    MARKS[m].style, percent(l, edges[i]),
			    percent(l, edges[i + 1]) - percent(l, edges[i]),
			    top + (BAR - MARKS[m].height) / 2, MARKS[m].height);
		}
	}
}

void
svg_timeline(const struct lives *l, const char *domain, struct buf *out)
{
	int height = TOP + (int)l->count * ROW;

	buf_printf(out,
	    "<figure>\n<svg role=\"img\" height=\"%d\">\n"
	    "<title>Timeline of the keys of ",
	    height);
	html_text(out, domain);
	buf_put_str(out, "</title>\n<desc>From ");
	html_plain_day(out, l->from);
	buf_put_str(out, " to ");
	html_plain_day(out, l->until);
	buf_put_str(out, ". </desc>\n");
	put_axis(l, height, out);
	for (size_t i = 0; i < l->count; i++) {
		const struct life *life = &l->list[i];
		int top = TOP + (int)i * ROW;
		buf_printf(out, "<text x=\"0\" y=\"%d\">", top + BAR_TOP - 4);
		html_text(out, life->name);
		buf_put_str(out, " <tspan class=\"told\">");
		svg_words(l, life, out);
		buf_put_str(out, "</tspan><tspan class=\"sep\">. </tspan></text>\n");
		put_bars(l, life, top + BAR_TOP, out);
		buf_put_str(out, "\n");
	}
	buf_put_str(out, "</svg>\n</figure>\n");
}

void
svg_legend(struct buf *out)
{
	buf_put_str(out, "<ul class=\"plain legend\">\n");
	for (size_t i = 0; i < MARK_COUNT; i++)
		buf_printf(out,
		    "<li><svg aria-hidden=\"true\" height=\"%d\"><rect class=\"%s\" "
		    "width=\"100%%\" "
		    "y=\"%d\" height=\"%d\"/></svg> %s</li>\n",
		    BAR, MARKS[i].style, (BAR - MARKS[i].height) / 2, MARKS[i].height,
		    MARKS[i].legend);
	buf_put_str(out, "</ul>\n");
}
