/* SPDX-License-Identifier: ISC */
/* publish_zone_plan.h - what a zone file and the file that it includes are to hold after some changes; reads both,
 * writes neither.  For publish_zone_file.c.
 *
 * An outcome that is DONE while the plan is made is one that the plan would bring about.
 *
 * Threads: a plan is its caller's. */
#ifndef SIGNPOST_KEYS_PUBLISH_ZONE_PLAN_H
#define SIGNPOST_KEYS_PUBLISH_ZONE_PLAN_H

#include "base/file.h"
#include "keys/publish_type.h"
#include "keys/zone_include.h"
#include "keys/zone_text.h"

#define ZONE_PLAN_REASON_LEN 400

struct zone_plan {
	const struct publisher_conf *conf;
	const struct publish_change *changes;
	struct publish_outcome *outcomes; /* set after zone_plan_init */
	size_t count;
	int64_t until_ms;
	struct zone_include include;
	struct file_stamp include_was, zone_was;
	struct buf old_include, new_include, old_zone, new_zone;
	struct zone_text zone;
	bool changed; /* by a change, or by a pass that was cut off */
};

/* The time limit begins; end with zone_plan_deinit. */
void zone_plan_init(struct zone_plan *, const struct publisher_conf *, const struct publish_change *, size_t count);
void zone_plan_deinit(struct zone_plan *);
/* Each change, against the records that are there; a file that is not ours makes all of them foreign. */
int zone_plan_records(struct zone_plan *, struct err *) MUST_CHECK;
/* The serial, and with it new_zone.  false: it cannot be raised, outcomes say why. */
bool zone_plan_serial(struct zone_plan *, int64_t now);
bool zone_plan_any_done(const struct zone_plan *);
/* Of those that are DONE so far. */
void zone_plan_say_all(struct zone_plan *, enum publish_result, const char *text);

#endif
