/* SPDX-License-Identifier: ISC */
#include "keys/key_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void
key_state_of_facts_names_the_furthest(void **state)
{
	static const struct {
		enum key_fact facts[5];
		size_t count;
		enum key_state want;
		bool signs;
	} rows[] = {
	    {{FACT_GENERATED}, 0, KEY_STATE_GENERATED, false},
	    {{FACT_GENERATED}, 1, KEY_STATE_GENERATED, false},
	    {{FACT_GENERATED, FACT_PUBLISHED}, 2, KEY_STATE_PUBLISHED, false},
	    {{FACT_GENERATED, FACT_PUBLISHED, FACT_VERIFIED}, 3, KEY_STATE_READY, false},
	    {{FACT_GENERATED, FACT_VERIFIED}, 2, KEY_STATE_READY, false},
	    {{FACT_GENERATED, FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED}, 4, KEY_STATE_ACTIVE,
		true},
	    {{FACT_IMPORTED, FACT_ACTIVATED}, 2, KEY_STATE_ACTIVE, true},
	    {{FACT_VERIFIED, FACT_APPROVED}, 2, KEY_STATE_READY, false},
	    {{FACT_ACTIVATED, FACT_RETIRED}, 2, KEY_STATE_RETIRED, false},
	    {{FACT_ACTIVATED, FACT_RETIRED, FACT_ACKNOWLEDGED}, 3, KEY_STATE_RETIRED, false},
	    {{FACT_ACTIVATED, FACT_COMPROMISED}, 2, KEY_STATE_COMPROMISED, false},
	    {{FACT_PUBLISHED, FACT_ABANDONED}, 2, KEY_STATE_ABANDONED, false},
	    {{FACT_ACTIVATED, FACT_RETIRED, FACT_REVOKED}, 3, KEY_STATE_REVOKED, false},
	    {{FACT_COMPROMISED, FACT_REVOKED}, 2, KEY_STATE_REVOKED, false},
	    {{FACT_REVOKED, FACT_REMOVED}, 2, KEY_STATE_REMOVED, false},
	    {{FACT_REMOVED, FACT_DESTROYED}, 2, KEY_STATE_DESTROYED, false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key_facts facts;
		key_facts_init(&facts);
		for (size_t j = 0; j < rows[i].count; j++)
			facts.at[rows[i].facts[j]] = 0; /* 1970 is a time, not "never" */
		assert_int_equal(key_state_of(&facts), rows[i].want);
		assert_int_equal(key_state_signs(key_state_of(&facts)), rows[i].signs);
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
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_state_of_facts_names_the_furthest),
	    cmocka_unit_test(key_fact_names_round_trip),
	    cmocka_unit_test(key_state_names_are_all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
