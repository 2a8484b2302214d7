/* SPDX-License-Identifier: ISC */
#include "signpost/add_text.h"
#include "keys/advice.h"

#include <string.h>

static bool
is_wanted(const struct store_key *key)
{
	return key->slot < 0 && key_state_of(&key->facts) <= KEY_STATE_ACTIVE;
}

static bool
signs(const struct store_key *key)
{
	return key_state_signs(key_state_of(&key->facts));
}

static const char *
zone_of(const struct add_text *t)
{
	return t->guide == NULL ? "" : t->guide->servers.zone;
}

int
add_records(const struct add_text *t, struct record_list *list, struct err *err)
{
	const struct adding *a = t->a;
	char below[SWEEP_NAME_LEN];
	struct record_source from = {.policy = a->rules,
	    .domain = a->name,
	    .zone = zone_of(t),
	    .keys = a->keys,
	    .key_count = a->key_count,
	    .slots = a->slots,
	    .slot_count = a->slot_count,
	    .to_enter = true};

	record_below(a->name, below);
	if (t->guide != NULL && t->guide->below == GUIDE_BELOW_ZONE)
		from.zone = below;
	return record_list_init(list, &from, err);
}

int
add_delegation(const struct add_text *t, struct record_list *list, struct err *err)
{
	char name[SWEEP_NAME_LEN];
	bool known = t->guide != NULL && t->a->rules->mode == MODE_DELEGATED;
	const struct record_delegation d = {.domain = t->a->name,
	    .zone = zone_of(t),
	    .name = name,
	    .hosts = known ? (const char(*)[SWEEP_NAME_LEN])t->guide->hosts : NULL,
	    .host_count = known ? t->guide->host_count : 0,
	    .ttl_s = t->a->rules->ttl_s};

	record_below(t->a->name, name);
	return record_list_delegate(list, &d, err);
}

/* One of many: nobody was asked. */
static void
put_name(const struct add_text *t, struct buf *out)
{
	char unicode[4 * DOMAIN_LEN_MAX + 1];

	domain_to_unicode(t->a->name, unicode, sizeof(unicode));
	buf_put_str(out, t->a->name);
	if (strcmp(unicode, t->a->name) != 0)
		buf_printf(out, " (%s)", unicode);
	buf_put_str(out, ": ");
}

static void
put_subject(const struct add_text *t, const char *sentence, struct buf *out)
{
	if (t->guide == NULL)
		buf_printf(out, "it %s", sentence);
	else
		buf_printf(out, "It %s", sentence);
}

/* That what was found lets this mode work, or what will. */
static void
put_mode(const struct add_text *t, struct buf *out)
{
	const struct key_policy *p = t->a->rules;
	const struct guide *g = t->guide;
	bool wrong =
	    !p->by_hand && (g->publisher_elsewhere || (g->publisher_told && !g->publisher_serves));

	for (size_t i = 0; wrong && i < t->a->config->policy_count; i++) {
		const struct key_policy *other = &t->a->config->policies[i];
		if (!other->by_hand || other->mode != MODE_TXT)
			continue;
		buf_printf(out, "What will work: mode txt by hand. signpost add --policy %s %s\n",
		    other->name, t->a->name);
		return;
	}
	if (p->by_hand && g->provider != NULL && g->provider->format != NULL)
		buf_printf(out, "%s takes it as a file: signpost records %s --format %s\n",
		    g->provider->name, t->a->name, g->provider->format);
}

static int
put_records(const struct add_text *t, struct record_list *list, struct buf *out, struct err *err)
{
	if (list->count == 0)
		return 0;
	put_subject(t, "cannot be updated from here, so the record is yours to enter:\n\n", out);
	return record_format(list, RECORD_FORM_PERSON, out, err);
}

