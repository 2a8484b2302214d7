/* SPDX-License-Identifier: ISC */
/* test_race.c - `compromise` does not wait for a pass.  A pass over many domains that are all due to switch is interrupted
 * at each of its hooks, and there a key of the next domain is marked, by the verb's own code over a second connection:
 * never does a key enter the table after it was marked, and the table is always what the store says. */
#include "fixture_pass.h"
#include "signpost/theft.h"
#include "signpost/verbs.h"

#include <time.h>

#define DOMAINS 6

static const char SETTINGS[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n standby = yes\n" POLICY_TIMES
			   "}\nsigners {\n milters = {\"unix:/m\"}\n}\n"
			   "sign {\n local_submission { domains = {\"*\"} }\n}\n";

/* What the verb asks for the time is told the world's. */
time_t
time(time_t *out)
{
	time_t now = the_box == NULL ? BEGIN : (time_t)the_box->w->now;

	if (out != NULL)
		*out = now;
	return now;
}

struct race {
	struct box *box;
	struct store *other; /* the second connection */
	const char *hook;    /* only at hooks of that name; NULL: at each */
	bool host, stop_now;
	unsigned done;
	char *argv[5];
	char names[DOMAINS][24];
};

static struct race the_race;

/* Marks the key that signs, or all, of one domain, and answers as the verb does. */
static void
compromise(struct race *r, const char *domain)
{
	const struct verb *verb = &verb_compromise;
	const struct cli cli = {.verb = verb,
	    .config = r->box->config,
	    .store_dir = r->box->dir,
	    .now = r->box->w->now,
	    .argv = r->argv};
	struct operation op = {.cli = &cli, .store = r->other};
	struct theft t = {.op = &op, .before = INT64_MAX, .stop_now = r->stop_now};
	struct err err = ERR_INIT;

	snprintf(op.domain, sizeof(op.domain), "%s", domain);
	buf_init(&t.said, OPERATION_OUT_MAX);
	if (operation_load(&op, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; !r->host && i < op.d->domain.key_count; i++) {
		if (key_state_signs(key_state_of(&op.d->keys[i].facts)))
			t.selector = strdup(op.d->keys[i].selector);
	}
	if (theft_mark(&t, &err) != 0 || theft_answer(&t, &err) != 0)
		fail_msg("%s", err.text);
	free((char *)(uintptr_t)t.selector);
	buf_deinit(&t.said);
	observation_deinit(&op.o);
}

static void
interrupt(void *arg, const char *hook)
{
	struct race *r = &the_race;

	(void)arg;
	if (r->done >= DOMAINS || (r->hook != NULL && strcmp(r->hook, hook) != 0))
		return;
	/* the next domain from either end: before its turn, and after it */
	unsigned n = r->done % 2 == 0 ? r->done / 2 : DOMAINS - 1 - r->done / 2;
	r->done++;
	compromise(r, r->names[n]);
}

static bool
enters(const struct store_log_row *row)
{
	return strncmp(row->text, "enters the signing table", 24) == 0;
}

/* In the order of the log, no key enters the table that was marked before, and none twice: what the verb has switched,
 * the pass does not switch again. */
static void
check_log(struct box *box)
{
	const struct store_log_query query = {.since = NEVER};
	struct store_log_row *rows = NULL;
	struct err err = ERR_INIT;
	size_t count = 0;

	assert_int_equal(store_log(box->store, &query, &rows, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		if (!enters(&rows[i]) && strncmp(rows[i].text, "compromised (", 13) != 0)
			continue;
		for (size_t k = i + 1; k < count; k++) {
			if (enters(&rows[k]) && strcmp(rows[k].selector, rows[i].selector) == 0)
				fail_msg("%s entered the table again, or after it was marked",
				    rows[k].selector);
		}
	}
	free(rows);
}

static void
check_table(struct box *box)
{
	struct table *table = box_table(box);
	struct store_signing *keys = NULL;
	struct err err = ERR_INIT;
	size_t count = 0;

	assert_int_equal(store_signing_keys(box->store, &keys, &count, &err), 0);
	assert_int_equal(count, table->key_count);
	for (size_t i = 0; i < count; i++) {
		bool found = false;
		for (size_t k = 0; k < table->key_count; k++)
			found = found || strcmp(table->keys[k].selector, keys[i].selector) == 0;
		if (!found)
			fail_msg("%s signs, and the table does not say so", keys[i].selector);
	}
	free(keys);
	table_free(table);
}

static size_t
count_state(struct box *box, enum key_state state)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count = 0, n = 0;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		n += key_state_of(&keys[i].facts) == state;
	free(keys);
	return n;
}

/* Domains whose key signs, with a standby that is due to take over in the next pass. */
static void
prepare(struct race *r)
{
	struct err err = ERR_INIT;

	r->box = box_new(SETTINGS);
	r->argv[0] = (char *)(uintptr_t) "signpost";
	r->argv[1] = (char *)(uintptr_t) "compromise";
	for (int i = 0; i < DOMAINS; i++) {
		snprintf(r->names[i], sizeof(r->names[i]), "d%02d.test", i);
		box_add(r->box, r->names[i], "p");
	}
	for (int i = 0; i < 24; i++) {
		box_later(r->box, 10);
		box_pass(r->box);
	}
	assert_int_equal(count_state(r->box, KEY_STATE_ACTIVE), DOMAINS);
	assert_int_equal(count_state(r->box, KEY_STATE_READY), DOMAINS);
	for (int i = 0; i < DOMAINS; i++)
		assert_int_equal(
		    store_domain_mark(r->box->store,
			&(struct store_marking){r->names[i], MARK_ROLL, r->box->w->now}, NULL,
			&err),
		    0);
	assert_int_equal(store_open(r->box->dir, 1000, &r->other, &err), 0);
	r->box->seams.between = interrupt;
	r->done = 0;
}

static void
finish(struct race *r)
{
	r->box->seams.between = world_between;
	store_close(r->other);
	box_free(r->box);
}

static const struct {
	const char *hook;
	bool host, stop_now;
} ROWS[] = {
    {NULL, false, false},
    {NULL, true, true},
    {"deed", false, false},
    {"deed", true, false},
    {"ask", false, false},
};

static void
a_stolen_key_never_enters_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		the_race = (struct race){
		    .hook = ROWS[i].hook, .host = ROWS[i].host, .stop_now = ROWS[i].stop_now};
		prepare(&the_race);
		for (int pass = 0; pass < 12 && the_race.done < DOMAINS; pass++) {
			box_later(the_race.box, 10);
			box_pass(the_race.box);
			check_log(the_race.box);
			check_table(the_race.box);
		}
		if (the_race.done == 0)
			fail_msg("row %zu: nothing was interrupted", i);
		the_race.box->seams.between = world_between;
		for (int pass = 0; pass < 12; pass++) {
			box_later(the_race.box, 10);
			box_pass(the_race.box);
		}
		check_log(the_race.box);
		check_table(the_race.box);
		finish(&the_race);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stolen_key_never_enters_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
