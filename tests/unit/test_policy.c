/* SPDX-License-Identifier: ISC */
/* Who may sign.  Row numbers are those of the decision table; a number comes more than once where its case has
 * several sides.  0: a ruling or a rule of the design that the table does not spell out. */
#include "milter/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HASH   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY(d) "key " d " s1 rsa-sha256 keys/" d "/s1.pem " HASH "\n"
#define DOMAINS                                                                                    \
	"domain a.test\n" KEY("a.test") "domain b.test\n" KEY("b.test") "domain c.test\n" KEY(     \
	    "c.test") "domain xn--bcher-kva.test\n" KEY("xn--bcher-kva.test")
#define ALLOWS                                                                                     \
	"allow login shop b.test\nallow login root a.test b.test\nallow network 10.1.0.0/16 "      \
	"a.test\n"
#define LOCAL "allow local a.test\n"

enum which {
	BASE,	  /* as the decision table has it */
	NO_LOCAL, /* the same without local submission */
	SUB,	  /* a login and a network that cover subdomains; sub.b.test has a row of its own */
	STAR,
	LOOPBACK, /* 127.0.0.0/8 as a network */
	NARROW,	  /* networks narrowed to a daemon; bare logins */
	ANY,	  /* authenticated = any */
	SKIP,	  /* if_signed = skip, max_signatures = 2 */
	KEYLESS,  /* a.test tempfail, b.test unsigned */
	LIMIT,	  /* on_limit = tempfail */
	DRY,	  /* dry_run = yes: the decision does not change */
	TABLES
};

static const char *const TEXTS[TABLES] = {
    [BASE] = DOMAINS ALLOWS LOCAL,
    [NO_LOCAL] = DOMAINS ALLOWS,
    [SUB] = DOMAINS "domain sub.b.test\n" KEY(
	"sub.b.test") "allow login alice@a.test a.test .a.test\nallow login exact a.test "
		      "sub.a.test\n"
		      "allow network 10.1.0.0/16 .b.test\nallow local b.test\n",
    [STAR] =
	DOMAINS "allow network 10.1.0.0/16 *\nallow network 10.1.2.0/24 b.test\nallow bare *\n",
    [LOOPBACK] = DOMAINS LOCAL "allow network 127.0.0.0/8 b.test\n",
    [NARROW] = DOMAINS "allow network 10.1.0.0/16 daemon=ORIGINATING a.test\n"
		       "allow network 10.1.2.0/24 daemon=RELAY b.test\nallow bare a.test\n"
		       "allow login none\n",
    [ANY] = "set authenticated any\n" DOMAINS ALLOWS,
    [SKIP] = "set if_signed skip\nset max_signatures 2\n" DOMAINS ALLOWS,
    [KEYLESS] = "domain a.test keyless=tempfail\ndomain b.test keyless=unsigned\n" ALLOWS,
    [LIMIT] = "set on_limit tempfail\n" DOMAINS ALLOWS,
    [DRY] = "set dry_run yes\nset on_limit tempfail\n" DOMAINS ALLOWS,
};

static struct table *tables[TABLES];

struct row {
	int number;
	const char *name;
	enum which table;
	const char *client; /* NULL: none; port 40000 unless it begins with '=': port 0 */
	const char *login;  /* with {auth_type} PLAIN; '!' in front: without */
	const char *from;   /* of a single field; NULL: none; '2' in front: two fields */
	const char *daemon;
	bool nul, over;
	size_t signatures;
	const char *signed_by;
	enum verdict verdict;
	enum reason reason;
	const char *domain; /* of the decision; NULL: none */
};

#define OUT	   "203.0.113.9"
#define ALICE	   "alice@a.test"
#define SIGNS(d)   .verdict = VERDICT_SIGN, .reason = REASON_GRANTED, .domain = (d)
#define NOT(r, d)  .verdict = VERDICT_UNSIGNED, .reason = REASON_##r, .domain = (d)
#define TEMP(r, d) .verdict = VERDICT_TEMPFAIL, .reason = REASON_##r, .domain = (d)

