/* SPDX-License-Identifier: ISC */
/* What is told before any publisher is asked: of a configuration, a name, a change that cannot be right. */
#include "keys/publish_update.h"
#include "keys/publisher.h"
#include "tests/unit/said.h"

#include <limits.h>

#define ZONE "a.test"
#define NAME "s1._domainkey.a.test"
#define TEXT "v=DKIM1; p=one"

static char name[] = "dns", path[] = "/bin/sh", bare[] = "nsupdate", upper[] = "A.Test", option[] = "-c", sleeps[] = "sleep 5";
static char *program[] = {path, option, sleeps}, *no_path[] = {bare};

#define HOOK .name = name, .type = PUBLISHER_HOOK, .program = program, .program_count = 3

struct refused_row {
	const char *text, *situation;
	struct publisher_conf conf;
	int timeout_ms;
	struct publish_change change;
};

static const struct refused_row REFUSED[] = {
    {"publisher dns: its type is not known", "a type of another version", {.name = name, .type = PUBLISHER_TYPE_COUNT}, 1000,
	{.new_text = TEXT}},
    {"publisher dns: its time limit must be from 1 ms to 10 minutes", "no time", {HOOK}, 0, {.new_text = TEXT}},
    {"publisher dns: zone = \"A.Test\" is no domain name (lower case, no final dot)", "a zone in capitals", {HOOK, .zone = upper}, 1000,
	{.new_text = TEXT}},
    {"publisher dns: a publisher of type hook needs `program`", "an option is missing", {.name = name, .type = PUBLISHER_HOOK}, 1000,
	{.new_text = TEXT}},
    {"publisher dns: `zone_id` is for publishers of type route53 or cloudflare, this one is of type hook", "an option of others",
	{HOOK, .zone_id = name}, 1000, {.new_text = TEXT}},
    {"publisher dns: program = \"nsupdate\": no shell looks for it; give the absolute path of the program, and each of its arguments as a member of the list",
	"a program without its path", {.name = name, .type = PUBLISHER_HOOK, .program = no_path, .program_count = 1}, 1000,
	{.new_text = TEXT}},
    {"publisher dns: \"s1 .a.test\" in zone \"a.test\" is no domain name", "a name with a blank", {HOOK}, 1000,
	{.owner = "s1 .a.test", .new_text = TEXT}},
    {"publisher dns: s1.b.test does not lie in zone a.test", "a name elsewhere", {HOOK}, 1000, {.owner = "s1.b.test", .new_text = TEXT}},
    {"publisher dns: s1._domainkey.a.test: that is no text of a key record", "a text with a newline", {HOOK}, 1000,
	{.new_text = "v=DKIM1;\np="}},
    {"publisher dns: s1._domainkey.a.test: that is no receipt of a provider", "a receipt that leads elsewhere", {HOOK}, 1000,
	{.new_text = TEXT, .receipt = "../C1"}},
    {"publisher dns: s1._domainkey.a.test: a TTL is from 0 to 2147483647 s", "a TTL below zero", {HOOK}, 1000,
	{.new_text = TEXT, .ttl_s = -1}},
};

static const struct said_row SAID[] = {
    {"publisher dns: from 1 to 256 changes at a time, not 0", "nothing to change"},
    {"s1._domainkey.a.test: the time for the whole (`timeout`) was over before its turn; it is tried again", "the first took all the time"},
    {"publisher dns: \"A.Test\" is no domain name", "rights for a name in capitals"},
    {"publisher dns: \"A.Test\" or \"a.test\" is no domain name", "rights are tried in such a zone"},
    {"the rights that a publisher needs is longer than 10 bytes", "more than there is room for"},
    {"what was tried is longer than 10 bytes", "the same"},
    {"zone a..test: it, or a name in it, is no domain name", "an update of what is no zone"},
    {"what would be published is longer than 10 bytes", "the same"},
};

static void
change_each_row_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct publisher_conf conf = REFUSED[i].conf;
		struct publish_change change = REFUSED[i].change;
		struct publish_outcome outcome;
		struct err err = ERR_INIT;
		conf.timeout_ms = REFUSED[i].timeout_ms;
		change.zone = ZONE;
		change.owner = change.owner == NULL ? NAME : change.owner;
		int rc = publisher_change(&conf, &change, 1, &outcome, &err);
		if (rc != -1 || !said_fits(REFUSED[i].text, err.text))
			fail_msg("%s: %d, it says %s", REFUSED[i].situation, rc, err.text);
	}
}

static void
changes_that_have_no_turn(void **state)
{
	const struct publish_change changes[2] = {
	    {.zone = ZONE, .owner = NAME, .new_text = TEXT}, {.zone = ZONE, .owner = NAME, .new_text = TEXT}};
	struct publisher_conf conf = {HOOK, .timeout_ms = 100};
	struct publish_outcome outcomes[2];
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(publisher_change(&conf, changes, 0, outcomes, &err), -1);
	hear(err.text);
	assert_int_equal(publisher_change(&conf, changes, 2, outcomes, &err), 0);
	assert_int_equal(outcomes[1].result, PUBLISH_TEMPORARY);
	hear(outcomes[1].text);
}

static void
rights_and_shows_that_cannot_be_told(void **state)
{
	const struct publish_change change = {.zone = ZONE, .owner = NAME, .new_text = TEXT};
	const char *const good[] = {"_domainkey.a.test"}, *const bad[] = {upper};
	struct publisher_conf conf = {HOOK, .timeout_ms = 1000};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 10);
	assert_int_equal(publisher_rights(&conf, bad, 1, &out, &err), -1);
	hear(err.text);
	assert_int_equal(publisher_try_rights(&conf, upper, ZONE, &out, &err), -1);
	hear(err.text);
	assert_int_equal(publisher_rights(&conf, good, 1, &out, &err), -1);
	hear(err.text);
	assert_int_equal(publisher_try_rights(&conf, ZONE, ZONE, &out, &err), -1);
	hear(err.text);
	assert_int_equal(publisher_show(&conf, &change, 1, &out, &err), -1);
	hear(err.text);
	buf_deinit(&out);
}

static void
update_of_what_is_no_zone(void **state)
{
	struct update update;
	struct err err = ERR_INIT;
	(void)state;
	update_init(&update);
	assert_null(update_packet(&update, "a..test", &err));
	hear(err.text);
}

static void
sentences_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(change_each_row_is_said),
	    cmocka_unit_test(changes_that_have_no_turn),
	    cmocka_unit_test(rights_and_shows_that_cannot_be_told),
	    cmocka_unit_test(update_of_what_is_no_zone),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
