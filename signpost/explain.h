/* SPDX-License-Identifier: ISC */
/* explain.h - why nothing has happened yet: for a domain and each of its keys, notes of one kind each, from
 * the scheduler's guards, the stored evidence and the forecast.
 *
 *	proven     all 3 addresses of ns1 and ns2 served it at 13:11:05
 *	waits      until 15:11:05: ...
 *	sooner     signpost roll example.org	(skips the age, never the proof)
 *
 * Threads: one operation, one thread. */
#ifndef SIGNPOST_SIGNPOST_EXPLAIN_H
#define SIGNPOST_SIGNPOST_EXPLAIN_H

#include "signpost/operation.h"

#define EXPLAIN_NOTES_MAX 24
#define EXPLAIN_NOTE_LEN  512

struct note {
	const char *kind; /* "proven", "lacks", "waits", "then", "sooner", "publisher", "signers" ... */
	char text[EXPLAIN_NOTE_LEN];
};

struct notes {
	struct note notes[EXPLAIN_NOTES_MAX];
	size_t count;
};

/* What concerns all of its keys. */
void explain_domain(const struct operation *, const struct step *steps, size_t count, struct notes *);
/* "is published and proven, and waits", behind the key's name */
const char *explain_headline(const struct operation *, size_t key);
/* One key, with its step. */
int explain_key(const struct operation *, const struct step *, const struct forecast *, struct notes *,
    struct err *) MUST_CHECK;

#endif