static const struct row ROWS[] = {
    {1, "outsider forges ceo", BASE, OUT, NULL, " ceo@a.test", NOT(OUTSIDE, "a.test")},
    {2, "outsider, foreign From", BASE, OUT, NULL, " x@other.example", NOT(OUTSIDE, NULL)},
    {3, "login signs for its domain", BASE, OUT, ALICE, " alice@a.test", SIGNS("a.test")},
    {4, "login signs for a colleague", BASE, OUT, ALICE, " bob@a.test", SIGNS("a.test")},
    {5, "other tenant", BASE, OUT, ALICE, " x@b.test", NOT(NOT_AUTHORIZED, "b.test")},
    {6, "mapped bare login", BASE, OUT, "shop", " s@b.test", SIGNS("b.test")},
    {7, "unmapped bare login", BASE, OUT, "carol", " x@a.test", NOT(NOT_AUTHORIZED, "a.test")},
    {8, "root for both", BASE, OUT, "root", " x@b.test", SIGNS("b.test")},
    {9, "subdomain", BASE, OUT, ALICE, " x@sub.a.test", NOT(PARENT, "a.test")},
    {10, "subdomain by a dot entry", SUB, OUT, ALICE, " x@sub.a.test", SIGNS("a.test")},
    {11, "no suffix matching in front", BASE, OUT, ALICE, " x@nota.test", NOT(NO_DOMAIN, NULL)},
    {11, "no suffix matching behind", BASE, OUT, ALICE, " x@a.test.evil", NOT(NO_DOMAIN, NULL)},
    {12, "two From", BASE, OUT, ALICE, "2 alice@a.test", NOT(MULTI_FROM, NULL)},
    {13, "second From with a blank", BASE, OUT, ALICE, "2 alice@a.test", NOT(MULTI_FROM, NULL)},
    {14, "two mailboxes", BASE, OUT, ALICE, " a@a.test, b@b.test", NOT(FROM_MULTIPLE, NULL)},
    {15, "quoted address as name", BASE, OUT, ALICE, " \"ceo@b.test\" <alice@a.test>",
	SIGNS("a.test")},
    {16, "bare address as name", BASE, OUT, ALICE, " alice@a.test <x@b.test>",
	NOT(FROM_MALFORMED, NULL)},
    {17, "two angles", BASE, OUT, ALICE, " <alice@a.test> <x@b.test>", NOT(FROM_MALFORMED, NULL)},
    {18, "address in a comment", BASE, OUT, ALICE, " (x@b.test) alice@a.test", SIGNS("a.test")},
    {19, "encoded word", BASE, OUT, ALICE, " =?utf-8?q?x=40b.test?= <alice@a.test>",
	SIGNS("a.test")},
    {20, "two ats", BASE, OUT, ALICE, " \"x\"@b.test@a.test", NOT(FROM_MALFORMED, NULL)},
    {20, "unbalanced quote", BASE, OUT, ALICE, " \"x <alice@a.test>", NOT(FROM_MALFORMED, NULL)},
    {21, "group", BASE, OUT, ALICE, " group: alice@a.test;", NOT(FROM_GROUP, NULL)},
    {22, "source route", BASE, OUT, ALICE, " <@b.test:alice@a.test>", NOT(FROM_ROUTE, NULL)},
    {23, "address literal", BASE, OUT, ALICE, " alice@[192.0.2.1]", NOT(FROM_LITERAL, NULL)},
    {24, "upper case", BASE, OUT, ALICE, " Alice@A.TEST", SIGNS("a.test")},
    {25, "final dot", BASE, OUT, ALICE, " alice@a.test.", NOT(FROM_DOMAIN, NULL)},
    {26, "Cyrillic look-alike", BASE, OUT, ALICE, " alice@\xd0\xb0.test", NOT(NO_DOMAIN, NULL)},
    {27, "U-label is its A-label", BASE, OUT, "u@xn--bcher-kva.test",
	" u@b\xc3\xbc"
	"cher.test",
	SIGNS("xn--bcher-kva.test")},
    {27, "U-label in the login too", BASE, OUT,
	"u@B\xc3\x9c"
	"CHER.test",
	" u@xn--bcher-kva.test", SIGNS("xn--bcher-kva.test")},
    {28, "folded with tabs", BASE, OUT, ALICE, " Alice\r\n\t<alice\r\n @a.test>", SIGNS("a.test")},
    {29, "NUL in the header", BASE, OUT, ALICE, " alice@a.test", .nul = true,
	NOT(HEADER_OCTETS, "a.test")},
    {29, "empty", BASE, OUT, ALICE, " ", NOT(FROM_EMPTY, NULL)},
    {30, "From added by the MTA", BASE, OUT, ALICE, " alice@a.test", SIGNS("a.test")},
    {31, "no From", BASE, OUT, ALICE, NULL, NOT(NO_FROM, NULL)},
    {32, "listed network", BASE, "10.1.2.3", NULL, " x@a.test", SIGNS("a.test")},
    {33, "listed network, other domain", BASE, "10.1.2.3", NULL, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {34, "unlisted neighbour", BASE, "10.2.0.5", NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {35, "mapped IPv4", BASE, "::ffff:10.1.2.3", NULL, " x@a.test", SIGNS("a.test")},
    {35, "mapped IPv4, other domain", BASE, "::ffff:10.1.2.3", NULL, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {36, "no peer", BASE, NULL, NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {37, "re-injected on loopback", BASE, "127.0.0.1", NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {38, "loopback listed", LOOPBACK, "127.0.0.1", NULL, " x@b.test", SIGNS("b.test")},
    {39, "sendmail(1)", BASE, "=127.0.0.1", NULL, " x@a.test", SIGNS("a.test")},
    {39, "sendmail(1) by IPv6", BASE, "=::1", NULL, " x@a.test", SIGNS("a.test")},
    {39, "sendmail(1) not allowed", NO_LOCAL, "=127.0.0.1", NULL, " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {39, "other loopback address", BASE, "=127.0.0.2", NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {39, "port 0 from elsewhere", BASE, "=" OUT, NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {40, "sendmail(1), other domain", BASE, "=127.0.0.1", NULL, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {41, "bounce", BASE, "=127.0.0.1", NULL, " MAILER-DAEMON@a.test (Mail Delivery System)",
	SIGNS("a.test")},
    {42, "foreign envelope is not asked", BASE, OUT, ALICE, " alice@a.test", SIGNS("a.test")},
    {43, "spoofed trace fields are not asked", BASE, OUT, NULL, " x@a.test",
	NOT(OUTSIDE, "a.test")},
    {44, "second message of a session", BASE, OUT, ALICE, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {45, "login without type", BASE, OUT, "!" ALICE, " alice@a.test", NOT(AUTH_MACROS, "a.test")},
    {45, "the network stands", BASE, "10.1.2.3", "!" ALICE, " alice@a.test", SIGNS("a.test")},
    {46, "macros withheld", BASE, OUT, NULL, " alice@a.test", NOT(OUTSIDE, "a.test")},
    {47, "login with CRLF", BASE, OUT, "al\r\nice@a.test", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {47, "login with percent", BASE, OUT, "a%b@a.test", " x@a.test", NOT(NOT_AUTHORIZED, "a.test")},
    {47, "login in UTF-8", BASE, OUT, "\xc3\xbc@a.test", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {47, "login and empty domain", BASE, OUT, "alice@", " x@a.test", NOT(NOT_AUTHORIZED, "a.test")},
    {47, "login and empty local part", BASE, OUT, "@a.test", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {48, "broken key is found later", BASE, OUT, "x@c.test", " x@c.test", SIGNS("c.test")},
    {49, "mapped but no row", BASE, OUT, "x@d.test", " x@d.test", NOT(NO_DOMAIN, NULL)},
    {50, "smuggled, outside", BASE, OUT, NULL, " x@b.test", NOT(OUTSIDE, "b.test")},
    {50, "smuggled, in a session", BASE, OUT, ALICE, " x@b.test", NOT(NOT_AUTHORIZED, "b.test")},
    {51, "signed already: add", BASE, OUT, ALICE, " x@a.test", .signatures = 1,
	.signed_by = "a.test", SIGNS("a.test")},
    {51, "signed already: skip", SKIP, OUT, ALICE, " x@a.test", .signatures = 1,
	.signed_by = "a.test", NOT(ALREADY_SIGNED, "a.test")},
    {51, "signed by another: skip", SKIP, OUT, ALICE, " x@a.test", .signatures = 1,
	.signed_by = "b.test", SIGNS("a.test")},
    {52, "Resent-From is not asked", BASE, OUT, ALICE, " alice@a.test", SIGNS("a.test")},
    {53, "Sender is not asked", BASE, OUT, ALICE, " alice@a.test", SIGNS("a.test")},
    {54, "a daemon does not narrow logins", NARROW, OUT, ALICE, " x@a.test", "mx", SIGNS("a.test")},
    {55, "a daemon never grants", NARROW, OUT, NULL, " x@a.test", "ORIGINATING",
	NOT(OUTSIDE, "a.test")},
    {56, "duplicates are signed", BASE, OUT, ALICE, " x@a.test", SIGNS("a.test")},
    {57, "no rate cap", BASE, OUT, ALICE, " x@a.test", SIGNS("a.test")},
    {58, "list keeps its author", BASE, "10.1.2.3", NULL, " x@yahoo.example", NOT(NO_DOMAIN, NULL)},
    {59, "forwarded", BASE, OUT, NULL, " x@yahoo.example", NOT(OUTSIDE, NULL)},
    {60, "over the cap", BASE, OUT, ALICE, " x@a.test", .over = true, NOT(HEADER_LIMIT, "a.test")},
    {60, "over the cap, 451 by choice", LIMIT, OUT, ALICE, " x@a.test", .over = true,
	TEMP(HEADER_LIMIT, "a.test")},
    {60, "From behind the cap", LIMIT, OUT, ALICE, "", .over = true, TEMP(HEADER_LIMIT, NULL)},
    {60, "over the cap, outside", LIMIT, OUT, NULL, " x@a.test", .over = true,
	NOT(OUTSIDE, "a.test")},
    {60, "over the cap, not entitled", LIMIT, OUT, ALICE, " x@b.test", .over = true,
	NOT(NOT_AUTHORIZED, "b.test")},
    /* rulings */
    {0, "longest suffix has its own row", SUB, "10.1.2.3", NULL, " x@sub.b.test",
	SIGNS("sub.b.test")},
    {0, "longest suffix below", SUB, "10.1.2.3", NULL, " x@y.sub.b.test", SIGNS("sub.b.test")},
    {0, "a dot entry is below only", SUB, "10.1.2.3", NULL, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {0, "parent by a dot entry", SUB, "10.1.2.3", NULL, " x@z.b.test", SIGNS("b.test")},
    {0, "an exact entry does not let the parent sign", SUB, OUT, "exact", " x@sub.a.test",
	NOT(PARENT, "a.test")},
    {0, "sendmail(1) for a subdomain", SUB, "=127.0.0.1", NULL, " x@w.b.test",
	NOT(PARENT, "b.test")},
    {0, "star covers all", STAR, "10.1.9.9", NULL, " x@b.test", SIGNS("b.test")},
    {0, "star covers subdomains", STAR, "10.1.9.9", NULL, " x@sub.b.test", SIGNS("b.test")},
    {0, "star never leaves the table", STAR, "10.1.9.9", NULL, " x@d.test", NOT(NO_DOMAIN, NULL)},
    {0, "any row of the class grants", STAR, "10.1.2.9", NULL, " x@a.test", SIGNS("a.test")},
    {0, "bare login by star", STAR, OUT, "carol", " x@a.test", SIGNS("a.test")},
    {0, "bare rows are not for user@domain", STAR, OUT, ALICE, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {0, "bare login", NARROW, OUT, "carol", " x@a.test", SIGNS("a.test")},
    {0, "bare login, other domain", NARROW, OUT, "carol", " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {0, "a login row without domains takes the right away", NARROW, OUT, "none", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {0, "a login row replaces the built-in right", SUB, OUT, ALICE, " x@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {0, "login domain in upper case", BASE, OUT, "alice@A.TEST", " x@a.test", SIGNS("a.test")},
    {0, "login is split at the last at", BASE, OUT, "alice@b.test@a.test", " x@a.test",
	SIGNS("a.test")},
    {0, "login is split at the last at, not the first", BASE, OUT, "alice@b.test@a.test",
	" x@b.test", NOT(NOT_AUTHORIZED, "b.test")},
    {0, "login names compare exactly", BASE, OUT, "Shop", " s@b.test",
	NOT(NOT_AUTHORIZED, "b.test")},
    {0, "narrowed network", NARROW, "10.1.2.3", NULL, " x@a.test", "ORIGINATING", SIGNS("a.test")},
    {0, "narrowed network, other daemon", NARROW, "10.1.2.3", NULL, " x@a.test", "smtpd",
	NOT(OUTSIDE, "a.test")},
    {0, "narrowed network, no daemon", NARROW, "10.1.2.3", NULL, " x@a.test",
	NOT(OUTSIDE, "a.test")},
    {0, "the daemon chooses the row", NARROW, "10.1.2.3", NULL, " x@a.test", "RELAY",
	NOT(NOT_AUTHORIZED, "a.test")},
    {0, "AUTH comes before the network", BASE, "10.1.2.3", "x@b.test", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {0, "the network comes before sendmail(1)", LOOPBACK, "=127.0.0.1", NULL, " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {0, "type without login is no login", BASE, OUT, "", " x@a.test", NOT(OUTSIDE, "a.test")},
    {0, "any: other tenant", ANY, OUT, ALICE, " x@b.test", SIGNS("b.test")},
    {0, "any: bare login", ANY, OUT, "carol", " x@b.test", SIGNS("b.test")},
    {0, "any: a login row still overrides", ANY, OUT, "shop", " x@a.test",
	NOT(NOT_AUTHORIZED, "a.test")},
    {0, "any: not for outsiders", ANY, OUT, NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {0, "below max_signatures", SKIP, OUT, ALICE, " x@a.test", .signatures = 1, SIGNS("a.test")},
    {0, "max_signatures", SKIP, OUT, ALICE, " x@a.test", .signatures = 2,
	NOT(MAX_SIGNATURES, "a.test")},
    {0, "keyless", KEYLESS, OUT, ALICE, " x@a.test", TEMP(KEYLESS, "a.test")},
    {0, "keyless by choice unsigned", KEYLESS, OUT, "x@b.test", " x@b.test",
	NOT(KEYLESS, "b.test")},
    {0, "keyless, outside", KEYLESS, OUT, NULL, " x@a.test", NOT(OUTSIDE, "a.test")},
    {0, "dry run decides the same: sign", DRY, OUT, ALICE, " x@a.test", SIGNS("a.test")},
    {0, "dry run decides the same: tempfail", DRY, OUT, ALICE, " x@a.test", .over = true,
	TEMP(HEADER_LIMIT, "a.test")},
};

static bool
signed_by(const void *arg, struct slice domain)
{
	return arg != NULL && slice_eq_str(domain, arg);
}

static void
make_facts(const struct row *row, struct policy_facts *f)
{
	struct err err = ERR_INIT;
	const char *client = row->client, *login = row->login, *from = row->from;

	memset(f, 0, sizeof(*f));
	if (client != NULL) {
		f->peer_port = client[0] == '=' ? 0 : 40000;
		assert_int_equal(
		    ip_addr_parse(slice_of(client + (client[0] == '=')), &f->peer, &err), 0);
	}
	if (login != NULL) {
		f->auth_type = login[0] == '!' ? slice_of(NULL) : SLICE_LIT("PLAIN");
		f->auth_authen = slice_of(login + (login[0] == '!'));
	}
	if (from != NULL) {
		f->from_count = from[0] == '2' ? 2 : 1;
		f->from = slice_of(from + (from[0] == '2'));
	}
	f->daemon_name = slice_of(row->daemon);
	f->header_has_nul = row->nul;
	f->header_over_limit = row->over;
	f->signature_count = row->signatures;
	f->has_signature_of = signed_by;
	f->has_signature_arg = row->signed_by;
}

static void
policy_decide_every_row_as_ruled(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const struct row *row = &ROWS[i];
		struct policy_facts facts;
		struct decision d;

		make_facts(row, &facts);
		policy_decide(tables[row->table], &facts, &d);
		if (d.verdict == row->verdict && d.reason == row->reason &&
		    (d.domain == NULL) == (row->domain == NULL) &&
		    (d.domain == NULL || strcmp(d.domain->name, row->domain) == 0))
			continue;
		print_error("row %d (%s): verdict %d reason %s domain %s\n", row->number, row->name,
		    (int)d.verdict, policy_reason_name(d.reason),
		    d.domain != NULL ? d.domain->name : "-");
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
policy_decide_all_numbers_are_here(void **state)
{
	bool seen[61] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		seen[ROWS[i].number] = true;
	for (size_t n = 1; n <= 60; n++)
		if (!seen[n])
			fail_msg("row %zu has no case", n);
}

/* Row 47: a login of 1 KB, and one that is longer than any table holds though its tail would fit. */
static void
policy_decide_huge_login_unsigned(void **state)
{
	static char login[1024 + sizeof("@a.test")];
	struct policy_facts facts;
	struct decision d;

	(void)state;
	memset(login, 'a', 1024);
	memcpy(login + 1024, "@a.test", sizeof("@a.test"));
	make_facts(&(struct row){.client = OUT, .login = login, .from = " x@a.test"}, &facts);
	policy_decide(tables[BASE], &facts, &d);
	assert_int_equal(d.verdict, VERDICT_UNSIGNED);
	assert_int_equal(d.reason, REASON_NOT_AUTHORIZED);
	facts.auth_authen = slice_sub(facts.auth_authen, 1024 - 300, 300 + 7);
	policy_decide(tables[BASE], &facts, &d);
	assert_int_equal(d.verdict, VERDICT_SIGN);
}

/* The session keeps one octet more than a table holds.  What is left of a U-label may be a name of its own, with an
 * A-label that fits. */
static void
policy_decide_cut_login_unsigned(void **state)
{
	static const char DOMAIN[] =
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad.test";
	char login[TABLE_LOGIN_LEN_MAX + 2];
	const size_t local_len = sizeof(login) - sizeof(DOMAIN) - 1;
	struct policy_facts facts;
	struct decision d;

	(void)state;
	memset(login, 'a', local_len);
	login[local_len] = '@';
	memcpy(login + local_len + 1, DOMAIN, sizeof(DOMAIN));
	make_facts(&(struct row){.client = OUT, .login = login, .from = " x@a.test"}, &facts);
	policy_decide(tables[ANY], &facts, &d);
	assert_int_equal(d.verdict, VERDICT_UNSIGNED);
	facts.auth_authen = slice_from(facts.auth_authen, 1);
	policy_decide(tables[ANY], &facts, &d);
	assert_int_equal(d.verdict, VERDICT_SIGN);
}

/* A NUL cannot come through connection.c, but the decision must not hang on that. */
static void
policy_decide_nul_in_login_unsigned(void **state)
{
	struct policy_facts facts;
	struct decision d;

	(void)state;
	make_facts(&(struct row){.client = OUT, .login = "x", .from = " x@a.test"}, &facts);
	facts.auth_authen = SLICE_LIT("al\0ice@a.test");
	policy_decide(tables[BASE], &facts, &d);
	assert_int_equal(d.verdict, VERDICT_UNSIGNED);
}

static void
policy_decide_names_origin_and_rule(void **state)
{
	static const struct {
		struct row row;
		enum origin origin;
		enum allow_kind kind;
		bool has_rule;
	} CASES[] = {
	    {{.client = OUT, .login = ALICE, .from = " x@a.test"}, ORIGIN_AUTH, ALLOW_LOGIN, false},
	    {{.client = OUT, .login = "shop", .from = " x@b.test"}, ORIGIN_AUTH, ALLOW_LOGIN, true},
	    {{.client = "10.1.0.1", .from = " x@a.test"}, ORIGIN_NETWORK, ALLOW_NETWORK, true},
	    {{.client = "=::1", .from = " x@a.test"}, ORIGIN_LOCAL, ALLOW_LOCAL, true},
	    {{.client = OUT, .from = " x@a.test"}, ORIGIN_OUTSIDE, ALLOW_BARE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct policy_facts facts;
		struct decision d;

		make_facts(&CASES[i].row, &facts);
		policy_decide(tables[BASE], &facts, &d);
		assert_int_equal(d.origin, CASES[i].origin);
		assert_true((d.allow != NULL) == CASES[i].has_rule);
		if (d.allow != NULL)
			assert_int_equal(d.allow->kind, CASES[i].kind);
		assert_true(strlen(d.author) > 0);
	}
}

static void
policy_reason_name_and_help_for_all(void **state)
{
	(void)state;
	for (int r = 0; r < REASON_COUNT; r++) {
		assert_non_null(policy_reason_name((enum reason)r));
		assert_non_null(policy_reason_help((enum reason)r));
		for (int q = 0; q < r; q++)
			assert_string_not_equal(
			    policy_reason_name((enum reason)r), policy_reason_name((enum reason)q));
	}
	assert_string_equal(policy_reason_name(REASON_MULTI_FROM), "multi-from");
	assert_string_equal(policy_origin_name(ORIGIN_NETWORK), "network");
}

static int
parse_tables(void **state)
{
	(void)state;
	for (int i = 0; i < TABLES; i++) {
		struct err err = ERR_INIT;
		struct buf text;
		unsigned lines = 2;

		for (const char *c = TEXTS[i]; *c != '\0'; c++)
			lines += *c == '\n';
		buf_init(&text, 16384);
		buf_printf(&text, "signpost-table 1\ngeneration 1\n%send %u\n", TEXTS[i], lines);
		if (table_parse(buf_slice(&text), "table", &tables[i], &err) != 0)
			fail_msg("table %d: %s", i, err.text);
		buf_deinit(&text);
	}
	return 0;
}

static int
free_tables(void **state)
{
	(void)state;
	for (int i = 0; i < TABLES; i++)
		table_free(tables[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_decide_every_row_as_ruled),
	    cmocka_unit_test(policy_decide_all_numbers_are_here),
	    cmocka_unit_test(policy_decide_huge_login_unsigned),
	    cmocka_unit_test(policy_decide_cut_login_unsigned),
	    cmocka_unit_test(policy_decide_nul_in_login_unsigned),
	    cmocka_unit_test(policy_decide_names_origin_and_rule),
	    cmocka_unit_test(policy_reason_name_and_help_for_all),
	};

	return cmocka_run_group_tests(tests, parse_tables, free_tables);
}
