/* SPDX-License-Identifier: ISC */
/* Records in a file that the zone file includes.  Both files are written beside the old ones and checked by the
 * server's own checker before either is replaced; then the server is told. */
#include "base/run.h"
#include "base/stage.h"
#include "keys/dns_wire.h"
#include "keys/publish_zone_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARGV_MAX    32
#define LINES_TOLD  4
#define LINES_LEN   240
#define LEFT_MS_MIN 1000 /* for the reload, when the check took all the time */

static int
check(const struct publisher_conf *conf, struct err *err)
{
	const char *const paths[] = {conf->file, conf->zone_file};
	if (publish_need(conf, "file", conf->file, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] != NULL && paths[i][0] != '/')
			return err_set(err, ERR_CONFIG,
			    "publisher %s: \"%s\" is not an absolute path", conf->name, paths[i]);
	}
	if (conf->check_count >= ARGV_MAX || conf->reload_count >= ARGV_MAX)
		return err_set(err, ERR_CONFIG, "publisher %s: a command has more than %d words",
		    conf->name, ARGV_MAX - 1);
	if (conf->check_count > 0 &&
	    publish_need_argv(conf, "check", conf->check, conf->check_count, err) != 0)
		return -1;
	return publish_need_argv(conf, "reload", conf->reload, conf->reload_count, err);
}

enum ran { RAN_WELL, RAN_BADLY, RAN_NOT };

/* A command of the admin's; what came of it is in text. */
static enum ran
run_command(
    struct zone_plan *j, char *const *words, size_t count, const char *file, struct buf *text)
{
	const char *argv[ARGV_MAX + 1] = {NULL};
	struct err err = ERR_INIT;
	struct run_result r;
	int64_t left = j->until_ms - dns_now_ms();
	for (size_t i = 0; i < count && i < ARGV_MAX; i++) {
		argv[i] = words[i];
		if (strcmp(words[i], "%file") == 0)
			argv[i] = file;
		else if (strcmp(words[i], "%zone") == 0)
			argv[i] = publish_zone_of(j->conf, &j->changes[0]);
	}
	struct run_job job = {.argv = argv,
	    .timeout_ms = (int)(left < LEFT_MS_MIN ? LEFT_MS_MIN : left),
	    .merge = true,
	    .keep_tail = true};
	if (run_program(&job, &r, &err) != 0) {
		buf_put_str(text, err.text);
		return err.kind == ERR_CONFIG ? RAN_BADLY : RAN_NOT;
	}
	enum ran ran = r.end != RUN_EXITED ? RAN_NOT : r.code == 0 ? RAN_WELL : RAN_BADLY;
	buf_printf(text, "%s: ", argv[0]);
	run_result_text(&r, &job, text);
	if (r.out.len > 0)
		buf_put_str(text, ": ");
	run_last_lines(&r.out, LINES_TOLD, LINES_LEN, text);
	run_result_deinit(&r);
	return ran;
}

/* The checker reads a copy of the zone file that includes the next records, so that it judges both. */
static enum ran
run_check(struct zone_plan *j, const struct stage *include, struct buf *text)
{
	struct stage whole = {.temp = ""};
	struct buf copy;
	struct err err = ERR_INIT;
	const char *file = include->temp;
	enum ran ran = RAN_WELL;
	if (j->conf->check_count == 0)
		return RAN_WELL;
	buf_init(&copy, ZONE_TEXT_LEN_MAX + STAGE_PATH_LEN);
	if (j->conf->zone_file != NULL) {
		zone_text_put(
		    buf_slice(&j->old_zone), &j->zone, j->include.serial, include->temp, &copy);
		if (buf_check(&copy, j->conf->zone_file, &err) != 0 ||
		    stage_write(&whole, j->conf->zone_file, buf_slice(&copy), &err) != 0)
			ran = RAN_NOT;
		file = whole.temp;
	}
	if (ran == RAN_WELL)
		ran = run_command(j, j->conf->check, j->conf->check_count, file, text);
	else
		buf_put_str(text, err.text);
	stage_drop(&whole);
	buf_deinit(&copy);
	return ran;
}

/* Records first: the serial in them tells the next pass what the zone file's must be. */
static int
replace_both(struct zone_plan *j, struct stage *include, struct stage *zone, struct err *err)
{
	struct err again = ERR_INIT;
	struct stage back;
	if (stage_commit(include, err) != 0)
		return -1;
	if (zone->temp[0] == '\0' || stage_commit(zone, err) == 0)
		return 0;
	if (stage_write(&back, j->conf->file, buf_slice(&j->old_include), &again) != 0 ||
	    stage_commit(&back, &again) != 0) {
		stage_drop(&back);
		return err_wrap(err, "%s could not be put back (%s)", j->conf->file, again.text);
	}
	return -1;
}

/* Both new contents beside the old ones, and then in their places. */
static int
stage_both(struct zone_plan *j, struct stage *include, struct stage *zone, struct err *err)
{
	include->was = j->include_was; /* as when it was read */
	if (j->conf->zone_file != NULL &&
	    stage_write(zone, j->conf->zone_file, buf_slice(&j->new_zone), err) != 0)
		return -1;
	zone->was = j->zone_was;
	return replace_both(j, include, zone, err);
}

