/* SPDX-License-Identifier: ISC */
/* test_announce.c - who is told of what, and how often: passes over a world in memory, with a sendmail that notes. */
#include "fixture_pass.h"
#include "keys/store_alerts.h"
#include "signpost/announce.h"
#include "signpost/announce_text.h"
#include "signpost/status.h"

#define NOTIFY                                                                                     \
	"notify {\n mail = \"postmaster\"\n from = \"keeper@host.test\"\n interval = 600s\n}\n"
#define BOTH	"notify {\n mail = \"postmaster\"\n program = {\"/bin/true\"}\n interval = 600s\n}\n"
#define SIGNERS "signers {\n ask_every = 10s\n}\n"
#define POLICY	"policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"
#define BY_HAND "policy \"p\" {\n rotate = auto\n" POLICY_TIMES "}\n"

static const char PUBLISHED[] = CONFIG_TIMES PUBLISHER NOTIFY SIGNERS POLICY;
static const char HANDED[] = CONFIG_TIMES NOTIFY BY_HAND;

/* What went out; a failing channel takes nothing. */
static struct {
	unsigned sent[ALERT_CHANNELS], tries;
	bool fails[ALERT_CHANNELS];
	char last[ALERT_CHANNELS][256 * 1024];
} told;

static int
note(const struct notify_conf *conf, enum alert_channel channel, struct slice text, struct err *err)
{
	(void)conf;
	told.tries++;
	if (told.fails[channel])
		return err_set(err, ERR_IO, "/usr/sbin/sendmail: exit status 75; no room");
	told.sent[channel]++;
	assert_true(slice_to_str(text, told.last[channel], sizeof(told.last[channel])));
	size_t len = strlen(the_box->w->trail);
	snprintf(
	    the_box->w->trail + len, sizeof(the_box->w->trail) - len, "told %d\n", (int)channel);
	return 0;
}

static struct box *
new_box(const char *conf)
{
	struct box *box = box_new(conf);

	memset(&told, 0, sizeof(told));
	box->seams.announce = note;
	return box;
}

static void
passes(struct box *box, int64_t seconds, int64_t step)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end; box_later(box, step))
		box_pass(box);
}

static bool
is_signing(struct box *box)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;
	bool found = false;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		found = found || key_state_signs(key_state_of(&keys[i].facts));
	free(keys);
	return found;
}

/* A person enters what is asked for. */
static void
enter_records(struct box *box)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		world_put(box->w, keys[i].owner, keys[i].record);
	free(keys);
}

static void
said(enum alert_channel channel, const char *text)
{
	if (strstr(told.last[channel], text) == NULL)
		fail_msg("\"%s\" is not in:\n%s", text, told.last[channel]);
}

static void
not_said(enum alert_channel channel, const char *text)
{
	if (strstr(told.last[channel], text) != NULL)
		fail_msg("\"%s\" is in:\n%s", text, told.last[channel]);
}

/* Alerts of any domain that went on or ended, and are in the store. */
static size_t
rows(struct box *box, const char *domain)
{
	struct store_alert *list = NULL;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_alerts(box->store, domain, &list, &count, &err), 0);
	free(list);
	return count;
}

static void
first_verified_is_told_once(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 200, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	said(ALERT_MAIL, "\nSubject: signpost: a.test: Verified: its mail is signed\n");
	said(ALERT_MAIL, "From: signpost <keeper@host.test>\nTo: <postmaster>\n");
	said(ALERT_MAIL, "\nAuto-Submitted: auto-generated\n");
	said(ALERT_MAIL, "\nDate: ");
	said(ALERT_MAIL, "\nMessage-ID: <signpost.");
	said(ALERT_MAIL, "\n\na.test: Verified: its mail is signed\n");
	passes(box, 2000, 20); /* a rotation, of which nobody need be told */
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	assert_int_equal(told.sent[ALERT_PROGRAM], 0);
	assert_int_equal(rows(box, "a.test"), 1);
	box_free(box);
}

static void
digests_are_an_interval_apart(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 100, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	int64_t first = box->w->now;
	box_add(box, "b.test", "p");
	box_add(box, "c.test", "p");
	passes(box, 400, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	passes(box, 600 - (box->w->now - first), 5);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL, "Subject: signpost: b.test: Verified: its mail is signed,\n and 1 more\n");
	said(ALERT_MAIL, "\nc.test: Verified");
	not_said(ALERT_MAIL, "a.test");
	box_free(box);
}

