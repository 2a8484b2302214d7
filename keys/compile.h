/* SPDX-License-Identifier: ISC */
/* compile.h - from the store and the configuration to the signing table.
 *
 * A domain has a row from its first activation on: before, its mail leaves unsigned, as it did;
 * after, a domain without a usable key follows the policy's `keyless`.  Ed25519 keys are listed
 * only beside an active RSA key (RFC 8301 3.1).  A domain that is being removed has a row while a key of it signs.
 * A domain whose policy is not defined is signed as its row before says.
 *
 * Threads: compile_text is reentrant; compile_update is the store's: one store, one thread. */
#ifndef SIGNPOST_KEYS_COMPILE_H
#define SIGNPOST_KEYS_COMPILE_H

#include "keys/store_rows.h"
#include "keys/table.h"

#define COMPILE_DATE_RENEW_S 86400

struct compile_rules {
	const struct table_settings *settings;
	const struct table_allow *allows;
	size_t allow_count;
	const struct key_policy *policies;
	size_t policy_count;
};

struct compile_rows {
	const struct store_domain *domains;
	size_t domain_count;
	const struct store_signing *keys; /* by domain */
	size_t key_count;
	/* K13: of these domains, and of those that are not in the store, the rows stay as they were; NULL: of none */
	const bool *kept;
	const struct table *before; /* NULL: there is none that can be read */
};

struct compile_stamp {
	uint64_t generation;
	int64_t date;
	bool clock_untrusted; /* K9 */
};

/* The text of a table.  Pure.  ERR_LIMIT: more keys of a domain sign than a table can hold. */
int compile_text(const struct compile_rules *, const struct compile_rows *,
    const struct compile_stamp *, struct buf *out, struct err *) MUST_CHECK;

enum compile_change { COMPILE_SAME, COMPILE_DATE, COMPILE_NEW };

/* Brings STORE/signing.table up to date: untouched when nothing changed, the same generation
 * with a new date once a day, else the next generation.  The new text was parsed as the milter
 * will parse it before it replaces the old one.  A damaged table is replaced; one of a newer format
 * is ERR_CONFIG and stays.  NUMBER_UNTRUSTED makes it say so.  Takes STORE_LOCK_TABLE: of two at
 * once, the later one sees every row that the earlier one saw. */
int compile_update(struct store *, const struct compile_rules *, int64_t now, enum compile_change *,
    struct err *) MUST_CHECK;

#endif
