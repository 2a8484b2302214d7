/* SPDX-License-Identifier: ISC */
/* Each judge of the catalogue, with what it is for and with a healthy near-miss; every sentence of the table is said. */
#include "base/base64.h"
#include "keys/diagnose.h"
#include "tests/unit/said.h"

#define NOW    1800000000
#define DOMAIN "d.test"
#define NAME   "sel._domainkey." DOMAIN
#define SLOT   "tok.slots.test"
#define ED     "v=DKIM1; k=ed25519; h=sha256; p=CwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo="
#define NONE   SAY_COUNT

static bool said[SAY_COUNT];
static char rsa[RECORD_LEN_MAX], rsa_other[RECORD_LEN_MAX];

struct fixture {
	struct seen *seen;
	struct diagnose_subject subject;
	struct publisher_conf publisher;
	struct sweep_former former;
};

static struct dns_endpoint
endpoint(unsigned nr)
{
	return (struct dns_endpoint){{IP_V4, {192, 0, 2, (uint8_t)nr}}, DNS_PORT};
}

static struct sweep_answer *
add_server(struct fixture *f, unsigned nr, uint8_t link)
{
	struct sweep *s = &f->seen->sweep;
	struct sweep_answer *a = &s->answers[s->count++];
	*a = (struct sweep_answer){.endpoint = endpoint(nr),
	    .link = link,
	    .verdict = ANSWER_GOOD,
	    .found = FOUND_RECORD,
	    .ttl = 600,
	    .serial = 42};
	snprintf(a->server, sizeof(a->server), "ns%u.test", nr);
	s->good++;
	return a;
}

static struct seen_reply *
add_reply(struct fixture *f, enum seen_what what, unsigned nr, uint8_t link, const char *name)
{
	struct seen_reply *r = seen_add(f->seen);
	assert_non_null(r);
	r->what = what;
	r->link = link;
	r->endpoint = endpoint(nr);
	r->aa = true;
	r->ttl = 600;
	r->type = what == SEEN_CNAME ? "CNAME" : what == SEEN_SOA ? "SOA" : what == SEEN_NS ? "NS" : "TXT";
	snprintf(r->name, sizeof(r->name), "%s", name);
	snprintf(r->server, sizeof(r->server), "ns%u.test", nr);
	return r;
}

static void
set_text(struct fixture *f, struct seen_reply *r, const char *text)
{
	r->texts[0] = seen_put_text(f->seen, slice_of(text));
	r->txts = 1;
	r->cnames = 0;
}

static struct seen_reply *
of(struct fixture *f, enum seen_what what, size_t nth)
{
	for (size_t i = 0; i < f->seen->reply_count; i++)
		if (f->seen->replies[i].what == what && nth-- == 0)
			return &f->seen->replies[i];
	fail_msg("no such reply");
	return NULL;
}

static void
add_link(struct fixture *f, const char *name, const char *zone)
{
	struct sweep_link *l = &f->seen->sweep.links[f->seen->sweep.link_count++];
	snprintf(l->name, sizeof(l->name), "%s", name);
	snprintf(l->zone, sizeof(l->zone), "%s", zone);
	snprintf(f->seen->sweep.zone, sizeof(f->seen->sweep.zone), "%s", zone);
}

static void
fill_server(struct fixture *f, unsigned nr, uint8_t link, const char *name)
{
	const char *zone = f->seen->sweep.links[link].zone;
	(void)add_server(f, nr, link);
	set_text(f, add_reply(f, SEEN_TXT, nr, link, name), (const char *)f->subject.expected.ptr);
	struct seen_reply *soa = add_reply(f, SEEN_SOA, nr, link, zone);
	soa->has_soa = true;
	soa->negative_s = 120;
	soa->tcp = TCP_OPEN;
	snprintf(add_reply(f, SEEN_NS, nr, link, zone)->hosts, SEEN_NS_LEN, "ns1.test ns2.test");
	set_text(f, add_reply(f, SEEN_CASE, nr, link, name), (const char *)f->subject.expected.ptr);
	if (link == 0)
		(void)add_reply(f, SEEN_ABOVE, nr, link, "_domainkey." DOMAIN);
	(void)add_reply(f, SEEN_CNAME, nr, link, name);
}

/* A key that signs, on two servers: nothing is wrong. */
static void
begin(struct fixture *f, const char *record)
{
	memset(f, 0, sizeof(*f));
	f->seen = seen_new();
	assert_non_null(f->seen);
	f->seen->swept = true;
	f->seen->sweep.negative_max_s = 120;
	f->subject = (struct diagnose_subject){.domain = DOMAIN,
	    .selector = "sel",
	    .name = NAME,
	    .expected = slice_of(record),
	    .role = ROLE_SIGNS,
	    .now = NOW};
	add_link(f, NAME, DOMAIN);
	fill_server(f, 1, 0, NAME);
	fill_server(f, 2, 0, NAME);
	snprintf(add_reply(f, SEEN_PARENT_NS, 9, 0, DOMAIN)->hosts, SEEN_NS_LEN, "ns1.test ns2.test");
}

/* The same through a CNAME into a zone of ours. */
static void
begin_slot(struct fixture *f)
{
	begin(f, ED);
	f->subject.alias = SLOT;
	for (size_t i = 0; i < 2; i++) {
		struct seen_reply *txt = of(f, SEEN_TXT, i), *cname = of(f, SEEN_CNAME, i);
		txt->txts = 0;
		txt->cnames = cname->cnames = 1;
		snprintf(txt->cname, sizeof(txt->cname), "%s", SLOT);
		snprintf(cname->cname, sizeof(cname->cname), "%s", SLOT);
		f->seen->sweep.answers[i].found = FOUND_ALIAS;
	}
	add_link(f, SLOT, "slots.test");
	fill_server(f, 3, 1, SLOT);
}

static void
lose(struct fixture *f, size_t nth, uint16_t rcode)
{
	struct seen_reply *txt = of(f, SEEN_TXT, nth), *cname = of(f, SEEN_CNAME, nth);
	struct sweep_answer *a = &f->seen->sweep.answers[nth];
	txt->txts = txt->cnames = cname->cnames = 0;
	txt->rcode = cname->rcode = of(f, SEEN_CASE, nth)->rcode = rcode;
	of(f, SEEN_CASE, nth)->txts = 0;
	txt->has_soa = cname->has_soa = true;
	txt->negative_s = cname->negative_s = 120;
	a->verdict = ANSWER_BAD;
	a->found = rcode == 3 ? FOUND_NXDOMAIN : FOUND_NODATA;
	snprintf(a->why, sizeof(a->why), "NXDOMAIN");
}

static void
lose_all(struct fixture *f, uint16_t rcode)
{
	lose(f, 0, rcode);
	lose(f, 1, rcode);
	/* an alias that is missing leads nowhere */
	if (f->subject.alias != NULL) {
		f->seen->sweep.link_count = 1;
		f->seen->sweep.count = 2;
	}
}

static void
mute(struct fixture *f, size_t nth)
{
	struct sweep_answer *a = &f->seen->sweep.answers[nth];
	a->verdict = ANSWER_MUTE;
	a->found = FOUND_UNKNOWN;
	snprintf(a->why, sizeof(a->why), "no answer in 4 s by UDP and TCP");
	of(f, SEEN_TXT, nth)->end = of(f, SEEN_CNAME, nth)->end = of(f, SEEN_CASE, nth)->end = SEEN_SILENT;
}

static bool
whose(void *arg, struct slice octets, char *out, size_t size)
{
	const char *record = arg;
	struct buf b;
	bool is = false;
	struct err err = ERR_INIT;
	buf_init(&b, RECORD_LEN_MAX);
	if (base64_decode(slice_of(strstr(record, "p=") + 2), &b, &err) == 0)
		is = slice_eq(buf_slice(&b), octets);
	buf_deinit(&b);
	snprintf(out, size, "old of other.test");
	return is;
}

static void
hear_all(const struct finding *one)
{
	hear(one->verdict);
	hear(one->is);
	hear(one->server);
	hear(one->mend);
	hear(one->asked);
}

