/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <string.h>

/* Length that a first octet announces and the least code point that may be written so long. */
static size_t
lead_len(uint8_t c, uint32_t *bits, uint32_t *least)
{
	if (c < 0x80) {
		*bits = c;
		*least = 0;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		*bits = c & 0x1fU;
		*least = 0x80;
		return 2;
	}
	if (c >= 0xe0 && c <= 0xef) {
		*bits = c & 0x0fU;
		*least = 0x800;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		*bits = c & 0x07U;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
utf8_decode(struct slice s, uint32_t *code_point)
{
	uint32_t bits = 0, least = 0;

	if (s.len == 0)
		return 0;
	size_t len = lead_len(s.ptr[0], &bits, &least);
	if (len == 0 || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s.ptr[i] & 0xc0) != 0x80)
			return 0;
		bits = bits << 6 | (s.ptr[i] & 0x3fU);
	}
	if (bits < least || bits > 0x10ffff || (bits >= 0xd800 && bits <= 0xdfff))
		return 0;
	*code_point = bits;
	return len;
}

size_t
utf8_encode(uint32_t cp, uint8_t out[static UTF8_LEN_MAX])
{
	if (cp < 0x80) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (uint8_t)(0xc0 | cp >> 6);
		out[1] = (uint8_t)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (uint8_t)(0xe0 | cp >> 12);
		out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | (cp >> 18 & 0x07));
	out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (cp & 0x3f));
	return 4;
}

bool
utf8_is_valid(struct slice s)
{
	uint32_t cp;

	for (size_t at = 0; at < s.len;) {
		size_t len = utf8_decode(slice_from(s, at), &cp);
		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

bool
utf8_is_shown(uint32_t cp)
{
	bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
	bool turns = cp == 0x200e || cp == 0x200f || cp == 0x61c ||
		     (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);

	return (!control && !turns) || cp == '\n' || cp == '\t';
}

bool
utf8_next_shown(struct slice *rest, struct slice *shown)
{
	uint32_t cp;

	if (rest->len == 0)
		return false;
	size_t len = utf8_decode(*rest, &cp);
	bool good = len > 0 && utf8_is_shown(cp) && cp >= 0x20;
	*shown = good ? slice_sub(*rest, 0, len) : SLICE_LIT("?");
	*rest = slice_from(*rest, len == 0 ? 1 : len);
	return true;
}

void
utf8_defuse(char *text)
{
	struct slice rest = slice_of(text), shown;

	while (utf8_next_shown(&rest, &shown)) {
		memmove(text, shown.ptr, shown.len);
		text += shown.len;
	}
	*text = '\0';
}
