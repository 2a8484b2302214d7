/* SPDX-License-Identifier: ISC */
#include "dkim/signature.h"
#include "tests/unit/said.h"

/* What verify tells of a field that is wrong. */
static const struct said_row WHYS[] = {
    {"the required tag d= is missing", "a tag that RFC 6376 3.5 demands"},
    {"the required tag h= is empty", "the same, without a value"},
    {"the required tag b= is missing", "b= is looked for by itself"},
    {"v=2: only version 1 exists", "v="},
    {"c=nowsp: a canonicalization is \"simple\" or \"relaxed\"", "c="},
    {"d=a_b.test: \"a_b.test\" is no domain name: *", "d="},
    {"s=a/b: a selector is made of labels with letters, digits and \"-\"", "s="},
    {"s=*: a label is longer than 63 octets", "s="},
    {"s=*: together with d= it is longer than a name in DNS may be", "s= and d="},
    {"i=a.test: there is no \"@\"", "i="},
    {"i=@b.test: its domain is neither that of d= nor below it", "i="},
    {"i=x@: what follows the \"@\" is no domain name", "i="},
    {"h=from::to: a field name is empty", "h="},
    {"h=from to: this is no field name", "h="},
    {"t=now: it must be a time in Unix seconds, digits only", "t= and x="},
    {"x=4: the signature expires before it was made (t=)", "x="},
    {"l=all: it must be a number of octets, digits only", "l="},
    {"q=dns/new: keys can only be asked for with dns/txt", "q="},
    {"bh=!: base64 holds a foreign character *", "bh= and b="},
    {"bh=YWJj: a SHA-256 hash has 32 octets", "bh="},
    {"bh=*: a SHA-1 hash has 20 octets", "bh="},
    {"the field has 65537 octets; more than 65536 are not looked at", "a very long field"},
    {"\"=\" is missing behind the tag name \"hello\"", "no list of tags"},
    {"tag d= stands there twice", "RFC 6376 3.2"},
};

static int
heard_parse(struct slice value, struct signature *sig, struct err *err)
{
	int rc = signature_parse(value, sig, err);

	if (rc != 0)
		hear(err->text);
	return rc;
}
#define signature_parse heard_parse

#define BH   "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;"
#define BH20 "bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=;"
#define REST BH "b=YWJj"
#define OK   "v=1;a=rsa-sha256;d=a.test;s=sel;h=from;"
#define L45  "abcdefghijabcdefghijabcdefghijabcdefghijabcde"
#define L51  L45 "abcdef"
#define L57  L51 "abcdef"
#define L63  L57 "abcdef"

