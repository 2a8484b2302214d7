/* SPDX-License-Identifier: ISC */
/* signature.h - the DKIM-Signature field, RFC 6376 3.5: made by a signer, read by a verifier. Pure.
 *
 * A signer emits v a c d s t x h bh b and nothing else: SHA-1, l=, z= and i= cannot be asked for.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_SIGNATURE_H
#define SIGNPOST_DKIM_SIGNATURE_H

#include "dkim/canon.h"
#include "dkim/header.h"
#include "dkim/key.h"
#include "dkim/taglist.h"

#define SIGNATURE_NAME      "DKIM-Signature"
#define SIGNATURE_LEN_MAX   65536 /* of the field; an h= over 1,000 names fits */
#define SIGNATURE_FOLD      78    /* columns */
#define SIGNATURE_KEY_NAME_LEN 254   /* of SELECTOR._domainkey.DOMAIN, with its NUL */
#define SIGNATURE_NO_TIME   ((int64_t)-1)

struct signature_spec {
	enum key_alg alg;
	enum canon_kind header_canon, body_canon;
	struct slice domain;     /* d=, A-labels */
	struct slice selector;   /* s= */
	int64_t signed_at;       /* t=; SIGNATURE_NO_TIME leaves it out */
	int64_t expires_at;      /* x=; SIGNATURE_NO_TIME leaves it out */
	const struct header_picks *picks;
	const uint8_t *bh;       /* CANON_BH_LEN octets */
};

/* Appends the value with an empty b=, one leading space, folded with CRLF HTAB at SIGNATURE_FOLD;
 * ASCII only. */
int signature_format(const struct signature_spec *, struct buf *out, struct err *) MUST_CHECK;
/* Appends base64 of sig behind that, folded in the same way: now it is the whole value.  `value`
 * must end in "b=". */
int signature_append_b(struct buf *value, struct slice sig, struct err *) MUST_CHECK;

/* A received field, tags checked as 3.5 and 6.1.1 demand. */
struct signature {
	struct taglist tags; /* borrows from the value */
	enum key_alg alg;
	bool alg_known, sha1;      /* a= of others: rsa-sha1 is named, never made */
	enum canon_kind header_canon, body_canon;
	struct slice domain, selector, h, auid; /* auid: i=, empty when absent */
	bool has_l;
	uint64_t l;
	int64_t signed_at, expires_at; /* SIGNATURE_NO_TIME when absent */
	uint8_t bh[CANON_BH_LEN];
	size_t bh_len;
	uint8_t b[KEY_SIG_LEN_MAX];
	size_t b_len;
};

/* ERR_INPUT: tag and reason */
int signature_parse(struct slice value, struct signature *, struct err *) MUST_CHECK;
/* Where its key is: SELECTOR._domainkey.DOMAIN in A-labels; RFC 8616 5 lets signers write U-labels.  Of one that
 * signature_parse took it is never refused. */
int signature_key_name(const struct signature *, char out[static SIGNATURE_KEY_NAME_LEN], struct err *) MUST_CHECK;
/* The value with the content of b= removed (3.7), for hashing; appended to out. */
int signature_without_b(struct slice value, struct buf *out, struct err *) MUST_CHECK;

#endif
