/* SPDX-License-Identifier: ISC */
/* mutation_parts.c - a multipart whose parts have the transfer encodings that they had: which of them were changed, how
 * their fields said so, and where these stood.  Each row's arg counts through a table of labels or styles, and through
 * one of choices. */
#include "dkim/mutation_encode.h"
#include "dkim/mutation_mime.h"
#include "dkim/mutation_undo.h"

#include <stdio.h>

#define FIELD	     "Content-Transfer-Encoding"
#define BASE64_TRIED 4 /* styles, of parts: the usual ones */
#define PICKS	     3 /* the first parts are chosen one by one, too */

enum { PLAIN = 1U << MIME_PLAIN, QP = 1U << MIME_QP, BASE64 = 1U << MIME_BASE64 };

/* Which parts. */
struct choice {
	unsigned encodings; /* that they have now: PLAIN and so on */
	bool text;	    /* only those of text/... */
	const char *word;   /* only those that say so; NULL: all */
	unsigned picked;    /* bits: of these, the first, the second, the third; 0: all */
};

/* What the field said; NULL: there was none. */
struct label {
	const char *word;
	unsigned up; /* so many fields further up */
	bool outer;  /* what holds parts and says 7bit now said so, too */
};

/* What is done to the chosen parts. */
struct recipe {
	enum mime_encoding to;
	unsigned style;
	struct label label;
	bool line_end; /* base64 ended in a line of its own */
};

static const struct choice DECODE[] = {{QP, false, NULL, 0}, {QP | BASE64, true, NULL, 0},
    {QP | BASE64, false, NULL, 0}, {QP | BASE64, false, NULL, 1}, {QP | BASE64, false, NULL, 2},
    {QP | BASE64, false, NULL, 4}, {QP | BASE64, false, NULL, 3}, {QP | BASE64, false, NULL, 5},
    {QP | BASE64, false, NULL, 6}};
static const struct choice TO_QP[] = {{PLAIN, true, "8bit", 0}, {PLAIN, true, NULL, 0},
    {BASE64, true, NULL, 0}, {PLAIN | BASE64, true, NULL, 0}, {QP, true, NULL, 0},
    {PLAIN | BASE64, true, NULL, 1}, {PLAIN | BASE64, true, NULL, 2},
    {PLAIN | BASE64, true, NULL, 4}};
static const struct choice TO_BASE64[] = {{PLAIN, true, "8bit", 0}, {PLAIN, true, NULL, 0},
    {QP, true, NULL, 0}, {PLAIN | QP, true, NULL, 0}, {BASE64, false, NULL, 0},
    {PLAIN | QP, true, NULL, 1}, {PLAIN | QP, true, NULL, 2}, {PLAIN | QP, true, NULL, 4}};
static const struct choice LABEL[] = {{PLAIN, false, NULL, 0}, {PLAIN, true, NULL, 0},
    {PLAIN, false, NULL, 1}, {PLAIN, false, NULL, 2}, {PLAIN, false, NULL, 4}};

/* Postfix puts the field that it changes at the end of the others. */
static const struct label WERE_PLAIN[] = {{"8bit", 0, false}, {"8bit", 1, false},
    {"8bit", 2, false}, {"7bit", 0, false}, {"7bit", 1, false}, {NULL, 0, false},
    {"8BIT", 0, false}, {"binary", 0, false}, {"8bit", 0, true}, {"8bit", 1, true},
    {"8bit", 2, true}};
static const struct label LABELS[] = {{"8bit", 0, false}, {"7bit", 0, false}, {NULL, 0, false},
    {"8bit", 1, false}, {"7bit", 1, false}};

#define COUNT(table) ((unsigned)(sizeof(table) / sizeof((table)[0])))

static bool
may_be(const struct choice *c, const struct mime_part *part)
{
	bool text = part->type.len == 0 || slice_ieq_str(slice_sub(part->type, 0, 5), "text/");

	return (c->encodings & 1U << mime_encoding(part->encoding)) != 0 && (text || !c->text) &&
	       (c->word == NULL || slice_ieq_str(part->encoding, c->word));
}

