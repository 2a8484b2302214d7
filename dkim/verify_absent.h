/* SPDX-License-Identifier: ISC */
/* verify_absent.h - fields that h= counts and that the message does not have: signed as absent, so that none can be
 * added (RFC 6376 5.4.2), or removed on the way?  What this signer does with the other fields tells.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_VERIFY_ABSENT_H
#define SIGNPOST_DKIM_VERIFY_ABSENT_H

#include "dkim/verify_cover.h"

/* Says which they are; nothing where all are there, or of an h= that nobody writes. */
void absent_tell(const struct mutation_message *, const struct cover_list *, struct verify_words *);

#endif
