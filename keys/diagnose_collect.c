/* SPDX-License-Identifier: ISC */
/* What is asked for a diagnosis, and of whom. */
#include "keys/diagnose_ask.h"
#include "keys/sweep_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUERIES	       2 /* of the sweep, to each address: a cache's TTL is seen to count down */
#define SEEKERS_MAX    3 /* servers that are asked for mistaken names: all have the same zone */
#define PARENTS_ASKED  3
#define TCP_MS	       2000
#define RCODE_SERVFAIL 2
#define NAME_ROOM      (2 * SWEEP_NAME_LEN)

struct collecting {
	struct dns_asker *asker;
	const struct diagnose_subject *subject;
	struct seen *seen;
	char selector[SWEEP_NAME_LEN]; /* of the name */
};

static struct seen_reply
about(enum seen_what what, const struct sweep_answer *a, const char *name)
{
	struct seen_reply r = {.what = what, .link = a->link, .endpoint = a->endpoint};
	(void)slice_to_str(slice_of(name), r.name, sizeof(r.name));
	memcpy(r.server, a->server, sizeof(r.server));
	return r;
}

static void
add(struct questions *q, struct seen_reply r, ldns_rr_type type)
{
	questions_add(q, &r, type);
}

/* Letters in turn upper and lower. */
static void
mix_case(const char *name, char out[static SWEEP_NAME_LEN])
{
	bool upper = false;
	size_t i;
	for (i = 0; name[i] != '\0'; i++) {
		uint8_t c = (uint8_t)name[i];
		bool letter = ascii_is_alpha(c);
		out[i] = (char)(letter && upper ? c & ~0x20 : c);
		upper = letter ? !upper : upper;
	}
	out[i] = '\0';
}

static void
add_first_link(struct questions *q, const struct collecting *c, const struct sweep_answer *a)
{
	const struct sweep *s = &c->seen->sweep;
	char above[SWEEP_NAME_LEN], sibling[SWEEP_NAME_LEN];
	const char *name = s->links[0].name;
	add(q, about(SEEN_CNAME, a, name), LDNS_RR_TYPE_CNAME);
	if (c->subject->alias != NULL)
		add(q, about(SEEN_ADDRESS, a, name), LDNS_RR_TYPE_A);
	/* a zone of its own at _domainkey has an apex there, which exists */
	if (!s->delegated && snprintf(above, sizeof(above), "_domainkey.%.240s",
				 c->subject->domain) < (int)sizeof(above))
		add(q, about(SEEN_ABOVE, a, above), LDNS_RR_TYPE_TXT);
	if (s->wildcard && sweep_random_sibling(name, sibling))
		add(q, about(SEEN_SIBLING, a, sibling), LDNS_RR_TYPE_TXT);
}

static int
ask_servers(struct collecting *c, struct err *err)
{
	const struct sweep *s = &c->seen->sweep;
	struct questions q;
	char mixed[SWEEP_NAME_LEN];
	questions_begin(&q, c->asker, c->seen);
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		const struct sweep_link *link = &s->links[a->link];
		add(&q, about(SEEN_TXT, a, link->name), LDNS_RR_TYPE_TXT);
		if (a->former)
			continue;
		add(&q, about(SEEN_SOA, a, link->zone), LDNS_RR_TYPE_SOA);
		add(&q, about(SEEN_NS, a, link->zone), LDNS_RR_TYPE_NS);
		mix_case(link->name, mixed);
		add(&q, about(SEEN_CASE, a, mixed), LDNS_RR_TYPE_TXT);
		if (a->link == 0)
			add_first_link(&q, c, a);
	}
	int result = questions_end(&q, err);
	if (result == 0)
		diagnose_try_tcp(
		    c->seen, c->asker->timeout_ms < TCP_MS ? c->asker->timeout_ms : TCP_MS);
	return result;
}

/* Behind a CNAME whose TXT the server fails to give: where the chain goes, as long as that server knows. */
static int
follow_steps(struct collecting *c, struct err *err)
{
	const struct sweep *s = &c->seen->sweep;
	const struct seen_reply *at = NULL;
	const struct sweep_answer *a = NULL;
	for (size_t i = 0; i < s->count && at == NULL; i++) {
		const struct seen_reply *cname = seen_find(c->seen, SEEN_CNAME, &s->answers[i]);
		const struct seen_reply *txt = seen_find(c->seen, SEEN_TXT, &s->answers[i]);
		a = &s->answers[i];
		if (cname != NULL && txt != NULL && cname->cnames > 0 && txt->end == SEEN_REPLY &&
		    txt->rcode == RCODE_SERVFAIL)
			at = cname;
	}
	for (int steps = 0; at != NULL && at->cname[0] != '\0' && steps < SWEEP_LINKS_MAX;
	     steps++) {
		struct questions q;
		questions_begin(&q, c->asker, c->seen);
		add(&q, about(SEEN_STEP, a, at->cname), LDNS_RR_TYPE_CNAME);
		if (questions_end(&q, err) != 0)
			return -1;
		at = &c->seen->replies[c->seen->reply_count - 1];
	}
	return 0;
}

