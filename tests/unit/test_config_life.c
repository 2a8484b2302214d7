/* SPDX-License-Identifier: ISC */
/* test_config_life.c - what signpost.conf says of the life of keys, and what it leaves open. */
#include "signpost/config.h"
#include "signpost/config_finish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DNS_PUBLISHER                                                                              \
	"publisher \"dns\" {\n type = rfc2136\n server = \"192.0.2.1\"\n tsig_key = /k\n}\n"

/* The defaults of the whole life, as design and signpost(7) have them. */
static void
config_default_is_definite(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL;
	struct schedule_times t;
	(void)state;

	assert_int_equal(config_default("x", &c, &err), 0);
	const struct key_policy *p = config_policy(c, "default");
	assert_true(p->by_hand);
	assert_int_equal(p->mode, MODE_TXT);
	assert_int_equal(p->rotate, ROTATE_APPROVE);
	assert_int_equal(p->standby, STANDBY_NO);
	assert_int_equal(p->proof, PROOF_AUTHORITATIVE);
	assert_int_equal(p->lifetime_s, 180 * 86400);
	assert_int_equal(p->spread_s, 15 * 86400);
	assert_int_equal(p->ahead_s, 14 * 86400);
	assert_int_equal(p->switch_hour, POLICY_ANY_HOUR);
	assert_int_equal(p->ttl_s, 3600);
	assert_int_equal(p->publish_safety_s, 3600);
	assert_int_equal(p->retire_safety_s, 3600);
	assert_int_equal(p->stale_s, 3 * 86400);
	assert_int_equal(p->queue_lifetime_s, 5 * 86400);
	assert_true(p->queue_assumed); /* from memory, nobody is asked */
	assert_int_equal(p->receiver_delay_s, 5 * 86400);
	assert_int_equal(p->tombstone_s, 30 * 86400);
	assert_int_equal(p->compromised_tombstone_s, 365 * 86400);
	assert_int_equal(p->destroy_after_s, 48 * 3600);
	assert_int_equal(c->signers.milter_count, 1);
	assert_string_equal(c->signers.milters[0], SIGNPOST_MILTER_SOCKET);
	assert_int_equal(c->signers.timeout_ms, 10000);
	assert_string_equal(c->keeper.postqueue, "postqueue");
	assert_int_equal(c->keeper.outage_domains, 20);
	assert_int_equal(c->keeper.outage_domains_min, 5);
	assert_int_equal(c->keeper.outage_share, 5);
	assert_int_equal(c->keeper.clock_tolerance_s, 300);
	assert_int_equal(c->dns.queries_per_second, 20);
	assert_int_equal(c->dns.vantage_count, 0);
	config_schedule_times(c, &t);
	const struct schedule_times want = {.sweep_interval_s = 60,
	    .slow_after_s = 3 * 86400,
	    .slow_interval_s = 3600,
	    .reprove_interval_s = 600,
	    .watch_interval_s = 3600,
	    .gone_sweeps = 3,
	    .gone_over_s = 600,
	    .retry_s = 60,
	    .retry_max_s = 3600,
	    .ask_signers_interval_s = 60,
	    .recent_proof_s = 86400,
	    .rollback_hold_s = 86400,
	    .person_interval_s = 86400,
	    .queries = 5};
	assert_int_equal(t.sweep_interval_s, want.sweep_interval_s);
	assert_int_equal(t.slow_after_s, want.slow_after_s);
	assert_int_equal(t.slow_interval_s, want.slow_interval_s);
	assert_int_equal(t.reprove_interval_s, want.reprove_interval_s);
	assert_int_equal(t.watch_interval_s, want.watch_interval_s);
	assert_int_equal(t.gone_sweeps, want.gone_sweeps);
	assert_int_equal(t.gone_over_s, want.gone_over_s);
	assert_int_equal(t.retry_s, want.retry_s);
	assert_int_equal(t.retry_max_s, want.retry_max_s);
	assert_int_equal(t.ask_signers_interval_s, want.ask_signers_interval_s);
	assert_int_equal(t.recent_proof_s, want.recent_proof_s);
	assert_int_equal(t.rollback_hold_s, want.rollback_hold_s);
	assert_int_equal(t.person_interval_s, want.person_interval_s);
	assert_int_equal(t.resolver_wait_s, 86400);
	assert_int_equal(t.queries, want.queries);
	config_free(c);
}

