/* SPDX-License-Identifier: ISC */
/* mutation_charset.h - octets of the charsets that mail was written in before UTF-8, as UTF-8.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_CHARSET_H
#define SIGNPOST_DKIM_MUTATION_CHARSET_H

#include "base/buf.h"

/* Appends; false when the charset is none of utf-8, us-ascii, iso-8859-1, windows-1252, or the octets are not in it. */
bool charset_to_utf8(struct slice charset, struct slice octets, struct buf *out);

#endif
