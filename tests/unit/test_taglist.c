/* SPDX-License-Identifier: ISC */
#include "dkim/taglist.h"
#include "tests/unit/said.h"

/* What verify tells of a list of tags, of a field or a key record, that is wrong. */
static const struct said_row WHYS[] = {
    {"there is no tag", "it is empty"},
    {"there is an empty tag between two \";\"", "RFC 6376 3.2"},
    {"\"=\" is missing behind the tag name \"v\"", "a name alone"},
    {"a tag name cannot begin with octet 0x3d", "no letter"},
    {"tag v= stands there twice", "RFC 6376 3.2"},
    {"tag v= holds the control octet 0x01", "no text"},
    {"there are more than * tags", "a flood of them"},
};

static int
heard_parse(struct slice text, struct taglist *list, struct err *err)
{
	int rc = taglist_parse(text, list, err);

	if (rc != 0)
		hear(err->text);
	return rc;
}
#define taglist_parse heard_parse

/* want: the tags as "name=value|", or NULL with a part of the error text. */
static const struct {
	const char *name, *input, *want, *why;
} ROWS[] = {
    {"one tag", "v=1", "v=1|", NULL},
    {"two tags", "v=1;a=b", "v=1|a=b|", NULL},
    {"final semicolon", "v=1;", "v=1|", NULL},
    {"final semicolon and blanks", "v=1; \t\r\n ", "v=1|", NULL},
    {"blanks everywhere", " v = 1 ;\r\n\ta\r\n = \tb c\t; ", "v=1|a=b c|", NULL},
    {"empty value", "p=;v=1", "p=|v=1|", NULL},
    {"empty value with blanks", "p= \r\n ;v=1", "p=|v=1|", NULL},
    {"equal signs in value", "b=YQ==; x==", "b=YQ==|x==|", NULL},
    {"fold in value is kept", "h=a:\r\n\tb", "h=a:\r\n\tb|", NULL},
    {"bare LF fold", "h=a:\n b; v=1", "h=a:\n b|v=1|", NULL},
    {"names are case-sensitive", "v=1;V=2", "v=1|V=2|", NULL},
    {"long names, digits and underscore", "a1_b=x", "a1_b=x|", NULL},
    {"UTF-8 value", "i=\xc3\xa4@b", "i=\xc3\xa4@b|", NULL},
    {"same prefix is not the same name", "b=1;bh=2", "b=1|bh=2|", NULL},
    {"empty", "", NULL, "there is no tag"},
    {"blank", " \t", NULL, "there is no tag"},
    {"semicolon alone", ";", NULL, "empty tag"},
    {"two semicolons", "v=1;;a=b", NULL, "empty tag"},
    {"no equal sign", "v", NULL, "\"=\" is missing behind the tag name \"v\""},
    {"no equal sign before semicolon", "v=1;abc;d=e", NULL, "behind the tag name \"abc\""},
    {"blank in name", "a b=c", NULL, "behind the tag name \"a\""},
    {"no name", "=1", NULL, "cannot begin with octet 0x3d"},
    {"digit first", "1a=x", NULL, "cannot begin with octet 0x31"},
    {"underscore first", "_a=x", NULL, "cannot begin with octet 0x5f"},
    {"hyphen in name", "a-b=x", NULL, "behind the tag name \"a\""},
    {"twice", "v=1;a=b;v=1", NULL, "tag v= stands there twice"},
    {"bare CR", "v=1\r;a=b", NULL, "tag v= holds the control octet 0x0d"},
    {"CRLF without blank", "v=1\r\na=b", NULL, "tag v= holds the control octet 0x0d"},
    {"control octet", "v=a\001b", NULL, "tag v= holds the control octet 0x01"},
    {"DEL", "v=a\177b", NULL, "tag v= holds the control octet 0x7f"},
    {"text quoted whole", "\"v=DKIM1\"", NULL, "cannot begin with octet 0x22"},
};

static void
taglist_parse_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct taglist list;
		struct err err = ERR_INIT;
		char got[256] = "";
		int rc = taglist_parse(slice_of(ROWS[i].input), &list, &err);
		if ((rc == 0) != (ROWS[i].want != NULL))
			fail_msg("%s: got %d (%s)", ROWS[i].name, rc, err.text);
		if (rc != 0) {
			assert_int_equal(err.kind, ERR_INPUT);
			if (strstr(err.text, ROWS[i].why) == NULL)
				fail_msg("%s: text is \"%s\"", ROWS[i].name, err.text);
			continue;
		}
		size_t len = 0;
		for (size_t t = 0; t < list.count; t++)
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s=%.*s|",
			    SLICE_ARG(list.tags[t].name), SLICE_ARG(list.tags[t].value));
		if (strcmp(got, ROWS[i].want) != 0)
			fail_msg("%s: got \"%s\"", ROWS[i].name, got);
	}
}

static void
taglist_parse_nul_refused(void **state)
{
	struct taglist list;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(taglist_parse(slice_new("v=1\0;a=b", 8), &list, &err), -1);
	assert_non_null(strstr(err.text, "0x00"));
}

static void
taglist_parse_too_many_refused(void **state)
{
	char text[TAGLIST_MAX * 8];
	size_t len = 0;
	struct taglist list;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < TAGLIST_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "t%d=;", i);
	assert_int_equal(taglist_parse(slice_new(text, len), &list, &err), 0);
	assert_int_equal(list.count, TAGLIST_MAX);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "x=");
	assert_int_equal(taglist_parse(slice_new(text, len), &list, &err), -1);
	assert_non_null(strstr(err.text, "more than 64 tags"));
}

static void
taglist_get_finds_exact_name(void **state)
{
	struct taglist list;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(taglist_parse(SLICE_LIT("bh=1; b=2"), &list, &err), 0);
	assert_true(slice_eq_str(taglist_get(&list, "b")->value, "2"));
	assert_true(slice_eq_str(taglist_get(&list, "bh")->value, "1"));
	assert_null(taglist_get(&list, "B"));
	assert_null(taglist_get(&list, "h"));
}

static void
tag_next_item_table(void **state)
{
	static const struct {
		const char *value, *want;
	} ITEMS[] = {
	    {"from", "from|"},
	    {"from:to", "from|to|"},
	    {" from :\r\n\tto : cc ", "from|to|cc|"},
	    {"", "|"},
	    {":", "||"},
	    {"a::b:", "a||b||"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ITEMS) / sizeof(ITEMS[0]); i++) {
		char got[64] = "";
		size_t off = 0, len = 0;
		struct slice item;
		while (tag_next_item(slice_of(ITEMS[i].value), &off, &item))
			len += (size_t)snprintf(
			    got + len, sizeof(got) - len, "%.*s|", SLICE_ARG(item));
		assert_string_equal(got, ITEMS[i].want);
	}
}

static void
whys_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(WHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(taglist_parse_table),
	    cmocka_unit_test(taglist_parse_nul_refused),
	    cmocka_unit_test(taglist_parse_too_many_refused),
	    cmocka_unit_test(taglist_get_finds_exact_name),
	    cmocka_unit_test(tag_next_item_table),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};
	return cmocka_run_group_tests_name("taglist", tests, NULL, NULL);
}
