/* SPDX-License-Identifier: ISC */
#include "keys/table_private.h"

#include "keys/table_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the strings and rows of a text of n octets can take at most: entries of four octets are the worst. */
#define ARENA_LEN_MAX(n) (16 * (n) + 65536)

int
table_refuse(const struct table_parser *p, uint32_t line, struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, ERR_CONFIG, fmt, ap);
	va_end(ap);
	return err_wrap(err, "%s:%" PRIu32, p->name, line);
}

int
table_refuse_because(const struct table_parser *p, struct err *err, const char *context)
{
	if (err->kind != ERR_NOMEM)
		err->kind = ERR_CONFIG;
	if (*context != '\0')
		err_wrap(err, "%s", context);
	return err_wrap(err, "%s:%" PRIu32, p->name, p->line);
}

/* The line that starts at *at, without its LF; *at moves behind it. */
static struct slice
take_line(struct slice text, size_t *at)
{
	struct slice rest = slice_from(text, *at);
	size_t len;

	if (!slice_find(rest, '\n', &len)) {
		*at = text.len;
		return rest;
	}
	*at += len + 1;
	return slice_sub(rest, 0, len);
}

static bool
is_silent(struct slice line)
{
	return line.len == 0 || line.ptr[0] == '#';
}

static int
refuse_nul(struct table_parser *p, struct slice text, struct err *err)
{
	size_t nul, at = 0;

	if (!slice_find(text, '\0', &nul))
		return 0;
	for (p->line = 0; at <= nul; p->line++)
		(void)take_line(text, &at);
	return table_refuse(p, p->line, err,
	    "a NUL octet: this is no text file, or a disk lost a block of it; write the table "
	    "again "
	    "(signpost tick)");
}

/* The first row that is not silent; *at: behind it.  Returns the number of its line, 0 without any. */
static uint32_t
first_row(struct slice text, size_t *at, struct slice *row)
{
	uint32_t line = 0;

	*row = (struct slice){NULL, 0};
	for (; *at < text.len && is_silent(*row); line++)
		*row = slice_trim(take_line(text, at));
	return line;
}

bool
table_is_newer(struct slice text)
{
	struct slice row;
	size_t at = 0;
	uint64_t format;

	(void)first_row(text, &at, &row);
	struct slice word = table_first_word(row);
	return slice_eq_str(word, "signpost-table") &&
	       slice_to_u64(slice_trim(slice_from(row, word.len)), UINT32_MAX, &format) &&
	       format > TABLE_FORMAT;
}

/* The first row tells the format, so that a newer one is not called wrong line by line.  *at: behind it. */
static int
check_format(struct table_parser *p, struct slice text, size_t *at, struct err *err)
{
	struct slice line;
	uint64_t format;

	p->line = first_row(text, at, &line);
	struct slice word = table_first_word(line);
	if (!slice_eq_str(word, "signpost-table"))
		return table_refuse(p, p->line == 0 ? 1 : p->line, err,
		    "no signing table: the first row must be `signpost-table %d`", TABLE_FORMAT);
	word = slice_trim(slice_from(line, word.len));
	if (!slice_to_u64(word, UINT32_MAX, &format) || format == 0)
		return table_refuse(p, p->line, err,
		    "format `%.*s` is no number; this program reads format %d",
		    SLICE_ARG(slice_sub(word, 0, 40)), TABLE_FORMAT);
	if (format > TABLE_FORMAT)
		return table_refuse(p, p->line, err,
		    "format %" PRIu64
		    " is newer than this program (%d): update signpost-milter, or write the "
		    "table with a signpost of its age",
		    format, TABLE_FORMAT);
	return 0;
}

/* Looked at before the rows: a cut table is told as cut, whatever its last row became by it.  *end: offset of
 * the end line. */