/* What the passes publish. */
static void
put_published(const struct add_text *t, struct buf *out)
{
	size_t waiting = 0;

	for (size_t i = 0; i < t->a->key_count; i++) {
		const struct store_key *k = &t->a->keys[i];
		if (!is_wanted(k) || signs(k))
			continue;
		if (waiting++ == 0) {
			put_subject(t, "is updated through publisher ", out);
			buf_printf(out, "%s:\n\n", t->a->rules->publisher);
		}
		buf_printf(out, "  %s.   %s, %s\n", k->owner, key_alg_name(k->alg),
		    k->facts.at[FACT_PUBLISHED] == NEVER ? "to be published by the next pass"
							 : "published");
	}
}

static int
put_slots(const struct add_text *t, struct record_list *list, struct buf *out, struct err *err)
{
	const struct key_policy *p = t->a->rules;

	put_subject(t, "needs ", out);
	buf_printf(out, "%zu CNAMEs, once; keys change behind them, in %s:\n\n", list->count,
	    p->slot_zone);
	if (record_format(list, RECORD_FORM_PERSON, out, err) != 0)
		return -1;
	if (p->algorithm_count > 1)
		buf_printf(out,
		    "\n%u for each algorithm: two keys cannot stand at one name, so that it is %zu "
		    "in all.\n",
		    p->slots, list->count);
	buf_printf(out,
	    "\nThe form refuses underscores in CNAMEs? signpost add %s --cname-refused\n"
	    "The records in %s are published through %s by the passes of `signpost tick`.\n",
	    t->a->name, p->slot_zone, p->publisher);
	return 0;
}

/* K10: a delegation hides what stood below it. */
static int
put_delegation(const struct add_text *t, struct record_list *ns, struct buf *out, struct err *err)
{
	const char *name = t->a->name;

	if (t->guide != NULL && t->guide->below == GUIDE_BELOW_ZONE)
		return 0;
	buf_printf(out,
	    "_domainkey.%s is to be a zone of its own, and the delegation is yours to make.  In "
	    "this order, for it hides every name that stands below it today:\n\n"
	    "  1. Copy all records below _domainkey.%s, those of other services too, into the new "
	    "zone.\n"
	    "  2. See that every server of the new zone has them.\n"
	    "  3. Only then enter in the zone of %s:\n\n",
	    name, name, name);
	if (ns->count > 0 && record_format(ns, RECORD_FORM_PERSON, out, err) != 0)
		return -1;
	if (ns->count == 0)
		buf_printf(
		    out, "       _domainkey.%s.   NS   (each name server of the new zone)\n", name);
	buf_printf(out, "\n     and its DS records if %s is signed.\n", name);
	return 0;
}

void
add_text_stale(const struct add_text *t, struct buf *out)
{
	if (t->last_pass != NEVER && t->a->now - t->last_pass <= ADD_STALE_S)
		return;
	if (t->last_pass != NEVER) {
		buf_put_str(out, "The last pass was ");
		advice_duration(t->a->now - t->last_pass, out);
		buf_put_str(out,
		    " ago: without passes nothing goes on. Does signpost tick still "
		    "run from its timer (systemctl status signpost-tick.timer), or signpost "
		    "run?\n");
		return;
	}
	buf_printf(out,
	    "No pass was made yet: %s. Start them: systemctl enable --now "
	    "signpost-tick.timer (or signpost tick every minute from cron)\n",
	    t->waits ? "they are made while this waits, but not afterwards"
		     : "without passes nothing goes on");
}

/* Keys of it signed, and none does any more.  What was removed and comes back leaves unsigned, as it did meanwhile. */
static void
put_retired(const struct add_text *t, struct buf *out)
{
	const struct store_key *last = NULL;
	const char *name = t->a->name;

	for (size_t i = 0; i < t->a->key_count; i++) {
		const struct store_key *k = &t->a->keys[i];
		if (k->alg == KEY_RSA_SHA256 && key_state_of(&k->facts) == KEY_STATE_RETIRED &&
		    k->facts.at[FACT_DESTROYED] == NEVER &&
		    (last == NULL || k->facts.at[FACT_RETIRED] > last->facts.at[FACT_RETIRED]))
			last = k;
	}
	buf_printf(out,
	    "No key of %s signs any more: from the next pass on its mail %s, until every name "
	    "server has the new record. Then signing starts by itself.\n",
	    name,
	    t->a->active_from == NEVER || t->a->rules->keyless == KEYLESS_UNSIGNED
		? "leaves unsigned"
		: "is not taken (451), and waits");
	if (last != NULL)
		buf_printf(out,
		    "%s signed before. To let it sign again at once: signpost rollback %s\n",
		    last->selector, name);
}

