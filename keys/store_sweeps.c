/* SPDX-License-Identifier: ISC */
/* store_sweeps.c - rows of sweeps and their answers. */
#include "keys/store_sweeps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKS_LEN 8192
#define SWEEP_COLUMNS                                                                              \
	"key, role, expect, queries, started_at, ended_at, links, passed, failed, why, resolver, " \
	"resolver_warn_at, alias, alias_found, delegated, domain_gone, wildcard, ttl_max_s, "      \
	"negative_max_s, negative_parent_s, obstruction"
#define ANSWER_COLUMNS                                                                             \
	"server, addr, port, verdict, found, link, former, unroutable, lame, ttl, listed_ttl_s, "  \
	"serial, why"

const char *const EVIDENCE_NAMES[] = {
    [EVIDENCE_LAST] = "last",
    [EVIDENCE_FIRST] = "first",
    [EVIDENCE_SECOND] = "second",
    [EVIDENCE_PROOF] = "proof",
    [EVIDENCE_RENEWED] = "renewed",
    [EVIDENCE_BAD] = "bad",
    [EVIDENCE_SEEN] = "seen",
};

#define ROLE_COUNT (sizeof(EVIDENCE_NAMES) / sizeof(EVIDENCE_NAMES[0]))

static int
insert_answers(struct store *store, int64_t id, const struct sweep *sweep, struct err *err)
{
	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		if (sql_run(store, err,
			"INSERT INTO answer (sweep, n, " ANSWER_COLUMNS ") "
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			"iittiiiiiiiiiit", id, (int64_t)i, a->server, addr,
			(int64_t)a->endpoint.port, (int64_t)a->verdict, (int64_t)a->found,
			(int64_t)a->link, (int64_t)a->former, (int64_t)a->family_unroutable,
			(int64_t)a->lame, (int64_t)a->ttl, (int64_t)a->listed_ttl_s,
			(int64_t)a->serial, a->why) != 0)
			return -1;
	}
	return 0;
}

/* "NAME ZONE 1 NAME ZONE 0": the chain, and which zones are signed. */
static void
format_links(const struct sweep *sweep, struct buf *out)
{
	for (size_t i = 0; i < sweep->link_count; i++)
		buf_printf(out, "%s%s %s %d", i == 0 ? "" : " ", sweep->links[i].name,
		    sweep->links[i].zone[0] == '\0' ? "." : sweep->links[i].zone,
		    sweep->links[i].zone_signed ? 1 : 0);
}

static bool
next_word(struct slice *rest, char *out, size_t size)
{
	size_t at = rest->len;

	slice_find(*rest, ' ', &at);
	bool fits = slice_to_str(slice_sub(*rest, 0, at), out, size) && at > 0;
	*rest = slice_from(*rest, at + 1);
	return fits;
}

static bool
parse_links(struct slice rest, struct sweep *sweep)
{
	char digit[2];

	sweep->link_count = 0;
	while (rest.len > 0 && sweep->link_count < SWEEP_LINKS_MAX) {
		struct sweep_link *l = &sweep->links[sweep->link_count++];
		if (!next_word(&rest, l->name, sizeof(l->name)) ||
		    !next_word(&rest, l->zone, sizeof(l->zone)) ||
		    !next_word(&rest, digit, sizeof(digit)))
			return false;
		if (strcmp(l->zone, ".") == 0)
			l->zone[0] = '\0';
		l->zone_signed = digit[0] == '1';
	}
	if (sweep->link_count > 0) {
		const struct sweep_link *last = &sweep->links[sweep->link_count - 1];
		snprintf(sweep->zone, sizeof(sweep->zone), "%.*s", DOMAIN_LEN_MAX, last->zone);
		sweep->zone_signed = last->zone_signed;
	}
	return rest.len == 0;
}

