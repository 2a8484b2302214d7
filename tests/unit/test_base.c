/* SPDX-License-Identifier: ISC */
/* The small things that everything stands on. */
#include "base/arena.h"
#include "base/base64.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
err_text_is_cut_and_defused(void **state)
{
	struct err e = ERR_INIT;
	char big[2 * ERR_TEXT_LEN];

	(void)state;
	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = '\0';
	assert_int_equal(err_set(&e, ERR_IO, "a\nb\033[1m%s", big), -1);
	assert_int_equal(strlen(e.text), ERR_TEXT_LEN - 1);
	assert_memory_equal(e.text, "a?b?[1m", 7);
	assert_int_equal(err_wrap(&e, "publish %s", "x"), -1);
	assert_int_equal(e.kind, ERR_IO);
	assert_memory_equal(e.text, "publish x: a?b", 14);
}

/* Foreign text is quoted on terminals: no escape sequence in whatever form, nothing that turns the line around. */
static void
utf8_defuse_table(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"", ""},
	    {"k\xc3\xb6nig \xf0\x9f\x93\xae", "k\xc3\xb6nig \xf0\x9f\x93\xae"},
	    {"a\033[1mb\x7f\n\tc", "a?[1mb???c"},
	    {"C1 \xc2\x9b"
	     "31m",
		"C1 ?31m"},
	    {"bare \x9b"
	     "31m",
		"bare ?31m"},
	    {"\xe2\x80\xae"
	     "ssap",
		"?ssap"},
	    {"\xe2\x81\xa6\xe2\x80\xa8", "??"},
	    {"cut \xe2\x80", "cut ??"},
	    {"\xff\xc0\xafx", "???x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[64];
		struct err e = ERR_INIT;
		snprintf(text, sizeof(text), "%s", rows[i].in);
		utf8_defuse(text);
		assert_string_equal(text, rows[i].want);
		err_set(&e, ERR_INPUT, "%s", rows[i].in);
		assert_string_equal(e.text, rows[i].want);
		snprintf(e.text, sizeof(e.text), "x");
		err_wrap(&e, "%s", rows[i].in);
		assert_memory_equal(e.text, rows[i].want, strlen(rows[i].want));
		assert_string_equal(e.text + strlen(rows[i].want), ": x");
	}
}

static void
slice_to_u64_limits(void **state)
{
	static const struct {
		const char *in;
		uint64_t max;
		bool ok;
		uint64_t want;
	} rows[] = {
	    {"0", 10, true, 0},
	    {"10", 10, true, 10},
	    {"11", 10, false, 0},
	    {"", 10, false, 0},
	    {"-1", 10, false, 0},
	    {" 1", 10, false, 0},
	    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	    {"18446744073709551616", UINT64_MAX, false, 0},
	    {"99999999999999999999999", UINT64_MAX, false, 0},
	    {"9", 5, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t v = 0;
		assert_int_equal(slice_to_u64(slice_of(rows[i].in), rows[i].max, &v), rows[i].ok);
		assert_int_equal(v, rows[i].want);
	}
}

static void
slice_helpers(void **state)
{
	char dst[4];
	size_t at = 99;

	(void)state;
	assert_true(slice_eq_str(slice_trim(slice_of(" \t\r\na b\n")), "a b"));
	assert_true(slice_ieq_str(slice_of("SuBject"), "subject"));
	assert_false(slice_ieq_str(slice_of("Subject:"), "subject"));
	assert_true(slice_has_suffix(slice_of("a.example"), slice_of(".example")));
	assert_false(slice_find(slice_of("abc"), 'x', &at));
	assert_int_equal(at, 99);
	assert_true(slice_to_str(slice_of("abc"), dst, sizeof dst));
	assert_false(slice_to_str(slice_of("abcd"), dst, sizeof dst));
	assert_false(slice_to_str(slice_new("a\0b", 3), dst, sizeof dst));
	assert_null(slice_strdup(slice_new("a\0b", 3)));
	assert_int_equal(slice_sub(slice_of("abc"), 2, 9).len, 1);
	assert_int_equal(slice_from(slice_of("abc"), 9).len, 0);
	assert_true(slice_cmp(slice_of("a"), slice_of("ab")) < 0);
}

static void
buf_cap_is_sticky(void **state)
{
	struct buf b;
	struct err e = ERR_INIT;

	(void)state;
	buf_init(&b, 5);
	buf_put_str(&b, "abc");
	buf_put_u64(&b, 100);
	buf_put_str(&b, "d");
	assert_int_equal(buf_check(&b, "the record", &e), -1);
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_string_equal(e.text, "the record is longer than 5 bytes");
	assert_string_equal(buf_str(&b), "abc");
	buf_clear(&b);
	buf_printf(&b, "%d%s", 12, "345");
	assert_int_equal(buf_check(&b, "x", &e), 0);
	assert_string_equal(buf_str(&b), "12345");
	buf_wipe(&b);
	assert_null(b.data);
	buf_deinit(&b);
}

static void
arena_cap_and_reuse(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 20000);
	struct slice kept = arena_copy(&a, slice_of("kept"));
	assert_string_equal((const char *)kept.ptr, "kept");
	assert_non_null(arena_alloc(&a, 12000));
	assert_true(slice_eq_str(kept, "kept"));
	assert_null(arena_alloc(&a, 9000));
	assert_null(arena_copy(&a, slice_new("x", SIZE_MAX / 2)).ptr);
	arena_clear(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 20000));
	arena_deinit(&a);
	arena_deinit(&a);
}

