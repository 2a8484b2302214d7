/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "dkim/key.h"
#include "dkim/sha256.h"
#include "tests/unit/said.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>

/* What verify tells of a key in DNS that is none. */
static const struct said_row WHYS[] = {
    {"p= holds no key: 0 octets", "nothing, or too much"},
    {"p= holds no RSA key: its 100 octets are damaged or cut", "no SubjectPublicKeyInfo and no RSAPublicKey"},
    {"p= holds no Ed25519 key: 44 octets instead of 32 (RFC 8463)", "a PEM file's body"},
    {"p= holds an RSA key whose public exponent has more than 64 bits", "a key that would take long"},
    {"a digest of 20 octets cannot be verified", "a hash of another kind"},
    {"Ed25519 with SHA-1 does not exist", "a= of nobody"},
};

enum form {
	FORM_PKCS8,
	FORM_TRADITIONAL,
	FORM_PKCS8_ENCRYPTED,
	FORM_TRADITIONAL_ENCRYPTED,
	FORM_PUBLIC
};

static void
write_pem(EVP_PKEY *pkey, enum form form, struct buf *out)
{
	const EVP_CIPHER *aes = EVP_aes_128_cbc();
	unsigned char pass[] = "secret";
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	int ok = 0;

	assert_non_null(pkey);
	switch (form) {
	case FORM_PKCS8:
		ok = PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
		break;
	case FORM_TRADITIONAL:
		ok = PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL, NULL);
		break;
	case FORM_PKCS8_ENCRYPTED:
		ok = PEM_write_bio_PKCS8PrivateKey(bio, pkey, aes, "secret", 6, NULL, NULL);
		break;
	case FORM_TRADITIONAL_ENCRYPTED:
		ok = PEM_write_bio_PrivateKey_traditional(bio, pkey, aes, pass, 6, NULL, NULL);
		break;
	case FORM_PUBLIC:
		ok = PEM_write_bio_PUBKEY(bio, pkey);
		break;
	}
	assert_int_equal(ok, 1);
	long len = BIO_get_mem_data(bio, &text);
	buf_init(out, 65536);
	buf_put(out, slice_new(text, (size_t)len));
	BIO_free(bio);
}

static EVP_PKEY *
make(const char *type, size_t bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	if (strcmp(type, "EC") == 0)
		assert_int_equal(EVP_PKEY_CTX_set_group_name(ctx, "P-256"), 1);
	else if (bits > 0)
		assert_int_equal(
		    EVP_PKEY_CTX_set_params(ctx,
			(OSSL_PARAM[]){OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits),
			    OSSL_PARAM_construct_end()}),
		    1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* A key of 1024 bits with another exponent, or with the modulus of another key. */
static EVP_PKEY *
make_odd(const char *e_hex, bool other_n)
{
	static const char *const PARTS[] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	EVP_PKEY *good = make("RSA", 1024), *other = make("RSA", 1024), *odd = NULL;
	BIGNUM *part[7] = {NULL}, *e = NULL;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(
		    EVP_PKEY_get_bn_param(i == 0 && other_n ? other : good, PARTS[i], &part[i]), 1);
		assert_int_equal(OSSL_PARAM_BLD_push_BN(bld, PARTS[i], part[i]), 1);
	}
	assert_int_not_equal(BN_hex2bn(&e, e_hex), 0);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e), 1);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &odd, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(good);
	EVP_PKEY_free(other);
	for (size_t i = 0; i < 7; i++)
		BN_clear_free(part[i]);
	BN_free(e);
	return odd;
}

static void
assert_refused(struct slice pem, const char *want)
{
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;

	assert_int_equal(dkim_key_parse_pem(pem, &key, &err), -1);
	assert_null(key);
	assert_int_equal(err.kind, ERR_CRYPTO);
	assert_string_equal(err.text, want);
	assert_int_equal(ERR_peek_error(), 0);
}

/* Takes pkey over. */
static void
assert_pkey_refused(EVP_PKEY *pkey, enum form form, const char *want)
{
	struct buf pem;

	write_pem(pkey, form, &pem);
	assert_refused(buf_slice(&pem), want);
	buf_deinit(&pem);
	EVP_PKEY_free(pkey);
}

