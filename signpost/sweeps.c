/* SPDX-License-Identifier: ISC */
#include "signpost/sweeps.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
