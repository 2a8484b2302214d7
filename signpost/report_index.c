/* SPDX-License-Identifier: ISC */
#include "base/grow.h"
#include "signpost/report.h"
#include "signpost/report_html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_MAX	      8192
#define PAGE_ROWS     1000 /* of one page; a phone still scrolls it */
#define TROUBLES_FROM 20   /* with fewer domains they need no table of their own */
#define TROUBLES_MAX  100

static void
put_cell(const char *label, const char *text, struct buf *out)
{
	buf_printf(out, "<td data-label=\"%s\"%s>", label,
	    strcmp(text, "-") == 0 ? " class=\"none\"" : "");
	html_text(out, text);
	buf_put_str(out, "</td>");
}

static void
put_signs_with(const struct domain_health *d, struct buf *out)
{
	struct buf names;

	buf_init(&names, ROW_MAX);
	for (size_t i = 0; i < d->key_count; i++) {
		const struct store_key *row = d->keys[i].row;
		if (key_state_signs(key_state_of(&row->facts)))
			buf_printf(&names, "%s%s %s", names.len > 0 ? ", " : "", row->selector,
			    key_alg_k(row->alg));
	}
	put_cell("Signs with", names.len == 0 ? "-" : buf_str(&names), out);
	buf_deinit(&names);
}

int
report_index_add(struct report_index *index, const struct domain_health *d, struct err *err)
{
	const char *domain = d->seen->row->name;
	char name[REPORT_NAME_LEN];
	struct buf html, since, next;

	struct report_row *rows =
	    grow_array(index->rows, index->count, &index->cap, sizeof(*index->rows));
	if (rows == NULL)
		return err_nomem(err);
	index->rows = rows;
	buf_init(&html, ROW_MAX);
	report_page_name(domain, name);
	buf_printf(&html, "<tr><td><a class=\"name\" href=\"%s\">", name);
	report_put_domain(domain, &html);
	buf_put_str(&html, "</a></td><td data-label=\"Status\">");
	report_put_status(d, &html);
	buf_put_str(&html, "</td>");
	put_signs_with(d, &html);
	buf_init(&since, ROW_MAX);
	html_plain_day(&since, d->since);
	put_cell("Since", since.len == 0 ? "-" : buf_str(&since), &html);
	buf_deinit(&since);
	buf_init(&next, ROW_MAX);
	report_put_next(d, &next);
	put_cell("Next", next.len == 0 ? "-" : buf_str(&next), &html);
	buf_deinit(&next);
	buf_put_str(&html, "</tr>\n");
	struct report_row *row = &rows[index->count];
	*row = (struct report_row){.health = d->health, .warning = d->warning};
	snprintf(row->domain, sizeof(row->domain), "%s", domain);
	row->html = buf_check(&html, domain, err) == 0 ? strdup(buf_str(&html)) : NULL;
	buf_deinit(&html);
	if (row->html == NULL)
		return err->text[0] != '\0' ? -1 : err_nomem(err);
	index->count++;
	return 0;
}

void
report_index_deinit(struct report_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		free(index->rows[i].html);
	free(index->rows);
	*index = (struct report_index){.rows = NULL};
}

static void
page_name(size_t page, char out[static REPORT_NAME_LEN])
{
	if (page == 0)
		snprintf(out, REPORT_NAME_LEN, "index.html");
	else
		snprintf(out, REPORT_NAME_LEN, "index-%zu.html", page + 1);
}

static bool
is_trouble(const struct report_row *row)
{
	return row->health == HEALTH_FAILED || row->health == HEALTH_TEMPORARY || row->warning;
}

static void
begin_table(struct buf *out)
{
	buf_put_str(out,
	    "<table class=\"rows\">\n<thead><tr><th>Domain</th><th>Status</th><th>Signs with</th>"
	    "<th>Since</th><th>Next</th></tr></thead>\n<tbody>\n");
}

