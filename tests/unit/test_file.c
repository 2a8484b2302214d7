/* SPDX-License-Identifier: ISC */
/* Files: the whole new content or the old one; nothing opened outside its directory.  The .c file is included so that
 * the walk for kernels without openat2 is tested on every kernel. */
#include "base/file_beneath.c"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

static char dir[] = "/tmp/signpost-test-XXXXXX";

static const char *
at(const char *name)
{
	static char path[4][256];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
	return path[i];
}

static int
setup(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (mkdtemp(dir) == NULL || mkdir(at("in"), 0700) != 0 || mkdir(at("in/sub"), 0700) != 0)
		return -1;
	if (file_create(at("in/sub/key"), slice_of("inside"), 0640, &e) != 0 ||
	    file_create(at("outside"), slice_of("outside"), 0640, &e) != 0)
		return -1;
	if (symlink("sub/key", at("in/good")) != 0 || symlink("../outside", at("in/bad")) != 0 ||
	    symlink(at("outside"), at("in/absolute")) != 0 || symlink("loop", at("in/loop")) != 0 ||
	    symlink("sub", at("in/..data")) != 0 || symlink("..data/key", at("in/kube")) != 0 ||
	    symlink("../in/sub/key", at("in/detour")) != 0)
		return -1;
	return mkfifo(at("in/fifo"), 0600);
}

static int
teardown(void **state)
{
	static const char *const names[] = {"in/good", "in/bad", "in/absolute", "in/loop", "in/..data", "in/kube", "in/detour",
	    "in/fifo", "in/sub/key", "outside", "replaced"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unlink(at(names[i]));
	if (rmdir(at("in/sub")) != 0 || rmdir(at("in")) != 0)
		return -1;
	return rmdir(dir); /* fails when a temporary file was left behind */
}

typedef int opener(int dirfd, const char *path);

static void
check_opener(opener *open_it)
{
	static const struct {
		const char *path;
		int error; /* 0: opens and reads "inside" */
	} rows[] = {{"sub/key", 0}, {"./sub/../sub//key", 0}, {"good", 0}, {"kube", 0}, {"bad", EXDEV}, {"absolute", EXDEV},
	    {"../outside", EXDEV}, {"detour", EXDEV}, {"loop", ELOOP}, {"none", ENOENT}, {"sub/key/x", ENOTDIR}, {"/etc/passwd", EXDEV}};
	int dirfd = open(at("in"), O_RDONLY | O_DIRECTORY);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		errno = 0;
		int fd = open_it(dirfd, rows[i].path);
		if (rows[i].error != 0) {
			assert_int_equal(fd, -1);
			assert_int_equal(errno, rows[i].error);
			continue;
		}
		struct buf text;
		struct err e = ERR_INIT;
		buf_init(&text, 100);
		assert_true(fd >= 0);
		assert_int_equal(file_read_fd(fd, "key", &text, &e), 0);
		assert_string_equal(buf_str(&text), "inside");
		buf_deinit(&text);
		close(fd);
	}
	close(dirfd);
}

static void
open_beneath_walk(void **state)
{
	(void)state;
	check_opener(open_walk);
}

static void
open_beneath_kernel(void **state)
{
	(void)state;
	int fd = open_kernel(AT_FDCWD, ".");
	if (fd < 0 && errno != EISDIR)
		skip();
	close(fd);
	check_opener(open_kernel);
}

