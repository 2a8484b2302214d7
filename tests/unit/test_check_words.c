/* SPDX-License-Identifier: ISC */
/* What check says of a domain beside its findings, with the situation that says it: of each key that nothing is wrong with,
 * of slots, and the page as a whole.  The findings' own words are DIAGNOSES[] (test_diagnose.c). */
#include "signpost/check.h"
#include "tests/unit/said.h"

#include <time.h>

#define NOW  INT64_C(1795305600)
#define KEYS 4
#define NONE SAY_COUNT

struct spec {
	enum subject_role role; /* with state GENERATED and no selector: the end */
	enum key_state state;
	enum say say; /* a note about it; NONE */
	bool absent;  /* expected to be gone */
	bool person;  /* a person is to enter its record */
	bool young;   /* proven a second ago */
	bool is;
};

#define KEY(...) {__VA_ARGS__, .is = true}

static const struct {
	const char *text, *situation;
	struct spec keys[KEYS];
	size_t unpublished;
	bool slots;
} WORDS[] = {
    {"k0 signs", "", {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE)}, 0, false},
    {"k0 signs; k1 stands by", "proven, and Ipub is over",
	{KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE), KEY(ROLE_COMING, KEY_STATE_READY, NONE)}, 0, false},
    {"k0 signs; k1 is proven, and waits until 00:59:59: receivers may still remember that it was not there",
	"proven, and Ipub is not over",
	{KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE), KEY(ROLE_COMING, KEY_STATE_READY, NONE, .young = true)}, 0, false},
    {"k0 is on every server that answers, and waits to be proven", "seen once", {KEY(ROLE_COMING, KEY_STATE_PUBLISHED, NONE)}, 0,
	false},
    {"k0 was published just now, the servers are taking it", "published minutes ago, not seen",
	{KEY(ROLE_COMING, KEY_STATE_PUBLISHED, SAY_NO_RECORD)}, 0, false},
    {"k0 is made and not published yet", "the next pass publishes it", {KEY(ROLE_COMING, KEY_STATE_GENERATED, SAY_NO_RECORD)}, 0,
	false},
    {"k0 waits for you to enter its record (signpost records a.test)", "by hand, beside a key that signs",
	{KEY(ROLE_COMING, KEY_STATE_PUBLISHED, SAY_NO_RECORD, .person = true)}, 0, false},
    {"k0 is kept for delayed mail", "overlap", {KEY(ROLE_OVERLAP, KEY_STATE_RETIRED, NONE)}, 0, false},
    {"k0 is being revoked", "p= was asked for, and its record is seen", {KEY(ROLE_GOING, KEY_STATE_RETIRED, SAY_STILL_THERE)}, 0,
	false},
    {"k0 is revoked (p= or nothing), as it should be", "", {KEY(ROLE_GOING, KEY_STATE_REVOKED, NONE)}, 0, false},
    {"k0 is gone, as it should be", "its tombstone, too", {KEY(ROLE_GOING, KEY_STATE_REVOKED, NONE, .absent = true)}, 0, false},
    {"k0 signs; 1 key is made and not published yet", "not to be seen yet", {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE)}, 1, false},
    {"k0 signs; 2 keys are made and not published yet", "", {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE)}, 2, false},
    {"2 of 3 slots carry a key (one signs, one stands by); 1 is empty (p=), as it should be", "ordinary rotation",
	{KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE), KEY(ROLE_COMING, KEY_STATE_READY, NONE), KEY(ROLE_EMPTY, KEY_STATE_GENERATED, NONE)},
	0, true},
    {"1 of 3 slots carries a key (one signs); 2 are empty (p=), as it should be", "",
	{KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE), KEY(ROLE_EMPTY, KEY_STATE_GENERATED, NONE),
	    KEY(ROLE_EMPTY, KEY_STATE_GENERATED, NONE)},
	0, true},
    {"4 of 4 slots carry a key (2 sign, one is kept for delayed mail, one is being published)", "two algorithms",
	{KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE), KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE),
	    KEY(ROLE_OVERLAP, KEY_STATE_RETIRED, NONE), KEY(ROLE_COMING, KEY_STATE_PUBLISHED, NONE)},
	0, true},
    {"4 of 4 slots carry a key (2 are kept for delayed mail, 2 are being published)", "nothing signs",
	{KEY(ROLE_OVERLAP, KEY_STATE_RETIRED, NONE), KEY(ROLE_OVERLAP, KEY_STATE_RETIRED, NONE),
	    KEY(ROLE_COMING, KEY_STATE_PUBLISHED, NONE), KEY(ROLE_COMING, KEY_STATE_PUBLISHED, NONE)},
	0, true},
    {"2 of 2 slots carry a key (2 stand by)", "before the first signature",
	{KEY(ROLE_COMING, KEY_STATE_READY, NONE), KEY(ROLE_COMING, KEY_STATE_READY, NONE)}, 0, true},
};

