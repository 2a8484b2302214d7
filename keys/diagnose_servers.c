/* SPDX-License-Identifier: ISC */
/* What is wrong with servers and zones: D32 to D35, D38 at a server, D40 to D42, D46, D51. */
#include "keys/diagnose.h"
#include "keys/diagnose_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RCODE_FORMERR  1
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_NOTIMP   4
#define TTL_LONG       86400
#define TTL_SHORT      60
#define NEGATIVE_LONG  3600
#define PLAIN_UDP_LEN  512 /* RFC 1035 4.2.1 */
#define RECORD_HEAD    12  /* a compressed name, type, class, TTL, length */

static struct finding *
say(const struct judging *j, enum say what, const struct seen_reply *r)
{
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, r);
	return f;
}

static const char *
zone_of(const struct judging *j, const struct sweep_answer *a)
{
	const struct sweep *s = &j->seen->sweep;
	return a->link < s->link_count ? s->links[a->link].zone : s->zone;
}

/* The record is there, and what is BAD is its signature. */
static bool
is_bogus(const struct judging *j, const struct sweep_answer *a)
{
	const struct sweep *s = &j->seen->sweep;
	if (a->verdict != ANSWER_BAD || a->link >= s->link_count || !s->links[a->link].zone_signed)
		return false;
	if (a->found == FOUND_RECORD)
		return j->subject->expect == EXPECT_RECORD;
	const struct seen_reply *r = seen_find(j->seen, SEEN_TXT, a);
	return a->found == FOUND_ALIAS && r != NULL && a->link + 1u < s->link_count &&
	       slice_ieq_str(slice_of(r->cname), s->links[a->link + 1u].name) &&
	       !findings_have(j->out, SAY_LOOP);
}

static void
judge_bogus(const struct judging *j, const struct sweep_answer *a)
{
	const struct seen_reply *r = seen_find(j->seen, SEEN_TXT, a);
	if (!is_bogus(j, a) || r == NULL)
		return;
	struct finding *f = say(j, SAY_BOGUS, r);
	finding_is(f, "%s", a->why);
	finding_arg(f, 1, "%s", a->why);
	finding_arg(f, 2, "%s", zone_of(j, a));
	f->until = j->subject->now + (int64_t)r->ttl;
}

/* Some servers of one zone have it, others do not. */
static void
judge_stale(const struct judging *j, uint8_t link)
{
	const struct sweep *s = &j->seen->sweep;
	size_t good = 0, bad = 0, listed = 0, len = 0;
	const struct sweep_answer *first = NULL;
	char names[FINDING_TEXT_LEN] = "", addr[IP_TEXT_LEN];
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		if (a->link != link || a->former)
			continue;
		listed++;
		good += a->verdict == ANSWER_GOOD;
		if (a->verdict != ANSWER_BAD || is_bogus(j, a))
			continue;
		first = bad++ == 0 ? a : first;
		ip_addr_format(&a->endpoint.addr, addr);
		int n = snprintf(names + len, sizeof(names) - len, "%s%s (%s): %s",
		    bad == 1 ? "" : "; ", a->server, addr, a->why);
		len =
		    n < 0 || len + (size_t)n >= sizeof(names) ? sizeof(names) - 1 : len + (size_t)n;
	}
	const struct seen_reply *r = first == NULL ? NULL : seen_find(j->seen, SEEN_TXT, first);
	if (good == 0 || r == NULL)
		return;
	struct finding *f = say(j, SAY_STALE, r);
	/* its serial stands behind the server */
	const char *serial = strstr(first->why, " (serial ");
	finding_is(f, "%.*s",
	    (int)(serial == NULL ? strlen(first->why) : (size_t)(serial - first->why)), first->why);
	finding_arg(f, 1, "%zu", bad);
	finding_arg(f, 2, "%zu servers of %s", listed, zone_of(j, first));
	finding_arg(f, 3, "%s", names);
	uint32_t remembered = r->txts + r->cnames > 0 ? r->ttl : r->negative_s;
	f->until = remembered > 0 ? j->subject->now + (int64_t)remembered : NEVER;
}

static bool
is_edns_trouble(const struct seen_reply *r)
{
	return r->end == SEEN_REPLY &&
	       (r->no_edns || r->rcode == RCODE_NOTIMP || r->rcode == RCODE_FORMERR);
}

