/* SPDX-License-Identifier: ISC */
#include "signpost/key_stock.h"
#include "signpost/record_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LONG_P	   300
#define BITS_LEAST 2048

static struct record
record_of(enum record_type type, const char *owner, const char *value)
{
	struct record r = {.type = type, .ttl_s = 3600, .selector = "s", .algorithm = "rsa-sha256"};

	snprintf(r.owner, sizeof(r.owner), "%s", owner);
	snprintf(r.value, sizeof(r.value), "%s", value);
	return r;
}

static struct record_list
list_of(const char *zone, struct record *records, size_t count)
{
	struct record_list list = {.records = records, .count = count};

	snprintf(list.domain, sizeof(list.domain), "example.com");
	snprintf(list.zone, sizeof(list.zone), "%s", zone);
	return list;
}

static void
formed(const struct record_list *list, enum record_form form, char *text, size_t size)
{
	struct err err = ERR_INIT;
	struct buf out;

	buf_init(&out, RECORD_FORMAT_LEN_MAX);
	assert_int_equal(record_format(list, form, &out, &err), 0);
	snprintf(text, size, "%s", buf_str(&out));
	buf_deinit(&out);
}

static void
record_host_table(void **state)
{
	static const struct {
		const char *zone, *owner, *want;
	} rows[] = {
	    {"example.com", "s._domainkey.example.com", "s._domainkey"},
	    {"example.com", "s._domainkey.mail.example.com", "s._domainkey.mail"},
	    {"_domainkey.example.com", "s._domainkey.example.com", "s"},
	    {"example.com", "example.com", "@"},
	    /* a suffix that is no parent */
	    {"ample.com", "s._domainkey.example.com", "s._domainkey.example.com"},
	    {"other.test", "s._domainkey.example.com", "s._domainkey.example.com"},
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record r = record_of(RECORD_TXT, rows[i].owner, "v");
		struct record_list list = list_of(rows[i].zone, &r, 1);
		buf_init(&out, SWEEP_NAME_LEN);
		record_host(&list, &r, &out);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_deinit(&out);
	}
}

#define OWNER "s._domainkey.example.com"
#define YXRRSET_SAID "; YXRRSET: records of that name are there already; nothing is changed there\n"

static void
record_format_table(void **state)
{
	static const struct {
		enum record_type type;
		const char *value;
		enum record_form form;
		const char *want;
	} rows[] = {
	    {RECORD_TXT, "v=DKIM1; p=A", RECORD_FORM_ZONE,
		OWNER ".\t3600\tIN\tTXT\t( \"v=DKIM1; p=A\" )\n"},
	    {RECORD_CNAME, "t.host.example", RECORD_FORM_ZONE,
		OWNER ".\t3600\tIN\tCNAME\tt.host.example.\n"},
	    {RECORD_NS, "ns1.host.example", RECORD_FORM_ZONE,
		OWNER ".\t3600\tIN\tNS\tns1.host.example.\n"},
	    {RECORD_TXT, "v=DKIM1; p=A", RECORD_FORM_QUOTED, "\"v=DKIM1; p=A\"\n"},
	    {RECORD_CNAME, "t.host.example", RECORD_FORM_QUOTED, "t.host.example.\n"},
	    {RECORD_TXT, "v=DKIM1; p=A", RECORD_FORM_NSUPDATE,
		YXRRSET_SAID "zone example.com.\nprereq nxrrset " OWNER ". TXT\nprereq nxrrset " OWNER
		". CNAME\nupdate add " OWNER
		". 3600 TXT \"v=DKIM1; p=A\"\nsend\n"},
	    {RECORD_CNAME, "t.host.example", RECORD_FORM_NSUPDATE,
		YXRRSET_SAID "zone example.com.\nprereq nxrrset " OWNER ". CNAME\nprereq nxrrset " OWNER
		". TXT\nupdate add " OWNER
		". 3600 CNAME t.host.example.\nsend\n"},
	    {RECORD_TXT, "a \"b\", c", RECORD_FORM_CSV,
		"type,host,name,ttl,value\nTXT,s._domainkey," OWNER ",3600,\"a \"\"b\"\", c\"\n"},
	    {RECORD_TXT, "v=DKIM1; p=A", RECORD_FORM_PERSON,
		"  Type    TXT\n"
		"  Host    s._domainkey                if the form adds example.com by itself\n"
		"          s._domainkey.example.com    if it wants the whole name\n"
		"          s._domainkey.example.com.   if it wants the whole name and adds "
		"example.com without a dot\n"
		"  TTL     3600\n  Value   v=DKIM1; p=A\n          (one line, 12 characters)\n"},
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record r = record_of(rows[i].type, OWNER, rows[i].value);
		struct record_list list = list_of("example.com", &r, 1);
		formed(&list, rows[i].form, text, sizeof(text));
		assert_string_equal(text, rows[i].want);
	}
}

