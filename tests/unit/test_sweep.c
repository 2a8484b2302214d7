/* SPDX-License-Identifier: ISC */
/* Whole sweeps against name servers by hand: the expectations of a key's life, former servers, aliases, chains,
 * surveys, obstructions, watches, batches, resolvers. */
#include "keys/diagnose_ask.h"
#include "keys/sweep_batch.h"
#include "keys/sweep_verdict.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/said.h"

/* What a whole sweep tells of a server, or why there is none; and what resolvers say. */
static const struct said_row WHYS[] = {
    {"* (serial *)", "a server contradicts: its serial tells whether it is behind"},
    {"does not count (ignore_server): *", "ignore_server names it"},
    {"its CNAME closes a loop: * -> * -> *", "a loop through several zones"},
    {"more than * CNAMEs behind each other, at last to *", "a chain without an end"},
    {"behind a CNAME: *: *", "the zone of the target cannot be found"},
    {"port 53 is blocked on the way out: the resolver works, but no name server answers anything; open UDP and TCP port 53 for this host, or choose proof = resolver",
	"D49"},
    {"port 53 is intercepted on the way: a resolver answers in the place of the name servers of *; let this host ask name servers directly, or choose proof = resolver. The key's own name was not asked for",
	"D50"},
    {"no server of the root answers about test: is port 53 open from here to the outside? The name servers of a zone can also be given in signpost.conf",
	"silence on the way to the zone"},
    {"no address can be found for the name servers of lost.test", "a delegation without glue to names that do not exist"},
    {"the servers of example.test do not agree whether _domainkey.example.test is a zone of its own: 127.0.0.2 says so, 127.0.0.3 does not",
	"a delegation at one server only"},
    {"split view: the resolver says that example.test is served by inside.test, the root does not lead there; if the name servers were just changed, wait until it forgets the old ones, else name the right ones in zone \"example.test\" of signpost.conf",
	"the resolver knows other name servers"},
    {"zone example.test is configured without servers", "zone of signpost.conf"},
    {"the server of publisher own (127.0.0.5)", "D44: check asks the publisher's primary, too"},
    {"the resolver * has the record", "resolvers: they agree"},
    {"the resolver * has what is expected", "resolvers: p= or nothing is wanted"},
    {"no resolver could be asked", "resolvers: none answers"},
    {"has another record", "a resolver remembers another one"},
    {"has no such record (NXDOMAIN)", "a resolver remembers that it was not there"},
    {"has several records", "a resolver has more than one TXT"},
    {"has an answer that does not validate (DNSSEC)", "a resolver refuses it, and has it with +cd"},
    {"follows another CNAME", "a resolver has another alias than the one that is wanted"},
    {"does not answer", "a resolver is silent"},
    {"cannot tell (REFUSED)", "a resolver answers with an error"},
    {"127.0.0.3#* bad other-key ttl=60 (has another record)", "each resolver for itself"},
    {"* resolvers are given, * are the most", "too many in the configuration"},
};

static int
heard_run(const struct dns_conf *conf, const struct sweep_question *q, struct sweep *out, struct err *err)
{
	int rc = sweep_run(conf, q, out, err);

	for (size_t i = 0; rc == 0 && i < out->count; i++)
		hear(out->answers[i].why);
	if (rc != 0)
		hear(err->text);
	return rc;
}
#define sweep_run heard_run

static void
heard_resolvers(const struct dns_conf *conf, const struct sweep_question *q, struct resolver_view *out)
{
	dns_ask_resolvers(conf, q, out);
	hear(out->text);
}
#define dns_ask_resolvers heard_resolvers

#define DOMAIN	  "example.test"
#define SEL	  "sel._domainkey." DOMAIN
#define RECORD	  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OTHER	  "v=DKIM1; k=ed25519; p=AAAAAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define TXT(text) SEL ". 60 IN TXT \"" text "\"\n"
#define NOW	  1795305600

/* 0: root and test; 1, 2: the domain; 3: host.test, the zone of slots; 4: a former server; 5: a resolver. */
enum { ROOT, ONE, TWO, HOST, FORMER, RESOLVER, SERVERS };

#define APEX                                                                                       \
	DOMAIN ". 700 IN SOA ns1." DOMAIN ". h." DOMAIN ". 42 60 60 86400 300\n" DOMAIN            \
	       ". 7200 IN NS ns1." DOMAIN ".\n" DOMAIN ". 7200 IN NS ns2." DOMAIN ".\n"            \
	       "ns1." DOMAIN ". 60 IN A 127.0.0.2\nns2." DOMAIN ". 60 IN A 127.0.0.3\n" DOMAIN     \
	       ". 1200 IN NSEC z." DOMAIN ". NS SOA\n"
#define HOST_APEX                                                                                  \
	"host.test. 300 IN SOA ns.host.test. h.host.test. 7 60 60 86400 300\n"                     \
	"host.test. 300 IN NS ns.host.test.\nns.host.test. 300 IN A 127.0.0.4\n"

struct lab {
	struct fake_dns *d;
	struct dns_endpoint root, resolver;
	struct dns_conf conf;
	struct sweep *s;
	struct err err;
};

static int
lab_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	assert_non_null(lab);
	lab->d = fake_dns_start(SERVERS);
	lab->root = fake_endpoint(lab->d, ROOT);
	lab->resolver = fake_endpoint(lab->d, RESOLVER);
	lab->conf = (struct dns_conf){.resolvers = &lab->resolver,
	    .resolver_count = 1,
	    .roots = &lab->root,
	    .root_count = 1,
	    .timeout_ms = 300,
	    .tries = 1,
	    .spread_ms = 100,
	    .queries_per_second = 5000};
	lab->s = calloc(1, sizeof(*lab->s));
	assert_non_null(lab->s);
	fake_zone(lab->d, ROOT, "",
	    ". 60 IN SOA a. h. 1 60 60 60 60\n. 60 IN NS a.\n"
	    "test. 86400 IN NS ns.nic.test.\n"
	    "ns.nic.test. 86400 IN A 127.0.0.1\n");
	fake_zone(lab->d, ROOT, "test",
	    "test. 600 IN SOA ns.nic.test. h.test. 1 60 60 60 900\n"
	    "test. 600 IN NS ns.nic.test.\nns.nic.test. 600 IN A 127.0.0.1\n" DOMAIN
	    ". 10800 IN NS ns1." DOMAIN ".\n" DOMAIN ". 10800 IN NS ns2." DOMAIN ".\n"
	    "ns1." DOMAIN ". 10800 IN A 127.0.0.2\n"
	    "ns2." DOMAIN ". 10800 IN A 127.0.0.3\n"
	    "host.test. 600 IN NS ns.host.test.\nns.host.test. 600 IN A 127.0.0.4\n");
	fake_zone(lab->d, HOST, "host.test", HOST_APEX);
	*state = lab;
	return 0;
}

static int
lab_down(void **state)
{
	struct lab *lab = *state;
	fake_dns_stop(lab->d);
	free(lab->s);
	free(lab);
	return 0;
}

