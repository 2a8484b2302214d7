/* SPDX-License-Identifier: ISC */
/* Messages on a session, as connection.c would bring them; what the signatures are worth is judged end to end by
 * other programs.  Comments name rows of the decision table of who may sign. */
#include "milter/session.h"
#include "tests/unit/fixture_log.h"
#include "tests/unit/fixture_table.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

struct world {
	struct fixture fx;
	struct counters counters;
	struct keyring *ring;
	struct session *session;
	char rsa[48], ed[48];
	char inserted[TABLE_KEYS_MAX][8192];
	size_t inserted_count;
	bool insert_fails;
};

#define RULES "allow login none\nallow local a.test\nallow network 10.0.0.0/8 a.test\n"

static int
take(void *arg, const char *value)
{
	struct world *w = arg;

	if (w->insert_fails)
		return -1;
	assert_true(w->inserted_count < TABLE_KEYS_MAX);
	assert_true(strlen(value) < sizeof(w->inserted[0]));
	(void)snprintf(w->inserted[w->inserted_count++], sizeof(w->inserted[0]), "%s", value);
	return 0;
}

static void
table(struct world *w, unsigned generation, const char *settings, const char *options)
{
	char rows[2048];

	(void)snprintf(rows, sizeof(rows),
	    "%sdomain a.test %s\nkey a.test e1 ed25519-sha256 e1.pem %s\nkey a.test r1 rsa-sha256 "
	    "r1.pem %s\n"
	    "domain c.test\nkey c.test r1 rsa-sha256 gone.pem %s\ndomain k.test "
	    "keyless=unsigned\n" RULES,
	    settings, options, w->ed, w->rsa, w->rsa);
	fixture_table(&w->fx, generation, rows);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct session_abilities all = {.leading_space = true};
	const struct sockaddr_in peer = {
	    .sin_family = AF_INET, .sin_port = htons(40000), .sin_addr.s_addr = htonl(0xc0000201)};

	if (w == NULL)
		return -1;
	fixture_init(&w->fx);
	fixture_key(&w->fx, "r1.pem", KEY_RSA_SHA256, 0, w->rsa);
	fixture_key(&w->fx, "e1.pem", KEY_ED25519_SHA256, 0, w->ed);
	table(w, 1, "", "");
	w->ring = keyring_new(w->fx.table, &w->counters);
	w->session = session_new(w->ring, &w->counters);
	session_negotiated(w->session, &all);
	session_connect(w->session, (const struct sockaddr *)&peer, "smtpd");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	session_free(w->session);
	keyring_free(w->ring);
	fixture_deinit(&w->fx);
	free(w);
	return 0;
}

static enum session_answer
head(struct world *w, const char *login, const char *from)
{
	w->inserted_count = 0;
	session_mail(w->session, login != NULL ? "PLAIN" : NULL, login);
	(void)session_header(w->session, "From", from);
	(void)session_header(w->session, "Subject", " a\n\tfold");
	return session_eoh(w->session, "Q1");
}

static enum session_answer
rest(struct world *w)
{
	(void)session_body(w->session, SLICE_LIT("hello\r"));
	(void)session_body(w->session, SLICE_LIT("\nworld\r\n"));
	return session_eom(w->session, "Q1", take, w);
}

static void
session_entitled_signed_rsa_on_top(void **state)
{
	struct world *w = *state;

	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 2);
	assert_non_null(strstr(w->inserted[0], "a=ed25519-sha256"));
	assert_non_null(strstr(w->inserted[1], "a=rsa-sha256"));
	assert_non_null(strstr(w->inserted[1], "t="));
	for (size_t i = 0; i < 2; i++) {
		assert_null(strchr(w->inserted[i], '\r'));
		assert_int_equal(w->inserted[i][0], ' ');
	}
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNATURES), 2);
	assert_int_equal(counters_get(&w->counters, COUNTER_BODY_BYTES), 14);
}

