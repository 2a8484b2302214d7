/* SPDX-License-Identifier: ISC */
#include "signpost/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
privileges_is_root(void)
{
	return geteuid() == 0;
}

int
privileges_become(uid_t uid, gid_t gid, struct err *err)
{
	if (!privileges_is_root())
		return 0;
	if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return err_set(err, ERR_IO, "cannot become user %u, group %u: %s", (unsigned)uid,
		    (unsigned)gid, strerror(errno));
	if (uid != 0 && setuid(0) == 0)
		return err_set(err, ERR_IO, "root's powers could not be given up");
	return 0;
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
	return privileges_become(st.st_uid, st.st_gid, err);
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