/* Both servers of the domain have these records. */
static void
serve(struct lab *lab, const char *records)
{
	char text[4096];
	assert_true(snprintf(text, sizeof(text), "%s%s", APEX, records) < (int)sizeof(text));
	fake_zone(lab->d, ONE, DOMAIN, text);
	fake_zone(lab->d, TWO, DOMAIN, text);
}

static struct sweep_question
question(void)
{
	return (struct sweep_question){
	    .domain = DOMAIN, .name = SEL, .expected = slice_of(RECORD), .now = NOW, .queries = 2};
}

static void
run(struct lab *lab, const struct sweep_question *q)
{
	lab->err = (struct err)ERR_INIT;
	if (sweep_run(&lab->conf, q, lab->s, &lab->err) != 0)
		fail_msg("%s", lab->err.text);
}

static bool
passes(struct lab *lab)
{
	int64_t since[SWEEP_SERVERS_MAX];
	const struct sweep_patience patience = {3600, 86400};
	for (size_t i = 0; i < SWEEP_SERVERS_MAX; i++)
		since[i] = NEVER;
	lab->err = (struct err)ERR_INIT;
	return sweep_passes(lab->s, since, &patience, NULL, &lab->err);
}

/* One spread for the looks at the SOA, one for the zone's servers. */
static void
sweep_spread_is_as_configured(void **state)
{
	const struct {
		const char *name;
		int spread_ms, least_ms, most_ms;
	} rows[] = {{"a tenth of a second", 100, 200, 1200}, {"by default", 0, 2400, 4000}};
	struct lab *lab = *state;
	struct sweep_question q = question();
	serve(lab, TXT(RECORD));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lab->conf.spread_ms = rows[i].spread_ms;
		int64_t began = fake_now_ms();
		run(lab, &q);
		int64_t took = fake_now_ms() - began;
		if (took < rows[i].least_ms || took > rows[i].most_ms)
			fail_msg("%s: took %lld ms", rows[i].name, (long long)took);
	}
}

static void
sweep_tells_servers_and_ttls(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	uint16_t ports[64];
	size_t count = 0;
	q.queries = SWEEP_QUERIES;
	q.survey = true;
	serve(lab, TXT(RECORD) SEL ". 4000 IN A 192.0.2.1\n");
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->count, 2);
	assert_int_equal(lab->s->good, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(lab->s->answers[i].found, FOUND_RECORD);
		assert_int_equal(lab->s->answers[i].ttl, 60);
		assert_int_equal(lab->s->answers[i].serial, 42);
		assert_int_equal(
		    lab->s->answers[i].listed_ttl_s, 10800); /* the parent's NS and glue */
		assert_false(lab->s->answers[i].former);
	}
	assert_int_equal(lab->s->link_count, 1);
	assert_string_equal(lab->s->links[0].name, SEL);
	assert_string_equal(lab->s->zone, DOMAIN);
	assert_int_equal(lab->s->ttl_max_s, 60);
	assert_int_equal(lab->s->negative_max_s, 1200); /* NSEC, more than min(700, 300) */
	assert_int_equal(lab->s->negative_parent_s, 600);
	assert_false(lab->s->wildcard);
	assert_false(lab->s->delegated);
	assert_false(lab->s->domain_gone);
	assert_int_equal(lab->s->alias, ALIAS_NONE_WANTED);
	/* K14: every question to an address comes from a port of its own */
	assert_int_equal(fake_count(lab->d, SEL, LDNS_RR_TYPE_TXT), 2 * SWEEP_QUERIES);
	for (size_t i = 0; i < atomic_load(&lab->d->log_count); i++) {
		const struct fake_asked *a = &lab->d->log[i];
		if (a->server == ONE && strcmp(a->name, SEL) == 0 && a->type == LDNS_RR_TYPE_TXT)
			ports[count++] = a->source_port;
	}
	assert_int_equal(count, SWEEP_QUERIES);
	for (size_t i = 1; i < count; i++)
		assert_int_not_equal(ports[i], ports[0]);
	struct buf zones;
	buf_init(&zones, 100);
	sweep_zones(lab->s, &zones);
	assert_string_equal(buf_str(&zones), DOMAIN);
	buf_deinit(&zones);
}

static void
sweep_judges_by_expectation(void **state)
{
	struct lab *lab = *state;
	static const struct {
		const char *name, *records;
		enum key_expect expect;
		bool or_nothing;
		enum answer_verdict verdict;
		enum answer_found found;
	} rows[] = {
	    {"record, wanted", TXT(RECORD), EXPECT_RECORD, false, ANSWER_GOOD, FOUND_RECORD},
	    {"p=, record wanted", TXT("v=DKIM1; p="), EXPECT_RECORD, false, ANSWER_BAD,
		FOUND_TOMBSTONE},
	    {"other key, record wanted", TXT(OTHER), EXPECT_RECORD, false, ANSWER_BAD,
		FOUND_OTHER_KEY},
	    {"text, record wanted", TXT("hello"), EXPECT_RECORD, false, ANSWER_BAD,
		FOUND_OTHER_TEXT},
	    {"nothing, record wanted", "", EXPECT_RECORD, false, ANSWER_BAD, FOUND_NXDOMAIN},
	    {"other type, record wanted", SEL ". 60 IN A 192.0.2.1\n", EXPECT_RECORD, false,
		ANSWER_BAD, FOUND_NODATA},
	    {"two, record wanted", TXT(RECORD) TXT(OTHER), EXPECT_RECORD, false, ANSWER_BAD,
		FOUND_SEVERAL},
	    {"p=, wanted", TXT("v=DKIM1; p="), EXPECT_TOMBSTONE, false, ANSWER_GOOD,
		FOUND_TOMBSTONE},
	    {"p= in other words", TXT("v=DKIM1; k=rsa; p="), EXPECT_TOMBSTONE, false, ANSWER_GOOD,
		FOUND_TOMBSTONE},
	    {"record, p= wanted", TXT(RECORD), EXPECT_TOMBSTONE, true, ANSWER_BAD, FOUND_RECORD},
	    {"other key, p= wanted", TXT(OTHER), EXPECT_TOMBSTONE, true, ANSWER_BAD,
		FOUND_OTHER_KEY},
	    {"nothing, p= wanted", "", EXPECT_TOMBSTONE, false, ANSWER_BAD, FOUND_NXDOMAIN},
	    {"nothing, p= wanted or nothing", "", EXPECT_TOMBSTONE, true, ANSWER_GOOD,
		FOUND_NXDOMAIN},
	    {"nothing, wanted", "", EXPECT_ABSENT, false, ANSWER_GOOD, FOUND_NXDOMAIN},
	    {"other type, nothing wanted", SEL ". 60 IN A 192.0.2.1\n", EXPECT_ABSENT, false,
		ANSWER_GOOD, FOUND_NODATA},
	    {"record, nothing wanted", TXT(RECORD), EXPECT_ABSENT, false, ANSWER_BAD, FOUND_RECORD},
	    {"p=, nothing wanted", TXT("v=DKIM1; p="), EXPECT_ABSENT, false, ANSWER_BAD,
		FOUND_TOMBSTONE},
	    {"text, nothing wanted", TXT("hello"), EXPECT_ABSENT, false, ANSWER_BAD,
		FOUND_OTHER_TEXT},
	    {"CNAME, nothing wanted", SEL ". 60 IN CNAME none.host.test.\n", EXPECT_ABSENT, false,
		ANSWER_BAD, FOUND_ALIAS},
	    {"wildcard, nothing wanted", "*." DOMAIN ". 60 IN TXT \"v=spf1 -all\"\n", EXPECT_ABSENT,
		false, ANSWER_GOOD, FOUND_NXDOMAIN},
	    {"wildcard CNAME, nothing wanted", "*." DOMAIN ". 60 IN CNAME x.host.test.\n",
		EXPECT_ABSENT, false, ANSWER_GOOD, FOUND_NXDOMAIN},
	    {"wildcard beside p=, p= or nothing",
		"*." DOMAIN ". 60 IN TXT \"x\"\n" TXT("v=DKIM1; p="), EXPECT_TOMBSTONE, true,
		ANSWER_GOOD, FOUND_TOMBSTONE},
	    {"wildcard, p= or nothing", "*." DOMAIN ". 60 IN TXT \"x\"\n", EXPECT_TOMBSTONE, true,
		ANSWER_GOOD, FOUND_NXDOMAIN},
	    {"wildcard, but the record too", "*." DOMAIN ". 60 IN TXT \"x\"\n" TXT(RECORD),
		EXPECT_ABSENT, false, ANSWER_BAD, FOUND_RECORD},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sweep_question q = question();
		q.queries = 1;
		q.expect = rows[i].expect;
		q.or_nothing = rows[i].or_nothing;
		serve(lab, rows[i].records);
		run(lab, &q);
		const struct sweep_answer *a = &lab->s->answers[0];
		if (a->verdict != rows[i].verdict || a->found != rows[i].found)
			fail_msg("%s: verdict %d, found %s, %s", rows[i].name, (int)a->verdict,
			    answer_found_name(a->found), a->why);
		bool good = rows[i].verdict == ANSWER_GOOD;
		if (passes(lab) != good)
			fail_msg("%s: %s", rows[i].name, lab->err.text);
		if (sweep_contradicts(lab->s) == good ||
		    sweep_differs(lab->s) !=
			(!good && rows[i].found != FOUND_NXDOMAIN && rows[i].found != FOUND_NODATA))
			fail_msg("%s: contradicts or differs is wrong", rows[i].name);
	}
}

