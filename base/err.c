/* SPDX-License-Identifier: ISC */
#include "base/err.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

int
err_vset(struct err *err, enum err_kind kind, const char *fmt, va_list ap)
{
	char text[ERR_TEXT_LEN];

	vsnprintf(text, sizeof text, fmt, ap);
	/* it ends up on a terminal or in a log, whatever it quotes */
	utf8_defuse(text);
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
	utf8_defuse(context);
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
