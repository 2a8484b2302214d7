/* SPDX-License-Identifier: ISC */
/* test_status_json.c - what came from outside, as JSON. */
#include "signpost/status_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Without a value its whole object would be left out. */
static void
status_json_text_always_says_something(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
	    {"plain", "v=DKIM1; p=", "v=DKIM1; p="},
	    {"empty", "", ""},
	    {"utf-8", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	    {"cut within a letter", "has gr\xc3", "has gr?"},
	    {"latin-1", "gr\xfc\xdf", "gr??"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = status_json_text(cases[i].text);
		if (json == NULL || strcmp(json_string_value(json), cases[i].want) != 0)
			fail_msg("%s", cases[i].name);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(status_json_text_always_says_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
