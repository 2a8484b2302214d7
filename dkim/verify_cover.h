/* SPDX-License-Identifier: ISC */
/* verify_cover.h - what h= of a received signature takes from the message, and whether b= and bh= fit.  Pure.
 *
 * Threads: one list of covers, one thread. */
#ifndef SIGNPOST_DKIM_VERIFY_COVER_H
#define SIGNPOST_DKIM_VERIFY_COVER_H

#include "dkim/mutation.h"

/* One entry of h= and what it takes. */
struct cover {
	struct slice name, value;
	size_t index; /* in the message's list; HEADER_ABSENT: the null string, RFC 6376 5.4.2 */
};

struct cover_list {
	struct cover *covers; /* in the order of h= */
	size_t count;
};

/* Memory from the arena. */
int cover_list_init(
    struct cover_list *, const struct mutation_message *, struct arena *, struct err *) MUST_CHECK;
/* 1: b= verifies over these covers, 0: it does not, -1: error. */
int cover_list_check(
    const struct cover_list *, const struct mutation_message *, struct err *) MUST_CHECK;

struct body_state {
	bool fits;    /* bh= is the body's */
	bool partial; /* l= leaves the end unsigned */
	bool cut;     /* l= counts more than there is */
	uint64_t len; /* canonical octets */
};
int body_check(const struct mutation_message *, struct body_state *, struct err *) MUST_CHECK;

#endif
