/* SPDX-License-Identifier: ISC */
#include "signpost/status_json.h"

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
		json_array_append_new(array,
		    json_pack("{s:s, s:s, s:i, s:s, s:I, s:s}", "server", a->server, "address",
			addr, "port", (int)a->endpoint.port, "verdict", verdicts[a->verdict],
			"serial", (json_int_t)a->serial, "why", a->why));
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

static json_t *
key_json(const struct key_health *k)
{
	const char *steps[] = {
	    [STEP_NONE] = "none",
	    [STEP_LOOK] = "look",
	    [STEP_VERIFY] = "verify",
	    [STEP_ACTIVATE] = "activate",
	};
	json_t *key = json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:{s:s, s:o, s:s}}", "selector",
	    k->row.selector, "algorithm", key_alg_name(k->row.alg), "bits", (int)k->row.bits,
	    "state", key_state_name(key_state_of(&k->row.facts)), "record", k->row.record, "facts",
	    facts_json(&k->row.facts), "next", "step", steps[k->step.what], "earliest",
	    status_json_time(k->step.earliest), "why", k->step.why);

	if (key == NULL)
		return NULL;
	if (k->trouble[0] != '\0')
		json_object_set_new(key, "trouble", json_string(k->trouble));
	if (k->seen.last.found) {
		json_object_set_new(key, "looked_at", status_json_time(k->seen.seen.looked_at));
		json_object_set_new(key, "servers", servers_json(&k->seen.last.sweep));
		if (k->seen.last.resolver[0] != '\0')
			json_object_set_new(key, "resolver", json_string(k->seen.last.resolver));
	}
	return key;
}

json_t *
status_json_domain(const struct domain_health *d)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < d->key_count; i++)
		json_array_append_new(keys, key_json(&d->keys[i]));
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:s, s:o}", "domain", d->row.name, "policy",
	    d->row.policy, "status", health_name(d->health), "warning", (int)d->warning, "since",
	    status_json_time(d->since), "next", d->next, "keys", keys);
}