/* What is found is just what is wanted, worded, and can be repeated. */
static void
judge(struct fixture *f, const char *name, const enum say *want, struct findings *out)
{
	const struct diagnose_known known = {whose, rsa_other};
	char got[256] = "", wanted[256] = "";
	diagnose_judge(&f->subject, f->seen, &known, out);
	for (size_t i = 0; i < out->count; i++) {
		const struct finding *one = &out->list[i];
		said[one->say] = true;
		hear_all(one);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s/%d", one->row->id, (int)one->say);
		if (one->verdict[0] == '\0' || (one->severity > SEVERITY_INFO && one->mend[0] == '\0'))
			fail_msg("%s: %s has no words", name, one->row->id);
		if (strchr(one->verdict, '%') != NULL)
			fail_msg("%s: %s", name, one->verdict);
		if (one->say != SAY_PUBLISH_FAILED && strncmp(one->asked, "dig ", 4) != 0)
			fail_msg("%s: %s cannot be repeated: \"%s\"", name, one->row->id, one->asked);
	}
	for (size_t i = 0; want[i] != NONE; i++)
		snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), " %s/%d", DIAGNOSES[want[i]].id, (int)want[i]);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s: found%s, want%s", name, got, wanted);
}

static struct findings *
judge_new(struct fixture *f, const char *name, const enum say *want)
{
	struct findings *out = findings_new();
	assert_non_null(out);
	judge(f, name, want, out);
	return out;
}

static void
end(struct fixture *f)
{
	seen_free(f->seen);
}

/* ---- records: what is served, and what is said of it */

struct record_case {
	const char *name;
	const char *expected; /* NULL: rsa */
	const char *served;   /* %r: rsa, %p: its p=, %o: other's p= */
	enum say want[3];
};
#define W(...) {__VA_ARGS__, NONE}

static const struct record_case RECORDS[] = {
    {"as published", NULL, "%r", {NONE}},
    {"other order, blanks beside =, final ;", NULL, "v=DKIM1;p=%p ;h = sha256;k=rsa;", {NONE}},
    {"no TXT of a key", NULL, "v=spf1 -all", W(SAY_NOT_A_KEY)},
    {"other key of ours", NULL, "v=DKIM1; k=rsa; h=sha256; p=%o", W(SAY_OTHER_KEY_OURS)},
    {"other key", ED, "v=DKIM1; k=ed25519; h=sha256; p=AAEODg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=", W(SAY_OTHER_KEY_UNKNOWN)},
    {"cut", NULL, "%r<255", W(SAY_CUT)},
    {"one letter in the DER", NULL, "%r^34", W(SAY_ALTERED)},
    {"one letter in the modulus", NULL, "%r^128", W(SAY_ALTERED)},
    {"one letter more", NULL, "%r+40", W(SAY_ALTERED)},
    {"one letter less", NULL, "%r-40", W(SAY_ALTERED)},
    {"cut in DER", NULL, "v=DKIM1; k=rsa; h=sha256; p=MIIBIjANBgkqhkiG", W(SAY_CUT)},
    {"without p=", NULL, "v=DKIM1; k=rsa", W(SAY_CUT)},
    {"cut, of another", NULL, "v=DKIM1; k=rsa; h=sha256; p=MIIBojANBgkqhkiGAAA=", W(SAY_CUT)},
    {"quotes", NULL, "\"%r\"", W(SAY_QUOTES)},
    {"backslashes", NULL, "v=DKIM1\\; k=rsa\\; h=sha256\\; p=%p", W(SAY_BACKSLASH)},
    {"blank in p=", ED, "v=DKIM1; k=ed25519; h=sha256; p=CwwNDg8QERITFBUW FxgZGhscHR4fICEiIyQlJicoKSo=", W(SAY_BLANK_IN_P)},
    {"split in v=", NULL, "v=DKIM 1; k=rsa; h=sha256; p=%p", W(SAY_SPLIT_TAG)},
    {"split in a name", NULL, "v=DKIM1; k=rsa; h x=sha256; p=%p", W(SAY_SPLIT_TAG)},
    {"blanks at colons", NULL, "v=DKIM1; k=rsa; h=sha256 : sha1; p=%p", W(SAY_TAG_LACKS)},
    {"comment", NULL, "v=DKIM1", W(SAY_SEMICOLON)},
    {"comment, blank", NULL, "v=DKIM1 ", W(SAY_SEMICOLON)},
    {"v= late", NULL, "k=rsa; v=DKIM1; h=sha256; p=%p", W(SAY_VERSION_LATE)},
    {"v= other", NULL, "v=dkim1; k=rsa; h=sha256; p=%p", W(SAY_VERSION_WRONG)},
    {"v= none", NULL, "k=rsa; h=sha256; p=%p", {SAY_TAG_LACKS, SAY_VERSION_NONE, NONE}},
    {"k= ed25519 for rsa", NULL, "v=DKIM1; k=ed25519; h=sha256; p=%p", W(SAY_WRONG_K)},
    {"k= none for ed25519", ED, "v=DKIM1; h=sha256; p=CwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=", W(SAY_WRONG_K)},
    {"k= none for rsa", NULL, "v=DKIM1; h=sha256; p=%p", W(SAY_TAG_LACKS)},
    {"ed25519 as SPKI", ED, "v=DKIM1; k=ed25519; h=sha256; p=MCowBQYDK2VwAyEACwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=",
	W(SAY_ED25519_SPKI)},
    {"ed25519", ED, ED, {NONE}},
    {"PEM armour", NULL, "v=DKIM1; p=-----BEGIN PUBLIC KEY-----%p-----END PUBLIC KEY-----", W(SAY_PEM)},
    {"private", NULL, "-----BEGIN PRIVATE KEY-----MIIEvQ==-----END PRIVATE KEY-----", W(SAY_PRIVATE_KEY)},
    {"private RSA", NULL, "-----BEGIN RSA PRIVATE KEY-----MIIEvQ==", W(SAY_PRIVATE_KEY)},
    /* PrivateKeyInfo begins SEQUENCE, INTEGER 0 */
    {"private without armour", NULL, "v=DKIM1; k=rsa; p=MIIEvQIBADANBgkqhkiG", W(SAY_PRIVATE_KEY)},
    {"h=sha1", NULL, "v=DKIM1; k=rsa; h=sha1; p=%p", W(SAY_NO_SHA256)},
    {"s=other", NULL, "v=DKIM1; k=rsa; h=sha256; s=tlsrpt; p=%p", W(SAY_NO_EMAIL)},
    {"s=email is none of ours", NULL, "v=DKIM1; k=rsa; h=sha256; s=email; p=%p", W(SAY_TAG_UNKNOWN)},
    {"s=* published", "v=DKIM1; k=ed25519; s=*; p=CwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=",
	"v=DKIM1; k=ed25519; s=*; p=CwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=", {NONE}},
    {"t=y", NULL, "v=DKIM1; k=rsa; h=sha256; t=y; p=%p", W(SAY_TESTING)},
    {"t=s", NULL, "v=DKIM1; k=rsa; h=sha256; t=s; p=%p", W(SAY_STRICT)},
    {"t=y:s", NULL, "v=DKIM1; k=rsa; h=sha256; t=y:s; p=%p", {SAY_TESTING, SAY_STRICT, NONE}},
    {"tag twice", NULL, "%r; k=rsa", W(SAY_TAG_TWICE)},
    {"tag unknown", NULL, "%r; n=note", W(SAY_TAG_UNKNOWN)},
    {"stray text", NULL, "%r; hello", W(SAY_STRAY_TEXT)},
    {"junk behind p=", NULL, "%r!", W(SAY_STRAY_TEXT)},
    {"curly quotes", NULL, "\342\200\234%r\342\200\235", W(SAY_NOT_ASCII)},
    {"revoked", NULL, "v=DKIM1; p=", W(SAY_REVOKED_ACTIVE)},
};

/* A letter at `at` is another one (^), doubled (+) or lost (-). */
static void
slip_at(char *text, char how, size_t at)
{
	size_t rest = strlen(text + at);
	if (how == '^')
		text[at] = text[at] == 'X' ? 'Y' : 'X';
	else if (how == '+')
		memmove(text + at + 1, text + at, rest + 1);
	else
		memmove(text + at, text + at + 1, rest);
}