#define DNS_PUBLISHER                                                                              \
	"publisher \"dns\" {\n type = rfc2136\n server = \"192.0.2.1\"\n tsig_key = /k\n}\n"

/* What a policy leaves open follows from what it says. */
static void
config_finish_open_choices_are_made(void **state)
{
	static const struct {
		const char *name, *policy;
		enum rotate rotate;
		enum standby standby;
		int64_t lifetime_s, spread_s, ahead_s, ttl_s;
	} rows[] = {
	    {"by hand", "", ROTATE_APPROVE, STANDBY_NO, 180 * 86400, 15 * 86400, 14 * 86400, 3600},
	    {"by hand, chosen", " rotate = auto\n standby = yes\n", ROTATE_AUTO, STANDBY_YES,
		180 * 86400, 15 * 86400, 14 * 86400, 3600},
	    {"publisher", " publisher = dns\n", ROTATE_AUTO, STANDBY_YES, 90 * 86400,
		90 * 86400 / 12, 86400, 3600},
	    {"publisher, chosen",
		" publisher = dns\n rotate = off\n standby = no\n rotate_every = 24d\n ahead = "
		"2h\n",
		ROTATE_OFF, STANDBY_NO, 24 * 86400, 2 * 86400, 7200, 3600},
	    {"spread", " publisher = dns\n rotate_spread = 1s\n ttl = 10m\n", ROTATE_AUTO,
		STANDBY_YES, 90 * 86400, 1, 86400, 600},
	    {"slots", " publisher = dns\n mode = slots\n slot_zone = d.example\n", ROTATE_AUTO,
		STANDBY_YES, 90 * 86400, 90 * 86400 / 12, 86400, 300},
	    {"two slots", " publisher = dns\n mode = slots\n slot_zone = d.example\n slots = 2\n",
		ROTATE_AUTO, STANDBY_NO, 90 * 86400, 90 * 86400 / 12, 86400, 300},
	    {"delegated", " publisher = dns\n mode = delegated\n", ROTATE_AUTO, STANDBY_YES,
		90 * 86400, 90 * 86400 / 12, 86400, 3600},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct config *c = NULL;
		char text[512];
		snprintf(text, sizeof(text), "policy \"a\" {\n%s}\n" DNS_PUBLISHER, rows[i].policy);
		if (config_parse(slice_of(text), "f", &c, &err) != 0)
			fail_msg("%s: %s", rows[i].name, err.text);
		const struct key_policy *p = config_policy(c, "a");
		if (p->rotate != rows[i].rotate || p->standby != rows[i].standby ||
		    p->lifetime_s != rows[i].lifetime_s || p->spread_s != rows[i].spread_s ||
		    p->ahead_s != rows[i].ahead_s || p->ttl_s != rows[i].ttl_s)
			fail_msg("%s: rotate %d standby %d L %ld J %ld ahead %ld ttl %ld",
			    rows[i].name, (int)p->rotate, (int)p->standby, (long)p->lifetime_s,
			    (long)p->spread_s, (long)p->ahead_s, (long)p->ttl_s);
		config_free(c);
	}
}

/* An empty list is a value where the default is a list. */
static void
config_parse_no_milters_is_not_the_default(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
	    {"", 1},
	    {"signers {\n}\n", 1},
	    {"signers {\n milters = {}\n}\n", 0},
	    {"signers { milters = {} }\n", 0},
	    {"signers {\n milters = {\"" SIGNPOST_MILTER_SOCKET "\"}\n}\n", 1},
	    {"policy \"milters\" {\n}\nsigners {\n push = {\"/milters\"}\n}\n", 1},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct config *c = NULL;
		if (config_parse(slice_of(rows[i].text), "f", &c, &err) != 0)
			fail_msg("%s: %s", rows[i].text, err.text);
		if (c->signers.milter_count != rows[i].count)
			fail_msg("%s: %zu", rows[i].text, c->signers.milter_count);
		config_free(c);
	}
}

