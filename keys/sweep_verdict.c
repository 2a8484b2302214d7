/* SPDX-License-Identifier: ISC */
/* The verdict over a whole sweep, and its text.  Pure. */
#include "keys/sweep.h"

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

static bool
is_excused(const struct sweep *s, const struct sweep_answer *a, int64_t since,
    const struct sweep_patience *patience)
{
	if (a->family_unroutable && is_good_elsewhere(s, a))
		return true;
	if (since == NEVER || since > s->ended_at)
		return false;
	int64_t silent_s = s->ended_at - since;
	if (a->lame && silent_s >= patience->lame_s) /* K15 (b) */
		return true;
	return silent_s >= patience->mute_s; /* K15 (c) */
}

bool
sweep_passes(const struct sweep *s, const int64_t *mute_since,
    const struct sweep_patience *patience, struct err *why)
{
	size_t good = 0;
	char at[IP_TEXT_LEN + 8];
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		good += a->verdict == ANSWER_GOOD;
		if (a->verdict != ANSWER_BAD)
			continue;
		endpoint_text(&a->endpoint, at);
		err_set(why, ERR_DNS, "%s (%s): %s", a->server, at, a->why);
		return false;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		if (a->verdict != ANSWER_MUTE || is_excused(s, a, mute_since[i], patience))
			continue;
		endpoint_text(&a->endpoint, at);
		err_set(why, ERR_DNS, "%s (%s): %s", a->server, at, a->why);
		return false;
	}
	if (good > 0)
		return true;
	err_set(why, ERR_DNS, "no server of %s has shown the record", s->zone);
	return false;
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
