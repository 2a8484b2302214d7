/* SPDX-License-Identifier: ISC */
#include "base/scan.h"

#include <string.h>

#define BLOCK 64 /* octets looked at in one step */

/* Vectors of the compiler's: SSE2, NEON or what the machine has, plain words elsewhere. */
typedef uint8_t octets __attribute__((vector_size(16)));
typedef uint64_t words __attribute__((vector_size(16)));

static octets
load(const uint8_t *p)
{
	octets v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* 0xff where the run must end: HTAB, or SP with SP or CR behind it.  Reads p[0..16]. */
static octets
stops(const uint8_t *p)
{
	octets here = load(p), next = load(p + 1);

	return (octets)((here == '\t') | ((here == ' ') & ((next == ' ') | (next == '\r'))));
}

static bool
is_stop(uint8_t here, uint8_t next)
{
	return here == '\t' || (here == ' ' && (next == ' ' || next == '\r'));
}

static bool
any(octets v)
{
	words w = (words)v;

	return (w[0] | w[1]) != 0;
}

/* Whether p[0..63] holds a stop, and where the first one is.  Reads p[64] too. */
static bool
block_stop(const uint8_t *p, size_t *at)
{
	octets found[BLOCK / 16] = {stops(p), stops(p + 16), stops(p + 32), stops(p + 48)};
	uint8_t map[BLOCK];

	if (!any(found[0] | found[1] | found[2] | found[3]))
		return false;
	/* cppcheck-suppress bufferAccessOutOfBounds // it does not know vectors */
	memcpy(map, found, sizeof map);
	*at = 0;
	while (map[*at] == 0)
		++*at;
	return true;
}

static size_t
first_stop(struct slice s)
{
	size_t i = 0, at;

	for (; s.len - i > BLOCK; i += BLOCK) {
		if (block_stop(s.ptr + i, &at))
			return i + at;
	}
	/* The last octet has no next one: the caller's trimming deals with it when it is SP. */
	for (; i < s.len; i++) {
		if (is_stop(s.ptr[i], i + 1 < s.len ? s.ptr[i + 1] : 0))
			return i;
	}
	return s.len;
}

/* Without the CR, CRLF and, if asked, SP at the end.  An LF without CR is text and stays: were it cut, a body of
 * bare LFs would be scanned anew for each of them. */
static size_t
trim(const uint8_t *p, size_t len, bool sp)
{
	while (len > 0) {
		uint8_t last = p[len - 1];
		if (last == '\r' || (sp && last == ' '))
			len--;
		else if (last == '\n' && len > 1 && p[len - 2] == '\r')
			len -= 2;
		else
			break;
	}
	return len;
}

size_t
scan_relaxed_run(struct slice s)
{
	return trim(s.ptr, first_stop(s), true);
}

size_t
scan_simple_run(struct slice s)
{
	return trim(s.ptr, s.len, false);
}

/* RFC 6376 3.4.4 a: WSP is dropped before WSP and before CRLF, so each octet is judged by the two behind it. */
static bool
is_dropped(const uint8_t *p)
{
	return ascii_is_wsp(p[0]) && (ascii_is_wsp(p[1]) || (p[1] == '\r' && p[2] == '\n'));
}

static octets
without_tabs(octets text)
{
	return text ^ ((octets)(text == '\t') & ('\t' ^ ' '));
}

/* Octets of zero at its start, as it lies in memory; w is not zero. */
static size_t
zeros(uint64_t w)
{
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	return (size_t)(little ? __builtin_ctzll(w) : __builtin_clzll(w)) / 8;
}

/* Is one octet of it 0xff, and which?  None is not. */
static bool
is_one(words w, size_t *at)
{
	uint64_t half = w[0] | w[1], ones = half & 0x0101010101010101;

	*at = zeros(half) + (w[0] != 0 ? 0 : 8);
	return (w[0] == 0 || w[1] == 0) && (ones & (ones - 1)) == 0;
}

#define SQUEEZE_READS 32 /* octets that squeeze_16 looks at */

/* 16 octets to out, which has room for 32; returns how many stay. */
static size_t
squeeze_16(const uint8_t *p, uint8_t *out)
{
	octets c0 = load(p), c1 = load(p + 1), c2 = load(p + 2);
	octets wsp = (octets)((c0 == ' ') | (c0 == '\t'));
	octets next = (octets)((c1 == ' ') | (c1 == '\t') | ((c1 == '\r') & (c2 == '\n')));
	octets drop = wsp & next, text = without_tabs(c0);
	uint8_t from[16], gone[16];
	size_t len = 0, at;

	memcpy(out, &text, sizeof text);
	if (!any(drop))
		return sizeof text;
	/* text in lines, as format=flowed has it: what is behind the octet goes over it */
	if (is_one((words)drop, &at)) {
		text = without_tabs(load(p + at + 1));
		memcpy(out + at, &text, sizeof text);
		return sizeof text - 1;
	}
	memcpy(from, &text, sizeof text);
	memcpy(gone, &drop, sizeof drop);
	for (size_t i = 0; i < sizeof from; i++) {
		out[len] = from[i];
		len += gone[i] == 0;
	}
	return len;
}

size_t
scan_relaxed_squeeze(struct slice *in, uint8_t out[static SCAN_SQUEEZE])
{
	size_t end = in->len < SCAN_SQUEEZE ? in->len : SCAN_SQUEEZE, at = 0, len = 0;
	const uint8_t *p = in->ptr;

	do {
		end = trim(p, end, true);
	} while (end > 0 && p[end - 1] == '\t' && end-- > 0);
	for (; end - at >= SQUEEZE_READS; at += 16)
		len += squeeze_16(p + at, out + len);
	/* The last octet is text, so nothing behind it is looked at. */
	for (; at < end; at++) {
		out[len] = p[at] == '\t' ? ' ' : p[at];
		len += at + 1 < end && is_dropped(p + at) ? 0 : 1;
	}
	*in = slice_from(*in, end);
	return len;
}

bool
scan_has_8bit(struct slice s)
{
	octets seen = {0};
	size_t i = 0;

	for (; s.len - i >= BLOCK; i += BLOCK)
		seen |= (load(s.ptr + i) | load(s.ptr + i + 16)) |
			(load(s.ptr + i + 32) | load(s.ptr + i + 48));
	for (; i < s.len; i++)
		seen[0] |= s.ptr[i];
	return any(seen & 0x80);
}

static void
note_line(struct scan_lines *l, uint64_t len)
{
	if (len > SCAN_LINE_LEN && len > l->line_len_max)
		l->line_len_max = len;
}

/* Most lines are never looked at: one that counts has no LF in the SCAN_LINE_LEN octets behind its start,
 * so the last LF of such a window is the next line end of interest. */
void
scan_lines_update(struct scan_lines *l, struct slice s)
{
	size_t at = 0;

	if (s.len == 0)
		return;
	l->has_8bit = l->has_8bit || scan_has_8bit(s);
	while (at < s.len) {
		uint64_t room = l->line_len < SCAN_LINE_LEN ? SCAN_LINE_LEN - l->line_len : 0;
		size_t window = s.len - at < room ? s.len - at : (size_t)room;
		const uint8_t *lf = memrchr(s.ptr + at, '\n', window);
		if (lf == NULL)
			lf = memchr(s.ptr + at, '\n', s.len - at);
		if (lf == NULL)
			break;
		size_t lf_at = (size_t)(lf - s.ptr);
		bool cr = lf_at > 0 ? s.ptr[lf_at - 1] == '\r' : l->after_cr;
		note_line(l, l->line_len + (lf_at - at) - (cr ? 1 : 0));
		l->line_len = 0;
		at = lf_at + 1;
	}
	l->line_len += s.len - at;
	l->after_cr = s.ptr[s.len - 1] == '\r';
	note_line(l, l->line_len - (l->after_cr ? 1 : 0));
}
