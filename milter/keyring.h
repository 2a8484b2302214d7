/* SPDX-License-Identifier: ISC */
/* keyring.h - the signing table as the milter holds it: looked at for every message, loaded when it
 * changed, its keys loaded on first use.
 *
 * A snapshot is immutable but for its key slots (each under its own lock) and reference-counted; a
 * message holds one from eoh to its end.  Loading: the thread that finds the file changed (dev,
 * ino, size, mtime, ctime) loads it under a try-lock, the others go on with the old one.  A table
 * that does not parse, or has a lower generation than the one in use, leaves the old one in use and
 * is said once.  Text only is parsed at load; a PEM is opened below the table's directory, checked
 * on its descriptor (regular, owner root or the table's owner, no other bits, no group write),
 * matched by SPKI hash, and kept until the snapshot goes.  A key that failed is tried again at most
 * every KEYRING_RETRY_S.
 *
 * Threads: all functions may be called from any thread. */
#ifndef SIGNPOST_MILTER_KEYRING_H
#define SIGNPOST_MILTER_KEYRING_H

#include "keys/table.h"
#include "milter/counters.h"

#define KEYRING_RETRY_S 10

struct keyring;
struct keyring_snapshot;

/* Opens nothing yet; path is copied, counters (may be NULL) are borrowed.  NULL when out of memory. */
struct keyring *keyring_new(const char *table_path, struct counters *);
void keyring_free(struct keyring *);

/* Looks at the file (one stat), loads when needed.  NULL when no table was ever good: err says why.
 * Give back with _release. */
const struct keyring_snapshot *keyring_acquire(struct keyring *, struct err *);
/* The snapshot in use, without a look at the file; NULL when there is none.  Give back with _release. */
const struct keyring_snapshot *keyring_peek(struct keyring *);
void keyring_release(struct keyring *, const struct keyring_snapshot *); /* NULL is fine */
const struct table *keyring_table(const struct keyring_snapshot *);

/* The usable keys of a domain, in the table's order; returns how many (0..TABLE_KEYS_MAX).  `why`
 * tells of the first unusable one (ERR_NONE if none): file, mode, mending command.  now_s: monotonic
 * seconds, for the retry rule.  Keys stay valid while the snapshot is held. */
struct keyring_key {
	const struct table_key *row;
	const struct dkim_key *key;
};
size_t keyring_keys(const struct keyring_snapshot *, const struct table_domain *, int64_t now_s,
    struct keyring_key out[static TABLE_KEYS_MAX], struct err *why);

#endif
