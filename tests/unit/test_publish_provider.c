/* SPDX-License-Identifier: ISC */
/* What publishers over providers' APIs parse and make, without a provider: URLs, quoted strings, XML, Route 53's answers
 * and batches, files of AWS.  What they say to services is in tests/e2e/provider-*.sh. */
#include "keys/aws_credentials.h"
#include "keys/dns_wire.h"
#include "keys/publish_provider.h"
#include "keys/publish_route53.h"
#include "keys/publisher.h"
#include "keys/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NS " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""

static void
check_url_takes_https_and_this_host(void **state)
{
	(void)state;
	const struct {
		const char *url, *want; /* NULL: taken */
	} cases[] = {
	    {"https://api.example.com", NULL},
	    {"https://api.example.com:8443/some/path/", NULL},
	    {"https://[2001:db8::1]:443", NULL},
	    {"http://127.0.0.1:8081", NULL},
	    {"http://127.8.9.10", NULL},
	    {"http://[::1]:8081", NULL},
	    {"http://localhost:8081/x", NULL},
	    {"http://192.0.2.1", "without TLS"},
	    {"http://localhost.example.com", "without TLS"},
	    {"http://127.0.0.1.example.com", "without TLS"},
	    {"http://[::2]", "without TLS"},
	    {"http://127.0.0.1@example.com", "no URL"},
	    {"https://user:secret@example.com", "no URL"},
	    {"https://example.com/?x=1", "no URL"},
	    {"https://example.com/#x", "no URL"},
	    {"https://exa mple.com", "no URL"},
	    {"https://", "no URL"},
	    {"https:///x", "no URL"},
	    {"https://[::1", "no URL"},
	    {"ftp://127.0.0.1", "no URL"},
	    {"file:///etc/passwd", "no URL"},
	    {"HTTPS://example.com", "no URL"},
	    {"", "no URL"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		int rc = http_check_url(cases[i].url, &err);
		if ((rc == 0) != (cases[i].want == NULL) || (rc != 0 && strstr(err.text, cases[i].want) == NULL))
			fail_msg("%s: %d %s", cases[i].url, rc, err.text);
		if (rc != 0)
			assert_int_equal(err.kind, ERR_CONFIG);
	}
}

static void
header_with_control_bytes_is_refused(void **state)
{
	(void)state;
	const char *const bad[] = {"", "two\r\nX-Evil: 1", "tab\there", "\xc3\xa4"};
	struct http_conf conf = {.endpoint = "https://192.0.2.1"};
	struct http h;
	struct err err = ERR_INIT;
	assert_int_equal(http_init(&h, &conf, &err), 0);
	assert_int_equal(http_header(&h, "X-API-Key", "fine value==", &err), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(http_header(&h, "X-API-Key", bad[i], &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(strstr(err.text, "Evil"));
	}
	http_deinit(&h);
	http_deinit(&h);
}

static void
put_encoded_leaves_unreserved(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 100);
	http_put_encoded(&out, "_domainkey.a-b~C9/ %=\xff");
	assert_string_equal(buf_str(&out), "_domainkey.a-b~C9%2F%20%25%3D%FF");
	buf_deinit(&out);
}

static void
join_reads_what_services_write(void **state)
{
	(void)state;
	const struct {
		const char *raw, *want;
	} cases[] = {
	    {"\"v=DKIM1; p=\"", "v=DKIM1; p="},
	    {"\"v=DKIM1; \" \"p=x\"", "v=DKIM1; p=x"},
	    {"\"a\"\"b\"  \"c\"", "abc"},
	    {" \"a\" ", "a"},
	    {"v=DKIM1; p=x", "v=DKIM1; p=x"}, /* Cloudflare, entered without quotes */
	    {"\"a\\\"b\\\\c\\;\"", "a\"b\\c;"},
	    {"\"a\\059b\"", "a\\059b"}, /* not ours: it stays unlike any text of ours */
	    {"\"a\" x", "ax"},
	    {"\"\"", ""},
	    {"\"open", "open"},
	    {"\"a\\", "a\\"},
	    {"", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;
		buf_init(&out, 100);
		provider_join(slice_of(cases[i].raw), &out);
		if (strcmp(buf_str(&out), cases[i].want) != 0)
			fail_msg("%s gave %s", cases[i].raw, buf_str(&out));
		buf_deinit(&out);
	}
}

static void
put_txt_counts_and_aliases_stay(void **state)
{
	(void)state;
	struct provider_name n = {.ttl_s = 0};
	struct err err = ERR_INIT;
	assert_int_equal(provider_put_txt(&n, SLICE_LIT("\"one\""), &err), 0);
	assert_int_equal(n.state.holds, HOLDS_TXT);
	assert_string_equal(n.text, "one");
	assert_string_equal(n.raw, "\"one\"");
	assert_int_equal(provider_put_txt(&n, SLICE_LIT("\"two\""), &err), 0);
	assert_int_equal(n.state.count, 2);
	assert_null(n.text); /* several are nobody's one text */
	assert_non_null(strstr(n.state.text, "2 TXT records"));
	provider_put_other(&n, "MX", "mail");
	assert_int_equal(n.state.holds, HOLDS_TXT);
	provider_put_other(&n, "CNAME", "else.test");
	assert_int_equal(n.state.holds, HOLDS_ALIAS);
	assert_int_equal(provider_put_txt(&n, SLICE_LIT("\"three\""), &err), 0);
	assert_int_equal(n.state.holds, HOLDS_ALIAS);
	assert_string_equal(n.state.text, "a CNAME to else.test");
	provider_name_clear(&n);
	assert_int_equal(provider_put_txt(&n, SLICE_LIT("\"a\0b\""), &err), 0);
	assert_int_equal(n.state.holds, HOLDS_TXT);
	assert_null(n.text);
	provider_name_clear(&n);
	provider_put_other(&n, "NS", "ns.test");
	assert_int_equal(n.state.holds, HOLDS_DELEGATION);
	provider_name_clear(&n);
}

struct heard {
	char text[512];
	int stop_at;
};

static int
hear(void *arg, const char *path, const char *text)
{
	struct heard *h = arg;
	size_t len = strlen(h->text);
	snprintf(h->text + len, sizeof(h->text) - len, "%s=%s|", path, text);
	return --h->stop_at == 0;
}

static void
xml_tells_elements_from_inside(void **state)
{
	(void)state;
	struct heard h = {.stop_at = -1};
	struct err err = ERR_INIT;
	assert_int_equal(xml_read(SLICE_LIT("<?xml version=\"1.0\"?>\n<r a=\"1\"><b> x &amp; &#60;</b>\n<c><d/><e>y</e></c></r>\n"),
			     &(struct xml_taker){hear, &h}, &err), 0);
	assert_string_equal(h.text, "b=x & <|c/d=|c/e=y|c=|=|");
	h = (struct heard){.stop_at = 1};
	assert_int_equal(xml_read(SLICE_LIT("<r><b>1</b><c>2</c></r>"), &(struct xml_taker){hear, &h}, &err), -2);
	assert_string_equal(h.text, "b=1|");
}

static void
xml_refuses_what_no_answer_is(void **state)
{
	(void)state;
	static const char deep[] = "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>"
				   "</a></a></a></a></a></a></a></a>";
	const char *const bad[] = {"", "x", "<a>", "<a></b>", "<a></a><b></b>", "{\"a\": 1}", deep,
	    "<!DOCTYPE a [<!ENTITY e \"eeee\">]><a>&e;</a>", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a>&unknown;</a>"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard h = {.stop_at = -1};
		struct err err = ERR_INIT;
		if (xml_read(slice_of(bad[i]), &(struct xml_taker){hear, &h}, &err) != -1 || err.kind != ERR_INPUT)
			fail_msg("%s was taken", bad[i]);
	}
	char *longest = malloc(XML_TEXT_LEN_MAX + 100);
	assert_non_null(longest);
	memset(longest, 'x', XML_TEXT_LEN_MAX + 99);
	memcpy(longest, "<a>", 3);
	memcpy(longest + XML_TEXT_LEN_MAX + 95, "</a>", 5);
	struct heard h = {.stop_at = -1};
	struct err err = ERR_INIT;
	assert_int_equal(xml_read(slice_of(longest), &(struct xml_taker){hear, &h}, &err), -1);
	assert_non_null(strstr(err.text, "too long"));
	free(longest);
}

static void
read_error_knows_both_forms(void **state)
{
	(void)state;
	struct route53_error e;
	route53_read_error(SLICE_LIT("<ErrorResponse" NS "><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message>"
				     "</Error></ErrorResponse>"), &e);
	assert_string_equal(e.code, "AccessDenied");
	assert_string_equal(e.message, "no");
	route53_read_error(SLICE_LIT("<InvalidChangeBatch" NS "><Messages><Message>first</Message><Message>second</Message></Messages>"
				     "</InvalidChangeBatch>"), &e);
	assert_string_equal(e.code, "InvalidChangeBatch");
	assert_string_equal(e.message, "first");
	route53_read_error(SLICE_LIT("<html>Bad Gateway</html>"), &e);
	assert_string_equal(e.code, "");
	route53_read_error(SLICE_LIT("<ErrorResponse><Error><Code>Half"), &e);
	assert_string_equal(e.code, "");
}

static void
read_zones_keeps_identifiers_plain(void **state)
{
	(void)state;
	static struct route53_zones z;
	struct err err = ERR_INIT;
	assert_int_equal(route53_read_zones(SLICE_LIT("<L" NS "><HostedZones>"
	    "<HostedZone><Id>/hostedzone/Z1</Id><Name>a.test.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone>"
	    "<HostedZone><Id>/hostedzone/Z2</Id><Name>a.test.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone>"
	    "<HostedZone><Id>/hostedzone/../evil?x</Id><Name>b.test.</Name></HostedZone>"
	    "</HostedZones></L>"), &z, &err), 0);
	assert_int_equal(z.count, 2);
	assert_string_equal(z.zones[0].id, "Z1");
	assert_false(z.zones[0].is_private);
	assert_true(z.zones[1].is_private);
	assert_int_equal(route53_read_zones(SLICE_LIT("<L><HostedZones/></L>"), &z, &err), 0);
	assert_int_equal(z.count, 0);
	assert_int_equal(route53_read_zones(SLICE_LIT("<html/>"), &z, &err), -1);
}

static int
take_record(void *arg, const struct route53_record *r)
{
	struct heard *h = arg;
	size_t len = strlen(h->text);
	snprintf(h->text + len, sizeof(h->text) - len, "%s %s %lld %s%s|", r->name, r->type, (long long)r->ttl_s, r->value,
	    r->is_special ? " special" : "");
	return 0;
}

static void
read_page_tells_each_value(void **state)
{
	(void)state;
	static struct heard h;
	static struct route53_page page;
	struct err err = ERR_INIT;
	page = (struct route53_page){.take = take_record, .arg = &h};
	assert_int_equal(route53_read_page(SLICE_LIT("<L" NS "><ResourceRecordSets>"
	    "<ResourceRecordSet><Name>a.test.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>&quot;1&quot;"
	    "</Value></ResourceRecord><ResourceRecord><Value>\"2\"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
	    "<ResourceRecordSet><Name>b.test.</Name><Type>TXT</Type><SetIdentifier>x</SetIdentifier><TTL>5</TTL><ResourceRecords>"
	    "<ResourceRecord><Value>\"3\"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
	    "<ResourceRecordSet><Name>c.test.</Name><Type>A</Type><AliasTarget><HostedZoneId>Z</HostedZoneId><DNSName>d.test.</DNSName>"
	    "</AliasTarget></ResourceRecordSet>"
	    "</ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>e.test.</NextRecordName></L>"), &page, &err), 0);
	assert_string_equal(h.text, "a.test. TXT 60 \"1\"|a.test. TXT 60 \"2\"|b.test. TXT 5 \"3\" special|c.test. A 0 d.test. special|");
	assert_true(page.is_truncated);
	assert_string_equal(page.next, "e.test.");
	assert_int_equal(route53_read_page(SLICE_LIT("<ErrorResponse/>"), &page, &err), -1);
}

static void
read_change_wants_an_identifier(void **state)
{
	(void)state;
	struct route53_change c;
	struct err err = ERR_INIT;
	assert_int_equal(route53_read_change(SLICE_LIT("<R" NS "><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></R>"),
			     &c, &err), 0);
	assert_string_equal(c.id, "C1");
	assert_false(c.in_sync);
	assert_int_equal(route53_read_change(SLICE_LIT("<R><ChangeInfo><Id>/change/C1</Id><Status>INSYNC</Status></ChangeInfo></R>"), &c,
			     &err), 0);
	assert_true(c.in_sync);
	assert_int_equal(route53_read_change(SLICE_LIT("<R><ChangeInfo><Id>/change/C 1</Id></ChangeInfo></R>"), &c, &err), -1);
}

/* The order that the API documents: labels from the right, each with its dot. */
static void
compare_orders_as_pages_do(void **state)
{
	(void)state;
	const char *const ordered[] = {"com", "example.com", "_domainkey.example.com", "a._domainkey.example.com",
	    "b._domainkey.example.com", "b-c._domainkey.example.com.", "a.example.com", "example-x.com", "net"};
	const size_t count = sizeof(ordered) / sizeof(ordered[0]);
	/* '-' sorts before '.', so b-c comes before b, and example-x before what is below example */
	assert_true(route53_compare("b-c.test", "b.test") < 0);
	assert_true(route53_compare("example-x.com", "example.com") < 0);
	assert_true(route53_compare("a.example.com", "example.com") > 0);
	assert_int_equal(route53_compare("a.test", "a.test."), 0);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			int one = route53_compare(ordered[i], ordered[k]), other = route53_compare(ordered[k], ordered[i]);
			assert_true((one < 0) == (other > 0) && (one == 0) == (i == k));
		}
	}
}

static void
batch_is_read_as_it_was_meant(void **state)
{
	(void)state;
	struct buf out;
	static struct route53_record r = {.name = "a&b.test.", .type = "TXT", .ttl_s = 60, .value = "\"v=DKIM1; <p>\" \"x'\""};
	struct heard h = {.stop_at = -1};
	struct err err = ERR_INIT;
	buf_init(&out, 10000);
	route53_begin_batch(&out);
	route53_put_change(&out, "CREATE", &r);
	route53_end_batch(&out);
	assert_int_equal(xml_read(buf_slice(&out), &(struct xml_taker){hear, &h}, &err), 0);
	assert_non_null(strstr(h.text, "Change/ResourceRecordSet/Name=a&b.test.|"));
	assert_non_null(strstr(h.text, "/Value=\"v=DKIM1; <p>\" \"x'\"|"));
	buf_deinit(&out);
}

#define ID     "aws_access_key_id = AKIA1\n"
#define SECRET "aws_secret_access_key=abc/+=\n"

static void
credentials_parse_cases(void **state)
{
	(void)state;
	const struct {
		const char *name, *text, *profile, *want; /* NULL: taken; else a part of the error */
	} cases[] = {
	    {"usual", "[default]\n" ID SECRET, "default", NULL},
	    {"comments, CRLF, order", "# x\r\n[other]\r\naws_access_key_id=NO\r\n; y\r\n[ default ]\r\n" SECRET "\r\nregion=x\r\n" ID, "default", NULL},
	    {"no final newline", "[p]\n" SECRET "AWS_ACCESS_KEY_ID=AKIA1", "p", NULL},
	    {"no such section", "[default]\n" ID SECRET, "nobody", "no section [nobody]"},
	    {"nothing", "", "default", "no section [default]"},
	    {"half", "[default]\n" ID, "default", "no aws_secret_access_key"},
	    {"the other half", "[default]\n" SECRET, "default", "no aws_access_key_id"},
	    {"in another section", "[a]\n" ID "[b]\n" SECRET, "a", "no aws_secret_access_key"},
	    {"blank inside", "[default]\naws_access_key_id = A B\n" SECRET, "default", "line 2"},
	    {"empty", "[default]\naws_access_key_id =\n" SECRET, "default", "line 2"},
	    {"broken header", "[default\n" ID SECRET, "default", "no section"},
	    {"only a bracket", "[\n" ID SECRET, "default", "no section"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_credentials c;
		struct err err = ERR_INIT;
		int rc = aws_credentials_parse(slice_of(cases[i].text), cases[i].profile, &c, &err);
		if ((rc == 0) != (cases[i].want == NULL) || (rc != 0 && strstr(err.text, cases[i].want) == NULL))
			fail_msg("%s: %d %s", cases[i].name, rc, err.text);
		if (rc == 0 && (strcmp(c.key_id, "AKIA1") != 0 || strcmp(c.secret, "abc/+=") != 0 || c.token[0] != '\0'))
			fail_msg("%s: %s %s", cases[i].name, c.key_id, c.secret);
		if (rc != 0 && (strstr(err.text, "abc/") != NULL || c.key_id[0] != '\0' || c.secret[0] != '\0'))
			fail_msg("%s: something is left or told: %s", cases[i].name, err.text);
	}
}

static void
check_foreign_options_of_providers(void **state)
{
	(void)state;
	char name[] = "p", yes[] = "x", url[] = "https://example.com", bad[] = "http://example.com", id[] = "Z1/../x";
	const struct {
		struct publisher_conf conf;
		const char *want;
	} cases[] = {
	    {{.type = PUBLISHER_ROUTE53}, NULL},
	    {{.type = PUBLISHER_ROUTE53, .profile = yes, .zone_id = yes, .credentials = yes, .endpoint = url}, NULL},
	    {{.type = PUBLISHER_CLOUDFLARE, .zone_id = yes, .ca_file = yes}, NULL},
	    {{.type = PUBLISHER_POWERDNS, .credentials = yes}, NULL},
	    {{.type = PUBLISHER_POWERDNS, .zone_id = yes}, "`zone_id` is for publishers of type route53 or cloudflare"},
	    {{.type = PUBLISHER_CLOUDFLARE, .profile = yes}, "`profile` is for publishers of type route53"},
	    {{.type = PUBLISHER_HOOK, .credentials = yes}, "route53 or cloudflare or powerdns"},
	    {{.type = PUBLISHER_ROUTE53, .tsig_key = yes}, "`tsig_key` is for publishers of type rfc2136"},
	    {{.type = PUBLISHER_POWERDNS, .endpoint = bad}, "without TLS"},
	    {{.type = PUBLISHER_ROUTE53, .zone_id = id}, "is no identifier"},
	    {{.type = PUBLISHER_CLOUDFLARE, .zone_id = id}, "is no identifier"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct publisher_conf conf = cases[i].conf;
		struct err err = ERR_INIT;
		conf.name = name;
		conf.timeout_ms = 1000;
		int rc = publisher_check(&conf, &err);
		if ((rc == 0) != (cases[i].want == NULL) || (rc != 0 && strstr(err.text, cases[i].want) == NULL))
			fail_msg("case %zu: %d %s", i, rc, err.text);
	}
}

static void
secret_is_one_word_of_a_closed_file(void **state)
{
	(void)state;
	char dir[] = "/tmp/signpost-test-XXXXXX", path[64], name[] = "p";
	const struct {
		const char *text;
		mode_t mode;
		const char *want;
	} cases[] = {
	    {"token\n", 0640, NULL},
	    {"  token  \r\n\n", 0600, NULL},
	    {"token\n", 0644, "mode 0644"},
	    {"token\n", 0660, "mode 0660"},
	    {"two words\n", 0640, "alone, in one line"},
	    {"a\nb\n", 0640, "alone, in one line"},
	    {"\n", 0640, "alone, in one line"},
	    {"", 0640, "alone, in one line"},
	};
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/token", dir);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct publisher_conf conf = {.name = name, .credentials = path};
		struct err err = ERR_INIT;
		struct buf out;
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(cases[i].text, f) >= 0 && fclose(f) == 0 && chmod(path, cases[i].mode) == 0);
		buf_init(&out, PROVIDER_SECRET_MAX);
		int rc = provider_secret(&conf, "SIGNPOST_TEST_TOKEN", "the token", &out, &err);
		if ((rc == 0) != (cases[i].want == NULL) || (rc != 0 && strstr(err.text, cases[i].want) == NULL))
			fail_msg("case %zu: %d %s", i, rc, err.text);
		if (rc == 0)
			assert_string_equal(buf_str(&out), "token");
		buf_wipe(&out);
		unlink(path);
	}
	rmdir(dir);
}

/* A server may ask for any time: what is beyond our own is not waited for, and not an instant either. */
static void
pause_is_not_longer_than_what_is_left(void **state)
{
	(void)state;
	static const int64_t asked[] = {INT64_MAX, INT64_MAX / 1000 + 1, INT64_MAX / 2, 86400, 2};
	struct provider p = {.until_ms = dns_now_ms() + 1000};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		assert_false(provider_pause(&p, 0, asked[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_url_takes_https_and_this_host),
	    cmocka_unit_test(header_with_control_bytes_is_refused),
	    cmocka_unit_test(put_encoded_leaves_unreserved),
	    cmocka_unit_test(join_reads_what_services_write),
	    cmocka_unit_test(put_txt_counts_and_aliases_stay),
	    cmocka_unit_test(xml_tells_elements_from_inside),
	    cmocka_unit_test(xml_refuses_what_no_answer_is),
	    cmocka_unit_test(read_error_knows_both_forms),
	    cmocka_unit_test(read_zones_keeps_identifiers_plain),
	    cmocka_unit_test(read_page_tells_each_value),
	    cmocka_unit_test(read_change_wants_an_identifier),
	    cmocka_unit_test(compare_orders_as_pages_do),
	    cmocka_unit_test(batch_is_read_as_it_was_meant),
	    cmocka_unit_test(credentials_parse_cases),
	    cmocka_unit_test(check_foreign_options_of_providers),
	    cmocka_unit_test(secret_is_one_word_of_a_closed_file),
	    cmocka_unit_test(pause_is_not_longer_than_what_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
