/* SPDX-License-Identifier: ISC */
#include "signpost/status_rebuild.h"
#include "keys/looks.h"

#include <stdlib.h>
#include <string.h>

static bool
copy(const json_t *object, const char *name, char *out, size_t size)
{
	return slice_to_str(slice_of(status_text_get(object, name)), out, size);
}

static int64_t
number(const json_t *object, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(object, name));
}

/* The place of the word in a list; the first for one that is not there. */
static int
choice(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

/* What the configuration says of the policy, where it can be read; else the defaults.  What matters most stands in
 * the file. */
static void
rebuild_policy(struct status_rebuilt *r, const struct config *config)
{
	static const char *const modes[] = {"txt", "slots", "delegated"};
	static const char *const proofs[] = {"authoritative", "resolver", "attest"};
	const struct key_policy *known = config_policy(config, r->o.rows[0].policy);
	json_t *zone = json_object_get(r->domain, "slot_zone");
	json_t *publisher = json_object_get(r->domain, "publisher");

	r->policy = known != NULL ? *known : *config_policy(config, "default");
	r->policy.mode = (enum key_mode)choice(status_text_get(r->domain, "mode"), modes, 3);
	r->policy.proof = (enum proof)choice(status_text_get(r->domain, "proof"), proofs, 3);
	/* the words stay in the object, and nobody writes there */
	union {
		const char *in;
		char *out;
	} words = {.in = json_string_value(zone)};
	r->policy.slot_zone = words.out;
	words.in = json_string_value(publisher);
	r->policy.publisher = words.out;
	r->policy.by_hand = words.in == NULL || strcmp(words.in, PUBLISHER_BY_HAND) == 0;
}

static void
rebuild_facts(const json_t *json, struct key_facts *facts)
{
	for (int i = 0; i < FACT_COUNT; i++)
		facts->at[i] = status_time_get(json, key_fact_name((enum key_fact)i));
}

static void
rebuild_deeds(const json_t *list, struct schedule_key *view)
{
	static const char *const names[] = {
	    [DEED_PUBLISH] = "publish", [DEED_REVOKE] = "revoke", [DEED_REMOVE] = "remove"};

	for (int i = 0; i < DEED_COUNT; i++)
		view->deeds[i] = (struct schedule_deed){.first_at = NEVER, .last_at = NEVER};
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		struct schedule_deed *deed =
		    &view->deeds[choice(status_text_get(one, "deed"), names, DEED_COUNT)];
		*deed = (struct schedule_deed){.first_at = status_time_get(one, "first_at"),
		    .last_at = status_time_get(one, "last_at"),
		    .tries = (unsigned)number(one, "tries"),
		    .done = json_is_true(json_object_get(one, "done")),
		    .refused = json_is_true(json_object_get(one, "refused")),
		    .why = status_text_get(one, "why")};
	}
}

static bool
rebuild_key(struct status_rebuilt *r, size_t nr, const json_t *json)
{
	struct store_key *row = &r->o.keys[nr];
	struct schedule_key *view = &r->o.views[nr];
	const json_t *slot = json_object_get(json, "slot");

	row->id = (int64_t)nr + 1;
	row->slot = slot == NULL ? -1 : (int)json_integer_value(slot) - 1;
	row->bits = (unsigned)number(json, "bits");
	row->ttl_s = r->policy.ttl_s;
	memcpy(row->domain, r->o.rows[0].name, sizeof(row->domain));
	if (!copy(json, "selector", row->selector, sizeof(row->selector)) ||
	    !copy(json, "name", row->owner, sizeof(row->owner)) ||
	    !copy(json, "alias", row->alias, sizeof(row->alias)) ||
	    !copy(json, "record", row->record, sizeof(row->record)) ||
	    !copy(json, "zones", r->o.looks[nr].zones, sizeof(r->o.looks[nr].zones)) ||
	    !key_alg_from_name(slice_of(status_text_get(json, "algorithm")), &row->alg))
		return false;
	rebuild_facts(json_object_get(json, "facts"), &row->facts);
	*view = (struct schedule_key){.id = row->id,
	    .selector = row->selector,
	    .alg = row->alg,
	    .slot = row->slot,
	    .facts = row->facts,
	    .negative_max_s = NEVER};
	looks_begin(&view->looks);
	rebuild_deeds(json_object_get(json, "deeds"), view);
	return true;
}

