/* SPDX-License-Identifier: ISC */
/* What `doctor` puts into its sentences (DOCTOR_SENTENCES[], which test_doctor.c produces), prints around them and refuses,
 * with the situation; each is produced by running it, or by a probe through a milter made by hand. */
int client_main(void);
#define main client_main
#include "tests/unit/test_client.c"
#undef main

#include "fixture_pass.h"
#include "signpost/doctor_probe.h"
#include "tests/unit/said_run.h"

#define OURS CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"

static const struct said_row LINES[] = {
    {"fail  there is no signing table: *   signpost tick", "a sentence and its mend fit into the line"},
    {"note  there is no domain yet   signpost add DOMAIN", "a level with the store empty"},
    {"ok    *", "what is well is said, too"},
    {"warn  *", "a warning"},
    {"?     *", "what could not be looked at"},
    {"*a.test: *", "several domains: each sentence begins with its own"},
    {"a probe through * was refused: without a reason", "a milter refuses the probe without a text"},
    {"nowhere.test is not here; signpost add nowhere.test starts signing for it", "a domain that the store does not have"},
};

static int
run_doctor(struct box *box, const char *const *words, const char *const *domains)
{
	struct dns_endpoint nobody = {{IP_V4, {127, 0, 0, 1}}, 1};
	struct config config = *box->config;
	struct cli cli = {.verb = &verb_doctor, .config = &config, .store_dir = box->dir, .now = box->w->now};

	config.dns = (struct dns_conf){.resolvers = &nobody,
	    .resolver_count = 1,
	    .roots = &nobody,
	    .root_count = 1,
	    .timeout_ms = 100,
	    .tries = 1,
	    .queries_per_second = 5000};
	while (domains[cli.operand_count] != NULL) {
		cli.operands[cli.operand_count] = domains[cli.operand_count];
		cli.operand_count++;
	}
	hear_options(&cli, words);
	return hear_run(&cli);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__})

static void
of_the_store(void **state)
{
	struct box *box = box_new(OURS);
	(void)state;

	assert_int_equal(run_doctor(box, WORDS(NULL), WORDS(NULL)), EXIT_FAILED);
	assert_int_equal(run_doctor(box, WORDS(NULL), WORDS("nowhere.test", NULL)), -1);
	(void)box_pass(box);
	assert_true(run_doctor(box, WORDS(NULL), WORDS(NULL)) > 0);
	box_add(box, "a.test", "p");
	box_add(box, "b.test", "p");
	for (int i = 0; i < 4; i++, box_later(box, 10))
		(void)box_pass(box);
	assert_true(run_doctor(box, WORDS(NULL), WORDS(NULL)) > 0);
	assert_true(run_doctor(box, WORDS("json", NULL), WORDS("a.test", NULL)) > 0);
	box_free(box);
}

/* A milter that refuses without a text. */
static void
of_a_milter(void **state)
{
	static const struct script script = {.commands = "E", .answers = {PACKET("\0\0\0\1r")}, .protocol = 0};
	static struct doctor_probe probe;
	const struct signer_facts facts = {.from = "a@a.test", .login = "a@a.test"};
	struct doctor_findings all = {.list = NULL};
	struct doctor_domain domain = {.name = "a.test", .granted = true, .has_key = true, .probes = &probe, .probe_count = 1};
	struct milter m;
	(void)state;

	milter_start(&m, &script);
	doctor_probe_send(&(struct doctor_way){.milter = m.path, .timeout_ms = 2000, .now = BEGIN}, &facts, &probe);
	milter_stop(&m);
	assert_string_equal(probe.no_answer, "");
	doctor_judge_domain(&(struct doctor_facts){.now = BEGIN}, &domain, &all);
	for (size_t i = 0; i < all.count; i++)
		hear(all.list[i].verdict);
	doctor_findings_deinit(&all);
}

/* One takes mail unsigned, and the other does not answer: the word is of the one for which mail waits. */
static void
of_two_milters(void **state)
{
	static const struct script script = {.commands = "E", .answers = {PACKET("\0\0\0\1a")}, .protocol = 0};
	static const char rows[] = "signpost-table 1\ngeneration 1\ndomain a.test\n"
				   "key a.test s1 rsa-sha256 keys/a.test/s1.pem AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nend 4\n";
	char address[80], silent[] = "unix:/nonexistent/m", *milters[] = {address, silent};
	const struct signers_conf conf = {.milters = milters, .milter_count = 2, .timeout_ms = 2000};
	struct signers_answer a = {.domain = "a.test"};
	struct err err = ERR_INIT;
	struct table *table = NULL;
	struct milter m;
	(void)state;

	if (table_parse(slice_of(rows), "test", &table, &err) != 0)
		fail_msg("%s", err.text);
	milter_start(&m, &script);
	snprintf(address, sizeof(address), "%s", m.path);
	assert_int_equal(signers_ask(&conf, table, &a, 1, &err), 0);
	milter_stop(&m);
	assert_true(a.needed && !a.agree && a.silent);
	assert_int_equal(a.laggards, 2);
	assert_true(signers_is_silence(a.laggard));
	assert_int_equal(strncmp(a.laggard, "unix:/nonexistent/m does not answer: ", 37), 0);
	assert_non_null(strstr(a.laggard, " (and 1 more)"));
	assert_false(signers_is_silence("unix:/m still signs a.test with s0"));
	table_free(table);
}

static void
each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(LINES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_the_store),
	    cmocka_unit_test(of_a_milter),
	    cmocka_unit_test(of_two_milters),
	    cmocka_unit_test(each_was_said), /* the last */
	};

	(void)box_killed_pass;
	(void)box_table;
	(void)client_main;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
