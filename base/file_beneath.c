/* SPDX-License-Identifier: ISC */
/* Opening below a directory: the kernel's own rule where it has openat2(2), else a walk of ours. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define LINKS_MAX  16 /* symbolic links followed by the walk, as a loop's end */
#define DEPTH_MAX  64 /* directories below the start */

/* The walk: descriptors of the directories from the start down, so that ".." never leaves it. */
struct walk {
	int dirs[DEPTH_MAX];
	size_t depth; /* dirs[0] is the caller's */
	char rest[PATH_MAX];
	unsigned links;
};

static int
open_kernel(int dirfd, const char *path)
{
#if HAVE_LINUX_OPENAT2_H
	struct open_how how = {
	    .flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
#else
	(void)dirfd;
	(void)path;
	errno = ENOSYS;
	return -1;
#endif
}

/* Takes the next component off rest; false at the end. */
static bool
next_component(struct walk *w, char name[static NAME_MAX + 1])
{
	char *p = w->rest;

	while (*p == '/')
		p++;
	size_t len = strcspn(p, "/");
	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	memmove(w->rest, p + len, strlen(p + len) + 1);
	return true;
}

static int
go_up(struct walk *w)
{
	if (w->depth == 0) {
		errno = EXDEV;
		return -1;
	}
	close(w->dirs[w->depth--]);
	return 0;
}

/* Puts a link's target before the rest of the path. */
static int
follow(struct walk *w, const char *name)
{
	char target[PATH_MAX], joined[2 * PATH_MAX];
	ssize_t len = readlinkat(w->dirs[w->depth], name, target, sizeof target - 1);

	if (len < 0)
		return -1;
	target[len] = '\0';
	if (target[0] == '/') {
		errno = EXDEV;
		return -1;
	}
	if (++w->links > LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	int joined_len = snprintf(joined, sizeof joined, "%s/%s", target, w->rest);
	if (joined_len < 0 || joined_len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(w->rest, joined, (size_t)joined_len + 1);
	return 0;
}

/* One component; a descriptor of the final file, -2 to go on, -1 with errno. */
static int
step(struct walk *w, const char *name)
{
	struct stat st;

	if (strcmp(name, ".") == 0)
		return -2;
	if (strcmp(name, "..") == 0)
		return go_up(w) == 0 ? -2 : -1;
	if (fstatat(w->dirs[w->depth], name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return follow(w, name) == 0 ? -2 : -1;
	int fd = openat(w->dirs[w->depth], name, OPEN_FLAGS | O_NOFOLLOW);
	if (fd < 0 || !S_ISDIR(st.st_mode))
		return fd;
	if (w->depth + 1 >= DEPTH_MAX) {
		close(fd);
		errno = ENAMETOOLONG;
		return -1;
	}
	w->dirs[++w->depth] = fd;
	return -2;
}

static int
open_walk(int dirfd, const char *path)
{
	struct walk w = {.dirs = {dirfd}};
	char name[NAME_MAX + 1];
	int fd = -2;

	if (path[0] == '/' || !slice_to_str(slice_of(path), w.rest, sizeof w.rest)) {
		errno = path[0] == '/' ? EXDEV : ENAMETOOLONG;
		return -1;
	}
	while (fd == -2 && next_component(&w, name))
		fd = step(&w, name);
	/* a file with a rest behind it is no directory; a directory at the end is no file */
	if (fd >= 0 && strspn(w.rest, "/") != strlen(w.rest)) {
		close(fd);
		fd = -1;
		errno = ENOTDIR;
	} else if (fd == -2) {
		fd = -1;
		errno = EISDIR;
	}
	int saved = errno;
	while (w.depth > 0)
		close(w.dirs[w.depth--]);
	errno = saved;
	return fd;
}

int
file_open_beneath(int dirfd, const char *path, struct err *err)
{
	int fd = open_kernel(dirfd, path);

	if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == E2BIG))
		fd = open_walk(dirfd, path);
	if (fd >= 0)
		return fd;
	if (errno == EXDEV)
		return err_set(err, ERR_CONFIG,
		    "%s: leads out of the directory that it must stay below", path);
	return err_set(err, ERR_IO, "%s: cannot open: %s", path, strerror(errno));
}
