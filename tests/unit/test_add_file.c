/* SPDX-License-Identifier: ISC */
/* Lines of `add --file` that are no lines of a list of domains: each is named by its number, and costs no other. */
#include "fixture_pass.h"
#include "signpost/add_file.h"

#define CONFIG CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"
#define MAX 1023

static char taken[4096];

static int
take(void *arg, const struct adding *a, struct err *err)
{
	(void)arg;
	(void)err;
	snprintf(taken + strlen(taken), sizeof(taken) - strlen(taken), "%s ", a->name);
	return 0;
}

static void
put_many(FILE *file, char c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fputc(c, file);
}

/* The lines and what they are refused with; the exit code. */
static int
run(struct box *box, void (*put)(FILE *), char *refused, size_t size)
{
	char path[128];
	struct err err = ERR_INIT;
	struct cli cli = {.config = box->config, .now = BEGIN};
	FILE *wrong = tmpfile();
	int kept = dup(STDERR_FILENO);

	snprintf(path, sizeof(path), "%s/lines", box->dir);
	FILE *file = fopen(path, "w");
	assert_true(file != NULL && wrong != NULL && kept >= 0);
	put(file);
	assert_int_equal(fclose(file), 0);
	taken[0] = '\0';
	fflush(stderr);
	assert_true(dup2(fileno(wrong), STDERR_FILENO) >= 0);
	int code = add_file(&(struct add_file){.cli = &cli, .store = box->store, .path = path, .policy = "p", .say = take}, &err);
	fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(wrong);
	refused[fread(refused, 1, size - 1, wrong)] = '\0';
	fclose(wrong);
	if (code < 0)
		fail_msg("%s", err.text);
	return code;
}

static void
put_long(FILE *file)
{
	fputs("# ", file);
	put_many(file, 'x', MAX - 2);
	fputs("comment.example\na1.example", file);
	put_many(file, ' ', MAX - 10);
	fputs("smuggled.example\n", file);
	put_many(file, ' ', MAX + 1);
	fputs("blanks.example\nb1.example", file);
	put_many(file, ' ', MAX - 10);
	fputs("\nc1.example", file);
}

static void
put_nul(FILE *file)
{
	static const char text[] = "nul.example\0 tail\n\0hidden.example\nd1.example\n";
	assert_int_equal(fwrite(text, 1, sizeof(text) - 1, file), sizeof(text) - 1);
}

static void
a_long_line_is_refused_whole(void **state)
{
	struct box *box = box_new(CONFIG);
	char refused[4096];
	(void)state;
	assert_int_equal(run(box, put_long, refused, sizeof(refused)), EXIT_INPUT);
	assert_string_equal(taken, "b1.example c1.example ");
	assert_non_null(strstr(refused, "/lines:2: the line is longer than 1023 octets\n"));
	assert_non_null(strstr(refused, "/lines:3: the line is longer than 1023 octets\n"));
	assert_null(strstr(refused, ":4:"));
	box_free(box);
}

static void
a_nul_ends_no_line(void **state)
{
	struct box *box = box_new(CONFIG);
	char refused[4096];
	(void)state;
	assert_int_equal(run(box, put_nul, refused, sizeof(refused)), EXIT_INPUT);
	assert_string_equal(taken, "d1.example ");
	assert_non_null(strstr(refused, "/lines:1: the line holds a NUL octet; want DOMAIN [POLICY]\n"));
	assert_non_null(strstr(refused, "/lines:2: the line holds a NUL octet"));
	box_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_long_line_is_refused_whole),
	    cmocka_unit_test(a_nul_ends_no_line),
	};
	return cmocka_run_group_tests_name("add_file", tests, NULL, NULL);
}