#define NO_KEY "no private key in PEM form (PKCS#8 or RSA PRIVATE KEY) found"
#define ENCRYPTED                                                                                  \
	"the private key is encrypted; remove the passphrase with: openssl pkey -in OLD -out NEW"
#define EXPONENT "RSA key with a public exponent that is even, 1 or over 64 bits; make a new key"

static void
dkim_key_parse_pem_refusals(void **state)
{
	(void)state;
	assert_pkey_refused(make("RSA", 1016), FORM_PKCS8,
	    "RSA key of 1016 bits: verifiers ignore keys below 1024 bits (RFC 8301); make a new "
	    "key");
	assert_pkey_refused(
	    make("EC", 0), FORM_PKCS8, "key of type EC: DKIM knows RSA and Ed25519");
	assert_pkey_refused(
	    make("ED448", 0), FORM_PKCS8, "key of type ED448: DKIM knows RSA and Ed25519");
	assert_pkey_refused(
	    make("RSA-PSS", 1024), FORM_PKCS8, "key of type RSA-PSS: DKIM knows RSA and Ed25519");
	assert_pkey_refused(make("RSA", 1024), FORM_PKCS8_ENCRYPTED, ENCRYPTED);
	assert_pkey_refused(make("RSA", 1024), FORM_TRADITIONAL_ENCRYPTED, ENCRYPTED);
	assert_pkey_refused(make("ED25519", 0), FORM_PKCS8_ENCRYPTED, ENCRYPTED);
	assert_pkey_refused(make("RSA", 1024), FORM_PUBLIC, NO_KEY);
	assert_pkey_refused(make_odd("1", false), FORM_PKCS8, EXPONENT);
	assert_pkey_refused(make_odd("10000", false), FORM_PKCS8, EXPONENT);
	assert_pkey_refused(make_odd("10000000000000001", false), FORM_PKCS8, EXPONENT);
	assert_pkey_refused(make_odd("10001", true), FORM_PKCS8,
	    "RSA key whose private and public halves do not fit: the key is damaged");
	assert_refused(SLICE_LIT(""), NO_KEY);
	assert_refused(slice_new(NULL, 0), NO_KEY); /* what was read of an empty file */
	assert_refused(
	    SLICE_LIT("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"), NO_KEY);
	assert_refused(SLICE_LIT("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n"), NO_KEY);
}

static void
dkim_key_parse_pem_over_4096_refused(void **state)
{
	struct err err = ERR_INIT;
	struct buf pem;

	(void)state;
	buf_init(&pem, 65536);
	assert_int_equal(file_read(VECTORS_DIR "/rsa-4104.pem", &pem, &err), 0);
	assert_refused(buf_slice(&pem), "RSA key of 4104 bits: verifiers need not handle more than "
					"4096 (RFC 8301); make a new key");
	while (pem.len <= KEY_PEM_LEN_MAX)
		buf_put_byte(&pem, '\n');
	assert_refused(buf_slice(&pem), "no private key: more than 16384 bytes");
	buf_deinit(&pem);
}

