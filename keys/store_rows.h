/* SPDX-License-Identifier: ISC */
/* store_rows.h - domains, their keys, and facts.
 *
 * Whatever changes a row of a domain makes it due in the next pass.  A key's row is never deleted: it is
 * what makes a record ours (K31).
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_ROWS_H
#define SIGNPOST_KEYS_STORE_ROWS_H

#include "keys/schedule.h"
#include "keys/store.h"
#include "keys/sweep.h"

#define SIGNERS_LAGGARD_LEN 256
struct store_domain {
	char name[DOMAIN_LEN_MAX + 1];
	char policy[POLICY_NAME_LEN_MAX + 1];
	int64_t added_at;
	int64_t removing_at, removed_at, roll_at, rollback_at, held_at; /* NEVER */
	int64_t active_from;	   /* of the first key that signed since it was added; NEVER */
	int64_t table_at;	   /* when its rows of the signing table last changed; NEVER */
	int64_t propagation_max_s; /* Dprp */
	/* K4: as of struct looks_negative, and when it was last measured; NEVER */
	int64_t negative_max_s, negative_lower_since, negative_at;
	bool alias_wrong, is_gone;
	char alias_why[256];
	int64_t signers_asked_at; /* NEVER */
	bool signers_needed, signers_agree; /* when they were asked */
	char signers_laggard[SIGNERS_LAGGARD_LEN];
	int64_t due_at; /* the next step's earliest time; NEVER: at once */
};

struct store_key {
	int64_t id;
	char domain[DOMAIN_LEN_MAX + 1];
	char selector[SELECTOR_LEN_MAX + 1];
	char policy[POLICY_NAME_LEN_MAX + 1];	 /* that it was made by */
	char publisher[POLICY_NAME_LEN_MAX + 1]; /* that took its record; "" before */
	char owner[SWEEP_NAME_LEN];		 /* where its TXT stands */
	char alias[SWEEP_NAME_LEN];		 /* slots: the domain's CNAME to it; else "" */
	enum key_alg alg;
	int slot; /* or -1 */
	unsigned bits;
	int64_t ttl_s; /* asked for */
	uint8_t spki_hash[KEY_SPKI_HASH_LEN];
	char record[RECORD_LEN_MAX + 1];
	bool imported_unproven, selector_taken;
	/* as of struct schedule_key */
	int64_t queue_max_s, delay_max_s, signature_max_s, safety_max_s, ttl_max_s, previous_ttl_s, negative_max_s;
	int64_t counted_from; /* NUMBER_TRUSTED_S at `acknowledged`; NEVER */
	bool queue_held;      /* our queue was seen to hold mail from before that */
	int64_t queue_clear_from; /* NUMBER_TRUSTED_S when it was first seen without it again; NEVER */
	struct key_facts facts;
};

/* New, or there already with the same policy: 0.  Another policy is recorded and logged.  One that
 * was being removed is so no longer; when no key of it signs any more, its first one is yet to come. */
int store_domain_put(
    struct store *, const struct store_domain *, const char *verb, struct err *) MUST_CHECK;

/* Which rows: of domains whose name is in first..last (NULL: no bound) and that are due by due_by (INT64_MAX:
 * all).  Those that were removed to the end are left out, but for one that is named: first = last.
 * Keys: those whose life is over are left out, but for the last of an algorithm that ever signed. */
struct store_select {
	const char *first, *last, *after; /* after: names behind it only */
	int64_t due_by;
	size_t max; /* domains, 0: no limit; not for rows of domains */
	bool whole; /* keys: all that ever were */
};
struct store_select store_select_domain(const char *domain); /* NULL: all */
/* Sorted by name; free *out with free(). */
int store_domains_select(
    struct store *, const struct store_select *, struct store_domain **out, size_t *count, struct err *) MUST_CHECK;
int store_domains(struct store *, const char *name, struct store_domain **out, size_t *count,
    struct err *) MUST_CHECK; /* name NULL: all */
/* By domain, then by age.  Free *out with free(). */
int store_keys_select(
    struct store *, const struct store_select *, struct store_key **out, size_t *count, struct err *) MUST_CHECK;
int store_keys(struct store *, const char *domain, struct store_key **out, size_t *count,
    struct err *) MUST_CHECK; /* all that ever were; domain NULL: of all */

/* What the signing table needs of the keys that sign; by domain, then by age. */
struct store_signing {
	char domain[DOMAIN_LEN_MAX + 1];
	char selector[SELECTOR_LEN_MAX + 1];
	enum key_alg alg;
	uint8_t spki_hash[KEY_SPKI_HASH_LEN];
};
int store_signing_keys(struct store *, struct store_signing **out, size_t *count, struct err *) MUST_CHECK;

enum store_mark { MARK_REMOVING, MARK_REMOVED, MARK_ROLL, MARK_ROLLBACK, MARK_HELD, MARK_GONE, MARK_COUNT };
struct store_marking {
	const char *domain;
	enum store_mark mark;
	int64_t at; /* NEVER: the mark goes.  MARK_GONE: NEVER is false */
};
/* The event may be NULL. */
int store_domain_mark(
    struct store *, const struct store_marking *, const struct store_event *, struct err *) MUST_CHECK;
int store_domain_alias(
    struct store *, const char *domain, bool wrong, const char *why, struct err *) MUST_CHECK;
int store_domain_due(struct store *, const char *domain, int64_t at, struct err *) MUST_CHECK;
int store_all_due(struct store *, struct err *) MUST_CHECK;
/* When the first of them is due; NEVER: there are none. */
int store_next_due(struct store *, int64_t *at, struct err *) MUST_CHECK;
/* Dprp: only rises. */
int store_domain_propagation(struct store *, const char *domain, int64_t seconds, struct err *) MUST_CHECK;

/* K4: negative_* of the row. */
int store_domain_negative(struct store *, const struct store_domain *, struct err *) MUST_CHECK;

/* The row, and with it the intent; facts of key are ignored.  key->id is set, and owner when it is "". */
int store_key_put(
    struct store *, struct store_key *key, int64_t now, const char *verb, struct err *) MUST_CHECK;
/* Records a fact with its log line; a fact that is there stays as it was. */
int store_fact_put(
    struct store *, const struct store_key *, enum key_fact, const struct store_event *, struct err *) MUST_CHECK;
/* The maxima of key rise to what is in it; selector_taken and imported_unproven are set as they are. */
int store_key_raise(struct store *, const struct store_key *, struct err *) MUST_CHECK;
/* K8: what our queue holds now; oldest: arrival of its oldest message, NEVER: it is empty. */
int store_queue_put(struct store *, int64_t oldest, int64_t now, struct err *) MUST_CHECK;
/* Nobody can tell: nothing is revoked until somebody can. */
int store_queue_unknown(struct store *, struct err *) MUST_CHECK;
/* A record with this p= is of a key that we ever had. */
int store_is_ours(struct store *, struct slice record, bool *ours, struct err *) MUST_CHECK;

/* A switch, with all that belongs to it, in one transaction: `activated` of on and `retired` of off.  on that was
 * retired signs again (rollback): it is neither retired nor acknowledged any more.  Either may be NULL. */
struct store_switch {
	const struct store_key *on, *off;
	int64_t at;
	const char *verb, *why;
};
int store_switch(struct store *, const struct store_switch *, struct err *) MUST_CHECK;

#endif