/* K20: the siblings show the wildcard, whose TTL counts. */
static void
sweep_survey_finds_a_wildcard(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	q.survey = true;
	serve(lab, TXT(RECORD) "*." DOMAIN ". 5000 IN TXT \"x\"\n");
	run(lab, &q);
	assert_true(passes(lab));
	assert_false(lab->s->wildcard); /* the name under _domainkey masks it */
	serve(lab, "*._domainkey." DOMAIN ". 5000 IN TXT \"x\"\n");
	run(lab, &q);
	assert_true(lab->s->wildcard);
	assert_int_equal(lab->s->ttl_max_s, 5000);
	assert_int_equal(
	    lab->s->negative_max_s, 300); /* of the SOA, which no denial carries here */
	assert_int_equal(lab->s->answers[0].found, FOUND_OTHER_TEXT);
}

/* D51: one that denies _domainkey breaks resolvers that minimise names; it says nothing against the record. */
static void
sweep_survey_finds_who_denies_the_name_above(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct buf text;
	q.survey = true;
	serve(lab, TXT(RECORD));
	atomic_store(&lab->d->servers[TWO].faults, FAKE_DENIES_EMPTY);
	run(lab, &q);
	assert_true(passes(lab));
	assert_false(lab->s->answers[0].denies_above);
	assert_true(lab->s->answers[1].denies_above);
	buf_init(&text, 4096);
	sweep_format(lab->s, &text);
	assert_non_null(strstr(buf_str(&text), "good ttl=60 serial=42 denies-above\n"));
	buf_deinit(&text);
	/* where nothing is, nothing is denied wrongly */
	q.expect = EXPECT_ABSENT;
	serve(lab, "");
	run(lab, &q);
	assert_true(passes(lab));
	assert_false(lab->s->answers[1].denies_above);
}

/* K14: one backend of several that lags is met, and its word counts. */
static void
sweep_one_backend_contradicts(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	q.queries = SWEEP_QUERIES;
	serve(lab, TXT(RECORD));
	atomic_store(&lab->d->servers[TWO].faults, FAKE_EVERY_FOURTH_DENIED);
	run(lab, &q);
	assert_false(passes(lab));
	assert_int_equal(lab->s->answers[0].verdict, ANSWER_GOOD);
	assert_int_equal(lab->s->answers[1].verdict, ANSWER_BAD);
	assert_int_equal(lab->s->answers[1].found, FOUND_NXDOMAIN);
}

/* K2 */
static void
sweep_former_servers_block_until_they_age_out(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct sweep_former f = {.zone = DOMAIN, .name = "old.example.net", .until = NOW + 1};
	f.endpoint = fake_endpoint(lab->d, FORMER);
	q.formers = &f;
	q.former_count = 1;
	serve(lab, TXT(RECORD));
	fake_zone(lab->d, FORMER, DOMAIN, APEX);
	run(lab, &q);
	assert_int_equal(lab->s->count, 3);
	assert_true(lab->s->answers[2].former);
	assert_int_equal(lab->s->answers[2].verdict, ANSWER_BAD);
	assert_int_equal(lab->s->answers[2].listed_ttl_s, 0);
	assert_string_equal(lab->s->answers[2].server, "old.example.net");
	assert_false(passes(lab));
	assert_non_null(strstr(lab->err.text, "old.example.net (127.0.0.5#"));
	assert_non_null(strstr(lab->err.text, "not listed any more"));
	/* it agrees */
	fake_zone(lab->d, FORMER, DOMAIN, APEX TXT(RECORD));
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->good, 3);
	struct sweep *with = malloc(sizeof(*with));
	assert_non_null(with);
	*with = *lab->s;
	/* it is silent, or does not serve the zone any more: excused at once */
	atomic_store(&lab->d->servers[FORMER].faults, FAKE_SILENT);
	run(lab, &q);
	assert_int_equal(lab->s->mute, 1);
	assert_true(passes(lab));
	atomic_store(&lab->d->servers[FORMER].faults, FAKE_REFUSES);
	run(lab, &q);
	assert_true(passes(lab));
	/* its time is over; and of another zone it is nothing */
	int asked = atomic_load(&lab->d->servers[FORMER].asked);
	f.until = NOW;
	run(lab, &q);
	assert_int_equal(lab->s->count, 2);
	assert_true(sweep_equal(with, lab->s)); /* formers come and go */
	f.until = NOW + 1;
	f.zone = "host.test";
	run(lab, &q);
	assert_int_equal(lab->s->count, 2);
	assert_int_equal(atomic_load(&lab->d->servers[FORMER].asked), asked);
	/* one that is listed is no former */
	f.zone = DOMAIN;
	f.endpoint = fake_endpoint(lab->d, TWO);
	run(lab, &q);
	assert_int_equal(lab->s->count, 2);
	assert_false(lab->s->answers[1].former);
	/* a former alone proves nothing */
	f.endpoint = fake_endpoint(lab->d, FORMER);
	atomic_store(&lab->d->servers[FORMER].faults, 0);
	for (size_t i = 0; i < with->count; i++)
		if (!with->answers[i].former)
			with->answers[i].verdict = ANSWER_MUTE;
	int64_t since[3] = {NOW - 864000, NOW - 864000, NEVER};
	const struct sweep_patience patience = {3600, 86400};
	assert_false(sweep_passes(with, since, &patience, NULL, &lab->err));
	assert_non_null(strstr(lab->err.text, "no server of " DOMAIN));
	free(with);
}

