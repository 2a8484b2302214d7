/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "keys/keyfile.h"
#include "keys/looks.h"
#include "keys/store_deeds.h"
#include "keys/store_evidence.h"
#include "tests/unit/said.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#define NOW 1795305600

/* What explain and doctor tell of the file of a key. */
static const struct said_row KEYFILES[] = {
    {"*/keys/a.example/s1.pem: No such file or directory; put it back from a backup", "the file is gone"},
    {"*/keys/a.example/s1.pem has mode 0644; chmod 0640 it", "others may read it"},
    {"*/keys/a.example/s1.pem has mode 0600, and the milter cannot read it; chmod 0640 it",
	"the milter's group may not read it, and the store is open to that group"},
    {"*/keys/a.example/s1.pem holds another key than the one that was published; put the right one back from a backup",
	"the file was exchanged"},
};

/* The same; only root can make these. */
static const struct said_row KEYFILE_GROUPS[] = {
    {"*/keys belongs to group *, and the milter enters as group *; chgrp * it, and chmod 2750 it",
	"keys/ was made by one who is not in the milter's group, and handed down to nobody"},
    {"*/keys/a.example has mode 0700, and the milter cannot enter it; chmod 2750 it", "a backup was put back so"},
    {"*/keys/a.example/s1.pem belongs to group *, and the milter reads as group *; chgrp * it, and chmod 2750 its directory",
	"the same, of the file alone"},
};

