/* SPDX-License-Identifier: ISC */
#include "keys/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define T0 1000000 /* generated */

static const struct key_times TIMES = {
    .sweep_interval_s = 60,
    .slow_after_s = 3 * 86400,
    .slow_interval_s = 3600,
    .publication_interval_s = 90000,
};

struct row {
	const char *name;
	int64_t verified, activated;
	struct key_observed seen;
	int64_t now;
	enum step_what want;
	int64_t earliest;
	const char *why; /* part of it */
};

/* what most rows begin with */
#define SEEN(looked, first, second)                                                                \
	.looked_at = (looked), .first_pass_at = (first), .second_pass_at = (second), .is_rsa = true

static const struct row rows[] = {
    {"new_looks_at_once", NEVER, NEVER, {SEEN(NEVER, NEVER, NEVER)}, T0, STEP_LOOK, T0,
	"no server was asked"},
    {"missing_looks_each_interval", NEVER, NEVER,
	{SEEN(T0 + 5, NEVER, NEVER), .obstacle = "ns1 lacks it"}, T0 + 10, STEP_LOOK, T0 + 65,
	"ns1 lacks it"},
    {"missing_for_days_looks_slowly", NEVER, NEVER,
	{SEEN(T0 + 3 * 86400, NEVER, NEVER), .obstacle = "x"}, T0 + 3 * 86400, STEP_LOOK,
	T0 + 3 * 86400 + 3600, "x"},
    {"first_pass_waits_interval_from_its_end", NEVER, NEVER,
	{SEEN(T0 + 100, T0 + 100, NEVER), .last_passed = true}, T0 + 110, STEP_LOOK, T0 + 160,
	"second look"},
    {"first_pass_after_days_is_followed_quickly", NEVER, NEVER,
	{SEEN(T0 + 4 * 86400, T0 + 4 * 86400, NEVER), .last_passed = true}, T0 + 4 * 86400,
	STEP_LOOK, T0 + 4 * 86400 + 60, "second look"},
    {"mute_after_first_pass_keeps_it", NEVER, NEVER,
	{SEEN(T0 + 200, T0 + 100, NEVER), .obstacle = "ns2 is silent"}, T0 + 200, STEP_LOOK,
	T0 + 260, "ns2 is silent"},
    {"second_pass_verifies", NEVER, NEVER,
	{SEEN(T0 + 200, T0 + 100, T0 + 200), .last_passed = true}, T0 + 200, STEP_VERIFY, T0 + 200,
	"two equal"},
    {"time_alone_never_verifies", NEVER, NEVER,
	{SEEN(T0 + 100, T0 + 100, NEVER), .last_passed = true}, T0 + 10000000, STEP_LOOK, T0 + 160,
	"second look"},
    {"first_key_is_looked_at_before_it_signs", T0 + 200, NEVER,
	{SEEN(T0 + 200, NEVER, NEVER), .last_passed = true}, T0 + 260, STEP_LOOK, T0 + 260,
	"one more look"},
    {"first_key_activates_on_a_look_of_this_pass", T0 + 200, NEVER,
	{SEEN(T0 + 261, NEVER, NEVER), .looked_now = true, .last_passed = true}, T0 + 261,
	STEP_ACTIVATE, T0 + 200, "seen again just now"},
    {"a_failed_look_of_this_pass_blocks", T0 + 200, NEVER,
	{SEEN(T0 + 261, NEVER, NEVER), .looked_now = true, .obstacle = "ns2 is silent"}, T0 + 261,
	STEP_LOOK, T0 + 321, "ns2 is silent"},
    {"proof_of_the_future_is_proven_anew", T0 + 90000, NEVER,
	{SEEN(T0 + 300, NEVER, NEVER), .proven_at = T0 + 90000, .looked_now = true,
	    .last_passed = true},
	T0 + 300, STEP_LOOK, T0 + 360, "prove it anew"},
    {"contradiction_after_proof_blocks", T0 + 200, NEVER,
	{SEEN(T0 + 260, NEVER, NEVER), .contradicted = true, .obstacle = "ns1 has another key"},
	T0 + 270, STEP_LOOK, T0 + 320, "ns1 has another key"},
    {"contradiction_then_silence_then_good_wants_a_new_pair", T0 + 200, NEVER,
	{SEEN(T0 + 320, T0 + 320, NEVER), .contradicted = true, .looked_now = true,
	    .last_passed = true},
	T0 + 330, STEP_LOOK, T0 + 380, "prove it anew"},
    {"a_new_proof_is_waited_for_anew", T0 + 200, NEVER,
	{SEEN(T0 + 500, NEVER, NEVER), .proven_at = T0 + 500, .last_passed = true,
	    .domain_active = true, .domain_was_active = true, .rsa_active = true},
	T0 + 510, STEP_ACTIVATE, T0 + 500 + 90000, "may still remember"},
    {"a_waiting_key_is_watched", T0 + 200, NEVER,
	{SEEN(T0 + 200, NEVER, NEVER), .last_passed = true, .domain_active = true,
	    .domain_was_active = true, .rsa_active = true},
	T0 + 800, STEP_LOOK, T0 + 800, "one more look"},
    {"clock_set_back_after_first_look", NEVER, NEVER,
	{SEEN(T0 + 90000, NEVER, NEVER), .obstacle = "x"}, T0 + 10, STEP_LOOK, T0 + 10, "x"},
    {"clock_set_back_after_first_pass", NEVER, NEVER,
	{SEEN(T0 + 20, T0 + 90000, NEVER), .last_passed = true}, T0 + 20, STEP_LOOK, T0 + 20,
	"second look"},
    {"clock_set_back_after_add", NEVER, NEVER, {SEEN(NEVER, NEVER, NEVER)}, T0 - 90000, STEP_LOOK,
	T0 - 90000, "no server was asked"},
    {"joining_key_waits_out_negative_caches", T0 + 200, NEVER,
	{SEEN(T0 + 200, NEVER, NEVER), .last_passed = true, .domain_active = true,
	    .domain_was_active = true, .rsa_active = true},
	T0 + 300, STEP_ACTIVATE, T0 + 200 + 90000, "may still remember"},
    {"ed25519_alone_never_signs", T0 + 200, NEVER,
	{.looked_at = T0 + 200,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .last_passed = true},
	T0 + 260, STEP_NONE, NEVER, "RSA"},
    {"ed25519_joins_rsa_made_with_it", T0 + 200, NEVER,
	{.looked_at = T0 + 200,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .looked_now = true,
	    .last_passed = true,
	    .domain_active = true,
	    .rsa_active = true},
	T0 + 260, STEP_ACTIVATE, T0 + 200, "proven"},
    {"active_has_no_step", T0 + 200, T0 + 260, {SEEN(T0 + 200, NEVER, NEVER), .last_passed = true},
	T0 + 300, STEP_NONE, NEVER, "signs"},
    {"end_of_time_does_not_overflow", INT64_MAX - 5, NEVER,
	{SEEN(INT64_MAX - 5, NEVER, NEVER), .last_passed = true, .domain_was_active = true},
	INT64_MAX - 1, STEP_ACTIVATE, INT64_MAX, "may still remember"},
};