static void
sweep_servers_change(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct sweep *before = malloc(sizeof(*before));
	assert_non_null(before);
	serve(lab, TXT(RECORD));
	run(lab, &q);
	*before = *lab->s;
	run(lab, &q);
	assert_true(sweep_same_servers(before, lab->s));
	assert_true(sweep_equal(before, lab->s));
	/* the child lists a third */
	fake_zone(lab->d, ONE, DOMAIN,
	    APEX TXT(RECORD) DOMAIN ". 99999 IN NS ns3." DOMAIN ".\n"
				    "ns3." DOMAIN ". 60 IN A 127.0.0.5\n");
	fake_zone(lab->d, FORMER, DOMAIN, APEX TXT(RECORD));
	run(lab, &q);
	assert_int_equal(lab->s->count, 3);
	assert_int_equal(lab->s->answers[2].listed_ttl_s, 99999);
	assert_false(sweep_same_servers(before, lab->s));
	assert_false(sweep_same_servers(lab->s, before));
	assert_false(sweep_equal(before, lab->s));
	free(before);
}

#define SLOT "tok1.host.test"

static void
sweep_wanted_alias(void **state)
{
	struct lab *lab = *state;
	static const struct {
		const char *name, *one, *two;
		enum sweep_alias alias;
		const char *found;
		bool passes;
		size_t links;
	} rows[] = {
	    {"right", SEL ". 9000 IN CNAME " SLOT ".\n", NULL, ALIAS_RIGHT, "", true, 2},
	    {"missing", "", NULL, ALIAS_MISSING, "", false, 1},
	    {"wrong", SEL ". 60 IN CNAME tok2.host.test.\n", NULL, ALIAS_WRONG, "tok2.host.test",
		false, 1},
	    {"domain appended", SEL ". 60 IN CNAME " SLOT "." DOMAIN ".\n", NULL, ALIAS_WRONG,
		SLOT "." DOMAIN, false, 1},
	    {"flattened", TXT(RECORD), NULL, ALIAS_FLATTENED, "", true, 1},
	    {"copied, another key", TXT(OTHER), NULL, ALIAS_FLATTENED, "", false, 1},
	    {"proxied", SEL ". 60 IN A 192.0.2.80\n", NULL, ALIAS_PROXIED, "", false, 1},
	    {"one has none", SEL ". 60 IN CNAME " SLOT ".\n", "", ALIAS_DIFFERS, "", false, 2},
	};
	fake_zone(lab->d, HOST, "host.test", HOST_APEX SLOT ". 300 IN TXT \"" RECORD "\"\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sweep_question q = question();
		char text[2048];
		q.alias = SLOT;
		q.queries = 1;
		serve(lab, rows[i].one);
		(void)snprintf(
		    text, sizeof(text), "%s%s", APEX, rows[i].two == NULL ? "" : rows[i].two);
		if (rows[i].two != NULL)
			fake_zone(lab->d, TWO, DOMAIN, text);
		run(lab, &q);
		if (lab->s->alias != rows[i].alias ||
		    strcmp(lab->s->alias_found, rows[i].found) != 0)
			fail_msg("%s: alias %s (%s)", rows[i].name, sweep_alias_name(lab->s->alias),
			    lab->s->alias_found);
		if (passes(lab) != rows[i].passes)
			fail_msg("%s: %s", rows[i].name, lab->err.text);
		assert_int_equal(lab->s->link_count, rows[i].links);
	}
	/* silent servers tell nothing */
	struct sweep_question q = question();
	q.alias = SLOT;
	q.queries = 1;
	q.zones = DOMAIN " host.test";
	atomic_store(&lab->d->servers[ONE].faults, FAKE_REFUSES);
	atomic_store(&lab->d->servers[TWO].faults, FAKE_REFUSES);
	run(lab, &q);
	assert_int_equal(lab->s->alias, ALIAS_UNKNOWN);
	assert_false(passes(lab));
}

/* A free slot holds p=; K6: the TTLs of alias and target count. */
static void
sweep_slot_with_tombstone(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	q.alias = SLOT;
	q.expect = EXPECT_TOMBSTONE;
	q.survey = true;
	serve(lab, SEL ". 9000 IN CNAME " SLOT ".\n");
	fake_zone(lab->d, HOST, "host.test", HOST_APEX SLOT ". 300 IN TXT \"v=DKIM1; p=\"\n");
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->alias, ALIAS_RIGHT);
	assert_int_equal(lab->s->ttl_max_s, 9000);
	assert_int_equal(
	    lab->s->negative_max_s, 1200); /* the domain's: larger than the slot zone's 300 */
	assert_int_equal(lab->s->answers[0].link, 0);
	assert_int_equal(lab->s->answers[0].found, FOUND_ALIAS);
	assert_int_equal(lab->s->answers[2].link, 1);
	assert_int_equal(lab->s->answers[2].found, FOUND_TOMBSTONE);
	assert_string_equal(lab->s->answers[2].server, "ns.host.test");
	assert_string_equal(lab->s->zone, "host.test");
	/* without p= the slot is not free, it is broken */
	q.or_nothing = true;
	fake_zone(lab->d, HOST, "host.test", HOST_APEX);
	run(lab, &q);
	assert_int_equal(lab->s->answers[2].verdict, ANSWER_GOOD);
	q.or_nothing = false;
	run(lab, &q);
	assert_int_equal(lab->s->answers[2].verdict, ANSWER_BAD);
	/* K17: the alias is gone */
	q.alias = NULL;
	q.expect = EXPECT_ABSENT;
	run(lab, &q);
	assert_int_equal(lab->s->answers[0].found, FOUND_ALIAS);
	assert_false(passes(lab));
	serve(lab, "");
	run(lab, &q);
	assert_true(passes(lab));
}