static void
open_beneath_says_why(void **state)
{
	struct err e = ERR_INIT;
	int dirfd = open(at("in"), O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_int_equal(file_open_beneath(dirfd, "bad", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.text, "bad: leads out of the directory that it must stay below");
	assert_int_equal(file_open_beneath(dirfd, "none", &e), -1);
	assert_string_equal(e.text, "none: cannot open: No such file or directory");
	close(dirfd);
}

static void
replace_keeps_old_content_on_failure(void **state)
{
	struct err e = ERR_INIT;
	struct buf text;
	struct file_stamp before, after;

	(void)state;
	assert_int_equal(file_replace(at("replaced"), slice_of("one"), 0640, &e), 0);
	assert_int_equal(file_stamp_get(at("replaced"), &before, &e), 0);
	assert_int_equal(file_create(at("replaced"), slice_of("two"), 0640, &e), -1);
	assert_non_null(strstr(e.text, "File exists"));
	assert_int_equal(file_stamp_get(at("replaced"), &after, &e), 0);
	assert_true(file_stamp_eq(&before, &after));
	assert_int_equal(file_replace(at("replaced"), slice_of("three"), 0600, &e), 0);
	assert_int_equal(file_stamp_get(at("replaced"), &after, &e), 0);
	assert_false(file_stamp_eq(&before, &after));
	buf_init(&text, 100);
	assert_int_equal(file_read(at("replaced"), &text, &e), 0);
	assert_string_equal(buf_str(&text), "three");
	buf_deinit(&text);
	assert_int_equal(file_replace(at("none/x"), slice_of("x"), 0600, &e), -1);
	assert_int_equal(e.kind, ERR_IO);
}

static int
entries(const char *name)
{
	struct dirent *entry;
	DIR *d = opendir(at(name));
	int count = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(d);
	return count;
}

/* Only what file_replace itself would have left; copies that an admin made stay. */
static void
remove_temps_takes_only_ours(void **state)
{
	static const struct {
		const char *name;
		bool stays;
	} rows[] = {{".signpost-a.pem.aB3xY9", false}, {".signpost-b.pem.aB3x_9", true}, {"c.pem", true},
	    {".signpost-d.key.aB3xY9", true}, {".signpost-e.pem.aB3xY90", true}, {"f.pem.backup", true}, {"g.pem.aB3xY9", true},
	    {".signpost-.pem", true}, {".signpost-pem.aB3xY9", true}};
	struct err e = ERR_INIT;
	char name[64];

	(void)state;
	assert_int_equal(symlink("c.pem", at("in/sub/.signpost-link.pem.aB3xY9")), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(name, sizeof name, "in/sub/%s", rows[i].name);
		assert_int_equal(file_create(at(name), slice_of("x"), 0600, &e), 0);
	}
	file_remove_temps(at("in/sub"), ".pem");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(name, sizeof name, "in/sub/%s", rows[i].name);
		assert_int_equal(unlink(at(name)) == 0, rows[i].stays);
	}
	assert_int_equal(unlink(at("in/sub/.signpost-link.pem.aB3xY9")), 0);
}

/* What a killed file_create leaves: the child dies of the size of its file before it can tidy up. */
static void
remove_temps_takes_what_a_killed_one_left(void **state)
{
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct err e = ERR_INIT;
		(void)signal(SIGXFSZ, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		(void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){1, 1});
		_exit(file_create(at("in/sub/killed.pem"), slice_of("a key"), 0600, &e) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(entries("in/sub"), 2);
	file_remove_temps(at("in/sub"), ".pem");
	assert_int_equal(entries("in/sub"), 1); /* key */
}


/* A directory in the way, or a path that no buffer holds: refused, and nothing is left behind (teardown sees it). */
static void
replace_refuses_impossible_paths(void **state)
{
	static char longer[8192];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_replace(at("in/sub"), slice_of("x"), 0600, &e), -1);
	assert_non_null(strstr(e.text, "cannot rename"));
	memset(longer, 'x', sizeof longer - 1);
	assert_int_equal(file_replace(longer, slice_of("x"), 0600, &e), -1);
	assert_non_null(strstr(e.text, "too long"));
	longer[0] = '/';
	longer[sizeof longer - 2] = '/';
	assert_int_equal(file_create(longer, slice_of("x"), 0600, &e), -1);
	assert_non_null(strstr(e.text, "too long"));
}

static void
read_refuses_what_is_no_file(void **state)
{
	struct err e = ERR_INIT;
	struct buf text;

	(void)state;
	buf_init(&text, 3);
	assert_int_equal(file_read(at("in/fifo"), &text, &e), -1); /* and does not hang */
	assert_non_null(strstr(e.text, "is not a regular file"));
	assert_int_equal(file_read(at("in"), &text, &e), -1);
	assert_int_equal(file_read(at("none"), &text, &e), -1);
	assert_int_equal(file_read(at("in/sub/key"), &text, &e), -1);
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_non_null(strstr(e.text, "is longer than 3 bytes"));
	buf_deinit(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(open_beneath_walk),
	    cmocka_unit_test(open_beneath_kernel),
	    cmocka_unit_test(open_beneath_says_why),
	    cmocka_unit_test(replace_keeps_old_content_on_failure),
	    cmocka_unit_test(remove_temps_takes_only_ours),
	    cmocka_unit_test(remove_temps_takes_what_a_killed_one_left),
	    cmocka_unit_test(replace_refuses_impossible_paths),
	    cmocka_unit_test(read_refuses_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