struct scene {
	struct check_plan plan;
	struct check_domain domain;
	struct observed seen;
	struct store_domain row;
	struct key_policy policy;
	struct diagnose_subject subjects[KEYS];
	struct check_key keys[KEYS];
	struct schedule_key views[KEYS];
	struct store_key rows[KEYS];
	struct findings *findings[KEYS];
	struct check_result r;
};

static void
set_facts(struct schedule_key *k, const struct spec *spec)
{
	static const enum key_fact last[] = {[KEY_STATE_GENERATED] = FACT_GENERATED,
	    [KEY_STATE_PUBLISHED] = FACT_PUBLISHED,
	    [KEY_STATE_READY] = FACT_VERIFIED,
	    [KEY_STATE_ACTIVE] = FACT_ACTIVATED,
	    [KEY_STATE_RETIRED] = FACT_RETIRED,
	    [KEY_STATE_REVOKED] = FACT_REVOKED};

	key_facts_init(&k->facts);
	for (int f = 0; f <= (int)last[spec->state]; f++)
		k->facts.at[f] = NOW - (spec->young ? 1 : 864000);
	assert_int_equal(key_state_of(&k->facts), spec->state);
}

static void
scene_init(struct scene *s, const struct spec *specs, size_t unpublished, bool slots)
{
	static const char *const selectors[KEYS] = {"k0", "k1", "k2", "k3"};

	memset(s, 0, sizeof(*s));
	snprintf(s->row.name, sizeof(s->row.name), "a.test");
	s->policy = (struct key_policy){.mode = slots ? MODE_SLOTS : MODE_TXT, .publish_safety_s = 3600};
	s->seen.row = &s->row;
	s->seen.domain.policy = &s->policy;
	s->seen.domain.keys = s->views;
	s->domain = (struct check_domain){.seen = &s->seen, .unpublished = unpublished};
	for (size_t i = 0; i < KEYS && specs[i].is; i++) {
		const struct spec *spec = &specs[i];
		s->domain.count++;
		set_facts(&s->views[i], spec);
		s->views[i].selector = selectors[i];
		s->keys[i] = (struct check_key){.row = spec->role == ROLE_EMPTY ? NULL : &s->rows[i], .view = &s->views[i]};
		s->subjects[i] = (struct diagnose_subject){.domain = s->row.name,
		    .selector = selectors[i],
		    .role = spec->role,
		    .expect = spec->absent ? EXPECT_ABSENT : EXPECT_RECORD,
		    .waits_for_person = spec->person};
		assert_non_null(s->findings[i] = findings_new());
		if (spec->say == NONE)
			continue;
		struct finding *f = &s->findings[i]->list[s->findings[i]->count++];
		f->say = spec->say;
		f->row = &DIAGNOSES[spec->say];
		f->severity = SEVERITY_INFO;
		f->until = NEVER;
	}
	s->seen.domain.key_count = s->domain.count;
	s->plan = (struct check_plan){.now = NOW,
	    .domains = &s->domain,
	    .domain_count = 1,
	    .subjects = s->subjects,
	    .keys = s->keys,
	    .subject_count = s->domain.count};
	s->r = (struct check_result){.plan = &s->plan, .domain = &s->domain, .findings = s->findings};
}

static void
scene_free(struct scene *s)
{
	for (size_t i = 0; i < KEYS; i++)
		findings_free(s->findings[i]);
}

static void
check_words_table(void **state)
{
	unsigned failed = 0;
	(void)state;

	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		struct scene s;
		struct buf out;
		buf_init(&out, 4096);
		scene_init(&s, WORDS[i].keys, WORDS[i].unpublished, WORDS[i].slots);
		check_words(&s.r, &out);
		if (strcmp(buf_str(&out), WORDS[i].text) != 0) {
			print_error("\"%s\", wanted \"%s\"\n", buf_str(&out), WORDS[i].text);
			failed++;
		}
		buf_deinit(&out);
		scene_free(&s);
	}
	assert_int_equal(failed, 0);
}

