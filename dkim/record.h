/* SPDX-License-Identifier: ISC */
/* record.h - key records, RFC 6376 3.6.1 and 3.6.2.2.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_RECORD_H
#define SIGNPOST_DKIM_RECORD_H

#include "dkim/key.h"

#define RECORD_LEN_MAX    2048 /* RSA-4096 takes about 760 */
#define RECORD_STRING_MAX 255  /* octets of one character-string */
#define RECORD_P_LEN_MAX  1024

struct key_record {
	enum key_alg alg;    /* from k=, default rsa */
	bool k_known;        /* false: a k= we do not know (alg then means nothing) */
	bool has_version;    /* v=DKIM1 stood first */
	bool revoked;        /* p= is empty */
	bool allows_sha256;  /* h= absent or lists sha256 */
	bool allows_sha1;    /* h= absent or lists sha1 */
	bool allows_email;   /* s= absent or lists * or email */
	bool testing;        /* t=y */
	bool strict_domain;  /* t=s */
	uint8_t p[RECORD_P_LEN_MAX];
	size_t p_len;
};

/* txt: the character-strings joined without a blank.  ERR_INPUT says what is wrong (tag, reason).
 * */
int key_record_parse(struct slice txt, struct key_record *, struct err *) MUST_CHECK;
/* "v=DKIM1; k=rsa; h=sha256; p=..." / the revoked form "v=DKIM1; p=" (K32). */
int key_record_format(const struct dkim_key *, struct buf *out, struct err *) MUST_CHECK;
void key_record_format_revoked(struct buf *out);
/* True when `served` says the same as `expected`: equal tags, bytes of p= (K7). ERR text in why
 * when false. */
bool key_record_same(struct slice expected, struct slice served, struct err *why);
/* The TXT value as zone file text: "..." "..." with at most 255 octets a string. */
void key_record_format_quoted(struct slice txt, struct buf *out);

/* Selectors (RFC 6376 3.1): LDH labels; for names that enter files and DNS. */
bool selector_is_valid(struct slice);

#endif
