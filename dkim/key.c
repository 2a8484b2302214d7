/* SPDX-License-Identifier: ISC */
#include "dkim/key.h"

#include "dkim/sha256.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct dkim_key {
	EVP_PKEY *pkey;
	atomic_bool *suspect; /* a signature failed: what OpenSSL caches in pkey may be half made */
	enum key_alg alg;
	unsigned bits;
	uint8_t spki_hash[KEY_SPKI_HASH_LEN];
};

const char *
key_alg_name(enum key_alg alg)
{
	return alg == KEY_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

const char *
key_alg_k(enum key_alg alg)
{
	return alg == KEY_RSA_SHA256 ? "rsa" : "ed25519";
}

bool
key_alg_from_name(struct slice name, enum key_alg *alg)
{
	if (slice_eq_str(name, "rsa-sha256"))
		*alg = KEY_RSA_SHA256;
	else if (slice_eq_str(name, "ed25519-sha256"))
		*alg = KEY_ED25519_SHA256;
	else
		return false;
	return true;
}

/* e = 1 would make the signature the digest itself; more than 64 bits is no exponent that anyone chose. */
static int
check_exponent(EVP_PKEY *pkey, struct err *err)
{
	BIGNUM *e = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(e) &&
		    BN_num_bits(e) > 1 && BN_num_bits(e) <= 64;

	BN_free(e);
	if (!good)
		return err_set(err, ERR_CRYPTO,
		    "RSA key with a public exponent that is even, 1 or over 64 bits; make a new "
		    "key");
	return 0;
}

static int
check_rsa(const struct dkim_key *k, struct err *err)
{
	if (k->bits < KEY_RSA_BITS_LOAD_MIN)
		return err_set(err, ERR_CRYPTO,
		    "RSA key of %u bits: verifiers ignore keys below %d bits (RFC 8301); make a "
		    "new key",
		    k->bits, KEY_RSA_BITS_LOAD_MIN);
	if (k->bits > KEY_RSA_BITS_MAX)
		return err_set(err, ERR_CRYPTO,
		    "RSA key of %u bits: verifiers need not handle more than %d (RFC 8301); make a "
		    "new key",
		    k->bits, KEY_RSA_BITS_MAX);
	return check_exponent(k->pkey, err);
}

static int
hash_spki(struct dkim_key *k, struct err *err)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(k->pkey, &der);

	if (len <= 0)
		return crypto_err(err, "key: public half");
	int rc = sha256_digest(slice_new(der, (size_t)len), k->spki_hash, err);
	OPENSSL_free(der);
	return rc;
}

/* Both halves belong together: a damaged file must not cost a domain its mail. */
static int
check_pair(const struct dkim_key *k, struct err *err)
{
	static const uint8_t probe[32] = "both halves belong together....";
	uint8_t sig[KEY_SIG_LEN_MAX];
	size_t sig_len;
	struct buf p;
	struct dkim_pubkey *pub = NULL;
	int verdict = -1;

	buf_init(&p, KEY_PEM_LEN_MAX);
	if (dkim_key_sign(k, probe, sig, &sig_len, err) == 0 &&
	    dkim_key_public_octets(k, &p, err) == 0 &&
	    dkim_pubkey_parse(k->alg, buf_slice(&p), &pub, err) == 0)
		verdict = dkim_pubkey_verify(
		    pub, false, slice_new(probe, sizeof probe), slice_new(sig, sig_len), err);
	if (verdict != 1)
		err_set(err, ERR_CRYPTO,
		    "%s key whose private and public halves do not fit: the key is damaged",
		    k->alg == KEY_RSA_SHA256 ? "RSA" : "Ed25519");
	dkim_pubkey_free(pub);
	buf_deinit(&p);
	return verdict == 1 ? 0 : -1;
}

/* Takes pkey over in every case. */
static int
key_new(EVP_PKEY *pkey, struct dkim_key **out, struct err *err)
{
	struct dkim_key *k = calloc(1, sizeof *k);

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return err_nomem(err);
	}
	k->pkey = pkey;
	k->suspect = calloc(1, sizeof *k->suspect);
	if (k->suspect == NULL) {
		err_nomem(err);
		goto bad;
	}
	if (EVP_PKEY_is_a(pkey, "RSA")) {
		k->alg = KEY_RSA_SHA256;
		k->bits = (unsigned)EVP_PKEY_get_bits(pkey);
		if (check_rsa(k, err) != 0)
			goto bad;
	} else if (EVP_PKEY_is_a(pkey, "ED25519")) {
		k->alg = KEY_ED25519_SHA256;
		k->bits = 256;
	} else {
		const char *type = EVP_PKEY_get0_type_name(pkey);
		err_set(err, ERR_CRYPTO, "key of type %s: DKIM knows RSA and Ed25519",
		    type == NULL ? "unknown" : type);
		goto bad;
	}
	if (check_pair(k, err) != 0 || hash_spki(k, err) != 0)
		goto bad;
	*out = k;
	return 0;
bad:
	dkim_key_free(k);
	return -1;
}