static void
expand(const char *form, char out[static RECORD_LEN_MAX])
{
	size_t len = 0, limit = RECORD_LEN_MAX;
	const char *cut = strchr(form, '<');
	if (cut != NULL)
		limit = (size_t)strtoul(cut + 1, NULL, 10) + 1;
	const char *slip = strncmp(form, "%r", 2) == 0 && form[2] != '\0' && strchr("^+-", form[2]) != NULL ? form + 2 : NULL;
	for (; *form != '\0' && form != cut && form != slip; form++) {
		const char *put = NULL;
		if (*form == '%')
			put = form[1] == 'r' ? rsa : form[1] == 'p' ? strstr(rsa, "p=") + 2 : strstr(rsa_other, "p=") + 2;
		form += put != NULL;
		len += (size_t)snprintf(out + len, RECORD_LEN_MAX - len, "%.*s", put != NULL ? RECORD_LEN_MAX : 1,
		    put != NULL ? put : form);
	}
	if (limit > 0 && len + 1 > limit)
		out[limit - 1] = '\0';
	if (slip != NULL)
		slip_at(out, *slip, strtoul(slip + 1, NULL, 10));
}

static void
record_each_served_text_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(RECORDS) / sizeof(RECORDS[0]); i++) {
		const struct record_case *c = &RECORDS[i];
		struct fixture f;
		char served[RECORD_LEN_MAX];
		expand(c->served, served);
		begin(&f, c->expected == NULL ? rsa : c->expected);
		for (size_t n = 0; n < 2; n++) {
			set_text(&f, of(&f, SEEN_TXT, n), served);
			f.seen->sweep.answers[n].verdict = c->want[0] == NONE ? ANSWER_GOOD : ANSWER_BAD;
			f.seen->sweep.answers[n].found = c->want[0] == NONE ? FOUND_RECORD : FOUND_OTHER_KEY;
		}
		struct findings *out = judge_new(&f, c->name, c->want);
		for (size_t n = 0; n < out->count; n++) {
			/* the same as published spoils nothing while it is cached */
			if (out->list[n].until != NOW + 600 && out->list[n].say != SAY_BLANK_IN_P)
				fail_msg("%s: cached until %lld", c->name, (long long)out->list[n].until);
			if (out->list[n].say == SAY_PRIVATE_KEY && strstr(out->list[n].is, "MIIEv") != NULL)
				fail_msg("%s: the key is shown once more", c->name);
		}
		findings_free(out);
		end(&f);
	}
}

/* ---- names, servers, caches: a healthy set-up is changed, and judged */

static struct seen_reply *
variant(struct fixture *f, enum seen_variant v, const char *name)
{
	struct seen_reply *r = add_reply(f, SEEN_VARIANT, 1, 0, name);
	r->variant = v;
	if (f->subject.alias == NULL) {
		set_text(f, r, (const char *)f->subject.expected.ptr);
	} else {
		r->cnames = 1;
		snprintf(r->cname, sizeof(r->cname), "%s", f->subject.alias);
	}
	return r;
}

static void no_change(struct fixture *f) { (void)f; }
static void nxdomain(struct fixture *f) { lose_all(f, 3); }
static void nodata(struct fixture *f) { lose_all(f, 0); }
static void foreign_at_variant(struct fixture *f)
{
	lose_all(f, 3);
	set_text(f, variant(f, VARIANT_LEVEL, DOMAIN), "v=spf1 -all");
}
static void underscore(struct fixture *f)
{
	lose_all(f, 3);
	(void)variant(f, VARIANT_UNDERSCORE, "sel.domainkey." DOMAIN);
}
static void doubled(struct fixture *f)
{
	lose_all(f, 3);
	(void)variant(f, VARIANT_DOUBLED, NAME "." DOMAIN);
}
static void level(struct fixture *f)
{
	lose_all(f, 3);
	(void)variant(f, VARIANT_LEVEL, DOMAIN);
}
static void u_label(struct fixture *f)
{
	lose_all(f, 3);
	f->subject.typed = "m\303\274ller.test";
	(void)variant(f, VARIANT_U_LABEL, "sel._domainkey.m\\195\\188ller.test");
}
static void gone(struct fixture *f)
{
	lose_all(f, 3);
	f->seen->sweep.domain_gone = true;
}
static void not_delegated(struct fixture *f)
{
	lose_all(f, 3);
	f->subject.delegated = true;
}
static void delegated_and_missing(struct fixture *f)
{
	not_delegated(f);
	f->seen->sweep.delegated = true;
}
static void at_publisher(struct fixture *f)
{
	lose_all(f, 3);
	set_text(f, add_reply(f, SEEN_PUBLISHER, 7, 0, NAME), ED);
}
static void at_publisher_that_is_listed(struct fixture *f)
{
	lose_all(f, 3);
	set_text(f, add_reply(f, SEEN_PUBLISHER, 1, 0, NAME), "v=spf1 -all");
}
static void at_former(struct fixture *f)
{
	lose_all(f, 3);
	fill_server(f, 8, 0, NAME);
	f->seen->sweep.answers[2].former = true;
}
static void aim(struct fixture *f, const char *target)
{
	for (size_t i = 0; i < 2; i++) {
		snprintf(of(f, SEEN_TXT, i)->cname, SWEEP_NAME_LEN, "%s", target);
		snprintf(of(f, SEEN_CNAME, i)->cname, SWEEP_NAME_LEN, "%s", target);
		f->seen->sweep.answers[i].verdict = ANSWER_BAD;
	}
	f->seen->sweep.link_count = 1;
	f->seen->sweep.count = 2;
}
static void target_doubled(struct fixture *f) { aim(f, SLOT "." DOMAIN); }
static void target_other(struct fixture *f) { aim(f, "tok.slots.testing"); }
static void target_upper(struct fixture *f)
{
	snprintf(of(f, SEEN_CNAME, 0)->cname, SWEEP_NAME_LEN, "TOK.slots.test");
}
static void flat(struct fixture *f, const char *text)
{
	aim(f, "");
	for (size_t i = 0; i < 2; i++) {
		set_text(f, of(f, SEEN_TXT, i), text);
		of(f, SEEN_CNAME, i)->cnames = 0;
	}
}
static void flat_other(struct fixture *f) { flat(f, "v=spf1 -all"); }
static void flat_today(struct fixture *f) { flat(f, ED); }
static void proxied(struct fixture *f)
{
	lose_all(f, 0);
	add_reply(f, SEEN_ADDRESS, 1, 0, NAME)->addresses = 2;
}
static void beside(struct fixture *f)
{
	set_text(f, of(f, SEEN_TXT, 0), "v=spf1 -all");
}
static void txt_fails(struct fixture *f)
{
	mute(f, 0);
	of(f, SEEN_CNAME, 0)->end = SEEN_REPLY;
	of(f, SEEN_TXT, 0)->end = SEEN_REPLY;
	of(f, SEEN_TXT, 0)->cnames = 0;
	of(f, SEEN_TXT, 0)->rcode = 2;
}
static void dangling(struct fixture *f) { lose(f, 2, 3); }
static void dangling_at_publisher(struct fixture *f)
{
	lose(f, 2, 3);
	set_text(f, add_reply(f, SEEN_PUBLISHER, 7, 0, SLOT), ED);
}
static void loop(struct fixture *f)
{
	struct seen_reply *last = of(f, SEEN_TXT, 2);
	last->txts = 0;
	last->cnames = 1;
	snprintf(last->cname, sizeof(last->cname), NAME);
	f->seen->sweep.answers[2].verdict = ANSWER_BAD;
	f->seen->sweep.answers[2].found = FOUND_ALIAS;
}
static void loop_in_steps(struct fixture *f)
{
	txt_fails(f);
	struct seen_reply *step = add_reply(f, SEEN_STEP, 1, 0, SLOT);
	step->cnames = 1;
	snprintf(step->cname, sizeof(step->cname), NAME);
}
static void chain(struct fixture *f)
{
	add_link(f, "a.test", "slots.test");
	add_link(f, "b.test", "slots.test");
	add_link(f, "c.test", "slots.test");
	f->seen->sweep.answers[2].link = 4;
	for (size_t i = 0; i < f->seen->reply_count; i++)
		if (f->seen->replies[i].link == 1)
			f->seen->replies[i].link = 4;
}
static void cname_nowhere(struct fixture *f)
{
	for (size_t i = 0; i < 2; i++) {
		of(f, SEEN_TXT, i)->txts = 0;
		of(f, SEEN_TXT, i)->cnames = 1;
		snprintf(of(f, SEEN_TXT, i)->cname, SWEEP_NAME_LEN, "x.test");
		f->seen->sweep.answers[i].found = FOUND_ALIAS;
	}
	add_link(f, "x.test", "test");
	fill_server(f, 3, 1, "x.test");
	lose(f, 2, 3);
}
static void several(struct fixture *f)
{
	for (size_t i = 0; i < 2; i++) {
		struct seen_reply *r = of(f, SEEN_TXT, i);
		r->texts[1] = seen_put_text(f->seen, slice_of("v=spf1 -all"));
		r->txts = 2;
		f->seen->sweep.answers[i].verdict = ANSWER_BAD;
		f->seen->sweep.answers[i].found = FOUND_SEVERAL;
	}
}
static void sibling(struct fixture *f, const char *text)
{
	f->seen->sweep.wildcard = true;
	set_text(f, add_reply(f, SEEN_SIBLING, 1, 0, "random._domainkey." DOMAIN), text);
}
static void wildcard(struct fixture *f)
{
	for (size_t i = 0; i < 2; i++) {
		set_text(f, of(f, SEEN_TXT, i), "v=spf1 -all");
		f->seen->sweep.answers[i].verdict = ANSWER_BAD;
		f->seen->sweep.answers[i].found = FOUND_OTHER_TEXT;
	}
	sibling(f, "v=spf1 -all");
}
static void wildcard_beside(struct fixture *f) { sibling(f, "v=spf1 -all"); }
static void stale(struct fixture *f) { lose(f, 1, 3); }
static void lame(struct fixture *f)
{
	mute(f, 1);
	of(f, SEEN_TXT, 1)->end = of(f, SEEN_CNAME, 1)->end = of(f, SEEN_CASE, 1)->end = SEEN_REPLY;
	of(f, SEEN_TXT, 1)->rcode = 5;
	of(f, SEEN_TXT, 1)->txts = 0;
}
static void silent(struct fixture *f) { mute(f, 1); }
static void no_route(struct fixture *f)
{
	mute(f, 1);
	f->seen->sweep.answers[1].family_unroutable = true;
}
static void cut_no_tcp(struct fixture *f)
{
	mute(f, 1);
	of(f, SEEN_TXT, 1)->end = SEEN_CUT_UDP;
}
static void former_is_mute(struct fixture *f)
{
	fill_server(f, 8, 0, NAME);
	mute(f, 2);
	f->seen->sweep.answers[2].former = true;
}
static void no_tcp(struct fixture *f) { of(f, SEEN_SOA, 0)->tcp = TCP_REFUSED; }
static void ns_differ(struct fixture *f) { snprintf(of(f, SEEN_PARENT_NS, 0)->hosts, SEEN_NS_LEN, "ns1.test ns3.test"); }
static void ttl_long(struct fixture *f) { of(f, SEEN_TXT, 0)->ttl = 86401; }
static void ttl_day(struct fixture *f) { of(f, SEEN_TXT, 0)->ttl = 86400; }
static void ttl_short(struct fixture *f) { of(f, SEEN_TXT, 0)->ttl = 59; }
static void ttl_minute(struct fixture *f) { of(f, SEEN_TXT, 0)->ttl = 60; }
static void negative_long(struct fixture *f) { of(f, SEEN_SOA, 0)->negative_s = 3601; }
static void negative_hour(struct fixture *f) { of(f, SEEN_SOA, 0)->negative_s = 3600; }
static void edns(struct fixture *f) { of(f, SEEN_TXT, 0)->no_edns = true; }
static void notimp(struct fixture *f)
{
	lame(f);
	of(f, SEEN_TXT, 1)->rcode = 4;
}
static void case_lost(struct fixture *f) { of(f, SEEN_CASE, 0)->case_kept = false; }
static void denies_above(struct fixture *f) { of(f, SEEN_ABOVE, 0)->rcode = 3; }
static void above_and_nothing_below(struct fixture *f)
{
	lose_all(f, 3);
	of(f, SEEN_ABOVE, 0)->rcode = 3;
}
static void bogus(struct fixture *f)
{
	f->seen->sweep.links[0].zone_signed = true;
	f->seen->sweep.answers[0].verdict = ANSWER_BAD;
	snprintf(f->seen->sweep.answers[0].why, 100, "its signature has expired");
}
static void signed_zone(struct fixture *f) { f->seen->sweep.links[0].zone_signed = true; }

