/* SPDX-License-Identifier: ISC */
/* Answers known from the RFCs and from others: tests/vectors/README. */
#include "base/base64.h"
#include "base/file.h"
#include "dkim/record.h"
#include "dkim/sha256.h"
#include "dkim/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* RFC 8463 A.2, nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A= */
static const uint8_t ED25519_SEED[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84,
    0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b,
    0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};

#define RFC8463_RSA_TXT                                                                            \
	"v=DKIM1; k=rsa; "                                                                         \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdO"      \
	"Kb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"                                        \
	"8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYL"                                        \
	"zBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define RFC8463_ED_TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RFC6376_TXT                                                                                \
	"v=DKIM1; "                                                                                \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/"          \
	"zYtIxN2SnFC"                                                                              \
	"jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"                      \
	"NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaN"                                                          \
	"BcWToIMmPSPDdQPNUYckcQ2QIDAQAB"

struct vector {
	const char *name; /* of the files */
	unsigned index;	  /* of the DKIM-Signature field */
	const char *pem;  /* NULL: the Ed25519 seed */
	const char *txt;  /* the key record */
	enum canon_kind canon;
	const char *h, *bh, *b, *digest;
};

static const struct vector VECTORS[] = {
    {"rfc6376-a2", 0, "rfc6376-c.pem", RFC6376_TXT, CANON_SIMPLE,
	"Received : From : To : Subject : Date : Message-ID",
	"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=",
	"AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+"
	"NahM6L/LbvaHut"
	"KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV4bmp/YzhwvcubU4=",
	"59b46b9f45f762ab3bb6b1c152d4298ed57d27c1e70ac6881b0ec6d012ff0c22"},
    {"rfc8463-a3", 0, NULL, RFC8463_ED_TXT, CANON_RELAXED,
	"from:to:subject:date:message-id:from:subject:date",
	"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=",
	"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
	"48ce9a2c710ece1710ff156996b836a7f45470e43efe5643074d6e1690ed62e7"},
    {"rfc8463-a3", 1, "rfc8463-rsa.pem", RFC8463_RSA_TXT, CANON_RELAXED,
	"from:to:subject:date:message-id:from:subject:date",
	"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=",
	"F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+"
	"FF3Zo9Rpo1tFOeS9mPYQTnGdaSGs"
	"geefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
	"fed71e6d70fb123bb5c353adc42821b304b6b9d54fc867f304f7c61daaaa1111"},
    {"simple-a3", 0, NULL, RFC8463_ED_TXT, CANON_SIMPLE,
	"from:to:subject:date:message-id:from:subject:date",
	"4bLNXImK9drULnmePzZNEBleUanJCX5PIsDIFoH4KTQ=",
	"9/dsDChY0YMTtD5Eyw3wx7x22BlSJP7M5ECbJ7GWrR45nXlTCGb8l0YBo0wBLR++X5LqmsxXaOYLLJe46l10AQ==",
	"a213309b08210f664a7f4beef8dc6476b311a5815cf4cd70a22bebdc99267b8f"},
    {"simple-a3", 1, "rfc8463-rsa.pem", RFC8463_RSA_TXT, CANON_SIMPLE,
	"from:to:subject:date:message-id:from:subject:date",
	"4bLNXImK9drULnmePzZNEBleUanJCX5PIsDIFoH4KTQ=",
	"icKcLSEZYXJ95flvWE8FT6hl5iqd8MC/LEKYH0QjsqYy6MO/4pgVNCZHl/RAXAuADxE/"
	"40Fg7uTlxwwD1hjN2Ple6J//cJfslBdDOq6z"
	"TVbne1dqtlNOat7iamJ1AfRqyG+ja7a2AZsrpUuJ7VA6O+0zRYPqpwMEkEFIzI9i/Xk=",
	"b78baae28f56f1b337902cd149239df4eed2fb9c331a46fdd80c0267f4a84f5e"},
};

static void
load(const char *dir, const char *file, struct buf *out)
{
	struct err err = ERR_INIT;
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, file);
	buf_init(out, 65536);
	if (file_read(path, out, &err) != 0)
		fail_msg("%s", err.text);
}

static void
load_key(const struct vector *v, struct dkim_key **key)
{
	struct err err = ERR_INIT;
	struct buf pem;

	if (v->pem == NULL) {
		assert_int_equal(dkim_key_parse_ed25519_seed(ED25519_SEED, key, &err), 0);
		return;
	}
	load(VECTORS_DIR, v->pem, &pem);
	if (dkim_key_parse_pem(buf_slice(&pem), key, &err) != 0)
		fail_msg("%s: %s", v->pem, err.text);
	buf_deinit(&pem);
}

static void
assert_base64(struct slice octets, const char *want)
{
	struct buf text;

	buf_init(&text, 4096);
	base64_encode(octets, &text);
	assert_string_equal(buf_str(&text), want);
	buf_deinit(&text);
}

