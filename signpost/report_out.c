/* SPDX-License-Identifier: ISC */
#include "signpost/report_out.h"
#include "base/file.h"
#include "signpost/report_html.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DIR_MODE  0755 /* a web server is to read it */
#define PAGE_MODE 0644
#define TEMP_NAME ".signpost-report.tmp"
#define HEAD_LEN  256 /* holds the mark and the stamp */

int
report_out_open(struct report_out *out, const char *dir, struct err *err)
{
	struct timespec now;

	*out = (struct report_out){.dir = dir, .fd = -1};
	clock_gettime(CLOCK_REALTIME, &now);
	out->stamp = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	bool made = mkdir(dir, DIR_MODE) == 0;
	if (!made && errno != EEXIST)
		return err_set(err, ERR_IO,
		    "%s: cannot make the directory: %s; make it, and let this user write there: "
		    "install -d -o USER DIR",
		    dir, strerror(errno));
	out->fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out->fd < 0)
		return err_set(err, ERR_IO, "%s: %s", dir,
		    errno == ELOOP || errno == ENOTDIR
			? "is a link, or no directory; give a directory itself"
			: strerror(errno));
	/* our umask took away what readers need */
	if (made && fchmod(out->fd, DIR_MODE) != 0)
		return err_set(err, ERR_IO, "%s: cannot set its mode: %s", dir, strerror(errno));
	if (flock(out->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, ERR_BUSY, "%s: another signpost report writes there", dir);
	return 0;
}

void
report_out_close(struct report_out *out)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
}

/* The stamp of a page of ours; -1: foreign, or none. */
static int64_t
stamp_of(int fd)
{
	char head[HEAD_LEN + 1] = "";
	int64_t stamp;

	ssize_t len = pread(fd, head, HEAD_LEN, 0);
	size_t mark = strlen(HTML_MARK);
	if (len < (ssize_t)mark || memcmp(head, HTML_MARK, mark) != 0)
		return -1;
	return sscanf(head + mark, "%" SCNd64, &stamp) == 1 ? stamp : -1;
}

static int64_t
stamp_of_name(const struct report_out *out, const char *name, bool *exists)
{
	struct stat st;
	int64_t stamp = -1;

	*exists = fstatat(out->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*exists || !S_ISREG(st.st_mode))
		return -1;
	int fd = openat(out->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		stamp = stamp_of(fd);
		close(fd);
	}
	return stamp;
}

/* Not synced to disk: after a crash the next run makes it anew. */
static int
write_temp(const struct report_out *out, struct slice page, struct err *err)
{
	int fd;

	/* under the lock, so that one that is there was left by a killed run */
	if (unlinkat(out->fd, TEMP_NAME, 0) != 0 && errno != ENOENT)
		return err_set(err, ERR_IO, "%s/" TEMP_NAME ": %s", out->dir, strerror(errno));
	fd = openat(
	    out->fd, TEMP_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, PAGE_MODE);
	if (fd < 0)
		return err_set(err, ERR_IO,
		    "%s: cannot write there: %s; the directory must belong to the keeper's user",
		    out->dir, strerror(errno));
	int rc = file_write_all(fd, page, out->dir, err);
	if (rc == 0 && fchmod(fd, PAGE_MODE) != 0)
		rc = err_set(err, ERR_IO, "%s: %s", out->dir, strerror(errno));
	if (close(fd) != 0 && rc == 0)
		rc = err_set(err, ERR_IO, "%s: %s", out->dir, strerror(errno));
	return rc;
}

int
report_out_put(struct report_out *out, const char *name, struct slice page, struct err *err)
{
	bool exists;

	if (stamp_of_name(out, name, &exists) < 0 && exists)
		return err_set(err, ERR_IO,
		    "%s/%s is no page of signpost report, and is left as it is; give a directory "
		    "of its own",
		    out->dir, name);
	int rc = write_temp(out, page, err);
	if (rc == 0 && renameat(out->fd, TEMP_NAME, out->fd, name) != 0)
		rc = err_set(err, ERR_IO, "%s/%s: %s", out->dir, name, strerror(errno));
	if (rc != 0)
		(void)unlinkat(out->fd, TEMP_NAME, 0);
	out->pages += rc == 0;
	return rc;
}

int
report_out_tidy(const struct report_out *out, struct err *err)
{
	int fd = dup(out->fd);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_IO, "%s: %s", out->dir, strerror(errno));
	}
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		bool exists;
		if (!slice_has_suffix(slice_of(entry->d_name), slice_of(".html")))
			continue;
		int64_t stamp = stamp_of_name(out, entry->d_name, &exists);
		/* one that stays is old, and says so */
		if (stamp >= 0 && stamp != out->stamp)
			(void)unlinkat(out->fd, entry->d_name, 0);
	}
	closedir(dir);
	return 0;
}
