/* SPDX-License-Identifier: ISC */
/* Where the record of a key is asked for: one of our own at its authorities first, and of resolvers only where it is
 * there (K5). */
#include "signpost/verify_print.h"
#include "tests/unit/fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DOMAIN "example.test"
#define SEL    "sel._domainkey." DOMAIN
#define NOW    1795305600
#define APEX                                                                                       \
	DOMAIN ". 700 IN SOA ns1." DOMAIN ". h." DOMAIN ". 42 60 60 86400 300\n" DOMAIN            \
	       ". 7200 IN NS ns1." DOMAIN ".\nns1." DOMAIN ". 60 IN A 127.0.0.1\n"
#define RECORD                                                                                     \
	SEL ". 60 IN TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"

enum { AUTHORITY, RESOLVER, SERVERS };

struct lab {
	struct fake_dns *d;
	struct dns_endpoint authority, resolver;
	struct dns_zone_conf zone;
	struct dns_conf world, own; /* own: with the zone's server */
};

static int
lab_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	static char name[] = DOMAIN;

	assert_non_null(lab);
	lab->d = fake_dns_start(SERVERS);
	lab->authority = fake_endpoint(lab->d, AUTHORITY);
	lab->resolver = fake_endpoint(lab->d, RESOLVER);
	lab->zone = (struct dns_zone_conf){name, &lab->authority, 1};
	lab->world = (struct dns_conf){.resolvers = &lab->resolver,
	    .resolver_count = 1,
	    .timeout_ms = 300,
	    .tries = 1,
	    .queries_per_second = 5000};
	lab->own = lab->world;
	lab->own.zones = &lab->zone;
	lab->own.zone_count = 1;
	fake_zone(lab->d, AUTHORITY, DOMAIN, APEX);
	fake_zone(lab->d, RESOLVER, DOMAIN, APEX RECORD);
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_AS_RESOLVER);
	*state = lab;
	return 0;
}

static int
lab_down(void **state)
{
	struct lab *lab = *state;

	fake_dns_stop(lab->d);
	free(lab);
	return 0;
}

static void
look(const struct verify_asker *asker, struct verified *v)
{
	static const char TEXT[] =
	    "DKIM-Signature: v=1; a=ed25519-sha256; d=" DOMAIN "; s=sel; h=from;\r\n"
	    "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
	    "From: a@" DOMAIN "\r\n\r\n";
	struct header_list list = {0};
	struct err err = ERR_INIT;
	size_t body;

	assert_int_equal(header_list_parse(&list, slice_of(TEXT), 10, &body, &err), 0);
	verify_look(
	    asker, &(struct verify_message){&list, 0, slice_from(slice_of(TEXT), body), NULL}, v);
	header_list_deinit(&list);
}

static int
resolver_asked(const struct lab *lab)
{
	return atomic_load(&lab->d->servers[RESOLVER].asked);
}

static void
own_key_asked_of_authorities_first(void **state)
{
	static struct verified v;
	struct lab *lab = *state;
	const struct verify_asker asker = {
	    .dns = &lab->world, .now = NOW, .authorities = &lab->own};

	look(&asker, &v);
	assert_int_equal(v.report.reason, VERIFY_KEY_ABSENT);
	assert_false(v.told.by_resolver);
	assert_int_equal(resolver_asked(lab), 0);
	/* nor when they say nothing */
	atomic_store(&lab->d->servers[AUTHORITY].faults, FAKE_SILENT);
	look(&asker, &v);
	assert_int_equal(v.report.result, VERIFY_TEMPERROR);
	assert_int_equal(resolver_asked(lab), 0);
	/* it is there: now the world's view counts */
	atomic_store(&lab->d->servers[AUTHORITY].faults, 0);
	fake_zone(lab->d, AUTHORITY, DOMAIN, APEX RECORD);
	look(&asker, &v);
	assert_int_equal(v.records, 1);
	assert_true(v.told.by_resolver);
	assert_int_equal(resolver_asked(lab), 1);
}

