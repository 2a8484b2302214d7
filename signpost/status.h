/* SPDX-License-Identifier: ISC */
/* status.h - how all domains stand, one after another: from the store for the keeper, and from a file without secrets
 * for everybody else (status_file.h).  Each domain is a JSON object of status_json.h.
 *
 *	const struct status_query query = {.store = store, .now = now, .name = NULL, .form = {.config = config}};
 *	struct status_world world;
 *	if (status_each(&query, &world, take, arg, err) != 0) ...	take(arg, domain, err) for each, by name
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_STATUS_H
#define SIGNPOST_SIGNPOST_STATUS_H

#include "keys/store_alerts.h"
#include "signpost/status_json.h"
#include "signpost/troubles.h"

/* What concerns all domains. */
struct status_world {
	int64_t written_at; /* of what is shown */
	int64_t passed_at;  /* end of the last pass; NEVER */
	int64_t restored_at; /* as of NUMBER_RESTORED */
	bool clock_trusted, outage;
	char clock_why[ERR_TEXT_LEN], outage_why[ERR_TEXT_LEN];
	struct store_telling telling[ALERT_CHANNELS]; /* failed_at NEVER: nothing is wrong */
	struct troubles troubles;
	size_t count;				      /* of domains */
};

struct status_query {
	struct store *store;
	int64_t now;
	const char *name;    /* of one domain; NULL: all */
	bool sweeps, files;  /* as of struct health_view */
	struct status_form form;
};

/* The object is borrowed for the call. */
typedef int status_take_fn(void *arg, json_t *domain, struct err *);

/* count 0 and no error: there is none of that name. */
int status_each(const struct status_query *, struct status_world *, status_take_fn *, void *arg,
    struct err *) MUST_CHECK;

/* A new reference; NULL without memory. */
json_t *status_world_json(const struct status_world *);
void status_world_of(const json_t *, struct status_world *);

/* No pass for that long: what is shown may be wrong. */
bool status_is_stale(const struct status_world *, const struct config *, int64_t now);

#endif
