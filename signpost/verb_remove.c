/* SPDX-License-Identifier: ISC */
/* verb_remove.c - the end of a domain, with overlap. */
#include "signpost/change.h"
#include "signpost/when.h"

static int
apply(struct operation *op, struct buf *said, struct err *err)
{
	char text[ERR_TEXT_LEN];

	if (op->d->row->removed_at != NEVER) {
		buf_printf(said, "%s is removed already, ", op->domain);
		when_put_far(said, op->d->row->removed_at, op->now);
		buf_printf(said, ".\n");
		return 0;
	}
	if (op->d->domain.removing_at != NEVER) {
		buf_put_str(said, "Was said already, ");
		when_put_far(said, op->d->domain.removing_at, op->now);
		buf_put_str(said, ".\n");
		return 0;
	}
	if (!cli_has(op->cli, "yes") && !cli_has(op->cli, "dry-run"))
		return err_set(err, ERR_USAGE,
		    "after it, mail from %s leaves unsigned; records stay until no mail needs "
		    "them, then all "
		    "is deleted.  signpost remove --dry-run %s shows the steps, signpost remove "
		    "--yes %s does "
		    "it",
		    op->domain, op->domain, op->domain);
	buf_printf(said,
	    "Mail from %s leaves unsigned from the next pass on.  Its records stay until no mail "
	    "needs them.\n"
	    "signpost add %s lets it stay after all.\n",
	    op->domain, op->domain);
	struct store_event event = operation_event(op, "", "the domain is to be removed", text);
	return store_domain_mark(
	    op->store, &(struct store_marking){op->domain, MARK_REMOVING, op->now}, &event, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	return change_domain(cli, apply, err);
}

static const struct verb_option options[] = {
    {"yes", NULL, "do it; without it, only told what it means"},
    {"dry-run", NULL, "change nothing; show what the next pass would send"},
    {NULL, NULL, NULL},
};

const struct verb verb_remove = {"remove", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Stop signing for a domain, and take its records away when no mail needs them", run};