/* why NULL: accepted. */
static const struct {
	const char *name, *value, *why;
} ROWS[] = {
    {"least", OK REST, NULL},
    {"folded",
	" v=1; a=rsa-sha256;\r\n\td=a.test; s=sel;\r\n\th=from :\r\n\t to; " BH
	"\r\n\tb=YW\r\n\t Jj",
	NULL},
    {"unknown tag is skipped", OK "zz=9;" REST, NULL},
    {"canonicalization", OK "c=relaxed/simple;" REST, NULL},
    {"header canonicalization alone", OK "c=relaxed;" REST, NULL},
    {"ed25519", "v=1;a=ed25519-sha256;d=a.test;s=sel;h=from;" REST, NULL},
    {"rsa-sha1", "v=1;a=rsa-sha1;d=a.test;s=sel;h=from;" BH20 "b=YWJj", NULL},
    {"unknown algorithm", "v=1;a=foo-sha3;d=a.test;s=sel;h=from;bh=x;b=y", NULL},
    {"auid of the domain", OK "i=@a.test;" REST, NULL},
    {"auid below the domain", OK "i=x=20y@sub.A.test;" REST, NULL},
    {"auid with two at signs", OK "i=\"b@b.test\"@a.test;" REST, NULL},
    {"times", OK "t=1;x=2;" REST, NULL},
    {"twelve digits", OK "t=999999999999;" REST, NULL},
    {"length", OK "l=0;" REST, NULL},
    {"query method", OK "q=foo:dns/txt;" REST, NULL},
    {"selector of two labels", "v=1;a=rsa-sha256;d=a.test;s=a_1.b-2;h=from;" REST, NULL},
    {"U-label domain", "v=1;a=rsa-sha256;d=b\xc3\xbc.test;s=sel;h=from;i=@xn--b-eha.test;" REST,
	NULL},
    {"from is not looked for here", "v=1;a=rsa-sha256;d=a.test;s=sel;h=to;" REST, NULL},
    {"no tag-list", "hello", "\"=\" is missing behind the tag name \"hello\""},
    {"tag twice", OK "d=b.test;" REST, "tag d= stands there twice"},
    {"no v", "a=rsa-sha256;d=a.test;s=sel;h=from;" REST, "required tag v= is missing"},
    {"v empty", "v=;a=rsa-sha256;d=a.test;s=sel;h=from;" REST, "required tag v= is empty"},
    {"v 2", "v=2;a=rsa-sha256;d=a.test;s=sel;h=from;" REST, "v=2: only version 1 exists"},
    {"v DKIM1", "v=DKIM1;a=rsa-sha256;d=a.test;s=sel;h=from;" REST, "v=DKIM1: only version 1"},
    {"no a", "v=1;d=a.test;s=sel;h=from;" REST, "required tag a= is missing"},
    {"no d", "v=1;a=rsa-sha256;s=sel;h=from;" REST, "required tag d= is missing"},
    {"no s", "v=1;a=rsa-sha256;d=a.test;h=from;" REST, "required tag s= is missing"},
    {"no h", "v=1;a=rsa-sha256;d=a.test;s=sel;" REST, "required tag h= is missing"},
    {"no bh", OK "b=YWJj", "required tag bh= is missing"},
    {"no b", OK BH, "required tag b= is missing"},
    {"b empty", OK BH "b=", "required tag b= is empty"},
    {"h empty", "v=1;a=rsa-sha256;d=a.test;s=sel;h=;" REST, "required tag h= is empty"},
    {"c unknown", OK "c=nowsp;" REST, "c=nowsp: a canonicalization is"},
    {"c body unknown", OK "c=simple/nowsp;" REST, "c=simple/nowsp:"},
    {"c three parts", OK "c=simple/simple/simple;" REST, "c=simple/simple/simple:"},
    {"c empty", OK "c=;" REST, "c=: a canonicalization"},
    {"d no name", "v=1;a=rsa-sha256;d=a_b.test;s=sel;h=from;" REST,
	"d=a_b.test: \"a_b.test\" is no domain name"},
    {"d one label", "v=1;a=rsa-sha256;d=test;s=sel;h=from;" REST, "only one label"},
    {"s with slash", "v=1;a=rsa-sha256;d=a.test;s=a/b;h=from;" REST, "s=a/b: a selector"},
    {"s empty label", "v=1;a=rsa-sha256;d=a.test;s=a..b;h=from;" REST, "s=a..b: a selector"},
    {"s final dot", "v=1;a=rsa-sha256;d=a.test;s=a.;h=from;" REST, "s=a.: a selector"},
    {"s of the longest label", "v=1;a=rsa-sha256;d=a.test;s=" L63 ";h=from;" REST, NULL},
    {"s of a longer label", "v=1;a=rsa-sha256;d=a.test;s=a." L63 "b.c;h=from;" REST,
	"a label is longer than 63 octets"},
    {"s of a last label that is too long", "v=1;a=rsa-sha256;d=a.test;s=a." L63 "b;h=from;" REST,
	"a label is longer than 63 octets"},
    {"s and d fit", "v=1;a=rsa-sha256;d=" L63 "." L57 ".test;s=" L63 "." L51 ";h=from;" REST, NULL},
    {"s and d are one octet too long",
	"v=1;a=rsa-sha256;d=" L63 "." L57 ".test;s=" L63 "." L51 "b;h=from;" REST,
	"together with d= it is longer than a name in DNS may be"},
    {"s of UTF-8 that is too long as ASCII",
	"v=1;a=rsa-sha256;d=" L63 "." L57 ".test;s=" L63 "." L45 ".b\xc3\xbc;h=from;" REST,
	"together with d= it is longer"},
    {"i without at", OK "i=a.test;" REST, "i=a.test: there is no \"@\""},
    {"i empty", OK "i=;" REST, "i=: there is no \"@\""},
    {"i elsewhere", OK "i=@b.test;" REST, "i=@b.test: its domain is neither"},
    {"i suffix only", OK "i=@nota.test;" REST, "i=@nota.test: its domain is neither"},
    {"i above", "v=1;a=rsa-sha256;d=x.a.test;s=sel;h=from;i=@a.test;" REST,
	"i=@a.test: its domain is neither"},
    {"i no domain", OK "i=x@;" REST, "i=x@: what follows the \"@\""},
    {"h empty item", "v=1;a=rsa-sha256;d=a.test;s=sel;h=from::to;" REST,
	"h=from::to: a field name is empty"},
    {"h blank in name", "v=1;a=rsa-sha256;d=a.test;s=sel;h=from to;" REST,
	"h=from to: this is no field name"},
    {"t no number", OK "t=now;" REST, "t=now: it must be a time"},
    {"t negative", OK "t=-1;" REST, "t=-1: it must be a time"},
    {"t empty", OK "t=;" REST, "t=: it must be a time"},
    {"t thirteen digits", OK "t=1000000000000;" REST, "it must be a time"},
    {"x no number", OK "x=1.5;" REST, "x=1.5: it must be a time"},
    {"x before t", OK "t=5;x=4;" REST, "x=4: the signature expires before it was made"},
    {"x equals t", OK "t=5;x=5;" REST, "x=5: the signature expires before it was made"},
    {"l no number", OK "l=all;" REST, "l=all: it must be a number"},
    {"l too large", OK "l=18446744073709551616;" REST, "it must be a number"},
    {"q unknown", OK "q=dns/new;" REST, "q=dns/new: keys can only be asked for with dns/txt"},
    {"bh not base64", OK "bh=!;b=YWJj", "bh=!: base64 holds a foreign character"},
    {"bh short", OK "bh=YWJj;b=YWJj", "bh=YWJj: a SHA-256 hash has 32 octets"},
    {"bh of SHA-1", OK BH20 "b=YWJj", "a SHA-256 hash has 32 octets"},
    {"bh too long for SHA-1", "v=1;a=rsa-sha1;d=a.test;s=sel;h=from;" REST,
	"a SHA-1 hash has 20 octets"},
    {"b not base64", OK BH "b=a", "b=a: base64 is cut"},
};

