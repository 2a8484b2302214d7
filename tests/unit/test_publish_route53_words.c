/* SPDX-License-Identifier: ISC */
/* What is told of changes at Route 53, sentence by sentence, with the answers that make it say so. */
#include "keys/route53_answer.h"
#include "keys/xml.h"
#include "tests/unit/publish_words.h"

#include <limits.h>

#define API		   "/2013-04-01/"
#define READ		   "GET " API "hostedzone/Z1/rrset?maxitems=300&name=" WORDS_NAME ". "
#define SEND		   "POST " API "hostedzone/Z1/rrset/ "
#define FIND		   "GET " API "hostedzonesbyname?dnsname=a.test.&"
#define ASK		   "GET " API "change/C1 "
#define LIST(records)	   {READ, 200, "", "<R><ResourceRecordSets>" records "</ResourceRecordSets><IsTruncated>false</IsTruncated></R>"}
#define RECORD(type, value) \
	"<ResourceRecordSet><Name>" WORDS_NAME ".</Name><Type>" type "</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>" value \
	"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
#define NOTHING		   LIST("")
#define HAS(text)	   LIST(RECORD("TXT", "&quot;" text "&quot;"))
#define CHANGE(request, status) \
	{request, 200, "", "<R><ChangeInfo><Id>/change/C1</Id><Status>" status "</Status></ChangeInfo></R>"}
#define FAILS(request, status, headers, code, message) \
	{request, status, headers, "<ErrorResponse><Error><Code>" code "</Code><Message>" message "</Message></Error></ErrorResponse>"}
#define SAYS(code, message) FAILS(READ, 400, "", code, message)
#define IS_OLD		   "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n"
#define IS_BUSY		   "Retry-After: 3600\r\n"
#define MISFIT		   {SEND, 400, "", "<InvalidChangeBatch><Messages><Message>It exists</Message></Messages></InvalidChangeBatch>"}
#define ZONES(list)	   {FIND, 200, "", "<R><HostedZones>" list "</HostedZones></R>"}
#define ZONE(id, private)  "<HostedZone><Id>/hostedzone/" id "</Id><Name>a.test.</Name><Config><PrivateZone>" private "</PrivateZone></Config></HostedZone>"
#define TEN_DEEP	   "<a><a><a><a><a><a><a><a><a><a>"

static char long_element[XML_TEXT_LEN_MAX + 100];