static struct resolver_answer *
poll_one(struct fixture *f)
{
	f->seen->resolvers_asked = true;
	f->seen->poll.count = 1;
	f->seen->poll.ended_at = NOW;
	f->seen->poll.answers[0] = (struct resolver_answer){.resolver = endpoint(53), .verdict = ANSWER_BAD, .ttl = 77};
	add_reply(f, SEEN_RESOLVER_TXT, 53, 0, NAME)->recurse = true;
	return &f->seen->poll.answers[0];
}
static void cached_none(struct fixture *f) { poll_one(f)->found = FOUND_NXDOMAIN; }
static void cached_old(struct fixture *f) { poll_one(f)->found = FOUND_OTHER_KEY; }
static void cached_good(struct fixture *f) { poll_one(f)->verdict = ANSWER_GOOD; }
static void resolver_silent(struct fixture *f) { poll_one(f)->verdict = ANSWER_MUTE; }
static void bogus_resolver(struct fixture *f)
{
	struct resolver_answer *a = poll_one(f);
	a->verdict = ANSWER_MUTE;
	a->bogus = true;
	of(f, SEEN_RESOLVER_TXT, 0)->ede = 7;
}
static void all_fail(struct fixture *f)
{
	f->seen->swept = false;
	snprintf(f->seen->why.text, sizeof(f->seen->why.text), "SERVFAIL everywhere");
	struct seen_reply *r = add_reply(f, SEEN_RESOLVER_UNCHECKED, 53, 0, DOMAIN);
	r->rcode = 2;
	r->recurse = r->unchecked = true;
}
static void cannot_tell(struct fixture *f)
{
	all_fail(f);
	of(f, SEEN_RESOLVER_UNCHECKED, 0)->rcode = 0;
}
static void blocked(struct fixture *f)
{
	f->seen->swept = false;
	f->seen->sweep.obstruction = OBSTRUCTION_BLOCKED;
}
static void intercepted(struct fixture *f)
{
	blocked(f);
	f->seen->sweep.obstruction = OBSTRUCTION_INTERCEPTED;
}
static void publish_failed(struct fixture *f) { f->subject.publisher_words = "192.0.2.7: BADKEY: it has no key named x"; }
static void still_there(struct fixture *f)
{
	f->subject.expect = EXPECT_TOMBSTONE;
	f->subject.role = ROLE_GOING;
	for (size_t i = 0; i < 2; i++)
		f->seen->sweep.answers[i].verdict = ANSWER_BAD;
}
static void tombstone(struct fixture *f)
{
	f->subject.expect = EXPECT_TOMBSTONE;
	f->subject.role = ROLE_GOING;
	for (size_t i = 0; i < 2; i++) {
		set_text(f, of(f, SEEN_TXT, i), "v=DKIM1; p=");
		f->seen->sweep.answers[i].found = FOUND_TOMBSTONE;
	}
}

