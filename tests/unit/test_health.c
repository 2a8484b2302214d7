/* SPDX-License-Identifier: ISC */
/* test_health.c - the word for each situation of a domain, what is waited for, and the file for everybody. */
#include "fixture_pass.h"
#include "signpost/status_file.h"
#include "signpost/status_rebuild.h"
#include "signpost/status_text.h"

#define NOW   BEGIN
#define SHORT CONFIG_TIMES PUBLISHER

static const char PUBLISHED[] = SHORT "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char HANDED[] = CONFIG_TIMES "policy \"p\" {\n rotate = auto\n" POLICY_TIMES "}\n";

/* One key, in a state that its facts make. */
struct situation {
	const char *name;
	enum key_fact last; /* all before it hold, too */
	bool looked, passed, failed, slow, lost, has_signed;
	enum sweep_obstruction obstruction;
	const char *trouble;
	enum step_wait wait;
	enum health want;
	bool warning;
	const char *waits_for;
};

static const struct situation SITUATIONS[] = {
    {.name = "made", .last = FACT_GENERATED, .want = HEALTH_PENDING, .waits_for = "nothing"},
    {.name = "published, nobody asked",
	.last = FACT_PUBLISHED,
	.wait = WAIT_DNS,
	.want = HEALTH_PENDING,
	.waits_for = "dns"},
    {.name = "missing",
	.last = FACT_PUBLISHED,
	.looked = true,
	.wait = WAIT_DNS,
	.want = HEALTH_PENDING,
	.waits_for = "dns"},
    {.name = "missing at a person's",
	.last = FACT_PUBLISHED,
	.looked = true,
	.wait = WAIT_PERSON,
	.want = HEALTH_PENDING,
	.waits_for = "person"},
    {.name = "missing for long",
	.last = FACT_PUBLISHED,
	.looked = true,
	.slow = true,
	.wait = WAIT_DNS,
	.want = HEALTH_FAILED,
	.waits_for = "dns"},
    {.name = "nobody answers",
	.last = FACT_PUBLISHED,
	.looked = true,
	.failed = true,
	.wait = WAIT_DNS,
	.want = HEALTH_TEMPORARY,
	.waits_for = "dns"},
    {.name = "nobody answers for long",
	.last = FACT_PUBLISHED,
	.looked = true,
	.failed = true,
	.slow = true,
	.wait = WAIT_DNS,
	.want = HEALTH_TEMPORARY,
	.waits_for = "dns"},
    {.name = "blocked",
	.last = FACT_PUBLISHED,
	.looked = true,
	.obstruction = OBSTRUCTION_BLOCKED,
	.wait = WAIT_DNS,
	.want = HEALTH_TEMPORARY,
	.waits_for = "port-53-blocked"},
    {.name = "intercepted",
	.last = FACT_PUBLISHED,
	.looked = true,
	.obstruction = OBSTRUCTION_INTERCEPTED,
	.wait = WAIT_DNS,
	.want = HEALTH_TEMPORARY,
	.waits_for = "port-53-intercepted"},
    {.name = "seen once",
	.last = FACT_PUBLISHED,
	.looked = true,
	.passed = true,
	.slow = true,
	.wait = WAIT_DNS,
	.want = HEALTH_PENDING,
	.waits_for = "dns"},
    {.name = "the publisher refuses",
	.last = FACT_GENERATED,
	.wait = WAIT_PUBLISHER,
	.want = HEALTH_PENDING,
	.waits_for = "publisher"},
    {.name = "its file is bad",
	.last = FACT_PUBLISHED,
	.trouble = "a.pem: chmod 0640 it",
	.wait = WAIT_DNS,
	.want = HEALTH_FAILED,
	.waits_for = "person"},
    {.name = "signs",
	.last = FACT_ACTIVATED,
	.looked = true,
	.passed = true,
	.want = HEALTH_VERIFIED,
	.waits_for = "nothing"},
    {.name = "signs, lost",
	.last = FACT_ACTIVATED,
	.looked = true,
	.lost = true,
	.wait = WAIT_DNS,
	.want = HEALTH_FAILED,
	.warning = true,
	.waits_for = "dns"},
    {.name = "signs, held by a publisher",
	.last = FACT_ACTIVATED,
	.looked = true,
	.passed = true,
	.wait = WAIT_PUBLISHER,
	.want = HEALTH_VERIFIED,
	.warning = true,
	.waits_for = "publisher"},
    {.name = "signed, and its file is gone",
	.last = FACT_ACTIVATED,
	.trouble = "a.pem: gone",
	.want = HEALTH_FAILED,
	.warning = true,
	.waits_for = "person"},
    {.name = "signed once, and nothing comes",
	.last = FACT_RETIRED,
	.has_signed = true,
	.want = HEALTH_FAILED,
	.waits_for = "person"},
};

