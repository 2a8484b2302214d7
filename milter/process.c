/* SPDX-License-Identifier: ISC */
#include "milter/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FILES_WANTED                                                                               \
	65536	     /* twice the largest process limit that an MTA is likely to have, and more */
#define ARENAS_MAX 4 /* threads would otherwise have up to 8 a processor */

int
process_fill_std_fds(struct err *err)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return err_set(err, ERR_IO, "/dev/null: %s", strerror(errno));
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

/* More descriptors than the hard limit are not ours to have: then the engine lives with fewer. */
int
process_harden(struct err *err)
{
	const struct rlimit no_core = {0, 0};
	struct rlimit files;

	(void)mallopt(M_ARENA_MAX, ARENAS_MAX);
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(err, ERR_IO, "core dumps cannot be turned off: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(err, ERR_IO, "no_new_privs cannot be set: %s", strerror(errno));
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return err_set(err, ERR_IO, "limit of descriptors: %s", strerror(errno));
	if (files.rlim_cur >= FILES_WANTED)
		return 0;
	files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		return err_set(err, ERR_IO, "limit of descriptors: %s", strerror(errno));
	return 0;
}

int
process_become(const char *user, struct err *err)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return err_set(
		    err, ERR_CONFIG, "there is no user %s; make it, or say another --user", user);
	if (geteuid() == pw->pw_uid && getuid() == pw->pw_uid)
		return 0;
	if (initgroups(pw->pw_name, pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return err_set(err, ERR_IO,
		    "cannot become user %s: %s; start as root, or without --user", user,
		    strerror(errno));
	if (pw->pw_uid != 0 && setuid(0) == 0)
		return err_set(
		    err, ERR_IO, "user %s could become root again; refusing to run", user);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(err, ERR_IO, "core dumps cannot be turned off: %s", strerror(errno));
	return 0;
}

void
process_notify(const char *state)
{
	const char *address = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = address == NULL ? 0 : strlen(address);
	int fd;

	if (len == 0 || len >= sizeof(sun.sun_path) || (address[0] != '/' && address[0] != '@'))
		return;
	memcpy(sun.sun_path, address, len);
	if (address[0] == '@')
		sun.sun_path[0] = '\0'; /* abstract */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}
