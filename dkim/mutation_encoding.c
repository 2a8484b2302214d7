/* SPDX-License-Identifier: ISC */
/* mutation_encoding.c - a body of one part in the transfer encoding, or the charset, that it had. */
#include "base/scan.h"
#include "dkim/mutation_charset.h"
#include "dkim/mutation_encode.h"
#include "dkim/mutation_mime.h"
#include "dkim/mutation_undo.h"

#include <stdio.h>

/* arg 0: quoted-printable, 1: base64 */
bool
undo_transfer(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct slice encoding = slice_trim(in->encoding);

	if (mime_encoding(encoding) != (row->arg == 1 ? MIME_BASE64 : MIME_QP))
		return false;
	out->entity.encoding = slice_sub(encoding, 0, 0);
	return mime_decode(encoding, in->body, &out->text);
}

/* What it is now, for the word. */
static const char *
now_name(enum mime_encoding now, enum mime_encoding was)
{
	static const char *const NAMES[] = {"not encoded", "quoted-printable", "base64"};
	static const char *const OTHER[] = {
	    "", "quoted-printable with other line ends or capitals", "base64 in other lines"};

	return now == was ? OTHER[now] : NAMES[now];
}

static bool
undo_to(
    enum mime_encoding was, const struct undo_row *row, const struct entity *in, struct undone *out)
{
	enum mime_encoding now = mime_encoding(in->encoding);
	struct slice text = in->body;
	struct buf decoded;

	if (text.len == 0 || mime_boundary(in->type).len > 0)
		return false;
	buf_init(&decoded, 2 * text.len + 2);
	bool good = now == MIME_PLAIN || mime_decode(in->encoding, text, &decoded);
	if (now != MIME_PLAIN)
		text = buf_slice(&decoded);
	if (good && was == MIME_QP)
		encode_qp(row->arg, text, &out->text);
	else if (good)
		encode_base64(row->arg, text, &out->text);
	good = good && decoded.state == BUF_OK;
	buf_deinit(&decoded);
	out->entity.encoding = slice_of(was == MIME_QP ? "quoted-printable" : "base64");
	snprintf(out->word, sizeof(out->word), "%s", now_name(now, was));
	return good;
}

/* arg: the style */
bool
undo_from_qp(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	return undo_to(MIME_QP, row, in, out);
}

bool
undo_from_base64(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	return undo_to(MIME_BASE64, row, in, out);
}

static const struct {
	const char *label, *name;
} TRIED[] = {{"iso-8859-1", "ISO 8859-1"}, {"windows-1252", "windows-1252"}};

/* arg: which of them it was */
bool
undo_to_utf8(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	struct charset_writer was;

	snprintf(out->word, sizeof(out->word), "%s", TRIED[row->arg].name);
	if (!scan_has_8bit(in->body) ||
	    !charset_writer_open(&was, charset_find(slice_of(TRIED[row->arg].label))))
		return false;
	bool good = charset_write(&was, in->body, &out->text);
	charset_writer_close(&was);
	return good;
}

/* arg: which of them it is now */
bool
undo_to_latin1(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	snprintf(out->word, sizeof(out->word), "%s", TRIED[row->arg].name);
	return scan_has_8bit(in->body) &&
	       charset_to_utf8(slice_of(TRIED[row->arg].label), in->body, &out->text);
}
