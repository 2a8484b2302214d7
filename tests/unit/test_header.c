/* SPDX-License-Identifier: ISC */
#include "dkim/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
parse(struct header_list *l, const char *text, size_t *body_off)
{
	struct err err = ERR_INIT;

	*l = (struct header_list){NULL, 0, 0};
	assert_int_equal(header_list_parse(l, slice_of(text), 10000, body_off, &err), 0);
}

/* "name=index name=- ..." */
static void
show(const struct header_picks *p, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < p->count; i++) {
		buf_printf(out, "%s%.*s=", i == 0 ? "" : " ", SLICE_ARG(p->picks[i].name));
		if (p->picks[i].index == HEADER_ABSENT)
			buf_put_byte(out, '-');
		else
			buf_put_u64(out, p->picks[i].index);
	}
}

#define OVERSIGNED_ABSENT "To=- Cc=- Subject=- Reply-To=-"

static void
header_pick_all_table(void **state)
{
	static const struct {
		const char *name, *header, *want;
	} rows[] = {
	    {"only From", "From: a\r\n", "From=0 From=- " OVERSIGNED_ABSENT},
	    {"nothing at all", "", "From=- " OVERSIGNED_ABSENT},
	    {"all oversigned ones", "Reply-To: e\r\nSubject: d\r\nCc: c\r\nTo: b\r\nFrom: a\r\n",
		"From=4 From=- To=3 To=- Cc=2 Cc=- Subject=1 Subject=- Reply-To=0 Reply-To=-"},
	    {"duplicates bottom-up, plus one",
		"Subject: 1\r\nFrom: a\r\nSubject: 2\r\nSUBJECT : 3\r\n",
		"From=1 From=- To=- Cc=- Subject=3 Subject=2 Subject=0 Subject=- Reply-To=-"},
	    {"plus one only when present", "Date: d\r\nFrom: a\r\n",
		"From=1 From=- " OVERSIGNED_ABSENT " Date=0 Date=-"},
	    {"the whole middle class",
		"CFBL-Address: 0\r\nFeedback-ID: 1\r\nAutocrypt: 2\r\nList-Unsubscribe-Post: "
		"3\r\nList-Unsubscribe: 4\r\n"
		"References: 5\r\nIn-Reply-To: 6\r\nContent-Transfer-Encoding: 7\r\nContent-Type: "
		"8\r\nMIME-Version: 9\r\n"
		"Message-ID: 10\r\nSender: 11\r\nDate: 12\r\nFrom: 13\r\n",
		"From=13 From=- " OVERSIGNED_ABSENT
		" Date=12 Date=- Sender=11 Sender=- Message-ID=10 Message-ID=- "
		"MIME-Version=9 MIME-Version=- Content-Type=8 Content-Type=- "
		"Content-Transfer-Encoding=7 "
		"Content-Transfer-Encoding=- In-Reply-To=6 In-Reply-To=- References=5 References=- "
		"List-Unsubscribe=4 "
		"List-Unsubscribe=- List-Unsubscribe-Post=3 List-Unsubscribe-Post=- Autocrypt=2 "
		"Autocrypt=- Feedback-ID=1 "
		"Feedback-ID=- CFBL-Address=0 CFBL-Address=-"},
	    {"lists and resent, no plus one",
		"Resent-From: r\r\nList-Id: l\r\nList-Archive: a\r\nResent-From: q\r\nFrom: a\r\n",
		"From=4 From=- " OVERSIGNED_ABSENT
		" List-Id=1 List-Archive=2 Resent-From=3 Resent-From=0"},
	    {"never signed",
		"Received: x\r\nReturn-Path: x\r\nBcc: x\r\nAuthentication-Results: x\r\nARC-Seal: "
		"x\r\nDKIM-Signature: x\r\n"
		"X-Mailer: x\r\nResent-Bcc: x\r\nDKIM-Signature: y\r\nFrom: a\r\n",
		"From=9 From=- " OVERSIGNED_ABSENT},
	    {"names are not prefixes", "Fro: a\r\nFromm: b\r\nDates: c\r\n",
		"From=- " OVERSIGNED_ABSENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct header_list l;
		struct header_picks picks;
		struct arena arena;
		struct err err = ERR_INIT;
		struct buf got;
		size_t off;
		arena_init(&arena, 65536);
		buf_init(&got, 65536);
		parse(&l, rows[i].header, &off);
		assert_int_equal(header_pick_all(&l, HEADER_RULES, &arena, &picks, &err), 0);
		show(&picks, &got);
		if (strcmp(buf_str(&got), rows[i].want) != 0)
			fail_msg(
			    "%s:\n is   %s\n want %s", rows[i].name, buf_str(&got), rows[i].want);
		header_list_deinit(&l);
		buf_deinit(&got);
		arena_deinit(&arena);
	}
}

/* RFC 6376 5.4.2: the examples of the text, and what a sloppy h= may hold. */
static void
header_pick_named_table(void **state)
{
	static const struct {
		const char *h, *want;
	} rows[] = {
	    {"From:Received:Received:Received:Received",
		"From=3 Received=2 Received=1 Received=0 Received=-"},
	    {"from : to :\r\n\tsubject", "from=3 to=- subject=4"},
	    {"Subject:From:Subject:From", "Subject=4 From=3 Subject=- From=-"},
	    {"From:", "From=3 =-"},
	    {"", "=-"},
	};
	struct header_list l;
	size_t off;

	(void)state;
	parse(&l, "Received: 1\r\nReceived: 2\r\nreceived : 3\r\nFrom: a\r\nSubject: s\r\n\r\n",
	    &off);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct header_picks picks;
		struct arena arena;
		struct err err = ERR_INIT;
		struct buf got;
		arena_init(&arena, 65536);
		buf_init(&got, 65536);
		assert_int_equal(
		    header_pick_named(&l, slice_of(rows[i].h), &arena, &picks, &err), 0);
		show(&picks, &got);
		assert_string_equal(buf_str(&got), rows[i].want);
		buf_deinit(&got);
		arena_deinit(&arena);
	}
	header_list_deinit(&l);
}

