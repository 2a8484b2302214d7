/* SPDX-License-Identifier: ISC */
/* The verdict over a whole sweep, and its text.  Pure. */
#include "keys/sweep_verdict.h"

#include "keys/key_state.h"

#include <string.h>

static void
endpoint_text(const struct dns_endpoint *e, char out[static IP_TEXT_LEN + 8])
{
	struct buf b;
	char addr[IP_TEXT_LEN];
	ip_addr_format(&e->addr, addr);
	buf_init(&b, IP_TEXT_LEN + 8);
	buf_put_str(&b, addr);
	if (e->port != DNS_PORT)
		buf_printf(&b, "#%u", (unsigned)e->port);
	if (!slice_to_str(buf_slice(&b), out, IP_TEXT_LEN + 8))
		out[0] = '\0';
	buf_deinit(&b);
}

/* K15 (a): this host has no route for the family, and the same server is GOOD by another address. */
static bool
is_good_elsewhere(const struct sweep *s, const struct sweep_answer *a)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_GOOD &&
		    s->answers[i].endpoint.addr.family != a->endpoint.addr.family &&
		    strcmp(s->answers[i].server, a->server) == 0)
			return true;
	return false;
}

enum excuse {
	EXCUSE_NONE,
	EXCUSE_FORMER,
	EXCUSE_WAIVED,
	EXCUSE_ROUTE,
	EXCUSE_LAME,
	EXCUSE_SILENCE
};

static enum excuse
excuse_of(const struct sweep *s, const struct sweep_answer *a, int64_t since,
    const struct sweep_patience *patience)
{
	if (a->former)
		return EXCUSE_FORMER;
	if (a->waived)
		return EXCUSE_WAIVED;
	if (a->family_unroutable && is_good_elsewhere(s, a))
		return EXCUSE_ROUTE;
	if (since == NEVER || since > s->ended_at)
		return EXCUSE_NONE;
	int64_t silent_s = s->ended_at - since;
	if (a->lame && silent_s >= patience->lame_s) /* K15 (b) */
		return EXCUSE_LAME;
	return silent_s >= patience->mute_s ? EXCUSE_SILENCE : EXCUSE_NONE; /* K15 (c) */
}

/* K15 (c), K16: may silence be excused, as the resolvers see it? */
static bool
is_seconded(const struct sweep *s, const struct resolver_view *view)
{
	if (view == NULL)
		return true;
	switch (view->word) {
	case RESOLVER_AGREES:
	case RESOLVER_SILENT:
		return true;
	case RESOLVER_DIFFERS:
		return view->warn_at != NEVER && s->ended_at >= view->warn_at;
	default:
		return false;
	}
}

/* The first server that is BAD, or else MUTE without an excuse; NULL: none is. */
static const struct sweep_answer *
find_obstacle(
    const struct sweep *s, const int64_t *mute_since, const struct sweep_patience *patience)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_BAD)
			return &s->answers[i];
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_MUTE &&
		    excuse_of(s, &s->answers[i], mute_since[i], patience) == EXCUSE_NONE)
			return &s->answers[i];
	return NULL;
}

static const struct sweep_answer *
find_silent(const struct sweep *s, const int64_t *mute_since, const struct sweep_patience *patience)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_MUTE &&
		    excuse_of(s, &s->answers[i], mute_since[i], patience) == EXCUSE_SILENCE)
			return &s->answers[i];
	return NULL;
}

static bool
is_good_at(const struct sweep *s, size_t link)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].link == link && s->answers[i].verdict == ANSWER_GOOD &&
		    !s->answers[i].former)
			return true;
	return false;
}

/* The first link of the chain of which no listed server is GOOD; NULL: there is none. */
static const struct sweep_link *
find_unshown(const struct sweep *s)
{
	for (size_t i = 0; i < s->link_count; i++)
		if (!is_good_at(s, i))
			return &s->links[i];
	return NULL;
}

static const char *
expected_text(enum key_expect expect)
{
	return expect == EXPECT_RECORD	    ? "the record"
	       : expect == EXPECT_TOMBSTONE ? "the revoked record (empty p=)"
					    : "that nothing is there";
}

bool
sweep_passes(const struct sweep *s, const int64_t *mute_since,
    const struct sweep_patience *patience, const struct resolver_view *view, struct err *why)
{
	const struct sweep_answer *a = find_obstacle(s, mute_since, patience);
	char at[IP_TEXT_LEN + 8];
	if (a != NULL) {
		endpoint_text(&a->endpoint, at);
		err_set(why, ERR_DNS, "%s (%s)%s: %s", a->server, at,
		    a->former ? ", not listed any more, but resolvers may still ask it" : "",
		    a->why);
		return false;
	}
	const struct sweep_link *unshown = find_unshown(s);
	if (unshown != NULL || s->link_count == 0) {
		err_set(why, ERR_DNS, "no server of %s has shown %s",
		    unshown == NULL ? s->zone : unshown->zone, expected_text(s->expect));
		return false;
	}
	a = find_silent(s, mute_since, patience);
	if (a == NULL || is_seconded(s, view))
		return true;
	endpoint_text(&a->endpoint, at);
	err_set(why, ERR_DNS,
	    "%s: %s (%s) is silent for long enough, but is not excused while that is so",
	    view->text[0] != '\0' ? view->text : "no resolver was asked", a->server, at);
	return false;
}

bool
sweep_wants_resolver(
    const struct sweep *s, const int64_t *mute_since, const struct sweep_patience *patience)
{
	return find_obstacle(s, mute_since, patience) == NULL && s->link_count > 0 &&
	       find_unshown(s) == NULL && find_silent(s, mute_since, patience) != NULL;
}