static void
signature_parse_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct signature sig;
		struct err err = ERR_INIT;
		int rc = signature_parse(slice_of(ROWS[i].value), &sig, &err);
		if ((rc == 0) != (ROWS[i].why == NULL))
			fail_msg("%s: got %d (%s)", ROWS[i].name, rc, err.text);
		if (rc == 0)
			continue;
		assert_int_equal(err.kind, ERR_INPUT);
		if (strstr(err.text, ROWS[i].why) == NULL)
			fail_msg("%s: text is \"%s\"", ROWS[i].name, err.text);
	}
}

static void
signature_key_name_is_of_a_labels(void **state)
{
	static const struct {
		const char *domain, *selector, *want;
	} NAMES[] = {{"A.Test", "Sel.x", "sel.x._domainkey.a.test"},
	    {"b\xc3\xbc.test", "b\xc3\xbc", "xn--b-eha._domainkey.xn--b-eha.test"},
	    {"a.test", "A_1", "A_1._domainkey.a.test"}};
	char name[SIGNATURE_KEY_NAME_LEN];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct signature sig = {
		    .domain = slice_of(NAMES[i].domain), .selector = slice_of(NAMES[i].selector)};
		assert_int_equal(signature_key_name(&sig, name, &err), 0);
		assert_string_equal(name, NAMES[i].want);
	}
}

static void
signature_parse_reads_every_tag(void **state)
{
	struct signature sig;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    signature_parse(SLICE_LIT(" v=1; a=ed25519-sha256; c=Relaxed/simple; d=A.test; "
				      "s=sel;\r\n\tt=10; x=20; l=7; i=u@a.test;\r\n"
				      "\th=from : to; " BH "\r\n\tb=YW\r\n\tJj"),
		&sig, &err),
	    0);
	assert_true(sig.alg_known);
	assert_false(sig.sha1);
	assert_int_equal(sig.alg, KEY_ED25519_SHA256);
	assert_int_equal(sig.header_canon, CANON_RELAXED);
	assert_int_equal(sig.body_canon, CANON_SIMPLE);
	assert_true(slice_eq_str(sig.domain, "A.test"));
	assert_true(slice_eq_str(sig.selector, "sel"));
	assert_true(slice_eq_str(sig.h, "from : to"));
	assert_true(slice_eq_str(sig.auid, "u@a.test"));
	assert_int_equal(sig.signed_at, 10);
	assert_int_equal(sig.expires_at, 20);
	assert_true(sig.has_l);
	assert_int_equal(sig.l, 7);
	assert_int_equal(sig.b_len, 3);
	assert_memory_equal(sig.b, "abc", 3);
	assert_int_equal(sig.bh_len, 32);
	assert_int_equal(sig.bh[0], 0xda);
}

