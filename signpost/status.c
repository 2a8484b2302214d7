/* SPDX-License-Identifier: ISC */
#include "signpost/status.h"
#include "signpost/announce_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH	256 /* domains whose rows are held at a time */
#define FEW	50  /* so many domains' key files are read */
#define PASSES	10  /* that did not come */
#define STALE_S 900 /* and at least for so long */

static const char *const CHANNELS[] = {[ALERT_MAIL] = "mail", [ALERT_PROGRAM] = "program"};

struct reading {
	const struct status_query *query;
	struct status_world *world;
	status_take_fn *take;
	void *arg;
	bool files;
};

static int
read_domain(
    struct reading *r, const struct observation *o, const struct observed *seen, struct err *err)
{
	const struct status_query *q = r->query;
	const struct health_view view = {q->store, q->form.config, q->now, q->sweeps, r->files};
	struct domain_health d;
	json_t *json = NULL;

	int rc = domain_health_init(&d, &view, o, seen, err);
	if (rc == 0 && (json = status_json_domain(&d, &q->form)) == NULL)
		rc = err_nomem(err);
	if (rc == 0)
		rc = r->take(r->arg, json, err);
	json_decref(json);
	domain_health_deinit(&d);
	return rc;
}

static int
read_batch(struct reading *r, struct store_select *select, char after[static DOMAIN_LEN_MAX + 1],
    size_t *count, struct err *err)
{
	const struct observe_query query = {
	    .config = r->query->form.config, .select = *select, .now = r->query->now};
	struct status_world *w = r->world;
	struct observation o;
	int rc = observe(r->query->store, &query, &o, err);

	if (rc == 0 && w->count == 0) {
		r->files = r->query->files || o.count < FEW;
		w->clock_trusted = o.world.world.clock_trusted;
		w->outage = o.world.world.outage;
		snprintf(w->clock_why, sizeof(w->clock_why), "%s", o.world.clock_why);
		snprintf(w->outage_why, sizeof(w->outage_why), "%s", o.world.outage_why);
	}
	for (size_t i = 0; rc == 0 && i < o.count; i++)
		rc = read_domain(r, &o, &o.domains[i], err);
	*count = o.count;
	if (o.count > 0)
		snprintf(after, DOMAIN_LEN_MAX + 1, "%s", o.rows[o.count - 1].name);
	w->count += o.count;
	observation_deinit(&o);
	return rc;
}

static int
read_world(const struct status_query *q, struct status_world *w, struct err *err)
{
	*w = (struct status_world){.written_at = q->now, .clock_trusted = true};
	for (int c = 0; c < ALERT_CHANNELS; c++) {
		if (store_telling_get(q->store, (enum alert_channel)c, &w->telling[c], err) != 0)
			return -1;
		/* of one that is told no more */
		if (!announce_is_wanted(&q->form.config->notify, (enum alert_channel)c))
			w->telling[c].failed_at = NEVER;
	}
	if (troubles_find(q->form.config, store_dir(q->store), &w->troubles, err) != 0 ||
	    store_number_get(q->store, NUMBER_LAST_PASS, NEVER, &w->passed_at, err) != 0)
		return -1;
	return store_number_get(q->store, NUMBER_RESTORED, NEVER, &w->restored_at, err);
}

int
status_each(const struct status_query *query, struct status_world *world, status_take_fn *take,
    void *arg, struct err *err)
{
	char after[DOMAIN_LEN_MAX + 1] = "";
	struct store_select select = {.first = query->name,
	    .last = query->name,
	    .after = after,
	    .due_by = INT64_MAX,
	    .max = BATCH,
	    .whole = query->form.ended};
	struct reading r = {query, world, take, arg, query->files};
	size_t n = BATCH;

	if (read_world(query, world, err) != 0)
		return -1;
	while (n == BATCH) {
		if (read_batch(&r, &select, after, &n, err) != 0)
			return -1;
	}
	return 0;
}

bool
status_is_stale(const struct status_world *w, const struct config *config, int64_t now)
{
	int64_t limit = PASSES * config->sweep_interval_s;

	if (limit < STALE_S)
		limit = STALE_S;
	return w->passed_at == NEVER || now - w->passed_at > limit;
}

json_t *
status_world_json(const struct status_world *w)
{
	json_t *telling = json_array(), *troubles = json_array();

	for (size_t i = 0; i < w->troubles.count; i++)
		json_array_append_new(troubles, status_json_text(w->troubles.text[i]));

	for (int c = 0; c < ALERT_CHANNELS; c++) {
		const struct store_telling *t = &w->telling[c];
		if (t->failed_at != NEVER)
			json_array_append_new(
			    telling, json_pack("{s:s, s:o, s:I, s:s}", "channel", CHANNELS[c],
					 "failed_at", status_json_time(t->failed_at), "tries",
					 (json_int_t)t->tries, "why", t->why));
	}
	return json_pack("{s:o, s:o, s:o, s:b, s:s, s:b, s:s, s:o, s:o}", "written",
	    status_json_time(w->written_at), "last_pass", status_json_time(w->passed_at),
	    "restored", status_json_time(w->restored_at), "clock_trusted", (int)w->clock_trusted,
	    "clock_why", w->clock_why, "outage", (int)w->outage, "outage_why", w->outage_why,
	    "untold", telling, "troubles", troubles);
}

void
status_world_of(const json_t *json, struct status_world *w)
{
	const json_t *telling = json_object_get(json, "untold");
	const json_t *troubles = json_object_get(json, "troubles");

	*w = (struct status_world){.written_at = status_time_get(json, "written"),
	    .passed_at = status_time_get(json, "last_pass"),
	    .restored_at = status_time_get(json, "restored"),
	    .clock_trusted = json_is_true(json_object_get(json, "clock_trusted")),
	    .outage = json_is_true(json_object_get(json, "outage"))};
	snprintf(w->clock_why, sizeof(w->clock_why), "%s", status_text_get(json, "clock_why"));
	snprintf(w->outage_why, sizeof(w->outage_why), "%s", status_text_get(json, "outage_why"));
	for (size_t i = 0; i < json_array_size(troubles); i++)
		troubles_add(&w->troubles, json_string_value(json_array_get(troubles, i)));
	for (int c = 0; c < ALERT_CHANNELS; c++)
		w->telling[c] = (struct store_telling){.told_at = NEVER, .failed_at = NEVER};
	for (size_t i = 0; i < json_array_size(telling); i++) {
		const json_t *one = json_array_get(telling, i);
		bool mail = strcmp(status_text_get(one, "channel"), CHANNELS[ALERT_MAIL]) == 0;
		struct store_telling *t = &w->telling[mail ? ALERT_MAIL : ALERT_PROGRAM];
		t->failed_at = status_time_get(one, "failed_at");
		t->tries = json_integer_value(json_object_get(one, "tries"));
		snprintf(t->why, sizeof(t->why), "%s", status_text_get(one, "why"));
	}
}