static void
sweep_chain_needs_good_in_every_zone(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	serve(lab, SEL ". 60 IN CNAME " SLOT ".\n");
	fake_zone(lab->d, HOST, "host.test", HOST_APEX SLOT ". 300 IN TXT \"" RECORD "\"\n");
	run(lab, &q);
	assert_true(passes(lab));
	/* all of the second zone's servers silent for long: excused each, but nobody shows the record */
	lab->s->answers[2].verdict = ANSWER_MUTE;
	int64_t since[3] = {NEVER, NEVER, NOW - 864000};
	const struct sweep_patience patience = {3600, 86400};
	assert_false(sweep_passes(lab->s, since, &patience, NULL, &lab->err));
	assert_non_null(strstr(lab->err.text, "no server of host.test"));
	assert_false(sweep_wants_resolver(lab->s, since, &patience));
}

static void
sweep_chain_that_does_not_end_is_bad(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	q.queries = 1;
	serve(lab, SEL ". 60 IN CNAME a.host.test.\n");
	fake_zone(lab->d, HOST, "host.test",
	    HOST_APEX
	    "a.host.test. 60 IN CNAME b.host.test.\nb.host.test. 60 IN CNAME a.host.test.\n");
	run(lab, &q);
	assert_false(passes(lab));
	assert_non_null(strstr(
	    lab->err.text, "its CNAME closes a loop: a.host.test -> b.host.test -> a.host.test"));
	assert_int_equal(lab->s->bad, 1);
	assert_int_equal(lab->s->link_count, 3);
	fake_zone(lab->d, HOST, "host.test",
	    HOST_APEX
	    "a.host.test. 60 IN CNAME b.host.test.\nb.host.test. 60 IN CNAME c.host.test.\n"
	    "c.host.test. 60 IN CNAME d.host.test.\nd.host.test. 60 IN CNAME e.host.test.\n"
	    "e.host.test. 60 IN CNAME f.host.test.\nf.host.test. 60 IN CNAME g.host.test.\n"
	    "g.host.test. 60 IN CNAME h.host.test.\nh.host.test. 60 IN CNAME i.host.test.\n"
	    "h.host.test. 60 IN TXT \"" RECORD "\"\n");
	run(lab, &q);
	assert_false(passes(lab));
	assert_non_null(
	    strstr(lab->err.text, "more than 8 CNAMEs behind each other, at last to i.host.test"));
	/* eight of them are borne */
	fake_zone(lab->d, HOST, "host.test",
	    HOST_APEX
	    "a.host.test. 60 IN CNAME b.host.test.\nb.host.test. 60 IN CNAME c.host.test.\n"
	    "c.host.test. 60 IN CNAME d.host.test.\nd.host.test. 60 IN CNAME e.host.test.\n"
	    "e.host.test. 60 IN CNAME f.host.test.\nf.host.test. 60 IN CNAME g.host.test.\n"
	    "g.host.test. 60 IN CNAME h.host.test.\n"
	    "h.host.test. 60 IN TXT \"" RECORD "\"\n");
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->link_count, SWEEP_LINKS_MAX);
}

static void
sweep_delegated_domainkey(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	serve(lab, "_domainkey." DOMAIN ". 3600 IN NS ns.host.test.\n" TXT(OTHER));
	fake_zone(lab->d, HOST, "_domainkey." DOMAIN,
	    "_domainkey." DOMAIN ". 300 IN SOA ns.host.test. h.host.test. 3 60 60 86400 300\n"
	    "_domainkey." DOMAIN ". 7000 IN NS ns.host.test.\n" TXT(RECORD));
	q.survey = true;
	run(lab, &q);
	assert_true(passes(lab));
	assert_true(lab->s->delegated);
	assert_int_equal(lab->s->count, 1);
	assert_string_equal(lab->s->answers[0].server, "ns.host.test");
	assert_int_equal(lab->s->answers[0].listed_ttl_s, 7000);
	assert_int_equal(lab->s->negative_max_s, 300);
	assert_int_equal(
	    lab->s->negative_parent_s, 1200); /* the domain's zone, while the cut is new */
	/* a watch that does not know of it is led there */
	q.survey = false;
	q.queries = 1;
	q.zones = DOMAIN;
	run(lab, &q);
	assert_true(passes(lab));
	assert_true(lab->s->delegated);
	assert_string_equal(lab->s->zone, "_domainkey." DOMAIN);
}

static void
sweep_domain_gone(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	q.expect = EXPECT_ABSENT;
	fake_zone(lab->d, ROOT, "test",
	    "test. 600 IN SOA ns.nic.test. h.test. 2 60 60 60 900\n"
	    "test. 600 IN NS ns.nic.test.\nns.nic.test. 600 IN A 127.0.0.1\n");
	run(lab, &q);
	assert_true(lab->s->domain_gone);
	assert_true(passes(lab));
	assert_int_equal(fake_count(lab->d, SEL, LDNS_RR_TYPE_TXT), 1);
	/* the watch sees it too */
	q.expect = EXPECT_RECORD;
	q.queries = 1;
	q.zones = DOMAIN;
	run(lab, &q);
	assert_true(lab->s->domain_gone);
	assert_false(passes(lab));
	/* a name without a zone of its own that nobody made yet is no domain that is gone */
	serve(lab, "");
	fake_zone(lab->d, ROOT, "test",
	    "test. 600 IN SOA ns.nic.test. h.test. 1 60 60 60 900\n"
	    "test. 600 IN NS ns.nic.test.\nns.nic.test. 600 IN A 127.0.0.1\n" DOMAIN
	    ". 10800 IN NS ns1." DOMAIN ".\nns1." DOMAIN ". 10800 IN A 127.0.0.2\n");
	q = question();
	q.domain = "sub." DOMAIN;
	q.name = "sel._domainkey.sub." DOMAIN;
	run(lab, &q);
	assert_false(lab->s->domain_gone);
	assert_string_equal(lab->s->zone, DOMAIN);
	q.zones = "sub." DOMAIN; /* it had one once */
	run(lab, &q);
	assert_true(lab->s->domain_gone);
}

static size_t
below_domainkey(struct lab *lab)
{
	size_t n = 0;
	for (size_t i = 0; i < atomic_load(&lab->d->log_count); i++)
		n += strstr(lab->d->log[i].name, "_domainkey") != NULL;
	return n;
}

