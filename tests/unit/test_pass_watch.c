/* SPDX-License-Identifier: ISC */
/* test_pass_watch.c - what a pass looks at beside DNS: the milters, also when nothing changes, and the store's directory. */
#include "fixture_pass.h"
#include "signpost/pass_private.h"

static const char TXT[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";

static void
passes(struct box *box, int64_t seconds, int64_t step)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end; box_later(box, step))
		box_pass(box);
}

/* Issue: between two switches nobody asked the milters, and one that was dead was not seen. */
static void
pass_asks_the_milters_also_when_nothing_changes(void **state)
{
	struct box *box = box_new(TXT);
	struct store_domain *d;
	struct err err = ERR_INIT;
	size_t n;
	(void)state;

	box_add(box, "a.test", "p");
	passes(box, 100, 5);
	unsigned before = box->w->asks;
	assert_in_range(before, 1, 3); /* soon after the first key began to sign */
	passes(box, 300, 10);
	assert_in_range(box->w->asks, before + 4, before + 6); /* watch_interval is 60 s */
	box->w->milter_stuck = true;
	passes(box, 70, 10);
	assert_int_equal(store_domains(box->store, "a.test", &d, &n, &err), 0);
	assert_false(d->signers_agree);
	assert_string_equal(d->signers_laggard, "unix:/m signs with the old key");
	free(d);
	box->w->milter_stuck = false;
	passes(box, 70, 10); /* ask_every */
	assert_int_equal(store_domains(box->store, "a.test", &d, &n, &err), 0);
	assert_true(d->signers_agree);
	free(d);
	box_free(box);
}

/* A milter that does not answer costs its timeout once a pass, not once for each batch of domains. */
static void
pass_asks_a_silent_milter_once(void **state)
{
	struct box *box = box_new(TXT);
	char name[32];
	(void)state;

	for (int i = 0; i <= PASS_BATCH; i++) {
		snprintf(name, sizeof(name), "d%03d.test", i);
		box_add(box, name, "p");
	}
	passes(box, 100, 5);
	passes(box, 60, 10);
	box->w->milter_silent = true;
	unsigned before = box->w->asks;
	box_later(box, 70);
	box_pass(box);
	assert_int_equal(box->w->asks, before + 1);
	box->w->milter_silent = false;
	before = box->w->asks;
	box_later(box, 70);
	box_pass(box);
	assert_true(box->w->asks >= before + 2);
	box_free(box);
}

static void
pass_refuses_a_store_that_everybody_can_write(void **state)
{
	struct box *box = box_new(TXT);
	struct pass pass = {
	    .config = box->config, .store = box->store, .verb = "test", .seams = &box->seams};
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(chmod(box->dir, 0777), 0);
	assert_int_equal(pass_run(&pass, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "can be written by everybody (0777)"));
	assert_int_equal(chmod(box->dir, 0700), 0);
	assert_int_equal(pass_run(&pass, &err), 0);
	box_free(box);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_asks_the_milters_also_when_nothing_changes),
	    cmocka_unit_test(pass_asks_a_silent_milter_once),
	    cmocka_unit_test(pass_refuses_a_store_that_everybody_can_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
