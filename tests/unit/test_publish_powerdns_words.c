/* SPDX-License-Identifier: ISC */
/* What is told of a publisher at PowerDNS's API, sentence by sentence, with the answers that make it say so. */
#include "tests/unit/publish_words.h"

#define ZONE		 "/api/v1/servers/localhost/zones/a.test."
#define READ		 "GET " ZONE "?rrset_name=" WORDS_NAME ". "
#define SEND		 "PATCH " ZONE " "
#define KIND(kind, sets) {READ, 200, "", "{\"kind\":\"" kind "\",\"soa_edit_api\":\"\",\"rrsets\":[" sets "]}"}
#define SET(type, text)	 "{\"name\":\"" WORDS_NAME ".\",\"type\":\"" type "\",\"records\":[{\"content\":\"" text "\"}]}"
#define NOTHING		 KIND("Native", "")
#define HAS(text)	 KIND("Native", SET("TXT", "\\\"" text "\\\""))
#define TAKES		 {SEND, 204, "", ""}
#define SAYS(status, is) {READ, status, "", "{\"error\":\"" is "\"}"}

#define API_KEY		 "a-key-of-the-api"

static const struct words_row ROWS[] = {
    {"s1._domainkey.a.test: published at 127.0.0.1:*", "published", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {NOTHING, TAKES, HAS(WORDS_KEY)}},
    {"s1._domainkey.a.test: removed at 127.0.0.1:*", "removed", PUBLISH_DONE, WORDS_KEY, NULL,
	.steps = {HAS(WORDS_KEY), TAKES, NOTHING}},
    {"s1._domainkey.a.test: 127.0.0.1:* took it, but could not be read afterwards; the sweep is the proof", "taken, then a fault",
	PUBLISH_DONE, NULL, WORDS_KEY, .steps = {NOTHING, TAKES, {READ, 500, "", ""}}},
    {"s1._domainkey.a.test holds a CNAME to else.test.; a TXT record cannot stand beside it, so nothing was changed.  Remove the alias, or use mode slots",
	"an alias there", PUBLISH_FOREIGN, NULL, WORDS_KEY, .steps = {KIND("Native", SET("CNAME", "else.test."))}},
    {"s1._domainkey.a.test: published at 127.0.0.1:*; it does not raise the serial by itself, so its secondaries stay behind: pdnsutil set-meta ZONE SOA-EDIT-API DEFAULT",
	"a primary that leaves the serial", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {KIND("Master", ""), TAKES, HAS(WORDS_KEY)}},
    {"127.0.0.1:* is a secondary of zone a.test, and the next transfer would undo a change: name the primary's API with `endpoint`",
	"a secondary", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {KIND("Slave", "")}},
    {"127.0.0.1:* answered with no zone: is `endpoint` right?", "another API answers", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{READ, 200, "", "[]"}}},
    {"127.0.0.1:* does not take the key (401): */secret and api-key in pdns.conf differ", "a wrong key", PUBLISH_REFUSED, NULL, WORDS_KEY,
	.steps = {{READ, 401, "", "Unauthorized"}}},
    {"127.0.0.1:* does not let this host in (403): webserver-allow-from in pdns.conf, or a proxy before it", "an address that is not let in",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {{READ, 403, "", "Forbidden"}}},
    {"127.0.0.1:* knows no zone a.test (404: Not Found): is it another server's, and is api=yes in pdns.conf?", "an unknown zone",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(404, "Not Found")}},
    {"127.0.0.1:* could not do it (500): Could not lock; its log says more", "its database is busy", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {SAYS(500, "Could not lock")}},
    {"127.0.0.1:* could not do it (500): X-API-Key [hidden] is busy; its log says more", "a message that shows the key", PUBLISH_TEMPORARY, NULL,
	WORDS_KEY, .steps = {SAYS(500, "X-API-Key " API_KEY " is busy")}},
    {"127.0.0.1:* could not do it (500): it does not say why; its log says more", "without words", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{READ, 500, "", "{}"}}},
    {"127.0.0.1:* refuses it (422): RRset has a conflict", "a change that it does not take", PUBLISH_REFUSED, NULL, WORDS_KEY,
	.steps = {NOTHING, {SEND, 422, "", "{\"error\":\"RRset has a conflict\"}"}, NOTHING}},
};

/* What `signpost publisher` and --dry-run print. */
static const struct said_row SAID[] = {
    {"PowerDNS has one key for its whole API, and that may do everything.  Two ways to less:", "what a key may do"},
    {"  - type = rfc2136 and a TSIG key, with a policy in Lua: signpost publisher shows both for such a block", "the same"},
    {"  - a proxy before the API that lets through only GET and PATCH of these zones, where these names are:", "the same"},
    {"    _domainkey.a.test", "the same"},
    {"In pdns.conf the API wants api=yes, api-key=..., webserver-address=127.0.0.1 and", "what it needs"},
    {"webserver-allow-from=127.0.0.1; the key goes into the file that `credentials` names, mode 0640.", "the same"},
    {"wrong: a key of PowerDNS's API may change everything, zone a.test and all others: this is not tried", "a key is tried"},
    {"PATCH http://127.0.0.1:*/api/v1/servers/localhost/zones/a.test.", "--dry-run"},
    {"publisher dns: PowerDNS's API key (api-key in pdns.conf) is not known: name the file that holds it (credentials = \"/etc/signpost/...\"), or set PDNS_API_KEY",
	"no key at all"},
};

static void
change_each_row_is_said(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_POWERDNS);
	(void)state;
	WORDS_PLAY_ALL(&conf, ROWS);
}

static void
rights_and_changes_are_told(void **state)
{
	static const struct publish_change change = {.zone = WORDS_ZONE, .owner = WORDS_NAME, .new_text = WORDS_KEY};
	static const struct http_step nothing[] = {{0}};
	struct publisher_conf conf = words_conf(PUBLISHER_POWERDNS);
	const char *const names[] = {"_domainkey.a.test"};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	http_script_play(nothing);
	buf_init(&out, 10000);
	assert_int_equal(publisher_rights(&conf, names, 1, &out, &err), 0);
	assert_int_equal(publisher_try_rights(&conf, WORDS_ZONE, WORDS_ZONE, &out, &err), 1);
	assert_int_equal(publisher_show(&conf, &change, 1, &out, &err), 0);
	hear(buf_str(&out));
	buf_deinit(&out);
	assert_null(http_script_played());
}

static void
change_without_a_key_cannot_be_tried(void **state)
{
	static const struct words_row row = {.new_text = WORDS_KEY};
	struct publisher_conf conf = words_conf(PUBLISHER_POWERDNS);
	char text[ERR_TEXT_LEN];
	(void)state;
	conf.credentials = NULL;
	assert_int_equal(words_change(&conf, &row, text), WORDS_CANNOT);
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
	return words_begin(API_KEY "\n");
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
	    cmocka_unit_test(rights_and_changes_are_told),
	    cmocka_unit_test(change_without_a_key_cannot_be_tried),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