static bool
was_active(const struct adding *a)
{
	for (size_t i = 0; i < a->key_count; i++) {
		if (a->keys[i].facts.at[FACT_ACTIVATED] != NEVER)
			return true;
	}
	return false;
}

static void
put_outcome(const struct add_text *t, bool active, struct buf *out)
{
	const struct config *config = t->a->config;
	const char *name = t->a->name;

	if (t->a->rules->by_hand || t->a->rules->mode == MODE_SLOTS) {
		struct buf forms;
		buf_init(&forms, 256);
		record_form_names(&forms);
		buf_printf(out, "\nOther forms: signpost records %s --format FORM: %s\n", name,
		    buf_str(&forms));
		buf_deinit(&forms);
	}
	if (active)
		buf_printf(out,
		    "Mail from %s is signed already; a new key joins when every name server has "
		    "its record.\n",
		    name);
	else if (was_active(t->a))
		put_retired(t, out);
	else
		buf_printf(out,
		    "Until every name server has it, mail from %s leaves unsigned, as today. Then "
		    "signing starts by itself.\n",
		    name);
	buf_put_str(out, "`signpost tick` looks for it, in every run of its timer; after ");
	advice_duration(config->slow_after_s, out);
	buf_put_str(out, " once in ");
	advice_duration(config->slow_interval_s, out);
	buf_printf(out, ", for as long as it takes. See: signpost status %s\n", name);
}

/* Keys that wait, or slots: their keys come later. */
static bool
is_done(const struct adding *a, bool *active)
{
	size_t waiting = 0;

	*active = false;
	for (size_t i = 0; i < a->key_count; i++) {
		*active = *active || signs(&a->keys[i]);
		waiting += is_wanted(&a->keys[i]) && !signs(&a->keys[i]);
	}
	return waiting == 0 && a->rules->mode != MODE_SLOTS;
}

static int
put_deeds(const struct add_text *t, struct record_list *list, struct buf *out, struct err *err)
{
	if (t->a->rules->mode == MODE_SLOTS)
		return put_slots(t, list, out, err);
	if (t->a->rules->by_hand)
		return put_records(t, list, out, err);
	put_published(t, out);
	return 0;
}

int
add_text(const struct add_text *t, struct buf *out, struct err *err)
{
	const struct guide_query query = {t->a->config, t->a->rules, t->a->name};
	struct record_list list = {.records = NULL}, ns = {.records = NULL};
	bool active;

	int rc = add_records(t, &list, err);
	if (rc == 0)
		rc = add_delegation(t, &ns, err);
	if (t->guide != NULL)
		guide_text(&query, t->guide, out);
	if (rc == 0 && t->a->rules->mode == MODE_DELEGATED)
		rc = put_delegation(t, &ns, out, err);
	if (t->guide == NULL)
		put_name(t, out);
	bool done = is_done(t->a, &active);
	if (rc == 0 && !done)
		rc = put_deeds(t, &list, out, err);
	if (done)
		buf_printf(out,
		    "%s: every key of it signs. Nothing is left to do for it. See: "
		    "signpost status %s\n",
		    t->a->name, t->a->name);
	else
		put_outcome(t, active, out);
	if (t->guide != NULL && !done)
		put_mode(t, out);
	record_list_deinit(&list);
	record_list_deinit(&ns);
	return rc == 0 ? buf_check(out, "the records", err) : -1;
}
