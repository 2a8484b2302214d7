/* SPDX-License-Identifier: ISC */
/* store_alerts.h - what is to be announced to people, and what was: one row a condition, from its beginning until all
 * who are told know of its end.
 *
 *	raised		not told:  announced
 *	raised		told:      nothing to say
 *	ended		told:      its end is announced, and the row goes
 *	ended		not told:  it came and went; announced as that
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_ALERTS_H
#define SIGNPOST_KEYS_STORE_ALERTS_H

#include "keys/store.h"

#define ALERT_KIND_LEN 23
#define ALERT_TEXT_LEN 512

enum alert_channel { ALERT_MAIL, ALERT_PROGRAM, ALERT_CHANNELS };
enum alert_told { ALERT_UNTOLD, ALERT_TOLD, ALERT_END_TOLD };

struct store_alert {
	char domain[DOMAIN_LEN_MAX + 1]; /* "": of the whole store */
	char kind[ALERT_KIND_LEN + 1];
	char selector[SELECTOR_LEN_MAX + 1]; /* or "" */
	char text[ALERT_TEXT_LEN];
	int64_t raised_at, ended_at; /* NEVER: it goes on */
	enum alert_told told[ALERT_CHANNELS];
};

/* Of one domain ("": of the store); by kind, then by selector.  Free *out with free(). */
int store_alerts(struct store *, const char *domain, struct store_alert **out, size_t *count, struct err *) MUST_CHECK;
/* Those of which a channel of the mask (1 << channel) is to be told something, and those that ended; the oldest
 * first. */
int store_alerts_open(
    struct store *, unsigned channels, struct store_alert **out, size_t *count, struct err *) MUST_CHECK;
/* New, or as it is now. */
int store_alert_put(struct store *, const struct store_alert *, struct err *) MUST_CHECK;
int store_alert_drop(struct store *, const struct store_alert *, struct err *) MUST_CHECK;
/* Of domains that are not kept any more. */
int store_alerts_forget(struct store *, struct err *) MUST_CHECK;

/* How telling went. */
struct store_telling {
	int64_t told_at;   /* the last that went out; NEVER */
	int64_t failed_at; /* since when it fails; NEVER: it does not */
	int64_t tries;	   /* since then */
	char why[ALERT_TEXT_LEN];
};
int store_telling_get(struct store *, enum alert_channel, struct store_telling *, struct err *) MUST_CHECK;
int store_telling_put(struct store *, enum alert_channel, const struct store_telling *, struct err *) MUST_CHECK;

#endif