/* D50 */
static void
sweep_intercepted_does_not_ask_for_the_name(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct dns_endpoint servers[2] = {fake_endpoint(lab->d, ONE), fake_endpoint(lab->d, TWO)};
	struct dns_zone_conf zone = {(char *)(uintptr_t)DOMAIN, servers, 2};
	serve(lab, TXT(RECORD));
	for (size_t i = 0; i < SERVERS; i++)
		atomic_store(&lab->d->servers[i].faults, FAKE_AS_RESOLVER);
	lab->err = (struct err)ERR_INIT;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_INTERCEPTED);
	assert_non_null(strstr(lab->err.text, "port 53 is intercepted"));
	assert_int_equal(lab->s->started_at, NOW);
	/* servers that were named: nothing that they say is their own */
	lab->conf.zones = &zone;
	lab->conf.zone_count = 1;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_INTERCEPTED);
	/* an interceptor that keeps AA: its TTLs go down, within a spread of more than a second */
	lab->conf.spread_ms = 0;
	for (size_t i = 0; i < SERVERS; i++)
		atomic_store(&lab->d->servers[i].faults, FAKE_COUNTS_DOWN);
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_INTERCEPTED);
	lab->conf.zone_count = 0;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_INTERCEPTED);
	assert_int_equal(below_domainkey(lab), 0);
	/* one of two is a resolver: that server is lame, the way is free */
	for (size_t i = 0; i < SERVERS; i++)
		atomic_store(&lab->d->servers[i].faults, 0);
	atomic_store(&lab->d->servers[TWO].faults, FAKE_AS_RESOLVER);
	run(lab, &q);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_NONE);
	assert_int_equal(lab->s->answers[1].verdict, ANSWER_MUTE);
	assert_true(lab->s->answers[1].lame);
	/* a watch sees it by the answers */
	for (size_t i = 0; i < SERVERS; i++)
		atomic_store(&lab->d->servers[i].faults, FAKE_AS_RESOLVER);
	lab->conf.zone_count = 1;
	q.queries = 1;
	q.zones = DOMAIN;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_INTERCEPTED);
}

/* D49 */
static void
sweep_blocked_is_told_from_dead_servers(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	fake_zone(lab->d, RESOLVER, "test", "test. 60 IN SOA a. b. 1 1 1 1 1\n");
	for (size_t i = 0; i < SERVERS; i++)
		atomic_store(
		    &lab->d->servers[i].faults, i == RESOLVER ? FAKE_AS_RESOLVER : FAKE_SILENT);
	lab->err = (struct err)ERR_INIT;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_BLOCKED);
	assert_non_null(strstr(lab->err.text, "port 53 is blocked"));
	/* no resolver either: the network is down, or anything */
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_SILENT);
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_NONE);
	assert_non_null(strstr(lab->err.text, "no server of the root answers"));
	/* the root answers: the domain's servers are dead */
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_AS_RESOLVER);
	atomic_store(&lab->d->servers[ROOT].faults, 0);
	run(lab, &q);
	assert_int_equal(lab->s->mute, 2);
	assert_int_equal(lab->s->obstruction, OBSTRUCTION_NONE);
}

/* The hourly watch: one question to each address, and one for the zone's own servers. */
static void
sweep_watch_asks_little(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	serve(lab, TXT(RECORD));
	q.queries = 1;
	q.zones = DOMAIN;
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->negative_max_s, SWEEP_UNKNOWN);
	assert_int_equal(fake_count(lab->d, SEL, 0), 2);
	assert_int_equal(fake_count(lab->d, "_domainkey." DOMAIN, 0), 0);
	assert_int_equal(fake_count(lab->d, DOMAIN, LDNS_RR_TYPE_SOA), 0);
	assert_int_equal(fake_count(lab->d, DOMAIN, LDNS_RR_TYPE_DNSKEY), 0);
	/* what is wrong is looked at: the serial of who contradicts, whether who refuses is lame */
	fake_zone(lab->d, TWO, DOMAIN, APEX);
	run(lab, &q);
	assert_int_equal(lab->s->answers[0].serial, 0);
	assert_int_equal(lab->s->answers[1].serial, 42);
	assert_non_null(strstr(lab->s->answers[1].why, "NXDOMAIN (serial 42)"));
	atomic_store(&lab->d->servers[TWO].faults, FAKE_REFUSES);
	run(lab, &q);
	assert_true(lab->s->answers[1].lame);
	/* zones that are not above the name are not believed */
	atomic_store(&lab->d->servers[TWO].faults, 0);
	serve(lab, TXT(RECORD));
	q.zones = "host.test";
	run(lab, &q);
	assert_true(passes(lab));
	assert_string_equal(lab->s->zone, DOMAIN);
}

/* K15: what a waived server says, and whether it answers, holds nothing back; nor is it alone enough. */
static void
sweep_ignored_server_does_not_count(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct dns_endpoint two = fake_endpoint(lab->d, TWO), one = fake_endpoint(lab->d, ONE);
	struct buf text;
	serve(lab, TXT(RECORD));
	fake_zone(lab->d, TWO, DOMAIN, APEX TXT(OTHER));
	run(lab, &q);
	assert_false(passes(lab));
	assert_int_equal(lab->s->bad, 1);
	lab->conf.ignored = &two;
	lab->conf.ignored_count = 1;
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->good, 1);
	assert_int_equal(lab->s->bad, 0);
	assert_false(sweep_contradicts(lab->s));
	assert_true(lab->s->answers[1].waived && !lab->s->answers[0].waived);
	assert_non_null(strstr(lab->s->answers[1].why, "does not count (ignore_server): "));
	buf_init(&text, 4096);
	sweep_format(lab->s, &text);
	assert_non_null(strstr(buf_str(&text), " waived ("));
	buf_deinit(&text);
	/* its CNAME leads nobody */
	fake_zone(lab->d, TWO, DOMAIN, APEX SEL ". 60 IN CNAME a.host.test.\n");
	run(lab, &q);
	assert_true(passes(lab));
	assert_int_equal(lab->s->link_count, 1);
	atomic_store(&lab->d->servers[TWO].faults, FAKE_SILENT);
	run(lab, &q);
	assert_true(passes(lab));
	/* when it is right, it is like any other */
	atomic_store(&lab->d->servers[TWO].faults, 0);
	serve(lab, TXT(RECORD));
	run(lab, &q);
	assert_int_equal(lab->s->good, 2);
	assert_false(lab->s->answers[1].waived);
	/* the other one still has to have it */
	fake_zone(lab->d, ONE, DOMAIN, APEX);
	run(lab, &q);
	assert_false(passes(lab));
	struct dns_endpoint both[] = {one, two};
	lab->conf.ignored = both;
	lab->conf.ignored_count = 2;
	fake_zone(lab->d, TWO, DOMAIN, APEX);
	run(lab, &q);
	assert_false(passes(lab));
}

#define MANY 60

struct taken {
	pthread_t thread;
	unsigned seen[MANY];
	size_t good, first, last;
};

static void
take(void *arg, const struct sweep_result *r)
{
	struct taken *t = arg;
	assert_true(pthread_equal(t->thread, pthread_self()));
	assert_true(r->index < MANY);
	if (r->rc != 0)
		fail_msg("%s", r->why.text);
	t->seen[r->index]++;
	t->good += r->sweep.good == 3 && r->sweep.bad == 0;
	assert_int_equal(r->sweep.link_count, 2);
	assert_true(r->sweep.started_at >= NOW || r->sweep.started_at > 1700000000);
}

