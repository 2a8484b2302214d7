/* SPDX-License-Identifier: ISC */
/* key.h - signing keys: RSA-SHA256 (RFC 8301) and Ed25519-SHA256 (RFC 8463).  The algorithm is a
 * property of the key.  Pure but for OpenSSL's randomness; files are the caller's.
 *
 * Threads: a struct dkim_key is immutable after it was made and may be used by many threads at
 * once. */
#ifndef SIGNPOST_DKIM_KEY_H
#define SIGNPOST_DKIM_KEY_H

#include "base/buf.h"

enum key_alg { KEY_RSA_SHA256, KEY_ED25519_SHA256 };

#define KEY_RSA_BITS_LOAD_MIN 1024 /* RFC 8301 3.2: below is never used */
#define KEY_RSA_BITS_GOOD     2048 /* below warns */
#define KEY_RSA_BITS_MAX      4096 /* verifiers need not handle more */
#define KEY_SIG_LEN_MAX       512  /* RSA-4096 */
#define KEY_SPKI_HASH_LEN     32
#define KEY_PEM_LEN_MAX       16384

struct dkim_key;

const char *key_alg_name(enum key_alg);               /* "rsa-sha256" as in a= */
const char *key_alg_k(enum key_alg);                  /* "rsa", "ed25519" as in k= */
bool key_alg_from_name(struct slice, enum key_alg *); /* exact, lower case */

/* PKCS#8 or traditional PEM, unencrypted.  ERR_CRYPTO: no key, encrypted, other type, RSA bits out
 * of range, RSA that fails its check.  *out is freed with dkim_key_free. */
int dkim_key_parse_pem(struct slice pem, struct dkim_key **out, struct err *) MUST_CHECK;
int dkim_key_parse_ed25519_seed(const uint8_t seed[static 32], struct dkim_key **out,
    struct err *) MUST_CHECK;
/* bits only for RSA: 2048..4096 (ERR_CONFIG else).  The new pair has signed and verified a probe.
 * */
int dkim_key_generate(enum key_alg, unsigned bits, struct dkim_key **out, struct err *) MUST_CHECK;
void dkim_key_free(struct dkim_key *); /* NULL is fine */

enum key_alg dkim_key_alg(const struct dkim_key *);
unsigned dkim_key_bits(const struct dkim_key *); /* 256 for Ed25519 */
/* SHA-256 over the DER SubjectPublicKeyInfo: the key's identity in tables and in the store. */
void dkim_key_spki_hash(const struct dkim_key *, uint8_t out[static KEY_SPKI_HASH_LEN]);
/* PKCS#8 PEM, unencrypted; wipe `out` with buf_wipe. */
int dkim_key_format_pem(const struct dkim_key *, struct buf *out, struct err *) MUST_CHECK;
/* What p= holds: DER SPKI for RSA, the 32 raw octets for Ed25519 (RFC 8463 4). */
int dkim_key_public_octets(const struct dkim_key *, struct buf *out, struct err *) MUST_CHECK;

/* Signs the SHA-256 digest of the header hash input (RSASSA-PKCS1-v1_5 over it, or PureEdDSA of its
 * 32 octets). */
int dkim_key_sign(const struct dkim_key *, const uint8_t digest[static 32],
    uint8_t sig[static KEY_SIG_LEN_MAX],
    size_t *sig_len, struct err *) MUST_CHECK;

/* The verifying side: from the octets of p= .  RSA: SPKI DER, PKCS#1 accepted.  Free with
 * dkim_pubkey_free. */
struct dkim_pubkey;
int dkim_pubkey_parse(enum key_alg, struct slice p_octets, struct dkim_pubkey **out,
    struct err *) MUST_CHECK;
void dkim_pubkey_free(struct dkim_pubkey *);
unsigned dkim_pubkey_bits(const struct dkim_pubkey *);
/* 1 good, 0 bad, -1 error (ERR_CRYPTO).  digest_len 20 (rsa-sha1 of others, sha1 = true) or 32. */
int dkim_pubkey_verify(const struct dkim_pubkey *, bool sha1, struct slice digest,
    struct slice sig, struct err *) MUST_CHECK;
/* False when the signature cannot have been made with this key: its padding does not open (RFC 8017 8.2.2).  True
 * says that this key made it over some digest; for Ed25519 always true, which cannot be told. */
bool dkim_pubkey_recovers(const struct dkim_pubkey *, struct slice sig);
/* The SHA-256 digest that an RSA signature was made over, for a trial of many; false: it cannot be had, as of
 * Ed25519. */
bool dkim_pubkey_recover_digest(const struct dkim_pubkey *, struct slice sig, uint8_t digest[static 32]);

#endif
