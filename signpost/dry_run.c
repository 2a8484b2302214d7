/* SPDX-License-Identifier: ISC */
#include "signpost/dry_run.h"
#include "signpost/keymaker.h"
#include "signpost/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOMBSTONE "v=DKIM1; p=" /* K32 */

struct sending {
	const struct operation *op;
	const struct publisher_conf *conf; /* NULL: by hand */
	char zone[SWEEP_NAME_LEN], owner[SWEEP_NAME_LEN];
	struct publish_change change;
};

/* As the pass finds it. */
static int
find_zone(struct sending *s, struct err *err)
{
	const struct observed *d = s->op->d;
	const struct key_policy *p = d->domain.policy;
	char zone[DOMAIN_LEN_MAX + 1] = "";

	if (s->conf != NULL && s->conf->zone != NULL)
		snprintf(s->zone, sizeof(s->zone), "%s", s->conf->zone);
	else if (p->mode == MODE_SLOTS && p->slot_zone != NULL)
		snprintf(s->zone, sizeof(s->zone), "%s", p->slot_zone);
	else if (p->mode == MODE_DELEGATED)
		snprintf(s->zone, sizeof(s->zone), "_domainkey.%.240s", d->row->name);
	for (size_t i = d->domain.key_count; i > 0 && s->zone[0] == '\0'; i--) {
		const char *zones = d->looks[i - 1].zones, *last = strrchr(zones, ' ');
		if (d->keys[i - 1].slot < 0)
			snprintf(s->zone, sizeof(s->zone), "%.*s", SWEEP_NAME_LEN - 1,
			    last == NULL ? zones : last + 1);
	}
	if (s->zone[0] != '\0' || s->conf == NULL)
		return 0;
	if (PASS_SEAMS.find_zone(&s->op->cli->config->dns, d->row->name, zone, err) != 0)
		return -1;
	snprintf(s->zone, sizeof(s->zone), "%s", zone);
	return 0;
}

static int
fill_slot(struct sending *s, const struct step *step, struct err *err)
{
	const struct observed *d = s->op->d;
	char alias[SWEEP_NAME_LEN];

	for (size_t i = 0; i < d->domain.slot_count; i++) {
		if (d->slots[i].alg == step->alg && d->slots[i].n == step->slot)
			return keymaker_slot_names(
			    d->domain.policy, &d->slots[i], s->owner, alias, err);
	}
	return err_set(err, ERR_INPUT, "%s has no slot %d", d->row->name, step->slot + 1);
}

static int
fill(struct sending *s, const struct step *step, struct err *err)
{
	const struct store_key *key = step->key == SIZE_MAX ? NULL : &s->op->d->keys[step->key];

	s->change = (struct publish_change){
	    .zone = s->zone, .owner = s->owner, .ttl_s = s->op->d->domain.policy->ttl_s};
	if (find_zone(s, err) != 0)
		return -1;
	if (key == NULL) {
		s->change.new_text = TOMBSTONE;
		return fill_slot(s, step, err);
	}
	snprintf(s->owner, sizeof(s->owner), "%s", key->owner);
	s->change.ttl_s = key->ttl_s;
	if (step->what == STEP_PUBLISH) {
		s->change.old_text = key->slot >= 0 ? TOMBSTONE : NULL;
		s->change.new_text = key->record;
	} else {
		bool revoked = key->facts.at[FACT_REVOKED] != NEVER;
		s->change.old_text = revoked ? TOMBSTONE : key->record;
		s->change.new_text = step->what == STEP_REVOKE ? TOMBSTONE : NULL;
	}
	return 0;
}

static int
put_step(const struct operation *op, const struct step *step, struct buf *out, struct err *err)
{
	struct sending s = {
	    .op = op, .conf = config_publisher(op->cli->config, op->d->domain.policy->publisher)};

	if (fill(&s, step, err) != 0)
		return -1;
	if (s.conf != NULL)
		return publisher_show(s.conf, &s.change, 1, out, err);
	buf_printf(out, "  by hand: %s. TXT %s\n", s.owner,
	    s.change.new_text == NULL ? "is to be removed" : s.change.new_text);
	return 0;
}

static bool
is_sent(const struct step *step, int64_t now)
{
	return (step->what == STEP_PUBLISH || step->what == STEP_REVOKE ||
		   step->what == STEP_REMOVE || step->what == STEP_PREPARE_SLOT) &&
	       step->earliest != NEVER && step->earliest <= now;
}

int
dry_run_put(struct operation *op, struct buf *out, struct err *err)
{
	struct step *steps = NULL;
	size_t count = 0, sent = 0;

	if (operation_load(op, err) != 0 ||
	    observed_steps(op->d, &op->o.world, &steps, &count, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!is_sent(&steps[i], op->now))
			continue;
		if (sent++ == 0)
			buf_put_str(out, "The next pass would send:\n");
		rc = put_step(op, &steps[i], out, err);
	}
	free(steps);
	if (rc == 0 && sent == 0)
		buf_put_str(out, "The next pass would send nothing to DNS.\n");
	return rc == 0 ? operation_put_next(op, out, err) : -1;
}
