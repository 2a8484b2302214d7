/* SPDX-License-Identifier: ISC */
/* What a probe claims, and what is made of the answer.  Real milters are asked end to end. */
#include "signpost/signer_facts.h"
#include "signpost/signer_judge.h"
#include "signpost/signers.h"
#include "tests/unit/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define HASH	  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY(d, s) "key " d " " s " rsa-sha256 k.pem " HASH "\n"
#define A	  "domain a.test\n" KEY("a.test", "s1")
#define NOBODY                                                                                     \
	"allow login signpost-probe@a.test\nallow login signpost-probe@signpost-probe.a.test\n"

/* What explain and doctor tell of a milter that lags. */
static const struct said_row SAID[] = {
    {"unix:/m still signs a.test with s0, the table says s1: has it an older table?", "it signs with another key than the table names"},
    {"unix:/m still signs a.test with s1, which is to be signed no more", "the domain is removed, and it still signs"},
    {"unix:/m signs a.test with s1 only, the table says s1, e1; its log says what is wrong with the rest", "one of two keys"},
    {"unix:/m signs a.test as d=test.example, and not as itself", "another domain's key"},
    {"unix:/m signs nothing of a.test: it takes the mail as it is; its log gives the reason in a line \"probe\"", "no signature"},
    {"unix:/m signs nothing of a.test: it answers \"tempfail\"; *", "no signature, 4xx without a text"},
    {"unix:/m signs nothing of a.test: it answers \"reject\"; *", "no signature, 5xx without a text"},
    {"unix:/m signs nothing of a.test: it answers \"discard\"; *", "no signature, discarded"},
    {"unix:/m signs nothing of a.test: 451 4.7.1 not now; *", "no signature, the text of its reply"},
    {"unix:/m does not sign a.test, but not because of this table: *; its log gives the reason in a line \"probe\"", "removed, and it answers otherwise than the table says"},
    {"unix:/m inserts a DKIM-Signature that does not parse: *", "garbage"},
};

static struct table *
parse(const char *rows)
{
	struct table *table = NULL;
	struct err err = ERR_INIT;
	unsigned lines = 2;
	struct buf text;

	for (const char *c = rows; *c != '\0'; c++)
		lines += *c == '\n';
	buf_init(&text, 65536);
	buf_printf(&text, "signpost-table 1\ngeneration 1\n%send %u\n", rows, lines);
	if (table_parse(buf_slice(&text), "test", &table, &err) != 0)
		fail_msg("%s", err.text);
	buf_deinit(&text);
	return table;
}

static const struct {
	const char *name, *rows, *domain, *from, *login, *client, *daemon; /* from NULL: no rule */
	uint16_t port;
} FACTS[] = {
    {"a login of the domain", A, "a.test", "signpost-probe@a.test", "signpost-probe@a.test", "",
	NULL, 0},
    {"any login", "set authenticated any\n" A, "a.test", "signpost-probe@a.test",
	"signpost-probe@a.test", "", NULL, 0},
    {"without keys", "domain a.test\n", "a.test", "signpost-probe@a.test", "signpost-probe@a.test",
	"", NULL, 0},
    {"without a row", "domain b.test\n", "a.test", "signpost-probe@a.test", "signpost-probe@a.test",
	"", NULL, 0},
    {"without a row, in the middle", "domain b.a.test\ndomain 0.test\n", "a.test",
	"signpost-probe@a.test", "signpost-probe@a.test", "", NULL, 0},
    {"without a row, below one that has", A, "sub.a.test", "signpost-probe@sub.a.test",
	"signpost-probe@sub.a.test", "", NULL, 0},
    {"no table to speak of", "", "a.test", "signpost-probe@a.test", "signpost-probe@a.test", "",
	NULL, 0},
    {"no rule", A NOBODY, "a.test", NULL, "", "", NULL, 0},
    {"no rule, no row", NOBODY, "a.test", NULL, "", "", NULL, 0},
    {"bare logins", A NOBODY "allow bare a.test\n", "a.test", "signpost-probe@a.test",
	"signpost-probe", "", NULL, 0},
    {"bare logins of another domain", A NOBODY "allow bare b.test\n", "a.test", NULL, "", "", NULL,
	0},
    {"a login block", A NOBODY "allow login shop b.test a.test\n", "a.test",
	"signpost-probe@a.test", "shop", "", NULL, 0},
    {"a login block of another domain", A NOBODY "allow login shop b.test\n", "a.test", NULL, "",
	"", NULL, 0},
    {"a network", A NOBODY "allow network 10.1.0.0/16 a.test\n", "a.test", "signpost-probe@a.test",
	"", "10.1.0.0", NULL, 40000},
    {"a network and its listener", A NOBODY "allow network 2001:db8::/32 daemon=inside a.test\n",
	"a.test", "signpost-probe@a.test", "", "2001:db8::", "inside", 40000},
    {"the second network", A NOBODY "allow network 10.1.0.0/16 b.test\nallow network 10.2.3.4 *\n",
	"a.test", "signpost-probe@a.test", "", "10.2.3.4", NULL, 40000},
    {"sendmail(1)", A NOBODY "allow local a.test\n", "a.test", "signpost-probe@a.test", "",
	"127.0.0.1", NULL, 0},
    {"sendmail(1), where a network takes the address",
	A NOBODY "allow local a.test\nallow network 127.0.0.1 b.test\n", "a.test",
	"signpost-probe@a.test", "", "::1", NULL, 0},
    {"only for what lies below", A NOBODY "allow network 10.1.0.0/16 .a.test\n", "a.test",
	"signpost-probe@signpost-probe.a.test", "", "10.1.0.0", NULL, 40000},
    {"below, but that has a row",
	A NOBODY "domain signpost-probe.a.test\nallow network 10.1.0.0/16 .a.test\n", "a.test",
	NULL, "", "", NULL, 0},
    {"an exact name below is not the domain's", A NOBODY "allow network 10.1.0.0/16 x.a.test\n",
	"a.test", NULL, "", "", NULL, 0},
    {"header caps and skipping do not matter",
	"set if_signed skip\nset max_signatures 1\nset dry_run yes\nset header_count_max 10\n" A,
	"a.test", "signpost-probe@a.test", "signpost-probe@a.test", "", NULL, 0},
};

