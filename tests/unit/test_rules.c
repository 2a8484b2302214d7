/* SPDX-License-Identifier: ISC */
/* test_rules.c - a login map is often written by other software: what is wrong with a line of it, or with all of it, costs
 * that line, and nothing else waits for it. */
#include "fixture_pass.h"
#include "signpost/rules.h"
#include "signpost/status.h"

#include <sys/stat.h>

#define CONF                                                                                       \
	CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n standby = no\n" POLICY_TIMES    \
			       "}\n"                                                               \
			       "sign {\n login \"own@a.test\" {\n domains = {\"a.test\"}\n }\n "   \
			       "login_map = \"%s\"\n}\n"

static char map[96];

static void
write_map(const char *text, size_t len)
{
	struct err err = ERR_INIT;

	if (file_replace(map, slice_new((const uint8_t *)text, len), 0640, &err) != 0)
		fail_msg("%s", err.text);
}

static struct box *
begin(void)
{
	char conf[4096], dir[] = "/tmp/test_rules.XXXXXX";

	assert_non_null(mkdtemp(dir));
	snprintf(map, sizeof(map), "%s/map", dir);
	snprintf(conf, sizeof(conf), CONF, map);
	return box_new(conf);
}

static void
end(struct box *box)
{
	(void)unlink(map);
	*strrchr(map, '/') = '\0';
	assert_int_equal(rmdir(map), 0);
	box_free(box);
}

#define LINE(text) text, sizeof(text) - 1
#define LONG                                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define LONGER LONG LONG LONG LONG LONG LONG

static const struct {
	const char *name, *text;
	size_t len;
	const char *grants;  /* logins, in their order, behind that of signpost.conf */
	const char *trouble; /* behind the map's path; "": none */
} MAPS[] = {
    {"nothing is wrong", LINE("# x\nb@b.test b.test\n\nc@B.test b.test c.test\n"),
	"b@b.test c@b.test ", ""},
    {"written elsewhere", LINE("b@b.test b.test\r\nc@b.test\tc.test\r\n"), "b@b.test c@b.test ",
	""},
    {"no domain", LINE("b@b.test b.test\nx@b.test\nc@b.test c.test\n"), "b@b.test c@b.test ",
	":2: login \"x@b.test\" has no domain"},
    {"what is no domain", LINE("x@b.test b_b\nc@b.test c.test\n"), "c@b.test ", ":1: b_b: "},
    {"a good domain beside it grants nothing", LINE("x@b.test b.test b_b\n"), "", ":1: b_b: "},
    {"a long login", LINE(LONGER " b.test\nc@b.test c.test\n"), "c@b.test ",
	":1: a login of more than 512 bytes"},
    {"a NUL byte", LINE("x\0@b.test b.test\nc@b.test c.test\n"), "c@b.test ",
	":1: a control byte 0x00"},
    {"a byte that the table cannot hold", LINE("c@b.test c.test\nx\001@b.test b.test\n"),
	"c@b.test ", ":2: a control byte 0x01"},
    {"a login twice: the first holds",
	LINE("# x\nb@b.test b.test\nb@B.test c.test\nb@b.TEST d.test\n"), "b@b.test ",
	":3: login \"b@b.test\" stands in line 2, too"},
    {"one that looks like another", LINE("b@b\xc3\xbc.test b.test\nb@xn--b-eha.test c.test\n"),
	"b@xn--b-eha.test ", ":2: login \"b@xn--b-eha.test\" stands in line 1, too"},
    {"a login of signpost.conf: that holds", LINE("own@A.test *\nc@b.test c.test\n"), "c@b.test ",
	":1: login \"own@a.test\" has a login block in signpost.conf, too"},
};

static void
expect_grants(const struct rules *r, const char *name, const char *want)
{
	char grants[512] = "";

	assert_string_equal(r->allows[0].login, "own@a.test");
	assert_int_equal(r->allows[0].entry_count, 1);
	for (size_t i = 1; i < r->count; i++)
		snprintf(grants + strlen(grants), sizeof(grants) - strlen(grants), "%s ",
		    r->allows[i].login);
	if (strcmp(grants, want) != 0)
		fail_msg("%s: %s", name, grants);
	assert_int_equal(r->compile.allow_count, r->count);
}

static void
rules_init_bad_line_is_left_out(void **state)
{
	struct box *box = begin();
	(void)state;

	for (size_t i = 0; i < sizeof(MAPS) / sizeof(MAPS[0]); i++) {
		struct err err = ERR_INIT;
		enum compile_change change;
		struct rules r;
		char want[512];
		write_map(MAPS[i].text, MAPS[i].len);
		if (rules_init(&r, box->config, box->dir, &err) != 0)
			fail_msg("%s: %s", MAPS[i].name, err.text);
		expect_grants(&r, MAPS[i].name, MAPS[i].grants);
		snprintf(want, sizeof(want), "%s%s", map, MAPS[i].trouble);
		if ((MAPS[i].trouble[0] == '\0') != (r.trouble.kind == ERR_NONE) ||
		    (r.trouble.kind != ERR_NONE && strstr(r.trouble.text, want) == NULL))
			fail_msg("%s: %s", MAPS[i].name, r.trouble.text);
		/* the table takes what is left */
		if (compile_update(box->store, &r.compile, box->w->now, &change, &err) != 0)
			fail_msg("%s: %s", MAPS[i].name, err.text);
		rules_deinit(&r);
	}
	end(box);
}

static void
rules_init_counts_what_it_leaves_out(void **state)
{
	struct box *box = begin();
	struct err err = ERR_INIT;
	struct rules r;
	char want[512];
	(void)state;

	write_map(LINE("x\ny@b.test\n"));
	assert_int_equal(rules_init(&r, box->config, box->dir, &err), 0);
	snprintf(want, sizeof(want),
	    "login_map: 2 lines grant nothing, the first: %s:1: login \"x\" has no domain", map);
	assert_string_equal(r.trouble.text, want);
	rules_deinit(&r);
	write_map(LINE("x\n"));
	assert_int_equal(rules_init(&r, box->config, box->dir, &err), 0);
	snprintf(want, sizeof(want),
	    "login_map: a line grants nothing: %s:1: login \"x\" has no domain", map);
	assert_string_equal(r.trouble.text, want);
	rules_deinit(&r);
	end(box);
}

/* Nobody gets what he had not, and who had keeps it, until it can be read again. */
static void
rules_init_unreadable_map_keeps_the_logins_of_the_table(void **state)
{
	struct box *box = begin();
	struct err err = ERR_INIT;
	enum compile_change change;
	struct rules r;
	char want[512];
	(void)state;

	/* no table yet: there is nothing to keep */
	assert_int_equal(rules_init(&r, box->config, box->dir, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	rules_deinit(&r);
	write_map(LINE("b@b.test b.test\nc@b.test c.test .d.test\n"));
	assert_int_equal(rules_init(&r, box->config, box->dir, &err), 0);
	assert_int_equal(compile_update(box->store, &r.compile, box->w->now, &change, &err), 0);
	rules_deinit(&r);
	struct table *before = box_table(box);

	assert_int_equal(unlink(map), 0);
	assert_int_equal(rules_init(&r, box->config, box->dir, &err), 0);
	expect_grants(&r, "unreadable", "b@b.test c@b.test ");
	assert_int_equal(r.allows[2].entry_count, 2);
	assert_string_equal(r.allows[2].entries[1], ".d.test");
	snprintf(want, sizeof(want),
	    "login_map: %s: cannot open: No such file or directory; its logins stay as the signing "
	    "table has them",
	    map);
	assert_string_equal(r.trouble.text, want);
	assert_int_equal(compile_update(box->store, &r.compile, box->w->now, &change, &err), 0);
	assert_int_equal(change, COMPILE_SAME);
	rules_deinit(&r);
	table_free(before);
	end(box);
}

/* How often the log tells of it, and of anything else of all domains. */
static size_t
told(struct box *box, const char *part)
{
	const struct store_log_query all = {.since = NEVER};
	struct store_log_row *rows = NULL;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(store_log(box->store, &all, &rows, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		n += strstr(rows[i].text, part) != NULL;
	free(rows);
	return n;
}

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t until = box->w->now + seconds; box->w->now < until; box_later(box, 5))
		box_pass(box);
}

static bool
signs(struct box *box, const char *domain)
{
	struct table *table = box_table(box);
	const struct table_domain *d = table_find_domain(table, slice_of(domain));
	bool has = d != NULL && d->key_count > 0;

	table_free(table);
	return has;
}

/* Issue: one bad line kept every domain from every step. */
static void
pass_bad_line_keeps_nothing_else_back(void **state)
{
	struct box *box = begin();
	(void)state;

	write_map(LINE("b@b.test b.test\nx@b.test\n"));
	box_add(box, "b.test", "p");
	struct pass pass = box_pass(box);
	assert_int_equal(pass.first.kind, ERR_CONFIG);
	assert_non_null(strstr(pass.first.text, "login \"x@b.test\" has no domain"));
	/* told once, and when it is another */
	assert_int_equal(box_pass(box).first.kind, ERR_NONE);
	assert_int_equal(told(box, "grants nothing"), 1);
	live(box, 200);
	assert_true(signs(box, "b.test"));
	write_map(LINE("x@b.test\ny@b.test\nb@b.test b.test\n"));
	assert_int_equal(box_pass(box).first.kind, ERR_CONFIG);
	assert_int_equal(box_pass(box).first.kind, ERR_NONE);
	assert_int_equal(told(box, "2 lines grant nothing"), 1);
	write_map(LINE("b@b.test b.test\n"));
	live(box, 20);
	assert_int_equal(told(box, "grant nothing"), 1);
	assert_int_equal(told(box, "the login map is right again"), 1);
	end(box);
}

/* Issue: while it could not be read, the record of the key that signs was not put back, and nothing was rotated. */
static void
pass_unreadable_map_keeps_nothing_else_back(void **state)
{
	struct box *box = begin();
	(void)state;

	write_map(LINE("b@b.test b.test\n"));
	box_add(box, "b.test", "p");
	live(box, 200);
	assert_true(signs(box, "b.test"));
	assert_int_equal(unlink(map), 0);
	struct pass pass = box_pass(box);
	assert_int_equal(pass.first.kind, ERR_IO);
	assert_int_equal(told(box, "its logins stay as the signing table has them"), 1);
	/* a person takes the record away */
	for (size_t i = 0; i < box->w->count; i++)
		box->w->records[i].text[0] = '\0';
	unsigned before = box->w->publishes;
	live(box, 200);
	assert_true(box->w->publishes > before);
	/* another domain comes */
	box_add(box, "c.test", "p");
	live(box, 200);
	assert_true(signs(box, "c.test"));
	struct table *table = box_table(box);
	assert_int_equal(table->login_count, 2);
	table_free(table);
	end(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_init_bad_line_is_left_out),
	    cmocka_unit_test(rules_init_counts_what_it_leaves_out),
	    cmocka_unit_test(rules_init_unreadable_map_keeps_the_logins_of_the_table),
	    cmocka_unit_test(pass_bad_line_keeps_nothing_else_back),
	    cmocka_unit_test(pass_unreadable_map_keeps_nothing_else_back),
	};

	(void)box_killed_pass;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