/* "name|value;..." and the body's offset */
static void
header_list_parse_table(void **state)
{
	static const struct {
		const char *name, *text, *want;
		size_t body_off;
	} rows[] = {
	    {"empty", "", "", 0},
	    {"header only", "A: 1\r\n", "A| 1;", 6},
	    {"no final CRLF", "A: 1", "A| 1;", 4},
	    {"body", "A: 1\r\nB:2\r\n\r\nbody", "A| 1;B|2;", 13},
	    {"LF line ends", "A: 1\nB:2\n\nbody", "A| 1;B|2;", 10},
	    {"folds stay", "A: 1\r\n\t2\r\n 3\r\nB: 4\r\n\r\n", "A| 1\r\n\t2\r\n 3;B| 4;", 22},
	    {"fold that is blank", "A: 1\r\n \r\nB: 4\r\n\r\n", "A| 1\r\n ;B| 4;", 17},
	    {"WSP before the colon", "A \t: 1\r\n\r\n", "A \t| 1;", 10},
	    {"body at once", "\r\nbody", "", 2},
	    {"no field ends the header", "A: 1\r\nno field\r\nB: 2\r\n", "A| 1;", 6},
	    {"blank first line is no field", " x: 1\r\nB: 2\r\n", "", 0},
	    {"colon first", ": 1\r\n", "", 0},
	    {"8-bit name is no field", "A: 1\r\n\xc3\xa4: 2\r\n", "A| 1;", 6},
	    {"blank in the name", "A B: 1\r\n", "", 0},
	    {"empty value", "A:\r\nB: \r\n\r\n", "A|;B| ;", 11},
	    {"colons in the value", "A: b:c\r\n\r\n", "A| b:c;", 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct header_list l;
		struct buf got;
		size_t off;
		parse(&l, rows[i].text, &off);
		buf_init(&got, 4096);
		for (size_t j = 0; j < l.count; j++) {
			buf_put(&got, l.fields[j].name);
			buf_put_byte(&got, '|');
			buf_put(&got, l.fields[j].value);
			buf_put_byte(&got, ';');
		}
		if (strcmp(buf_str(&got), rows[i].want) != 0 || off != rows[i].body_off)
			fail_msg("%s: is %s, body at %zu", rows[i].name, buf_str(&got), off);
		buf_deinit(&got);
		header_list_deinit(&l);
	}
}

static void
header_find_last_walks_up(void **state)
{
	struct header_list l;
	size_t off;

	(void)state;
	parse(&l, "A: 1\r\nB: 2\r\na : 3\r\n", &off);
	assert_int_equal(header_count(&l, SLICE_LIT("a")), 2);
	assert_int_equal(header_count(&l, SLICE_LIT("c")), 0);
	assert_int_equal(header_find_last(&l, SLICE_LIT("A"), l.count), 2);
	assert_int_equal(header_find_last(&l, SLICE_LIT("A"), 2), 0);
	assert_int_equal(header_find_last(&l, SLICE_LIT("A"), 0), HEADER_ABSENT);
	assert_int_equal(header_find_last(&l, SLICE_LIT("b"), SIZE_MAX), 1);
	header_list_clear(&l);
	assert_int_equal(header_count(&l, SLICE_LIT("a")), 0);
	header_list_deinit(&l);
	header_list_deinit(&l);
}

static void
header_list_add_count_max_refused(void **state)
{
	struct header_list l = {NULL, 0, 0};
	struct err err = ERR_INIT;
	size_t off;

	(void)state;
	assert_int_equal(header_list_parse(&l, SLICE_LIT("A: 1\r\nA: 2\r\n"), 2, &off, &err), 0);
	assert_int_equal(header_list_add(&l, SLICE_LIT("A"), SLICE_LIT("3"), 2, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "the message has more than 2 header fields");
	assert_int_equal(l.count, 2);
	header_list_clear(&l);
	assert_int_equal(
	    header_list_parse(&l, SLICE_LIT("A: 1\r\nA: 2\r\nA: 3\r\n"), 2, &off, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	header_list_deinit(&l);
}

static void
header_pick_8000_fields(void **state)
{
	static const char *const NAMES[] = {"Subject", "X-Other", "Received", "subject"};
	struct header_list l = {NULL, 0, 0};
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	size_t below = 8000;

	(void)state;
	for (size_t i = 0; i < 8000; i++)
		assert_int_equal(
		    header_list_add(&l, slice_of(NAMES[i % 4]), SLICE_LIT(" x"), 8000, &err), 0);
	arena_init(&arena, 1 << 20);
	assert_int_equal(header_pick_all(&l, HEADER_RULES, &arena, &picks, &err), 0);
	/* From, To, Cc and Reply-To are absent; Subject is there 4000 times, plus one */
	assert_int_equal(picks.count, 4 + 4001);
	for (size_t i = 3; i < 4003; i++) {
		assert_true(slice_eq_str(picks.picks[i].name, "Subject"));
		assert_true(picks.picks[i].index < below);
		below = picks.picks[i].index;
	}
	assert_int_equal(below, 0);
	assert_int_equal(picks.picks[4003].index, HEADER_ABSENT);
	arena_deinit(&arena);
	header_list_deinit(&l);
}

/* As many fields and entries as are read: who writes both makes nobody wait. */
static void
header_pick_named_many_in_time(void **state)
{
	enum { FIELDS = 10000, ENTRIES = 32000 };
	struct header_list l = {0};
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	struct buf h;

	(void)state;
	buf_init(&h, 2 * ENTRIES);
	for (size_t i = 0; i < FIELDS; i++)
		assert_int_equal(header_list_add(&l, SLICE_LIT("x"), SLICE_LIT("y"), FIELDS, &err), 0);
	buf_put_str(&h, "x");
	for (size_t i = 1; i < ENTRIES; i++)
		buf_put_str(&h, ":X");
	arena_init(&arena, 16 << 20);
	alarm(5);
	assert_int_equal(header_pick_named(&l, buf_slice(&h), &arena, &picks, &err), 0);
	alarm(0);
	assert_int_equal(picks.count, ENTRIES);
	for (size_t i = 0; i < ENTRIES; i++)
		assert_int_equal(picks.picks[i].index, i < FIELDS ? FIELDS - 1 - i : HEADER_ABSENT);
	arena_deinit(&arena);
	header_list_deinit(&l);
	buf_deinit(&h);
}

static void
header_pick_arena_full_refused(void **state)
{
	struct header_list l;
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	size_t off;

	(void)state;
	parse(&l, "From: a\r\n", &off);
	arena_init(&arena, 16);
	assert_int_equal(header_pick_all(&l, HEADER_RULES, &arena, &picks, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "no room for a list of 31 signed header fields");
	assert_int_equal(
	    header_pick_named(&l, SLICE_LIT("from:from:from"), &arena, &picks, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "no room for a list of 3 signed header fields");
	arena_deinit(&arena);
	arena_init(&arena, 800); /* the picks, but not what they are found with */
	assert_int_equal(header_pick_all(&l, HEADER_RULES, &arena, &picks, &err), -1);
	assert_string_equal(err.text, "no room for a header of 1 fields");
	arena_deinit(&arena);
	arena_init(&arena, sizeof(struct header_pick));
	assert_int_equal(header_pick_named(&l, SLICE_LIT("from"), &arena, &picks, &err), -1);
	assert_string_equal(err.text, "no room for a header of 1 fields");
	arena_deinit(&arena);
	header_list_deinit(&l);
}

/* header_pick_all needs it: otherwise a field would be signed twice. */
static void
header_rules_are_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; HEADER_RULES[i].name != NULL; i++) {
		for (size_t j = 0; j < i; j++)
			assert_false(header_name_eq(
			    slice_of(HEADER_RULES[i].name), slice_of(HEADER_RULES[j].name)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header_pick_all_table),
	    cmocka_unit_test(header_pick_named_table),
	    cmocka_unit_test(header_pick_named_many_in_time),
	    cmocka_unit_test(header_list_parse_table),
	    cmocka_unit_test(header_find_last_walks_up),
	    cmocka_unit_test(header_list_add_count_max_refused),
	    cmocka_unit_test(header_pick_8000_fields),
	    cmocka_unit_test(header_pick_arena_full_refused),
	    cmocka_unit_test(header_rules_are_distinct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
