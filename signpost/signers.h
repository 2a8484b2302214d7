/* SPDX-License-Identifier: ISC */
/* signers.h - the acknowledgement (K1): each milter of signpost.conf is asked over its socket, as an MTA
 * would ask, what it
 * signs a domain's mail with.  A key is out of use when every one of them was seen to have left it; no time
 * alone says so.
 *
 * The question is a message with facts that the table's rules grant, marked by a macro as a probe (signpost-milter(8)).
 * What is right is what the table says that is handed in: its keys of the domain, or none.  Hand in the one
 * that was just
 * written.  An answer is about a table that was there when the call began; overlap counts from when it
 * ended, because the last milter may have signed with the old key until then.
 *
 *	struct signers_answer a = {.domain = "example.com"};
 *	if (signers_ask(&config->signers, table, &a, 1, err) != 0) ...
 *	if (!a.agree)
 *		puts(a.laggard);
 *
 * Many domains go over one connection.  A milter that does not answer is not asked on: it costs one or two timeouts,
 * however many domains there are.
 *
 * Threads: one call, one thread; calls are independent. */
#ifndef SIGNPOST_SIGNPOST_SIGNERS_H
#define SIGNPOST_SIGNPOST_SIGNERS_H

#include "signpost/config.h"

struct signers_answer {
	const char *domain; /* in: A-labels */
	bool needed;	    /* milters are configured, and some rule grants the domain */
	bool agree;	    /* each signs with exactly the table's keys; also when it is not needed */
	bool silent;	    /* some milter could not be asked at all */
	unsigned laggards;  /* that do not agree */
	char laggard[ERR_TEXT_LEN]; /* the first of them, or the first silent one, what it does, and how many more; "" */
};

/* What is told of a laggard tells of one that does not answer at all. */
bool signers_is_silence(const char *laggard);
/* ERR_NOMEM only: what is wrong with a milter is its answer. */
int signers_ask(const struct signers_conf *, const struct table *, struct signers_answer *,
    size_t count, struct err *) MUST_CHECK;

#endif