static bool
rebuild_slot(struct status_rebuilt *r, size_t nr, const json_t *json)
{
	struct store_slot *s = &r->o.slots[nr];

	memcpy(s->domain, r->o.rows[0].name, sizeof(s->domain));
	s->n = (int)number(json, "slot") - 1;
	s->prepared_at = status_time_get(json, "prepared_at");
	s->free_at = s->deed_at = NEVER;
	if (!copy(json, "token", s->token, sizeof(s->token)) ||
	    !key_alg_from_name(slice_of(status_text_get(json, "algorithm")), &s->alg))
		return false;
	copy(json, "why", s->why, sizeof(s->why));
	s->looked_at = NEVER;
	copy(json, "alias_why", s->alias_why, sizeof(s->alias_why));
	r->o.slot_views[nr] = (struct schedule_slot){.alg = s->alg,
	    .slot = s->n,
	    .prepared = s->prepared_at != NEVER,
	    .free_at = NEVER,
	    .deed_at = NEVER,
	    .why = s->why,
	    .alias_wrong = s->alias_why[0] != '\0'};
	return true;
}

static int
allocate(struct observation *o, struct err *err)
{
	o->count = 1;
	o->domains = calloc(1, sizeof(*o->domains));
	o->rows = calloc(1, sizeof(*o->rows));
	o->keys = calloc(o->key_count + 1, sizeof(*o->keys));
	o->looks = calloc(o->key_count + 1, sizeof(*o->looks));
	o->views = calloc(o->key_count + 1, sizeof(*o->views));
	o->slots = calloc(o->slot_count + 1, sizeof(*o->slots));
	o->slot_views = calloc(o->slot_count + 1, sizeof(*o->slot_views));
	if (o->domains == NULL || o->rows == NULL || o->keys == NULL || o->looks == NULL ||
	    o->views == NULL || o->slots == NULL || o->slot_views == NULL)
		return err_nomem(err);
	return 0;
}

static bool
rebuild_domain(struct status_rebuilt *r, const struct config *config)
{
	struct store_domain *row = &r->o.rows[0];

	row->removing_at = status_time_get(r->domain, "removing");
	row->held_at = status_time_get(r->domain, "held");
	row->added_at = row->removed_at = row->roll_at = row->rollback_at = NEVER;
	row->active_from = row->table_at = NEVER;
	row->signers_asked_at = status_time_get(r->domain, "lags_at");
	row->propagation_max_s = number(r->domain, "slowest_s");
	if (row->propagation_max_s < 0 ||
	    !copy(r->domain, "domain", row->name, sizeof(row->name)) ||
	    !copy(r->domain, "policy", row->policy, sizeof(row->policy)) ||
	    !copy(r->domain, "laggard", row->signers_laggard, sizeof(row->signers_laggard)) ||
	    row->name[0] == '\0')
		return false;
	rebuild_policy(r, config);
	r->o.domains[0] = (struct observed){.row = row,
	    .keys = r->o.keys,
	    .looks = r->o.looks,
	    .slots = r->o.slots,
	    .domain = {.policy = &r->policy,
		.signers = {.needed = row->signers_asked_at != NEVER},
		.keys = r->o.views,
		.key_count = r->o.key_count,
		.slots = r->o.slot_views,
		.slot_count = r->o.slot_count,
		.removing_at = row->removing_at,
		.roll_at = NEVER,
		.rollback_at = NEVER,
		.held = row->held_at != NEVER,
		.propagation_max_s = row->propagation_max_s}};
	return true;
}

int
status_rebuild(
    struct status_rebuilt *r, json_t *domain, const struct config *config, struct err *err)
{
	const json_t *keys = json_object_get(domain, "keys");
	const json_t *slots = json_object_get(domain, "slots");

	memset(r, 0, sizeof(*r));
	r->domain = json_incref(domain);
	r->o.key_count = json_array_size(keys);
	r->o.slot_count = json_array_size(slots);
	if (allocate(&r->o, err) != 0)
		return -1;
	bool good = rebuild_domain(r, config);
	for (size_t i = 0; good && i < r->o.key_count; i++)
		good = rebuild_key(r, i, json_array_get(keys, i));
	for (size_t i = 0; good && i < r->o.slot_count; i++)
		good = rebuild_slot(r, i, json_array_get(slots, i));
	return good ? 0
		    : err_set(err, ERR_INPUT, "%.80s: its entry in the status file is damaged",
			  status_text_get(domain, "domain"));
}

void
status_rebuilt_deinit(struct status_rebuilt *r)
{
	observation_deinit(&r->o);
	json_decref(r->domain);
	r->domain = NULL;
}
