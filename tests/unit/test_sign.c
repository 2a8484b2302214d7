/* SPDX-License-Identifier: ISC */
#include "base/base64.h"
#include "dkim/sha256.h"
#include "dkim/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t SEED[32] = {1, 2, 3};
static const uint8_t BH[CANON_BH_LEN] = {4, 5, 6};

#define MAIL                                                                                       \
	"From: Joe <joe@example.com>\r\nTo: a@example.net,\r\n\tb@example.net\r\nSubject:  two  "  \
	"\r\n  lines\r\n"                                                                          \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700\r\nSubject : again\r\nX-Other: x\r\n\r\n"

static void
parse(struct header_list *l, const char *text)
{
	struct err err = ERR_INIT;
	size_t off;

	*l = (struct header_list){NULL, 0, 0};
	assert_int_equal(header_list_parse(l, slice_of(text), 10000, &off, &err), 0);
}

/* Every line of the field within the columns, folded by CRLF HTAB, printable ASCII, no blank at a line's end. */
static void
assert_folded(struct slice value)
{
	size_t column = sizeof SIGNATURE_NAME ":" - 1, max = 0;

	assert_int_equal(value.ptr[0], ' ');
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.ptr[i];
		if (c == '\r') {
			assert_true(i + 3 < value.len && value.ptr[i + 1] == '\n' &&
				    value.ptr[i + 2] == '\t');
			assert_true(
			    ascii_is_print(value.ptr[i - 1]) && ascii_is_print(value.ptr[i + 3]));
			i += 2;
			column = 1;
			continue;
		}
		assert_true(c == ' ' || ascii_is_print(c));
		max = ++column > max ? column : max;
	}
	assert_true(max <= SIGNATURE_FOLD);
	assert_true(ascii_is_print(value.ptr[value.len - 1]));
}

/* What a verifier reads is what the signer meant. */
static void
assert_reads_back(const struct sign_params *p, struct slice value, size_t sig_len)
{
	static const char *const FOREIGN[] = {"l", "z", "i", "q"};
	struct signature s;
	struct err err = ERR_INIT;

	if (signature_parse(value, &s, &err) != 0)
		fail_msg("%s: %.*s", err.text, SLICE_ARG(value));
	assert_true(s.alg_known && !s.sha1);
	assert_int_equal(s.alg, dkim_key_alg(p->key));
	assert_int_equal(s.header_canon, p->header_canon);
	assert_int_equal(s.body_canon, p->body_canon);
	assert_true(slice_eq(s.domain, p->domain));
	assert_true(slice_eq(s.selector, p->selector));
	assert_int_equal(s.signed_at, p->signed_at);
	assert_int_equal(s.expires_at, p->expires_at);
	assert_int_equal(s.bh_len, sizeof BH);
	assert_memory_equal(s.bh, BH, sizeof BH);
	assert_int_equal(s.b_len, sig_len);
	for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++)
		assert_null(taglist_get(&s.tags, FOREIGN[i]));
}

/* b= signs what signature_without_b leaves: the inserted field, octet for octet. */
static void
assert_signs(const struct sign_params *p, const struct header_list *l, struct slice value)
{
	struct signature s;
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf bare, input, pub_octets;
	struct dkim_pubkey *pub = NULL;
	uint8_t digest[SHA256_LEN];

	arena_init(&arena, 1 << 20);
	buf_init(&bare, SIGNATURE_LEN_MAX);
	buf_init(&input, 1 << 22);
	buf_init(&pub_octets, 4096);
	assert_int_equal(signature_parse(value, &s, &err), 0);
	assert_int_equal(header_pick_named(l, s.h, &arena, &picks, &err), 0);
	assert_int_equal(signature_without_b(value, &bare, &err), 0);
	assert_int_equal(
	    sign_hash_input(
		&(struct sign_input){p->header_canon, l, &picks, buf_slice(&bare)}, &input, &err),
	    0);
	assert_int_equal(sha256_digest(buf_slice(&input), digest, &err), 0);
	assert_int_equal(dkim_key_public_octets(p->key, &pub_octets, &err), 0);
	assert_int_equal(dkim_pubkey_parse(s.alg, buf_slice(&pub_octets), &pub, &err), 0);
	assert_int_equal(dkim_pubkey_verify(pub, false, slice_new(digest, sizeof digest),
			     slice_new(s.b, s.b_len), &err),
	    1);
	dkim_pubkey_free(pub);
	buf_deinit(&pub_octets);
	buf_deinit(&input);
	buf_deinit(&bare);
	arena_deinit(&arena);
}

