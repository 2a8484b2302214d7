/* SPDX-License-Identifier: ISC */
/* What the log keeps of a command line. */
#include "signpost/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Who may say `hold` alone writes into what others read. */
static void
words_of_the_command_line_defused(void **state)
{
	static char program[] = "signpost", verb[] = "hold", config[] = "--config=c\033]0;pwn\a\xc2\x9b\nx\xe2\x80\xae", domain[] = "\xc3\xa4.test";
	char *argv[] = {program, verb, config, domain, NULL};
	static const struct verb hold = {.name = "hold"};
	const struct cli cli = {.argv = argv, .verb = &hold};
	const struct operation op = {.cli = &cli, .now = 1};
	char text[ERR_TEXT_LEN];
	struct store_event event = operation_event(&op, "", "held", text);

	(void)state;
	assert_ptr_equal(event.text, text);
	assert_string_equal(text, "held (signpost hold --config=c?]0;pwn???x? \xc3\xa4.test)");
}

static void
long_command_line_cut_at_a_character(void **state)
{
	static char program[] = "signpost", word[2 * ERR_TEXT_LEN + 2];
	char *argv[] = {program, word, NULL};
	static const struct verb hold = {.name = "hold"};
	const struct cli cli = {.argv = argv, .verb = &hold};
	const struct operation op = {.cli = &cli, .now = 1};
	char text[ERR_TEXT_LEN];

	(void)state;
	for (size_t odd = 0; odd < 2; odd++) {
		for (size_t i = 0; i < sizeof(word) - 1; i++)
			word[i] = (i + odd) % 2 == 0 ? '\xc3' : '\xa4';
		(void)operation_event(&op, "", "held", text);
		assert_int_equal(strlen(text), ERR_TEXT_LEN - 1);
		assert_int_not_equal((unsigned char)text[ERR_TEXT_LEN - 2], 0xc3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_of_the_command_line_defused),
	    cmocka_unit_test(long_command_line_cut_at_a_character),
	};
	return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
