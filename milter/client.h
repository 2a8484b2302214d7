/* SPDX-License-Identifier: ISC */
/* client.h - the MTA's side of the milter protocol (version 6), the only speaker of it in this
 * tree: for the raw end-to-end tests, the benchmarks, and the keeper's probe.  Blocking with a
 * deadline; one connection a struct.
 *
 *	struct milter_client_options opts = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 0};
 *	struct milter_reply reply = {.text = ""};
 *	struct milter_client *c = NULL;
 *	int rc = milter_client_open(address, &opts, &c, err);
 *	if (rc == 0)
 *		rc = milter_client_message(c, msg, &reply, err);
 *	if (rc == 0 && reply.inserted_count > 0)
 *		use(slice_of(reply.inserted[0].value));
 *	milter_reply_deinit(&reply);
 *	milter_client_free(c);
 *
 * Threads: one client, one thread. */
#ifndef SIGNPOST_MILTER_CLIENT_H
#define SIGNPOST_MILTER_CLIENT_H

#include "base/buf.h"
#include "dkim/header.h"

#define MILTER_ACTIONS_ALL   0x1ffu
#define MILTER_PROTOCOL_ALL  0x1fffffu /* what Postfix 3.7 offers */
#define MILTER_HDR_LEADSPC   0x100000u

struct milter_client_options {
	uint32_t actions, protocol; /* offered */
	int timeout_ms;             /* for each command's answer; 0 = 30,000 */
};

struct milter_macro {
	const char *name; /* "{auth_authen}", "i" */
	const char *value;
};

struct milter_message {
	const char *client_name, *client_addr; /* addr NULL: unknown family 'U' */
	uint16_t client_port;
	/* each ended by a NULL name; may be NULL */
	const struct milter_macro *connect_macros, *mail_macros, *eom_macros;
	const char *helo, *mail_from, *rcpt_to; /* mail_from as in the MAIL command, with <> */
	/* values with LF folds as MTAs send them, leading space as in the message */
	const struct header_list *headers;
	struct slice body;
	size_t chunk_len;                       /* body chunks; 0 = 65535 */
	bool abort_before_eom;
};

enum milter_answer { MILTER_ACCEPTED, MILTER_TEMPFAILED, MILTER_REJECTED, MILTER_DISCARDED };

struct milter_inserted {
	uint32_t index;
	char *name, *value; /* value as the milter gave it */
};

struct milter_reply {
	enum milter_answer answer;
	char text[256];                  /* of a 4xx or 5xx reply */
	struct milter_inserted *inserted; /* in order of arrival */
	size_t inserted_count, inserted_cap;
	/* modifications other than header insertion: signpost makes none */
	uint32_t other_changes;
	bool body_wanted;                /* false: answered before or during the body */
};

struct milter_client;

int milter_client_open(const char *address, const struct milter_client_options *,
    struct milter_client **out, struct err *) MUST_CHECK;
uint32_t milter_client_protocol(const struct milter_client *); /* agreed bits */
/* All that is done with it from now on is over in so many ms, however busily it answers; 0 lifts it. */
void milter_client_limit(struct milter_client *, int ms);
/* One whole message; the connection commands (connect, helo) go out with the first one.  ERR_IO
 * when the milter closed or broke the protocol. */
int milter_client_message(struct milter_client *, const struct milter_message *,
    struct milter_reply *, struct err *) MUST_CHECK;
void milter_reply_deinit(struct milter_reply *);
void milter_client_free(struct milter_client *); /* QUIT, close */

#endif