static void beside_txt(struct fixture *f)
{
	struct seen_reply *cname = of(f, SEEN_CNAME, 0);
	cname->cnames = 1;
	snprintf(cname->cname, sizeof(cname->cname), "x.test");
}
static void txt_is_silent(struct fixture *f)
{
	mute(f, 0);
	of(f, SEEN_CNAME, 0)->end = SEEN_REPLY;
	of(f, SEEN_TXT, 0)->cnames = 0;
}
static void txt_has_rcode_11(struct fixture *f)
{
	txt_fails(f);
	of(f, SEEN_TXT, 0)->rcode = 11;
}
static void dangling_without_soa(struct fixture *f)
{
	dangling(f);
	of(f, SEEN_TXT, 2)->rcode = of(f, SEEN_CASE, 2)->rcode = 0;
	of(f, SEEN_TXT, 2)->has_soa = false;
}
static void loop_of_own(struct fixture *f)
{
	txt_fails(f);
	for (int i = 0; i < 2; i++) {
		struct seen_reply *step = add_reply(f, SEEN_STEP, 1, 0, i == 0 ? SLOT : "b.test");
		step->cnames = 1;
		snprintf(step->cname, sizeof(step->cname), "%s", i == 0 ? "b.test" : SLOT);
	}
}
static void steps_that_end(struct fixture *f)
{
	txt_fails(f);
	struct seen_reply *step = add_reply(f, SEEN_STEP, 1, 0, SLOT);
	step->cnames = 1;
	snprintf(step->cname, sizeof(step->cname), "b.test");
	(void)add_reply(f, SEEN_STEP, 1, 0, "b.test");
}
static void chain_without_end(struct fixture *f)
{
	while (f->seen->sweep.link_count < SWEEP_LINKS_MAX)
		add_link(f, "n.test", "slots.test");
	const uint8_t last = SWEEP_LINKS_MAX - 1;
	struct seen_reply *r = of(f, SEEN_TXT, 2);
	for (size_t i = 0; i < f->seen->reply_count; i++)
		if (f->seen->replies[i].link == 1)
			f->seen->replies[i].link = last;
	f->seen->sweep.answers[2].link = last;
	f->seen->sweep.answers[2].found = FOUND_ALIAS;
	f->seen->sweep.answers[2].verdict = ANSWER_BAD;
	r->txts = 0;
	r->cnames = 1;
	snprintf(r->cname, sizeof(r->cname), "more.test");
}
static void wildcard_of_aliases(struct fixture *f)
{
	f->seen->sweep.wildcard = true;
	struct seen_reply *r = add_reply(f, SEEN_SIBLING, 1, 0, "random._domainkey." DOMAIN);
	r->cnames = 1;
	snprintf(r->cname, sizeof(r->cname), "x.test");
}
static void wildcard_seen_elsewhere(struct fixture *f) { f->seen->sweep.wildcard = true; }
static void wildcard_that_is_empty(struct fixture *f)
{
	f->seen->sweep.wildcard = true;
	(void)add_reply(f, SEEN_SIBLING, 1, 0, "random._domainkey." DOMAIN);
}
static void stale_other(struct fixture *f)
{
	struct seen_reply *txt = of(f, SEEN_TXT, 1);
	lose(f, 1, 3);
	set_text(f, txt, "v=DKIM1; k=ed25519; p=AAEODg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo=");
	txt->rcode = of(f, SEEN_CASE, 1)->rcode = 0;
	txt->ttl = 60;
}
static void bogus_alias(struct fixture *f)
{
	bogus(f);
	f->seen->sweep.answers[1].verdict = ANSWER_BAD;
	f->seen->sweep.answers[1].found = FOUND_RECORD;
	snprintf(f->seen->sweep.answers[1].why, 100, "its signature has expired");
	f->seen->sweep.answers[0].found = FOUND_ALIAS;
}
static void formerr(struct fixture *f)
{
	lame(f);
	of(f, SEEN_TXT, 1)->rcode = 1;
}
static void case_silent(struct fixture *f) { of(f, SEEN_CASE, 0)->end = SEEN_SILENT; }
static void case_closed(struct fixture *f) { of(f, SEEN_CASE, 0)->end = SEEN_CUT_UDP; }
static void case_other(struct fixture *f)
{
	of(f, SEEN_CASE, 0)->case_kept = true;
	of(f, SEEN_CASE, 0)->rcode = 3;
}
static void case_fine(struct fixture *f) { of(f, SEEN_CASE, 0)->case_kept = true; }
static void denies_above_with_soa(struct fixture *f)
{
	denies_above(f);
	of(f, SEEN_ABOVE, 0)->has_soa = true;
	of(f, SEEN_ABOVE, 0)->negative_s = 120;
}
static void above_is_alias(struct fixture *f)
{
	denies_above(f);
	of(f, SEEN_ABOVE, 0)->cnames = 1;
}
static void negative_of_nsec(struct fixture *f)
{
	negative_long(f);
	f->seen->sweep.negative_max_s = 7200;
}
static void still_there_by_hand(struct fixture *f)
{
	still_there(f);
	f->subject.by_hand = true;
}
static void still_there_to_be_gone(struct fixture *f)
{
	still_there_by_hand(f);
	f->subject.expect = EXPECT_ABSENT;
}
static void foreign_to_be_gone(struct fixture *f)
{
	still_there(f);
	f->subject.expect = EXPECT_ABSENT;
	for (size_t i = 0; i < 2; i++)
		set_text(f, of(f, SEEN_TXT, i), "v=spf1 -all");
}
static void cached_elsewhere(struct fixture *f)
{
	poll_one(f)->found = FOUND_NXDOMAIN;
	of(f, SEEN_RESOLVER_TXT, 0)->endpoint = endpoint(54);
}
static void all_mute(struct fixture *f)
{
	mute(f, 0);
	mute(f, 1);
	struct seen_reply *r = add_reply(f, SEEN_RESOLVER_UNCHECKED, 53, 0, DOMAIN);
	r->rcode = 2;
	r->recurse = r->unchecked = true;
}

static void several_foreign(struct fixture *f)
{
	several(f);
	for (size_t i = 0; i < 2; i++)
		of(f, SEEN_TXT, i)->texts[0] = of(f, SEEN_TXT, i)->texts[1];
}
static void revoked_in_overlap(struct fixture *f)
{
	f->subject.role = ROLE_OVERLAP;
	for (size_t i = 0; i < 2; i++) {
		set_text(f, of(f, SEEN_TXT, i), "v=DKIM1; p=");
		f->seen->sweep.answers[i].verdict = ANSWER_BAD;
		f->seen->sweep.answers[i].found = FOUND_TOMBSTONE;
	}
}
static void alias_to_be_revoked(struct fixture *f)
{
	still_there(f);
	for (size_t i = 0; i < 2; i++) {
		of(f, SEEN_TXT, i)->txts = 0;
		of(f, SEEN_TXT, i)->cnames = 1;
		snprintf(of(f, SEEN_TXT, i)->cname, SWEEP_NAME_LEN, "x.test");
	}
}
static void two_are_stale(struct fixture *f)
{
	fill_server(f, 3, 0, NAME);
	lose(f, 1, 3);
	lose(f, 2, 3);
}
static void another_port(struct fixture *f)
{
	ttl_long(f);
	of(f, SEEN_TXT, 0)->endpoint.port = 5353;
	f->seen->sweep.answers[0].endpoint.port = 5353;
}
static void server_without_name(struct fixture *f)
{
	ttl_long(f);
	snprintf(of(f, SEEN_TXT, 0)->server, SWEEP_NAME_LEN, "192.0.2.1");
}

struct change_case {
	const char *name;
	bool slot;
	void (*change)(struct fixture *);
	enum say want[4];
	int64_t until; /* after NOW, of the first; 0: NEVER or not looked at */
};