static void
check_sign(const struct sign_params *p, const struct header_list *l)
{
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf value;

	arena_init(&arena, 1 << 20);
	buf_init(&value, SIGNATURE_LEN_MAX);
	if (sign_header(p, l, &arena, &value, &err) != 0)
		fail_msg("%s", err.text);
	assert_folded(buf_slice(&value));
	assert_reads_back(p, buf_slice(&value), dkim_key_alg(p->key) == KEY_RSA_SHA256 ? 256 : 64);
	assert_signs(p, l, buf_slice(&value));
	buf_deinit(&value);
	arena_deinit(&arena);
}

static struct dkim_key *rsa, *ed;

static int
make_keys(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return dkim_key_generate(KEY_RSA_SHA256, 2048, &rsa, &err) != 0 ||
	       dkim_key_parse_ed25519_seed(SEED, &ed, &err) != 0;
}

static int
free_keys(void **state)
{
	(void)state;
	dkim_key_free(rsa);
	dkim_key_free(ed);
	return 0;
}

static struct sign_params
params(const struct dkim_key *key)
{
	return (struct sign_params){
	    .key = key,
	    .domain = SLICE_LIT("example.com"),
	    .selector = SLICE_LIT("sp26q4-k7mq4x2d"),
	    .header_canon = CANON_RELAXED,
	    .body_canon = CANON_RELAXED,
	    .signed_at = 1700000000,
	    .expires_at = SIGNATURE_NO_TIME,
	    .rules = HEADER_RULES,
	    .bh = BH,
	};
}

static void
sign_header_every_combination(void **state)
{
	struct header_list l;

	(void)state;
	parse(&l, MAIL);
	for (unsigned i = 0; i < 32; i++) {
		struct sign_params p = params(i & 1 ? ed : rsa);
		p.header_canon = i & 2 ? CANON_SIMPLE : CANON_RELAXED;
		p.body_canon = i & 4 ? CANON_SIMPLE : CANON_RELAXED;
		p.signed_at = i & 8 ? SIGNATURE_NO_TIME : 1700000000;
		p.expires_at = i & 16 ? 1700604800 : SIGNATURE_NO_TIME;
		check_sign(&p, &l);
	}
	header_list_deinit(&l);
}

/* Each length moves every fold behind it: the columns and the round trip hold for all of them. */
static void
sign_header_any_domain_length_folds(void **state)
{
	char domain[256], selector[64];
	struct header_list l;

	(void)state;
	parse(&l, MAIL);
	memset(domain, 'd', sizeof domain);
	memset(selector, 's', sizeof selector);
	for (size_t n = 3; n <= 74; n++) {
		struct sign_params p = params(ed);
		domain[n > 60 ? 30 : 1] = '.';
		p.domain = slice_new(domain, n);
		p.selector = slice_new(selector, 1 + n % 63);
		check_sign(&p, &l);
	}
	header_list_deinit(&l);
}

/* The longest domain whose key record a name in DNS can hold cannot be folded: its line is long, but far from 998. */
static void
sign_header_longest_domain(void **state)
{
	char domain[254];
	struct header_list l;
	struct sign_params p = params(ed);
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf value;
	size_t column = 0;

	(void)state;
	memset(domain, 'd', sizeof domain);
	for (size_t i = 60; i < sizeof domain; i += 60)
		domain[i] = '.';
	p.domain = slice_new(domain, 253 - p.selector.len - strlen("._domainkey."));
	parse(&l, MAIL);
	arena_init(&arena, 1 << 20);
	buf_init(&value, SIGNATURE_LEN_MAX);
	assert_int_equal(sign_header(&p, &l, &arena, &value, &err), 0);
	for (size_t i = 0; i < value.len; i++) {
		column = value.data[i] == '\n' ? 0 : column + 1;
		assert_true(column <= 300);
	}
	assert_reads_back(&p, buf_slice(&value), 64);
	buf_deinit(&value);
	arena_deinit(&arena);
	header_list_deinit(&l);
}

static void
sign_header_8000_fields(void **state)
{
	struct header_list l = {NULL, 0, 0};
	struct sign_params p = params(rsa);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 8000; i++) {
		struct slice name = i % 4 == 0 ? SLICE_LIT("Subject") : SLICE_LIT("X-Other");
		assert_int_equal(header_list_add(&l, name, SLICE_LIT(" x"), 8000, &err), 0);
	}
	check_sign(&p, &l);
	header_list_deinit(&l);
}

