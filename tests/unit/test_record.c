/* SPDX-License-Identifier: ISC */
#include "base/base64.h"
#include "dkim/record.h"
#include "tests/unit/said.h"

/* What verify, check and explain tell of a key record that is wrong, or not the one that was published. */
static const struct said_row WHYS[] = {
    {"the key record has no p= tag", "it names no key"},
    {"v= is not the first tag of the key record", "RFC 6376 3.6.1"},
    {"v= of the key record is not DKIM1", "RFC 6376 3.6.1"},
    {"key record: tag p= stands there twice", "no list of tags"},
    {"p= of the key record: base64 is cut: *", "p="},
    {"served record: *", "what is served is no list of tags"},
    {"p= of the served record is another key", "other octets"},
    {"p= of the served record is cut: * of * octets", "the first octets only"},
    {"p= of the served record is empty: it says that the key is revoked", "p= alone"},
    {"the served record lacks *=", "a tag of ours is not there"},
    {"*= of the served record is \"*\" instead of \"*\"", "a tag of ours has another value"},
    {"the served record has a tag that was not published: *=*", "a tag more"},
    {"expected record: *", "the store's own text is no list of tags"},
    {"p= of the expected record is no base64", "the store's own text has no key"},
};

static int
heard_parse(struct slice txt, struct key_record *r, struct err *err)
{
	int rc = key_record_parse(txt, r, err);

	if (rc != 0)
		hear(err->text);
	return rc;
}
#define key_record_parse heard_parse

static bool
heard_same(struct slice expected, struct slice served, struct err *why)
{
	bool same = key_record_same(expected, served, why);

	if (!same)
		hear(why->text);
	return same;
}
#define key_record_same heard_same

static const uint8_t SEED[32] = {1, 2, 3};

