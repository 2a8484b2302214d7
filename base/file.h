/* SPDX-License-Identifier: ISC */
/* file.h - files that matter: read whole and capped, opened below a directory, replaced as a whole.
 *
 *	struct buf text;
 *	buf_init(&text, CONF_LEN_MAX);
 *	if (file_read(path, &text, err) != 0) ...
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_BASE_FILE_H
#define SIGNPOST_BASE_FILE_H

#include "base/buf.h"

#include <sys/stat.h>
#include <sys/types.h>

/* What identifies a version of a file: two renames can reuse an inode, so the times are part. */
struct file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
	bool exists;
};

void file_stamp_of(const struct stat *, struct file_stamp *);
/* ENOENT: exists = false, 0 */
int file_stamp_get(const char *path, struct file_stamp *, struct err *) MUST_CHECK;
bool file_stamp_eq(const struct file_stamp *, const struct file_stamp *);

/* Appends the whole file; out->len_max is the cap (ERR_LIMIT), a directory or device is refused
 * (ERR_IO) without blocking (FIFO).  ERR_IO texts name path and errno. */
int file_read(const char *path, struct buf *out, struct err *) MUST_CHECK;
int file_read_fd(int fd, const char *path_for_texts, struct buf *out, struct err *) MUST_CHECK;

/* Opens relative `path` below dirfd, O_RDONLY|O_CLOEXEC|O_NONBLOCK.  Symbolic links are followed as
 * long as they stay below dirfd (Kubernetes mounts are links); ".." and absolute paths out of it
 * are refused.  openat2(RESOLVE_BENEATH), or our own walk where the kernel lacks it.  Returns fd or
 * -1.
 * */
int file_open_beneath(int dirfd, const char *path, struct err *) MUST_CHECK;

/* The whole new content or the old one, never less: temporary file in the same directory, fsync,
 * rename, fsync of the directory.  Created with mode (before umask is applied: fchmod).  On failure
 * the temporary file is gone and path untouched. */
int file_replace(const char *path, struct slice content, mode_t mode, struct err *) MUST_CHECK;
/* As file_replace, but the file must not exist yet (ERR_IO "exists"). */
int file_create(const char *path, struct slice content, mode_t mode, struct err *) MUST_CHECK;
/* Removes what a killed file_replace or file_create of this user left in dir (.signpost-NAME.XXXXXX) of files
 * whose NAME ends in suffix; an admin's NAME.backup stays.  The caller holds the lock that keeps other writers
 * of them away. */
void file_remove_temps(const char *dir, const char *suffix);
int file_sync_dir(const char *dir, struct err *) MUST_CHECK;

#define FILE_GROUP_LEN 33
/* The name of a group, else its number. */
const char *file_group_name(gid_t, char out[static FILE_GROUP_LEN]);

/* All bytes or -1; EINTR is retried. */
int file_write_all(int fd, struct slice, const char *path_for_texts, struct err *) MUST_CHECK;

#endif
