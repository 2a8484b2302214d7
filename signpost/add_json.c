/* SPDX-License-Identifier: ISC */
#include "signpost/add_text.h"
#include "signpost/status_json.h"

static const char *const below_names[] = {
    [GUIDE_BELOW_UNKNOWN] = "unknown",
    [GUIDE_BELOW_NOTHING] = "nothing",
    [GUIDE_BELOW_SOMETHING] = "something",
    [GUIDE_BELOW_ZONE] = "zone",
    [GUIDE_BELOW_ALIAS] = "alias",
};

static json_t *
services_json(const struct guide *g)
{
	json_t *services = json_array();

	for (size_t i = 0; i < g->found_count; i++) {
		const struct guide_service *s = &g->found[i];
		json_array_append_new(services,
		    json_pack("{s:s, s:s?, s:s?}", "selector", s->is->selector, "service",
			s->is->service, "alias", s->target[0] == '\0' ? NULL : s->target));
	}
	return services;
}

static json_t *
guide_json(const struct guide *g)
{
	if (g == NULL)
		return json_null();
	return json_pack("{s:b, s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:b, s:b, s:i, s:o}", "reached",
	    (int)g->reached, "why", g->why, "zone", g->servers.zone, "servers",
	    buf_str(&g->servers.text), "primary", g->primary, "provider",
	    g->provider == NULL ? NULL : g->provider->name, "below_domainkey",
	    below_names[g->below], "below_at", buf_str(&g->below_at), "wildcard", (int)g->wildcard,
	    "denies_above", (int)g->denies_above, "selectors_asked", (int)g->asked, "others",
	    services_json(g));
}

static const char *
publisher_word(const struct guide *g)
{
	if (g == NULL)
		return "unknown";
	if (g->publisher_elsewhere)
		return "elsewhere";
	if (!g->publisher_told)
		return "unknown";
	return g->publisher_serves ? "serves" : "not-its-zone";
}

static const char *
mode_name(enum key_mode mode)
{
	static const char *const names[] = {
	    [MODE_TXT] = "txt", [MODE_SLOTS] = "slots", [MODE_DELEGATED] = "delegated"};

	return names[mode];
}

static json_t *
keys_json(const struct adding *a)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < a->key_count; i++) {
		const struct store_key *k = &a->keys[i];
		json_array_append_new(keys,
		    json_pack("{s:s, s:s, s:s}", "selector", k->selector, "algorithm",
			key_alg_name(k->alg), "state", key_state_name(key_state_of(&k->facts))));
	}
	return keys;
}

json_t *
add_json(const struct add_text *t, const struct record_list *records,
    const struct record_list *delegation)
{
	const struct key_policy *p = t->a->rules;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "domain",
	    t->a->name, "policy", p->name, "mode", mode_name(p->mode), "publisher", p->publisher,
	    "publisher_is", publisher_word(t->guide), "by_hand", (int)p->by_hand, "found",
	    guide_json(t->guide), "keys", keys_json(t->a), "to_enter", record_list_json(records),
	    "delegation", record_list_json(delegation), "last_pass",
	    status_json_time(t->last_pass));
}