static void
judge_one(const struct situation *s)
{
	struct key_policy policy = {.mode = MODE_TXT};
	struct store_domain row = {.name = "a.test",
	    .removing_at = NEVER,
	    .held_at = NEVER,
	    .active_from = s->last >= FACT_ACTIVATED || s->has_signed ? NOW : NEVER};
	struct store_key key = {.selector = "s1", .alg = KEY_RSA_SHA256};
	struct store_look look = {.failed = s->failed};
	struct schedule_key view = {.selector = "s1",
	    .looks = {.looked_at = s->looked ? NOW : NEVER, .last_passed = s->passed}};
	struct observed seen = {.row = &row,
	    .keys = &key,
	    .looks = &look,
	    .domain = {.policy = &policy, .keys = &view, .key_count = 1}};
	struct key_health k = {.row = &key,
	    .look = &look,
	    .view = &view,
	    .slow = s->slow,
	    .lost = s->lost,
	    .obstruction = s->obstruction,
	    .step = {.wait = s->wait, .earliest = NEVER, .why = "why"}};
	struct domain_health d = {.seen = &seen, .keys = &k, .key_count = 1};
	struct err err = ERR_INIT;
	struct config *config;

	key_facts_init(&key.facts);
	for (int f = 0; f <= (int)s->last; f++)
		key.facts.at[f] = NOW;
	if (s->trouble != NULL)
		snprintf(k.trouble, sizeof(k.trouble), "%s", s->trouble);
	assert_int_equal(config_default("conf", &config, &err), 0);
	health_judge(&d, config, NOW);
	if (d.health != s->want || d.warning != s->warning ||
	    strcmp(d.waits_for, s->waits_for) != 0)
		fail_msg("%s: %s, %d, waits for %s: %s", s->name, health_name(d.health), d.warning,
		    d.waits_for, d.next);
	if (s->trouble != NULL)
		assert_string_equal(d.next, s->trouble);
	config_free(config);
}

static void
judge_each_situation_has_its_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(SITUATIONS) / sizeof(SITUATIONS[0]); i++)
		judge_one(&SITUATIONS[i]);
}

static void
words_are_those_of_ses(void **state)
{
	static const struct {
		enum health health;
		const char *name;
		int code;
	} want[] = {{HEALTH_VERIFIED, "Verified", 0}, {HEALTH_PENDING, "Pending", 1},
	    {HEALTH_FAILED, "Failed", 2}, {HEALTH_TEMPORARY, "TemporaryFailure", 3}};
	(void)state;

	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(health_name(want[i].health), want[i].name);
		assert_int_equal(health_exit_code(want[i].health, false), want[i].code);
	}
	assert_int_equal(health_exit_code(HEALTH_VERIFIED, true), 1);
	assert_int_equal(status_worse(3, 1), 3);
	assert_int_equal(status_worse(3, 2), 2);
	assert_int_equal(status_worse(0, 1), 1);
}

static int
keep(void *arg, json_t *domain, struct err *err)
{
	json_t **out = arg;

	(void)err;
	json_decref(*out);
	*out = json_incref(domain);
	return 0;
}