/* As bits. */
static uint64_t
chosen(const struct choice *c, const struct mime_parts *parts)
{
	uint64_t bits = 0;
	unsigned n = 0;

	for (size_t i = 0; i < parts->count; i++) {
		if (!may_be(c, &parts->list[i]))
			continue;
		if (c->picked == 0 || (n < PICKS && (c->picked & 1U << n) != 0))
			bits |= (uint64_t)1 << i;
		n++;
	}
	return bits;
}

/* 0: none, or those that an earlier row of the table has. */
static uint64_t
chosen_first(const struct choice *table, unsigned row, const struct mime_parts *parts)
{
	uint64_t bits = chosen(&table[row], parts);

	for (unsigned i = 0; i < row; i++) {
		if (chosen(&table[i], parts) == bits)
			return 0;
	}
	return bits;
}

/* Where the field before `at` begins. */
static size_t
field_before(struct slice header, size_t at)
{
	while (at > 0) {
		at--;
		if ((at == 0 || header.ptr[at - 1] == '\n') && !ascii_is_wsp(header.ptr[at]))
			break;
	}
	return at;
}

static void
put_header(const struct mime_part *part, const struct label *label, struct buf *out)
{
	struct slice header = part->header, field = part->encoding_field;
	bool there = field.len > 0;
	size_t at = there ? (size_t)(field.ptr - header.ptr) : header.len, to = at;

	for (unsigned up = label->up; up > 0; up--)
		to = field_before(header, to);
	buf_put(out, slice_sub(header, 0, to));
	if (label->word != NULL && there) {
		size_t value = (size_t)(part->encoding.ptr - field.ptr);
		buf_put(out, slice_sub(field, 0, value));
		buf_put_str(out, label->word);
		buf_put(out, slice_from(field, value + part->encoding.len));
	} else if (label->word != NULL) {
		buf_printf(out, "%s: %s\r\n", FIELD, label->word);
	}
	buf_put(out, slice_sub(header, to, at - to));
	buf_put(out, slice_from(header, at + field.len));
}

static bool
put_body(const struct mime_part *part, const struct recipe *how, struct buf *out)
{
	struct slice text = part->body;
	struct buf decoded;

	buf_init(&decoded, 2 * text.len + 2);
	bool good = mime_encoding(part->encoding) == MIME_PLAIN ||
		    mime_decode(part->encoding, text, &decoded);
	if (good && mime_encoding(part->encoding) != MIME_PLAIN)
		text = buf_slice(&decoded);
	if (good && how->to == MIME_QP)
		encode_qp(how->style, text, out);
	else if (good && how->to == MIME_BASE64)
		encode_base64(how->style, text, out);
	else if (good)
		buf_put(out, text);
	if (how->to == MIME_BASE64 && !how->line_end && out->len >= 2)
		out->len -= 2;
	good = good && decoded.state == BUF_OK;
	buf_deinit(&decoded);
	return good;
}

static bool
put_part(const struct mime_part *part, const struct recipe *how, struct buf *out)
{
	size_t before = out->len;

	put_header(part, &how->label, out);
	/* the empty line */
	buf_put(out, slice_new(part->header.ptr + part->header.len,
			 (size_t)(part->body.ptr - part->header.ptr) - part->header.len));
	if (put_body(part, how, out))
		return true;
	out->len = before;
	return false;
}

/* How many were changed. */
static unsigned
put_all(const struct mime_parts *parts, uint64_t bits, struct slice body, const struct recipe *how,
    struct buf *out)
{
	unsigned changed = 0;
	size_t done = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const struct mime_part *part = &parts->list[i];
		if ((bits & (uint64_t)1 << i) == 0)
			continue;
		size_t begin = (size_t)(part->header.ptr - body.ptr);
		buf_put(out, slice_sub(body, done, begin - done));
		done = begin;
		if (!put_part(part, how, out))
			continue;
		changed++;
		done = (size_t)(part->body.ptr - body.ptr) + part->body.len;
	}
	buf_put(out, slice_from(body, done));
	return changed;
}

