/* SPDX-License-Identifier: ISC */
/* signers.c - the signing table, and the milters that sign by what they loaded of it. */
#include "tests/sim/sim.h"

#include <string.h>

static bool
holds(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

bool
key_is_active(const struct model_key *key)
{
	const int64_t *at = key->k.facts.at;

	return at[FACT_ACTIVATED] != NEVER && at[FACT_RETIRED] == NEVER &&
	       at[FACT_ABANDONED] == NEVER;
}

static size_t
active_keys(const struct domain *domain, int64_t ids[static TABLE_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < domain->key_count && count < TABLE_MAX; i++) {
		if (key_is_active(&domain->keys[i]))
			ids[count++] = domain->keys[i].k.id;
	}
	return count;
}

bool
table_write(struct site *site, struct domain *domain)
{
	int64_t ids[TABLE_MAX];
	size_t count = active_keys(domain, ids);

	if (count == domain->table_count && memcmp(ids, domain->table, count * sizeof(*ids)) == 0)
		return false;
	memcpy(domain->table, ids, sizeof(ids));
	domain->table_count = count;
	domain->table_at = wall(site);
	domain->agree = false;
	trace(site, domain, "table: %zu keys", count);
	for (int s = 0; s < site->signer_count; s++) {
		if (site->stuck_until[s] <= site->now)
			event_put(site, site->now + between(site, 0, 5),
			    (struct event){.what = EV_LOAD, .domain = domain->index, .a = s});
	}
	return true;
}

void
signer_loads(struct site *site, struct domain *domain, int signer)
{
	int64_t *loaded = domain->loaded[signer];
	size_t count = domain->loaded_count[signer];

	if (site->stuck_until[signer] > site->now || domain->no_rule)
		return;
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		bool was = holds(loaded, count, key->k.id);
		bool is = holds(domain->table, domain->table_count, key->k.id);
		if (was && !is)
			key_ends_to_sign(site, domain, key, signer);
		if (is && !was)
			key_begins_to_sign(site, domain, key, signer);
	}
	memcpy(loaded, domain->table, sizeof(domain->table));
	domain->loaded_count[signer] = domain->table_count;
}

void
signers_ask(struct site *site, struct domain *domain)
{
	int64_t ids[TABLE_MAX];
	size_t count = active_keys(domain, ids);
	bool agree = true;

	for (int s = 0; s < site->signer_count; s++) {
		if (site->away_until[s] > site->now) {
			agree = false;
			continue;
		}
		/* The question is a message: a milter that is not stuck looks at the table for it. */
		signer_loads(site, domain, s);
		if (domain->loaded_count[s] != count ||
		    memcmp(domain->loaded[s], ids, count * sizeof(*ids)) != 0)
			agree = false;
	}
	domain->asked_at = wall(site);
	domain->agree = agree;
	trace(site, domain, "signers %s", agree ? "agree" : "do not agree");
}
