/* SPDX-License-Identifier: ISC */
/* test_config_refused.c - every refusal of signpost.conf, with its line. */
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

static const struct {
	const char *name, *text, *want; /* want: beginning of the message, behind "f:" */
} refused[] = {
    {"unknown option", "sign {\n    athenticated = any\n}\n",
	"2: no option \"athenticated\"; is it authenticated?"},
    {"unknown option unlike any", "sign {\n colour = red\n}\n",
	"2: no option \"colour\" in section sign; see signpost.conf(5)"},
    {"unknown option at the top", "colour = red\n",
	"1: no option \"colour\" at the top of the file; see signpost.conf(5)"},
    {"two letters apart", "policy \"a\" {\n rotat_evry = 30d\n}\n",
	"2: no option \"rotat_evry\"; is it rotate_every?"},
    {"option of the top in a section", "sign {\n store = /x\n}\n",
	"2: option \"store\" belongs at the top of the file, not into sign"},
    {"option of another section", "keeper {\n resolvers = {\"192.0.2.1\"}\n}\n",
	"2: option \"resolvers\" belongs into section dns, not into keeper"},
    {"section of another", "network \"10.0.0.0/8\" {\n}\n",
	"1: section \"network\" belongs into section sign"},
    {"section of the top in another", "sign {\n policy \"a\" {\n }\n}\n",
	"2: section \"policy\" belongs at the top of the file; is a brace missing above?"},
    {"unknown section", "\nsing {\n}\n", "2: no section \"sing\" at the top of the file"},
    {"option at the wrong place", "dry_run = yes\n",
	"1: option \"dry_run\" belongs into section sign, not at the top of the file"},
    {"option twice", "sign {\n dry_run = yes\n\n dry_run = no\n}\n",
	"4: option \"dry_run\" stands here twice; the first is in line 2"},
    {"section twice", "sign {\n}\nsign {\n}\n",
	"3: section \"sign\" stands here twice; the first is in line 1"},
    {"title twice", "policy \"a\" {\n}\npolicy \"a\" {\n}\n",
	"3: policy \"a\" stands here twice; the first is in line 1"},
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
    {"two values", "store = /x /y\n",
	"1: /y: a second value for store; a value with blanks goes in quotes"},
    {"time in two words", "policy \"a\" {\n rotate_every = 30 days\n}\n",
	"2: days: a second value for rotate_every; a time is written in one word: 30d"},
    {"title without quotes", "\npolicy ours {\n}\n",
	"2: policy wants its title in quotes: policy \"ours\" {"},
    {"no comma", "dns {\n resolvers = {\"192.0.2.1\" \"192.0.2.2\"}\n}\n",
	"2: 192.0.2.2: want a comma before it"},
    {"two commas", "dns {\n resolvers = {\"192.0.2.1\",, \"192.0.2.2\"}\n}\n",
	"2: ',' where a value should be"},
    {"comma first", "dns {\n resolvers = {, \"192.0.2.1\"}\n}\n", "2: ',' where a value should be"},
    {"two dots", "sign {\n bare_logins {\n  domains = {\"bad_domain..x\"}\n }\n}\n",
	"3: domains: \"bad_domain..x\" is no domain name: two dots follow each other"},
    {"word alone", "\n\nstore\n", "3: store: want NAME = VALUE"},
    {"append", "store += /x\n", "1: '+' does not belong here"},
    {"C comment", "store = /x /* y */\n", "1: comments begin with #"},
    {"slashes", "store = /x // y\n", "1: comments begin with #"},
    {"escape", "store = \"/x\\n\"\n", "1: in quotes only"},
    {"list for a scalar", "store = {\"/x\"}\n", "1: store wants one value, without braces"},
    {"relative path", "store = x\n", "1: store = x: want a path"},
    {"choice", "sign {\n on_error = reject\n}\n",
	"2: on_error = reject: want one of tempfail, accept"},
    {"yes or no", "sign {\n dry_run = true\n}\n", "2: dry_run = true: want yes or no"},
    {"number", "sign {\n header_len_max = 100\n}\n",
	"2: header_len_max = 100: want a number from 4096"},
    {"time without unit", "dns {\n sweep_interval = 60\n}\n",
	"2: sweep_interval = 60: want a time"},
    {"time too short", "dns {\n sweep_interval = 0\n}\n",
	"2: sweep_interval = 0: want a time from 1s to 1d"},
    {"time overflow", "dns {\n sweep_interval = 99999999999999999999d\n}\n", "2: sweep_interval"},
    {"ed25519 alone", "policy \"a\" {\n algorithms = {\"ed25519-sha256\"}\n}\n",
	"2: algorithms: ed25519-sha256 alone"},
    {"algorithm twice", "policy \"a\" {\n algorithms = {\"rsa-sha256\", \"rsa-sha256\"}\n}\n",
	"2: algorithms: rsa-sha256 stands twice"},
    {"SHA-1", "policy \"a\" {\n algorithms = {\"rsa-sha1\"}\n}\n", "2: algorithms: rsa-sha1"},
    {"short key", "policy \"a\" {\n rsa_bits = 1024\n}\n", "2: rsa_bits = 1024"},
    {"x= shorter than the queue", "policy \"a\" {\n signature_lifetime = 2d\n}\n",
	"2: policy \"a\": signature_lifetime"},
    {"canonicalization", "policy \"a\" {\n canonicalization = relaxed\n}\n",
	"2: canonicalization = relaxed"},
    {"domain", "sign {\n bare_logins {\n  domains = {\"exa mple.com\"}\n }\n}\n",
	"3: domains: \"exa mple.com\" is no domain name"},
    {"network", "sign {\n network \"10.1.0.1/16\" { domains = {\"a.example\"} }\n}\n",
	"2: network \"10.1.0.1/16\""},
    {"network without domains", "sign {\n network \"10.1.0.0/16\" {\n }\n}\n",
	"3: network \"10.1.0.0/16\" has no domains"},
    {"zone without servers", "dns {\n zone \"a.example\" {\n }\n}\n",
	"3: zone \"a.example\" has no servers"},
    {"endpoint port", "dns {\n resolvers = {\"127.0.0.1:0\"}\n}\n", "2: resolvers: 127.0.0.1:0"},
    {"endpoint name", "dns {\n resolvers = {\"localhost\"}\n}\n", "2: resolvers: \"localhost\" is not an IP address"},
    {"publisher that is not there", "\npolicy \"a\" {\n ttl = 1h\n publisher = dsn\n}\n",
	"4: policy \"a\": publisher = dsn: this file has no block publisher \"dsn\""},
    {"publisher of another name", "policy \"a\" {\n publisher = dsn\n}\n" DNS_PUBLISHER,
	"2: policy \"a\": publisher = dsn: this file has no block publisher \"dsn\" { ... }; there "
	"is "
	"by-hand, dns"},
    {"publisher without a type", "publisher \"dns\" {\n}\n",
	"2: publisher \"dns\" has no type: type = rfc2136, zone-file, hook, route53, cloudflare or "
	"powerdns"},
    {"publisher of unknown type", "publisher \"dns\" {\n type = route54\n}\n",
	"2: type = route54: want one of rfc2136, zone-file, hook, route53, cloudflare, powerdns"},
    {"publisher that is not whole", "\npublisher \"dns\" {\n type = rfc2136\n}\n",
	"3: publisher dns: a publisher of type rfc2136 needs"},
    {"publisher with an option of another type",
	"publisher \"dns\" {\n type = rfc2136\n server = \"192.0.2.1\"\n tsig_key = /k\n program = "
	"/p\n}\n",
	"5: publisher dns: `program` is for publishers of type hook"},
    {"rotation sooner than a key can be ready",
	"policy \"a\" {\n ttl = 1h\n rotate_every = 3d\n}\n",
	"3: policy \"a\": rotate_every is 3 d, but a new key needs 14 d"},
    {"spread longer than the life", "policy \"a\" {\n rotate_spread = 200d\n}\n",
	"2: policy \"a\": rotate_spread (200 d) must be shorter than rotate_every (180 d)"},
    {"too few slots for the rotation",
	"policy \"a\" {\n mode = slots\n slot_zone = d.example\n publisher = dns\n rotate_every = "
	"15d\n"
	" queue_lifetime = 5d\n}\n" DNS_PUBLISHER,
	"5: policy \"a\": 3 slots of each algorithm with a standby allow a rotation every 14 d"},
    {"two slots and a standby",
	"policy \"a\" {\n mode = slots\n slot_zone = d.example\n publisher = dns\n slots = 2\n "
	"standby = "
	"yes\n}\n" DNS_PUBLISHER,
	"5: policy \"a\": slots is 2, want 3 to 8"},
    {"publisher by-hand", "publisher \"by-hand\" {\n type = hook\n}\n",
	"3: publisher \"by-hand\": that name stands for a person"},
    {"publisher twice", DNS_PUBLISHER DNS_PUBLISHER,
	"6: publisher \"dns\" stands here twice; the first is in line 1"},
    {"publisher without a name", "publisher \"\" {\n type = hook\n}\n",
	"3: publisher \"\": want a name"},
    {"tsig_key path", "publisher \"a\" {\n tsig_key = tsig.key\n}\n",
	"2: tsig_key = tsig.key: want a path"},
    {"server", "publisher \"a\" {\n server = \"ns1.example\"\n}\n", "2: server: \"ns1.example\" is not"},
    {"zone", "publisher \"a\" {\n zone = \"exa mple\"\n}\n", "2: zone = exa mple"},
    {"program with its arguments in one", "publisher \"a\" {\n program = \"nsupdate -l\"\n}\n",
	"2: program: nsupdate -l: want a program, with a path"},
    {"timeout", "publisher \"a\" {\n timeout = 1d\n}\n",
	"2: timeout = 1d: want a time from 100ms to 10m"},
    {"mode", "policy \"a\" {\n mode = cname\n}\n",
	"2: mode = cname: want one of txt, slots, delegated"},
    {"slots without a zone", "policy \"a\" {\n publisher = dns\n mode = slots\n}\n" DNS_PUBLISHER,
	"3: policy \"a\": mode = slots wants the zone"},
    {"a slot zone without slots", "policy \"a\" {\n slot_zone = d.example\n}\n",
	"2: policy \"a\": slot_zone = d.example is for mode = slots"},
    {"slots by hand", "policy \"a\" {\n slot_zone = d.example\n mode = slots\n}\n",
	"3: policy \"a\": mode = slots needs a publisher"},
    {"slot zone", "policy \"a\" {\n slot_zone = example\n}\n", "2: slot_zone = example"},
    {"one slot", "policy \"a\" {\n slots = 1\n}\n", "2: slots = 1: want a number from 2 to 8"},
    {"nine slots", "policy \"a\" {\n slots = 9\n}\n", "2: slots = 9: want a number from 2"},
    {"rotate", "policy \"a\" {\n rotate = yes\n}\n",
	"2: rotate = yes: want one of auto, approve, off, by-publisher"},
    {"rotate_every", "policy \"a\" {\n rotate_every = 90\n}\n", "2: rotate_every = 90: want a"},
    {"standby", "policy \"a\" {\n standby = 1\n}\n", "2: standby = 1: want one of no, yes"},
    {"switch_hour", "policy \"a\" {\n switch_hour = 25\n}\n", "2: switch_hour = 25: want a"},
    {"proof", "policy \"a\" {\n proof = none\n}\n",
	"2: proof = none: want one of authoritative, resolver, attest"},
    {"publish_safety", "policy \"a\" {\n publish_safety = 0\n}\n",
	"2: publish_safety = 0: want a time from 1s"},
    {"retire_safety", "policy \"a\" {\n retire_safety = 0\n}\n", "2: retire_safety = 0"},
    {"stale_allowance", "policy \"a\" {\n stale_allowance = 0\n}\n", "2: stale_allowance = 0"},
    {"tombstone", "policy \"a\" {\n tombstone = 0\n}\n", "2: tombstone = 0"},
    {"destroy_after", "policy \"a\" {\n destroy_after = 0\n}\n", "2: destroy_after = 0"},
    {"ttl", "policy \"a\" {\n ttl = 2d\n}\n", "2: ttl = 2d: want a time from 0 to 1d"},
    {"milter of another kind", "signers {\n milters = {\"local:/x\"}\n}\n",
	"2: milters: local:/x: want unix:/PATH"},
    {"milter as Postfix's chroot sees it", "signers {\n milters = {\"unix:signpost/m.sock\"}\n}\n",
	"2: milters: unix:signpost/m.sock: want the whole path"},
    {"milter without a port", "signers {\n milters = {\"inet:127.0.0.1\"}\n}\n",
	"2: milters: inet:127.0.0.1: want unix:/PATH"},
    {"milter with port 0", "signers {\n milters = {\"inet:0@127.0.0.1\"}\n}\n",
	"2: milters: inet:0@127.0.0.1: want unix:/PATH"},
    {"push", "signers {\n push = {\"push\"}\n}\n", "2: push: push: want a program"},
    {"ask_every", "signers {\n ask_every = 0\n}\n", "2: ask_every = 0: want a time from 1s"},
    {"watch_interval", "keeper {\n watch_interval = 0\n}\n", "2: watch_interval = 0"},
    {"reprove_interval", "keeper {\n reprove_interval = 0\n}\n", "2: reprove_interval = 0"},
    {"gone_sweeps", "keeper {\n gone_sweeps = 0\n}\n", "2: gone_sweeps = 0"},
    {"gone_over", "keeper {\n gone_over = 0\n}\n", "2: gone_over = 0"},
    {"retry", "keeper {\n retry = 0\n}\n", "2: retry = 0"},
    {"retry_max shorter than retry", "keeper {\n\n retry_max = 30s\n}\n",
	"3: retry_max = 30s is shorter than retry = 1m"},
    {"retry longer than retry_max", "keeper {\n\n retry = 2h\n}\n",
	"3: retry_max = 1h is shorter than retry = 2h"},
    {"proofs older than they may be", "keeper {\n\n recent_proof = 10m\n}\n",
	"3: recent_proof = 10m is shorter than watch_interval = 1h"},
    {"queries", "keeper {\n queries = 0\n}\n", "2: queries = 0: want a number from 1"},
    {"outage_share", "keeper {\n outage_share = 101\n}\n", "2: outage_share = 101"},
    {"clock_tolerance", "keeper {\n clock_tolerance = 0\n}\n", "2: clock_tolerance = 0"},
    {"postqueue", "keeper {\n postqueue = \"bin/postqueue\"\n}\n",
	"2: postqueue = bin/postqueue: want a path"},
    {"postfix_config", "keeper {\n postfix_config = {\"postfix-out\"}\n}\n",
	"2: postfix_config: postfix-out: want a path"},
    {"queries_per_second", "dns {\n queries_per_second = 0\n}\n", "2: queries_per_second = 0"},
    {"vantage", "dns {\n vantage = {\"outside\"}\n}\n", "2: vantage: \"outside\" is not"},
    {"login twice", "sign {\n login \"a@B.example\" {\n }\n login \"a@b.example\" {\n }\n}\n",
	"4: login \"a@b.example\" stands twice"},
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

/* Each is put before what is wrong, which then is that many lines further down. */
static const struct {
	const char *name, *text;
} layouts[] = {
    {"a comment", "# signpost.conf\n"},
    {"comments", "# a\n#b\n\n   # c { d = e }\n#\n"},
    {"a comment with quotes", "# \"an open quote\n# and \"two\"\n"},
    {"comments behind options", "store = /x # one\nnotify { # two\n # three\n} # four\n"},
    {"a comment of C in a comment", "# /* open\n# // two\n"},
    {"a hash in quotes", "store = \"/a#b\" # \"c\"\n"},
    {"an escaped quote", "notify {\n mail = \"\\\"#\\\"@a.example\" # c\n}\n"},
    {"a list of many lines",
	"sign {\n bare_logins {\n  domains = { # a\n   \"a.example\", # b\n\n # c\n   "
	"\"b.example\"\n  }\n }\n}\n"},
};

/* Said by us before libconfuse sees it, by the check of a value, and of a section as a whole. */
static const char *const wrongs[] = {
    "dns {\n colour = red\n}\n",
    "dns {\n roots = {\"300.1.2.3\"}\n}\n",
    "policy \"p\" {\n rsa_bits = 1\n}\n",
    "policy \"p\" {\n publisher = none\n}\n",
    "policy \"p\" {\n algorithms = {\"rsa-sha1\"}\n}\n",
};

static void
config_parse_layout_before_counts_each_line_once(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		unsigned lines = 0;
		for (const char *c = layouts[i].text; *c != '\0'; c++)
			lines += *c == '\n' ? 1 : 0;
		for (size_t w = 0; w < sizeof(wrongs) / sizeof(wrongs[0]); w++) {
			struct err err = ERR_INIT;
			struct config *c = NULL;
			char text[512], want[32];
			snprintf(text, sizeof(text), "%s%s", layouts[i].text, wrongs[w]);
			snprintf(want, sizeof(want), "f:%u: ", lines + 2);
			if (config_parse(slice_of(text), "f", &c, &err) == 0)
				fail_msg("%s, %zu: was accepted", layouts[i].name, w);
			if (strncmp(err.text, want, strlen(want)) != 0)
				fail_msg("%s, %zu: want %s, not \"%s\"", layouts[i].name, w, want,
				    err.text);
		}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(config_parse_bad_input_is_refused_with_its_line),
	    cmocka_unit_test(config_parse_layout_before_counts_each_line_once),
	    cmocka_unit_test(config_parse_nul_and_length_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
