/* SPDX-License-Identifier: ISC */
#include "dkim/verify_copied.h"

#define COPIES_MAX 100		      /* each is compared with the header */
#define WORK_MAX   ((size_t)16 << 20) /* octets canonicalized for that */

/* dkim-quoted-printable, RFC 6376 2.11: FWS does not count, "=XX" is an octet, in small letters too. */
static void
decode_qp(struct slice in, struct buf *out)
{
	for (size_t at = 0; at < in.len; at++) {
		uint8_t c = in.ptr[at];
		int high = -1, low = -1;
		if (ascii_is_wsp(c) || c == '\r' || c == '\n')
			continue;
		if (c == '=' && at + 2 < in.len) {
			high = ascii_hex_value(in.ptr[at + 1]);
			low = ascii_hex_value(in.ptr[at + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (uint8_t)(high << 4 | low);
			at += 2;
		}
		buf_put_byte(out, c);
	}
}

bool
copied_next(const struct signature *sig, size_t *off, struct slice *name, struct buf *value)
{
	const struct tag *z = taglist_get(&sig->tags, "z");
	size_t len, colon;

	while (z != NULL && *off < z->value.len) {
		struct slice copy = slice_from(z->value, *off);
		if (slice_find(copy, '|', &len))
			copy = slice_sub(copy, 0, len);
		*off += copy.len + 1;
		if (!slice_find(copy, ':', &colon))
			continue;
		*name = slice_trim(slice_sub(copy, 0, colon));
		if (name->len == 0)
			continue;
		decode_qp(slice_from(copy, colon + 1), value);
		return true;
	}
	return false;
}

bool
copied_value(const struct signature *sig, struct slice name, struct buf *value)
{
	struct slice here;
	size_t off = 0;

	while (copied_next(sig, &off, &here, value)) {
		if (header_name_eq(here, name))
			return value->state == BUF_OK;
		buf_clear(value);
	}
	return false;
}

/* Is there a field of that name whose relaxed form is the copy's?  Much longer ones are not looked at.  When *work is
 * used up, it may be there. */
static bool
is_there(const struct header_list *list, struct slice name, struct slice value, size_t *work)
{
	struct buf want, have;
	bool same = false;

	buf_init(&want, 2 * COPIED_LEN_MAX);
	buf_init(&have, 2 * COPIED_LEN_MAX);
	canon_header(CANON_RELAXED, name, value, &want);
	size_t at = header_find_last(list, name, list->count);
	while (at != HEADER_ABSENT && !same && *work > 0) {
		const struct header_field *field = &list->fields[at];
		buf_clear(&have);
		if (field->value.len <= 2 * COPIED_LEN_MAX) {
			size_t cost = field->name.len + field->value.len + 1;
			*work -= cost < *work ? cost : *work;
			canon_header(CANON_RELAXED, field->name, field->value, &have);
			same = slice_eq(buf_slice(&want), buf_slice(&have));
		}
		at = header_find_last(list, name, at);
	}
	buf_deinit(&want);
	buf_deinit(&have);
	return same || *work == 0;
}

void
copied_tell(const struct mutation_message *m, struct verify_words *words)
{
	size_t most = mutation_work_max(m, WORK_MAX), work = most, off = 0;
	struct slice name;
	struct buf value;

	buf_init(&value, COPIED_LEN_MAX);
	for (size_t i = 0; i < COPIES_MAX && words->count < VERIFY_SAID_MAX && work > 0 &&
			   copied_next(m->sig, &off, &name, &value);
	     i++) {
		size_t cost = value.len + 1;
		work -= cost < work ? cost : work;
		if (value.state == BUF_OK && !is_there(m->others, name, buf_slice(&value), &work))
			verify_tell(words, VERIFY_SAY_COPY_DIFFERS, slice_sub(name, 0, 64),
			    slice_trim(buf_slice(&value)), slice_of(NULL));
		buf_clear(&value);
	}
	if (work == 0 && taglist_get(&m->sig->tags, "z") != NULL)
		verify_tell(
		    words, VERIFY_SAY_COPIES_MANY, slice_of(NULL), slice_of(NULL), slice_of(NULL));
	mutation_work_done(m, most - work);
	buf_deinit(&value);
}
