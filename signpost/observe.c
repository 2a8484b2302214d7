/* SPDX-License-Identifier: ISC */
#include "signpost/observe.h"
#include "keys/clock.h"
#include "keys/looks.h"
#include "signpost/config_finish.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

static int
explain_clock(
    struct store *store, const struct config *config, struct observed_world *w, struct err *err)
{
	struct clock_memory memory;
	struct clock_reading reading;
	struct clock_verdict verdict;

	if (clock_memory_get(store, &memory, err) != 0)
		return -1;
	clock_read(&reading);
	clock_judge(&memory, &reading, config->keeper.clock_tolerance_s, &verdict);
	snprintf(w->clock_why, sizeof(w->clock_why), "%s",
	    verdict.trusted ? "the next pass judges it anew" : verdict.why);
	return 0;
}

int
observe_world(struct store *store, const struct observe_query *query, struct observed_world *w,
    struct err *err)
{
	int64_t untrusted, outage, held;

	memset(w, 0, sizeof(*w));
	if (store_number_get(store, NUMBER_UNTRUSTED, NEVER, &untrusted, err) != 0 ||
	    store_number_get(store, NUMBER_OUTAGE_FROM, NEVER, &outage, err) != 0 ||
	    store_number_get(store, NUMBER_HELD, NEVER, &held, err) != 0 ||
	    store_number_get(store, NUMBER_TRUSTED_S, 0, &w->trusted_s, err) != 0)
		return -1;
	config_schedule_times(query->config, &w->times);
	if (untrusted != NEVER && explain_clock(store, query->config, w, err) != 0)
		return -1;
	if (outage != NEVER)
		snprintf(w->outage_why, sizeof(w->outage_why),
		    "many domains have lost their records at once");
	w->world = (struct schedule_world){
	    .now = query->now, .clock_trusted = untrusted == NEVER, .outage = outage != NEVER};
	return 0;
}

/* Once it lies where it stays. */
static void
bind_world(struct observed_world *w)
{
	w->world.times = &w->times;
	w->world.clock_why = w->clock_why;
	w->world.outage_why = w->outage_why;
}

struct loaded {
	struct store_look *looks;
	size_t look_count;
	struct store_vanished *vanished;
	size_t vanished_count;
	int64_t queue_oldest, held, domains;
};

static int
load(struct store *store, const struct observe_query *query, struct observation *o,
    struct loaded *l, struct err *err)
{
	/* the same domains in all lists, also when they are limited in number */
	if (store_domains_select(store, &query->select, &o->rows, &o->count, err) != 0)
		return -1;
	struct store_select select = query->select;
	if (o->count > 0) {
		select.first = o->rows[0].name;
		select.last = o->rows[o->count - 1].name;
		select.after = NULL;
	}
	if (o->count == 1)
		select.due_by = INT64_MAX;
	if (store_keys_select(store, &select, &o->keys, &o->key_count, err) != 0 ||
	    store_deeds_select(store, &select, &o->deeds, &o->deed_count, err) != 0 ||
	    store_slots_select(store, &select, &o->slots, &o->slot_count, err) != 0 ||
	    store_looks_select(store, &select, &l->looks, &l->look_count, err) != 0)
		return -1;
	if (store_vanished_since(
		store, query->now - DAY_S, &l->vanished, &l->vanished_count, err) != 0)
		return -1;
	if (store_number_get(store, NUMBER_QUEUE_OLDEST, NEVER, &l->queue_oldest, err) != 0 ||
	    store_number_get(store, NUMBER_HELD, NEVER, &l->held, err) != 0)
		return -1;
	return store_number_get(store, NUMBER_DOMAINS, 0, &l->domains, err);
}

static int
by_key(const void *key, const void *row)
{
	const int64_t *id = key;
	const struct store_vanished *v = row;

	return *id < v->key_id ? -1 : *id > v->key_id;
}

