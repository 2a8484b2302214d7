/* SPDX-License-Identifier: ISC */
/* Root becomes the store's owner, with the groups that a login of that user would have; and nobody's store is taken for
 * whose it is not.  init gives away what it made. */
#include "signpost/privileges.h"
#include "keys/store.h"
#include "signpost/config.h"
#include "signpost/verbs.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define GROUPS_MAX 64
#define MORE_GROUP 64999
#define CANNOT	   77

struct store_box {
	char dir[64], db[96];
};

static void
box_begin(struct store_box *box, uid_t dir_owner, uid_t db_owner)
{
	snprintf(box->dir, sizeof(box->dir), "/tmp/test_privileges.XXXXXX");
	assert_non_null(mkdtemp(box->dir));
	snprintf(box->db, sizeof(box->db), "%s/" STORE_DB, box->dir);
	int fd = open(box->db, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	if (geteuid() == 0) {
		assert_int_equal(chown(box->db, db_owner, (gid_t)-1), 0);
		assert_int_equal(chown(box->dir, dir_owner, (gid_t)-1), 0);
	}
}

static void
box_end(const struct store_box *box)
{
	unlink(box->db);
	assert_int_equal(rmdir(box->dir), 0);
}

/* nobody is in one more group, for this process alone.  False: this host does not let us say so. */
static bool
add_group_of_nobody(const char *dir)
{
	char path[96], line[512];
	FILE *from = fopen("/etc/group", "r");

	snprintf(path, sizeof(path), "%s.group", dir);
	FILE *to = fopen(path, "w");
	if (from == NULL || to == NULL)
		return false;
	while (fgets(line, sizeof(line), from) != NULL)
		fputs(line, to);
	fprintf(to, "signposttest:x:%d:nobody\n", MORE_GROUP);
	fclose(from);
	fclose(to);
	bool done = unshare(CLONE_NEWNS) == 0 &&
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		    mount(path, "/etc/group", NULL, MS_BIND, NULL) == 0;
	unlink(path);
	return done;
}

/* In a child, which cannot get back: 0 when it became nobody with these groups, and no other. */
static int
become_and_compare(const char *dir, uid_t uid, gid_t gid)
{
	struct err err = ERR_INIT;
	gid_t have[GROUPS_MAX];
	uid_t r, e, s;
	gid_t rg, eg, sg;
	bool more = false;

	if (!add_group_of_nobody(dir))
		return CANNOT;
	if (privileges_become_owner(dir, &err) != 0)
		return 11;
	if (getresuid(&r, &e, &s) != 0 || r != uid || e != uid || s != uid)
		return 12;
	if (getresgid(&rg, &eg, &sg) != 0 || rg != gid || eg != gid || sg != gid)
		return 13;
	int count = getgroups(GROUPS_MAX, have);
	for (int i = 0; i < count; i++) {
		if (have[i] != gid && have[i] != MORE_GROUP)
			return 14;
		more = more || have[i] == MORE_GROUP;
	}
	if (!more)
		return 15;
	return setuid(0) == 0 || setgid(0) == 0 || setgroups(1, &gid) == 0 ? 16 : 0;
}

/* Issue: the keeper lost group postfix, and could not reach the milter's socket. */
static void
become_owner_takes_all_groups_of_the_user(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct store_box box;
	int status = 0;

	(void)state;
	if (geteuid() != 0 || nobody == NULL)
		skip();
	uid_t uid = nobody->pw_uid;
	gid_t gid = nobody->pw_gid;
	box_begin(&box, uid, uid);
	assert_int_equal(chown(box.dir, (uid_t)-1, gid), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(become_and_compare(box.dir, uid, gid));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	box_end(&box);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* An owner without a name has no groups but the directory's. */
static void
become_owner_without_a_name_has_one_group(void **state)
{
	struct store_box box;
	const uid_t nameless = 64321;
	int status = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_null(getpwuid(nameless));
	box_begin(&box, nameless, nameless);
	assert_int_equal(chown(box.dir, (uid_t)-1, 64322), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct err err = ERR_INIT;
		gid_t have[GROUPS_MAX];
		bool right = privileges_become_owner(box.dir, &err) == 0 &&
			     getgroups(GROUPS_MAX, have) == 1 && have[0] == 64322 &&
			     getuid() == nameless && setuid(0) != 0;
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	box_end(&box);
}

/* Issue: after `chown root` of the directory root went on as root, silently. */
static void
become_owner_refuses_where_directory_and_database_differ(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct store_box box;
	struct err err = ERR_INIT;
	char want[512];

	(void)state;
	if (geteuid() != 0 || nobody == NULL)
		skip();
	box_begin(&box, 0, nobody->pw_uid);
	assert_int_equal(privileges_become_owner(box.dir, &err), -1);
	snprintf(want, sizeof(want),
	    "%s belongs to root, and " STORE_DB " in it to nobody; chown nobody %s", box.dir,
	    box.dir);
	assert_string_equal(err.text, want);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(geteuid(), 0);
	box_end(&box);
	/* a backup that root put in its place */
	box_begin(&box, nobody->pw_uid, 0);
	err = (struct err)ERR_INIT;
	assert_int_equal(privileges_become_owner(box.dir, &err), -1);
	snprintf(want, sizeof(want),
	    "%s belongs to nobody, and " STORE_DB " in it to root; chown nobody %s", box.dir,
	    box.db);
	assert_string_equal(err.text, want);
	assert_int_equal(geteuid(), 0);
	box_end(&box);
}

/* Issue: a directory that everybody can write was used in silence. */
static void
check_store_refuses_what_others_can_write(void **state)
{
	static const struct {
		mode_t mode;
		bool fine;
	} rows[] = {{02750, true}, {0700, true}, {0755, true}, {0770, true}, {0777, false},
	    {01777, false}, {0702, false}};
	struct store_box box;
	char want[512];

	(void)state;
	box_begin(&box, geteuid(), geteuid());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(chmod(box.dir, rows[i].mode), 0);
		if ((privileges_check_store(box.dir, &err) == 0) != rows[i].fine)
			fail_msg("%04o: %s", (unsigned)rows[i].mode, err.text);
		snprintf(want, sizeof(want),
		    "%s can be written by everybody (%04o), who could put keys and a table there; "
		    "chmod 2750 %s",
		    box.dir, (unsigned)rows[i].mode, box.dir);
		if (!rows[i].fine)
			assert_string_equal(err.text, want);
	}
	box_end(&box);
}

/* In a child, which becomes the store's owner. */
static int
init_as_root(const char *dir, const char *conf)
{
	char store[128];
	struct config *config = NULL;
	struct err err = ERR_INIT;

	snprintf(store, sizeof(store), "%s/store", dir);
	(void)umask(027);
	if (config_load(conf, &config, &err) != 0)
		return 21;
	const struct cli cli = {.verb = &verb_init,
	    .config = config,
	    .config_path = conf,
	    .store_dir = store,
	    .values = {"nobody", "daemon"},
	    .now = time(NULL)};
	int rc = freopen("/dev/null", "w", stdout) == NULL ? 22 : verb_init.run(&cli, &err);
	if (rc != 0)
		print_error("%s\n", err.text);
	config_free(config);
	return rc;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* Issue: one that a kill left unfinished stayed so, and no pass could write the status file, nor anybody read it. */
static void
init_finishes_the_status_directory(void **state)
{
	enum before { NOTHING, CUT_OFF, OTHERS, LINK };
	static const struct {
		enum before before;
		bool given; /* to the keeper */
	} rows[] = {{NOTHING, true}, {CUT_OFF, true}, {OTHERS, false}, {LINK, false}};
	const struct passwd *nobody = getpwnam("nobody");

	(void)state;
	if (geteuid() != 0 || nobody == NULL || getgrnam("daemon") == NULL)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char dir[] = "/tmp/test_privileges.XXXXXX", path[96], to[96], conf[96];
		struct stat st;
		int status = 0;
		assert_non_null(mkdtemp(dir));
		assert_int_equal(chmod(dir, 0755), 0);
		snprintf(path, sizeof(path), "%s/store-status", dir);
		snprintf(to, sizeof(to), "%s/elsewhere", dir);
		snprintf(conf, sizeof(conf), "%s/signpost.conf", dir);
		FILE *f = fopen(conf, "w");
		assert_non_null(f);
		fprintf(f, "store = \"%s/store\"\n", dir);
		assert_int_equal(fclose(f), 0);
		if (rows[i].before == CUT_OFF || rows[i].before == OTHERS)
			assert_int_equal(mkdir(path, 0700), 0);
		if (rows[i].before == OTHERS)
			assert_int_equal(chmod(path, 0750), 0);
		assert_int_equal(mkdir(to, 0700), 0);
		if (rows[i].before == LINK)
			assert_int_equal(symlink(to, path), 0);
		pid_t pid = fork();
		if (pid == 0)
			_exit(init_as_root(dir, conf));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, rows[i].given ? nobody->pw_uid : 0);
		assert_int_equal(
		    st.st_mode & 07777, rows[i].given ? 0755 : rows[i].before == LINK ? 0700 : 0750);
		assert_int_equal(nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(become_owner_takes_all_groups_of_the_user),
	    cmocka_unit_test(become_owner_without_a_name_has_one_group),
	    cmocka_unit_test(become_owner_refuses_where_directory_and_database_differ),
	    cmocka_unit_test(check_store_refuses_what_others_can_write),
	    cmocka_unit_test(init_finishes_the_status_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
