/* SPDX-License-Identifier: ISC */
#include "keys/secret_file.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
check_mode(int fd, const char *path, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s: is not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, ERR_CONFIG,
		    "%s belongs to user %u: whoever owns it can make signpost use another key; "
		    "chown it to root or to the user that signpost runs as",
		    path, (unsigned)st.st_uid);
	if ((st.st_mode & 027) != 0)
		return err_set(err, ERR_CONFIG,
		    "%s has mode %04o: others could read or change the secret; chmod 0640 it", path,
		    (unsigned)st.st_mode & 07777);
	return 0;
}

int
secret_file_read(const char *path, const char *what, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open %s: %s", path, what, strerror(errno));
	int rc = check_mode(fd, path, err);
	if (rc == 0)
		rc = file_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}
