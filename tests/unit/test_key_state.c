/* SPDX-License-Identifier: ISC */
#include "keys/key_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define BIT(fact) (1u << FACT_##fact)

/* Every state by the facts that make it, and every fact that could be taken for another. */
static void
key_state_of_facts_names_the_furthest(void **state)
{
	static const struct {
		const char *name;
		unsigned facts;
		enum key_state want;
		bool signs;
	} rows[] = {
	    {"a row alone", 0, KEY_STATE_GENERATED, false},
	    {"generated", BIT(GENERATED), KEY_STATE_GENERATED, false},
	    {"published", BIT(GENERATED) | BIT(PUBLISHED), KEY_STATE_PUBLISHED, false},
	    {"verified", BIT(GENERATED) | BIT(PUBLISHED) | BIT(VERIFIED), KEY_STATE_READY, false},
	    {"published by others", BIT(GENERATED) | BIT(VERIFIED), KEY_STATE_READY, false},
	    {"approved is no step", BIT(VERIFIED) | BIT(APPROVED), KEY_STATE_READY, false},
	    {"approved early is no step", BIT(GENERATED) | BIT(APPROVED), KEY_STATE_GENERATED,
		false},
	    {"activated", BIT(PUBLISHED) | BIT(VERIFIED) | BIT(ACTIVATED), KEY_STATE_ACTIVE, true},
	    {"imported", BIT(IMPORTED) | BIT(ACTIVATED), KEY_STATE_ACTIVE, true},
	    {"K29: a stolen key goes on signing", BIT(VERIFIED) | BIT(ACTIVATED) | BIT(COMPROMISED),
		KEY_STATE_ACTIVE, true},
	    {"retired", BIT(ACTIVATED) | BIT(RETIRED), KEY_STATE_RETIRED, false},
	    {"acknowledged", BIT(ACTIVATED) | BIT(RETIRED) | BIT(ACKNOWLEDGED), KEY_STATE_RETIRED,
		false},
	    {"its PEM is gone, its overlap is not",
		BIT(ACTIVATED) | BIT(RETIRED) | BIT(ACKNOWLEDGED) | BIT(DESTROYED),
		KEY_STATE_RETIRED, false},
	    {"stolen after it signed", BIT(ACTIVATED) | BIT(RETIRED) | BIT(COMPROMISED),
		KEY_STATE_COMPROMISED, false},
	    {"stolen before it signed", BIT(PUBLISHED) | BIT(VERIFIED) | BIT(COMPROMISED),
		KEY_STATE_COMPROMISED, false},
	    {"stolen, its PEM gone", BIT(VERIFIED) | BIT(COMPROMISED) | BIT(DESTROYED),
		KEY_STATE_COMPROMISED, false},
	    {"abandoned", BIT(PUBLISHED) | BIT(ABANDONED), KEY_STATE_ABANDONED, false},
	    {"abandoned and stolen", BIT(PUBLISHED) | BIT(ABANDONED) | BIT(COMPROMISED),
		KEY_STATE_ABANDONED, false},
	    {"abandoned, its PEM gone", BIT(ABANDONED) | BIT(DESTROYED), KEY_STATE_ABANDONED,
		false},
	    {"abandoned, its slot revoked", BIT(ABANDONED) | BIT(DESTROYED) | BIT(REVOKED),
		KEY_STATE_REVOKED, false},
	    {"revoked", BIT(ACTIVATED) | BIT(RETIRED) | BIT(REVOKED), KEY_STATE_REVOKED, false},
	    {"stolen and revoked", BIT(ACTIVATED) | BIT(RETIRED) | BIT(COMPROMISED) | BIT(REVOKED),
		KEY_STATE_REVOKED, false},
	    {"removed, its PEM still there",
		BIT(ACTIVATED) | BIT(RETIRED) | BIT(REVOKED) | BIT(REMOVED), KEY_STATE_REMOVED,
		false},
	    {"the end", BIT(REVOKED) | BIT(REMOVED) | BIT(DESTROYED), KEY_STATE_DESTROYED, false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key_facts facts;
		key_facts_init(&facts);
		for (int j = 0; j < FACT_COUNT; j++) {
			if (rows[i].facts & (1u << j))
				facts.at[j] = 0; /* 1970 is a time, not "never" */
		}
		enum key_state got = key_state_of(&facts);
		if (got != rows[i].want || key_state_signs(got) != rows[i].signs)
			fail_msg("%s: is %s", rows[i].name, key_state_name(got));
	}
}

/* Whatever the facts are: only ACTIVE signs, and nothing signs that was retired, abandoned or revoked. */
static void
key_state_of_any_facts_never_signs_after_its_end(void **state)
{
	const unsigned ends = BIT(RETIRED) | BIT(ABANDONED) | BIT(REVOKED) | BIT(REMOVED);
	(void)state;

	for (unsigned set = 0; set < 1u << FACT_COUNT; set++) {
		struct key_facts facts;
		key_facts_init(&facts);
		for (int j = 0; j < FACT_COUNT; j++) {
			if (set & (1u << j))
				facts.at[j] = 1;
		}
		bool signs = key_state_signs(key_state_of(&facts));
		if (signs != ((set & BIT(ACTIVATED)) != 0 && (set & ends) == 0))
			fail_msg("facts %#x: %s", set, key_state_name(key_state_of(&facts)));
	}
}

static void
key_fact_names_round_trip(void **state)
{
	enum key_fact fact;
	(void)state;

	for (int i = 0; i < FACT_COUNT; i++) {
		assert_true(key_fact_from_name(slice_of(key_fact_name((enum key_fact)i)), &fact));
		assert_int_equal(fact, i);
	}
	assert_false(key_fact_from_name(slice_of("active"), &fact));
	assert_false(key_fact_from_name(slice_of(""), &fact));
}

static void
key_state_names_are_all_different(void **state)
{
	(void)state;

	for (int i = KEY_STATE_GENERATED; i <= KEY_STATE_COMPROMISED; i++) {
		assert_string_not_equal(key_state_name((enum key_state)i), "unknown");
		for (int j = KEY_STATE_GENERATED; j < i; j++)
			assert_string_not_equal(
			    key_state_name((enum key_state)i), key_state_name((enum key_state)j));
	}
	assert_string_equal(key_state_name((enum key_state)(KEY_STATE_COMPROMISED + 1)), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_state_of_facts_names_the_furthest),
	    cmocka_unit_test(key_state_of_any_facts_never_signs_after_its_end),
	    cmocka_unit_test(key_fact_names_round_trip),
	    cmocka_unit_test(key_state_names_are_all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
