/* SPDX-License-Identifier: ISC */
/* status_json.h - the health of a domain as JSON: the one form from which status is printed, and which the status file
 * has.  Times are in UTC (RFC 3339) or null.
 *
 * Threads: one value, one thread: jansson counts references. */
#ifndef SIGNPOST_SIGNPOST_STATUS_JSON_H
#define SIGNPOST_SIGNPOST_STATUS_JSON_H

#include "signpost/health.h"

#include <jansson.h>

struct status_form {
	const struct config *config;
	bool brief;  /* without the keys: for the list of all domains */
	bool ended;  /* with keys whose life is over */
	bool open;   /* for everybody: without what a hook's program said */
};

/* New references; NULL when out of memory. */
json_t *status_json_time(int64_t);
json_t *status_json_text(const char *); /* what came from outside may be no UTF-8, or cut: '?' for what is not ASCII */
json_t *status_json_domain(const struct domain_health *, const struct status_form *);
/* Back again; NEVER for null and for what is none. */
int64_t status_time_of(const json_t *);
int64_t status_time_get(const json_t *object, const char *name);
/* "" when it is not there, or no text. */
const char *status_text_get(const json_t *object, const char *name);

const char *status_step_name(enum step_what);

#endif