static void
batch_shares_what_it_looks_up(void **state)
{
	struct lab *lab = *state;
	char records[16384] = "", names[MANY][64], targets[MANY][64];
	struct sweep_question q[MANY];
	struct taken taken = {.thread = pthread_self()};
	struct sweep_batch *batch = NULL;
	struct buf slots;
	buf_init(&slots, 65536);
	buf_put_str(&slots, HOST_APEX);
	for (size_t i = 0; i < MANY; i++) {
		size_t len = strlen(records);
		(void)snprintf(names[i], sizeof(names[i]), "s%zu._domainkey." DOMAIN, i);
		(void)snprintf(targets[i], sizeof(targets[i]), "t%zu.host.test", i);
		(void)snprintf(records + len, sizeof(records) - len, "%s. 60 IN CNAME %s.\n",
		    names[i], targets[i]);
		buf_printf(&slots, "%s. 60 IN TXT \"" RECORD "\"\n", targets[i]);
		q[i] = question();
		q[i].queries = 1;
		q[i].now = 0;
		q[i].name = names[i];
		q[i].alias = targets[i];
		q[i].zones = DOMAIN " host.test";
	}
	char *zone = malloc(sizeof(APEX) + sizeof(records));
	assert_non_null(zone);
	(void)snprintf(zone, sizeof(APEX) + sizeof(records), "%s%s", APEX, records);
	fake_zone(lab->d, ONE, DOMAIN, zone);
	fake_zone(lab->d, TWO, DOMAIN, zone);
	fake_zone(lab->d, HOST, "host.test", buf_str(&slots));
	free(zone);
	buf_deinit(&slots);
	lab->conf.queries_per_second = 100;
	lab->conf.timeout_ms = 2000;
	assert_int_equal(sweep_batch_new(&lab->conf, &batch, &lab->err), 0);
	int64_t began = fake_now_ms();
	sweep_batch_run(batch, q, MANY, take, &taken);
	int64_t took = fake_now_ms() - began;
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(taken.seen[i], 1);
	assert_int_equal(taken.good, MANY);
	/* one question a name and address, and look-ups for as many threads as there are at most */
	assert_int_equal(fake_count(lab->d, NULL, LDNS_RR_TYPE_TXT), 3 * MANY);
	size_t all = atomic_load(&lab->d->log_count);
	if (all > 3 * MANY + SWEEP_BATCH_THREADS * 30)
		fail_msg("%zu questions for %d names", all, MANY);
	/* no address was asked more often than it may be: 60 TXT take 0.6 s and more */
	assert_true(took >= (MANY - 1) * 10);
	/* a second run of the same batch looks nothing up */
	sweep_batch_run(batch, q, MANY, take, &taken);
	assert_int_equal(atomic_load(&lab->d->log_count) - all, 3 * MANY);
	sweep_batch_run(batch, q, 0, take, &taken);
	sweep_batch_free(batch);
	sweep_batch_free(NULL);
}

/* A dead server costs its time once or twice, not for each name. */
static void
batch_does_not_wait_for_the_dead_each_time(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q[MANY];
	struct sweep_batch *batch = NULL;
	char names[MANY][64];
	struct taken taken = {.thread = pthread_self()};
	(void)taken;
	serve(lab, "*._domainkey." DOMAIN ". 60 IN CNAME t.host.test.\n");
	fake_zone(lab->d, HOST, "host.test", HOST_APEX "t.host.test. 60 IN TXT \"" RECORD "\"\n");
	atomic_store(&lab->d->servers[TWO].faults, FAKE_SILENT);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "s%zu._domainkey." DOMAIN, i);
		q[i] = question();
		q[i].queries = 1;
		q[i].name = names[i];
		q[i].zones = DOMAIN " host.test";
	}
	lab->conf.timeout_ms = 400;
	assert_int_equal(sweep_batch_new(&lab->conf, &batch, &lab->err), 0);
	int64_t began = fake_now_ms();
	sweep_batch_run(batch, q, MANY, take, &taken);
	int64_t took = fake_now_ms() - began;
	/* waited for by each of 8 threads: 60 names would take 3 s and more */
	if (took > 2500)
		fail_msg("took %lld ms", (long long)took);
	assert_true(atomic_load(&lab->d->servers[TWO].asked) < MANY / 2);
	sweep_batch_free(batch);
}

/* The first so many servers as resolvers. */
static int
poll_first(struct lab *lab, const struct sweep_question *q, size_t count, struct resolver_poll *out)
{
	struct dns_endpoint all[RESOLVERS_MAX + 1];
	const struct resolver_list list = {all, count};
	for (size_t i = 0; i < RESOLVERS_MAX + 1; i++)
		all[i] = fake_endpoint(lab->d, i + 1);
	int rc = resolvers_ask(&lab->conf, q, &list, out, &lab->err);
	for (size_t i = 0; rc == 0 && i < out->count; i++)
		hear(out->answers[i].why);
	if (rc != 0)
		hear(lab->err.text);
	return rc;
}