static const struct change_case CHANGES[] = {
    {"healthy", false, no_change, {NONE}, 0},
    {"healthy slot", true, no_change, {NONE}, 0},
    {"D01", false, nxdomain, W(SAY_NO_RECORD), 120},
    {"D01 alias", true, nxdomain, W(SAY_NO_RECORD), 120},
    {"D01 with a foreign TXT at the apex", false, foreign_at_variant, W(SAY_NO_RECORD), 120},
    {"D01 gone", false, gone, W(SAY_DOMAIN_GONE), 0},
    {"D01 not delegated", false, not_delegated, W(SAY_NOT_DELEGATED), 120},
    {"D01 delegated", false, delegated_and_missing, W(SAY_NO_RECORD), 120},
    {"D02", false, nodata, W(SAY_NO_DATA), 120},
    {"D03", false, underscore, W(SAY_UNDERSCORE), 120},
    {"D03 alias", true, underscore, W(SAY_UNDERSCORE_ALIAS), 120},
    {"D04", false, doubled, W(SAY_DOUBLED), 120},
    {"D05", true, target_doubled, W(SAY_TARGET_DOUBLED), 600},
    {"D06", true, target_other, W(SAY_OTHER_TARGET), 600},
    {"D06 case does not matter", true, target_upper, {NONE}, 0},
    {"D07", true, flat_other, W(SAY_TXT_FOR_ALIAS), 600},
    {"D07 today", true, flat_today, W(SAY_TXT_FOR_ALIAS_TODAY), 0},
    {"D07 reverse", false, cname_nowhere, W(SAY_ALIAS_FOR_TXT), 600},
    {"D08", true, beside, W(SAY_BESIDE), 600},
    {"D09", true, loop, W(SAY_LOOP), 600},
    {"D09 in steps", true, loop_in_steps, W(SAY_LOOP), 600},
    {"D09 long", true, chain, W(SAY_LONG_CHAIN), 0},
    {"D10", true, dangling, W(SAY_DANGLING), 120},
    {"D11", true, txt_fails, W(SAY_TXT_FAILS_AT_ALIAS), 0},
    {"D12", false, several, W(SAY_SEVERAL), 600},
    {"D29 still there", false, still_there, W(SAY_STILL_THERE), 600},
    {"D29 as it should be", false, tombstone, {NONE}, 0},
    {"D31", false, wildcard, W(SAY_WILDCARD), 600},
    {"D31 beside", false, wildcard_beside, W(SAY_WILDCARD_BESIDE), 0},
    {"D32", false, stale, W(SAY_STALE), 120},
    {"D33", false, lame, W(SAY_LAME), 0},
    {"D34", false, ns_differ, W(SAY_NS_DIFFER), 0},
    {"D35", false, silent, W(SAY_SILENT), 0},
    {"D35 no route", false, no_route, W(SAY_NO_ROUTE), 0},
    {"D35 of a former one", false, former_is_mute, {NONE}, 0},
    {"D36", false, cached_none, W(SAY_CACHED_NONE), 77},
    {"D37", false, cached_old, W(SAY_CACHED_OLD), 77},
    {"a resolver that has it", false, cached_good, {NONE}, 0},
    {"a resolver that is silent", false, resolver_silent, {NONE}, 0},
    {"D38", false, bogus, W(SAY_BOGUS), 600},
    {"D38 signed", false, signed_zone, {NONE}, 0},
    {"D38 resolver", false, bogus_resolver, W(SAY_BOGUS_RESOLVER), 0},
    {"D39", false, all_fail, W(SAY_ALL_FAIL), 0},
    {"D00", false, cannot_tell, W(SAY_CANNOT_TELL), 0},
    {"D40 cut", false, cut_no_tcp, W(SAY_CUT_NO_TCP), 0},
    {"D40 small answer", false, no_tcp, {NONE}, 0},
    {"D41", false, ttl_long, W(SAY_TTL_LONG), 0},
    {"D41 a day", false, ttl_day, {NONE}, 0},
    {"D41 short", false, ttl_short, W(SAY_TTL_SHORT), 0},
    {"D41 a minute", false, ttl_minute, {NONE}, 0},
    {"D42", false, negative_long, W(SAY_NEGATIVE_LONG), 0},
    {"D42 an hour", false, negative_hour, {NONE}, 0},
    {"D43", false, level, W(SAY_WRONG_LEVEL), 120},
    {"D44", false, at_publisher, W(SAY_NOT_SERVED_THERE), 120},
    {"D44 slot", true, dangling_at_publisher, W(SAY_NOT_SERVED_THERE), 120},
    {"D44 listed", false, at_publisher_that_is_listed, W(SAY_NO_RECORD), 120},
    {"D44 former", false, at_former, W(SAY_FORMER), 120},
    {"D45", true, proxied, W(SAY_PROXIED), 600},
    {"D46", false, edns, W(SAY_EDNS), 0},
    {"D46 NOTIMP", false, notimp, W(SAY_EDNS), 0},
    {"D46 case", false, case_lost, W(SAY_CASE), 0},
    {"D47", false, u_label, W(SAY_U_LABEL), 120},
    {"D48", false, publish_failed, W(SAY_PUBLISH_FAILED), 0},
    {"D49", false, blocked, W(SAY_BLOCKED), 0},
    {"D50", false, intercepted, W(SAY_INTERCEPTED), 0},
    {"D51", false, denies_above, W(SAY_DENIES_ABOVE), 0},
    {"D08 TXT wanted", false, beside_txt, W(SAY_BESIDE), 600},
    {"D09 among others", true, loop_of_own, W(SAY_LOOP), 600},
    {"D09 without end", true, chain_without_end, W(SAY_LONG_CHAIN), 600},
    {"D10 no TXT, no SOA", true, dangling_without_soa, W(SAY_DANGLING), 0},
    {"D11 silent", true, txt_is_silent, W(SAY_TXT_FAILS_AT_ALIAS), 0},
    {"D11 other rcode", true, txt_has_rcode_11, W(SAY_TXT_FAILS_AT_ALIAS), 0},
    {"D11 steps that end", true, steps_that_end, W(SAY_TXT_FAILS_AT_ALIAS), 0},
    {"D29 by hand", false, still_there_by_hand, W(SAY_STILL_THERE), 600},
    {"D29 to be gone", false, still_there_to_be_gone, W(SAY_STILL_THERE), 600},
    {"D29 another to be gone", false, foreign_to_be_gone, W(SAY_STILL_THERE), 600},
    {"D31 of aliases", false, wildcard_of_aliases, W(SAY_WILDCARD_BESIDE), 0},
    {"D31 no sibling", false, wildcard_seen_elsewhere, {NONE}, 0},
    {"D31 empty sibling", false, wildcard_that_is_empty, {NONE}, 0},
    {"D32 other text", false, stale_other, W(SAY_OTHER_KEY_UNKNOWN, SAY_STALE), 60},
    {"D36 of another resolver", false, cached_elsewhere, {NONE}, 0},
    {"D38 alias", true, bogus_alias, W(SAY_BOGUS, SAY_BOGUS), 600},
    {"D39 mute", false, all_mute, W(SAY_SILENT, SAY_SILENT, SAY_ALL_FAIL), 0},
    {"D42 NSEC", false, negative_of_nsec, W(SAY_NEGATIVE_LONG), 0},
    {"D46 FORMERR", false, formerr, W(SAY_EDNS), 0},
    {"D46 case silent", false, case_silent, W(SAY_CASE), 0},
    {"D46 case cut", false, case_closed, {NONE}, 0},
    {"D46 case other", false, case_other, W(SAY_CASE), 0},
    {"D46 case fine", false, case_fine, {NONE}, 0},
    {"D12 ours is not there", false, several_foreign, W(SAY_SEVERAL), 600},
    {"D29 in overlap", false, revoked_in_overlap, W(SAY_REVOKED_ACTIVE), 600},
    {"D29 an alias", false, alias_to_be_revoked, W(SAY_STILL_THERE), 600},
    {"D32 two of three", false, two_are_stale, W(SAY_STALE), 120},
    {"D41 another port", false, another_port, W(SAY_TTL_LONG), 0},
    {"D41 a server without a name", false, server_without_name, W(SAY_TTL_LONG), 0},
    {"D51 with SOA", false, denies_above_with_soa, W(SAY_DENIES_ABOVE), 120},
    {"D51 alias above", false, above_is_alias, {NONE}, 0},
    {"D51 nothing below", false, above_and_nothing_below, W(SAY_NO_RECORD), 120},
};

static void
changes_each_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		const struct change_case *c = &CHANGES[i];
		struct fixture f;
		if (c->slot)
			begin_slot(&f);
		else
			begin(&f, ED);
		c->change(&f);
		struct findings *out = judge_new(&f, c->name, c->want);
		if (c->until > 0 && out->list[0].until != NOW + c->until)
			fail_msg("%s: cached until %lld s from now", c->name, (long long)(out->list[0].until - NOW));
		findings_free(out);
		end(&f);
	}
}

/* 4096 bits: more than 512 octets. */
static void
tcp_large_answer_is_told(void **state)
{
	(void)state;
	struct fixture f;
	char large[RECORD_LEN_MAX];
	size_t len = strlen(rsa);
	snprintf(large, sizeof(large), "%s", rsa);
	memset(large + len, 'A', 200);
	large[len + 200] = '\0';
	begin(&f, large);
	no_tcp(&f);
	struct findings *out = findings_new();
	assert_non_null(out);
	diagnose_judge(&f.subject, f.seen, NULL, out);
	assert_true(findings_have(out, SAY_NO_TCP));
	said[SAY_NO_TCP] = true;
	for (size_t i = 0; i < out->count; i++)
		hear_all(&out->list[i]);
	of(&f, SEEN_SOA, 0)->tcp = TCP_SILENT;
	diagnose_judge(&f.subject, f.seen, NULL, out);
	for (size_t i = 0; i < out->count; i++)
		hear_all(&out->list[i]);
	findings_free(out);
	end(&f);
}

/* A form that takes 512 characters. */
static void
cut_at_512_is_told(void **state)
{
	(void)state;
	struct fixture f;
	char large[RECORD_LEN_MAX], served[513];
	size_t len = strlen(rsa);
	snprintf(large, sizeof(large), "%s", rsa);
	memset(large + len, 'A', 300);
	large[len + 300] = '\0';
	begin(&f, large);
	memcpy(served, large, 512);
	served[512] = '\0';
	for (size_t i = 0; i < 2; i++) {
		set_text(&f, of(&f, SEEN_TXT, i), served);
		f.seen->sweep.answers[i].verdict = ANSWER_BAD;
	}
	findings_free(judge_new(&f, "cut at 512", (const enum say[])W(SAY_CUT)));
	end(&f);
}