/* Known text: the look of the field, which others parse. */
static void
signature_format_text(void **state)
{
	static const char WANT[] =
	    " v=1; a=ed25519-sha256; c=relaxed/simple; d=example.com;\r\n"
	    "\ts=sp26q4-k7mq4x2d; t=1700000000; x=1700000001; h=From:From:To:Cc:Subject:\r\n"
	    "\tReply-To; bh=BAUGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=";
	struct header_list l;
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf out;

	(void)state;
	parse(&l, "From: a\r\n");
	arena_init(&arena, 65536);
	buf_init(&out, 4096);
	assert_int_equal(header_pick_all(&l, HEADER_RULES, &arena, &picks, &err), 0);
	struct signature_spec spec = {KEY_ED25519_SHA256, CANON_RELAXED, CANON_SIMPLE,
	    SLICE_LIT("example.com"), SLICE_LIT("sp26q4-k7mq4x2d"), 1700000000, 1700000001, &picks,
	    BH};
	assert_int_equal(signature_format(&spec, &out, &err), 0);
	assert_string_equal(buf_str(&out), WANT);
	spec.signed_at = 0;
	spec.expires_at = SIGNATURE_NO_TIME;
	buf_clear(&out);
	assert_int_equal(signature_format(&spec, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), " t=0; h=From:"));
	buf_deinit(&out);
	arena_deinit(&arena);
	header_list_deinit(&l);
}

#define AS_LABELS                                                                                  \
	"; write names with letters, digits, '-' and '.', other scripts as A-labels (xn--)"

