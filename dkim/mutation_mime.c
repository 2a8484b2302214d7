/* SPDX-License-Identifier: ISC */
#include "dkim/mutation_mime.h"

#include "base/base64.h"
#include "dkim/header.h"
#include "dkim/mutation_undo.h"

#include <stdio.h>
#include <string.h>

#define PART_FIELDS_MAX 200 /* a part may be a message */
#define BOUNDARY_MAX	200
#define DEPTH_MAX	4 /* multiparts and messages in multiparts */
#define OPENED_MAX	8 /* that are looked into: each may have MIME_PARTS_MAX parts */

static bool
is_param_end(uint8_t c)
{
	return ascii_is_wsp(c) || c == ';' || c == '\r' || c == '\n' || c == '"';
}

/* Its value may be quoted; a backslash in one is nobody's boundary. */
struct slice
mime_boundary(struct slice type)
{
	static const char NAME[] = "boundary=";
	const size_t name_len = sizeof(NAME) - 1;
	struct slice none = {NULL, 0};

	if (type.len < 10 || !slice_ieq_str(slice_sub(slice_trim(type), 0, 10), "multipart/"))
		return none;
	for (size_t at = 10; at + name_len < type.len; at++) {
		if (!slice_ieq_str(slice_sub(type, at, name_len), NAME))
			continue;
		struct slice value = slice_from(type, at + name_len);
		size_t len = 0;
		if (value.ptr[0] == '"')
			value = slice_from(value, 1);
		while (len < value.len && !is_param_end(value.ptr[len]))
			len++;
		while (len < value.len && type.ptr[at + name_len] == '"' && value.ptr[len] != '"')
			len++;
		value = slice_sub(value, 0, len);
		/* a fold inside the quotes: no line holds that */
		bool folded = slice_find(value, '\n', &at) || slice_find(value, '\r', &at);
		return len <= BOUNDARY_MAX && !folded ? value : none;
	}
	return none;
}

/* Offset of the next line "--BOUNDARY" at or behind `at`; body.len: there is none.  *next: behind that line. */
static size_t
find_delimiter(struct slice body, struct slice boundary, size_t at, size_t *next)
{
	size_t lf;

	while (at < body.len) {
		struct slice line = slice_from(body, at);
		if (!slice_find(line, '\n', &lf))
			lf = line.len - 1;
		*next = at + lf + 1;
		if (line.len >= boundary.len + 2 && line.ptr[0] == '-' && line.ptr[1] == '-' &&
		    slice_eq(slice_sub(line, 2, boundary.len), boundary))
			return at;
		at = *next;
	}
	*next = body.len;
	return body.len;
}

static void
read_encoding(struct mime_part *part, const struct header_field *field)
{
	size_t begin = (size_t)(field->name.ptr - part->header.ptr), lf;
	size_t end = (size_t)(field->value.ptr - part->header.ptr) + field->value.len;

	part->encoding = slice_trim(field->value);
	if (slice_find(slice_from(part->header, end), '\n', &lf))
		part->encoding_field = slice_sub(part->header, begin, end + lf + 1 - begin);
}

static void
read_part_header(struct mime_part *part)
{
	struct header_list list = {0};
	struct err err = ERR_INIT;
	size_t off;

	if (header_list_parse(&list, part->header, PART_FIELDS_MAX, &off, &err) == 0) {
		size_t type = header_find_last(&list, SLICE_LIT("Content-Type"), list.count);
		size_t encoding =
		    header_find_last(&list, SLICE_LIT("Content-Transfer-Encoding"), list.count);
		if (type != HEADER_ABSENT)
			part->type = slice_trim(list.fields[type].value);
		if (encoding != HEADER_ABSENT)
			read_encoding(part, &list.fields[encoding]);
	}
	header_list_deinit(&list);
}

/* Header and body are parted by an empty line; without one all of it is body. */
static void
split_part(struct slice text, struct mime_part *part)
{
	part->header = slice_sub(text, 0, 0);
	part->body = text;
	if (text.len >= 2 && memcmp(text.ptr, "\r\n", 2) == 0) {
		part->body = slice_from(text, 2);
		return;
	}
	for (size_t at = 0; at + 4 <= text.len; at++) {
		if (memcmp(text.ptr + at, "\r\n\r\n", 4) != 0)
			continue;
		part->header = slice_sub(text, 0, at + 2);
		part->body = slice_from(text, at + 4);
		break;
	}
	read_part_header(part);
}

bool
mime_split(struct slice type, struct slice body, struct mime_parts *out)
{
	struct slice boundary = mime_boundary(type);
	size_t next, at;

	out->count = 0;
	out->close = body.len;
	if (boundary.len == 0)
		return false;
	at = find_delimiter(body, boundary, 0, &next);
	while (at < body.len && out->count < MIME_PARTS_MAX) {
		size_t begin = next, delimiter = at;
		struct slice behind = slice_from(body, at + 2 + boundary.len);
		if (behind.len >= 2 && memcmp(behind.ptr, "--", 2) == 0) {
			out->close = at;
			break;
		}
		at = find_delimiter(body, boundary, begin, &next);
		size_t end = at >= begin + 2 && at < body.len ? at - 2 : at;
		struct mime_part *part = &out->list[out->count++];
		*part = (struct mime_part){.delimiter = delimiter};
		split_part(slice_sub(body, begin, end - begin), part);
	}
	return out->count > 0;
}

/* RFC 2046 5.2.1, RFC 6532 3.7: its body is a message. */
static bool
is_message(const struct mime_part *part)
{
	return mime_encoding(part->encoding) == MIME_PLAIN &&
	       (slice_ieq_str(slice_sub(part->type, 0, 14), "message/rfc822") ||
		   slice_ieq_str(slice_sub(part->type, 0, 14), "message/global"));
}