/* RFC 8914: what the resolver adds to its SERVFAIL. */
static void
resolver_tells_why_it_refuses(void **state)
{
	(void)state;
	for (int code = 0; code < 30; code++) {
		struct fixture f;
		begin(&f, ED);
		bogus_resolver(&f);
		of(&f, SEEN_RESOLVER_TXT, 0)->ede = code;
		findings_free(judge_new(&f, "extended error", (const enum say[])W(SAY_BOGUS_RESOLVER)));
		end(&f);
	}
}

/* What the primary, or an API, may answer. */
static void
publication_each_refusal_has_its_mend(void **state)
{
	static const char *const words[] = {"BADSIG", "BADKEY", "BADTIME", "BADTRUNC", "NOTZONE", "NOTAUTH", "REFUSED",
	    "NOTIMP", "SERVFAIL", "YXRRSET", "NXRRSET", "the disk is full"};
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[80];
		struct fixture f;
		snprintf(text, sizeof(text), "192.0.2.7 port 53: %s", words[i]);
		begin(&f, ED);
		f.subject.publisher_words = text;
		findings_free(judge_new(&f, words[i], (const enum say[])W(SAY_PUBLISH_FAILED)));
		end(&f);
	}
}

static void
bits_short_keys_are_told(void **state)
{
	(void)state;
	/* 1024 and 768 bits, PKCS#1 of 2048 bits; public keys whose private halves were never kept */
	static const struct {
		const char *p;
		enum say want[3];
	} rows[] = {
#include "fixture_short_keys.h"
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		char record[RECORD_LEN_MAX];
		snprintf(record, sizeof(record), "v=DKIM1; k=rsa; h=sha256; p=%s", rows[i].p);
		begin(&f, record);
		findings_free(judge_new(&f, "a short key", rows[i].want));
		end(&f);
	}
}

static void
temper_what_no_mail_hangs_on_is_less(void **state)
{
	(void)state;
	static const struct {
		enum subject_role role;
		bool others_sign, fresh, person;
		enum severity want;
	} rows[] = {
	    {ROLE_SIGNS, false, false, false, SEVERITY_FATAL},
	    {ROLE_SIGNS, true, true, false, SEVERITY_FATAL},
	    {ROLE_OVERLAP, true, false, false, SEVERITY_FATAL},
	    {ROLE_COMING, false, false, false, SEVERITY_FATAL},
	    {ROLE_COMING, false, true, false, SEVERITY_INFO},
	    {ROLE_COMING, true, false, false, SEVERITY_WARNING},
	    {ROLE_COMING, true, true, false, SEVERITY_INFO},
	    {ROLE_COMING, true, false, true, SEVERITY_INFO},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		begin(&f, ED);
		lose_all(&f, 3);
		f.subject.role = rows[i].role;
		f.subject.others_sign = rows[i].others_sign;
		f.subject.fresh = rows[i].fresh;
		f.subject.waits_for_person = rows[i].person;
		struct findings *out = judge_new(&f, "tempered", (const enum say[])W(SAY_NO_RECORD));
		if (out->list[0].severity != rows[i].want)
			fail_msg("row %zu: %s", i, severity_name(out->list[0].severity));
		assert_int_equal(findings_worst(out), rows[i].want);
		findings_free(out);
		end(&f);
	}
	/* the CNAME of a slot is a person's: it does not come by waiting */
	struct fixture f;
	begin_slot(&f);
	lose_all(&f, 3);
	f.subject.role = ROLE_COMING;
	f.subject.fresh = true;
	struct findings *out = judge_new(&f, "alias", (const enum say[])W(SAY_NO_RECORD));
	assert_int_equal(out->list[0].severity, SEVERITY_FATAL);
	findings_free(out);
	end(&f);
}

static void
words_can_be_pasted(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, ED);
	doubled(&f);
	struct findings *out = judge_new(&f, "D04", (const enum say[])W(SAY_DOUBLED));
	assert_string_equal(out->list[0].verdict, "The provider appended the domain to the name.");
	assert_string_equal(out->list[0].mend, "enter the host as  sel._domainkey  or end the whole name with a dot");
	assert_string_equal(out->list[0].asked, "dig +norec @192.0.2.1 TXT sel._domainkey.d.test.d.test.");
	assert_string_equal(out->list[0].server, "ns1.test (192.0.2.1), serial 42");
	assert_string_equal(out->list[0].is, "sel._domainkey.d.test.d.test");
	findings_free(out);
	end(&f);
	begin(&f, ED);
	u_label(&f);
	out = judge_new(&f, "D47", (const enum say[])W(SAY_U_LABEL));
	/* the shell is not to take the name apart */
	assert_string_equal(out->list[0].asked, "dig +norec @192.0.2.1 TXT 'sel._domainkey.m\\195\\188ller.test.'");
	findings_free(out);
	end(&f);
}

/* Others write the targets of CNAMEs and the names of servers: none of it is the shell's or dig's. */
static void
names_are_one_word_of_a_shell(void **state)
{
	(void)state;
	static const struct {
		const char *name, *want;
	} rows[] = {
	    {"a-b._domainkey.d9.test", "a-b._domainkey.d9.test."},
	    {"x$({touch,p}).test", "'x\\036\\040\\123touch\\044p\\125\\041.test.'"},
	    {"a'`id`'.test", "'a\\039\\096id\\096\\039.test.'"},
	    {"a%&;|<>!#~\"{}[]?=.test",
		"'a\\037\\038\\059\\124\\060\\062\\033\\035\\126\\034\\123\\125\\091\\093\\063\\061.test.'"},
	    {"*._domainkey.d.test", "'*._domainkey.d.test.'"},
	    {"m\\195\\188ller.test", "'m\\195\\188ller.test.'"},
	    {"+short.test", "'\\043short.test.'"},
	    {"@192.test", "'\\064192.test.'"},
	    {"-f.test", "'\\045f.test.'"},
	    {"a\303\274\033 \n.test", "'a\\195\\188\\027\\032\\010.test.'"},
	    {"", "."},
	};
	char shell[DIG_NAME_LEN], longest[SWEEP_NAME_LEN], command[DIG_NAME_LEN + 32], read[256];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *want = rows[i].want;
		dig_name(rows[i].name, shell);
		assert_string_equal(shell, want);
		snprintf(command, sizeof(command), "printf '<%%s>' %s", shell);
		FILE *run = popen(command, "r");
		assert_non_null(run);
		read[fread(read, 1, sizeof(read) - 1, run)] = '\0';
		assert_int_equal(pclose(run), 0);
		size_t quote = want[0] == '\'', len = strlen(want) - 2 * quote;
		assert_int_equal(strlen(read), len + 2);
		assert_memory_equal(read + 1, want + quote, len);
	}
	memset(longest, '\'', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	dig_name(longest, shell);
	assert_int_equal(strlen(shell), 4 * (SWEEP_NAME_LEN - 1) + 3);
}

static void
what_is_asked_can_be_pasted(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, ED);
	lose_all(&f, 3);
	(void)variant(&f, VARIANT_DOUBLED, "x$({touch,p})';id;'.test");
	struct findings *out = judge_new(&f, "D04", (const enum say[])W(SAY_DOUBLED));
	assert_string_equal(out->list[0].asked,
	    "dig +norec @192.0.2.1 TXT 'x\\036\\040\\123touch\\044p\\125\\041\\039\\059id\\059\\039.test.'");
	findings_free(out);
	end(&f);
}

