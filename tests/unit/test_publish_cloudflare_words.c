/* SPDX-License-Identifier: ISC */
/* What is told of a publisher at Cloudflare's API, sentence by sentence, with the answers that make it say so. */
#include "tests/unit/publish_words.h"

#define READ		  "GET /zones/Z1/dns_records?name=" WORDS_NAME "&"
#define LIST(records)	  {READ, 200, "", "{\"success\":true,\"result\":[" records "]}"}
#define RECORD(type, is)  "{\"id\":\"r1\",\"type\":\"" type "\",\"name\":\"" WORDS_NAME "\",\"content\":\"" is "\"}"
#define NOTHING		  LIST("")
#define HAS(text)	  LIST(RECORD("TXT", text))
#define TAKES(request)	  {request, 200, "", "{\"success\":true,\"result\":{}}"}
#define CREATE		  "POST /zones/Z1/dns_records HTTP"
#define SAYS(request, status, code, message) \
	{request, status, "", "{\"success\":false,\"errors\":[{\"code\":" code ",\"message\":\"" message "\"}]}"}
#define ODD(rest)	  "{\"name\":\"" WORDS_NAME "\"," rest "}"
#define TOKEN		  "token/0123456789-secret"
#define TOKEN_IN_JSON	  "token\\/0123456789-secret"
#define X60		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X180		  X60 X60 X60
#define ZONES(list)	  {"GET /zones?name=" WORDS_ZONE "&", 200, "", "{\"success\":true,\"result\":[" list "]}"}
#define ZONE(status)	  "{\"id\":\"Z1\",\"status\":\"" status "\"}"

