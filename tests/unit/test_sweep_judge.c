/* SPDX-License-Identifier: ISC */
/* What one answer says (K7), what several do (K14), and the verdict over a sweep (K15). */
#include "keys/key_state.h"
#include "keys/sweep_judge.h"
#include "keys/sweep_verdict.h"
#include "tests/unit/said.h"

/* What is told of a server, and of a sweep that does not pass; check and explain print it. */
static const struct said_row WHYS[] = {
    {"no answer in 4 s by UDP and TCP", "silence"},
    {"nothing answers on port 53: closed", "ICMP says so, or TCP's RST"},
    {"no route to IPv6 addresses from this host", "K15: no route for the family"},
    {"this host does not send to it: *", "a route that is a black hole, a firewall of this host"},
    {"its answer by UDP is cut, and it does not answer by TCP", "TC, and port 53 is closed for TCP"},
    {"what it sends by TCP is not an answer", "TCP, and no DNS"},
    {"silent to every question of this pass, and not asked again at once", "other keys' questions met the silence"},
    {"REFUSED: not authoritative for example.com", "a lame server"},
    {"NOTAUTH: not authoritative for example.com", "a lame server"},
    {"SERVFAIL for example.com", "any other RCODE"},
    {"not authoritative for example.com: its answer has no AA", "it answers out of a cache"},
    {"not authoritative for example.com: its answer has no AA, it may be a resolver", "and offers recursion"},
    {"its TXT is another one: *", "a record is wanted, and another stands there"},
    {"2 records answer, only one may be there", "several TXT, or a CNAME beside one"},
    {"the name exists, but holds no TXT", "NODATA"},
    {"NXDOMAIN", "the name is denied"},
    {"its CNAME leads to a name that cannot be used", "a name that is no host name"},
    {"its CNAME leads to u.example, that of another server to t.example", "servers differ"},
    {"its CNAME leads to u.example, and should lead to t.example", "the alias of a slot"},
    {"its CNAME leads to u.example, and should lead to none", "the alias of a slot that has none"},
    {"a CNAME to u.example stands there", "nothing is wanted"},
    {"it still has the key's record, which is to be revoked", "p= is wanted"},
    {"it still has the key's record, which is to be gone", "nothing is wanted"},
    {"it still has the revoked record (empty p=)", "nothing is wanted"},
    {"another key stands there, and no empty p=", "p= is wanted"},
    {"another key stands there", "nothing is wanted"},
    {"its TXT is no key record with an empty p=", "p= is wanted"},
    {"a TXT that is no key stands there", "nothing is wanted"},
    {"its TTL counts down: a cache answers, not the server", "several answers, each with a lower TTL"},
    {"ns2 (10.0.0.*): because", "a sweep that does not pass: the first server in the way"},
    {"ns2 (10.0.0.*), not listed any more, but resolvers may still ask it: because", "the same, a former server"},
    {"no server of example.com has shown the record", "all are silent, and excused"},
    {"no server of example.com has shown the revoked record (empty p=)", "all are silent, p= is wanted"},
    {"no server of example.com has shown that nothing is there", "all are silent, nothing is wanted"},
    {"ns1 192.0.2.1 good ttl=3600 serial=42", "a server of the last look, as status shows it"},
    {"ns1 192.0.2.1 good nodata ttl=3600 serial=42 denies-above", "what it has, and D51"},
    {"ns2 192.0.2.1#5353 mute lame (because)", "a server that does not speak for the zone"},
    {"ns2 192.0.2.1#5353 mute lame former (because)", "a former server"},
    {"ns3 192.0.2.1 bad waived (because)", "ignore_server"},
    {"WORD: ns2 (10.0.0.*) is silent for long enough, but is not excused while that is so", "K15 (c): resolvers do not agree"},
    {"no resolver was asked: ns2 (10.0.0.*) is silent for long enough, but is not excused while that is so",
	"K15 (c): there is none"},
};

static void
heard_judge(const struct judge_rule *r, const struct dns_query *q, const struct judge_witness *w, struct judgement *out)
{
	sweep_judge(r, q, w, out);
	hear(out->why);
}
#define sweep_judge heard_judge

static void
heard_judge_all(const struct judgement *all, size_t count, struct judgement *out)
{
	sweep_judge_all(all, count, out);
	hear(out->why);
}
#define sweep_judge_all heard_judge_all

static bool
heard_passes(const struct sweep *s, const int64_t *mute_since, const struct sweep_patience *patience,
    const struct resolver_view *view, struct err *why)
{
	bool passes = sweep_passes(s, mute_since, patience, view, why);

	hear(why->text);
	return passes;
}
#define sweep_passes heard_passes

#define NAME   "sel._domainkey.example.com"
#define TXT    NAME ". 3600 IN TXT "
#define RECORD "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OTHER  "v=DKIM1; k=ed25519; p=AAAAAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define NOW    1795305600
#define DAY    86400

static ldns_pkt *
packet(ldns_pkt_rcode rcode, bool aa, const char *const *lines)
{
	ldns_pkt *pkt = ldns_pkt_new();
	assert_non_null(pkt);
	ldns_pkt_set_rcode(pkt, (uint8_t)rcode);
	ldns_pkt_set_qr(pkt, true);
	ldns_pkt_set_aa(pkt, aa);
	for (; *lines != NULL; lines++) {
		ldns_rr *rr = NULL;
		if (ldns_rr_new_frm_str(&rr, *lines, 3600, NULL, NULL) != LDNS_STATUS_OK)
			fail_msg("test record: %s", *lines);
		assert_true(ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, rr));
	}
	return pkt;
}