static json_t *
status_of(struct box *box, bool open)
{
	const struct status_query q = {.store = box->store,
	    .now = box->w->now,
	    .name = "a.test",
	    .form = {.config = box->config, .open = open}};
	struct status_world world;
	struct err err = ERR_INIT;
	json_t *out = NULL;

	if (status_each(&q, &world, keep, &out, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(world.count, 1);
	return out;
}

static void
said_of(struct box *box, const json_t *domain, const char *text)
{
	const struct terminal pipe = {.width = 0};
	const struct status_reader r = {&pipe, box->config, box->w->now};
	struct buf out;

	buf_init(&out, 1 << 20);
	status_text_line(&r, domain, &out);
	status_text_detail(&r, domain, &out);
	if (strstr(buf_str(&out), text) == NULL)
		fail_msg("\"%s\" is not in:\n%s", text, buf_str(&out));
	buf_deinit(&out);
}

/* 72 hours end nothing. */
static void
missing_record_is_looked_for_for_ever(void **state)
{
	struct box *box = box_new(HANDED);
	(void)state;

	box_add(box, "a.test", "p");
	for (int i = 0; i < 30; i++, box_later(box, 10))
		box_pass(box);
	json_t *d = status_of(box, false);
	assert_string_equal(status_text_get(d, "status"), "Pending");
	assert_string_equal(status_text_get(d, "waits_for"), "person");
	int64_t since = status_time_get(d, "waits_since");
	assert_true(since >= BEGIN && since <= BEGIN + 20);
	assert_true(status_time_get(d, "last_look") >= box->w->now - 20);
	assert_true(status_time_get(d, "next_look") > status_time_get(d, "last_look"));
	assert_true(status_time_get(d, "next_look") <= box->w->now + 10);
	json_decref(d);
	for (int i = 0; i < 300; i++, box_later(box, 10))
		box_pass(box);
	unsigned sweeps = box->w->sweeps;
	d = status_of(box, false);
	assert_string_equal(status_text_get(d, "status"), "Failed");
	assert_true(json_is_true(json_object_get(d, "slow")));
	int64_t again = status_time_get(d, "next_look");
	assert_true(again > box->w->now - 10 && again <= box->w->now + 100);
	said_of(box, d, "missing for 54 min, so it is looked for every 100 s; looks again ");
	json_decref(d);
	for (int i = 0; i < 12; i++, box_later(box, 10))
		box_pass(box);
	assert_true(box->w->sweeps > sweeps);
	box_free(box);
}

/* What a program printed may hold what is not for everybody. */
static void
refusal_is_shown_and_a_hooks_words_only_to_the_keeper(void **state)
{
	struct box *box = box_new(PUBLISHED);
	(void)state;

	box->w->publisher_refuses = true;
	box_add(box, "a.test", "p");
	for (int i = 0; i < 4; i++, box_later(box, 5))
		box_pass(box);
	json_t *d = status_of(box, false);
	assert_string_equal(status_text_get(d, "waits_for"), "publisher");
	said_of(box, d, "the key may not do this");
	json_decref(d);
	d = status_of(box, true);
	char *text = json_dumps(d, 0);
	assert_null(strstr(text, "the key may not"));
	assert_non_null(strstr(text, "sudo signpost status a.test"));
	free(text);
	json_decref(d);
	box_free(box);
}

/* They are told on in what waits for something else: for DNS, or for nothing. */
static void
hooks_words_are_left_out_of_whatever_is_waited_for(void **state)
{
#define SAID "revoked; s1._domainkey.a.test: the hook says: done: token 7"
	static const enum step_wait waits[] = {WAIT_NOTHING, WAIT_DNS, WAIT_TIME, WAIT_PUBLISHER};
	struct box *box = box_new(PUBLISHED);
	(void)state;

	for (size_t i = 0; i < 2 * sizeof(waits) / sizeof(waits[0]); i++) {
		bool open = i % 2 == 0;
		struct key_policy policy = {.mode = MODE_TXT, .publisher = box->config->policies[0].publisher};
		struct store_domain row = {.name = "a.test", .removing_at = NEVER, .held_at = NEVER, .active_from = NEVER};
		struct store_key key = {.selector = "s1", .alg = KEY_RSA_SHA256, .slot = -1};
		struct store_look look = {.failed = false};
		struct schedule_key view = {.selector = "s1", .looks = {.looked_at = NEVER}};
		struct observed seen = {.row = &row,
		    .keys = &key,
		    .looks = &look,
		    .domain = {.policy = &policy, .keys = &view, .key_count = 1}};
		struct step step = {.what = STEP_LOOK, .wait = waits[i / 2], .earliest = NEVER, .why = SAID};
		struct key_health k = {.row = &key, .look = &look, .view = &view, .step = step};
		struct domain_health d = {
		    .seen = &seen, .keys = &k, .key_count = 1, .steps = &step, .step_count = 1};
		const struct status_form form = {.config = box->config, .open = open};

		key_facts_init(&key.facts);
		key.facts.at[FACT_GENERATED] = NOW;
		health_judge(&d, box->config, NOW);
		assert_non_null(strstr(d.next, "token 7"));
		json_t *json = status_json_domain(&d, &form);
		assert_non_null(json);
		char *text = json_dumps(json, 0);
		assert_non_null(text);
		if ((strstr(text, "token 7") == NULL) != open)
			fail_msg("%s, waits for %d: %s", open ? "for everybody" : "for the keeper",
			    (int)waits[i / 2], text);
		assert_true(!open || strstr(text, "shown to the keeper only: sudo signpost") != NULL);
		free(text);
		json_decref(json);
	}
	box_free(box);
#undef SAID
}

static void
file_tells_what_the_store_knows(void **state)
{
	struct box *box = box_new(PUBLISHED);
	struct err err = ERR_INIT;
	struct status_world world;
	struct status_rebuilt r;
	json_t *d = NULL;
	char path[128], other[160];
	struct stat st;
	(void)state;

	box_add(box, "a.test", "p");
	box_add(box, "b.test", "p");
	for (int i = 0; i < 20; i++, box_later(box, 10))
		box_pass(box);
	snprintf(path, sizeof(path), "%s/status.json", box->dir);
	/* a link in its place is replaced, not followed */
	snprintf(other, sizeof(other), "%s/other", box->dir);
	assert_int_equal(symlink(other, path), 0);
	if (status_file_write(path, box->store, box->config, box->w->now, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal((int64_t)st.st_mtim.tv_sec, box->w->now);
	assert_int_equal(access(other, F_OK), -1);

	const struct status_file one = {path, "b.test"}, none = {path, "c.test"},
				 all = {path, NULL};
	assert_int_equal(status_file_each(&none, &world, keep, &d, &err), 0);
	assert_int_equal(world.count, 0);
	assert_int_equal(status_file_each(&all, &world, keep, &d, &err), 0);
	assert_int_equal(world.count, 2);
	assert_int_equal(status_file_each(&one, &world, keep, &d, &err), 0);
	assert_int_equal(world.count, 1);
	assert_true(world.written_at == box->w->now && world.passed_at == box->w->now &&
		    world.clock_trusted);
	assert_string_equal(status_text_get(d, "domain"), "b.test");
	assert_string_equal(status_text_get(d, "status"), "Verified");

	struct store_key *keys = NULL;
	size_t count;
	assert_int_equal(store_keys(box->store, "b.test", &keys, &count, &err), 0);
	assert_int_equal(status_rebuild(&r, d, box->config, &err), 0);
	assert_int_equal(r.o.key_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(r.o.keys[i].selector, keys[i].selector);
		assert_string_equal(r.o.keys[i].record, keys[i].record);
		assert_string_equal(r.o.keys[i].owner, keys[i].owner);
		assert_memory_equal(&r.o.views[i].facts, &keys[i].facts, sizeof(keys[i].facts));
	}
	assert_false(r.policy.by_hand);
	status_rebuilt_deinit(&r);
	free(keys);
	json_decref(d);
	/* no private key, and nobody is led elsewhere */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(status_file_each(&all, &world, keep, &d, &err), -1);
	box_free(box);
}

static void
what_is_no_status_file_is_refused(void **state)
{
	static const char *const texts[] = {"", "{}", "{}\n",
	    "{\"signpost_status\":2,\"domains\":[\n]}\n",
	    "{\"signpost_status\":1,\"domains\":[\n{\"domain\":\"a.test\"\n]}\n",
	    "{\"signpost_status\":1,\"domains\":[\n7\n]}\n"};
	char dir[] = "/tmp/test_health.XXXXXX", path[64];
	struct status_world world;
	json_t *d = NULL;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	const struct status_file all = {path, NULL};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(file_replace(path, slice_of(texts[i]), 0600, &err), 0);
		if (status_file_each(&all, &world, keep, &d, &err) != -1 || err.kind != ERR_INPUT)
			fail_msg("\"%s\": %s", texts[i], err.text);
	}
	json_decref(d);
	unlink(path);
	rmdir(dir);
}

/* Rebuilt from anything, nothing is read beyond its end. */
static void
damaged_entry_is_refused(void **state)
{
	static const char *const texts[] = {"{}", "{\"domain\":7}",
	    "{\"domain\":\"a.test\",\"keys\":[7]}",
	    "{\"domain\":\"a.test\",\"keys\":[{\"selector\":\"s\",\"algorithm\":\"md5\"}]}",
	    "{\"domain\":\"a.test\",\"slots\":[{\"token\":\"t\"}]}",
	    "{\"domain\":\"a.test\",\"slowest_s\":-1}"};
	struct err err = ERR_INIT;
	struct config *config;
	(void)state;

	assert_int_equal(config_default("conf", &config, &err), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct status_rebuilt r;
		json_t *json = json_loads(texts[i], 0, NULL);
		assert_non_null(json);
		if (status_rebuild(&r, json, config, &err) != -1)
			fail_msg("%s", texts[i]);
		status_rebuilt_deinit(&r);
		json_decref(json);
	}
	config_free(config);
}

static void
file_is_written_when_something_changed(void **state)
{
	char dir[] = "/tmp/test_health.XXXXXX", conf[sizeof(PUBLISHED) + 128], path[64];
	struct stat st;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	snprintf(conf, sizeof(conf), "status_file = \"%s\"\n%s", path, PUBLISHED);
	struct box *box = box_new(conf);
	box_add(box, "a.test", "p");
	box_pass(box);
	assert_int_equal(stat(path, &st), 0);
	for (int i = 0; i < 20; i++, box_later(box, 10))
		box_pass(box);
	assert_int_equal(stat(path, &st), 0);
	ino_t before = st.st_ino;
	int64_t next;
	struct err err = ERR_INIT;
	assert_int_equal(store_next_due(box->store, &next, &err), 0);
	assert_true(next > box->w->now);
	box_later(box, 1); /* nothing is due: the pass only leaves its time */
	box_pass(box);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_ino == before);
	assert_int_equal((int64_t)st.st_mtim.tv_sec, box->w->now);
	box_later(box, next - box->w->now);
	box_pass(box);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal((int64_t)st.st_mtim.tv_sec, box->w->now);
	/* without its directory nothing is written, and the pass goes on */
	unlink(path);
	rmdir(dir);
	box_later(box, 100);
	box_pass(box);
	assert_int_equal(access(dir, F_OK), -1);
	box_free(box);
}

static void
stale_is_a_matter_of_minutes(void **state)
{
	struct status_world w = {.passed_at = NEVER};
	struct err err = ERR_INIT;
	struct config *config;
	(void)state;

	assert_int_equal(config_default("conf", &config, &err), 0);
	assert_true(status_is_stale(&w, config, NOW));
	w.passed_at = NOW - 900;
	assert_false(status_is_stale(&w, config, NOW));
	w.passed_at = NOW - 901;
	assert_true(status_is_stale(&w, config, NOW));
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_those_of_ses),
	    cmocka_unit_test(judge_each_situation_has_its_word),
	    cmocka_unit_test(missing_record_is_looked_for_for_ever),
	    cmocka_unit_test(refusal_is_shown_and_a_hooks_words_only_to_the_keeper),
	    cmocka_unit_test(hooks_words_are_left_out_of_whatever_is_waited_for),
	    cmocka_unit_test(file_tells_what_the_store_knows),
	    cmocka_unit_test(what_is_no_status_file_is_refused),
	    cmocka_unit_test(damaged_entry_is_refused),
	    cmocka_unit_test(file_is_written_when_something_changed),
	    cmocka_unit_test(stale_is_a_matter_of_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