static const struct words_row ROWS[] = {
    {"s1._domainkey.a.test: published at 127.0.0.1:*", "published", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {NOTHING, TAKES(CREATE), HAS(WORDS_KEY)}},
    {"s1._domainkey.a.test: stood already at 127.0.0.1:*", "published before", PUBLISH_DONE, NULL, WORDS_KEY, .steps = {HAS(WORDS_KEY)}},
    {"s1._domainkey.a.test: removed at 127.0.0.1:*", "removed", PUBLISH_DONE, WORDS_KEY, NULL,
	.steps = {HAS(WORDS_KEY), TAKES("DELETE /zones/Z1/dns_records/r1 "), NOTHING}},
    {"s1._domainkey.a.test: was gone already at 127.0.0.1:*", "removed before", PUBLISH_DONE, WORDS_KEY, NULL, .steps = {NOTHING}},
    {"s1._domainkey.a.test: 127.0.0.1:* took it, and does not show it yet; it is looked at again", "taken and not shown",
	PUBLISH_PENDING, NULL, WORDS_KEY, .steps = {NOTHING, TAKES(CREATE), NOTHING}},
    {"s1._domainkey.a.test: 127.0.0.1:* took it, but could not be read afterwards; the sweep is the proof", "taken, then a fault",
	PUBLISH_DONE, NULL, WORDS_KEY, .steps = {NOTHING, TAKES(CREATE), {READ, 500, "", ""}}},
    {"s1._domainkey.a.test holds a CNAME to else.test; a TXT record cannot stand beside it, so nothing was changed.  Remove the alias, or use mode slots",
	"an alias there", PUBLISH_FOREIGN, NULL, WORDS_KEY, .steps = {LIST(RECORD("CNAME", "else.test"))}},
    {"s1._domainkey.a.test: it is delegated to other name servers (ns.else.test), so records of this zone are not seen there: name that zone and its primary",
	"a delegation there", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {LIST(RECORD("NS", "ns.else.test"))}},
    {"s1._domainkey.a.test holds the TXT record \"another\", which is not what signpost put there; nothing was changed.  Remove it, or let the other tool go",
	"another's record there", PUBLISH_FOREIGN, NULL, WORDS_KEY, .steps = {HAS("another")}},
    {"s1._domainkey.a.test holds 2 TXT records, one of them \"another\", which is not what signpost put there; nothing was changed.  Remove it, or let the other tool go",
	"two records there", PUBLISH_FOREIGN, WORDS_KEY, WORDS_GONE, .steps = {LIST(RECORD("TXT", WORDS_KEY) "," RECORD("TXT", "another"))}},
    {"s1._domainkey.a.test holds no TXT record any more, where ours was to be replaced: someone removed it; nothing was changed",
	"ours was removed by another", PUBLISH_FOREIGN, WORDS_KEY, WORDS_GONE, .steps = {NOTHING}},
    {"127.0.0.1:* answered with no list of records: is `endpoint` right?", "another API answers", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {{READ, 200, "", "{\"success\":true,\"result\":{}}"}}},
    {"127.0.0.1:* answered with a record that lacks its type, or a TXT record that lacks its content or identifier: is `endpoint` right?",
	"a record without an identifier", PUBLISH_TEMPORARY, WORDS_KEY, WORDS_GONE, .steps = {LIST(ODD("\"type\":\"TXT\",\"content\":\"" WORDS_KEY "\""))}},
    {"127.0.0.1:* answered with a record that lacks its type, *", "an identifier that is empty", PUBLISH_TEMPORARY, WORDS_KEY, NULL,
	.steps = {LIST(ODD("\"id\":\"\",\"type\":\"TXT\",\"content\":\"" WORDS_KEY "\""))}},
    {"127.0.0.1:* answered with a record that lacks its type, *", "an identifier that leads elsewhere", PUBLISH_TEMPORARY, WORDS_KEY, NULL,
	.steps = {LIST(ODD("\"id\":\"../r2\",\"type\":\"TXT\",\"content\":\"" WORDS_KEY "\""))}},
    {"127.0.0.1:* answered with a record that lacks its type, *", "a content that is no string", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {LIST(ODD("\"id\":\"r1\",\"type\":\"TXT\",\"content\":[1]"))}},
    {"127.0.0.1:* answered with a record that lacks its type, *", "a record of no type", PUBLISH_TEMPORARY, NULL, WORDS_KEY,
	.steps = {LIST(ODD("\"id\":\"r1\",\"content\":\"x\""))}},
    {"s1._domainkey.a.test: stood already at 127.0.0.1:*", "names with a final dot", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {LIST("{\"id\":\"r1\",\"type\":\"TXT\",\"name\":\"" WORDS_NAME ".\",\"content\":\"" WORDS_KEY "\"}")}},
    {"127.0.0.1:* answered with something that is no JSON (HTTP status 400): is `endpoint` right?  It says: <pre>Authorization: Bearer [hidden]</pre>",
	"a page that shows the request", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 400, "", "<pre>Authorization: Bearer " TOKEN "</pre>"}}},
    {"127.0.0.1:* answered with something that is no JSON (HTTP status 400): is `endpoint` right?  It says: xxxxx* [hidden]xxxxx*...",
	"the same, and more than is said", PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {{READ, 400, "", X180 " " TOKEN X60}}},
    {"127.0.0.1:* says 6003 (Invalid header Bearer [hidden]): the token is not of the form that it has: copy it anew", "a message that shows the token",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "6003", "Invalid header Bearer " TOKEN_IN_JSON)}},
    {"127.0.0.1:* refuses it (HTTP status 400, code 4711): [hidden] is not it", "the same of a code of the future",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "4711", TOKEN " is not it")}},
    {"s1._domainkey.a.test: published at 127.0.0.1:*; the zone is not active there, so the world does not see its records: its registrar has to name Cloudflare's name servers",
	"a zone that is not active yet", PUBLISH_DONE, NULL, WORDS_KEY,
	.steps = {ZONES(ZONE("pending")), NOTHING, TAKES(CREATE), HAS(WORDS_KEY)}, .by_name = true},
    {"127.0.0.1:* has zone a.test more than once (in several accounts): name the right one with zone_id", "a zone in two accounts",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {ZONES(ZONE("active") "," ZONE("active"))}, .by_name = true},
    {"127.0.0.1:* shows no zone a.test to this token: is it in this account, and is the token for it (Zone / Zone / Read)?",
	"a zone that the token does not reach", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {ZONES("")}, .by_name = true},
    {"127.0.0.1:* says 10000 (Authentication error): the token is not known, or may not change DNS of this zone: it needs the permission Zone / DNS / Edit for it",
	"a token without the right", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 403, "10000", "Authentication error")}},
    {"127.0.0.1:* says 9109 (Unauthorized): the token is not valid, has run out, may not be used from this host's address, or does not reach this zone",
	"a token for another address", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 403, "9109", "Unauthorized")}},
    {"127.0.0.1:* says 9106 (Missing header): the token was lost on its way: is something between us and Cloudflare?",
	"a token that did not come", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "9106", "Missing header")}},
    {"127.0.0.1:* says 9103 (Unknown key): that is a global key, not a token: make a token under My Profile / API Tokens",
	"a global key", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 403, "9103", "Unknown key")}},
    {"127.0.0.1:* says 6003 (Invalid request): the token is not of the form that it has: copy it anew", "half a token",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "6003", "Invalid request")}},
    {"127.0.0.1:* says 6111 (Invalid format): the token is not of the form that it has: copy it anew", "the same, in the chain",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "6111", "Invalid format")}},
    {"127.0.0.1:* says 1000 (Invalid API Token): the token is not valid: copy it anew, or make another", "an unknown token",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 401, "1000", "Invalid API Token")}},
    {"127.0.0.1:* says 1001 (Invalid zone): zone_id is not the identifier of a zone: the zone's overview shows it", "a wrong zone_id",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "1001", "Invalid zone")}},
    {"127.0.0.1:* says 7003 (Could not route): zone_id is not the identifier of a zone: the zone's overview shows it",
	"a zone_id that is none", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 404, "7003", "Could not route")}},
    {"127.0.0.1:* says 1034 (Not allowed): it does not let this zone be changed: the zone's overview there may say why",
	"a zone that is held", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 403, "1034", "Not allowed"), NOTHING}},
    {"127.0.0.1:* says 81044 (Record not found): the record went away just now; the next try looks what stands there then",
	"removed by another between two requests", PUBLISH_TEMPORARY, WORDS_KEY, WORDS_GONE,
	.steps = {HAS(WORDS_KEY), SAYS("PUT /zones/Z1/dns_records/r1 ", 404, "81044", "Record not found"), HAS(WORDS_KEY)}},
    {"127.0.0.1:* says 81053 (Already exists): a record that cannot stand beside a TXT record is there: remove it, or use mode slots",
	"a record that is not shown", PUBLISH_FOREIGN, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 400, "81053", "Already exists"), NOTHING}},
    {"127.0.0.1:* says 81054 (A CNAME exists): a CNAME is there, and a TXT record cannot stand beside it: remove it, or use mode slots",
	"a CNAME that is not shown", PUBLISH_FOREIGN, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 400, "81054", "A CNAME exists"), NOTHING}},
    {"127.0.0.1:* says 81057 (Already exists): such a record came in between; the next try looks whose", "someone was quicker",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 400, "81057", "Already exists"), NOTHING}},
    {"127.0.0.1:* says 81058 (Identical): such a record came in between; the next try looks whose", "the same was quicker",
	PUBLISH_TEMPORARY, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 400, "81058", "Identical"), NOTHING}},
    {"127.0.0.1:* says 81045 (Quota): the zone has as many records as its plan allows: remove some, or take a larger plan",
	"a full zone", PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {NOTHING, SAYS(CREATE, 400, "81045", "Quota"), NOTHING}},
    {"127.0.0.1:* says 971 (Limit): it wants fewer requests; it is tried again later", "throttled by a code", PUBLISH_TEMPORARY,
	NULL, WORDS_KEY, .steps = {SAYS(READ, 400, "971", "Limit")}},
    {"127.0.0.1:* refuses it (HTTP status 400, code 4711): Something new", "a code of the future", PUBLISH_REFUSED, NULL, WORDS_KEY,
	.steps = {SAYS(READ, 400, "4711", "Something new")}},
    {"127.0.0.1:* refuses it (HTTP status 403, code 0): it does not say why", "no code", PUBLISH_REFUSED, NULL, WORDS_KEY,
	.steps = {{READ, 403, "", "{}"}}},
    {"127.0.0.1:* says 1000 (In success): the token is not valid: copy it anew, or make another", "an error with status 200",
	PUBLISH_REFUSED, NULL, WORDS_KEY, .steps = {SAYS(READ, 200, "1000", "In success")}},
};

