/* SPDX-License-Identifier: ISC */
/* verify_look.h - one signature of a message, judged as a verifier would: its key record asked for, and where that was
 * found; and what our own store knows of a key that is gone.
 *
 * Threads: one call, one thread. */
#ifndef SIGNPOST_SIGNPOST_VERIFY_LOOK_H
#define SIGNPOST_SIGNPOST_VERIFY_LOOK_H

#include "dkim/verify.h"
#include "keys/dig.h"
#include "keys/store.h"
#include "keys/sweep.h"
#include "signpost/known_records.h"

struct verify_asker {
	const struct dns_conf *dns;
	const struct known_records *known; /* instead of DNS, where they have the name; NULL: none */
	const char *store_dir;		   /* NULL: it is not looked at */
	int64_t now;
	/* Not NULL: all are keys of our own; as those of the store, their records are asked for at the authorities
	 * first, by this, and of resolvers only where they are there (K5). */
	const struct dns_conf *authorities;
};

struct verified {
	struct verify_report report;
	char name[SWEEP_NAME_LEN]; /* of the key record; "": it was not asked for */
	bool given;		   /* by --record or --records */
	struct dns_told told;
	size_t records;
	int ms; /* that DNS took */
	char record[RECORD_LEN_MAX + 1]; /* the first one, cut where that ends */
};

/* message->sig_index is that of a DKIM-Signature field. */
void verify_look(const struct verify_asker *, const struct verify_message *, struct verified *);
/* "dig @192.0.2.1 TXT NAME"; "" when nobody was asked. */
void verify_dig(const struct verified *, char out[static DIG_LEN]);
/* "found at NAME, says 192.0.2.1 (12 ms)" */
void verify_where(const struct verified *, struct buf *out);

#endif
