/* SPDX-License-Identifier: ISC */
#include "keys/clock.h"
#include "tests/unit/said.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOW	  1795305600
#define TOLERANCE 300
#define DAY	  86400

/* What explain and doctor tell of a clock that is not trusted, or not quite. */
static const struct said_row SAID[] = {
    {"the clock was set forward by * s; set it right, or say that it is right: signpost clock --accept", "more than since boot"},
    {"the clock was set back by * s; set it right, or say that it is right: signpost clock --accept", "less than since boot"},
    {"since the last boot the clock went back by * s; *", "another boot, and it is earlier now"},
    {"since the last boot the clock went forward by * s; *", "another boot, and it is years later"},
    {"the clock and that of the name server (by TSIG) are apart by * s; *", "a signed answer of the primary"},
    {"nothing keeps the clock right (no time service runs)", "trusted: no NTP"},
    {"the clock is not synchronised: of the time that this host was off, none counts", "trusted: another boot, no NTP"},
};

/* What was last trusted: real NOW, 1000 s after boot 1, 50 s counted. */
static struct clock_memory
memory(void)
{
	struct clock_memory m;

	clock_memory_init(&m);
	m.real_s = NOW;
	m.boot_s = 1000;
	m.boot_id = 1;
	m.trusted_s = 50;
	return m;
}

static const struct {
	const char *name;
	int64_t real, boot; /* since then; boot: since boot when boot_id is another */
	int64_t boot_id;
	bool synchronised;
	int64_t
	    server; /* what the server's clock would show now, less ours; NEVER: none was heard */
	bool trusted;
	int64_t counted;
	const char *why; /* in it */
} rows[] = {
    {"a minute", 60, 60, 1, true, NEVER, true, 60, ""},
    {"nothing keeps it right", 60, 60, 1, false, NEVER, true, 60, "no time service"},
    {"slewed", 58, 60, 1, true, NEVER, true, 58, ""},
    {"a little forward", 360, 60, 1, true, NEVER, true, 60, ""},
    {"forward", 361, 60, 1, true, NEVER, false, 0, "set forward by 301 s"},
    {"a year forward", 365 * DAY, 60, 1, true, NEVER, false, 0, "set forward"},
    {"a little back", -240, 60, 1, true, NEVER, true, 0, ""},
    {"back", -241, 60, 1, true, NEVER, false, 0, "set back by 301 s"},
    {"slept for a week", 7 * DAY, 7 * DAY, 1, true, NEVER, true, 7 * DAY, ""},
    {"another boot, synchronised", 3 * DAY, 100, 2, true, NEVER, true, 3 * DAY, ""},
    {"another boot, nobody says so", 3 * DAY, 100, 2, false, NEVER, true, 100, "none counts"},
    {"booted a moment ago", 40, 100, 2, false, NEVER, true, 40, "none counts"},
    {"the battery is empty", -400 * DAY, 100, 2, false, NEVER, false, 0, "went back"},
    {"the battery is empty, synchronised", -400 * DAY, 100, 2, true, NEVER, false, 0, "went back"},
    {"2099", 73LL * 365 * DAY, 100, 2, false, NEVER, false, 0, "went forward"},
    {"an unknown boot", 60, 60, 0, false, NEVER, true, 60, "none counts"},
    {"a server says the same", 60, 60, 1, false, 0, true, 60, "no time service"},
    {"a server is a little off", 60, 60, 1, true, 300, true, 60, ""},
    {"a server says otherwise", 60, 60, 1, true, 301, false, 0,
	"name server (by TSIG) are apart by 301"},
    {"set right: the server agrees", 5 * DAY, 60, 1, true, 0, true, 60, ""},
    {"set right across a boot", -5 * DAY, 100, 2, true, 0, true, 0, ""},
};

/* /proc/sys is hidden: the guard works all the same. */
static void
clock_judge_without_boot_id(void **state)
{
	struct clock_memory m = memory();
	struct clock_reading r = {.real_s = NOW + 60, .boot_s = 1060};
	struct clock_verdict v;
	(void)state;

	m.boot_id = 0;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted);
	assert_int_equal(v.after.trusted_s, 50 + 60);
	r.real_s = NOW + 11 * DAY;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_false(v.trusted);
	assert_non_null(strstr(v.why, "set forward"));
	r.boot_s = 40; /* booted since */
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted);
	assert_int_equal(v.after.trusted_s, 50 + 40);
}

/* A host whose battery is empty boots days ahead; then its time service sets it right. */
static void
clock_judge_set_right_by_a_time_service(void **state)
{
	struct clock_memory m = memory();
	struct clock_reading r = {.real_s = NOW + 11 * DAY, .boot_s = 60, .boot_id = 2};
	struct clock_verdict v;
	(void)state;

	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted && v.warns);
	m = v.after;
	r.real_s = NOW + 120;
	r.boot_s = 180;
	clock_judge(&m, &r, TOLERANCE, &v); /* by whom? */
	assert_false(v.trusted);
	r.synchronised = true;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted);
	assert_int_equal(v.after.trusted_s, m.trusted_s + 120);
	m = v.after;
	r.real_s += 11 * DAY; /* that service was there all the time */
	r.boot_s += 60;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_false(v.trusted);
}

