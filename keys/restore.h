/* SPDX-License-Identifier: ISC */
/* restore.h - the store was put back from a copy that is older than the signing table (K13): the table tells of
 * switches that the store does not know, and of private keys that are destroyed since.
 *
 * What the table says of a domain stays until the store's keys are proven anew and their files are there; a domain that
 * the store does not know stays until it is added.  Old acknowledgements count for nothing: which keys signed since is
 * not known.
 *
 *	struct restore r = {table, &rows, now};
 *	if (table->generation > known && restore_begin(store, &r, err) != 0) ...
 *	if (restore_judge(store, &r, &kept, err) != 0) ...
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_RESTORE_H
#define SIGNPOST_KEYS_RESTORE_H

#include "keys/compile.h"
#include "keys/table.h"

struct restore {
	const struct table *table; /* the one that signs */
	const struct compile_rows *rows;
	int64_t now;
};

/* Notes it, once: NUMBER_RESTORED, the table's generation, the log.  Every key is to be proven anew, every milter to be
 * asked again, and a domain that signs with others than the store thinks is rotated, which finds these again. */
int restore_begin(struct store *, const struct restore *, struct err *) MUST_CHECK;
/* Which domains of rows the table is right about: *kept has as many as rows, free it with free(); NULL: the table has
 * nothing to keep, and NUMBER_RESTORED is dropped. */
int restore_judge(struct store *, const struct restore *, bool **kept, struct err *) MUST_CHECK;

#endif
