/* SPDX-License-Identifier: ISC */
/* publish.c - how records get into the zone: by a publisher that fails now and then, or by a person who takes days
 * and errs.  Neither overwrites what is foreign. */
#include "tests/sim/sim.h"

static bool
is_ours(const struct answer *answer, int64_t key)
{
	return answer->content != SAYS_FOREIGN &&
	       (answer->content != SAYS_RECORD || answer->key == key);
}

/* What a publisher that makes the old value a condition does. */
static enum deed_result
change(struct site *site, struct domain *domain, struct model_key *key, enum content content)
{
	struct name *name = &domain->names[key->name];
	bool slot_is_free =
	    name->slot >= 0 && content == SAYS_RECORD && key->k.facts.at[FACT_PUBLISHED] == NEVER;

	if (name->zone.content == content &&
	    (content != SAYS_RECORD || name->zone.key == key->k.id))
		return DEED_DONE;
	if (!is_ours(&name->zone, key->k.id) ||
	    (slot_is_free && name->zone.content != SAYS_TOMBSTONE))
		return DEED_FOREIGN;
	zone_put(site, domain, key->name,
	    (struct answer){.content = content,
		.key = key->k.id,
		.ttl_s = domain->policy.ttl_s,
		.author = BY_KEEPER});
	trace(site, domain, "key %lld: zone holds %d", (long long)key->k.id, (int)content);
	return DEED_DONE;
}

enum deed_result
publisher_put(struct site *site, struct domain *domain, struct model_key *key, enum content content)
{
	if (domain->policy.by_hand) {
		int what = content == SAYS_RECORD ? 0 : content == SAYS_TOMBSTONE ? 1 : 2;
		bool obeys = what == 0 || chance(site, 600);
		int64_t most = site->calm ? 3 * DAY : 20 * DAY;
		if (obeys && (key->asked_person & (1 << what)) == 0) {
			key->asked_person |= 1 << what;
			event_put(site, site->now + between(site, HOUR, most),
			    (struct event){.what = EV_PERSON,
				.domain = domain->index,
				.a = what,
				.b = key->k.id});
		}
		return DEED_PERSON;
	}
	if (domain->publisher_fails_until > site->now)
		return DEED_TEMPORARY;
	if (domain->publisher_refuses)
		return DEED_REFUSED;
	enum deed_result result = change(site, domain, key, content);
	if (site->calm || !chance(site, 20))
		return result;
	happened(site, PUBLISHER_ANSWER_LOST); /* done, and the answer was lost */
	return DEED_TEMPORARY;
}

/* what: 0 enters the record, 1 empties it, 2 removes it. */
void
person_acts(struct site *site, struct domain *domain, int64_t id, int what)
{
	struct model_key *key = key_of(domain, id);

	if (key == NULL || key->name < 0)
		return;
	key->asked_person &= ~(1 << what);
	if (what > 0) {
		(void)change(site, domain, key, what == 1 ? SAYS_TOMBSTONE : SAYS_NOTHING);
		return;
	}
	struct name *name = &domain->names[key->name];
	if (name->zone.content == SAYS_FOREIGN && name->zone.key != id) /* another's */
		return;
	bool wrong = !site->calm && chance(site, 150);
	zone_put(site, domain, key->name,
	    (struct answer){.content = wrong ? SAYS_FOREIGN : SAYS_RECORD,
		.key = id,
		.ttl_s = domain->policy.ttl_s,
		.author = wrong ? BY_WORLD : BY_KEEPER});
	trace(site, domain, "key %lld: a person entered it%s", (long long)id,
	    wrong ? ", wrongly" : "");
	if (wrong) {
		happened(site, PERSON_ERRS);
		key->asked_person |= 1;
		event_put(site, site->now + between(site, HOUR, 5 * DAY),
		    (struct event){.what = EV_PERSON, .domain = domain->index, .a = 0, .b = id});
	}
}
