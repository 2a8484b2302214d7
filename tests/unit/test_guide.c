/* SPDX-License-Identifier: ISC */
/* What `add` finds out against name servers by hand: what stands below _domainkey, whom it asks, and how long silence
 * takes. */
#include "signpost/guide.h"
#include "tests/unit/fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DOMAIN "example.test"
#define KEYS   "._domainkey." DOMAIN ". 60 IN "

/* 0: root and test; 1, 2: the domain; 3: a resolver that knows nothing. */
enum { ROOT, ONE, TWO, RESOLVER, SERVERS };

/* What guide.c allows at most.  The lab's 300 ms for 56 questions are too few for a thread that a busy machine starves. */
#define GUIDE_MS 1200

#define APEX                                                                                       \
	DOMAIN ". 700 IN SOA ns1." DOMAIN ". h." DOMAIN ". 42 60 60 86400 300\n" DOMAIN            \
	       ". 7200 IN NS ns1." DOMAIN ".\n" DOMAIN ". 7200 IN NS ns2." DOMAIN ".\n"            \
	       "ns1." DOMAIN ". 60 IN A 127.0.0.2\nns2." DOMAIN ". 60 IN A 127.0.0.3\n"

struct lab {
	struct fake_dns *d;
	struct config *config;
	struct guide g;
	struct err err;
};

static int
lab_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	char conf[512];

	assert_non_null(lab);
	lab->d = fake_dns_start(SERVERS);
	snprintf(conf, sizeof(conf),
	    "dns {\n roots = {\"127.0.0.1:%u\"}\n resolvers = {\"127.0.0.4:%u\"}\n timeout = "
	    "300ms\n tries = 1\n queries_per_second = 1000\n}\n",
	    lab->d->port, lab->d->port);
	assert_int_equal(config_parse(slice_of(conf), "test", &lab->config, &lab->err), 0);
	fake_zone(lab->d, ROOT, "",
	    ". 60 IN SOA a. h. 1 60 60 60 60\n. 60 IN NS a.\ntest. 86400 IN NS ns.nic.test.\n"
	    "ns.nic.test. 86400 IN A 127.0.0.1\n");
	fake_zone(lab->d, ROOT, "test",
	    "test. 600 IN SOA ns.nic.test. h.test. 1 60 60 60 900\ntest. 600 IN NS ns.nic.test.\n"
	    "ns.nic.test. 600 IN A 127.0.0.1\n" DOMAIN ". 10800 IN NS ns1." DOMAIN ".\n" DOMAIN
	    ". 10800 IN NS ns2." DOMAIN ".\nns1." DOMAIN ". 10800 IN A 127.0.0.2\nns2." DOMAIN
	    ". 10800 IN A 127.0.0.3\n");
	*state = lab;
	return 0;
}

static int
lab_down(void **state)
{
	struct lab *lab = *state;

	guide_deinit(&lab->g);
	config_free(lab->config);
	fake_dns_stop(lab->d);
	free(lab);
	return 0;
}

static void
serve(struct lab *lab, const char *records)
{
	char zone[2048];

	snprintf(zone, sizeof(zone), "%s%s", APEX, records);
	fake_zone(lab->d, ONE, DOMAIN, zone);
	fake_zone(lab->d, TWO, DOMAIN, zone);
}

/* Its text; the resolver was asked for nothing at or below _domainkey (K5). */
static void
ask(struct lab *lab, char *text, size_t size)
{
	const struct guide_query q = {lab->config, config_policy(lab->config, "default"), DOMAIN};
	struct buf out;

	assert_int_equal(guide_ask(&q, &lab->g, &lab->err), 0);
	buf_init(&out, 1 << 16);
	guide_text(&q, &lab->g, &out);
	snprintf(text, size, "%s", buf_str(&out));
	buf_deinit(&out);
	for (size_t i = 0; i < lab->d->log_count; i++) {
		if (lab->d->log[i].server == RESOLVER)
			assert_null(strstr(lab->d->log[i].name, "_domainkey"));
	}
}

static bool
has(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		return true;
	print_message("no \"%s\" in:\n%s", part, text);
	return false;
}

static void
guide_of_a_zone_tells_what_is_below(void **state)
{
	static const struct {
		const char *records;
		enum guide_below below;
		size_t found;
		bool wildcard;
		const char *text;
	} rows[] = {
	    {"", GUIDE_BELOW_NOTHING, 0, false, "No other service signs under _domainkey." DOMAIN},
	    {"zv3k" KEYS "TXT \"v=DKIM1; p=\"\n", GUIDE_BELOW_SOMETHING, 0, false, "but none of "},
	    {"google" KEYS "TXT \"v=DKIM1; p=\"\n", GUIDE_BELOW_SOMETHING, 1, false,
		"google          Google Workspace\n"},
	    {"k2" KEYS "CNAME dkim2.other.test.\n", GUIDE_BELOW_SOMETHING, 1, false,
		"Mailchimp, at dkim2.other.test\n"},
	    {"default" KEYS "TXT \"p=\"\nmail" KEYS "TXT \"p=\"\n", GUIDE_BELOW_SOMETHING, 2, false,
		"a mail server of your own"},
	    {"*." DOMAIN ". 60 IN TXT \"v=spf1 -all\"\n", GUIDE_BELOW_SOMETHING, 0, true,
		"A wildcard answers"},
	    {"_domainkey." DOMAIN ". 60 IN NS ns1." DOMAIN ".\n", GUIDE_BELOW_ZONE, 0, false,
		"is a zone of its own"},
	};
	struct lab *lab = *state;
	char text[8192];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lab->d->servers[ONE].zone_count = lab->d->servers[TWO].zone_count = 0;
		serve(lab, rows[i].records);
		ask(lab, text, sizeof(text));
		assert_true(lab->g.reached);
		assert_string_equal(lab->g.servers.zone, DOMAIN);
		assert_string_equal(lab->g.primary, "ns1." DOMAIN);
		assert_true(lab->g.primary_listed);
		assert_int_equal(lab->g.below, rows[i].below);
		assert_int_equal(lab->g.found_count, rows[i].found);
		assert_int_equal(lab->g.wildcard, rows[i].wildcard);
		assert_true(has(text, rows[i].text));
		assert_true(has(text, "is served by ns1." DOMAIN " (127.0.0.2) and ns2." DOMAIN));
		guide_deinit(&lab->g);
	}
}