int
store_sweep_insert(struct store *store, int64_t key_id, enum evidence_role role,
    const struct store_sweep *s, struct err *err)
{
	const struct sweep *w = &s->sweep;
	struct buf links;

	buf_init(&links, LINKS_LEN);
	format_links(w, &links);
	int rc = buf_check(&links, "the chain of a sweep", err);
	if (rc == 0)
		rc = sql_run(store, err,
		    "INSERT INTO sweep (" SWEEP_COLUMNS ") "
		    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		    "itiiiitiittnitiiiiiii", key_id, EVIDENCE_NAMES[role], (int64_t)s->expect,
		    (int64_t)s->queries, w->started_at, w->ended_at, buf_str(&links),
		    (int64_t)s->passed, (int64_t)s->failed, s->why, s->resolver,
		    s->resolver_warn_at, (int64_t)w->alias, w->alias_found, (int64_t)w->delegated,
		    (int64_t)w->domain_gone, (int64_t)w->wildcard, w->ttl_max_s, w->negative_max_s,
		    w->negative_parent_s, (int64_t)w->obstruction);
	buf_deinit(&links);
	return rc != 0 ? -1 : insert_answers(store, sqlite3_last_insert_rowid(store->db), w, err);
}

static void
count_answer(struct sweep *sweep, enum answer_verdict verdict)
{
	size_t *counts[] = {
	    [ANSWER_GOOD] = &sweep->good, [ANSWER_BAD] = &sweep->bad, [ANSWER_MUTE] = &sweep->mute};

	++*counts[verdict];
}

static int
read_answer(struct sql *q, const struct sweep *sweep, struct sweep_answer *a)
{
	char addr[IP_TEXT_LEN];
	int64_t verdict = sql_i64(q, 3), found = sql_i64(q, 4), link = sql_i64(q, 5);

	memset(a, 0, sizeof(*a));
	sql_text(q, 0, a->server, sizeof(a->server));
	sql_text(q, 1, addr, sizeof(addr));
	a->endpoint.port = (uint16_t)sql_i64(q, 2);
	a->former = sql_i64(q, 6) != 0;
	a->family_unroutable = sql_i64(q, 7) != 0;
	a->lame = sql_i64(q, 8) != 0;
	a->ttl = (uint32_t)sql_i64(q, 9);
	a->listed_ttl_s = (uint32_t)sql_i64(q, 10);
	a->serial = (uint32_t)sql_i64(q, 11);
	sql_text(q, 12, a->why, sizeof(a->why));
	if (verdict < ANSWER_GOOD || verdict > ANSWER_MUTE || found < FOUND_UNKNOWN ||
	    found > FOUND_SEVERAL || link < 0 || (link > 0 && link >= (int64_t)sweep->link_count))
		return err_set(q->err, ERR_CONFIG, "%s: a damaged row of evidence", q->store->path);
	a->verdict = (enum answer_verdict)verdict;
	a->found = (enum answer_found)found;
	a->link = (uint8_t)link;
	return ip_addr_parse(slice_of(addr), &a->endpoint.addr, q->err);
}

static int
read_answers(struct store *store, int64_t id, struct sweep *sweep, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc =
	    sql_open(&q, "SELECT " ANSWER_COLUMNS " FROM answer WHERE sweep = ? ORDER BY n LIMIT ?",
		"ii", id, (int64_t)SWEEP_SERVERS_MAX);

	while (rc == 0 && (rc = sql_row(&q)) == 1) {
		rc = read_answer(&q, sweep, &sweep->answers[sweep->count]);
		if (rc == 0)
			count_answer(sweep, sweep->answers[sweep->count++].verdict);
	}
	sql_close(&q);
	return rc;
}

