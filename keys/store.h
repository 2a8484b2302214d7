/* SPDX-License-Identifier: ISC */
/* store.h - the keeper's memory: domains, keys, facts, evidence and an append-only log, in
 * SQLite (keystore.db, rollback journal, synchronous EXTRA, 0600).  Private keys are files
 * (keyfile.h), never rows.
 *
 * Plain functions; another database can stand behind them.  Each call is a transaction of its
 * own: when it returns 0 the row is on disk.  No lock is held between calls.  The lock of a pass
 * is another one (store_lock), for a tick's whole length.
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
#include "keys/key_policy.h"
#include "keys/key_state.h"
#include "keys/sweep.h"

#define STORE_FORMAT	 1
#define STORE_WAIT_MS	 60000
#define STORE_DB	 "keystore.db"
#define STORE_TABLE	 "signing.table" /* beside it */
#define SELECTOR_LEN_MAX 63

struct store;

struct store_domain {
	char name[DOMAIN_LEN_MAX + 1];
	char policy[POLICY_NAME_LEN_MAX + 1];
	int64_t added_at;
};

struct store_key {
	int64_t id;
	char domain[DOMAIN_LEN_MAX + 1];
	char selector[SELECTOR_LEN_MAX + 1];
	char policy[POLICY_NAME_LEN_MAX + 1]; /* that it was made by */
	enum key_alg alg;
	unsigned bits;
	int64_t ttl_s;
	uint8_t spki_hash[KEY_SPKI_HASH_LEN];
	char record[RECORD_LEN_MAX + 1];
	struct key_facts facts;
};

struct store_event {
	int64_t at;
	const char *verb;   /* that did it */
	const char *domain; /* "" for the whole store */
	const char *selector;
	const char *text;
};

/* Makes the database in an existing directory.  ERR_BUSY when it is there already. */
int store_create(const char *dir, int64_t now, struct err *) MUST_CHECK;
/* ERR_CONFIG: no store there, not a store, or of a newer format (left untouched).  ERR_BUSY:
 * locked for longer than wait_ms. */
int store_open(const char *dir, int wait_ms, struct store **out, struct err *) MUST_CHECK;
void store_close(struct store *); /* NULL is fine */
const char *store_dir(const struct store *);

/* A descriptor that holds a lock until it is closed; -1 with ERR_BUSY when another has it for longer
 * than wait_ms.  The lock of a pass is held for its whole length, also across DNS; the lock of add
 * from looking which keys there are to the rows of the new ones. */
enum store_lock { STORE_LOCK_PASS, STORE_LOCK_ADD };
int store_lock(const char *dir, enum store_lock, int wait_ms, struct err *) MUST_CHECK;

/* New, or there already with the same policy: 0.  Another policy is recorded and logged. */
int store_domain_put(
    struct store *, const struct store_domain *, const char *verb, struct err *) MUST_CHECK;
/* Sorted by name; name NULL: all.  Free *out with free(). */
int store_domains(struct store *, const char *name, struct store_domain **out, size_t *count,
    struct err *) MUST_CHECK;

/* The row, and with it the intent; facts of key are ignored.  key->id is set. */
int store_key_put(
    struct store *, struct store_key *key, int64_t now, const char *verb, struct err *) MUST_CHECK;
/* By domain, then by age; domain NULL: all.  Free *out with free(). */
int store_keys(struct store *, const char *domain, struct store_key **out, size_t *count,
    struct err *) MUST_CHECK;
/* Records a fact with its log line; a fact that is there stays as it was. */
int store_fact_put(struct store *, const struct store_key *, enum key_fact,
    const struct store_event *, struct err *) MUST_CHECK;

/* Evidence: sweeps.  LAST is replaced each time; FIRST is the first passing one of a pair; PROOF
 * are kept for good; BAD is the last with a contradicting answer, until a new pair proves. */
enum evidence_role { EVIDENCE_LAST, EVIDENCE_FIRST, EVIDENCE_PROOF, EVIDENCE_BAD };

struct store_sweep {
	bool found; /* by store_sweep_get */
	bool passed;
	bool failed; /* the sweep could not be carried out; why says so */
	char why[ERR_TEXT_LEN];
	char resolver[RESOLVER_TEXT_LEN]; /* what the resolvers said; "" when none was asked */
	int64_t resolver_warn_at;	  /* they differ; as of struct resolver_view, else NEVER */
	struct sweep sweep;
};

int store_sweep_put(struct store *, int64_t key_id, enum evidence_role, const struct store_sweep *,
    struct err *) MUST_CHECK;
int store_sweep_get(struct store *, int64_t key_id, enum evidence_role, struct store_sweep *,
    struct err *) MUST_CHECK;
/* LAST, and what follows from it in the same transaction: a BAD answer ends the pair that was begun
 * (K16) and is kept as BAD. */
int store_look_put(
    struct store *, int64_t key_id, const struct store_sweep *, struct err *) MUST_CHECK;

struct store_proof {
	int64_t at;	   /* end of the second sweep of the last pair; NEVER: there is none */
	bool contradicted; /* BAD came after it */
};
int store_proof_get(
    struct store *, int64_t key_id, struct store_proof *, struct err *) MUST_CHECK;
/* `verified`, with the pair of sweeps as its proof, in one transaction; at: end of the second.
 * A key that is verified already has been proven anew. */
int store_verified(struct store *, const struct store_key *, const struct store_sweep *second,
    const struct store_event *, struct err *) MUST_CHECK;

/* K15: since when a server has been silent about a zone.  Updates from a sweep, as of its start, and
 * fills since[i] for answers[i]: NEVER unless MUTE or when it was not so before.  Silence is what
 * looks found: after more than gap_s without one it counts anew. */
int store_silence(struct store *, const struct sweep *, int64_t gap_s,
    int64_t since[static SWEEP_SERVERS_MAX], struct err *) MUST_CHECK;

int store_event_put(struct store *, const struct store_event *, struct err *) MUST_CHECK;

/* Numbers by name: "generation", "last_pass"; `otherwise` when never set. */
int store_number_get(
    struct store *, const char *name, int64_t otherwise, int64_t *out, struct err *) MUST_CHECK;
int store_number_put(struct store *, const char *name, int64_t value, struct err *) MUST_CHECK;

#endif