/* What `signpost publisher` and --dry-run print. */
static const struct said_row SAID[] = {
    {"An API token (My Profile / API Tokens / Create Token / Custom token) with", "which token is enough"},
    {"    Permissions     Zone / DNS / Edit", "the same"},
    {"                    Zone / Zone / Read        (not needed when zone_id is set)", "the same"},
    {"    Zone Resources  Include / Specific zone / the zone that holds these names, no other:", "the same"},
    {"                        _domainkey.a.test", "the same"},
    {"    Client IP       this host's address", "the same"},
    {"It cannot be held to these names or to TXT records: it may change all of the zone.  Slots in a zone of their own can.", "the same"},
    {"The token goes into the file that `credentials` names, mode 0640.", "the same"},
    {"right: the token reaches zone a.test", "a token is tried"},
    {"right: it reaches 1 zone and no other", "one that reaches one zone"},
    {"wrong: the token reaches 3 zones; one is enough", "one that reaches three"},
    {"whether it may change that zone's records only a change tells; Cloudflare cannot hold it to some names of a zone", "either"},
    {"publisher dns: 127.0.0.1:* says 1000 (Invalid API Token): the token is not valid: copy it anew, or make another",
	"one that is not valid"},
    {"in zone a.test:", "--dry-run"},
    {"POST http://127.0.0.1:*/zones/Z1/dns_records", "a new record, with --dry-run"},
    {"PUT http://127.0.0.1:*/zones/Z1/dns_records/RECORD_ID", "a changed record, with --dry-run"},
    {"DELETE http://127.0.0.1:*/zones/Z1/dns_records/RECORD_ID", "a record that goes, with --dry-run"},
    {"publisher dns: zone_id = \"a/b\" is no identifier of Cloudflare's: 32 hexadecimal digits", "a zone_id that leads elsewhere"},
};