static const struct row {
	const char *name;
	ldns_pkt_rcode rcode;
	bool no_aa;
	const char *lines[4];
	const char *alias;
	enum answer_verdict verdict;
	const char *why; /* part of it */
} rows[] = {
    {"the record", LDNS_RCODE_NOERROR, false, {TXT "\"" RECORD "\""}, NULL, ANSWER_GOOD, ""},
    {"in two strings", LDNS_RCODE_NOERROR, false,
	{TXT "\"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/\" \"7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""}, NULL,
	ANSWER_GOOD, ""},
    {"other spacing", LDNS_RCODE_NOERROR, false,
	{TXT "\"v=DKIM1;k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""}, NULL,
	ANSWER_GOOD, ""},
    {"owner in other case", LDNS_RCODE_NOERROR, false,
	{"SEL._DomainKey.Example.Com. 3600 IN TXT \"" RECORD "\""}, NULL, ANSWER_GOOD, ""},
    {"other p=", LDNS_RCODE_NOERROR, false, {TXT "\"" OTHER "\""}, NULL, ANSWER_BAD,
	"its TXT is another one"},
    {"revoked", LDNS_RCODE_NOERROR, false, {TXT "\"v=DKIM1; p=\""}, NULL, ANSWER_BAD,
	"its TXT is another one"},
    {"no key record", LDNS_RCODE_NOERROR, false, {TXT "\"v=spf1 -all\""}, NULL, ANSWER_BAD,
	"its TXT is another one"},
    {"two records", LDNS_RCODE_NOERROR, false, {TXT "\"" RECORD "\"", TXT "\"" OTHER "\""}, NULL,
	ANSWER_BAD, "2 records"},
    {"CNAME beside TXT", LDNS_RCODE_NOERROR, false,
	{TXT "\"" RECORD "\"", NAME ". 60 IN CNAME t.example."}, "t.example", ANSWER_BAD,
	"2 records"},
    {"other owner only", LDNS_RCODE_NOERROR, false, {"x.example.com. 60 IN TXT \"" RECORD "\""},
	NULL, ANSWER_BAD, "holds no TXT"},
    {"other type", LDNS_RCODE_NOERROR, false, {NAME ". 60 IN A 192.0.2.1"}, NULL, ANSWER_BAD,
	"holds no TXT"},
    {"other class", LDNS_RCODE_NOERROR, false, {NAME ". 60 CH TXT \"" RECORD "\""}, NULL,
	ANSWER_BAD, "holds no TXT"},
    {"NODATA", LDNS_RCODE_NOERROR, false, {NULL}, NULL, ANSWER_BAD, "holds no TXT"},
    {"NXDOMAIN", LDNS_RCODE_NXDOMAIN, false, {NULL}, NULL, ANSWER_BAD, "NXDOMAIN"},
    {"the CNAME", LDNS_RCODE_NOERROR, false, {NAME ". 60 IN CNAME T.example."}, "t.example",
	ANSWER_GOOD, ""},
    {"the CNAME, NXDOMAIN behind it", LDNS_RCODE_NXDOMAIN, false, {NAME ". 60 IN CNAME t.example."},
	"t.example", ANSWER_GOOD, ""},
    {"a CNAME to a name with a dot in a label", LDNS_RCODE_NOERROR, false,
	{NAME ". 60 IN CNAME t\\.x.example."}, "t.example", ANSWER_BAD,
	"leads to a name that cannot be used"},
    {"another CNAME", LDNS_RCODE_NOERROR, false, {NAME ". 60 IN CNAME u.example."}, "t.example",
	ANSWER_BAD, "leads to u.example, that of another server to t.example"},
    {"the record where others have a CNAME", LDNS_RCODE_NOERROR, false, {TXT "\"" RECORD "\""},
	"t.example", ANSWER_GOOD, ""},
    {"nothing where others have a CNAME", LDNS_RCODE_NXDOMAIN, false, {NULL}, "t.example",
	ANSWER_BAD, "NXDOMAIN"},
    {"the record without AA", LDNS_RCODE_NOERROR, true, {TXT "\"" RECORD "\""}, NULL, ANSWER_MUTE,
	"not authoritative for example.com"},
    {"NXDOMAIN without AA", LDNS_RCODE_NXDOMAIN, true, {NULL}, NULL, ANSWER_MUTE, "has no AA"},
    {"refused", LDNS_RCODE_REFUSED, true, {NULL}, NULL, ANSWER_MUTE,
	"REFUSED: not authoritative for example.com"},
    {"refused with AA", LDNS_RCODE_REFUSED, false, {NULL}, NULL, ANSWER_MUTE, "REFUSED"},
    {"not its zone", LDNS_RCODE_NOTAUTH, true, {NULL}, NULL, ANSWER_MUTE, "NOTAUTH"},
    {"failing", LDNS_RCODE_SERVFAIL, true, {NULL}, NULL, ANSWER_MUTE, "SERVFAIL"},
    {"not implemented", LDNS_RCODE_NOTIMPL, true, {NULL}, NULL, ANSWER_MUTE, "NOTIMP"},
};

static const struct judge_witness no_witness = {.keys = NULL};

static struct judge_rule
rule(void)
{
	struct judge_rule r = {.zone = "example.com",
	    .name = NAME,
	    .expect = EXPECT_RECORD,
	    .expected = slice_of(RECORD),
	    .now = NOW,
	    .timeout_ms = 4000};
	return r;
}

static void
judge_reply_has_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct judge_rule r = rule();
		struct dns_query q = {.end = DNS_END_REPLY, .fd = -1};
		struct judgement j;
		r.alias = row->alias;
		q.reply = packet(row->rcode, !row->no_aa, row->lines);
		sweep_judge(&r, &q, &no_witness, &j);
		if (j.verdict != row->verdict || strstr(j.why, row->why) == NULL)
			fail_msg("%s: verdict %d, \"%s\"", row->name, (int)j.verdict, j.why);
		if ((j.verdict == ANSWER_GOOD) != (j.why[0] == '\0'))
			fail_msg(
			    "%s: a reason for what is not good only: \"%s\"", row->name, j.why);
		if (j.verdict == ANSWER_GOOD && j.ttl == 0)
			fail_msg("%s: no TTL", row->name);
		dns_query_deinit(&q);
	}
}