static void
signature_parse_defaults(void **state)
{
	struct signature sig;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(signature_parse(SLICE_LIT(OK REST), &sig, &err), 0);
	assert_int_equal(sig.header_canon, CANON_SIMPLE);
	assert_int_equal(sig.body_canon, CANON_SIMPLE);
	assert_int_equal(sig.signed_at, SIGNATURE_NO_TIME);
	assert_int_equal(sig.expires_at, SIGNATURE_NO_TIME);
	assert_false(sig.has_l);
	assert_int_equal(sig.auid.len, 0);
}

static void
signature_parse_names_foreign_algorithms(void **state)
{
	struct signature sig;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    signature_parse(
		SLICE_LIT("v=1;a=rsa-sha1;d=a.test;s=sel;h=from;" BH20 "b=YWJj"), &sig, &err),
	    0);
	assert_true(sig.alg_known && sig.sha1);
	assert_int_equal(sig.bh_len, 20);
	assert_int_equal(
	    signature_parse(SLICE_LIT("v=1;a=rsa-sha512;d=a.test;s=sel;h=from;" REST), &sig, &err),
	    0);
	assert_false(sig.alg_known);
}

static void
signature_parse_long_b_refused(void **state)
{
	char value[2048];
	struct signature sig;
	struct err err = ERR_INIT;
	size_t len = strlen(OK BH "b=");

	(void)state;
	memcpy(value, OK BH "b=", len);
	memset(value + len, 'A', 688);
	assert_int_equal(signature_parse(slice_new(value, len + 688), &sig, &err), -1);
	assert_non_null(strstr(err.text, "512"));
	assert_int_equal(signature_parse(slice_new(value, len + 680), &sig, &err), 0);
	assert_int_equal(sig.b_len, 510);
}

/* h= and z= cost their number times the header, in what a stranger wrote. */
static void
signature_parse_long_field_refused(void **state)
{
	struct signature sig;
	struct err err = ERR_INIT;
	struct buf value;

	(void)state;
	buf_init(&value, 2 * SIGNATURE_LEN_MAX);
	buf_put_str(&value, OK REST "; z=A:");
	while (value.len < SIGNATURE_LEN_MAX)
		buf_put_byte(&value, 'x');
	assert_int_equal(signature_parse(buf_slice(&value), &sig, &err), 0);
	buf_put_byte(&value, 'x');
	assert_int_equal(signature_parse(buf_slice(&value), &sig, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "65537 octets"));
	buf_deinit(&value);
}

static void
signature_without_b_table(void **state)
{
	static const struct {
		const char *value, *want;
	} B[] = {
	    {"a=1; b=xyz", "a=1; b="},
	    {"a=1; b=xyz; c=2", "a=1; b=; c=2"},
	    {"b=xyz;a=1", "b=;a=1"},
	    {"a=1; b = x\r\n\ty \r\n\t", "a=1; b ="},
	    {"a=1; b=\r\n\tx\r\n\ty \r\n\t; c", "a=1; b=; c"},
	    {"bh=b=1; b=2;", "bh=b=1; b=;"},
	    {"n=;\r\n\tb\r\n\t=2=", "n=;\r\n\tb\r\n\t="},
	    {"b=", "b="},
	    {"a=1; bb=2; B=3", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(B) / sizeof(B[0]); i++) {
		struct err err = ERR_INIT;
		struct buf out;
		buf_init(&out, 256);
		int rc = signature_without_b(slice_of(B[i].value), &out, &err);
		assert_int_equal(rc, B[i].want == NULL ? -1 : 0);
		if (rc == 0)
			assert_string_equal(buf_str(&out), B[i].want);
		else
			assert_non_null(strstr(err.text, "b= is missing"));
		buf_deinit(&out);
	}
}

static void
signature_without_b_respects_cap(void **state)
{
	struct err err = ERR_INIT;
	struct buf out;

	(void)state;
	buf_init(&out, 4);
	assert_int_equal(signature_without_b(SLICE_LIT("a=1; b=xyz"), &out, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	buf_deinit(&out);
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
	    cmocka_unit_test(signature_parse_table),
	    cmocka_unit_test(signature_parse_reads_every_tag),
	    cmocka_unit_test(signature_key_name_is_of_a_labels),
	    cmocka_unit_test(signature_parse_defaults),
	    cmocka_unit_test(signature_parse_names_foreign_algorithms),
	    cmocka_unit_test(signature_parse_long_b_refused),
	    cmocka_unit_test(signature_parse_long_field_refused),
	    cmocka_unit_test(signature_without_b_table),
	    cmocka_unit_test(signature_without_b_respects_cap),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests_name("signature_parse", tests, NULL, NULL);
}
