/* SPDX-License-Identifier: ISC */
/* report_html.h - the frame of a page, and text in it.  No script, nothing from elsewhere; the style is in the page.
 *
 *	html_begin(&out, "example.com", stamp);
 *	buf_put_str(&out, "<p>");
 *	html_text(&out, "what a server said: <b>");
 *	buf_put_str(&out, "</p>\n");
 *	html_end(&out, now);
 *
 * Threads: localtime_r(3)'s. */
#ifndef SIGNPOST_SIGNPOST_REPORT_HTML_H
#define SIGNPOST_SIGNPOST_REPORT_HTML_H

#include "base/buf.h"

/* How our pages begin, up to the stamp: what does not begin so is foreign. */
extern const char HTML_MARK[];

void html_begin(struct buf *, const char *title, int64_t stamp);
void html_end(struct buf *, int64_t now);
/* Text, or the value of an attribute.  Controls, what turns the direction of writing, and what is no UTF-8 are
 * replaced. */
void html_text(struct buf *, const char *);
/* "2026-11-22 14:02" as <time>; NEVER: "-". */
void html_time(struct buf *, int64_t at);
void html_day(struct buf *, int64_t at);       /* without the hour */
void html_plain_day(struct buf *, int64_t at); /* the same without an element, as within SVG; NEVER: nothing */

#endif
