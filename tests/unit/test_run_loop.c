/* SPDX-License-Identifier: ISC */
/* test_run_loop.c - signpost run as a process: a pass at once, one when somebody has written, HUP, TERM; what it tells
 * the service manager. */
#include "keys/store.h"
#include "signpost/config.h"
#include "signpost/verbs.h"

#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#define WAIT_MS 20000

struct box {
	char dir[64], store[96], conf[96];
	int notices;
	pid_t pid;
};

static void
put_conf(const struct box *box, const char *more)
{
	FILE *f = fopen(box->conf, "w");

	assert_non_null(f);
	fprintf(f,
	    "store = \"%s\"\nstatus_file = \"%s/status.json\"\nkeeper {\n postqueue = \"\"\n}\n%s",
	    box->store, box->dir, more);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	struct box *box = calloc(1, sizeof(*box));
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct err err = ERR_INIT;

	assert_non_null(box);
	snprintf(box->dir, sizeof(box->dir), "/tmp/test_run_loop.XXXXXX");
	assert_non_null(mkdtemp(box->dir));
	snprintf(box->store, sizeof(box->store), "%s/store", box->dir);
	snprintf(box->conf, sizeof(box->conf), "%s/signpost.conf", box->dir);
	assert_int_equal(mkdir(box->store, 0700), 0);
	if (store_create(box->store, (int64_t)time(NULL), &err) != 0)
		fail_msg("%s", err.text);
	put_conf(box, "");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/notify", box->dir);
	box->notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(box->notices, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", addr.sun_path, 1), 0);
	*state = box;
	return 0;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	struct box *box = *state;

	if (box->pid > 0) {
		kill(box->pid, SIGKILL);
		waitpid(box->pid, NULL, 0);
	}
	close(box->notices);
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(nftw(box->dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(box);
	return 0;
}

static void
start(struct box *box)
{
	box->pid = fork();
	assert_true(box->pid >= 0);
	if (box->pid > 0)
		return;
	struct config *config = NULL;
	struct err err = ERR_INIT;
	int code = config_load(box->conf, &config, &err);
	if (code == 0) {
		const struct cli cli = {.verb = &verb_run,
		    .config = config,
		    .config_path = box->conf,
		    .store_dir = box->store,
		    .now = (int64_t)time(NULL)};
		code = verb_run.run(&cli, &err);
		config_free(config);
	}
	_exit(code < 0 ? 99 : code);
}

/* What it says next; "" when it says nothing for so long. */
static void
hear(const struct box *box, int wait_ms, char text[static 256])
{
	struct pollfd p = {.fd = box->notices, .events = POLLIN};
	ssize_t n = poll(&p, 1, wait_ms) == 1 ? recv(box->notices, text, 255, 0) : 0;

	text[n > 0 ? n : 0] = '\0';
}

static void
wait_for_pass(const struct box *box)
{
	char text[256];

	hear(box, WAIT_MS, text);
	if (strncmp(text, "READY=1\nSTATUS=next pass in ", 28) != 0)
		fail_msg("\"%s\"", text);
}

static void
wait_for_end(struct box *box)
{
	char text[256];
	int status = 0;

	hear(box, WAIT_MS, text);
	assert_string_equal(text, "STOPPING=1");
	assert_int_equal(waitpid(box->pid, &status, 0), box->pid);
	box->pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_OK);
}

static void
run_passes_when_somebody_writes(void **state)
{
	struct box *box = *state;
	struct store *store = NULL;
	struct err err = ERR_INIT;
	char text[256];

	start(box);
	wait_for_pass(box);
	/* nothing is due for an hour */
	hear(box, 3000, text);
	assert_string_equal(text, "");
	assert_int_equal(store_open(box->store, STORE_WAIT_MS, &store, &err), 0);
	assert_int_equal(store_number_put(store, NUMBER_HELD, 1, &err), 0);
	store_close(store);
	wait_for_pass(box);
	assert_int_equal(kill(box->pid, SIGTERM), 0);
	wait_for_end(box);
}

/* HUP reads the file again; one that cannot be read changes nothing, and ends nothing. */
static void
run_reads_its_configuration_again(void **state)
{
	struct box *box = *state;

	start(box);
	wait_for_pass(box);
	put_conf(box, "policy \"second\" {\n rotate_every = 30d\n}\n");
	assert_int_equal(kill(box->pid, SIGHUP), 0);
	wait_for_pass(box);
	put_conf(box, "policy {{{\n");
	assert_int_equal(kill(box->pid, SIGHUP), 0);
	wait_for_pass(box);
	assert_int_equal(kill(box->pid, SIGINT), 0);
	wait_for_end(box);
}

static int64_t
last_pass(const char *dir)
{
	struct store *store = NULL;
	struct err err = ERR_INIT;
	int64_t at = -1;

	if (store_open(dir, STORE_WAIT_MS, &store, &err) != 0 ||
	    store_number_get(store, NUMBER_LAST_PASS, 0, &at, &err) != 0)
		fail_msg("%s", err.text);
	store_close(store);
	return at;
}

static void
set_format(const char *dir, int format)
{
	char path[128], pragma[64];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/" STORE_DB, dir);
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", format);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, STORE_WAIT_MS);
	assert_int_equal(sqlite3_exec(db, pragma, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Issue: a package was replaced and run was not started anew: it went on writing in a store that a newer signpost had
 * made its own. */
static void
run_leaves_a_newer_store_alone(void **state)
{
	struct box *box = *state;
	char text[256];

	start(box);
	wait_for_pass(box);
	int64_t before = last_pass(box->store);
	assert_true(before > 0);
	hear(box, 2000, text);
	assert_string_equal(text, "");
	set_format(box->store, STORE_FORMAT + 1);
	wait_for_pass(box); /* it says when it tries again */
	set_format(box->store, STORE_FORMAT);
	assert_int_equal(last_pass(box->store), before);
	assert_int_equal(kill(box->pid, SIGHUP), 0);
	wait_for_pass(box);
	assert_true(last_pass(box->store) > before);
	assert_int_equal(kill(box->pid, SIGTERM), 0);
	wait_for_end(box);
}

/* Issue: a backup that was put in its place was never seen, and no pass was made any more. */
static void
run_goes_on_in_a_store_put_in_its_place(void **state)
{
	struct box *box = *state;
	char dir[96], from[128], to[128];
	struct err err = ERR_INIT;

	start(box);
	wait_for_pass(box);
	snprintf(dir, sizeof(dir), "%s/backup", box->dir);
	snprintf(from, sizeof(from), "%s/" STORE_DB, dir);
	snprintf(to, sizeof(to), "%s/" STORE_DB, box->store);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(store_create(dir, (int64_t)time(NULL), &err), 0);
	assert_int_equal(rename(from, to), 0);
	wait_for_pass(box);
	assert_true(last_pass(box->store) > 0);
	assert_int_equal(kill(box->pid, SIGTERM), 0);
	wait_for_end(box);
}

/* Another pass holds the lock: it is waited for, not fought. */
static void
run_lets_another_pass_end(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	int lock = store_lock(box->store, STORE_LOCK_PASS, 0, &err);

	assert_true(lock >= 0);
	start(box);
	wait_for_pass(box);
	close(lock);
	assert_int_equal(kill(box->pid, SIGTERM), 0);
	wait_for_end(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(run_passes_when_somebody_writes, setup, teardown),
	    cmocka_unit_test_setup_teardown(run_reads_its_configuration_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(run_leaves_a_newer_store_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(run_goes_on_in_a_store_put_in_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(run_lets_another_pass_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
