/* SPDX-License-Identifier: ISC */
/* What resolvers remember, and refuse (D36 to D39); what the publisher said (D48). */
#include "keys/diagnose.h"
#include "keys/diagnose_names.h"
#include "keys/diagnose_tags.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RCODE_SERVFAIL 2

/* RFC 8914 4 */
static const struct {
	int code;
	const char *text;
} EDE[] = {
    {1, "unsupported DNSKEY algorithm"},
    {2, "unsupported DS digest"},
    {5, "DNSSEC indeterminate"},
    {6, "DNSSEC bogus"},
    {7, "signature expired"},
    {8, "signature not yet valid"},
    {9, "DNSKEY missing"},
    {10, "RRSIGs missing"},
    {11, "no zone key bit set"},
    {12, "NSEC missing"},
};

static const struct seen_reply *
reply_of(const struct seen *s, enum seen_what what, const struct dns_endpoint *e)
{
	for (size_t i = 0; i < s->reply_count; i++) {
		const struct seen_reply *r = &s->replies[i];
		if (r->what != what)
			continue;
		if (e == NULL ||
		    (r->endpoint.port == e->port && ip_addr_eq(&r->endpoint.addr, &e->addr)))
			return r;
	}
	return NULL;
}

static void
judge_refused(const struct judging *j, const struct resolver_answer *a, const struct seen_reply *r)
{
	struct finding *f = finding_add(j, SAY_BOGUS_RESOLVER);
	char addr[IP_TEXT_LEN];
	ip_addr_format(&a->resolver.addr, addr);
	finding_ask(j, f, r);
	finding_is(f, "SERVFAIL; with +cd it answers");
	finding_arg(f, 1, "%s", addr);
	for (size_t i = 0; i < sizeof(EDE) / sizeof(EDE[0]); i++)
		if (r->ede == EDE[i].code)
			finding_arg(f, 2, ", extended error %d: %s", r->ede, EDE[i].text);
}

static void
judge_memory(const struct judging *j, const struct resolver_answer *a, const struct seen_reply *r)
{
	bool none = a->found == FOUND_NODATA || a->found == FOUND_NXDOMAIN;
	struct finding *f = finding_add(j, none ? SAY_CACHED_NONE : SAY_CACHED_OLD);
	char addr[IP_TEXT_LEN];
	ip_addr_format(&a->resolver.addr, addr);
	finding_ask(j, f, r);
	finding_is(f, "%s; TTL %" PRIu32 " left", a->why, a->ttl);
	finding_arg(f, 1, "%s", addr);
	finding_arg(f, 2, "%" PRIu32, a->ttl);
	f->until = j->seen->poll.ended_at + (int64_t)a->ttl;
}

void
diagnose_caches(const struct judging *j)
{
	const struct seen *s = j->seen;
	for (size_t i = 0; s->resolvers_asked && i < s->poll.count; i++) {
		const struct resolver_answer *a = &s->poll.answers[i];
		const struct seen_reply *r = reply_of(s, SEEN_RESOLVER_TXT, &a->resolver);
		if (r == NULL)
			continue;
		if (a->bogus)
			judge_refused(j, a, r);
		else if (a->verdict == ANSWER_BAD)
			judge_memory(j, a, r);
	}
}

bool
diagnose_is_all_failing(const struct judging *j)
{
	const struct seen *s = j->seen;
	const struct seen_reply *r = reply_of(s, SEEN_RESOLVER_UNCHECKED, NULL);
	const struct sweep *w = &s->sweep;
	size_t mute = 0;
	if (w->obstruction != OBSTRUCTION_NONE || r == NULL || r->end != SEEN_REPLY ||
	    r->rcode != RCODE_SERVFAIL)
		return false;
	for (size_t i = 0; i < w->count; i++)
		mute += w->answers[i].verdict == ANSWER_MUTE;
	if (s->swept && mute < w->count)
		return false;
	struct finding *f = finding_add(j, SAY_ALL_FAIL);
	finding_ask(j, f, r);
	finding_is(f, "SERVFAIL with +cd too");
	finding_arg(f, 1, "%s", w->zone[0] == '\0' ? j->subject->domain : w->zone);
	finding_arg(f, 2, "%.400s", s->swept && w->count > 0 ? w->answers[0].why : s->why.text);
	return true;
}

void
diagnose_publication(const struct judging *j)
{
	static const struct {
		const char *word, *mend;
	} mends[] = {
	    {"BADSIG", "copy the TSIG key file anew: name, algorithm and secret must be those of "
		       "the server"},
	    {"BADKEY", "give the server a key of that name and algorithm, or the file its name; "
		       "with Knot look at its acl too"},
	    {"BADTIME", "set the clock that is wrong: chronyc tracking, timedatectl"},
	    {"BADTRUNC", "make a TSIG key of hmac-sha512"},
	    {"NOTZONE", "set zone = in the publisher to the zone that holds the name"},
	    {"NOTAUTH", "set server = in the publisher to the zone's primary"},
	    {"NOTIMP", "use a publisher of type zone-file, or the zone's primary"},
	    {"SERVFAIL",
		"see the server's log: journal or zone file not writable, or the zone is frozen"},
	    {"YXRRSET", "something else stands at the name: delete it, or let signpost choose "
			"another selector"},
	    {"NXRRSET", "the record was changed by another hand: see signpost log"},
	};
	const char *words = j->subject->publisher_words, *domain = j->subject->domain;
	const struct publisher_conf *publisher = j->subject->publisher;
	struct finding *f = finding_add(j, SAY_PUBLISH_FAILED);
	finding_is(f, "%s", words);
	finding_arg(f, 1, "%s", words);
	finding_arg(f, 2, "see signpost log %s; the next try is by itself", domain);
	if (diagnose_holds(slice_of(words), "REFUSED"))
		finding_arg(f, 2,
		    "let the key change TXT records there, as signpost publisher %s %s shows, then "
		    "try it: signpost publisher %s %s --try",
		    publisher == NULL ? "NAME" : publisher->name, domain,
		    publisher == NULL ? "NAME" : publisher->name, domain);
	for (size_t i = 0; i < sizeof(mends) / sizeof(mends[0]); i++) {
		if (!diagnose_holds(slice_of(words), mends[i].word))
			continue;
		finding_arg(f, 2, "%s", mends[i].mend);
		break;
	}
}
