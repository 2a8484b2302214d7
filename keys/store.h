/* SPDX-License-Identifier: ISC */
/* store.h - the keeper's memory: domains, keys, facts, evidence and an append-only log, in
 * SQLite (keystore.db, rollback journal, synchronous EXTRA, 0600).  Private keys are files
 * (keyfile.h), never rows.  Here: the database itself, its log and its numbers; store_rows.h has
 * domains and keys, store_evidence.h what was seen in DNS.
 *
 * Plain functions; another database can stand behind them.  Each call is a transaction of its
 * own, or part of the one that store_begin began: when the outermost returns 0, it is on disk.  No
 * lock is held between calls otherwise.  The lock of a pass is another one (store_lock).
 *
 *	struct store *store;
 *	if (store_open(dir, STORE_WAIT_MS, &store, err) != 0) ...
 *	store_close(store);
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_H
#define SIGNPOST_KEYS_STORE_H

#include "dkim/domain.h"
#include "dkim/record.h"
#include "keys/key_state.h"

#define STORE_FORMAT	 3
#define STORE_WAIT_MS	 60000
#define STORE_DB	 "keystore.db"
#define STORE_TABLE	 "signing.table" /* beside it */
#define SELECTOR_LEN_MAX 63
#define STORE_VERB_LEN	 15

struct store;

struct store_event {
	int64_t at;
	const char *verb;   /* that did it */
	const char *domain; /* "" for the whole store */
	const char *selector;
	const char *text;
};

/* Makes the database in an existing directory.  ERR_BUSY when it is there already. */
int store_create(const char *dir, int64_t now, struct err *) MUST_CHECK;
/* One of an older format becomes one of ours.  ERR_CONFIG: no store there, not a store, or of a newer format (left
 * untouched).  ERR_BUSY: locked for longer than wait_ms. */
int store_open(const char *dir, int wait_ms, struct store **out, struct err *) MUST_CHECK;
void store_close(struct store *); /* NULL is fine */
const char *store_dir(const struct store *);
/* Who is named in the log from here on: root became the store's owner before.  At first: getuid(). */
void store_set_actor(struct store *, int64_t uid);

/* A descriptor that holds a lock until it is closed; -1 with ERR_BUSY when another has it for longer
 * than wait_ms.  The lock of a pass is held for its whole length, also across DNS; the lock of add
 * from looking which keys there are to the rows of the new ones; that of the table while
 * compile_update reads rows and writes the file. */
enum store_lock { STORE_LOCK_PASS, STORE_LOCK_ADD, STORE_LOCK_TABLE };
int store_lock(const char *dir, enum store_lock, int wait_ms, struct err *) MUST_CHECK;

/* Several calls as one transaction; may nest.  store_end commits when rc is 0 and nothing inside
 * failed, else rolls back; returns 0 when it committed or the outer one still may.  Never across
 * DNS, a hook or sleep. */
int store_begin(struct store *, struct err *) MUST_CHECK;
int store_end(struct store *, int rc, struct err *) MUST_CHECK;
/* The same for reading only: what is read until store_end is of one moment.  Blocks no writer but
 * at its commit. */
int store_begin_read(struct store *, struct err *) MUST_CHECK;

/* Another number whenever somebody else has written, or put another database in its place. */
int store_version(struct store *, int64_t *out, struct err *) MUST_CHECK;

int store_event_put(struct store *, const struct store_event *, struct err *) MUST_CHECK;

/* The log, the oldest first. */
struct store_log_row {
	int64_t id, at, uid;
	int64_t evidence; /* of the sweep that permitted it (store_sweep_read); 0: none */
	char verb[STORE_VERB_LEN + 1];
	char domain[DOMAIN_LEN_MAX + 1]; /* "": of the whole store */
	char selector[SELECTOR_LEN_MAX + 1];
	char text[ERR_TEXT_LEN];
};
struct store_log_query {
	const char *domain;  /* NULL: all */
	int64_t since;	     /* NEVER: from the beginning */
	int64_t after_id;    /* 0 */
	int64_t newest;	     /* at most so many, the newest ones; 0: no limit */
};
/* Free *out with free(). */
int store_log(struct store *, const struct store_log_query *, struct store_log_row **out, size_t *count,
    struct err *) MUST_CHECK;

/* Numbers by name; `otherwise` when never set; store_number_drop forgets one. */
#define NUMBER_GENERATION   "generation"   /* of the signing table; the highest that was ever written */
#define NUMBER_LAST_PASS    "last_pass"	   /* end of it */
#define NUMBER_HELD	    "held"	   /* since when all domains are held */
#define NUMBER_TRUSTED_S    "trusted_s"	   /* trusted seconds that were counted (K18) */
#define NUMBER_UNTRUSTED    "clock_untrusted" /* since when the clock is not trusted */
#define NUMBER_DOMAINS	    "domains"	   /* that sign, when the last pass began: their watch is spread */
#define NUMBER_OUTAGE_FROM  "outage_from"  /* domains that were lost since then are an outage (K11) */
#define NUMBER_QUEUE_OLDEST "queue_oldest" /* arrival of the oldest message in our queue (K8); 0: nobody could tell */
#define NUMBER_QUEUE_ASKED  "queue_asked"
#define NUMBER_RESTORED	    "restored"	   /* since when it is known that the store is an older copy (restore.h) */
#define NUMBER_MAP_TOLD	    "map_told"	   /* hash of what was told to be wrong with the login map */
#define NUMBER_PUSH_OWED    "push_owed"	   /* the hook failed: other hosts have an older table */
int store_number_get(
    struct store *, const char *name, int64_t otherwise, int64_t *out, struct err *) MUST_CHECK;
int store_number_put(struct store *, const char *name, int64_t value, struct err *) MUST_CHECK;
int store_number_drop(struct store *, const char *name, struct err *) MUST_CHECK;

#endif