/* By hand: nobody but a person puts the record back. */
static void
changed_record_and_its_end_are_told(void **state)
{
	struct box *box = new_box(HANDED);
	(void)state;

	box_add(box, "a.test", "p");
	box_pass(box);
	enter_records(box);
	passes(box, 700, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	for (size_t i = 0; i < box->w->count; i++)
		snprintf(
		    box->w->records[i].text, sizeof(box->w->records[i].text), "v=DKIM1; p=QUJD");
	passes(box, 300, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL, "a.test: a record was changed or is gone (");
	said(ALERT_MAIL, "a.test: Failed\n");
	said(ALERT_MAIL, "Subject: signpost: a.test: Failed,\n and 1 more\n");
	enter_records(box);
	passes(box, 700, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 3);
	said(ALERT_MAIL, "a.test: the record is right again (");
	said(ALERT_MAIL, "a.test: Failed no more\n");
	said(ALERT_MAIL, ", until ");
	box_free(box);
}

/* Within the interval a record went and came back: told as one thing. */
static void
what_came_and_went_is_told_as_that(void **state)
{
	struct box *box = new_box(HANDED);
	(void)state;

	box_add(box, "a.test", "p");
	box_pass(box);
	enter_records(box);
	passes(box, 60, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	for (size_t i = 0; i < box->w->count; i++)
		snprintf(
		    box->w->records[i].text, sizeof(box->w->records[i].text), "v=DKIM1; p=QUJD");
	passes(box, 200, 5);
	enter_records(box);
	passes(box, 200, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	passes(box, 400, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL, "a.test: a record was changed or is gone, and that is over (");
	not_said(ALERT_MAIL, "right again");
	assert_int_equal(rows(box, "a.test"), 1);
	box_free(box);
}

static void
compromise_is_told_at_once(void **state)
{
	struct box *box = new_box(PUBLISHED);
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 100, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	const struct store_event e = {
	    box->w->now, "compromise", "a.test", keys[0].selector, "stolen"};
	assert_int_equal(store_fact_put(box->store, &keys[0], FACT_COMPROMISED, &e, &err), 0);
	box_pass(box);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL, "Subject: signpost: a.test: a key is compromised");
	said(ALERT_MAIL, keys[0].selector);
	box_later(box, 5);
	box_pass(box);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	passes(box, 1500, 10);
	said(ALERT_MAIL, "a.test: the compromised key is revoked (");
	free(keys);
	box_free(box);
}

static void
failed_sendmail_is_said_and_tried_again(void **state)
{
	struct box *box = new_box(PUBLISHED);
	struct store_telling t;
	struct err err = ERR_INIT;
	(void)state;

	told.fails[ALERT_MAIL] = true;
	box_add(box, "a.test", "p");
	passes(box, 100, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 0);
	assert_true(told.tries >= 2);
	assert_int_equal(store_telling_get(box->store, ALERT_MAIL, &t, &err), 0);
	assert_true(t.failed_at != NEVER && t.tries == told.tries);
	assert_non_null(strstr(t.why, "exit status 75; no room"));
	told.fails[ALERT_MAIL] = false;
	passes(box, 5, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	assert_int_equal(store_telling_get(box->store, ALERT_MAIL, &t, &err), 0);
	assert_true(t.failed_at == NEVER && t.told_at != NEVER && t.tries == 0);
	passes(box, 700, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	box_free(box);
}

/* One that fails does not keep the other from being told, nor is that told twice. */
static void
channels_are_told_apart(void **state)
{
	struct box *box = new_box(CONFIG_TIMES PUBLISHER BOTH POLICY);
	json_t *json;
	(void)state;

	told.fails[ALERT_PROGRAM] = true;
	box_add(box, "a.test", "p");
	passes(box, 100, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	assert_int_equal(told.sent[ALERT_PROGRAM], 0);
	told.fails[ALERT_PROGRAM] = false;
	passes(box, 10, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	assert_int_equal(told.sent[ALERT_PROGRAM], 1);
	json = json_loads(told.last[ALERT_PROGRAM], 0, NULL);
	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "count")), 1);
	const json_t *event = json_array_get(json_object_get(json, "events"), 0);
	assert_string_equal(status_text_get(event, "event"), "verified");
	assert_string_equal(status_text_get(event, "what"), "raised");
	assert_string_equal(status_text_get(event, "domain"), "a.test");
	json_decref(json);
	box_free(box);
}

/* A text that is cut within a character, or is no UTF-8, is told all the same. */
static void
digest_tells_texts_of_any_octets(void **state)
{
	struct store_alert alert = {.domain = "d.test", .text = "caf\xc3", .raised_at = BEGIN, .ended_at = NEVER};
	struct digest_item item = {&alert, KIND_REFUSED, DIGEST_RAISED};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;

	buf_init(&out, 65536);
	assert_int_equal(digest_json(&(struct digest){&item, 1, BEGIN, "host.test"}, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "\"text\":\"caf?\""));
	buf_deinit(&out);
}

static void
digest_of_many_names_fifty(void **state)
{
	struct store_alert alerts[60];
	struct digest_item items[60];
	struct digest d = {items, 60, BEGIN, "host.test"};
	struct err err = ERR_INIT;
	(void)state;

	memset(alerts, 0, sizeof(alerts));
	for (size_t i = 0; i < 60; i++) {
		snprintf(alerts[i].domain, sizeof(alerts[i].domain), "d%02zu.test", 59 - i);
		alerts[i].raised_at = BEGIN;
		alerts[i].ended_at = NEVER;
		items[i] = (struct digest_item){&alerts[i], KIND_VERIFIED, DIGEST_RAISED};
	}
	items[7].kind = KIND_COMPROMISED;
	digest_sort(&d);
	struct buf out;
	buf_init(&out, 1 << 20);
	assert_int_equal(digest_mail(&d, "p", "k@host.test", &out, &err), 0);
	assert_true(slice_to_str(buf_slice(&out), told.last[ALERT_MAIL], sizeof(told.last[0])));
	said(ALERT_MAIL, "Subject: signpost: d52.test: a key is compromised,\n and 59 more\n");
	said(ALERT_MAIL, "\n\nd52.test: a key is compromised\n");
	said(ALERT_MAIL, "\nd00.test: Verified");
	said(ALERT_MAIL, "\nd48.test: Verified");
	not_said(ALERT_MAIL, "d49.test");
	said(ALERT_MAIL, "And 10 more: signpost status shows all domains.");
	buf_clear(&out);
	assert_int_equal(digest_json(&d, &out, &err), 0);
	json_t *json = json_loadb(buf_str(&out), out.len, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(json, "count")), 60);
	assert_int_equal(json_array_size(json_object_get(json, "events")), 50);
	json_decref(json);
	buf_deinit(&out);
}

/* What many lose at once is one outage, and that alone is told. */
static void
outage_is_told_as_one(void **state)
{
	static const char *const names[] = {"a.test", "b.test", "c.test"};
	const char *rest = strstr(PUBLISHED, "keeper {\n");
	char conf[sizeof(PUBLISHED) + 64];
	(void)state;

	snprintf(conf, sizeof(conf), "%.*skeeper {\n outage_domains = 2\n%s",
	    (int)(rest - PUBLISHED), PUBLISHED, rest + strlen("keeper {\n"));
	struct box *box = new_box(conf);
	for (size_t i = 0; i < 3; i++)
		box_add(box, names[i], "p");
	passes(box, 700, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	box->w->publisher_down = true;
	for (size_t i = 0; i < box->w->count; i++)
		box->w->records[i].text[0] = '\0';
	passes(box, 300, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL,
	    "Subject: signpost: all domains: an outage: many records are gone at once\n");
	not_said(ALERT_MAIL, "a record was changed");
	enter_records(box);
	passes(box, 700, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 3);
	said(ALERT_MAIL, "all domains: the outage is over");
	box_free(box);
}

static void
stuck_milter_is_told_when_it_lags(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 700, 10);
	box->w->milter_stuck = true;
	passes(box, 1600, 10); /* over a rotation */
	said(ALERT_MAIL, "a.test: a milter does not sign as it should");
	said(ALERT_MAIL, "unix:/m signs with the old key");
	box->w->milter_stuck = false;
	passes(box, 700, 10);
	said(ALERT_MAIL, "a.test: every milter signs as it should");
	box_free(box);
}

/* Issue: the milter was dead, all mail was deferred, and nobody was told, as no switch waited for it. */
static void
milter_that_fails_between_switches_is_told(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 200, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	box->w->milter_stuck = true;
	passes(box, 600, 10); /* at most one in an interval */
	assert_int_equal(told.sent[ALERT_MAIL], 2);
	said(ALERT_MAIL, "a.test: a milter does not sign as it should");
	box->w->milter_stuck = false;
	passes(box, 620, 10);
	assert_int_equal(told.sent[ALERT_MAIL], 3);
	said(ALERT_MAIL, "a.test: every milter signs as it should");
	box_free(box);
}

/* Issue: "Verified: its mail is signed" was said of a domain whose milter could not be reached. */
static void
verified_is_told_when_the_milters_have_answered(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box->w->milter_stuck = true;
	box_add(box, "a.test", "p");
	passes(box, 150, 5);
	assert_true(is_signing(box));
	not_said(ALERT_MAIL, "Verified");
	box->w->milter_stuck = false;
	passes(box, 620, 5);
	said(ALERT_MAIL, "a.test: Verified: its mail is signed");
	box_free(box);
}

static void
refusing_publisher_is_told(void **state)
{
	struct box *box = new_box(PUBLISHED);
	(void)state;

	box->w->publisher_refuses = true;
	box_add(box, "a.test", "p");
	passes(box, 60, 5);
	assert_int_equal(told.sent[ALERT_MAIL], 1);
	said(ALERT_MAIL, "a.test: the publisher does not take a change (");
	said(ALERT_MAIL, "the key may not do this");
	box_free(box);
}

static void
overdue_rotation_is_told(void **state)
{
	struct box *box = new_box(HANDED);
	(void)state;

	box_add(box, "a.test", "p");
	box_pass(box);
	enter_records(box);
	passes(box, 1480, 10);
	said(ALERT_MAIL, "a.test: something is yours to do (");
	said(ALERT_MAIL, "signpost records a.test");
	passes(box, 900, 10); /* nobody enters the next */
	said(ALERT_MAIL, "a.test: a rotation is overdue (");
	enter_records(box);
	/* what comes after it is told, too */
	for (int i = 0; i < 100 && strstr(told.last[ALERT_MAIL], "rotation is done") == NULL; i++)
		passes(box, 10, 10);
	said(ALERT_MAIL, "a.test: the overdue rotation is done (");
	box_free(box);
}

/* Killed before it is known that sendmail took it, it goes out once more; never less than once. */
static void
killed_pass_tells_again(void **state)
{
	struct box *box = new_box(PUBLISHED);
	unsigned hooks = 0;
	(void)state;

	box_add(box, "a.test", "p");
	while (!box_killed_pass(box, 1000) && strstr(box->w->trail, "told") == NULL && hooks++ < 60)
		box_later(box, 5);
	assert_non_null(strstr(box->w->trail, "told"));
	assert_int_equal(rows(box, "a.test"), 1);
	/* the same life again, killed at each hook */
	for (unsigned at = 1; at < 8; at++) {
		char name[32];
		snprintf(name, sizeof(name), "k%u.test", at);
		box_later(box, 700);
		box->w->trail[0] = '\0';
		box_add(box, name, "p");
		for (int i = 0; i < 40 && strstr(box->w->trail, "told") == NULL; i++) {
			(void)box_killed_pass(box, at);
			box_later(box, 5);
			(void)box_killed_pass(box, 1000);
			box_later(box, 5);
		}
		assert_non_null(strstr(box->w->trail, "told"));
		(void)box_killed_pass(box, 1000);
		box->w->trail[0] = '\0';
		box_later(box, 700);
		(void)box_killed_pass(box, 1000);
		assert_null(strstr(box->w->trail, "told"));
	}
	box_free(box);
}

/* How often the database was written: its change counter. */
static unsigned
commits(struct box *box)
{
	char path[128];
	uint8_t head[28] = {0};

	snprintf(path, sizeof(path), "%s/keystore.db", box->dir);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(head, 1, sizeof(head), f), sizeof(head));
	fclose(f);
	return (unsigned)head[24] << 24 | (unsigned)head[25] << 16 | (unsigned)head[26] << 8 | head[27];
}

/* After an outage of 10,000 domains as many rows are over: they go in one commit, not each in its own. */
static void
what_is_over_goes_at_once(void **state)
{
	enum { MANY = 40 };
	struct box *box = new_box(PUBLISHED);
	struct err err = ERR_INIT;
	(void)state;

	for (int i = 0; i < MANY; i++) {
		struct store_alert a = {.kind = "changed",
		    .raised_at = BEGIN - 20,
		    .ended_at = BEGIN - 10,
		    .told = {ALERT_END_TOLD, ALERT_END_TOLD}};
		snprintf(a.selector, sizeof(a.selector), "s%d", i);
		assert_int_equal(store_alert_put(box->store, &a, &err), 0);
	}
	assert_int_equal(rows(box, ""), MANY);
	unsigned before = commits(box);
	box_pass(box);
	assert_int_equal(rows(box, ""), 0);
	assert_in_range(commits(box) - before, 1, MANY / 2);
	box_free(box);
}

static void
mail_holds_its_form(void **state)
{
	struct store_alert alerts[2] = {{.domain = "a.test",
					    .kind = "changed",
					    .selector = "s1",
					    .raised_at = BEGIN,
					    .ended_at = NEVER},
	    {.domain = "b.test", .kind = "failed", .raised_at = BEGIN, .ended_at = NEVER}};
	struct digest_item items[] = {
	    {&alerts[0], KIND_CHANGED, DIGEST_RAISED}, {&alerts[1], KIND_FAILED, DIGEST_RAISED}};
	struct digest d = {items, 2, BEGIN, "host.test"};
	struct err err = ERR_INIT;
	struct buf out, again;
	(void)state;

	memset(alerts[0].text, 'x', sizeof(alerts[0].text) - 1);
	snprintf(alerts[1].text, sizeof(alerts[1].text),
	    "bad\r\nBcc: x@y.test\r\n.\r\nnot \xff utf-8 \x1b[1m");
	buf_init(&out, 1 << 20);
	buf_init(&again, 1 << 20);
	digest_sort(&d);
	assert_string_equal(items[0].alert->domain, "b.test");
	assert_int_equal(digest_mail(&d, "postmaster", "k@host.test", &out, &err), 0);
	assert_int_equal(digest_mail(&d, "postmaster", "k@host.test", &again, &err), 0);
	assert_true(slice_eq(buf_slice(&out), buf_slice(&again))); /* with the same Message-ID */
	const char *text = buf_str(&out), *body = strstr(text, "\n\n");
	assert_non_null(body);
	const char *bcc = strstr(text, "Bcc:");
	assert_true(bcc == NULL || bcc > body);
	assert_non_null(strstr(text, "Date: Sun, 22 Nov 2026 00:00:00 +0000\n"));
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		assert_true(strcspn(line, "\n") < 998);
		for (size_t i = 0; line[i] != '\n'; i++)
			assert_true((uint8_t)line[i] >= 0x20 && (uint8_t)line[i] < 0x7f);
	}
	buf_deinit(&out);
	buf_deinit(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_verified_is_told_once),
	    cmocka_unit_test(digests_are_an_interval_apart),
	    cmocka_unit_test(changed_record_and_its_end_are_told),
	    cmocka_unit_test(what_came_and_went_is_told_as_that),
	    cmocka_unit_test(compromise_is_told_at_once),
	    cmocka_unit_test(failed_sendmail_is_said_and_tried_again),
	    cmocka_unit_test(channels_are_told_apart),
	    cmocka_unit_test(digest_of_many_names_fifty),
	    cmocka_unit_test(digest_tells_texts_of_any_octets),
	    cmocka_unit_test(outage_is_told_as_one),
	    cmocka_unit_test(stuck_milter_is_told_when_it_lags),
	    cmocka_unit_test(milter_that_fails_between_switches_is_told),
	    cmocka_unit_test(verified_is_told_when_the_milters_have_answered),
	    cmocka_unit_test(refusing_publisher_is_told),
	    cmocka_unit_test(overdue_rotation_is_told),
	    cmocka_unit_test(killed_pass_tells_again),
	    cmocka_unit_test(what_is_over_goes_at_once),
	    cmocka_unit_test(mail_holds_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
