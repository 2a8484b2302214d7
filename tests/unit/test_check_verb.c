/* SPDX-License-Identifier: ISC */
/* What `check` prints around the domains it looks at, and what it refuses, with the situation; each is produced by running
 * it.  DNS is not asked: nothing is seen. */
#include "fixture_pass.h"
#include "keys/diagnose_ask.h"
#include "signpost/status_file.h"
#include "tests/unit/said_run.h"

#include <sys/stat.h>

static int ask_nobody(const struct dns_conf *, const struct diagnose_subject *, size_t, diagnose_take_fn *, void *);
static bool store_is_closed(const char *);
#define diagnose_ask	   ask_nobody
#define status_file_wanted store_is_closed
#include "signpost/verb_check.c"
#undef diagnose_ask
#undef status_file_wanted

#define OURS CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"
#define TEXT   (const char *const[]){NULL}
#define NAGIOS (const char *const[]){"nagios", NULL}
#define BOTH   (const char *const[]){"json", "nagios", NULL}

static const struct said_row LINES[] = {
    {"No domain yet: signpost add DOMAIN starts signing for one.", "the store is empty"},
    {"a.test  *  cannot tell: out of memory", "what was seen of a key did not fit into memory"},
    {"DKIM UNKNOWN - a.test: cannot tell. * | fatal=0;;1 warnings=0;1 notes=0 servers=0 good=0", "--nagios, one domain"},
    {"DKIM UNKNOWN - 2 domains: 0 failed, 0 with warnings, 2 cannot be told | domains=2 failed=0;;1 warning=0;1 unknown=2",
	"--nagios, several: the first line"},
    {"DKIM OK - 0 domains: 0 failed, 0 with warnings, 0 cannot be told | domains=0 failed=0;;1 warning=0;1 unknown=0",
	"--nagios, the store is empty"},
    {"DKIM UNKNOWN - nowhere.test is not here; signpost add nowhere.test starts signing for it", "--nagios, and it cannot run"},
    {"DKIM UNKNOWN - no keeper ran for 3 h; 1 domain: *", "--nagios, from an old status file"},
    {"no keeper ran for 3 h; the last pass made no newer status file.", "from an old status file"},
    {"--json and --nagios: one of them", "both were given"},
    {"nowhere.test is not here; signpost add nowhere.test starts signing for it", "a domain that the store does not have"},
    {"domain a.test has policy \"p\", which test does not define", "the policy was taken out of signpost.conf"},
    {"no thread could be started, or no memory is left", "nothing can be asked"},
    {"the store is not yours to open: *", "an ordinary user, and no status file"},
    {"nowhere.test is not in the status file", "an ordinary user, a domain that the store does not have"},
};

static const struct said_row MILTERS[] = {
    {"DKIM UNKNOWN - a.test: cannot tell. * | fatal=0;;1 warnings=0;1 notes=0 servers=0 good=0", "the milters sign as they should"},
    {"DKIM CRITICAL - a.test: unix:/m does not answer (asked at *); DNS: cannot tell. * | fatal=0;;1 *", "one does not answer"},
    {"a.test  milters  failed", "on the page"},
    {"*\"laggard\": \"unix:/m does not answer\"*", "as JSON"},
};

static struct {
	bool ask_fails, closed;
} world;

static int
ask_nobody(const struct dns_conf *dns, const struct diagnose_subject *subjects, size_t count, diagnose_take_fn *take_one,
    void *arg)
{
	(void)dns;
	(void)subjects;
	for (size_t i = 0; i < count && !world.ask_fails; i++)
		take_one(arg, i, NULL);
	return world.ask_fails ? -1 : 0;
}

static bool
store_is_closed(const char *dir)
{
	(void)dir;
	return world.closed;
}

/* Runs it, and hears what it prints. */
static int
run_check(struct box *box, const char *const *words, const char *domain, int64_t later)
{
	struct cli cli = {.verb = &verb_check,
	    .config = box->config,
	    .store_dir = box->dir,
	    .operands = {domain},
	    .operand_count = domain == NULL ? 0 : 1,
	    .now = box->w->now + later};

	hear_options(&cli, words);
	int code = hear_run(&cli);
	world.ask_fails = world.closed = false;
	return code;
}

static void
live(struct box *box)
{
	for (int i = 0; i < 4; i++, box_later(box, 10))
		(void)box_pass(box);
}

