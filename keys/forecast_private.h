/* SPDX-License-Identifier: ISC */
/* forecast_private.h - what the two files of the forecast share: the simulated world, and what a step does in it.
 *
 * Threads: reentrant; one simulation, one caller. */
#ifndef SIGNPOST_KEYS_FORECAST_PRIVATE_H
#define SIGNPOST_KEYS_FORECAST_PRIVATE_H

#include "keys/forecast.h"

/* What the simulation knows of a key beyond what the scheduler is told. */
struct sim_key {
	int64_t visible_at;  /* from then on DNS shows what is expected of it */
	enum key_expect expect;
	int64_t overlap_base_s, overlap_from; /* overlap_s at a time, to count on from */
	int64_t queue_free_at, clear_base_s, clear_from;
};

struct sim {
	const struct schedule_domain *original;
	struct schedule_domain domain;
	struct schedule_world world;
	struct schedule_times times;
	struct schedule_key *keys; /* as domain.keys */
	struct sim_key *more;
	struct schedule_slot *slots;
	size_t key_cap;
	struct forecast *out;
	size_t events_max;
	int64_t alias_by; /* the person who was asked for it has done it */
	bool full;	  /* of events or keys */
};

/* keys/forecast_step.c: what has come about when the step is done; events are recorded. */
void sim_begin_key(struct sim *, size_t key); /* of what is known at the start */
int sim_do(struct sim *, const struct step *, struct err *) MUST_CHECK;
/* A person is waited for: asked, and as good as done.  false: nobody can help, or was asked already. */
bool sim_ask(struct sim *, const struct step *);

/* keys/forecast.c */
int sim_new_key(struct sim *, const struct step *, struct err *) MUST_CHECK;
void sim_record(struct sim *, const struct step *, enum forecast_ask);

#endif