/* What the row of a key says; its looks and deeds are added later. */
static void
view_key(struct schedule_key *v, const struct store_key *k, const struct observation *o,
    const struct loaded *l)
{
	const struct store_vanished *lost = NULL;
	int64_t acknowledged = k->facts.at[FACT_ACKNOWLEDGED];

	if (l->vanished_count > 0)
		lost = bsearch(&k->id, l->vanished, l->vanished_count, sizeof(*lost), by_key);
	*v = (struct schedule_key){.id = k->id,
	    .selector = k->selector,
	    .alg = k->alg,
	    .slot = k->slot,
	    .facts = k->facts,
	    .imported_unproven = k->imported_unproven,
	    .queue_max_s = k->queue_max_s,
	    .delay_max_s = k->delay_max_s,
	    .signature_max_s = k->signature_max_s,
	    .safety_max_s = k->safety_max_s,
	    .ttl_max_s = k->ttl_max_s,
	    .previous_ttl_s = k->previous_ttl_s,
	    .negative_max_s = k->negative_max_s,
	    .selector_taken = k->selector_taken,
	    .removed_by_others = lost == NULL ? 0 : (unsigned)lost->times,
	    .queue_holds = acknowledged != NEVER && l->queue_oldest != NEVER &&
			   l->queue_oldest <= acknowledged,
	    .queue_held = k->queue_held};
	if (k->queue_clear_from != NEVER)
		v->queue_clear_s = o->world.trusted_s - k->queue_clear_from;
	if (acknowledged != NEVER && k->counted_from != NEVER)
		v->overlap_s = o->world.trusted_s - k->counted_from;
	looks_begin(&v->looks);
	for (int d = 0; d < DEED_COUNT; d++)
		v->deeds[d].first_at = v->deeds[d].last_at = NEVER;
}

static void
view_deed(struct schedule_key *v, const struct store_deed *deed)
{
	v->deeds[deed->deed] = deed->tries;
	v->deeds[deed->deed].why = deed->why;
}

static void
view_slot(struct schedule_slot *v, const struct store_slot *s)
{
	*v = (struct schedule_slot){.alg = s->alg,
	    .slot = s->n,
	    .prepared = s->prepared_at != NEVER,
	    .free_at = s->free_at,
	    .deed_at = s->deed_at,
	    .why = s->why};
}

/* K11: in each moment so many that their loss together is an outage. */
static unsigned
watch_phases(const struct config *config, int64_t domains)
{
	int64_t together = 2 * ((int64_t)config->keeper.outage_domains + 1);

	return domains / together > UINT_MAX ? UINT_MAX : (unsigned)(domains / together);
}

static void
view_domain(struct observed *d, const struct store_domain *row, const struct config *config,
    const struct loaded *l)
{
	d->row = row;
	d->domain = (struct schedule_domain){.policy = config_policy(config, row->policy),
	    .signers = {.needed = config->signers.milter_count > 0 && row->signers_needed,
		.asked_at = row->signers_asked_at,
		.table_at = row->table_at,
		.agree = row->signers_agree,
		.laggard = row->signers_laggard},
	    .removing_at = row->removing_at,
	    .roll_at = row->roll_at,
	    .rollback_at = row->rollback_at,
	    .held = row->held_at != NEVER || l->held != NEVER,
	    .alias_wrong = row->alias_wrong,
	    .alias_why = row->alias_why,
	    .propagation_max_s = row->propagation_max_s,
	    .watch_phases = watch_phases(config, l->domains),
	    .is_gone = row->is_gone};
}

static void
drop_future(int64_t *at, int64_t now)
{
	if (schedule_is_future(*at, now))
		*at = NEVER;
}

/* The looks count for what is expected now, which facts and deeds tell. */
static void
view_looks(struct observed *d, struct schedule_key *view, const struct store_look *look,
    const struct observe_query *query)
{
	int64_t now = query->now;

	if (d->domain.policy == NULL || look->key_id == 0 ||
	    schedule_expect(&d->domain, view) != look->expect)
		return;
	view->looks = look->looks;
	view->looks.obstacle = look->obstacle;
	/* of a clock that was set back since: as if it had not been */
	drop_future(&view->looks.looked_at, now);
	drop_future(&view->looks.passed_at, now);
	drop_future(&view->looks.first_pass_at, now);
	drop_future(&view->looks.second_pass_at, now);
	if (view->looks.looked_at == NEVER)
		view->looks.last_passed = false;
	view->looks.looked_now =
	    query->pass_began > 0 && look->looks.looked_at >= query->pass_began;
}

