/* SPDX-License-Identifier: ISC */
/* postfix.h - what the Postfix of this host says of itself, asked once by `signpost init`.
 *
 * Threads: reentrant; starts a process and waits for it. */
#ifndef SIGNPOST_SIGNPOST_POSTFIX_H
#define SIGNPOST_SIGNPOST_POSTFIX_H

#include "base/buf.h"
#include "dkim/domain.h"

struct postfix_facts {
	bool found;			 /* postconf ran */
	char origin[DOMAIN_LEN_MAX + 1]; /* myorigin as a domain; "" when it is none */
	struct buf networks;		 /* mynetworks, one line; for a comment */
};

/* Never fails: what cannot be found out is not known.  Undo with postfix_facts_deinit. */
void postfix_facts_init(struct postfix_facts *);
void postfix_facts_deinit(struct postfix_facts *);

#endif
