/* SPDX-License-Identifier: ISC */
/* What doctor says of facts; each of its sentences is produced here, and by nothing but its situation.  DMARC's tree walk
 * and Postfix's lists of milters, of which it is made. */
#include "signpost/doctor.h"
#include "tests/unit/said.h"

#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NOW	    1793700000
#define SOCKET	    "unix:/var/spool/postfix/signpost/milter.sock"
#define SAYS_MAX    6

static bool seen[DOCTOR_SAY_COUNT];

/* What is put into the sentences. */
static const struct said_row PUT_IN[] = {
    {"*no p=*", "a DMARC record that has no p="},
    {"*it is not there*", "a milter's socket"},
    {"*smtpd_milters of smtp/inet*", "the list that is meant"},
    {"*a path below the queue directory*", "our socket lies outside of the chroot"},
    {"*sp26q4-x (rsa-sha256) and ed (rsa-sha256)*", "the keys that a probe was signed with"},
    {"keeper passed 40 s ago", "a span below two minutes"},
    {"*15 min ago*", "a span below two hours"},
    {"*2 h ago*", "a span below two days"},
    {"*9 d ago*", "a longer span"},
    {"Postfix (/etc/postfix-out): *", "one of several instances"},
    {"* of store, table, keys and socket are right", "every file was looked at"},
    {"* of store, table and keys are right", "there is no socket, or it cannot be looked at"},
    {"*KB free, 3 files)*", "the file system counts files"},
    {"*KB free, files are not counted)*", "the file system does not count files"},
};

static void
note_seen(const struct doctor_findings *all)
{
	for (size_t i = 0; i < all->count; i++) {
		seen[all->list[i].say] = true;
		hear(all->list[i].verdict);
		hear(all->list[i].mend);
	}
}

/* Just these, in any order; says ends with DOCTOR_SAY_COUNT. */
static bool
says_just(const struct doctor_findings *all, const enum doctor_say *want, size_t want_count)
{
	for (size_t i = 0; i < want_count; i++) {
		if (!doctor_told(all, want[i]))
			return false;
	}
	return all->count == want_count;
}

static void
print_all(const char *name, const struct doctor_findings *all)
{
	for (size_t i = 0; i < all->count; i++)
		print_error("%s: %s %s: %s [%s]\n", name,
		    doctor_level_name(DOCTOR_SENTENCES[all->list[i].say].level),
		    DOCTOR_SENTENCES[all->list[i].say].name, all->list[i].verdict,
		    all->list[i].mend);
}

static bool
has_text(const struct doctor_findings *all, const char *text)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strstr(all->list[i].verdict, text) != NULL ||
		    strstr(all->list[i].mend, text) != NULL)
			return true;
	}
	return text == NULL;
}

/* DMARC */

struct zone {
	const char *name, *txt; /* txt NULL: DNS is silent */
};

struct fake {
	const struct zone *zones;
	size_t count, asked;
};

static bool
ask_fake(void *arg, const char *name, struct dmarc_txt *out)
{
	struct fake *f = arg;

	f->asked++;
	out->count = 0;
	for (size_t i = 0; i < f->count && f->zones[i].name != NULL; i++) {
		if (strcmp(f->zones[i].name, name) != 0)
			continue;
		if (f->zones[i].txt == NULL)
			return false;
		snprintf(out->text[out->count++], sizeof(out->text[0]), "%s", f->zones[i].txt);
	}
	return true;
}

#define ZONES_MAX 5
static const struct {
	const char *name, *domain;
	struct zone zones[ZONES_MAX];
	enum dmarc_state state;
	const char *at, *organization, *action;
	size_t asked; /* 0: not looked at */
} WALKS[] = {
    {"own record", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=reject"}}, DMARC_FOUND,
	"_dmarc.example.com", "example.com", "reject", 2},
    {"organization's record", "a.b.example.com",
	{{"_dmarc.example.com", "v=DMARC1;p=reject;sp=quarantine"}}, DMARC_FOUND,
	"_dmarc.example.com", "example.com", "quarantine", 4},
    {"organization's p= without sp=", "a.example.com",
	{{"_dmarc.example.com", "v=DMARC1;p=reject"}}, DMARC_FOUND, "_dmarc.example.com",
	"example.com", "reject", 3},
    {"own and organization's", "a.example.com",
	{{"_dmarc.a.example.com", "v=DMARC1;p=none;sp=reject"},
	    {"_dmarc.example.com", "v=DMARC1;p=reject"}},
	DMARC_FOUND, "_dmarc.a.example.com", "example.com", "none", 3},
    {"in the middle, then at the top", "a.b.example.com",
	{{"_dmarc.b.example.com", "v=DMARC1;p=none"}, {"_dmarc.example.com", "v=DMARC1;p=reject"}},
	DMARC_FOUND, "_dmarc.example.com", "example.com", "reject", 4},
    {"psd=n ends it", "a.b.example.com",
	{{"_dmarc.b.example.com", "v=DMARC1;p=none;psd=n"},
	    {"_dmarc.example.com", "v=DMARC1;p=reject"}},
	DMARC_FOUND, "_dmarc.b.example.com", "b.example.com", "none", 2},
    {"public suffix", "a.example.co.test",
	{{"_dmarc.co.test", "v=DMARC1;p=reject;psd=y"},
	    {"_dmarc.example.co.test", "v=DMARC1;p=none"}},
	DMARC_FOUND, "_dmarc.example.co.test", "example.co.test", "none", 3},
    {"public suffix alone", "a.example.co.test", {{"_dmarc.co.test", "v=DMARC1;p=reject;psd=y"}},
	DMARC_FOUND, "_dmarc.co.test", "example.co.test", "reject", 3},
    {"none", "a.example.com", {{NULL, NULL}}, DMARC_ABSENT, "", "a.example.com", "", 3},
    {"other text", "example.com", {{"_dmarc.example.com", "v=spf1 -all"}}, DMARC_ABSENT, "",
	"example.com", "", 2},
    {"v= not first", "example.com", {{"_dmarc.example.com", "p=none; v=DMARC1"}}, DMARC_ABSENT, "",
	"example.com", "", 2},
    {"two records", "example.com",
	{{"_dmarc.example.com", "v=DMARC1;p=none"}, {"_dmarc.example.com", "v=DMARC1;p=none"}},
	DMARC_SEVERAL, "_dmarc.example.com", "example.com", "", 1},
    {"one of two is none", "example.com",
	{{"_dmarc.example.com", "x"}, {"_dmarc.example.com", "v=DMARC1 ; p=None"}}, DMARC_FOUND,
	"_dmarc.example.com", "example.com", "none", 2},
    {"no p=", "example.com", {{"_dmarc.example.com", "v=DMARC1; rua=mailto:x@example.com"}},
	DMARC_FOUND, "_dmarc.example.com", "example.com", "", 2},
    {"another p=", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=drop"}}, DMARC_FOUND,
	"_dmarc.example.com", "example.com", "", 2},
    {"silence", "a.example.com", {{"_dmarc.a.example.com", NULL}}, DMARC_UNKNOWN,
	"_dmarc.a.example.com", "a.example.com", "", 1},
    {"silence above", "a.example.com",
	{{"_dmarc.a.example.com", "v=DMARC1;p=none"}, {"_dmarc.example.com", NULL}}, DMARC_FOUND,
	"_dmarc.a.example.com", "a.example.com", "none", 2},
    {"silence above one in the middle", "a.b.example.com",
	{{"_dmarc.b.example.com", "v=DMARC1;p=none"}, {"_dmarc.example.com", NULL}}, DMARC_UNKNOWN,
	"_dmarc.example.com", "b.example.com", "none", 3},
    {"eight questions", "a.b.c.d.e.f.g.h.i.example.com",
	{{"_dmarc.example.com", "v=DMARC1;p=reject"}}, DMARC_FOUND, "_dmarc.example.com",
	"example.com", "reject", 8},
};

