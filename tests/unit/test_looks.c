/* SPDX-License-Identifier: ISC */
/* test_looks.c - what one more sweep adds to what was seen (keys/looks.h). */
#include "keys/looks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define BEGIN 1795305600
#define HOUR  3600
#define DAY   86400

/* One sweep of a row: when, and what it is. */
struct look {
	int64_t at;
	enum { GOOD, BAD, OTHER, SILENT, FAILED, FEW, MOVED } what;
	bool untrusted;
};

static void
fill(struct sweep *s, const struct look *look)
{
	memset(s, 0, sizeof(*s));
	s->started_at = s->ended_at = BEGIN + look->at;
	s->link_count = 1;
	s->count = 1;
	snprintf(s->zone, sizeof(s->zone), "a.test");
	snprintf(s->links[0].zone, sizeof(s->links[0].zone), "a.test");
	snprintf(s->answers[0].server, sizeof(s->answers[0].server), "ns1.test");
	s->answers[0].endpoint.port = 53;
	s->answers[0].verdict = look->what == BAD || look->what == OTHER ? ANSWER_BAD
				: look->what == SILENT			 ? ANSWER_MUTE
									 : ANSWER_GOOD;
}

/* As the pass does: the first of the pair is kept, and given with the next. */
static void
look_all(struct schedule_looks *l, const struct look *looks, size_t count)
{
	static struct sweep now, kept[8];
	int64_t first;

	for (size_t i = 0; i < count; i++) {
		const struct look *k = &looks[i];
		const struct sweep *of_pair = NULL;
		fill(&now, k);
		kept[i] = now;
		first = l->first_pass_at;
		for (size_t j = 0; j < i; j++) {
			if (first != NEVER && kept[j].ended_at == first)
				of_pair = &kept[j];
		}
		looks_add(l, &(struct looks_sweep){.sweep = &now,
				 .failed = k->what == FAILED,
				 .passed = k->what == GOOD || k->what == FEW || k->what == MOVED,
				 .may_prove = k->what != FEW,
				 .first = of_pair,
				 .untrusted = k->untrusted,
				 .new_servers = k->what == MOVED,
				 .contradicts = k->what == BAD || k->what == OTHER,
				 .differs = k->what == OTHER,
				 .apart_s = 600});
	}
}

static int64_t
after(int64_t s)
{
	return s < 0 ? NEVER : BEGIN + s;
}

/* Columns of want: first, second, passed; -1: NEVER. */
static void
looks_add_pairs(void **state)
{
	static const struct {
		const char *name;
		struct look looks[4];
		size_t count;
		int64_t first, second, passed;
	} cases[] = {
	    {"one is the first", {{0, GOOD, false}}, 1, 0, -1, 0},
	    {"two make a pair", {{0, GOOD, false}, {600, GOOD, false}}, 2, 0, 600, 600},
	    {"too early", {{0, GOOD, false}, {599, GOOD, false}}, 2, 0, -1, 599},
	    {"silence between is neutral",
		{{0, GOOD, false}, {300, SILENT, false}, {600, GOOD, false}}, 3, 0, 600, 600},
	    {"so is what could not be carried out",
		{{0, GOOD, false}, {300, FAILED, false}, {600, GOOD, false}}, 3, 0, 600, 600},
	    {"a contradiction resets", {{0, GOOD, false}, {300, BAD, false}, {600, GOOD, false}}, 3,
		600, -1, 600},
	    {"and takes a whole pair away",
		{{0, GOOD, false}, {600, GOOD, false}, {700, BAD, false}}, 3, -1, -1, 600},
	    {"other servers begin anew", {{0, GOOD, false}, {600, MOVED, false}}, 2, 600, -1, 600},
	    {"who asks once proves nothing", {{0, FEW, false}, {600, FEW, false}}, 2, -1, -1, 600},
	    {"a third too near to the second",
		{{0, GOOD, false}, {600, GOOD, false}, {1100, GOOD, false}}, 3, 0, 1100, 1100},
	    {"the pair slides", {{0, GOOD, false}, {600, GOOD, false}, {1200, GOOD, false}}, 3, 600,
		1200, 1200},
	    {"and once more",
		{{0, GOOD, false}, {600, GOOD, false}, {1200, GOOD, false}, {1900, GOOD, false}}, 4,
		1200, 1900, 1900},
	    {"a wrong clock begins no pair", {{0, GOOD, true}, {600, GOOD, true}}, 2, -1, -1, -1},
	    {"nor ends one", {{0, GOOD, false}, {600, GOOD, true}}, 2, 0, -1, 0},
	    {"but takes one away", {{0, GOOD, false}, {600, GOOD, false}, {700, BAD, true}}, 3, -1,
		-1, 600},
	    {"a first of the future is none", {{90 * DAY, GOOD, false}, {0, GOOD, false}}, 2, 0, -1,
		0},
	    {"nor is a second", {{0, GOOD, false}, {90 * DAY, GOOD, false}, {HOUR, GOOD, false}}, 3,
		HOUR, -1, HOUR},
	    {"after which a pair forms again",
		{{0, GOOD, false}, {90 * DAY, GOOD, false}, {HOUR, GOOD, false},
		    {HOUR + 600, GOOD, false}},
		4, HOUR, HOUR + 600, HOUR + 600},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schedule_looks l;
		looks_begin(&l);
		look_all(&l, cases[i].looks, cases[i].count);
		if (l.first_pass_at != after(cases[i].first) ||
		    l.second_pass_at != after(cases[i].second) ||
		    l.passed_at != after(cases[i].passed))
			fail_msg("%s: first %lld, second %lld, passed %lld", cases[i].name,
			    (long long)(l.first_pass_at - BEGIN),
			    (long long)(l.second_pass_at - BEGIN),
			    (long long)(l.passed_at - BEGIN));
		assert_true(l.looked_now);
	}
}

