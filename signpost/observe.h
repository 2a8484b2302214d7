/* SPDX-License-Identifier: ISC */
/* observe.h - what the store knows, in the words of keys/schedule.h; for tick, status, explain and plan alike.
 *
 *	struct observe_query query = {.config = config, .select = store_select_domain(name), .now = now};
 *	struct observation o;
 *	if (observe(store, &query, &o, err) == 0) {
 *		n = schedule_next(&o.domains[0].domain, &o.world.world, steps);	of the first domain
 *	}
 *	observation_deinit(&o);
 *
 * All of one moment.  The strings that the scheduler's structs point to live in the observation.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_OBSERVE_H
#define SIGNPOST_SIGNPOST_OBSERVE_H

#include "keys/store_deeds.h"
#include "keys/store_evidence.h"
#include "signpost/config.h"

struct observe_query {
	const struct config *config;
	struct store_select select;
	int64_t now;
	int64_t pass_began; /* looks since then are of this pass; 0: there is none */
};

struct observed_world {
	struct schedule_world world;
	struct schedule_times times;
	int64_t trusted_s;
	char clock_why[ERR_TEXT_LEN], outage_why[ERR_TEXT_LEN];
};

/* One domain. */
struct observed {
	const struct store_domain *row;
	struct schedule_domain domain; /* policy NULL: signpost.conf does not define it; nothing is to be scheduled */
	const struct store_key *keys;  /* as domain.keys */
	const struct store_look *looks; /* as domain.keys: as stored, also for what is no longer expected */
	const struct store_slot *slots; /* as domain.slots */
};

struct observation {
	struct observed *domains;
	size_t count;
	struct observed_world world;
	/* what the above points into */
	struct store_domain *rows;
	struct store_key *keys;
	struct store_look *looks;
	struct schedule_key *views;
	struct store_deed *deeds;
	struct store_slot *slots;
	struct schedule_slot *slot_views;
	size_t key_count, deed_count, slot_count;
};

int observe(struct store *, const struct observe_query *, struct observation *, struct err *) MUST_CHECK;
void observation_deinit(struct observation *);
int observe_world(struct store *, const struct observe_query *, struct observed_world *, struct err *) MUST_CHECK;

/* Slot nr of the domain holds no key, and its CNAME is to be right all the same: the next key comes there. */
bool observed_watches_slot(const struct observed *, size_t nr);
/* The steps of one domain; *steps is free()d by the caller. */
int observed_steps(const struct observed *, const struct observed_world *, struct step **steps, size_t *count,
    struct err *) MUST_CHECK;

#endif
