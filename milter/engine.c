/* SPDX-License-Identifier: ISC */
#include "milter/engine.h"

#include "base/log.h"
#include "milter/connection.h"
#include "milter/signals.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_TIMEOUT_S	7210 /* longer than an MTA lets its client be idle between commands */
#define WRITE_TIMEOUT_S 120  /* an MTA that waits for an answer reads it */
#define CONNECTIONS_MAX 4096 /* forty times Postfix's default_process_limit */
#define FDS_KEPT	32   /* standard files, listener, log, table, keys */
#define SPARE_MAX	8 /* threads without a connection; a thread costs more to start than to keep */
#define STACK_LEN	(256 * 1024) /* reserved; what is never touched costs nothing */
#define SMALL_LEN	4096	     /* the commands and the body of ordinary mail, part by part */
#define LARGE_LEN                                                                                  \
	(32 * 1024)	  /* what a UNIX socket hands over at once; stays within a core's cache */
#define ANSWERS_LEN 16384 /* sent without a wait for the end of what was read */
#define BACK_OFF_MS 100
#define SAY_AGAIN_S 60

static struct {
	int listen_fd;
	struct keyring *ring;
	struct counters *counters;
	unsigned threads_max;
	_Atomic unsigned threads, waiting, running;
	atomic_bool stopping, failed;
	_Atomic int64_t said_at_s; /* what keeps us from taking connections */
} engine;

struct peer {
	int fd;
	struct connection *connection;
	uint8_t *in;	 /* small, or allocated */
	size_t cap, len; /* of in */
	bool was_full;
	uint8_t small[SMALL_LEN];
};

static void *work(void *unused);

/* Once a minute, whatever the reason. */
static bool
may_say(void)
{
	struct timespec now;
	int64_t last = atomic_load(&engine.said_at_s);

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (last == 0 || now.tv_sec - last >= SAY_AGAIN_S) &&
	       atomic_compare_exchange_strong(&engine.said_at_s, &last, now.tv_sec);
}

static int
start_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc = pthread_attr_init(&attr);

	if (rc != 0)
		return rc;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_LEN);
	atomic_fetch_add(&engine.threads, 1);
	atomic_fetch_add(&engine.waiting, 1);
	rc = pthread_create(&thread, &attr, work, NULL);
	if (rc != 0) {
		atomic_fetch_sub(&engine.threads, 1);
		atomic_fetch_sub(&engine.waiting, 1);
	}
	(void)pthread_attr_destroy(&attr);
	return rc;
}

/* Called by a thread that has got a connection and leaves nobody behind to take the next. */
static void
replace_me(void)
{
	int rc;

	if (atomic_load(&engine.threads) >= engine.threads_max) {
		if (may_say())
			log_msg(LOG_LEVEL_WARNING,
			    "%u connections of the MTA are open, as many as the limit of "
			    "descriptors lets us have (at most %d): further ones wait until one "
			    "ends; raise LimitNOFILE, or lower the MTA's number of processes",
			    engine.threads_max, CONNECTIONS_MAX);
		return;
	}
	rc = start_thread();
	if (rc != 0 && may_say())
		log_msg(LOG_LEVEL_ERR,
		    "no thread for another connection beside %u: %s; further ones wait until one "
		    "ends; raise TasksMax or the memory of the service",
		    atomic_load(&engine.threads), strerror(rc));
}

static bool
resize(struct peer *p, size_t cap)
{
	uint8_t *old = p->in, *in = cap == sizeof(p->small) ? p->small : malloc(cap);

	if (in == NULL)
		return false;
	memcpy(in, old, p->len);
	if (old != p->small)
		free(old);
	p->in = in;
	p->cap = cap;
	return true;
}

/* Room for what the connection wants in one piece, and more for who sends much. */
static bool
make_room(struct peer *p)
{
	size_t wants = connection_wants(p->connection), cap = SMALL_LEN;

	if (p->was_full || (p->cap >= LARGE_LEN && connection_is_busy(p->connection)))
		cap = LARGE_LEN;
	if (cap < wants)
		cap = wants;
	if (cap < p->len)
		cap = p->cap;
	return cap == p->cap || resize(p, cap);
}

