/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "milter/client.h"
#include "tests/unit/said.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A milter of one connection, by script: for each command a raw answer, and a note of all that came. */
struct script {
	uint32_t protocol;	 /* what it asks for */
	const char *symbols;	 /* list of macros wanted at MAIL; NULL: none */
	bool symbols_cut; /* without the end of the text */
	const char *commands;	 /* for these ... */
	struct slice answers[8]; /* ... these packets, in the same order */
	bool close_at_mail;
	bool drips;		 /* at the end it says for 3 s that it is at work */
	const char *negotiation; /* instead of negotiating: this command, or "" to close */
};

struct milter {
	const struct script *script;
	char dir[32], path[64];
	int listener;
	pthread_t thread;
	char seen
	    [4096]; /* a letter per command; macros as D and the command; header and body text in () */
	size_t seen_len;
};

static bool
read_all(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, to, len, 0);
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

static void
note(struct milter *m, const char *text, size_t len)
{
	for (size_t i = 0; i < len && m->seen_len + 1 < sizeof m->seen; i++)
		m->seen[m->seen_len++] = text[i] == '\0' ? '|' : text[i];
}

static void
put_u32(uint8_t *to, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void
negotiate(struct milter *m, int fd)
{
	uint8_t packet[256] = {0};
	const char *symbols = m->script->symbols;
	size_t len = 17;

	packet[4] = 'O';
	put_u32(packet + 5, 6);
	put_u32(packet + 9, 1);
	put_u32(packet + 13, m->script->protocol);
	if (symbols != NULL) {
		put_u32(packet + len, 2);
		memcpy(packet + len + 4, symbols, strlen(symbols) + 1);
		len += 4 + strlen(symbols) + (m->script->symbols_cut ? 0 : 1);
	}
	put_u32(packet, (uint32_t)len - 4);
	send(fd, packet, len, MSG_NOSIGNAL);
}

static bool
is_unanswered(uint32_t protocol, char command)
{
	static const struct {
		char command;
		uint32_t bit;
	} BITS[] = {{'L', 0x80}, {'C', 0x1000}, {'H', 0x2000}, {'M', 0x4000}, {'R', 0x8000},
	    {'T', 0x10000}, {'N', 0x40000}, {'B', 0x80000}};

	for (size_t i = 0; i < sizeof BITS / sizeof BITS[0]; i++)
		if (BITS[i].command == command)
			return (protocol & BITS[i].bit) != 0;
	return command == 'A' || command == 'D' || command == 'Q';
}

static void
drip(int fd)
{
	const struct timespec pause = {.tv_nsec = 50000000};

	for (int i = 0; i < 60; i++) {
		if (send(fd, "\0\0\0\1p", 5, MSG_NOSIGNAL) != 5)
			return;
		nanosleep(&pause, NULL);
	}
}

static void
answer(struct milter *m, int fd, char command)
{
	const char *at = strchr(m->script->commands, command);

	if (m->script->drips && command == 'E')
		drip(fd);
	if (at != NULL) {
		struct slice s = m->script->answers[at - m->script->commands];
		send(fd, s.ptr, s.len, MSG_NOSIGNAL);
	} else {
		send(fd, "\0\0\0\1c", 5, MSG_NOSIGNAL);
	}
}

static void *
run_milter(void *arg)
{
	struct milter *m = arg;
	uint8_t head[5], data[70000];
	int fd = accept(m->listener, NULL, NULL);

	while (fd >= 0 && read_all(fd, head, 5)) {
		size_t len = ((size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]) - 1;
		char command = (char)head[4];
		if (len > sizeof data || !read_all(fd, data, len))
			break;
		if (command == 'O' && m->script->negotiation != NULL) {
			const uint8_t packet[] = {0, 0, 0, 1, (uint8_t)m->script->negotiation[0]};
			if (packet[4] != '\0')
				send(fd, packet, sizeof packet, MSG_NOSIGNAL);
			break;
		}
		if (command == 'O') {
			negotiate(m, fd);
			continue;
		}
		note(m, &command, 1);
		if (len > 0) {
			note(m, "(", 1);
			note(m, (const char *)data, len);
			note(m, ")", 1);
		}
		if (command == 'M' && m->script->close_at_mail)
			break;
		if (!is_unanswered(m->script->protocol, command))
			answer(m, fd, command);
	}
	close(fd);
	return NULL;
}

static void
milter_start(struct milter *m, const struct script *script)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	*m = (struct milter){.script = script, .dir = "/tmp/test-client-XXXXXX"};
	assert_non_null(mkdtemp(m->dir));
	snprintf(m->path, sizeof m->path, "%s/s", m->dir);
	memcpy(sa.sun_path, m->path, strlen(m->path) + 1);
	m->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(m->listener, (const struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(m->listener, 4), 0);
	assert_int_equal(pthread_create(&m->thread, NULL, run_milter, m), 0);
}

static void
milter_stop(struct milter *m)
{
	pthread_join(m->thread, NULL);
	close(m->listener);
	unlink(m->path);
	rmdir(m->dir);
	m->seen[m->seen_len] = '\0';
}

/* Why a milter could not be asked, as explain and doctor tell it. */
static const struct said_row SAID[] = {
    {"*: cannot connect: No such file or directory; is the milter running, and is this its socket?", "no socket"},
    {"*: cannot connect: Connection refused; nobody listens there: is the milter running?", "nobody listens"},
    {"*: cannot connect: Connection timed out; it takes no connection: does the milter hang?", "its queue is full"},
    {"*: cannot connect: Permission denied; this user may not open the socket: is it in the socket's group?", "the mode of the socket"},
    {"*: cannot connect: *; is the milter running, and may this user open its socket?", "any other error"},
    {"inet:8891: not inet:PORT@HOST", "the address has no host"},
    {"*: no milter's address; it is unix:/PATH or inet:PORT@HOST", "the address is none"},
    {"*: the path of a UNIX socket has at most * octets", "the path is too long"},
    {"*: no answer within 500 ms", "it is silent"},
    {"*: the milter closed the connection without an answer", "it closes"},
    {"*: an answer of * octets: that is no milter", "another protocol"},
    {"*: answer 0x5a is none of the milter protocol", "another protocol"},
    {"*: a header insertion does not parse", "a damaged answer"},
    {"*: the milter refuses to negotiate; its log says why", "SMFIR_REJECT or _TEMPFAIL to the options"},
    {"*: the milter closed the connection instead of negotiating; its log says why", "it closes at once"},
    {"*: does not negotiate: that is no milter", "another answer to the options"},
    {"*: wants what was not offered: actions 0x* of 0x*, protocol 0x* of 0x*", "options"},
    {"*: the list of macros wanted does not parse", "options: a damaged list"},
};

static const struct milter_macro MAIL_MACROS[] = {
    {"{auth_type}", "PLAIN"}, {"{auth_authen}", "u"}, {NULL, NULL}};
static const struct milter_macro EOM_MACROS[] = {{"i", "Q1"}, {NULL, NULL}};

/* Hands one message over, `times` times; returns the last result. */
static int
converse(struct milter *m, uint32_t offered, int times, struct milter_reply *r, struct err *err)
{
	struct header_field fields[] = {
	    {SLICE_LIT("From"), SLICE_LIT(" a@b.example")}, {SLICE_LIT("X"), SLICE_LIT("y\n z")}};
	const struct header_list headers = {fields, 2, 2};
	const struct milter_message message = {.client_name = "h",
	    .client_addr = "192.0.2.1",
	    .client_port = 0x4142,
	    .mail_macros = MAIL_MACROS,
	    .eom_macros = EOM_MACROS,
	    .helo = "e",
	    .mail_from = "<f>",
	    .rcpt_to = "<t>",
	    .headers = &headers,
	    .body = SLICE_LIT("12345"),
	    .chunk_len = 3};
	const struct milter_client_options options = {MILTER_ACTIONS_ALL, offered, 500};
	struct milter_client *c = NULL;

	*r = (struct milter_reply){.text = ""};
	int result = milter_client_open(m->path, &options, &c, err);
	for (int i = 0; i < times && result == 0; i++) {
		milter_reply_deinit(r);
		result = milter_client_message(c, &message, r, err);
	}
	milter_client_free(c);
	milter_stop(m);
	return result;
}

#define PACKET(text)                                                                               \
	{                                                                                          \
		(const uint8_t *)("" text), sizeof(text) - 1                                       \
	}
#define AUTH_MACROS "D(M{auth_type}|PLAIN|{auth_authen}|u|)"

static const struct {
	const char *name;
	struct script script;
	uint32_t offered;
	int times;
	int result;
	enum milter_answer answer;
	const char *seen; /* NULL: not looked at */
	const char *text; /* of the reply, or of the error */
} ROWS[] = {
    {"every command answered", {.commands = ""}, 0x7f, 1, 0, MILTER_ACCEPTED,
	"C(h|4AB192.0.2.1|)H(e|)" AUTH_MACROS
	"M(<f>|)R(<t>|)D(Ti|Q1|)TL(From|a@b.example|)L(X|y\n z|)N"
	"B(123)B(45)D(Ei|Q1|)EAQ",
	""},
    {"no replies, leading space kept", {.commands = "", .protocol = 0x1ff080}, MILTER_PROTOCOL_ALL,
	1, 0, MILTER_ACCEPTED,
	"C(h|4AB192.0.2.1|)H(e|)" AUTH_MACROS
	"M(<f>|)R(<t>|)D(Ti|Q1|)TL(From| a@b.example|)L(X|y\n z|)N"
	"B(123)B(45)D(Ei|Q1|)EAQ",
	""},
    {"steps left out, their macros not", {.commands = "", .protocol = 0x7f | 0x200},
	MILTER_PROTOCOL_ALL, 1, 0, MILTER_ACCEPTED, AUTH_MACROS "D(Ti|Q1|)D(Ei|Q1|)EAQ", ""},
    {"macros asked for", {.commands = "", .protocol = 0x27f, .symbols = "i {auth_type}"},
	MILTER_PROTOCOL_ALL, 1, 0, MILTER_ACCEPTED, "D(M{auth_type}|PLAIN|)D(Ti|Q1|)D(Ei|Q1|)EAQ",
	""},
    {"two messages", {.commands = "", .protocol = 0x27f}, MILTER_PROTOCOL_ALL, 2, 0,
	MILTER_ACCEPTED, AUTH_MACROS "D(Ti|Q1|)D(Ei|Q1|)EA" AUTH_MACROS "D(Ti|Q1|)D(Ei|Q1|)EAQ",
	""},
    {"accept at connect holds", {.commands = "C", .answers = {PACKET("\0\0\0\1a")}}, 0x7f, 2, 0,
	MILTER_ACCEPTED, "C(h|4AB192.0.2.1|)Q", ""},
    {"tempfail at connect holds", {.commands = "C", .answers = {PACKET("\0\0\0\1t")}}, 0x7f, 2, 0,
	MILTER_TEMPFAILED, "C(h|4AB192.0.2.1|)Q", ""},
    {"accept at mail, next message starts anew",
	{.commands = "M", .answers = {PACKET("\0\0\0\1a")}, .protocol = 0x3}, 0x7f, 2, 0,
	MILTER_ACCEPTED, AUTH_MACROS "M(<f>|)A" AUTH_MACROS "M(<f>|)AQ", ""},
    {"accept at end of header: no body",
	{.commands = "N", .answers = {PACKET("\0\0\0\1a")}, .protocol = 0x2f}, 0x7f, 1, 0,
	MILTER_ACCEPTED, AUTH_MACROS "D(Ti|Q1|)TNAQ", ""},
    {"skip: no more body, but its end",
	{.commands = "B", .answers = {PACKET("\0\0\0\1s")}, .protocol = 0x46f}, MILTER_PROTOCOL_ALL,
	1, 0, MILTER_ACCEPTED, AUTH_MACROS "D(Ti|Q1|)TB(123)D(Ei|Q1|)EAQ", ""},
    {"reply code", {.commands = "E", .answers = {PACKET("\0\0\0\x10y451 4.7.1 later\0")}}, 0x7f, 1,
	0, MILTER_TEMPFAILED, NULL, "451 4.7.1 later"},
    {"refusal code", {.commands = "E", .answers = {PACKET("\0\0\0\x0dy550 5.7.1 no\0")}}, 0x7f, 1,
	0, MILTER_REJECTED, NULL, "550 5.7.1 no"},
    {"discard", {.commands = "E", .answers = {PACKET("\0\0\0\1d")}}, 0x7f, 1, 0, MILTER_DISCARDED,
	NULL, ""},
    {"progress is waited for",
	{.commands = "E", .answers = {PACKET("\0\0\0\1p\0\0\0\1p\0\0\0\1r")}}, 0x7f, 1, 0,
	MILTER_REJECTED, NULL, ""},
    {"closes", {.commands = "", .close_at_mail = true}, 0x7f, 1, -1, MILTER_ACCEPTED, NULL,
	"the milter closed the connection without an answer"},
    {"mute", {.commands = "M", .answers = {PACKET("")}}, 0x7f, 1, -1, MILTER_ACCEPTED, NULL,
	"no answer within 500 ms"},
    {"unknown answer", {.commands = "M", .answers = {PACKET("\0\0\0\1Z")}}, 0x7f, 1, -1,
	MILTER_ACCEPTED, NULL, "answer 0x5a is none of the milter protocol"},
    {"empty packet", {.commands = "M", .answers = {PACKET("\0\0\0\0")}}, 0x7f, 1, -1,
	MILTER_ACCEPTED, NULL, "an answer of 0 octets"},
    {"endless packet", {.commands = "M", .answers = {PACKET("\x7f\0\0\0c")}}, 0x7f, 1, -1,
	MILTER_ACCEPTED, NULL, "that is no milter"},
    {"insertion cut", {.commands = "E", .answers = {PACKET("\0\0\0\3i\0\0")}}, 0x7f, 1, -1,
	MILTER_ACCEPTED, NULL, "a header insertion does not parse"},
    {"more than offered", {.commands = "", .protocol = 0x100000}, 0x7f, 1, -1, MILTER_ACCEPTED, "",
	"wants what was not offered"},
};

static void
milter_client_message_answers_and_stages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		struct milter m;
		struct milter_reply r;
		struct err err = ERR_INIT;
		milter_start(&m, &ROWS[i].script);
		int result = converse(&m, ROWS[i].offered, ROWS[i].times, &r, &err);
		const char *text = result == 0 ? r.text : err.text;
		hear(err.text);
		if (result != ROWS[i].result || r.answer != ROWS[i].answer)
			fail_msg("%s: result %d answer %d: %s", ROWS[i].name, result, (int)r.answer,
			    err.text);
		if (ROWS[i].seen != NULL && strcmp(m.seen, ROWS[i].seen) != 0)
			fail_msg("%s: sent \"%s\"", ROWS[i].name, m.seen);
		if (strstr(text, ROWS[i].text) == NULL)
			fail_msg("%s: says \"%s\"", ROWS[i].name, text);
		milter_reply_deinit(&r);
	}
}

