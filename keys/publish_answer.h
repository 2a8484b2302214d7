/* SPDX-License-Identifier: ISC */
/* publish_answer.h - what a name server said to an update, in words and as a result; and what stands at a name
 * afterwards.
 *
 * Threads: reentrant; publish_read_back waits for the server. */
#ifndef SIGNPOST_KEYS_PUBLISH_ANSWER_H
#define SIGNPOST_KEYS_PUBLISH_ANSWER_H

#include "keys/publisher.h"
#include "keys/tsig_ask.h"

/* Who was asked for what; borrowed. */
struct publish_talk {
	const struct dns_endpoint *server;
	const struct tsig_key *key;
	const char *zone;
};

/* For every reply but a believed NOERROR, YXRRSET or NXRRSET.  owner: what the update was about. */
void publish_judge(const struct publish_talk *, const struct tsig_reply *, const char *owner, struct publish_outcome *);
/* The server's clock, when the reply is believed. */
void publish_note_clock(const struct tsig_reply *, struct publish_outcome *);

enum name_holds { HOLDS_UNKNOWN, HOLDS_NOTHING, HOLDS_TXT, HOLDS_ALIAS, HOLDS_DELEGATION };

#define NAME_STATE_TEXT_LEN 320

struct name_state {
	enum name_holds holds;
	size_t count;			/* TXT records */
	ldns_rr *txt;			/* the first of them */
	char text[NAME_STATE_TEXT_LEN]; /* what is there, or why that is not known, for an admin */
};

/* Asks signed, and unsigned where that is refused (K21).  -1: ERR_CRYPTO, ERR_NOMEM. */
int publish_read_back(
    struct dns_tcp *, const struct tsig_key *, const char *owner, struct name_state *, struct err *) MUST_CHECK;
/* It holds one TXT record, of this text. */
bool name_state_is(const struct name_state *, const char *text);
/* Its text, of a record that was not read from DNS; count is set. */
void name_state_put_txt(struct name_state *, struct slice text);
/* What stands there is neither what was to be replaced nor what was wanted. */
void name_state_say_foreign(const struct name_state *, const struct publish_change *, struct publish_outcome *);
void name_state_deinit(struct name_state *);

#endif