/* OpenSSL's default would ask on the terminal. */
static int
refuse_passphrase(char *passphrase, int size, int writing, void *asked)
{
	(void)passphrase;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

int
dkim_key_parse_pem(struct slice pem, struct dkim_key **out, struct err *err)
{
	bool encrypted = false;

	if (pem.len > KEY_PEM_LEN_MAX)
		return err_set(
		    err, ERR_CRYPTO, "no private key: more than %d bytes", KEY_PEM_LEN_MAX);
	/* OpenSSL refuses a buffer at NULL, also an empty one */
	BIO *bio = BIO_new_mem_buf(pem.len > 0 ? pem.ptr : (const uint8_t *)"", (int)pem.len);
	if (bio == NULL)
		return err_nomem(err);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, &encrypted);
	BIO_free(bio);
	ERR_clear_error();
	if (encrypted) {
		EVP_PKEY_free(pkey);
		return err_set(err, ERR_CRYPTO,
		    "the private key is encrypted; remove the passphrase with: openssl pkey -in "
		    "OLD -out NEW");
	}
	if (pkey == NULL)
		return err_set(err, ERR_CRYPTO,
		    "no private key in PEM form (PKCS#8 or RSA PRIVATE KEY) found");
	return key_new(pkey, out, err);
}

int
dkim_key_parse_ed25519_seed(const uint8_t seed[static 32], struct dkim_key **out, struct err *err)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);

	if (pkey == NULL)
		return crypto_err(err, "Ed25519 key");
	return key_new(pkey, out, err);
}

int
dkim_key_generate(enum key_alg alg, unsigned bits, struct dkim_key **out, struct err *err)
{
	EVP_PKEY *pkey;

	if (alg == KEY_RSA_SHA256 && (bits < KEY_RSA_BITS_GOOD || bits > KEY_RSA_BITS_MAX))
		return err_set(err, ERR_CONFIG, "RSA keys are made with %d to %d bits, not %u",
		    KEY_RSA_BITS_GOOD, KEY_RSA_BITS_MAX, bits);
	pkey = alg == KEY_RSA_SHA256 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
				     : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey == NULL)
		return crypto_err(err, "new key");
	return key_new(pkey, out, err);
}

void
dkim_key_free(struct dkim_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k->suspect);
	free(k);
}

enum key_alg
dkim_key_alg(const struct dkim_key *k)
{
	return k->alg;
}

unsigned
dkim_key_bits(const struct dkim_key *k)
{
	return k->bits;
}

void
dkim_key_spki_hash(const struct dkim_key *k, uint8_t out[static KEY_SPKI_HASH_LEN])
{
	memcpy(out, k->spki_hash, KEY_SPKI_HASH_LEN);
}

int
dkim_key_format_pem(const struct dkim_key *k, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;

	if (bio == NULL)
		return err_nomem(err);
	if (PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		BIO_free(bio);
		return crypto_err(err, "private key as PEM");
	}
	long len = BIO_get_mem_data(bio, &text);
	buf_put(out, slice_new(text, (size_t)len));
	OPENSSL_cleanse(text, (size_t)len);
	BIO_free(bio);
	return buf_check(out, "private key as PEM", err);
}

int
dkim_key_public_octets(const struct dkim_key *k, struct buf *out, struct err *err)
{
	if (k->alg == KEY_ED25519_SHA256) {
		uint8_t raw[32];
		size_t raw_len = sizeof raw;
		if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &raw_len) != 1)
			return crypto_err(err, "public key");
		buf_put(out, slice_new(raw, raw_len));
		return buf_check(out, "public key", err);
	}
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(k->pkey, &der);
	if (len <= 0)
		return crypto_err(err, "public key");
	buf_put(out, slice_new(der, (size_t)len));
	OPENSSL_free(der);
	return buf_check(out, "public key", err);
}

static int
sign_rsa(EVP_PKEY *pkey, const uint8_t digest[static 32], uint8_t *sig, size_t *sig_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
		 EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		 EVP_PKEY_CTX_set_signature_md(ctx, sha256_md()) == 1 &&
		 EVP_PKEY_sign(ctx, sig, sig_len, digest, 32) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok ? 0 : -1;
}

/* RFC 8463 3: PureEdDSA over the 32 octets of the hash. */
static int
sign_ed25519(EVP_PKEY *pkey, const uint8_t digest[static 32], uint8_t *sig, size_t *sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx != NULL &&
		 EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
		 EVP_DigestSign(ctx, sig, sig_len, digest, 32) == 1;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

/* Without memory in the middle of it, OpenSSL 3.0 can leave a key's cached blinding such that later
 * signatures come out wrong and are called good.  From the first failure on, the key signs by fresh
 * copies, which have no cache: slower, and right. */
int
dkim_key_sign(const struct dkim_key *k, const uint8_t digest[static 32],
    uint8_t sig[static KEY_SIG_LEN_MAX], size_t *sig_len, struct err *err)
{
	bool fresh = atomic_load_explicit(k->suspect, memory_order_relaxed);
	EVP_PKEY *pkey = fresh ? EVP_PKEY_dup(k->pkey) : k->pkey;
	int rc = -1;

	*sig_len = KEY_SIG_LEN_MAX;
	if (pkey != NULL)
		rc = k->alg == KEY_RSA_SHA256 ? sign_rsa(pkey, digest, sig, sig_len)
					      : sign_ed25519(pkey, digest, sig, sig_len);
	if (fresh)
		EVP_PKEY_free(pkey);
	if (rc == 0)
		return 0;
	atomic_store_explicit(k->suspect, true, memory_order_relaxed);
	return crypto_err(err, "signature");
}
