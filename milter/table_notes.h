/* SPDX-License-Identifier: ISC */
/* table_notes.h - what is said in the log when a signing table comes into use: its size, and each rule that
 * lets more be signed than its writer may have meant.
 *
 * Threads: any; the table is only read. */
#ifndef SIGNPOST_MILTER_TABLE_NOTES_H
#define SIGNPOST_MILTER_TABLE_NOTES_H

#include "keys/table.h"

void table_notes(const struct table *, const char *path);

#endif