struct box {
	char dir[64];
	char db[96];
	struct store *store;
};

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
setup(void **state)
{
	struct box *box = calloc(1, sizeof(*box));
	struct err err = ERR_INIT;

	if (box == NULL)
		return -1;
	snprintf(box->dir, sizeof(box->dir), "/tmp/test_store.XXXXXX");
	if (mkdtemp(box->dir) == NULL)
		return -1;
	snprintf(box->db, sizeof(box->db), "%s/" STORE_DB, box->dir);
	*state = box;
	if (store_create(box->dir, NOW, &err) != 0 ||
	    store_open(box->dir, 100, &box->store, &err) != 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	struct box *box = *state;

	store_close(box->store);
	int rc = nftw(box->dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
	free(box);
	return rc;
}

static void
put_domain(struct box *box, const char *name, const char *policy)
{
	struct store_domain d = {.added_at = NOW};
	struct err err = ERR_INIT;

	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.policy, sizeof(d.policy), "%s", policy);
	if (store_domain_put(box->store, &d, "test", &err) != 0)
		fail_msg("%s", err.text);
}

static struct store_key
put_key(struct box *box, const char *domain, const char *selector, uint8_t mark)
{
	struct store_key k = {.alg = KEY_RSA_SHA256, .bits = 2048, .ttl_s = 3600, .slot = -1};
	struct err err = ERR_INIT;

	snprintf(k.domain, sizeof(k.domain), "%s", domain);
	snprintf(k.selector, sizeof(k.selector), "%s", selector);
	snprintf(k.policy, sizeof(k.policy), "default");
	snprintf(k.record, sizeof(k.record), "v=DKIM1; k=rsa; h=sha256; p=AA%02x", mark);
	memset(k.spki_hash, mark, sizeof(k.spki_hash));
	if (store_key_put(box->store, &k, NOW, "test", &err) != 0)
		fail_msg("%s", err.text);
	return k;
}

static int64_t
count_rows(struct box *box, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t n = -1;

	assert_int_equal(sqlite3_open(box->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

static int
run_sql(struct box *box, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box->db, &db), SQLITE_OK);
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc;
}

static void
store_create_twice_is_busy_and_private(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(store_create(box->dir, NOW, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(stat(box->db, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM event WHERE verb = 'init'"), 1);
}

static void
store_rows_come_back(void **state)
{
	struct box *box = *state;
	struct store_domain *domains;
	struct store_key *keys;
	struct err err = ERR_INIT;
	size_t n;

	put_domain(box, "b.example", "default");
	put_domain(box, "a.example", "default");
	put_domain(box, "a.example", "other");
	put_domain(box, "a.example", "other");
	struct store_key first = put_key(box, "b.example", "s1", 1);
	put_key(box, "a.example", "s2", 2);
	assert_int_equal(store_domains(box->store, NULL, &domains, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(domains[0].name, "a.example");
	assert_string_equal(domains[0].policy, "other");
	free(domains);
	assert_int_equal(store_keys(box->store, NULL, &keys, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(keys[0].selector, "s2");
	assert_memory_equal(&keys[1], &first, sizeof(first));
	free(keys);
	assert_int_equal(store_keys(box->store, "c.example", &keys, &n, &err), 0);
	assert_int_equal(n, 0);
	free(keys);
	/* added twice, one change of policy, two keys; the repeated put says nothing */
	assert_int_equal(count_rows(box, "SELECT count(*) FROM event"), 1 + 3 + 2);
}

static void
store_fact_put_keeps_the_first(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW + 5, "tick", "a.example", "s1", "signs"};
	assert_int_equal(store_fact_put(box->store, &k, FACT_ACTIVATED, &e, &err), 0);
	e.at = NOW + 9;
	assert_int_equal(store_fact_put(box->store, &k, FACT_ACTIVATED, &e, &err), 0);
	assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
	assert_int_equal(keys[0].facts.at[FACT_ACTIVATED], NOW + 5);
	assert_int_equal(keys[0].facts.at[FACT_GENERATED], NOW);
	assert_int_equal(keys[0].facts.at[FACT_RETIRED], NEVER);
	free(keys);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM event WHERE text = 'signs'"), 1);
}

static struct store_sweep
a_sweep(int64_t at, enum answer_verdict second)
{
	struct store_sweep s = {.found = true,
	    .expect = EXPECT_RECORD,
	    .queries = 5,
	    .passed = second == ANSWER_GOOD,
	    .resolver_warn_at = NEVER};

	s.sweep.started_at = at;
	s.sweep.ended_at = at + 1;
	s.sweep.zone_signed = true;
	snprintf(s.sweep.zone, sizeof(s.sweep.zone), "a.example");
	s.sweep.link_count = 1;
	snprintf(s.sweep.links[0].name, sizeof(s.sweep.links[0].name), "s1._domainkey.a.example");
	snprintf(s.sweep.links[0].zone, sizeof(s.sweep.links[0].zone), "a.example");
	s.sweep.links[0].zone_signed = true;
	s.sweep.ttl_max_s = 3600;
	s.sweep.negative_max_s = s.sweep.negative_parent_s = SWEEP_UNKNOWN;
	s.sweep.count = 2;
	s.sweep.good = second == ANSWER_GOOD ? 2 : 1;
	s.sweep.bad = second == ANSWER_BAD;
	s.sweep.mute = second == ANSWER_MUTE;
	for (size_t i = 0; i < 2; i++) {
		struct sweep_answer *a = &s.sweep.answers[i];
		snprintf(a->server, sizeof(a->server), "ns%zu.a.example", i + 1);
		a->endpoint.addr.family = i == 0 ? IP_V4 : IP_V6;
		a->endpoint.addr.octet[0] = 192;
		a->endpoint.port = 5353;
		a->verdict = i == 1 ? second : ANSWER_GOOD;
		a->ttl = 3600;
		a->serial = 4000000000u;
		a->found = a->verdict == ANSWER_GOOD  ? FOUND_RECORD
			   : a->verdict == ANSWER_BAD ? FOUND_NXDOMAIN
						      : FOUND_UNKNOWN;
		a->listed_ttl_s = 86400;
	}
	return s;
}

/* As a pass does it: the looks add up, and are put down with the sweep. */
static struct store_look
look(struct box *box, const struct store_key *key, struct store_look *before, struct store_sweep *s)
{
	struct store_look l;
	struct store_sweep first;
	struct err err = ERR_INIT;

	if (before == NULL) {
		l = (struct store_look){.key_id = key->id, .expect = s->expect};
		looks_begin(&l.looks);
	} else {
		l = *before;
	}
	assert_int_equal(store_sweep_get(box->store, key->id, EVIDENCE_FIRST, &first, &err), 0);
	looks_add(&l.looks, &(struct looks_sweep){.sweep = &s->sweep,
				.passed = s->passed,
				.may_prove = true,
				.first = first.found ? &first.sweep : NULL,
				.contradicts = s->sweep.bad > 0,
				.apart_s = 30});
	if (store_look_put(box->store, &l, s, &err) != 0)
		fail_msg("%s", err.text);
	return l;
}

static struct store_look
stored_look(struct box *box, const char *domain)
{
	struct store_select select = store_select_domain(domain);
	struct store_look *list, out;
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(store_looks_select(box->store, &select, &list, &n, &err), 0);
	assert_int_equal(n, 1);
	out = list[0];
	free(list);
	return out;
}

static void
store_sweep_round_trips(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_sweep in = a_sweep(NOW, ANSWER_BAD), out;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_LAST, &out, &err), 0);
	assert_false(out.found);
	snprintf(in.why, sizeof(in.why), "ns2 has another key");
	snprintf(in.resolver, sizeof(in.resolver), "the resolver 192.0.2.53 has the record");
	in.resolver_warn_at = NOW + 86400;
	look(box, &k, NULL, &in);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_LAST, &out, &err), 0);
	in.id = out.id;
	assert_memory_equal(&in, &out, sizeof(in));
	/* one that says the same takes its place; one that does not leaves it as it was seen */
	in.sweep.ended_at += 5;
	look(box, &k, NULL, &in);
	assert_int_equal(
	    count_rows(box, "SELECT count(*) FROM sweep WHERE role IN ('last', 'seen')"), 1);
	in = a_sweep(NOW + 60, ANSWER_GOOD);
	look(box, &k, NULL, &in);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'last'"), 1);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'seen'"), 1);
	for (int i = 0; i < 60; i++) {
		in = a_sweep(NOW + 100 + i, i % 2 == 0 ? ANSWER_MUTE : ANSWER_GOOD);
		look(box, &k, NULL, &in);
	}
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'seen'"), 20);
	assert_int_equal(run_sql(box, "UPDATE sweep SET links = 'a b'"), SQLITE_OK);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_LAST, &out, &err), -1);
	assert_non_null(strstr(err.text, "damaged"));
}

static void
store_proven_keeps_the_pair(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_sweep first = a_sweep(NOW, ANSWER_GOOD),
			   second = a_sweep(NOW + 60, ANSWER_GOOD);
	struct store_log_row *rows;
	struct store_sweep out;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW + 70, "tick", "a.example", "s1", "proven"};
	struct store_look l = look(box, &k, NULL, &first);
	assert_int_equal(
	    store_proven(box->store, &k, FACT_VERIFIED, &e, &err), -1); /* one is no pair */
	l = look(box, &k, &l, &second);
	assert_int_equal(l.looks.second_pass_at, NOW + 61);
	assert_int_equal(store_proven(box->store, &k, FACT_VERIFIED, &e, &err), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'proof'"), 2);
	l = stored_look(box, "a.example");
	assert_true(l.looks.first_pass_at == NEVER && l.looks.second_pass_at == NEVER);
	assert_int_equal(l.looks.proven_at, NOW + 61);
	assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
	/* K24: the end of the second sweep, not the moment of writing */
	assert_int_equal(keys[0].facts.at[FACT_VERIFIED], NOW + 61);
	k = keys[0];
	free(keys);
	/* the log leads to what permitted it */
	assert_int_equal(
	    store_log(box->store,
		&(struct store_log_query){.domain = "a.example", .since = NEVER, .newest = 1},
		&rows, &n, &err),
	    0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].text, "proven");
	assert_int_equal(store_sweep_read(box->store, rows[0].evidence, &out, &err), 0);
	assert_true(out.found && out.sweep.ended_at == NOW + 61);
	free(rows);
	/* proven anew: the first pair stays, of later ones the last */
	for (int i = 1; i <= 3; i++) {
		first = a_sweep(NOW + i * 1000, ANSWER_GOOD);
		second = a_sweep(NOW + i * 1000 + 60, ANSWER_GOOD);
		l = look(box, &k, &l, &first);
		l = look(box, &k, &l, &second);
		assert_int_equal(store_proven(box->store, &k, FACT_VERIFIED, &e, &err), 0);
		l = stored_look(box, "a.example");
	}
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'proof'"), 2);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'renewed'"), 2);
	assert_int_equal(l.looks.proven_at, NOW + 3061);
	assert_int_equal(count_rows(box, "SELECT verified FROM key"), NOW + 61);
}