static void
check_loads(EVP_PKEY *pkey, enum form form, enum key_alg alg, unsigned bits)
{
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;
	uint8_t want[KEY_SPKI_HASH_LEN], got[KEY_SPKI_HASH_LEN], *der = NULL;
	struct buf pem;

	write_pem(pkey, form, &pem);
	if (dkim_key_parse_pem(buf_slice(&pem), &key, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(dkim_key_alg(key), alg);
	assert_int_equal(dkim_key_bits(key), bits);
	int len = i2d_PUBKEY(pkey, &der);
	assert_int_equal(sha256_digest(slice_new(der, (size_t)len), want, &err), 0);
	dkim_key_spki_hash(key, got);
	assert_memory_equal(got, want, sizeof got);
	OPENSSL_free(der);
	dkim_key_free(key);
	buf_deinit(&pem);
	EVP_PKEY_free(pkey);
}

static void
dkim_key_parse_pem_accepts(void **state)
{
	(void)state;
	check_loads(make("RSA", 1024), FORM_PKCS8, KEY_RSA_SHA256, 1024);
	check_loads(make("RSA", 1024), FORM_TRADITIONAL, KEY_RSA_SHA256, 1024);
	check_loads(make("RSA", 1536), FORM_PKCS8, KEY_RSA_SHA256, 1536);
	check_loads(make("ED25519", 0), FORM_PKCS8, KEY_ED25519_SHA256, 256);
}

static void
dkim_key_generate_bits_refused(void **state)
{
	static const unsigned BITS[] = {0, 1024, 2047, 4097, 8192};
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof BITS / sizeof BITS[0]; i++) {
		assert_int_equal(dkim_key_generate(KEY_RSA_SHA256, BITS[i], &key, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, "RSA keys are made with 2048 to 4096 bits, not "));
		assert_null(key);
	}
}

static const uint8_t DIGEST[32] = {1, 2, 3};

static void
check_signs(const struct dkim_key *key)
{
	struct err err = ERR_INIT;
	struct dkim_pubkey *pub = NULL;
	struct slice digest = slice_new(DIGEST, sizeof DIGEST);
	uint8_t sig[KEY_SIG_LEN_MAX];
	size_t len;
	struct buf p;

	buf_init(&p, 4096);
	assert_int_equal(dkim_key_sign(key, DIGEST, sig, &len, &err), 0);
	assert_int_equal(len, dkim_key_alg(key) == KEY_RSA_SHA256 ? dkim_key_bits(key) / 8 : 64);
	assert_int_equal(dkim_key_public_octets(key, &p, &err), 0);
	assert_int_equal(dkim_pubkey_parse(dkim_key_alg(key), buf_slice(&p), &pub, &err), 0);
	assert_int_equal(dkim_pubkey_bits(pub), dkim_key_bits(key));
	assert_int_equal(dkim_pubkey_verify(pub, false, digest, slice_new(sig, len), &err), 1);
	/* Every kind of wrong signature is "bad", none an error. */
	sig[5] ^= 0x40;
	assert_int_equal(dkim_pubkey_verify(pub, false, digest, slice_new(sig, len), &err), 0);
	assert_int_equal(dkim_pubkey_verify(pub, false, digest, slice_new(sig, len - 1), &err), 0);
	assert_int_equal(dkim_pubkey_verify(pub, false, digest, slice_new(sig, 0), &err), 0);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(
	    dkim_pubkey_verify(pub, false, slice_sub(digest, 0, 20), slice_new(sig, len), &err),
	    -1);
	assert_string_equal(err.text, "a digest of 20 octets cannot be verified");
	hear(err.text);
	dkim_pubkey_free(pub);
	buf_deinit(&p);
}

static void
dkim_key_generate_signs_and_survives_pem(void **state)
{
	static const enum key_alg ALGS[] = {KEY_RSA_SHA256, KEY_ED25519_SHA256};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct err err = ERR_INIT;
		struct dkim_key *key = NULL, *again = NULL;
		uint8_t a[KEY_SPKI_HASH_LEN], b[KEY_SPKI_HASH_LEN];
		struct buf pem;
		buf_init(&pem, KEY_PEM_LEN_MAX);
		assert_int_equal(dkim_key_generate(ALGS[i], 2048, &key, &err), 0);
		assert_int_equal(dkim_key_alg(key), ALGS[i]);
		check_signs(key);
		assert_int_equal(dkim_key_format_pem(key, &pem, &err), 0);
		assert_memory_equal(pem.data, "-----BEGIN PRIVATE KEY-----\n", 28);
		assert_int_equal(dkim_key_parse_pem(buf_slice(&pem), &again, &err), 0);
		dkim_key_spki_hash(key, a);
		dkim_key_spki_hash(again, b);
		assert_memory_equal(a, b, sizeof a);
		check_signs(again);
		buf_wipe(&pem);
		dkim_key_free(key);
		dkim_key_free(again);
	}
	dkim_key_free(NULL);
}

