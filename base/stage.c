/* SPDX-License-Identifier: ISC */
#include "base/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEW_MODE 0644 /* zone data is public, and the name server reads it as another user */

static int
resolve(struct stage *s, const char *path, struct err *err)
{
	char *real = realpath(path, NULL);
	const char *name = real == NULL ? path : real; /* one that is not there yet */
	bool fits = slice_to_str(slice_of(name), s->path, sizeof(s->path));
	int len = snprintf(s->temp, sizeof(s->temp), "%s.XXXXXX", name);
	free(real);
	if (!fits || len < 0 || (size_t)len >= sizeof(s->temp)) {
		s->temp[0] = '\0';
		return err_set(err, ERR_IO, "%.200s...: the path is too long", path);
	}
	return 0;
}

static int
match_owner(int fd, const struct stage *s, struct err *err)
{
	struct stat was, is;
	mode_t mode = NEW_MODE;

	if (fstat(fd, &is) != 0)
		return err_set(err, ERR_IO, "%s: %s", s->temp, strerror(errno));
	if (s->was.exists) {
		if (stat(s->path, &was) != 0)
			return err_set(err, ERR_IO, "%s: %s", s->path, strerror(errno));
		mode = was.st_mode & 07777;
		if ((was.st_uid != is.st_uid || was.st_gid != is.st_gid) &&
		    fchown(fd, was.st_uid, was.st_gid) != 0)
			return err_set(err, ERR_IO,
			    "%s belongs to user %u and group %u, and its next content cannot be "
			    "given to them: %s; "
			    "let it belong to the user that signpost runs as",
			    s->path, (unsigned)was.st_uid, (unsigned)was.st_gid, strerror(errno));
	}
	if (fchmod(fd, mode) != 0)
		return err_set(err, ERR_IO, "%s: cannot set mode %04o: %s", s->temp, (unsigned)mode,
		    strerror(errno));
	return 0;
}

int
stage_write(struct stage *s, const char *path, struct slice content, struct err *err)
{
	memset(s, 0, sizeof(*s));
	if (resolve(s, path, err) != 0)
		return -1;
	int fd = -1;
	if (file_stamp_get(s->path, &s->was, err) != 0)
		s->temp[0] = '\0';
	else if ((fd = mkostemp(s->temp, O_CLOEXEC)) < 0) {
		err_set(err, ERR_IO, "%s: cannot create a file beside it: %s", s->path,
		    strerror(errno));
		s->temp[0] = '\0';
	}
	if (fd < 0)
		return -1;
	int rc = file_write_all(fd, content, s->temp, err);
	if (rc == 0)
		rc = match_owner(fd, s, err);
	if (rc == 0 && fsync(fd) != 0)
		rc = err_set(err, ERR_IO, "%s: cannot sync to disk: %s", s->temp, strerror(errno));
	if (close(fd) != 0 && rc == 0)
		rc = err_set(err, ERR_IO, "%s: cannot close: %s", s->temp, strerror(errno));
	if (rc != 0)
		stage_drop(s);
	return rc;
}

int
stage_commit(struct stage *s, struct err *err)
{
	struct file_stamp is;
	char dir[STAGE_PATH_LEN];
	const char *slash = strrchr(s->path, '/');

	if (file_stamp_get(s->path, &is, err) != 0)
		return -1;
	if (!file_stamp_eq(&is, &s->was))
		return err_set(err, ERR_BUSY,
		    "%s: someone else changed it just now; nothing was replaced", s->path);
	if (rename(s->temp, s->path) != 0)
		return err_set(err, ERR_IO, "%s: cannot rename the new file over it: %s", s->path,
		    strerror(errno));
	s->temp[0] = '\0';
	if (slash == NULL)
		return file_sync_dir(".", err);
	snprintf(dir, sizeof(dir), "%.*s", slash == s->path ? 1 : (int)(slash - s->path), s->path);
	return file_sync_dir(dir, err);
}

void
stage_drop(struct stage *s)
{
	if (s->temp[0] != '\0')
		unlink(s->temp);
	s->temp[0] = '\0';
}
