/* SPDX-License-Identifier: ISC */
#include "dkim/domain.h"

#include "base/utf8.h"

#include "tests/unit/said.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Why a text is no domain name. */
static const struct said_row WHYS[] = {
    {"\"\" is no domain name: it is empty", "nothing"},
    {"\"example.com.\" is no domain name: it ends with a dot", "a dot at its end"},
    {"\".example.com\" is no domain name: it begins with a dot", "a dot at its beginning"},
    {"\"a..b\" is no domain name: two dots follow each other", "an empty label"},
    {"\"localhost\" is no domain name: it has only one label", "no dot"},
    {"\"192.0.2.1\" is no domain name: its last label is a number", "an address"},
    {"\"a_b.test\" is no domain name: only letters, digits and \"-\" may stand in a label", "another character"},
    {"\"-a.test\" is no domain name: a label begins or ends with \"-\"", "a hyphen at an end"},
    {"\"*\" is no domain name: a label is longer than 63 octets", "a long label"},
    {"\"*\" is no domain name: it is longer than 253 octets", "a long name"},
    {"\"*\" is no domain name: it is too long", "a very long one"},
    {"\"xn--a.test\" is no domain name: a label that begins with \"xn--\" does not decode by IDNA2008", "no A-label"},
    {"\"*\" is no domain name: it is neither letters, digits, \"-\" and dots nor UTF-8", "octets of another charset"},
};