/* D51: NXDOMAIN above a name that is there. */
static void
guide_of_a_server_that_denies_an_empty_name_says_so(void **state)
{
	struct lab *lab = *state;
	char text[8192];

	serve(lab, "google" KEYS "TXT \"v=DKIM1; p=\"\n");
	lab->d->servers[ONE].faults = lab->d->servers[TWO].faults = FAKE_DENIES_EMPTY;
	ask(lab, text, sizeof(text));
	assert_true(lab->g.denies_above);
	assert_int_equal(lab->g.found_count, 1);
	assert_true(has(text, "D51: its servers say that _domainkey." DOMAIN " does not exist"));
}

static void
guide_with_one_silent_server_asks_the_other(void **state)
{
	struct lab *lab = *state;
	char text[8192];

	serve(lab, "google" KEYS "TXT \"v=DKIM1; p=\"\nselector2" KEYS "CNAME b.other.test.\n");
	lab->d->servers[TWO].faults = FAKE_SILENT;
	lab->config->dns.timeout_ms = GUIDE_MS;
	int64_t began = fake_now_ms();
	ask(lab, text, sizeof(text));
	/* of what is asked one after the other, six things are asked of both */
	assert_true(fake_now_ms() - began < 8 * GUIDE_MS);
	assert_int_equal(lab->g.found_count, 2);
	assert_int_equal(lab->g.asked, OTHER_SERVICE_COUNT);
}

static void
guide_with_no_server_says_that_none_answers(void **state)
{
	struct lab *lab = *state;
	char text[8192];

	serve(lab, "");
	lab->d->servers[ONE].faults = lab->d->servers[TWO].faults = FAKE_SILENT;
	int64_t began = fake_now_ms();
	ask(lab, text, sizeof(text));
	assert_true(fake_now_ms() - began < 6000);
	assert_false(lab->g.reached);
	assert_true(has(text, "could not be found out"));
	assert_int_equal(lab->g.below, GUIDE_BELOW_UNKNOWN);
}

/* D50: what is asked below would be remembered there. */
static void
guide_behind_an_interceptor_asks_for_nothing_below(void **state)
{
	struct lab *lab = *state;
	char text[8192];

	serve(lab, "google" KEYS "TXT \"v=DKIM1; p=\"\n");
	for (size_t i = 0; i < SERVERS; i++)
		lab->d->servers[i].faults = FAKE_AS_RESOLVER;
	ask(lab, text, sizeof(text));
	assert_false(lab->g.reached);
	assert_true(has(text, "could not be found out: port 53 is intercepted on the way"));
	for (size_t i = 0; i < lab->d->log_count; i++)
		assert_null(strstr(lab->d->log[i].name, "_domainkey"));
}

static void
guide_zone_of_a_name_below_is_the_zone_above(void **state)
{
	struct lab *lab = *state;
	char zone[DOMAIN_LEN_MAX + 1];

	serve(lab, "");
	guide_zone(lab->config, "mail." DOMAIN, zone);
	assert_string_equal(zone, DOMAIN);
	lab->d->servers[ROOT].faults = FAKE_SILENT;
	guide_zone(lab->config, "mail.elsewhere.test", zone);
	assert_string_equal(zone, "mail.elsewhere.test");
}

static void
guide_hosts_of_a_zone_are_its_name_servers(void **state)
{
	struct lab *lab = *state;
	char hosts[GUIDE_HOSTS_MAX][SWEEP_NAME_LEN];

	serve(lab, "");
	assert_int_equal(guide_hosts(lab->config, DOMAIN, hosts), 2);
	assert_string_equal(hosts[0], "ns1." DOMAIN);
	assert_string_equal(hosts[1], "ns2." DOMAIN);
	assert_int_equal(guide_hosts(lab->config, "none." DOMAIN, hosts), 0);
}

static void
dns_provider_of_a_server_is_told_by_its_name(void **state)
{
	(void)state;
	assert_string_equal(dns_provider_of("ns-12.awsdns-34.com")->format, "route53");
	assert_string_equal(dns_provider_of("bob.ns.cloudflare.com")->name, "Cloudflare");
	assert_null(dns_provider_of("ns1.example.com"));
}

int
main(void)
{
#define LAB(test) cmocka_unit_test_setup_teardown(test, lab_up, lab_down)
	const struct CMUnitTest tests[] = {
	    LAB(guide_of_a_zone_tells_what_is_below),
	    LAB(guide_of_a_server_that_denies_an_empty_name_says_so),
	    LAB(guide_with_one_silent_server_asks_the_other),
	    LAB(guide_with_no_server_says_that_none_answers),
	    LAB(guide_behind_an_interceptor_asks_for_nothing_below),
	    LAB(guide_zone_of_a_name_below_is_the_zone_above),
	    LAB(guide_hosts_of_a_zone_are_its_name_servers),
	    cmocka_unit_test(dns_provider_of_a_server_is_told_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
