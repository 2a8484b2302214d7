/* SPDX-License-Identifier: ISC */
/* Zone files: the serial is found in every form and nothing else is changed; our included file; serial arithmetic. */
#include "keys/publisher.h"
#include "keys/zone_include.h"
#include "keys/zone_text.h"
#include "tests/unit/said.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

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

#define NAME "s1._domainkey.a.test"
#define KEY  "v=DKIM1; p=one"
#define ZONE "@ IN SOA ns1 host 5 1 1 1 1\n$INCLUDE a.dkim\n"
#define HELD HEAD NAME ". 60 IN TXT \"" KEY "\"\n"
#define LONG "v=DKIM1; p=0123456789012345678901234567890123456789012345678901234567890123456789"

/* A publisher's zone file, its included file, its commands, one change; and what is said of it. */
struct change_row {
	const char *text, *situation; /* in the text * stands for what differs */
	int result;		      /* -1: it cannot even be tried */
	const char *old_text, *new_text;
	const char *zone, *include;  /* as they are before; NULL: not there */
	const char *check, *reload;  /* NULL: well */
	bool is_full;		     /* what is longer than the other file cannot be written */
};

static const struct change_row CHANGES[] = {
    {NAME ": written to */a.dkim", "a new record", PUBLISH_DONE, NULL, KEY, ZONE, NULL, NULL, NULL, false},
    {NAME ": removed from */a.dkim", "a record goes", PUBLISH_DONE, KEY, NULL, ZONE, HELD, NULL, NULL, false},
    {NAME ": is so already in */a.dkim", "the last pass ended before it was noted", PUBLISH_DONE, NULL, KEY, ZONE, HELD, NULL, NULL,
	false},
    {NAME ": */a.dkim holds 2 records of that name; nothing was changed: keep one", "a line was copied", PUBLISH_FOREIGN, KEY, NULL, ZONE,
	HELD NAME ". 60 IN TXT \"other\"\n", NULL, NULL, false},
    {NAME ": */a.dkim holds \"" KEY "\", which is not what signpost put there; nothing was changed", "a record of someone else's",
	PUBLISH_FOREIGN, "v=DKIM1; p=two", NULL, ZONE, HELD, NULL, NULL, false},
    {NAME ": */a.dkim holds no record of that name, which is not what signpost put there; nothing was changed", "someone took it out",
	PUBLISH_FOREIGN, KEY, "v=DKIM1; p=", ZONE, HEAD, NULL, NULL, false},
    {NAME ": */a.dkim: line 1: is not signpost's first line; signpost writes that file whole, so it was left alone: name another file, "
	  "or move the lines into the zone file",
	"the file is the zone's own", PUBLISH_FOREIGN, NULL, KEY, ZONE, ZONE, NULL, NULL, false},
    {NAME ": */a.dkim: line 2: is no record that signpost writes; signpost writes that file whole, so it was left alone: name another "
	  "file, or move the lines into the zone file",
	"a line was added by hand", PUBLISH_FOREIGN, NULL, KEY, ZONE, HEAD "www.a.test. 60 IN A 192.0.2.1\n", NULL, NULL, false},
    {NAME ": */a.dkim: line 2: has no serial; signpost writes that file whole, so it was left alone: name another file, or move the lines "
	  "into the zone file",
	"its serial was changed by hand", PUBLISH_FOREIGN, NULL, KEY, ZONE, HEAD "; serial five\n", NULL, NULL, false},
    {NAME ": */zone does not read */a.dkim; add the line: $INCLUDE */a.dkim", "the line is not in the zone file yet", PUBLISH_REFUSED,
	NULL, KEY, "@ IN SOA ns1 host 5 1 1 1 1\n", NULL, NULL, NULL, false},
    {NAME ": */zone: there is no SOA record whose serial could be raised", "another file than the zone's", PUBLISH_REFUSED, NULL, KEY,
	"$INCLUDE a.dkim\n", NULL, NULL, NULL, false},
    {NAME ": */zone: line 1: the SOA record has no serial where RFC 1035 wants it", "a serial that a template is to fill in",
	PUBLISH_REFUSED, NULL, KEY, "@ IN SOA ns1 host SERIAL 1 1 1 1\n", NULL, NULL, NULL, false},
    {NAME ": */zone: line 2: a second SOA record", "two zones in a file", PUBLISH_REFUSED, NULL, KEY,
	"@ IN SOA ns1 host 5 1 1 1 1\nb.test. IN SOA ns1 host 5 1 1 1 1\n", NULL, NULL, NULL, false},
    {NAME ": the new content did not pass the check, so nothing was replaced: /bin/sh: exit status 1: bad owner name", "the checker's no",
	PUBLISH_REFUSED, NULL, KEY, ZONE, NULL, "echo bad owner name; exit 1", NULL, false},
    {NAME ": the new content did not pass the check, so nothing was replaced: /bin/sh: killed by signal 9 (Killed)", "the checker crashes",
	PUBLISH_TEMPORARY, NULL, KEY, ZONE, NULL, "kill -9 $$", NULL, false},
    {NAME ": it is in the file, but the server was not told: /bin/sh: exit status 1: connect failed", "the server is down",
	PUBLISH_TEMPORARY, NULL, KEY, ZONE, NULL, NULL, "echo connect failed >&2; exit 1", false},
    {NAME ": */zone: someone else changed it just now; nothing was replaced", "an editor, while the checker ran", PUBLISH_TEMPORARY, NULL,
	KEY, ZONE, NULL, "echo >>${0%/*}/zone", NULL, false},
    {NAME ": */a.dkim could not be put back (*): */zone: someone else changed it just now; nothing was replaced",
	"and the disk is full since", PUBLISH_TEMPORARY, LONG, NULL, ZONE, HEAD NAME ". 60 IN TXT \"" LONG "\"\n",
	"echo >>${0%/*}/zone", NULL, true},
};

