/* SPDX-License-Identifier: ISC */
/* sweeps.h - several sweeps at a time: each takes a second and more, and mostly waits.
 *
 *	struct sweep_job job;
 *	sweep_job_init(&job, dns, &key);
 *	sweeps_run(&job, 1);
 *	if (job.rc != 0) ... job.why
 *
 * Threads: sweeps_run starts its own and ends them; the jobs are the caller's again when it
 * returns. */
#ifndef SIGNPOST_SIGNPOST_SWEEPS_H
#define SIGNPOST_SIGNPOST_SWEEPS_H

#include "keys/store.h"
#include "keys/sweep_verdict.h"
#include "signpost/config.h"

#define SWEEPS_AT_ONCE 8 /* each opens up to DNS_ASK_OPEN_MAX sockets, of the usual 1024 */

struct sweep_job {
	const struct dns_conf *dns;
	int64_t key_id;
	char domain[DOMAIN_LEN_MAX + 1];
	char name[SELECTOR_LEN_MAX + sizeof("._domainkey.") + DOMAIN_LEN_MAX];
	char record[RECORD_LEN_MAX + 1];
	struct sweep sweep; /* with its times, also when rc is not 0 */
	int rc;		    /* as of sweep_run */
	struct err why;
};

void sweep_job_init(struct sweep_job *, const struct dns_conf *, const struct store_key *);
void sweeps_run(struct sweep_job *, size_t count);

struct sweep_rules {
	struct store *store; /* that knows who has been silent since when */
	const struct config *config;
	bool first; /* no key of the domain signs */
};

/* The verdict over a sweep that was run; takes the place of the look before in out.  Asks the
 * resolvers where the verdict hangs on them (K15 c). */
int sweep_job_judge(const struct sweep_job *, const struct sweep_rules *, struct store_sweep *out,
    struct err *) MUST_CHECK;

#endif