static void
judge_mute(const struct judging *j, const struct sweep_answer *a, const struct seen_reply *r)
{
	bool lame = r->end == SEEN_REPLY && !diagnose_speaks(r);
	const struct seen_reply *cname = seen_find(j->seen, SEEN_CNAME, a);
	if (is_edns_trouble(r) || (cname != NULL && diagnose_speaks(cname) && cname->cnames > 0))
		return; /* these say more: D46, D11 */
	if (lame && r->rcode == RCODE_SERVFAIL && findings_have(j->out, SAY_LOOP))
		return;
	enum say what = r->end == SEEN_CUT_UDP ? SAY_CUT_NO_TCP
			: a->family_unroutable ? SAY_NO_ROUTE
			: lame		       ? SAY_LAME
					       : SAY_SILENT;
	struct finding *f = say(j, what, r);
	finding_is(f, "%s", a->why);
	finding_arg(f, 1, "%s", f->server);
	finding_arg(f, 2, "%s", what == SAY_LAME ? zone_of(j, a) : a->why);
	finding_arg(f, 3, "%s", a->why);
}

static void
judge_edns(const struct judging *j, const struct sweep_answer *a, const struct seen_reply *r)
{
	const struct seen_reply *mixed = seen_find(j->seen, SEEN_CASE, a);
	if (is_edns_trouble(r)) {
		struct finding *f = say(j, SAY_EDNS, r);
		/* which of the two it was is not known once it was asked again */
		const char *what = r->rcode == RCODE_NOTIMP    ? "NOTIMP"
				   : r->rcode == RCODE_FORMERR ? "FORMERR"
							       : "FORMERR or NOTIMP";
		finding_is(f, "%s%s", what,
		    r->no_edns && r->rcode == 0 ? "; without EDNS it answers" : "");
		finding_arg(f, 1, "%s", f->server);
		finding_arg(f, 2, "%s", what);
		return;
	}
	if (mixed == NULL || !diagnose_speaks(r))
		return;
	bool other = mixed->end == SEEN_REPLY && mixed->rcode != r->rcode && diagnose_speaks(mixed);
	if (mixed->case_kept && !other && mixed->end == SEEN_REPLY)
		return;
	if (mixed->end != SEEN_REPLY && mixed->end != SEEN_SILENT)
		return;
	struct finding *f = say(j, SAY_CASE, mixed);
	finding_is(f, "%s",
	    mixed->end != SEEN_REPLY ? "no answer to a question in mixed case"
	    : other		     ? "another answer to a question in mixed case"
				     : "the question comes back in lower case");
	finding_arg(f, 1, "%s", f->server);
}

static void
judge_tcp(const struct judging *j, const struct sweep_answer *a, const struct seen_reply *r)
{
	const struct seen_reply *soa = seen_find(j->seen, SEEN_SOA, a);
	size_t text = seen_text(j->seen, r, 0).len;
	size_t len = RECORD_HEAD + strlen(r->name) + 6 + RECORD_HEAD + text + text / 255 + 1;
	if (soa == NULL || (soa->tcp != TCP_REFUSED && soa->tcp != TCP_SILENT) || r->txts == 0 ||
	    len <= PLAIN_UDP_LEN)
		return;
	struct finding *f = say(j, SAY_NO_TCP, r);
	dig_line(
	    &(struct dig){.server = &r->endpoint, .tcp = true, .type = r->type, .name = r->name},
	    f->asked);
	finding_is(f, "%s",
	    soa->tcp == TCP_REFUSED ? "connection refused by TCP" : "no connection by TCP");
	finding_arg(f, 1, "%s", f->server);
	finding_arg(f, 2, "%zu", len);
}

/* RFC 8020: below a name that does not exist, nothing does. */
static void
judge_above(const struct judging *j, const struct sweep_answer *a)
{
	const struct seen_reply *r = seen_find(j->seen, SEEN_ABOVE, a),
				*below = seen_find(j->seen, SEEN_TXT, a);
	if (r == NULL || below == NULL || !diagnose_speaks(r) || r->rcode != RCODE_NXDOMAIN ||
	    r->cnames > 0 || below->cnames + below->txts == 0 || !diagnose_speaks(below))
		return;
	struct finding *f = say(j, SAY_DENIES_ABOVE, r);
	finding_is(f, "NXDOMAIN");
	finding_arg(f, 1, "%s", f->server);
	finding_arg(f, 2, "%s", r->name);
	f->until = r->has_soa ? j->subject->now + (int64_t)r->negative_s : NEVER;
}

