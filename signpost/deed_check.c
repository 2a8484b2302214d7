/* SPDX-License-Identifier: ISC */
#include "signpost/deed_check.h"

#include <stdlib.h>

static int64_t
key_id(const struct observed *d, size_t key)
{
	return key == SIZE_MAX ? 0 : d->keys[key].id;
}

static bool
gives(const struct observed *d, const struct step *step, const struct errand *e)
{
	const struct step *wanted = e->step;
	const struct observed *then = e->share->d;

	return step->what == wanted->what && step->alg == wanted->alg &&
	       step->slot == wanted->slot && key_id(d, step->key) == key_id(then, wanted->key) &&
	       key_id(d, step->other) == key_id(then, wanted->other);
}

/* Asks the scheduler once more, as of the time at which it gave the step. */
static int
ask_again(const struct errand *e, bool *holds, struct err *err)
{
	const struct share *s = e->share;
	const struct observe_query query = {.config = s->pass->config,
	    .select = store_select_domain(s->d->row->name),
	    .now = s->o->world.world.now,
	    .pass_began = s->pass->began};
	struct observation o;
	struct step *steps = NULL;
	size_t count = 0;

	*holds = false;
	int rc = observe(s->pass->store, &query, &o, err);
	if (rc == 0 && o.count == 1)
		rc = observed_steps(&o.domains[0], &o.world, &steps, &count, err);
	for (size_t i = 0; rc == 0 && i < count && !*holds; i++)
		*holds = gives(&o.domains[0], &steps[i], e) && steps[i].earliest != NEVER &&
			 steps[i].earliest <= query.now;
	free(steps);
	observation_deinit(&o);
	return rc;
}

int
deed_begin(const struct errand *e, struct err *err)
{
	struct store *store = e->share->pass->store;
	bool holds = false;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = ask_again(e, &holds, err);
	if (rc == 0 && !holds) {
		e->share->overtaken = true;
		rc = err_set(err, ERR_BUSY,
		    "%s was changed by somebody else; the next pass looks at it anew",
		    e->share->d->row->name);
	}
	return rc == 0 ? 0 : store_end(store, -1, err);
}
