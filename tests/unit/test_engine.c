/* SPDX-License-Identifier: ISC */
/* The engine over real sockets, in one process: it is started once, so the tests run in their order, and the last one
 * stops it. */
#include "milter/engine.h"
#include "milter/socket.h"
#include "tests/unit/fixture_packets.h"
#include "tests/unit/fixture_table.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#define PATIENCE_MS 20000
#define MANY	    200

static struct fixture fx;
static struct counters counters;
static struct keyring *ring;
static struct milter_socket listener;
static char path[128];
static size_t idle_files; /* open without a connection */
static struct packets message; /* a whole conversation, without the end */

static size_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int
setup(void **state)
{
	char hash[48], rows[512];
	struct socket_spec spec = {.address = path, .mode = 0600};
	struct err err = ERR_INIT;

	(void)state;
	fixture_init(&fx);
	fixture_key(&fx, "e.pem", KEY_ED25519_SHA256, 0, hash);
	(void)snprintf(rows, sizeof(rows),
	    "domain a.test t=no\nkey a.test s ed25519-sha256 e.pem %s\n", hash);
	fixture_table(&fx, 1, rows);
	fixture_path(&fx, "s", path);
	packets_negotiate(&message);
	PACKETS_PUT(&message, 'D', PACKETS_LOGIN);
	packets_message(&message);
	ring = keyring_new(fx.table, &counters);
	fixture_must(milter_socket_open(&spec, &listener, &err), &err);
	fixture_must(engine_start(listener.fd, ring, &counters, &err), &err);
	idle_files = open_files();
	return ring == NULL ? -1 : 0;
}

/* The engine's threads may still wait; what they use stays. */
static int
teardown(void **state)
{
	(void)state;
	fixture_deinit(&fx);
	return 0;
}

static int
join(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path, path, strlen(path) + 1);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void
say(int fd, const void *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* Octets until there are `want`, or the end; -1 for an end. */
static ssize_t
hear(int fd, uint8_t *to, size_t want)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0;

	while (len < want) {
		ssize_t n;

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = recv(fd, to + len, want - len, 0);
		if (n <= 0)
			return -1;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Letters of `count` answers. */
static void
expect(int fd, const char *letters)
{
	static uint8_t data[70000];

	for (; *letters != '\0'; letters++) {
		assert_int_equal(hear(fd, data, 5), 5);
		assert_int_equal(data[4], *letters);
		assert_int_equal(data[0] | data[1], 0);
		(void)hear(fd, data, ((size_t)data[2] << 8 | data[3]) - 1);
	}
}

/* The other side of each connection closes in its own time. */
static void
wait_until_idle(void)
{
	for (int ms = 0; open_files() > idle_files && ms < PATIENCE_MS; ms += 10)
		usleep(10000);
	assert_int_equal(open_files(), idle_files);
}

static void
one_message(void **state)
{
	int fd = join();

	(void)state;
	say(fd, message.data, message.len);
	expect(fd, "Ocia");
	close(fd);
}

static void
an_octet_at_a_time(void **state)
{
	int fd = join();

	(void)state;
	for (size_t i = 0; i < message.len; i++)
		say(fd, message.data + i, 1);
	expect(fd, "Ocia");
	close(fd);
}

static void
many_at_once(void **state)
{
	int fds[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		fds[i] = join();
		say(fds[i], message.data, message.len / 2);
	}
	for (size_t i = MANY; i-- > 0;)
		say(fds[i], message.data + message.len / 2, message.len - message.len / 2);
	for (size_t i = 0; i < MANY; i++)
		expect(fds[i], "Ocia");
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
	wait_until_idle();
}

/* Half a command each, and one that never reads. */
static void
slow_peers_hold_up_nobody(void **state)
{
	static struct packets flood;
	int slow[40], deaf = join();

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		slow[i] = join();
		say(slow[i], "\0\0\0", 3);
	}
	PACKETS_RAW(&flood, 'O', PACKETS_OPTIONS_OLD);
	while (flood.len + 20 < sizeof(flood.data))
		packets_put(&flood, 'T', NULL, 0);
	while (send(deaf, flood.data, flood.len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		usleep(1000);
	for (int i = 0; i < 20; i++)
		one_message(NULL);
	for (size_t i = 0; i < 40; i++)
		close(slow[i]);
	close(deaf);
	wait_until_idle();
}

static void
put_field(struct packets *p, size_t len)
{
	uint8_t *field = malloc(len + 3);

	assert_non_null(field);
	memcpy(field, "X", 2);
	memset(field + 2, 'x', len);
	field[len + 2] = '\0';
	packets_put(p, 'L', field, len + 3);
	free(field);
}

static void
packets_of_every_size(void **state)
{
	static const size_t SIZES[] = {0, 1, 4090, 4091, 4092, 32762, 32763, 32764, 65535, 200000};
	static uint8_t filler[200000];
	static struct packets big;

	(void)state;
	memset(filler, 'x', sizeof(filler));
	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		int fd = join();

		big.len = 0;
		packets_negotiate(&big);
		PACKETS_PUT(&big, 'D', PACKETS_LOGIN);
		PACKETS_PUT(&big, 'M', "<u@a.test>");
		PACKETS_PUT(&big, 'L', "From\0 u@a.test");
		put_field(&big, SIZES[i]);
		packets_put(&big, 'N', NULL, 0);
		say(fd, big.data, big.len);
		expect(fd, "Oc");
		big.len = 0;
		packets_put(&big, 'B', filler, SIZES[i]);
		packets_put(&big, 'E', NULL, 0);
		say(fd, big.data, big.len);
		expect(fd, "ia");
		close(fd);
	}
}

static void
garbage_is_closed(void **state)
{
	static const char *const ROWS[] = {"GET / HTTP/1.1\r\n\r\n", "\377\377\377\377\377", "EHLO x\r\n"};
	uint8_t octet;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int fd = join();

		say(fd, ROWS[i], strlen(ROWS[i]));
		assert_int_equal(hear(fd, &octet, 1), -1);
		close(fd);
	}
}

static void
peers_that_go_at_any_octet(void **state)
{

	(void)state;
	for (size_t len = 0; len <= message.len; len++) {
		int fd = join();

		if (len > 0)
			say(fd, message.data, len);
		close(fd);
	}
	wait_until_idle();
	one_message(NULL);
}

/* Nothing begins once it stops: a connection that is open ends at its next command. */
static void
stop_ends_what_is_open(void **state)
{
	int fd = join();
	uint8_t octet;

	(void)state;
	say(fd, message.data, 17);
	expect(fd, "O");
	engine_stop();
	say(fd, message.data + 17, message.len - 17);
	assert_int_equal(hear(fd, &octet, 1), -1);
	close(fd);
	milter_socket_close(&listener);
	for (int ms = 0; engine_running() > 0 && ms < PATIENCE_MS; ms += 10)
		usleep(10000);
	assert_int_equal(engine_running(), 0);
	assert_false(engine_has_failed());
}

int
main(void)
{
	static const struct CMUnitTest TESTS[] = {
	    cmocka_unit_test(one_message),
	    cmocka_unit_test(an_octet_at_a_time),
	    cmocka_unit_test(many_at_once),
	    cmocka_unit_test(slow_peers_hold_up_nobody),
	    cmocka_unit_test(packets_of_every_size),
	    cmocka_unit_test(garbage_is_closed),
	    cmocka_unit_test(peers_that_go_at_any_octet),
	    cmocka_unit_test(stop_ends_what_is_open),
	};

	return cmocka_run_group_tests_name("engine", TESTS, setup, teardown);
}
