/* SPDX-License-Identifier: ISC */
/* verb_roll.c - rotate now: the age is skipped, the proof never. */
#include "signpost/change.h"
#include "signpost/when.h"

static bool
signs(const struct operation *op)
{
	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		if (key_state_signs(key_state_of(&op->d->keys[i].facts)))
			return true;
	}
	return false;
}

/* Said before, and some key that signed then still does. */
static bool
is_under_way(const struct operation *op)
{
	const struct schedule_domain *d = &op->d->domain;

	if (d->roll_at == NEVER || d->rollback_at >= d->roll_at ||
	    schedule_is_future(d->roll_at, op->now))
		return false;
	for (size_t i = 0; i < d->key_count; i++) {
		if (key_state_signs(key_state_of(&d->keys[i].facts)) &&
		    d->keys[i].facts.at[FACT_ACTIVATED] < d->roll_at)
			return true;
	}
	return false;
}

/* A key that began to sign in this very second would count as one that has rolled since. */
static int64_t
roll_at(const struct operation *op)
{
	int64_t at = op->now;

	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		const struct key_facts *facts = &op->d->keys[i].facts;
		if (key_state_signs(key_state_of(facts)) && facts->at[FACT_ACTIVATED] == op->now)
			at = op->now + 1;
	}
	return at;
}

static int
apply(struct operation *op, struct buf *said, struct err *err)
{
	char text[ERR_TEXT_LEN];

	if (change_refuse_removed(op, err) != 0)
		return -1;
	if (!signs(op))
		return err_set(err, ERR_INPUT,
		    "no key of %s signs, so that there is none to replace; signpost explain %s "
		    "tells what it "
		    "waits for",
		    op->domain, op->domain);
	if (is_under_way(op)) {
		buf_put_str(said, "Was said already, ");
		when_put_far(said, op->d->domain.roll_at, op->now);
		buf_put_str(said, ", and is under way.\n");
		return 0;
	}
	buf_printf(said,
	    "%s is rotated as soon as a new key is proven; its age and signpost approve are not "
	    "waited for.\n",
	    op->domain);
	struct store_event event = operation_event(op, "", "a rotation was asked for", text);
	return store_domain_mark(
	    op->store, &(struct store_marking){op->domain, MARK_ROLL, roll_at(op)}, &event, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	return change_domain(cli, apply, err);
}

static const struct verb_option options[] = {
    {"dry-run", NULL, "change nothing; show what the next pass would send"},
    {NULL, NULL, NULL},
};

const struct verb verb_roll = {"roll", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Rotate the keys of a domain now; evidence is still needed", run};