static void
session_without_leading_space_relaxed_and_no_space(void **state)
{
	struct world *w = *state;
	const struct session_abilities none = {.leading_space = false};

	table(w, 2, "", "c=simple/simple");
	session_negotiated(w->session, &none);
	assert_int_equal(head(w, "x@a.test", "x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(strncmp(w->inserted[1], "v=1;", 4), 0);
	assert_non_null(strstr(w->inserted[1], "c=relaxed/simple"));
}

static void
session_options_of_the_domain_hold(void **state)
{
	struct world *w = *state;

	table(w, 2, "", "t=no x=0 c=simple/relaxed");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_null(strstr(w->inserted[1], " t="));
	assert_null(strstr(w->inserted[1], "\tt="));
	assert_null(strstr(w->inserted[1], "x="));
	assert_non_null(strstr(w->inserted[1], "c=simple/relaxed"));
}

static void
session_clock_untrusted_no_times(void **state)
{
	struct world *w = *state;

	table(w, 2, "clock untrusted\n", "x=864000");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_null(strstr(w->inserted[1], "t=1"));
	assert_null(strstr(w->inserted[1], "x="));
	table(w, 3, "", "x=864000");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_non_null(strstr(w->inserted[1], "x="));
	table(w, 4, "date 1700000000\n", "x=864000");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_non_null(strstr(w->inserted[1], "x="));
	/* a table from the future: it is this clock that was set back */
	table(w, 5, "date 99999999999\n", "x=864000");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_null(strstr(w->inserted[1], "t=1"));
	assert_null(strstr(w->inserted[1], "x="));
}

static void
session_outsider_accepted_before_the_body(void **state)
{
	struct world *w = *state;

	assert_int_equal(head(w, NULL, " x@a.test"), SESSION_ACCEPT);
	assert_int_equal(session_eom(w->session, "Q1", take, w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 0);
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 1);
}

/* Rows 12 and 13: what the MTA shows as a second From is one, with a blank before the colon too. */
static void
session_second_from_unsigned(void **state)
{
	static const char *const NAMES[] = {"From", "from", "From ", "FROM\t"};
	struct world *w = *state;

	for (size_t i = 0; i < 4; i++) {
		session_mail(w->session, "PLAIN", "x@a.test");
		(void)session_header(w->session, "From", " x@a.test");
		(void)session_header(w->session, NAMES[i], " evil@b.test");
		assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	}
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 4);
}

/* Row 44: what a message knew is gone with it. */
static void
session_login_of_first_message_gone(void **state)
{
	struct world *w = *state;

	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	session_abort(w->session);
	assert_int_equal(head(w, NULL, " x@a.test"), SESSION_ACCEPT);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	session_abort(w->session);
	session_abort(w->session);
	(void)session_header(w->session, "From", " x@a.test");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_ABORTED), 1);
}

/* Same octets, same hash: nothing of an aborted message is in the next one. */
static void
session_body_after_abort_is_fresh(void **state)
{
	struct world *w = *state;
	char bh[64];

	table(w, 2, "", "t=no");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	(void)snprintf(bh, sizeof(bh), "%.40s", strstr(w->inserted[0], "bh="));
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	(void)session_body(w->session, SLICE_LIT("other octets\r"));
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_non_null(strstr(w->inserted[0], bh));
}

/* Row 48. */
static void
session_key_unusable_tempfail_or_accept(void **state)
{
	struct world *w = *state;

	assert_int_equal(head(w, "x@c.test", " x@c.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_TEMPFAIL);
	assert_int_equal(counters_get(&w->counters, COUNTER_TEMPFAIL), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_KEY_FAILURES), 1);
	table(w, 2, "set on_error accept\n", "");
	assert_int_equal(head(w, "x@c.test", " x@c.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 0);
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 1);
}

static void
session_signs_with_rsa_when_ed25519_is_unusable(void **state)
{
	struct world *w = *state;
	char path[128];

	fixture_path(&w->fx, "e1.pem", path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 1);
	assert_non_null(strstr(w->inserted[0], "a=rsa-sha256"));
}

static void
session_ed25519_alone_does_not_do_when_rsa_is_unusable(void **state)
{
	struct world *w = *state;
	char path[128];

	fixture_path(&w->fx, "r1.pem", path);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_TEMPFAIL);
	assert_int_equal(w->inserted_count, 0);
}

static void
session_table_changes_between_eoh_and_eom(void **state)
{
	static const struct {
		const char *settings, *rows;
		enum session_answer want;
	} CASES[] = {
	    {"", "domain b.test keyless=unsigned\n", SESSION_TEMPFAIL},
	    {"", "domain a.test keyless=unsigned\n", SESSION_TEMPFAIL},
	    {"set on_error accept\n", "domain b.test keyless=unsigned\n", SESSION_ACCEPT},
	};
	struct world *w = *state;

	for (unsigned i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		table(w, 10 + 2 * i, CASES[i].settings, "");
		assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
		fixture_table(&w->fx, 11 + 2 * i, CASES[i].rows);
		assert_int_equal(rest(w), CASES[i].want);
		assert_int_equal(w->inserted_count, 0);
	}
}

/* A rotation holds for mail that is on its way: options of then, keys of now. */
static void
session_rotation_between_eoh_and_eom(void **state)
{
	struct world *w = *state;
	char rows[512], hash[48];

	fixture_key(&w->fx, "r2.pem", KEY_RSA_SHA256, 1, hash);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	(void)snprintf(rows, sizeof(rows),
	    "domain a.test c=simple/simple\nkey a.test r2 rsa-sha256 r2.pem %s\n", hash);
	fixture_table(&w->fx, 2, rows);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 1);
	assert_non_null(strstr(w->inserted[0], "s=r2"));
	assert_non_null(strstr(w->inserted[0], "c=relaxed/relaxed"));
}

