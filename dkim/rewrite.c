/* SPDX-License-Identifier: ISC */
#include "dkim/rewrite.h"

const struct rewrite REWRITES[] = {
    {REWRITE_TAG, false, "", "a tag in brackets was put in front of it"},
    {REWRITE_COMMA, false, " ", "the blanks behind its commas were changed"},
    {REWRITE_COMMA, false, "", "the blanks behind its commas were changed"},
    {REWRITE_LEADING, true, "", "a space was put behind its colon"},
    {REWRITE_LEADING, true, " ", "the space behind its colon was changed"},
    {REWRITE_TRAILING, true, "", "blanks were put at its end"},
    {REWRITE_FOLD, true, NULL, "it was folded into lines"},
    {REWRITE_FOLD, true, " ", "it was folded into lines"},
    {REWRITE_FOLD, true, "\r\n ", "it was folded anew"},
    {REWRITE_FOLD, true, "\r\n\t", "it was folded anew"},
    {REWRITE_FOLD, true, "\r\n        ", "it was folded anew"},
    {REWRITE_COMMA, true, "\r\n ", "it was unfolded or folded anew"},
    {REWRITE_COMMA, true, "\r\n\t", "it was unfolded or folded anew"},
    {REWRITE_COMMA, true, "\r\n        ", "it was unfolded or folded anew"},
    {REWRITE_TAG, false, NULL, NULL},
};

static bool
is_fws(uint8_t c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

static size_t
skip_fws(struct slice s, size_t at)
{
	while (at < s.len && is_fws(s.ptr[at]))
		at++;
	return at;
}

static void
rewrite_commas(struct slice in, const char *glue, struct buf *out)
{
	for (size_t at = 0; at < in.len;) {
		buf_put_byte(out, in.ptr[at]);
		if (in.ptr[at++] != ',')
			continue;
		size_t next = skip_fws(in, at);
		if (next < in.len)
			buf_put_str(out, glue);
		at = next;
	}
}

/* glue NULL: only the line end goes, the blanks behind it stay. */
static void
rewrite_folds(struct slice in, const char *glue, struct buf *out)
{
	for (size_t at = 0; at < in.len;) {
		if (in.ptr[at] != '\r' && in.ptr[at] != '\n') {
			buf_put_byte(out, in.ptr[at++]);
		} else if (glue == NULL) {
			at++;
		} else {
			buf_put_str(out, glue);
			at = skip_fws(in, at);
		}
	}
}

/* " [list] Re: x" and " Re: [list] x" come from " Re: x"; the latter keeps what stands before the bracket. */
static void
rewrite_tag(struct slice name, struct slice in, struct buf *out)
{
	size_t open, close;

	if (!slice_ieq_str(slice_trim(name), "subject") || !slice_find(in, '[', &open) ||
	    !slice_find(slice_from(in, open), ']', &close))
		return;
	buf_put(out, slice_sub(in, 0, open));
	buf_put(out, slice_from(in, skip_fws(in, open + close + 1)));
}

bool
rewrite_value(const struct rewrite *how, struct slice name, struct slice value, struct buf *out)
{
	switch (how->kind) {
	case REWRITE_COMMA:
		rewrite_commas(value, how->glue, out);
		break;
	case REWRITE_FOLD:
		rewrite_folds(value, how->glue, out);
		break;
	case REWRITE_LEADING:
		buf_put_str(out, how->glue);
		buf_put(out, slice_from(value, skip_fws(value, 0)));
		break;
	case REWRITE_TRAILING:
		buf_put(out, slice_trim_right(value));
		break;
	case REWRITE_TAG:
		rewrite_tag(name, value, out);
		if (out->len == 0)
			return false;
		break;
	}
	return out->state == BUF_OK && !slice_eq(buf_slice(out), value);
}
