/* SPDX-License-Identifier: ISC */
/* check.h - what `signpost check` looks at, and how it says what it found: the keys of each domain that DNS is to show
 * now, their diagnoses, and what is as it should be.
 *
 *	struct check_plan plan;
 *	if (check_plan_init(&plan, store, &query, &err) == 0) {	query: names, config, now
 *		diagnose_ask(&config->dns, plan.subjects, plan.subject_count, take, &show);
 *	}
 *	check_plan_deinit(&plan);
 *
 * Threads: one plan, one thread; subjects may be read by many. */
#ifndef SIGNPOST_SIGNPOST_CHECK_H
#define SIGNPOST_SIGNPOST_CHECK_H

#include "keys/diagnose.h"
#include "signpost/status_rebuild.h"
#include "signpost/terminal.h"

#include <jansson.h>
#include <stdio.h>

#define CHECK_FORMERS_MAX 16
#define CHECK_WORDS_LEN	  320

/* Beside plan.subjects[i]: what it points into. */
struct check_key {
	const struct store_key *row;   /* NULL: a slot without a key */
	const struct schedule_key *view;
	char name[SWEEP_NAME_LEN], alias[SWEEP_NAME_LEN];
	char words[PUBLISH_TEXT_LEN];
	struct sweep_former formers[CHECK_FORMERS_MAX];
	struct store_server *servers;
	char *zone;
};

struct check_domain {
	const struct observed *seen;
	const struct observed_world *world;
	size_t first, count; /* subjects */
	size_t unpublished;  /* keys that nobody was asked to publish yet */
	char typed[4 * DOMAIN_LEN_MAX + 1]; /* "" when it has no U-labels */
};

struct check_plan {
	const struct config *config;
	int64_t now;
	struct observation *observations;
	size_t observation_count;
	struct status_rebuilt **rebuilt; /* instead, from the status file */
	size_t rebuilt_count;
	struct status_world file; /* of that file */
	struct check_domain *domains;
	size_t domain_count;
	struct diagnose_subject *subjects;
	struct check_key *keys;
	size_t subject_count;
};

struct check_query {
	const char *const *names; /* as given by the person; none: all domains */
	size_t name_count;
	const struct config *config;
	int64_t now;
	const char *status_file; /* for a store of NULL */
};
/* store NULL: from the status file.  ERR_INPUT: a name that is none, or that is not here.  Undo in any case. */
int check_plan_init(struct check_plan *, struct store *, const struct check_query *, struct err *) MUST_CHECK;
void check_plan_deinit(struct check_plan *);

/* How a domain came out. */
enum check_status { CHECK_VERIFIED, CHECK_PENDING, CHECK_FAILED, CHECK_CANNOT_TELL };
struct check_result {
	const struct check_plan *plan;
	const struct check_domain *domain;
	struct findings **findings; /* one per subject of the domain */
	enum check_status status; /* of DNS */
	enum severity worst;	  /* of the findings and the milters */
	const char *laggard;	  /* what is wrong with a milter, as the keeper saw it last; NULL: nothing */
	enum severity milters;	  /* FATAL: it does not answer */
	size_t fatal, warnings, infos;
	size_t servers, good; /* asked, and as they should be */
};
const char *check_status_name(enum check_status);
/* From the findings, of which those that are of the zone are kept once, and what the keeper knows of the milters. */
void check_judge(struct check_result *);
int check_exit_code(enum severity);

void check_print(const struct check_result *, const struct terminal *, FILE *);	/* check_print.c */
void check_print_nagios(const struct check_result *, FILE *);
json_t *check_json(const struct check_result *);	/* check_json.c; NULL without memory */
/* "sp26q4-... signs; sp26q3-... is kept for delayed mail": what is as it should be. */
void check_words(const struct check_result *, struct buf *out); /* check_words.c */
/* On the clock: "14:02:11", with its day when that is another one. */
void check_time(int64_t at, int64_t now, char out[static 40]);

#endif
