/* SPDX-License-Identifier: ISC */
#include "signpost/order.h"
#include "signpost/keymaker.h"

#include <stdio.h>
#include <string.h>

#define TOMBSTONE "v=DKIM1; p=" /* K32 */

bool
order_is_for(enum step_what what)
{
	return what == STEP_PREPARE_SLOT || what == STEP_PUBLISH || what == STEP_REVOKE ||
	       what == STEP_REMOVE;
}

const struct store_slot *
order_slot(const struct observed *d, const struct step *step)
{
	for (size_t i = 0; i < d->domain.slot_count; i++) {
		if (d->slots[i].alg == step->alg && d->slots[i].n == step->slot)
			return &d->slots[i];
	}
	return NULL;
}

/* The zone that holds the name of one of the domain's keys, as its last sweep found it; "" when none did.  Where a
 * CNAME leads from there is no place of ours: whoever put it there would choose the zone. */
static void
known_zone(const struct observed *d, char out[static SWEEP_NAME_LEN])
{
	out[0] = '\0';
	for (size_t i = d->domain.key_count; i > 0 && out[0] == '\0'; i--) {
		const char *zones = d->looks[i - 1].zones;
		if (d->keys[i - 1].slot < 0)
			snprintf(out, SWEEP_NAME_LEN, "%.*s", (int)strcspn(zones, " "), zones);
	}
}

static int
find_zone(struct order *o, struct err *err)
{
	const struct key_policy *p = o->d->domain.policy;
	char zone[DOMAIN_LEN_MAX + 1] = "";

	if (o->conf == NULL)
		return 0;
	if (o->conf->zone != NULL)
		snprintf(o->zone, sizeof(o->zone), "%s", o->conf->zone);
	else if (p->mode == MODE_SLOTS && p->slot_zone != NULL)
		snprintf(o->zone, sizeof(o->zone), "%s", p->slot_zone);
	else if (p->mode == MODE_DELEGATED)
		snprintf(o->zone, sizeof(o->zone), "_domainkey.%.240s", o->d->row->name);
	else
		known_zone(o->d, o->zone);
	if (o->zone[0] != '\0')
		return 0;
	if (o->find_zone(&o->config->dns, o->d->row->name, zone, err) != 0)
		return err_wrap(err,
		    "which zone is to take its record is not known (option zone of publisher %s "
		    "tells it)",
		    o->conf->name);
	snprintf(o->zone, sizeof(o->zone), "%s", zone);
	return 0;
}

static int
fill_slot(struct order *o, struct err *err)
{
	const struct key_policy *p = o->d->domain.policy;
	const struct store_slot *slot = order_slot(o->d, o->step);
	char alias[SWEEP_NAME_LEN];

	if (slot == NULL)
		return err_set(err, ERR_INPUT, "%s has no such slot", o->d->row->name);
	o->change.new_text = TOMBSTONE;
	o->change.ttl_s = p->ttl_s;
	return keymaker_slot_names(p, slot, o->owner, alias, err);
}

static void
fill_key(struct order *o)
{
	const struct store_key *key = &o->d->keys[o->step->key];
	bool revoked = key->facts.at[FACT_REVOKED] != NEVER;

	snprintf(o->owner, sizeof(o->owner), "%s", key->owner);
	o->change.ttl_s = key->ttl_s;
	switch (o->step->what) {
	case STEP_PUBLISH:
		o->change.old_text = key->slot >= 0 ? TOMBSTONE : NULL;
		o->change.new_text = key->record;
		break;
	case STEP_REVOKE:
		o->change.old_text = key->record;
		o->change.new_text = TOMBSTONE;
		break;
	default:
		o->change.old_text = revoked ? TOMBSTONE : key->record;
		break;
	}
}

int
order_fill(struct order *o, struct err *err)
{
	o->conf = config_publisher(o->config, o->d->domain.policy->publisher);
	o->change = (struct publish_change){.zone = o->zone, .owner = o->owner};
	if (o->step->what != STEP_PREPARE_SLOT)
		fill_key(o);
	else if (fill_slot(o, err) != 0)
		return -1;
	return find_zone(o, err);
}
