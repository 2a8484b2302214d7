/* SPDX-License-Identifier: ISC */
#include "dkim/canon.h"

#include "dkim/sha256.h"

#include <openssl/evp.h>
#include <string.h>

#define PIECE_MIN 1024 /* from here on a piece goes to the hash without a copy */

const char *
canon_name(enum canon_kind kind)
{
	return kind == CANON_SIMPLE ? "simple" : "relaxed";
}

bool
canon_from_name(struct slice name, enum canon_kind *kind)
{
	if (slice_ieq_str(name, "simple"))
		*kind = CANON_SIMPLE;
	else if (slice_ieq_str(name, "relaxed"))
		*kind = CANON_RELAXED;
	else
		return false;
	return true;
}

int
canon_body_init(struct canon_body *b, enum canon_kind kind, struct err *err)
{
	memset(b, 0, offsetof(struct canon_body, batch));
	b->kind = kind;
	b->body_len_max = UINT64_MAX;
	b->md = EVP_MD_CTX_new();
	if (b->md == NULL)
		return err_nomem(err);
	if (sha256_md() == NULL || EVP_DigestInit_ex2(b->md, sha256_md(), NULL) != 1) {
		canon_body_deinit(b);
		return crypto_err(err, "body hash: SHA-256");
	}
	return 0;
}

void
canon_body_deinit(struct canon_body *b)
{
	EVP_MD_CTX_free(b->md);
	b->md = NULL;
}

static int
hash(struct canon_body *b, struct slice s, struct err *err)
{
	if (s.len > 0 && EVP_DigestUpdate(b->md, s.ptr, s.len) != 1)
		return crypto_err(err, "body hash");
	return 0;
}

static int
flush(struct canon_body *b, struct err *err)
{
	size_t len = b->batch_len;

	b->batch_len = 0;
	return hash(b, slice_new(b->batch, len), err);
}

/* Canonical octets, in order. */
static int
put(struct canon_body *b, struct slice s, struct err *err)
{
	uint64_t room = b->body_len_max - b->body_len;

	if (s.len > room)
		s.len = (size_t)room;
	b->body_len += s.len;
	if (b->tap != NULL && s.len > 0)
		b->tap(b->tap_arg, s);
	if (s.len > CANON_BATCH - b->batch_len || s.len >= PIECE_MIN) {
		if (flush(b, err) != 0)
			return -1;
	}
	if (s.len >= PIECE_MIN)
		return hash(b, s, err);
	if (s.len > 0)
		memcpy(b->batch + b->batch_len, s.ptr, s.len);
	b->batch_len += s.len;
	return 0;
}

/* What was held back is followed by text, so it counts: line ends, then at most one SP. */
static int
put_pending(struct canon_body *b, struct err *err)
{
	static const char CRLFS[] =
	    "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
	const uint64_t at_once = sizeof CRLFS / 2;

	while (b->crlf_pending > 0) {
		uint64_t n = b->crlf_pending < at_once ? b->crlf_pending : at_once;
		if (put(b, slice_new(CRLFS, (size_t)(2 * n)), err) != 0)
			return -1;
		b->crlf_pending -= n;
	}
	if (b->wsp_pending && put(b, SLICE_LIT(" "), err) != 0)
		return -1;
	b->wsp_pending = false;
	return 0;
}

static int
put_text(struct canon_body *b, struct slice text, struct err *err)
{
	if ((b->crlf_pending > 0 || b->wsp_pending) && put_pending(b, err) != 0)
		return -1;
	return put(b, text, err);
}

/* An LF behind a CR, and the empty lines behind that; returns their length. */
static size_t
end_lines(struct canon_body *b, struct slice s)
{
	size_t i = 1;

	while (s.len - i >= 2 && s.ptr[i] == '\r' && s.ptr[i + 1] == '\n')
		i += 2;
	b->crlf_pending += (i + 1) / 2;
	b->cr_pending = false;
	b->wsp_pending = false; /* RFC 6376 3.4.4 a: WSP at the end of a line is ignored */
	return i;
}

/* Octet by octet from the start of the chunk until an octet of text was put, so that the next run starts in
 * a known place.  *used tells how far it came. */
static int
step(struct canon_body *b, struct slice chunk, size_t *used, struct err *err)
{
	*used = 0;
	for (size_t i = 0; i < chunk.len; i = *used) {
		uint8_t c = chunk.ptr[i];
		*used = i + 1;
		if (b->wsp_pending && !b->cr_pending && ascii_is_wsp(c))
			continue;
		if (c == '\n' && b->cr_pending) {
			*used = i + end_lines(b, slice_from(chunk, i));
			continue;
		}
		/* A CR without its LF is text like any other octet. */
		if (b->cr_pending && put_text(b, SLICE_LIT("\r"), err) != 0)
			return -1;
		b->cr_pending = c == '\r';
		if (b->cr_pending)
			continue;
		if (b->kind == CANON_RELAXED && ascii_is_wsp(c)) {
			b->wsp_pending = true;
			continue;
		}
		return put_text(b, slice_new(&c, 1), err);
	}
	return 0;
}