static void
session_dry_run_would_sign_and_never_tempfails(void **state)
{
	struct world *w = *state;

	table(w, 2, "set dry_run yes\nset on_limit tempfail\nset header_count_max 10\n", "");
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_WOULD_SIGN), 1);
	assert_int_equal(head(w, "x@c.test", " x@c.test"), SESSION_ACCEPT);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	for (int i = 0; i < 20; i++)
		(void)session_header(w->session, "X", " y");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 2);
	assert_int_equal(counters_get(&w->counters, COUNTER_TEMPFAIL), 0);
}

/* Caps that were raised let in a header whose h= no MTA would take: as beyond the caps, not as a failure for ever. */
static void
session_field_too_large_is_a_limit(void **state)
{
	static const char SETTINGS[] = "set header_count_max 100000\nset header_len_max 16777216\n";
	struct world *w = *state;
	char settings[128];

	for (uint64_t tempfail = 0; tempfail < 2; tempfail++) {
		(void)snprintf(settings, sizeof(settings), "%s%s", SETTINGS,
		    tempfail == 1 ? "set on_limit tempfail\n" : "");
		table(w, (unsigned)tempfail + 2, settings, "");
		assert_int_equal(
		    head(w, NULL, " x@a.test"), SESSION_ACCEPT); /* the new caps are read */
		session_mail(w->session, "PLAIN", "x@a.test");
		(void)session_header(w->session, "From", " x@a.test");
		for (int i = 0; i < 9000; i++)
			(void)session_header(w->session, "Subject", " y");
		w->inserted_count = 0;
		assert_int_equal(session_eoh(w->session, NULL), SESSION_CONTINUE);
		assert_int_equal(rest(w), tempfail == 1 ? SESSION_TEMPFAIL : SESSION_ACCEPT);
		assert_int_equal(w->inserted_count, 0);
		assert_int_equal(counters_get(&w->counters, COUNTER_TEMPFAIL), tempfail);
	}
}

static void
session_no_table_tempfail(void **state)
{
	struct world *w = *state;

	assert_int_equal(unlink(w->fx.table), 0);
	assert_int_equal(head(w, NULL, " x@other.test"), SESSION_TEMPFAIL);
	table(w, 1, "", "");
	assert_int_equal(head(w, NULL, " x@other.test"), SESSION_ACCEPT);
	assert_int_equal(unlink(w->fx.table), 0); /* the last good one stays */
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 2);
}

/* Row 60: by number and by size; a second From behind the cap still counts. */
static void
session_over_the_cap_unsigned(void **state)
{
	struct world *w = *state;
	char *big = calloc(1, 5000);

	assert_non_null(big);
	memset(big, 'x', 4999);
	table(w, 2, "set header_count_max 10\nset header_len_max 4096\n", "");
	assert_int_equal(
	    head(w, NULL, " x@a.test"), SESSION_ACCEPT); /* the table is known from now on */
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	for (int i = 0; i < 9; i++)
		(void)session_header(w->session, "X", " y");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_CONTINUE); /* ten do */
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	for (int i = 0; i < 30000; i++)
		(void)session_header(w->session, "X", " y");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "X-Big", big);
	(void)session_header(w->session, "From", " x@a.test");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 3);
	free(big);
}

