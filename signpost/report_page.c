/* SPDX-License-Identifier: ISC */
#include "signpost/explain.h"
#include "signpost/forecast_text.h"
#include "signpost/report.h"
#include "signpost/report_html.h"
#include "signpost/report_svg.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WHOLE  180 /* octets of a domain that its file is called by */
#define HASH_OCTETS 8
#define EVENTS_MAX  40
#define LOG_MAX	    60
#define STALE_S	    3600 /* without a pass */

void
report_page_name(const char *domain, char out[static REPORT_NAME_LEN])
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	size_t len = strlen(domain);

	if (len <= NAME_WHOLE) {
		snprintf(out, REPORT_NAME_LEN, "domain-%s.html", domain);
		return;
	}
	/* a name of 253 octets and what stands around it are too long for a file */
	(void)EVP_Digest(domain, len, hash, NULL, EVP_sha256(), NULL);
	int at = snprintf(out, REPORT_NAME_LEN, "domain-%.*s-", NAME_WHOLE, domain);
	for (int i = 0; i < HASH_OCTETS; i++)
		at += snprintf(out + at, (size_t)(REPORT_NAME_LEN - at), "%02x", hash[i]);
	snprintf(out + at, (size_t)(REPORT_NAME_LEN - at), ".html");
}

void
report_put_domain(const char *domain, struct buf *out)
{
	char typed[4 * DOMAIN_LEN_MAX + 1];

	domain_to_unicode(domain, typed, sizeof(typed));
	html_text(out, typed);
	if (strcmp(typed, domain) != 0)
		buf_printf(out, " <span class=\"soft\">(%s)</span>", domain);
}

void
report_put_status(const struct domain_health *d, struct buf *out)
{
	const char *name = health_name(d->health);

	buf_printf(out, "<span class=\"is %s\">%s</span>", d->warning ? "warning" : name, name);
	if (d->warning)
		buf_put_str(out, " (with a warning)");
}

/* "OWNER: the hook says: ..." and "OWNER: /PROGRAM: ...", as keys/publish_hook.c writes them; wherever they stand,
 * since reasons are told on in the log, in steps and in forecasts. */
static size_t
open_len(const char *text)
{
	const char *says = strstr(text, ": the hook says: "), *program = strstr(text, ": /");
	size_t len = strlen(text);

	if (says != NULL)
		len = (size_t)(says - text);
	if (program != NULL && (size_t)(program - text) < len && strstr(program + 1, ": ") != NULL)
		len = (size_t)(program - text);
	return len;
}

void
report_put_open(const char *domain, const char *text, struct buf *out)
{
	size_t len = open_len(text);

	buf_put(out, slice_new(text, len));
	if (text[len] != '\0')
		buf_printf(
		    out, ": the rest is shown to the keeper only: sudo signpost log %s", domain);
}

static void
html_open(struct buf *out, const char *domain, const char *text)
{
	struct buf plain;

	buf_init(&plain, REPORT_PAGE_MAX);
	report_put_open(domain, text, &plain);
	html_text(out, buf_str(&plain));
	buf_deinit(&plain);
}

void
report_put_next(const struct domain_health *d, struct buf *out)
{
	if (strcmp(d->next, "-") == 0)
		return;
	report_put_open(d->seen->row->name, d->next, out);
	if (d->next_at != NEVER) {
		buf_put_str(out, ", ");
		html_plain_day(out, d->next_at);
	}
}

static void
put_note(const char *text, struct buf *out)
{
	buf_put_str(out, "<p class=\"note\">");
	html_text(out, text);
	buf_put_str(out, "</p>\n");
}

void
report_put_world(const struct report *r, const struct schedule_world *w, struct buf *out)
{
	char text[2 * ERR_TEXT_LEN];

	if (!w->clock_trusted) {
		snprintf(text, sizeof(text),
		    "The clock is not trusted: %s. Until it is, no step is taken; signing goes on.",
		    w->clock_why);
		put_note(text, out);
	}
	if (w->outage) {
		snprintf(text, sizeof(text),
		    "An outage: %s. Nothing is switched or published because of it.",
		    w->outage_why);
		put_note(text, out);
	}
	if (r->last_pass == NEVER)
		put_note("No pass was made yet: does the timer of signpost tick run?", out);
	if (r->last_pass == NEVER || r->op->now - r->last_pass <= STALE_S)
		return;
	buf_put_str(out, "<p class=\"note\">The last pass was at ");
	html_time(out, r->last_pass);
	buf_put_str(out, ": does the timer of <code>signpost tick</code> run?</p>\n");
}