/* In a signed zone: keys that are not known say nothing, keys that are wrong contradict; what is missing is not
 * checked. */
static void
judge_signed_zone_follows_its_keys(void **state)
{
	(void)state;
	const struct dnssec_keys unknown = {.state = DNSSEC_UNKNOWN, .why = "no DNSKEY told"},
				 bogus = {.state = DNSSEC_BOGUS, .why = "none is named"},
				 good = {.state = DNSSEC_GOOD};
	static const char *const txt[] = {TXT "\"" RECORD "\"", NULL}, *const none[] = {NULL},
				 *const alias[] = {NAME ". 60 IN CNAME t.example.", NULL},
				 *const dname[] = {"example.com. 60 IN DNAME t.example.",
				     NAME ". 60 IN CNAME sel._domainkey.t.example.", NULL};
	const struct {
		const char *name, *const *lines;
		const struct dnssec_keys *keys;
		enum key_expect expect;
		enum answer_verdict verdict;
		const char *why;
	} cases[] = {
	    {"keys not known", txt, &unknown, EXPECT_RECORD, ANSWER_MUTE, "no DNSKEY told"},
	    {"keys wrong", txt, &bogus, EXPECT_RECORD, ANSWER_BAD, "none is named"},
	    {"no signature", txt, &good, EXPECT_RECORD, ANSWER_BAD, "carries no signature"},
	    {"alias without", alias, &good, EXPECT_RECORD, ANSWER_BAD, "carries no signature"},
	    {"DNAME without", dname, &good, EXPECT_RECORD, ANSWER_BAD, "carries no signature"},
	    {"nothing, as wanted", none, &bogus, EXPECT_ABSENT, ANSWER_GOOD, ""},
	    {"DNAME leads on, nothing wanted", dname, NULL, EXPECT_ABSENT, ANSWER_GOOD, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judge_rule r = rule();
		const struct judge_witness witness = {.keys = cases[i].keys};
		struct dns_query q = {.end = DNS_END_REPLY, .fd = -1};
		struct judgement j;
		char target[SWEEP_NAME_LEN] = "";
		q.reply = packet(LDNS_RCODE_NOERROR, true, cases[i].lines);
		r.expect = cases[i].expect;
		if (sweep_judge_alias(&q, NAME, target))
			r.alias = target;
		sweep_judge(&r, &q, &witness, &j);
		if (j.verdict != cases[i].verdict || strstr(j.why, cases[i].why) == NULL)
			fail_msg("%s: verdict %d, \"%s\"", cases[i].name, (int)j.verdict, j.why);
		assert_int_equal(j.verdict == ANSWER_MUTE, j.found == FOUND_UNKNOWN);
		dns_query_deinit(&q);
	}
}

/* K20: the same answer as two siblings is nothing; one that cannot be compared is not. */
static void
judge_wildcard_needs_both_siblings(void **state)
{
	(void)state;
	static const char *const txt[] = {TXT "\"x\"", NULL},
				 *const a[] = {"a.example.com. 60 IN TXT \"x\"", NULL},
				 *const b[] = {"b.example.com. 60 IN TXT \"x\"", NULL},
				 *const more[] = {"b.example.com. 60 IN TXT \"x\"",
				     "b.example.com. 60 IN TXT \"y\"", NULL},
				 *const none[] = {NULL};
	const struct {
		const char *name, *const *a, *const *b;
		bool aa;
		enum answer_verdict verdict;
	} cases[] = {
	    {"both the same", a, b, true, ANSWER_GOOD},
	    {"one has nothing", a, none, true, ANSWER_BAD},
	    {"one has more", a, more, true, ANSWER_BAD},
	    {"one speaks not for itself", a, b, false, ANSWER_BAD},
	    {"one was not heard", a, NULL, true, ANSWER_BAD},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judge_rule r = rule();
		struct judge_witness witness = {
		    .sibling_names = {"a.example.com", "b.example.com"}};
		struct dns_query q = {.end = DNS_END_REPLY, .fd = -1};
		struct judgement j;
		ldns_pkt *one = packet(LDNS_RCODE_NOERROR, true, cases[i].a);
		ldns_pkt *two =
		    cases[i].b == NULL ? NULL : packet(LDNS_RCODE_NOERROR, cases[i].aa, cases[i].b);
		q.reply = packet(LDNS_RCODE_NOERROR, true, txt);
		witness.siblings[0] = one;
		witness.siblings[1] = two;
		r.expect = EXPECT_ABSENT;
		sweep_judge(&r, &q, &witness, &j);
		if (j.verdict != cases[i].verdict)
			fail_msg("%s: verdict %d, \"%s\"", cases[i].name, (int)j.verdict, j.why);
		r.expect = EXPECT_RECORD; /* there it never counts */
		sweep_judge(&r, &q, &witness, &j);
		assert_int_equal(j.verdict, ANSWER_BAD);
		dns_query_deinit(&q);
		ldns_pkt_free(one);
		ldns_pkt_free(two);
	}
}

static void
names_of_what_is_found(void **state)
{
	(void)state;
	for (int i = 0; i <= FOUND_SEVERAL; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(answer_found_name((enum answer_found)i),
			    answer_found_name((enum answer_found)j));
	assert_string_equal(answer_found_name((enum answer_found)99), "unknown");
	for (int i = 0; i <= ALIAS_UNKNOWN; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(sweep_alias_name((enum sweep_alias)i),
			    sweep_alias_name((enum sweep_alias)j));
	assert_string_equal(sweep_alias_name((enum sweep_alias)99), "unknown");
}

static void
judge_no_reply_is_mute(void **state)
{
	(void)state;
	static const struct {
		enum dns_end end;
		const char *why;
		bool no_route;
	} ends[] = {
	    {DNS_END_SILENCE, "no answer in 4 s by UDP and TCP", false},
	    {DNS_END_CLOSED, "nothing answers on port 53", false},
	    {DNS_END_NO_ROUTE, "no route to IPv6 addresses", true},
	    {DNS_END_UNSENT, "this host does not send to it: Invalid argument", false},
	    {DNS_END_TRUNCATED, "does not answer by TCP", false},
	    {DNS_END_BROKEN, "is not an answer", false},
	    {DNS_END_RESTING, "not asked again at once", false},
	};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct judge_rule r = rule();
		struct dns_query q = {.end = ends[i].end,
		    .fd = -1,
		    .saved_errno = EINVAL,
		    .server = {.port = DNS_PORT, .addr = {.family = IP_V6}}};
		struct judgement j;
		sweep_judge(&r, &q, &no_witness, &j);
		assert_int_equal(j.verdict, ANSWER_MUTE);
		assert_int_equal(j.no_route, ends[i].no_route);
		if (strstr(j.why, ends[i].why) == NULL)
			fail_msg("%s", j.why);
	}
}

static void
judge_all_one_contradiction_is_bad(void **state)
{
	(void)state;
	const struct judgement good = {.verdict = ANSWER_GOOD, .ttl = 3600};
	const struct judgement good_less = {.verdict = ANSWER_GOOD, .ttl = 3599};
	const struct judgement good_other = {.verdict = ANSWER_GOOD, .ttl = 300};
	const struct judgement bad = {.verdict = ANSWER_BAD, .why = "NXDOMAIN"};
	const struct judgement mute = {.verdict = ANSWER_MUTE, .why = "no answer"};
	const struct {
		struct judgement in[5];
		enum answer_verdict verdict;
		uint32_t ttl;
		const char *why;
	} cases[] = {
	    {{good, good, good, good, good}, ANSWER_GOOD, 3600, ""},
	    {{good, good, good, good, bad}, ANSWER_BAD, 0, "NXDOMAIN"},
	    {{bad, mute, mute, mute, mute}, ANSWER_BAD, 0, "NXDOMAIN"},
	    {{mute, mute, good, mute, mute}, ANSWER_GOOD, 3600, ""},
	    {{mute, mute, mute, mute, mute}, ANSWER_MUTE, 0, "no answer"},
	    {{good, good, good, good_less, good_less}, ANSWER_MUTE, 0, "counts down"},
	    {{good, good, good, good, good_other}, ANSWER_GOOD, 3600, ""},
	    {{good_other, good, good, good, good}, ANSWER_GOOD, 3600, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judgement out;
		sweep_judge_all(cases[i].in, 5, &out);
		if (out.verdict != cases[i].verdict || out.ttl != cases[i].ttl ||
		    strstr(out.why, cases[i].why) == NULL)
			fail_msg("case %zu: verdict %d, ttl %u, %s", i, (int)out.verdict,
			    (unsigned)out.ttl, out.why);
	}
}

static struct sweep_answer
answer(const char *server, enum ip_family family, enum answer_verdict verdict)
{
	static uint8_t nr;
	struct sweep_answer a = {.verdict = verdict,
	    .found = verdict == ANSWER_GOOD   ? FOUND_RECORD
		     : verdict == ANSWER_MUTE ? FOUND_UNKNOWN
					      : FOUND_NXDOMAIN,
	    .endpoint = {.port = DNS_PORT, .addr = {.family = family}}};
	a.endpoint.addr.octet[0] = 10;
	a.endpoint.addr.octet[3] = ++nr;
	assert_true(slice_to_str(slice_of(server), a.server, sizeof(a.server)));
	if (verdict != ANSWER_GOOD)
		assert_true(slice_to_str(slice_of("because"), a.why, sizeof(a.why)));
	return a;
}

static struct sweep *
sweep_of(const struct sweep_answer *answers, size_t count)
{
	struct sweep *s = calloc(1, sizeof(*s));
	assert_non_null(s);
	memcpy(s->answers, answers, count * sizeof(*answers));
	memcpy(s->zone, "example.com", sizeof("example.com"));
	memcpy(s->links[0].zone, "example.com", sizeof("example.com"));
	memcpy(s->links[0].name, NAME, sizeof(NAME));
	s->link_count = 1;
	s->count = count;
	s->started_at = s->ended_at = NOW;
	return s;
}

#define GOOD1  answer("ns1", IP_V4, ANSWER_GOOD)
#define GOOD2  answer("ns2", IP_V4, ANSWER_GOOD)
#define BAD2   answer("ns2", IP_V4, ANSWER_BAD)
#define MUTE2  answer("ns2", IP_V4, ANSWER_MUTE)
#define MUTE16 answer("ns1", IP_V6, ANSWER_MUTE)
#define MUTE26 answer("ns2", IP_V6, ANSWER_MUTE)

static void
passes_follows_k15(void **state)
{
	(void)state;
	enum kind { PLAIN, LAME, UNROUTABLE };
	const struct {
		const char *name;
		struct sweep_answer a[2];
		size_t count;
		enum kind kind; /* of the second */
		int64_t since;	/* of the second */
		bool first, passes;
	} cases[] = {
	    {"nothing", {GOOD1, GOOD1}, 0, PLAIN, NEVER, false, false},
	    {"one good", {GOOD1, GOOD1}, 1, PLAIN, NEVER, false, true},
	    {"two good", {GOOD1, GOOD2}, 2, PLAIN, NEVER, false, true},
	    {"a bad one", {GOOD1, BAD2}, 2, PLAIN, NOW - 90 * DAY, true, false},
	    {"mute, new", {GOOD1, MUTE2}, 2, PLAIN, NEVER, false, false},
	    {"mute, new, first", {GOOD1, MUTE2}, 2, PLAIN, NEVER, true, false},
	    {"mute, a second less than a day", {GOOD1, MUTE2}, 2, PLAIN, NOW - DAY + 1, false,
		false},
	    {"mute, a day", {GOOD1, MUTE2}, 2, PLAIN, NOW - DAY, false, true},
	    {"mute, less than an hour, first", {GOOD1, MUTE2}, 2, PLAIN, NOW - 3599, true, false},
	    {"mute, an hour, first", {GOOD1, MUTE2}, 2, PLAIN, NOW - 3600, true, true},
	    {"mute, since tomorrow", {GOOD1, MUTE2}, 2, PLAIN, NOW + DAY, false, false},
	    {"lame, new", {GOOD1, MUTE2}, 2, LAME, NEVER, false, false},
	    {"lame, less than an hour", {GOOD1, MUTE2}, 2, LAME, NOW - 3599, false, false},
	    {"lame, an hour", {GOOD1, MUTE2}, 2, LAME, NOW - 3600, false, true},
	    {"no route, good by IPv4", {GOOD1, MUTE16}, 2, UNROUTABLE, NEVER, false, true},
	    {"IPv6 silent, good by IPv4", {GOOD1, MUTE16}, 2, PLAIN, NEVER, false, false},
	    {"no route, another server is good", {GOOD1, MUTE26}, 2, UNROUTABLE, NEVER, false,
		false},
	    {"lame, but an hour of the future", {GOOD1, MUTE2}, 2, LAME, NOW + 3600, false, false},
	    {"all mute for long", {MUTE2, MUTE2}, 2, PLAIN, NOW - 90 * DAY, false, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sweep *s = sweep_of(cases[i].a, cases[i].count);
		int64_t since[2] = {cases[i].since, cases[i].since};
		struct err why = ERR_INIT;
		s->answers[1].lame = cases[i].kind == LAME;
		s->answers[1].family_unroutable = cases[i].kind == UNROUTABLE;
		const struct sweep_patience patience = {3600, cases[i].first ? 3600 : DAY};
		bool passes = sweep_passes(s, since, &patience, NULL, &why);
		if (passes != cases[i].passes)
			fail_msg("%s: %s", cases[i].name, why.text);
		if (!passes && why.text[0] == '\0')
			fail_msg("%s: no reason", cases[i].name);
		free(s);
	}
}

/* K15 (c), K16: only silence needs a resolver, and only when nothing else stands in the way. */
static void
silence_is_excused_with_a_resolver(void **state)
{
	(void)state;
	enum { SILENT_S = 0, LAME_S = 1, ROUTE_S = 2, SHORT_S = 4, BAD_S = 8, ALL_S = 16 };
	const struct {
		const char *name;
		unsigned kind; /* of the second server, or of both */
		enum resolver_word word;
		int64_t warn_at;
		bool wants, passes;
		const char *why;
	} cases[] = {
	    {"agrees", SILENT_S, RESOLVER_AGREES, NEVER, true, true, ""},
	    {"silent too", SILENT_S, RESOLVER_SILENT, NEVER, true, true, ""},
	    {"differs", SILENT_S, RESOLVER_DIFFERS, NOW + 1, true, false, "WORD: ns2 ("},
	    {"differs, never a warning", SILENT_S, RESOLVER_DIFFERS, NEVER, true, false, "WORD"},
	    {"differs, a warning now", SILENT_S, RESOLVER_DIFFERS, NOW, true, true, ""},
	    {"bogus", SILENT_S, RESOLVER_BOGUS, NEVER, true, false, "WORD: ns2 ("},
	    {"bogus is never a warning", SILENT_S, RESOLVER_BOGUS, NOW - DAY, true, false, "WORD"},
	    {"not asked", SILENT_S, RESOLVER_NOT_ASKED, NEVER, true, false, "WORD"},
	    {"lame needs none", LAME_S, RESOLVER_BOGUS, NEVER, false, true, ""},
	    {"no route needs none", ROUTE_S, RESOLVER_BOGUS, NEVER, false, true, ""},
	    {"not for long enough", SHORT_S, RESOLVER_AGREES, NEVER, false, false, "because"},
	    {"bad", BAD_S, RESOLVER_AGREES, NEVER, false, false, "because"},
	    {"nobody has it", ALL_S, RESOLVER_AGREES, NEVER, false, false, "no server of"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sweep_answer silent[2] = {GOOD1, MUTE2}, bad[2] = {GOOD1, BAD2},
					  route[2] = {GOOD1, MUTE16}, all[2] = {MUTE2, MUTE2};
		unsigned kind = cases[i].kind;
		struct sweep *s = sweep_of(kind == BAD_S     ? bad
					   : kind == ROUTE_S ? route
					   : kind == ALL_S   ? all
							     : silent,
		    2);
		const int64_t begin = kind == SHORT_S ? NOW - DAY + 1 : NOW - DAY;
		const int64_t since[2] = {begin, begin};
		const struct sweep_patience patience = {3600, DAY};
		const struct resolver_view view = {
		    .word = cases[i].word, .warn_at = cases[i].warn_at, .text = "WORD"};
		struct err why = ERR_INIT;
		s->answers[1].lame = kind == LAME_S;
		s->answers[1].family_unroutable = kind == ROUTE_S;
		if (sweep_wants_resolver(s, since, &patience) != cases[i].wants)
			fail_msg("%s: wants a resolver: %d", cases[i].name, !cases[i].wants);
		if (sweep_passes(s, since, &patience, &view, &why) != cases[i].passes)
			fail_msg("%s: %s", cases[i].name, why.text);
		if (strstr(why.text, cases[i].why) == NULL ||
		    (cases[i].passes && why.text[0] != '\0'))
			fail_msg("%s: %s", cases[i].name, why.text);
		free(s);
	}
}

static void
passes_names_the_bad_one_before_the_mute_one(void **state)
{
	(void)state;
	const struct sweep_answer answers[3] = {GOOD1, MUTE2, answer("ns3", IP_V4, ANSWER_BAD)};
	struct sweep *s = sweep_of(answers, 3);
	const int64_t since[3] = {NEVER, NEVER, NEVER};
	struct err why = ERR_INIT;
	const struct sweep_patience patience = {3600, DAY};
	assert_false(sweep_passes(s, since, &patience, NULL, &why));
	assert_non_null(strstr(why.text, "ns3 (10.0.0."));
	assert_non_null(strstr(why.text, "because"));
	free(s);
}

static void
equal_compares_servers_and_excludes_bad(void **state)
{
	(void)state;
	const struct sweep_answer one = GOOD1, two = GOOD2, mute = MUTE2;
	struct sweep_answer turned = two;
	const struct sweep_answer pair[2] = {one, two}, swapped[2] = {two, one},
				  other[2] = {one, mute};
	turned.verdict = ANSWER_MUTE;
	struct sweep_answer contradicts = two;
	contradicts.verdict = ANSWER_BAD;
	const struct sweep_answer changed[2] = {one, turned}, against[2] = {one, contradicts};
	struct sweep *a = sweep_of(pair, 2), *b = sweep_of(swapped, 2), *c = sweep_of(other, 2),
		     *d = sweep_of(pair, 1), *e = sweep_of(changed, 2), *f = sweep_of(against, 2);
	assert_true(sweep_equal(a, a));
	assert_true(sweep_equal(a, b));
	assert_false(sweep_equal(a, c));
	assert_false(sweep_equal(a, d));
	assert_false(sweep_equal(d, a));
	assert_true(sweep_equal(a, e)); /* K16: silence is neutral */
	assert_true(sweep_equal(e, a));
	assert_false(sweep_equal(a, f));
	assert_false(sweep_equal(f, f));
	b->links[0].zone_signed = true;
	assert_false(sweep_equal(a, b));
	b->links[0].zone_signed = false;
	b->expect = EXPECT_ABSENT;
	assert_false(sweep_equal(a, b));
	b->expect = EXPECT_RECORD;
	assert_true(sweep_equal(a, b));
	b->links[0].zone[0] = 'x';
	assert_false(sweep_equal(a, b));
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
	free(f);
}

static void
passes_says_what_nobody_has_shown(void **state)
{
	(void)state;
	const struct sweep_answer mute = answer("ns1", IP_V4, ANSWER_MUTE);
	static const char *const texts[] = {
	    [EXPECT_RECORD] = "no server of example.com has shown the record",
	    [EXPECT_TOMBSTONE] = "no server of example.com has shown the revoked record",
	    [EXPECT_ABSENT] = "no server of example.com has shown that nothing is there"};
	const struct sweep_patience patience = {3600, DAY};
	const int64_t since = NOW - DAY;
	for (int expect = EXPECT_RECORD; expect <= EXPECT_ABSENT; expect++) {
		struct sweep *s = sweep_of(&mute, 1);
		struct err why = ERR_INIT;
		s->expect = (enum key_expect)expect;
		assert_false(sweep_passes(s, &since, &patience, NULL, &why));
		assert_non_null(strstr(why.text, texts[expect]));
		s->count = 0;
		s->link_count = 0; /* of a sweep that never came to ask */
		assert_false(sweep_passes(s, &since, &patience, NULL, &why));
		assert_false(sweep_wants_resolver(s, &since, &patience));
		assert_false(sweep_equal(s, s));
		free(s);
	}
}

/* Chains are equal by names and zones; servers by name, address, port and zone. */
static void
equal_compares_chains(void **state)
{
	(void)state;
	const struct sweep_answer pair[2] = {GOOD1, GOOD2};
	struct sweep *a = sweep_of(pair, 2), *b = sweep_of(pair, 2);
	assert_true(sweep_equal(a, b));
	b->link_count = 2;
	memcpy(b->links[1].zone, "example.com", sizeof("example.com"));
	assert_false(sweep_equal(a, b));
	b->link_count = 1;
	b->links[0].name[0] = 'x';
	assert_false(sweep_equal(a, b));
	b->links[0].name[0] = a->links[0].name[0];
	b->answers[1].endpoint.port++;
	assert_false(sweep_equal(a, b));
	assert_false(sweep_same_servers(a, b));
	b->answers[1].endpoint.port--;
	b->answers[1].server[0] = 'x';
	assert_false(sweep_equal(a, b));
	b->answers[1] = a->answers[1];
	/* the second server is that of another zone now */
	a->link_count = b->link_count = 2;
	memcpy(a->links[1].zone, "example.net", sizeof("example.net"));
	memcpy(b->links[1].zone, "example.net", sizeof("example.net"));
	a->answers[1].link = 1;
	assert_false(sweep_same_servers(a, b));
	b->answers[1].link = 1;
	assert_true(sweep_same_servers(a, b));
	/* zones that only one of them has do not matter to the other's servers */
	memcpy(b->links[1].zone, "example.org", sizeof("example.org"));
	assert_true(sweep_same_servers(a, b));
	assert_false(sweep_equal(a, b));
	/* a former one that is not listed in the other is no change */
	memcpy(b->links[1].zone, "example.net", sizeof("example.net"));
	b->answers[2] = answer("ns3", IP_V4, ANSWER_MUTE);
	b->answers[2].former = true;
	b->count = 3;
	assert_true(sweep_same_servers(a, b));
	b->answers[2].former = false;
	assert_false(sweep_same_servers(a, b));
	/* a link that was not stored counts as the last zone */
	b->answers[2].link = 7;
	memcpy(b->zone, "example.org", sizeof("example.org"));
	assert_true(sweep_same_servers(a, b));
	free(a);
	free(b);
}

static void
differs_is_more_than_gone(void **state)
{
	(void)state;
	const struct sweep_answer answers[2] = {GOOD1, BAD2};
	struct sweep *s = sweep_of(answers, 2);
	assert_true(sweep_contradicts(s));
	assert_false(sweep_differs(s)); /* NXDOMAIN */
	s->answers[1].found = FOUND_NODATA;
	assert_false(sweep_differs(s));
	s->answers[1].found = FOUND_UNKNOWN;
	assert_false(sweep_differs(s));
	s->answers[1].found = FOUND_OTHER_KEY;
	assert_true(sweep_differs(s));
	s->answers[1].verdict = ANSWER_MUTE;
	assert_false(sweep_contradicts(s));
	assert_false(sweep_differs(s));
	free(s);
}

static void
format_is_a_line_a_server(void **state)
{
	(void)state;
	struct sweep_answer answers[3] = {
	    GOOD1, answer("ns2", IP_V4, ANSWER_MUTE), answer("ns3", IP_V4, ANSWER_BAD)};
	static const uint8_t octets[4] = {192, 0, 2, 1};
	for (size_t i = 0; i < 3; i++)
		memcpy(answers[i].endpoint.addr.octet, octets, 4);
	answers[0].ttl = 3600;
	answers[0].serial = 42;
	answers[1].lame = true;
	answers[1].endpoint.port = 5353;
	answers[2].serial = 41;
	struct sweep *s = sweep_of(answers, 3);
	struct buf out;
	buf_init(&out, 4096);
	sweep_format(s, &out);
	assert_string_equal(buf_str(&out), "ns1 192.0.2.1 good ttl=3600 serial=42\n"
					   "ns2 192.0.2.1#5353 mute lame (because)\n"
					   "ns3 192.0.2.1 bad (because)\n");
	hear(buf_str(&out));
	buf_clear(&out);
	s->answers[0].found = FOUND_NODATA;
	s->answers[0].denies_above = true;
	s->answers[1].former = true;
	s->answers[2].waived = true;
	sweep_format(s, &out);
	assert_string_equal(buf_str(&out), "ns1 192.0.2.1 good nodata ttl=3600 serial=42 denies-above\n"
					   "ns2 192.0.2.1#5353 mute lame former (because)\n"
					   "ns3 192.0.2.1 bad waived (because)\n");
	hear(buf_str(&out));
	buf_deinit(&out);
	free(s);
}

/* p= or nothing is wanted, and something else stands there; an alias of ours leads elsewhere. */
static void
judge_what_is_to_be_gone(void **state)
{
	static const struct {
		const char *line, *alias;
		enum key_expect expect;
		bool alias_wanted;
		const char *why;
	} cases[] = {
	    {TXT "\"" RECORD "\"", NULL, EXPECT_TOMBSTONE, false, "which is to be revoked"},
	    {TXT "\"" RECORD "\"", NULL, EXPECT_ABSENT, false, "which is to be gone"},
	    {TXT "\"v=DKIM1; p=\"", NULL, EXPECT_TOMBSTONE, false, ""},
	    {TXT "\"v=DKIM1; p=\"", NULL, EXPECT_ABSENT, false, "the revoked record"},
	    {TXT "\"" OTHER "\"", NULL, EXPECT_TOMBSTONE, false, "and no empty p="},
	    {TXT "\"" OTHER "\"", NULL, EXPECT_ABSENT, false, "another key stands there"},
	    {TXT "\"v=spf1 -all\"", NULL, EXPECT_TOMBSTONE, false, "no key record with an empty p="},
	    {TXT "\"v=spf1 -all\"", NULL, EXPECT_ABSENT, false, "that is no key"},
	    {NAME ". 60 IN CNAME u.example.", NULL, EXPECT_ABSENT, false, "a CNAME to u.example"},
	    {NAME ". 60 IN CNAME u.example.", "t.example", EXPECT_RECORD, true, "should lead to t.example"},
	    {NAME ". 60 IN CNAME u.example.", NULL, EXPECT_RECORD, true, "should lead to none"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const lines[] = {cases[i].line, NULL};
		struct judge_rule r = rule();
		struct dns_query q = {.end = DNS_END_REPLY, .fd = -1};
		struct judgement j;
		q.reply = packet(LDNS_RCODE_NOERROR, true, lines);
		r.alias = cases[i].alias;
		r.expect = cases[i].expect;
		r.alias_wanted = cases[i].alias_wanted;
		sweep_judge(&r, &q, &no_witness, &j);
		if ((j.verdict == ANSWER_GOOD) != (cases[i].why[0] == '\0') || strstr(j.why, cases[i].why) == NULL)
			fail_msg("case %zu: verdict %d, \"%s\"", i, (int)j.verdict, j.why);
		dns_query_deinit(&q);
	}
}

static void
judge_resolver_is_told_as_such(void **state)
{
	static const char *const lines[] = {TXT "\"" RECORD "\"", NULL};
	struct judge_rule r = rule();
	struct dns_query q = {.end = DNS_END_REPLY, .fd = -1};
	struct judgement j;
	(void)state;
	q.reply = packet(LDNS_RCODE_NOERROR, false, lines);
	ldns_pkt_set_ra(q.reply, true);
	sweep_judge(&r, &q, &no_witness, &j);
	assert_int_equal(j.verdict, ANSWER_MUTE);
	assert_non_null(strstr(j.why, "it may be a resolver"));
	dns_query_deinit(&q);
}

static void
passes_names_a_former_server_as_such(void **state)
{
	struct sweep_answer pair[2] = {GOOD1, BAD2};
	const struct sweep_patience patience = {3600, DAY};
	const int64_t since[2] = {NOW - DAY, NOW - DAY};
	const struct resolver_view nobody = {.word = RESOLVER_NOT_ASKED, .warn_at = NEVER};
	struct err why = ERR_INIT;
	(void)state;
	pair[1].former = true;
	struct sweep *s = sweep_of(pair, 2);
	assert_false(sweep_passes(s, since, &patience, NULL, &why));
	assert_non_null(strstr(why.text, "not listed any more"));
	free(s);
	pair[1] = MUTE2;
	s = sweep_of(pair, 2);
	assert_false(sweep_passes(s, since, &patience, &nobody, &why));
	assert_non_null(strstr(why.text, "no resolver was asked: ns2"));
	free(s);
}

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
	    cmocka_unit_test(judge_reply_has_verdict),
	    cmocka_unit_test(judge_signed_zone_follows_its_keys),
	    cmocka_unit_test(judge_wildcard_needs_both_siblings),
	    cmocka_unit_test(names_of_what_is_found),
	    cmocka_unit_test(judge_no_reply_is_mute),
	    cmocka_unit_test(judge_all_one_contradiction_is_bad),
	    cmocka_unit_test(passes_follows_k15),
	    cmocka_unit_test(silence_is_excused_with_a_resolver),
	    cmocka_unit_test(passes_names_the_bad_one_before_the_mute_one),
	    cmocka_unit_test(equal_compares_servers_and_excludes_bad),
	    cmocka_unit_test(passes_says_what_nobody_has_shown),
	    cmocka_unit_test(equal_compares_chains),
	    cmocka_unit_test(differs_is_more_than_gone),
	    cmocka_unit_test(format_is_a_line_a_server),
	    cmocka_unit_test(judge_what_is_to_be_gone),
	    cmocka_unit_test(judge_resolver_is_told_as_such),
	    cmocka_unit_test(passes_names_a_former_server_as_such),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
