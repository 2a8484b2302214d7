/* SPDX-License-Identifier: ISC */
/* test_troubles.c - what is wrong on the keeper's host is told by `status`, also before a pass or a publication runs into
 * it; everybody else is told that there is something. */
#include "fixture_pass.h"
#include "signpost/status_file.h"
#include "signpost/status_text.h"

#include <sys/stat.h>

#define OURS CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"
#define SECRETS                                                                                    \
	"publisher \"bind\" {\n type = rfc2136\n server = \"192.0.2.1\"\n tsig_key = "             \
	"\"%s/key\"\n}\n"                                                                          \
	"publisher \"cf\" {\n type = cloudflare\n credentials = \"%s/token\"\n}\n"                 \
	"sign {\n login_map = \"%s/map\"\n}\n"

static char side[] = "/tmp/test_troubles.XXXXXX";

static int
ignore(void *arg, json_t *domain, struct err *err)
{
	(void)arg;
	(void)domain;
	(void)err;
	return 0;
}

static void
put(const char *name, const char *text)
{
	char path[128];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s", side, name);
	assert_int_equal(file_replace(path, slice_of(text), 0600, &err), 0);
}

static void
drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", side, name);
	assert_int_equal(unlink(path), 0);
}

static void
look(struct box *box, struct status_world *world)
{
	const struct status_query q = {
	    .store = box->store, .now = box->w->now, .form = {.config = box->config}};
	struct err err = ERR_INIT;

	if (status_each(&q, world, ignore, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

/* What status prints below the domains. */
static void
expect(struct box *box, const char *want)
{
	const struct terminal plain = {.width = 0};
	const struct status_reader reader = {&plain, box->config, box->w->now};
	struct status_world world;
	struct buf out;

	look(box, &world);
	buf_init(&out, 65536);
	status_text_world(&reader, &world, &out);
	assert_string_equal(buf_str(&out), want);
	assert_int_equal(status_world_exit_code(&reader, &world), want[0] == '\0' ? 0 : 1);
	buf_deinit(&out);
}

static void
status_tells_what_everybody_can_write(void **state)
{
	struct box *box = box_new(OURS);
	char want[512], dir[sizeof(box->dir)];
	(void)state;

	memcpy(dir, box->dir, sizeof(dir));
	box_add(box, "a.test", "p");
	box_pass(box);
	expect(box, "");
	assert_int_equal(chmod(dir, 0777), 0);
	snprintf(want, sizeof(want),
	    "No pass is made: %s can be written by everybody (0777), who could put keys and a "
	    "table there; chmod 2750 %s.\n",
	    dir, dir);
	expect(box, want);
	assert_int_equal(chmod(dir, 0750), 0);
	expect(box, "");
	box_free(box);
}

static void
status_tells_what_cannot_be_read(void **state)
{
	char conf[4096], want[1024];
	(void)state;

	snprintf(conf, sizeof(conf), OURS SECRETS, side, side, side);
	struct box *box = box_new(conf);
	put("key", "key");
	put("token", "token");
	put("map", "b@b.test b.test\n");
	box_add(box, "a.test", "p");
	box_pass(box);
	expect(box, "");
	put("map", "b@b.test b.test\nc@b.test\n");
	drop("key");
	drop("token");
	snprintf(want, sizeof(want),
	    "%s/key, the secret of publisher bind, cannot be read: No such file or directory; see: "
	    "signpost doctor.\n"
	    "%s/token, the secret of publisher cf, cannot be read: No such file or directory; see: "
	    "signpost doctor.\n"
	    "login_map: a line grants nothing: %s/map:2: login \"c@b.test\" has no domain.\n",
	    side, side, side);
	expect(box, want);
	drop("map");
	put("key", "key");
	put("token", "token");
	snprintf(want, sizeof(want),
	    "login_map: %s/map: cannot open: No such file or directory; its logins stay as the "
	    "signing table has them.\n",
	    side);
	expect(box, want);
	drop("key");
	drop("token");
	box_free(box);
}

/* No path, and no login. */
static void
status_file_tells_that_there_is_something(void **state)
{
	struct box *box = box_new(OURS);
	struct status_world world;
	struct err err = ERR_INIT;
	char path[128];
	(void)state;

	box_add(box, "a.test", "p");
	box_pass(box);
	assert_int_equal(chmod(box->dir, 0777), 0);
	snprintf(path, sizeof(path), "%s/status.json", box->dir);
	assert_int_equal(status_file_write(path, box->store, box->config, box->w->now, &err), 0);
	const struct status_file file = {path, NULL};
	assert_int_equal(status_file_each(&file, &world, ignore, NULL, &err), 0);
	assert_int_equal(world.troubles.count, 1);
	assert_string_equal(world.troubles.text[0],
	    "Something is wrong on the keeper's host: signpost status, by root, tells what");
	box_free(box);
}

static void
troubles_add_takes_the_first_ones(void **state)
{
	struct troubles t = {.count = 0};
	(void)state;

	troubles_add(&t, NULL);
	assert_int_equal(t.count, 0);
	for (int i = 0; i < TROUBLES_MAX + 2; i++)
		troubles_add(&t, i == 0 ? "first" : "more");
	assert_int_equal(t.count, TROUBLES_MAX);
	assert_string_equal(t.text[0], "first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(status_tells_what_everybody_can_write),
	    cmocka_unit_test(status_tells_what_cannot_be_read),
	    cmocka_unit_test(status_file_tells_that_there_is_something),
	    cmocka_unit_test(troubles_add_takes_the_first_ones),
	};

	(void)box_killed_pass;
	(void)box_table;
	if (mkdtemp(side) == NULL)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(side) != 0 || failed != 0;
}