static void
put_head(const struct report *r, const struct domain_health *d, struct buf *out)
{
	const struct store_domain *row = d->seen->row;
	struct buf next;

	buf_put_str(out, "<p><a href=\"index.html\">All domains</a></p>\n<h1>");
	report_put_domain(row->name, out);
	buf_put_str(out, "</h1>\n");
	report_put_world(r, &r->op->o.world.world, out);
	buf_put_str(out, "<p>");
	report_put_status(d, out);
	if (d->since != NEVER) {
		buf_put_str(out, "; the oldest key that signs does since ");
		html_day(out, d->since);
	}
	buf_put_str(out, ".</p>\n");
	buf_init(&next, HEALTH_TEXT_LEN + 64);
	report_put_next(d, &next);
	if (next.len > 0) {
		buf_put_str(out, "<p>Next: ");
		html_text(out, buf_str(&next));
		buf_put_str(out, "</p>\n");
	}
	buf_deinit(&next);
}

static void
put_fact(const struct lives *l, const struct life *life, enum key_fact fact, struct buf *out)
{
	int64_t at = life->key.facts.at[fact];

	html_day(out, at);
	if (at != NEVER && at > l->now)
		buf_put_str(out, " <span class=\"soft\">(planned)</span>");
}

/* The picture once more, in words. */
static void
put_lives(const struct lives *l, struct buf *out)
{
	static const struct {
		enum key_fact fact;
		const char *label;
	} columns[] = {{FACT_PUBLISHED, "Published"}, {FACT_ACTIVATED, "Signs from"},
	    {FACT_RETIRED, "Signs until"}, {FACT_REVOKED, "Revoked"}, {FACT_REMOVED, "Removed"}};

	buf_put_str(out, "<table class=\"rows\">\n<thead><tr><th>Key</th>");
	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		buf_printf(out, "<th>%s</th>", columns[c].label);
	buf_put_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < l->count; i++) {
		const struct life *life = &l->list[i];
		buf_put_str(out, "<tr><td class=\"name\">");
		html_text(out, life->name);
		buf_put_str(out, "</td>");
		for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
			buf_printf(out, "<td data-label=\"%s\"%s>", columns[c].label,
			    life->key.facts.at[columns[c].fact] == NEVER ? " class=\"none\"" : "");
			put_fact(l, life, columns[c].fact, out);
			buf_put_str(out, "</td>");
		}
		buf_put_str(out, "</tr>\n");
	}
	buf_put_str(out, "</tbody>\n</table>\n");
}

static int
put_timeline(const struct report *r, const struct forecast *f, struct buf *out, struct err *err)
{
	const struct operation *op = r->op;
	struct lives l = {
	    .from = op->now - r->past_s, .now = op->now, .until = op->now + r->ahead_s};
	struct store_key *keys = NULL;
	size_t count = 0;

	int rc = store_keys(op->store, op->domain, &keys, &count, err);
	if (rc == 0)
		rc = lives_init(&l, keys, count, f, err);
	if (rc == 0 && l.count > 0) {
		buf_put_str(out, "<h2>Timeline</h2>\n");
		svg_timeline(&l, op->domain, out);
		svg_legend(out);
		put_lives(&l, out);
	}
	lives_deinit(&l);
	free(keys);
	return rc;
}

static void
put_notes(const struct report *r, const struct notes *n, struct buf *out)
{
	if (n->count == 0)
		return;
	buf_put_str(out, "<dl>\n");
	for (size_t i = 0; i < n->count; i++) {
		buf_printf(out, "<dt>%s</dt><dd>", n->notes[i].kind);
		html_open(out, r->op->d->row->name, n->notes[i].text);
		buf_put_str(out, "</dd>\n");
	}
	buf_put_str(out, "</dl>\n");
}

