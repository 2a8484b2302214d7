/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define SYSLOG_PATH "/dev/log"

static struct {
	enum log_target target;
	const char *ident;
	_Atomic int syslog_fd; /* -1: not connected */
	_Atomic uint64_t dropped;
} logger = {.target = LOG_TARGET_STDERR, .ident = "signpost", .syslog_fd = -1};

static int
connect_syslog(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	memcpy(sun.sun_path, SYSLOG_PATH, sizeof SYSLOG_PATH);
	if (connect(fd, (const struct sockaddr *)&sun, sizeof sun) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void
log_open(enum log_target target, const char *ident)
{
	logger.ident = ident;
	if (target == LOG_TARGET_AUTO &&
	    (isatty(STDERR_FILENO) || getenv("JOURNAL_STREAM") != NULL))
		target = LOG_TARGET_STDERR;
	if (target != LOG_TARGET_STDERR) {
		int fd = connect_syslog();
		logger.syslog_fd = fd;
		if (fd < 0 && target == LOG_TARGET_AUTO)
			target = LOG_TARGET_STDERR;
	}
	logger.target = target == LOG_TARGET_AUTO ? LOG_TARGET_SYSLOG : target;
}

void
log_close(void)
{
	int fd = atomic_exchange(&logger.syslog_fd, -1);

	if (fd >= 0)
		close(fd);
}

uint64_t
log_dropped(void)
{
	return logger.dropped;
}

static int
priority_of(enum log_level level)
{
	static const int priority[] = {[LOG_LEVEL_ERR] = LOG_ERR,
	    [LOG_LEVEL_WARNING] = LOG_WARNING,
	    [LOG_LEVEL_INFO] = LOG_INFO,
	    [LOG_LEVEL_DEBUG] = LOG_DEBUG};

	return LOG_MAIL | priority[level];
}

/* RFC 3164 form, as /dev/log wants it.  The stamp is local time in the C locale. */
static void
send_syslog(enum log_level level, struct slice text)
{
	static const char months[12][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char line[LOG_LINE_LEN + 128];
	time_t now = time(NULL);
	struct tm tm = {0};

	localtime_r(&now, &tm);
	int len = snprintf(line, sizeof line, "<%d>%s %2d %02d:%02d:%02d %s[%ld]: %.*s",
	    priority_of(level), months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    logger.ident, (long)getpid(), SLICE_ARG(text));
	for (int try = 0; try < 2; try++) {
		int fd = logger.syslog_fd;
		if (fd >= 0 && send(fd, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return;
		if (fd >= 0 && (errno == EAGAIN || errno == ENOBUFS))
			break;
		/* the logger was restarted: one new connection, by whoever swaps first */
		int fresh = connect_syslog();
		if (fresh < 0)
			break;
		if (!atomic_compare_exchange_strong(&logger.syslog_fd, &fd, fresh))
			close(fresh);
		else if (fd >= 0)
			close(fd);
	}
	logger.dropped++;
}

/* One write, and only if it will not block: a pipe or terminal whose reader sleeps loses lines, never mail. */
static void
send_stderr(enum log_level level, struct slice text)
{
	char line[LOG_LINE_LEN + 64];
	struct pollfd pfd = {.fd = STDERR_FILENO, .events = POLLOUT};
	/* systemd reads the level from "<N>"; a person need not see it */
	int len = getenv("JOURNAL_STREAM") != NULL
		      ? snprintf(line, sizeof line, "<%d>%.*s\n", priority_of(level) & LOG_PRIMASK,
			    SLICE_ARG(text))
		      : snprintf(line, sizeof line, "%s: %.*s\n", logger.ident, SLICE_ARG(text));

	if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLOUT) != 0 &&
	    write(STDERR_FILENO, line, (size_t)len) == len)
		return;
	logger.dropped++;
}

static void
send_line(enum log_level level, const char *text, size_t len)
{
	struct slice s = slice_new(text, len < LOG_LINE_LEN ? len : LOG_LINE_LEN - 1);

	if (logger.target == LOG_TARGET_STDERR)
		send_stderr(level, s);
	else
		send_syslog(level, s);
}

void
log_msg(enum log_level level, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	va_list ap;

	va_start(ap, fmt);
	err_vset(&e, ERR_NONE, fmt, ap);
	va_end(ap);
	send_line(level, e.text, strlen(e.text));
}

void
log_err(enum log_level level, const char *context, const struct err *err)
{
	if (context != NULL)
		log_msg(level, "%s: %s", context, err->text);
	else
		log_msg(level, "%s", err->text);
}

static void
put_byte(struct log_line *l, char c)
{
	if (l->len < sizeof l->text - 1)
		l->text[l->len++] = c;
}

static void
put_text(struct log_line *l, const char *text)
{
	while (*text != '\0')
		put_byte(l, *text++);
}

static bool
needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ' || s.ptr[i] == '"' || s.ptr[i] == '=')
			return true;
	return s.len == 0;
}

static void
put_escaped(struct log_line *l, struct slice s)
{
	static const char hex[] = "0123456789abcdef";
	bool cut = s.len > LOG_VALUE_MAX;

	s = slice_sub(s, 0, LOG_VALUE_MAX);
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if ((ascii_is_print(c) && c != '\\' && c != '"') || c == ' ') {
			put_byte(l, (char)c);
			continue;
		}
		put_byte(l, '\\');
		put_byte(l, 'x');
		put_byte(l, hex[c >> 4]);
		put_byte(l, hex[c & 15]);
	}
	if (cut)
		put_text(l, "...");
}

void
log_line_begin(struct log_line *l, struct slice subject, const char *verb)
{
	l->len = 0;
	if (subject.len == 0)
		subject = SLICE_LIT("-");
	put_escaped(l, subject);
	put_byte(l, ' ');
	put_text(l, verb);
}

void
log_line_put(struct log_line *l, const char *key, struct slice value)
{
	bool quotes = needs_quotes(slice_sub(value, 0, LOG_VALUE_MAX));

	put_byte(l, ' ');
	put_text(l, key);
	put_byte(l, '=');
	if (quotes)
		put_byte(l, '"');
	put_escaped(l, value);
	if (quotes)
		put_byte(l, '"');
}

void
log_line_put_str(struct log_line *l, const char *key, const char *value)
{
	log_line_put(l, key, slice_of(value));
}

void
log_line_put_u64(struct log_line *l, const char *key, uint64_t value)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);

	log_line_put(l, key, slice_new(digits, (size_t)len));
}

void
log_line_emit(struct log_line *l, enum log_level level)
{
	l->text[l->len] = '\0';
	send_line(level, l->text, l->len);
}
