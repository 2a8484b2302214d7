/* SPDX-License-Identifier: ISC */
/* client_answer.h - what a milter's answers mean; inside milter/client*.c.
 *
 * Threads: one reply, one thread. */
#ifndef SIGNPOST_MILTER_CLIENT_ANSWER_H
#define SIGNPOST_MILTER_CLIENT_ANSWER_H

#include "milter/client.h"
#include "milter/client_wire.h"

/* What the milter has said so far: go on, or a verdict that needs no more of the message. */
enum progress { GO_ON, SKIP_BODY, DONE, FAILED };

/* One packet.  GO_ON also for "still working" and for a change of the message: *more tells that the answer is
 * still to come. */
enum progress client_take_packet(const struct wire_packet *, struct milter_reply *, bool *more, struct err *);

#endif
