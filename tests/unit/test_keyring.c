/* SPDX-License-Identifier: ISC */
#include "milter/keyring.h"
#include "milter/table_notes.h"
#include "tests/unit/fixture_log.h"
#include "tests/unit/fixture_table.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

struct world {
	struct fixture fx;
	struct counters counters;
	struct keyring *ring;
	char hash[48];
};

static void
table(struct world *w, unsigned generation, const char *path)
{
	char rows[512];

	(void)snprintf(
	    rows, sizeof(rows), "domain a.test\nkey a.test s1 rsa-sha256 %s %s\n", path, w->hash);
	fixture_table(&w->fx, generation, rows);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	fixture_init(&w->fx);
	fixture_key(&w->fx, "s1.pem", KEY_RSA_SHA256, 0, w->hash);
	table(w, 5, "s1.pem");
	w->ring = keyring_new(w->fx.table, &w->counters);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	keyring_free(w->ring);
	fixture_deinit(&w->fx);
	free(w);
	return 0;
}

/* Generation in use after a look; 0 when there is none. */
static uint64_t
look(struct world *w)
{
	struct err err = ERR_INIT;
	const struct keyring_snapshot *snap = keyring_acquire(w->ring, &err);
	uint64_t generation = snap != NULL ? keyring_table(snap)->generation : 0;

	assert_true(snap != NULL || err.text[0] != '\0');
	keyring_release(w->ring, snap);
	return generation;
}

static size_t
usable(struct world *w, int64_t now_s, struct err *why)
{
	struct err err = ERR_INIT;
	const struct keyring_snapshot *snap = keyring_acquire(w->ring, &err);
	struct keyring_key keys[TABLE_KEYS_MAX];
	size_t count;

	assert_non_null(snap);
	count = keyring_keys(snap, &keyring_table(snap)->domains[0], now_s, keys, why);
	keyring_release(w->ring, snap);
	return count;
}

static void
keyring_acquire_unchanged_loads_once(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 10; i++)
		assert_int_equal(look(w), 5);
	assert_int_equal(counters_get(&w->counters, COUNTER_TABLE_LOADS), 1);
}

static void
keyring_acquire_generation_rule(void **state)
{
	struct world *w = *state;

	assert_int_equal(look(w), 5);
	table(w, 6, "s1.pem");
	assert_int_equal(look(w), 6);
	table(w, 4, "s1.pem");
	assert_int_equal(look(w), 6); /* a running one never goes back */
	assert_int_equal(counters_get(&w->counters, COUNTER_TABLE_FAILURES), 1);
	assert_int_equal(look(w), 6);
	assert_int_equal(counters_get(&w->counters, COUNTER_TABLE_FAILURES), 1); /* said once */
	table(w, 6, "./s1.pem");
	assert_int_equal(look(w), 6);
	assert_int_equal(
	    counters_get(&w->counters, COUNTER_TABLE_LOADS), 3); /* an equal one is taken */
	keyring_free(w->ring);
	table(w, 1, "s1.pem");
	w->ring = keyring_new(w->fx.table, NULL);
	assert_int_equal(look(w), 1); /* a fresh one takes any */
}

static void
keyring_acquire_broken_table_keeps_old(void **state)
{
	static const char *const TEXTS[] = {"", "nonsense\n", "signpost-table 1\ngeneration 9\n",
	    "signpost-table 1\ngeneration 9\nend 3\n", "signpost-table 2\ngeneration 9\nend 2\n"};
	struct world *w = *state;

	assert_int_equal(look(w), 5);
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		fixture_write(&w->fx, "signing.table", slice_of(TEXTS[i]), 0640);
		assert_int_equal(look(w), 5);
		assert_int_equal(counters_get(&w->counters, COUNTER_TABLE_FAILURES), i + 1);
	}
	assert_int_equal(unlink(w->fx.table), 0);
	assert_int_equal(look(w), 5);
	table(w, 7, "s1.pem");
	assert_int_equal(look(w), 7);
}

