/* SPDX-License-Identifier: ISC */
#include "dkim/key.h"

#include "dkim/sha256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define SHA1_LEN	  20
#define EXPONENT_BITS_MAX 64
#define RECOVER_MAX	  (KEY_RSA_BITS_MAX / 4) /* octets; keys of others may be longer than ours */

struct dkim_pubkey {
	EVP_PKEY *pkey;
	enum key_alg alg;
};

/* RFC 6376 3.6.1 asks for RSAPublicKey and shows SubjectPublicKeyInfo; verifiers take both (erratum 3017). */
static EVP_PKEY *
parse_rsa(struct slice p)
{
	const uint8_t *at = p.ptr;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)p.len);

	if (pkey == NULL) {
		at = p.ptr;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)p.len);
	}
	if (pkey != NULL && (!EVP_PKEY_is_a(pkey, "RSA") || at != p.ptr + p.len)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

/* Each verification costs as much as the exponent is long; verifiers refuse what is longer, too. */
static bool
has_usual_exponent(const EVP_PKEY *pkey)
{
	BIGNUM *e = NULL;
	bool usual = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
		     BN_num_bits(e) <= EXPONENT_BITS_MAX;

	BN_free(e);
	return usual;
}

int
dkim_pubkey_parse(enum key_alg alg, struct slice p, struct dkim_pubkey **out, struct err *err)
{
	EVP_PKEY *pkey;

	if (p.len == 0 || p.len > KEY_PEM_LEN_MAX)
		return err_set(err, ERR_CRYPTO, "p= holds no key: %zu octets", p.len);
	if (alg == KEY_ED25519_SHA256 && p.len != 32)
		return err_set(err, ERR_CRYPTO,
		    "p= holds no Ed25519 key: %zu octets instead of 32 (RFC 8463)", p.len);
	pkey = alg == KEY_RSA_SHA256
		   ? parse_rsa(p)
		   : EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, p.ptr, p.len);
	ERR_clear_error();
	if (pkey == NULL)
		return err_set(err, ERR_CRYPTO,
		    "p= holds no %s key: its %zu octets are damaged or cut",
		    alg == KEY_RSA_SHA256 ? "RSA" : "Ed25519", p.len);
	if (alg == KEY_RSA_SHA256 && !has_usual_exponent(pkey)) {
		EVP_PKEY_free(pkey);
		return err_set(err, ERR_CRYPTO,
		    "p= holds an RSA key whose public exponent has more than %d bits",
		    EXPONENT_BITS_MAX);
	}
	struct dkim_pubkey *k = malloc(sizeof *k);
	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return err_nomem(err);
	}
	*k = (struct dkim_pubkey){pkey, alg};
	*out = k;
	return 0;
}

void
dkim_pubkey_free(struct dkim_pubkey *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

unsigned
dkim_pubkey_bits(const struct dkim_pubkey *k)
{
	return k->alg == KEY_ED25519_SHA256 ? 256 : (unsigned)EVP_PKEY_get_bits(k->pkey);
}

static int
verify_rsa(EVP_PKEY *pkey, bool sha1, struct slice digest, struct slice sig, struct err *err)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int rc = -1;

	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, sha1 ? EVP_sha1() : sha256_md()) != 1)
		crypto_err(err, "RSA verification");
	else
		rc = EVP_PKEY_verify(ctx, sig.ptr, sig.len, digest.ptr, digest.len) == 1 ? 1 : 0;
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

static int
verify_ed25519(EVP_PKEY *pkey, struct slice digest, struct slice sig, struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	if (ctx == NULL || EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) != 1)
		crypto_err(err, "Ed25519 verification");
	else
		rc = EVP_DigestVerify(ctx, sig.ptr, sig.len, digest.ptr, digest.len) == 1 ? 1 : 0;
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
dkim_pubkey_verify(
    const struct dkim_pubkey *k, bool sha1, struct slice digest, struct slice sig, struct err *err)
{
	int rc;

	if (digest.len != (sha1 ? SHA1_LEN : SHA256_LEN))
		return err_set(
		    err, ERR_CRYPTO, "a digest of %zu octets cannot be verified", digest.len);
	if (k->alg == KEY_ED25519_SHA256 && sha1)
		return err_set(err, ERR_CRYPTO, "Ed25519 with SHA-1 does not exist");
	rc = k->alg == KEY_RSA_SHA256 ? verify_rsa(k->pkey, sha1, digest, sig, err)
				      : verify_ed25519(k->pkey, digest, sig, err);
	ERR_clear_error();
	return rc;
}

/* What the padding encloses: with md the digest of its DigestInfo, without it all of that.  0: nothing. */
static size_t
recover(const struct dkim_pubkey *k, const EVP_MD *md, struct slice sig,
    uint8_t block[static RECOVER_MAX])
{
	size_t len = RECOVER_MAX;

	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	bool opens = ctx != NULL && EVP_PKEY_verify_recover_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		     (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1) &&
		     EVP_PKEY_verify_recover(ctx, block, &len, sig.ptr, sig.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return opens ? len : 0;
}

static bool
is_recoverable(const struct dkim_pubkey *k)
{
	return k->alg == KEY_RSA_SHA256 && (size_t)EVP_PKEY_get_size(k->pkey) <= RECOVER_MAX;
}

bool
dkim_pubkey_recovers(const struct dkim_pubkey *k, struct slice sig)
{
	uint8_t block[RECOVER_MAX];

	/* an RSA key that is too long for recover is too long for any b= that is read */
	return k->alg != KEY_RSA_SHA256 || (is_recoverable(k) && recover(k, NULL, sig, block) > 0);
}

bool
dkim_pubkey_recover_digest(const struct dkim_pubkey *k, struct slice sig, uint8_t digest[static 32])
{
	uint8_t block[RECOVER_MAX];

	if (!is_recoverable(k) || recover(k, sha256_md(), sig, block) != SHA256_LEN)
		return false;
	memcpy(digest, block, SHA256_LEN);
	return true;
}
