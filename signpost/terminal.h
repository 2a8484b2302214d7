/* SPDX-License-Identifier: ISC */
/* terminal.h - what standard output is, and text that fits it: wrapped at blanks, coloured on a terminal only.
 *
 *	struct terminal t = terminal_of_stdout();
 *	buf_put_str(&out, "  waits      ");
 *	terminal_wrap(&t, (struct terminal_room){.used = 13, .indent = 13}, text, &out);
 *
 * A word that is longer than the line is never cut: what is printed can be pasted.
 *
 * Threads: terminal_of_stdout sets the locale of characters, on the main thread; the rest is reentrant. */
#ifndef SIGNPOST_SIGNPOST_TERMINAL_H
#define SIGNPOST_SIGNPOST_TERMINAL_H

#include "base/buf.h"

#define TERMINAL_WIDTH_MAX 400

struct terminal {
	unsigned width; /* columns; 0: no limit, as in a file or a pipe */
	bool color, utf8;
};

/* Columns as the terminal says, else $COLUMNS, else no limit.  Colour on a terminal that is not dumb, unless
 * $NO_COLOR is set to anything. */
struct terminal terminal_of_stdout(void);

/* Columns that the text takes. */
size_t terminal_columns(struct slice);

struct terminal_room {
	unsigned used;	 /* columns before the text in its first line */
	unsigned indent; /* of the lines that follow */
};
/* Without a newline at the end; those in the text are kept. */
void terminal_wrap(const struct terminal *, struct terminal_room, const char *text, struct buf *out);
enum terminal_ink { INK_PLAIN, INK_STRONG, INK_GOOD, INK_WARNING, INK_BAD, INK_COUNT };
/* "" where there is no colour; INK_PLAIN ends the others. */
const char *terminal_ink(const struct terminal *, enum terminal_ink);

/* A command line: it goes on behind a backslash, so that it can be pasted as it stands. */
void terminal_wrap_command(const struct terminal *, struct terminal_room, const char *text, struct buf *out);
/* Columns side by side, two blanks between them; the last one wraps below itself.  Where the columns do not fit,
 * those from `fold` on stand in a second line, further in; so does what does not fit nevertheless. */
#define TERMINAL_CELLS_MAX 6
struct terminal_row {
	const char *cells[TERMINAL_CELLS_MAX];
	unsigned widths[TERMINAL_CELLS_MAX]; /* terminal_widen over all rows; the last one's is not used */
	size_t count, fold; /* 0: never */
	size_t inked; /* of that cell */
	enum terminal_ink ink;
};
void terminal_put_row(const struct terminal *, const struct terminal_row *, struct buf *out);
void terminal_widen(unsigned *width, const char *cell);

#endif
