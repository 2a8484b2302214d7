/* SPDX-License-Identifier: ISC */
/* session_message.h - the message on a session: decided at the end of its header, signed at its end.  For
 * session.c, which keeps the order of events; nobody else includes it.
 *
 * Threads: as session.h. */
#ifndef SIGNPOST_MILTER_SESSION_MESSAGE_H
#define SIGNPOST_MILTER_SESSION_MESSAGE_H

#include "milter/session.h"
#include "milter/session_header.h"

#define QUEUE_ID_LEN 64

enum message_state {
	MESSAGE_NONE,
	MESSAGE_HEADER,	 /* fields come */
	MESSAGE_SIGNING, /* decided: the body is hashed */
	MESSAGE_DONE,	 /* answered before its end */
};

struct session {
	struct keyring *ring;
	struct counters *counters;
	struct session_abilities abilities;
	struct ip_addr peer;
	uint16_t peer_port;
	char *daemon_name;
	/* of the message, until message_reset */
	enum message_state state;
	enum session_answer answer; /* MESSAGE_DONE */
	bool is_probe;
	struct session_header header;
	struct slice auth_type, auth_authen;
	char queue_id[QUEUE_ID_LEN];
	const struct keyring_snapshot *snapshot; /* as of eoh */
	struct decision decision;
	struct canon_body body;
	struct err failure; /* kind ERR_NONE: none so far */
	uint64_t spent_ns, entered_ns;
};

struct session_inserter {
	session_insert *insert;
	void *arg;
};

uint64_t session_clock_ns(void); /* monotonic */
/* Frees what the message holds; state is MESSAGE_NONE. */
void session_message_reset(struct session *);
/* Takes the table as it is now; CONTINUE (and state MESSAGE_SIGNING) when the body is wanted. */
enum session_answer session_message_decide(struct session *);
/* snap: the table as it is at the end of the message.  The keys are those of now, so that a rotation holds for
 * mail that is on its way; the options those of the end of header. */
enum session_answer session_message_sign(
    struct session *, const struct keyring_snapshot *snap, const struct session_inserter *);
/* Eligible, but it cannot be signed: by on_error.  unusable, error: for the log, may be NULL. */
enum session_answer session_message_give_up(
    struct session *, enum reason, const struct err *unusable, const struct err *error);

#endif