/* What is too long for one string is shown both ways. */
static void
record_format_of_a_long_text_has_both_values(void **state)
{
	char value[LONG_P + 1], text[8192];

	(void)state;
	memset(value, 'A', LONG_P);
	value[LONG_P] = '\0';
	struct record r = record_of(RECORD_TXT, OWNER, value);
	struct record_list list = list_of("example.com", &r, 1);
	formed(&list, RECORD_FORM_PERSON, text, sizeof(text));
	assert_non_null(strstr(text, "(one line, 300 characters)"));
	assert_non_null(strstr(text, "  or      \"AAA"));
	assert_non_null(strstr(text, "A\" \"A"));
}

/* Several values at one name are one set; Cloudflare takes each by itself. */
static void
record_format_of_two_name_servers_is_one_set(void **state)
{
	struct record rs[] = {record_of(RECORD_NS, "_domainkey.example.com", "ns1.host.example"),
	    record_of(RECORD_NS, "_domainkey.example.com", "ns2.host.example"),
	    record_of(RECORD_TXT, OWNER, "v=DKIM1; p=A")};
	struct record_list list = list_of("example.com", rs, 3);

	(void)state;
	json_t *route53 = record_route53_json(&list), *powerdns = record_powerdns_json(&list);
	json_t *cloudflare = record_cloudflare_json(&list);
	json_t *changes = json_object_get(route53, "Changes");
	assert_int_equal(json_array_size(changes), 2);
	json_t *set = json_object_get(json_array_get(changes, 0), "ResourceRecordSet");
	assert_string_equal(
	    json_string_value(json_object_get(set, "Name")), "_domainkey.example.com.");
	assert_int_equal(json_array_size(json_object_get(set, "ResourceRecords")), 2);
	json_t *rrsets = json_object_get(powerdns, "rrsets");
	assert_int_equal(json_array_size(rrsets), 2);
	assert_int_equal(json_array_size(json_object_get(json_array_get(rrsets, 0), "records")), 2);
	assert_int_equal(json_array_size(json_object_get(cloudflare, "posts")), 3);
	json_decref(route53);
	json_decref(powerdns);
	json_decref(cloudflare);
}

static void
record_cloudflare_ttl_is_within_what_it_takes(void **state)
{
	static const struct {
		int64_t ttl_s;
		int want;
	} rows[] = {{1, 60}, {59, 60}, {60, 60}, {300, 300}, {86400, 86400}, {604800, 86400}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record r = record_of(RECORD_CNAME, OWNER, "t.host.example");
		r.ttl_s = rows[i].ttl_s;
		struct record_list list = list_of("example.com", &r, 1);
		json_t *json = record_cloudflare_json(&list);
		json_t *post = json_array_get(json_object_get(json, "posts"), 0);
		assert_int_equal(json_integer_value(json_object_get(post, "ttl")), rows[i].want);
		assert_true(json_is_false(json_object_get(post, "proxied")));
		json_decref(json);
	}
}

static void
record_form_names_are_all_known(void **state)
{
	enum record_form form;
	struct buf names;

	(void)state;
	buf_init(&names, 256);
	record_form_names(&names);
	assert_string_equal(buf_str(&names),
	    "person, zone, quoted, nsupdate, route53, cloudflare, powerdns, json or csv");
	buf_deinit(&names);
	assert_true(record_form_from_name(slice_of("csv"), &form));
	assert_int_equal(form, RECORD_FORM_CSV);
	assert_false(record_form_from_name(slice_of("xml"), &form));
	assert_false(record_form_from_name(slice_of(""), &form));
}