static void
keyring_acquire_no_table_says_why(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;

	assert_int_equal(unlink(w->fx.table), 0);
	assert_null(keyring_acquire(w->ring, &err));
	assert_non_null(strstr(err.text, "signing.table does not exist"));
	assert_null(keyring_peek(w->ring));
	assert_int_equal(mkdir(w->fx.table, 0700), 0);
	assert_null(keyring_acquire(w->ring, &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(rmdir(w->fx.table), 0);
	fixture_write(&w->fx, "signing.table", SLICE_LIT("signpost-table 1\nbogus\n"), 0640);
	assert_null(keyring_acquire(w->ring, &err));
	assert_non_null(strstr(err.text, "signing.table:2"));
	table(w, 1, "s1.pem");
	assert_int_equal(look(w), 1);
}

/* A version is its octets' file: same size, and a time that was set back, is seen all the same. */
static void
keyring_acquire_same_size_and_mtime_seen(void **state)
{
	const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	struct world *w = *state;

	assert_int_equal(utimensat(AT_FDCWD, w->fx.table, old, 0), 0);
	assert_int_equal(look(w), 5);
	table(w, 6, "s1.pem");
	assert_int_equal(utimensat(AT_FDCWD, w->fx.table, old, 0), 0);
	assert_int_equal(look(w), 6);
}

static void
keyring_release_old_snapshot_lives_on(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;
	const struct keyring_snapshot *old = keyring_acquire(w->ring, &err);
	struct keyring_key keys[TABLE_KEYS_MAX];
	size_t count;

	table(w, 6, "s1.pem");
	assert_int_equal(look(w), 6);
	assert_int_equal(keyring_table(old)->generation, 5);
	count = keyring_keys(old, &keyring_table(old)->domains[0], 0, keys, &err);
	assert_int_equal(count, 1);
	keyring_release(w->ring, old);
	keyring_release(w->ring, NULL);
}

static void
keyring_keys_file_rights(void **state)
{
	static const struct {
		mode_t mode;
		const char *text; /* NULL: usable */
	} CASES[] = {
	    {0600, NULL},
	    {0640, NULL},
	    {0440, NULL},
	    {0750, NULL},
	    {0644, "is readable by others (0644); chmod 0640 "},
	    {0642, "is writable by others (0642); chmod 0640 "},
	    {0641, "is accessible by others (0641); chmod 0640 "},
	    {0660, "is writable by its group (0660); chmod 0640 "},
	    {0620, "is writable by its group (0620); chmod 0640 "},
	};
	struct world *w = *state;
	char path[128];

	fixture_path(&w->fx, "s1.pem", path);
	for (unsigned i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct err why = ERR_INIT;

		table(w, 10 + i, "s1.pem"); /* a new snapshot knows no key */
		assert_int_equal(chmod(path, CASES[i].mode), 0);
		assert_int_equal(usable(w, 0, &why), CASES[i].text == NULL);
		if (CASES[i].text == NULL) {
			assert_int_equal(why.kind, ERR_NONE);
			continue;
		}
		assert_int_equal(why.kind, ERR_CONFIG);
		assert_non_null(strstr(why.text, CASES[i].text));
		assert_non_null(strstr(why.text, path));
	}
}

static void
keyring_keys_what_is_no_key_file(void **state)
{
	struct world *w = *state;
	struct err why = ERR_INIT;
	char path[128], hash[48], *big = calloc(1, KEY_PEM_LEN_MAX + 1);

	assert_non_null(big);
	fixture_path(&w->fx, "s1.pem", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(usable(w, 0, &why), 0);
	assert_non_null(strstr(why.text, w->fx.dir));
	assert_non_null(strstr(why.text, "No such file"));
	assert_int_equal(mkfifo(path, 0600), 0); /* must not hang */
	table(w, 6, "s1.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	assert_non_null(strstr(why.text, "not a regular file"));
	fixture_write(&w->fx, "s1.pem", slice_new(big, KEY_PEM_LEN_MAX + 1), 0640);
	table(w, 7, "s1.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	assert_int_equal(why.kind, ERR_LIMIT);
	fixture_write(&w->fx, "s1.pem", SLICE_LIT("-----BEGIN PRIVATE KEY-----\n"), 0640);
	table(w, 8, "s1.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	assert_int_equal(why.kind, ERR_CRYPTO);
	fixture_key(&w->fx, "s1.pem", KEY_RSA_SHA256, 1, hash);
	table(w, 9, "s1.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	assert_non_null(strstr(why.text, "is another key than the one that line 4"));
	fixture_key(&w->fx, "s1.pem", KEY_ED25519_SHA256, 0, hash);
	table(w, 10, "s1.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	assert_non_null(strstr(why.text, "ed25519-sha256, but line 4"));
	assert_int_equal(counters_get(&w->counters, COUNTER_KEY_FAILURES), 6);
	free(big);
}

/* Kubernetes mounts a key as a link to a link; what leads out of the table's directory is refused. */
static void
keyring_keys_links(void **state)
{
	struct world *w = *state;
	struct fixture elsewhere;
	struct err why = ERR_INIT;
	char from[128], to[128];

	fixture_path(&w->fx, "link.pem", from);
	assert_int_equal(symlink("s1.pem", from), 0);
	table(w, 6, "link.pem");
	assert_int_equal(usable(w, 0, &why), 1);
	assert_int_equal(unlink(from), 0);
	fixture_init(&elsewhere);
	fixture_key(&elsewhere, "s1.pem", KEY_RSA_SHA256, 0,
	    w->hash); /* the right key, in the wrong place */
	fixture_path(&elsewhere, "s1.pem", to);
	assert_int_equal(symlink(to, from), 0);
	table(w, 7, "link.pem");
	assert_int_equal(usable(w, 0, &why), 0);
	fixture_deinit(&elsewhere);
}

/* Root's or the table's owner's; who else owns a key could change it. */
static void
keyring_keys_owner(void **state)
{
	const uid_t other = 65534;
	struct world *w = *state;
	struct err why = ERR_INIT;
	char path[128];

	if (geteuid() != 0)
		skip(); /* only root can give files away */
	fixture_path(&w->fx, "s1.pem", path);
	assert_int_equal(chown(path, other, (gid_t)-1), 0);
	assert_int_equal(usable(w, 0, &why), 0);
	assert_non_null(strstr(why.text, "belongs to user 65534"));
	assert_non_null(strstr(why.text, "chown 0 "));
	table(w, 6, "s1.pem");
	assert_int_equal(chown(w->fx.table, other, (gid_t)-1), 0);
	assert_int_equal(usable(w, 0, &why), 1);
	assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	table(w, 7, "s1.pem");
	assert_int_equal(chown(w->fx.table, other, (gid_t)-1), 0);
	assert_int_equal(usable(w, 0, &why), 1);
}

static void
keyring_keys_failure_retried_after_a_while(void **state)
{
	struct world *w = *state;
	struct err why = ERR_INIT;
	char path[128];

	fixture_path(&w->fx, "s1.pem", path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(usable(w, 100, &why), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(usable(w, 100 + KEYRING_RETRY_S - 1, &why), 0);
	assert_non_null(strstr(why.text, "chmod 0640"));
	assert_int_equal(counters_get(&w->counters, COUNTER_KEY_FAILURES), 1);
	assert_int_equal(usable(w, 100 + KEYRING_RETRY_S, &why), 1);
	assert_int_equal(why.kind, ERR_NONE);
	assert_int_equal(unlink(path), 0); /* loaded is loaded */
	assert_int_equal(usable(w, 200, &why), 1);
}

struct racer {
	struct world *w;
	pthread_t thread;
	uint64_t last;
	bool went_back;
};

static void *
race(void *arg)
{
	struct racer *r = arg;

	for (int i = 0; i < 400; i++) {
		struct err why = ERR_INIT;
		uint64_t generation = look(r->w);

		r->went_back |= generation < r->last;
		r->last = generation;
		if (usable(r->w, 0, &why) != 1)
			r->went_back = true;
	}
	return NULL;
}

static void
keyring_acquire_many_threads_never_back_never_without(void **state)
{
	struct world *w = *state;
	struct racer racers[4];

	assert_int_equal(look(w), 5);
	for (int i = 0; i < 4; i++) {
		racers[i] = (struct racer){.w = w};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (unsigned g = 6; g < 26; g++)
		table(w, g, "s1.pem");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
		assert_false(racers[i].went_back);
	}
	assert_int_equal(look(w), 25);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* How often an old date is warned of; the days between are those of the monotonic clock. */
static void
table_notes_age_warns_once_a_day(void **state)
{
	static const struct {
		const char *name;
		int64_t date, now, monotonic_s;
		bool want;
	} STEPS[] = {
	    {"no date line", TABLE_NO_DATE, 10000000, 0, false},
	    {"fresh", 1000000, 1000000, 0, false},
	    {"two days", 1000000, 1172800, 0, false},
	    {"older", 1000000, 1172801, 0, true},
	    {"again at once", 1000000, 1172801, 0, false},
	    {"the clock leaps a week, a minute later", 1000000, 1777601, 60, false},
	    {"the clock stands still for a day", 1000000, 1172801, 86399, false},
	    {"a day later", 1000000, 1172801, 86400, true},
	    {"renewed", 1259000, 1259201, 200000, false},
	    {"of the future", 2000000, 1172801, 300000, false},
	    {"the end of times", INT64_MAX, 1, 300000, false},
	    {"old again", 1259000, 1777601, 300000, true},
	};
	_Atomic int64_t said_at_s = TABLE_NOTES_NEVER;
	static char said[FIXTURE_LOG_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
		const struct table t = {.date = STEPS[i].date};
		const struct table_notes_clock clock = {STEPS[i].now, STEPS[i].monotonic_s};

		fixture_log_begin();
		table_notes_age(&t, "the.table", &clock, &said_at_s);
		fixture_log_end(said);
		if ((strstr(said, "the.table: its date was renewed") != NULL) != STEPS[i].want)
			fail_msg("%s: says \"%s\"", STEPS[i].name, said);
	}
}

static void
keyring_acquire_old_date_said_once(void **state)
{
	struct world *w = *state;
	static char said[FIXTURE_LOG_LEN];
	char rows[64];

	fixture_log_begin();
	(void)snprintf(rows, sizeof(rows), "date %lld\n", (long long)time(NULL) - 172700);
	fixture_table(&w->fx, 6, rows);
	assert_int_equal(look(w), 6);
	fixture_log_end(said);
	assert_null(strstr(said, "its date was renewed"));
	fixture_log_begin();
	(void)snprintf(rows, sizeof(rows), "date %lld\n", (long long)time(NULL) - 3600 * 73);
	fixture_table(&w->fx, 7, rows);
	assert_int_equal(look(w), 7);
	fixture_log_end(said);
	assert_non_null(strstr(said, "its date was renewed 73 hours ago"));
	assert_non_null(strstr(said, w->fx.table));
	fixture_log_begin();
	assert_int_equal(look(w), 7);
	fixture_log_end(said);
	assert_string_equal(said, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keyring_acquire_unchanged_loads_once),
	    TEST(keyring_acquire_generation_rule),
	    TEST(keyring_acquire_broken_table_keeps_old),
	    TEST(keyring_acquire_no_table_says_why),
	    TEST(keyring_acquire_same_size_and_mtime_seen),
	    TEST(keyring_release_old_snapshot_lives_on),
	    TEST(keyring_keys_file_rights),
	    TEST(keyring_keys_what_is_no_key_file),
	    TEST(keyring_keys_links),
	    TEST(keyring_keys_owner),
	    TEST(keyring_keys_failure_retried_after_a_while),
	    TEST(keyring_acquire_many_threads_never_back_never_without),
	    TEST(keyring_acquire_old_date_said_once),
	    cmocka_unit_test(table_notes_age_warns_once_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