/* What the parent says of each zone of the chain. */
static int
ask_parents(struct collecting *c, struct err *err)
{
	const struct sweep *s = &c->seen->sweep;
	struct err ignored = ERR_INIT;
	struct questions q;
	struct zone_path *path = calloc(1, sizeof(*path));
	if (path == NULL)
		return err_nomem(err);
	questions_begin(&q, c->asker, c->seen);
	for (uint8_t l = 0; l < s->link_count; l++) {
		const char *zone = s->links[l].zone;
		if (zone_find(c->asker, zone, path, &ignored) != 0 ||
		    strcmp(path->zone.name, zone) != 0)
			continue;
		for (size_t i = 0; i < path->parent.server_count && i < PARENTS_ASKED; i++) {
			struct sweep_answer a = {
			    .endpoint = path->parent.servers[i].endpoint, .link = l};
			memcpy(a.server, path->parent.servers[i].name, sizeof(a.server));
			add(&q, about(SEEN_PARENT_NS, &a, zone), LDNS_RR_TYPE_NS);
		}
	}
	free(path);
	return questions_end(&q, err);
}

/* The record is missing where it should be, at a server that answers. */
static bool
is_missing(const struct sweep_answer *a)
{
	return a->verdict == ANSWER_BAD && !a->former &&
	       (a->found == FOUND_NODATA || a->found == FOUND_NXDOMAIN);
}

struct variant {
	enum seen_variant what;
	const char *form; /* %s selector, %d domain */
};

static const struct variant VARIANTS[] = {
    {VARIANT_UNDERSCORE, "%s.domainkey.%d"},
    {VARIANT_UNDERSCORE, "%s.-domainkey.%d"},
    {VARIANT_UNDERSCORE, "%s.%%5Fdomainkey.%d"},
    {VARIANT_UNDERSCORE, "%s.\\\\_domainkey.%d"},
    {VARIANT_UNDERSCORE, "%s_domainkey.%d"},
    {VARIANT_UNDERSCORE, "%s-domainkey.%d"},
    {VARIANT_UNDERSCORE, "%sdomainkey.%d"},
    {VARIANT_DOUBLED, "%s._domainkey.%d.%d"},
    {VARIANT_LEVEL, "%d"},
    {VARIANT_LEVEL, "_domainkey.%d"},
    {VARIANT_LEVEL, "%s.%d"},
    {VARIANT_LEVEL, "www.%d"},
    {VARIANT_LEVEL, "%s._domainkey.www.%d"},
    {VARIANT_U_LABEL, "%s._domainkey.%u"},
};

/* As dig and we take it: octets that are no text as \DDD. */
static void
put_typed(const char *name, struct buf *out)
{
	for (; *name != '\0'; name++) {
		uint8_t o = (uint8_t)*name;
		if (o >= 0x80)
			buf_printf(out, "\\%03u", o);
		else
			buf_put_byte(out, o);
	}
}

/* false: it does not apply, or is too long for a name. */
static bool
write_variant(const struct collecting *c, const char *form, char out[static SWEEP_NAME_LEN])
{
	struct buf b;
	bool applies = true;
	buf_init(&b, NAME_ROOM);
	for (; *form != '\0'; form++) {
		if (*form != '%') {
			buf_put_byte(&b, (uint8_t)*form);
			continue;
		}
		form++;
		if (*form == 's')
			buf_put_str(&b, c->selector);
		else if (*form == 'd')
			buf_put_str(&b, c->subject->domain);
		else if (*form == '%')
			buf_put_byte(&b, '%');
		else if (c->subject->typed != NULL)
			put_typed(c->subject->typed, &b);
		else
			applies = false;
	}
	applies = applies && b.state == BUF_OK && slice_to_str(buf_slice(&b), out, SWEEP_NAME_LEN);
	buf_deinit(&b);
	return applies;
}

static void
add_variants(struct questions *q, const struct collecting *c, const struct sweep_answer *a)
{
	for (size_t v = 0; v < sizeof(VARIANTS) / sizeof(VARIANTS[0]); v++) {
		char name[SWEEP_NAME_LEN];
		if (!write_variant(c, VARIANTS[v].form, name))
			continue;
		struct seen_reply r = about(SEEN_VARIANT, a, name);
		r.variant = VARIANTS[v].what;
		questions_add(
		    q, &r, c->subject->alias == NULL ? LDNS_RR_TYPE_TXT : LDNS_RR_TYPE_CNAME);
	}
}

static void
add_publisher(struct questions *q, const struct collecting *c)
{
	const struct publisher_conf *p = c->subject->publisher;
	const char *name = c->subject->alias == NULL ? c->subject->name : c->subject->alias;
	for (size_t i = 0; p != NULL && p->type == PUBLISHER_RFC2136 && i < p->server_count; i++) {
		struct sweep_answer a = {.endpoint = p->servers[i]};
		snprintf(a.server, sizeof(a.server), "the server of publisher %.100s", p->name);
		add(q, about(SEEN_PUBLISHER, &a, name), LDNS_RR_TYPE_TXT);
	}
}