static const struct {
	const char *text;
	enum severity worst;
	enum subject_role role;
} STATUSES[] = {
    {"verified", SEVERITY_INFO, ROLE_SIGNS},
    {"verified", SEVERITY_WARNING, ROLE_SIGNS},
    {"pending", SEVERITY_INFO, ROLE_COMING},
    {"pending", SEVERITY_WARNING, ROLE_COMING},
    {"failed", SEVERITY_FATAL, ROLE_SIGNS},
    {"failed", SEVERITY_FATAL, ROLE_COMING},
    {"cannot tell", SEVERITY_UNKNOWN, ROLE_SIGNS},
};

static void
check_judge_status(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
		const struct spec keys[KEYS] = {KEY(STATUSES[i].role, KEY_STATE_ACTIVE, SAY_SHORT_KEY)};
		struct scene s;
		scene_init(&s, keys, 0, false);
		s.findings[0]->list[0].severity = STATUSES[i].worst;
		check_judge(&s.r);
		assert_int_equal(s.r.worst, STATUSES[i].worst);
		assert_string_equal(check_status_name(s.r.status), STATUSES[i].text);
		scene_free(&s);
	}
}

/* The page for people; free()d by the caller. */
static char *
page_of(struct scene *s, unsigned width)
{
	const struct terminal terminal = {.width = width};
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	assert_non_null(file);
	check_judge(&s->r);
	check_print(&s->r, &terminal, file);
	assert_int_equal(fclose(file), 0);
	hear(text);
	return text;
}

/* What stands around the sentences, on the page and in the line for Nagios. */
static const struct said_row PAGES[] = {
    {"a.test  k0  failed", "a key with something fatal"},
    {"a.test  k0  warning", "a key with a warning"},
    {"a.test  k0  cannot tell", "what is asked cannot be told"},
    {"a.test  k0  cannot tell: out of memory", "its findings did not fit into memory"},
    {"a.test  verified. k0 signs.", "nothing is wrong: the status, and what each key does"},
    {"a.test  pending. no key of it is to be seen in DNS now.", "no key, or one that was not published yet"},
    {"a.test  k1 stands by.", "beside trouble: what is as it should be"},
    {"       is      *", "what came back"},
    {"       at      *", "the server, where nothing came back to be shown"},
    {"       mend    *", "what to type"},
    {"       mend    *v=DKIM1*", "a record is not wrapped: it is pasted"},
    {"       asked   *", "the question, to be repeated"},
    {"       cached  who has asked may remember this until 00:01:00 (60 s from now)", "until when an error is remembered"},
    {"  D19  *  Until 00:01:00.  To do: *.", "a note: nothing is wrong with it"},
    {"DKIM OK - a.test: verified. k0 signs | fatal=0;;1 warnings=0;1 notes=0 servers=3 good=2", "--nagios, nothing is wrong"},
    {"DKIM WARNING - a.test: D19 * | fatal=0;;1 warnings=1;1 notes=0 servers=3 good=2", "--nagios, a warning is the worst"},
    {"DKIM UNKNOWN - a.test: D19 * | fatal=0;;1 warnings=1;1 notes=0 servers=3 good=2", "--nagios, it cannot be told"},
    {"a.test  milters  failed", "a milter does not answer the keeper"},
    {"a.test  milters  warning", "a milter signs with something else"},
    {"       *  (the keeper asked it at 00:00:00)", "what the keeper found when it asked it"},
    {"       mend    signpost doctor", "what looks at it now"},
    {"DKIM CRITICAL - a.test: * does not answer: * (asked at 00:00:00); DNS: verified. k0 signs | *",
	"--nagios, a milter does not answer, and DNS is as it should be"},
    {"DKIM CRITICAL - a.test: D19 *; * (asked at 00:00:00) | *", "--nagios, both"},
    {"DKIM CRITICAL - a.test: D19 * | fatal=1;;1 warnings=0;1 notes=0 servers=3 good=2", "--nagios, something fatal"},
};

static void
expect_page(struct scene *s, unsigned width, const char *want)
{
	char *text = page_of(s, width);

	assert_string_equal(text, want);
	free(text);
	scene_free(s);
}

static void
check_print_of_what_is_fine(void **state)
{
	const struct spec one[KEYS] = {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE)}, none[KEYS] = {{0}};
	const struct spec coming[KEYS] = {KEY(ROLE_COMING, KEY_STATE_PUBLISHED, NONE)};
	struct scene s;
	(void)state;

	scene_init(&s, one, 0, false);
	expect_page(&s, 0, "a.test  verified. k0 signs.\n");
	scene_init(&s, coming, 0, false);
	expect_page(&s, 40, "a.test  pending. k0 is on every server\n       that answers, and waits to be\n       proven.\n");
	scene_init(&s, none, 0, false);
	expect_page(&s, 0, "a.test  pending. no key of it is to be seen in DNS now.\n");
}