/* The longest prefix that needs no state: as it is if that is long, squeezed into a copy if not. */
static int
put_prefix(struct canon_body *b, struct slice *chunk, struct err *err)
{
	uint8_t squeezed[SCAN_SQUEEZE];
	size_t run = b->kind == CANON_RELAXED ? scan_relaxed_run(*chunk) : scan_simple_run(*chunk);
	struct slice text = slice_sub(*chunk, 0, run);

	if (run >= PIECE_MIN || run == chunk->len || b->kind == CANON_SIMPLE)
		*chunk = slice_from(*chunk, run);
	else
		text = slice_new(squeezed, scan_relaxed_squeeze(chunk, squeezed));
	return text.len == 0 ? 0 : put_text(b, text, err);
}

int
canon_body_update(struct canon_body *b, struct slice chunk, struct err *err)
{
	size_t used;

	b->raw_len += chunk.len;
	scan_lines_update(&b->lines, chunk);
	while (chunk.len > 0) {
		if (!b->cr_pending && !b->wsp_pending && put_prefix(b, &chunk, err) != 0)
			return -1;
		if (step(b, chunk, &used, err) != 0)
			return -1;
		chunk = slice_from(chunk, used);
	}
	return 0;
}

/* RFC 6376 3.4.3, 3.4.4 b: of the line ends at the end one is kept, or added; the empty body is one CRLF in simple
 * and nothing in relaxed. */
static int
end_body(struct canon_body *b, struct err *err)
{
	if (b->cr_pending && put_text(b, SLICE_LIT("\r"), err) != 0)
		return -1;
	b->cr_pending = false;
	if (b->body_len > 0 || b->kind == CANON_SIMPLE)
		return put(b, SLICE_LIT("\r\n"), err);
	return 0;
}

int
canon_body_finish(struct canon_body *b, uint8_t bh[static CANON_BH_LEN], struct err *err)
{
	if (end_body(b, err) != 0 || flush(b, err) != 0)
		return -1;
	if (EVP_DigestFinal_ex(b->md, bh, NULL) != 1)
		return crypto_err(err, "body hash");
	return 0;
}

/* RFC 6376 3.4.2: lower case, and no WSP before the colon. */
static void
put_name_relaxed(struct slice name, struct buf *out)
{
	uint8_t lower[64];

	name = slice_trim_right(name);
	while (name.len > 0) {
		struct slice part = slice_sub(name, 0, sizeof lower);
		for (size_t i = 0; i < part.len; i++)
			lower[i] = ascii_lower(part.ptr[i]);
		buf_put(out, slice_new(lower, part.len));
		name = slice_from(name, part.len);
	}
}

/* Length of the WSP and CRLF at the start of s: a fold is a CRLF, a lone CR or LF is text. */
static size_t
blank_len(struct slice s)
{
	size_t i = 0;

	while (i < s.len) {
		if (ascii_is_wsp(s.ptr[i]))
			i++;
		else if (s.len - i >= 2 && s.ptr[i] == '\r' && s.ptr[i + 1] == '\n')
			i += 2;
		else
			break;
	}
	return i;
}

static bool
has_wsp(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (ascii_is_wsp(s.ptr[i]))
			return true;
	}
	return false;
}

/* Octets of text, and single SPs between them, stay as they are; a CR may begin a fold. */
static size_t
plain_len(struct slice s)
{
	size_t i = 0;

	for (; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (c == '\t' || c == '\r')
			break;
		if (c == ' ' &&
		    (i + 1 == s.len || ascii_is_wsp(s.ptr[i + 1]) || s.ptr[i + 1] == '\r'))
			break;
	}
	return i;
}

/* 3.4.2: unfold, a run of WSP is one SP, none at either end. */
static void
put_value_relaxed(struct slice value, struct buf *out)
{
	size_t start = blank_len(value), at = start;

	while (at < value.len) {
		struct slice rest = slice_from(value, at);
		size_t plain = plain_len(rest);
		size_t blank = blank_len(slice_from(rest, plain));
		at += plain;
		if (blank == 0) { /* the end, or a CR that is text */
			at += at < value.len;
			continue;
		}
		buf_put(out, slice_sub(value, start, at - start));
		/* CRLF without WSP is no fold, but what cannot stand in a field is taken out as others do. */
		if (at + blank < value.len && has_wsp(slice_sub(value, at, blank)))
			buf_put_byte(out, ' ');
		at += blank;
		start = at;
	}
	buf_put(out, slice_from(value, start));
}

void
canon_header(enum canon_kind kind, struct slice name, struct slice value, struct buf *out)
{
	if (kind == CANON_SIMPLE) {
		buf_put(out, name);
		buf_put_byte(out, ':');
		buf_put(out, value);
	} else {
		put_name_relaxed(name, out);
		buf_put_byte(out, ':');
		put_value_relaxed(value, out);
	}
	buf_put_str(out, "\r\n");
}
