/* SPDX-License-Identifier: ISC */
#include "signpost/change.h"
#include "signpost/dry_run.h"

#include <time.h>

/* A dry run shows what a pass would find after the change, and takes it back. */
static int
transact(struct operation *op, change_fn *apply, struct buf *said, struct err *err)
{
	bool dry = cli_has(op->cli, "dry-run");
	struct err ignored = ERR_INIT;

	if (store_begin(op->store, err) != 0)
		return -1;
	/* as of now, not as of before a wait for the lock */
	op->now = (int64_t)time(NULL);
	int rc = op->domain[0] == '\0' ? 0 : operation_load(op, err);
	if (rc == 0)
		rc = apply(op, said, err);
	if (!dry || rc != 0)
		return store_end(op->store, rc, err);
	buf_put_str(said, "Dry run: nothing was changed.\n");
	rc = dry_run_put(op, said, err);
	if (store_end(op->store, -1, &ignored) == 0)
		return err_set(err, ERR_IO, "the dry run could not be taken back");
	return rc;
}

static int
change(struct operation *op, change_fn *apply, struct err *err)
{
	struct buf said;

	buf_init(&said, OPERATION_OUT_MAX);
	int rc = transact(op, apply, &said, err);
	if (rc == 0)
		rc = operation_print(&said, err);
	buf_deinit(&said);
	if (rc == 0 && op->domain[0] != '\0' && !cli_has(op->cli, "dry-run"))
		rc = operation_tell(op, err);
	return rc;
}

int
change_domain(const struct cli *cli, change_fn *apply, struct err *err)
{
	struct operation op;

	int rc = operation_begin(&op, cli, err);
	if (rc == 0)
		rc = change(&op, apply, err);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

int
change_store(const struct cli *cli, change_fn *apply, struct err *err)
{
	struct operation op;

	int rc = operation_open(&op, cli, err);
	if (rc == 0)
		rc = change(&op, apply, err);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

int
change_refuse_removed(const struct operation *op, struct err *err)
{
	if (op->d->domain.removing_at == NEVER)
		return 0;
	return err_set(err, ERR_INPUT, "%s is being removed; signpost add %s lets it stay",
	    op->domain, op->domain);
}
