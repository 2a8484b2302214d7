/* SPDX-License-Identifier: ISC */
#include "signpost/privileges.h"
#include "keys/store.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 4096

bool
privileges_is_root(void)
{
	return geteuid() == 0;
}

/* As a login of that user would have them: the milter's socket may be open to one of those alone. */
static int
take_groups(uid_t uid, gid_t gid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw == NULL ? setgroups(1, &gid) : initgroups(pw->pw_name, gid);
}

/* All three of each are what they should be, and root is out of reach. */
static bool
has_become(uid_t uid, gid_t gid)
{
	uid_t user[3];
	gid_t group[3];

	if (getresuid(&user[0], &user[1], &user[2]) != 0 ||
	    getresgid(&group[0], &group[1], &group[2]) != 0)
		return false;
	for (int i = 0; i < 3; i++) {
		if (user[i] != uid || group[i] != gid)
			return false;
	}
	return uid == 0 || (setuid(0) != 0 && setgroups(1, &gid) != 0);
}

int
privileges_become(uid_t uid, gid_t gid, struct err *err)
{
	if (!privileges_is_root())
		return 0;
	if (take_groups(uid, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return err_set(err, ERR_IO, "cannot become user %u, group %u: %s", (unsigned)uid,
		    (unsigned)gid, strerror(errno));
	if (!has_become(uid, gid))
		return err_set(err, ERR_IO, "root's powers could not be given up");
	return 0;
}

const char *
privileges_user_name(uid_t uid, char out[static PRIVILEGES_NAME_LEN])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		(void)snprintf(out, PRIVILEGES_NAME_LEN, "%s", pw->pw_name);
	else
		(void)snprintf(out, PRIVILEGES_NAME_LEN, "%ld", (long)uid);
	return out;
}

/* Whose store is it, when the directory is another's than the database in it?  Root's is the mistake. */
static int
check_owners(const char *store_dir, uid_t dir_owner, struct err *err)
{
	char path[PATH_LEN], of_dir[PRIVILEGES_NAME_LEN], of_db[PRIVILEGES_NAME_LEN];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/" STORE_DB, store_dir);
	if (stat(path, &st) != 0 || st.st_uid == dir_owner)
		return 0; /* opening it says what else is wrong */
	bool dir_is_wrong = dir_owner == 0;
	(void)privileges_user_name(dir_owner, of_dir);
	(void)privileges_user_name(st.st_uid, of_db);
	return err_set(err, ERR_CONFIG,
	    "%s belongs to %s, and " STORE_DB " in it to %s; chown %s %s", store_dir, of_dir, of_db,
	    dir_is_wrong ? of_db : of_dir, dir_is_wrong ? store_dir : path);
}

int
privileges_become_owner(const char *store_dir, struct err *err)
{
	struct stat st;

	if (!privileges_is_root())
		return 0;
	if (stat(store_dir, &st) != 0)
		return errno == ENOENT
			   ? err_set(err, ERR_CONFIG, "%s: no store here; signpost init makes one",
				 store_dir)
			   : err_set(err, ERR_IO, "%s: %s", store_dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(
		    err, ERR_CONFIG, "%s is no directory; signpost init makes a store", store_dir);
	if (check_owners(store_dir, st.st_uid, err) != 0)
		return -1;
	return privileges_become(st.st_uid, st.st_gid, err);
}

int
privileges_judge_store(const char *store_dir, mode_t mode, struct err *err)
{
	if ((mode & S_IWOTH) == 0)
		return 0;
	return err_set(err, ERR_CONFIG,
	    "%s can be written by everybody (%04o), who could put keys and a table there; "
	    "chmod 2750 %s",
	    store_dir, (unsigned)mode & 07777, store_dir);
}

int
privileges_check_store(const char *store_dir, struct err *err)
{
	struct stat st;

	return stat(store_dir, &st) != 0 ? 0 : privileges_judge_store(store_dir, st.st_mode, err);
}

int
privileges_become_nobody(struct err *err)
{
	if (!privileges_is_root())
		return 0;
	errno = 0;
	const struct passwd *pw = getpwnam("nobody");
	if (pw == NULL)
		return err_set(err, ERR_IO,
		    "there is no user nobody to become; run this as a user without powers");
	return privileges_become(pw->pw_uid, pw->pw_gid, err);
}

int
privileges_check_config(const char *path, struct err *err)
{
	struct stat st;

	if (!privileges_is_root() || stat(path, &st) != 0)
		return 0; /* reading it will say so */
	if (st.st_uid != 0)
		return err_set(err, ERR_CONFIG,
		    "%s belongs to user %u, and root will not read it; chown root it", path,
		    (unsigned)st.st_uid);
	if ((st.st_mode & 022) != 0)
		return err_set(err, ERR_CONFIG, "%s can be written by others (%04o); chmod go-w it",
		    path, (unsigned)st.st_mode & 07777);
	return 0;
}