static void
signer_facts_find_what_the_policy_grants(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++) {
		struct table *table = parse(FACTS[i].rows);
		struct signer_facts f;
		struct err err = ERR_INIT;
		bool found;

		assert_int_equal(signer_facts_find(table, FACTS[i].domain, &f, &found, &err), 0);
		if (found != (FACTS[i].from != NULL))
			fail_msg("%s: found %d: %s", FACTS[i].name, (int)found, f.login);
		if (found &&
		    (strcmp(f.from, FACTS[i].from) != 0 || strcmp(f.login, FACTS[i].login) != 0 ||
			strcmp(f.client, FACTS[i].client) != 0 || f.client_port != FACTS[i].port ||
			!slice_eq(slice_of(f.daemon), slice_of(FACTS[i].daemon))))
			fail_msg("%s: from %s login \"%s\" client \"%s\" port %d", FACTS[i].name,
			    f.from, f.login, f.client, (int)f.client_port);
		table_free(table);
	}
}

/* The longest name has no room for one below it. */
static void
signer_facts_find_longest_domain(void **state)
{
	char label[65], domain[DOMAIN_LEN_MAX + 1], rows[1024];
	struct signer_facts f;
	struct err err = ERR_INIT;
	struct table *table;
	bool found;

	(void)state;
	memset(label, 'x', 63);
	label[63] = '\0';
	assert_int_equal(
	    snprintf(domain, sizeof(domain), "%s.%s.%s.%.61s", label, label, label, label), 253);
	(void)snprintf(
	    rows, sizeof(rows), "domain %s\nallow login signpost-probe@%s\n", domain, domain);
	table = parse(rows);
	assert_int_equal(signer_facts_find(table, domain, &f, &found, &err), 0);
	assert_false(found);
	table_free(table);
	table = parse("");
	assert_int_equal(signer_facts_find(table, domain, &f, &found, &err), 0);
	assert_true(found);
	assert_int_equal(strlen(f.login), 253 + sizeof(SIGNER_PROBE_NAME));
	table_free(table);
}

#define SIG(d, s, a)                                                                               \
	" v=1; a=" a "; c=relaxed/relaxed; d=" d "; s=" s ";\n\th=From; bh=" HASH "; b=AAAA"
#define RSA(s)	 SIG("a.test", s, "rsa-sha256")
#define ED(s)	 SIG("a.test", s, "ed25519-sha256")
#define OLD_SAID "still signs a.test with s0, the table says s1: has it an older table?"

