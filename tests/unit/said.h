/* SPDX-License-Identifier: ISC */
/* said.h - what was said while the tests of one program ran, against a table of what can be said: each row of it was.
 * tests/check-words.sh finds in the sources what is in no table.
 *
 * Threads: one. */
#ifndef SIGNPOST_TESTS_UNIT_SAID_H
#define SIGNPOST_TESTS_UNIT_SAID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* In a text * stands for what differs: a name, a time, a server's words. */
struct said_row {
	const char *text, *situation;
};

#define SAID_MAX 8192

static char *said_list[SAID_MAX];
static size_t said_count;

static inline bool
said_fits(const char *row, const char *text)
{
	for (; *row != '\0' && *row != '*'; row++, text++)
		if (*row != *text)
			return false;
	if (*row == '\0')
		return *text == '\0';
	for (;; text++) {
		if (said_fits(row + 1, text))
			return true;
		if (*text == '\0')
			return false;
	}
}

/* Each line for itself. */
static inline void
hear(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), i = 0;
		while (i < said_count && (strncmp(said_list[i], text, len) != 0 || said_list[i][len] != '\0'))
			i++;
		if (i == said_count && len > 0) {
			if (said_count == SAID_MAX)
				fail_msg("more was said than there is room for");
			said_list[said_count++] = strndup(text, len);
		}
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

static inline unsigned
unheard(const struct said_row *rows, size_t count)
{
	unsigned missing = 0;

	for (size_t r = 0; r < count; r++) {
		size_t i = 0;
		while (i < said_count && !said_fits(rows[r].text, said_list[i]))
			i++;
		if (i < said_count)
			continue;
		print_error("\"%s\" (%s): no test says it\n", rows[r].text, rows[r].situation);
		missing++;
	}
	if (missing > 0 && getenv("SAID") != NULL)
		for (size_t i = 0; i < said_count; i++)
			print_error("said: %s\n", said_list[i]);
	return missing;
}
#define HEARD_ALL(rows) assert_int_equal(unheard(rows, sizeof(rows) / sizeof((rows)[0])), 0)

#endif