static void
dkim_pubkey_parse_refusals(void **state)
{
	static const uint8_t zeros[100];
	static const struct {
		enum key_alg alg;
		size_t len;
		const char *want;
	} rows[] = {
	    {KEY_RSA_SHA256, 0, "p= holds no key: 0 octets"},
	    {KEY_RSA_SHA256, 100, "p= holds no RSA key: its 100 octets are damaged or cut"},
	    {KEY_ED25519_SHA256, 44, "p= holds no Ed25519 key: 44 octets instead of 32 (RFC 8463)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err err = ERR_INIT;
		struct dkim_pubkey *pub = NULL;
		assert_int_equal(
		    dkim_pubkey_parse(rows[i].alg, slice_new(zeros, rows[i].len), &pub, &err), -1);
		assert_int_equal(err.kind, ERR_CRYPTO);
		assert_string_equal(err.text, rows[i].want);
		hear(err.text);
		assert_null(pub);
	}
	dkim_pubkey_free(NULL);
}

/* SubjectPublicKeyInfo and RSAPublicKey both; another type, a tail or a cut are refused. */
static void
dkim_pubkey_parse_rsa_forms(void **state)
{
	EVP_PKEY *rsa = make("RSA", 1024), *ec = make("EC", 0);
	uint8_t *spki = NULL, *pkcs1 = NULL, *ec_spki = NULL, tail[1024];
	size_t spki_len = (size_t)i2d_PUBKEY(rsa, &spki),
	       pkcs1_len = (size_t)i2d_PublicKey(rsa, &pkcs1);
	size_t ec_len = (size_t)i2d_PUBKEY(ec, &ec_spki);
	struct dkim_pubkey *pub = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(spki, spki_len), &pub, &err), 0);
	dkim_pubkey_free(pub);
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(pkcs1, pkcs1_len), &pub, &err), 0);
	assert_int_equal(dkim_pubkey_bits(pub), 1024);
	dkim_pubkey_free(pub);
	memcpy(tail, spki, spki_len);
	tail[spki_len] = 0;
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(tail, spki_len + 1), &pub, &err), -1);
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(spki, spki_len - 1), &pub, &err), -1);
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(ec_spki, ec_len), &pub, &err), -1);
	assert_int_equal(ERR_peek_error(), 0);
	OPENSSL_free(spki);
	OPENSSL_free(pkcs1);
	OPENSSL_free(ec_spki);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

/* rsa-sha1 of others can be read, though never made. */
static void
dkim_pubkey_verify_sha1(void **state)
{
	EVP_PKEY *rsa = make("RSA", 1024);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[KEY_SIG_LEN_MAX], digest[20], *spki = NULL;
	size_t len = sizeof sig, spki_len = (size_t)i2d_PUBKEY(rsa, &spki);
	struct dkim_pubkey *pub = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, rsa), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &len, (const uint8_t *)"x", 1), 1);
	assert_int_equal(EVP_Digest("x", 1, digest, NULL, EVP_sha1(), NULL), 1);
	assert_int_equal(
	    dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(spki, spki_len), &pub, &err), 0);
	assert_int_equal(
	    dkim_pubkey_verify(pub, true, slice_new(digest, 20), slice_new(sig, len), &err), 1);
	digest[0] ^= 1;
	assert_int_equal(
	    dkim_pubkey_verify(pub, true, slice_new(digest, 20), slice_new(sig, len), &err), 0);
	dkim_pubkey_free(pub);
	OPENSSL_free(spki);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(rsa);
}

static void
key_alg_names(void **state)
{
	enum key_alg alg;

	(void)state;
	assert_true(key_alg_from_name(SLICE_LIT("rsa-sha256"), &alg));
	assert_int_equal(alg, KEY_RSA_SHA256);
	assert_true(key_alg_from_name(SLICE_LIT("ed25519-sha256"), &alg));
	assert_int_equal(alg, KEY_ED25519_SHA256);
	assert_false(key_alg_from_name(SLICE_LIT("rsa-sha1"), &alg));
	assert_false(key_alg_from_name(SLICE_LIT("RSA-SHA256"), &alg));
	assert_string_equal(key_alg_name(KEY_RSA_SHA256), "rsa-sha256");
	assert_string_equal(key_alg_name(KEY_ED25519_SHA256), "ed25519-sha256");
	assert_string_equal(key_alg_k(KEY_RSA_SHA256), "rsa");
	assert_string_equal(key_alg_k(KEY_ED25519_SHA256), "ed25519");
}

