/* SPDX-License-Identifier: ISC */
/* pass_seams.c - the real world of a pass. */
#include "base/run.h"
#include "keys/lookup.h"
#include "signpost/pass.h"
#include "signpost/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PUSH_WORDS 3 /* what, the store, the path in it */

static int64_t
now(void *arg)
{
	(void)arg;
	return (int64_t)time(NULL);
}

static void
read_clock(void *arg, struct clock_reading *reading)
{
	(void)arg;
	clock_read(reading);
}

static void
sweep(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	(void)arg;
	sweep_batch_run(batch, s->questions, s->count, s->take, s->arg);
}

static int
push(const struct signers_conf *conf, enum push_what what, const char *dir, const char *path,
    struct err *err)
{
	static const char *const words[] = {
	    [PUSH_KEYS] = "keys", [PUSH_TABLE] = "table", [PUSH_DELETE] = "delete"};
	const char **argv = calloc(conf->push_count + PUSH_WORDS + 1, sizeof(*argv));
	struct run_result r;

	if (argv == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < conf->push_count; i++)
		argv[i] = conf->push[i];
	argv[conf->push_count] = words[what];
	argv[conf->push_count + 1] = dir;
	argv[conf->push_count + 2] = path;
	struct run_job job = {
	    .argv = argv, .timeout_ms = conf->timeout_ms, .merge = true, .keep_tail = true};
	int rc = run_program(&job, &r, err);
	if (rc == 0) {
		rc = run_result_check(&r, &job, err);
		run_result_deinit(&r);
	}
	free(argv);
	return rc;
}

const struct pass_seams PASS_SEAMS = {.now = now,
    .read_clock = read_clock,
    .sweep = sweep,
    .poll = resolvers_ask,
    .ask_resolvers = dns_ask_resolvers,
    .find_zone = dns_lookup_zone,
    .publish = publisher_change,
    .ask_signers = signers_ask,
    .ask_queue = queue_ask,
    .push = push,
    .announce = announce_send};