static int
seek(struct collecting *c, struct err *err)
{
	const struct sweep *s = &c->seen->sweep;
	struct questions q;
	size_t seekers = 0, missing = 0;
	questions_begin(&q, c->asker, c->seen);
	for (size_t i = 0; i < s->count; i++) {
		missing += is_missing(&s->answers[i]);
		if (is_missing(&s->answers[i]) && s->answers[i].link == 0 &&
		    seekers++ < SEEKERS_MAX)
			add_variants(&q, c, &s->answers[i]);
	}
	if (missing > 0)
		add_publisher(&q, c);
	return questions_end(&q, err);
}

/* K5: for the domain only. */
static int
ask_domain(struct collecting *c, struct err *err)
{
	struct questions q;
	questions_begin(&q, c->asker, c->seen);
	for (size_t i = 0; i < c->asker->resolver_count; i++) {
		struct sweep_answer a = {.endpoint = c->asker->resolvers[i]};
		ip_addr_format(&a.endpoint.addr, a.server);
		struct seen_reply r = about(SEEN_RESOLVER, &a, c->subject->domain);
		r.recurse = true;
		questions_add(&q, &r, LDNS_RR_TYPE_SOA);
		r.what = SEEN_RESOLVER_UNCHECKED;
		r.unchecked = true;
		questions_add(&q, &r, LDNS_RR_TYPE_SOA);
	}
	return questions_end(&q, err);
}

static bool
has_record(const struct sweep *s, const struct sweep_answer *a)
{
	bool unsound = a->verdict == ANSWER_BAD && s->links[a->link].zone_signed;
	return a->verdict == ANSWER_GOOD || (unsound && a->found == FOUND_RECORD);
}

/* K5, K6: every server that answers has the record. */
static bool
may_ask_resolvers(const struct collecting *c)
{
	const struct sweep *s = &c->seen->sweep;
	size_t shown = 0;
	if (c->subject->expect != EXPECT_RECORD)
		return false;
	if (c->subject->proof_elsewhere && !c->seen->swept)
		return c->subject->proven && s->obstruction != OBSTRUCTION_NONE;
	for (size_t i = 0; i < s->count; i++) {
		if (s->answers[i].verdict != ANSWER_MUTE && !has_record(s, &s->answers[i]))
			return false;
		shown += s->answers[i].verdict != ANSWER_MUTE &&
			 s->answers[i].link + 1u == s->link_count;
	}
	return c->seen->swept && shown > 0;
}

static int
ask_resolvers(struct collecting *c, const struct sweep_question *question, struct err *err)
{
	struct dns_asker *a = c->asker;
	struct resolver_poll *poll = &c->seen->poll;
	struct err ignored = ERR_INIT;
	struct questions q;
	if (a->resolver_count == 0 || !may_ask_resolvers(c))
		return 0;
	const struct resolver_list those = {a->resolvers, a->resolver_count};
	c->seen->resolvers_asked = resolvers_ask(a->conf, question, &those, poll, &ignored) == 0;
	questions_begin(&q, a, c->seen);
	for (size_t i = 0; c->seen->resolvers_asked && i < poll->count; i++) {
		if (poll->answers[i].verdict != ANSWER_BAD && !poll->answers[i].bogus)
			continue;
		struct sweep_answer at = {.endpoint = poll->answers[i].resolver};
		ip_addr_format(&at.endpoint.addr, at.server);
		struct seen_reply r = about(SEEN_RESOLVER_TXT, &at, question->name);
		r.recurse = true;
		questions_add(&q, &r, LDNS_RR_TYPE_TXT);
	}
	return questions_end(&q, err);
}

static void
set_selector(struct collecting *c)
{
	size_t len = strlen(c->subject->name),
	       tail = strlen("._domainkey.") + strlen(c->subject->domain);
	(void)slice_to_str(slice_new(c->subject->name, len > tail ? len - tail : len), c->selector,
	    sizeof(c->selector));
}

int
diagnose_collect(
    struct dns_asker *asker, const struct diagnose_subject *s, struct seen *seen, struct err *err)
{
	struct collecting c = {.asker = asker, .subject = s, .seen = seen};
	const struct sweep_question question = {.domain = s->domain,
	    .name = s->name,
	    .expect = s->expect,
	    .or_nothing = s->or_nothing,
	    .expected = s->expected,
	    .now = s->now,
	    .alias = s->alias,
	    .queries = QUERIES,
	    .survey = true,
	    .zones = s->zones,
	    .formers = s->formers,
	    .former_count = s->former_count};
	set_selector(&c);
	seen->swept = sweep_run_with(asker, &question, &seen->sweep, &seen->why) == 0;
	if (seen->sweep.obstruction == OBSTRUCTION_NONE && (!seen->swept || seen->sweep.mute > 0) &&
	    ask_domain(&c, err) != 0)
		return -1;
	if (seen->swept && (ask_servers(&c, err) != 0 || follow_steps(&c, err) != 0 ||
			       ask_parents(&c, err) != 0 || seek(&c, err) != 0))
		return -1;
	return ask_resolvers(&c, &question, err);
}
