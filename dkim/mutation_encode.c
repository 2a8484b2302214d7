/* SPDX-License-Identifier: ISC */
#include "dkim/mutation_encode.h"

#include "base/base64.h"

#include <string.h>

#define LATE_COLUMN 72 /* a line with more than this is broken by programs that do so late */
#define OCTETS_LEN  3  /* "=C3" */

enum {
	EXACT = 1,	   /* what ends in the last column needs no soft break */
	EXACT_LITERAL = 2, /* the same, when it is not encoded */
	LATE = 4,	   /* a line is broken when it has become long, whatever comes */
	DOT_LONE = 8,	   /* a dot that is alone on its line is encoded */
	DOT = 16,	   /* each dot at the start of a line */
	FROM = 32,	   /* "From " at the start of a line */
	TAB = 64,
	WHOLE = 128, /* no character of UTF-8 is parted */
	LOWER = 256,
	WIDE = 512, /* lines of 78 */
};

#define LINE_MAX 75 /* RFC 2045 6.7: 76 with the "=" of a soft break */

static const unsigned QP_STYLES[ENCODE_QP_STYLES] = {
    EXACT,		      /* MIME::QuotedPrint, Python's email.mime */
    EXACT | WIDE,	      /* Python's email.message */
    0,			      /* JavaMail, Go */
    LATE,		      /* Postfix */
    LATE | DOT | FROM,	      /* Mozilla */
    EXACT_LITERAL | DOT_LONE, /* Python's quopri */
    TAB | WHOLE,	      /* PHP */
    EXACT | DOT | FROM,
    DOT | FROM,
    EXACT | LOWER,
};

static const struct {
	size_t line;
	bool lf;
} BASE64_STYLES[ENCODE_BASE64_STYLES] = {{76, false}, {76, true}, {72, false}, {72, true},
    {64, false}, {64, true}, {60, false}, {60, true}};

static bool
is_encoded(unsigned style, struct slice line, size_t at)
{
	uint8_t c = line.ptr[at];
	bool last = at + 1 == line.len;

	if (c == '\t')
		return last || (style & TAB) != 0;
	if (c < ' ' || c > '~' || c == '=' || (c == ' ' && last))
		return true;
	if (at > 0)
		return false;
	if (c == '.')
		return (style & DOT) != 0 || ((style & DOT_LONE) != 0 && last);
	return (style & FROM) != 0 && slice_eq_str(slice_sub(line, 0, 5), "From ");
}

/* Of the character of UTF-8 that begins here. */
static size_t
octets_of(uint8_t c)
{
	if (c < 0xc0)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static bool
breaks(unsigned style, struct slice line, size_t at, size_t column)
{
	size_t len = is_encoded(style, line, at) ? OCTETS_LEN : 1;
	size_t max = (style & WIDE) != 0 ? LINE_MAX + 2 : LINE_MAX;
	bool last = at + 1 == line.len;

	if ((style & LATE) != 0)
		return column > LATE_COLUMN;
	if (last && ((style & EXACT) != 0 || ((style & EXACT_LITERAL) != 0 && len == 1)))
		return column + len > max + 1;
	if ((style & WHOLE) != 0 && len > 1)
		len *= octets_of(line.ptr[at]);
	return column + len > max;
}

static void
put_line(unsigned style, struct slice line, struct buf *out)
{
	const char *digits = (style & LOWER) != 0 ? "0123456789abcdef" : "0123456789ABCDEF";
	size_t column = 0;

	for (size_t at = 0; at < line.len; at++) {
		uint8_t c = line.ptr[at];
		if (breaks(style, line, at, column)) {
			buf_put_str(out, "=\r\n");
			column = 0;
		}
		if (!is_encoded(style, line, at)) {
			buf_put_byte(out, c);
			column++;
			continue;
		}
		buf_put(out, slice_new((char[]){'=', digits[c >> 4], digits[c & 15]}, OCTETS_LEN));
		column += OCTETS_LEN;
	}
}

void
encode_qp(unsigned style, struct slice text, struct buf *out)
{
	size_t len;

	while (text.len > 0) {
		bool ends = slice_find(text, '\n', &len);
		struct slice line = slice_sub(text, 0, ends ? len : text.len);
		text = slice_from(text, line.len + (ends ? 1 : 0));
		if (ends && line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		put_line(QP_STYLES[style], line, out);
		buf_put_str(out, ends ? "\r\n" : "");
	}
}

void
encode_base64(unsigned style, struct slice text, struct buf *out)
{
	const size_t line = BASE64_STYLES[style].line;
	struct buf octets, all;

	buf_init(&octets, text.len);
	buf_init(&all, BASE64_LEN(text.len));
	for (size_t at = 0; BASE64_STYLES[style].lf && at < text.len; at++) {
		if (text.ptr[at] != '\r' || at + 1 == text.len || text.ptr[at + 1] != '\n')
			buf_put_byte(&octets, text.ptr[at]);
	}
	base64_encode(BASE64_STYLES[style].lf ? buf_slice(&octets) : text, &all);
	for (size_t at = 0; at < all.len; at += line) {
		buf_put(out, slice_sub(buf_slice(&all), at, line));
		buf_put_str(out, "\r\n");
	}
	/* without memory nothing is claimed */
	if (octets.state != BUF_OK || all.state != BUF_OK)
		out->state = BUF_NOMEM;
	buf_deinit(&octets);
	buf_deinit(&all);
}