static void
clock_judge_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct clock_memory m = memory();
		struct clock_reading r = {.real_s = NOW + rows[i].real,
		    .boot_s = rows[i].boot + (rows[i].boot_id == 1 ? 1000 : 0),
		    .boot_id = rows[i].boot_id,
		    .synchronised = rows[i].synchronised};
		struct clock_verdict v;
		if (rows[i].server != NEVER) { /* heard ten seconds ago */
			m.server_s = r.real_s + rows[i].server - 10;
			m.server_boot_s = r.boot_s - 10;
			m.server_boot_id = r.boot_id;
		}
		clock_judge(&m, &r, TOLERANCE, &v);
		hear(v.why);
		if (v.trusted != rows[i].trusted || strstr(v.why, rows[i].why) == NULL ||
		    (rows[i].why[0] == '\0') != (v.why[0] == '\0'))
			fail_msg("%s: %d \"%s\"", rows[i].name, v.trusted, v.why);
		if (v.trusted && v.after.trusted_s != 50 + rows[i].counted)
			fail_msg("%s: %lld", rows[i].name, (long long)v.after.trusted_s - 50);
		/* nothing of an untrusted clock is kept */
		if (!v.trusted && memcmp(&v.after, &m, sizeof(m)) != 0)
			fail_msg("%s: kept", rows[i].name);
		if (v.trusted && (v.after.real_s != r.real_s || v.after.boot_id != r.boot_id))
			fail_msg("%s: not kept", rows[i].name);
	}
}

static void
clock_judge_first_time_is_trusted(void **state)
{
	struct clock_memory m;
	struct clock_reading r = {.real_s = NOW, .boot_s = 5, .boot_id = 1, .synchronised = true};
	struct clock_verdict v;
	(void)state;

	clock_memory_init(&m);
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted && !v.warns);
	assert_int_equal(v.after.trusted_s, 0);
}

/* A wrong clock that is set right is trusted again, and the time in between counts once. */
static void
clock_judge_heals_when_set_right(void **state)
{
	struct clock_memory m = memory();
	struct clock_reading r = {.boot_id = 1, .synchronised = true};
	struct clock_verdict v;
	(void)state;

	for (int i = 1; i <= 3; i++) {
		r.real_s = NOW + 365 * DAY + i * 60;
		r.boot_s = 1000 + i * 60;
		clock_judge(&m, &r, TOLERANCE, &v);
		assert_false(v.trusted);
		m = v.after;
	}
	r.real_s = NOW + 240;
	r.boot_s = 1240;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted);
	assert_int_equal(v.after.trusted_s, 50 + 240);
}

static void
clock_accept_takes_it_as_it_is(void **state)
{
	struct clock_memory m = memory();
	struct clock_reading r = {
	    .real_s = NOW + 365 * DAY, .boot_s = 1060, .boot_id = 1, .synchronised = true};
	struct clock_verdict v;
	(void)state;

	clock_hear(&m, &r, NOW, r.real_s);
	clock_accept(&m, &r);
	assert_int_equal(m.trusted_s, 50); /* no time is made of it */
	r.real_s += 60;
	r.boot_s += 60;
	clock_judge(&m, &r, TOLERANCE, &v);
	assert_true(v.trusted);
	assert_int_equal(v.after.trusted_s, 110);
}

static void
clock_hear_dates_by_when_it_came(void **state)
{
	struct clock_memory m = memory();
	struct clock_reading r = {.real_s = NOW + 100, .boot_s = 1100, .boot_id = 1};
	(void)state;

	clock_hear(&m, &r, NOW + 95, NOW + 90); /* five seconds ahead, ten seconds ago */
	assert_int_equal(m.server_s, NOW + 95);
	assert_int_equal(m.server_boot_s, 1090);
	clock_hear(&m, &r, NEVER, NOW);
	assert_int_equal(m.server_s, NOW + 95);
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
clock_memory_round_trips(void **state)
{
	char dir[] = "/tmp/test_clock.XXXXXX";
	struct clock_memory m = memory(), out;
	struct store *store = NULL;
	struct err err = ERR_INIT;
	struct clock_reading r;
	(void)state;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(store_create(dir, NOW, &err), 0);
	assert_int_equal(store_open(dir, 100, &store, &err), 0);
	assert_int_equal(clock_memory_get(store, &out, &err), 0);
	assert_int_equal(out.real_s, NEVER);
	m.server_s = NOW;
	assert_int_equal(clock_memory_put(store, &m, &err), 0);
	m.server_s = NEVER; /* forgotten */
	assert_int_equal(clock_memory_put(store, &m, &err), 0);
	assert_int_equal(clock_memory_get(store, &out, &err), 0);
	assert_memory_equal(&m, &out, sizeof(m));
	store_close(store);
	assert_int_equal(nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);

	clock_read(&r);
	assert_true(r.real_s > NOW - 400LL * 365 * DAY && r.boot_s > 0);
}

static void
clock_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clock_judge_table),
	    cmocka_unit_test(clock_judge_without_boot_id),
	    cmocka_unit_test(clock_judge_set_right_by_a_time_service),
	    cmocka_unit_test(clock_judge_first_time_is_trusted),
	    cmocka_unit_test(clock_judge_heals_when_set_right),
	    cmocka_unit_test(clock_accept_takes_it_as_it_is),
	    cmocka_unit_test(clock_hear_dates_by_when_it_came),
	    cmocka_unit_test(clock_memory_round_trips),
	    cmocka_unit_test(clock_each_was_said), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
