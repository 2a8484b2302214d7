/* SPDX-License-Identifier: ISC */
#include "signpost/report_html.h"
#include "base/utf8.h"
#include "keys/key_state.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define REPLACED "\xef\xbf\xbd" /* U+FFFD */

const char HTML_MARK[] = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta name=\"generator\" content=\"signpost report\">\n<!-- run ";

/* Marks of a key's bar differ in height and not in colour alone. */
static const char STYLE[] =
    "<style>\n"
    ":root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--"
    "box:#f6f8fa;"
    "--good:#1a7f37;--warn:#8a5a00;--bad:#c0202b;--wait:#0757b8;--link:#0757b8}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--text:#e6edf3;--soft:#a3adb8;--"
    "line:#343b44;"
    "--box:#171c23;--good:#46c15a;--warn:#e0a52b;--bad:#ff8078;--wait:#6cb0ff;--link:#7ab8ff}}\n"
    "@media "
    "print{:root{--ground:#fff;--text:#000;--soft:#333;--line:#999;--box:#fff;--good:#1a7f37;"
    "--warn:#8a5a00;--bad:#c0202b;--wait:#0757b8;--link:#000}svg{print-color-adjust:exact}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--ground);color:var(--text);"
    "font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    "h3{font-size:1rem;margin:1.25rem 0 .25rem}p{margin:.5rem 0}\n"
    "a{color:var(--link)}code,h3,.name{font-family:ui-monospace,monospace}\n"
    ".soft,footer{color:var(--soft)}footer{margin-top:2.5rem;font-size:.875rem;"
    "border-top:1px solid var(--line);padding-top:.5rem}\n"
    ".is{font-weight:600;white-space:nowrap}.is::before{content:\"\";display:inline-block;width:."
    "6em;"
    "height:.6em;border-radius:50%;background:currentColor;margin-right:.4em}\n"
    ".Verified{color:var(--good)}.Pending{color:var(--wait)}.TemporaryFailure,.warning{color:var(--"
    "warn)}.Failed{color:var(--bad)}\n"
    ".note{background:var(--box);border:1px solid var(--line);border-left:.25rem solid var(--warn);"
    "padding:.5rem .75rem}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}th{color:var(--soft);"
    "font-weight:600;white-space:nowrap}table.rows "
    "td:first-child{overflow-wrap:break-word}\n"
    "time{white-space:nowrap}dl{display:grid;grid-template-columns:7rem 1fr;gap:.15rem .75rem;"
    "margin:.25rem 0}dt{color:var(--soft)}dd{margin:0}\n"
    "ul.plain{list-style:none;padding:0;margin:.5rem 0}ul.plain li{padding:.15rem 0}"
    "ul.legend li{display:inline-block;margin-right:1.25rem}\n"
    "figure{margin:.5rem 0}svg{display:block;width:100%;overflow:hidden}"
    "ul.legend svg{display:inline-block;width:1.75rem;vertical-align:middle}\n"
    "svg text{font:12px "
    "ui-monospace,monospace;fill:var(--text);paint-order:stroke;stroke:var(--ground);stroke-width:"
    "4px}svg .axis,svg "
    ".told{fill:var(--soft)}"
    "svg line{stroke:var(--line)}svg .now{stroke:var(--bad);stroke-dasharray:3 3}"
    "\n"
    ".sep{display:none}.k-published{fill:var(--wait)}.k-active{fill:var(--good)}"
    ".k-retired{fill:var(--warn)}.k-revoked{fill:var(--soft)}\n"
    "@media (max-width:44rem){table.rows,table.rows tbody,table.rows tr,table.rows "
    "td{display:block}"
    "table.rows thead{display:none}table.rows tr{padding:.5rem 0;border-bottom:1px solid var(--"
    "line)}"
    "table.rows td:first-child{overflow-wrap:anywhere}"
    "table.rows td{border:0;padding:.05rem 0}table.rows td.none{display:none}table.rows "
    "td[data-label]::before{content:attr(data-"
    "label)\": \";color:var(--soft)}"
    "dl{grid-template-columns:1fr}dd{margin:0 0 .35rem}}\n"
    "</style>\n";

void
html_begin(struct buf *out, const char *title, int64_t stamp)
{
	buf_printf(out, "%s%" PRId64 " -->\n", HTML_MARK, stamp);
	buf_put_str(out,
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	    "'unsafe-inline'\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_text(out, title);
	buf_put_str(out, " - DKIM</title>\n");
	buf_put_str(out, STYLE);
	buf_put_str(out, "</head>\n<body>\n");
}

void
html_end(struct buf *out, int64_t now)
{
	time_t t = (time_t)now;
	char zone[16] = "";
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(zone, sizeof(zone), "%Z", &tm) == 0)
		zone[0] = '\0';
	buf_put_str(out, "<footer>Made by <code>signpost report</code> at ");
	html_time(out, now);
	buf_put_str(out, ", times are ");
	html_text(out, zone);
	buf_put_str(out, ". What is told was so then.</footer>\n</body>\n</html>\n");
}

static const char *
entity_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
html_text(struct buf *out, const char *text)
{
	struct slice rest = slice_of(text);
	uint32_t c;

	while (rest.len > 0) {
		size_t len = utf8_decode(rest, &c);
		const char *entity = len == 0 ? NULL : entity_of(c);
		if (entity != NULL)
			buf_put_str(out, entity);
		else if (len == 0 || !utf8_is_shown(c))
			buf_put_str(out, REPLACED);
		else
			buf_put(out, slice_sub(rest, 0, len));
		rest = slice_from(rest, len == 0 ? 1 : len);
	}
}

/* The first so many octets of year to minute. */
static void
put_time(struct buf *out, int64_t at, int len)
{
	time_t t = (time_t)at;
	char utc[32], local[32];
	struct tm tm;

	if (at == NEVER || gmtime_r(&t, &tm) == NULL ||
	    strftime(utc, sizeof(utc), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 ||
	    localtime_r(&t, &tm) == NULL ||
	    strftime(local, sizeof(local), "%Y-%m-%d %H:%M", &tm) == 0)
		buf_put_str(out, "-");
	else
		buf_printf(out, "<time datetime=\"%s\">%.*s</time>", utc, len, local);
}

void
html_time(struct buf *out, int64_t at)
{
	put_time(out, at, (int)strlen("2026-11-22 14:02"));
}

void
html_day(struct buf *out, int64_t at)
{
	put_time(out, at, (int)strlen("2026-11-22"));
}

void
html_plain_day(struct buf *out, int64_t at)
{
	time_t t = (time_t)at;
	char day[16];
	struct tm tm;

	if (at != NEVER && localtime_r(&t, &tm) != NULL &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0)
		buf_put_str(out, day);
}
