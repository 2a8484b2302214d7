/* SPDX-License-Identifier: ISC */
/* Text for terminals and pages: what is foreign stays text, what is long is broken and never cut, what is others' stays. */
#include "base/file.h"
#include "signpost/report.h"
#include "signpost/report_html.h"
#include "signpost/report_svg.h"
#include "signpost/terminal.h"
#include "signpost/ticks.h"

#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define NOW INT64_C(1795305600) /* 22 Nov 2026 */
#define DAY INT64_C(86400)

static const struct {
	const char *text, *want;
} ESCAPED[] = {
    {"plain", "plain"},
    {"<script>alert(\"x\")</script>", "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"},
    {"a & b's", "a &amp; b&#39;s"},
    {"b\xc3\xbc" "cher", "b\xc3\xbc" "cher"},
    {"\x01\x1b[31m", "\xef\xbf\xbd\xef\xbf\xbd[31m"},
    {"\xc2\x85", "\xef\xbf\xbd"},
    {"\xe2\x80\xae" "gpj.exe", "\xef\xbf\xbd" "gpj.exe"},
    {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"two\nlines", "two\nlines"},
};

static void
html_text_escapes(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(ESCAPED) / sizeof(ESCAPED[0]); i++) {
		struct buf out;
		buf_init(&out, 4096);
		html_text(&out, ESCAPED[i].text);
		assert_string_equal(buf_str(&out), ESCAPED[i].want);
		buf_deinit(&out);
	}
}

static void
html_time_of_never(void **state)
{
	struct buf out;
	(void)state;

	buf_init(&out, 4096);
	html_time(&out, NEVER);
	html_plain_day(&out, NEVER);
	html_day(&out, NOW);
	assert_string_equal(buf_str(&out), "-<time datetime=\"2026-11-22T00:00:00Z\">2026-11-22</time>");
	buf_deinit(&out);
}

static void
report_page_name_fits_a_file_system(void **state)
{
	char domain[DOMAIN_LEN_MAX + 1], a[REPORT_NAME_LEN], b[REPORT_NAME_LEN];
	(void)state;

	report_page_name("example.com", a);
	assert_string_equal(a, "domain-example.com.html");
	memset(domain, 'a', DOMAIN_LEN_MAX);
	domain[DOMAIN_LEN_MAX] = '\0';
	report_page_name(domain, a);
	domain[DOMAIN_LEN_MAX - 1] = 'b';
	report_page_name(domain, b);
	assert_string_not_equal(a, b);
	assert_true(strlen(a) < 255 && strstr(a, ".html") != NULL);
}

/* What a hook's program said is for the keeper; what a name server said is for everybody. */
static void
report_put_open_leaves_out_programs(void **state)
{
	static const char rest[] = ": the rest is shown to the keeper only: sudo signpost log a.test";
	static const struct {
		const char *text, *open;
		bool all;
	} rows[] = {{"s._domainkey.a.test: the hook says: done: token 7", "s._domainkey.a.test", false},
	    {"revoked; s._domainkey.a.test: /opt/my hook: ended with 1: token 7", "revoked; s._domainkey.a.test", false},
	    {"tried 2 times, again in 1h: s._domainkey.a.test: /opt/hook: token: /7", "tried 2 times, again in 1h: s._domainkey.a.test", false},
	    {"s._domainkey.a.test: /opt/hook: the hook: the hook says: token 7", "s._domainkey.a.test", false},
	    {"s._domainkey.a.test: 192.0.2.1 port 53: REFUSED: this key may not", "", true},
	    {"s._domainkey.a.test: /etc/zone holds it", "", true},
	    {"/var/lib/signpost/keys/a.test/s.pem: cannot open: Permission denied", "", true},
	    {"", "", true}};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[512];
		struct buf out;
		buf_init(&out, 4096);
		report_put_open("a.test", rows[i].text, &out);
		snprintf(want, sizeof(want), "%s%s", rows[i].all ? rows[i].text : rows[i].open, rows[i].all ? "" : rest);
		assert_string_equal(buf_str(&out), want);
		buf_deinit(&out);
	}
}

