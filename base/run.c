/* SPDX-License-Identifier: ISC */
#include "base/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REASON_LEN 300

#define GRACE_MS  2000 /* between TERM and KILL */
#define SLICE_MS  20   /* a child may end while a grandchild keeps its output open */
#define STATUS_FD 3    /* where the child tells that it could not become the program */
#define FD_LOOP	  1024 /* closed one by one where close_range(2) is missing */

/* Pipes and the child; a descriptor that is closed is -1. */
struct runner {
	int in, out[2], err[2], status[2];
	pid_t pid;
	bool reaped;
	int wait_status;
};

static int64_t
now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
close_all(struct runner *r)
{
	int *const all[] = {
	    &r->in, &r->out[0], &r->out[1], &r->err[0], &r->err[1], &r->status[0], &r->status[1]};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		close_fd(all[i]);
}

/* The input as a file of its own: written before the program starts, so that no pipe can break or fill. */
static int
make_input(struct runner *r, struct slice input, struct err *err)
{
	r->in = memfd_create("input", MFD_CLOEXEC);
	if (r->in < 0)
		return err_set(err, ERR_IO, "memfd_create: %s", strerror(errno));
	while (input.len > 0) {
		ssize_t n = write(r->in, input.ptr, input.len);
		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "input of a program: %s", strerror(errno));
		input = slice_from(input, n < 0 ? 0 : (size_t)n);
	}
	if (lseek(r->in, 0, SEEK_SET) != 0)
		return err_set(err, ERR_IO, "input of a program: %s", strerror(errno));
	return 0;
}

/* No descriptor may have the number of one that the child is to have. */
static int
above_status(int *fd)
{
	if (*fd > STATUS_FD)
		return 0;
	int other = fcntl(*fd, F_DUPFD_CLOEXEC, STATUS_FD + 1);
	if (other < 0)
		return -1;
	close(*fd);
	*fd = other;
	return 0;
}

static int
open_all(struct runner *r, const struct run_job *job, struct err *err)
{
	if (make_input(r, job->input, err) != 0)
		return -1;
	bool ok = pipe2(r->out, O_CLOEXEC) == 0 && pipe2(r->status, O_CLOEXEC) == 0;
	if (ok && !job->merge)
		ok = pipe2(r->err, O_CLOEXEC) == 0;
	ok = ok && above_status(&r->in) == 0 && above_status(&r->out[1]) == 0 &&
	     above_status(&r->status[1]) == 0;
	if (ok && !job->merge)
		ok = above_status(&r->err[1]) == 0;
	return ok ? 0
		  : err_set(err, ERR_IO, "cannot make pipes for a program: %s", strerror(errno));
}

/* Only what is async-signal-safe: the process may have threads. */
static _Noreturn void
become(const struct runner *r, const struct run_job *job, char *const *argv)
{
	static char path[] = "PATH=" RUN_PATH;
	char *environment[] = {path, NULL};
	sigset_t none;
	int second = job->merge ? r->out[1] : r->err[1];

	setpgid(0, 0);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL); /* those that cannot be set stay as they are */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	bool ok = dup2(r->in, 0) == 0 && dup2(r->out[1], 1) == 1 && dup2(second, 2) == 2 &&
		  dup3(r->status[1], STATUS_FD, O_CLOEXEC) == STATUS_FD && chdir("/") == 0;
	if (ok && close_range(STATUS_FD + 1, ~0U, 0) != 0) {
		for (int fd = STATUS_FD + 1; fd < FD_LOOP; fd++)
			close(fd);
	}
	if (ok)
		execve(argv[0], argv, environment);
	int e = errno;
	ssize_t told = write(ok ? STATUS_FD : r->status[1], &e, sizeof(e));
	(void)told;
	_exit(127);
}