static void
sign_header_refusals(void **state)
{
	static const struct header_rule NO_FROM[] = {{"To", HEADER_OVERSIGN}, {NULL, HEADER_SIGN}};
	static const struct header_rule BAD_NAME[] = {
	    {"From", HEADER_OVERSIGN}, {"a;b", HEADER_OVERSIGN}, {NULL, HEADER_SIGN}};
	static const struct header_rule NO_NAME[] = {
	    {"From", HEADER_OVERSIGN}, {"", HEADER_OVERSIGN}, {NULL, HEADER_SIGN}};
	static const struct {
		const char *domain, *selector;
		int64_t signed_at, expires_at;
		const struct header_rule *rules;
		const char *want;
	} rows[] = {
	    {"", "s", 1, -1, HEADER_RULES, "signature: d= takes 1 to 253 octets, not 0"},
	    {"b\xc3\xbc"
	     "cher.example",
		"s", 1, -1, HEADER_RULES, "signature: d= holds octet 0xc3" AS_LABELS},
	    {"a;b=c.example", "s", 1, -1, HEADER_RULES, "signature: d= holds octet 0x3b" AS_LABELS},
	    {"a.example", "s\r\n", 1, -1, HEADER_RULES, "signature: s= holds octet 0x0d" AS_LABELS},
	    {"a.example", "", 1, -1, HEADER_RULES, "signature: s= takes 1 to 253 octets, not 0"},
	    {"a.example", "s", -2, -1, HEADER_RULES,
		"signature: t= lies before 1970; set the clock"},
	    {"a.example", "s", 5, 5, HEADER_RULES,
		"signature: it would expire (x=5) before it is made (t=5)"},
	    {"a.example", "s", 5, 4, HEADER_RULES,
		"signature: it would expire (x=4) before it is made (t=5)"},
	    {"a.example", "s", -1, -7, HEADER_RULES,
		"signature: it would expire (x=-7) before it is made (t=-1)"},
	    {"a.example", "s", 1, -1, NO_FROM,
		"signature: h= lacks From, which RFC 6376 5.4 demands"},
	    {"a.example", "s", 1, -1, BAD_NAME,
		"signature: h= cannot name a field with octet 0x3b"},
	    {"a.example", "s", 1, -1, NO_NAME, "signature: h= cannot name a field by 0 octets"},
	};
	struct header_list l;

	(void)state;
	parse(&l, MAIL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sign_params p = params(ed);
		struct arena arena;
		struct err err = ERR_INIT;
		struct buf value;
		p.domain = slice_of(rows[i].domain);
		p.selector = slice_of(rows[i].selector);
		p.signed_at = rows[i].signed_at;
		p.expires_at = rows[i].expires_at;
		p.rules = rows[i].rules;
		arena_init(&arena, 65536);
		buf_init(&value, SIGNATURE_LEN_MAX);
		assert_int_equal(sign_header(&p, &l, &arena, &value, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
		assert_string_equal(err.text, rows[i].want);
		/* Nothing is left that could be taken for a field. */
		assert_int_equal(value.len, 0);
		buf_deinit(&value);
		arena_deinit(&arena);
	}
	header_list_deinit(&l);
}

static void
sign_header_too_long_refused(void **state)
{
	struct header_list l;
	struct sign_params p = params(rsa);
	struct err err = ERR_INIT;
	size_t refused = 0;
	int rc = -1;

	(void)state;
	parse(&l, MAIL);
	for (size_t cap = 0; rc != 0; cap += 20) {
		struct arena arena;
		struct buf value;
		arena_init(&arena, 65536);
		buf_init(&value, cap);
		rc = sign_header(&p, &l, &arena, &value, &err);
		if (rc != 0) {
			char want[64];
			snprintf(want, sizeof want, "DKIM-Signature field is longer than %zu bytes",
			    cap);
			assert_int_equal(err.kind, ERR_LIMIT);
			assert_string_equal(err.text, want);
			assert_int_equal(value.len, 0);
			refused++;
		}
		buf_deinit(&value);
		arena_deinit(&arena);
	}
	/* with b= alone 344 octets, it was refused at every length up to there */
	assert_in_range(refused, 344 / 20, 1000 / 20);
	header_list_deinit(&l);
}

static void
sign_header_full_arena_refused(void **state)
{
	struct header_list l;
	struct sign_params p = params(ed);
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf value;

	(void)state;
	parse(&l, MAIL);
	arena_init(&arena, 16);
	buf_init(&value, SIGNATURE_LEN_MAX);
	assert_int_equal(sign_header(&p, &l, &arena, &value, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(value.len, 0);
	buf_deinit(&value);
	arena_deinit(&arena);
	header_list_deinit(&l);
}

static void
signature_append_b_refusals(void **state)
{
	static const uint8_t sig[KEY_SIG_LEN_MAX + 3] = {0};
	struct err err = ERR_INIT;
	struct buf value;

	(void)state;
	buf_init(&value, 4096);
	buf_put_str(&value, " v=1; b=x");
	assert_int_equal(signature_append_b(&value, slice_new(sig, 64), &err), -1);
	assert_string_equal(err.text, "signature: the field does not end in an empty b=");
	buf_clear(&value);
	buf_put_str(&value, " v=1; b=");
	assert_int_equal(signature_append_b(&value, slice_new(sig, sizeof sig), &err), -1);
	assert_string_equal(err.text, "b= is longer than 684 bytes");
	assert_int_equal(signature_append_b(&value, slice_new(sig, KEY_SIG_LEN_MAX), &err), 0);
	assert_folded(buf_slice(&value));
	buf_deinit(&value);
}

static void
sign_to_lf_table(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"", ""},
	    {"a", "a"},
	    {"a\r\n\tb\r\n\tc", "a\n\tb\n\tc"},
	    {"a\rb\r", "a\rb\r"},
	    {"\r\r\n", "\r\n"},
	    {"a\nb", "a\nb"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf b;
		buf_init(&b, 64);
		buf_put_str(&b, rows[i].in);
		sign_to_lf(&b);
		assert_string_equal(buf_str(&b), rows[i].want);
		assert_int_equal(b.len, strlen(rows[i].want));
		buf_deinit(&b);
	}
}

static void
sign_hash_input_cap_refused(void **state)
{
	struct header_list l;
	struct header_pick pick = {SLICE_LIT("From"), 0};
	struct header_picks picks = {&pick, 1};
	struct err err = ERR_INIT;
	struct buf out;

	(void)state;
	parse(&l, MAIL);
	buf_init(&out, 10);
	assert_int_equal(
	    sign_hash_input(
		&(struct sign_input){CANON_RELAXED, &l, &picks, SLICE_LIT(" b=")}, &out, &err),
	    -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "header hash input is longer than 10 bytes");
	buf_deinit(&out);
	header_list_deinit(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sign_header_every_combination),
	    cmocka_unit_test(sign_header_any_domain_length_folds),
	    cmocka_unit_test(sign_header_longest_domain),
	    cmocka_unit_test(sign_header_8000_fields),
	    cmocka_unit_test(signature_format_text),
	    cmocka_unit_test(sign_header_refusals),
	    cmocka_unit_test(sign_header_too_long_refused),
	    cmocka_unit_test(sign_header_full_arena_refused),
	    cmocka_unit_test(signature_append_b_refusals),
	    cmocka_unit_test(sign_to_lf_table),
	    cmocka_unit_test(sign_hash_input_cap_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