static int
heard_normalize(struct slice in, char out[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	int rc = domain_normalize(in, out, err);

	if (rc != 0)
		hear(err->text);
	return rc;
}
#define domain_normalize heard_normalize

/* want: the normalized name; NULL when it is refused, and then why is part of the text. */
static const struct {
	const char *input, *want, *why;
} NAMES[] = {
    {"example.com", "example.com", NULL}, {"EXAMPLE.Com", "example.com", NULL},
    {"a.b.c.d.e", "a.b.c.d.e", NULL}, {"1.example", "1.example", NULL}, {"1a.2b", "1a.2b", NULL},
    {"a--b.test", "a--b.test", NULL}, {"r3---sn.test", "r3---sn.test", NULL},
    {L63 ".test", L63 ".test", NULL},
    {L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61, NULL},
    {"b\xc3\xbc"
     "cher.example",
	"xn--bcher-kva.example", NULL},
    {"B\xc3\x9c"
     "CHER.Example",
	"xn--bcher-kva.example", NULL},
    {"bu\xcc\x88"
     "cher.example",
	"xn--bcher-kva.example", NULL}, /* decomposed: NFC */
    {"xn--bcher-kva.example", "xn--bcher-kva.example", NULL},
    {"XN--BCHER-KVA.example", "xn--bcher-kva.example", NULL},
    {"fa\xc3\x9f.de", "xn--fa-hia.de", NULL}, /* sharp s is kept, not made ss */
    {"\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com", "xn--nxasmm1c.com",
	NULL}, /* final sigma too */
    {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84", "xn--e1afmkfd.xn--p1ai",
	NULL},
    {"\xd0\x9f\xd0\xa0\xd0\x98\xd0\x9c\xd0\x95\xd0\xa0.\xd0\xa0\xd0\xa4", "xn--e1afmkfd.xn--p1ai",
	NULL},
    {"\xd0\xb0.test", "xn--80a.test", NULL}, /* Cyrillic a */
    {"\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95", "xn--fsqu00a.xn--0zwm56d", NULL},
    {"mail.b\xc3\xbc"
     "cher.example",
	"mail.xn--bcher-kva.example", NULL},
    {"", NULL, "empty"}, {".", NULL, "ends with a dot"}, {"example.com.", NULL, "ends with a dot"},
    {".example.com", NULL, "it begins with a dot"}, {"a..b", NULL, "two dots follow each other"},
    {"a_b..c", NULL, "two dots follow each other"}, {"localhost", NULL, "one label"},
    {"192.0.2.1", NULL, "a number"}, {"a.1", NULL, "a number"}, {"a_b.test", NULL, "only letters"},
    {"_dmarc.a.test", NULL, "only letters"}, {"a b.test", NULL, "only letters"},
    {"a.test\r\n", NULL, "only letters"}, {"a/../b.test", NULL, "two dots follow each other"},
    {"[192.0.2.1]", NULL, "only letters"}, {"-a.test", NULL, "\"-\""}, {"a-.test", NULL, "\"-\""},
    {L63 "a.test", NULL, "63 octets"}, {L63 "." L63 "." L63 "." L63, NULL, "253 octets"},
    {"xn--a.test", NULL, "IDNA2008"}, {"xn--.test", NULL, "\"-\""},
    {"xn--abc-.test", NULL, "\"-\""}, {"xn--bcher-kvA9.test", NULL, "IDNA2008"},
    {"xn--fullwidth-.test", NULL, "\"-\""},
    {"b\xfc"
     "cher.test",
	NULL, "nor UTF-8"},
    {"\xc3\xbc_x.test", NULL, "neither letters"}, {"\xc3\xbc.test.", NULL, "dot"},
    {"\xc3\xbc..test", NULL, ""}, {"\xc3\xbc", NULL, "one label"},
    {"\xef\xbd\x81.test", NULL, ""},	       /* fullwidth a */
    {"a\xe3\x80\x82test", NULL, ""},	       /* ideographic full stop */
    {"\xe2\x84\xab.test", NULL, "disallowed"}, /* Angstrom sign, not the letter */
    {"\xf0\x9f\x98\x80.test", NULL, ""},       /* emoji: DISALLOWED in IDNA2008 */
    {"a\xe2\x80\x8d"
     "b.test",
	NULL, ""},			      /* ZWJ without its context */
    {"\xc3\xbc\xe2\x80\xae.test", NULL, ""},  /* right-to-left override */
    {"\xc1\x81.test", NULL, "nor UTF-8"},     /* overlong A */
    {"\xed\xa0\x80.test", NULL, "nor UTF-8"}, /* surrogate */
};

static void
domain_normalize_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		char out[DOMAIN_LEN_MAX + 1];
		struct err err = ERR_INIT;
		int rc = domain_normalize(slice_of(NAMES[i].input), out, &err);
		const char *want = NAMES[i].want == NULL ? "" : NAMES[i].want;
		if ((rc == 0) != (NAMES[i].want != NULL) || strcmp(out, want) != 0)
			fail_msg(
			    "row %zu %s: got %d \"%s\" (%s)", i, NAMES[i].input, rc, out, err.text);
		if (rc == 0)
			continue;
		assert_int_equal(err.kind, ERR_INPUT);
		if (strstr(err.text, NAMES[i].why) == NULL)
			fail_msg(
			    "row %zu: text is \"%s\", lacks \"%s\"", i, err.text, NAMES[i].why);
	}
}

/* Beyond ASCII there is no room for what nobody can register. */
static void
domain_normalize_very_long_name_refused(void **state)
{
	char text[4096], out[DOMAIN_LEN_MAX + 1];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(&text[i], i % 64 == 62 ? ".a" : "\xc3\xbc", 2);
	assert_int_equal(domain_normalize(slice_new(text, sizeof(text)), out, &err), -1);
	assert_non_null(strstr(err.text, "it is too long"));
}

static void
domain_normalize_is_idempotent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		char once[DOMAIN_LEN_MAX + 1], twice[DOMAIN_LEN_MAX + 1];
		struct err err = ERR_INIT;
		if (domain_normalize(slice_of(NAMES[i].input), once, &err) != 0)
			continue;
		assert_int_equal(domain_normalize(slice_of(once), twice, &err), 0);
		assert_string_equal(once, twice);
	}
}

static void
domain_normalize_nul_refused(void **state)
{
	char out[DOMAIN_LEN_MAX + 1];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(domain_normalize(slice_new("a.test\0.evil", 12), out, &err), -1);
	assert_int_equal(domain_normalize(slice_new("\xc3\xbc.test\0.evil", 13), out, &err), -1);
}

