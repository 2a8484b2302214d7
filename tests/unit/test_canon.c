/* SPDX-License-Identifier: ISC */
#include "dkim/canon.h"
#include "dkim/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S(lit) SLICE_LIT(lit)
#define T(lit)                                                                                     \
	{                                                                                          \
		(const uint8_t *)("" lit), sizeof(lit) - 1                                         \
	} /* S for static tables */

static void
tap(void *arg, struct slice canonical)
{
	buf_put(arg, canonical);
}

struct outcome {
	struct buf text; /* canonical octets */
	uint8_t bh[CANON_BH_LEN];
	struct scan_lines lines;
	uint64_t raw_len, body_len;
};

/* Hashes the body in chunks of the given size, or of random sizes up to it when random is true. */
static void
run(enum canon_kind kind, struct slice body, size_t chunk_max, bool random_sizes, struct outcome *o)
{
	struct canon_body b;
	struct err err = ERR_INIT;

	buf_init(&o->text, 2 * body.len + 16);
	assert_int_equal(canon_body_init(&b, kind, &err), 0);
	b.tap = tap;
	b.tap_arg = &o->text;
	while (body.len > 0) {
		size_t n = random_sizes ? (size_t)rand() % (chunk_max + 1) : chunk_max;
		/* An exact copy on the heap, so that the sanitizer sees a read past the chunk. */
		struct slice part = slice_sub(body, 0, n);
		uint8_t *copy = malloc(part.len > 0 ? part.len : 1);
		assert_non_null(copy);
		memcpy(copy, part.ptr, part.len);
		assert_int_equal(canon_body_update(&b, slice_new(copy, part.len), &err), 0);
		free(copy);
		body = slice_from(body, part.len);
	}
	assert_int_equal(canon_body_finish(&b, o->bh, &err), 0);
	assert_int_equal(b.body_len, o->text.len);
	o->lines = b.lines;
	o->raw_len = b.raw_len;
	o->body_len = b.body_len;
	canon_body_deinit(&b);
}

/* The rules of RFC 6376 3.4.3 and 3.4.4 as they are written, line by line and octet by octet; shares no code
 * and no idea with the real one. */
static void
naive(enum canon_kind kind, struct slice body, struct buf *out)
{
	struct buf line, all;
	size_t keep = 0;

	buf_init(&line, body.len + 16);
	buf_init(&all, 2 * body.len + 16);
	for (size_t at = 0; at < body.len;) {
		size_t end = at;
		while (end < body.len &&
		       !(body.ptr[end] == '\r' && end + 1 < body.len && body.ptr[end + 1] == '\n'))
			end++;
		buf_clear(&line);
		for (size_t i = at; i < end; i++) {
			bool wsp = body.ptr[i] == ' ' || body.ptr[i] == '\t';
			if (kind == CANON_SIMPLE || !wsp)
				buf_put_byte(&line, body.ptr[i]);
			else if (line.len == 0 || line.data[line.len - 1] != ' ')
				buf_put_byte(&line, ' ');
		}
		if (kind == CANON_RELAXED && line.len > 0 && line.data[line.len - 1] == ' ')
			line.len--;
		buf_put(&all, buf_slice(&line));
		if (line.len > 0)
			keep = all.len;
		buf_put_str(&all, "\r\n");
		at = end + 2;
	}
	buf_put(out, slice_sub(buf_slice(&all), 0, keep));
	if (keep > 0 || kind == CANON_SIMPLE)
		buf_put_str(out, "\r\n");
	buf_deinit(&line);
	buf_deinit(&all);
}

static void
assert_naive(enum canon_kind kind, struct slice body, const struct outcome *o)
{
	struct buf want;
	struct err err = ERR_INIT;
	uint8_t bh[CANON_BH_LEN];

	buf_init(&want, 2 * body.len + 16);
	naive(kind, body, &want);
	assert_int_equal(o->text.len, want.len);
	if (want.len > 0)
		assert_memory_equal(o->text.data, want.data, want.len);
	assert_int_equal(sha256_digest(buf_slice(&want), bh, &err), 0);
	assert_memory_equal(o->bh, bh, sizeof bh);
	buf_deinit(&want);
}

