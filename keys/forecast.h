/* SPDX-License-Identifier: ISC */
/* forecast.h - what is to come for one domain: the scheduler itself, in simulated time, in a world where
 * DNS, publishers and signers do their part at once, and persons when they were asked for it.
 *
 * Watching is left out: nothing is ever found wrong.  A domain that is held stays so; a clock that is not trusted is
 * taken to be right from now on, and an outage to be over.  It always ends: at `until`, when nothing is left that
 * would happen by itself, or at a limit.
 *
 *	struct forecast_query query = {.domain = &domain, .world = &world, .until = now + 200 * 86400};
 *	struct forecast f;
 *	if (forecast_make(&query, &f, err) != 0) ...
 *	for (size_t i = 0; i < f.count; i++)
 *		f.events[i].at, f.events[i].what
 *	forecast_deinit(&f);
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_FORECAST_H
#define SIGNPOST_KEYS_FORECAST_H

#include "keys/schedule.h"

#define FORECAST_EVENTS_MAX 4096
#define FORECAST_KEYS_MAX   256 /* that are to be made */

/* What a person is waited for.  The forecast goes on as if it were done. */
enum forecast_ask {
	ASK_NOBODY,
	ASK_RECORD,	/* the record is to be entered */
	ASK_REVOCATION, /* its value may become p= ... */
	ASK_REMOVAL,	/* ... and the record may go: blocks nothing */
	ASK_APPROVAL,	/* signpost approve */
	ASK_ATTEST,	/* signpost attest */
	ASK_ALIAS,	/* CNAME or delegation */
	ASK_COUNT
};

struct forecast_event {
	int64_t at;
	enum step_what what;   /* never STEP_LOOK or STEP_ASK_SIGNERS; STEP_NONE: only asked for */
	enum forecast_ask ask;
	size_t key, other;     /* index in keys, or SIZE_MAX; other: ACTIVATE, the key that is retired by it */
	enum key_alg alg;
	int slot;
};

enum forecast_end {
	FORECAST_UNTIL,	 /* the time that was asked for */
	FORECAST_RESTS,	 /* nothing more happens by itself */
	FORECAST_HELD,	 /* the same, and the domain is held */
	FORECAST_LIMITED /* too many events, keys or steps */
};

struct forecast_query {
	const struct schedule_domain *domain;
	const struct schedule_world *world; /* now is where it begins */
	int64_t until;
	size_t events_max; /* it ends after so many; 0: no limit but FORECAST_EVENTS_MAX */
};

struct forecast {
	/* the domain's, in their order, then those that are to be made; with the facts that they will have in the end.
	 * selector is NULL for what is not made yet. */
	struct schedule_key *keys;
	size_t key_count;
	struct forecast_event *events; /* by time */
	size_t count;
	int64_t ended_at;
	enum forecast_end end;
};

/* ERR_NOMEM.  The query's strings are borrowed for as long as the forecast lives. */
int forecast_make(const struct forecast_query *, struct forecast *, struct err *) MUST_CHECK;
void forecast_deinit(struct forecast *); /* safe after a failed forecast_make */
/* What a key is to be seen as at that time: one of PUBLISHED (also while it stands by), ACTIVE, RETIRED, REVOKED;
 * REMOVED: not to be seen. */
enum key_state forecast_state_at(const struct schedule_key *, int64_t at);

#endif
