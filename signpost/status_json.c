/* SPDX-License-Identifier: ISC */
#include "signpost/status_json.h"
#include "keys/sweep_verdict.h"

#include <time.h>

json_t *
status_json_time(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;
	char text[32];

	if (at == NEVER || gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

static json_t *
servers_json(const struct sweep *sweep)
{
	static const char *const verdicts[] = {
	    [ANSWER_GOOD] = "good",
	    [ANSWER_BAD] = "bad",
	    [ANSWER_MUTE] = "mute",
	};
	json_t *array = json_array();

	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		json_array_append_new(
		    array, json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:s}", "server", a->server,
			       "address", addr, "port", (int)a->endpoint.port, "verdict",
			       verdicts[a->verdict], "found", answer_found_name(a->found), "serial",
			       (json_int_t)a->serial, "why", a->why));
	}
	return array;
}

static json_t *
facts_json(const struct key_facts *facts)
{
	json_t *object = json_object();

	for (int i = 0; i < FACT_COUNT; i++) {
		if (facts->at[i] != NEVER)
			json_object_set_new(object, key_fact_name((enum key_fact)i),
			    status_json_time(facts->at[i]));
	}
	return object;
}

const char *
status_step_name(enum step_what what)
{
	static const char *const names[STEP_COUNT] = {
	    [STEP_NONE] = "none",
	    [STEP_PREPARE_SLOT] = "prepare-slot",
	    [STEP_GENERATE] = "generate",
	    [STEP_PUBLISH] = "publish",
	    [STEP_LOOK] = "look",
	    [STEP_VERIFY] = "verify",
	    [STEP_ACTIVATE] = "activate",
	    [STEP_RETIRE] = "retire",
	    [STEP_ASK_SIGNERS] = "ask-signers",
	    [STEP_ACKNOWLEDGE] = "acknowledge",
	    [STEP_REVOKE] = "revoke",
	    [STEP_REVOKED] = "revoked",
	    [STEP_REMOVE] = "remove",
	    [STEP_REMOVED] = "removed",
	    [STEP_DESTROY] = "destroy",
	    [STEP_ABANDON] = "abandon",
	};

	return names[what];
}

static json_t *
step_json(const struct step *step)
{
	return json_pack("{s:s, s:o, s:s}", "step", status_step_name(step->what), "earliest",
	    status_json_time(step->earliest), "why", step->why);
}

static void
put_last(json_t *key, const struct store_sweep *last)
{
	if (last == NULL || !last->found)
		return;
	json_object_set_new(key, "servers", servers_json(&last->sweep));
	if (last->resolver[0] != '\0')
		json_object_set_new(key, "resolver", json_string(last->resolver));
}

static json_t *
key_json(const struct key_health *k)
{
	const struct store_key *row = k->row;
	json_t *key = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o, s:o}", "selector",
	    row->selector, "algorithm", key_alg_name(row->alg), "bits", (int)row->bits, "state",
	    key_state_name(key_state_of(&row->facts)), "name", row->owner, "record", row->record,
	    "facts", facts_json(&row->facts), "next", step_json(&k->step));

	if (key == NULL)
		return NULL;
	if (row->slot >= 0) {
		json_object_set_new(key, "slot", json_integer(row->slot + 1));
		json_object_set_new(key, "alias", json_string(row->alias));
	}
	if (k->trouble[0] != '\0')
		json_object_set_new(key, "trouble", json_string(k->trouble));
	if (k->view->looks.looked_at != NEVER)
		json_object_set_new(key, "looked_at", status_json_time(k->view->looks.looked_at));
	put_last(key, k->last);
	return key;
}

json_t *
status_json_domain(const struct domain_health *d)
{
	const struct store_domain *row = d->seen->row;
	json_t *keys = json_array(), *steps = json_array();

	for (size_t i = 0; i < d->key_count; i++)
		json_array_append_new(keys, key_json(&d->keys[i]));
	for (size_t i = 0; i < d->step_count; i++)
		json_array_append_new(steps, step_json(&d->steps[i]));
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:o, s:s}", "domain",
	    row->name, "policy", row->policy, "status", health_name(d->health), "warning",
	    (int)d->warning, "since", status_json_time(d->since), "next", d->next, "keys", keys,
	    "steps", steps, "removing", status_json_time(row->removing_at), "held",
	    status_json_time(row->held_at), "laggard",
	    row->signers_agree ? "" : row->signers_laggard);
}
