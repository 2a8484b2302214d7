/* SPDX-License-Identifier: ISC */
/* macros.h - the macros of an MTA's connection, and for what each holds.
 *
 * An MTA sends macros ahead of the command that they belong to, and none at all where none has a value.  So each is
 * forgotten with its use: the login of one message is never that of the next, nor that of the next client.
 *
 * Threads: as connection.h. */
#ifndef SIGNPOST_MILTER_MACROS_H
#define SIGNPOST_MILTER_MACROS_H

#include "base/err.h"
#include "base/slice.h"
#include "keys/table.h"

#define MACROS_LOGIN_SIZE (TABLE_LOGIN_LEN_MAX + 2) /* one octet more than any table holds: still no match */

/* Each "" when there is none. */
struct macros {
	char daemon_name[256];		     /* until the client is told */
	char auth_type[64];		     /* until the message begins */
	char auth_authen[MACROS_LOGIN_SIZE]; /* until the message begins */
	bool is_probe;			     /* until the message begins */
	char queue_id[64];		     /* until the message is over */
};

/* The data of SMFIC_MACRO; ERR_INPUT when it does not parse.  What is too long is cut, but no name of a daemon is. */
int macros_take(struct macros *, struct slice data, struct err *) MUST_CHECK;
const char *macros_get(const char *); /* NULL for "" */
void macros_use_client(struct macros *);
void macros_use_login(struct macros *);
void macros_forget_message(struct macros *);

#endif