static void
session_odd_octets_in_the_header_unsigned(void **state)
{
	static const char *const VALUES[] = {" bare\rCR", " x\ny", " x\n", " ends\r", "\r"};
	/* what a reader may take for a second From */
	static const char *const NAMES[] = {"From\r", "\rFrom", "X\nFrom", " From", "From\v",
	    "From\xc2\xa0",
	    ("\xef\xbb\xbf"
	     "From"),
	    "", " "};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
		session_mail(w->session, "PLAIN", "x@a.test");
		(void)session_header(w->session, "From", " x@a.test");
		(void)session_header(w->session, "Subject", VALUES[i]);
		assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	}
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		session_mail(w->session, "PLAIN", "x@a.test");
		(void)session_header(w->session, "From", " x@a.test");
		(void)session_header(w->session, NAMES[i], " x@b.test");
		assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	}
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From \t", " x@a.test");
	(void)session_header(w->session, "Subject", " x\r\n y\n\tz"); /* folds of either kind */
	assert_int_equal(session_eoh(w->session, NULL), SESSION_CONTINUE);
}

/* `if_signed = skip` reads d= of what is there; a broken field is no signature of ours. */
static void
session_if_signed_skip(void **state)
{
	static const struct {
		const char *value;
		enum session_answer want;
	} CASES[] = {
	    {" v=1; a=rsa-sha256; d=A.TEST;\n\ts=x; b=AA", SESSION_ACCEPT},
	    {" v=1; d=b.test; s=x", SESSION_CONTINUE},
	    {" v=1; d=sub.a.test; s=x", SESSION_CONTINUE},
	    {" d=a.test; d=a.test", SESSION_CONTINUE},
	    {" nonsense", SESSION_CONTINUE},
	};
	struct world *w = *state;

	table(w, 2, "set if_signed skip\n", "");
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		session_mail(w->session, "PLAIN", "x@a.test");
		(void)session_header(w->session, "DKIM-Signature", CASES[i].value);
		(void)session_header(w->session, "From", " x@a.test");
		assert_int_equal(session_eoh(w->session, NULL), CASES[i].want);
	}
}

static void
session_insert_fails_tempfail(void **state)
{
	struct world *w = *state;

	w->insert_fails = true;
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_TEMPFAIL);
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 0);
}

/* What comes in no order that an MTA has is never signed, and harms nothing. */
static void
session_wrong_order_never_signed(void **state)
{
	struct world *w = *state;

	assert_int_equal(session_eom(w->session, NULL, take, w), SESSION_TEMPFAIL);
	assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
	session_abort(w->session);
	(void)session_body(w->session, SLICE_LIT("x"));
	assert_int_equal(session_eom(w->session, NULL, take, w), SESSION_TEMPFAIL);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	assert_int_equal(
	    session_eom(w->session, NULL, take, w), SESSION_TEMPFAIL); /* no end of header */
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	(void)session_header(w->session, "Subject", " late");
	assert_int_equal(rest(w), SESSION_TEMPFAIL);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_body(w->session, SLICE_LIT("early"));
	(void)session_header(w->session, "From", " x@a.test");
	(void)session_eoh(w->session, NULL);
	assert_int_equal(rest(w), SESSION_TEMPFAIL);
	session_connect(w->session, NULL, NULL);
	assert_int_equal(head(w, NULL, " x@a.test"), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 0);
}

/* Row 56, and lines that a later hop breaks: signed, and counted. */
static void
session_signed_shapes_counted(void **state)
{
	struct world *w = *state;
	char *line = calloc(1, 1200);

	assert_non_null(line);
	memset(line, 'x', 1100);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	(void)session_header(w->session, "Subject", " one");
	(void)session_header(w->session, "Subject", " two");
	assert_int_equal(session_eoh(w->session, NULL), SESSION_CONTINUE);
	(void)session_body(w->session, slice_of(line));
	(void)session_body(w->session, SLICE_LIT("\xc3\xa9\r\n"));
	assert_int_equal(session_eom(w->session, NULL, take, w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 2);
	assert_int_equal(counters_get(&w->counters, COUNTER_DUPLICATE_FIELDS), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_LONG_LINES), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_8BIT_BODIES), 1);
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	(void)session_header(w->session, "X-Long", line);
	assert_int_equal(session_eoh(w->session, NULL), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_LONG_LINES), 2);
	assert_int_equal(counters_get(&w->counters, COUNTER_DUPLICATE_FIELDS), 1);
	free(line);
}

static void
session_keyless_domain_by_its_row(void **state)
{
	struct world *w = *state;

	assert_int_equal(head(w, "x@k.test", " x@k.test"), SESSION_ACCEPT);
	fixture_table(&w->fx, 2, "domain k.test keyless=tempfail\n");
	assert_int_equal(head(w, "x@k.test", " x@k.test"), SESSION_TEMPFAIL);
}