static const struct {
	unsigned width, used, indent;
	const char *text, *want;
} WRAPPED[] = {
    {0, 0, 4, "as long as it is", "as long as it is"},
    {30, 0, 4, "one two three four five six seven", "one two three four five six\n    seven"},
    {30, 28, 4, "one two", "\n    one two"},
    {30, 0, 0, "a-word-that-is-longer-than-the-line-is then", "a-word-that-is-longer-than-the-line-is\nthen"},
    {30, 0, 2, "kept  blanks", "kept  blanks"},
    {30, 0, 2, "broken at  the  blanks of it  away", "broken at  the  blanks of it\n  away"},
    {30, 0, 2, "two\nlines", "two\n  lines"},
    {20, 0, 8, "too narrow to be of any use at all", "too narrow to be of any use at all"},
    {30, 0, 0, "b\xc3\xbc" "cher b\xc3\xbc" "cher b\xc3\xbc" "cher b\xc3\xbc" "ch", "b\xc3\xbc" "cher b\xc3\xbc" "cher b\xc3\xbc" "cher b\xc3\xbc" "ch"},
    {0, 0, 0, "\x1b[31mred\x07\xc2\x9b\xff", "?[31mred???"},
    {30, 0, 0, "\x1b[31mred \ttab", "?[31mred  tab"},
};

static void
terminal_wrap_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(WRAPPED) / sizeof(WRAPPED[0]); i++) {
		const struct terminal t = {.width = WRAPPED[i].width};
		struct buf out;
		buf_init(&out, 4096);
		terminal_wrap(&t, (struct terminal_room){WRAPPED[i].used, WRAPPED[i].indent}, WRAPPED[i].text, &out);
		assert_string_equal(buf_str(&out), WRAPPED[i].want);
		buf_deinit(&out);
	}
}

static void
terminal_wrap_command_goes_on(void **state)
{
	const struct terminal t = {.width = 30};
	struct buf out;
	(void)state;

	buf_init(&out, 4096);
	terminal_wrap_command(&t, (struct terminal_room){0, 2}, "dig +norec @192.0.2.1 TXT name.example.", &out);
	assert_string_equal(buf_str(&out), "dig +norec @192.0.2.1 TXT \\\n  name.example.");
	buf_deinit(&out);
}

static void
terminal_rows(void **state)
{
	const struct terminal wide = {.width = 100}, narrow = {.width = 60}, pipe = {.width = 0}, color = {.color = true};
	struct terminal_row row = {.cells = {"name", "word", "what is to be said of it, at length"},
	    .widths = {20, 16},
	    .count = 3,
	    .fold = 2,
	    .inked = 1,
	    .ink = INK_BAD};
	struct buf out;
	(void)state;

	buf_init(&out, 4096);
	terminal_put_row(&wide, &row, &out);
	terminal_put_row(&narrow, &row, &out);
	row.cells[0] = "a-name-that-is-longer-than-its-column-is-wide";
	terminal_put_row(&narrow, &row, &out);
	terminal_put_row(&pipe, &row, &out);
	row.cells[0] = "name";
	terminal_put_row(&color, &row, &out);
	assert_string_equal(buf_str(&out),
	    "name                  word              what is to be said of it, at length\n"
	    "name                  word\n    what is to be said of it, at length\n"
	    "a-name-that-is-longer-than-its-column-is-wide  word\n    what is to be said of it, at length\n"
	    "a-name-that-is-longer-than-its-column-is-wide  word              what is to be said of it, at length\n"
	    "name                  \033[31mword\033[0m              what is to be said of it, at length\n");
	buf_deinit(&out);
}

static void
ticks_are_round(void **state)
{
	static const struct {
		int64_t span;
		double most;
		const char *first, *second;
	} rows[] = {{3600, 8, "00:00", "00:15"}, {2 * DAY, 8, "00:00", "06:00"}, {7 * DAY, 8, "22 Nov", "23 Nov"},
	    {200 * DAY, 8, "Nov", "Dec"}, {400 * DAY, 8, "Oct 2026", "Jan 2027"}, {2000 * DAY, 8, "2026", "2027"}};
	struct tick ticks[TICKS_MAX];
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct tick_span span = {NOW, NOW + rows[i].span, rows[i].most};
		size_t count = ticks_make(&span, ticks);
		assert_true(count >= 2 && (double)count <= rows[i].most + 2);
		assert_true(ticks[0].at <= NOW && ticks[1].at > NOW);
		assert_string_equal(ticks[0].label, rows[i].first);
		assert_string_equal(ticks[1].label, rows[i].second);
	}
}

