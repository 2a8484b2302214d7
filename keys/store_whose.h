/* SPDX-License-Identifier: ISC */
/* store_whose.h - whose key a p= is, of all that the store ever had (K31).
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_WHOSE_H
#define SIGNPOST_KEYS_STORE_WHOSE_H

#include "keys/store_rows.h"

/* octets of p=; *found: domain and selector of the newest that has it. */
struct store_whose {
	bool found;
	char domain[DOMAIN_LEN_MAX + 1];
	char selector[SELECTOR_LEN_MAX + 1];
};
int store_whose(struct store *, struct slice octets, struct store_whose *out, struct err *) MUST_CHECK;
/* A key with this SPKI hash has a row, of whatever domain, also one whose private key is destroyed. */
int store_had_key(
    struct store *, const uint8_t hash[static KEY_SPKI_HASH_LEN], bool *had, struct err *) MUST_CHECK;

#endif
