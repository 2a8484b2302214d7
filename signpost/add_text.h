/* SPDX-License-Identifier: ISC */
/* add_text.h - what `signpost add` says: what was made, what is yours to do, what happens next.
 *
 * Threads: reentrant; asks DNS who serves the domain. */
#ifndef SIGNPOST_SIGNPOST_ADD_TEXT_H
#define SIGNPOST_SIGNPOST_ADD_TEXT_H

#include "keys/advice.h"
#include "keys/store_deeds.h"
#include "signpost/config.h"

struct add_text {
	const struct config *config;
	const struct key_policy *policy;
	const char *domain;
	const struct store_key *keys; /* all of the domain */
	size_t key_count;
	const struct store_slot *slots;
	size_t slot_count;
	bool one; /* a single domain: there is time to ask who serves it */
};

int add_text(const struct add_text *, struct buf *out, struct err *) MUST_CHECK;
/* The CNAMEs of a domain in slots mode, for each algorithm of the policy. */
int add_text_aliases(const struct add_text *, enum advice_form, struct buf *out, struct err *) MUST_CHECK;

#endif
