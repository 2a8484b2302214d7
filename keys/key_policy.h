/* SPDX-License-Identifier: ISC */
/* key_policy.h - what a policy of signpost.conf says about the keys of its domains.  Plain data.
 *
 * Threads: read-only once the configuration was read. */
#ifndef SIGNPOST_KEYS_KEY_POLICY_H
#define SIGNPOST_KEYS_KEY_POLICY_H

#include "dkim/canon.h"
#include "dkim/key.h"
#include "keys/table.h"

#define POLICY_NAME_LEN_MAX   63
#define POLICY_ALGORITHMS_MAX 2

enum publisher { PUBLISHER_BY_HAND };

struct key_policy {
	char *name;
	enum publisher publisher;
	enum key_alg algorithms[POLICY_ALGORITHMS_MAX]; /* RSA is always among them */
	size_t algorithm_count;
	uint32_t rsa_bits;
	int64_t ttl_s; /* asked for in the record */
	enum canon_kind header_canon, body_canon;
	bool timestamp;		      /* t= */
	int64_t signature_lifetime_s; /* x= is t= plus this; 0: no x= */
	int64_t queue_lifetime_s;     /* Q: how long a message may wait in our queue */
	int64_t receiver_delay_s;     /* V: and behind the next hop */
	int64_t
	    publication_interval_s; /* Ipub: a key that joins a domain which signs already waits this long (K3) */
	enum keyless keyless;
};

#endif