static int
check_end(struct table_parser *p, struct slice text, size_t *end, struct err *err)
{
	uint32_t lines = 0, end_line = 0;
	uint64_t told;
	struct slice count = {NULL, 0}, behind = {NULL, 0};

	for (size_t at = 0; at < text.len; lines++) {
		size_t start = at;
		struct slice line = slice_trim(take_line(text, &at));
		if (!slice_eq_str(table_first_word(line), "end"))
			continue;
		if (end_line != 0)
			break;
		end_line = lines + 1;
		count = slice_trim(slice_from(line, 3));
		behind = slice_from(text, at);
		*end = start;
	}
	if (end_line == 0)
		return table_refuse(p, lines == 0 ? 1 : lines, err,
		    "no `end` line: the file is cut; write it again (signpost tick), or add `end "
		    "%" PRIu32 "` as its last line",
		    lines);
	if (!slice_to_u64(count, UINT32_MAX, &told))
		return table_refuse(p, end_line, err,
		    "`end %.*s` needs the number of lines before it: `end %" PRIu32 "`",
		    SLICE_ARG(slice_sub(count, 0, 40)), end_line - 1);
	if (told != end_line - 1)
		return table_refuse(p, end_line, err,
		    "has %" PRIu32 " lines before `end %" PRIu64
		    "`: the file is cut, or was edited; count its lines and mend the number",
		    end_line - 1, told);
	if (behind.len > 0)
		return table_refuse(p, end_line + 1, err,
		    "lines stand behind the end line; move them before it and mend its number");
	return 0;
}

/* How many rows of each kind there can be at most, so that each array is made once. */
static int
make_room(struct table_parser *p, struct slice rows, struct err *err)
{
	size_t domains = 0, keys = 0, allows = 0;

	for (size_t at = 0; at < rows.len;) {
		struct slice word = table_first_word(slice_trim(take_line(rows, &at)));
		domains += slice_eq_str(word, "domain");
		keys += slice_eq_str(word, "key");
		allows += slice_eq_str(word, "allow");
	}
	p->table->domains = arena_alloc(p->arena, domains * sizeof *p->table->domains);
	p->table->allows = arena_alloc(p->arena, allows * sizeof *p->table->allows);
	p->keys = calloc(keys + 1, sizeof *p->keys);
	if (p->table->domains == NULL || p->table->allows == NULL || p->keys == NULL)
		return err_nomem(err);
	return 0;
}

static int
parse_text(struct table_parser *p, struct slice text, struct err *err)
{
	size_t at = 0, end = 0;

	if (text.len > TABLE_LEN_MAX)
		return table_refuse(p, 1, err, "longer than %u octets", TABLE_LEN_MAX);
	if (refuse_nul(p, text, err) != 0 || check_format(p, text, &at, err) != 0 ||
	    check_end(p, text, &end, err) != 0)
		return -1;
	struct slice rows = slice_sub(text, 0, end);
	if (make_room(p, rows, err) != 0)
		return -1;
	while (at < rows.len) {
		p->line++;
		p->rest = slice_trim(take_line(rows, &at));
		if (!is_silent(p->rest) && table_row_parse(p, err) != 0)
			return -1;
	}
	if (!p->generation_seen)
		return table_refuse(p, p->line, err,
		    "no generation row; write `generation 1` behind the first row");
	return table_link(p, err);
}

int
table_parse(struct slice text, const char *name, struct table **out, struct err *err)
{
	struct table_box *box = calloc(1, sizeof *box);

	if (box == NULL)
		return err_nomem(err);
	arena_init(&box->arena, ARENA_LEN_MAX(text.len));
	box->table.date = TABLE_NO_DATE;
	table_settings_default(&box->table.settings);
	struct table_parser p = {.table = &box->table, .arena = &box->arena, .name = name};
	buf_init(&p.octets, 2 * KEY_SPKI_HASH_LEN);
	int result = parse_text(&p, text, err);
	buf_deinit(&p.octets);
	free(p.keys);
	if (result != 0) {
		table_free(&box->table);
		return -1;
	}
	*out = &box->table;
	return 0;
}
