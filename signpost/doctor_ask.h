/* SPDX-License-Identifier: ISC */
/* doctor_ask.h - the facts that `signpost doctor` judges: probes through the milters, DMARC records, Postfix's
 * settings, files, clock, and what the keeper noted.  Changes nothing.
 *
 * Threads: one store, one thread; starts postconf(1) and waits for it. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_ASK_H
#define SIGNPOST_SIGNPOST_DOCTOR_ASK_H

#include "keys/store_rows.h"
#include "signpost/config.h"
#include "signpost/doctor.h"

#define DOCTOR_DOMAINS_MAX 10 /* that are probed unasked */

struct doctor_query {
	struct store *store;
	const struct config *config;
	const char *const *names; /* A-labels or as typed; none: all, DOCTOR_DOMAINS_MAX of them */
	size_t name_count;
	int64_t now;
};

struct doctor_gathered {
	struct doctor_facts facts;
	/* what they point into */
	struct table *table;
	struct store_domain *rows;
	size_t row_count;
	struct dns_conf dns; /* without the zones whose servers the admin named: as the world asks */
	struct buf *texts;
	size_t text_count;
};

/* ERR_INPUT: a name that is none, or that is not here.  Undo in any case. */
int doctor_ask(struct doctor_gathered *, const struct doctor_query *, struct err *) MUST_CHECK;
void doctor_gathered_deinit(struct doctor_gathered *);

/* doctor_ask_host.c: files, Postfix, clock. */
int doctor_ask_files(struct doctor_gathered *, const struct doctor_query *, struct err *) MUST_CHECK;
int doctor_ask_postfix(struct doctor_gathered *, const struct doctor_query *, struct err *) MUST_CHECK;
int doctor_ask_clock(struct doctor_gathered *, const struct doctor_query *, struct err *) MUST_CHECK;

#endif
