/* SPDX-License-Identifier: ISC */
#include "base/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
value_of(uint8_t c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (ascii_is_alpha(c))
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void
base64_encode(struct slice in, struct buf *out)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t v = (uint32_t)in.ptr[i] << 16;
		if (left > 1)
			v |= (uint32_t)in.ptr[i + 1] << 8;
		if (left > 2)
			v |= in.ptr[i + 2];
		char quad[4] = {ALPHABET[v >> 18], ALPHABET[v >> 12 & 63], '=', '='};
		if (left > 1)
			quad[2] = ALPHABET[v >> 6 & 63];
		if (left > 2)
			quad[3] = ALPHABET[v & 63];
		buf_put(out, slice_new(quad, sizeof quad));
	}
}

/* The last group: `count` characters were gathered in v, `pad` '=' followed. */
static int
finish(uint32_t v, unsigned count, unsigned pad, struct buf *out, struct err *err)
{
	if (count == 0 && pad == 0)
		return 0;
	if (count < 2 || count + pad != 4)
		return err_set(err, ERR_INPUT, "base64 is cut: its length is not a multiple of 4");
	v <<= 6 * pad;
	if ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
		return err_set(err, ERR_INPUT, "base64 ends in stray bits");
	buf_put_byte(out, (uint8_t)(v >> 16));
	if (pad == 1)
		buf_put_byte(out, (uint8_t)(v >> 8 & 0xff));
	return 0;
}

int
base64_decode(struct slice in, struct buf *out, struct err *err)
{
	uint32_t v = 0;
	unsigned count = 0, pad = 0;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.ptr[i];
		if (ascii_is_wsp(c) || c == '\r' || c == '\n')
			continue;
		if (c == '=' && pad < 2) {
			pad++;
			continue;
		}
		int x = value_of(c);
		if (x < 0 || pad > 0)
			return err_set(err, ERR_INPUT,
			    "base64 holds a foreign character (octet 0x%02x at offset %zu)", c, i);
		v = v << 6 | (uint32_t)x;
		if (++count == 4) {
			uint8_t three[3] = {
			    (uint8_t)(v >> 16), (uint8_t)(v >> 8 & 0xff), (uint8_t)(v & 0xff)};
			buf_put(out, slice_new(three, sizeof three));
			v = 0;
			count = 0;
		}
	}
	if (finish(v, count, pad, out, err) != 0)
		return -1;
	return buf_check(out, "decoded base64", err);
}