static void
resolvers_tell_each_for_itself(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	struct dns_endpoint all[5];
	struct resolver_poll *poll = calloc(1, sizeof(*poll));
	struct buf text;
	assert_non_null(poll);
	for (size_t i = 0; i < 5; i++)
		all[i] = fake_endpoint(lab->d, i + 1);
	fake_zone(lab->d, 1, DOMAIN, APEX TXT(RECORD));
	fake_zone(lab->d, 2, DOMAIN, APEX TXT(OTHER));
	fake_zone(lab->d, 3, DOMAIN, APEX);
	fake_zone(lab->d, 4, DOMAIN, APEX TXT(RECORD));
	atomic_store(&lab->d->servers[4].faults, FAKE_FAILS_CHECKED);
	atomic_store(&lab->d->servers[5].faults, FAKE_SILENT);
	assert_int_equal(poll_first(lab, &q, 5, poll), 0);
	assert_int_equal(poll->count, 5);
	assert_int_equal(poll->good, 1);
	assert_int_equal(poll->bad, 2);
	assert_int_equal(poll->mute, 2);
	assert_int_equal(poll->bogus, 1);
	assert_int_equal(poll->wait_s, 700); /* the SOA's own TTL in a negative answer */
	assert_int_equal(poll->answers[0].ttl, 60);
	assert_true(poll->started_at == NOW && poll->ended_at > NOW);
	buf_init(&text, 4096);
	resolver_poll_format(poll, &text);
	char want[1024];
	(void)snprintf(want, sizeof(want),
	    "127.0.0.2#%u good record ttl=60\n"
	    "127.0.0.3#%u bad other-key ttl=60 (has another record)\n"
	    "127.0.0.4#%u bad nxdomain ttl=700 (has no such record (NXDOMAIN))\n"
	    "127.0.0.5#%u mute (has an answer that does not validate (DNSSEC))\n"
	    "127.0.0.6#%u mute (does not answer)\n",
	    lab->d->port, lab->d->port, lab->d->port, lab->d->port, lab->d->port);
	assert_string_equal(buf_str(&text), want);
	hear(buf_str(&text));
	buf_deinit(&text);
	/* other expectations */
	q.expect = EXPECT_ABSENT;
	assert_int_equal(poll_first(lab, &q, 3, poll), 0);
	assert_int_equal(poll->good, 1);
	assert_int_equal(poll->answers[2].found, FOUND_NXDOMAIN);
	q.expect = EXPECT_TOMBSTONE;
	assert_int_equal(poll_first(lab, &q, 3, poll), 0);
	assert_int_equal(poll->good, 0);
	q.or_nothing = true;
	assert_int_equal(poll_first(lab, &q, 3, poll), 0);
	assert_int_equal(poll->good, 1);
	/* as one word: bogus counts most */
	struct resolver_view view;
	q = question();
	lab->conf.resolvers = all;
	lab->conf.resolver_count = 5;
	dns_ask_resolvers(&lab->conf, &q, &view);
	assert_int_equal(view.word, RESOLVER_BOGUS);
	lab->conf.resolver_count = 3;
	dns_ask_resolvers(&lab->conf, &q, &view);
	assert_int_equal(view.word, RESOLVER_AGREES);
	/* none given: the configured ones */
	assert_int_equal(poll_first(lab, &q, 0, poll), 0);
	assert_int_equal(poll->count, 3);
	assert_int_equal(poll_first(lab, &q, RESOLVERS_MAX + 1, poll), -1);
	/* a wanted alias that leads elsewhere */
	fake_zone(lab->d, 1, DOMAIN,
	    APEX SEL ". 30 IN CNAME x." DOMAIN ".\nx." DOMAIN ". 60 IN TXT \"" RECORD "\"\n");
	q.alias = "y." DOMAIN;
	assert_int_equal(poll_first(lab, &q, 1, poll), 0);
	assert_int_equal(poll->bad, 1);
	/* two records; an error; nothing is wanted, or nobody answers */
	fake_zone(lab->d, 1, DOMAIN, APEX TXT(RECORD) TXT(OTHER));
	atomic_store(&lab->d->servers[2].faults, FAKE_REFUSES);
	q = question();
	assert_int_equal(poll_first(lab, &q, 2, poll), 0);
	assert_true(poll->bad == 1 && poll->mute == 1);
	q.expect = EXPECT_ABSENT;
	lab->conf.resolvers = &all[2];
	lab->conf.resolver_count = 1;
	dns_ask_resolvers(&lab->conf, &q, &view);
	assert_int_equal(view.word, RESOLVER_AGREES);
	lab->conf.resolvers = &all[4];
	dns_ask_resolvers(&lab->conf, &q, &view);
	assert_int_equal(view.word, RESOLVER_SILENT);
	free(poll);
}

/* The way to the zone ends: the sweep says where. */
static void
sweep_tells_where_the_way_ends(void **state)
{
	struct lab *lab = *state;
	struct sweep_question q = question();
	char name[] = DOMAIN;
	struct dns_zone_conf bare = {name, NULL, 0};
	static const char *const below = APEX "_domainkey." DOMAIN ". 60 IN NS ns.host.test.\n";

	serve(lab, TXT(RECORD));
	fake_zone(lab->d, ONE, DOMAIN, below);
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	serve(lab, TXT(RECORD));
	fake_zone(lab->d, RESOLVER, DOMAIN,
	    DOMAIN ". 60 IN SOA a. h. 1 60 60 60 60\n" DOMAIN ". 60 IN NS inside.test.\n" TXT(RECORD));
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_AS_RESOLVER);
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	lab->conf.zones = &bare;
	lab->conf.zone_count = 1;
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
	lab->conf.zone_count = 0;
	fake_zone(lab->d, ROOT, "test",
	    "test. 600 IN SOA ns.nic.test. h.test. 1 60 60 60 900\ntest. 600 IN NS ns.nic.test.\n"
	    "ns.nic.test. 600 IN A 127.0.0.1\nlost.test. 600 IN NS ns.nowhere.test.\n");
	q.domain = "lost.test";
	q.name = "sel._domainkey.lost.test";
	assert_int_equal(sweep_run(&lab->conf, &q, lab->s, &lab->err), -1);
}

static void
hear_publisher(void *arg, size_t index, const struct seen *seen)
{
	(void)arg;
	(void)index;
	assert_non_null(seen);
	for (size_t i = 0; i < seen->reply_count; i++) {
		const struct seen_reply *r = &seen->replies[i];
		char addr[IP_TEXT_LEN], text[2 * SWEEP_NAME_LEN];
		if (r->what != SEEN_PUBLISHER)
			continue;
		ip_addr_format(&r->endpoint.addr, addr);
		snprintf(text, sizeof(text), "%s (%s)", r->server, addr);
		hear(text);
	}
}

/* A record that is missing is looked for at the publisher's primary. */
static void
diagnosis_asks_the_publishers_server(void **state)
{
	struct lab *lab = *state;
	struct dns_endpoint primary = fake_endpoint(lab->d, FORMER);
	char name[] = "own";
	const struct publisher_conf own = {.name = name, .type = PUBLISHER_RFC2136, .servers = &primary, .server_count = 1};
	const struct diagnose_subject subject = {.domain = DOMAIN,
	    .selector = "sel",
	    .name = SEL,
	    .expected = slice_of(RECORD),
	    .role = ROLE_SIGNS,
	    .publisher = &own,
	    .now = NOW};

	serve(lab, "");
	fake_zone(lab->d, FORMER, DOMAIN, APEX TXT(RECORD));
	assert_int_equal(diagnose_ask(&lab->conf, &subject, 1, hear_publisher, NULL), 0);
}

#define IN_LAB(f) cmocka_unit_test_setup_teardown(f, lab_up, lab_down)

static void
whys_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(WHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LAB(sweep_spread_is_as_configured),

	    IN_LAB(sweep_ignored_server_does_not_count),
	    IN_LAB(sweep_tells_servers_and_ttls),
	    IN_LAB(sweep_judges_by_expectation),
	    IN_LAB(sweep_survey_finds_a_wildcard),
	    IN_LAB(sweep_survey_finds_who_denies_the_name_above),
	    IN_LAB(sweep_one_backend_contradicts),
	    IN_LAB(sweep_former_servers_block_until_they_age_out),
	    IN_LAB(sweep_servers_change),
	    IN_LAB(sweep_wanted_alias),
	    IN_LAB(sweep_slot_with_tombstone),
	    IN_LAB(sweep_chain_needs_good_in_every_zone),
	    IN_LAB(sweep_chain_that_does_not_end_is_bad),
	    IN_LAB(sweep_delegated_domainkey),
	    IN_LAB(sweep_domain_gone),
	    IN_LAB(sweep_intercepted_does_not_ask_for_the_name),
	    IN_LAB(sweep_blocked_is_told_from_dead_servers),
	    IN_LAB(sweep_watch_asks_little),
	    IN_LAB(batch_shares_what_it_looks_up),
	    IN_LAB(batch_does_not_wait_for_the_dead_each_time),
	    IN_LAB(resolvers_tell_each_for_itself),
	    IN_LAB(sweep_tells_where_the_way_ends),
	    IN_LAB(diagnosis_asks_the_publishers_server),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
