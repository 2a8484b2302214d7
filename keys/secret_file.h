/* SPDX-License-Identifier: ISC */
/* secret_file.h - a file that holds what only the keeper may know: a TSIG key, a provider's token.
 *
 *	struct buf text;
 *	buf_init(&text, SECRET_LEN_MAX);
 *	int rc = secret_file_read("/etc/signpost/token", "the token", &text, err);
 *	...
 *	buf_wipe(&text);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_SECRET_FILE_H
#define SIGNPOST_KEYS_SECRET_FILE_H

#include "base/buf.h"

/* Appends the whole file; out->len_max is the cap.  Refuses (ERR_CONFIG) a file that others than root and we own, that
 * its group may write, or others may touch; ERR_IO names what it should have held.  The caller wipes out. */
int secret_file_read(const char *path, const char *what, struct buf *out, struct err *) MUST_CHECK;

#endif
