/* SPDX-License-Identifier: ISC */
#include "signpost/config_text.h"

#include <string.h>

struct reading {
	const char *path;
	unsigned line;
	struct err *err;
};

static int PRINTF(2, 3) fail(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(r->err, ERR_CONFIG, fmt, ap);
	va_end(ap);
	return err_wrap(r->err, "%s:%u", r->path, r->line);
}

int
config_text_check(struct slice text, const char *path, struct err *err)
{
	struct reading r = {path, 1, err};

	if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
		return fail(&r, "a byte order mark; save the file as UTF-8 without one");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == '\r')
			return fail(&r, "a CR; save the file with Unix line ends");
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return fail(&r, "control byte 0x%02x", c);
		if (c == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
			return fail(&r, "\"${\": the environment is no part of the configuration");
		if (c == '\n')
			r.line++;
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