/* Those that are not signed with yet; a slot's key stands in a zone of ours. */
static void
record_list_to_enter_has_what_waits(void **state)
{
	static struct store_key keys[4];
	struct record_list list;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		key_facts_init(&keys[i].facts);
		keys[i].facts.at[FACT_GENERATED] = 1;
		keys[i].slot = i == 3 ? 0 : -1;
		snprintf(keys[i].selector, sizeof(keys[i].selector), "s%zu", i);
		snprintf(keys[i].owner, sizeof(keys[i].owner), "s%zu._domainkey.example.com", i);
	}
	keys[1].facts.at[FACT_PUBLISHED] = keys[1].facts.at[FACT_VERIFIED] =
	    keys[1].facts.at[FACT_ACTIVATED] = 2;
	keys[2].facts.at[FACT_ABANDONED] = 2;
	struct record_source from = {
	    .domain = "example.com", .keys = keys, .key_count = 4, .to_enter = true};
	assert_int_equal(record_list_init(&list, &from, &err), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.records[0].owner, "s0._domainkey.example.com");
	assert_string_equal(list.zone, "example.com");
	record_list_deinit(&list);
	from.to_enter = false;
	assert_int_equal(record_list_init(&list, &from, &err), 0);
	assert_int_equal(list.count, 2);
	record_list_deinit(&list);
}

static void
key_stock_gives_as_many_as_were_wanted(void **state)
{
	struct err err = ERR_INIT;
	struct dkim_key *keys[3];

	(void)state;
	struct key_stock *stock = key_stock_new(BITS_LEAST, 2, &err);
	assert_non_null(stock);
	for (size_t i = 0; i < 3; i++)
		keys[i] = key_stock_take(stock);
	assert_non_null(keys[0]);
	assert_non_null(keys[1]);
	assert_ptr_not_equal(keys[0], keys[1]);
	assert_null(keys[2]);
	key_stock_put_back(stock, keys[1]);
	assert_ptr_equal(key_stock_take(stock), keys[1]);
	key_stock_put_back(stock, keys[1]);
	key_stock_put_back(stock, NULL);
	dkim_key_free(keys[0]);
	key_stock_free(stock);
	key_stock_free(NULL);
	assert_null(key_stock_take(NULL));
}

/* Whoever takes none of what is being made does not wait for it for long. */
static void
key_stock_free_ends_what_was_begun(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	struct key_stock *stock = key_stock_new(BITS_LEAST, 100000, &err);
	assert_non_null(stock);
	struct dkim_key *key = key_stock_take(stock);
	assert_non_null(key);
	dkim_key_free(key);
	key_stock_free(stock);
	stock = key_stock_new(BITS_LEAST, 0, &err);
	assert_non_null(stock);
	assert_null(key_stock_take(stock));
	key_stock_free(stock);
}

/* Behind each other stand what DNS has and what it lacks: only then it is said which is which. */
static void
record_format_person_tells_what_is_to_be_entered(void **state)
{
	struct record records[2] = {record_of(RECORD_TXT, "a._domainkey.example.com", "v"),
	    record_of(RECORD_TXT, "b._domainkey.example.com", "w")};
	struct record_list list = list_of("example.com", records, 2);
	char text[4096];

	(void)state;
	snprintf(records[0].selector, sizeof(records[0].selector), "a");
	snprintf(records[1].selector, sizeof(records[1].selector), "b");
	formed(&list, RECORD_FORM_PERSON, text, sizeof(text));
	assert_null(strstr(text, "To be entered"));
	records[0].proven = true;
	formed(&list, RECORD_FORM_PERSON, text, sizeof(text));
	assert_ptr_equal(strstr(text, "In DNS already  a:\n  Type    TXT\n"), text);
	assert_non_null(strstr(text, "\n\nTo be entered  b:\n  Type    TXT\n"));
	records[1].proven = true;
	formed(&list, RECORD_FORM_PERSON, text, sizeof(text));
	assert_null(strstr(text, "In DNS already"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record_format_person_tells_what_is_to_be_entered),
	    cmocka_unit_test(record_host_table),
	    cmocka_unit_test(record_format_table),
	    cmocka_unit_test(record_format_of_a_long_text_has_both_values),
	    cmocka_unit_test(record_format_of_two_name_servers_is_one_set),
	    cmocka_unit_test(record_cloudflare_ttl_is_within_what_it_takes),
	    cmocka_unit_test(record_form_names_are_all_known),
	    cmocka_unit_test(record_list_to_enter_has_what_waits),
	    cmocka_unit_test(key_stock_gives_as_many_as_were_wanted),
	    cmocka_unit_test(key_stock_free_ends_what_was_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