static bool
write_both(struct zone_plan *j)
{
	struct stage include = {.temp = ""}, zone = {.temp = ""};
	struct err err = ERR_INIT;
	struct buf text;
	enum ran ran = RAN_NOT;
	buf_init(&text, ZONE_PLAN_REASON_LEN);
	zone_include_format(&j->include, &j->new_include);
	if (buf_check(&j->new_include, j->conf->file, &err) == 0 &&
	    buf_check(&j->new_zone, "the zone file", &err) == 0 &&
	    stage_write(&include, j->conf->file, buf_slice(&j->new_include), &err) == 0) {
		ran = run_check(j, &include, &text);
		if (ran != RAN_WELL)
			err_set(&err, ERR_CONFIG,
			    "the new content did not pass the check, so nothing was replaced: %s",
			    buf_str(&text));
		else if (stage_both(j, &include, &zone, &err) != 0)
			ran = RAN_NOT;
	}
	if (ran != RAN_WELL)
		zone_plan_say_all(
		    j, ran == RAN_BADLY ? PUBLISH_REFUSED : PUBLISH_TEMPORARY, err.text);
	stage_drop(&include);
	stage_drop(&zone);
	buf_deinit(&text);
	return ran == RAN_WELL;
}

static void
reload(struct zone_plan *j)
{
	struct buf text;
	char why[ZONE_PLAN_REASON_LEN + 64];
	buf_init(&text, ZONE_PLAN_REASON_LEN);
	if (run_command(j, j->conf->reload, j->conf->reload_count, j->conf->file, &text) !=
	    RAN_WELL) {
		snprintf(why, sizeof(why), "it is in the file, but the server was not told: %s",
		    buf_str(&text));
		zone_plan_say_all(j, PUBLISH_TEMPORARY, why);
	}
	buf_deinit(&text);
}

static int
change(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct publish_outcome *outcomes, struct err *err)
{
	struct zone_plan j;
	zone_plan_init(&j, conf, changes, count);
	j.outcomes = outcomes;
	int rc = zone_plan_records(&j, err);
	bool good = rc == 0 && zone_plan_any_done(&j) &&
		    (conf->zone_file == NULL || zone_plan_serial(&j, (int64_t)time(NULL)));
	if (good && j.changed)
		good = write_both(&j);
	/* also when nothing changed: the last pass may have failed just before this */
	if (good)
		reload(&j);
	zone_plan_deinit(&j);
	return rc == 0 ? 0 : err_wrap(err, "publisher %s", conf->name);
}

static void
show_command(
    const char *what, char *const *words, size_t count, const struct zone_plan *j, struct buf *out)
{
	buf_printf(out, "%s:", what);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, " %s",
		    strcmp(words[i], "%zone") == 0 ? publish_zone_of(j->conf, &j->changes[0])
						   : words[i]);
	buf_put_byte(out, '\n');
}

static void
show_record(const char *sign, const struct publish_change *c, const char *text, struct buf *out)
{
	buf_printf(out, "%s%s. %lld IN TXT ", sign, c->owner, (long long)c->ttl_s);
	zone_put_strings(out, text);
	buf_put_byte(out, '\n');
}

static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	struct zone_plan j;
	struct publish_outcome *outcomes = calloc(count, sizeof(*outcomes));
	if (outcomes == NULL)
		return err_nomem(err);
	zone_plan_init(&j, conf, changes, count);
	j.outcomes = outcomes;
	int rc = zone_plan_records(&j, err);
	if (rc == 0 && zone_plan_any_done(&j) && conf->zone_file != NULL &&
	    zone_plan_serial(&j, (int64_t)time(NULL)) && j.changed)
		buf_printf(out, "%s: serial %" PRIu32 " becomes %" PRIu32 "\n", conf->zone_file,
		    j.zone.serial, j.include.serial);
	buf_printf(out, "%s:\n", conf->file);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (outcomes[i].result != PUBLISH_DONE) {
			buf_printf(out, "! %s\n", outcomes[i].text);
			continue;
		}
		if (changes[i].old_text != NULL)
			show_record("- ", &changes[i], changes[i].old_text, out);
		if (changes[i].new_text != NULL)
			show_record("+ ", &changes[i], changes[i].new_text, out);
	}
	if (conf->check_count > 0)
		show_command("check", conf->check, conf->check_count, &j, out);
	show_command("reload", conf->reload, conf->reload_count, &j, out);
	zone_plan_deinit(&j);
	free(outcomes);
	return rc == 0 ? 0 : err_wrap(err, "publisher %s", conf->name);
}

static int
rights(const struct publisher_conf *conf, const char *const *names, size_t count, struct buf *out,
    struct err *err)
{
	(void)names;
	(void)count;
	(void)err;
	buf_printf(out,
	    "The user that signpost runs as must be allowed to write %s and into its directory",
	    conf->file);
	if (conf->zone_file != NULL)
		buf_printf(out, ",\nand %s and into its directory", conf->zone_file);
	buf_printf(out, ",\nand to run %s.  The zone file needs the line\n    $INCLUDE %s\n",
	    conf->reload[0], conf->file);
	return 0;
}

static int
try_rights(const struct publisher_conf *conf, const char *zone, const char *domain, struct buf *out,
    struct err *err)
{
	(void)domain;
	(void)err;
	buf_printf(out,
	    "zone %s: whoever may write %s may write any record of the zone: there is nothing to "
	    "try\n",
	    zone, conf->file);
	return 0;
}

const struct publish_type publish_zone_file = {
    "zone-file", check, change, show, rights, try_rights, NULL};
