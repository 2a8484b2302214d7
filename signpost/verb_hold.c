/* SPDX-License-Identifier: ISC */
/* verb_hold.c - hold and release: no step but the switch away from a lost key. */
#include "signpost/change.h"
#include "signpost/when.h"

#include <inttypes.h>
#include <stdlib.h>

#define MEANING                                                                                    \
	"Signing and watching go on; no other step is taken but the switch away from a lost "      \
	"key.\n"

static int
hold_domain(struct operation *op, struct buf *said, struct err *err)
{
	int64_t since = op->d->row->held_at;
	char text[ERR_TEXT_LEN];

	if (since != NEVER) {
		buf_printf(said, "%s is held already, since ", op->domain);
		when_put(said, since, op->now);
		buf_put_str(said, ".\n");
		return 0;
	}
	buf_printf(said, "%s is held.  " MEANING "signpost release %s lets it go on.\n", op->domain,
	    op->domain);
	struct store_event event = operation_event(op, "", "held", text);
	return store_domain_mark(
	    op->store, &(struct store_marking){op->domain, MARK_HELD, op->now}, &event, err);
}

static int
hold_all(struct operation *op, struct buf *said, struct err *err)
{
	int64_t since;
	char text[ERR_TEXT_LEN];

	if (store_number_get(op->store, NUMBER_HELD, NEVER, &since, err) != 0)
		return -1;
	if (since != NEVER) {
		buf_put_str(said, "All domains are held already, since ");
		when_put(said, since, op->now);
		buf_put_str(said, ".\n");
		return 0;
	}
	struct store_event event = operation_event(op, "", "all domains are held", text);
	if (store_number_put(op->store, NUMBER_HELD, op->now, err) != 0 ||
	    store_all_due(op->store, err) != 0)
		return -1;
	buf_put_str(said, "All domains are held.  " MEANING "signpost release lets them go on.\n");
	return store_event_put(op->store, &event, err);
}

static int
release_domain(struct operation *op, struct buf *said, struct err *err)
{
	int64_t all;
	char text[ERR_TEXT_LEN];

	if (store_number_get(op->store, NUMBER_HELD, NEVER, &all, err) != 0)
		return -1;
	if (all != NEVER) {
		buf_put_str(said, "All domains are held, since ");
		when_put(said, all, op->now);
		buf_put_str(said, ": signpost release, without a domain, ends that.\n");
	}
	if (op->d->row->held_at == NEVER) {
		buf_printf(said, "%s itself is not held.\n", op->domain);
		return 0;
	}
	buf_printf(said, "%s is held no longer.\n", op->domain);
	struct store_event event = operation_event(op, "", "released", text);
	return store_domain_mark(
	    op->store, &(struct store_marking){op->domain, MARK_HELD, NEVER}, &event, err);
}

/* What was held by its own name stays so. */
static int
tell_still_held(const struct operation *op, struct buf *said, struct err *err)
{
	struct store_domain *rows = NULL;
	size_t count = 0;

	if (store_domains(op->store, NULL, &rows, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].held_at != NEVER)
			buf_printf(said, "%s is held by itself: signpost release %s\n",
			    rows[i].name, rows[i].name);
	}
	free(rows);
	return 0;
}

static int
release_all(struct operation *op, struct buf *said, struct err *err)
{
	int64_t since;
	char text[ERR_TEXT_LEN];

	if (store_number_get(op->store, NUMBER_HELD, NEVER, &since, err) != 0)
		return -1;
	buf_put_str(said, since == NEVER ? "There was no hold of all domains.\n"
					 : "The hold of all domains is over.\n");
	if (since != NEVER) {
		struct store_event event =
		    operation_event(op, "", "all domains are released", text);
		if (store_number_drop(op->store, NUMBER_HELD, err) != 0 ||
		    store_all_due(op->store, err) != 0 ||
		    store_event_put(op->store, &event, err) != 0)
			return -1;
	}
	return tell_still_held(op, said, err);
}

static int
run_hold(const struct cli *cli, struct err *err)
{
	return cli->operand_count == 0 ? change_store(cli, hold_all, err)
				       : change_domain(cli, hold_domain, err);
}

static int
run_release(const struct cli *cli, struct err *err)
{
	return cli->operand_count == 0 ? change_store(cli, release_all, err)
				       : change_domain(cli, release_domain, err);
}

static const struct verb_option options[] = {
    {NULL, NULL, NULL},
};

const struct verb verb_hold = {"hold", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Take no step for a domain, or for all, but the switch away from a lost key", run_hold};
const struct verb verb_release = {"release", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Let a domain, or all, go on after hold", run_release};
