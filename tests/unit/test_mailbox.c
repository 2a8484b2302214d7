/* SPDX-License-Identifier: ISC */
/* From values and their author domains; the comments name rows of the decision table of who may sign. */
#include "dkim/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct row {
	const char *name, *input;
	enum mailbox_result want;
	const char *domain; /* "" unless MAILBOX_OK */
};

static const struct row ROWS[] = {
    /* plain forms */
    {"addr-spec", " alice@a.test", MAILBOX_OK, "a.test"},
    {"no leading space", "alice@a.test", MAILBOX_OK, "a.test"},
    {"angle", " <alice@a.test>", MAILBOX_OK, "a.test"},
    {"name and angle", " Alice Example <alice@a.test>", MAILBOX_OK, "a.test"},
    {"upper case", " Alice@A.TEST", MAILBOX_OK, "a.test"},
    {"subdomain", " a@x.y.a.test", MAILBOX_OK, "x.y.a.test"},
    {"plus address", " a+b=c/d@a.test", MAILBOX_OK, "a.test"},
    {"all symbols", " !#$%&'*+-/=?^_`{|}~@a.test", MAILBOX_OK, "a.test"},
    {"dots in local-part", " a.b.c@a.test", MAILBOX_OK, "a.test"},
    {"digits in domain", " a@1.2.test", MAILBOX_OK, "1.2.test"},
    {"hyphen", " a@a-b.test", MAILBOX_OK, "a-b.test"},
    /* display names that lie */
    {"quoted address as name", " \"ceo@b.test\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"bare address as name", " alice@a.test <x@b.test>", MAILBOX_MALFORMED, ""},
    {"two angles", " <alice@a.test> <x@b.test>", MAILBOX_MALFORMED, ""},
    {"comment with address first", " (x@b.test) alice@a.test", MAILBOX_OK, "a.test"},
    {"comment with address last", " alice@a.test (x@b.test)", MAILBOX_OK, "a.test"},
    {"comment with angle", " (<x@b.test>) <alice@a.test>", MAILBOX_OK, "a.test"},
    {"comment in angle", " <(x@b.test)alice@a.test(<y@c.test>)>", MAILBOX_OK, "a.test"},
    {"encoded word with address", " =?utf-8?q?x=40b.test?= <alice@a.test>", MAILBOX_OK, "a.test"},
    {"encoded word alone", " =?utf-8?q?x=40b.test?=", MAILBOX_MALFORMED, ""},
    {"quoted local then second at", " \"x\"@b.test@a.test", MAILBOX_MALFORMED, ""},
    {"two ats", " a@b.test@a.test", MAILBOX_MALFORMED, ""},
    {"unbalanced quote", " \"Alice <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"quote holding angle", " \"<x@b.test>\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"escaped quote in name", " \"x\\\" <x@b.test>\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"escaped backslash ends quote", " \"x\\\\\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"quote then text behind angle", " <alice@a.test> \"x\"", MAILBOX_MALFORMED, ""},
    {"text behind angle", " <alice@a.test> Alice", MAILBOX_MALFORMED, ""},
    {"text behind addr-spec", " alice@a.test Alice", MAILBOX_MALFORMED, ""},
    {"angle inside angle", " <<alice@a.test>>", MAILBOX_MALFORMED, ""},
    {"at in unquoted name", " a@ceo <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"comma in unquoted name", " Example, Alice <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"brackets in name", " [x] <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"only a name", " Alice", MAILBOX_MALFORMED, ""},
    {"only a domain", " @a.test", MAILBOX_MALFORMED, ""},
    {"only a local-part", " alice@", MAILBOX_MALFORMED, ""},
    {"empty angle", " <>", MAILBOX_MALFORMED, ""},
    {"name and empty angle", " Alice <>", MAILBOX_MALFORMED, ""},
    {"open angle", " <alice@a.test", MAILBOX_MALFORMED, ""},
    {"closed angle only", " alice@a.test>", MAILBOX_MALFORMED, ""},
    {"semicolon", " alice@a.test;", MAILBOX_MALFORMED, ""},
    {"colon first", " : alice@a.test", MAILBOX_MALFORMED, ""},
    /* quoted local-parts */
    {"quoted local-part", " \"a b\"@a.test", MAILBOX_OK, "a.test"},
    {"quoted at in local-part", " \"x@b.test\"@a.test", MAILBOX_OK, "a.test"},
    {"quoted local-part in angle", " N <\"x>@b.test\"@a.test>", MAILBOX_OK, "a.test"},
    {"mixed words", " a.\"b\".c@a.test", MAILBOX_OK, "a.test"},
    {"words without dot", " a\"b\"@a.test", MAILBOX_MALFORMED, ""},
    {"empty quoted local-part", " \"\"@a.test", MAILBOX_OK, "a.test"},
    {"leading dot", " .a@a.test", MAILBOX_MALFORMED, ""},
    {"trailing dot in local-part", " a.@a.test", MAILBOX_MALFORMED, ""},
    {"double dot in local-part", " a..b@a.test", MAILBOX_MALFORMED, ""},
    {"blank in local-part", " a b@a.test", MAILBOX_MALFORMED, ""},
    /* obsolete forms, RFC 5322 4.4 */
    {"name with dots", " John Q. Public <alice@a.test>", MAILBOX_OK, "a.test"},
    {"name begins with dot", " .x <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"CFWS around at", " alice (c) @ (d) a.test", MAILBOX_OK, "a.test"},
    {"CFWS around dots", " a . b @ a (x) . (y) test", MAILBOX_OK, "a.test"},
    {"two atoms in domain", " a@a test", MAILBOX_MALFORMED, ""},
    {"list begins with commas", " , ,alice@a.test", MAILBOX_OK, "a.test"},
    {"list ends with comma", " alice@a.test, ", MAILBOX_OK, "a.test"},
    {"commas alone", " , ,", MAILBOX_MALFORMED, ""},
    {"control octet in quotes", " \"a\001b\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"control octet in atom", " a\001b@a.test", MAILBOX_MALFORMED, ""},
    {"form feed as space", " alice@a.test\f", MAILBOX_MALFORMED, ""},
    /* several */
    {"two mailboxes", " a@a.test, b@b.test", MAILBOX_MULTIPLE, ""},
    {"the same twice", " a@a.test, a@a.test", MAILBOX_MULTIPLE, ""},
    {"three", " A <a@a.test>, b@b.test,,c@c.test", MAILBOX_MULTIPLE, ""},
    {"second malformed", " a@a.test, b", MAILBOX_MALFORMED, ""},
    {"group", " group: alice@a.test;", MAILBOX_GROUP, ""},
    {"group of two", " g: a@a.test, B <b@b.test>;", MAILBOX_GROUP, ""},
    {"empty group", " undisclosed:;", MAILBOX_GROUP, ""},
    {"empty group with comment", " \"x\" (y) : (z) ; (w)", MAILBOX_GROUP, ""},
    {"group and mailbox", " g:;, a@a.test", MAILBOX_GROUP, ""},
    {"group not ended", " g: a@a.test", MAILBOX_MALFORMED, ""},
    {"group in group", " g: h: a@a.test;;", MAILBOX_MALFORMED, ""},
    {"text behind group", " g: a@a.test; x", MAILBOX_MALFORMED, ""},
    {"route", " <@b.test:alice@a.test>", MAILBOX_ROUTE, ""},
    {"long route", " N <@b.test, ,@c.test (x) : alice@a.test>", MAILBOX_ROUTE, ""},
    {"route without colon", " <@b.test alice@a.test>", MAILBOX_MALFORMED, ""},
    {"route outside angle", " @b.test:alice@a.test", MAILBOX_MALFORMED, ""},
    {"route over a literal", " <@[192.0.2.1]:alice@a.test>", MAILBOX_ROUTE, ""},
    {"literal", " alice@[192.0.2.1]", MAILBOX_LITERAL, ""},
    {"literal in angle", " A <alice@[IPv6:2001:db8::1]>", MAILBOX_LITERAL, ""},
    {"literal not ended", " alice@[192.0.2.1", MAILBOX_MALFORMED, ""},
    {"literal in literal", " alice@[[x]]", MAILBOX_MALFORMED, ""},
    {"literal with escape", " alice@[a\\]b]", MAILBOX_LITERAL, ""},
    {"text behind literal", " alice@[192.0.2.1]a.test", MAILBOX_MALFORMED, ""},
    /* domains */
    {"trailing dot", " alice@a.test.", MAILBOX_DOMAIN, ""},
    {"trailing dot in angle", " <alice@a.test.>", MAILBOX_DOMAIN, ""},
    {"leading dot in domain", " alice@.a.test", MAILBOX_DOMAIN, ""},
    {"double dot in domain", " alice@a..test", MAILBOX_DOMAIN, ""},
    {"dot alone", " alice@.", MAILBOX_MALFORMED, ""},
    {"single label", " alice@localhost", MAILBOX_DOMAIN, ""},
    {"underscore", " alice@a_b.test", MAILBOX_DOMAIN, ""},
    {"address as domain", " alice@192.0.2.1", MAILBOX_DOMAIN, ""},
    {"suffix is not the domain", " x@nota.test", MAILBOX_OK, "nota.test"},
    {"prefix is not the domain", " x@a.test.evil", MAILBOX_OK, "a.test.evil"},
    {"Cyrillic look-alike", " alice@\xd0\xb0.test", MAILBOX_OK, "xn--80a.test"},
    {"U-label",
	" alice@b\xc3\xbc"
	"cher.test",
	MAILBOX_OK, "xn--bcher-kva.test"},
    {"U-label in capitals",
	" alice@B\xc3\x9c"
	"CHER.test",
	MAILBOX_OK, "xn--bcher-kva.test"},
    {"A-label in capitals", " alice@XN--BCHER-KVA.test", MAILBOX_OK, "xn--bcher-kva.test"},
    {"A-label that decodes to nothing", " alice@xn--a.test", MAILBOX_DOMAIN, ""},
    {"invalid UTF-8 in domain",
	" alice@b\xfc"
	"cher.test",
	MAILBOX_DOMAIN, ""},
    {"fullwidth letter", " alice@\xef\xbd\x81.test", MAILBOX_DOMAIN, ""},
    {"ideographic full stop", " alice@a\xe3\x80\x82test", MAILBOX_DOMAIN, ""},
    {"zero width space", " alice@a\xe2\x80\x8b.test", MAILBOX_DOMAIN, ""},
    /* octets from 0x80 elsewhere */
    {"UTF-8 name", " \xc3\x84nne <alice@a.test>", MAILBOX_OK, "a.test"},
    {"UTF-8 local-part", " \xc3\xa4nne@a.test", MAILBOX_OK, "a.test"},
    {"Latin-1 name", " \xc4nne <alice@a.test>", MAILBOX_OK, "a.test"},
    {"Latin-1 in quotes", " \"\xc4nne\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"Latin-1 in comment", " alice@a.test (\xc4nne)", MAILBOX_OK, "a.test"},
    {"Latin-1 local-part", " \xe4nne@a.test", MAILBOX_MALFORMED, ""},
    {"overlong at sign",
	" x\xc1\x80"
	"b.test <alice@a.test>",
	MAILBOX_OK, "a.test"},
    /* folds and comments */
    {"folded", " Alice\r\n\t<alice@a.test>", MAILBOX_OK, "a.test"},
    {"folded first", "\r\n alice@a.test", MAILBOX_OK, "a.test"},
    {"folded with bare LF", " Alice\n <alice\n @\n a.test>", MAILBOX_OK, "a.test"},
    {"fold of blanks only", " alice@a.test\r\n \r\n\t", MAILBOX_OK, "a.test"},
    {"fold in quotes", " \"A\r\n B\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"line end without fold", " Alice\r\n<alice@a.test>", MAILBOX_MALFORMED, ""},
    {"line end at the end", " alice@a.test\r\n", MAILBOX_MALFORMED, ""},
    {"bare CR", " Alice\r <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"bare CR in quotes", " \"A\rB\" <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"escaped CR", " \"A\\\r\n B\" <alice@a.test>", MAILBOX_MALFORMED, ""},
    {"nested comments", " (a(b(c)d)e) alice@a.test", MAILBOX_OK, "a.test"},
    {"escaped parenthesis", " (a\\)b) alice@a.test", MAILBOX_OK, "a.test"},
    {"quote in comment", " (\") alice@a.test (\")", MAILBOX_OK, "a.test"},
    {"parenthesis in quotes", " \"(\" <alice@a.test>", MAILBOX_OK, "a.test"},
    {"open comment", " (alice@a.test", MAILBOX_MALFORMED, ""},
    {"closed comment only", " alice@a.test)", MAILBOX_MALFORMED, ""},
    {"16 comments deep", " ((((((((((((((((x)))))))))))))))) alice@a.test", MAILBOX_OK, "a.test"},
    {"17 comments deep", " (((((((((((((((((x))))))))))))))))) alice@a.test", MAILBOX_MALFORMED,
	""},
    {"backslash at the end", " \"a\\", MAILBOX_MALFORMED, ""},
    {"backslash outside", " a\\b@a.test", MAILBOX_MALFORMED, ""},
    /* nothing */
    {"empty", "", MAILBOX_EMPTY, ""},
    {"blank", " \t", MAILBOX_EMPTY, ""},
    {"folded blanks", " \r\n ", MAILBOX_EMPTY, ""},
    {"comment alone", " (alice@a.test)", MAILBOX_EMPTY, ""},
};

static void
mailbox_author_domain_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char domain[DOMAIN_LEN_MAX + 1];
		enum mailbox_result got = mailbox_author_domain(slice_of(ROWS[i].input), domain);
		if (got != ROWS[i].want || strcmp(domain, ROWS[i].domain) != 0)
			fail_msg("%s: got %s \"%s\", want %s \"%s\"", ROWS[i].name,
			    mailbox_result_name(got), domain, mailbox_result_name(ROWS[i].want),
			    ROWS[i].domain);
	}
}

static void
mailbox_author_domain_nul_malformed(void **state)
{
	static const char *const WHERE[] = {" a%b@a.test", " \"%\" <a@a.test>", " (%) a@a.test",
	    " a@a.test%", " \"\\%\" <a@a.test>", " a@[%]"};
	char value[64], domain[DOMAIN_LEN_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(WHERE) / sizeof(WHERE[0]); i++) {
		size_t len = strlen(WHERE[i]);
		memcpy(value, WHERE[i], len);
		*(char *)memchr(value, '%', len) = '\0';
		assert_int_equal(
		    mailbox_author_domain(slice_new(value, len), domain), MAILBOX_MALFORMED);
		assert_string_equal(domain, "");
	}
}

/* Row 29: 60 KB of anything; quadratic time would take minutes here. */
static void
mailbox_author_domain_large_is_linear(void **state)
{
	static const char *const UNITS[] = {
	    "(", "((", "\"", "<", "a.", ",", "@", "\\", "\xc3", "x ", "\r\n ", "a@a.test,", "(a)"};
	const size_t len = (size_t)4 << 20;
	char *value = malloc(len), domain[DOMAIN_LEN_MAX + 1];

	(void)state;
	assert_non_null(value);
	clock_t start = clock();
	for (size_t u = 0; u < sizeof(UNITS) / sizeof(UNITS[0]); u++) {
		size_t unit = strlen(UNITS[u]);
		for (size_t i = 0; i < len; i++)
			value[i] = UNITS[u][i % unit];
		assert_int_not_equal(
		    mailbox_author_domain(slice_new(value, len), domain), MAILBOX_OK);
		assert_string_equal(domain, "");
	}
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 60);
	free(value);
}

static void
mailbox_author_domain_long_domain_refused(void **state)
{
	char value[8192], domain[DOMAIN_LEN_MAX + 1];

	(void)state;
	memset(value, 'a', sizeof(value));
	memcpy(value, "x@", 2);
	assert_int_equal(
	    mailbox_author_domain(slice_new(value, sizeof(value)), domain), MAILBOX_DOMAIN);
	assert_string_equal(domain, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mailbox_author_domain_table),
	    cmocka_unit_test(mailbox_author_domain_nul_malformed),
	    cmocka_unit_test(mailbox_author_domain_large_is_linear),
	    cmocka_unit_test(mailbox_author_domain_long_domain_refused),
	};
	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
