/* SPDX-License-Identifier: ISC */
#include "dkim/signature.h"

#include "base/base64.h"

#include <stdio.h>

#define FOLD	   "\r\n\t"
#define CHUNK_MIN  8 /* fewer octets of base64 are not worth the end of a line */
#define LABELS_MAX 253
#define NAME_MAX_H 255 /* with it no line comes near the 998 octets of RFC 5322 2.1.1 */

/* Where the next octet goes, and the column that it gets; the field's name and colon count on the first line. */
struct folder {
	struct buf *out;
	size_t column;
};

static void
put(struct folder *f, struct slice s)
{
	buf_put(f->out, s);
	f->column += s.len;
}

static void
fold(struct folder *f)
{
	buf_put_str(f->out, FOLD);
	f->column = 1;
}

/* A piece that stays whole, on this line if it fits (behind `before`), else on the next. */
static void
put_piece(struct folder *f, const char *before, struct slice piece)
{
	struct slice blank = slice_of(before);

	if (f->column + blank.len + piece.len > SIGNATURE_FOLD && f->column > 1)
		fold(f);
	else
		put(f, blank);
	put(f, piece);
}

/* Base64 may be broken anywhere (RFC 6376 2.10); `after` octets must still fit behind the end. */
static void
put_base64(struct folder *f, struct slice text, size_t after)
{
	while (text.len > 0) {
		size_t room = f->column < SIGNATURE_FOLD ? SIGNATURE_FOLD - f->column : 0;
		size_t take = text.len;
		if (take + after > room)
			take = take > room ? room : take - 1;
		if (take < text.len && take < CHUNK_MIN && f->column > 1) {
			fold(f);
			continue;
		}
		put(f, slice_sub(text, 0, take));
		text = slice_from(text, take);
		if (text.len > 0)
			fold(f);
	}
}

static void
put_tag(struct folder *f, const char *name, struct slice value)
{
	uint8_t piece[LABELS_MAX + 8];
	size_t len = 0;

	for (; name[len] != '\0'; len++)
		piece[len] = (uint8_t)name[len];
	for (size_t i = 0; i < value.len; i++)
		piece[len++] = value.ptr[i];
	piece[len++] = ';';
	put_piece(f, " ", slice_new(piece, len));
}

static void
put_time(struct folder *f, const char *name, int64_t when)
{
	char digits[24];
	size_t at = sizeof digits;

	if (when == SIGNATURE_NO_TIME)
		return;
	for (int64_t v = when; v != 0 || at == sizeof digits; v /= 10)
		digits[--at] = (char)('0' + v % 10);
	put_tag(f, name, slice_new(digits + at, sizeof digits - at));
}

static void
put_names(struct folder *f, const struct header_picks *picks)
{
	for (size_t i = 0; i < picks->count; i++) {
		struct slice name = picks->picks[i].name;
		bool first = i == 0, last = i + 1 == picks->count;
		size_t len = name.len + (first ? 2 : 0) + 1;
		if (f->column + (first ? 1 : 0) + len > SIGNATURE_FOLD && f->column > 1)
			fold(f);
		else if (first)
			put(f, SLICE_LIT(" "));
		if (first)
			put(f, SLICE_LIT("h="));
		put(f, name);
		put(f, last ? SLICE_LIT(";") : SLICE_LIT(":"));
	}
}

/* Letters, digits, '-', '.' and '_': what can be in a domain name and cannot break a tag-list. */
static int
check_labels(const char *tag, struct slice labels, struct err *err)
{
	if (labels.len == 0 || labels.len > LABELS_MAX)
		return err_set(err, ERR_INPUT, "signature: %s= takes 1 to %d octets, not %zu", tag,
		    LABELS_MAX, labels.len);
	for (size_t i = 0; i < labels.len; i++) {
		uint8_t c = labels.ptr[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '.' && c != '_')
			return err_set(err, ERR_INPUT,
			    "signature: %s= holds octet 0x%02x; write names with letters, digits, "
			    "'-' and '.', other "
			    "scripts as A-labels (xn--)",
			    tag, c);
	}
	return 0;
}

