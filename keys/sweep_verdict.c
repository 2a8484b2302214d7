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

enum excuse { EXCUSE_NONE, EXCUSE_ROUTE, EXCUSE_LAME, EXCUSE_SILENCE };

static enum excuse
excuse_of(const struct sweep *s, const struct sweep_answer *a, int64_t since,
    const struct sweep_patience *patience)
{
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
has_good(const struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_GOOD)
			return true;
	return false;
}

bool
sweep_passes(const struct sweep *s, const int64_t *mute_since,
    const struct sweep_patience *patience, const struct resolver_view *view, struct err *why)
{
	const struct sweep_answer *a = find_obstacle(s, mute_since, patience);
	char at[IP_TEXT_LEN + 8];
	if (a != NULL) {
		endpoint_text(&a->endpoint, at);
		err_set(why, ERR_DNS, "%s (%s): %s", a->server, at, a->why);
		return false;
	}
	if (!has_good(s)) {
		err_set(why, ERR_DNS, "no server of %s has shown the record", s->zone);
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
	return find_obstacle(s, mute_since, patience) == NULL && has_good(s) &&
	       find_silent(s, mute_since, patience) != NULL;
}

static size_t
count_like(const struct sweep *s, const struct sweep_answer *like)
{
	size_t count = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		count += a->endpoint.port == like->endpoint.port &&
			 ip_addr_eq(&a->endpoint.addr, &like->endpoint.addr) &&
			 strcmp(a->server, like->server) == 0;
	}
	return count;
}

static bool
has_bad(const struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->answers[i].verdict == ANSWER_BAD)
			return true;
	return false;
}

/* The order of servers may differ (NS sets are rotated), and one server may hold two zones of a chain.  GOOD is always
 * the same octets; K16: a server that was mute in one of the two says nothing against the other. */
bool
sweep_equal(const struct sweep *a, const struct sweep *b)
{
	if (has_bad(a) || has_bad(b) || a->count != b->count || a->zone_signed != b->zone_signed ||
	    strcmp(a->zone, b->zone) != 0)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (count_like(a, &a->answers[i]) != count_like(b, &a->answers[i]))
			return false;
	return true;
}

void
sweep_format(const struct sweep *s, struct buf *out)
{
	static const char *const names[] = {"good", "bad", "mute"};
	char at[IP_TEXT_LEN + 8];
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		endpoint_text(&a->endpoint, at);
		buf_printf(out, "%s %s %s", a->server, at, names[a->verdict]);
		if (a->verdict == ANSWER_GOOD)
			buf_printf(out, " ttl=%u", (unsigned)a->ttl);
		if (a->serial != 0 && a->verdict != ANSWER_BAD) /* its why tells it */
			buf_printf(out, " serial=%u", (unsigned)a->serial);
		if (a->lame)
			buf_put_str(out, " lame");
		if (a->why[0] != '\0')
			buf_printf(out, " (%s)", a->why);
		buf_put_byte(out, '\n');
	}
}