bool
observed_watches_slot(const struct observed *d, size_t nr)
{
	const struct key_policy *p = d->domain.policy;
	const struct schedule_slot *slot = &d->domain.slots[nr];

	if (p == NULL || p->mode != MODE_SLOTS || p->proof != PROOF_AUTHORITATIVE ||
	    d->domain.removing_at != NEVER || d->domain.is_gone || !slot->prepared ||
	    slot->slot >= (int)p->slots || !schedule_slot_is_free(&d->domain, slot))
		return false;
	for (size_t i = 0; i < p->algorithm_count; i++) {
		if (p->algorithms[i] == slot->alg)
			return true;
	}
	return false;
}

/* Rows of all lists come in one order: by domain, then by key. */
static void
assemble(struct observation *o, const struct observe_query *query, const struct loaded *l)
{
	size_t k = 0, s = 0, deed = 0, look = 0;

	for (size_t i = 0; i < o->count; i++) {
		struct observed *d = &o->domains[i];
		size_t first = k, first_slot = s;
		view_domain(d, &o->rows[i], query->config, l);
		for (; k < o->key_count && strcmp(o->keys[k].domain, d->row->name) == 0; k++) {
			view_key(&o->views[k], &o->keys[k], o, l);
			for (; deed < o->deed_count && o->deeds[deed].key_id == o->keys[k].id;
			     deed++)
				view_deed(&o->views[k], &o->deeds[deed]);
		}
		for (; s < o->slot_count && strcmp(o->slots[s].domain, d->row->name) == 0; s++)
			view_slot(&o->slot_views[s], &o->slots[s]);
		d->keys = o->keys + first;
		d->looks = o->looks + first;
		d->slots = o->slots + first_slot;
		d->domain.keys = o->views + first;
		d->domain.key_count = k - first;
		d->domain.slots = o->slot_views + first_slot;
		d->domain.slot_count = s - first_slot;
		for (size_t n = first_slot; n < s; n++)
			o->slot_views[n].alias_wrong = o->slots[n].alias_why[0] != '\0' &&
						       observed_watches_slot(d, n - first_slot);
		for (size_t n = first; n < k; n++) {
			if (look < l->look_count && l->looks[look].key_id == o->keys[n].id)
				o->looks[n] = l->looks[look++];
			view_looks(d, &o->views[n], &o->looks[n], query);
		}
	}
}

static int
allocate(struct observation *o, struct err *err)
{
	o->domains = calloc(o->count + 1, sizeof(*o->domains));
	o->views = calloc(o->key_count + 1, sizeof(*o->views));
	o->looks = calloc(o->key_count + 1, sizeof(*o->looks));
	o->slot_views = calloc(o->slot_count + 1, sizeof(*o->slot_views));
	if (o->domains == NULL || o->views == NULL || o->looks == NULL || o->slot_views == NULL)
		return err_nomem(err);
	return 0;
}

int
observe(
    struct store *store, const struct observe_query *query, struct observation *o, struct err *err)
{
	struct loaded l = {.looks = NULL};

	memset(o, 0, sizeof(*o));
	if (store_begin_read(store, err) != 0)
		return -1;
	int rc = observe_world(store, query, &o->world, err);
	if (rc == 0)
		rc = load(store, query, o, &l, err);
	rc = store_end(store, rc, err);
	if (rc == 0)
		rc = allocate(o, err);
	if (rc == 0) {
		bind_world(&o->world);
		assemble(o, query, &l);
	}
	free(l.looks);
	free(l.vanished);
	return rc;
}

void
observation_deinit(struct observation *o)
{
	free(o->domains);
	free(o->rows);
	free(o->keys);
	free(o->looks);
	free(o->views);
	free(o->deeds);
	free(o->slots);
	free(o->slot_views);
	memset(o, 0, sizeof(*o));
}

int
observed_steps(const struct observed *d, const struct observed_world *w, struct step **steps,
    size_t *count, struct err *err)
{
	*count = 0;
	*steps = calloc(SCHEDULE_STEPS(d->domain.key_count), sizeof(**steps));
	if (*steps == NULL)
		return err_nomem(err);
	if (d->domain.policy != NULL)
		*count = schedule_next(&d->domain, &w->world, *steps);
	return 0;
}