static const struct {
	const char *name, *keys; /* rows of keys of a.test, or the whole table; NULL: no row */
	const char *values[4];
	enum milter_answer answer;
	const char *text, *want; /* want NULL: right */
} ANSWERS[] = {
    {"as the table says", KEY("a.test", "s1"), {RSA("s1")}, MILTER_ACCEPTED, "", NULL},
    {"selectors have no case", KEY("a.test", "s1"), {RSA("S1")}, MILTER_ACCEPTED, "", NULL},
    {"d= has no case", KEY("a.test", "s1"), {SIG("A.Test", "s1", "rsa-sha256")}, MILTER_ACCEPTED,
	"", NULL},
    {"two keys in any order", KEY("a.test", "s1") "key a.test e1 ed25519-sha256 e.pem " HASH "\n",
	{ED("e1"), RSA("s1")}, MILTER_ACCEPTED, "", NULL},
    {"another domain's beside it", KEY("a.test", "s1"),
	{SIG("b.test", "x", "rsa-sha256"), RSA("s1")}, MILTER_ACCEPTED, "", NULL},
    {"old table", KEY("a.test", "s1"), {RSA("s0")}, MILTER_ACCEPTED, "", OLD_SAID},
    {"old and new", KEY("a.test", "s1"), {RSA("s1"), RSA("s0")}, MILTER_ACCEPTED, "",
	"still signs a.test with s1, s0, the table says s1"},
    {"another algorithm", KEY("a.test", "s1"), {ED("s1")}, MILTER_ACCEPTED, "",
	"still signs a.test with s1"},
    {"an algorithm of others", KEY("a.test", "s1"), {SIG("a.test", "s1", "rsa-sha512")},
	MILTER_ACCEPTED, "", "still signs a.test with s1"},
    {"one of two", KEY("a.test", "s1") "key a.test e1 ed25519-sha256 e.pem " HASH "\n", {RSA("s1")},
	MILTER_ACCEPTED, "",
	"signs a.test with s1 only, the table says s1, e1; its log says what is wrong with the "
	"rest"},
    {"one of two, twice", KEY("a.test", "s1") KEY("a.test", "s2"), {RSA("s1"), RSA("s1")},
	MILTER_ACCEPTED, "", "signs a.test with s1, s1 only"},
    {"nothing", KEY("a.test", "s1"), {NULL}, MILTER_ACCEPTED, "",
	"signs nothing of a.test: it takes the mail as it is; its log gives the reason"},
    {"451", KEY("a.test", "s1"), {NULL}, MILTER_TEMPFAILED, "451 4.7.1 not now",
	"signs nothing of a.test: 451 4.7.1 not now; its log"},
    {"tempfail", KEY("a.test", "s1"), {NULL}, MILTER_TEMPFAILED, "", "it answers \"tempfail\""},
    {"550", KEY("a.test", "s1"), {NULL}, MILTER_REJECTED, "550 5.7.1 no",
	": 550 5.7.1 no; its log"},
    {"reject", KEY("a.test", "s1"), {NULL}, MILTER_REJECTED, "", "it answers \"reject\""},
    {"discard", KEY("a.test", "s1"), {NULL}, MILTER_DISCARDED, "", "it answers \"discard\""},
    {"the parent signs", KEY("a.test", "s1"), {SIG("test.example", "s1", "rsa-sha256")},
	MILTER_ACCEPTED, "", "signs a.test as d=test.example, and not as itself"},
    {"garbage", KEY("a.test", "s1"), {" v=1; d=a.test"}, MILTER_ACCEPTED, "",
	"inserts a DKIM-Signature that does not parse: "},
    {"removed, gone", NULL, {NULL}, MILTER_ACCEPTED, "", NULL},
    {"removed, keyless", "", {NULL}, MILTER_TEMPFAILED, "451 4.7.1 no", NULL},
    {"removed, the parent signs", NULL, {SIG("test.example", "s1", "rsa-sha256")}, MILTER_ACCEPTED,
	"", NULL},
    {"removed, keyless, but it is taken", "", {NULL}, MILTER_ACCEPTED, "",
	"does not sign a.test, but not because of this table: it takes the mail as it is; its log"},
    {"removed, gone, but 451", NULL, {NULL}, MILTER_TEMPFAILED, "451 4.7.1 no",
	"does not sign a.test, but not because of this table: 451 4.7.1 no; its log"},
    {"removed, keyless and unsigned by choice", "domain a.test keyless=unsigned\n", {NULL},
	MILTER_ACCEPTED, "", NULL},
    {"the same, but 451", "domain a.test keyless=unsigned\n", {NULL}, MILTER_TEMPFAILED, "",
	"but not because of this table"},
    {"removed, keyless, dry run", "set dry_run yes\ndomain a.test\n", {NULL}, MILTER_ACCEPTED, "",
	NULL},
    {"removed, old table", "", {RSA("s1")}, MILTER_ACCEPTED, "",
	"still signs a.test with s1, which is to be signed no more"},
    {"removed and gone, old table", NULL, {RSA("s1"), ED("e1")}, MILTER_ACCEPTED, "",
	"still signs a.test with s1, e1, which is to be signed no more"},
};