/* Column 0 is the id, then SWEEP_COLUMNS. */
static int
read_sweep(struct sql *q, struct store_sweep *out)
{
	struct sweep *w = &out->sweep;
	char role[16], links[LINKS_LEN];

	out->found = true;
	out->id = sql_i64(q, 0);
	sql_text(q, 2, role, sizeof(role));
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(role, EVIDENCE_NAMES[i]) == 0)
			out->role = (enum evidence_role)i;
	}
	out->expect = w->expect = (enum key_expect)sql_i64(q, 3);
	out->queries = (unsigned)sql_i64(q, 4);
	w->started_at = sql_i64(q, 5);
	w->ended_at = sql_i64(q, 6);
	sql_text(q, 7, links, sizeof(links));
	out->passed = sql_i64(q, 8) != 0;
	out->failed = sql_i64(q, 9) != 0;
	sql_text(q, 10, out->why, sizeof(out->why));
	sql_text(q, 11, out->resolver, sizeof(out->resolver));
	out->resolver_warn_at = sql_time(q, 12);
	w->alias = (enum sweep_alias)sql_i64(q, 13);
	sql_text(q, 14, w->alias_found, sizeof(w->alias_found));
	w->delegated = sql_i64(q, 15) != 0;
	w->domain_gone = sql_i64(q, 16) != 0;
	w->wildcard = sql_i64(q, 17) != 0;
	w->ttl_max_s = sql_i64(q, 18);
	w->negative_max_s = sql_i64(q, 19);
	w->negative_parent_s = sql_i64(q, 20);
	w->obstruction = (enum sweep_obstruction)sql_i64(q, 21);
	if (!parse_links(slice_of(links), w))
		return err_set(q->err, ERR_CONFIG, "%s: a damaged row of evidence", q->store->path);
	return 0;
}

int
store_sweep_find(
    struct store *store, int64_t key_id, enum evidence_role role, int64_t *id, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc =
	    sql_open(&q, "SELECT id FROM sweep WHERE key = ? AND role = ? ORDER BY id DESC LIMIT 1",
		"it", key_id, EVIDENCE_NAMES[role]);

	*id = 0;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*id = sql_i64(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

int
store_sweep_read(struct store *store, int64_t id, struct store_sweep *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q, "SELECT id, " SWEEP_COLUMNS " FROM sweep WHERE id = ?", "i", id);

	memset(out, 0, sizeof(*out));
	if (rc == 0 && (rc = sql_row(&q)) == 1)
		rc = read_sweep(&q, out);
	sql_close(&q);
	return rc == 0 && out->found ? read_answers(store, id, &out->sweep, err) : rc;
}

int
store_sweep_get(struct store *store, int64_t key_id, enum evidence_role role,
    struct store_sweep *out, struct err *err)
{
	int64_t id;

	if (store_sweep_find(store, key_id, role, &id, err) != 0)
		return -1;
	return store_sweep_read(store, id, out, err);
}

static bool
says_the_same(const struct store_sweep *a, const struct store_sweep *b)
{
	if (a->expect != b->expect || a->passed != b->passed || a->failed != b->failed ||
	    strcmp(a->why, b->why) != 0 || a->sweep.count != b->sweep.count ||
	    a->sweep.alias != b->sweep.alias || a->sweep.link_count != b->sweep.link_count ||
	    a->sweep.obstruction != b->sweep.obstruction)
		return false;
	for (size_t i = 0; i < a->sweep.count; i++) {
		const struct sweep_answer *x = &a->sweep.answers[i], *y = &b->sweep.answers[i];
		if (x->verdict != y->verdict || x->found != y->found || x->link != y->link ||
		    x->former != y->former || x->endpoint.port != y->endpoint.port ||
		    memcmp(&x->endpoint.addr, &y->endpoint.addr, sizeof(x->endpoint.addr)) != 0)
			return false;
	}
	return true;
}

int
store_sweep_compare(struct store *store, struct sweep_comparison *c, struct err *err)
{
	struct store_sweep *last = malloc(sizeof(*last));

	if (last == NULL)
		return err_nomem(err);
	int rc = store_sweep_get(store, c->key_id, EVIDENCE_LAST, last, err);
	if (rc == 0) {
		c->last = last->id;
		/* a look that asks more often than the one before says more */
		c->same = last->found && says_the_same(last, c->with) &&
			  last->queries == c->with->queries;
	}
	free(last);
	return rc;
}

int
store_sweep_keep(struct store *store, int64_t key_id, int64_t *id, struct err *err)
{
	struct store_sweep *last = malloc(sizeof(*last));

	*id = 0;
	if (last == NULL)
		return err_nomem(err);
	int rc = store_sweep_get(store, key_id, EVIDENCE_LAST, last, err);
	if (rc == 0 && last->found) {
		rc = store_sweep_insert(store, key_id, EVIDENCE_PROOF, last, err);
		if (rc == 0)
			rc = store_sweep_find(store, key_id, EVIDENCE_PROOF, id, err);
	}
	free(last);
	return rc;
}