static void
canon_body_table(void **state)
{
	static const struct {
		const char *name;
		struct slice in, relaxed, simple;
	} rows[] = {
	    {"RFC 6376 3.4.5", T(" C \r\nD \t E\r\n\r\n\r\n"), T(" C\r\nD E\r\n"),
		T(" C \r\nD \t E\r\n")},
	    {"empty", T(""), T(""), T("\r\n")},
	    {"one CRLF", T("\r\n"), T(""), T("\r\n")},
	    {"only CRLFs", T("\r\n\r\n\r\n"), T(""), T("\r\n")},
	    {"no final CRLF", T("abc"), T("abc\r\n"), T("abc\r\n")},
	    {"blank-only line", T(" \t\r\n"), T(""), T(" \t\r\n")},
	    {"blank-only, no CRLF", T("  "), T(""), T("  \r\n")},
	    {"blank-only lines at the end", T("a\r\n \r\n\t\r\n"), T("a\r\n"),
		T("a\r\n \r\n\t\r\n")},
	    {"blank-only line inside", T("a\r\n \r\nb\r\n"), T("a\r\n\r\nb\r\n"),
		T("a\r\n \r\nb\r\n")},
	    {"empty lines inside stay", T("a\r\n\r\n\r\nb\r\n"), T("a\r\n\r\n\r\nb\r\n"),
		T("a\r\n\r\n\r\nb\r\n")},
	    {"leading empty lines stay", T("\r\n\r\na\r\n"), T("\r\n\r\na\r\n"),
		T("\r\n\r\na\r\n")},
	    {"leading WSP is one SP", T("\t  a\r\n"), T(" a\r\n"), T("\t  a\r\n")},
	    {"HTAB alone is SP", T("a\tb\r\n"), T("a b\r\n"), T("a\tb\r\n")},
	    {"trailing WSP, no CRLF", T("a \t"), T("a\r\n"), T("a \t\r\n")},
	    {"bare CR", T("a\rb\r\n"), T("a\rb\r\n"), T("a\rb\r\n")},
	    {"bare CR at the end", T("a \r"), T("a \r\r\n"), T("a \r\r\n")},
	    {"only a CR", T("\r"), T("\r\r\n"), T("\r\r\n")},
	    {"CR CR LF", T("a\r\r\nb"), T("a\r\r\nb\r\n"), T("a\r\r\nb\r\n")},
	    {"bare LF", T("a\nb \n\n"), T("a\nb \n\n\r\n"), T("a\nb \n\n\r\n")},
	    {"LF CR LF", T("\n\r\n\r\n"), T("\n\r\n"), T("\n\r\n")},
	    {"VT and FF are text", T("a \v\f \r\n\f\r\n"), T("a \v\f\r\n\f\r\n"),
		T("a \v\f \r\n\f\r\n")},
	    {"NUL is text", T("a\0 \0\r\n"), T("a\0 \0\r\n"), T("a\0 \0\r\n")},
	    {"8-bit is text", T("\xa0 \xff\r\n"), T("\xa0 \xff\r\n"), T("\xa0 \xff\r\n")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t chunk = 1; chunk < 20; chunk++) {
			for (int k = 0; k < 2; k++) {
				struct slice want =
				    k == CANON_SIMPLE ? rows[i].simple : rows[i].relaxed;
				struct outcome o;
				run((enum canon_kind)k, rows[i].in, chunk, false, &o);
				if (!slice_eq(buf_slice(&o.text), want))
					fail_msg("%s, %s, chunks of %zu", rows[i].name,
					    canon_name((enum canon_kind)k), chunk);
				assert_naive((enum canon_kind)k, rows[i].in, &o);
				buf_deinit(&o.text);
			}
		}
	}
}

/* mode 0: nothing but the octets that matter; more: longer stretches of text between them. */
static void
random_body(struct buf *out, size_t len, unsigned mode)
{
	static const char NASTY[] = "\r\n \t\r\n\r\n  a\vz\0\x80";

	buf_clear(out);
	while (out->len < len) {
		if (mode == 0 || (unsigned)rand() % (8 * mode) == 0)
			buf_put_byte(out, (uint8_t)NASTY[(size_t)rand() % (sizeof NASTY - 1)]);
		else if ((unsigned)rand() % mode == 0)
			buf_put_str(out, (unsigned)rand() % 2 == 0 ? "\r\n" : "  ");
		else
			buf_put_byte(out, (uint8_t)('a' + rand() % 26));
	}
}

