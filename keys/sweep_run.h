/* SPDX-License-Identifier: ISC */
/* sweep_run.h - one sweep under way, for the files that share the work: sweep.c follows the chain, sweep_path.c finds
 * zones and what obstructs the way, sweep_link.c asks and judges one zone's servers, sweep_survey.c reads TTLs,
 * wildcards and aliases out of the answers.
 *
 * Threads: one run, one thread. */
#ifndef SIGNPOST_KEYS_SWEEP_RUN_H
#define SIGNPOST_KEYS_SWEEP_RUN_H

#include "keys/sweep_judge.h"
#include "keys/zone.h"

/* What each server of a zone is asked, at these places of its share of the queries. */
struct sweep_plan {
	size_t each;				/* queries per server */
	size_t soa, dnskey, above, siblings;	/* SIZE_MAX: not asked; TXT come first */
	char sibling_names[SWEEP_SIBLINGS][SWEEP_NAME_LEN];
};

struct sweep_running {
	struct dns_asker *asker;
	const struct sweep_question *question;
	struct sweep *out;
	char domain[SWEEP_NAME_LEN];
	char wanted[SWEEP_NAME_LEN]; /* alias target; "": none is wanted */
	unsigned queries;
	bool survey;
	bool watches; /* as quickly as it can: zones as the question knows them, SOA only where something is wrong */

	/* of the present link */
	char name[SWEEP_NAME_LEN], alias[SWEEP_NAME_LEN];
	struct zone_path path;
	struct zone_ds ds;
	struct judge_rule rule;
	bool check_signatures;
	bool zone_was_told; /* by the question: cuts below it were not looked for */
	bool other_cut;	    /* and an answer led to one */
	struct sweep_plan plan;
	struct dns_query *q; /* plan.each per server */
	size_t q_count;
};

/* Carries one out with this asker; started_at and so on are sweep_run's. */
int sweep_carry_out(struct dns_asker *, const struct sweep_question *, struct sweep *out, struct err *) MUST_CHECK;
/* An asker's sweep from beginning to end, with its times. */
int sweep_run_with(struct dns_asker *, const struct sweep_question *, struct sweep *out, struct err *) MUST_CHECK;

/* sweep_path.c */
/* Before anything at or below _domainkey is asked for: the way to the domain is free, and the domain is there. */
int sweep_look_ahead(struct sweep_running *, struct err *) MUST_CHECK;
/* The zone of r->name, its servers with the former ones, its DS; as the question told it, if told. */
int sweep_find_zone(struct sweep_running *, bool told, struct err *) MUST_CHECK;
/* After a link whose servers all were silent, or none of which spoke for itself: -1 with the obstruction, if it is
 * one. */
int sweep_check_way(struct sweep_running *, struct err *) MUST_CHECK;

/* sweep_link.c */
/* Asks and judges all servers of the zone.  r->alias: where the chain goes on, "" at its end. */
int sweep_ask_link(struct sweep_running *, struct err *) MUST_CHECK;
void sweep_drop_link(struct sweep_running *);

/* sweep_survey.c */
bool sweep_random_sibling(const char *name, char out[static SWEEP_NAME_LEN]);
/* Largest TTLs and wildcards, from the answers of the present link. */
void sweep_measure(struct sweep_running *);
/* Negative TTL of the zone above the first one. */
int sweep_measure_parent(struct sweep_running *, struct err *) MUST_CHECK;
/* How the wanted alias stands, from the answers of link 0. */
int sweep_judge_wanted(struct sweep_running *, struct err *) MUST_CHECK;
/* SOA TTL, MINIMUM, NSEC and NSEC3 TTLs of a negative or SOA answer: the longest that it can be remembered (K4);
 * SWEEP_UNKNOWN: it tells none. */
int64_t sweep_negative_ttl(const ldns_pkt *);

#endif
