/* SPDX-License-Identifier: ISC */
/* session.h - one MTA connection and the message now on it.  Knows no packet; connection.c
 * translates.
 *
 * Order of calls is not trusted: any of them may come at any time, also before session_connect, and
 * session_abort at any time.  Each returns what the MTA is to be told.  Memory is bounded by the
 * table's header caps.
 *
 * Threads: calls for one session never overlap (a connection has one thread). */
#ifndef SIGNPOST_MILTER_SESSION_H
#define SIGNPOST_MILTER_SESSION_H

#include "dkim/sign.h"
#include "milter/counters.h"
#include "milter/keyring.h"
#include "milter/policy.h"

enum session_answer {
	SESSION_CONTINUE,
	SESSION_ACCEPT,   /* done with this message: nothing more of it is wanted */
	SESSION_TEMPFAIL, /* 451 4.7.1 */
};

/* What the MTA's negotiation left us with. */
struct session_abilities {
	/* SMFIP_HDR_LEADSPC: values are exact; without it the header is canonicalized relaxed */
	bool leading_space;
};

struct session;

struct session *session_new(struct keyring *, struct counters *); /* NULL: no memory */
/* NULL is fine; ends a message in progress */
void session_free(struct session *);

void session_negotiated(struct session *, const struct session_abilities *);
/* either may be NULL */
void session_connect(struct session *, const struct sockaddr *peer, const char *daemon_name);
/* Begins a message; whatever was before it is forgotten. */
void session_mail(struct session *, const char *auth_type, const char *auth_authen);
/* Right after session_mail: this is no mail but the keeper, who asks what is signed with.  The decision is that of mail
 * with the same facts, and the keys are the same, also under dry_run.  But the signature covers From alone and
 * SESSION_PROBE_BODY in place of the body, so that it is of no use on a message; nothing is counted or
 * warned of as mail. */
#define SESSION_PROBE_BODY "A probe of signpost's keeper, and no mail.\r\n"
void session_probe(struct session *);
enum session_answer session_header(struct session *, const char *name, const char *value);
/* queue_id may be NULL, here and at eom. */
enum session_answer session_eoh(struct session *, const char *queue_id);
enum session_answer session_body(struct session *, struct slice chunk);

/* Inserts "DKIM-Signature: VALUE" at index 0; value as the MTA wants it (LF folds; leading space
 * only with leading_space).  Returns 0 or -1. */
typedef int session_insert(void *arg, const char *value);
enum session_answer session_eom(struct session *, const char *queue_id, session_insert *,
    void *arg);
void session_abort(struct session *);

#endif
