/* SPDX-License-Identifier: ISC */
#include "milter/socket.h"
#include "tests/unit/fixture_table.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

struct world {
	struct fixture fx;
	char path[128], address[140];
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	fixture_init(&w->fx);
	fixture_path(&w->fx, "m.sock", w->path);
	(void)snprintf(w->address, sizeof(w->address), "unix:%s", w->path);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	fixture_deinit(&w->fx);
	free(w);
	return 0;
}

static int
open_at(const char *address, mode_t mode, struct milter_socket *s, struct err *err)
{
	const struct socket_spec spec = {.address = address, .mode = mode};

	return milter_socket_open(&spec, s, err);
}

static int
knock(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc;

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	rc = connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0 ? 0 : errno;
	close(fd);
	return rc;
}

static size_t
count_files(const struct world *w)
{
	DIR *d = opendir(w->fx.dir);
	size_t n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
milter_socket_open_mode_and_close(void **state)
{
	static const mode_t MODES[] = {0660, 0600, 0666};
	struct world *w = *state;
	struct milter_socket s;
	struct err err = ERR_INIT;
	struct stat st;
	mode_t before = umask(077);

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(open_at(i == 0 ? w->path : w->address, MODES[i], &s, &err), 0);
		assert_int_equal(lstat(w->path, &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 0777, MODES[i]);
		assert_int_equal(fcntl(s.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		assert_int_equal(knock(w->path), 0);
		assert_int_equal(count_files(w), 1);
		milter_socket_close(&s);
		assert_int_equal(knock(w->path), ENOENT);
		close(s.fd);
		assert_int_equal(count_files(w), 0);
	}
	assert_int_equal(umask(before), 077); /* left as it was */
}

static void
milter_socket_open_live_refused_stale_replaced(void **state)
{
	struct world *w = *state;
	struct milter_socket live, other;
	struct err err = ERR_INIT;

	assert_int_equal(open_at(w->address, 0660, &live, &err), 0);
	assert_int_equal(open_at(w->address, 0660, &other, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_non_null(strstr(err.text, w->path));
	assert_int_equal(other.fd, -1);
	assert_int_equal(knock(w->path), 0);
	close(live.fd); /* as after kill -9: the file stays */
	assert_int_equal(knock(w->path), ECONNREFUSED);
	assert_int_equal(open_at(w->address, 0660, &other, &err), 0);
	assert_int_equal(knock(w->path), 0);
	milter_socket_close(&other);
	close(other.fd);
}

/* A stopping one leaves the socket of its successor alone. */
static void
milter_socket_close_not_ours_stays(void **state)
{
	struct world *w = *state;
	struct milter_socket old, new;
	struct err err = ERR_INIT;

	assert_int_equal(open_at(w->address, 0660, &old, &err), 0);
	assert_int_equal(unlink(w->path), 0);
	assert_int_equal(open_at(w->address, 0660, &new, &err), 0);
	milter_socket_close(&old);
	close(old.fd);
	assert_int_equal(knock(w->path), 0);
	milter_socket_close(&new);
	close(new.fd);
}

static void
milter_socket_open_refusals(void **state)
{
	static const struct {
		const char *address;
		enum err_kind kind;
		const char *text;
	} CASES[] = {
	    {"m.sock", ERR_USAGE, "not a socket's address"},
	    {"unix:m.sock", ERR_USAGE, "begins with /"},
	    {"unix:/nonexistent-dir/m.sock", ERR_IO, "/nonexistent-dir"},
	    {"inet:8891@192.0.2.1", ERR_CONFIG, "--allow-remote"},
	    {"inet:8891@0.0.0.0", ERR_CONFIG, "--allow-remote"},
	    {"inet6:8891@::", ERR_CONFIG, "--allow-remote"},
	    {"inet:@127.0.0.1", ERR_USAGE, "no port"},
	    {"inet:0@127.0.0.1", ERR_USAGE, "no port"},
	    {"inet:65536@127.0.0.1", ERR_USAGE, "no port"},
	    {"inet:8891@::1", ERR_USAGE, "inet6"},
	    {"inet6:8891@127.0.0.1", ERR_USAGE, "inet:"},
	    {"inet:8891@host.example", ERR_CONFIG, "host.example"},
	};
	struct world *w = *state;
	struct milter_socket s;
	char longer[200];

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(open_at(CASES[i].address, 0660, &s, &err), -1);
		if (strstr(err.text, CASES[i].text) == NULL)
			fail_msg("%s: %s", CASES[i].address, err.text);
		if (i + 1 <
		    sizeof(CASES) / sizeof(CASES[0])) /* the last: base/ip says which kind */
			assert_int_equal(err.kind, CASES[i].kind);
		assert_int_equal(s.fd, -1);
	}
	struct err err = ERR_INIT;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(open_at(longer, 0660, &s, &err), -1);
	assert_non_null(strstr(err.text, "too long"));
	fixture_write(&w->fx, "m.sock", SLICE_LIT("precious"), 0600);
	assert_int_equal(open_at(w->address, 0660, &s, &err), -1);
	assert_non_null(strstr(err.text, "is not a socket"));
	assert_int_equal(count_files(w), 1);
}

static void
milter_socket_open_unknown_group_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct milter_socket s;
	struct err err = ERR_INIT;
	const struct socket_spec spec = {
	    .address = w->address, .mode = 0660, .group = "no-such-group"};

	assert_int_equal(milter_socket_open(&spec, &s, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "no-such-group"));
	assert_int_equal(count_files(w), 0);
}

static void
milter_socket_open_inet(void **state)
{
	struct milter_socket s, again;
	struct err err = ERR_INIT;
	char address[64];
	int port;

	(void)state;
	for (port = 20000 + (int)(getpid() % 20000); port < 65000; port++) {
		(void)snprintf(address, sizeof(address), "inet:%d@127.0.0.1", port);
		if (open_at(address, 0, &s, &err) == 0)
			break;
		assert_int_equal(err.kind, ERR_BUSY);
	}
	assert_true(port < 65000);
	assert_int_equal(open_at(address, 0, &again, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	milter_socket_close(&s);
	close(s.fd);
}

static void
milter_socket_inherited_none_and_wrong(void **state)
{
	struct milter_socket s;
	struct err err = ERR_INIT;
	char pid[32];

	(void)state;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	assert_int_equal(milter_socket_inherited(&s, &err), -1);
	assert_int_equal(err.kind, ERR_NONE);
	(void)setenv("LISTEN_PID", "1", 1); /* meant for another process */
	(void)setenv("LISTEN_FDS", "1", 1);
	assert_int_equal(milter_socket_inherited(&s, &err), -1);
	assert_int_equal(err.kind, ERR_NONE);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "2", 1);
	assert_int_equal(milter_socket_inherited(&s, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
}

/* The service manager's socket goes on listening when we stop: the next one of us serves who waits there. */
static void
milter_socket_inherited_taken_and_left_open(void **state)
{
	struct world *w = *state;
	struct milter_socket made, s;
	struct err err = ERR_INIT;
	char pid[32];
	int saved = dup(3);

	assert_int_equal(open_at(w->address, 0660, &made, &err), 0);
	if (made.fd != 3)
		assert_int_equal(dup2(made.fd, 3), 3);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	assert_int_equal(milter_socket_inherited(&s, &err), 0);
	assert_int_equal(s.fd, 3);
	assert_true(s.inherited);
	milter_socket_close(&s);
	assert_int_equal(knock(w->path), 0);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	milter_socket_close(&made);
	close(made.fd);
	if (made.fd != 3 && saved >= 0)
		(void)dup2(saved, 3);
	if (saved >= 0)
		close(saved);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(milter_socket_open_mode_and_close),
	    TEST(milter_socket_open_live_refused_stale_replaced),
	    TEST(milter_socket_close_not_ours_stays),
	    TEST(milter_socket_open_refusals),
	    TEST(milter_socket_open_unknown_group_leaves_nothing),
	    TEST(milter_socket_open_inet),
	    TEST(milter_socket_inherited_none_and_wrong),
	    TEST(milter_socket_inherited_taken_and_left_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
