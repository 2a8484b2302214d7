/* SPDX-License-Identifier: ISC */
/* verify_copied.h - z=: fields as they were when they were signed (RFC 6376 3.5).  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_VERIFY_COPIED_H
#define SIGNPOST_DKIM_VERIFY_COPIED_H

#include "dkim/mutation.h"

#define COPIED_LEN_MAX ((size_t)64 << 10)

/* The next copy; *off is 0 at first.  value is appended; false: there is no more. */
bool copied_next(const struct signature *, size_t *off, struct slice *name, struct buf *value);
/* The first copy of that name. */
bool copied_value(const struct signature *, struct slice name, struct buf *value);
/* Tells of what was copied and the message no longer has, as far as words and work allow; told, too, when that ends. */
void copied_tell(const struct mutation_message *, struct verify_words *);

#endif
