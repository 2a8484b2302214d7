/* SPDX-License-Identifier: ISC */
/* verb_run.c - passes in a loop, each when something is due or was said; HUP reads signpost.conf again, TERM ends it
 * between two passes.
 *
 * A key is never half done: a pass that TERM finds at work is finished first; the service manager may kill it, too. */
#include "base/notify.h"
#include "signpost/pass.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define WAKE_S	  2 /* how soon what another signpost wrote is seen */
#define SECOND_NS 1000000000

struct loop {
	const struct cli *cli;
	const struct config *config; /* of now */
	struct config *own;	     /* read here; NULL: the one of the start */
	struct store *store;	     /* NULL: it could not be opened for the last pass */
	bool verbose, ends;
	bool moved; /* the last pass took a step */
};

/* Anew for each pass: since the last one a newer signpost may have made it its own, or a backup was put there. */
static int
reopen(struct loop *l, struct err *err)
{
	store_close(l->store);
	l->store = NULL;
	return store_open(l->cli->store_dir, STORE_WAIT_MS, &l->store, err);
}

static int
one_pass(struct loop *l, int64_t *next_at, struct err *err)
{
	if (reopen(l, err) != 0)
		return -1;
	struct pass pass = {.config = l->config,
	    .store = l->store,
	    .verb = "run",
	    .verbose = l->verbose,
	    .seams = &PASS_SEAMS};
	int lock = store_lock(l->cli->store_dir, STORE_LOCK_PASS, 0, err);
	if (lock < 0)
		return -1;
	int rc = pass_run(&pass, err);
	close(lock);
	*next_at = pass.next_at;
	l->moved = pass.steps > 0;
	fflush(stdout);
	return rc;
}

/* What cannot be read leaves the configuration as it was. */
static void
reload(struct loop *l)
{
	struct config *fresh = NULL;
	struct err err = ERR_INIT;

	if (config_load(l->cli->config_path, &fresh, &err) != 0) {
		fprintf(stderr, "signpost: %s; the configuration stays as it was\n", err.text);
		return;
	}
	config_free(l->own);
	l->config = l->own = fresh;
}

/* Until next_at, and no longer than WAKE_S. */
static struct timespec
slice_before(int64_t next_at)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0 || next_at - now.tv_sec > WAKE_S)
		return (struct timespec){.tv_sec = WAKE_S};
	return (struct timespec){
	    .tv_sec = next_at - now.tv_sec - 1, .tv_nsec = SECOND_NS - now.tv_nsec - 1};
}

/* Until something is due, another signpost has written, or a signal came. */
static int
wait_for_work(struct loop *l, const sigset_t *signals, int64_t next_at, struct err *err)
{
	int64_t before = 0, now = 0;

	if (l->store != NULL && store_version(l->store, &before, err) != 0)
		return -1;
	for (;;) {
		const struct timespec least = {.tv_sec = l->moved ? 0 : 1};
		bool due = next_at <= (int64_t)time(NULL);
		const struct timespec slice = due ? least : slice_before(next_at);
		int sig = sigtimedwait(signals, NULL, &slice);
		if (sig == SIGHUP)
			reload(l);
		l->ends = sig == SIGTERM || sig == SIGINT;
		if (due || l->ends || sig == SIGHUP)
			return 0;
		if (l->store != NULL && store_version(l->store, &now, err) != 0)
			return -1;
		if (now != before)
			return 0;
	}
}

static void
tell_status(const struct loop *l, int64_t next_at)
{
	char text[96];
	int64_t wait = next_at - (int64_t)time(NULL);

	(void)l;
	snprintf(
	    text, sizeof(text), "READY=1\nSTATUS=next pass in %" PRId64 " s", wait < 1 ? 1 : wait);
	notify_manager(text);
}

static int
run_loop(struct loop *l, const sigset_t *signals, struct err *err)
{
	while (!l->ends) {
		int64_t now = (int64_t)time(NULL), next_at = NEVER;
		struct err one = ERR_INIT;
		l->moved = false;
		if (one_pass(l, &next_at, &one) != 0) {
			if (one.kind != ERR_BUSY) /* else the other one's pass is as good */
				fprintf(stderr, "signpost: %s\n", one.text);
			next_at = now + l->config->keeper.retry_s;
		}
		int64_t latest = now + l->config->keeper.watch_interval_s;
		if (next_at == NEVER || next_at > latest)
			next_at = latest;
		tell_status(l, next_at);
		if (wait_for_work(l, signals, next_at, err) != 0)
			return -1;
	}
	notify_manager("STOPPING=1");
	return 0;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct loop l = {.cli = cli, .config = cli->config, .verbose = cli_has(cli, "verbose")};
	sigset_t signals;

	/* taken between passes only; a hook's process gets the default back */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return err_set(err, ERR_IO, "signals cannot be blocked");
	if (store_open(cli->store_dir, STORE_WAIT_MS, &l.store, err) != 0)
		return -1;
	int rc = run_loop(&l, &signals, err);
	store_close(l.store);
	config_free(l.own);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"verbose", NULL, "tell what is done and waited for"},
    {NULL, NULL, NULL},
};

const struct verb verb_run = {"run", "", options, 0, 0, VERB_KEEPER, true,
    "The passes of tick in a loop, each when something is due", run};