/* K16: what a contradiction means is on disk together with it, and silence does not make it good. */
static void
store_look_put_remembers_contradictions(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_sweep good = a_sweep(NOW, ANSWER_GOOD), again = a_sweep(NOW + 60, ANSWER_GOOD),
			   bad = a_sweep(NOW + 120, ANSWER_BAD),
			   mute = a_sweep(NOW + 180, ANSWER_MUTE), out;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW + 70, "tick", "a.example", "s1", "proven"};
	struct store_look l = look(box, &k, NULL, &good);
	look(box, &k, &l, &again);
	l = stored_look(box, "a.example");
	assert_int_equal(store_proven(box->store, &k, FACT_VERIFIED, &e, &err), 0);
	l = stored_look(box, "a.example");
	l = look(box, &k, &l, &bad);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_FIRST, &out, &err), 0);
	assert_false(out.found);
	look(box, &k, &l, &mute);
	l = stored_look(box, "a.example");
	assert_true(l.looks.contradicted && !l.looks.last_passed);
	assert_int_equal(l.looks.gone_since, NOW + 121);
	assert_int_equal(l.looks.gone_sweeps, 1);
	assert_int_equal(l.looks.proven_at, NOW + 61);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_BAD, &out, &err), 0);
	assert_true(out.found);
}

/* K11: how many have lost their record, and since when. */
static void
store_lost_between_counts_domains(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_lost lost;
	char name[32];

	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		put_domain(box, name, "default");
		struct store_key k = put_key(box, name, "s1", (uint8_t)(i + 1));
		struct store_event e = {NOW, "tick", name, "s1", "x"};
		assert_int_equal(store_fact_put(box->store, &k, FACT_VERIFIED, &e, &err), 0);
		assert_int_equal(
		    store_switch(box->store,
			&(struct store_switch){.on = &k, .at = NOW, .verb = "tick", .why = "y"},
			&err),
		    0);
		struct store_look l = {.key_id = k.id, .expect = EXPECT_RECORD};
		looks_begin(&l.looks);
		if (i >= 2)
			l.looks.gone_since = NOW + i;
		struct store_sweep s = a_sweep(NOW, ANSWER_BAD);
		assert_int_equal(store_look_put(box->store, &l, &s, &err), 0);
		if (i == 4) /* on its way out anyway */
			assert_int_equal(
			    store_fact_put(box->store, &k, FACT_COMPROMISED, &e, &err), 0);
	}
	assert_int_equal(store_lost_between(box->store, NOW, INT64_MAX, &lost, &err), 0);
	assert_int_equal(lost.domains, 5);
	assert_int_equal(lost.lost, 2);
	assert_int_equal(lost.earliest, NOW + 2);
	assert_int_equal(store_lost_between(box->store, NOW + 3, INT64_MAX, &lost, &err), 0);
	assert_int_equal(lost.lost, 1);
}

static void
store_switch_is_one_transaction(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_domain *d;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key a = put_key(box, "a.example", "s1", 1),
			 b = put_key(box, "a.example", "s2", 2);
	struct store_switch s = {.on = &a, .at = NOW + 10, .verb = "tick", .why = "first"};
	assert_int_equal(store_switch(box->store, &s, &err), 0);
	s = (struct store_switch){
	    .on = &b, .off = &a, .at = NOW + 20, .verb = "tick", .why = "due"};
	assert_int_equal(store_switch(box->store, &s, &err), 0);
	assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
	assert_int_equal(keys[0].facts.at[FACT_RETIRED], NOW + 20);
	assert_int_equal(keys[1].facts.at[FACT_ACTIVATED], NOW + 20);
	struct store_event e = {NOW + 25, "tick", "a.example", "s1", "left"};
	assert_int_equal(store_number_put(box->store, NUMBER_TRUSTED_S, 500, &err), 0);
	assert_int_equal(store_fact_put(box->store, &keys[0], FACT_ACKNOWLEDGED, &e, &err), 0);
	free(keys);
	/* back again: it is neither retired nor acknowledged any more */
	s = (struct store_switch){
	    .on = &a, .off = &b, .at = NOW + 30, .verb = "rollback", .why = "said"};
	assert_int_equal(store_switch(box->store, &s, &err), 0);
	assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
	assert_int_equal(keys[0].facts.at[FACT_RETIRED], NEVER);
	assert_int_equal(keys[0].facts.at[FACT_ACKNOWLEDGED], NEVER);
	assert_int_equal(keys[0].counted_from, NEVER);
	assert_int_equal(keys[0].facts.at[FACT_ACTIVATED], NOW + 30);
	assert_int_equal(keys[1].facts.at[FACT_RETIRED], NOW + 30);
	free(keys);
	/* not a key whose file is gone: and then nothing at all is changed */
	assert_int_equal(store_fact_put(box->store, &b, FACT_DESTROYED, &e, &err), 0);
	s = (struct store_switch){
	    .on = &b, .off = &a, .at = NOW + 40, .verb = "rollback", .why = "said"};
	assert_int_equal(store_switch(box->store, &s, &err), -1);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM key WHERE retired IS NULL"), 1);
	assert_int_equal(store_domains(box->store, "a.example", &d, &n, &err), 0);
	assert_int_equal(d->active_from, NOW + 10);
	assert_int_equal(d->table_at, NOW + 30);
	assert_int_equal(d->due_at, NEVER);
	free(d);
}

/* A slot's name is used again, when the file of its last key is gone. */
static void
store_key_put_reuses_a_slot_name(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_key second = {.alg = KEY_RSA_SHA256,
	    .domain = "a.example",
	    .selector = "s1",
	    .policy = "p",
	    .slot = 0,
	    .record = "v=DKIM1; p=BBBB"};
	bool ours;

	put_domain(box, "a.example", "default");
	struct store_key first = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW, "tick", "a.example", "s1", "x"};
	memset(second.spki_hash, 9, sizeof(second.spki_hash));
	assert_int_equal(store_key_put(box->store, &second, NOW, "test", &err), -1);
	assert_int_equal(store_fact_put(box->store, &first, FACT_DESTROYED, &e, &err), 0);
	assert_int_equal(store_key_put(box->store, &second, NOW, "test", &err), 0);
	/* K31: ours for ever */
	assert_int_equal(store_is_ours(box->store, slice_of(first.record), &ours, &err), 0);
	assert_true(ours);
	assert_int_equal(store_is_ours(box->store, SLICE_LIT("v=DKIM1; p=CCCC"), &ours, &err), 0);
	assert_false(ours);
	assert_int_equal(store_is_ours(box->store, SLICE_LIT("v=DKIM1; p="), &ours, &err), 0);
	assert_false(ours);
	assert_int_not_equal(run_sql(box, "DELETE FROM ours"), SQLITE_OK);
}