static void
check_random(struct slice body)
{
	static const size_t CHUNKS[] = {1, 2, 7, 63, 64, 65, 1024, 65535};

	for (int k = 0; k < 2; k++) {
		struct outcome whole, cut;
		run((enum canon_kind)k, body, body.len, false, &whole);
		assert_naive((enum canon_kind)k, body, &whole);
		for (size_t i = 0; i < 2 * sizeof CHUNKS / sizeof CHUNKS[0]; i++) {
			run((enum canon_kind)k, body, CHUNKS[i / 2], i % 2 == 1, &cut);
			assert_memory_equal(cut.bh, whole.bh, CANON_BH_LEN);
			assert_int_equal(cut.body_len, whole.body_len);
			assert_int_equal(cut.raw_len, body.len);
			assert_int_equal(cut.lines.line_len_max, whole.lines.line_len_max);
			assert_int_equal(cut.lines.has_8bit, whole.lines.has_8bit);
			buf_deinit(&cut.text);
		}
		buf_deinit(&whole.text);
	}
}

static void
canon_body_any_chunking_same_hash(void **state)
{
	static const unsigned MODES[] = {0, 1, 3, 20, 200, 2000};
	struct buf body;

	(void)state;
	srand(6376);
	buf_init(&body, 65536);
	for (unsigned round = 0; round < 120; round++) {
		unsigned mode = MODES[round % 6];
		random_body(&body, 1 + (size_t)rand() % (mode > 20 ? 12000 : 700), mode);
		check_random(buf_slice(&body));
	}
	buf_deinit(&body);
}

/* Time must not depend on what the body is made of: each of these is 4 MB. */
static void
canon_body_monotonous_is_linear(void **state)
{
	static const char *const UNITS[] = {
	    "\n", "\r", "\r\n", " ", "\t", " \r", " \r\n", "a \r\n", "\n \t", "a  ", "\n\r"};
	const size_t len = 4 << 20;
	struct buf body;

	(void)state;
	for (size_t u = 0; u < sizeof UNITS / sizeof UNITS[0]; u++) {
		buf_init(&body, len + 16);
		while (body.len < len)
			buf_put_str(&body, UNITS[u]);
		for (int k = 0; k < 2; k++) {
			struct outcome one, other;
			run((enum canon_kind)k, buf_slice(&body), len, false, &one);
			run((enum canon_kind)k, buf_slice(&body), 65535, false, &other);
			assert_memory_equal(one.bh, other.bh, CANON_BH_LEN);
			assert_naive((enum canon_kind)k, buf_slice(&body), &one);
			buf_deinit(&one.text);
			buf_deinit(&other.text);
		}
		buf_deinit(&body);
	}
}

static void
canon_body_len_max_cuts(void **state)
{
	struct canon_body b;
	struct err err = ERR_INIT;
	uint8_t bh[CANON_BH_LEN], want[CANON_BH_LEN];

	(void)state;
	for (uint64_t max = 0; max <= 12; max++) {
		assert_int_equal(canon_body_init(&b, CANON_RELAXED, &err), 0);
		b.body_len_max = max;
		assert_int_equal(canon_body_update(&b, S("ab  cd\r\n\r\nef"), &err), 0);
		assert_int_equal(canon_body_finish(&b, bh, &err), 0);
		assert_int_equal(b.body_len, max);
		assert_int_equal(
		    sha256_digest(slice_sub(S("ab cd\r\n\r\nef\r\n"), 0, (size_t)max), want, &err),
		    0);
		assert_memory_equal(bh, want, sizeof bh);
		canon_body_deinit(&b);
	}
}

static void
scan_lines_table(void **state)
{
	static const struct {
		size_t before, length;
		const char *end;
		uint64_t want;
	} rows[] = {
	    {0, 998, "\r\n", 0},
	    {0, 999, "\r\n", 999},
	    {0, 998, "\n", 0},
	    {0, 999, "\n", 999},
	    {0, 998, "\r", 0},
	    {0, 999, "", 999},
	    {500, 998, "\r\n", 0},
	    {500, 999, "\r\nabc\r\n", 999},
	    {5000, 20, "\r\n", 5000},
	    {900, 100, "\r\n", 0},
	    {999, 2000, "\r\nx", 2000},
	};
	char text[8192];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf b;
		buf_init(&b, sizeof text);
		memset(text, 'x', sizeof text);
		if (rows[i].before > 0) {
			buf_put(&b, slice_new(text, rows[i].before));
			buf_put_str(&b, "\r\n");
		}
		buf_put(&b, slice_new(text, rows[i].length));
		buf_put_str(&b, rows[i].end);
		for (size_t chunk = 1; chunk < b.len + 100; chunk += chunk < 70 ? 1 : 97) {
			struct scan_lines l = {0, 0, false, false};
			for (size_t at = 0; at < b.len; at += chunk)
				scan_lines_update(&l, slice_sub(buf_slice(&b), at, chunk));
			assert_int_equal(l.line_len_max, rows[i].want);
			assert_false(l.has_8bit);
		}
		buf_deinit(&b);
	}
	/* An 8-bit octet is seen wherever it stands. */
	for (size_t at = 0; at < 200; at++) {
		struct scan_lines l = {0, 0, false, false};
		memset(text, 'x', sizeof text);
		text[at] = (char)0x80;
		scan_lines_update(&l, slice_new(text, 200));
		assert_true(l.has_8bit);
	}
}

