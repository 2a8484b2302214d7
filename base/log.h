/* SPDX-License-Identifier: ISC */
/* log.h - one line per event: to syslog (LOG_MAIL) or to standard error, never blocking.
 *
 * The line's external strings are escaped (control bytes, backslash, bytes >= 0x80 as \xNN; a value
 * with a space, '"' or '=' is quoted) and cut at LOG_VALUE_MAX.  A line that would block is dropped
 * and counted.  Never hand key bytes or message bodies to this module.
 *
 *	struct log_line l;
 *	log_line_begin(&l, queue_id, "signed");
 *	log_line_put(&l, "from", author);
 *	log_line_emit(&l, LOG_LEVEL_INFO);	-> 4cXk2v0Yz1 signed from=example.com
 *
 * Threads: log_open before the threads; everything else from any thread. */
#ifndef SIGNPOST_BASE_LOG_H
#define SIGNPOST_BASE_LOG_H

#include "base/err.h"
#include "base/slice.h"

#define LOG_LINE_LEN  2048
#define LOG_VALUE_MAX 256 /* octets of an external string that are kept */

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_target { LOG_TARGET_AUTO, LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

struct log_line {
	char text[LOG_LINE_LEN];
	size_t len;
};

/* AUTO: standard error when it is a terminal or systemd's journal (JOURNAL_STREAM is set), or when
 * /dev/log cannot be reached; else syslog.  ident is borrowed for good. */
void log_open(enum log_target, const char *ident);
void log_close(void);
uint64_t log_dropped(void); /* lines lost because a send would have blocked */

/* A free line; the text is defused as err_set does it. */
void log_msg(enum log_level, const char *fmt, ...) PRINTF(2, 3);
/* "TEXT" of an error, with an optional context. */
void log_err(enum log_level, const char *context, const struct err *);

void log_line_begin(struct log_line *, struct slice subject, const char *verb); /* empty: "-" */
void log_line_put(struct log_line *, const char *key, struct slice value);
void log_line_put_str(struct log_line *, const char *key, const char *value);
void log_line_put_u64(struct log_line *, const char *key, uint64_t value);
void log_line_emit(struct log_line *, enum log_level);

#endif