static char dir[] = "/tmp/signpost-test-XXXXXX", zone_path[64], include_path[64];

static void
write_file(const char *path, const char *text)
{
	unlink(path);
	if (text == NULL)
		return;
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

static int
change_row(const struct change_row *row, char text[static ERR_TEXT_LEN])
{
	static char name[] = "dns", shell[] = "/bin/sh", option[] = "-c", well[] = "exit 0", file[] = "%file";
	char check_text[80], reload_text[80];
	char *check[] = {shell, option, check_text, zone_path, file}, *reload[] = {shell, option, reload_text, zone_path};
	struct publisher_conf conf = {.name = name, .type = PUBLISHER_ZONE_FILE, .timeout_ms = 20000, .file = include_path,
	    .zone_file = zone_path, .check = check, .check_count = 5, .reload = reload, .reload_count = 4};
	struct publish_change c = {.zone = "a.test", .owner = NAME, .old_text = row->old_text, .new_text = row->new_text, .ttl_s = 60};
	struct publish_outcome o;
	struct rlimit before, small;
	struct err err = ERR_INIT;
	snprintf(check_text, sizeof(check_text), "%s", row->check != NULL ? row->check : well);
	snprintf(reload_text, sizeof(reload_text), "%s", row->reload != NULL ? row->reload : well);
	write_file(zone_path, row->zone);
	write_file(include_path, row->include);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	if (row->is_full)
		small.rlim_cur = strlen(row->include) - 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int rc = publisher_change(&conf, &c, 1, &o, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	snprintf(text, ERR_TEXT_LEN, "%s", rc == 0 ? o.text : err.text);
	return rc == 0 ? (int)o.result : -1;
}

static void
change_each_row_is_said(void **state)
{
	char text[ERR_TEXT_LEN];
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_non_null(mkdtemp(dir));
	snprintf(zone_path, sizeof(zone_path), "%s/zone", dir);
	snprintf(include_path, sizeof(include_path), "%s/a.dkim", dir);
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		int result = change_row(&CHANGES[i], text);
		if (result != CHANGES[i].result || !said_fits(CHANGES[i].text, text))
			fail_msg("%s: result %d, wanted %d; it says\n%s", CHANGES[i].situation, result, CHANGES[i].result, text);
	}
	unlink(zone_path);
	unlink(include_path);
	assert_int_equal(rmdir(dir), 0);
}

/* What a configuration may not say. */
struct refused_row {
	const char *text, *situation;
	const char *file;
	size_t words; /* of reload */
};

static const struct refused_row REFUSED[] = {
    {"publisher dns: \"a.dkim\" is not an absolute path", "a path from nowhere", "a.dkim", 1},
    {"publisher dns: a command has more than 31 words", "a command without an end", "/a.dkim", 32},
};

static void
refused_each_row_is_said(void **state)
{
	static char name[] = "dns", shell[] = "/bin/sh";
	char *reload[32], file[16];
	(void)state;
	for (size_t i = 0; i < sizeof(reload) / sizeof(reload[0]); i++)
		reload[i] = shell;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct publisher_conf conf = {.name = name, .type = PUBLISHER_ZONE_FILE, .timeout_ms = 1000, .file = file, .reload = reload,
		    .reload_count = REFUSED[i].words};
		struct err err = ERR_INIT;
		snprintf(file, sizeof(file), "%s", REFUSED[i].file);
		assert_int_equal(publisher_check(&conf, &err), -1);
		assert_string_equal(err.text, REFUSED[i].text);
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
	    cmocka_unit_test(change_each_row_is_said),
	    cmocka_unit_test(refused_each_row_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