/* postconf prints what main.cf says, in any unit or none. */
static void
postfix_queue_parse_takes_the_longer(void **state)
{
	static const struct {
		const char *answer;
		bool good;
		int64_t want;
	} rows[] = {
	    {"5d\n5d\n", true, 5 * 86400},
	    {"3\n1w\n", true, 7 * 86400},
	    {"36h\n90000s\n", true, 36 * 3600},
	    {"90m\n5400s", true, 5400},
	    {"0\n0d\n", true, 1},
	    {"5d\n", false, 0},
	    {"\n5d\n", false, 0},
	    {"5d\n$x\n", false, 0},
	    {"5 d\n5d\n", false, 0},
	    {"5y\n5d\n", false, 0},
	    {"5d\n5d\n5d\n", false, 0},
	    {"d\n5d\n", false, 0},
	    {"99999999999d\n5d\n", false, 0},
	    {"", false, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t seconds = -1;
		if (postfix_queue_parse(slice_of(rows[i].answer), &seconds) != rows[i].good)
			fail_msg("\"%s\"", rows[i].answer);
		if (rows[i].good)
			assert_int_equal(seconds, rows[i].want);
	}
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Two instances of Postfix, and one that is not there. */
static void
config_load_asks_postfix(void **state)
{
	char a[] = "/tmp/signpost-test.XXXXXX", b[] = "/tmp/signpost-test.XXXXXX", text[1024];
	struct err err = ERR_INIT;
	struct config *c = NULL;
	char program[256], conf[256];
	(void)state;

	if (!postfix_find_program("postconf", program, sizeof(program)))
		skip();
	assert_non_null(mkdtemp(a));
	assert_non_null(mkdtemp(b));
	put_file(a, "main.cf",
	    "maximal_queue_lifetime = 2d\nbounce_queue_lifetime = $maximal_queue_lifetime\n");
	put_file(a, "master.cf", "");
	put_file(b, "main.cf", "maximal_queue_lifetime = 1h\nbounce_queue_lifetime = 8\n");
	put_file(b, "master.cf", "");
	for (int missing = 0; missing < 2; missing++) {
		(void)snprintf(text, sizeof(text),
		    "policy \"own\" {\n queue_lifetime = 7h\n}\nkeeper {\n postfix_config = "
		    "{\"%s\", "
		    "\"%s\"%s}\n}\n",
		    a, b, missing ? ", \"/nonexistent\"" : "");
		put_file(a, "signpost.conf", text);
		(void)snprintf(conf, sizeof(conf), "%s/signpost.conf", a);
		if (config_load(conf, &c, &err) != 0)
			fail_msg("%s", err.text);
		const struct key_policy *p = config_policy(c, "default");
		assert_int_equal(p->queue_lifetime_s, 8 * 86400);
		assert_int_equal(p->queue_assumed, missing);
		p = config_policy(c, "own");
		assert_int_equal(p->queue_lifetime_s, 7 * 3600);
		assert_false(p->queue_assumed);
		config_free(c);
	}
	const char *const files[] = {"main.cf", "master.cf", "signpost.conf"};
	for (size_t i = 0; i < 6; i++) {
		(void)snprintf(conf, sizeof(conf), "%s/%s", i < 3 ? a : b, files[i % 3]);
		(void)remove(conf);
	}
	assert_int_equal(remove(a), 0);
	assert_int_equal(remove(b), 0);
}

static void
postfix_find_program_looks_where_postfix_is(void **state)
{
	char path[256], small[4];
	(void)state;

	assert_true(postfix_find_program("/bin/sh", path, sizeof(path)));
	assert_string_equal(path, "/bin/sh");
	assert_false(postfix_find_program("/bin/sh", small, sizeof(small)));
	assert_false(postfix_find_program("/nonexistent/postqueue", path, sizeof(path)));
	assert_false(postfix_find_program("no-such-program", path, sizeof(path)));
	assert_false(postfix_find_program("", path, sizeof(path)));
	assert_true(postfix_find_program("env", path, sizeof(path)));
	assert_int_equal(path[0], '/');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(config_default_is_definite),
	    cmocka_unit_test(config_finish_open_choices_are_made),
	    cmocka_unit_test(config_parse_no_milters_is_not_the_default),
	    cmocka_unit_test(postfix_queue_parse_takes_the_longer),
	    cmocka_unit_test(config_load_asks_postfix),
	    cmocka_unit_test(postfix_find_program_looks_where_postfix_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