static void
of_the_store(void **state)
{
	struct box *box = box_new(OURS);
	struct config *ours = box->config;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(run_check(box, TEXT, NULL, 0), EXIT_OK);
	assert_int_equal(run_check(box, NAGIOS, NULL, 0), EXIT_OK);
	assert_int_equal(run_check(box, BOTH, NULL, 0), -1);
	assert_int_equal(run_check(box, TEXT, "nowhere.test", 0), -1);
	assert_int_equal(run_check(box, NAGIOS, "nowhere.test", 0), EXIT_CANNOT_TELL);
	box_add(box, "a.test", "p");
	live(box);
	assert_int_equal(run_check(box, TEXT, "a.test", 0), EXIT_CANNOT_TELL);
	assert_int_equal(run_check(box, NAGIOS, "a.test", 0), EXIT_CANNOT_TELL);
	world.ask_fails = true;
	assert_int_equal(run_check(box, TEXT, "a.test", 0), -1);
	box_add(box, "b.test", "p");
	live(box);
	assert_int_equal(run_check(box, NAGIOS, NULL, 0), EXIT_CANNOT_TELL);
	assert_int_equal(config_parse(slice_of(""), "test", &box->config, &err), 0);
	assert_int_equal(run_check(box, TEXT, "a.test", 0), -1);
	config_free(box->config);
	box->config = ours;
	box_free(box);
}

/* Issue: the milter was dead, and the line was about DNS. */
static void
of_a_milter(void **state)
{
	struct box *box = box_new(OURS "signers {\n milters = {\"unix:/m\"}\n}\n");
	struct err err = ERR_INIT;
	char path[96];
	(void)state;

	box_add(box, "a.test", "p");
	for (int i = 0; i < 20; i++, box_later(box, 10))
		(void)box_pass(box);
	assert_int_equal(run_check(box, NAGIOS, "a.test", 0), EXIT_CANNOT_TELL);
	box->w->milter_stuck = true;
	for (int i = 0; i < 10; i++, box_later(box, 10))
		(void)box_pass(box);
	assert_int_equal(run_check(box, NAGIOS, "a.test", 0), EXIT_CANNOT_TELL);
	box->w->milter_stuck = false;
	box->w->milter_silent = true;
	for (int i = 0; i < 10; i++, box_later(box, 10))
		(void)box_pass(box);
	assert_int_equal(run_check(box, NAGIOS, "a.test", 0), EXIT_FAILED);
	assert_int_equal(run_check(box, TEXT, "a.test", 0), EXIT_FAILED);
	assert_int_equal(run_check(box, (const char *const[]){"json", NULL}, "a.test", 0), EXIT_FAILED);
	/* an ordinary user is told as much */
	snprintf(path, sizeof(path), "%s/status.json", box->dir);
	box->config->status_file = strdup(path);
	if (status_file_write(path, box->store, box->config, box->w->now, &err) != 0)
		fail_msg("%s", err.text);
	world.closed = true;
	assert_int_equal(run_check(box, NAGIOS, "a.test", 0), EXIT_FAILED);
	assert_int_equal(unheard(MILTERS, sizeof(MILTERS) / sizeof(MILTERS[0])), 0);
	box_free(box);
}

static void
of_the_status_file(void **state)
{
	struct box *box = box_new(OURS);
	struct err err = ERR_INIT;
	(void)state;

	world.closed = true;
	assert_int_equal(run_check(box, TEXT, NULL, 0), -1);
	box_add(box, "a.test", "p");
	live(box);
	char *path = status_file_path(box->config, box->dir), *slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(mkdir(path, 0700), 0);
	*slash = '/';
	if (status_file_write(path, box->store, box->config, box->w->now, &err) != 0)
		fail_msg("%s", err.text);
	world.closed = true;
	assert_int_equal(run_check(box, TEXT, "nowhere.test", 0), -1);
	world.closed = true;
	assert_int_equal(run_check(box, TEXT, NULL, 3 * 3600), EXIT_CANNOT_TELL);
	world.closed = true;
	assert_int_equal(run_check(box, NAGIOS, NULL, 3 * 3600), EXIT_CANNOT_TELL);
	assert_int_equal(unlink(path), 0);
	*slash = '\0';
	assert_int_equal(rmdir(path), 0);
	free(path);
	box_free(box);
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
	    cmocka_unit_test(of_the_status_file),
	    cmocka_unit_test(each_was_said), /* the last */
	};

	(void)box_killed_pass;
	(void)box_table;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