static void
signer_judge_every_answer_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		char name[] = "DKIM-signature", other[] = "X-Other", x[] = " v", rows[2048];
		struct milter_inserted inserted[5] = {{0, other, x}};
		struct milter_reply reply = {
		    .answer = ANSWERS[i].answer, .inserted = inserted, .inserted_count = 1};
		struct err why = ERR_INIT;
		const char *keys = ANSWERS[i].keys;
		struct table *table;

		(void)snprintf(rows, sizeof(rows), "%s%s",
		    keys != NULL && strstr(keys, "domain ") == NULL ? "domain a.test\n" : "",
		    keys != NULL ? keys : "");
		table = parse(rows);
		for (size_t k = 0; k < 4 && ANSWERS[i].values[k] != NULL; k++)
			inserted[reply.inserted_count++] =
			    (struct milter_inserted){0, name, strdup(ANSWERS[i].values[k])};
		(void)snprintf(reply.text, sizeof(reply.text), "%s", ANSWERS[i].text);
		const struct signer_expect e = {"unix:/m", "a.test", table};
		bool right = signer_judge(&e, &reply, &why);
		hear(why.text);
		if (right != (ANSWERS[i].want == NULL))
			fail_msg("%s: %d %s", ANSWERS[i].name, (int)right, why.text);
		if (!right && (strncmp(why.text, "unix:/m ", 8) != 0 ||
				  strstr(why.text, ANSWERS[i].want) == NULL))
			fail_msg("%s: says \"%s\"", ANSWERS[i].name, why.text);
		for (size_t k = 1; k < reply.inserted_count; k++)
			free(inserted[k].value);
		table_free(table);
	}
}

static void
signers_ask_without_milters_needs_nothing(void **state)
{
	const struct signers_conf conf = {.timeout_ms = 100};
	struct signers_answer a = {.domain = "a.test"};
	struct table *table = parse(A);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(signers_ask(&conf, table, &a, 1, &err), 0);
	assert_false(a.needed);
	assert_true(a.agree);
	assert_false(a.silent);
	assert_string_equal(a.laggard, "");
	table_free(table);
}

/* Several milters that are not there: the first is named, for each domain; one that no rule grants waits for none. */
static void
signers_ask_names_who_does_not_answer(void **state)
{
	char one[] = "unix:/nonexistent/one", two[] = "inet:1@127.0.0.1", three[] = "nonsense";
	char *milters[] = {one, two, three};
	const struct signers_conf conf = {.milters = milters, .milter_count = 3, .timeout_ms = 300};
	struct signers_answer a[] = {
	    {.domain = "a.test"}, {.domain = "b.test"}, {.domain = "n.test"}};
	struct table *table = parse(A "allow login signpost-probe@n.test\n"
				      "allow login signpost-probe@signpost-probe.n.test\n");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(signers_ask(&conf, table, a, 3, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_true(a[i].needed);
		assert_false(a[i].agree);
		assert_int_equal(a[i].laggards, 3);
		assert_string_equal(a[i].laggard,
		    "unix:/nonexistent/one does not answer: cannot connect: No such file or "
		    "directory; is the milter running, and is this its socket? (and 2 more)");
	}
	assert_false(a[2].needed);
	assert_true(a[2].agree);
	assert_int_equal(a[2].laggards, 0);
	table_free(table);
}

/* One that takes connections and says nothing: a timeout or two, however many domains there are. */
static void
signers_ask_mute_milter_costs_one_timeout(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/test-signers-XXXXXX";
	char *milters[] = {sa.sun_path};
	const struct signers_conf conf = {.milters = milters, .milter_count = 1, .timeout_ms = 200};
	struct signers_answer a[50];
	struct timespec begin, end;
	struct table *table = parse(A);
	struct err err = ERR_INIT;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/s", dir);
	assert_int_equal(bind(listener, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listener, 4), 0);
	for (size_t i = 0; i < 50; i++)
		a[i] = (struct signers_answer){.domain = "a.test"};
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(signers_ask(&conf, table, a, 50, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 3);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(a[i].laggards, 1);
		assert_true(a[i].silent);
		assert_non_null(
		    strstr(a[i].laggard, "/s does not answer: no answer within 200 ms"));
	}
	close(listener);
	unlink(sa.sun_path);
	rmdir(dir);
	table_free(table);
}

static void
laggards_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signer_facts_find_what_the_policy_grants),
	    cmocka_unit_test(signer_facts_find_longest_domain),
	    cmocka_unit_test(signer_judge_every_answer_in_words),
	    cmocka_unit_test(signers_ask_without_milters_needs_nothing),
	    cmocka_unit_test(signers_ask_names_who_does_not_answer),
	    cmocka_unit_test(signers_ask_mute_milter_costs_one_timeout),
	    cmocka_unit_test(laggards_each_was_said), /* the last */
	};

	return cmocka_run_group_tests_name("signers", tests, NULL, NULL);
}