static enum session_answer
probe_head(struct world *w, const char *login, const char *from)
{
	w->inserted_count = 0;
	session_mail(w->session, login != NULL ? "PLAIN" : NULL, login);
	session_probe(w->session);
	(void)session_header(w->session, "From", from);
	(void)session_header(w->session, "Subject", " urgent");
	return session_eoh(w->session, NULL);
}

/* Everything but the probes, and what is of files. */
static uint64_t
counted_as_mail(const struct world *w)
{
	static const enum counter MAIL[] = {COUNTER_MESSAGES, COUNTER_SIGNED, COUNTER_SIGNATURES,
	    COUNTER_WOULD_SIGN, COUNTER_UNSIGNED, COUNTER_TEMPFAIL, COUNTER_ABORTED,
	    COUNTER_BODY_BYTES, COUNTER_LONG_LINES, COUNTER_8BIT_BODIES, COUNTER_DUPLICATE_FIELDS};
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(MAIL) / sizeof(MAIL[0]); i++)
		sum += counters_get(&w->counters, MAIL[i]);
	return sum;
}

static void
session_probe_decided_as_mail_and_counted_apart(void **state)
{
	static const struct {
		const char *name, *settings, *login, *from;
		size_t inserted;
		enum session_answer eoh, eom;
		const char *said;
	} CASES[] = {
	    {"entitled", "", "x@a.test", " x@a.test", 2, SESSION_CONTINUE, SESSION_ACCEPT,
		"Q1 probe result=signed from=a.test d=a.test s=r1,e1 a=rsa-sha256,ed25519-sha256 "
		"origin=auth login=x@a.test client=192.0.2.1 us="},
	    {"entitled, dry run", "set dry_run yes\n", "x@a.test", " x@a.test", 2, SESSION_CONTINUE,
		SESSION_ACCEPT, "Q1 probe result=signed from=a.test"},
	    {"not logged in", "", NULL, " x@a.test", 0, SESSION_ACCEPT, SESSION_ACCEPT,
		"- probe result=unsigned reason=outside from=a.test"},
	    {"not logged in, dry run", "set dry_run yes\n", NULL, " x@a.test", 0, SESSION_ACCEPT,
		SESSION_ACCEPT, "- probe result=unsigned reason=outside from=a.test"},
	    {"another tenant", "set dry_run yes\n", "x@c.test", " x@a.test", 0, SESSION_ACCEPT,
		SESSION_ACCEPT, "result=unsigned reason=not-authorized"},
	    {"two mailboxes", "", "x@a.test", " x@a.test, y@a.test", 0, SESSION_ACCEPT,
		SESSION_ACCEPT, "result=unsigned reason=from-multiple"},
	    {"logged though unsigned mail is not", "set log_unsigned none\n", NULL, " x@b.test", 0,
		SESSION_ACCEPT, SESSION_ACCEPT, "result=unsigned reason=outside"},
	    {"keyless", "", "x@k.test", " x@k.test", 0, SESSION_ACCEPT, SESSION_ACCEPT,
		"result=unsigned reason=keyless"},
	    {"key gone", "", "x@c.test", " x@c.test", 0, SESSION_CONTINUE, SESSION_TEMPFAIL,
		"Q1 probe result=tempfail reason=key-unusable"},
	    {"key gone, dry run", "set dry_run yes\n", "x@c.test", " x@c.test", 0, SESSION_CONTINUE,
		SESSION_ACCEPT, "Q1 probe result=unsigned reason=key-unusable"},
	};
	struct world *w = *state;
	static char said[FIXTURE_LOG_LEN];

	for (unsigned i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		enum session_answer eoh, eom;

		table(w, 2 + i, CASES[i].settings, "");
		fixture_log_begin();
		eoh = probe_head(w, CASES[i].login, CASES[i].from);
		eom = rest(w);
		fixture_log_end(said);
		if (eoh != CASES[i].eoh || eom != CASES[i].eom ||
		    w->inserted_count != CASES[i].inserted || strstr(said, CASES[i].said) == NULL)
			fail_msg("%s: eoh %d eom %d inserted %zu, says %s", CASES[i].name, (int)eoh,
			    (int)eom, w->inserted_count, said);
		assert_int_equal(counted_as_mail(w), 0);
		assert_int_equal(counters_get(&w->counters, COUNTER_PROBES), i + 1);
		assert_null(strstr(said, "body="));
	}
}

