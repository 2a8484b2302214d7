/* SPDX-License-Identifier: ISC */
#include "signpost/add_text.h"
#include "keys/lookup.h"
#include "signpost/keymaker.h"

#include <string.h>

#define ASK_MS 2000 /* a person waits: of one question */

static bool
is_wanted(const struct store_key *key)
{
	return key_state_of(&key->facts) <= KEY_STATE_ACTIVE;
}

static bool
signs(const struct store_key *key)
{
	return key_state_signs(key_state_of(&key->facts));
}

static void
put_name(const struct add_text *a, struct buf *out)
{
	char unicode[4 * DOMAIN_LEN_MAX + 1];

	domain_to_unicode(a->domain, unicode, sizeof(unicode));
	buf_put_str(out, a->domain);
	if (strcmp(unicode, a->domain) != 0)
		buf_printf(out, " (%s)", unicode);
}

/* K5: for the domain and above only; that nobody tells is no reason to stop. */
static void
put_servers(const struct add_text *a, struct buf *out)
{
	struct dns_conf dns = a->config->dns;
	struct dns_servers found;
	struct err why = ERR_INIT;

	if (!a->one) {
		buf_put_str(out, ": it");
		return;
	}
	dns.timeout_ms = dns.timeout_ms < ASK_MS ? dns.timeout_ms : ASK_MS;
	if (dns_lookup_servers(&dns, a->domain, &found, &why) != 0)
		buf_printf(out, ": who serves it could not be found out: %s.\n", why.text);
	else if (strcmp(found.zone, a->domain) != 0)
		buf_printf(out, " lies in the zone %s, which is served by %s.\n", found.zone,
		    buf_str(&found.text));
	else
		buf_printf(out, " is served by %s.\n", buf_str(&found.text));
	buf_deinit(&found.text);
	buf_put_str(out, "It");
}

int
add_text_aliases(const struct add_text *a, enum advice_form form, struct buf *out, struct err *err)
{
	char owner[SWEEP_NAME_LEN], alias[SWEEP_NAME_LEN];
	bool several = a->policy->algorithm_count > 1 && form == ADVICE_TEXT;

	for (size_t i = 0; i < a->slot_count; i++) {
		const struct store_slot *s = &a->slots[i];
		bool wanted = false;
		for (size_t k = 0; k < a->policy->algorithm_count; k++)
			wanted = wanted || (a->policy->algorithms[k] == s->alg &&
					       s->n < (int)a->policy->slots);
		if (!wanted)
			continue;
		if (keymaker_slot_names(a->policy, s, owner, alias, err) != 0)
			return -1;
		if (several && s->n == 0)
			buf_printf(out, "  for %s:\n", key_alg_name(s->alg));
		advice_alias(&(struct advice_alias){a->domain, alias, owner}, form, out);
	}
	return 0;
}

static int
put_slots(const struct add_text *a, struct buf *out, struct err *err)
{
	size_t n = a->policy->slots * a->policy->algorithm_count;

	put_servers(a, out);
	buf_printf(out, " needs %zu CNAMEs, once; keys change behind them, in %s:\n\n", n,
	    a->policy->slot_zone);
	if (add_text_aliases(a, ADVICE_TEXT, out, err) != 0)
		return -1;
	if (a->policy->algorithm_count > 1)
		buf_printf(out,
		    "\n%u for each algorithm: two keys cannot stand at one name, so that it is %zu "
		    "in "
		    "all.\n",
		    a->policy->slots, n);
	buf_printf(out,
	    "\nOther forms: signpost records %s --format zone\nThe records in %s are published "
	    "through %s by the passes of `signpost tick`.\n",
	    a->domain, a->policy->slot_zone, a->policy->publisher);
	return 0;
}

/* K10: a delegation hides what stood below it. */
static void
put_delegation(const struct add_text *a, struct buf *out)
{
	buf_printf(out,
	    "_domainkey.%s is to be a zone of its own, and the delegation is yours to make.  In "
	    "this "
	    "order, for it hides every name that stands below it today:\n\n"
	    "  1. Copy all records below _domainkey.%s, those of other services too, into the new "
	    "zone.\n"
	    "  2. See that every server of the new zone has them.\n"
	    "  3. Only then enter in the zone of %s:\n\n"
	    "       _domainkey.%s.   NS   (each name server of the new zone)\n\n"
	    "     and its DS records if %s is signed.\n",
	    a->domain, a->domain, a->domain, a->domain, a->domain);
}

static size_t
put_records(const struct add_text *a, struct buf *out)
{
	size_t waiting = 0;

	for (size_t i = 0; i < a->key_count; i++) {
		if (!is_wanted(&a->keys[i]) || signs(&a->keys[i]))
			continue;
		if (waiting++ == 0) {
			put_servers(a, out);
			buf_put_str(out,
			    " cannot be updated from here, so the record is yours to enter:\n");
		}
		buf_put_str(out, "\n");
		advice_record(&a->keys[i], ADVICE_TEXT, out);
	}
	return waiting;
}

static size_t
put_published(const struct add_text *a, struct buf *out)
{
	size_t waiting = 0;

	for (size_t i = 0; i < a->key_count; i++) {
		const struct store_key *k = &a->keys[i];
		if (!is_wanted(k) || signs(k))
			continue;
		if (waiting++ == 0) {
			put_servers(a, out);
			buf_printf(
			    out, " is updated through publisher %s:\n\n", a->policy->publisher);
		}
		buf_printf(out, "  %s.   %s, %s\n", k->owner, key_alg_name(k->alg),
		    k->facts.at[FACT_PUBLISHED] == NEVER ? "to be published by the next pass"
							 : "published");
	}
	return waiting;
}

static void
put_outcome(const struct add_text *a, struct buf *out)
{
	bool active = false;

	for (size_t i = 0; i < a->key_count; i++)
		active = active || signs(&a->keys[i]);
	if (a->policy->by_hand)
		buf_printf(
		    out, "\nOther forms: signpost records %s --format zone|quoted\n", a->domain);
	if (active)
		buf_printf(out,
		    "Mail from %s is signed already; a new key joins when every name server has "
		    "its record.\n",
		    a->domain);
	else
		buf_printf(out,
		    "Until every name server has it, mail from %s leaves unsigned, as today. Then "
		    "signing starts by itself.\n",
		    a->domain);
	buf_put_str(out, "`signpost tick` looks, from a timer of one minute, after ");
	advice_duration(a->config->slow_after_s, out);
	buf_put_str(out, " every ");
	advice_duration(a->config->slow_interval_s, out);
	buf_printf(out, ", for as long as it takes. See: signpost status %s\n", a->domain);
}

int
add_text(const struct add_text *a, struct buf *out, struct err *err)
{
	size_t waiting = 1;
	int rc = 0;

	if (a->policy->mode == MODE_DELEGATED)
		put_delegation(a, out);
	put_name(a, out);
	if (a->policy->mode == MODE_SLOTS)
		rc = put_slots(a, out, err);
	else
		waiting = a->policy->by_hand ? put_records(a, out) : put_published(a, out);
	if (rc != 0)
		return -1;
	if (waiting > 0)
		put_outcome(a, out);
	else
		buf_printf(out,
		    ": every key of it signs. Nothing is left to do for it. See: signpost status "
		    "%s\n",
		    a->domain);
	return buf_check(out, "the records", err);
}