static void
judge_server(const struct judging *j, const struct sweep_answer *a)
{
	const struct seen_reply *r = seen_find(j->seen, SEEN_TXT, a);
	if (a->former || r == NULL)
		return;
	judge_bogus(j, a);
	if (a->verdict == ANSWER_MUTE)
		judge_mute(j, a, r);
	judge_edns(j, a, r);
	judge_above(j, a);
	if (a->link + 1u == j->seen->sweep.link_count)
		judge_tcp(j, a, r);
}

/* The first of that kind and link that lists any. */
static const struct seen_reply *
find_hosts(const struct seen *s, enum seen_what what, uint8_t link)
{
	for (size_t i = 0; i < s->reply_count; i++)
		if (s->replies[i].what == what && s->replies[i].link == link &&
		    s->replies[i].hosts[0] != '\0')
			return &s->replies[i];
	return NULL;
}

static void
judge_ns(const struct judging *j, uint8_t link)
{
	const struct seen_reply *parent = find_hosts(j->seen, SEEN_PARENT_NS, link);
	const struct seen_reply *child = find_hosts(j->seen, SEEN_NS, link);
	if (parent == NULL || child == NULL || strcmp(parent->hosts, child->hosts) == 0)
		return;
	struct finding *f = say(j, SAY_NS_DIFFER, parent);
	finding_is(f, "%s; at the zone's own %s: %s", parent->hosts, child->server, child->hosts);
	finding_arg(f, 1, "%s", parent->hosts);
	finding_arg(f, 2, "%s", child->hosts);
	finding_arg(f, 3, "%s", j->seen->sweep.links[link].zone);
}

static void
judge_ttl(const struct judging *j)
{
	const struct sweep *s = &j->seen->sweep;
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		const struct seen_reply *r = seen_find(j->seen, SEEN_TXT, a);
		if (a->former || a->link + 1u != s->link_count || r == NULL || r->txts == 0 ||
		    !diagnose_speaks(r) || (r->ttl <= TTL_LONG && r->ttl >= TTL_SHORT))
			continue;
		struct finding *f = say(j, r->ttl > TTL_LONG ? SAY_TTL_LONG : SAY_TTL_SHORT, r);
		finding_is(f, "TTL %" PRIu32, r->ttl);
		finding_arg(f, 1, "%" PRIu32, r->ttl);
		return;
	}
}

/* K4: how long the absence of the next key is remembered. */
static void
judge_negative(const struct judging *j)
{
	const struct sweep *s = &j->seen->sweep;
	const struct seen_reply *worst = NULL;
	int64_t longest = NEGATIVE_LONG;
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (r->what == SEEN_SOA && r->link + 1u == s->link_count && diagnose_speaks(r) &&
		    r->has_soa && (int64_t)r->negative_s > longest && diagnose_is_listed(j, r)) {
			worst = r;
			longest = (int64_t)r->negative_s;
		}
	}
	if (j->subject->alias == NULL && worst != NULL && s->negative_max_s > longest)
		longest = s->negative_max_s; /* of NSEC */
	if (worst == NULL)
		return;
	struct finding *f = say(j, SAY_NEGATIVE_LONG, worst);
	finding_is(f, "SOA: min(TTL, MINIMUM) is %" PRIu32 " s", worst->negative_s);
	finding_arg(f, 1, "%" PRId64, longest);
	finding_arg(f, 2, "%s", s->zone);
}

void
diagnose_servers(const struct judging *j)
{
	const struct sweep *s = &j->seen->sweep;
	if (s->domain_gone)
		return;
	for (size_t i = 0; i < s->count; i++)
		judge_server(j, &s->answers[i]);
	for (uint8_t link = 0; link < s->link_count; link++) {
		judge_stale(j, link);
		judge_ns(j, link);
	}
	(void)diagnose_is_all_failing(j);
	if (j->subject->expect != EXPECT_RECORD)
		return;
	judge_ttl(j);
	judge_negative(j);
}