/* What is said once about mail is still to be said afterwards. */
static void
session_probe_uses_up_no_warning(void **state)
{
	struct world *w = *state;
	static char said[FIXTURE_LOG_LEN];

	for (int probe = 1; probe >= 0; probe--) {
		fixture_log_begin();
		session_mail(w->session, NULL, "x@a.test"); /* {auth_authen} alone */
		if (probe == 1)
			session_probe(w->session);
		(void)session_header(w->session, "From", " x@a.test");
		assert_int_equal(session_eoh(w->session, NULL), SESSION_ACCEPT);
		fixture_log_end(said);
		assert_int_equal(strstr(said, "(said once)") == NULL, probe == 1);
	}
}

/* The mark is of one message, and is nothing before it. */
static void
session_probe_mark_ends_with_its_message(void **state)
{
	struct world *w = *state;

	session_probe(w->session);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	session_abort(w->session);
	assert_int_equal(counters_get(&w->counters, COUNTER_ABORTED), 1);
	assert_int_equal(probe_head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	session_probe(w->session); /* too late to change anything */
	session_abort(w->session);
	assert_int_equal(counters_get(&w->counters, COUNTER_ABORTED), 1);
	table(w, 2, "set dry_run yes\n", "");
	assert_int_equal(probe_head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(w->inserted_count, 2);
	assert_int_equal(head(w, "x@a.test", " x@a.test"), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_WOULD_SIGN), 1);
	session_probe(w->session); /* after its end of header mail stays mail */
	assert_int_equal(rest(w), SESSION_ACCEPT);
	assert_int_equal(counters_get(&w->counters, COUNTER_PROBES), 1);
}

/* Of what a probe brings, only From is signed: its signature fits no message that somebody would read. */
static void
session_probe_signature_covers_only_from_and_its_own_body(void **state)
{
	struct world *w = *state;
	char bh[48], mail_bh[48];
	const char *at;

	table(w, 2, "", "t=no");
	assert_int_equal(probe_head(w, "x@a.test", " x@a.test"), SESSION_CONTINUE);
	assert_int_equal(rest(w), SESSION_ACCEPT);
	/* absent ones are named once, so that they cannot be added */
	assert_non_null(strstr(w->inserted[1], "h=From:\n\tFrom:To:Cc:Subject:Reply-To;"));
	at = strstr(w->inserted[1], "bh=");
	assert_non_null(at);
	(void)snprintf(bh, sizeof(bh), "%.46s", at);
	w->inserted_count = 0;
	session_mail(w->session, "PLAIN", "x@a.test");
	(void)session_header(w->session, "From", " x@a.test");
	assert_int_equal(session_eoh(w->session, "Q1"), SESSION_CONTINUE);
	(void)session_body(w->session, SLICE_LIT(SESSION_PROBE_BODY));
	assert_int_equal(session_eom(w->session, "Q1", take, w), SESSION_ACCEPT);
	at = strstr(w->inserted[1], "bh=");
	assert_non_null(at);
	(void)snprintf(mail_bh, sizeof(mail_bh), "%.46s", at);
	assert_string_equal(bh, mail_bh);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(session_entitled_signed_rsa_on_top),
	    TEST(session_without_leading_space_relaxed_and_no_space),
	    TEST(session_options_of_the_domain_hold),
	    TEST(session_clock_untrusted_no_times),
	    TEST(session_outsider_accepted_before_the_body),
	    TEST(session_second_from_unsigned),
	    TEST(session_login_of_first_message_gone),
	    TEST(session_body_after_abort_is_fresh),
	    TEST(session_key_unusable_tempfail_or_accept),
	    TEST(session_signs_with_rsa_when_ed25519_is_unusable),
	    TEST(session_ed25519_alone_does_not_do_when_rsa_is_unusable),
	    TEST(session_table_changes_between_eoh_and_eom),
	    TEST(session_rotation_between_eoh_and_eom),
	    TEST(session_dry_run_would_sign_and_never_tempfails),
	    TEST(session_field_too_large_is_a_limit),
	    TEST(session_no_table_tempfail),
	    TEST(session_over_the_cap_unsigned),
	    TEST(session_odd_octets_in_the_header_unsigned),
	    TEST(session_if_signed_skip),
	    TEST(session_insert_fails_tempfail),
	    TEST(session_wrong_order_never_signed),
	    TEST(session_signed_shapes_counted),
	    TEST(session_keyless_domain_by_its_row),
	    TEST(session_probe_decided_as_mail_and_counted_apart),
	    TEST(session_probe_uses_up_no_warning),
	    TEST(session_probe_mark_ends_with_its_message),
	    TEST(session_probe_signature_covers_only_from_and_its_own_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
