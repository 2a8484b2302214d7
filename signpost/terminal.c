/* SPDX-License-Identifier: ISC */
#include "signpost/terminal.h"
#include "base/utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define GAP	   2
#define FURTHER_IN 4
#define COLUMN_MAX 40 /* of what all rows are aligned to; a longer cell moves only its own */
#define ROOM_MIN   24 /* columns; where less is left beside the indent, lines run on */

static unsigned
width_of_stdout(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns != NULL && slice_to_u64(slice_of(columns), TERMINAL_WIDTH_MAX, &n))
		return (unsigned)n;
	return 0;
}

struct terminal
terminal_of_stdout(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	setlocale(LC_CTYPE, "");
	return (struct terminal){.width = width_of_stdout(),
	    .color = isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') &&
		     (term == NULL || strcmp(term, "dumb") != 0),
	    .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0};
}

size_t
terminal_columns(struct slice text)
{
	size_t columns = 0;

	for (size_t at = 0; at < text.len;) {
		uint32_t c;
		size_t len = utf8_decode(slice_from(text, at), &c);
		int width = len == 0 ? -1 : wcwidth((wchar_t)c);
		/* what the locale does not know is shown as one character, or one for each octet */
		columns += width < 0 ? 1 : (size_t)width;
		at += len == 0 ? 1 : len;
	}
	return columns;
}

/* What a name server said may stand in it: no control reaches the terminal, but newlines. */
static void
put_shown(struct slice text, struct buf *out)
{
	struct slice shown;

	while (text.len > 0) {
		uint8_t c = text.ptr[0];
		(void)utf8_next_shown(&text, &shown);
		if (c == '\n' || c == '\t')
			buf_put_byte(out, c == '\t' ? ' ' : c);
		else
			buf_put(out, shown);
	}
}

static void
next_line(struct terminal_room room, const char *join, struct buf *out)
{
	buf_printf(out, "%s\n%*s", join, (int)room.indent, "");
}

/* join stands at the end of each line that goes on. */
static void
wrap(const struct terminal *t, struct terminal_room room, const char *join, const char *text,
    struct buf *out)
{
	size_t column = room.used, width = t->width - strlen(join);
	bool begun = room.used > room.indent;

	if (t->width == 0 || t->width < room.indent + ROOM_MIN) {
		put_shown(slice_of(text), out);
		return;
	}
	while (*text != '\0') {
		size_t blanks = strspn(text, " "), len = strcspn(text + blanks, " \n");
		size_t columns =
		    terminal_columns((struct slice){(const uint8_t *)text + blanks, len});
		if (begun && len > 0 && column + blanks + columns > width) {
			next_line(room, join, out);
			column = room.indent;
			text += blanks;
			blanks = 0;
		}
		put_shown(slice_new(text, blanks + len), out);
		column += blanks + columns;
		text += blanks + len;
		begun = true;
		if (*text == '\n') {
			next_line(room, "", out);
			column = room.indent;
			begun = false;
			text++;
		}
	}
}

void
terminal_wrap(
    const struct terminal *t, struct terminal_room room, const char *text, struct buf *out)
{
	wrap(t, room, "", text, out);
}

void
terminal_wrap_command(
    const struct terminal *t, struct terminal_room room, const char *text, struct buf *out)
{
	wrap(t, room, " \\", text, out);
}

const char *
terminal_ink(const struct terminal *t, enum terminal_ink ink)
{
	static const char *const codes[INK_COUNT] = {[INK_PLAIN] = "\033[0m",
	    [INK_STRONG] = "\033[1m",
	    [INK_GOOD] = "\033[32m",
	    [INK_WARNING] = "\033[33m",
	    [INK_BAD] = "\033[31m"};

	return t->color ? codes[ink] : "";
}

void
terminal_widen(unsigned *width, const char *cell)
{
	size_t columns = terminal_columns(slice_of(cell));

	if (columns > *width)
		*width = columns > COLUMN_MAX ? COLUMN_MAX : (unsigned)columns;
}

static bool
is_folded(const struct terminal *t, const struct terminal_row *row)
{
	unsigned columns = ROOM_MIN;

	for (size_t i = 0; i + 1 < row->count; i++)
		columns += row->widths[i] + GAP;
	return row->fold > 0 && t->width > 0 && columns > t->width;
}

static void
put_cell(const struct terminal *t, const struct terminal_row *row, size_t i, size_t column,
    struct buf *out)
{
	const struct terminal_room below = {(unsigned)column, (unsigned)column};
	bool inked = row->ink != INK_PLAIN && i == row->inked;

	buf_put_str(out, inked ? terminal_ink(t, row->ink) : "");
	if (i + 1 == row->count)
		terminal_wrap(t, below, row->cells[i], out);
	else
		put_shown(slice_of(row->cells[i]), out);
	buf_put_str(out, inked ? terminal_ink(t, INK_PLAIN) : "");
}

void
terminal_put_row(const struct terminal *t, const struct terminal_row *row, struct buf *out)
{
	size_t column = 0, begin = 0, aligned = 0,
	       folds = is_folded(t, row) ? row->fold : row->count;

	for (size_t i = 0; i < row->count; i++) {
		size_t columns = terminal_columns(slice_of(row->cells[i]));
		/* the last one wraps, unless longer cells before it have moved it */
		bool wraps = i + 1 == row->count && columns > ROOM_MIN && begin <= aligned;
		size_t need = wraps ? ROOM_MIN : columns;
		if (i == folds || (begin > FURTHER_IN && t->width > 0 && begin + need > t->width)) {
			buf_printf(out, "\n%*s", FURTHER_IN, "");
			begin = column = FURTHER_IN;
		}
		buf_printf(out, "%*s", (int)(begin - column), "");
		put_cell(t, row, i, begin, out);
		column = begin + columns;
		begin += (columns > row->widths[i] ? columns : row->widths[i]) + GAP;
		aligned += row->widths[i] + GAP;
	}
	buf_put_str(out, "\n");
}
