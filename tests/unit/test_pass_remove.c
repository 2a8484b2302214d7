/* SPDX-License-Identifier: ISC */
/* test_pass_remove.c - a domain that is removed, and one that comes back. */
#include "fixture_pass.h"
#include "signpost/add_text.h"

static const char ONE[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n standby = no\n" POLICY_TIMES "}\n";

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_pass(box);
		box_later(box, 5);
	}
}

static void
begin_removal(struct box *box)
{
	const struct store_marking marking = {"a.test", MARK_REMOVING, box->w->now};
	struct err err = ERR_INIT;

	assert_int_equal(store_domain_mark(box->store, &marking, NULL, &err), 0);
}

static struct store_domain
row_of(struct box *box)
{
	struct store_domain *rows = NULL, row;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_domains(box->store, "a.test", &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	row = rows[0];
	free(rows);
	return row;
}

/* Rows of domains in the table, and how many keys they name. */
static size_t
rows_of_table(struct box *box, size_t *keys)
{
	struct table *table = box_table(box);
	size_t rows = table->domain_count;

	*keys = rows == 0 ? 0 : table->domains[0].key_count;
	table_free(table);
	return rows;
}

/* What `add` says about its mail. */
static void
assert_said(struct box *box, const char *words)
{
	struct adding a = {
	    .config = box->config, .store = box->store, .now = box->w->now, .name = "a.test"};
	const struct add_text text = {.a = &a, .last_pass = box->w->now};
	struct err err = ERR_INIT;
	struct buf out;

	buf_init(&out, 8192);
	assert_int_equal(adding_choose(&a, &err), 0);
	assert_int_equal(adding_make(&a, &err), 0);
	assert_int_equal(add_text(&text, &out, &err), 0);
	if (strstr(buf_str(&out), words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, buf_str(&out));
	adding_deinit(&a);
	buf_deinit(&out);
}

/* Its mail left unsigned, and a person wanted that: nobody wanted it to be answered 451. */
static void
pass_removed_and_added_leaves_unsigned_until_a_key_signs(void **state)
{
	struct box *box = box_new(ONE);
	size_t keys;
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 300);
	assert_int_equal(rows_of_table(box, &keys), 1);
	begin_removal(box);
	live(box, 20);
	assert_int_equal(rows_of_table(box, &keys), 0);
	box_add(box, "a.test", "p");
	assert_int_equal(row_of(box).active_from, NEVER);
	assert_said(box, "its mail leaves unsigned, until every name server has the new record");
	assert_said(box, "signpost rollback a.test");
	box_pass(box);
	assert_int_equal(rows_of_table(box, &keys), 0);
	live(box, 300);
	assert_int_equal(rows_of_table(box, &keys), 1);
	assert_int_equal(keys, 1);
	assert_true(row_of(box).active_from != NEVER);
	box_free(box);
}

/* Before any pass has acted on it nothing is another: its key signs on. */
static void
pass_removed_and_added_at_once_signs_on(void **state)
{
	struct box *box = box_new(ONE);
	size_t keys;
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 300);
	int64_t from = row_of(box).active_from;
	begin_removal(box);
	box_add(box, "a.test", "p");
	assert_int_equal(row_of(box).active_from, from);
	box_pass(box);
	assert_int_equal(rows_of_table(box, &keys), 1);
	assert_int_equal(keys, 1);
	box_free(box);
}

/* No wish: a key that was lost.  The mail waits for the next one. */
static void
pass_added_again_while_no_key_signs_still_defers(void **state)
{
	struct box *box = box_new(ONE);
	struct store_key *list = NULL;
	struct err err = ERR_INIT;
	size_t count, keys;
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 300);
	assert_int_equal(store_keys(box->store, "a.test", &list, &count, &err), 0);
	const struct store_switch off = {.off = &list[0], .at = box->w->now, .verb = "compromise", .why = "stopped"};
	assert_int_equal(store_switch(box->store, &off, &err), 0);
	free(list);
	box_add(box, "a.test", "p");
	assert_said(box, "its mail is not taken (451), and waits");
	box_pass(box);
	assert_int_equal(rows_of_table(box, &keys), 1);
	assert_int_equal(keys, 0);
	box_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_removed_and_added_leaves_unsigned_until_a_key_signs),
	    cmocka_unit_test(pass_removed_and_added_at_once_signs_on),
	    cmocka_unit_test(pass_added_again_while_no_key_signs_still_defers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
