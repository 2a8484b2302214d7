/* SPDX-License-Identifier: ISC */
#include "dkim/verify_trial.h"

#define COPIED_LEN_MAX ((size_t)64 << 10)
#define COPIED_SHOW    64

static int
hex_value(uint8_t c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* dkim-quoted-printable, RFC 6376 2.11: FWS does not count, "=XX" is an octet. */
static void
decode_qp(struct slice in, struct buf *out)
{
	for (size_t at = 0; at < in.len; at++) {
		uint8_t c = in.ptr[at];
		int high = -1, low = -1;
		if (ascii_is_wsp(c) || c == '\r' || c == '\n')
			continue;
		if (c == '=' && at + 2 < in.len) {
			high = hex_value(in.ptr[at + 1]);
			low = hex_value(in.ptr[at + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (uint8_t)(high << 4 | low);
			at += 2;
		}
		buf_put_byte(out, c);
	}
}

/* Is there a field of that name whose relaxed form is the copy's? */
static bool
still_there(const struct header_list *list, struct slice name, struct slice value)
{
	struct buf want, have;
	bool same = false;

	buf_init(&want, COPIED_LEN_MAX);
	buf_init(&have, COPIED_LEN_MAX);
	canon_header(CANON_RELAXED, name, value, &want);
	size_t at = header_find_last(list, name, list->count);
	while (at != HEADER_ABSENT && !same) {
		buf_clear(&have);
		canon_header(CANON_RELAXED, list->fields[at].name, list->fields[at].value, &have);
		same = slice_eq(buf_slice(&want), buf_slice(&have));
		at = header_find_last(list, name, at);
	}
	buf_deinit(&want);
	buf_deinit(&have);
	return same;
}

/* "Name:value" of z=. */
static bool
copy_differs(const struct header_list *list, struct slice copy, struct buf *found)
{
	size_t colon;
	struct buf value;
	bool differs = false;

	if (!slice_find(copy, ':', &colon))
		return false;
	struct slice name = slice_trim(slice_sub(copy, 0, colon));
	if (name.len == 0)
		return false;
	buf_init(&value, COPIED_LEN_MAX);
	decode_qp(slice_from(copy, colon + 1), &value);
	if (value.state == BUF_OK && !still_there(list, name, buf_slice(&value))) {
		struct slice shown = slice_trim(buf_slice(&value));
		buf_printf(found, "z= says that %.*s was \"%.*s%s\" when it was signed",
		    SLICE_ARG(slice_sub(name, 0, 64)), SLICE_ARG(slice_sub(shown, 0, COPIED_SHOW)),
		    shown.len > COPIED_SHOW ? "..." : "");
		differs = true;
	}
	buf_deinit(&value);
	return differs;
}

bool
trial_copied(const struct cover_list *l, struct buf *found)
{
	const struct tag *z = taglist_get(&l->sig->tags, "z");
	size_t off = 0, len;

	while (z != NULL && off < z->value.len) {
		struct slice rest = slice_from(z->value, off);
		if (!slice_find(rest, '|', &len))
			len = rest.len;
		if (copy_differs(l->list, slice_sub(rest, 0, len), found))
			return true;
		off += len + 1;
	}
	return false;
}
