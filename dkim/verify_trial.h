/* SPDX-License-Identifier: ISC */
/* verify_trial.h - which change to the header, undone, would make a failed signature verify again.  Pure.
 *
 * Only for diagnosis: a trial that succeeds proves what was changed, one that fails proves nothing.
 *
 * Threads: one list of covers, one thread: a trial changes it while it runs. */
#ifndef SIGNPOST_DKIM_VERIFY_TRIAL_H
#define SIGNPOST_DKIM_VERIFY_TRIAL_H

#include "dkim/header.h"
#include "dkim/signature.h"

/* One entry of h= and what it takes; trials change it and put it back. */
struct cover {
	struct slice name, value;
	bool present; /* false: the null string, RFC 6376 5.4.2 */
};

struct cover_list {
	struct cover *covers; /* in the order of h= */
	size_t count;
	const struct header_list *list;     /* the message's, without the signature itself */
	const struct header_field *sig_field; /* its value still has its b= */
	const struct signature *sig;
	const struct dkim_pubkey *key;
};

/* Memory from the arena; list must not hold the signature's own field. */
int cover_list_init(struct cover_list *, struct arena *, struct err *) MUST_CHECK;
/* 1: b= verifies over these covers, 0: it does not, -1: error. */
int cover_list_check(const struct cover_list *, struct err *) MUST_CHECK;

/* True when a trial succeeds: *found says what was changed, as a clause ("a second Subject was added"). */
bool trial_run(struct cover_list *, struct buf *found);
/* What z= copied and the message no longer has: a clause for the first field that differs. */
bool trial_copied(const struct cover_list *, struct buf *found);
/* 1: bh= fits the body, 0: it does not, -1: error.  found: a clause about what was done to it, if a trial shows that;
 * partial: l= leaves the end unsigned. */
int body_check(const struct signature *, struct slice body, bool *partial, struct buf *found, struct err *) MUST_CHECK;

#endif
