/* SPDX-License-Identifier: ISC */
/* signer_judge.h - what a milter's answer to a probe says: does it sign the domain's mail with exactly the
 * keys that the
 * table names?  d=, s= and a= are looked at; whether a signature is good is the business of tests and of doctor.  Pure.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_SIGNER_JUDGE_H
#define SIGNPOST_SIGNPOST_SIGNER_JUDGE_H

#include "keys/table.h"
#include "milter/client.h"

struct signer_expect {
	const char *address; /* of the milter; for the text */
	const char *domain;
	const struct table *table; /* no row of the domain, or no keys: nothing may be signed */
};

/* False: why->text says what it does instead. */
bool signer_judge(const struct signer_expect *, const struct milter_reply *, struct err *why);

#endif
