/* SPDX-License-Identifier: ISC */
/* mutation_charset.c - a body in the charset that it had. */
#include "dkim/mutation_charset.h"

#include "base/utf8.h"
#include "dkim/mutation_undo.h"

#include <stdio.h>

#define C1_FIRST 0x80
#define C1_COUNT 32

/* windows-1252 where it differs from ISO 8859-1; 0: not assigned */
static const uint16_t WINDOWS[C1_COUNT] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
    0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
    0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static const char *const NAMES[] = {"ISO 8859-1", "windows-1252"};

/* 0: the charset has no such character. */
static uint8_t
to_octet(uint32_t code, bool windows)
{
	if (code >= 0xa0 && code <= 0xff)
		return (uint8_t)code;
	if (!windows)
		return code >= C1_FIRST && code < 0xa0 ? (uint8_t)code : 0;
	for (size_t i = 0; i < C1_COUNT; i++) {
		if (WINDOWS[i] == code)
			return (uint8_t)(C1_FIRST + i);
	}
	return 0;
}

bool
undo_to_utf8(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	bool changed = false;
	uint32_t code = 0;

	snprintf(out->word, sizeof(out->word), "%s", NAMES[row->arg]);
	for (size_t at = 0, len; at < in->body.len; at += len) {
		len = utf8_decode(slice_from(in->body, at), &code);
		uint8_t c = code < 0x80 ? (uint8_t)code : to_octet(code, row->arg == 1);
		if (len == 0 || (c == 0 && code != 0))
			return false;
		changed = changed || code >= 0x80;
		buf_put_byte(&out->text, c);
	}
	return changed;
}

/* *changed: not all of it is ASCII. */
static bool
put_utf8(bool windows, struct slice in, struct buf *out, bool *changed)
{
	uint8_t octets[UTF8_LEN_MAX];

	for (size_t at = 0; at < in.len; at++) {
		uint32_t code = in.ptr[at];
		if (windows && code >= C1_FIRST && code < C1_FIRST + C1_COUNT)
			code = WINDOWS[code - C1_FIRST];
		*changed = *changed || code >= 0x80;
		if (code == 0 && in.ptr[at] != 0)
			return false;
		buf_put(out, slice_new(octets, utf8_encode(code, octets)));
	}
	return true;
}

bool
charset_to_utf8(struct slice charset, struct slice octets, struct buf *out)
{
	bool changed = false;

	if (slice_ieq_str(charset, "iso-8859-1") || slice_ieq_str(charset, "windows-1252"))
		return put_utf8(
		    charset.ptr[0] == 'w' || charset.ptr[0] == 'W', octets, out, &changed);
	if ((!slice_ieq_str(charset, "utf-8") && !slice_ieq_str(charset, "us-ascii")) ||
	    !utf8_is_valid(octets))
		return false;
	buf_put(out, octets);
	return true;
}

bool
undo_to_latin1(const struct undo_row *row, const struct entity *in, struct undone *out)
{
	bool changed = false;

	snprintf(out->word, sizeof(out->word), "%s", NAMES[row->arg]);
	return put_utf8(row->arg == 1, in->body, &out->text, &changed) && changed;
}
