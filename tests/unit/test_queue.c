/* SPDX-License-Identifier: ISC */
/* test_queue.c - what postqueue -j tells, and what it means when it tells nothing (signpost/queue.h). */
#include "signpost/queue.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define MAIL(at)                                                                                   \
	"{\"queue_name\": \"deferred\", \"queue_id\": \"4D6\", \"arrival_time\": " #at             \
	", \"message_size\": 1, \"forced_expire\": false, \"sender\": \"a@b.test\", "              \
	"\"recipients\": [{\"address\": \"c@d.test\", \"delay_reason\": \"x\\ny {}\"}]}\n"

static void
queue_parse_finds_the_oldest(void **state)
{
	static const struct {
		const char *name, *text;
		int rc;
		int64_t want;
	} cases[] = {
	    {"empty", "", 0, NEVER},
	    {"empty lines", "\n\n  \n", 0, NEVER},
	    {"one", MAIL(1795305600), 0, 1795305600},
	    {"the oldest first", MAIL(10) MAIL(20) MAIL(30), 0, 10},
	    {"the oldest last", MAIL(30) MAIL(20) MAIL(10), 0, 10},
	    {"between", MAIL(30) MAIL(10) MAIL(20), 0, 10},
	    {"no line end", "{\"arrival_time\": 7}", 0, 7},
	    {"carriage returns", "{\"arrival_time\": 7}\r\n", 0, 7},
	    {"before 1970", "{\"arrival_time\": -7}\n", 0, -7},
	    {"no JSON", "Mail queue is empty\n", -1, NEVER},
	    {"behind a good one", MAIL(10) "postqueue: warning: x\n", -1, 10},
	    {"no arrival", "{\"queue_id\": \"4D6\"}\n", -1, NEVER},
	    {"arrival is a text", "{\"arrival_time\": \"7\"}\n", -1, NEVER},
	    {"arrival is a fraction", "{\"arrival_time\": 7.5}\n", -1, NEVER},
	    {"an array", "[{\"arrival_time\": 7}]\n", -1, NEVER},
	    {"cut off", "{\"arrival_time\": 7", -1, NEVER},
	    {"two in a line", "{\"arrival_time\": 7}{\"arrival_time\": 5}\n", -1, NEVER},
	    {"out of range", "{\"arrival_time\": 99999999999999999999}\n", -1, NEVER},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		int64_t oldest = 1;
		int rc = queue_parse(slice_of(cases[i].text), &oldest, &err);
		if (rc != cases[i].rc || oldest != cases[i].want)
			fail_msg(
			    "%s: %d, %lld: %s", cases[i].name, rc, (long long)oldest, err.text);
		if (rc != 0)
			assert_non_null(strstr(err.text, "has no arrival_time"));
	}
}

struct place {
	char dir[64], path[96];
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_queue.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/postqueue", p->dir);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	assert_int_equal(rmdir(p->dir), 0);
	free(p);
	return 0;
}

static void
program(const struct place *p, const char *text)
{
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(p->path, 0700), 0);
}

static void
queue_ask_takes_every_instance(void **state)
{
	struct place *p = *state;
	char one[] = "/one", two[] = "/two";
	char *dirs[] = {one, two};
	struct keeper_conf k = {.postqueue = p->path};
	struct err err = ERR_INIT;
	int64_t oldest = 1;

	program(p, "[ \"$1 $2\" = \"-j \" ] && echo '{\"arrival_time\": 50}'\n"
		   "[ \"$1 $2 $3\" = \"-j -c /one\" ] && exit 0\n"
		   "[ \"$1 $2 $3\" = \"-j -c /two\" ] && echo '{\"arrival_time\": 40}'\nexit 0");
	assert_int_equal(queue_ask(&k, &oldest, &err), 0);
	assert_int_equal(oldest, 50);
	k.postfix_configs = dirs;
	k.postfix_config_count = 1;
	assert_int_equal(queue_ask(&k, &oldest, &err), 0);
	assert_int_equal(oldest, NEVER);
	k.postfix_config_count = 2;
	assert_int_equal(queue_ask(&k, &oldest, &err), 0);
	assert_int_equal(oldest, 40);
}

/* What cannot be told is not an empty queue. */
static void
queue_ask_fails_when_it_is_not_told(void **state)
{
	struct place *p = *state;
	char missing[] = "/nowhere/postqueue", bare[] = "no-such-postqueue", none[] = "";
	struct keeper_conf k = {.postqueue = p->path};
	struct err err = ERR_INIT;
	int64_t oldest = 1;

	program(p, "echo 'postqueue: fatal: not in authorized_mailq_users' >&2\nexit 69");
	assert_int_equal(queue_ask(&k, &oldest, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "not in authorized_mailq_users"));
	program(p, "echo '{\"arrival_time\": 1}'\nkill -9 $$");
	assert_int_equal(queue_ask(&k, &oldest, &err), -1);
	program(p, "echo 'Mail queue is empty'");
	assert_int_equal(queue_ask(&k, &oldest, &err), -1);
	k.postqueue = missing;
	assert_int_equal(queue_ask(&k, &oldest, &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/postqueue cannot be run"));
	/* no Postfix here, or nobody asks it */
	k.postqueue = bare;
	oldest = 1;
	assert_int_equal(queue_ask(&k, &oldest, &err), 0);
	assert_int_equal(oldest, NEVER);
	k.postqueue = none;
	assert_int_equal(queue_ask(&k, &oldest, &err), 0);
	assert_int_equal(oldest, NEVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(queue_parse_finds_the_oldest),
	    cmocka_unit_test_setup_teardown(queue_ask_takes_every_instance, setup, teardown),
	    cmocka_unit_test_setup_teardown(queue_ask_fails_when_it_is_not_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