/* RFC 2045 6.4: what holds parts is never encoded; who encodes the parts changes its 8bit to 7bit. */
static uint64_t
outer_parts(const struct mime_parts *parts)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const struct mime_part *part = &parts->list[i];
		if (part->holds_parts && slice_ieq_str(part->encoding, "7bit"))
			bits |= (uint64_t)1 << i;
	}
	return bits;
}

static unsigned
change_parts(const struct choice *table, unsigned row, const struct entity *in,
    const struct recipe *how, struct undone *out)
{
	struct mime_parts parts;

	if (!mime_leaves(in->type, in->body, &parts))
		return 0;
	uint64_t bits = chosen_first(table, row, &parts);
	uint64_t outer = how->label.outer ? outer_parts(&parts) : 0;
	if (bits == 0 || (how->label.outer && outer == 0))
		return 0;
	unsigned changed = put_all(&parts, bits | outer, in->body, how, &out->text);
	return changed - (unsigned)__builtin_popcountll(outer);
}

bool
undo_parts(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct recipe how = {.to = MIME_PLAIN, .label = WERE_PLAIN[row->arg / COUNT(DECODE)]};
	unsigned changed = change_parts(DECODE, row->arg % COUNT(DECODE), in, &how, out);

	snprintf(out->word, sizeof(out->word), "%u", changed);
	return changed > 0;
}

bool
undo_parts_from_qp(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	unsigned style = row->arg / COUNT(TO_QP);
	struct recipe how = {.to = MIME_QP,
	    .style = style % ENCODE_QP_STYLES,
	    .label = {"quoted-printable", style / ENCODE_QP_STYLES, false}};
	unsigned changed = change_parts(TO_QP, row->arg % COUNT(TO_QP), in, &how, out);

	snprintf(out->word, sizeof(out->word), "%u", changed);
	return changed > 0;
}

bool
undo_parts_from_base64(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	unsigned style = row->arg / COUNT(TO_BASE64);
	struct recipe how = {.to = MIME_BASE64,
	    .style = style / 2,
	    .label = {"base64", 0, false},
	    .line_end = style % 2 == 0};
	unsigned changed = change_parts(TO_BASE64, row->arg % COUNT(TO_BASE64), in, &how, out);

	snprintf(out->word, sizeof(out->word), "%u", changed);
	return changed > 0;
}

/* The octets are as they were. */
bool
undo_parts_label(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct recipe how = {.to = MIME_PLAIN, .label = LABELS[row->arg / COUNT(LABEL)]};
	unsigned changed = change_parts(LABEL, row->arg % COUNT(LABEL), in, &how, out);

	snprintf(out->word, sizeof(out->word), "%u part%s had %s", changed, changed == 1 ? "" : "s",
	    how.label.word == NULL ? "none" : how.label.word);
	return changed > 0;
}

/* Each row's `more` is what its two tables make, less one. */
const struct undo_row UNDO_ENCODINGS[] = {
    {MUTATION_PARTS_ENCODED, undo_parts, 0, COUNT(WERE_PLAIN) * COUNT(DECODE) - 1},
    {MUTATION_FROM_QP, undo_from_qp, 0, ENCODE_QP_STYLES - 1},
    {MUTATION_FROM_BASE64, undo_from_base64, 0, ENCODE_BASE64_STYLES - 1},
    {MUTATION_PARTS_LABEL, undo_parts_label, 0, COUNT(LABELS) * COUNT(LABEL) - 1},
    {MUTATION_PARTS_FROM_QP, undo_parts_from_qp, 0, 2 * ENCODE_QP_STYLES *COUNT(TO_QP) - 1},
    {MUTATION_PARTS_FROM_BASE64, undo_parts_from_base64, 0,
	BASE64_TRIED * 2 * COUNT(TO_BASE64) - 1},
    {VERIFY_SAY_COUNT, NULL, 0, 0},
};
