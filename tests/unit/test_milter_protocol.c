/* SPDX-License-Identifier: ISC */
#include "milter/macros.h"
#include "milter/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A literal with its NULs, without the one that C puts behind it. */
#define OCTETS(lit) {(const uint8_t *)("" lit), sizeof(lit) - 1}

static void
protocol_head_lengths(void **state)
{
	static const struct {
		struct slice in;
		int rc;
		bool is_whole;
		uint8_t command;
		size_t data_len;
	} ROWS[] = {
	    {OCTETS(""), 0, false, 0, 0},
	    {OCTETS("\0\0\0"), 0, false, 0, 0},
	    {OCTETS("\0\0\0\1"), 0, false, 0, 0},
	    {OCTETS("\0\0\0\1A"), 0, true, 'A', 0},
	    {OCTETS("\0\0\0\3BxyZ"), 0, true, 'B', 2},
	    {OCTETS("\0\20\0\0L"), 0, true, 'L', 0xfffff},
	    {OCTETS("\0\20\0\1L"), -1, false, 0, 0},
	    {OCTETS("\0\0\0\0"), -1, false, 0, 0},
	    {OCTETS("\200\0\0\1B"), -1, false, 0, 0},
	    {OCTETS("\377\377\377\377B"), -1, false, 0, 0},
	    {OCTETS("GET / HTTP/1.1"), -1, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct protocol_head head;
		struct err err = ERR_INIT;

		assert_int_equal(protocol_head(ROWS[i].in, &head, &err), ROWS[i].rc);
		assert_int_equal(err.kind, ROWS[i].rc == 0 ? ERR_NONE : ERR_INPUT);
		assert_int_equal(head.is_whole, ROWS[i].is_whole);
		assert_int_equal(head.command, ROWS[i].command);
		assert_int_equal(head.data_len, ROWS[i].data_len);
	}
}

static void
protocol_options_lengths_and_versions(void **state)
{
	static const struct {
		struct slice data;
		int rc;
		struct protocol_options want;
	} ROWS[] = {
	    {OCTETS("\0\0\0\6\0\0\1\377\0\37\377\377"), 0, {6, 0x1ff, 0x1fffff}},
	    {OCTETS("\0\0\0\2\0\0\0\77\0\0\0\177"), 0, {2, 0x3f, 0x7f}},
	    {OCTETS("\0\0\0\7\0\0\0\1\377\377\377\377and more"), 0, {7, 1, 0xffffffff}},
	    {OCTETS("\0\0\0\1\0\0\0\77\0\0\0\177"), -1, {0}},
	    {OCTETS("\0\0\0\6\0\0\1\377\0\37\377"), -1, {0}},
	    {OCTETS(""), -1, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct protocol_options o;
		struct err err = ERR_INIT;

		assert_int_equal(protocol_options(ROWS[i].data, &o, &err), ROWS[i].rc);
		if (ROWS[i].rc != 0)
			continue;
		assert_int_equal(o.version, ROWS[i].want.version);
		assert_int_equal(o.actions, ROWS[i].want.actions);
		assert_int_equal(o.steps, ROWS[i].want.steps);
	}
}

static void
protocol_connect_families(void **state)
{
	static const struct {
		struct slice data;
		int rc;
		const char *addr;
		uint16_t port;
	} ROWS[] = {
	    {OCTETS("mail.test\0004\0\31" "192.0.2.1\0"), 0, "192.0.2.1", 25},
	    {OCTETS("localhost\0004\0\000127.0.0.1\0"), 0, "127.0.0.1", 0},
	    {OCTETS("h\0006\377\377" "2001:db8::1\0"), 0, "2001:db8::1", 65535},
	    {OCTETS("h\0006\0\1IPv6:2001:db8::2\0"), 0, "2001:db8::2", 1},
	    {OCTETS("h\0006\0\1ipv6:::ffff:192.0.2.1\0"), 0, "192.0.2.1", 1},
	    {OCTETS("h\0006\0\1fe80::1%eth0\0"), 0, "-", 0},
	    {OCTETS("h\0004\0\1nonsense\0"), 0, "-", 0},
	    {OCTETS("h\0004\0\1\0"), 0, "-", 0},
	    {OCTETS("h\0L\0\0/run/x\0"), 0, "-", 0},
	    {OCTETS("h\0U"), 0, "-", 0},
	    {OCTETS("h\0?"), 0, "-", 0},
	    {OCTETS("h\0"), -1, "-", 0},
	    {OCTETS("h"), -1, "-", 0},
	    {OCTETS(""), -1, "-", 0},
	    {OCTETS("h\0004"), -1, "-", 0},
	    {OCTETS("h\0004\0"), -1, "-", 0},
	    {OCTETS("h\0004\0\1"), -1, "-", 0},
	    {OCTETS("h\0004\0\1" "192.0.2.1"), -1, "-", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct protocol_peer peer;
		struct err err = ERR_INIT;
		char text[IP_TEXT_LEN];

		assert_int_equal(protocol_connect(ROWS[i].data, &peer, &err), ROWS[i].rc);
		if (ROWS[i].rc != 0)
			continue;
		ip_addr_format(&peer.addr, text);
		assert_string_equal(text, ROWS[i].addr);
		assert_int_equal(peer.port, ROWS[i].port);
	}
}

static void
protocol_header_ends(void **state)
{
	static const struct {
		struct slice data;
		int rc;
		const char *name, *value;
	} ROWS[] = {
	    {OCTETS("From\0 a@x.test\0"), 0, "From", " a@x.test"},
	    {OCTETS("X\0\0"), 0, "X", ""},
	    {OCTETS("\0\0"), 0, "", ""},
	    {OCTETS("From\0 a@x.test"), -1, NULL, NULL},
	    {OCTETS("From\0"), -1, NULL, NULL},
	    {OCTETS("From"), -1, NULL, NULL},
	    {OCTETS(""), -1, NULL, NULL},
	    {OCTETS("From\0 a\0b\0"), -1, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const char *name = NULL, *value = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(
		    protocol_header(ROWS[i].data, &name, &value, &err), ROWS[i].rc);
		if (ROWS[i].rc != 0)
			continue;
		assert_string_equal(name, ROWS[i].name);
		assert_string_equal(value, ROWS[i].value);
	}
}

static void
protocol_macro_names(void **state)
{
	struct slice data = OCTETS("M{auth_type}\0PLAIN\0i\0Q1\0{j}\0host\0{empty}\0\0{i}\0second\0");
	static const struct {
		const char *name, *value;
	} ROWS[] = {{"auth_type", "PLAIN"}, {"i", "Q1"}, {"j", "host"}, {"empty", ""},
	    {"auth_authen", NULL}, {"{auth_type}", NULL}, {"", NULL}};
	struct err err = ERR_INIT;
	struct slice pairs;
	uint8_t command;

	(void)state;
	assert_int_equal(protocol_macros(data, &command, &pairs, &err), 0);
	assert_int_equal(command, 'M');
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const char *value = protocol_macro(pairs, ROWS[i].name);

		if (ROWS[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, ROWS[i].value);
	}
}

static void
protocol_macros_bad_refused(void **state)
{
	static const struct slice ROWS[] = {OCTETS(""), OCTETS("Mi"), OCTETS("Mi\0"),
	    OCTETS("Mi\0Q"), OCTETS("Mi\0Q\0{j}\0"), OCTETS("Mi\0Q\0{j}\0x")};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct err err = ERR_INIT;
		struct slice pairs;
		uint8_t command;

		assert_int_equal(protocol_macros(ROWS[i], &command, &pairs, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
	}
}

static void
protocol_put_as_octets(void **state)
{
	static const struct slice WANT =
	    OCTETS("\0\0\0\1c\0\0\0\25i\0\0\0\7DKIM\0 v=1;\n\ta\0\22\64\0\0\0\4B");
	struct buf b;
	size_t at;

	(void)state;
	buf_init(&b, 4096);
	protocol_plain(&b, SMFIR_CONTINUE);
	at = protocol_begin(&b, SMFIR_INSHEADER);
	protocol_put_u32(&b, 7);
	protocol_put_string(&b, SLICE_LIT("DKIM"));
	protocol_put_string(&b, SLICE_LIT(" v=1;\n\ta"));
	protocol_put_u16(&b, 0x1234);
	protocol_end(&b, at);
	protocol_put_head(&b, SMFIC_BODY, 3);
	assert_int_equal(b.len, WANT.len);
	assert_memory_equal(b.data, WANT.ptr, WANT.len);
	buf_deinit(&b);
}

/* A packet that does not fit leaves the error behind, and no half of a length. */
static void
protocol_put_beyond_the_cap(void **state)
{
	struct err err = ERR_INIT;
	struct buf b;
	size_t at;

	(void)state;
	buf_init(&b, 8);
	at = protocol_begin(&b, SMFIR_REPLYCODE);
	protocol_put_string(&b, SLICE_LIT("451 4.7.1"));
	protocol_end(&b, at);
	assert_int_equal(buf_check(&b, "answer", &err), -1);
	buf_deinit(&b);
}

static void
take(struct macros *m, struct slice data)
{
	struct err err = ERR_INIT;

	assert_int_equal(macros_take(m, data, &err), 0);
}

static void
macros_hold_for_their_use(void **state)
{
	static const struct slice LOGIN = OCTETS("M{auth_type}\0PLAIN\0{auth_authen}\0a@x.test\0i\0Q1\0");
	static const struct slice BARE = OCTETS("M{mail_addr}\0a@x.test\0");
	static const struct slice ID = OCTETS("Ti\0Q2\0"), CLIENT = OCTETS("C{daemon_name}\0mx\0");
	struct macros m = {.daemon_name = ""};

	(void)state;
	take(&m, CLIENT);
	take(&m, LOGIN);
	assert_string_equal(macros_get(m.daemon_name), "mx");
	assert_string_equal(macros_get(m.auth_type), "PLAIN");
	assert_string_equal(macros_get(m.auth_authen), "a@x.test");
	assert_string_equal(macros_get(m.queue_id), "Q1");
	macros_use_client(&m);
	macros_use_login(&m);
	assert_null(macros_get(m.daemon_name));
	assert_null(macros_get(m.auth_type));
	assert_null(macros_get(m.auth_authen));
	take(&m, ID);
	assert_string_equal(macros_get(m.queue_id), "Q2");
	take(&m, LOGIN);
	take(&m, BARE); /* replaces the list that came for the same command */
	assert_null(macros_get(m.auth_type));
	assert_null(macros_get(m.auth_authen));
	assert_null(macros_get(m.queue_id));
	take(&m, LOGIN);
	macros_forget_message(&m);
	assert_null(macros_get(m.auth_authen));
	assert_null(macros_get(m.queue_id));
}

static void
macros_of_other_commands_are_no_login(void **state)
{
	static const struct slice HELO = OCTETS("H{auth_type}\0PLAIN\0{auth_authen}\0a@x.test\0");
	static const struct slice MAIL = OCTETS("M{daemon_name}\0submission\0");
	struct macros m = {.daemon_name = ""};

	(void)state;
	take(&m, HELO);
	take(&m, MAIL);
	assert_null(macros_get(m.auth_type));
	assert_null(macros_get(m.auth_authen));
	assert_null(macros_get(m.daemon_name));
}

/* A login that is too long still is none of the table's; a part of a daemon's name could be another daemon's. */
static void
macros_too_long(void **state)
{
	char packet[2048];
	struct macros m = {.daemon_name = ""};
	int head = snprintf(packet, sizeof(packet), "M{auth_authen}") + 1;

	(void)state;
	memset(packet + head, 'a', 1000);
	packet[head + 1000] = '\0';
	take(&m, slice_new(packet, (size_t)head + 1001));
	assert_int_equal(strlen(m.auth_authen), TABLE_LOGIN_LEN_MAX + 1);
	head = snprintf(packet, sizeof(packet), "C{daemon_name}") + 1;
	memset(packet + head, 'a', sizeof(m.daemon_name));
	packet[(size_t)head + sizeof(m.daemon_name)] = '\0';
	take(&m, slice_new(packet, (size_t)head + sizeof(m.daemon_name) + 1));
	assert_null(macros_get(m.daemon_name));
	packet[(size_t)head + sizeof(m.daemon_name) - 1] = '\0';
	take(&m, slice_new(packet, (size_t)head + sizeof(m.daemon_name)));
	assert_int_equal(strlen(m.daemon_name), sizeof(m.daemon_name) - 1);
}

int
main(void)
{
	static const struct CMUnitTest TESTS[] = {
	    cmocka_unit_test(protocol_head_lengths),
	    cmocka_unit_test(protocol_options_lengths_and_versions),
	    cmocka_unit_test(protocol_connect_families),
	    cmocka_unit_test(protocol_header_ends),
	    cmocka_unit_test(protocol_macro_names),
	    cmocka_unit_test(protocol_macros_bad_refused),
	    cmocka_unit_test(protocol_put_as_octets),
	    cmocka_unit_test(protocol_put_beyond_the_cap),
	    cmocka_unit_test(macros_hold_for_their_use),
	    cmocka_unit_test(macros_of_other_commands_are_no_login),
	    cmocka_unit_test(macros_too_long),
	};

	return cmocka_run_group_tests_name("milter protocol", TESTS, NULL, NULL);
}
