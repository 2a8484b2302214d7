/* SPDX-License-Identifier: ISC */
/* Zone files: the serial is found in every form and nothing else is changed; our included file; serial arithmetic. */
#include "keys/zone_include.h"
#include "keys/zone_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INCLUDE "/var/lib/signpost/a.dkim"

static void
scan_serial_is_found_and_nothing_else_changes(void **state)
{
	static const struct {
		const char *name, *before, *after; /* % stands for the serial; after: text behind it */
	} rows[] = {
	    {"one line", "@ IN SOA ns1 host ", " 60 60 60 60\n"},
	    {"no class, TTL", "@ 3600 SOA ns1 host ", " 60 60 60 60\n"},
	    {"TTL with units before the class", "a.test. 1h30m IN SOA ns1 host ", " 1 1 1 1\n"},
	    {"class before the TTL, lower case", "a.test. in 60 soa ns1 host ", " 1 1 1 1"},
	    {"parentheses over lines", "@ IN SOA ns1. host. (\n\t\t", " ; serial\n\t\t60\n60 60 60 )\n"},
	    {"parentheses before the names", "@ IN SOA ( ns1.\n host.\n ", "\n60 60 60 60)\n"},
	    {"parentheses without blanks", "@ IN SOA ns1 host(", " 60 60 60 60)\n"},
	    {"comments with parentheses and quotes", "; ( \" 1 SOA a b 3\n@ IN SOA ns1 host ( ; (\"\n ", "; )\n 1 1 1 1 )\n"},
	    {"no owner", "$ORIGIN a.test.\n$TTL 60\n IN SOA ns1 host ", " 1 1 1 1\n"},
	    {"owner named SOA before it", "$TTL 60\nsoa A 192.0.2.1\n@ SOA ns1 host ", " 1 1 1 1\nsoa2 NS SOA\n"},
	    {"numbers elsewhere", "x TXT \"@ IN SOA ns1 host 5 1 1 1\"\n@ IN SOA 10.ns 20.host ", " 5 5 5 5\n7 A 192.0.2.7\n"},
	    {"quoted blanks and escapes", "a TXT \"a ; ( b\" c\\;d \\\"\n@ IN SOA ns1 host\\.master ", " 1 1 1 1\n"},
	    {"CRLF", "@ IN SOA ns1 host (\r\n ", " ; serial\r\n 1 1 1 1 )\r\n"},
	    {"empty lines", "\n\n   \n@ SOA ns1 host ", " 1 1 1 1\n\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512], want[512];
		struct zone_text z;
		struct err err = ERR_INIT;
		struct buf out;
		snprintf(text, sizeof(text), "%s4294967295%s", rows[i].before, rows[i].after);
		snprintf(want, sizeof(want), "%s8%s", rows[i].before, rows[i].after);
		if (zone_text_scan(slice_of(text), INCLUDE, &z, &err) != 0)
			fail_msg("%s: %s", rows[i].name, err.text);
		assert_int_equal(z.serial, UINT32_MAX);
		assert_int_equal(z.include_span.len, 0);
		buf_init(&out, 1024);
		zone_text_put(slice_of(text), &z, 8, NULL, &out);
		if (strcmp(buf_str(&out), want) != 0)
			fail_msg("%s: %s", rows[i].name, buf_str(&out));
		buf_deinit(&out);
	}
}

static void
scan_without_a_plain_soa_fails(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"", "there is no SOA record"},
	    {"; @ SOA ns host 1 1 1 1 1\n", "there is no SOA record"},
	    {"SOA A 192.0.2.1\n", "there is no SOA record"},
	    {"@ SOA ns host one 1 1 1 1\n", "line 1: the SOA record has no serial"},
	    {"$TTL 1\n@ SOA ns host 4294967296 1 1 1 1\n", "line 2: the SOA record has no serial"},
	    {"@ SOA ns\n", "has no serial"},
	    {"@ SOA ns host -1 1 1 1 1", "has no serial"},
	    {"@ SOA ns host 1 1 1 1 1\n\n@ SOA ns host 1 1 1 1 1\n", "line 3: a second SOA"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_text z;
		struct err err = ERR_INIT;
		if (zone_text_scan(slice_of(rows[i].text), INCLUDE, &z, &err) != -1 || strstr(err.text, rows[i].words) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void
scan_include_is_found(void **state)
{
	static const struct {
		const char *line, *want; /* NULL: is another file */
	} rows[] = {
	    {"$INCLUDE " INCLUDE, "$INCLUDE /new"},
	    {"$include\t\"" INCLUDE "\" ; ours", "$include\t\"/new\" ; ours"},
	    {"$INCLUDE a.dkim a.test.", "$INCLUDE /new a.test."},
	    {"$INCLUDE signpost/a.dkim", "$INCLUDE /new"},
	    {"$INCLUDE dkim", NULL},
	    {"$INCLUDE /signpost/a.dkim", NULL},
	    {"$INCLUDE /other/a.dkim", NULL},
	    {"; $INCLUDE a.dkim", NULL},
	    {"x TXT $INCLUDE a.dkim", NULL},
	    {"$INCLUDE", NULL},
	};
	static const char soa[] = "@ SOA ns host 7 1 1 1 1";
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = rows[i / 2].line, *want = rows[i / 2].want;
		bool before = i % 2 == 0;
		char text[256], wanted[256];
		struct zone_text z;
		struct err err = ERR_INIT;
		struct buf out;
		snprintf(text, sizeof(text), "%s\n%s\n", before ? line : soa, before ? soa : line);
		assert_int_equal(zone_text_scan(slice_of(text), INCLUDE, &z, &err), 0);
		if ((z.include_span.len > 0) != (want != NULL))
			fail_msg("%s", line);
		buf_init(&out, 1024);
		zone_text_put(slice_of(text), &z, 8, "/new", &out);
		snprintf(wanted, sizeof(wanted), "%s\n%s\n", before ? (want == NULL ? line : want) : "@ SOA ns host 8 1 1 1 1",
		    before ? "@ SOA ns host 8 1 1 1 1" : want == NULL ? line : want);
		assert_string_equal(buf_str(&out), wanted);
		buf_deinit(&out);
	}
}

#define NOON_2026_11_22 INT64_C(1795348800)

static void
serial_goes_up_by_rfc1982(void **state)
{
	static const struct {
		uint32_t serial, want;
	} rows[] = {
	    {0, 1}, {7, 8}, {UINT32_MAX, 1}, {UINT32_C(1) << 31, (UINT32_C(1) << 31) + 1},
	    {2026112100, 2026112201}, {2026112200, 2026112201}, {2026112201, 2026112202}, {2026112299, 2026112300},
	    {2026112305, 2026112306}, /* ahead of today: one more */
	    {2026139999, 2026140000}, {1969010100, 1969010101}, {2026110000, 2026110001}, /* no dates */
	    {1999010100, 2026112201},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t next = zone_serial_next(rows[i].serial, NOON_2026_11_22);
		assert_int_equal(next, rows[i].want);
		assert_true(zone_serial_is_before(rows[i].serial, next));
		assert_false(zone_serial_is_before(next, rows[i].serial));
	}
	assert_false(zone_serial_is_before(5, 5));
	assert_true(zone_serial_is_before(UINT32_MAX, 0));
	assert_false(zone_serial_is_before(0, UINT32_C(1) << 31)); /* RFC 1982 3.2: undefined, so not */
}

#define HEAD "; signpost writes this file whole: what others add here stops it.\n"

static void
include_is_written_sorted_and_read_back(void **state)
{
	char text[601];
	struct zone_include z, again;
	struct err err = ERR_INIT;
	struct buf out, second;
	size_t count;
	(void)state;
	memset(text, 'x', 600);
	text[600] = '\0';
	text[254] = '"';
	text[255] = '\\';
	zone_include_init(&z);
	assert_int_equal(zone_include_parse(slice_of(""), &z, &err), 0);
	assert_int_equal(zone_include_set(&z, "b.a.test", "short", 60, &err), 0);
	assert_int_equal(zone_include_set(&z, "a.a.test", text, 3600, &err), 0);
	assert_int_equal(zone_include_set(&z, "c.a.test", "", 0, &err), 0);
	assert_int_equal(zone_include_set(&z, "b.a.test", "other", 60, &err), 0);
	z.has_serial = true;
	z.serial = 42;
	buf_init(&out, 65536);
	zone_include_format(&z, &out);
	const char *begin = HEAD "; serial 42\na.a.test. 3600 IN TXT \"xxx";
	assert_memory_equal(buf_str(&out), begin, strlen(begin));
	assert_non_null(strstr(buf_str(&out), "x\\\"\" \"\\\\x"));
	assert_non_null(strstr(buf_str(&out), "\nb.a.test. 60 IN TXT \"other\"\nc.a.test. 0 IN TXT \"\"\n"));
	zone_include_init(&again);
	if (zone_include_parse(buf_slice(&out), &again, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(again.count, 3);
	assert_int_equal(again.serial, 42);
	assert_string_equal(zone_include_find(&again, "A.a.test", &count)->text, text);
	assert_int_equal(count, 1);
	assert_null(zone_include_find(&again, "d.a.test", &count));
	assert_int_equal(zone_include_set(&again, "b.a.test", NULL, 0, &err), 0);
	assert_int_equal(again.count, 2);
	assert_int_equal(zone_include_set(&again, "b.a.test", "other", 60, &err), 0);
	buf_init(&second, 65536);
	zone_include_format(&again, &second);
	assert_string_equal(buf_str(&second), buf_str(&out));
	buf_deinit(&out);
	buf_deinit(&second);
	zone_include_deinit(&z);
	zone_include_deinit(&again);
}

static void
include_of_others_is_not_ours(void **state)
{
	static const char *const rows[] = {
	    "\n",
	    "a.test. 60 IN TXT \"x\"\n",
	    "; signpost writes this file whole\n",
	    HEAD "; a comment\n",
	    HEAD "; serial x\n",
	    HEAD "; serial 4294967296\n",
	    HEAD "\n",
	    HEAD "a.test. 60 IN A 192.0.2.1\n",
	    HEAD "a.test 60 IN TXT \"x\"\n",
	    HEAD "a.test. IN TXT \"x\"\n",
	    HEAD "a.test.  60 IN TXT \"x\"\n",
	    HEAD "a.test. 60 IN TXT x\n",
	    HEAD "a.test. 60 IN TXT \"x\n",
	    HEAD "a.test. 60 IN TXT \"x\" ; c\n",
	    HEAD "a.test. 60 IN TXT \"x\"\"y\"\n",
	    HEAD "a.test. 60 IN TXT \"x\" \n",
	    HEAD "a.test. 60 IN TXT \"\\120\"\n",
	    HEAD "a.test. 60 IN TXT \"x\\",
	    HEAD "*.a.test. 60 IN TXT \"x\"\n",
	    HEAD ". 60 IN TXT \"x\"\n",
	    HEAD "a.test. 2147483648 IN TXT \"x\"\n",
	    HEAD "a.test. 60 IN TXT\n",
	    HEAD "$INCLUDE other\n",
	    HEAD "a.test. 60 IN TXT \"x\"\r\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_include z;
		struct err err = ERR_INIT;
		zone_include_init(&z);
		if (zone_include_parse(slice_of(rows[i]), &z, &err) != -1 || err.kind != ERR_INPUT || strncmp(err.text, "line ", 5) != 0)
			fail_msg("row %zu: %s", i, err.text);
		zone_include_deinit(&z);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scan_serial_is_found_and_nothing_else_changes),
	    cmocka_unit_test(scan_without_a_plain_soa_fails),
	    cmocka_unit_test(scan_include_is_found),
	    cmocka_unit_test(serial_goes_up_by_rfc1982),
	    cmocka_unit_test(include_is_written_sorted_and_read_back),
	    cmocka_unit_test(include_of_others_is_not_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
