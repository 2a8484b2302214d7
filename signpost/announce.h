/* SPDX-License-Identifier: ISC */
/* announce.h - people are told what the keeper finds: what begins to be wrong, what is right again, and when a domain
 * is Verified for the first time.
 *
 * What is to be told is a row of the store from the moment that a pass sees it (store_alerts.h), and what was told is
 * written there after sendmail or the program took it: a pass that is killed in between tells it once more, none is
 * lost, and what could not be sent goes out with a later pass.  One message a pass, at most one in notify's interval;
 * a compromise waits for nothing.
 *
 *	announce_batch(b);	in a pass, behind each batch
 *	announce_pass(pass);	at its end; neither fails the pass
 *
 * Threads: one pass, one thread. */
#ifndef SIGNPOST_SIGNPOST_ANNOUNCE_H
#define SIGNPOST_SIGNPOST_ANNOUNCE_H

#include "signpost/announce_judge.h"
#include "signpost/pass_private.h"

/* What holds of the batch's domains is brought into the store's rows. */
void announce_batch(struct batch *);
void announce_pass(struct pass *);

/* The rows of one domain ("": of the store) become what was found.  outage: what many lose at once is not raised. */
struct announce_sync {
	const char *domain;
	const struct alert_list *found;
	bool outage;
	int64_t now;
};
/* *changed is set when some row did, and left alone otherwise. */
int announce_bring(struct store *, const struct announce_sync *, bool *changed, struct err *) MUST_CHECK;

#endif