static void
domain_to_unicode_shows_u_labels(void **state)
{
	char out[64], small[4];

	(void)state;
	domain_to_unicode("xn--bcher-kva.example", out, sizeof(out));
	assert_string_equal(out, "b\xc3\xbc"
				 "cher.example");
	domain_to_unicode("example.com", out, sizeof(out));
	assert_string_equal(out, "example.com");
	domain_to_unicode("xn--99999999999.example", out, sizeof(out));
	assert_string_equal(out, "xn--99999999999.example");
	domain_to_unicode("example.com", small, sizeof(small));
	assert_string_equal(small, "exa");
}

static void
domain_is_within_table(void **state)
{
	static const struct {
		const char *name, *above;
		bool want;
	} ROWS[] = {
	    {"a.test", "a.test", true},
	    {"x.a.test", "a.test", true},
	    {"x.y.a.test", "a.test", true},
	    {"nota.test", "a.test", false},
	    {"a.test.evil", "a.test", false},
	    {"test", "a.test", false},
	    {"a.test", "x.a.test", false},
	    {"a.test", "", false},
	    {"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_int_equal(domain_is_within(slice_of(ROWS[i].name), slice_of(ROWS[i].above)),
		    ROWS[i].want);
}

static void
domain_entry_covers_table(void **state)
{
	static const struct {
		const char *entry, *name;
		bool want;
	} ROWS[] = {
	    {"*", "a.test", true},
	    {"a.test", "a.test", true},
	    {"a.test", "x.a.test", false},
	    {".a.test", "x.a.test", true},
	    {".a.test", "x.y.a.test", true},
	    {".a.test", "a.test", false},
	    {".a.test", "nota.test", false},
	    {".a.test", ".a.test", false},
	    {"b.test", "a.test", false},
	    {"", "", false},
	    {"", "a.test", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_int_equal(
		    domain_entry_covers(slice_of(ROWS[i].entry), slice_of(ROWS[i].name)),
		    ROWS[i].want);
}

static void
domain_entry_normalize_table(void **state)
{
	static const struct {
		const char *entry, *want, *why;
	} ROWS[] = {
	    {"*", "*", NULL},
	    {"A.test", "a.test", NULL},
	    {".A.test", ".a.test", NULL},
	    {".b\xc3\xbc"
	     "cher.example",
		".xn--bcher-kva.example", NULL},
	    {"*.a.test", NULL, "write \".example.com\""},
	    {"", NULL, "empty"},
	    {".", NULL, "empty"},
	    {".test", NULL, "one label"},
	    {"**", NULL, "only letters"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char out[DOMAIN_LEN_MAX + 2];
		struct err err = ERR_INIT;
		int rc = domain_entry_normalize(slice_of(ROWS[i].entry), out, &err);
		assert_int_equal(rc, ROWS[i].want == NULL ? -1 : 0);
		assert_string_equal(out, ROWS[i].want == NULL ? "" : ROWS[i].want);
		if (rc != 0)
			assert_non_null(strstr(err.text, ROWS[i].why));
	}
}

static void
utf8_round_trip_every_code_point(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x110000; cp++) {
		uint8_t text[UTF8_LEN_MAX];
		uint32_t back = 0;
		size_t len = utf8_encode(cp, text);
		bool scalar = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
		assert_int_equal(utf8_decode(slice_new(text, len), &back), scalar ? len : 0);
		assert_int_equal(utf8_is_valid(slice_new(text, len)), scalar);
		if (scalar)
			assert_int_equal(back, cp);
		if (scalar && len > 1)
			assert_int_equal(utf8_decode(slice_new(text, len - 1), &back), 0);
	}
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
	    cmocka_unit_test(domain_normalize_table),
	    cmocka_unit_test(domain_normalize_is_idempotent),
	    cmocka_unit_test(domain_normalize_nul_refused),
	    cmocka_unit_test(domain_to_unicode_shows_u_labels),
	    cmocka_unit_test(domain_is_within_table),
	    cmocka_unit_test(domain_entry_covers_table),
	    cmocka_unit_test(domain_entry_normalize_table),
	    cmocka_unit_test(utf8_round_trip_every_code_point),
	    cmocka_unit_test(domain_normalize_very_long_name_refused),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
