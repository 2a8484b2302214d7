/* SPDX-License-Identifier: ISC */
/* verb_tick.c - one pass (pass.h). */
#include "signpost/dry_run.h"
#include "signpost/pass.h"
#include "signpost/verbs.h"

#include <unistd.h>

static int
run_locked(const struct cli *cli, struct store *store, struct err *err)
{
	struct pass pass = {.config = cli->config,
	    .store = store,
	    .verb = "tick",
	    .verbose = cli_has(cli, "verbose"),
	    .seams = &PASS_SEAMS};

	if (pass_run(&pass, err) != 0)
		return -1;
	if (pass.first.kind != ERR_NONE)
		return exit_code_of(pass.first.kind);
	return pass.unanswered ? EXIT_BUSY : EXIT_OK;
}

struct showing {
	struct operation op;
	struct buf out;
	size_t due;
};

static int
show_one(void *arg, struct err *err)
{
	struct showing *s = arg;

	if (dry_run_put_due(&s->op, &s->out, &s->due, err) != 0)
		return -1;
	return operation_print(&s->out, err);
}

/* What a pass would do as things stand: what it would find in DNS is not known. */
static int
show(const struct cli *cli, struct err *err)
{
	struct showing s = {.due = 0};

	buf_init(&s.out, OPERATION_OUT_MAX);
	int rc = operation_open(&s.op, cli, err);
	if (rc == 0)
		rc = operation_each(&s.op, show_one, &s, err);
	if (rc == 0 && s.due == 0) {
		buf_put_str(&s.out, "Nothing is due.\n");
		rc = operation_print(&s.out, err);
	}
	operation_end(&s.op);
	buf_deinit(&s.out);
	return rc == 0 ? EXIT_OK : -1;
}

static int
run(const struct cli *cli, struct err *err)
{
	if (cli_has(cli, "dry-run"))
		return show(cli, err);
	struct store *store = NULL;
	int code = -1;

	/* before the lock, so that a store that is not there is said */
	if (store_open(cli->store_dir, STORE_WAIT_MS, &store, err) != 0)
		return -1;
	int lock = store_lock(cli->store_dir, STORE_LOCK_PASS, 0, err);
	if (lock >= 0)
		code = run_locked(cli, store, err);
	else if (err->kind == ERR_BUSY)
		code = EXIT_BUSY; /* the other pass does the work: a timer need not hear of it */
	if (lock >= 0)
		close(lock);
	store_close(store);
	return code;
}

static const struct verb_option options[] = {
    {"dry-run", NULL, "show what is due and what would be sent, and change nothing"},
    {"verbose", NULL, "tell what is done and waited for"},
    {NULL, NULL, NULL},
};

const struct verb verb_tick = {"tick", "", options, 0, 0, VERB_KEEPER, true,
    "One pass: look at DNS for the keys that wait, and bring the signing table up to date", run};
