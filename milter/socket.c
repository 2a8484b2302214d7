/* SPDX-License-Identifier: ISC */
#include "milter/socket.h"

#include "base/ip.h"
#include "base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTEN_FD_FIRST 3 /* sd_listen_fds(3) */

static int
listen_on(int fd, const char *what, struct err *err)
{
	if (listen(fd, MILTER_SOCKET_BACKLOG) != 0)
		return err_set(err, ERR_IO, "%s: cannot listen: %s", what, strerror(errno));
	return 0;
}

/* 1: someone answers there; 0: nothing is there, or a socket that nobody holds; -1: err. */
static int
probe(const struct sockaddr_un *sun, struct err *err)
{
	struct stat st;
	int fd, rc;

	if (lstat(sun->sun_path, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		return err_set(err, ERR_IO, "%s: %s", sun->sun_path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFIG,
		    "%s is there and is not a socket; move it away or choose another --socket",
		    sun->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, ERR_IO, "socket: %s", strerror(errno));
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (rc != 0 && errno == ECONNREFUSED)
		rc = 0;
	else if (rc == 0 || errno == EAGAIN) /* EAGAIN: its queue is full, so it lives */
		rc = 1;
	else
		rc = err_set(err, ERR_IO, "%s: cannot see whether it is in use: %s", sun->sun_path,
		    strerror(errno));
	close(fd);
	return rc;
}

static int
give_to_group(const char *path, const char *group, struct err *err)
{
	const struct group *gr;

	if (group == NULL)
		return 0;
	errno = 0;
	gr = getgrnam(group);
	if (gr == NULL)
		return err_set(err, ERR_CONFIG,
		    "there is no group %s for the socket; make it, or say --group", group);
	if (lchown(path, (uid_t)-1, gr->gr_gid) != 0)
		return err_set(err, ERR_IO,
		    "%s cannot be given to group %s: %s; start as root, or add the user to that "
		    "group",
		    path, group, strerror(errno));
	return 0;
}

/* Made under another name and renamed when it listens with its final rights: nobody ever meets a half-made
 * one, and a stale one is replaced in one step. */
static int
bind_and_rename(const struct socket_spec *spec, const struct sockaddr_un *sun,
    struct milter_socket *s, struct err *err)
{
	struct sockaddr_un tmp = {.sun_family = AF_UNIX};
	const char *slash = strrchr(sun->sun_path, '/');
	struct stat st;
	mode_t old_umask;
	int n, rc;

	n = snprintf(tmp.sun_path, sizeof(tmp.sun_path), "%.*s/.s%ld", (int)(slash - sun->sun_path),
	    sun->sun_path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(tmp.sun_path))
		return err_set(err, ERR_CONFIG, "%s: too long for a socket; choose a shorter path",
		    sun->sun_path);
	(void)unlink(tmp.sun_path); /* of a process that died here, with our number */
	old_umask = umask((mode_t)~spec->mode & 0777);
	rc = bind(s->fd, (const struct sockaddr *)&tmp, sizeof(tmp));
	umask(old_umask);
	if (rc != 0)
		return err_set(err, ERR_IO,
		    "%s: cannot make the socket: %s; its directory must be writable for user %lu, "
		    "or "
		    "start as root and say --user",
		    sun->sun_path, strerror(errno), (unsigned long)geteuid());
	if (give_to_group(tmp.sun_path, spec->group, err) != 0 ||
	    listen_on(s->fd, sun->sun_path, err) != 0)
		goto fail;
	if (lstat(tmp.sun_path, &st) != 0 || rename(tmp.sun_path, sun->sun_path) != 0) {
		(void)err_set(err, ERR_IO, "%s: %s", sun->sun_path, strerror(errno));
		goto fail;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	memcpy(s->path, sun->sun_path, sizeof(s->path));
	return 0;
fail:
	(void)unlink(tmp.sun_path);
	return -1;
}

/* The lock on the directory keeps two starting ones apart: the second sees the first alive. */
static int
open_unix(
    const struct socket_spec *spec, const char *path, struct milter_socket *s, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char dir[sizeof(sun.sun_path)];
	int dirfd, live, rc = -1;

	if (path[0] != '/')
		return err_set(err, ERR_USAGE, "%s: a socket's path begins with /", path);
	if (!slice_to_str(slice_of(path), sun.sun_path, sizeof(sun.sun_path)))
		return err_set(err, ERR_CONFIG, "%s: too long for a socket (%zu bytes at most)",
		    path, sizeof(sun.sun_path) - 1);
	memcpy(dir, sun.sun_path, sizeof(dir));
	strrchr(dir, '/')[strrchr(dir, '/') == dir ? 1 : 0] = '\0';
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_set(err, ERR_IO,
		    "%s: %s; make the socket's directory first: "
		    "install -d -m 2750 -o signpost-milter -g postfix %s",
		    dir, strerror(errno), dir);
	if (flock(dirfd, LOCK_EX) != 0) {
		(void)err_set(err, ERR_IO, "%s: cannot lock: %s", dir, strerror(errno));
		goto out;
	}
	live = probe(&sun, err);
	if (live > 0)
		(void)err_set(
		    err, ERR_BUSY, "%s: another milter answers there; stop it first", path);
	if (live != 0)
		goto out;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		(void)err_set(err, ERR_IO, "socket: %s", strerror(errno));
	else
		rc = bind_and_rename(spec, &sun, s, err);
out:
	close(dirfd);
	return rc;
}

static int
parse_inet(const char *address, bool v6, struct ip_addr *ip, uint16_t *port, struct err *err)
{
	struct slice text = slice_of(strchr(address, ':') + 1), host = SLICE_LIT("localhost");
	size_t at;
	uint64_t n;

	if (slice_find(text, '@', &at)) {
		host = slice_from(text, at + 1);
		text = slice_sub(text, 0, at);
	}
	if (!slice_to_u64(text, UINT16_MAX, &n) || n == 0)
		return err_set(err, ERR_USAGE, "%s: no port; write %s:8891@%s", address,
		    v6 ? "inet6" : "inet", v6 ? "::1" : "127.0.0.1");
	*port = (uint16_t)n;
	if (slice_ieq_str(host, "localhost"))
		host = v6 ? SLICE_LIT("::1") : SLICE_LIT("127.0.0.1");
	if (ip_addr_parse(host, ip, err) != 0)
		return err_wrap(err, "%s", address);
	if ((ip->family == IP_V6) != v6)
		return err_set(err, ERR_USAGE, "%s: write %s: for this address", address,
		    v6 ? "inet" : "inet6");
	return 0;
}

static int
open_inet(const struct socket_spec *spec, bool v6, struct milter_socket *s, struct err *err)
{
	struct sockaddr_storage ss;
	struct ip_addr ip;
	uint16_t port = 0;
	socklen_t len;
	const int on = 1;

	if (parse_inet(spec->address, v6, &ip, &port, err) != 0)
		return -1;
	if (!ip_addr_is_loopback(&ip) && !spec->allow_remote)
		return err_set(err, ERR_CONFIG,
		    "%s: whoever reaches this address can have mail signed; listen on a UNIX "
		    "socket or on "
		    "loopback, or say --allow-remote behind a firewall",
		    spec->address);
	len = ip_addr_to_sockaddr(&ip, port, &ss);
	s->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return err_set(err, ERR_IO, "%s: %s", spec->address, strerror(errno));
	(void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s->fd, (const struct sockaddr *)&ss, len) != 0)
		return err_set(err, errno == EADDRINUSE ? ERR_BUSY : ERR_IO, "%s: %s",
		    spec->address, strerror(errno));
	return listen_on(s->fd, spec->address, err);
}

int
milter_socket_open(const struct socket_spec *spec, struct milter_socket *s, struct err *err)
{
	static const char *const UNIX_PREFIXES[] = {"unix:", "local:"};
	const char *path = spec->address;
	int rc;

	*s = (struct milter_socket){.fd = -1};
	for (size_t i = 0; i < 2; i++)
		if (strncmp(path, UNIX_PREFIXES[i], strlen(UNIX_PREFIXES[i])) == 0)
			path = spec->address + strlen(UNIX_PREFIXES[i]);
	if (strncmp(spec->address, "inet:", 5) == 0)
		rc = open_inet(spec, false, s, err);
	else if (strncmp(spec->address, "inet6:", 6) == 0)
		rc = open_inet(spec, true, s, err);
	else if (path != spec->address || path[0] == '/')
		rc = open_unix(spec, path, s, err);
	else
		return err_set(err, ERR_USAGE,
		    "%s: not a socket's address; write unix:/path, inet:port@127.0.0.1 or "
		    "inet6:port@::1",
		    spec->address);
	if (rc != 0 && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
	return rc;
}

int
milter_socket_inherited(struct milter_socket *s, struct err *err)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t n, count;
	int is_listening = 0;
	socklen_t len = sizeof(is_listening);

	*s = (struct milter_socket){.fd = -1};
	err->kind = ERR_NONE;
	if (pid == NULL || fds == NULL || !slice_to_u64(slice_of(pid), INT32_MAX, &n) ||
	    n != (uint64_t)getpid())
		return -1;
	if (!slice_to_u64(slice_of(fds), INT32_MAX, &count) || count == 0)
		return -1;
	if (count != 1)
		return err_set(err, ERR_CONFIG,
		    "the service manager hands over %s sockets; the socket unit must have one "
		    "ListenStream=",
		    fds);
	if (getsockopt(LISTEN_FD_FIRST, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) != 0 ||
	    is_listening == 0)
		return err_set(err, ERR_CONFIG,
		    "descriptor 3 of the service manager does not listen; use ListenStream= and "
		    "Accept=no");
	(void)fcntl(LISTEN_FD_FIRST, F_SETFD, FD_CLOEXEC);
	s->fd = LISTEN_FD_FIRST;
	s->inherited = true;
	return 0;
}

void
milter_socket_close(struct milter_socket *s)
{
	struct stat st;

	if (s->fd < 0 || s->inherited)
		return;
	if (s->path[0] != '\0' && lstat(s->path, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		(void)unlink(s->path);
	/* not close(): a thread of the engine may wait on this number */
	(void)shutdown(s->fd, SHUT_RDWR);
}
