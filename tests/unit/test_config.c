/* SPDX-License-Identifier: ISC */
#include "signpost/config.h"
#include "signpost/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char sample[] =
    "# signpost.conf: everything has a default; this is a whole one. One option a line.\n"
    "sign {\n"
    "    authenticated = matching                  # alice@example.com signs for example.com; or: "
    "any\n"
    "    bare_logins { domains = {\"example.com\"} }\n"
    "    local_submission { domains = {\"example.com\"} }      # sendmail(1) on this host\n"
    "    network \"10.1.0.0/16\" { domains = {\"example.com\", \".branch.example.com\"} }\n"
    "    login \"Shop@EXAMPLE.com\" { domains = {\"shop.example\"} }\n"
    "}\n"
    "policy \"default\" {\n"
    "    publisher = by-hand\n"
    "}\n"
    "policy \"both\" {\n"
    "    algorithms = {\"rsa-sha256\",\n"
    "        \"ed25519-sha256\"}\n"
    "    canonicalization = simple/relaxed\n"
    "    signature_lifetime = 30d\n"
    "    keyless = unsigned\n"
    "}\n"
    "policy \"customers\" {\n"
    "    mode = slots\n"
    "    slot_zone = \"DKIM.host.example\"\n"
    "    publisher = dns\n"
    "    switch_hour = 3\n"
    "    queue_lifetime = 2d\n"
    "}\n"
    "publisher \"dns\" {\n"
    "    type = rfc2136\n"
    "    zone = _domainkey.host.example\n"
    "    server = \"192.0.2.1\"\n"
    "    tsig_key = \"/etc/signpost/tsig.key\"\n"
    "    timeout = 1500ms\n"
    "}\n"
    "publisher \"files\" {\n"
    "    type = zone-file\n"
    "    file = /etc/nsd/example.com.dkim\n"
    "    check = {\"/usr/sbin/nsd-checkzone\", \"%zone\", \"%file\"}\n"
    "    reload = {\"/usr/sbin/nsd-control\", \"reload\", \"%zone\"}\n"
    "}\n"
    "signers {\n"
    "    milters = {\"unix:/run/m.sock\", \"inet:192.0.2.7:8891\", \"inet:8892@mx.example\",\n"
    "        \"inet:[2001:db8::7]:8891\", \"inet:mx2.example:8893\"}\n"
    "    push = {\"/usr/local/bin/push\", \"a b\", \"\"}\n"
    "}\n"
    "keeper {\n"
    "    watch_interval = 20s\n"
    "    postqueue = \"\"\n"
    "    postfix_config = {\"/etc/postfix-out\"}\n"
    "}\n"
    "dns {\n"
    "    vantage = \"203.0.113.53\"\n"
    "    queries_per_second = 7\n"
    "    resolvers = {\"127.0.0.1:5353\", \"::1\", \"[2001:db8::1]:54\"}\n"
    "    timeout = 500ms\n"
    "    sweep_interval = 1s\n"
    "    zone \"b\xc3\xbc"
    "cher.example\" { servers = {\"192.0.2.1\", \"127.0.0.1:5355\"} }\n"
    "}\n";

