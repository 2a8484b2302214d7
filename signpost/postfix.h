/* SPDX-License-Identifier: ISC */
/* postfix.h - what the Postfix of this host says of itself: asked by `signpost init` once, and for its queue
 * lifetimes whenever the configuration is read.
 *
 * Threads: reentrant; starts a process and waits for it. */
#ifndef SIGNPOST_SIGNPOST_POSTFIX_H
#define SIGNPOST_SIGNPOST_POSTFIX_H

#include "base/buf.h"
#include "dkim/domain.h"

/* "postqueue" where programs of Postfix are; an absolute path as it is.  False: it is not there, or cannot be run. */
bool postfix_find_program(const char *name, char *path, size_t size);

struct postfix_facts {
	bool found;			 /* postconf ran */
	char origin[DOMAIN_LEN_MAX + 1]; /* myorigin as a domain; "" when it is none */
	struct buf networks;		 /* mynetworks, one line; for a comment */
};

/* Never fails: what cannot be found out is not known.  Undo with postfix_facts_deinit. */
void postfix_facts_init(struct postfix_facts *);
void postfix_facts_deinit(struct postfix_facts *);

#define POSTFIX_QUEUE_ASSUMED_S (5LL * 86400) /* RFC 5321 4.5.4.1, and Postfix's own default */

struct postfix_queue {
	bool known;	    /* every instance that was asked answered */
	int64_t lifetime_s; /* the longest; one that did not answer counts as POSTFIX_QUEUE_ASSUMED_S */
};

/* max(maximal_queue_lifetime, bounce_queue_lifetime) over the instances with these configuration directories; none:
 * Postfix's own default one.  Never fails: what cannot be found out is assumed. */
void postfix_queue_ask(char *const *config_dirs, size_t count, struct postfix_queue *);
/* From what postconf prints for the two, a value a line: "5d".  Without a unit, days.  Pure. */
bool postfix_queue_parse(struct slice answer, int64_t *lifetime_s);

#endif
