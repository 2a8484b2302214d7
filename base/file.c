/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_LEN       65536
#define PATH_TEXT_LEN  4096
#define GROUP_TEXT_LEN 4096
#define TEMP_BEGINNING ".signpost-"
#define TEMP_ENDING    ".XXXXXX" /* of mkostemp */

void
file_stamp_of(const struct stat *st, struct file_stamp *stamp)
{
	*stamp = (struct file_stamp){.dev = st->st_dev,
	    .ino = st->st_ino,
	    .size = st->st_size,
	    .mtime = st->st_mtim,
	    .ctime = st->st_ctim,
	    .exists = true};
}

int
file_stamp_get(const char *path, struct file_stamp *stamp, struct err *err)
{
	struct stat st;

	*stamp = (struct file_stamp){.exists = false};
	if (stat(path, &st) == 0) {
		file_stamp_of(&st, stamp);
		return 0;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

static bool
time_eq(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
file_stamp_eq(const struct file_stamp *a, const struct file_stamp *b)
{
	if (!a->exists || !b->exists)
		return a->exists == b->exists;
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       time_eq(a->mtime, b->mtime) && time_eq(a->ctime, b->ctime);
}

int
file_read_fd(int fd, const char *path, struct buf *out, struct err *err)
{
	uint8_t chunk[READ_LEN];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s: cannot read: %s", path, strerror(errno));
		if (n == 0)
			break;
		buf_put(out, slice_new(chunk, (size_t)n));
		if (out->state != BUF_OK)
			return buf_check(out, path, err);
	}
	return 0;
}

int
file_read(const char *path, struct buf *out, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO put in a file's place must not hang us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open: %s", path, strerror(errno));
	int rc = -1;
	if (fstat(fd, &st) != 0)
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err_set(err, ERR_IO, "%s: is not a regular file", path);
	else
		rc = file_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

int
file_write_all(int fd, struct slice s, const char *path, struct err *err)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.ptr, s.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

int
file_sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open: %s", dir, strerror(errno));
	int rc = 0;
	if (fsync(fd) != 0)
		rc =
		    err_set(err, ERR_IO, "%s: cannot sync the directory: %s", dir, strerror(errno));
	close(fd);
	return rc;
}

static int
dir_of(const char *path, char dir[static PATH_TEXT_LEN], struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		return snprintf(dir, PATH_TEXT_LEN, ".") > 0 ? 0 : -1;
	if (len == 0)
		len = 1;
	if (!slice_to_str(slice_new(path, len), dir, PATH_TEXT_LEN))
		return err_set(err, ERR_IO, "%.200s...: the path is too long", path);
	return 0;
}

/* Writes and syncs a new file beside path; its name goes to temp. */
static int
write_temp(const char *path, struct slice content, mode_t mode, char temp[static PATH_TEXT_LEN],
    struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	int len = snprintf(temp, PATH_TEXT_LEN, "%.*s" TEMP_BEGINNING "%s" TEMP_ENDING,
	    (int)(name - path), path, name);

	if (len < 0 || len >= PATH_TEXT_LEN)
		return err_set(err, ERR_IO, "%.200s...: the path is too long", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_set(
		    err, ERR_IO, "%s: cannot create a file beside it: %s", path, strerror(errno));
	int rc = file_write_all(fd, content, temp, err);
	if (rc == 0 && fchmod(fd, mode) != 0)
		rc = err_set(err, ERR_IO, "%s: cannot set mode %04o: %s", temp, (unsigned)mode,
		    strerror(errno));
	/* a failed fsync is final: the pages may be gone, so no second try on this descriptor */
	if (rc == 0 && fsync(fd) != 0)
		rc = err_set(err, ERR_IO, "%s: cannot sync to disk: %s", temp, strerror(errno));
	if (close(fd) != 0 && rc == 0)
		rc = err_set(err, ERR_IO, "%s: cannot close: %s", temp, strerror(errno));
	if (rc != 0)
		unlink(temp);
	return rc;
}

static bool
is_temp_name(struct slice name, const char *suffix)
{
	size_t beginning = strlen(TEMP_BEGINNING), ending = strlen(TEMP_ENDING);

	if (name.len <= beginning + ending || name.ptr[name.len - ending] != '.' ||
	    !slice_eq_str(slice_sub(name, 0, beginning), TEMP_BEGINNING))
		return false;
	for (size_t i = name.len - ending + 1; i < name.len; i++) {
		if (!ascii_is_alnum(name.ptr[i]))
			return false;
	}
	name = slice_sub(name, beginning, name.len - beginning - ending);
	return slice_has_suffix(name, slice_of(suffix));
}

static bool
is_temp(int dirfd, const char *name, const char *suffix)
{
	struct stat st;

	return is_temp_name(slice_of(name), suffix) &&
	       fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid();
}

void
file_remove_temps(const char *dir, const char *suffix)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		/* one that stays does no harm, so that a failure need not stop the caller */
		if (is_temp(dirfd(d), entry->d_name, suffix))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

int
file_replace(const char *path, struct slice content, mode_t mode, struct err *err)
{
	char temp[PATH_TEXT_LEN], dir[PATH_TEXT_LEN];

	if (dir_of(path, dir, err) != 0 || write_temp(path, content, mode, temp, err) != 0)
		return -1;
	if (rename(temp, path) != 0) {
		err_set(err, ERR_IO, "%s: cannot rename the new file over it: %s", path,
		    strerror(errno));
		unlink(temp);
		return -1;
	}
	return file_sync_dir(dir, err);
}

int
file_create(const char *path, struct slice content, mode_t mode, struct err *err)
{
	char temp[PATH_TEXT_LEN], dir[PATH_TEXT_LEN];

	if (dir_of(path, dir, err) != 0 || write_temp(path, content, mode, temp, err) != 0)
		return -1;
	/* link, not rename: it fails when the name is taken */
	int rc = 0;
	if (link(temp, path) != 0)
		rc = err_set(err, ERR_IO, "%s: cannot create: %s", path, strerror(errno));
	unlink(temp);
	return rc != 0 ? rc : file_sync_dir(dir, err);
}

const char *
file_group_name(gid_t gid, char out[static FILE_GROUP_LEN])
{
	char text[GROUP_TEXT_LEN];
	struct group group, *found = NULL;

	if (getgrgid_r(gid, &group, text, sizeof(text), &found) == 0 && found != NULL)
		(void)snprintf(out, FILE_GROUP_LEN, "%s", found->gr_name);
	else
		(void)snprintf(out, FILE_GROUP_LEN, "%ld", (long)gid);
	return out;
}