/* Only what is due is loaded; whatever is said to a domain makes it due. */
static void
store_select_takes_what_is_due(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_select due = {.due_by = NOW};
	struct store_domain *d;
	struct store_key *keys;
	int64_t next;
	size_t n;

	put_domain(box, "a.example", "default");
	put_domain(box, "b.example", "default");
	put_key(box, "a.example", "s1", 1);
	put_key(box, "b.example", "s1", 2);
	assert_int_equal(store_domain_due(box->store, "a.example", NOW + 100, &err), 0);
	assert_int_equal(store_domains_select(box->store, &due, &d, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(d->name, "b.example");
	free(d);
	assert_int_equal(store_keys_select(box->store, &due, &keys, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(keys[0].domain, "b.example");
	free(keys);
	assert_int_equal(store_domain_due(box->store, "b.example", NOW + 50, &err), 0);
	assert_int_equal(store_next_due(box->store, &next, &err), 0);
	assert_int_equal(next, NOW + 50);
	struct store_event e = {NOW, "roll", "a.example", "", "roll was said"};
	assert_int_equal(store_domain_mark(box->store,
			     &(struct store_marking){"a.example", MARK_ROLL, NOW}, &e, &err),
	    0);
	assert_int_equal(store_domains_select(box->store, &due, &d, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(d->roll_at, NOW);
	free(d);
	assert_int_equal(store_domain_mark(box->store,
			     &(struct store_marking){"c.example", MARK_ROLL, NOW}, &e, &err),
	    -1);
	/* what is removed is shown to who asks for it by name */
	assert_int_equal(store_domain_mark(box->store,
			     &(struct store_marking){"a.example", MARK_REMOVED, NOW}, &e, &err),
	    0);
	assert_int_equal(store_domains(box->store, NULL, &d, &n, &err), 0);
	assert_int_equal(n, 1);
	free(d);
	assert_int_equal(store_domains(box->store, "a.example", &d, &n, &err), 0);
	assert_int_equal(n, 1);
	free(d);
	put_domain(box, "a.example", "default"); /* and back */
	assert_int_equal(store_domains(box->store, NULL, &d, &n, &err), 0);
	assert_int_equal(n, 2);
	free(d);
}

/* K8: counted from the first look that did not find the held mail any more. */
static void
store_queue_put_counts_from_clear(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW, "tick", "a.example", "s1", "x"};
	assert_int_equal(store_fact_put(box->store, &k, FACT_ACKNOWLEDGED, &e, &err), 0);
	static const struct {
		int64_t oldest, trusted;
		bool held;
		int64_t clear_from;
	} steps[] = {
	    {NOW + 5, 100, false, NEVER}, /* newer than the key's end */
	    {NOW - 5, 200, true, NEVER},
	    {NOW + 5, 300, true, 300},
	    {NEVER, 400, true, 300},
	    {NOW - 5, 500, true, NEVER},
	    {NEVER, 600, true, 600},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(
		    store_number_put(box->store, NUMBER_TRUSTED_S, steps[i].trusted, &err), 0);
		assert_int_equal(store_queue_put(box->store, steps[i].oldest, NOW, &err), 0);
		assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
		assert_int_equal(keys[0].queue_held, steps[i].held);
		assert_int_equal(keys[0].queue_clear_from, steps[i].clear_from);
		free(keys);
	}
}

static void
store_deeds_and_slots_come_back(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_select all = {.due_by = INT64_MAX};
	struct store_slot slot = {.domain = "a.example",
			      .alg = KEY_RSA_SHA256,
			      .n = 1,
			      .token = "abc",
			      .prepared_at = NEVER,
			      .free_at = NEVER,
			      .deed_at = NEVER},
			  *slots;
	struct store_vanished *lost;
	struct store_deed *deeds;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_deed deed = {.key_id = k.id,
	    .deed = DEED_PUBLISH,
	    .tries = {.first_at = NOW, .last_at = NOW + 1, .tries = 2, .done = true},
	    .why = "so",
	    .receipt = "C1"};
	struct store_event e = {NOW, "tick", "a.example", "s1", "published"};
	assert_int_equal(store_deed_put(box->store,
			     &(struct store_deed_put){.key = &k,
				 .deed = &deed,
				 .fact = FACT_PUBLISHED,
				 .vanished = true,
				 .publisher = "dns"},
			     &e, &err),
	    0);
	assert_int_equal(store_deeds_select(box->store, &all, &deeds, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_true(deeds[0].tries.done && deeds[0].tries.tries == 2);
	assert_string_equal(deeds[0].why, "so");
	assert_string_equal(deeds[0].receipt, "C1");
	free(deeds);
	assert_int_equal(store_keys(box->store, NULL, &keys, &n, &err), 0);
	assert_int_equal(keys[0].facts.at[FACT_PUBLISHED], NOW + 1);
	assert_string_equal(keys[0].publisher, "dns");
	free(keys);
	assert_int_equal(store_vanished_since(box->store, NOW, &lost, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(lost[0].times, 1);
	free(lost);
	assert_int_equal(store_slot_put(box->store, &slot, NULL, &err), 0);
	slot.prepared_at = NOW;
	slot.previous_ttl_s = 300;
	snprintf(slot.receipt, sizeof(slot.receipt), "C2");
	snprintf(slot.token, sizeof(slot.token), "other"); /* a token is for ever */
	assert_int_equal(store_slot_put(box->store, &slot, NULL, &err), 0);
	assert_int_equal(store_slots_select(box->store, &all, &slots, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(slots[0].token, "abc");
	assert_int_equal(slots[0].prepared_at, NOW);
	assert_int_equal(slots[0].previous_ttl_s, 300);
	assert_string_equal(slots[0].receipt, "C2");
	free(slots);
	put_domain(box, "b.example", "default");
	snprintf(slot.domain, sizeof(slot.domain), "b.example");
	snprintf(slot.token, sizeof(slot.token), "abc");
	assert_int_equal(store_slot_put(box->store, &slot, NULL, &err), -1); /* and of one domain */
}

/* K2 */
static void
store_servers_remember_when_they_were_listed(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_server s = {.host = "ns1.a.example", .last_listed = NOW, .ttl_s = 100}, *list;
	size_t n;

	s.endpoint.addr.family = IP_V4;
	s.endpoint.port = 53;
	assert_int_equal(store_servers_put(box->store, "a.example", &s, 1, &err), 0);
	s.last_listed = NOW - 5;
	s.ttl_s = 300;
	assert_int_equal(store_servers_put(box->store, "a.example", &s, 1, &err), 0);
	assert_int_equal(store_servers(box->store, "a.example", &list, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].last_listed, NOW);
	assert_int_equal(list[0].ttl_s, 300);
	free(list);
	assert_int_equal(store_servers(box->store, "b.example", &list, &n, &err), 0);
	assert_int_equal(n, 0);
	free(list);
}

/* That nobody may sign is true for the table that said so. */
static void
store_signers_put_holds_for_its_table(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_domain *d;
	size_t n;

	put_domain(box, "a.example", "default");
	assert_int_equal(store_number_put(box->store, NUMBER_GENERATION, 7, &err), 0);
	assert_int_equal(store_signers_put(box->store,
			     &(struct store_signers){"a.example", NOW, false, true, ""}, &err),
	    0);
	assert_int_equal(store_domains(box->store, "a.example", &d, &n, &err), 0);
	assert_true(!d->signers_needed && d->signers_agree);
	free(d);
	assert_int_equal(store_number_put(box->store, NUMBER_GENERATION, 8, &err), 0);
	assert_int_equal(store_domains(box->store, "a.example", &d, &n, &err), 0);
	assert_true(d->signers_needed && !d->signers_agree);
	free(d);
	assert_int_equal(store_signers_put(box->store,
			     &(struct store_signers){"a.example", NOW, true, true, ""}, &err),
	    0);
	assert_int_equal(store_number_put(box->store, NUMBER_GENERATION, 9, &err), 0);
	assert_int_equal(store_domains(box->store, "a.example", &d, &n, &err), 0);
	assert_true(d->signers_needed && d->signers_agree);
	free(d);
}

static void
store_begin_nests(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	int64_t x;

	assert_int_equal(store_begin(box->store, &err), 0);
	assert_int_equal(store_number_put(box->store, "x", 1, &err), 0);
	assert_int_equal(store_begin(box->store, &err), 0);
	assert_int_equal(store_end(box->store, -1, &err), -1);
	assert_int_equal(store_end(box->store, 0, &err), -1); /* a part failed */
	assert_int_equal(store_number_get(box->store, "x", 0, &x, &err), 0);
	assert_int_equal(x, 0);
	assert_int_equal(store_begin_read(box->store, &err), 0);
	assert_int_equal(store_begin(box->store, &err), -1);
	assert_int_equal(store_end(box->store, 0, &err), 0);
}

static void
store_silence_counts_from_the_first(void **state)
{
	enum { GAP = 7200 };
	static const struct {
		const char *name;
		int64_t at;
		enum answer_verdict verdict;
		int64_t since; /* after NOW, -1: NEVER */
	} steps[] = {
	    {"mute", 0, ANSWER_MUTE, -1},
	    {"mute since then", 60, ANSWER_MUTE, 0},
	    {"it speaks", 70, ANSWER_GOOD, -1},
	    {"it spoke in between", 80, ANSWER_MUTE, -1},
	    {"the longest gap", 80 + GAP, ANSWER_MUTE, 80},
	    {"and once more", 80 + 2 * GAP, ANSWER_MUTE, 80},
	    {"months without a look", 90 * 86400, ANSWER_MUTE, -1},
	    {"it counts anew", 90 * 86400 + 60, ANSWER_MUTE, 90 * 86400},
	    {"a second too long", 90 * 86400 + 61 + GAP, ANSWER_MUTE, -1},
	    {"the clock went back", 1000, ANSWER_MUTE, -1},
	    {"and goes on", 1060, ANSWER_MUTE, 1000},
	};
	struct box *box = *state;
	int64_t since[SWEEP_SERVERS_MAX];

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct store_sweep s = a_sweep(NOW + steps[i].at, steps[i].verdict);
		struct err err = ERR_INIT;
		s.sweep.started_at = NOW + steps[i].at;
		if (store_silence(box->store, &s.sweep, GAP, since, &err) != 0)
			fail_msg("%s: %s", steps[i].name, err.text);
		int64_t want = steps[i].since < 0 ? NEVER : NOW + steps[i].since;
		if (since[0] != NEVER || since[1] != want)
			fail_msg("%s: %lld", steps[i].name, (long long)(since[1] - NOW));
	}
}

static void
store_log_is_append_only(void **state)
{
	struct box *box = *state;

	assert_int_not_equal(run_sql(box, "DELETE FROM event"), SQLITE_OK);
	assert_int_not_equal(run_sql(box, "UPDATE event SET text = 'x'"), SQLITE_OK);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM event"), 1);
}

/* The key files of domains that a store made anew would not know. */
static void
store_gone_while_keys_are_there_is_not_made_anew(void **state)
{
	struct box *box = *state;
	struct store *store = NULL;
	struct err err = ERR_INIT;
	struct stat st;
	char path[128];

	store_close(box->store);
	box->store = NULL;
	snprintf(path, sizeof(path), "%s/keys", box->dir);
	(void)mkdir(path, 0700);
	assert_int_equal(remove(box->db), 0);
	assert_int_equal(store_open(box->dir, 100, &store, &err), -1);
	assert_non_null(strstr(err.text, ": no store here; signpost init makes one"));
	for (int n = 0; n < 2; n++) {
		snprintf(path, sizeof(path), "%s/keys/%c.example", box->dir, 'a' + n);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(path, sizeof(path), "%s/keys/%c.example/s.pem", box->dir, 'a' + n);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
	}
	snprintf(path, sizeof(path), "%s/keys/without.example", box->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	err = (struct err)ERR_INIT;
	assert_int_equal(store_open(box->dir, 100, &store, &err), -1);
	assert_non_null(strstr(
	    err.text, "/keystore.db is missing, but keys/ beside it has 2 domains: put a backup of it back"));
	err = (struct err)ERR_INIT;
	assert_int_equal(store_create(box->dir, NOW, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_not_equal(access(box->db, F_OK), 0);
	/* Issue: an empty file, which a full disk leaves, was made a store of. */
	FILE *file = fopen(box->db, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	for (int n = 0; n < 2; n++) {
		err = (struct err)ERR_INIT;
		assert_int_equal(n == 0 ? store_open(box->dir, 100, &store, &err)
					: store_create(box->dir, NOW, &err),
		    -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (strstr(err.text,
			"/keystore.db is empty, but keys/ beside it has 2 domains: put a backup of it back") ==
		    NULL)
			fail_msg("%s", err.text);
	}
	assert_int_equal(stat(box->db, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void
store_open_newer_format_is_refused_untouched(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store *other = NULL;
	struct stat before, after;

	assert_int_equal(run_sql(box, "PRAGMA user_version = 99"), SQLITE_OK);
	assert_int_equal(stat(box->db, &before), 0);
	assert_int_equal(store_open(box->dir, 100, &other, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "a newer signpost wrote it"));
	assert_int_equal(store_create(box->dir, NOW, &err), -1);
	assert_int_equal(stat(box->db, &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(before.st_size, after.st_size);
}

static void
store_open_older_format_becomes_ours(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store *other = NULL;

	assert_int_equal(run_sql(box, "DROP TABLE alert"), SQLITE_OK);
	assert_int_equal(run_sql(box, "DROP TABLE telling"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE domain DROP COLUMN negative_max_s"), SQLITE_OK);
	assert_int_equal(
	    run_sql(box, "ALTER TABLE domain DROP COLUMN negative_lower_since"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE domain DROP COLUMN negative_at"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE key DROP COLUMN safety_max_s"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE slot DROP COLUMN looked_at"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE slot DROP COLUMN alias_why"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE slot DROP COLUMN wrong_looks"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE deed DROP COLUMN receipt"), SQLITE_OK);
	assert_int_equal(run_sql(box, "ALTER TABLE slot DROP COLUMN receipt"), SQLITE_OK);
	assert_int_equal(run_sql(box, "PRAGMA user_version = 1"), SQLITE_OK);
	if (store_open(box->dir, 100, &other, &err) != 0)
		fail_msg("%s", err.text);
	store_close(other);
	assert_int_equal(count_rows(box, "PRAGMA user_version"), STORE_FORMAT);
	assert_int_equal(count_rows(box, "SELECT count(negative_max_s) + count(negative_lower_since) + "
					 "count(negative_at) FROM domain"),
	    0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM key WHERE safety_max_s <> 0"), 0);
	assert_int_equal(count_rows(box, "SELECT count(looked_at) + count(nullif(alias_why, '')) + "
					 "count(nullif(wrong_looks, 0)) FROM slot"),
	    0);
	assert_int_equal(
	    count_rows(box, "SELECT count(*) FROM (SELECT receipt FROM deed UNION ALL SELECT receipt FROM slot)"), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM alert"), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM telling"), 0);
}

static void
store_open_damaged_is_refused_untouched(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store *other = NULL;
	char text[64] = "";

	int fd = open(box->db, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is a letter, not a database, and long enough", 49), 49);
	close(fd);
	assert_int_equal(store_open(box->dir, 100, &other, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "damaged or no keystore"));
	assert_int_equal(store_create(box->dir, NOW, &err), -1);
	fd = open(box->db, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 49);
	close(fd);
	assert_memory_equal(text, "this is a letter", 16);
}

/* What a kill right after the file was made leaves: the next init goes on. */
/* In a child: another, newer signpost, which is at work when we look, and done when it is our turn. */
static void
upgrade_elsewhere(const char *path, int ready)
{
	sqlite3 *db;
	bool done = sqlite3_open(path, &db) == SQLITE_OK &&
		    sqlite3_exec(db, "BEGIN IMMEDIATE; PRAGMA user_version = 99", NULL, NULL, NULL) == SQLITE_OK &&
		    write(ready, "", 1) == 1 && usleep(500000) == 0 &&
		    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	_exit(done ? 0 : 1);
}

static void
store_open_that_is_overtaken_by_a_newer_signpost_is_refused(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	int ready[2], status = 0;
	char one;

	/* no connection of ours crosses the fork */
	store_close(box->store);
	box->store = NULL;
	assert_int_equal(run_sql(box, "PRAGMA user_version = 2"), SQLITE_OK);
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0)
		upgrade_elsewhere(box->db, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &one, 1), 1);
	close(ready[0]);
	assert_int_equal(store_open(box->dir, 20000, &box->store, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "a newer signpost wrote it"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
store_create_goes_on_from_an_empty_file(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store *other = NULL;

	store_close(box->store);
	box->store = NULL;
	assert_int_equal(truncate(box->db, 0), 0);
	assert_int_equal(store_open(box->dir, 100, &other, &err), -1);
	assert_non_null(strstr(err.text, "signpost init"));
	assert_int_equal(store_create(box->dir, NOW, &err), 0);
	assert_int_equal(store_open(box->dir, 100, &box->store, &err), 0);
}

static void
store_locked_is_busy(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_number_put(box->store, "generation", 1, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_number_put(box->store, "generation", 1, &err), 0);
}

static void
store_lock_admits_one(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;

	int first = store_lock(box->dir, STORE_LOCK_PASS, 0, &err);
	assert_true(first >= 0);
	assert_int_equal(store_lock(box->dir, STORE_LOCK_PASS, 0, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(store_lock(box->dir, STORE_LOCK_PASS, 60, &err), -1);
	int other = store_lock(box->dir, STORE_LOCK_ADD, 0, &err); /* another lock */
	assert_true(other >= 0);
	close(other);
	close(first);
	int second = store_lock(box->dir, STORE_LOCK_PASS, 0, &err);
	assert_true(second >= 0);
	close(second);
}

static void
store_key_row_edited_by_hand_is_refused(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	put_key(box, "a.example", "s1", 1);
	assert_int_equal(run_sql(box, "UPDATE key SET selector = '../../etc/passwd'"), SQLITE_OK);
	assert_int_equal(store_keys(box->store, NULL, &keys, &n, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "damaged"));
}

static void
keyfile_write_check_and_orphans(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;
	char selector[SELECTOR_LEN_MAX + 1], path[256];
	struct stat st;

	assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_ED25519_SHA256},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");
	if (keyfile_write(box->dir, "a.example", "s1", key, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(
	    keyfile_write(box->dir, "a.example", "s1", key, &err), -1); /* never overwritten */
	snprintf(path, sizeof(path), "%s/keys/a.example/s1.pem", box->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	snprintf(path, sizeof(path), "%s/keys/a.example", box->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 02750);

	/* a file without a row is found, by its algorithm; with a row it is none */
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_RSA_SHA256},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_ED25519_SHA256},
			     selector, &err),
	    0);
	assert_string_equal(selector, "s1");
	struct store_key row = {.alg = KEY_ED25519_SHA256, .domain = "a.example", .selector = "s1"};
	key_facts_init(&row.facts);
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_ED25519_SHA256,
						 .rows = &row,
						 .row_count = 1},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");

	dkim_key_spki_hash(key, row.spki_hash);
	assert_int_equal(keyfile_check(box->dir, &row, &err), 0);
	row.spki_hash[0] ^= 1;
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_non_null(strstr(err.text, "another key"));
	hear(err.text);
	row.spki_hash[0] ^= 1;
	snprintf(path, sizeof(path), "%s/keys/a.example/s1.pem", box->dir);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_non_null(strstr(err.text, "0644; chmod 0640"));
	hear(err.text);
	/* closed to the milter: that matters where the store is open to its group */
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(keyfile_check(box->dir, &row, &err), 0);
	assert_int_equal(chmod(box->dir, 0750), 0);
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_non_null(strstr(err.text, "0600, and the milter cannot read it; chmod 0640"));
	hear(err.text);
	assert_int_equal(chmod(box->dir, 0700), 0);
	assert_int_equal(chmod(path, 0640), 0);
	/* of a slot's key that is gone the row stays, and a new file is nobody's */
	row.facts.at[FACT_DESTROYED] = NOW;
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_ED25519_SHA256,
						 .selector = "s1",
						 .rows = &row,
						 .row_count = 1},
			     selector, &err),
	    0);
	assert_string_equal(selector, "s1");
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){.store = box->store,
						 .domain = "a.example",
						 .alg = KEY_ED25519_SHA256,
						 .selector = "s2"},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");
	assert_int_equal(keyfile_remove(box->dir, &row, &err), 0);
	assert_int_equal(keyfile_remove(box->dir, &row, &err), 0); /* done already is done */
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	hear(err.text);
	HEARD_ALL(KEYFILES);
	dkim_key_free(key);
}

#define GROUP_OF_STORE 64322

/* In a child, which cannot get back: the keeper's own user, who is not in the group that the store is open to. */
static int
write_as_keeper(const struct box *box, uid_t uid, gid_t gid, const struct dkim_key *key)
{
	struct err err = ERR_INIT;

	(void)umask(027);
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return 1;
	return keyfile_write(box->dir, "a.example", "s1", key, &err) != 0 ? 2 : 0;
}

/* Issue: chmod by one who is not in the directory's group took its set-group-ID bit away, and the milter could not read
 * the key that was activated. */
static void
keyfile_of_the_keepers_own_user_is_the_milters_to_read(void **state)
{
	static const char *const made[] = {"keys", "keys/a.example", "keys/a.example/s1.pem"};
	const struct passwd *nobody = getpwnam("nobody");
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;
	int status = 0;

	if (geteuid() != 0 || nobody == NULL)
		skip();
	assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
	assert_int_equal(chown(box->dir, nobody->pw_uid, GROUP_OF_STORE), 0);
	assert_int_equal(chmod(box->dir, 02750), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(write_as_keeper(box, nobody->pw_uid, nobody->pw_gid, key));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (size_t i = 0; i < 3; i++) {
		char path[128];
		struct stat st;
		snprintf(path, sizeof(path), "%s/%s", box->dir, made[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_gid, GROUP_OF_STORE);
		assert_int_equal(st.st_mode & 07777, i == 2 ? 0640 : 02750);
	}
	dkim_key_free(key);
}

static void
expect_refused(const struct box *box, const struct store_key *row, const char *what)
{
	struct err err = ERR_INIT;

	assert_int_equal(keyfile_look(box->dir, row, &err), -1);
	if (strstr(err.text, what) == NULL)
		fail_msg("%s", err.text);
	hear(err.text);
}

/* Issue: the mode alone was looked at. */
static void
keyfile_look_wants_the_group_of_the_store(void **state)
{
	struct store_key row = {.alg = KEY_ED25519_SHA256, .domain = "a.example", .selector = "s1"};
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct dkim_key *key = NULL;
	char keys[80], dir[96], file[112];

	if (geteuid() != 0)
		skip();
	snprintf(keys, sizeof(keys), "%s/keys", box->dir);
	snprintf(dir, sizeof(dir), "%s/keys/a.example", box->dir);
	snprintf(file, sizeof(file), "%s/keys/a.example/s1.pem", box->dir);
	assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
	assert_int_equal(keyfile_write(box->dir, "a.example", "s1", key, &err), 0);
	dkim_key_free(key);
	assert_int_equal(chown(box->dir, (uid_t)-1, GROUP_OF_STORE), 0);
	/* closed to its group, it is one user's alone */
	assert_int_equal(keyfile_look(box->dir, &row, &err), 0);
	assert_int_equal(chmod(box->dir, 02750), 0);
	expect_refused(box, &row, "and the milter enters as group 64322; chgrp 64322 it, and chmod 2750 it");
	assert_int_equal(chown(keys, (uid_t)-1, GROUP_OF_STORE), 0);
	expect_refused(box, &row, "/keys/a.example belongs to group ");
	assert_int_equal(chown(dir, (uid_t)-1, GROUP_OF_STORE), 0);
	assert_int_equal(chmod(dir, 0700), 0);
	expect_refused(box, &row, "/keys/a.example has mode 0700, and the milter cannot enter it; chmod 2750 it");
	assert_int_equal(chmod(dir, 02750), 0);
	expect_refused(box, &row, "s1.pem belongs to group ");
	assert_int_equal(chown(file, (uid_t)-1, GROUP_OF_STORE), 0);
	if (keyfile_look(box->dir, &row, &err) != 0)
		fail_msg("%s", err.text);
	HEARD_ALL(KEYFILE_GROUPS);
}

/* Each row is what the file holds, and whether OpenSSL works: one that reads no key at all makes none a lost one. */
static void
keyfile_is_lost_only_where_keys_can_be_read(void **state)
{
	static const struct {
		const char *text; /* NULL: the key; "": no file */
		bool lost;
	} rows[] = {{NULL, false}, {"damaged\n", true}, {"", true}};
	struct store_key row = {.alg = KEY_ED25519_SHA256, .domain = "a.example", .selector = "s1"};
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct dkim_key *key;
	char path[160];

	assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
	assert_int_equal(keyfile_write(box->dir, "a.example", "s1", key, &err), 0);
	dkim_key_spki_hash(key, row.spki_hash);
	dkim_key_free(key);
	snprintf(path, sizeof(path), "%s/keys/a.example/s1.pem", box->dir);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool there = rows[i].text == NULL || rows[i].text[0] != '\0';
		if (!there)
			assert_int_equal(unlink(path), 0);
		else if (rows[i].text != NULL)
			assert_int_equal(file_replace(path, slice_of(rows[i].text), 0640, &err), 0);
		assert_int_equal(keyfile_is_lost(box->dir, &row), rows[i].lost);
		assert_int_equal(EVP_set_default_properties(NULL, "provider=none"), 1);
		assert_int_not_equal(keyfile_check(box->dir, &row, &err), 0);
		bool lost = keyfile_is_lost(box->dir, &row);
		assert_int_equal(EVP_set_default_properties(NULL, ""), 1);
		assert_int_equal(lost, !there);
	}
}

/* A file that was put back from a backup is no orphan: its key had its life, in this domain or another. */
static void
keyfile_put_back_is_no_orphan(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	char selector[SELECTOR_LEN_MAX + 1];
	static const char *const domains[] = {"a.example", "b.example"};
	bool cleared;

	for (size_t i = 0; i < 2; i++) {
		struct store_key row = {.domain = "a.example",
		    .policy = "default",
		    .alg = KEY_ED25519_SHA256,
		    .slot = -1,
		    .bits = 256};
		struct dkim_key *key = NULL;
		struct orphan_query query = {.store = box->store,
		    .domain = domains[i],
		    .alg = KEY_ED25519_SHA256,
		    .selector = "s1"};
		put_domain(box, "a.example", "default");
		assert_int_equal(dkim_key_generate(KEY_ED25519_SHA256, 0, &key, &err), 0);
		if (keyfile_write(box->dir, domains[i], "s1", key, &err) != 0)
			fail_msg("%s", err.text);
		/* nobody's yet: what a kill leaves, which is not deleted */
		assert_int_equal(keyfile_find_orphan(&query, selector, &err), 0);
		assert_string_equal(selector, "s1");
		assert_int_equal(keyfile_clear_name(&query, &cleared, &err), 0);
		assert_false(cleared);
		snprintf(row.selector, sizeof(row.selector), "old%zu", i);
		dkim_key_spki_hash(key, row.spki_hash);
		dkim_key_free(key);
		assert_int_equal(store_key_put(box->store, &row, NOW, "test", &err), 0);
		assert_int_equal(store_fact_put(box->store, &row, FACT_DESTROYED,
				     &(struct store_event){NOW, "test", "a.example", "", "x"}, &err),
		    0);
		assert_int_equal(keyfile_find_orphan(&query, selector, &err), 0);
		assert_string_equal(selector, "");
		assert_int_equal(keyfile_clear_name(&query, &cleared, &err), 0);
		assert_true(cleared);
		snprintf(row.domain, sizeof(row.domain), "%s", domains[i]);
		snprintf(row.selector, sizeof(row.selector), "s1");
		assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
		assert_int_equal(err.kind, ERR_IO);
		assert_int_equal(keyfile_clear_name(&query, &cleared, &err), 0);
		assert_false(cleared);
	}
}

static void
selector_generate_names_the_quarter(void **state)
{
	struct err err = ERR_INIT;
	char a[SELECTOR_LEN_MAX + 1], b[SELECTOR_LEN_MAX + 1];
	(void)state;

	assert_int_equal(selector_generate(NOW, a, &err), 0); /* November 2026 */
	assert_int_equal(selector_generate(NOW, b, &err), 0);
	assert_memory_equal(a, "sp26q4-", 7);
	assert_int_equal(strlen(a), 15);
	assert_true(selector_is_valid(slice_of(a)));
	assert_string_not_equal(a, b);
	assert_int_equal(strcspn(a + 7, "ilo01"), 8);
	assert_int_equal(selector_generate(1767225600, a, &err), 0); /* 2026-01-01 00:00 UTC */
	assert_memory_equal(a, "sp26q1-", 7);
	assert_int_equal(selector_generate(1767225599, a, &err), 0);
	assert_memory_equal(a, "sp25q4-", 7);
}

#define IN_BOX(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_BOX(store_create_twice_is_busy_and_private),
	    IN_BOX(store_rows_come_back),
	    IN_BOX(store_fact_put_keeps_the_first),
	    IN_BOX(store_sweep_round_trips),
	    IN_BOX(store_proven_keeps_the_pair),
	    IN_BOX(store_lost_between_counts_domains),
	    IN_BOX(store_switch_is_one_transaction),
	    IN_BOX(store_key_put_reuses_a_slot_name),
	    IN_BOX(store_select_takes_what_is_due),
	    IN_BOX(store_queue_put_counts_from_clear),
	    IN_BOX(store_deeds_and_slots_come_back),
	    IN_BOX(store_servers_remember_when_they_were_listed),
	    IN_BOX(store_signers_put_holds_for_its_table),
	    IN_BOX(store_begin_nests),
	    IN_BOX(store_look_put_remembers_contradictions),
	    IN_BOX(store_silence_counts_from_the_first),
	    IN_BOX(store_log_is_append_only),
	    IN_BOX(store_gone_while_keys_are_there_is_not_made_anew),
	    IN_BOX(store_open_newer_format_is_refused_untouched),
	    IN_BOX(store_open_older_format_becomes_ours),
	    IN_BOX(store_open_damaged_is_refused_untouched),
	    IN_BOX(store_open_that_is_overtaken_by_a_newer_signpost_is_refused),
	    IN_BOX(store_create_goes_on_from_an_empty_file),
	    IN_BOX(store_locked_is_busy),
	    IN_BOX(store_lock_admits_one),
	    IN_BOX(store_key_row_edited_by_hand_is_refused),
	    IN_BOX(keyfile_write_check_and_orphans),
	    IN_BOX(keyfile_of_the_keepers_own_user_is_the_milters_to_read),
	    IN_BOX(keyfile_look_wants_the_group_of_the_store),
	    IN_BOX(keyfile_is_lost_only_where_keys_can_be_read),
	    IN_BOX(keyfile_put_back_is_no_orphan),
	    cmocka_unit_test(selector_generate_names_the_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