static int
check_times(const struct signature_spec *s, struct err *err)
{
	if (s->signed_at != SIGNATURE_NO_TIME && s->signed_at < 0)
		return err_set(err, ERR_INPUT, "signature: t= lies before 1970; set the clock");
	if (s->expires_at == SIGNATURE_NO_TIME)
		return 0;
	/* RFC 6376 3.5: x= MUST be greater than t= */
	if (s->expires_at < 0 || s->expires_at <= s->signed_at)
		return err_set(err, ERR_INPUT,
		    "signature: it would expire (x=%lld) before it is made (t=%lld)",
		    (long long)s->expires_at, (long long)s->signed_at);
	return 0;
}

static int
check_names(const struct header_picks *picks, struct err *err)
{
	bool from = false;

	for (size_t i = 0; i < picks->count; i++) {
		struct slice name = picks->picks[i].name;
		for (size_t j = 0; j < name.len; j++) {
			uint8_t c = name.ptr[j];
			if (!ascii_is_print(c) || c == ':' || c == ';')
				return err_set(err, ERR_INPUT,
				    "signature: h= cannot name a field with octet 0x%02x", c);
		}
		if (name.len == 0 || name.len > NAME_MAX_H)
			return err_set(err, ERR_INPUT,
			    "signature: h= cannot name a field by %zu octets", name.len);
		from = from || slice_ieq_str(name, "From");
	}
	if (!from)
		return err_set(
		    err, ERR_INPUT, "signature: h= lacks From, which RFC 6376 5.4 demands");
	return 0;
}

static void
put_canon(struct folder *f, enum canon_kind header, enum canon_kind body)
{
	char pair[32];

	int len = snprintf(pair, sizeof pair, "%s/%s", canon_name(header), canon_name(body));
	put_tag(f, "c=", slice_new(pair, (size_t)len));
}

int
signature_format(const struct signature_spec *s, struct buf *out, struct err *err)
{
	struct folder f = {out, sizeof SIGNATURE_NAME ":" - 1};
	struct buf bh;

	if (check_labels("d", s->domain, err) != 0 || check_labels("s", s->selector, err) != 0 ||
	    check_times(s, err) != 0 || check_names(s->picks, err) != 0)
		return -1;
	put_piece(&f, " ", SLICE_LIT("v=1;"));
	put_tag(&f, "a=", slice_of(key_alg_name(s->alg)));
	put_canon(&f, s->header_canon, s->body_canon);
	put_tag(&f, "d=", s->domain);
	put_tag(&f, "s=", s->selector);
	put_time(&f, "t=", s->signed_at);
	put_time(&f, "x=", s->expires_at);
	put_names(&f, s->picks);
	buf_init(&bh, BASE64_LEN(CANON_BH_LEN));
	base64_encode(slice_new(s->bh, CANON_BH_LEN), &bh);
	put_piece(&f, " ", SLICE_LIT("bh="));
	put_base64(&f, buf_slice(&bh), 1);
	put(&f, SLICE_LIT(";"));
	put_piece(&f, " ", SLICE_LIT("b="));
	int rc = buf_check(&bh, "body hash", err);
	buf_deinit(&bh);
	return rc != 0 ? -1 : buf_check(out, "DKIM-Signature field", err);
}

/* The column behind the value: octets since the last fold. */
static size_t
column_of(struct slice value)
{
	size_t at = value.len;

	while (at > 0 && value.ptr[at - 1] != '\n')
		at--;
	return value.len - at + (at == 0 ? sizeof SIGNATURE_NAME ":" - 1 : 0);
}

int
signature_append_b(struct buf *value, struct slice sig, struct err *err)
{
	struct folder f = {value, column_of(buf_slice(value))};
	struct buf b;

	if (!slice_has_suffix(buf_slice(value), SLICE_LIT("b=")))
		return err_set(err, ERR_INPUT, "signature: the field does not end in an empty b=");
	buf_init(&b, BASE64_LEN(KEY_SIG_LEN_MAX));
	base64_encode(sig, &b);
	int rc = buf_check(&b, "b=", err);
	if (rc == 0) {
		put_base64(&f, buf_slice(&b), 0);
		rc = buf_check(value, "DKIM-Signature field", err);
	}
	buf_deinit(&b);
	return rc;
}
