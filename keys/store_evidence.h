/* SPDX-License-Identifier: ISC */
/* store_evidence.h - what was seen in DNS and at the milters: sweeps, what they add up to, servers
 * and their silence, signers.
 *
 * A sweep is kept when it permitted a step or differs from the one before.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_EVIDENCE_H
#define SIGNPOST_KEYS_STORE_EVIDENCE_H

#include "keys/store_rows.h"
#include "keys/sweep.h"

#define STORE_ZONES_LEN 1024

/* LAST is replaced each time; FIRST and SECOND are the pair that is about to prove; PROOF permitted
 * a step, and stays; RENEWED is the last pair that proved a record anew; BAD the last with a
 * contradicting answer, until a new pair proves; SEEN differed from the one after it. */
enum evidence_role {
	EVIDENCE_LAST, EVIDENCE_FIRST, EVIDENCE_SECOND, EVIDENCE_PROOF, EVIDENCE_RENEWED, EVIDENCE_BAD,
	EVIDENCE_SEEN
};

struct store_sweep {
	bool found; /* by store_sweep_get */
	int64_t id;
	enum evidence_role role;
	enum key_expect expect;
	unsigned queries; /* to each address */
	bool passed;
	bool failed; /* the sweep could not be carried out; why says so */
	char why[ERR_TEXT_LEN];
	char resolver[RESOLVER_TEXT_LEN]; /* what the resolvers said; "" when none was asked */
	int64_t resolver_warn_at;	  /* they differ; as of struct resolver_view, else NEVER */
	struct sweep sweep;
};

/* What the sweeps of a key add up to, for what is expected now. */
struct store_look {
	int64_t key_id;
	enum key_expect expect;
	struct schedule_looks looks; /* obstacle and looked_now are not stored: see below */
	char obstacle[ERR_TEXT_LEN];
	char zones[STORE_ZONES_LEN];   /* sweep_zones of the last sweep; "": none, or too long */
	bool failed;		       /* the last sweep could not be carried out */
	bool untrusted;		       /* it was made by a clock that was not trusted */
};

/* A sweep, and what it made of the looks, in one transaction.  The sweep becomes LAST; also FIRST or SECOND when the
 * looks say that it is that; a BAD answer ends the pair (K16). */
int store_look_put(
    struct store *, const struct store_look *, const struct store_sweep *, struct err *) MUST_CHECK;
/* The clock is trusted again: when these sweeps were made is not known. */
int store_looks_forget_untrusted(struct store *, struct err *) MUST_CHECK;
int store_looks_select(
    struct store *, const struct store_select *, struct store_look **out, size_t *count, struct err *) MUST_CHECK;
/* The newest of that role. */
int store_sweep_get(struct store *, int64_t key_id, enum evidence_role, struct store_sweep *,
    struct err *) MUST_CHECK;
int store_sweep_read(struct store *, int64_t id, struct store_sweep *, struct err *) MUST_CHECK;

/* The pair is complete: the fact (FACT_VERIFIED, REVOKED, REMOVED) as of the end of its second sweep, the pair as its
 * evidence, and the log line, in one transaction.  A fact that is there already: it was proven anew. */
int store_proven(struct store *, const struct store_key *, enum key_fact, const struct store_event *,
    struct err *) MUST_CHECK;
/* The last sweep permits a step that is taken now: it is kept.  *id: for the log. */
int store_sweep_keep(struct store *, int64_t key_id, int64_t *id, struct err *) MUST_CHECK;
/* `attest`: the record counts as verified by word of a person. */
int store_attested(struct store *, const struct store_key *, const struct store_event *, struct err *) MUST_CHECK;

/* K15: since when a server has been silent about a zone.  Updates from a sweep, as of its start, and
 * fills since[i] for answers[i]: NEVER unless MUTE or when it was not so before.  Silence is what
 * looks found: after more than gap_s without one it counts anew. */
int store_silence(struct store *, const struct sweep *, int64_t gap_s,
    int64_t since[static SWEEP_SERVERS_MAX], struct err *) MUST_CHECK;

/* K2: the servers that a zone ever had, with when they were last listed. */
struct store_server {
	char host[SWEEP_NAME_LEN];
	struct dns_endpoint endpoint;
	int64_t last_listed, ttl_s;
};
int store_servers_put(struct store *, const char *zone, const struct store_server *, size_t count,
    struct err *) MUST_CHECK;
/* All of a zone; free *out with free(). */
int store_servers(struct store *, const char *zone, struct store_server **out, size_t *count,
    struct err *) MUST_CHECK;

/* What the milters said that they sign a domain's mail with. */
struct store_signers {
	const char *domain;
	int64_t asked_at;
	bool needed; /* some rule lets somebody sign for it, and milters are configured */
	bool agree;
	const char *laggard;
};
int store_signers_put(struct store *, const struct store_signers *, struct err *) MUST_CHECK;

/* K11: how many domains have a proven record, and how many of these have lost it between two times. */
struct store_lost {
	int64_t domains, lost;
	int64_t earliest; /* NEVER */
};
int store_lost_between(struct store *, int64_t from, int64_t to, struct store_lost *, struct err *) MUST_CHECK;

#endif