static const struct words_row ROWS[] = {
    {"s1._domainkey.a.test: published at 127.0.0.1:*, on all its servers (change C1)", "published", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {NOTHING, CHANGE(SEND, "PENDING"), CHANGE(ASK, "INSYNC")}},
    {"s1._domainkey.a.test: removed at 127.0.0.1:*, on all its servers (change C1)", "removed", PUBLISH_DONE, WORDS_KEY, NULL,
	.steps = {HAS(WORDS_KEY), CHANGE(SEND, "PENDING"), CHANGE(ASK, "INSYNC")}},
    {"s1._domainkey.a.test: 127.0.0.1:* took it (change C1), and does not say yet that all its servers have it; it is asked again",
	"on its way to its servers", PUBLISH_PENDING, NULL, WORDS_KEY,
	.steps = {NOTHING, CHANGE(SEND, "PENDING"), CHANGE("*" ASK, "PENDING")}, .timeout_ms = 2500},
    {"s1._domainkey.a.test: 127.0.0.1:* has it, and whether all its servers have it is asked next", "its answer was lost", PUBLISH_PENDING,
	NULL, WORDS_KEY, .steps = {NOTHING, {SEND, 0, "", ""}, HAS(WORDS_KEY)}},
    {"s1._domainkey.a.test: published at 127.0.0.1:*", "the key may not ask for the change", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {NOTHING, CHANGE(SEND, "PENDING"), FAILS(ASK, 403, "", "AccessDenied", "no"), HAS(WORDS_KEY)}},
    {"s1._domainkey.a.test: removed at 127.0.0.1:*", "the same, of a record that goes", PUBLISH_DONE, WORDS_KEY, NULL,
	.steps = {HAS(WORDS_KEY), CHANGE(SEND, "PENDING"), FAILS(ASK, 403, "", "AccessDenied", "no"), NOTHING}},
    {"s1._domainkey.a.test: was gone already at 127.0.0.1:*", "removed before", PUBLISH_DONE, WORDS_KEY, NULL, .steps = {NOTHING}},
    {"s1._domainkey.a.test: published at 127.0.0.1:*, on all its servers (change C1)", "asked for again, with its receipt", PUBLISH_DONE,
	NULL, WORDS_KEY, .steps = {HAS(WORDS_KEY), CHANGE(ASK, "INSYNC")}, .receipt = "C1"},
    {"127.0.0.1:* has 2 hosted zones a.test in this account: name the one that the registrar points to with zone_id", "two zones of a name",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {ZONES(ZONE("Z1", "false") ZONE("Z2", "false"))}, .by_name = true},
    {"127.0.0.1:* has no hosted zone a.test in this account: is the key of another account?", "no such zone", PUBLISH_REFUSED, NULL,
	WORDS_KEY, .steps = {ZONES("")}, .by_name = true},
    {"127.0.0.1:* has no public hosted zone a.test in this account: is the key of another account?", "a private zone alone",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {ZONES(ZONE("Z1", "true"))}, .by_name = true},
    {"127.0.0.1:* answered with no list of hosted zones: is `endpoint` right?", "another API answers", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{FIND, 200, "", "<html></html>"}}, .by_name = true},
    {"127.0.0.1:* answered with no list of records: is `endpoint` right?", "the same, later", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{READ, 200, "", "<html></html>"}}},
    {"127.0.0.1:* answered with no XML: line 1: *: is `endpoint` right?", "no XML at all", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{READ, 200, "", "hello"}}},
    {"127.0.0.1:* answered with no XML that is to be expected: it is nested too deep: is `endpoint` right?", "hostile XML",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 200, "", TEN_DEEP TEN_DEEP}}},
    {"127.0.0.1:* answered with no XML that is to be expected: it has a document type: is `endpoint` right?", "XML with entities",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 200, "", "<!DOCTYPE a SYSTEM \"x\"><a/>"}}},
    {"127.0.0.1:* answered with no XML that is to be expected: an element is too long: is `endpoint` right?", "XML without measure",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 200, "", long_element}}},
    {"127.0.0.1:* answered with no XML of Route 53 (HTTP status 404): is `endpoint` right?", "an error of another service",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 404, "", "<html></html>"}}},
    {"127.0.0.1:* refuses it (400 SomethingNew): of the future", "a code of the future", PUBLISH_REFUSED, NULL, WORDS_KEY,
	.steps = {SAYS("SomethingNew", "of the future")}},
    {"127.0.0.1:* says AccessDenied: the key may not do this: signpost publisher shows the policy that is enough (no)",
	"a key without the right", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("AccessDenied", "no")}},
    {"127.0.0.1:* says AccessDeniedException: the key may not do this: signpost publisher shows the policy that is enough (no)",
	"the same, in newer words", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("AccessDeniedException", "no")}},
    {"127.0.0.1:* says InvalidClientTokenId: AWS knows no such access key: it was deleted or mistyped, or is of another partition (China, GovCloud) (no)",
	"an unknown key", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("InvalidClientTokenId", "no")}},
    {"127.0.0.1:* says UnrecognizedClientException: AWS knows no such access key: it was deleted or mistyped, or is of another partition (China, GovCloud) (no)",
	"the same, in newer words", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("UnrecognizedClientException", "no")}},
    {"127.0.0.1:* says SignatureDoesNotMatch: the secret does not belong to this access key: copy both anew (no)", "a wrong secret",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("SignatureDoesNotMatch", "no")}},
    {"127.0.0.1:* says IncompleteSignature: the signature is not whole: is something between us and AWS? (no)", "a header was cut",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("IncompleteSignature", "no")}},
    {"127.0.0.1:* says MissingAuthenticationToken: the signature was lost: is something between us and AWS? (no)", "a header was lost",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("MissingAuthenticationToken", "no")}},
    {"127.0.0.1:* says RequestExpired: the request was too old when it came: is something slow between us and AWS? (no)",
	"late, though the clocks agree", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {SAYS("RequestExpired", "no")}},
    {"127.0.0.1:* says RequestExpired: its clock says 2000-01-01 00:00:00 UTC and ours *, ours is * s ahead; AWS bears 15 minutes.  Set this host's clock (`chronyc tracking` or `timedatectl` shows it)",
	"clocks apart", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {FAILS(READ, 400, IS_OLD, "RequestExpired", "no")}},
    {"127.0.0.1:* says RequestTimeTooSkewed: its clock says 2100-01-01 00:00:00 UTC and ours *, ours is * s behind; AWS bears 15 minutes.  Set this host's clock (`chronyc tracking` or `timedatectl` shows it)",
	"the other way", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {FAILS(READ, 403, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n", "RequestTimeTooSkewed", "no")}},
    {"127.0.0.1:* says ExpiredToken: the temporary key has run out: fetch a new one, or give a lasting one (no)", "a key that ran out",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {SAYS("ExpiredToken", "no")}},
    {"127.0.0.1:* says ExpiredTokenException: the temporary key has run out: fetch a new one, or give a lasting one (no)",
	"the same, in newer words", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {SAYS("ExpiredTokenException", "no")}},
    {"127.0.0.1:* says OptInRequired: the account is not signed up for Route 53 (no)", "an account without it", PUBLISH_REFUSED, NULL,
	WORDS_KEY, .steps = {SAYS("OptInRequired", "no")}},
    {"127.0.0.1:* says NoSuchHostedZone: there is no hosted zone of that identifier: is zone_id right, and the account? (no)",
	"a wrong zone_id", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS("NoSuchHostedZone", "no")}},
    {"127.0.0.1:* says InvalidInput: it does not take the request (no)", "a request that it does not take", PUBLISH_REFUSED, NULL,
	WORDS_KEY, .steps = {SAYS("InvalidInput", "no")}},
    {"127.0.0.1:* says InvalidDomainName: it does not take the name (no)", "a name that it does not take", PUBLISH_REFUSED, NULL,
	WORDS_KEY, .steps = {SAYS("InvalidDomainName", "no")}},
    {"127.0.0.1:* says Throttling: it wants fewer requests: 5 in a second for an account, of all its users; it is tried again later (no)",
	"throttled", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {FAILS(READ, 400, IS_BUSY, "Throttling", "no")}},
    {"127.0.0.1:* says ThrottlingException: it wants fewer requests: 5 in a second for an account, of all its users; it is tried again later (no)",
	"the same, in newer words", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {FAILS(READ, 400, IS_BUSY, "ThrottlingException", "no")}},
    {"127.0.0.1:* says PriorRequestNotComplete: it still works on an earlier change of this zone; it is tried again later (no)",
	"changes in a queue", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {NOTHING, FAILS(SEND, 400, IS_BUSY, "PriorRequestNotComplete", "no"), NOTHING}},
    {"127.0.0.1:* says InvalidChangeBatch: a change does not fit what stands there now; the next try looks what that is (It exists)",
	"someone was quicker", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {NOTHING, MISFIT, MISFIT, NOTHING}},
};

/* What is told elsewhere. */
static const struct said_row SAID[] = {
    {"in hosted zone a.test:", "--dry-run"},
    {"POST /2013-04-01/hostedzone/Z1/rrset/", "--dry-run"},
    {"publisher dns: zone_id = \"a/b\" is no identifier of a hosted zone: Z and letters and digits", "a zone_id that leads elsewhere"},
    {"no change", "an answer to a change that names none"},
    {"no XML: it is too long", "a document of more than 2 GiB"},
};

static void
change_each_row_is_said(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_ROUTE53);
	(void)state;
	memset(long_element, 'x', sizeof(long_element) - 1);
	memcpy(long_element, "<a>", 3);
	memcpy(long_element + sizeof(long_element) - 5, "</a>", 4);
	WORDS_PLAY_ALL(&conf, ROWS);
}