struct worker {
	const struct dkim_key *key;
	const uint8_t *want;
	size_t want_len;
	bool good;
};

static void *
sign_often(void *arg)
{
	struct worker *w = arg;
	struct err err = ERR_INIT;
	uint8_t sig[KEY_SIG_LEN_MAX];
	size_t len;

	w->good = true;
	for (int i = 0; i < 50; i++) {
		if (dkim_key_sign(w->key, DIGEST, sig, &len, &err) != 0 || len != w->want_len ||
		    memcmp(sig, w->want, len) != 0)
			w->good = false;
	}
	return NULL;
}

/* One key, many threads: run by the thread sanitizer too. */
static void
dkim_key_sign_from_threads(void **state)
{
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;
	struct worker workers[4];
	pthread_t threads[4];
	uint8_t sig[KEY_SIG_LEN_MAX];
	size_t len;

	(void)state;
	for (int alg = 0; alg < 2; alg++) {
		assert_int_equal(dkim_key_generate((enum key_alg)alg, 2048, &key, &err), 0);
		assert_int_equal(dkim_key_sign(key, DIGEST, sig, &len, &err), 0);
		for (size_t i = 0; i < 4; i++) {
			workers[i] = (struct worker){key, sig, len, false};
			assert_int_equal(
			    pthread_create(&threads[i], NULL, sign_often, &workers[i]), 0);
		}
		for (size_t i = 0; i < 4; i++) {
			pthread_join(threads[i], NULL);
			assert_true(workers[i].good);
		}
		dkim_key_free(key);
	}
}

/* An exponent that makes verifying slow, and an algorithm that nobody has. */
static void
dkim_pubkey_odd_ones_refused(void **state)
{
	EVP_PKEY *odd = make_odd("10000000000000001", false);
	static const uint8_t digest[20];
	uint8_t *spki = NULL;
	size_t len = (size_t)i2d_PUBKEY(odd, &spki);
	struct dkim_pubkey *pub = NULL;
	struct dkim_key *key = NULL;
	struct err err = ERR_INIT;
	struct buf p;

	(void)state;
	assert_int_equal(dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(spki, len), &pub, &err), -1);
	hear(err.text);
	OPENSSL_free(spki);
	EVP_PKEY_free(odd);
	buf_init(&p, 100);
	assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
	assert_int_equal(dkim_key_public_octets(key, &p, &err), 0);
	assert_int_equal(dkim_pubkey_parse(KEY_ED25519_SHA256, buf_slice(&p), &pub, &err), 0);
	assert_int_equal(dkim_pubkey_verify(pub, true, slice_new(digest, 20), buf_slice(&p), &err), -1);
	hear(err.text);
	dkim_pubkey_free(pub);
	dkim_key_free(key);
	buf_deinit(&p);
	HEARD_ALL(WHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dkim_key_parse_pem_refusals),
	    cmocka_unit_test(dkim_key_parse_pem_over_4096_refused),
	    cmocka_unit_test(dkim_key_parse_pem_accepts),
	    cmocka_unit_test(dkim_key_generate_bits_refused),
	    cmocka_unit_test(dkim_key_generate_signs_and_survives_pem),
	    cmocka_unit_test(dkim_pubkey_parse_refusals),
	    cmocka_unit_test(dkim_pubkey_parse_rsa_forms),
	    cmocka_unit_test(dkim_pubkey_verify_sha1),
	    cmocka_unit_test(key_alg_names),
	    cmocka_unit_test(dkim_key_sign_from_threads),
	    cmocka_unit_test(dkim_pubkey_odd_ones_refused), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
