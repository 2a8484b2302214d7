/* SPDX-License-Identifier: ISC */
/* message.h - a whole message from a file descriptor, for the filters sign and verify.
 *
 * Line ends may be CRLF, or LF alone as mail lies on disk; the first line tells which, and `text` has CRLF.
 *
 * Threads: one message, one thread. */
#ifndef SIGNPOST_SIGNPOST_MESSAGE_H
#define SIGNPOST_SIGNPOST_MESSAGE_H

#include "base/buf.h"
#include "dkim/header.h"

#define MESSAGE_LEN_MAX    ((size_t)64 << 20)
#define MESSAGE_FIELDS_MAX 10000

struct message {
	struct buf raw;   /* as it came */
	struct buf text;  /* with CRLF line ends, without a "From " line of mbox; borrowed from by list */
	size_t mbox_len;  /* octets of that line in raw, 0 if there is none */
	bool lf_only;
	struct header_list list;
	size_t body_off;  /* in text */
};

/* path is for messages.  ERR_IO, ERR_LIMIT, ERR_INPUT (empty, no header).  Undo with message_deinit in any case. */
int message_read(struct message *, int fd, const char *path, struct err *) MUST_CHECK;
void message_deinit(struct message *);
struct slice message_body(const struct message *);

#endif