static void
put_sum(const struct report_index *index, struct buf *out)
{
	static const enum health order[] = {
	    HEALTH_VERIFIED, HEALTH_PENDING, HEALTH_TEMPORARY, HEALTH_FAILED};
	size_t by_health[HEALTH_TEMPORARY + 1] = {0}, warnings = 0;

	for (size_t i = 0; i < index->count; i++) {
		by_health[index->rows[i].health]++;
		warnings += index->rows[i].warning;
	}
	buf_printf(out, "<p>%zu domain%s:", index->count, index->count == 1 ? "" : "s");
	const char *before = " ";
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (by_health[order[i]] == 0)
			continue;
		buf_printf(out, "%s%zu <span class=\"is %s\">%s</span>", before,
		    by_health[order[i]], health_name(order[i]), health_name(order[i]));
		before = ", ";
	}
	if (warnings > 0)
		buf_printf(out, "; %zu with a warning", warnings);
	buf_put_str(out, ".</p>\n");
}

static void
put_troubles(const struct report_index *index, struct buf *out)
{
	size_t told = 0, more = 0;

	for (size_t i = 0; i < index->count; i++) {
		if (!is_trouble(&index->rows[i]))
			continue;
		if (told == TROUBLES_MAX) {
			more++;
			continue;
		}
		if (told++ == 0) {
			buf_put_str(out, "<h2>To be looked at</h2>\n");
			begin_table(out);
		}
		buf_put_str(out, index->rows[i].html);
	}
	if (told > 0)
		buf_put_str(out, "</tbody>\n</table>\n");
	if (more > 0)
		buf_printf(out, "<p>And %zu more in the table below.</p>\n", more);
	if (told > 0)
		buf_put_str(out, "<h2>All domains</h2>\n");
}

static void
put_links(const struct report_index *index, size_t page, struct buf *out)
{
	size_t pages = (index->count + PAGE_ROWS - 1) / PAGE_ROWS;

	if (pages < 2)
		return;
	buf_put_str(out, "<p>Pages:");
	for (size_t i = 0; i < pages; i++) {
		char name[REPORT_NAME_LEN];
		page_name(i, name);
		if (i == page)
			buf_printf(out, " <strong>%s</strong>", index->rows[i * PAGE_ROWS].domain);
		else
			buf_printf(
			    out, " <a href=\"%s\">%s</a>", name, index->rows[i * PAGE_ROWS].domain);
		buf_put_str(out, i + 1 < pages ? "," : "");
	}
	buf_put_str(out, "</p>\n");
}

static int
write_page(const struct report_index *index, const struct report *r, size_t page,
    struct report_out *out, struct err *err)
{
	size_t first = page * PAGE_ROWS;
	char name[REPORT_NAME_LEN];
	struct buf html;

	buf_init(&html, REPORT_PAGE_MAX);
	html_begin(&html, "Domains", r->stamp);
	buf_put_str(&html, "<h1>Domains that sign with DKIM</h1>\n");
	report_put_world(r, &r->op->o.world.world, &html);
	put_sum(index, &html);
	if (page == 0 && index->count > TROUBLES_FROM)
		put_troubles(index, &html);
	put_links(index, page, &html);
	if (index->count > 0)
		begin_table(&html);
	for (size_t i = first; i < index->count && i < first + PAGE_ROWS; i++)
		buf_put_str(&html, index->rows[i].html);
	if (index->count > 0)
		buf_put_str(&html, "</tbody>\n</table>\n");
	else
		buf_put_str(&html, "<p>No domain yet: <code>signpost add DOMAIN</code> starts "
				   "signing for one.</p>\n");
	put_links(index, page, &html);
	html_end(&html, r->op->now);
	page_name(page, name);
	int rc = buf_check(&html, name, err);
	if (rc == 0)
		rc = report_out_put(out, name, buf_slice(&html), err);
	buf_deinit(&html);
	return rc;
}

int
report_index_write(const struct report_index *index, const struct report *r, struct report_out *out,
    struct err *err)
{
	int rc = 0;

	/* the first one last: what it leads to is there */
	for (size_t page = (index->count + PAGE_ROWS - 1) / PAGE_ROWS; rc == 0 && page > 1; page--)
		rc = write_page(index, r, page - 1, out, err);
	return rc == 0 ? write_page(index, r, 0, out, err) : -1;
}
