/* SPDX-License-Identifier: ISC */
#include "keys/table_rows.h"

#include <string.h>

struct slice
table_first_word(struct slice line)
{
	size_t len = 0;

	while (len < line.len && !ascii_is_wsp(line.ptr[len]))
		len++;
	return slice_sub(line, 0, len);
}

/* The inside of a quoted word, \" and \\ undone; p->rest starts behind the opening quote. */
static int
next_quoted(struct table_parser *p, struct slice *word, struct err *err)
{
	size_t end = 0, len = 0;

	while (end < p->rest.len && p->rest.ptr[end] != '"')
		end += p->rest.ptr[end] == '\\' ? 2 : 1;
	if (end >= p->rest.len)
		return table_refuse(p, p->line, err, "a quoted word has no closing quote; add it");
	uint8_t *text = arena_alloc(p->arena, end);
	if (text == NULL)
		return err_nomem(err);
	for (size_t at = 0; at < end; at++) {
		if (p->rest.ptr[at] == '\\')
			at++;
		text[len++] = p->rest.ptr[at];
	}
	*word = slice_new(text, len);
	p->rest = slice_from(p->rest, end + 1);
	if (p->rest.len > 0 && !ascii_is_wsp(p->rest.ptr[0]))
		return table_refuse(p, p->line, err,
		    "`%.*s` touches a closing quote; put a space between",
		    TABLE_SHOW(table_first_word(p->rest)));
	return 1;
}

int
table_next_word(struct table_parser *p, struct slice *word, struct err *err)
{
	size_t at = 0;

	while (at < p->rest.len && ascii_is_wsp(p->rest.ptr[at]))
		at++;
	p->rest = slice_from(p->rest, at);
	if (p->rest.len == 0)
		return 0;
	if (p->rest.ptr[0] == '"') {
		p->rest = slice_from(p->rest, 1);
		return next_quoted(p, word, err);
	}
	*word = table_first_word(p->rest);
	p->rest = slice_from(p->rest, word->len);
	if (slice_find(*word, '"', &at))
		return table_refuse(p, p->line, err,
		    "`%.*s` has a quote inside; quote the whole word, as \"a word\"",
		    TABLE_SHOW(*word));
	return 1;
}

int
table_need_word(struct table_parser *p, struct slice *word, const char *what, struct err *err)
{
	int got = table_next_word(p, word, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return table_refuse(p, p->line, err, "the row ends where %s should stand", what);
	return 0;
}

int
table_need_end(struct table_parser *p, struct err *err)
{
	struct slice word = {NULL, 0};
	int got = table_next_word(p, &word, err);

	if (got > 0)
		return table_refuse(p, p->line, err, "`%.*s` is too much in this row; take it out",
		    TABLE_SHOW(word));
	return got;
}

char *
table_keep(struct table_parser *p, struct slice text, struct err *err)
{
	uint8_t *copy = arena_alloc(p->arena, text.len + 1);

	if (copy == NULL) {
		err_nomem(err);
		return NULL;
	}
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return (char *)copy;
}