static void
check_print_of_trouble(void **state)
{
	const struct spec keys[KEYS] = {
	    KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, SAY_DOUBLED), KEY(ROLE_COMING, KEY_STATE_READY, NONE)};
	struct scene s;
	(void)state;

	scene_init(&s, keys, 0, false);
	struct finding *f = &s.findings[0]->list[0];
	f->severity = SEVERITY_FATAL;
	f->until = NOW + 60;
	snprintf(f->verdict, sizeof(f->verdict), "The provider appended the domain to the name.");
	snprintf(f->is, sizeof(f->is), "k0._domainkey.a.test.a.test");
	snprintf(f->server, sizeof(f->server), "ns1.a.test (192.0.2.1), serial 7");
	snprintf(f->mend, sizeof(f->mend), "enter the host as  k0._domainkey  or end the whole name with a dot");
	snprintf(f->asked, sizeof(f->asked), "dig +norec @192.0.2.1 TXT k0._domainkey.a.test.a.test.");
	expect_page(&s, 64,
	    "a.test  k0  failed\n"
	    "\n"
	    "  D04  The provider appended the domain to the name.\n"
	    "       is      k0._domainkey.a.test.a.test\n"
	    "               ns1.a.test (192.0.2.1), serial 7\n"
	    "       mend    enter the host as  k0._domainkey  or end the\n"
	    "               whole name with a dot\n"
	    "       asked   dig +norec @192.0.2.1 TXT \\\n"
	    "               k0._domainkey.a.test.a.test.\n"
	    "       cached  who has asked may remember this until 00:01:00\n"
	    "               (60 s from now)\n"
	    "\n"
	    "a.test  k1 stands by.\n");
	scene_init(&s, keys, 0, false);
	f = &s.findings[0]->list[0];
	f->severity = SEVERITY_FATAL;
	f->until = NOW + 60;
	free(page_of(&s, 0));
	scene_free(&s);
}

/* A record is pasted in one piece; a note is one paragraph; what could not be judged is said. */
static void
check_print_of_the_rest(void **state)
{
	const struct spec keys[KEYS] = {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, SAY_VERSION_NONE)};
	struct scene s;
	(void)state;

	scene_init(&s, keys, 0, false);
	struct finding *f = &s.findings[0]->list[0];
	f->until = NOW + 60;
	snprintf(f->verdict, sizeof(f->verdict), "The record has no v=.");
	snprintf(f->mend, sizeof(f->mend), "replace the value");
	expect_page(&s, 0, "a.test  verified. k0 signs.\n  D19  The record has no v=.  Until 00:01:00.  To do: replace the value.\n");

	scene_init(&s, keys, 0, false);
	f = &s.findings[0]->list[0];
	f->severity = SEVERITY_WARNING;
	snprintf(f->server, sizeof(f->server), "ns1.a.test (192.0.2.1)");
	snprintf(f->verdict, sizeof(f->verdict), "The record has no v=.");
	snprintf(f->mend, sizeof(f->mend), "replace the value with: v=DKIM1; k=rsa; h=sha256; p=MIIBIjANBgkqhkiG9w0BAQ");
	expect_page(&s, 60,
	    "a.test  k0  warning\n\n  D19  The record has no v=.\n       at      ns1.a.test (192.0.2.1)\n"
	    "       mend    replace the value with: v=DKIM1; k=rsa; h=sha256; p=MIIBIjANBgkqhkiG9w0BAQ\n\n");

	scene_init(&s, keys, 0, false);
	findings_free(s.findings[0]);
	s.findings[0] = NULL;
	expect_page(&s, 0, "a.test  k0  cannot tell: out of memory\n");
}

/* One line for each severity; a bar in what a server said does not begin the performance data. */
static void
check_print_nagios_of_each_severity(void **state)
{
	const struct spec keys[KEYS] = {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, SAY_VERSION_NONE)};
	const struct spec fine[KEYS] = {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, NONE)};
	(void)state;

	for (int severity = SEVERITY_INFO; severity <= SEVERITY_FATAL; severity++) {
		struct scene s;
		char *text = NULL;
		size_t len = 0;
		FILE *file = open_memstream(&text, &len);
		assert_non_null(file);
		scene_init(&s, severity == SEVERITY_INFO ? fine : keys, 0, false);
		struct finding *f = &s.findings[0]->list[0];
		f->severity = (enum severity)severity;
		snprintf(f->verdict, sizeof(f->verdict), "a | b");
		s.r.servers = 3;
		s.r.good = 2;
		check_judge(&s.r);
		check_print_nagios(&s.r, file);
		assert_int_equal(fclose(file), 0);
		assert_true(severity == SEVERITY_INFO || strstr(text, " a / b | ") != NULL);
		assert_ptr_equal(strchr(text, '|'), strrchr(text, '|'));
		hear(text);
		free(text);
		if (severity == SEVERITY_UNKNOWN)
			free(page_of(&s, 0));
		scene_free(&s);
	}
}

