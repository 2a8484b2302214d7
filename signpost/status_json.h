/* SPDX-License-Identifier: ISC */
/* status_json.h - the health of a domain as JSON: the same facts as the table, times in UTC (RFC
 * 3339) or null.
 *
 * Threads: one value, one thread: jansson counts references. */
#ifndef SIGNPOST_SIGNPOST_STATUS_JSON_H
#define SIGNPOST_SIGNPOST_STATUS_JSON_H

#include "signpost/health.h"

#include <jansson.h>

/* New references; NULL when out of memory. */
json_t *status_json_time(int64_t);
json_t *status_json_domain(const struct domain_health *);

const char *status_step_name(enum step_what);

#endif
