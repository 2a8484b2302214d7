/* SPDX-License-Identifier: ISC */
/* canon.h - DKIM canonicalization, RFC 6376 3.4.  Pure: no I/O, no clock; heap only inside
 * EVP_MD_CTX.
 *
 * The body may come in chunks of any size; only their concatenation matters (CR|LF split included).
 * A body that does not end in CRLF gets one (3.4.3, 3.4.4); a run of empty lines is a counter, so
 * memory does not depend on the body.  Bare CR and bare LF are ordinary octets.
 *
 *	struct canon_body body;
 *	uint8_t bh[CANON_BH_LEN];
 *	int rc = canon_body_init(&body, CANON_RELAXED, err);
 *	for (size_t i = 0; rc == 0 && i < count; i++)
 *		rc = canon_body_update(&body, chunks[i], err);
 *	if (rc == 0)
 *		rc = canon_body_finish(&body, bh, err);
 *	if (rc == 0)
 *		use(slice_new(bh, sizeof bh));
 *	canon_body_deinit(&body);
 *
 * Threads: one struct per message; different structs are independent. */
#ifndef SIGNPOST_DKIM_CANON_H
#define SIGNPOST_DKIM_CANON_H

#include "base/buf.h"
#include "base/scan.h"

#include <openssl/types.h>

#define CANON_BH_LEN 32
#define CANON_BATCH  (2 * SCAN_SQUEEZE)

enum canon_kind { CANON_SIMPLE, CANON_RELAXED };

/* For known-answer tests and for `signpost verify`: sees the canonical octets in order. */
typedef void canon_tap(void *arg, struct slice canonical);

struct canon_body {
	enum canon_kind kind;
	EVP_MD_CTX *md;
	struct scan_lines lines; /* of the raw body */
	uint64_t raw_len;        /* octets given */
	uint64_t body_len;       /* canonical octets hashed so far; what l= would count */
	/* hash no more than this (a verifier's l=); UINT64_MAX otherwise */
	uint64_t body_len_max;
	uint64_t crlf_pending;   /* line ends not yet known to be followed by text */
	bool cr_pending, wsp_pending;
	canon_tap *tap;          /* may be NULL */
	void *tap_arg;
	size_t batch_len;        /* small pieces wait here, so that the hash is fed in bulk */
	uint8_t batch[CANON_BATCH];
};

const char *canon_name(enum canon_kind);                         /* "simple", "relaxed" */
bool canon_from_name(struct slice name, enum canon_kind *kind);  /* case-insensitive */

/* undo with _deinit */
int canon_body_init(struct canon_body *, enum canon_kind, struct err *) MUST_CHECK;
/* chunk borrowed for the call; ERR_CRYPTO */
int canon_body_update(struct canon_body *, struct slice chunk, struct err *) MUST_CHECK;
/* once */
int canon_body_finish(struct canon_body *, uint8_t bh[static CANON_BH_LEN],
    struct err *) MUST_CHECK;
void canon_body_deinit(struct canon_body *); /* safe in any state, also zeroed */

/* Appends the canonical field, final CRLF included (3.4.1, 3.4.2).  name is all before the colon,
 * WSP before the colon included; value all behind it, folds as CRLF, without the final CRLF. */
void canon_header(enum canon_kind, struct slice name, struct slice value, struct buf *out);

#endif