/* One key in each state, and one that is over. */
static void
svg_shows_what_is_within(void **state)
{
	struct store_key keys[2];
	struct forecast f = {.keys = NULL};
	struct lives l = {.from = NOW - 100 * DAY, .now = NOW, .until = NOW + 100 * DAY};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;

	memset(keys, 0, sizeof(keys));
	for (int i = 0; i < 2; i++) {
		snprintf(keys[i].selector, sizeof(keys[i].selector), "sel%d", i);
		key_facts_init(&keys[i].facts);
		keys[i].facts.at[FACT_PUBLISHED] = NOW - (i == 0 ? 50 : 300) * DAY;
	}
	keys[0].facts.at[FACT_ACTIVATED] = NOW - 30 * DAY;
	keys[0].facts.at[FACT_RETIRED] = NOW + 50 * DAY;
	keys[1].facts.at[FACT_REMOVED] = NOW - 200 * DAY;
	assert_int_equal(lives_init(&l, keys, 2, &f, &err), 0);
	assert_int_equal(l.count, 1);
	buf_init(&out, 65536);
	svg_timeline(&l, "a.test", &out);
	assert_non_null(strstr(buf_str(&out), "<rect class=\"k-published\" x=\"25.00%\" width=\"10.00%\""));
	assert_non_null(strstr(buf_str(&out), "<rect class=\"k-active\" x=\"35.00%\" width=\"40.00%\""));
	assert_non_null(strstr(buf_str(&out), "<rect class=\"k-retired\" x=\"75.00%\" width=\"25.00%\""));
	assert_null(strstr(buf_str(&out), "k-revoked"));
	assert_non_null(strstr(buf_str(&out), "sel0 rsa <tspan class=\"told\">signs until 2027-01-11</tspan>"));
	buf_deinit(&out);
	lives_deinit(&l);
}

static void
report_out_leaves_what_is_foreign(void **state)
{
	char dir[] = "/tmp/test_report.XXXXXX", path[64];
	struct report_out out;
	struct err err = ERR_INIT;
	struct buf page, read;
	(void)state;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(report_out_open(&out, dir, &err), 0);
	buf_init(&page, 65536);
	html_begin(&page, "t", out.stamp);
	assert_int_equal(report_out_put(&out, "index.html", buf_slice(&page), &err), 0);
	assert_int_equal(report_out_put(&out, "old.html", buf_slice(&page), &err), 0);
	snprintf(path, sizeof(path), "%s/foreign.html", dir);
	assert_int_equal(file_create(path, slice_of("mine"), 0644, &err), 0);
	assert_int_equal(report_out_put(&out, "foreign.html", buf_slice(&page), &err), -1);
	assert_non_null(strstr(err.text, "is no page of signpost report"));
	report_out_close(&out);

	assert_int_equal(report_out_open(&out, dir, &err), 0);
	buf_clear(&page);
	html_begin(&page, "t", out.stamp);
	assert_int_equal(report_out_put(&out, "index.html", buf_slice(&page), &err), 0);
	assert_int_equal(report_out_tidy(&out, &err), 0);
	assert_int_equal(faccessat(out.fd, "index.html", F_OK, 0), 0);
	assert_int_equal(faccessat(out.fd, "old.html", F_OK, 0), -1);
	buf_init(&read, 65536);
	assert_int_equal(file_read(path, &read, &err), 0);
	assert_string_equal(buf_str(&read), "mine");
	assert_int_equal(unlinkat(out.fd, "index.html", 0), 0);
	assert_int_equal(unlinkat(out.fd, "foreign.html", 0), 0);
	report_out_close(&out);
	assert_int_equal(rmdir(dir), 0);
	buf_deinit(&page);
	buf_deinit(&read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(html_text_escapes),
	    cmocka_unit_test(html_time_of_never),
	    cmocka_unit_test(report_page_name_fits_a_file_system),
	    cmocka_unit_test(report_put_open_leaves_out_programs),
	    cmocka_unit_test(terminal_wrap_table),
	    cmocka_unit_test(terminal_wrap_command_goes_on),
	    cmocka_unit_test(terminal_rows),
	    cmocka_unit_test(ticks_are_round),
	    cmocka_unit_test(svg_shows_what_is_within),
	    cmocka_unit_test(report_out_leaves_what_is_foreign),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
