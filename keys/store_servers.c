/* SPDX-License-Identifier: ISC */
/* store_servers.c - the silence of servers, servers that were listed, signers that were asked, and
 * how many domains have lost their record. */
#include "keys/store_sql.h"

#include <stdlib.h>
#include <string.h>

/* One server's row: which it is, since when it has been mute, and when that was last seen. */
struct silence {
	const char *zone;
	char addr[IP_TEXT_LEN];
	int64_t port;
	int64_t since, seen;
};

static int
silence_get(struct store *store, struct silence *s, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc =
	    sql_open(&q, "SELECT since, seen FROM silence WHERE zone = ? AND addr = ? AND port = ?",
		"tti", s->zone, s->addr, s->port);

	s->since = s->seen = NEVER;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		s->since = sql_i64(&q, 0);
		s->seen = sql_i64(&q, 1);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static int
silence_note(struct store *store, struct silence *s, int64_t now, struct err *err)
{
	return sql_run(store, err,
	    "INSERT OR REPLACE INTO silence (zone, addr, port, since, seen) VALUES (?, ?, ?, ?, ?)",
	    "ttiii", s->zone, s->addr, s->port, s->since == NEVER ? now : s->since, now);
}

static int
silence_end(struct store *store, const struct silence *s, struct err *err)
{
	return sql_run(store, err, "DELETE FROM silence WHERE zone = ? AND addr = ? AND port = ?",
	    "tti", s->zone, s->addr, s->port);
}

int
store_silence(struct store *store, const struct sweep *sweep, int64_t gap_s,
    int64_t since[static SWEEP_SERVERS_MAX], struct err *err)
{
	int64_t now = sweep->started_at;
	int rc = 0;

	if (store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		struct silence s = {
		    .zone = a->link < sweep->link_count ? sweep->links[a->link].zone : sweep->zone,
		    .port = a->endpoint.port};
		bool mute = a->verdict == ANSWER_MUTE;
		ip_addr_format(&a->endpoint.addr, s.addr);
		rc = silence_get(store, &s, err);
		bool known = s.since != NEVER;
		/* nobody looked for long, or the clock was wrong: what lies between is not known */
		if (known && (s.since > now || now - s.seen > gap_s))
			s.since = NEVER;
		if (rc == 0 && mute)
			rc = silence_note(store, &s, now, err);
		else if (rc == 0 && known)
			rc = silence_end(store, &s, err);
		since[i] = mute ? s.since : NEVER;
	}
	return store_end(store, rc, err);
}

int
store_servers_put(struct store *store, const char *zone, const struct store_server *servers,
    size_t count, struct err *err)
{
	int rc = 0;

	if (store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		char addr[IP_TEXT_LEN];
		ip_addr_format(&servers[i].endpoint.addr, addr);
		rc = sql_run(store, err,
		    "INSERT INTO server (zone, host, addr, port, last_listed, ttl_s) "
		    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (zone, addr, port) DO UPDATE SET "
		    "host = excluded.host, last_listed = max(last_listed, excluded.last_listed), "
		    "ttl_s = max(ttl_s, excluded.ttl_s)",
		    "tttiii", zone, servers[i].host, addr, (int64_t)servers[i].endpoint.port,
		    servers[i].last_listed, servers[i].ttl_s);
	}
	return store_end(store, rc, err);
}

static int
read_server(struct sql *q, void *element)
{
	struct store_server *s = element;
	char addr[IP_TEXT_LEN];

	sql_text(q, 0, s->host, sizeof(s->host));
	sql_text(q, 1, addr, sizeof(addr));
	s->endpoint.port = (uint16_t)sql_i64(q, 2);
	s->last_listed = sql_i64(q, 3);
	s->ttl_s = sql_i64(q, 4);
	return ip_addr_parse(slice_of(addr), &s->endpoint.addr, q->err);
}

int
store_servers(struct store *store, const char *zone, struct store_server **out, size_t *count,
    struct err *err)
{
	struct store_select select = {.first = zone, .last = zone, .due_by = INT64_MAX};
	struct sql_list list = {
	    .text = "SELECT d.host, d.addr, d.port, d.last_listed, d.ttl_s FROM "
		    "(SELECT *, zone AS name, NULL AS due_at, NULL AS removed_at FROM server) d "
		    "WHERE %s ORDER BY d.addr, d.port",
	    .size = sizeof(struct store_server),
	    .read = read_server};

	if (sql_list(store, &select, &list, err) != 0)
		return -1;
	*out = list.items;
	*count = list.count;
	return 0;
}

int
store_signers_put(struct store *store, const struct store_signers *s, struct err *err)
{
	return sql_run(store, err,
	    "UPDATE domain SET signers_asked_at = ?, signers_needed = ?, signers_agree = ?, "
	    "signers_laggard = ?, due_at = NULL, signers_generation = (SELECT value FROM number "
	    "WHERE name = '" NUMBER_GENERATION "') WHERE name = ?",
	    "niitt", s->asked_at, (int64_t)s->needed, (int64_t)s->agree, s->laggard, s->domain);
}

/* Records that belong there, of keys that sign, stand by, or are in overlap.  A key that is marked as
 * compromised is on its way out. */
#define WATCHED                                                                                    \
	"k.verified IS NOT NULL AND k.compromised IS NULL AND k.abandoned IS NULL AND k.revoked "  \
	"IS "                                                                                      \
	"NULL AND l.expect = 0"

int
store_lost_between(
    struct store *store, int64_t from, int64_t to, struct store_lost *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q,
	    "SELECT (SELECT count(*) FROM domain WHERE active_from IS NOT NULL AND removed_at IS "
	    "NULL), "
	    "count(DISTINCT k.domain), min(l.gone_since) FROM look l CROSS JOIN key k ON k.id = "
	    "l.key "
	    "WHERE l.gone_since >= ? AND l.gone_since <= ? AND " WATCHED,
	    "ii", from, to);

	*out = (struct store_lost){.earliest = NEVER};
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		out->domains = sql_i64(&q, 0);
		out->lost = sql_i64(&q, 1);
		out->earliest = sql_time(&q, 2);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}
