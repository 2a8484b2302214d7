/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

/* An error text ends up on a terminal or in a log: no control bytes, whatever it quotes. */
static void
defuse(char *text)
{
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

int
err_vset(struct err *err, enum err_kind kind, const char *fmt, va_list ap)
{
	char text[ERR_TEXT_LEN];

	vsnprintf(text, sizeof text, fmt, ap);
	defuse(text);
	err->kind = kind;
	memcpy(err->text, text, sizeof text);
	return -1;
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char context[ERR_TEXT_LEN];
	char text[2 * ERR_TEXT_LEN + 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof context, fmt, ap);
	va_end(ap);
	defuse(context);
	snprintf(text, sizeof text, "%s: %s", context, err->text);
	text[ERR_TEXT_LEN - 1] = '\0';
	memcpy(err->text, text, ERR_TEXT_LEN);
	return -1;
}

int
err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}
