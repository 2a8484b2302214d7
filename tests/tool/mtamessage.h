/* SPDX-License-Identifier: ISC */
/* mtamessage.h - a message as an MTA holds it: header fields split as Postfix does, and a body in SMTP's line ends. */
#ifndef SIGNPOST_TESTS_MTAMESSAGE_H
#define SIGNPOST_TESTS_MTAMESSAGE_H

#include "base/arena.h"
#include "dkim/header.h"

struct mta_message {
	struct arena arena;
	struct header_list headers; /* values with LF folds, leading space as it was */
	struct buf body;
};

/* The file's first line end tells what the others are: CRLF (a lone LF is then an octet of the body), or LF.  Of a
 * field: WSP before the colon goes unless keep_wsp, a value ends at a NUL.  A line that is no field begins the body. */
int mta_message_parse(struct mta_message *, struct slice file, bool keep_wsp, struct err *) MUST_CHECK;
void mta_message_deinit(struct mta_message *);
/* "NAME:VALUE" with CRLF folds and end. */
void mta_field_format(struct slice name, struct slice value, struct buf *out);

#endif