static void
config_parse_sample_fills_every_section(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL;
	(void)state;

	if (config_parse(slice_of(sample), "signpost.conf", &c, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(c->store, SIGNPOST_STATEDIR);
	assert_int_equal(c->settings.authenticated, AUTHENTICATED_MATCHING);
	assert_int_equal(c->settings.header_len_max, 262144);
	assert_string_equal(c->bare.entries[0], "example.com");
	assert_string_equal(c->local.entries[0], "example.com");
	assert_int_equal(c->network_count, 1);
	assert_int_equal(c->networks[0].prefix.bits, 16);
	assert_int_equal(c->networks[0].entry_count, 2);
	assert_string_equal(c->networks[0].entries[1], ".branch.example.com");
	assert_string_equal(
	    c->logins[0].login, "Shop@example.com"); /* the domain's case does not count */
	assert_int_equal(c->policy_count, 3);
	const struct key_policy *both = config_policy(c, "both");
	assert_non_null(both);
	assert_int_equal(both->algorithm_count, 2);
	assert_int_equal(both->algorithms[1], KEY_ED25519_SHA256);
	assert_int_equal(both->header_canon, CANON_SIMPLE);
	assert_int_equal(both->body_canon, CANON_RELAXED);
	assert_int_equal(both->signature_lifetime_s, 30 * 86400);
	assert_int_equal(both->keyless, KEYLESS_UNSIGNED);
	assert_int_equal(both->rsa_bits, 2048);
	assert_int_equal(both->ttl_s, 3600);
	assert_true(both->timestamp);
	assert_int_equal(c->dns.resolver_count, 3);
	assert_int_equal(c->dns.resolvers[0].port, 5353);
	assert_int_equal(c->dns.resolvers[1].port, 53);
	assert_int_equal(c->dns.resolvers[2].port, 54);
	assert_int_equal(c->dns.timeout_ms, 500);
	assert_int_equal(c->dns.tries, 3);
	assert_int_equal(c->sweep_interval_s, 1);
	assert_string_equal(c->dns.zones[0].name, "xn--bcher-kva.example");
	assert_int_equal(c->dns.zones[0].servers[1].port, 5355);
	config_free(c);
}

static void
config_parse_sample_fills_the_life_of_keys(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL;
	(void)state;

	if (config_parse(slice_of(sample), "signpost.conf", &c, &err) != 0)
		fail_msg("%s", err.text);
	const struct key_policy *p = config_policy(c, "customers");
	assert_non_null(p);
	assert_int_equal(p->mode, MODE_SLOTS);
	assert_string_equal(p->slot_zone, "dkim.host.example");
	assert_int_equal(p->slots, 3);
	assert_int_equal(p->switch_hour, 3);
	assert_int_equal(p->queue_lifetime_s, 2 * 86400);
	assert_false(p->queue_assumed);
	assert_int_equal(c->publisher_count, 2);
	const struct publisher_conf *dns = config_publisher(c, "dns"), *files = NULL;
	assert_non_null(dns);
	assert_int_equal(dns->type, PUBLISHER_RFC2136);
	assert_string_equal(dns->zone, "_domainkey.host.example");
	assert_int_equal(dns->server_count, 1);
	assert_string_equal(dns->tsig_key, "/etc/signpost/tsig.key");
	assert_int_equal(dns->timeout_ms, 1500);
	assert_null(dns->file);
	files = config_publisher(c, "files");
	assert_non_null(files);
	assert_int_equal(files->type, PUBLISHER_ZONE_FILE);
	assert_int_equal(files->timeout_ms, 30000);
	assert_int_equal(files->check_count, 3);
	assert_string_equal(files->check[1], "%zone");
	assert_null(files->check[3]); /* argv */
	assert_int_equal(files->reload_count, 3);
	assert_null(config_publisher(c, "by-hand"));
	static const char *const milters[] = {"unix:/run/m.sock", "inet:8891@192.0.2.7",
	    "inet:8892@mx.example", "inet6:8891@2001:db8::7", "inet:8893@mx2.example"};
	assert_int_equal(c->signers.milter_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(c->signers.milters[i], milters[i]);
	assert_int_equal(c->signers.push_count, 3);
	assert_string_equal(c->signers.push[1], "a b");
	assert_string_equal(c->keeper.postqueue, "");
	assert_int_equal(c->keeper.postfix_config_count, 1);
	assert_int_equal(c->dns.vantage_count, 1);
	assert_int_equal(c->dns.queries_per_second, 7);
	config_free(c);
}

static void
config_default_has_the_default_policy(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL;
	struct buf out;
	(void)state;

	assert_int_equal(config_default("x", &c, &err), 0);
	assert_int_equal(c->policy_count, 1);
	assert_non_null(config_policy(c, "default"));
	assert_null(config_policy(c, "other"));
	assert_int_equal(
	    c->bare.entry_count + c->local.entry_count + c->network_count + c->login_count, 0);
	/* nothing differs from the defaults but the policy that is always there */
	buf_init(&out, CONFIG_LEN_MAX);
	config_print(c, false, &out);
	assert_string_equal(buf_str(&out), "policy \"default\" {\n}\n");
	buf_deinit(&out);
	config_free(c);
}

/* What is printed means the same when it is read. */
static void
config_print_round_trips(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL, *again = NULL;
	struct buf out[3];
	(void)state;

	assert_int_equal(config_parse(slice_of(sample), "a", &c, &err), 0);
	for (int i = 0; i < 3; i++)
		buf_init(&out[i], CONFIG_LEN_MAX);
	config_print(c, false, &out[0]);
	config_print(c, true, &out[1]);
	for (int i = 0; i < 2; i++) {
		if (config_parse(buf_slice(&out[i]), "b", &again, &err) != 0)
			fail_msg("%s\n%s", err.text, buf_str(&out[i]));
		buf_clear(&out[2]);
		config_print(again, false, &out[2]);
		assert_string_equal(buf_str(&out[2]), buf_str(&out[0]));
		config_free(again);
	}
	assert_non_null(strstr(buf_str(&out[1]), "dry_run = no"));
	/* what was left open is told as it came out */
	assert_non_null(strstr(buf_str(&out[1]), "180d by hand (default); here: 180d\n"));
	assert_non_null(strstr(buf_str(&out[1]), "by hand approve (default); here: auto\n"));
	assert_non_null(strstr(buf_str(&out[1]), "# queue_lifetime is assumed"));
	assert_non_null(strstr(buf_str(&out[0]), "milters = {\"unix:/run/m.sock\", "));
	for (int i = 0; i < 3; i++)
		buf_deinit(&out[i]);
	config_free(c);
}

static void
duration_forms(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t want;
		const char *format;
	} forms[] = {
	    {"0", true, 0, "0"},
	    {"1s", true, 1, "1s"},
	    {"90s", true, 90, "90s"},
	    {"60s", true, 60, "1m"},
	    {"1h", true, 3600, "1h"},
	    {"30d", true, 30 * 86400, "30d"},
	    {"2w", true, 14 * 86400, "14d"},
	    {"", false, 0, NULL},
	    {"s", false, 0, NULL},
	    {"1", false, 0, NULL},
	    {"-1s", false, 0, NULL},
	    {"1 s", false, 0, NULL},
	    {"1h30m", false, 0, NULL},
	    {"1y", false, 0, NULL},
	    {"1.5h", false, 0, NULL},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		int64_t seconds;
		assert_int_equal(duration_parse(slice_of(forms[i].text), &seconds), forms[i].good);
		if (!forms[i].good)
			continue;
		struct buf out;
		buf_init(&out, 64);
		assert_int_equal(seconds, forms[i].want);
		duration_format(seconds, &out);
		assert_string_equal(buf_str(&out), forms[i].format);
		buf_deinit(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(config_parse_sample_fills_every_section),
	    cmocka_unit_test(config_parse_sample_fills_the_life_of_keys),
	    cmocka_unit_test(config_default_has_the_default_policy),
	    cmocka_unit_test(config_print_round_trips),
	    cmocka_unit_test(duration_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