static void
change_each_row_is_said(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	(void)state;
	WORDS_PLAY_ALL(&conf, ROWS);
}

static void
rights_are_told_and_tried(void **state)
{
	static const struct {
		struct http_step steps[2];
		int want;
	} cases[] = {
	    {{{"GET /zones?per_page=5 ", 200, "", "{\"success\":true,\"result_info\":{\"total_count\":1}}"}}, 0},
	    {{{"GET /zones?per_page=5 ", 200, "", "{\"success\":true,\"result_info\":{\"total_count\":3}}"}}, 1},
	    {{SAYS("GET /zones?per_page=5 ", 401, "1000", "Invalid API Token")}, -1},
	};
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	const char *const names[] = {"_domainkey.a.test"};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 10000);
	assert_int_equal(publisher_rights(&conf, names, 1, &out, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		http_script_play(cases[i].steps);
		assert_int_equal(publisher_try_rights(&conf, WORDS_ZONE, WORDS_ZONE, &out, &err), cases[i].want);
		assert_null(http_script_played());
	}
	hear(buf_str(&out));
	hear(err.text);
	buf_deinit(&out);
}

static void
changes_are_shown(void **state)
{
	static const struct publish_change changes[] = {
	    {.zone = WORDS_ZONE, .owner = WORDS_NAME, .new_text = WORDS_KEY},
	    {.zone = WORDS_ZONE, .owner = WORDS_NAME, .old_text = WORDS_KEY, .new_text = WORDS_GONE},
	    {.zone = WORDS_ZONE, .owner = WORDS_NAME, .old_text = WORDS_GONE},
	};
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	char slash[] = "a/b";
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 10000);
	assert_int_equal(publisher_show(&conf, changes, 3, &out, &err), 0);
	hear(buf_str(&out));
	buf_deinit(&out);
	conf.zone_id = slash;
	assert_int_equal(publisher_check(&conf, &err), -1);
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
	return words_begin(TOKEN "\n");
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
	    cmocka_unit_test(rights_are_told_and_tried),
	    cmocka_unit_test(changes_are_shown),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
