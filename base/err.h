/* SPDX-License-Identifier: ISC */
/* err.h - the one error type: no globals, no allocation.
 *
 * A fallible function returns 0 or -1 and takes `struct err *err` last; on -1 the kind and a text
 * for an admin are set: what, which object, why, what next.  Callers add context with err_wrap(). 
 * err may not be NULL.
 *
 *	if (file_read(path, FILE_LEN_MAX, &text, err) != 0)
 *		return err_wrap(err, "signing table");
 *
 * Threads: a struct err belongs to its caller; nothing is shared. */
#ifndef SIGNPOST_BASE_ERR_H
#define SIGNPOST_BASE_ERR_H

#include <stdarg.h>

#define ERR_TEXT_LEN 768 /* two paths, a reason and the command that mends it */

enum err_kind {
	ERR_NONE,
	ERR_USAGE,  /* the command line is wrong */
	ERR_CONFIG, /* configuration, table or map is wrong, or a file's mode is */
	ERR_INPUT,  /* outside bytes do not parse */
	ERR_LIMIT,  /* a cap of ours was reached */
	ERR_CRYPTO, /* OpenSSL refused */
	ERR_DNS,    /* no usable answer */
	ERR_IO,     /* a system call failed */
	ERR_NOMEM,
	ERR_BUSY, /* someone else holds the lock, or try again */
};

struct err {
	enum err_kind kind;
	char text[ERR_TEXT_LEN];
};

#define ERR_INIT      {ERR_NONE, ""}
#define MUST_CHECK    __attribute__((warn_unused_result))
#define PRINTF(f, a)  __attribute__((format(printf, f, a)))

/* Sets kind and text (cut at ERR_TEXT_LEN - 1); what may not be shown on a terminal is replaced by
 * '?' (utf8_next_shown).  Returns -1. */
int err_set(struct err *, enum err_kind, const char *fmt, ...) PRINTF(3, 4);
/* As err_set, from a va_list. */
int err_vset(struct err *, enum err_kind, const char *fmt, va_list) PRINTF(3, 0);
/* Puts "CONTEXT: " before the text; the kind stays.  Returns -1. */
int err_wrap(struct err *, const char *fmt, ...) PRINTF(2, 3);
/* ERR_NOMEM with a text.  Returns -1. */
int err_nomem(struct err *);

#endif
