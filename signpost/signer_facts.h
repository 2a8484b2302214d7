/* SPDX-License-Identifier: ISC */
/* signer_facts.h - facts of an SMTP session by which the rules of a signing table let a domain's mail be signed: what a
 * probe has to claim.  Found by trying the policy itself.  Pure.
 *
 * A login of the domain comes first, then a bare login, then what the rows of the table name.
 *
 * Threads: reentrant; the table is only read. */
#ifndef SIGNPOST_SIGNPOST_SIGNER_FACTS_H
#define SIGNPOST_SIGNPOST_SIGNER_FACTS_H

#include "keys/table.h"

#define SIGNER_PROBE_NAME "signpost-probe" /* local part, bare login, and a host below the domain */

struct signer_facts {
	char from[sizeof(SIGNER_PROBE_NAME) + 1 + DOMAIN_LEN_MAX]; /* address of From */
	char login[TABLE_LOGIN_LEN_MAX + 1];			   /* "": not logged in */
	char client[IP_TEXT_LEN];				   /* "": none is named */
	uint16_t client_port;
	const char *daemon; /* borrowed from the table; NULL: none is named */
};

/* *found: some rule grants it.  A domain without a row, or without keys, is looked for as if it had them: a milter
 * with an older table may still sign for it.  ERR_NOMEM. */
int signer_facts_find(const struct table *, const char *domain, struct signer_facts *, bool *found,
    struct err *) MUST_CHECK;

#endif