/* DNS is as it should be, or not, and a milter is not: the keeper asked it. */
static void
check_tells_of_milters(void **state)
{
	static const struct {
		const char *laggard;
		enum say say;
		enum severity finding, worst;
		const char *line, *page;
	} rows[] = {
	    {"unix:/m does not answer: refused | x", NONE, SEVERITY_INFO, SEVERITY_FATAL,
		"DKIM CRITICAL - a.test: unix:/m does not answer: refused / x (asked at 00:00:00); DNS: verified. k0 signs | "
		"fatal=0;;1 warnings=0;1 notes=0 servers=3 good=2\n",
		"a.test  milters  failed\n\n       unix:/m does not answer: refused | x  (the keeper asked it at 00:00:00)\n"
		"       mend    signpost doctor\n\na.test  verified. k0 signs.\n"},
	    {"unix:/m still signs a.test with k9", NONE, SEVERITY_INFO, SEVERITY_WARNING,
		"DKIM WARNING - a.test: unix:/m still signs a.test with k9 (asked at 00:00:00); DNS: verified. k0 signs | "
		"fatal=0;;1 warnings=0;1 notes=0 servers=3 good=2\n",
		"a.test  milters  warning\n\n       unix:/m still signs a.test with k9  (the keeper asked it at 00:00:00)\n"
		"       mend    signpost doctor\n\na.test  verified. k0 signs.\n"},
	    {"unix:/m still signs a.test with k9", SAY_VERSION_NONE, SEVERITY_FATAL, SEVERITY_FATAL,
		"DKIM CRITICAL - a.test: D19 wrong; unix:/m still signs a.test with k9 (asked at 00:00:00) | "
		"fatal=1;;1 warnings=0;1 notes=0 servers=3 good=2\n",
		NULL},
	    {"unix:/m does not answer: refused", SAY_VERSION_NONE, SEVERITY_WARNING, SEVERITY_FATAL,
		"DKIM CRITICAL - a.test: unix:/m does not answer: refused (asked at 00:00:00); DNS: verified.  | "
		"fatal=0;;1 warnings=1;1 notes=0 servers=3 good=2\n",
		NULL},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct spec keys[KEYS] = {KEY(ROLE_SIGNS, KEY_STATE_ACTIVE, rows[i].say)};
		struct scene s;
		char *text = NULL;
		size_t len = 0;
		FILE *file = open_memstream(&text, &len);
		assert_non_null(file);
		scene_init(&s, keys, 0, false);
		s.findings[0]->list[0].severity = rows[i].finding;
		snprintf(s.findings[0]->list[0].verdict, sizeof(s.findings[0]->list[0].verdict), "wrong");
		s.seen.domain.signers.needed = true;
		s.row.signers_asked_at = NOW;
		s.row.table_at = NOW - 60;
		snprintf(s.row.signers_laggard, sizeof(s.row.signers_laggard), "%s", rows[i].laggard);
		s.r.servers = 3;
		s.r.good = 2;
		check_judge(&s.r);
		assert_int_equal(s.r.worst, rows[i].worst);
		check_print_nagios(&s.r, file);
		assert_int_equal(fclose(file), 0);
		assert_string_equal(text, rows[i].line);
		hear(text);
		free(text);
		s.r.fatal = s.r.warnings = s.r.infos = 0;
		text = page_of(&s, 0);
		if (rows[i].page != NULL)
			assert_string_equal(text, rows[i].page);
		free(text);
		/* while they read a new table, and once they agree, nothing is said */
		s.row.table_at = NOW - 1;
		check_judge(&s.r);
		assert_null(s.r.laggard);
		s.row.table_at = NOW - 60;
		s.row.signers_agree = true;
		check_judge(&s.r);
		assert_null(s.r.laggard);
		scene_free(&s);
	}
}

static void
check_page_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(PAGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_words_table),
	    cmocka_unit_test(check_judge_status),
	    cmocka_unit_test(check_print_of_what_is_fine),
	    cmocka_unit_test(check_print_of_trouble),
	    cmocka_unit_test(check_print_of_the_rest),
	    cmocka_unit_test(check_print_nagios_of_each_severity),
	    cmocka_unit_test(check_tells_of_milters),
	    cmocka_unit_test(check_page_each_was_said), /* the last */
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