/* What is put into the sentences of DIAGNOSES[], and what stands behind them as evidence. */
static const struct said_row EVIDENCE[] = {
    {"NXDOMAIN", "the name is denied"},
    {"NOERROR, and nothing of that type", "D02: another type stands there"},
    {"NOERROR, and no TXT", "D10: the target of the CNAME has another type"},
    {"enter TXT  sel._domainkey  with  v=DKIM1; *", "%e: the record is wanted at the name"},
    {"enter CNAME  sel._domainkey  to  tok.slots.test.", "%e: a CNAME is wanted"},
    {"all 2 servers that answer", "D01: it is no fault of one of them"},
    {"the resolver answers, and no name server does", "D49: is"},
    {"each answer offers recursion, and none is authoritative", "D50: is"},
    {"* addresses, no CNAME", "D45"},
    {"CNAME *.", "D05, D06, D09, D31: where it leads"},
    {"CNAME *., where nothing is", "D07: a CNAME in place of a TXT, and nothing behind it"},
    {"CNAME *., ... *.", "D09: a long chain"},
    {"CNAME *., and so on", "D09: a chain that was given up"},
    {"A chain of more than * CNAMEs leads to the record; verifiers may give up.", "D09: the same"},
    {"CNAME loop: * -> *", "D09: the names of the loop"},
    {"TXT for TXT; CNAME *. for CNAME", "D08"},
    {"delete the CNAME at  sel._domainkey", "D08: a TXT is wanted"},
    {"delete the TXT at  sel._domainkey", "D08: a CNAME is wanted"},
    {"* for TXT, CNAME *. for CNAME", "D11"},
    {"The DNS server cannot answer for TXT at a CNAME: it says nothing.", "D11: silence"},
    {"The DNS server cannot answer for TXT at a CNAME: it says an error.", "D11: an RCODE without a name"},
    {"The DNS server cannot answer for TXT at a CNAME: it says SERVFAIL.", "D11: an RCODE with a name"},
    {"* | *", "D12: the records"},
    {"2 records stand at *; verifiers may pick any (RFC 6376 3.6.2.2); ours is among them.", "D12"},
    {"2 records stand at *; verifiers may pick any (RFC 6376 3.6.2.2); ours is not among them.", "D12"},
    {"The key is cut after * of * characters: a provider's limit of 255.", "D14: the whole record"},
    {"The key is cut after * of * characters: a provider's limit of 512.", "D14: the whole record"},
    {"The key is cut after * of * characters.", "D14: elsewhere"},
    {"-----BEGIN PRIVATE KEY----- ...", "D23: with armour"},
    {"p= is the private key (not shown once more)", "D23: without"},
    {"The key we sign with is revoked in DNS: p= is empty.", "D29: it signs"},
    {"The key is revoked in DNS: p= is empty.", "D29: it is kept for delayed mail, or is to sign"},
    {"* still shows the record of its key; the key is to be revoked.", "D29: its record"},
    {"* still shows a CNAME; the key is to be revoked.", "D29: a CNAME"},
    {"* still shows another record; the key is to be gone.", "D29: a TXT of somebody's"},
    {"delete the TXT", "D29: a person's, to be gone"},
    {"replace the value with  v=DKIM1; p=  or delete the TXT", "D29: a person's, to be revoked"},
    {"run signpost tick, and see signpost log *", "D29: the publisher's"},
    {"* of * servers of * do not have it: * (*): *", "D32"},
    {"2 of 3 servers of * do not have it: * (*): *; * (*): *", "D32: several lack it"},
    {"*; at the zone's own *: *", "D34: both NS sets"},
    {"*; TTL * left", "D36, D37: what the resolver said"},
    {"SERVFAIL; with +cd it answers", "D38: a resolver that validates"},
    {"*(DNSSEC), extended error 1: unsupported DNSKEY algorithm.", "D38: RFC 8914"},
    {"*(DNSSEC), extended error 2: unsupported DS digest.", "D38"},
    {"*(DNSSEC), extended error 5: DNSSEC indeterminate.", "D38"},
    {"*(DNSSEC), extended error 6: DNSSEC bogus.", "D38"},
    {"*(DNSSEC), extended error 7: signature expired.", "D38"},
    {"*(DNSSEC), extended error 8: signature not yet valid.", "D38"},
    {"*(DNSSEC), extended error 9: DNSKEY missing.", "D38"},
    {"*(DNSSEC), extended error 10: RRSIGs missing.", "D38"},
    {"*(DNSSEC), extended error 11: no zone key bit set.", "D38"},
    {"*(DNSSEC), extended error 12: NSEC missing.", "D38"},
    {"*: it does not validate (DNSSEC).", "D38: no extended error, or one of another kind"},
    {"SERVFAIL with +cd too", "D39"},
    {"connection refused by TCP", "D40: port 53 is closed"},
    {"no connection by TCP", "D40: silence"},
    {"TTL *", "D41"},
    {"SOA: min(TTL, MINIMUM) is * s", "D42"},
    {"FORMERR or NOTIMP; without EDNS it answers", "D46"},
    {"NOTIMP", "D46: also without EDNS"},
    {"FORMERR", "D46: also without EDNS"},
    {"no answer to a question in mixed case", "D46: 0x20"},
    {"another answer to a question in mixed case", "D46: 0x20"},
    {"the question comes back in lower case", "D46: 0x20"},
    {"copy the TSIG key file anew: name, algorithm and secret must be those of the server", "D48: BADSIG"},
    {"give the server a key of that name and algorithm, or the file its name; with Knot look at its acl too", "D48: BADKEY"},
    {"set the clock that is wrong: chronyc tracking, timedatectl", "D48: BADTIME"},
    {"make a TSIG key of hmac-sha512", "D48: BADTRUNC"},
    {"set zone = in the publisher to the zone that holds the name", "D48: NOTZONE"},
    {"set server = in the publisher to the zone's primary", "D48: NOTAUTH"},
    {"let the key change TXT records there, as signpost publisher * * shows, then try it: signpost publisher * * --try", "D48: REFUSED"},
    {"use a publisher of type zone-file, or the zone's primary", "D48: NOTIMP"},
    {"see the server's log: journal or zone file not writable, or the zone is frozen", "D48: SERVFAIL"},
    {"something else stands at the name: delete it, or let signpost choose another selector", "D48: YXRRSET"},
    {"the record was changed by another hand: see signpost log", "D48: NXRRSET"},
    {"see signpost log *; the next try is by itself", "D48: other words of the publisher"},
    {"see who serves it: dig +trace * NS", "D00"},
    {"dig +norec +trace * SOA", "D00, D49, D50: asked"},
    {"dig +norec @* TXT *.", "asked: a name server"},
    {"dig +norec @* -p * TXT *.", "asked: another port"},
    {"dig @* TXT *.", "asked: a resolver"},
    {"dig +cd @* TXT *.", "asked: a resolver, without validation"},
    {"dig +norec @* TXT '*.'", "asked: a name that the shell would take apart"},
    {"dig +norec +tcp @* TXT *.", "asked: by TCP"},
    {"ns1.test (192.0.2.1), serial 42", "the server: its name, address and serial"},
    {"192.0.2.1, serial 42", "the server without a name"},
};

static void
evidence_every_one_was_said(void **state)
{
	(void)state;
	HEARD_ALL(EVIDENCE);
}

static void
words_every_one_was_said(void **state)
{
	(void)state;
	for (int i = 0; i < SAY_COUNT; i++) {
		assert_non_null(DIAGNOSES[i].id);
		assert_non_null(DIAGNOSES[i].situation);
		if (!said[i])
			fail_msg("%s, %s: no case says it", DIAGNOSES[i].id, DIAGNOSES[i].situation);
	}
}

static int
make_keys(void **state)
{
	char *out[] = {rsa, rsa_other};
	struct err err = ERR_INIT;
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct dkim_key *key;
		struct buf b;
		if (dkim_key_generate(KEY_RSA_SHA256, 2048, &key, &err) != 0)
			return -1;
		buf_init(&b, RECORD_LEN_MAX);
		int rc = key_record_format(key, &b, &err);
		dkim_key_free(key);
		if (rc != 0 || !slice_to_str(buf_slice(&b), out[i], RECORD_LEN_MAX))
			return -1;
		buf_deinit(&b);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record_each_served_text_is_told),
	    cmocka_unit_test(changes_each_is_told),
	    cmocka_unit_test(tcp_large_answer_is_told),
	    cmocka_unit_test(bits_short_keys_are_told),
	    cmocka_unit_test(temper_what_no_mail_hangs_on_is_less),
	    cmocka_unit_test(words_can_be_pasted),
	    cmocka_unit_test(names_are_one_word_of_a_shell),
	    cmocka_unit_test(what_is_asked_can_be_pasted),
	    cmocka_unit_test(cut_at_512_is_told),
	    cmocka_unit_test(resolver_tells_why_it_refuses),
	    cmocka_unit_test(publication_each_refusal_has_its_mend),
	    cmocka_unit_test(evidence_every_one_was_said), /* the last two */
	    cmocka_unit_test(words_every_one_was_said),
	};
	return cmocka_run_group_tests(tests, make_keys, NULL);
}