static void
canon_header_table(void **state)
{
	static const struct {
		const char *name, *value, *relaxed;
	} rows[] = {
	    {"A", " X", "a:X\r\n"}, /* RFC 6376 3.4.5 */
	    {"B ", " Y\t\r\n\tZ  ", "b:Y Z\r\n"},
	    {"H", " value\t", "h:value\r\n"},
	    {"x\t", " \t\t\tz", "x:z\r\n"},
	    {"Subject", "\r\n folded at once", "subject:folded at once\r\n"},
	    {"Subject", "\r\n\t\r\n twice", "subject:twice\r\n"},
	    {"Subject", "a\r\n b\r\n\tc", "subject:a b c\r\n"},
	    {"Subject", " a \r\n ", "subject:a\r\n"},
	    {"Subject", "", "subject:\r\n"},
	    {"Subject", " \t ", "subject:\r\n"},
	    {"Subject", "a  \t b", "subject:a b\r\n"},
	    {"X", "a\vb\f ", "x:a\vb\f\r\n"},
	    {"X", " a\rb\nc\r", "x:a\rb\nc\r\r\n"},
	    {"X-\xc3\x84", " \xc3\xa4  ", "x-\xc3\x84:\xc3\xa4\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slice name = slice_of(rows[i].name), value = slice_of(rows[i].value);
		struct buf out, simple;
		buf_init(&out, 4096);
		buf_init(&simple, 4096);
		canon_header(CANON_RELAXED, name, value, &out);
		assert_string_equal(buf_str(&out), rows[i].relaxed);
		buf_printf(&simple, "%s:%s\r\n", rows[i].name, rows[i].value);
		buf_clear(&out);
		canon_header(CANON_SIMPLE, name, value, &out);
		assert_string_equal(buf_str(&out), buf_str(&simple));
		buf_deinit(&out);
		buf_deinit(&simple);
	}
}

static void
canon_header_long_name(void **state)
{
	char name[200];
	struct buf out;

	(void)state;
	memset(name, 'N', sizeof name);
	buf_init(&out, 4096);
	canon_header(CANON_RELAXED, slice_new(name, sizeof name), S(" v"), &out);
	assert_int_equal(out.len, sizeof name + 4);
	for (size_t i = 0; i < sizeof name; i++)
		assert_int_equal(out.data[i], 'n');
	buf_deinit(&out);
}

static void
canon_names(void **state)
{
	enum canon_kind kind;

	(void)state;
	assert_true(canon_from_name(S("Simple"), &kind));
	assert_int_equal(kind, CANON_SIMPLE);
	assert_true(canon_from_name(S("relaxed"), &kind));
	assert_int_equal(kind, CANON_RELAXED);
	assert_false(canon_from_name(S("nofws"), &kind));
	assert_string_equal(canon_name(CANON_SIMPLE), "simple");
	assert_string_equal(canon_name(CANON_RELAXED), "relaxed");
}

static void
canon_body_deinit_in_any_state(void **state)
{
	struct canon_body b;
	struct err err = ERR_INIT;

	(void)state;
	memset(&b, 0, sizeof b);
	canon_body_deinit(&b);
	assert_int_equal(canon_body_init(&b, CANON_SIMPLE, &err), 0);
	canon_body_deinit(&b);
	canon_body_deinit(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(canon_body_table),
	    cmocka_unit_test(canon_body_any_chunking_same_hash),
	    cmocka_unit_test(canon_body_monotonous_is_linear),
	    cmocka_unit_test(canon_body_len_max_cuts),
	    cmocka_unit_test(scan_lines_table),
	    cmocka_unit_test(canon_header_table),
	    cmocka_unit_test(canon_header_long_name),
	    cmocka_unit_test(canon_names),
	    cmocka_unit_test(canon_body_deinit_in_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
