/* SPDX-License-Identifier: ISC */
/* sign.h - one message, one body hash, any number of signatures (RFC 6376 5).  Pure.  A milter inserts the
 * value behind "DKIM-Signature:".
 *
 *	struct sign_params p = {.key = key, .bh = bh, .rules = HEADER_RULES,
 *	    .domain = slice_of("example.com"), .selector = slice_of("s1"),
 *	    .header_canon = CANON_RELAXED, .body_canon = CANON_RELAXED,
 *	    .signed_at = time(NULL), .expires_at = SIGNATURE_NO_TIME};
 *	struct buf value;
 *	buf_init(&value, SIGNATURE_LEN_MAX);
 *	int rc = sign_header(&p, list, arena, &value, err);
 *	if (rc == 0) {
 *		sign_to_lf(&value);
 *		use(buf_slice(&value));
 *	}
 *	buf_deinit(&value);
 *
 * Threads: reentrant; many may sign with one key at once. */
#ifndef SIGNPOST_DKIM_SIGN_H
#define SIGNPOST_DKIM_SIGN_H

#include "dkim/signature.h"

struct sign_params {
	const struct dkim_key *key;
	struct slice domain, selector;
	enum canon_kind header_canon, body_canon;
	int64_t signed_at;  /* t=, Unix seconds, or SIGNATURE_NO_TIME */
	int64_t expires_at; /* x=, or SIGNATURE_NO_TIME */
	const struct header_rule *rules; /* HEADER_RULES unless a test says otherwise */
	const uint8_t *bh;               /* CANON_BH_LEN octets, borrowed */
};

/* What is hashed for b= (3.7). */
struct sign_input {
	enum canon_kind canon;
	const struct header_list *list;
	const struct header_picks *picks;
	struct slice value_without_b;
};

/* Appends the whole value of the DKIM-Signature field: one leading space, CRLF HTAB folds, b=
 * filled.  On failure value is as long as before. */
int sign_header(const struct sign_params *, const struct header_list *, struct arena *,
    struct buf *value, struct err *) MUST_CHECK;
/* The octets that are hashed, for tests and for diagnosis: picks in canonical form, then the field
 * itself with b= empty and without final CRLF. */
int sign_hash_input(const struct sign_input *, struct buf *out, struct err *) MUST_CHECK;
/* CRLF folds become LF, as milters insert them; in place. */
void sign_to_lf(struct buf *value);

#endif