/* K11: only of a record that was proven. */
static void
looks_add_counts_what_is_gone(void **state)
{
	static const struct look bad[] = {
	    {0, BAD, false}, {300, OTHER, false}, {400, SILENT, false}};
	static const struct look back[] = {{600, GOOD, false}};
	struct schedule_looks l;
	(void)state;

	looks_begin(&l);
	look_all(&l, bad, 3);
	assert_int_equal(l.gone_since, NEVER);
	assert_false(l.contradicted);

	looks_begin(&l);
	l.proven_at = BEGIN - DAY;
	look_all(&l, bad, 3);
	assert_int_equal(l.gone_since, BEGIN);
	assert_int_equal(l.gone_sweeps, 2); /* silence is never "gone" */
	assert_true(l.contradicted && l.differs && !l.last_passed);
	look_all(&l, back, 1);
	assert_int_equal(l.gone_since, NEVER);
	assert_int_equal(l.gone_sweeps, 0);
	assert_true(l.contradicted && l.last_passed); /* until a pair proves it anew */

	/* gone since a time to come: the clock was set back since */
	looks_begin(&l);
	l.proven_at = BEGIN - DAY;
	l.gone_since = BEGIN + 30 * DAY;
	l.gone_sweeps = 7;
	look_all(&l, bad, 1);
	assert_int_equal(l.gone_since, BEGIN);
	assert_int_equal(l.gone_sweeps, 1);
}

/* K18: under a wrong clock a contradiction is noted, and no time. */
static void
looks_add_untrusted_gives_nothing(void **state)
{
	static const struct look good[] = {{0, GOOD, true}}, bad[] = {{5, BAD, true}};
	struct schedule_looks l;
	(void)state;

	looks_begin(&l);
	l.proven_at = BEGIN - DAY;
	look_all(&l, good, 1);
	assert_int_equal(l.passed_at, NEVER);
	assert_false(l.last_passed);
	look_all(&l, bad, 1);
	assert_true(l.contradicted);
	assert_int_equal(l.gone_since, NEVER);
}

/* K4 */
static void
looks_negative_keeps_the_highest(void **state)
{
	static const struct {
		const char *name;
		struct {
			int64_t measured, at;
			bool untrusted;
		} seen[4];
		size_t count;
		int64_t max, lower; /* lower -1: NEVER */
		bool changed;	    /* by the last */
	} cases[] = {
	    {"the first", {{300, 0, false}}, 1, 300, -1, true},
	    {"the same is no news", {{300, 0, false}, {300, 9, false}}, 2, 300, -1, false},
	    {"it rises at once", {{300, 0, false}, {DAY, 9, false}}, 2, DAY, -1, true},
	    {"lower: counted from here", {{300, 0, false}, {60, 9, false}}, 2, 300, 9, true},
	    {"not before a day", {{300, 0, false}, {60, 9, false}, {60, 9 + DAY, false}}, 3, 300, 9,
		false},
	    {"behind it", {{300, 0, false}, {60, 9, false}, {60, 10 + DAY, false}}, 3, 60, -1,
		true},
	    {"nor before itself", {{3 * DAY, 0, false}, {60, 9, false}, {60, 10 + 2 * DAY, false}},
		3, 3 * DAY, 9, false},
	    {"however long nobody looked", {{DAY, 0, false}, {60, 50 * DAY, false}}, 2, DAY,
		50 * DAY, true},
	    {"high once more",
		{{300, 0, false}, {60, 9, false}, {300, 99, false}, {60, 10 + DAY, false}}, 4, 300,
		10 + DAY, true},
	    {"a wrong clock ends no wait", {{300, 0, false}, {60, 9, false}, {60, 90 * DAY, true}},
		3, 300, 9, false},
	    {"nor begins one", {{300, 0, false}, {60, 9, true}}, 2, 300, -1, false},
	    {"but raises", {{300, 0, false}, {900, 9, true}}, 2, 900, -1, true},
	    {"a beginning in the future", {{300, 0, false}, {60, 90 * DAY, false}, {60, 9, false}},
		3, 300, 9, true},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct looks_negative n = {NEVER, NEVER};
		bool changed = false;
		for (size_t k = 0; k < cases[i].count; k++)
			changed = looks_negative(&n, cases[i].seen[k].measured,
			    BEGIN + cases[i].seen[k].at, cases[i].seen[k].untrusted);
		if (n.max_s != cases[i].max || n.lower_since != after(cases[i].lower) ||
		    changed != cases[i].changed)
			fail_msg("%s: %lld since %lld", cases[i].name, (long long)n.max_s,
			    (long long)(n.lower_since - BEGIN));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(looks_add_pairs),
	    cmocka_unit_test(looks_add_counts_what_is_gone),
	    cmocka_unit_test(looks_add_untrusted_gives_nothing),
	    cmocka_unit_test(looks_negative_keeps_the_highest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