static int
put_why(const struct report *r, const struct forecast *f, struct buf *out, struct err *err)
{
	const struct operation *op = r->op;
	struct step *steps = NULL;
	struct notes notes;
	size_t count = 0;

	int rc = observed_steps(op->d, &op->o.world, &steps, &count, err);
	if (rc == 0) {
		buf_put_str(out, "<h2>How each key stands</h2>\n");
		explain_domain(op, steps, count, &notes);
		put_notes(r, &notes, out);
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (steps[i].key == SIZE_MAX)
			continue;
		rc = explain_key(op, &steps[i], f, &notes, err);
		buf_put_str(out, "<h3>");
		html_text(out, op->d->keys[steps[i].key].selector);
		buf_printf(out, " %s</h3>\n<p>It %s.</p>\n",
		    key_alg_k(op->d->keys[steps[i].key].alg), explain_headline(op, steps[i].key));
		put_notes(r, &notes, out);
	}
	free(steps);
	return rc;
}

static void
put_coming(const struct report *r, const struct forecast *f, struct buf *out)
{
	size_t told = 0;

	buf_put_str(out, "<h2>To come</h2>\n<ul class=\"plain\">\n");
	for (size_t i = 0; i < f->count && told < EVENTS_MAX; i++) {
		const struct forecast_event *e = &f->events[i];
		char name[FORECAST_NAME_LEN];
		struct buf text;
		if (!forecast_is_news(e))
			continue;
		buf_init(&text, 1024);
		forecast_name(f, e->key, name);
		forecast_text(f, e, &text);
		buf_put_str(out, "<li>");
		html_time(out, e->at);
		buf_put_str(out, " <span class=\"name\">");
		html_text(out, name);
		buf_put_str(out, "</span> ");
		html_open(out, r->op->d->row->name, buf_str(&text));
		buf_put_str(out, "</li>\n");
		buf_deinit(&text);
		told++;
	}
	if (told == 0)
		buf_put_str(out, "<li>Nothing.</li>\n");
	buf_put_str(out, "</ul>\n");
	if (f->end != FORECAST_UNTIL)
		buf_printf(out, "<p>%s</p>\n", forecast_end_text(f->end));
}

static int
put_log(const struct report *r, struct buf *out, struct err *err)
{
	const struct store_log_query query = {
	    .domain = r->op->d->row->name, .since = NEVER, .newest = LOG_MAX};
	struct store_log_row *rows = NULL;
	size_t count = 0;

	if (store_log(r->op->store, &query, &rows, &count, err) != 0)
		return -1;
	buf_put_str(out, "<h2>What was done</h2>\n<ul class=\"plain\">\n");
	for (size_t i = count; i > 0; i--) {
		const struct store_log_row *row = &rows[i - 1];
		buf_put_str(out, "<li>");
		html_time(out, row->at);
		if (row->selector[0] != '\0')
			buf_printf(out, " <span class=\"name\">%s</span>", row->selector);
		buf_put_str(out, " ");
		html_open(out, query.domain, row->text);
		buf_put_str(out, "</li>\n");
	}
	buf_put_str(out, "</ul>\n");
	free(rows);
	return 0;
}

int
report_page(const struct report *r, const struct domain_health *d, struct buf *out, struct err *err)
{
	const struct operation *op = r->op;
	struct forecast f = {.keys = NULL};
	int rc = 0;

	html_begin(out, d->seen->row->name, r->stamp);
	put_head(r, d, out);
	if (op->d->domain.policy != NULL) {
		rc = operation_forecast(op, op->now + r->ahead_s, 0, &f, err);
		if (rc == 0)
			rc = put_timeline(r, &f, out, err);
		if (rc == 0)
			rc = put_why(r, &f, out, err);
		if (rc == 0)
			put_coming(r, &f, out);
		forecast_deinit(&f);
	}
	if (rc == 0)
		rc = put_log(r, out, err);
	html_end(out, op->now);
	return rc == 0 ? buf_check(out, d->seen->row->name, err) : -1;
}
