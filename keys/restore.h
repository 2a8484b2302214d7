/* SPDX-License-Identifier: ISC */
/* restore.h - the store was put back from a copy that is older than the signing table (K13): the table tells of
 * switches that the store does not know, and of private keys that are destroyed since.
 *
 * A key that the table names signs, whatever its row says, unless that is of one that must not.  What the table
 * says of a domain stays until the store's keys are proven anew and their files are there, or the domain's keys are
 * switched; a domain that the store does not know stays until it is added.
 * Old acknowledgements count for nothing: which keys signed since is
 * not known.
 *
 *	struct restore r = {table, &rows, now, table->generation};
 *	if (r.generation > known && restore_begin(store, &r, err) != 0) ...
 *	if (restore_judge(store, &r, &kept, err) != 0) ...
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_RESTORE_H
#define SIGNPOST_KEYS_RESTORE_H

#include "keys/compile.h"
#include "keys/table.h"

struct restore {
	const struct table *table; /* the one that signs; NULL: it is damaged, but for its generation */
	const struct compile_rows *rows;
	int64_t now;
	uint64_t generation; /* of the table */
};

/* Notes it, once: NUMBER_RESTORED, the table's generation, the log.  Keys that the table names sign from now on,
 * and those that they replaced are retired: the store has other rows than r->rows then.  Every key is to be proven
 * anew, every milter to be asked again, and a domain that signs with keys that the store does not know is rotated,
 * which finds these again. */
int restore_begin(struct store *, const struct restore *, struct err *) MUST_CHECK;
/* Which domains of rows the table, which is not NULL, is right about:
 * *kept has as many as rows, free it with free(); NULL: the table has
 * nothing to keep, and NUMBER_RESTORED is dropped. */
int restore_judge(struct store *, const struct restore *, bool **kept, struct err *) MUST_CHECK;

#endif
