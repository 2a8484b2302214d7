/* SPDX-License-Identifier: ISC */
#include "signpost/health.h"
#include "keys/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Since when it is what it is. */
static int64_t
state_since(const struct key_facts *facts)
{
	static const enum key_fact began[] = {
	    [KEY_STATE_GENERATED] = FACT_GENERATED,
	    [KEY_STATE_PUBLISHED] = FACT_PUBLISHED,
	    [KEY_STATE_READY] = FACT_VERIFIED,
	    [KEY_STATE_ACTIVE] = FACT_ACTIVATED,
	    [KEY_STATE_RETIRED] = FACT_RETIRED,
	    [KEY_STATE_REVOKED] = FACT_REVOKED,
	    [KEY_STATE_REMOVED] = FACT_REMOVED,
	    [KEY_STATE_DESTROYED] = FACT_DESTROYED,
	    [KEY_STATE_ABANDONED] = FACT_ABANDONED,
	    [KEY_STATE_COMPROMISED] = FACT_COMPROMISED,
	};

	return facts->at[began[key_state_of(facts)]];
}

/* Missing for longer than slow_after, as the scheduler counts it. */
static bool
is_slow(const struct key_health *key, const struct config *config)
{
	const struct schedule_looks *l = &key->view->looks;
	int64_t since = key->row->facts.at[FACT_PUBLISHED];

	return key_state_of(&key->row->facts) == KEY_STATE_PUBLISHED && since != NEVER &&
	       l->looked_at != NEVER && !l->last_passed &&
	       l->looked_at - since >= config->slow_after_s;
}

static int
load_last(struct key_health *key, const struct health_view *view, struct err *err)
{
	bool waits =
	    key_state_of(&key->row->facts) <= KEY_STATE_READY && !key->view->looks.last_passed;

	if (key->view->looks.looked_at == NEVER || (!view->sweeps && !waits))
		return 0;
	key->last = malloc(sizeof(*key->last));
	if (key->last == NULL)
		return err_nomem(err);
	if (store_sweep_get(view->store, key->row->id, EVIDENCE_LAST, key->last, err) != 0)
		return -1;
	if (waits && key->last->found)
		key->obstruction = key->last->sweep.obstruction;
	return 0;
}

static int
look_at_key(struct key_health *key, const struct health_view *view, struct err *err)
{
	struct err trouble = ERR_INIT;
	const char *dir = store_dir(view->store);

	if (key_state_of(&key->row->facts) <= KEY_STATE_ACTIVE) {
		int rc = view->files ? keyfile_check(dir, key->row, &trouble)
				     : keyfile_look(dir, key->row, &trouble);
		if (rc != 0)
			snprintf(key->trouble, sizeof(key->trouble), "%.*s", HEALTH_TEXT_LEN - 1,
			    trouble.text);
	}
	return load_last(key, view, err);
}

static void
view_key(
    struct key_health *key, const struct domain_health *d, const struct observation *o, size_t i)
{
	const struct observed *seen = d->seen;

	key->row = &seen->keys[i];
	key->look = &seen->looks[i];
	key->view = &seen->domain.keys[i];
	key->step = (struct step){.what = STEP_NONE, .earliest = NEVER};
	key->since = state_since(&key->row->facts);
	key->next_look = NEVER;
	if (seen->domain.policy == NULL)
		return;
	key->next_look = schedule_next_look(&seen->domain, &o->world.world, key->view);
	key->lost = schedule_is_lost(&seen->domain, &o->world.world, key->view);
}

/* A step that wants a look does not wait for the watch's turn. */
static void
take_step(struct key_health *key, const struct step *step)
{
	key->step = *step;
	if (step->what == STEP_LOOK && step->earliest != NEVER && key->next_look != NEVER &&
	    step->earliest < key->next_look)
		key->next_look = step->earliest;
}

int
domain_health_init(struct domain_health *d, const struct health_view *view,
    const struct observation *o, const struct observed *seen, struct err *err)
{
	size_t count = 0;

	*d = (struct domain_health){.seen = seen, .since = NEVER, .next_at = NEVER};
	if (observed_steps(seen, &o->world, &d->steps, &count, err) != 0)
		return -1;
	d->keys = calloc(seen->domain.key_count + 1, sizeof(*d->keys));
	if (d->keys == NULL)
		return err_nomem(err);
	d->key_count = seen->domain.key_count;
	int rc = 0;
	for (size_t i = 0; i < d->key_count; i++) {
		struct key_health *key = &d->keys[i];
		view_key(key, d, o, i);
		if (i < count)
			take_step(key, &d->steps[i]);
		key->slow = is_slow(key, view->config);
		if (rc == 0)
			rc = look_at_key(key, view, err);
	}
	/* behind those of the keys */
	d->step_count = count > d->key_count ? count - d->key_count : 0;
	if (d->step_count > 0)
		memmove(d->steps, d->steps + d->key_count, d->step_count * sizeof(*d->steps));
	if (rc == 0)
		health_judge(d, view->config, view->now);
	return rc;
}

void
domain_health_deinit(struct domain_health *d)
{
	for (size_t i = 0; i < d->key_count; i++)
		free(d->keys[i].last);
	free(d->keys);
	free(d->steps);
	d->keys = NULL;
	d->steps = NULL;
	d->key_count = d->step_count = 0;
}