bool
sweep_contradicts(const struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_BAD)
			return true;
	return false;
}

bool
sweep_differs(const struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_BAD && s->answers[i].found != FOUND_NODATA &&
		    s->answers[i].found != FOUND_NXDOMAIN && s->answers[i].found != FOUND_UNKNOWN)
			return true;
	return false;
}

static const char *
zone_of(const struct sweep *s, const struct sweep_answer *a)
{
	return a->link < s->link_count ? s->links[a->link].zone : s->zone;
}

/* One server may hold two zones of a chain. */
static bool
is_listed(const struct sweep *s, const struct sweep_answer *like, const char *zone)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		if (!a->former && a->endpoint.port == like->endpoint.port &&
		    ip_addr_eq(&a->endpoint.addr, &like->endpoint.addr) &&
		    strcmp(a->server, like->server) == 0 && strcmp(zone_of(s, a), zone) == 0)
			return true;
	}
	return false;
}

static bool
has_zone(const struct sweep *s, const char *zone)
{
	for (size_t i = 0; i < s->link_count; i++)
		if (strcmp(s->links[i].zone, zone) == 0)
			return true;
	return false;
}

/* All that a lists for zones of b's chain are listed by b as well. */
static bool
servers_within(const struct sweep *a, const struct sweep *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const char *zone = zone_of(a, &a->answers[i]);
		if (!a->answers[i].former && has_zone(b, zone) &&
		    !is_listed(b, &a->answers[i], zone))
			return false;
	}
	return true;
}

bool
sweep_same_servers(const struct sweep *a, const struct sweep *b)
{
	return servers_within(a, b) && servers_within(b, a);
}

static bool
same_chain(const struct sweep *a, const struct sweep *b)
{
	if (a->link_count != b->link_count)
		return false;
	for (size_t i = 0; i < a->link_count; i++)
		if (strcmp(a->links[i].name, b->links[i].name) != 0 ||
		    strcmp(a->links[i].zone, b->links[i].zone) != 0 ||
		    a->links[i].zone_signed != b->links[i].zone_signed)
			return false;
	return true;
}

/* The order of servers may differ (NS sets are rotated).  GOOD is always what was expected; K16: a server that was
 * mute in one of the two says nothing against the other. */
bool
sweep_equal(const struct sweep *a, const struct sweep *b)
{
	return a->expect == b->expect && a->link_count > 0 && !sweep_contradicts(a) &&
	       !sweep_contradicts(b) && same_chain(a, b) && sweep_same_servers(a, b);
}

const char *
answer_found_name(enum answer_found found)
{
	static const char *const names[] = {
	    [FOUND_UNKNOWN] = "unknown",
	    [FOUND_RECORD] = "record",
	    [FOUND_TOMBSTONE] = "tombstone",
	    [FOUND_OTHER_KEY] = "other-key",
	    [FOUND_OTHER_TEXT] = "other-text",
	    [FOUND_ALIAS] = "alias",
	    [FOUND_NODATA] = "nodata",
	    [FOUND_NXDOMAIN] = "nxdomain",
	    [FOUND_SEVERAL] = "several",
	};
	return (size_t)found < sizeof(names) / sizeof(names[0]) ? names[found] : "unknown";
}

const char *
sweep_alias_name(enum sweep_alias alias)
{
	static const char *const names[] = {
	    [ALIAS_NONE_WANTED] = "none-wanted",
	    [ALIAS_RIGHT] = "right",
	    [ALIAS_MISSING] = "missing",
	    [ALIAS_WRONG] = "wrong",
	    [ALIAS_FLATTENED] = "flattened",
	    [ALIAS_PROXIED] = "proxied",
	    [ALIAS_DIFFERS] = "differs",
	    [ALIAS_UNKNOWN] = "unknown",
	};
	return (size_t)alias < sizeof(names) / sizeof(names[0]) ? names[alias] : "unknown";
}

void
sweep_answer_format(const struct sweep_answer *a, struct buf *out)
{
	static const char *const names[] = {"good", "bad", "mute"};
	char at[IP_TEXT_LEN + 8];

	endpoint_text(&a->endpoint, at);
	buf_printf(out, "%s %s %s", a->server, at, names[a->verdict]);
	if (a->verdict == ANSWER_GOOD && a->found != FOUND_RECORD)
		buf_printf(out, " %s", answer_found_name(a->found));
	if (a->verdict == ANSWER_GOOD && a->ttl > 0)
		buf_printf(out, " ttl=%u", (unsigned)a->ttl);
	if (a->serial != 0 && a->verdict != ANSWER_BAD) /* its why tells it */
		buf_printf(out, " serial=%u", (unsigned)a->serial);
	if (a->lame)
		buf_put_str(out, " lame");
	if (a->former)
		buf_put_str(out, " former");
	if (a->waived)
		buf_put_str(out, " waived");
	if (a->denies_above)
		buf_put_str(out, " denies-above");
	if (a->why[0] != '\0')
		buf_printf(out, " (%s)", a->why);
}

void
sweep_format(const struct sweep *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		sweep_answer_format(&s->answers[i], out);
		buf_put_byte(out, '\n');
	}
}

void
sweep_put_ignored(const struct dns_conf *conf, struct buf *out)
{
	char at[IP_TEXT_LEN + 8];

	for (size_t i = 0; i < conf->ignored_count; i++) {
		endpoint_text(&conf->ignored[i], at);
		buf_printf(out, "%s%s", i == 0 ? "" : ", ", at);
	}
}
