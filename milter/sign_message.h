/* SPDX-License-Identifier: ISC */
/* sign_message.h - the signatures of one message, made before the first of them is inserted: all or none.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_MILTER_SIGN_MESSAGE_H
#define SIGNPOST_MILTER_SIGN_MESSAGE_H

#include "dkim/sign.h"
#include "milter/keyring.h"

struct sign_message_params {
	const struct table_domain *domain; /* its options; its keys are not looked at */
	const struct keyring_key *keys;
	size_t key_count;
	bool
	    leading_space; /* the MTA takes values as they are; else it adds a space, and simple is not possible */
	int64_t now; /* Unix seconds, or SIGNATURE_NO_TIME: neither t= nor x= */
	const uint8_t *bh;
	const struct header_list *headers;
	struct arena *arena;
};

struct signed_value {
	const struct table_key *row;
	struct buf value; /* as the MTA wants it */
};

/* Some keys of a domain cannot be used (all of them: count 0): do the others do?  Only if RSA is among them. */
bool sign_message_keys_suffice(const struct keyring_key *keys, size_t count);
/* Those of RSA last, so that they end on top when each is inserted at index 0.  On failure *count is 0. */
int sign_message(const struct sign_message_params *, struct signed_value out[static TABLE_KEYS_MAX],
    size_t *count, struct err *) MUST_CHECK;
void sign_message_deinit(struct signed_value *, size_t count);

#endif
