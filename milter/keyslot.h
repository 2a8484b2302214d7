/* SPDX-License-Identifier: ISC */
/* keyslot.h - one row's private key: loaded on first use, kept until the slot goes.
 *
 * The file is opened below the table's directory, which is opened anew each time (Kubernetes swaps the link
 * that leads to it), and judged on its descriptor: a regular file of root or of the table's owner, not too
 * large, no rights for others, no write for the group.  Its public key must be the one that the row names.
 *
 * Threads: keyslot_get may be called by many at once; one loads, under the slot's own lock. */
#ifndef SIGNPOST_MILTER_KEYSLOT_H
#define SIGNPOST_MILTER_KEYSLOT_H

#include "keys/table.h"
#include "milter/counters.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct keyslot {
	_Atomic(struct dkim_key *) key; /* NULL until loaded */
	pthread_mutex_t lock;		/* of all below */
	int64_t retry_at_s;		/* monotonic; a failed load is not tried again before */
	char *why;			/* of the last failure, or NULL */
	enum err_kind why_kind;
};

/* Where a table's keys are. */
struct keyslot_place {
	const char *dir;	   /* of the table */
	uid_t owner;		   /* of the table */
	struct counters *counters; /* of failed loads; may be NULL */
};

int keyslot_init(struct keyslot *, struct err *) MUST_CHECK;
void keyslot_deinit(struct keyslot *);

/* The key, or NULL with the reason in err.  now_s: monotonic. */
const struct dkim_key *keyslot_get(struct keyslot *, const struct table_key *,
    const struct keyslot_place *, int64_t now_s, struct err *);

#endif
