/* SPDX-License-Identifier: ISC */
#include "signpost/sweeps.h"

#include "keys/schedule.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIFFERS_S 86400 /* K16 */

void
sweep_job_init(struct sweep_job *job, const struct dns_conf *dns, const struct store_key *key)
{
	memset(job, 0, sizeof(*job));
	job->dns = dns;
	job->key_id = key->id;
	snprintf(job->domain, sizeof(job->domain), "%s", key->domain);
	snprintf(job->record, sizeof(job->record), "%s", key->record);
	snprintf(job->name, sizeof(job->name), "%s._domainkey.%s", key->selector, key->domain);
}

static void
run_one(struct sweep_job *job)
{
	int64_t now = (int64_t)time(NULL);
	struct sweep_question question = {.domain = job->domain,
	    .name = job->name,
	    .expected = slice_of(job->record),
	    .now = now};

	job->why = (struct err)ERR_INIT;
	job->rc = sweep_run(job->dns, &question, &job->sweep, &job->why);
	if (job->rc == 0)
		return;
	memset(&job->sweep, 0, sizeof(job->sweep));
	job->sweep.started_at = now;
	job->sweep.ended_at = (int64_t)time(NULL);
}

struct line {
	pthread_mutex_t lock;
	struct sweep_job *jobs;
	size_t count, next;
};

static void *
work(void *arg)
{
	struct line *line = arg;

	for (;;) {
		pthread_mutex_lock(&line->lock);
		size_t at = line->next++;
		pthread_mutex_unlock(&line->lock);
		if (at >= line->count)
			return NULL;
		run_one(&line->jobs[at]);
	}
}

void
sweeps_run(struct sweep_job *jobs, size_t count)
{
	struct line line = {.jobs = jobs, .count = count};
	pthread_t helpers[SWEEPS_AT_ONCE - 1];
	size_t started = 0;

	pthread_mutex_init(&line.lock, NULL);
	while (started < SWEEPS_AT_ONCE - 1 && started + 1 < count &&
	       pthread_create(&helpers[started], NULL, work, &line) == 0)
		started++;
	work(&line); /* ours is one of them, and does all when no other can be started */
	for (size_t i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
	pthread_mutex_destroy(&line.lock);
}

/* For how long there may be no look at a server that is still silent: two of the rarest. */
static int64_t
longest_gap(const struct config *config)
{
	int64_t rarest = SCHEDULE_WATCH_INTERVALS * config->sweep_interval_s;

	return 2 * (rarest > config->slow_interval_s ? rarest : config->slow_interval_s);
}

/* K16: another answer waits out its own time, and a day; then it is a warning.  Counted from the
 * first such look of those that follow each other. */
static int64_t
warn_time(
    const struct resolver_view *view, const struct store_sweep *before, int64_t now, int64_t gap_s)
{
	bool goes_on = before->found && before->resolver_warn_at != NEVER &&
		       !schedule_is_future(before->sweep.ended_at, now) &&
		       now - before->sweep.ended_at <= gap_s;

	if (view->word == RESOLVER_SILENT) /* it says nothing against what it said */
		return goes_on ? before->resolver_warn_at : NEVER;
	if (view->word != RESOLVER_DIFFERS)
		return NEVER;
	if (goes_on)
		return before->resolver_warn_at;
	return now + (view->ttl > DIFFERS_S ? view->ttl : DIFFERS_S);
}

static int
judge(const struct sweep_job *job, const struct sweep_rules *rules,
    const struct store_sweep *before, struct store_sweep *out, struct err *err)
{
	const struct config *config = rules->config;
	const struct sweep_patience patience = {
	    config->lame_after_s, rules->first ? config->mute_after_first_s : config->mute_after_s};
	struct resolver_view view = {.word = RESOLVER_NOT_ASKED};
	int64_t since[SWEEP_SERVERS_MAX], gap_s = longest_gap(config);
	struct err why = ERR_INIT;

	if (store_silence(rules->store, &out->sweep, gap_s, since, err) != 0)
		return -1;
	/* mail that was unsigned cannot get worse: the first key need not be seen by a resolver */
	bool asks = !rules->first && sweep_wants_resolver(&out->sweep, since, &patience);
	if (asks) {
		const struct sweep_question question = {
		    .domain = job->domain, .name = job->name, .expected = slice_of(job->record)};
		dns_ask_resolvers(job->dns, &question, &view);
		view.warn_at = warn_time(&view, before, out->sweep.ended_at, gap_s);
		out->resolver_warn_at = view.warn_at;
	}
	out->passed = sweep_passes(&out->sweep, since, &patience, asks ? &view : NULL, &why);
	snprintf(out->resolver, sizeof(out->resolver), "%.*s%s", RESOLVER_TEXT_LEN - 40, view.text,
	    out->passed && view.word == RESOLVER_DIFFERS ? "; for so long that it only warns" : "");
	if (!out->passed)
		memcpy(out->why, why.text, sizeof(out->why));
	return 0;
}

int
sweep_job_judge(const struct sweep_job *job, const struct sweep_rules *rules,
    struct store_sweep *out, struct err *err)
{
	struct store_sweep *before = malloc(sizeof(*before));
	int rc = 0;

	if (before == NULL)
		return err_nomem(err);
	*before = *out;
	memset(out, 0, sizeof(*out));
	out->found = true;
	out->resolver_warn_at = NEVER;
	out->sweep = job->sweep;
	if (job->rc != 0) {
		out->failed = true;
		out->resolver_warn_at = before->found ? before->resolver_warn_at : NEVER;
		memcpy(out->why, job->why.text, sizeof(out->why));
	} else {
		rc = judge(job, rules, before, out, err);
	}
	free(before);
	return rc;
}