static int
start(struct runner *r, const struct run_job *job, struct err *err)
{
	int e = 0;
	/* execve(2) takes pointers to what it does not change */
	union {
		const char *const *given;
		char *const *wanted;
	} argv = {.given = job->argv};

	r->pid = fork();
	if (r->pid < 0)
		return err_set(err, ERR_IO, "%s: fork: %s", job->argv[0], strerror(errno));
	if (r->pid == 0)
		become(r, job, argv.wanted);
	setpgid(r->pid, r->pid); /* whoever is first */
	close_fd(&r->in);
	close_fd(&r->out[1]);
	close_fd(&r->err[1]);
	close_fd(&r->status[1]);
	ssize_t n;
	do
		n = read(r->status[0], &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	close_fd(&r->status[0]);
	if (n != (ssize_t)sizeof(e))
		return 0;
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	r->reaped = true;
	bool wrong = e == ENOENT || e == EACCES || e == ENOEXEC || e == ENOTDIR;
	return err_set(
	    err, wrong ? ERR_CONFIG : ERR_IO, "%s: cannot be run: %s", job->argv[0], strerror(e));
}

static void
keep(struct buf *b, struct slice more, const struct run_job *job, bool *cut)
{
	size_t room = b->len_max - b->len;
	if (more.len <= room) {
		buf_put(b, more);
		return;
	}
	*cut = true;
	if (!job->keep_tail) {
		buf_put(b, slice_sub(more, 0, room));
		return;
	}
	if (more.len > b->len_max)
		more = slice_from(more, more.len - b->len_max);
	size_t stay = b->len_max / 2;
	if (stay > b->len_max - more.len)
		stay = b->len_max - more.len;
	if (stay < b->len) {
		memmove(b->data, b->data + (b->len - stay), stay);
		b->len = stay;
	}
	buf_put(b, more);
}

/* What is there now; closes the descriptor at its end. */
static void
drain(int *fd, struct buf *b, const struct run_job *job, bool *cut)
{
	uint8_t chunk[4096];
	ssize_t n = read(*fd, chunk, sizeof(chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		close_fd(fd);
	else
		keep(b, slice_new(chunk, (size_t)n), job, cut);
}

static bool
reap(struct runner *r)
{
	if (!r->reaped && waitpid(r->pid, &r->wait_status, WNOHANG) == r->pid)
		r->reaped = true;
	return r->reaped;
}

/* One look at everything, at most wait_ms long; false when nothing more can come. */
static bool
step(struct runner *r, struct run_result *result, const struct run_job *job, int wait_ms)
{
	struct pollfd p[2] = {
	    {.fd = r->out[0], .events = POLLIN}, {.fd = r->err[0], .events = POLLIN}};
	bool ended = reap(r);
	int ready = poll(p, 2, ended ? 0 : wait_ms);
	if (ready > 0 && p[0].revents != 0)
		drain(&r->out[0], &result->out, job, &result->cut);
	if (ready > 0 && p[1].revents != 0)
		drain(&r->err[0], &result->err, job, &result->cut);
	return !ended || ready > 0;
}

static void
follow(struct runner *r, struct run_result *result, const struct run_job *job)
{
	int64_t until = now_ms() + job->timeout_ms;
	while (step(r, result, job, SLICE_MS)) {
		if (now_ms() < until)
			continue;
		if (reap(r)) /* it is done; what writes on is not waited for */
			return;
		result->end = RUN_TIMED_OUT;
		break;
	}
	if (result->end != RUN_TIMED_OUT)
		return;
	kill(-r->pid, SIGTERM);
	until = now_ms() + GRACE_MS;
	while (now_ms() < until && step(r, result, job, SLICE_MS))
		;
	kill(-r->pid, SIGKILL);
	while (!r->reaped && waitpid(r->pid, &r->wait_status, 0) < 0 && errno == EINTR)
		;
}

int
run_program(const struct run_job *job, struct run_result *result, struct err *err)
{
	struct runner r = {
	    .in = -1, .out = {-1, -1}, .err = {-1, -1}, .status = {-1, -1}, .pid = -1};
	size_t max = job->output_max == 0 ? RUN_OUTPUT_MAX : job->output_max;

	memset(result, 0, sizeof(*result));
	buf_init(&result->out, max);
	buf_init(&result->err, max);
	if (job->argv[0] == NULL || job->argv[0][0] != '/')
		return err_set(err, ERR_CONFIG, "%s: a program is named by its absolute path",
		    job->argv[0] == NULL ? "(none)" : job->argv[0]);
	if (open_all(&r, job, err) != 0 || start(&r, job, err) != 0) {
		close_all(&r);
		return -1;
	}
	follow(&r, result, job);
	close_all(&r);
	if (result->end != RUN_TIMED_OUT)
		result->end = WIFSIGNALED(r.wait_status) ? RUN_SIGNALED : RUN_EXITED;
	result->code =
	    WIFSIGNALED(r.wait_status) ? WTERMSIG(r.wait_status) : WEXITSTATUS(r.wait_status);
	return 0;
}

void
run_result_deinit(struct run_result *r)
{
	buf_deinit(&r->out);
	buf_deinit(&r->err);
}

void
run_result_text(const struct run_result *r, const struct run_job *job, struct buf *out)
{
	if (r->end == RUN_TIMED_OUT && job->timeout_ms >= 1000)
		buf_printf(out, "still running after %d s: stopped", job->timeout_ms / 1000);
	else if (r->end == RUN_TIMED_OUT)
		buf_printf(out, "still running after %d ms: stopped", job->timeout_ms);
	else if (r->end == RUN_SIGNALED)
		buf_printf(out, "killed by signal %d (%s)", r->code, strsignal(r->code));
	else
		buf_printf(out, "exit status %d", r->code);
}

void
run_last_lines(const struct buf *b, unsigned lines, size_t max, struct buf *out)
{
	struct slice text = slice_trim(buf_slice(b));
	size_t begin = text.len;
	while (begin > 0 && text.len - begin < max) {
		if (text.ptr[begin - 1] == '\n' && --lines == 0)
			break;
		begin--;
	}
	text = slice_trim(slice_from(text, begin));
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == '\n')
			buf_put_str(out, "; ");
		else
			buf_put_byte(out, c < 0x20 || c == 0x7f ? ' ' : c);
	}
}

int
run_result_check(const struct run_result *r, const struct run_job *job, struct err *err)
{
	struct buf text;

	if (r->end == RUN_EXITED && r->code == 0)
		return 0;
	buf_init(&text, ERR_TEXT_LEN);
	run_result_text(r, job, &text);
	if (r->out.len > 0) {
		buf_put_str(&text, "; ");
		run_last_lines(&r->out, 2, REASON_LEN, &text);
	}
	err_set(err, ERR_IO, "%s: %s", job->argv[0], buf_str(&text));
	buf_deinit(&text);
	return -1;
}