static void
dmarc_find_walks_tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(WALKS); i++) {
		struct fake fake = {WALKS[i].zones, ZONES_MAX, 0};
		struct dmarc_policy p;
		dmarc_find(ask_fake, &fake, WALKS[i].domain, &p);
		if (p.state != WALKS[i].state || strcmp(p.at, WALKS[i].at) != 0 ||
		    strcmp(p.organization, WALKS[i].organization) != 0 ||
		    strcmp(dmarc_action(&p), WALKS[i].action) != 0 || fake.asked != WALKS[i].asked)
			fail_msg("%s: state %d at %s of %s: %s, %zu questions", WALKS[i].name,
			    (int)p.state, p.at, p.organization, dmarc_action(&p), fake.asked);
	}
}

static void
dmarc_aligns_by_organization(void **state)
{
	static const struct {
		const char *d, *author;
		struct zone zones[2];
		enum dmarc_alignment want;
	} rows[] = {
	    {"example.com", "example.com", {{NULL, NULL}}, DMARC_ALIGNED},
	    {"example.com", "a.example.com", {{"_dmarc.example.com", "v=DMARC1;p=none"}},
		DMARC_ALIGNED},
	    {"b.example.com", "a.example.com", {{"_dmarc.example.com", "v=DMARC1;p=none"}},
		DMARC_ALIGNED},
	    {"example.com", "a.example.com", {{"_dmarc.example.com", "v=DMARC1;p=none;adkim=s"}},
		DMARC_DIFFERS_STRICT},
	    {"a.example.com", "a.example.com", {{"_dmarc.example.com", "v=DMARC1;p=none;adkim=s"}},
		DMARC_ALIGNED},
	    {"example.org", "example.com", {{"_dmarc.example.com", "v=DMARC1;p=none"}},
		DMARC_DIFFERS},
	    {"example.com", "a.example.com", {{NULL, NULL}}, DMARC_ALIGNED},
	    {"example.org", "example.com", {{NULL, NULL}}, DMARC_DIFFERS},
	    {"example.org", "example.com", {{"_dmarc.example.org", NULL}}, DMARC_NOT_KNOWN},
	    {"b.example.com", "a.example.com",
		{{"_dmarc.a.example.com", "v=DMARC1;p=none"}, {"_dmarc.example.com", NULL}},
		DMARC_NOT_KNOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fake fake = {rows[i].zones, 2, 0};
		struct dmarc_policy d, author;
		dmarc_find(ask_fake, &fake, rows[i].d, &d);
		dmarc_find(ask_fake, &fake, rows[i].author, &author);
		if (dmarc_aligns(rows[i].d, &d, rows[i].author, &author) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

/* A domain's probe and record */

struct world {
	struct doctor_facts facts;
	struct doctor_domain domain;
	struct doctor_probe probe;
};

static void
world_init(struct world *w, const struct zone *zones, size_t count)
{
	struct fake fake = {zones, count, 0};

	memset(w, 0, sizeof(*w));
	w->facts = (struct doctor_facts){.now = NOW,
	    .milter_count = 1,
	    .domains = &w->domain,
	    .domain_count = 1,
	    .domains_all = 1,
	    .clock_trusted = true,
	    .last_pass = NOW - 40};
	w->domain = (struct doctor_domain){.name = "example.com",
	    .granted = true,
	    .has_key = true,
	    .author = "example.com",
	    .probes = &w->probe,
	    .probe_count = 1,
	    .acknowledgement_needed = true,
	    .agrees = true,
	    .asked_at = NOW - 100};
	w->probe = (struct doctor_probe){.milter = SOCKET, .count = 1, .ms = 41};
	w->probe.signatures[0] = (struct doctor_signature){
	    .selector = "sp26q4-x", .alg = "rsa-sha256", .domain = "example.com", .good = true};
	dmarc_find(ask_fake, &fake, "example.com", &w->domain.of_author);
	w->domain.of_domain = w->domain.of_author;
}

static const struct zone REJECT[] = {{"_dmarc.example.com", "v=DMARC1; p=reject"}};

/* The rest of the facts is well: what is said besides? */
static const enum doctor_say WELL[] = {DOCTOR_FILES_GOOD, DOCTOR_CLOCK_GOOD, DOCTOR_KEEPER_GOOD};

static void
expect(struct world *w, const char *name, const enum doctor_say *says, const char *text)
{
	struct doctor_findings all = {.list = NULL};
	enum doctor_say want[SAYS_MAX + COUNT(WELL)];
	size_t n = 0;

	while (says[n] != DOCTOR_SAY_COUNT) {
		want[n] = says[n];
		n++;
	}
	for (size_t i = 0; i < COUNT(WELL); i++)
		want[n++] = WELL[i];
	doctor_judge(&w->facts, &all);
	note_seen(&all);
	if (!says_just(&all, want, n) || (text != NULL && !has_text(&all, text))) {
		print_all(name, &all);
		fail_msg("%s", name);
	}
	doctor_findings_deinit(&all);
}
#define SAYS(...) ((const enum doctor_say[]){__VA_ARGS__, DOCTOR_SAY_COUNT})

static void
judge_probe_each_outcome(void **state)
{
	struct world w;
	struct doctor_signature *s = &w.probe.signatures[0];

	(void)state;
	world_init(&w, REJECT, 1);
	expect(&w, "good", SAYS(DOCTOR_PROBE_GOOD, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    "a probe through " SOCKET
	    " was signed with sp26q4-x (rsa-sha256) and verified with public DNS (41 ms)");
	w.probe.count = 2;
	w.probe.signatures[1] = *s;
	snprintf(w.probe.signatures[1].selector, sizeof(s->selector), "ed");
	expect(&w, "two keys", SAYS(DOCTOR_PROBE_GOOD, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    "sp26q4-x (rsa-sha256) and ed (rsa-sha256)");
	w.probe.signatures[1].good = false;
	snprintf(w.probe.signatures[1].why, sizeof(s->why), "The key was revoked");
	expect(&w, "one is bad",
	    SAYS(DOCTOR_PROBE_GOOD, DOCTOR_PROBE_BAD, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    "was signed with ed (rsa-sha256), and receivers will not accept that: The key was "
	    "revoked");
	w.probe.signatures[1].unknown = true;
	expect(&w, "DNS is silent",
	    SAYS(DOCTOR_PROBE_GOOD, DOCTOR_PROBE_UNVERIFIED, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    NULL);
	world_init(&w, REJECT, 1);
	w.probe.changes = true;
	expect(&w, "another milter",
	    SAYS(DOCTOR_PROBE_GOOD, DOCTOR_PROBE_OTHER, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED), NULL);
	world_init(&w, REJECT, 1);
	w.probe.count = 0;
	expect(
	    &w, "unsigned", SAYS(DOCTOR_PROBE_UNSIGNED, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED), NULL);
	w.facts.dry_run = true;
	expect(&w, "dry run", SAYS(DOCTOR_DRY_RUN, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED), NULL);
	w.facts.dry_run = false;
	w.domain.has_key = false;
	expect(&w, "no key", SAYS(DOCTOR_NO_KEY, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    "signpost explain example.com");
	snprintf(w.probe.refused, sizeof(w.probe.refused), "451 4.7.1 later\033[1m");
	expect(&w, "refused",
	    SAYS(DOCTOR_NO_KEY, DOCTOR_PROBE_REFUSED, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED),
	    "later?[1m");
	snprintf(w.probe.no_answer, sizeof(w.probe.no_answer), SOCKET ": cannot connect");
	expect(&w, "silent",
	    SAYS(DOCTOR_NO_KEY, DOCTOR_PROBE_NO_ANSWER, DOCTOR_ALIGNED, DOCTOR_ACKNOWLEDGED), NULL);
	w.domain.granted = false;
	expect(&w, "no rule", SAYS(DOCTOR_NO_RULE), "user@example.com");
	w.facts.domain_count = w.facts.domains_all = 0;
	expect(&w, "no domains", SAYS(DOCTOR_NO_DOMAINS), NULL);
	w.facts.milter_count = 0;
	expect(&w, "no milters", SAYS(DOCTOR_NO_DOMAINS, DOCTOR_NO_MILTERS), NULL);
	snprintf(w.facts.map_wrong, sizeof(w.facts.map_wrong), "login_map: a line grants nothing: /m:1: x");
	expect(&w, "login map", SAYS(DOCTOR_NO_DOMAINS, DOCTOR_NO_MILTERS, DOCTOR_LOGIN_MAP),
	    "login_map: a line grants nothing: /m:1: x");
	w.facts.map_wrong[0] = '\0';
	snprintf(w.facts.table_wrong, sizeof(w.facts.table_wrong), "cut");
	expect(&w, "no table", SAYS(DOCTOR_NO_TABLE), "there is no signing table: cut");
}

static void
judge_acknowledgement_each_outcome(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, REJECT, 1);
	w.domain.agrees = false;
	snprintf(w.domain.laggard, sizeof(w.domain.laggard), "mx2 still signs with old");
	expect(&w, "lags", SAYS(DOCTOR_PROBE_GOOD, DOCTOR_ALIGNED, DOCTOR_LAGS),
	    "a signer lags: mx2 still signs with old");
	w.domain.asked_at = NEVER;
	expect(
	    &w, "never asked", SAYS(DOCTOR_PROBE_GOOD, DOCTOR_ALIGNED, DOCTOR_NEVER_ASKED), NULL);
	w.domain.acknowledgement_needed = false;
	w.facts.domains_all = 12;
	expect(&w, "more domains", SAYS(DOCTOR_PROBE_GOOD, DOCTOR_ALIGNED, DOCTOR_MORE_DOMAINS),
	    "1 of 12 domains");
}

static void
judge_dmarc_each_outcome(void **state)
{
	static const struct {
		const char *name, *signer;
		struct zone zones[2];
		enum doctor_say says[2];
		const char *text;
	} rows[] = {
	    {"none", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=none"}},
		{DOCTOR_ALIGNED_NONE, DOCTOR_SAY_COUNT}, "DMARC p=none at _dmarc.example.com"},
	    {"absent", "example.com", {{NULL, NULL}}, {DOCTOR_ALIGNED_ABSENT, DOCTOR_SAY_COUNT},
		"publish TXT _dmarc.example.com"},
	    {"other organization", "example.org", {{"_dmarc.example.com", "v=DMARC1; p=none"}},
		{DOCTOR_NOT_ALIGNED, DOCTOR_SAY_COUNT}, "example.org and example.com"},
	    {"strict", "mail.example.com", {{"_dmarc.example.com", "v=DMARC1; p=none; adkim=s"}},
		{DOCTOR_NOT_ALIGNED_STRICT, DOCTOR_SAY_COUNT}, "adkim=s at _dmarc.example.com"},
	    {"several", "example.com",
		{{"_dmarc.example.com", "v=DMARC1;p=none"},
		    {"_dmarc.example.com", "v=DMARC1;p=none"}},
		{DOCTOR_DMARC_SEVERAL, DOCTOR_SAY_COUNT}, "has 2 DMARC records"},
	    {"without p=", "example.com",
		{{"_dmarc.example.com", "v=DMARC1; rua=mailto:a@example.com"}},
		{DOCTOR_DMARC_WRONG, DOCTOR_SAY_COUNT}, "(no p=)"},
	    {"wrong", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=drop"}},
		{DOCTOR_DMARC_WRONG, DOCTOR_SAY_COUNT}, "(p=drop)"},
	    {"unknown", "example.com", {{"_dmarc.example.com", NULL}},
		{DOCTOR_DMARC_UNKNOWN, DOCTOR_SAY_COUNT}, "_dmarc.example.com"},
	    {"testing", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=reject; t=y"}},
		{DOCTOR_ALIGNED, DOCTOR_DMARC_TESTING}, "less than p=reject"},
	    {"old tags", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=reject; pct=50"}},
		{DOCTOR_ALIGNED, DOCTOR_DMARC_OLD_TAGS}, "pct= at _dmarc.example.com"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fake fake = {rows[i].zones, 2, 0};
		struct world w;
		world_init(&w, rows[i].zones, 2);
		w.domain.acknowledgement_needed = false;
		snprintf(w.probe.signatures[0].domain, sizeof(w.probe.signatures[0].domain), "%s",
		    rows[i].signer);
		dmarc_find(ask_fake, &fake, rows[i].signer, &w.domain.of_domain);
		expect(&w, rows[i].name,
		    (const enum doctor_say[]){
			DOCTOR_PROBE_GOOD, rows[i].says[0], rows[i].says[1], DOCTOR_SAY_COUNT},
		    rows[i].text);
	}
}

static void
judge_keeper_and_clock_each_outcome(void **state)
{
	static const struct {
		const char *name;
		int64_t last_pass;
		bool held, trusted;
		const char *why;
		enum doctor_say says[3];
		const char *text;
	} rows[] = {
	    {"late", NOW - 901, false, true, "",
		{DOCTOR_KEEPER_LATE, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, "15 min ago"},
	    {"just in time", NOW - 900, false, true, "",
		{DOCTOR_KEEPER_GOOD, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, "15 min"},
	    {"very late", NOW - 86400 * 9, false, true, "",
		{DOCTOR_KEEPER_LATE, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, "9 d ago"},
	    {"hours", NOW - 10000, false, true, "",
		{DOCTOR_KEEPER_LATE, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, "2 h ago"},
	    {"ahead", NOW + 10, false, true, "",
		{DOCTOR_KEEPER_GOOD, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, "0 s ago"},
	    {"never", NEVER, false, true, "",
		{DOCTOR_KEEPER_NEVER, DOCTOR_CLOCK_GOOD, DOCTOR_SAY_COUNT}, NULL},
	    {"held", NOW, true, true, "",
		{DOCTOR_KEEPER_GOOD, DOCTOR_CLOCK_GOOD, DOCTOR_KEEPER_HELD}, NULL},
	    {"warned", NOW, false, true, "nothing keeps it right",
		{DOCTOR_KEEPER_GOOD, DOCTOR_CLOCK_WARNS, DOCTOR_SAY_COUNT}, "the clock: nothing"},
	    {"wrong", NOW, false, false, "it jumped",
		{DOCTOR_KEEPER_GOOD, DOCTOR_CLOCK_WRONG, DOCTOR_SAY_COUNT}, "it jumped"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doctor_facts facts = {.now = NOW,
		    .table_wrong = "x",
		    .last_pass = rows[i].last_pass,
		    .held = rows[i].held,
		    .clock_trusted = rows[i].trusted};
		struct doctor_findings all = {.list = NULL};
		enum doctor_say want[5] = {DOCTOR_NO_TABLE, DOCTOR_FILES_GOOD};
		size_t n = 2;
		for (size_t k = 0; k < 3 && rows[i].says[k] != DOCTOR_SAY_COUNT; k++)
			want[n++] = rows[i].says[k];
		snprintf(facts.clock_why, sizeof(facts.clock_why), "%s", rows[i].why);
		doctor_judge(&facts, &all);
		note_seen(&all);
		if (!says_just(&all, want, n) ||
		    (rows[i].text != NULL && !has_text(&all, rows[i].text))) {
			print_all(rows[i].name, &all);
			fail_msg("%s", rows[i].name);
		}
		doctor_findings_deinit(&all);
	}
}

/* files */

static void
judge_files_each_outcome(void **state)
{
	const uid_t me = getuid();
	const gid_t mine = getgid(), other = mine + 1;
	const struct {
		const char *name;
		struct doctor_file file;
		enum doctor_say say;
		const char *text;
	} rows[] = {
	    {"directory", {DOCTOR_STORE, "/s", true, "", 042750, me, mine, false, NULL},
		DOCTOR_FILES_GOOD, NULL},
	    {"database", {DOCTOR_SECRET, "/s/db", true, "", 0100600, me, mine, false, NULL},
		DOCTOR_FILES_GOOD, NULL},
	    {"table", {DOCTOR_SHARED, "/s/t", true, "", 0100640, me, mine, false, NULL},
		DOCTOR_FILES_GOOD, NULL},
	    {"gone", {DOCTOR_SHARED, "/s/t", false, "", 0, 0, 0, false, NULL}, DOCTOR_FILE_GONE,
		"/s/t is not there"},
	    {"others read", {DOCTOR_SHARED, "/s/t", true, "", 0100644, me, mine, false, NULL},
		DOCTOR_FILE_OPEN, "chmod 0640 /s/t"},
	    {"directory open", {DOCTOR_STORE, "/s", true, "", 042755, me, mine, false, NULL},
		DOCTOR_FILE_OPEN, "(2755)"},
	    {"group reads the database",
		{DOCTOR_SECRET, "/s/db", true, "", 0100640, me, mine, false, NULL},
		DOCTOR_FILE_OPEN, "chmod 0600 /s/db"},
	    {"group writes", {DOCTOR_SHARED, "/s/t", true, "", 0100660, me, mine, false, NULL},
		DOCTOR_FILE_WRITABLE, "chmod 0640"},
	    {"group cannot read", {DOCTOR_SHARED, "/s/t", true, "", 0100600, me, mine, false, NULL},
		DOCTOR_FILE_CLOSED, "chmod 0640"},
	    {"another owner", {DOCTOR_SHARED, "/s/t", true, "", 0100640, me + 1, mine, false, NULL},
		DOCTOR_FILE_OWNER, "chown "},
	    {"another group", {DOCTOR_SHARED, "/s/t", true, "", 0100640, me, other, false, NULL},
		DOCTOR_FILE_GROUP, "chgrp "},
	    {"socket", {DOCTOR_SOCKET, "/m", true, "", 0140660, me, 77, false, NULL},
		DOCTOR_FILES_GOOD, NULL},
	    {"socket for all", {DOCTOR_SOCKET, "/m", true, "", 0140666, me, 77, false, NULL},
		DOCTOR_SOCKET_OPEN, "(0666)"},
	    {"socket of another group",
		{DOCTOR_SOCKET, "/m", true, "", 0140660, me, other, false, NULL},
		DOCTOR_SOCKET_CLOSED, "Postfix (user postfix) may not open /m (0660"},
	    {"socket that its group may not write",
		{DOCTOR_SOCKET, "/m", true, "", 0140640, me, 77, false, NULL}, DOCTOR_SOCKET_CLOSED,
		NULL},
	    {"socket of Postfix's own",
		{DOCTOR_SOCKET, "/m", true, "", 0140600, 66, other, false, NULL}, DOCTOR_FILES_GOOD,
		NULL},
	    {"no socket", {DOCTOR_SOCKET, "/m", false, "", 0, 0, 0, false, NULL},
		DOCTOR_SOCKET_UNKNOWN, "it is not there"},
	    {"directory that all can write",
		{DOCTOR_STORE, "/s", true, "", 042777, me, mine, false, NULL},
		DOCTOR_STORE_WRITABLE,
		"no pass is made: /s can be written by everybody (2777), who could put keys and a "
		"table there"},
	    {"secret of the keeper",
		{DOCTOR_FOREIGN_SECRET, "/t", true, "", 0100600, me, mine, false, "dns"},
		DOCTOR_FILES_GOOD, NULL},
	    {"secret of root, for the keeper's group",
		{DOCTOR_FOREIGN_SECRET, "/t", true, "", 0100640, 0, mine, false, "dns"},
		DOCTOR_FILES_GOOD, NULL},
	    {"secret that is gone", {DOCTOR_FOREIGN_SECRET, "/t", false, "", 0, 0, 0, true, "dns"},
		DOCTOR_SECRET_GONE, "/t, the secret of publisher dns, is not there"},
	    {"secret for all",
		{DOCTOR_FOREIGN_SECRET, "/t", true, "", 0100644, me, mine, false, "dns"},
		DOCTOR_SECRET_OPEN, "(0644)"},
	    {"secret of root alone",
		{DOCTOR_FOREIGN_SECRET, "/t", true, "", 0100600, 0, 0, true, "dns"},
		DOCTOR_SECRET_CLOSED, "cannot be read by the keeper: 0600"},
	    {"secret in a closed directory",
		{DOCTOR_FOREIGN_SECRET, "/t", false, "Permission denied", 0, 0, 0, true, "dns"},
		DOCTOR_SECRET_CLOSED, "cannot be read by the keeper: Permission denied"},
	    {"hidden socket",
		{DOCTOR_SOCKET, "/m", false, "Permission denied", 0, 0, 0, false, NULL},
		DOCTOR_SOCKET_UNKNOWN, "Permission denied"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doctor_file file = rows[i].file;
		struct doctor_facts facts = {.files = &file,
		    .file_count = 1,
		    .host = {.keeper = me,
			.milter = mine,
			.postfix_known = true,
			.postfix_uid = 66,
			.postfix_gid = 77,
			.postfix_user = "postfix"}};
		struct doctor_findings all = {.list = NULL};
		doctor_judge_files(&facts, &all);
		note_seen(&all);
		bool right =
		    doctor_told(&all, rows[i].say) &&
		    (all.count == 1 || (rows[i].say == DOCTOR_SOCKET_UNKNOWN && all.count == 2));
		if (!right || (rows[i].text != NULL && !has_text(&all, rows[i].text))) {
			print_all(rows[i].name, &all);
			fail_msg("%s", rows[i].name);
		}
		doctor_findings_deinit(&all);
	}
}

/* Issue: owners and modes were right, and the disk was full. */
static void
judge_files_sees_a_full_disk(void **state)
{
	static const struct {
		struct doctor_room room;
		bool full;
		const char *text;
	} rows[] = {
	    {{true, true, 1000000, 16}, false, NULL},
	    {{true, false, 1000000, 0}, false, NULL},
	    {{false, false, 0, 0}, false, NULL},
	    {{true, true, 999999, 3}, true, "the file system of /s is full (976 KB free, 3 files)"},
	    {{true, false, 0, 0}, true, "(0 KB free, files are not counted)"},
	    {{true, true, 1000000000, 15}, true, "15 files"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doctor_file dir = {DOCTOR_STORE, "/s", true, "", 042750, 0, 0, false, NULL};
		struct doctor_facts facts = {.files = &dir, .file_count = 1, .room = rows[i].room};
		struct doctor_findings all = {.list = NULL};
		doctor_judge_files(&facts, &all);
		note_seen(&all);
		enum doctor_say want = rows[i].full ? DOCTOR_DISK_FULL : DOCTOR_FILES_GOOD;
		if (!says_just(&all, &want, 1) ||
		    (rows[i].text != NULL && !has_text(&all, rows[i].text))) {
			print_all("room", &all);
			fail_msg("row %zu", i);
		}
		doctor_findings_deinit(&all);
	}
}

static void
judge_files_names_a_wrong_key(void **state)
{
	char wrong[1][DOCTOR_WORDS_LEN] = {"x.pem holds another key"};
	struct doctor_facts facts = {.keys_wrong = wrong, .keys_wrong_count = 1};
	struct doctor_findings all = {.list = NULL};

	(void)state;
	doctor_judge_files(&facts, &all);
	note_seen(&all);
	assert_true(says_just(&all, SAYS(DOCTOR_KEY_WRONG), 1));
	doctor_findings_deinit(&all);
}

/* Postfix */

#define BASE                                                                                       \
	"queue_directory = /var/spool/postfix\nmilter_default_action = tempfail\nmilter_protocol " \
	"= 6\n"                                                                                    \
	"milter_mail_macros = i {mail_addr} {auth_type} {auth_authen}\nmilter_connect_macros = j " \
	"{daemon_name}\n"                                                                          \
	"force_mime_input_conversion = yes\nsmtp_line_length_limit = 998\nsmtpd_sasl_auth_enable " \
	"= no\n"
#define OURS "smtpd_milters = unix:signpost/milter.sock\n"
#define LOCAL                                                                                      \
	"non_smtpd_milters = { unix:signpost/milter.sock, default_action=tempfail "                \
	"}\ninternal_mail_filter_classes = bounce\n"
#define SMTPD	   "smtp inet n - y - - smtpd\npickup unix n - y 60 1 pickup\n"
#define CLEANUP	   "cleanup unix n - y - 0 cleanup\n"
#define OPEN	   "smtp inet n - n - - smtpd\n"
#define SUBMISSION "submission inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes\n"

static const struct {
	const char *name, *settings, *services, *overrides;
	enum doctor_say says[3]; /* 0 ends; none: all is well */
	const char *text;
} POSTFIXES[] = {
    {"all is well", BASE OURS LOCAL, SMTPD, "", {0}, "Postfix: nothing in its settings"},
    {"an absolute path without chroot", BASE "smtpd_milters = " SOCKET "\n" LOCAL, OPEN, "", {0},
	NULL},
    {"as a list with others",
	BASE "smtpd_milters = inet:127.0.0.1:11332, { unix:signpost/milter.sock , command_timeout "
	     "= 5s }\n" LOCAL,
	SMTPD, "", {0}, NULL},
    {"local: is unix:", BASE "smtpd_milters = local:signpost/milter.sock\n" LOCAL, SMTPD, "", {0},
	NULL},
    {"only on submission", BASE "smtpd_milters =\n" LOCAL, SMTPD SUBMISSION,
	"submission/inet/smtpd_sasl_auth_enable = yes\nsubmission/inet/smtpd_milters = "
	"unix:signpost/milter.sock\n",
	{0}, NULL},
    {"nowhere", BASE LOCAL, SMTPD SUBMISSION, "", {DOCTOR_NO_SMTPD},
	"no smtpd hands its mail to " SOCKET},
    {"nowhere, and a port with an address", BASE LOCAL,
	SMTPD "192.0.2.1:587 inet n - y - - smtpd\n", "", {DOCTOR_NO_SMTPD},
	"signpost-postfix install"},
    {"only port 25", BASE LOCAL, SMTPD "127.0.0.1:10025 inet n - n - - smtpd\n", "",
	{DOCTOR_POSTFIX_GOOD, DOCTOR_ONLY_PORT_25}, "signpost-postfix --port25 install"},
    {"another socket", BASE "smtpd_milters = unix:opendkim/opendkim.sock\n" LOCAL, SMTPD SUBMISSION,
	"", {DOCTOR_NO_SMTPD}, NULL},
    {"submission has none", BASE OURS LOCAL, SMTPD SUBMISSION,
	"submission/inet/smtpd_sasl_auth_enable = yes\nsubmission/inet/smtpd_milters =\n",
	{DOCTOR_SUBMISSION_WITHOUT},
	"postconf -P 'submission/inet/smtpd_milters = unix:signpost/milter.sock'"},
    {"submission has none, without chroot", BASE OURS LOCAL,
	SMTPD "submission inet n - n - - smtpd\n",
	"submission/inet/smtpd_sasl_auth_enable = yes\nsubmission/inet/smtpd_milters =\n",
	{DOCTOR_SUBMISSION_WITHOUT}, "postconf -P 'submission/inet/smtpd_milters = " SOCKET "'"},
    {"submission has another", BASE OURS LOCAL, SMTPD SUBMISSION,
	"submission/inet/smtpd_sasl_auth_enable = yes\nsubmission/inet/smtpd_milters = "
	"inet:localhost:9\n",
	{DOCTOR_SUBMISSION_WITHOUT}, "inet:localhost:9,unix:signpost/milter.sock'"},
    {"chroot", BASE "smtpd_milters = " SOCKET "\n" LOCAL, SMTPD, "", {DOCTOR_CHROOT},
	"smtp/inet of master.cf runs chrooted below /var/spool/postfix and cannot reach "
	"/var/spool/postfix/signpost/milter.sock"},
    {"chroot, how to name it", BASE "smtpd_milters = " SOCKET "\n" LOCAL, SMTPD, "",
	{DOCTOR_CHROOT}, "smtpd_milters = unix:signpost/milter.sock"},
    {"not last", BASE "smtpd_milters = unix:signpost/milter.sock, inet:127.0.0.1:11332\n" LOCAL,
	SMTPD, "", {DOCTOR_NOT_LAST},
	"inet:127.0.0.1:11332 comes behind signpost in smtpd_milters of smtp/inet"},
    {"sendmail", BASE OURS "non_smtpd_milters =\ninternal_mail_filter_classes = bounce\n", SMTPD,
	"", {DOCTOR_LOCAL_UNSIGNED}, "signpost-postfix install"},
    {"sendmail, and another milter",
	BASE OURS "non_smtpd_milters = inet:a:1\ninternal_mail_filter_classes = bounce\n",
	SMTPD CLEANUP, "", {DOCTOR_LOCAL_UNSIGNED}, NULL},
    {"sendmail, by a cleanup in a chroot", BASE OURS LOCAL, SMTPD CLEANUP, "", {0}, NULL},
    {"sendmail, and a path that cleanup cannot reach",
	BASE OURS "non_smtpd_milters = " SOCKET "\ninternal_mail_filter_classes = bounce\n",
	SMTPD CLEANUP, "", {DOCTOR_CHROOT_LOCAL},
	"cleanup/unix of master.cf runs chrooted below /var/spool/postfix and cannot reach "
	"/var/spool/postfix/signpost/milter.sock: mail of sendmail(1) is deferred"},
    {"sendmail, and a path that cleanup can reach",
	BASE OURS "non_smtpd_milters = " SOCKET "\ninternal_mail_filter_classes = bounce\n",
	SMTPD "cleanup unix n - n - 0 cleanup\n", "", {0}, NULL},
    {"sendmail, and a path in the chroot",
	BASE OURS
	"non_smtpd_milters = unix:/signpost/milter.sock\ninternal_mail_filter_classes = bounce\n",
	SMTPD CLEANUP, "", {0}, NULL},
    {"sendmail, and one cleanup of two",
	BASE OURS "non_smtpd_milters = " SOCKET "\ninternal_mail_filter_classes = bounce\n",
	SMTPD "cleanup unix n - n - 0 cleanup\nother unix n - y - 0 cleanup\n", "",
	{DOCTOR_CHROOT_LOCAL}, "other/unix of master.cf"},
    {"bounces",
	BASE OURS "non_smtpd_milters = unix:signpost/milter.sock\ninternal_mail_filter_classes =\n",
	SMTPD, "", {DOCTOR_BOUNCES_UNSIGNED},
	"postconf -e 'internal_mail_filter_classes = bounce'"},
    {"bounces, and notify",
	BASE OURS
	"non_smtpd_milters = unix:signpost/milter.sock\ninternal_mail_filter_classes = notify\n",
	SMTPD, "", {DOCTOR_BOUNCES_UNSIGNED}, "= notify, bounce'"},
    {"accept", "milter_default_action = accept\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_ACTION_ACCEPT}, "is accept"},
    {"accept in the list",
	BASE "smtpd_milters = { unix:signpost/milter.sock, default_action = accept }\n" LOCAL,
	SMTPD, "", {DOCTOR_ACTION_ACCEPT}, NULL},
    {"tempfail in the list",
	"milter_default_action = accept\n" BASE
	"smtpd_milters = { unix:signpost/milter.sock, default_action=tempfail }\n" LOCAL,
	SMTPD, "", {0}, NULL},
    {"reject", "milter_default_action = reject\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_ACTION_REJECT}, NULL},
    {"8-bit", "force_mime_input_conversion = no\n" BASE OURS LOCAL, SMTPD, "", {DOCTOR_EIGHT_BIT},
	"postconf -e 'force_mime_input_conversion = yes'"},
    {"8-bit goes as it is",
	"disable_mime_output_conversion = yes\nforce_mime_input_conversion = no\n" BASE OURS LOCAL,
	SMTPD, "", {0}, NULL},
    {"no login", "milter_protocol = 2\nmilter_mail_macros = i {auth_type}\n" BASE OURS LOCAL, SMTPD,
	"", {DOCTOR_OLD_PROTOCOL, DOCTOR_AUTH_MACROS}, "{auth_authen} is not in"},
    {"no macros, and the milter asks",
	"milter_mail_macros = i\nmilter_connect_macros = j\n" BASE OURS LOCAL, SMTPD, "", {0},
	NULL},
    {"no daemon", "milter_protocol = 2\nmilter_connect_macros = j\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_OLD_PROTOCOL, DOCTOR_DAEMON_MACRO}, NULL},
    {"generic", "smtp_generic_maps = hash:/etc/postfix/generic\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_GENERIC}, "postconf -# smtp_generic_maps"},
    {"checks", "smtp_header_checks = pcre:/x\nsmtp_mime_header_checks = pcre:/x\n" BASE OURS LOCAL,
	SMTPD, "", {DOCTOR_SMTP_CHECKS}, "smtp_header_checks may change"},
    {"body checks", "smtp_body_checks = pcre:/x\n" BASE OURS LOCAL, SMTPD, "", {DOCTOR_SMTP_CHECKS},
	"smtp_body_checks"},
    {"milter checks", "milter_header_checks = pcre:/x\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_MILTER_CHECKS}, NULL},
    {"short lines", "smtp_line_length_limit = 500\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_LINE_LENGTH}, "more than 500"},
    {"lines without limit", "smtp_line_length_limit = 0\n" BASE OURS LOCAL, SMTPD, "", {0}, NULL},
    {"filter", "content_filter = smtp:[127.0.0.1]:10025\n" BASE OURS LOCAL, SMTPD, "",
	{DOCTOR_FILTERED},
	"smtp/inet signs, then hands mail to the content filter smtp:[127.0.0.1]:10025"},
    {"chroot, the socket elsewhere",
	"queue_directory = /other\n" BASE "smtpd_milters = " SOCKET "\nnon_smtpd_milters = " SOCKET
	"\ninternal_mail_filter_classes = bounce\n",
	SMTPD, "", {DOCTOR_CHROOT}, "a path below the queue directory"},
    {"filter of one service", BASE OURS LOCAL, SMTPD, "smtp/inet/content_filter = x:y\n",
	{DOCTOR_FILTERED}, NULL},
    {"filter, and maps", "content_filter = x:y\ncanonical_maps = hash:/x\n" BASE OURS LOCAL, SMTPD,
	"", {DOCTOR_FILTERED, DOCTOR_REWRITTEN_AGAIN}, "canonical_maps is applied again"},
    {"filter, and checks",
	"content_filter = x:y\nheader_checks = pcre:/x\nmime_header_checks = pcre:/x\n" BASE OURS
	    LOCAL,
	SMTPD, "", {DOCTOR_FILTERED, DOCTOR_CHECKED_AGAIN}, "header_checks is applied again"},
    {"filter, and body checks", "content_filter = x:y\nbody_checks = pcre:/x\n" BASE OURS LOCAL,
	SMTPD, "", {DOCTOR_FILTERED, DOCTOR_CHECKED_AGAIN}, "no_header_body_checks"},
    {"checks without filter: before milters",
	"header_checks = pcre:/x\nbody_checks = pcre:/x\n" BASE OURS LOCAL, SMTPD, "", {0}, NULL},
    {"checks of one service", BASE OURS LOCAL, SMTPD,
	"relay/unix/smtp_header_checks = pcre:/x\nsmtp/unix/smtp_bind_address = 192.0.2.1\n",
	{DOCTOR_SERVICE_CHANGES}, "postconf -PX relay/unix/smtp_header_checks"},
    {"checks taken away of one service", BASE OURS LOCAL, SMTPD,
	"relay/unix/smtp_header_checks =\n", {0}, NULL},
    {"checks of one service before milters", BASE OURS LOCAL, SMTPD,
	"cleanup/unix/header_checks = pcre:/x\n", {0}, NULL},
    {"generic maps of LMTP", BASE OURS LOCAL, SMTPD, "out/unix/lmtp_generic_maps = hash:/x\n",
	{DOCTOR_SERVICE_CHANGES},
	"lmtp_generic_maps of the service out/unix in master.cf may change"},
    {"maps without filter", "canonical_maps = hash:/x\n" BASE OURS LOCAL, SMTPD, "", {0}, NULL},
    {"no_milters",
	"receive_override_options = no_milters\nsmtpd_sasl_auth_enable = yes\n" BASE OURS LOCAL,
	SMTPD, "", {DOCTOR_NO_MILTERS_OPTION},
	"smtp/inet of master.cf has receive_override_options"},
};

static void
judge_postfix_each_outcome(void **state)
{
	char ours[] = SOCKET, *milters[] = {ours};
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(POSTFIXES); i++) {
		struct doctor_postfix p = {.settings = slice_of(POSTFIXES[i].settings),
		    .services = slice_of(POSTFIXES[i].services),
		    .overrides = slice_of(POSTFIXES[i].overrides),
		    .milters = milters,
		    .milter_count = 1,
		    .wants_login = true,
		    .wants_daemon = true};
		struct doctor_findings all = {.list = NULL};
		size_t n = 0;
		while (n < 3 && POSTFIXES[i].says[n] != 0)
			n++;
		doctor_judge_postfix(&p, &all);
		note_seen(&all);
		bool good = n == 0 ? says_just(&all, SAYS(DOCTOR_POSTFIX_GOOD), 1)
				   : says_just(&all, POSTFIXES[i].says, n);
		if (good && (POSTFIXES[i].text == NULL || has_text(&all, POSTFIXES[i].text)))
			right++;
		else
			print_all(POSTFIXES[i].name, &all);
		doctor_findings_deinit(&all);
	}
	assert_int_equal(right, COUNT(POSTFIXES));
}

static void
judge_postfix_others(void **state)
{
	char inet[] = "inet:8891@127.0.0.1", inet6[] = "inet6:8891@::1", *milters[] = {inet, inet6};
	struct doctor_postfix p = {.milters = milters, .milter_count = 2};
	struct doctor_findings all = {.list = NULL};

	(void)state;
	doctor_judge_postfix(&p, &all);
	assert_true(says_just(&all, SAYS(DOCTOR_POSTFIX_NONE), 1));
	note_seen(&all);
	doctor_findings_deinit(&all);
	p.name = "/etc/postfix-out";
	p.services = slice_of(SMTPD);
	p.settings = slice_of(
	    "queue_directory = /q\nmilter_protocol = 6\nsmtpd_milters = inet:localhost:8891\n"
	    "non_smtpd_milters = inet:[::1]:8891\ninternal_mail_filter_classes = bounce\n"
	    "smtp_line_length_limit = 998\nmilter_default_action = tempfail\n");
	doctor_judge_postfix(&p, &all);
	note_seen(&all);
	if (!says_just(&all, SAYS(DOCTOR_POSTFIX_GOOD, DOCTOR_EIGHT_BIT_OLD), 2) ||
	    !has_text(&all, "Postfix (/etc/postfix-out)")) {
		print_all("inet", &all);
		fail();
	}
	doctor_findings_deinit(&all);
}

static void
milter_element_next_reads_lists(void **state)
{
	static const struct {
		const char *list, *want;
	} rows[] = {
	    {"", ""},
	    {"unix:a, inet:b:1", "unix:a=|inet:b:1=|"},
	    {"{ unix:a, default_action=accept,command_timeout=5s }", "unix:a=accept|"},
	    {"{unix:a,default_action = tempfail} inet:b:1", "unix:a=tempfail|inet:b:1=|"},
	    {"{ unix:a", "unix:a=|"},
	    {"{}", "=|"},
	    {"{", "=|"},
	    {"a { b", "a=|b=|"},
	    {"{ a default_action }", "a=|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct milter_element e;
		size_t off = 0, len = 0;
		char got[200] = "";
		while (milter_element_next(slice_of(rows[i].list), &off, &e))
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s=%.*s|",
			    SLICE_ARG(e.address), SLICE_ARG(e.action));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].list, got);
	}
}

static void
doctor_worst_orders_levels(void **state)
{
	struct doctor_findings all = {.list = NULL};

	(void)state;
	assert_int_equal(doctor_worst(&all), DOCTOR_OK);
	DOCTOR_TELL(&all, DOCTOR_NO_KEY, NULL, NULL);
	assert_int_equal(doctor_worst(&all), DOCTOR_NOTE);
	DOCTOR_TELL(&all, DOCTOR_DMARC_UNKNOWN, NULL, "x");
	assert_int_equal(doctor_worst(&all), DOCTOR_UNKNOWN);
	DOCTOR_TELL(&all, DOCTOR_KEEPER_NEVER, NULL, NULL);
	assert_int_equal(doctor_worst(&all), DOCTOR_WARN);
	DOCTOR_TELL(&all, DOCTOR_FILE_GONE, NULL, "x");
	assert_int_equal(doctor_worst(&all), DOCTOR_FAIL);
	doctor_findings_deinit(&all);
}

/* After all others. */
static void
sentences_all_produced(void **state)
{
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < DOCTOR_SAY_COUNT; i++) {
		const struct doctor_sentence *s = &DOCTOR_SENTENCES[i];
		assert_non_null(s->name);
		assert_true(s->situation[0] != '\0' && s->verdict[0] != '\0' && s->mend != NULL);
		/* what is wrong has a mend */
		assert_true(s->level < DOCTOR_WARN || s->mend[0] != '\0');
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s->name, DOCTOR_SENTENCES[k].name);
		if (!seen[i]) {
			print_error("%s was not produced\n", s->name);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	HEARD_ALL(PUT_IN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dmarc_find_walks_tree),
	    cmocka_unit_test(dmarc_aligns_by_organization),
	    cmocka_unit_test(judge_probe_each_outcome),
	    cmocka_unit_test(judge_acknowledgement_each_outcome),
	    cmocka_unit_test(judge_dmarc_each_outcome),
	    cmocka_unit_test(judge_keeper_and_clock_each_outcome),
	    cmocka_unit_test(judge_files_each_outcome),
	    cmocka_unit_test(judge_files_sees_a_full_disk),
	    cmocka_unit_test(judge_files_names_a_wrong_key),
	    cmocka_unit_test(judge_postfix_each_outcome),
	    cmocka_unit_test(judge_postfix_others),
	    cmocka_unit_test(milter_element_next_reads_lists),
	    cmocka_unit_test(doctor_worst_orders_levels),
	    cmocka_unit_test(sentences_all_produced),
	};
	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
