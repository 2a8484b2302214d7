/* SPDX-License-Identifier: ISC */
/* store_deeds.h - what publishers were asked for, and the slots of domains.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_DEEDS_H
#define SIGNPOST_KEYS_STORE_DEEDS_H

#include "keys/publisher.h"
#include "keys/store_rows.h"

/* What a publisher was asked for, with the fact that it makes and its log line, in one transaction. */
struct store_deed {
	int64_t key_id;
	enum deed deed;
	struct schedule_deed tries; /* why is ignored */
	char why[PUBLISH_TEXT_LEN];
	char receipt[PUBLISH_RECEIPT_LEN]; /* of a change that is not yet in force; "" */
};
struct store_deed_put {
	const struct store_key *key;
	const struct store_deed *deed;
	enum key_fact fact; /* FACT_COUNT: none */
	bool vanished;	    /* it put back what others had removed (K11) */
	const char *publisher;
};
int store_deed_put(
    struct store *, const struct store_deed_put *, const struct store_event *, struct err *) MUST_CHECK;
/* A person says that what was in the way is mended: what publishers did not do for the domain is asked for in the next
 * pass, as if it had not been before.  count: how many deeds. */
int store_deeds_retry(
    struct store *, const char *domain, const struct store_event *, size_t *count, struct err *) MUST_CHECK;
int store_deeds_select(
    struct store *, const struct store_select *, struct store_deed **out, size_t *count, struct err *) MUST_CHECK;
/* How often records of keys vanished since; one row a key that lost any. */
struct store_vanished {
	int64_t key_id;
	int64_t times;
};
int store_vanished_since(
    struct store *, int64_t since, struct store_vanished **out, size_t *count, struct err *) MUST_CHECK;

#define SLOT_ALIAS_WHY_LEN 448
struct store_slot {
	char domain[DOMAIN_LEN_MAX + 1];
	enum key_alg alg;
	int n;
	char token[SELECTOR_LEN_MAX + 1];     /* never of another domain */
	int64_t prepared_at, free_at, deed_at; /* NEVER */
	int64_t previous_ttl_s; /* largest TTL served there before its tombstone was (K20) */
	char why[PUBLISH_TEXT_LEN];
	char receipt[PUBLISH_RECEIPT_LEN]; /* as of a deed */
	int64_t looked_at; /* while it held no key; NEVER */
	char alias_why[SLOT_ALIAS_WHY_LEN]; /* what was wrong with its CNAME then; "" */
	unsigned wrong_looks; /* how many in a row said so; those that nobody answered are not counted */
};
/* New, or prepared_at, free_at, deed_at, why and receipt of one that is there; the rest stays. */
int store_slot_put(struct store *, const struct store_slot *, const struct store_event *, struct err *) MUST_CHECK;
/* What its looks found, of one that is there; the event may be NULL: nothing is new. */
int store_slot_looked(struct store *, const struct store_slot *, const struct store_event *, struct err *) MUST_CHECK;
int store_slots_select(
    struct store *, const struct store_select *, struct store_slot **out, size_t *count, struct err *) MUST_CHECK;

#endif
