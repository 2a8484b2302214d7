/* SPDX-License-Identifier: ISC */
/* config_text.h - signpost.conf as octets: which may not stand anywhere, and which are comments.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_TEXT_H
#define SIGNPOST_SIGNPOST_CONFIG_TEXT_H

#include "base/err.h"
#include "base/slice.h"

/* What libconfuse would stop at or expand: NUL and other control bytes, CR, a byte order mark, "${".
 * ERR_CONFIG "PATH:LINE: ...". */
int config_text_check(struct slice text, const char *path, struct err *) MUST_CHECK;
/* Blanks instead of comments in a text that config_scan took: libconfuse counts one with "#" as three lines. */
void config_text_blank_comments(char *text);

#endif
