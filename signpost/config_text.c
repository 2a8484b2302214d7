/* SPDX-License-Identifier: ISC */
#include "signpost/config_text.h"

#include <string.h>

static int PRINTF(4, 5) fail(struct err *err, const char *path, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, ERR_CONFIG, fmt, ap);
	va_end(ap);
	return err_wrap(err, "%s:%u", path, line);
}

int
config_text_check(struct slice text, const char *path, struct err *err)
{
	unsigned line = 1;

	if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
		return fail(
		    err, path, line, "a byte order mark; save the file as UTF-8 without one");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == '\r')
			return fail(err, path, line, "a CR; save the file with Unix line ends");
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return fail(err, path, line, "control byte 0x%02x", c);
		if (c == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
			return fail(err, path, line,
			    "\"${\": the environment is no part of the configuration");
		if (c == '\n')
			line++;
	}
	return 0;
}

void
config_text_blank_comments(char *text)
{
	bool quoted = false, comment = false;

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\n')
			quoted = comment = false;
		else if (quoted && *c == '\\' && c[1] != '\0')
			c++; /* what it escapes ends no quote */
		else if (*c == '"' && !comment)
			quoted = !quoted;
		else if (*c == '#' && !quoted)
			comment = true;
		if (comment)
			*c = ' ';
	}
}