static void
milter_client_message_insertions_in_order_and_other_changes_counted(void **state)
{
	static const struct script script = {.commands = "E",
	    .answers = {PACKET("\0\0\0\x0ei\0\0\0\1A\0 v=1;\n\0"
			       "\0\0\0\x0ai\0\0\0\0B\0 x\0"
			       "\0\0\0\5hA\0b\0"
			       "\0\0\0\2qr"
			       "\0\0\0\1a")}};
	struct milter m;
	struct milter_reply r;
	struct err err = ERR_INIT;

	(void)state;
	milter_start(&m, &script);
	assert_int_equal(converse(&m, 0x7f, 1, &r, &err), 0);
	assert_int_equal(r.inserted_count, 2);
	assert_int_equal(r.inserted[0].index, 1);
	assert_string_equal(r.inserted[0].name, "A");
	assert_string_equal(r.inserted[0].value, " v=1;\n");
	assert_string_equal(r.inserted[1].value, " x");
	assert_int_equal(r.other_changes, 2);
	assert_true(r.body_wanted);
	milter_reply_deinit(&r);
	milter_reply_deinit(&r);
}

static void
milter_client_open_bad_addresses_named(void **state)
{
	static const struct {
		const char *address, *want;
	} rows[] = {
	    {"/nonexistent/s", "/nonexistent/s: cannot connect: No such file or directory"},
	    {"unix:/nonexistent/s", "unix:/nonexistent/s: cannot connect"},
	    {"inet:8891", "inet:8891: not inet:PORT@HOST"},
	    {"inet:1@127.0.0.1", "inet:1@127.0.0.1: cannot connect: Connection refused"},
	    {"local", "local: no milter's address; it is unix:/PATH or inet:PORT@HOST"},
	    {"/dev/null/s", "/dev/null/s: cannot connect: Not a directory; is the milter running, and may this user"},
	    {"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		": the path of a UNIX socket has at most 107 octets"},
	};
	const struct milter_client_options options = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 500};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct milter_client *c = NULL;
		struct err err = ERR_INIT;
		assert_int_equal(milter_client_open(rows[i].address, &options, &c, &err), -1);
		assert_null(c);
		hear(err.text);
		if (strncmp(err.text, rows[i].want, strlen(rows[i].want)) != 0)
			fail_msg("%s: says \"%s\"", rows[i].address, err.text);
	}
	milter_client_free(NULL);
}

