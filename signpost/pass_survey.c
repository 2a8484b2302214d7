/* SPDX-License-Identifier: ISC */
/* pass_survey.c - what a slot's name answers before its tombstone is there: a wildcard of the zone, or somebody's
 * record, is remembered by resolvers for its own time (K20). */
#include "signpost/pass_private.h"

#include <stdlib.h>
#include <string.h>

struct surveying {
	struct survey *list;
};

static void
take(void *arg, const struct sweep_result *result)
{
	struct surveying *all = arg;
	struct survey *s = &all->list[result->index];

	s->rc = result->rc;
	s->why = result->why;
	s->ttl_max_s = result->sweep.ttl_max_s;
	/* silence tells nothing of what is there */
	if (s->rc == 0 && result->sweep.good + result->sweep.bad == 0)
		s->rc = err_set(&s->why, ERR_DNS, "no server of %s answers", s->zone);
}

int
pass_survey(struct pass *pass, struct survey *list, size_t count, struct err *err)
{
	struct surveying all = {.list = list};
	struct sweep_question *q = calloc(count + 1, sizeof(*q));

	if (q == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		list[i].rc = err_set(&list[i].why, ERR_DNS, "%s was not asked for", list[i].name);
		q[i] = (struct sweep_question){.domain = list[i].zone,
		    .name = list[i].name,
		    .expect = EXPECT_ABSENT,
		    .survey = true};
	}
	if (count > 0) {
		pass_between(pass, "survey");
		pass->seams->sweep(
		    pass->seams->arg, pass->batch, &(struct pass_sweeps){q, count, take, &all});
	}
	free(q);
	return 0;
}
