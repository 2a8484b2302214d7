/* SPDX-License-Identifier: ISC */
#include "keys/keyfile.h"
#include "keys/store.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#define NOW 1795305600

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
	struct store_key k = {.alg = KEY_RSA_SHA256, .bits = 2048, .ttl_s = 3600};
	struct err err = ERR_INIT;

	snprintf(k.domain, sizeof(k.domain), "%s", domain);
	snprintf(k.selector, sizeof(k.selector), "%s", selector);
	snprintf(k.policy, sizeof(k.policy), "default");
	snprintf(k.record, sizeof(k.record), "v=DKIM1; k=rsa; h=sha256; p=AAAA");
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
	struct store_sweep s = {.found = true, .passed = second == ANSWER_GOOD};

	s.sweep.started_at = at;
	s.sweep.ended_at = at + 1;
	s.sweep.zone_signed = true;
	snprintf(s.sweep.zone, sizeof(s.sweep.zone), "a.example");
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
	}
	return s;
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
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_LAST, &in, &err), 0);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_LAST, &out, &err), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	/* LAST is one row, whatever it was before */
	in = a_sweep(NOW + 60, ANSWER_GOOD);
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_LAST, &in, &err), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep"), 1);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM answer"), 2);
}

static void
store_verified_keeps_the_pair(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_sweep first = a_sweep(NOW, ANSWER_GOOD),
			   second = a_sweep(NOW + 60, ANSWER_GOOD), out;
	struct store_key *keys;
	size_t n;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW + 70, "tick", "a.example", "s1", "proven"};
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_FIRST, &first, &err), 0);
	assert_int_equal(store_verified(box->store, &k, &second, &e, &err), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep WHERE role = 'proof'"), 2);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_FIRST, &out, &err), 0);
	assert_false(out.found);
	assert_int_equal(store_keys(box->store, "a.example", &keys, &n, &err), 0);
	/* K24: the end of the second sweep, not the moment of writing */
	assert_int_equal(keys[0].facts.at[FACT_VERIFIED], NOW + 61);
	free(keys);
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_FIRST, &first, &err), 0);
	assert_int_equal(count_rows(box, "SELECT count(*) FROM sweep"), 3);
}

/* K16: what a contradiction means is on disk together with it, and silence does not make it good. */
static void
store_look_put_remembers_contradictions(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store_sweep good = a_sweep(NOW, ANSWER_GOOD), bad = a_sweep(NOW + 60, ANSWER_BAD),
			   mute = a_sweep(NOW + 120, ANSWER_MUTE), out;
	struct store_proof proof;

	put_domain(box, "a.example", "default");
	struct store_key k = put_key(box, "a.example", "s1", 1);
	struct store_event e = {NOW + 70, "tick", "a.example", "s1", "proven"};
	assert_int_equal(store_proof_get(box->store, k.id, &proof, &err), 0);
	assert_true(proof.at == NEVER && !proof.contradicted);
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_FIRST, &good, &err), 0);
	assert_int_equal(store_verified(box->store, &k, &good, &e, &err), 0);
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_FIRST, &good, &err), 0);
	assert_int_equal(store_look_put(box->store, k.id, &bad, &err), 0);
	assert_int_equal(store_sweep_get(box->store, k.id, EVIDENCE_FIRST, &out, &err), 0);
	assert_false(out.found);
	assert_int_equal(store_look_put(box->store, k.id, &mute, &err), 0);
	assert_int_equal(store_proof_get(box->store, k.id, &proof, &err), 0);
	assert_true(proof.contradicted);
	assert_int_equal(proof.at, good.sweep.ended_at);
	/* a new pair makes it good, and keeps the moment of the first proof */
	good = a_sweep(NOW + 300, ANSWER_GOOD);
	assert_int_equal(store_sweep_put(box->store, k.id, EVIDENCE_FIRST, &good, &err), 0);
	assert_int_equal(store_verified(box->store, &k, &good, &e, &err), 0);
	assert_int_equal(store_proof_get(box->store, k.id, &proof, &err), 0);
	assert_false(proof.contradicted);
	assert_int_equal(proof.at, NOW + 301);
	assert_int_equal(count_rows(box, "SELECT at FROM fact WHERE fact = 'verified'"), NOW + 1);
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

static void
store_open_newer_format_is_refused_untouched(void **state)
{
	struct box *box = *state;
	struct err err = ERR_INIT;
	struct store *other = NULL;
	struct stat before, after;

	assert_int_equal(run_sql(box, "PRAGMA user_version = 2"), SQLITE_OK);
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
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){box->dir, "a.example",
						 KEY_ED25519_SHA256, NULL, 0},
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
	assert_int_equal(keyfile_find_orphan(
			     &(struct orphan_query){box->dir, "a.example", KEY_RSA_SHA256, NULL, 0},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){box->dir, "a.example",
						 KEY_ED25519_SHA256, NULL, 0},
			     selector, &err),
	    0);
	assert_string_equal(selector, "s1");
	struct store_key row = {.alg = KEY_ED25519_SHA256, .domain = "a.example", .selector = "s1"};
	assert_int_equal(keyfile_find_orphan(&(struct orphan_query){box->dir, "a.example",
						 KEY_ED25519_SHA256, &row, 1},
			     selector, &err),
	    0);
	assert_string_equal(selector, "");

	dkim_key_spki_hash(key, row.spki_hash);
	assert_int_equal(keyfile_check(box->dir, &row, &err), 0);
	row.spki_hash[0] ^= 1;
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_non_null(strstr(err.text, "another key"));
	row.spki_hash[0] ^= 1;
	snprintf(path, sizeof(path), "%s/keys/a.example/s1.pem", box->dir);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_non_null(strstr(err.text, "0644; chmod 0640"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keyfile_check(box->dir, &row, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	dkim_key_free(key);
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
	    IN_BOX(store_verified_keeps_the_pair),
	    IN_BOX(store_look_put_remembers_contradictions),
	    IN_BOX(store_silence_counts_from_the_first),
	    IN_BOX(store_log_is_append_only),
	    IN_BOX(store_open_newer_format_is_refused_untouched),
	    IN_BOX(store_open_damaged_is_refused_untouched),
	    IN_BOX(store_create_goes_on_from_an_empty_file),
	    IN_BOX(store_locked_is_busy),
	    IN_BOX(store_lock_admits_one),
	    IN_BOX(store_key_row_edited_by_hand_is_refused),
	    IN_BOX(keyfile_write_check_and_orphans),
	    cmocka_unit_test(selector_generate_names_the_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