static void
schedule_next_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct key_facts facts;
		struct step step;
		key_facts_init(&facts);
		facts.at[FACT_GENERATED] = T0;
		facts.at[FACT_VERIFIED] = r->verified;
		facts.at[FACT_ACTIVATED] = r->activated;
		struct key_observed seen = r->seen;
		if (seen.proven_at == 0) /* most rows do not say */
			seen.proven_at = NEVER;
		schedule_next(&facts, &seen, &TIMES, r->now, &step);
		if (step.what != r->want || step.earliest != r->earliest ||
		    strstr(step.why, r->why) == NULL)
			fail_msg("%s: step %d, earliest %lld, \"%s\"", r->name, (int)step.what,
			    (long long)step.earliest, step.why);
	}
}

/* Every state behind ACTIVE has no step in this version, and none of them leads back to signing. */
static void
schedule_next_ended_keys_rest(void **state)
{
	static const enum key_fact ends[] = {FACT_RETIRED, FACT_REVOKED, FACT_REMOVED,
	    FACT_DESTROYED, FACT_ABANDONED, FACT_COMPROMISED};
	struct key_observed seen = {SEEN(T0, NEVER, NEVER), .last_passed = true};
	(void)state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct key_facts facts;
		struct step step;
		key_facts_init(&facts);
		facts.at[FACT_VERIFIED] = T0;
		facts.at[ends[i]] = T0;
		schedule_next(&facts, &seen, &TIMES, T0, &step);
		assert_int_equal(step.what, STEP_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(schedule_next_table),
	    cmocka_unit_test(schedule_next_ended_keys_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
