/* SPDX-License-Identifier: ISC */
#include "dkim/rewrite.h"

const struct rewrite REWRITES[] = {
    {REWRITE_LEADING, true, "", MUTATION_LEADING},
    {REWRITE_LEADING, true, " ", MUTATION_LEADING},
    {REWRITE_TRAILING, true, "", MUTATION_TRAILING},
    {REWRITE_FOLD, true, NULL, MUTATION_FOLDED},
    {REWRITE_FOLD, true, " ", MUTATION_FOLDED},
    {REWRITE_FOLD, true, "\r\n ", MUTATION_REFOLDED},
    {REWRITE_FOLD, true, "\r\n\t", MUTATION_REFOLDED},
    {REWRITE_FOLD, true, "\r\n        ", MUTATION_REFOLDED},
    {REWRITE_COMMA, true, "\r\n ", MUTATION_REFOLDED},
    {REWRITE_COMMA, true, "\r\n\t", MUTATION_REFOLDED},
    {REWRITE_COMMA, true, "\r\n        ", MUTATION_REFOLDED},
    {REWRITE_COMMA, false, " ", MUTATION_COMMAS},
    {REWRITE_COMMA, false, "", MUTATION_COMMAS},
    {REWRITE_TABS, true, " ", MUTATION_HEADER_TABS},
    {REWRITE_FOLD, false, "", MUTATION_WORD_BROKEN},
    {REWRITE_TABS, false, NULL, VERIFY_SAY_COUNT},
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

static void
rewrite_tabs(struct slice in, const char *glue, struct buf *out)
{
	for (size_t at = 0; at < in.len; at++) {
		if (in.ptr[at] == '\t')
			buf_put_str(out, glue);
		else
			buf_put_byte(out, in.ptr[at]);
	}
}

bool
rewrite_value(const struct rewrite *how, struct slice value, struct buf *out)
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
	case REWRITE_TABS:
		rewrite_tabs(value, how->glue, out);
		break;
	}
	return out->state == BUF_OK && !slice_eq(buf_slice(out), value);
}
