/* SPDX-License-Identifier: ISC */
/* announce_judge.h - what of a domain's health people want to be told without asking, and in which words.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_SIGNPOST_ANNOUNCE_JUDGE_H
#define SIGNPOST_SIGNPOST_ANNOUNCE_JUDGE_H

#include "keys/store_alerts.h"
#include "signpost/health.h"

/* In the order in which they are told. */
enum alert_kind {
	KIND_COMPROMISED, KIND_OUTAGE, KIND_FAILED, KIND_CHANGED, KIND_CLOCK, KIND_PORT_53, KIND_LAGGING, KIND_REFUSED,
	KIND_OVERDUE, KIND_ASKED, KIND_VERIFIED, KIND_COUNT
};
struct alert_words {
	const char *name;   /* in the store, and for the hook */
	bool urgent;	    /* told at once */
	bool stays;	    /* good news: told once, and nothing comes of its end */
	bool by_outage;	    /* many at once are one outage, and that alone is told */
	bool also_over;	    /* told even when it is over before it could be told */
	const char *raised, *ended; /* a headline */
};
extern const struct alert_words ALERT_WORDS[KIND_COUNT];
/* KIND_COUNT for a name that this signpost does not know. */
enum alert_kind alert_kind_of(const char *name);

struct alert_list {
	struct store_alert *items; /* free() */
	size_t count, cap;
	bool failed; /* no memory */
};
void announce_find(const struct domain_health *, const struct config *, int64_t now, struct alert_list *);
void announce_find_world(const struct observed_world *, struct alert_list *);

#endif
