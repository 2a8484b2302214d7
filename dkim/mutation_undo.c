/* SPDX-License-Identifier: ISC */
/* mutation_undo.c - what is done to lines. */
#include "dkim/mutation_undo.h"

#include "dkim/mutation.h"

#include <stdio.h>
#include <string.h>

#define LONG_LINE_MIN 900 /* no mailer folds a shorter line behind our back */
#define TAB_MAX	      8

void
undo_count(struct undone *out, size_t n, const char *what)
{
	snprintf(out->word, sizeof(out->word), "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static bool
at_line_start(struct slice body, size_t at)
{
	return at == 0 || body.ptr[at - 1] == '\n';
}

static bool
has(struct slice body, size_t at, const char *text)
{
	size_t len = strlen(text);

	return len <= body.len - at && memcmp(body.ptr + at, text, len) == 0;
}

/* RFC 5321 4.5.2 done once too often. */
static bool
undo_dots(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	size_t changed = 0;

	(void)row;
	for (size_t at = 0; at < in->body.len; at++) {
		if (has(in->body, at, "..") && at_line_start(in->body, at))
			changed++;
		else
			buf_put_byte(&out->text, in->body.ptr[at]);
	}
	undo_count(out, changed, "line");
	return changed > 0;
}

/* arg 1: also ">>From ", as mboxrd writes it */
static bool
undo_mbox(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	size_t changed = 0, quotes;

	for (size_t at = 0; at < in->body.len; at++) {
		/* at line starts alone: each octet of the run would cost the run again */
		for (quotes = 0; (quotes > 0 || at_line_start(in->body, at)) &&
				 at + quotes < in->body.len && in->body.ptr[at + quotes] == '>';)
			quotes++;
		bool mangled = quotes > 0 && (quotes == 1 || row->arg == 1) &&
			       has(in->body, at + quotes, "From ");
		if (mangled)
			changed++;
		else
			buf_put_byte(&out->text, in->body.ptr[at]);
	}
	undo_count(out, changed, "line");
	return changed > 0;
}

/* Postfix breaks lines over smtp_line_length_limit with CRLF SP, others with CRLF alone (arg 0). */
static bool
undo_long_lines(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	const char *end = row->arg == 1 ? "\r\n " : "\r\n";
	size_t line_start = 0, changed = 0;

	for (size_t at = 0; at < in->body.len; at++) {
		if (at - line_start >= LONG_LINE_MIN && has(in->body, at, end)) {
			at += strlen(end) - 1;
			line_start = at + 1;
			changed++;
			continue;
		}
		if (in->body.ptr[at] == '\n')
			line_start = at + 1;
		buf_put_byte(&out->text, in->body.ptr[at]);
	}
	undo_count(out, changed, "place");
	return changed > 0;
}

/* Line by line: each goes to `change`, which puts what it was. */
typedef bool line_function(unsigned arg, struct slice line, struct buf *out);

static size_t
each_line(line_function *change, unsigned arg, const struct entity *in, struct undone *out)
{
	size_t changed = 0, lf;

	for (size_t at = 0; at < in->body.len; at += lf + 1) {
		struct slice line = slice_from(in->body, at);
		bool ends = slice_find(line, '\n', &lf);
		if (!ends)
			lf = line.len;
		line = slice_sub(line, 0, lf);
		if (line.len > 0 && ends && line.ptr[line.len - 1] == '\r')
			line.len--;
		changed += change(arg, line, &out->text);
		if (ends)
			buf_put_str(&out->text, "\r\n");
	}
	return changed;
}

static bool
cut_blanks(unsigned arg, struct slice line, struct buf *out)
{
	struct slice rest = line;

	while (rest.len > 0 && ascii_is_wsp(rest.ptr[rest.len - 1]))
		rest.len--;
	if (arg == 1 && slice_eq_str(rest, "--"))
		rest = slice_sub(line, 0, 3); /* the blank of a mail signature's "-- " is its own */
	buf_put(out, rest);
	return rest.len < line.len;
}

static bool
undo_blanks(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	size_t changed = each_line(cut_blanks, row->arg, in, out);

	undo_count(out, changed, "line");
	return changed > 0;
}

static bool
give_dashes_blank(unsigned arg, struct slice line, struct buf *out)
{
	bool dashes = slice_eq_str(line, "--");

	(void)arg;
	buf_put(out, line);
	buf_put_str(out, dashes ? " " : "");
	return dashes;
}

static bool
undo_dashes(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	return each_line(give_dashes_blank, row->arg, in, out) > 0;
}

static bool
spaces_to_tabs(unsigned width, struct slice line, struct buf *out)
{
	static const char SPACES[TAB_MAX + 1] = "        ";
	bool changed = false;

	for (size_t at = 0; at < line.len; at++) {
		if (has(line, at, SPACES + TAB_MAX - width)) {
			buf_put_byte(out, '\t');
			at += width - 1;
			changed = true;
		} else {
			buf_put_byte(out, line.ptr[at]);
		}
	}
	return changed;
}

static bool
tabs_to_spaces(unsigned width, struct slice line, struct buf *out)
{
	bool changed = false;

	for (size_t at = 0; at < line.len; at++) {
		if (line.ptr[at] != '\t') {
			buf_put_byte(out, line.ptr[at]);
			continue;
		}
		for (unsigned i = 0; i < width; i++)
			buf_put_byte(out, ' ');
		changed = true;
	}
	return changed;
}

static bool
undo_tabs(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	snprintf(out->word, sizeof(out->word), "%u", row->arg);
	return each_line(row->say == MUTATION_TABS ? spaces_to_tabs : tabs_to_spaces, row->arg, in,
		   out) > 0;
}

/* Each CR before `behind` goes. */
static bool
drop_cr(const struct entity *in, const char *behind, struct buf *out)
{
	bool changed = false;

	for (size_t at = 0; at < in->body.len; at++) {
		if (in->body.ptr[at] == '\r' && has(in->body, at + 1, behind))
			changed = true;
		else
			buf_put_byte(out, in->body.ptr[at]);
	}
	return changed;
}

static bool
undo_crlf(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	return drop_cr(in, row->arg == 1 ? "\r\n" : "\n", &out->text);
}

/* Every line is followed by an empty one. */
static bool
undo_doubled_lines(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	size_t changed = 0;

	(void)row;
	for (size_t at = 0; at < in->body.len; at++) {
		buf_put_byte(&out->text, in->body.ptr[at]);
		if (in->body.ptr[at] != '\n' || at + 1 == in->body.len)
			continue;
		if (!has(in->body, at + 1, "\r\n"))
			return false;
		at += 2;
		changed++;
	}
	return changed > 0;
}

static bool
undo_first_line(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	(void)row;
	buf_put_str(&out->text, "\r\n");
	buf_put(&out->text, in->body);
	return true;
}

const struct undo_row UNDO_ROWS[] = {
    {MUTATION_TO_QP, undo_transfer, 0, 0},
    {MUTATION_TO_BASE64, undo_transfer, 1, 0},
    {MUTATION_PARTS_ENCODED, undo_parts, 0, 2},
    {MUTATION_FOOTER_PART, undo_footer_part, 0, 0},
    {MUTATION_WRAPPED, undo_wrap, 1, 0},
    {MUTATION_WRAPPED, undo_wrap, 2, 0},
    {MUTATION_WRAPPED, undo_wrap, 3, 0},
    {MUTATION_FROM_MANGLED, undo_mbox, 0, 0},
    {MUTATION_FROM_MANGLED, undo_mbox, 1, 0},
    {MUTATION_DOTS_DOUBLED, undo_dots, 0, 0},
    {MUTATION_LONG_SPACE, undo_long_lines, 1, 0},
    {MUTATION_LONG_BARE, undo_long_lines, 0, 0},
    {MUTATION_BLANKS, undo_blanks, 1, 0},
    {MUTATION_BLANKS, undo_blanks, 0, 0},
    {MUTATION_SIGDASH, undo_dashes, 0, 0},
    {MUTATION_TABS, undo_tabs, 8, 0},
    {MUTATION_TABS, undo_tabs, 4, 0},
    {MUTATION_SPACES, undo_tabs, 8, 0},
    {MUTATION_SPACES, undo_tabs, 4, 0},
    {MUTATION_CR_DOUBLED, undo_crlf, 1, 0},
    {MUTATION_LINES_DOUBLED, undo_doubled_lines, 0, 0},
    {MUTATION_FIRST_LINE, undo_first_line, 0, 0},
    {MUTATION_BARE_LF, undo_crlf, 0, 0},
    {MUTATION_TO_UTF8, undo_to_utf8, 0, 0},
    {MUTATION_TO_UTF8, undo_to_utf8, 1, 0},
    {MUTATION_TO_LATIN1, undo_to_latin1, 0, 0},
    {MUTATION_TO_LATIN1, undo_to_latin1, 1, 0},
    {MUTATION_BOUNDARY, undo_boundary, 0, 0},
    {VERIFY_SAY_COUNT, NULL, 0, 0},
};

bool
undo_apply(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	*out = (struct undone){.say = row->say, .entity = *in};
	/* a tab may become eight spaces; what becomes longer than that is not tried */
	buf_init(&out->text, 2 * MUTATION_BODY_MAX);
	bool undone = row->undo(row, in, out) && out->text.state == BUF_OK;
	/* a wrapped part is where it was */
	if (undone && row->undo != undo_wrap)
		out->entity.body = buf_slice(&out->text);
	return undone;
}

void
undone_deinit(struct undone *out)
{
	buf_deinit(&out->text);
}