static void
assert_body_hash(enum canon_kind kind, struct slice body, const char *want)
{
	struct canon_body b;
	struct err err = ERR_INIT;
	uint8_t bh[CANON_BH_LEN];

	assert_int_equal(canon_body_init(&b, kind, &err), 0);
	assert_int_equal(canon_body_update(&b, body, &err), 0);
	assert_int_equal(canon_body_finish(&b, bh, &err), 0);
	canon_body_deinit(&b);
	assert_base64(slice_new(bh, sizeof bh), want);
}

static void
assert_hash_input(const struct vector *v, struct slice input)
{
	char file[64], hex[2 * SHA256_LEN + 1];
	uint8_t digest[SHA256_LEN];
	struct err err = ERR_INIT;
	struct buf want;

	snprintf(file, sizeof file, "%s.%u.input", v->name, v->index);
	load(VECTORS_DIR, file, &want);
	assert_int_equal(input.len, want.len);
	assert_memory_equal(input.ptr, want.data, want.len);
	buf_deinit(&want);
	assert_int_equal(sha256_digest(input, digest, &err), 0);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, v->digest);
}

/* b= is deterministic: PKCS#1 v1.5 and Ed25519 have no randomness. */
static void
assert_signature(const struct vector *v, struct slice input)
{
	struct err err = ERR_INIT;
	uint8_t digest[SHA256_LEN], sig[KEY_SIG_LEN_MAX];
	struct dkim_key *key = NULL;
	struct dkim_pubkey *pub = NULL;
	struct key_record record;
	size_t sig_len;

	assert_int_equal(sha256_digest(input, digest, &err), 0);
	load_key(v, &key);
	assert_int_equal(dkim_key_sign(key, digest, sig, &sig_len, &err), 0);
	assert_base64(slice_new(sig, sig_len), v->b);

	assert_int_equal(key_record_parse(slice_of(v->txt), &record, &err), 0);
	assert_int_equal(record.alg, dkim_key_alg(key));
	assert_int_equal(
	    dkim_pubkey_parse(record.alg, slice_new(record.p, record.p_len), &pub, &err), 0);
	assert_int_equal(dkim_pubkey_bits(pub), dkim_key_bits(key));
	struct slice d = slice_new(digest, sizeof digest);
	assert_int_equal(dkim_pubkey_verify(pub, false, d, slice_new(sig, sig_len), &err), 1);
	digest[0] ^= 1;
	assert_int_equal(dkim_pubkey_verify(pub, false, d, slice_new(sig, sig_len), &err), 0);
	dkim_pubkey_free(pub);
	dkim_key_free(key);
}

static void
check_vector(const struct vector *v)
{
	struct header_list l = {NULL, 0, 0};
	struct header_picks picks;
	struct err err = ERR_INIT;
	struct arena arena;
	struct buf message, value, input;
	char file[64];
	size_t body_off;

	snprintf(file, sizeof file, "%s.eml", v->name);
	load(VECTORS_DIR, file, &message);
	arena_init(&arena, 65536);
	buf_init(&value, 65536);
	buf_init(&input, 65536);
	assert_int_equal(header_list_parse(&l, buf_slice(&message), 100, &body_off, &err), 0);
	assert_body_hash(v->canon, slice_from(buf_slice(&message), body_off), v->bh);

	assert_int_equal(header_pick_named(&l, slice_of(v->h), &arena, &picks, &err), 0);
	assert_true(header_name_eq(l.fields[v->index].name, SLICE_LIT("dkim-signature")));
	assert_int_equal(signature_without_b(l.fields[v->index].value, &value, &err), 0);
	assert_int_equal(
	    sign_hash_input(
		&(struct sign_input){v->canon, &l, &picks, buf_slice(&value)}, &input, &err),
	    0);
	assert_hash_input(v, buf_slice(&input));
	assert_signature(v, buf_slice(&input));

	buf_deinit(&input);
	buf_deinit(&value);
	buf_deinit(&message);
	header_list_deinit(&l);
	arena_deinit(&arena);
}

static void
vectors_are_reproduced(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++)
		check_vector(&VECTORS[i]);
}

static void
body_hash_of_small_bodies(void **state)
{
	static const struct {
		const char *body;
		enum canon_kind canon;
		const char *bh;
	} rows[] = {
	    /* RFC 6376 3.4.3, 3.4.4 */
	    {"", CANON_SIMPLE, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="},
	    {"", CANON_RELAXED, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
	    {"\r\n\r\n", CANON_SIMPLE, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="},
	    {"\r\n\r\n", CANON_RELAXED, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_body_hash(rows[i].canon, slice_of(rows[i].body), rows[i].bh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors_are_reproduced),
	    cmocka_unit_test(body_hash_of_small_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