static void
changes_are_shown(void **state)
{
	static const struct publish_change change = {.zone = WORDS_ZONE, .owner = WORDS_NAME, .new_text = WORDS_KEY};
	struct publisher_conf conf = words_conf(PUBLISHER_ROUTE53);
	char slash[] = "a/b";
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 10000);
	assert_int_equal(publisher_show(&conf, &change, 1, &out, &err), 0);
	hear(buf_str(&out));
	buf_deinit(&out);
	conf.zone_id = slash;
	assert_int_equal(publisher_check(&conf, &err), -1);
	hear(err.text);
}

static int
take_nothing(void *arg, const char *path, const char *text)
{
	(void)arg;
	(void)path;
	(void)text;
	return 0;
}

static void
read_of_what_is_no_answer_says_so(void **state)
{
	struct route53_change change;
	struct xml_taker taker = {take_nothing, NULL};
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(route53_read_change(SLICE_LIT("<R></R>"), &change, &err), -1);
	hear(err.text);
	assert_int_equal(xml_read(slice_new("", (size_t)INT_MAX + 1), &taker, &err), -1); /* not looked at */
	hear(err.text);
}

static void
sentences_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

static int
setup(void **state)
{
	(void)state;
	return words_begin("[default]\naws_access_key_id = AKIA1\naws_secret_access_key = secret1\n");
}

static int
teardown(void **state)
{
	(void)state;
	return words_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(change_each_row_is_said),
	    cmocka_unit_test(changes_are_shown),
	    cmocka_unit_test(read_of_what_is_no_answer_says_so),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
