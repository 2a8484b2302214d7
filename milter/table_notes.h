/* SPDX-License-Identifier: ISC */
/* table_notes.h - what is said in the log when a signing table comes into use: its size, and each rule that
 * lets more be signed than its writer may have meant; and while it is in use, that nobody renews its date.
 *
 * Threads: any; the table is only read. */
#ifndef SIGNPOST_MILTER_TABLE_NOTES_H
#define SIGNPOST_MILTER_TABLE_NOTES_H

#include "keys/table.h"

#define TABLE_NOTES_AGE_MAX_S 172800 /* the keeper renews the date daily */
#define TABLE_NOTES_AGAIN_S   86400

void table_notes(const struct table *, const char *path);

/* When the date line is older than TABLE_NOTES_AGE_MAX_S: a warning, once in TABLE_NOTES_AGAIN_S. */
struct table_notes_clock {
	int64_t now;	     /* Unix seconds */
	int64_t monotonic_s; /* from any beginning: a day is a day, whatever is done to the clock */
};
/* said_at_s: when it was said, by the monotonic clock; TABLE_NOTES_NEVER at first */
#define TABLE_NOTES_NEVER INT64_MIN
void table_notes_age(const struct table *, const char *path, const struct table_notes_clock *,
    _Atomic int64_t *said_at_s);

#endif
