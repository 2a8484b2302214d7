/* SPDX-License-Identifier: ISC */
/* Programs within limits: what they get, what is kept of what they say, and that none outlives its time; files staged. */
#include "base/run.h"
#include "base/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/signpost-test-XXXXXX";

static const char *
at(const char *name)
{
	static char path[4][128];
	static unsigned i;
	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static struct run_result
sh(const char *script, struct run_job job)
{
	const char *const argv[] = {"/bin/sh", "-c", script, "name", "two words", NULL};
	struct run_result r;
	struct err err = ERR_INIT;
	job.argv = argv;
	if (job.timeout_ms == 0)
		job.timeout_ms = 10000;
	if (run_program(&job, &r, &err) != 0)
		fail_msg("%s: %s", script, err.text);
	return r;
}

static void
run_gives_and_takes_what_it_should(void **state)
{
	static const struct {
		const char *name, *script;
		enum run_end end;
		int code;
		const char *out, *err;
	} rows[] = {
	    {"nothing", ":", RUN_EXITED, 0, "", ""},
	    {"status", "exit 7", RUN_EXITED, 7, "", ""},
	    {"both streams", "echo a; echo b >&2", RUN_EXITED, 0, "a\n", "b\n"},
	    {"input", "cat", RUN_EXITED, 0, "given\n", ""},
	    {"input, not read", "exit 0", RUN_EXITED, 0, "", ""},
	    {"input as a file", "cat /dev/stdin", RUN_EXITED, 0, "given\n", ""},
	    {"arguments as they are", "printf '%s.' \"$@\"", RUN_EXITED, 0, "two words.", ""},
	    {"directory", "pwd", RUN_EXITED, 0, "/\n", ""},
	    {"descriptors", "ls /proc/self/fd | wc -l", RUN_EXITED, 0, "4\n", ""}, /* 0, 1, 2 and that of ls itself */
	    {"environment", "tr '\\0' '\\n' </proc/$$/environ", RUN_EXITED, 0, "PATH=" RUN_PATH "\n", ""},
	    {"signal", "kill -TERM $$", RUN_SIGNALED, SIGTERM, "", ""},
	    {"SIGPIPE is not ignored", "kill -PIPE $$", RUN_SIGNALED, SIGPIPE, "", ""},
	    {"own group", "[ $(ps -o pgid= -p $$) = $$ ]", RUN_EXITED, 0, "", ""},
	};
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(setenv("SIGNPOST_TEST", "leaked", 1), 0);
	int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	assert_true(leak >= 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_result r = sh(rows[i].script, (struct run_job){.input = SLICE_LIT("given\n")});
		if (r.end != rows[i].end || r.code != rows[i].code || strcmp(buf_str(&r.out), rows[i].out) != 0 ||
		    strcmp(buf_str(&r.err), rows[i].err) != 0)
			fail_msg("%s: %d %d \"%s\" \"%s\"", rows[i].name, (int)r.end, r.code, buf_str(&r.out), buf_str(&r.err));
		assert_false(r.cut);
		run_result_deinit(&r);
	}
	close(leak);
	unsetenv("SIGNPOST_TEST");
	signal(SIGPIPE, SIG_DFL);
}

static void
run_output_is_bounded(void **state)
{
	(void)state;
	static const char numbers[] = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo last >&2";
	struct run_result r = sh(numbers, (struct run_job){.output_max = 100});
	assert_true(r.cut);
	assert_int_equal(r.out.len, 100);
	assert_memory_equal(buf_str(&r.out), "line 0\n", 7);
	assert_string_equal(buf_str(&r.err), "last\n");
	run_result_deinit(&r);
	r = sh(numbers, (struct run_job){.output_max = 100, .merge = true, .keep_tail = true});
	assert_true(r.cut && r.out.len <= 100);
	assert_non_null(strstr(buf_str(&r.out), "line 1999\nlast\n"));
	run_result_deinit(&r);
	r = sh("head -c 3000000 /dev/zero; echo end", (struct run_job){.keep_tail = true});
	assert_true(r.cut && r.out.len <= RUN_OUTPUT_MAX && r.code == 0);
	assert_memory_equal(r.out.data + r.out.len - 4, "end\n", 4);
	run_result_deinit(&r);
}

static int64_t
now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
run_over_its_time_is_stopped_with_its_group(void **state)
{
	static const struct {
		const char *name, *script;
		int64_t most_ms;
	} rows[] = {
	    {"heeds TERM", "echo $$; sleep 60 & sleep 60", 2000},
	    {"ignores TERM", "echo $$; trap '' TERM; sleep 60 & while :; do sleep 60; done", 20000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_job job = {.timeout_ms = 200};
		struct buf text;
		int64_t begin = now_ms();
		struct run_result r = sh(rows[i].script, job);
		if (now_ms() - begin > rows[i].most_ms)
			fail_msg("%s: took %lld ms", rows[i].name, (long long)(now_ms() - begin));
		assert_int_equal(r.end, RUN_TIMED_OUT);
		pid_t group = (pid_t)strtol(buf_str(&r.out), NULL, 10);
		assert_true(group > 1);
		/* the last ones may not have been reaped by init yet */
		for (int n = 0; n < 500 && kill(-group, 0) == 0; n++) {
			char command[96];
			snprintf(command, sizeof(command), "ps -o stat= -g %d | grep -qv Z", (int)group);
			if (system(command) != 0)
				break;
			usleep(10000);
		}
		buf_init(&text, 100);
		run_result_text(&r, &job, &text);
		assert_string_equal(buf_str(&text), "still running after 200 ms: stopped");
		buf_deinit(&text);
		run_result_deinit(&r);
	}
}

static void
run_does_not_wait_for_what_stays_behind(void **state)
{
	(void)state;
	int64_t begin = now_ms();
	struct run_result r = sh("echo done; sleep 5 & exit 3", (struct run_job){.timeout_ms = 10000});
	assert_true(now_ms() - begin < 3000);
	assert_int_equal(r.code, 3);
	assert_string_equal(buf_str(&r.out), "done\n");
	run_result_deinit(&r);
}

static void
run_what_cannot_be_run_is_told(void **state)
{
	char plain[128];
	snprintf(plain, sizeof(plain), "%s", at("plain"));
	const struct {
		const char *program, *words;
	} rows[] = {
	    {"/no/such/program", "/no/such/program: cannot be run: No such file"},
	    {plain, "cannot be run: Permission denied"},
	    {"sh", "absolute path"},
	    {NULL, "absolute path"},
	};
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(file_create(plain, slice_of("text"), 0644, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const argv[] = {rows[i].program, NULL};
		struct run_job job = {.argv = argv, .timeout_ms = 1000};
		struct run_result r;
		assert_int_equal(run_program(&job, &r, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, rows[i].words));
	}
	unlink(plain);
}

/* A daemon may have closed its own 0, 1 and 2. */
static void
run_works_without_standard_descriptors(void **state)
{
	(void)state;
	int saved[3];
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		close(fd);
	}
	struct run_result r = sh("cat; echo e >&2", (struct run_job){.input = SLICE_LIT("in")});
	for (int fd = 0; fd < 3; fd++) {
		if (saved[fd] >= 0) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
	}
	assert_int_equal(r.code, 0);
	assert_string_equal(buf_str(&r.out), "in");
	assert_string_equal(buf_str(&r.err), "e\n");
	run_result_deinit(&r);
}

static void
last_lines_are_one_line(void **state)
{
	static const struct {
		const char *text;
		unsigned lines;
		size_t max;
		const char *want;
	} rows[] = {
	    {"", 2, 99, ""},
	    {"\n\n", 2, 99, ""},
	    {"one", 2, 99, "one"},
	    {"one\ntwo\nthree\n", 2, 99, "two; three"},
	    {"one\ntwo\nthree\n\n \n", 1, 99, "three"},
	    {"a\033[1mb\tc\n", 1, 99, "a [1mb c"},
	    {"0123456789", 2, 4, "6789"},
	    {"ab\ncd", 3, 4, "b; cd"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf in, out;
		buf_init(&in, 100);
		buf_init(&out, 100);
		buf_put_str(&in, rows[i].text);
		run_last_lines(&in, rows[i].lines, rows[i].max, &out);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_deinit(&in);
		buf_deinit(&out);
	}
}

static void
check_content(const char *path, const char *want)
{
	struct buf text;
	struct err err = ERR_INIT;
	buf_init(&text, 1000);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_string_equal(buf_str(&text), want);
	buf_deinit(&text);
}

static void
stage_replaces_only_when_told(void **state)
{
	struct stage s;
	struct stat st;
	struct err err = ERR_INIT;
	char path[128], link_path[128];
	(void)state;
	snprintf(path, sizeof(path), "%s", at("staged"));
	snprintf(link_path, sizeof(link_path), "%s", at("link"));
	/* new */
	assert_int_equal(stage_write(&s, path, slice_of("one"), &err), 0);
	assert_int_equal(stat(path, &st), -1);
	check_content(s.temp, "one");
	assert_int_equal(stage_commit(&s, &err), 0);
	stage_drop(&s);
	check_content(path, "one");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	/* dropped */
	assert_int_equal(stage_write(&s, path, slice_of("two"), &err), 0);
	stage_drop(&s);
	check_content(path, "one");
	/* by a link, with its mode and owner */
	assert_int_equal(symlink("staged", link_path), 0);
	assert_int_equal(chmod(path, 0664), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(stage_write(&s, link_path, slice_of("three"), &err), 0);
	assert_int_equal(stage_commit(&s, &err), 0);
	check_content(path, "three");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
	assert_int_equal(st.st_uid, geteuid() == 0 ? 65534 : geteuid());
	/* someone was faster */
	assert_int_equal(stage_write(&s, path, slice_of("four"), &err), 0);
	assert_int_equal(file_replace(path, slice_of("theirs"), 0644, &err), 0);
	assert_int_equal(stage_commit(&s, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	stage_drop(&s);
	check_content(path, "theirs");
	/* no directory */
	assert_int_equal(stage_write(&s, at("none/file"), slice_of("x"), &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	unlink(link_path);
	unlink(path);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir); /* fails when something was left behind */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(run_gives_and_takes_what_it_should),
	    cmocka_unit_test(run_output_is_bounded),
	    cmocka_unit_test(run_over_its_time_is_stopped_with_its_group),
	    cmocka_unit_test(run_does_not_wait_for_what_stays_behind),
	    cmocka_unit_test(run_what_cannot_be_run_is_told),
	    cmocka_unit_test(run_works_without_standard_descriptors),
	    cmocka_unit_test(last_lines_are_one_line),
	    cmocka_unit_test(stage_replaces_only_when_told),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
