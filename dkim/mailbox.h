/* SPDX-License-Identifier: ISC */
/* mailbox.h - from the value of a From field to its author domain (RFC 5322 3.4, 4.4; RFC 6532).  A
 * tokenizer, never a search for '@'; comments nest to MAILBOX_DEPTH_MAX.  Pure, no allocation, time
 * linear in the value.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MAILBOX_H
#define SIGNPOST_DKIM_MAILBOX_H

#include "dkim/domain.h"

#define MAILBOX_DEPTH_MAX 16

enum mailbox_result {
	MAILBOX_OK,
	MAILBOX_EMPTY,     /* nothing but CFWS */
	MAILBOX_MALFORMED, /* not in the grammar (with its obsolete forms) */
	MAILBOX_MULTIPLE,  /* more than one mailbox */
	MAILBOX_GROUP,     /* a group, empty or not */
	MAILBOX_ROUTE,     /* <@a,@b:user@c> */
	MAILBOX_LITERAL,   /* user@[192.0.2.1] */
	MAILBOX_DOMAIN,    /* the domain is no valid name (domain_normalize) */
};

const char *mailbox_result_name(enum mailbox_result); /* log word: "from-malformed" ... */
/* domain: normalized author domain, "" unless MAILBOX_OK. */
enum mailbox_result mailbox_author_domain(struct slice from_value,
    char domain[static DOMAIN_LEN_MAX + 1]);

#endif