static void
milter_client_open_refusals_named(void **state)
{
	static const struct {
		struct script script;
		const char *want;
	} rows[] = {
	    {{.commands = "", .negotiation = "r"}, "the milter refuses to negotiate"},
	    {{.commands = "", .negotiation = "t"}, "the milter refuses to negotiate"},
	    {{.commands = "", .negotiation = "x"}, "does not negotiate: that is no milter"},
	    {{.commands = "", .negotiation = ""},
		"the milter closed the connection instead of negotiating"},
	    {{.commands = "", .symbols = "i", .symbols_cut = true}, "the list of macros wanted does not parse"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct milter m;
		struct milter_reply r;
		struct err err = ERR_INIT;
		milter_start(&m, &rows[i].script);
		assert_int_equal(converse(&m, 0x7f, 1, &r, &err), -1);
		hear(err.text);
		if (strncmp(err.text, m.path, strlen(m.path)) != 0 ||
		    strstr(err.text, rows[i].want) == NULL)
			fail_msg("row %zu: says \"%s\"", i, err.text);
	}
}

/* One that always says "wait" ends at the limit, too. */
static void
milter_client_limit_ends_a_busy_milter(void **state)
{
	static const struct script script = {.commands = "", .protocol = 0x27f, .drips = true};
	const struct milter_client_options options = {
	    MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 5000};
	const struct milter_message message = {.mail_from = "<f>"};
	struct milter_reply r = {.text = ""};
	struct milter_client *c = NULL;
	struct timespec begin, end;
	struct err err = ERR_INIT;
	struct milter m;

	(void)state;
	milter_start(&m, &script);
	assert_int_equal(milter_client_open(m.path, &options, &c, &err), 0);
	milter_client_limit(c, 200);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(milter_client_message(c, &message, &r, &err), -1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_true(
	    (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 < 1500);
	milter_reply_deinit(&r);
	milter_client_free(c);
	milter_stop(&m);
}

/* The mode of the socket is for others. */
static void
milter_client_open_closed_socket_is_told(void **state)
{
	static const struct script script = {.commands = ""};
	const struct milter_client_options options = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 200};
	uid_t uid = geteuid();
	struct milter_client *c = NULL;
	struct err err = ERR_INIT;
	struct milter m;

	(void)state;
	milter_start(&m, &script);
	assert_int_equal(chmod(m.dir, 0755), 0);
	assert_int_equal(chmod(m.path, 0), 0);
	if (uid == 0)
		assert_int_equal(seteuid(65534), 0);
	int rc = milter_client_open(m.path, &options, &c, &err);
	if (uid == 0)
		assert_int_equal(seteuid(uid), 0);
	assert_int_equal(rc, -1);
	hear(err.text);
	/* its thread waits for a connection */
	assert_int_equal(chmod(m.path, 0700), 0);
	assert_int_equal(milter_client_open(m.path, &options, &c, &err), 0);
	milter_client_free(c);
	milter_stop(&m);
}

/* A milter that hangs takes connections until its queue is full. */
static void
milter_client_open_full_queue_is_no_answer(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const struct milter_client_options options = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 200};
	char dir[] = "/tmp/test-client-XXXXXX";
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), waits[4];
	struct milter_client *c = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/s", dir);
	assert_int_equal(bind(listener, (const struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < 4; i++) {
		waits[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(waits[i], (const struct sockaddr *)&sa, sizeof sa);
	}
	assert_int_equal(milter_client_open(sa.sun_path, &options, &c, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_non_null(strstr(err.text, "does the milter hang?"));
	hear(err.text);
	for (size_t i = 0; i < 4; i++)
		close(waits[i]);
	close(listener);
	unlink(sa.sun_path);
	rmdir(dir);
}

static void
milter_client_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(milter_client_message_answers_and_stages),
	    cmocka_unit_test(milter_client_message_insertions_in_order_and_other_changes_counted),
	    cmocka_unit_test(milter_client_open_bad_addresses_named),
	    cmocka_unit_test(milter_client_open_refusals_named),
	    cmocka_unit_test(milter_client_limit_ends_a_busy_milter),
	    cmocka_unit_test(milter_client_open_full_queue_is_no_answer),
	    cmocka_unit_test(milter_client_open_closed_socket_is_told),
	    cmocka_unit_test(milter_client_each_was_said), /* the last */
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
