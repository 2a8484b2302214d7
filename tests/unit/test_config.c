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
    "dns {\n"
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
	assert_int_equal(c->policy_count, 2);
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
	for (int i = 0; i < 3; i++)
		buf_deinit(&out[i]);
	config_free(c);
}

static const struct {
	const char *name, *text, *want; /* want: beginning of the message, behind "f:" */
} refused[] = {
    {"unknown option", "sign {\n    athenticated = any\n}\n",
	"2: no option \"athenticated\" in section sign"},
    {"unknown section", "\nsing {\n}\n", "2: no section \"sing\" at the top of the file"},
    {"option at the wrong place", "dry_run = yes\n", "1: no option \"dry_run\" at the top"},
    {"later: rotation", "policy \"a\" {\n rotate_every = 30d\n}\n",
	"2: option \"rotate_every\": this version publishes by hand only"},
    {"later: slots", "policy \"a\" {\n mode = slots\n}\n",
	"2: option \"mode\": this version publishes by hand only"},
    {"later: publisher", "\npublisher \"dns\" {\n}\n",
	"2: section \"publisher\": this version publishes by hand only"},
    {"later: publisher = dns", "policy \"a\" {\n publisher = dns\n}\n",
	"2: publisher = dns: want by-hand"},
    {"option twice", "sign {\n dry_run = yes\n\n dry_run = no\n}\n",
	"4: option \"dry_run\" stands here twice"},
    {"section twice", "sign {\n}\nsign {\n}\n", "3: section \"sign\" stands here twice"},
    {"title twice", "policy \"a\" {\n}\npolicy \"a\" {\n}\n", "3: found duplicate title"},
    {"no title", "policy {\n}\n", "1: section policy wants a title"},
    {"title too many", "sign \"x\" {\n}\n", "1: section sign has no title"},
    {"two on a line", "sign {\n dry_run = yes max_signatures = 3\n}\n",
	"2: a second option on this line: max_signatures"},
    {"open brace", "sign {\n dry_run = yes\n", "1: the brace opened here is never closed"},
    {"open list", "sign {\n bare_logins {\n domains = {\"a.example\"\n }\n}\n",
	"1: the brace opened here"},
    {"brace too many", "sign {\n}\n}\n", "3: \"}\" closes nothing"},
    {"open quote", "store = \"/x\n", "1: a quote is opened"},
    {"environment", "store = \"${HOME}/x\"\n", "1: \"${\""},
    {"control byte", "store = /x\n\001\n", "2: control byte 0x01"},
    {"CR", "store = /x\r\n", "1: a CR"},
    {"no value", "store =\n\"/x\"\n", "1: no value behind"},
    {"two values", "store = /x /y\n", "1: /y: want NAME = VALUE"},
    {"word alone", "\n\nstore\n", "3: store: want NAME = VALUE"},
    {"append", "store += /x\n", "1: '+' does not belong here"},
    {"C comment", "store = /x /* y */\n", "1: comments begin with #"},
    {"slashes", "store = /x // y\n", "1: comments begin with #"},
    {"escape", "store = \"/x\\n\"\n", "1: in quotes only"},
    {"list for a scalar", "store = {\"/x\"}\n", "1: "},
    {"relative path", "store = x\n", "1: store = x: want a path"},
    {"choice", "sign {\n on_error = reject\n}\n",
	"2: on_error = reject: want one of tempfail, accept"},
    {"yes or no", "sign {\n dry_run = true\n}\n", "2: dry_run = true: want yes or no"},
    {"number", "sign {\n header_len_max = 100\n}\n",
	"2: header_len_max = 100: want a number from 4096"},
    {"time without unit", "dns {\n sweep_interval = 60\n}\n",
	"2: sweep_interval = 60: want a time"},
    {"time too short", "dns {\n sweep_interval = 0\n}\n",
	"2: sweep_interval = 0: want a time from 1s"},
    {"time overflow", "dns {\n sweep_interval = 99999999999999999999d\n}\n", "2: sweep_interval"},
    {"ed25519 alone", "policy \"a\" {\n algorithms = {\"ed25519-sha256\"}\n}\n",
	"2: algorithms: ed25519-sha256 alone"},
    {"algorithm twice", "policy \"a\" {\n algorithms = {\"rsa-sha256\", \"rsa-sha256\"}\n}\n",
	"2: algorithms: rsa-sha256 stands twice"},
    {"SHA-1", "policy \"a\" {\n algorithms = {\"rsa-sha1\"}\n}\n", "2: algorithms: rsa-sha1"},
    {"short key", "policy \"a\" {\n rsa_bits = 1024\n}\n", "2: rsa_bits = 1024"},
    {"x= shorter than the queue", "policy \"a\" {\n signature_lifetime = 2d\n}\n",
	"3: policy \"a\": signature_lifetime is shorter"},
    {"canonicalization", "policy \"a\" {\n canonicalization = relaxed\n}\n",
	"2: canonicalization = relaxed"},
    {"domain", "sign {\n bare_logins {\n  domains = {\"exa mple.com\"}\n }\n}\n",
	"3: domains: exa mple.com"},
    {"network", "sign {\n network \"10.1.0.1/16\" { domains = {\"a.example\"} }\n}\n",
	"2: network \"10.1.0.1/16\""},
    {"network without domains", "sign {\n network \"10.1.0.0/16\" {\n }\n}\n",
	"3: network \"10.1.0.0/16\" has no domains"},
    {"zone without servers", "dns {\n zone \"a.example\" {\n }\n}\n",
	"3: zone \"a.example\" has no servers"},
    {"endpoint port", "dns {\n resolvers = {\"127.0.0.1:0\"}\n}\n", "2: resolvers: 127.0.0.1:0"},
    {"endpoint name", "dns {\n resolvers = {\"localhost\"}\n}\n", "2: resolvers: localhost"},
    {"login twice", "sign {\n login \"a@B.example\" {\n }\n login \"a@b.example\" {\n }\n}\n",
	" login \"a@b.example\" stands twice"},
};

static void
config_parse_bad_input_is_refused_with_its_line(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		struct config *c = NULL;
		char want[256];
		snprintf(want, sizeof(want), "f:%s", refused[i].want);
		if (config_parse(slice_of(refused[i].text), "f", &c, &err) == 0)
			fail_msg("%s: was accepted", refused[i].name);
		assert_null(c);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (strncmp(err.text, want, strlen(want)) != 0)
			fail_msg("%s: \"%s\"", refused[i].name, err.text);
	}
}

static void
config_parse_nul_and_length_are_refused(void **state)
{
	struct err err = ERR_INIT;
	struct config *c = NULL;
	(void)state;

	assert_int_equal(
	    config_parse(SLICE_LIT("store = /x\n\0dry_run = yes\n"), "f", &c, &err), -1);
	assert_string_equal(err.text, "f:2: control byte 0x00");
	char *big = malloc(CONFIG_LEN_MAX + 1);
	assert_non_null(big);
	memset(big, '\n', CONFIG_LEN_MAX + 1);
	assert_int_equal(config_parse(slice_new(big, CONFIG_LEN_MAX + 1), "f", &c, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(config_parse(slice_new(big, CONFIG_LEN_MAX), "f", &c, &err), 0);
	config_free(c);
	free(big);
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
	    cmocka_unit_test(config_default_has_the_default_policy),
	    cmocka_unit_test(config_print_round_trips),
	    cmocka_unit_test(config_parse_bad_input_is_refused_with_its_line),
	    cmocka_unit_test(config_parse_nul_and_length_are_refused),
	    cmocka_unit_test(duration_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
