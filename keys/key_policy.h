/* SPDX-License-Identifier: ISC */
/* key_policy.h - what a policy of signpost.conf says about the keys of its domains.  Plain data; every choice of
 * "by-publisher" and every 0 that means "the usual" was made definite when the configuration was read
 * (config_finish.c), and relations that cannot hold were refused there, with the number that breaks them.
 *
 * Threads: read-only once the configuration was read. */
#ifndef SIGNPOST_KEYS_KEY_POLICY_H
#define SIGNPOST_KEYS_KEY_POLICY_H

#include "dkim/canon.h"
#include "dkim/key.h"
#include "keys/table.h"

#define POLICY_NAME_LEN_MAX   63
#define POLICY_ALGORITHMS_MAX 2
#define POLICY_SLOTS_MAX      8  /* of one algorithm */
#define POLICY_ANY_HOUR       24 /* switch_hour */
#define PUBLISHER_BY_HAND     "by-hand"

enum key_mode {
	MODE_TXT,	/* a fresh selector for each key: SELECTOR._domainkey.DOMAIN holds its record */
	MODE_SLOTS,	/* fixed CNAMEs of the domain, per algorithm, into a zone of ours (K6, K19, K25, K26) */
	MODE_DELEGATED, /* as txt, in a zone of its own: _domainkey.DOMAIN is delegated to us (K10) */
};
enum rotate { ROTATE_AUTO, ROTATE_APPROVE, ROTATE_OFF, ROTATE_BY_PUBLISHER };
enum standby { STANDBY_NO, STANDBY_YES, STANDBY_BY_PUBLISHER };
enum proof { PROOF_AUTHORITATIVE, PROOF_RESOLVER, PROOF_ATTEST };

struct key_policy {
	char *name;
	enum key_mode mode;
	char *slot_zone;   /* slots: zone of ours, A-labels; else NULL */
	uint32_t slots;	   /* per algorithm; slots mode only */
	char *publisher;   /* name of a publisher, or PUBLISHER_BY_HAND */
	bool by_hand;	   /* publisher is PUBLISHER_BY_HAND */
	enum key_alg algorithms[POLICY_ALGORITHMS_MAX]; /* RSA is always among them */
	size_t algorithm_count;
	uint32_t rsa_bits;
	int64_t ttl_s;	   /* of the record */

	enum rotate rotate;
	enum standby standby; /* a proven key waits at all times */
	enum proof proof;
	int64_t lifetime_s; /* L: how long a key signs; option rotate_every */
	int64_t spread_s;   /* J: a key's switch is up to so much later, by a hash of its id (K22) */
	int64_t ahead_s;    /* how much earlier than needed the next key is begun */
	uint32_t switch_hour; /* UTC; POLICY_ANY_HOUR */

	int64_t publish_safety_s; /* Sp */
	int64_t retire_safety_s;  /* Sr */
	int64_t stale_s;	  /* Wst: for how long a resolver may serve an expired record */
	int64_t queue_lifetime_s; /* Q: how long a message may wait in our queue */
	bool queue_assumed;	  /* neither the option nor postconf told it: 5 d (K8) */
	int64_t receiver_delay_s; /* V: and behind the next hop */
	int64_t signature_lifetime_s; /* X: x= is t= plus this; 0: no x= */
	int64_t tombstone_s;	  /* how long p= stays, at least */
	int64_t compromised_tombstone_s; /* that of a stolen key (K19) */
	int64_t destroy_after_s;  /* R: the private key goes so long after every signer left it */

	enum canon_kind header_canon, body_canon;
	bool timestamp; /* t= */
	enum keyless keyless;
};

#endif
