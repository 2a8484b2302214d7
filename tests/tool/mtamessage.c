/* SPDX-License-Identifier: ISC */
#include "tests/tool/mtamessage.h"

#include <string.h>

#define MESSAGE_LEN_MAX (256u << 20)
#define FIELDS_MAX	200000

/* The line at *at without its line end; *at moves behind that. */
static struct slice
take_line(struct slice text, size_t *at)
{
	struct slice line = slice_from(text, *at);
	size_t len;

	if (!slice_find(line, '\n', &len)) {
		*at = text.len;
		return line;
	}
	*at += len + 1;
	if (len > 0 && line.ptr[len - 1] == '\r')
		len--;
	return slice_sub(line, 0, len);
}

/* RFC 5322 3.6.8: printable but no colon; WSP before the colon is the obsolete form.  0: this is no field. */
static size_t
name_len(struct slice line, size_t *colon)
{
	size_t len = 0;

	while (len < line.len && ascii_is_print(line.ptr[len]) && line.ptr[len] != ':')
		len++;
	*colon = len;
	while (*colon < line.len && ascii_is_wsp(line.ptr[*colon]))
		++*colon;
	return *colon < line.len && line.ptr[*colon] == ':' ? len : 0;
}

static int
add_field(struct mta_message *m, struct slice name, struct slice value, struct err *err)
{
	size_t nul;

	if (slice_find(value, '\0', &nul))
		value = slice_sub(value, 0, nul);
	name = arena_copy(&m->arena, name);
	value = arena_copy(&m->arena, value);
	if (name.ptr == NULL || value.ptr == NULL)
		return err_nomem(err);
	return header_list_add(&m->headers, name, value, FIELDS_MAX, err);
}

/* The field that starts with the line behind which *at is, its folded lines included. */
static int
take_field(struct mta_message *m, struct slice text, size_t *at, const struct header_field *first,
    struct err *err)
{
	struct buf value;

	buf_init(&value, MESSAGE_LEN_MAX);
	buf_put(&value, first->value);
	while (*at < text.len && ascii_is_wsp(text.ptr[*at])) {
		buf_put_byte(&value, '\n');
		buf_put(&value, take_line(text, at));
	}
	int result = buf_check(&value, "a header field", err);
	if (result == 0)
		result = add_field(m, first->name, buf_slice(&value), err);
	buf_deinit(&value);
	return result;
}

static void
put_body(struct mta_message *m, struct slice text, bool crlf)
{
	size_t at;

	while (!crlf && slice_find(text, '\n', &at)) {
		buf_put(&m->body, slice_sub(text, 0, at));
		buf_put_str(&m->body, "\r\n");
		text = slice_from(text, at + 1);
	}
	buf_put(&m->body, text);
}

int
mta_message_parse(struct mta_message *m, struct slice file, bool keep_wsp, struct err *err)
{
	size_t at = 0, colon, lf;
	bool crlf = slice_find(file, '\n', &lf) && lf > 0 && file.ptr[lf - 1] == '\r';

	*m = (struct mta_message){.headers.count = 0};
	arena_init(&m->arena, MESSAGE_LEN_MAX);
	buf_init(&m->body, MESSAGE_LEN_MAX);
	while (at < file.len) {
		size_t start = at;
		struct slice line = take_line(file, &at);
		if (line.len == 0)
			break;
		size_t len = name_len(line, &colon);
		if (len == 0) {
			at = start;
			break;
		}
		const struct header_field first = {
		    slice_sub(line, 0, keep_wsp ? colon : len), slice_from(line, colon + 1)};
		if (take_field(m, file, &at, &first, err) != 0)
			return -1;
	}
	put_body(m, slice_from(file, at), crlf);
	return buf_check(&m->body, "the body", err);
}

void
mta_message_deinit(struct mta_message *m)
{
	header_list_deinit(&m->headers);
	arena_deinit(&m->arena);
	buf_deinit(&m->body);
}

void
mta_field_format(struct slice name, struct slice value, struct buf *out)
{
	buf_put(out, name);
	buf_put_byte(out, ':');
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '\n')
			buf_put_byte(out, '\r');
		buf_put_byte(out, value.ptr[i]);
	}
	buf_put_str(out, "\r\n");
}
