/* SPDX-License-Identifier: ISC */
#include "keys/publish_zone_plan.h"
#include "keys/dns_wire.h"

#include <stdio.h>
#include <string.h>

void
zone_plan_init(struct zone_plan *j, const struct publisher_conf *conf,
    const struct publish_change *changes, size_t count)
{
	*j = (struct zone_plan){.conf = conf,
	    .changes = changes,
	    .count = count,
	    .until_ms = dns_now_ms() + conf->timeout_ms};
	zone_include_init(&j->include);
	buf_init(&j->old_include, ZONE_INCLUDE_LEN_MAX);
	buf_init(&j->new_include, ZONE_INCLUDE_LEN_MAX);
	buf_init(&j->old_zone, ZONE_TEXT_LEN_MAX);
	buf_init(&j->new_zone, ZONE_TEXT_LEN_MAX + 16);
}

void
zone_plan_deinit(struct zone_plan *j)
{
	struct buf *const all[] = {&j->old_include, &j->new_include, &j->old_zone, &j->new_zone};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_deinit(all[i]);
	zone_include_deinit(&j->include);
}

void
zone_plan_say_all(struct zone_plan *j, enum publish_result result, const char *text)
{
	for (size_t i = 0; i < j->count; i++) {
		if (j->outcomes[i].result == PUBLISH_DONE)
			publish_say(&j->outcomes[i], result, "%s: %s", j->changes[i].owner, text);
	}
}

bool
zone_plan_any_done(const struct zone_plan *j)
{
	for (size_t i = 0; i < j->count; i++) {
		if (j->outcomes[i].result == PUBLISH_DONE)
			return true;
	}
	return false;
}

static int
read_if_there(const char *path, struct buf *text, struct file_stamp *stamp, struct err *err)
{
	if (file_stamp_get(path, stamp, err) != 0)
		return -1;
	return stamp->exists ? file_read(path, text, err) : 0;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
apply_one(struct zone_plan *j, size_t i, struct err *err)
{
	const struct publish_change *c = &j->changes[i];
	struct publish_outcome *o = &j->outcomes[i];
	size_t count;
	const struct include_record *is = zone_include_find(&j->include, c->owner, &count);
	const char *text = is == NULL ? NULL : is->text;
	if (count > 1) {
		publish_say(o, PUBLISH_FOREIGN,
		    "%s: %s holds %zu records of that name; nothing was changed: keep one",
		    c->owner, j->conf->file, count);
		return 0;
	}
	if (same(text, c->new_text) && (text == NULL || is->ttl_s == (uint32_t)c->ttl_s)) {
		publish_say(o, PUBLISH_DONE, "%s: is so already in %s", c->owner, j->conf->file);
		return 0;
	}
	if (!same(text, c->old_text) && !same(text, c->new_text)) {
		publish_say(o, PUBLISH_FOREIGN,
		    "%s: %s holds %s%.80s%s, which is not what signpost put there; nothing was "
		    "changed",
		    c->owner, j->conf->file, text == NULL ? "no record of that name" : "\"",
		    text == NULL ? "" : text, text == NULL ? "" : "\"");
		return 0;
	}
	publish_say(o, PUBLISH_DONE, "%s: %s %s", c->owner,
	    c->new_text == NULL ? "removed from" : "written to", j->conf->file);
	j->changed = true;
	return zone_include_set(&j->include, c->owner, c->new_text, (uint32_t)c->ttl_s, err);
}

int
zone_plan_records(struct zone_plan *j, struct err *err)
{
	struct err why = ERR_INIT;
	if (read_if_there(j->conf->file, &j->old_include, &j->include_was, err) != 0)
		return -1;
	if (zone_include_parse(buf_slice(&j->old_include), &j->include, &why) != 0) {
		if (why.kind != ERR_INPUT) {
			*err = why;
			return -1;
		}
		for (size_t i = 0; i < j->count; i++)
			publish_say(&j->outcomes[i], PUBLISH_FOREIGN,
			    "%s: %s: %s; signpost writes that file whole, so it was left alone: "
			    "name another file, or move the lines into the zone file",
			    j->changes[i].owner, j->conf->file, why.text);
		return 0;
	}
	for (size_t i = 0; i < j->count; i++) {
		if (apply_one(j, i, err) != 0)
			return -1;
	}
	return 0;
}

bool
zone_plan_serial(struct zone_plan *j, int64_t now)
{
	struct err err = ERR_INIT;
	const char *path = j->conf->zone_file;
	char text[ZONE_PLAN_REASON_LEN];
	if (read_if_there(path, &j->old_zone, &j->zone_was, &err) != 0 ||
	    zone_text_scan(buf_slice(&j->old_zone), j->conf->file, &j->zone, &err) != 0) {
		err_wrap(&err, "%s", path);
		zone_plan_say_all(j, PUBLISH_REFUSED, err.text);
		return false;
	}
	if (j->zone.include_span.len == 0) {
		snprintf(text, sizeof(text), "%s does not read %s; add the line: $INCLUDE %s", path,
		    j->conf->file, j->conf->file);
		zone_plan_say_all(j, PUBLISH_REFUSED, text);
		return false;
	}
	uint32_t serial = j->zone.serial;
	if (j->changed)
		serial = zone_serial_next(
		    j->include.has_serial && zone_serial_is_before(serial, j->include.serial)
			? j->include.serial
			: serial,
		    now);
	else if (j->include.has_serial && zone_serial_is_before(serial, j->include.serial))
		serial = j->include.serial; /* cut off between the two files: made good */
	j->changed = j->changed || serial != j->zone.serial;
	j->include.has_serial = j->include.has_serial || j->changed;
	if (j->changed)
		j->include.serial = serial;
	zone_text_put(buf_slice(&j->old_zone), &j->zone, serial, NULL, &j->new_zone);
	return true;
}