/* The parts of a multipart; a message is one part, whose header is its own. */
static bool
open_part(const struct mime_part *whole, struct mime_parts *out)
{
	if (!is_message(whole))
		return mime_split(whole->type, whole->body, out);
	out->count = 1;
	out->list[0] = (struct mime_part){.delimiter = 0};
	split_part(whole->body, &out->list[0]);
	return out->list[0].header.len > 0;
}

static void
add_leaves(const struct mime_part *whole, unsigned depth, unsigned *opened, struct mime_parts *out)
{
	struct mime_parts here;

	if (*opened == OPENED_MAX || !open_part(whole, &here))
		return;
	++*opened;
	if (whole->encoding_field.len > 0 && out->count < MIME_PARTS_MAX) {
		struct mime_part *outer = &out->list[out->count++];
		*outer = *whole;
		outer->holds_parts = true;
		outer->body.len = 0;
	}
	for (size_t i = 0; i < here.count && out->count < MIME_PARTS_MAX; i++) {
		size_t before = out->count;
		if (depth < DEPTH_MAX)
			add_leaves(&here.list[i], depth + 1, opened, out);
		if (out->count == before)
			out->list[out->count++] = here.list[i];
	}
}

bool
mime_leaves(struct slice type, struct slice body, struct mime_parts *out)
{
	unsigned opened = 0;

	out->count = 0;
	out->close = body.len;
	add_leaves(&(struct mime_part){.type = type, .body = body}, 0, &opened, out);
	return out->count > 0;
}

enum mime_encoding
mime_encoding(struct slice encoding)
{
	encoding = slice_trim(encoding);
	if (slice_ieq_str(encoding, "quoted-printable"))
		return MIME_QP;
	return slice_ieq_str(encoding, "base64") ? MIME_BASE64 : MIME_PLAIN;
}

/* RFC 2045 6.7 */
static void
decode_qp(struct slice in, struct buf *out)
{
	for (size_t at = 0; at < in.len; at++) {
		struct slice rest = slice_from(in, at);
		int high = rest.len > 2 ? ascii_hex_value(rest.ptr[1]) : -1;
		int low = rest.len > 2 ? ascii_hex_value(rest.ptr[2]) : -1;
		if (rest.ptr[0] == '=' && high >= 0 && low >= 0) {
			buf_put_byte(out, (uint8_t)(high << 4 | low));
			at += 2;
		} else if (rest.len > 2 && memcmp(rest.ptr, "=\r\n", 3) == 0) {
			at += 2;
		} else {
			buf_put_byte(out, rest.ptr[0]);
		}
	}
}

static bool
decode_base64(struct slice in, struct buf *out)
{
	struct err err = ERR_INIT;
	struct buf octets;

	buf_init(&octets, in.len);
	bool good = base64_decode(in, &octets, &err) == 0;
	for (size_t i = 0; good && i < octets.len; i++) {
		if (octets.data[i] == '\n' && (i == 0 || octets.data[i - 1] != '\r'))
			buf_put_byte(out, '\r');
		buf_put_byte(out, octets.data[i]);
	}
	buf_deinit(&octets);
	return good;
}

bool
mime_decode(struct slice encoding, struct slice octets, struct buf *out)
{
	switch (mime_encoding(encoding)) {
	case MIME_QP:
		decode_qp(octets, out);
		return true;
	case MIME_BASE64:
		return decode_base64(octets, out);
	case MIME_PLAIN:
		break;
	}
	return false;
}

bool
undo_wrap(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct mime_parts parts;

	if (!mime_split(in->type, in->body, &parts) || parts.count < row->arg)
		return false;
	const struct mime_part *part = &parts.list[row->arg - 1];
	out->entity.body = part->body;
	out->entity.type = part->type;
	out->entity.encoding = part->encoding;
	snprintf(out->word, sizeof(out->word), "%u", row->arg);
	return true;
}

static void
first_line(struct slice text, struct undone *out)
{
	size_t lf;

	text = slice_trim(text);
	if (!slice_find(text, '\n', &lf))
		lf = text.len;
	snprintf(out->word, sizeof(out->word), "%.*s",
	    SLICE_ARG(slice_sub(slice_trim(slice_sub(text, 0, lf)), 0, UNDO_WORD_LEN)));
}

bool
undo_footer_part(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct mime_parts parts;

	(void)row;
	if (!mime_split(in->type, in->body, &parts) || parts.count < 2 ||
	    parts.close == in->body.len)
		return false;
	const struct mime_part *last = &parts.list[parts.count - 1];
	buf_put(&out->text, slice_sub(in->body, 0, last->delimiter));
	buf_put(&out->text, slice_from(in->body, parts.close));
	first_line(last->body, out);
	return true;
}

bool
undo_boundary(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct slice was = mime_boundary(in->signed_type), is = mime_boundary(in->type);
	size_t next = 0;

	(void)row;
	if (was.len == 0 || is.len == 0 || slice_eq(was, is))
		return false;
	for (size_t from = 0; from < in->body.len;) {
		size_t at = find_delimiter(in->body, is, from, &next);
		buf_put(&out->text, slice_sub(in->body, from, at - from));
		if (at == in->body.len)
			break;
		buf_put_str(&out->text, "--");
		buf_put(&out->text, was);
		from = at + 2 + is.len;
		buf_put(&out->text, slice_sub(in->body, from, next - from));
		from = next;
	}
	snprintf(out->word, sizeof(out->word), "%.*s", SLICE_ARG(slice_sub(was, 0, UNDO_WORD_LEN)));
	out->entity.type = in->signed_type;
	return true;
}