/* 1: there is more; 0: the MTA closed, or was silent too long; -1: err. */
static int
receive(struct peer *p, struct err *err)
{
	ssize_t n;

	if (!make_room(p))
		return err_nomem(err);
	do
		n = recv(p->fd, p->in + p->len, p->cap - p->len, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	p->len += (size_t)n;
	p->was_full = p->len == p->cap;
	return 1;
}

/* -1: the connection is over; err's kind tells whether that is worth a word. */
static int
send_answers(struct peer *p, struct err *err)
{
	struct buf *answers = connection_answers(p->connection);
	size_t sent = 0;

	if (buf_check(answers, "the answer to the MTA", err) != 0)
		return -1;
	while (sent < answers->len) {
		ssize_t n = send(p->fd, answers->data + sent, answers->len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return err_set(
			    err, ERR_IO, "it has not taken our answer for %d s", WRITE_TIMEOUT_S);
		if (n < 0 && errno != EINTR)
			return -1; /* the MTA went away, as it may at any time */
		sent += n > 0 ? (size_t)n : 0;
	}
	buf_clear(answers);
	return 0;
}

/* All commands that came whole, and their answers in one send.  False: the connection is over. */
static bool
take_input(struct peer *p, struct err *err)
{
	enum connection_step step = CONNECTION_TOOK;
	size_t at = 0, taken;

	while (step == CONNECTION_TOOK && !atomic_load(&engine.stopping)) {
		step =
		    connection_step(p->connection, slice_new(p->in + at, p->len - at), &taken, err);
		at += taken;
		if (connection_answers(p->connection)->len >= ANSWERS_LEN &&
		    send_answers(p, err) != 0)
			return false;
	}
	p->len -= at;
	if (p->len > 0 && at > 0)
		memmove(p->in, p->in + at, p->len);
	if (connection_answers(p->connection)->len > 0 && send_answers(p, err) != 0)
		return false;
	return step == CONNECTION_WANTS;
}

static void
prepare_socket(int fd, sa_family_t family)
{
	const struct timeval read_limit = {READ_TIMEOUT_S, 0}, write_limit = {WRITE_TIMEOUT_S, 0};
	const int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &read_limit, sizeof(read_limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &write_limit, sizeof(write_limit));
	if (family == AF_UNIX)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
serve(int fd)
{
	struct peer p;
	struct err err = ERR_INIT;
	bool goes_on;

	p.fd = fd;
	p.connection = connection_new(engine.ring, engine.counters);
	p.in = p.small;
	p.cap = sizeof(p.small);
	p.len = 0;
	p.was_full = false;
	goes_on = p.connection != NULL;
	if (!goes_on)
		(void)err_nomem(&err);
	while (goes_on && receive(&p, &err) > 0) {
		atomic_fetch_add(&engine.running, 1);
		goes_on = take_input(&p, &err);
		atomic_fetch_sub(&engine.running, 1);
	}
	if (err.kind != ERR_NONE)
		log_err(LOG_LEVEL_WARNING, "a connection of the MTA is closed", &err);
	if (p.in != p.small)
		free(p.in);
	connection_free(p.connection);
	close(fd);
}

/* A connection; -1 when the socket has no more to give. */
static int
accept_next(void)
{
	const struct timespec back_off = {0, BACK_OFF_MS * 1000000L};

	for (;;) {
		struct sockaddr_storage from = {.ss_family = AF_UNIX};
		union {
			struct sockaddr_storage *storage;
			struct sockaddr *any;
		} sa = {.storage = &from};
		socklen_t len = sizeof(from);
		int fd = accept4(engine.listen_fd, sa.any, &len, SOCK_CLOEXEC);

		if (fd >= 0) {
			prepare_socket(fd, len == 0 ? AF_UNIX : from.ss_family);
			return fd;
		}
		if (atomic_load(&engine.stopping) || errno == EINVAL || errno == EBADF ||
		    errno == ENOTSOCK)
			return -1;
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (may_say())
			log_msg(LOG_LEVEL_ERR,
			    "a connection of the MTA cannot be taken: %s; it waits, and is tried "
			    "ten times a second",
			    strerror(errno));
		(void)nanosleep(&back_off, NULL);
	}
}

static void
fail(void)
{
	if (atomic_load(&engine.stopping) || atomic_exchange(&engine.failed, true))
		return;
	log_msg(LOG_LEVEL_ERR, "the listening socket is gone");
	signals_stop();
}

/* Serves one connection after another; ends when enough others wait for the next, or the socket has none. */
static void *
work(void *unused)
{
	int fd;

	(void)unused;
	while ((fd = accept_next()) >= 0) {
		if (atomic_fetch_sub(&engine.waiting, 1) == 1)
			replace_me();
		serve(fd);
		if (atomic_fetch_add(&engine.waiting, 1) >= SPARE_MAX)
			break;
	}
	if (fd < 0)
		fail();
	atomic_fetch_sub(&engine.waiting, 1);
	atomic_fetch_sub(&engine.threads, 1);
	return NULL;
}

int
engine_start(int listen_fd, struct keyring *ring, struct counters *counters, struct err *err)
{
	struct rlimit files;
	int rc;

	engine.listen_fd = listen_fd;
	engine.ring = ring;
	engine.counters = counters;
	engine.threads_max = CONNECTIONS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < CONNECTIONS_MAX + FDS_KEPT)
		engine.threads_max =
		    files.rlim_cur > 2 * FDS_KEPT ? (unsigned)files.rlim_cur - FDS_KEPT : FDS_KEPT;
	rc = start_thread();
	if (rc != 0)
		return err_set(err, ERR_NOMEM, "no thread can be started: %s", strerror(rc));
	return 0;
}

void
engine_stop(void)
{
	atomic_store(&engine.stopping, true);
}

unsigned
engine_running(void)
{
	return atomic_load(&engine.running);
}

bool
engine_has_failed(void)
{
	return atomic_load(&engine.failed);
}