static void
base64_round_trip_and_refusals(void **state)
{
	static const struct {
		const char *in, *want; /* want NULL: refused */
	} rows[] = {{"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"},
	    {" Z m\t9\r\n v ", "foo"}, {"Zm9vYg==", "foob"}, {"Zg=", NULL}, {"Zg", NULL},
	    {"Z", NULL}, {"Zh==", NULL}, {"Zm9=", NULL}, {"Zg==Zg==", NULL}, {"Zm9v=", NULL},
	    {"Zm9v====", NULL}, {"Zm-v", NULL}, {"====", NULL}};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out, back;
		buf_init(&out, 100);
		buf_init(&back, 100);
		int rc = base64_decode(slice_of(rows[i].in), &out, &e);
		if (rows[i].want == NULL) {
			assert_int_equal(rc, -1);
		} else {
			assert_int_equal(rc, 0);
			assert_string_equal(buf_str(&out), rows[i].want);
			base64_encode(buf_slice(&out), &back);
			assert_int_equal(back.len, BASE64_LEN(out.len));
		}
		buf_deinit(&out);
		buf_deinit(&back);
	}
}

/* A socket's address there and back; a family that is none of ours is no address. */
static void
ip_sockaddr_round_trip(void **state)
{
	static const char *const rows[] = {"192.0.2.1", "2001:db8::1", "::1"};
	struct err e = ERR_INIT;
	struct sockaddr_storage ss = {.ss_family = AF_UNIX};
	struct ip_addr a, back;
	char text[IP_TEXT_LEN];
	uint16_t port = 9;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(ip_addr_parse(slice_of(rows[i]), &a, &e), 0);
		assert_true(ip_addr_to_sockaddr(&a, 25, &ss) > 0);
		ip_addr_from_sockaddr(&back, &port, (const struct sockaddr *)&ss);
		assert_int_equal(port, 25);
		ip_addr_format(&back, text);
		assert_string_equal(text, rows[i]);
	}
	ss.ss_family = AF_UNIX;
	ip_addr_from_sockaddr(&a, &port, (const struct sockaddr *)&ss);
	assert_int_equal(a.family, IP_NONE);
	ip_addr_format(&a, text);
	assert_string_equal(text, "-");
}

static void
ip_endpoint_split_table(void **state)
{
	static const struct {
		const char *in, *addr;
		int port; /* 7: none was given; -1: refused */
	} rows[] = {{"192.0.2.1", "192.0.2.1", 7}, {"192.0.2.1:25", "192.0.2.1", 25},
	    {"::1", "::1", 7}, {"[::1]:0", "::1", 0}, {"[::1]", "::1", 7}, {"[::1]25", "", -1},
	    {"192.0.2.1:", "", -1}, {"192.0.2.1:65536", "", -1}, {"", "", 7}, {"[::1", "[::1", 7}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slice addr;
		uint16_t port = 7;
		assert_int_equal(
		    ip_endpoint_split(slice_of(rows[i].in), &addr, &port), rows[i].port >= 0);
		if (rows[i].port < 0)
			continue;
		assert_true(slice_eq_str(addr, rows[i].addr));
		assert_int_equal(port, rows[i].port);
	}
}