static void
key_record_parse_table(void **state)
{
	static const struct {
		const char *txt;
		struct key_record want; /* p apart */
		const char *p;
	} rows[] = {
	    {"v=DKIM1; k=rsa; h=sha256; p=AQID",
		{.alg = KEY_RSA_SHA256,
		    .k_known = true,
		    .has_version = true,
		    .allows_sha256 = true,
		    .allows_email = true},
		"\1\2\3"},
	    {"p=AQID",
		{.alg = KEY_RSA_SHA256,
		    .k_known = true,
		    .allows_sha256 = true,
		    .allows_sha1 = true,
		    .allows_email = true},
		"\1\2\3"},
	    {"v=DKIM1; p=",
		{.alg = KEY_RSA_SHA256,
		    .k_known = true,
		    .has_version = true,
		    .revoked = true,
		    .allows_sha256 = true,
		    .allows_sha1 = true,
		    .allows_email = true},
		""},
	    {"k=ed25519;p=AQ ID;t=s:y;s=email;n=a note;",
		{.alg = KEY_ED25519_SHA256,
		    .k_known = true,
		    .allows_sha256 = true,
		    .allows_sha1 = true,
		    .allows_email = true,
		    .testing = true,
		    .strict_domain = true},
		"\1\2\3"},
	    {"k=x; p=AQID; h=sha1 : sha512; s=tlsrpt", {.k_known = false, .allows_sha1 = true},
		"\1\2\3"},
	    {"p=AQID; s=other : *; h=sha1:sha256; t=z",
		{.alg = KEY_RSA_SHA256,
		    .k_known = true,
		    .allows_sha256 = true,
		    .allows_sha1 = true,
		    .allows_email = true},
		"\1\2\3"},
	    /* values are case-sensitive, RFC 6376 3.2 */
	    {"p=AQID; k=RSA; h=SHA256; t=Y", {.k_known = false, .allows_email = true}, "\1\2\3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct key_record *w = &rows[i].want;
		struct key_record r;
		struct err err = ERR_INIT;
		if (key_record_parse(slice_of(rows[i].txt), &r, &err) != 0)
			fail_msg("%s: %s", rows[i].txt, err.text);
		if (r.k_known != w->k_known || (r.k_known && r.alg != w->alg) ||
		    r.has_version != w->has_version || r.revoked != w->revoked ||
		    r.allows_sha256 != w->allows_sha256 || r.allows_sha1 != w->allows_sha1 ||
		    r.allows_email != w->allows_email || r.testing != w->testing ||
		    r.strict_domain != w->strict_domain)
			fail_msg("%s is read wrongly", rows[i].txt);
		assert_true(slice_eq_str(slice_new(r.p, r.p_len), rows[i].p));
	}
}

static void
key_record_parse_refusals(void **state)
{
	static const struct {
		const char *txt, *want;
	} rows[] = {
	    {"v=DKIM1; k=rsa", "the key record has no p= tag"},
	    {"k=rsa; v=DKIM1; p=AQID", "v= is not the first tag of the key record"},
	    {"v=DKIM2; p=AQID", "v= of the key record is not DKIM1"},
	    {"v=dkim1; p=AQID", "v= of the key record is not DKIM1"},
	    {"p=AQID; p=AQID", "key record: tag p= stands there twice"},
	    {"p=AQI", "p= of the key record: base64 is cut: its length is not a multiple of 4"},
	    {"p=AQ-D",
		"p= of the key record: base64 holds a foreign character (octet 0x2d at offset 2)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct key_record r;
		struct err err = ERR_INIT;
		assert_int_equal(key_record_parse(slice_of(rows[i].txt), &r, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
		assert_string_equal(err.text, rows[i].want);
	}
}

static void
key_record_parse_long_p_refused(void **state)
{
	static const uint8_t octets[RECORD_P_LEN_MAX + 1] = {0};
	struct key_record r;
	struct err err = ERR_INIT;
	struct buf txt;

	(void)state;
	buf_init(&txt, 8192);
	buf_put_str(&txt, "p=");
	base64_encode(slice_new(octets, sizeof octets - 1), &txt);
	assert_int_equal(key_record_parse(buf_slice(&txt), &r, &err), 0);
	assert_int_equal(r.p_len, RECORD_P_LEN_MAX);
	buf_clear(&txt);
	buf_put_str(&txt, "p=");
	base64_encode(slice_new(octets, sizeof octets), &txt);
	assert_int_equal(key_record_parse(buf_slice(&txt), &r, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	buf_deinit(&txt);
}

static void
key_record_format_reads_back(void **state)
{
	struct err err = ERR_INIT;
	struct dkim_key *keys[2] = {NULL, NULL};
	struct key_record r;
	struct dkim_pubkey *pub;

	(void)state;
	assert_int_equal(dkim_key_generate(KEY_RSA_SHA256, 2048, &keys[0], &err), 0);
	assert_int_equal(dkim_key_parse_ed25519_seed(SEED, &keys[1], &err), 0);
	for (size_t i = 0; i < 2; i++) {
		static const char *const START[] = {"v=DKIM1; k=rsa; h=sha256; p=MIIBIjANBgkqhki",
		    "v=DKIM1; k=ed25519; h=sha256; p="};
		struct buf txt;
		buf_init(&txt, RECORD_LEN_MAX);
		assert_int_equal(key_record_format(keys[i], &txt, &err), 0);
		assert_memory_equal(txt.data, START[i], strlen(START[i]));
		assert_int_equal(key_record_parse(buf_slice(&txt), &r, &err), 0);
		assert_true(r.has_version && r.k_known && r.allows_sha256 && !r.allows_sha1 &&
			    !r.testing && !r.revoked);
		assert_int_equal(r.alg, dkim_key_alg(keys[i]));
		pub = NULL;
		assert_int_equal(dkim_pubkey_parse(r.alg, slice_new(r.p, r.p_len), &pub, &err), 0);
		dkim_pubkey_free(pub);
		assert_true(key_record_same(buf_slice(&txt), buf_slice(&txt), &err));
		buf_deinit(&txt);
		buf_init(&txt, 20);
		assert_int_equal(key_record_format(keys[i], &txt, &err), -1);
		assert_string_equal(err.text, "key record is longer than 20 bytes");
		buf_deinit(&txt);
		dkim_key_free(keys[i]);
	}
}

static void
key_record_format_revoked_reads_back(void **state)
{
	struct key_record r;
	struct err err = ERR_INIT;
	struct buf txt;

	(void)state;
	buf_init(&txt, RECORD_LEN_MAX);
	key_record_format_revoked(&txt);
	assert_string_equal(buf_str(&txt), "v=DKIM1; p=");
	assert_int_equal(key_record_parse(buf_slice(&txt), &r, &err), 0);
	assert_true(r.revoked);
	buf_deinit(&txt);
}

static void
key_record_same_table(void **state)
{
	static const char WANT[] = "v=DKIM1; k=rsa; h=sha256; p=AQIDBAUG";
	static const struct {
		const char *served, *why; /* NULL: the same */
	} rows[] = {
	    {"v=DKIM1; k=rsa; h=sha256; p=AQIDBAUG", NULL},
	    {"v=DKIM1;k=rsa;h=sha256;p=AQIDBAUG;", NULL},
	    {"v=DKIM1; p=AQID BAUG; h=sha256; k=rsa", NULL},
	    {"v=DKIM1; k=rsa; h=sha256; p=AQIDBAUH", "p= of the served record is another key"},
	    {"v=DKIM1; k=rsa; h=sha256; p=AQID", "p= of the served record is cut: 3 of 6 octets"},
	    {"v=DKIM1; k=rsa; h=sha256; p=",
		"p= of the served record is empty: it says that the key is revoked"},
	    {"v=DKIM1; k=rsa; p=AQIDBAUG", "the served record lacks h="},
	    {"v=DKIM1; k=ed25519; h=sha256; p=AQIDBAUG",
		"k= of the served record is \"ed25519\" instead of \"rsa\""},
	    {"v=DKIM1; k=rsa; h=sha256; t=y; p=AQIDBAUG",
		"the served record has a tag that was not published: t=y"},
	    {"k=rsa; v=DKIM1; h=sha256; p=AQIDBAUG",
		"served record: v= is not the first tag of the key record"},
	    {"v=DKIM1; k=rsa; h=sha256; p=AQIDBAU", "served record: p= of the key record: base64 "
						    "is cut: its length is not a multiple of 4"},
	    {"v=DKIM1\\; k=rsa\\; h=sha256\\; p=AQIDBAUG",
		"served record: v= of the key record is not DKIM1"},
	    {"\"v=DKIM1; k=rsa; h=sha256; p=AQIDBAUG\"",
		"served record: a tag name cannot begin with octet 0x22"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err why = ERR_INIT;
		bool same = key_record_same(slice_of(WANT), slice_of(rows[i].served), &why);
		assert_int_equal(same, rows[i].why == NULL);
		if (!same)
			assert_string_equal(why.text, rows[i].why);
	}
}

/* The store's own text is damaged. */
static void
key_record_same_needs_what_is_expected(void **state)
{
	struct err why = ERR_INIT;

	(void)state;
	assert_false(key_record_same(SLICE_LIT("DKIM1"), SLICE_LIT("v=DKIM1; p=AQID"), &why));
	assert_false(key_record_same(SLICE_LIT("v=DKIM1; p=A"), SLICE_LIT("v=DKIM1; p=AQID"), &why));
}

/* What was published as revoked is the same as itself, and not as a key. */
static void
key_record_same_revoked(void **state)
{
	struct err why = ERR_INIT;

	(void)state;
	assert_true(key_record_same(SLICE_LIT("v=DKIM1; p="), SLICE_LIT("v=DKIM1;p="), &why));
	assert_false(key_record_same(SLICE_LIT("v=DKIM1; p="), SLICE_LIT("v=DKIM1; p=AQID"), &why));
	assert_string_equal(why.text, "p= of the served record is another key");
	/* a tag name longer than any that is known */
	struct slice odd = SLICE_LIT("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn=1; p=AQID");
	assert_true(key_record_same(odd, odd, &why));
	assert_false(key_record_same(SLICE_LIT("v=DKIM1 p"), SLICE_LIT("v=DKIM1; p=AQID"), &why));
}

static void
key_record_format_quoted_cuts(void **state)
{
	char text[600];
	struct buf out;

	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t len = 0; len <= 511; len += len < 254 ? 254 : 1) {
		buf_init(&out, 4096);
		key_record_format_quoted(slice_new(text, len), &out);
		size_t strings = len == 0 ? 1 : (len + 254) / 255;
		assert_int_equal(out.len, len + 3 * strings - 1);
		assert_int_equal(out.data[0], '"');
		assert_int_equal(out.data[out.len - 1], '"');
		if (len > RECORD_STRING_MAX)
			assert_memory_equal(out.data + RECORD_STRING_MAX + 1, "\" \"", 3);
		buf_deinit(&out);
	}
	buf_init(&out, 4096);
	key_record_format_quoted(SLICE_LIT("a\"b\\c\x01\xff"), &out);
	assert_string_equal(buf_str(&out), "\"a\\\"b\\\\c\\001\\255\"");
	buf_deinit(&out);
}

static void
selector_is_valid_table(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} rows[] = {
	    {"sp26q4-k7mq4x2d", true},
	    {"a", true},
	    {"1", true},
	    {"a.b.c", true},
	    {"Mail-2024", true},
	    {"", false},
	    {".", false},
	    {"a.", false},
	    {".a", false},
	    {"a..b", false},
	    {"-a", false},
	    {"a-", false},
	    {"a.-b", false},
	    {"a_b", false},
	    {"a/b", false},
	    {"..", false},
	    {"a b", false},
	    {"a;b", false},
	    {"\xc3\xa4", false},
	    {"a\n", false},
	};
	char label[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(selector_is_valid(slice_of(rows[i].in)), rows[i].want);
	memset(label, 'a', sizeof label);
	assert_true(selector_is_valid(slice_new(label, 63)));
	assert_false(selector_is_valid(slice_new(label, 64)));
	for (size_t i = 63; i < sizeof label; i += 64)
		label[i] = '.';
	assert_true(selector_is_valid(slice_new(label, 238)));
	assert_false(selector_is_valid(slice_new(label, 239)));
	assert_false(selector_is_valid(SLICE_LIT("a\0b")));
}

static void
whys_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(WHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_record_parse_table),
	    cmocka_unit_test(key_record_parse_refusals),
	    cmocka_unit_test(key_record_parse_long_p_refused),
	    cmocka_unit_test(key_record_format_reads_back),
	    cmocka_unit_test(key_record_format_revoked_reads_back),
	    cmocka_unit_test(key_record_same_table),
	    cmocka_unit_test(key_record_same_revoked),
	    cmocka_unit_test(key_record_format_quoted_cuts),
	    cmocka_unit_test(selector_is_valid_table),
	    cmocka_unit_test(key_record_same_needs_what_is_expected),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