static void
foreign_key_asked_of_resolvers(void **state)
{
	static struct verified v;
	struct lab *lab = *state;

	look(&(struct verify_asker){.dns = &lab->world, .now = NOW}, &v);
	assert_int_equal(v.records, 1);
	assert_true(v.told.by_resolver);
	assert_int_equal(atomic_load(&lab->d->servers[AUTHORITY].asked), 0);
}

/* What a message writes into s= reaches neither the terminal nor JSON as it stands. */
static void
escape_sequences_not_printed(void **state)
{
	static struct verified v;
	const struct terminal t = {.width = 0};
	const char *bad[] = {"\xc2\x9b", "\x9b", "\xe2\x80\xae", "\033"};
	struct buf out;

	(void)state;
	memset(&v, 0, sizeof(v));
	v.report.has_sig = true;
	v.report.sig.domain = slice_of(DOMAIN);
	v.report.sig.selector = SLICE_LIT("a\xc2\x9b"
					  "31m\x9b"
					  "b\xe2\x80\xaeq\xc3\xa4");
	v.report.sig.auid = SLICE_LIT("\033[1m\x9b@" DOMAIN);
	snprintf(v.name, sizeof(v.name), "a\x9b.%s", DOMAIN);
	buf_init(&out, 65536);
	verify_print(&t, 1, &v, &out);
	assert_non_null(strstr(buf_str(&out), "s=a?31m?b?q\xc3\xa4 "));
	assert_non_null(strstr(buf_str(&out), "i=?[1m?@" DOMAIN));
	json_t *row = verify_json(&v);
	char *json = json_dumps(row, 0);
	assert_non_null(json);
	assert_non_null(strstr(json, "\"name\": \"a?." DOMAIN "\""));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(strstr(buf_str(&out), bad[i]));
		assert_null(strstr(json, bad[i]));
	}
	free(json);
	json_decref(row);
	buf_deinit(&out);
}

/* Who signs a message chooses where the CNAME of its key leads. */
static void
dig_line_is_words_of_a_shell(void **state)
{
	static struct verified v;
	char dig[DIG_LEN];

	(void)state;
	memset(&v, 0, sizeof(v));
	v.told.known = true;
	v.told.by_resolver = true;
	struct err err = ERR_INIT;
	assert_int_equal(ip_addr_parse(SLICE_LIT("192.0.2.1"), &v.told.server.addr, &err), 0);
	v.told.server.port = DNS_PORT;
	snprintf(v.told.name, sizeof(v.told.name), "%s", "x$({touch,p}).test");
	verify_dig(&v, dig);
	assert_string_equal(dig, "dig @192.0.2.1 TXT 'x\\036\\040\\123touch\\044p\\125\\041.test.'");
	/* a quote that is not closed would take in what is pasted behind it */
	memset(v.told.name, '\'', sizeof(v.told.name) - 1);
	verify_dig(&v, dig);
	assert_string_equal(dig + strlen(dig) - 6, "\\039.'");
}

/* A cell that ends within a character, or begins with none. */
static void
terminal_shows_no_controls(void **state)
{
	const struct terminal t = {.width = 0};
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	terminal_wrap(&t, (struct terminal_room){0, 0},
	    "\xff\xc2\x9b"
	    "\xe2\x80\xae\x1b\ta\nb\xc3\xa4\xc3",
	    &out);
	assert_string_equal(buf_str(&out), "???? a\nb\xc3\xa4?");
	buf_deinit(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(own_key_asked_of_authorities_first, lab_up, lab_down),
	    cmocka_unit_test_setup_teardown(foreign_key_asked_of_resolvers, lab_up, lab_down),
	    cmocka_unit_test(escape_sequences_not_printed),
	    cmocka_unit_test(dig_line_is_words_of_a_shell),
	    cmocka_unit_test(terminal_shows_no_controls),
	};
	return cmocka_run_group_tests_name("verify_look", tests, NULL, NULL);
}