static void
ip_prefix_table(void **state)
{
	static const struct {
		const char *prefix, *addr;
		int has; /* -1: the prefix is refused */
	} rows[] = {{"10.1.0.0/16", "10.1.2.3", 1}, {"10.1.0.0/16", "10.2.2.3", 0},
	    {"10.1.0.0/16", "::ffff:10.1.2.3", 1}, {"::ffff:10.1.0.1", "10.1.0.1", 1},
	    {"::ffff:10.1.0.0/112", "", -1}, {"10.1.0.1/16", "", -1},
	    {"2001:db8::/32", "2001:db8:1::1", 1}, {"2001:db8::/32", "2001:db9::1", 0},
	    {"0.0.0.0/0", "203.0.113.9", 1}, {"0.0.0.0/0", "::1", 0}, {"::/0", "10.0.0.1", 0},
	    {"192.0.2.1", "192.0.2.1", 1}, {"192.0.2.1", "192.0.2.2", 0}, {"10.0.0.0/33", "", -1},
	    {"10.0.0.0/", "", -1}, {"10.0/8", "", -1}, {"host.example", "", -1}, {"", "", -1},
	    {"10.128.0.0/9", "10.255.255.255", 1}, {"10.128.0.0/9", "10.127.255.255", 0}};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ip_prefix p;
		struct ip_addr a;
		int rc = ip_prefix_parse(slice_of(rows[i].prefix), &p, &e);
		assert_int_equal(rc, rows[i].has < 0 ? -1 : 0);
		if (rc != 0)
			continue;
		assert_int_equal(ip_addr_parse(slice_of(rows[i].addr), &a, &e), 0);
		assert_int_equal(ip_prefix_has(&p, &a), rows[i].has);
	}
	assert_int_equal(ip_prefix_parse(slice_of("10.1.2.3/16"), &(struct ip_prefix){0}, &e), -1);
	assert_non_null(strstr(e.text, "write 10.1.0.0/16"));
}

static void
ip_prefix_has_loopback_wide(void **state)
{
	static const struct {
		const char *prefix;
		bool want;
	} rows[] = {{"127.0.0.1", true}, {"127.0.0.0/8", true}, {"0.0.0.0/0", true}, {"::1", true},
	    {"::/0", true}, {"10.0.0.0/8", false}, {"2001:db8::/32", false}, {"64.0.0.0/2", true}};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ip_prefix p;
		assert_int_equal(ip_prefix_parse(slice_of(rows[i].prefix), &p, &e), 0);
		assert_int_equal(ip_prefix_has_loopback(&p), rows[i].want);
	}
}

/* What an outsider can put into a log line: nothing that ends it or forges a key. */
static void
log_line_escapes(void **state)
{
	struct log_line l;
	char longer[LOG_VALUE_MAX + 50];

	(void)state;
	log_line_begin(&l, slice_of(""), "unsigned");
	log_line_put_str(&l, "login", "a\nb \"x\" d=evil");
	log_line_put(&l, "from", slice_new("\xd0\xb0\0\\", 4));
	log_line_put_str(&l, "empty", "");
	l.text[l.len] = '\0';
	assert_string_equal(l.text,
	    "- unsigned login=\"a\\x0ab \\x22x\\x22 d=evil\" from=\\xd0\\xb0\\x00\\x5c empty=\"\"");
	memset(longer, 'y', sizeof longer);
	log_line_begin(&l, slice_of("Q"), "signed");
	log_line_put(&l, "k", slice_new(longer, sizeof longer));
	assert_int_equal(l.len, strlen("Q signed k=") + LOG_VALUE_MAX + 3);
	for (int i = 0; i < 20; i++)
		log_line_put(&l, "k", slice_new(longer, sizeof longer));
	assert_true(l.len < LOG_LINE_LEN);
}

/* A log pipe that nobody reads loses lines, and says how many; it never blocks. */
static void
log_full_pipe_drops(void **state)
{
	int fds[2], saved = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	log_open(LOG_TARGET_STDERR, "test");
	for (int i = 0; i < 5000; i++)
		log_msg(LOG_LEVEL_INFO, "line %d of a log that nobody reads", i);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	assert_true(log_dropped() > 0);
}

static void
ascii_hex_value_knows_digits_alone(void **state)
{
	static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
	size_t known = 0;

	(void)state;
	for (int i = 0; i < 32; i++)
		assert_int_equal(ascii_hex_value((uint8_t)DIGITS[i]), i % 16);
	for (int c = 0; c < 256; c++)
		known += ascii_hex_value((uint8_t)c) >= 0;
	assert_int_equal(known, 22);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ascii_hex_value_knows_digits_alone),
	    cmocka_unit_test(err_text_is_cut_and_defused),
	    cmocka_unit_test(utf8_defuse_table),
	    cmocka_unit_test(slice_to_u64_limits),
	    cmocka_unit_test(slice_helpers),
	    cmocka_unit_test(buf_cap_is_sticky),
	    cmocka_unit_test(arena_cap_and_reuse),
	    cmocka_unit_test(base64_round_trip_and_refusals),
	    cmocka_unit_test(ip_sockaddr_round_trip),
	    cmocka_unit_test(ip_endpoint_split_table),
	    cmocka_unit_test(ip_prefix_table),
	    cmocka_unit_test(ip_prefix_has_loopback_wide),
	    cmocka_unit_test(log_line_escapes),
	    cmocka_unit_test(log_full_pipe_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
