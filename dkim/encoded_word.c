/* SPDX-License-Identifier: ISC */
#include "dkim/encoded_word.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <string.h>

#define OVERHEAD 7 /* "=?" "?Q?" "?=" */

/* Up to the next "?", without blanks; false: there is none, or nothing before it. */
static bool
read_token(struct slice s, size_t at, struct slice *out)
{
	size_t len = 0;

	while (at + len < s.len && s.ptr[at + len] != '?') {
		if (!ascii_is_print(s.ptr[at + len]))
			return false;
		len++;
	}
	*out = slice_sub(s, at, len);
	return at + len < s.len;
}

static bool
read_word(struct slice s, size_t at, struct encoded_word *out)
{
	struct slice letter;

	if (!read_token(s, at + 2, &out->charset) || out->charset.len == 0)
		return false;
	size_t next = at + 2 + out->charset.len + 1;
	if (!read_token(s, next, &letter) || letter.len != 1)
		return false;
	next += 2;
	if (!read_token(s, next, &out->text))
		return false;
	next += out->text.len + 1;
	out->base64 = ascii_lower(letter.ptr[0]) == 'b';
	out->whole = slice_sub(s, at, next + 1 - at);
	return next < s.len && s.ptr[next] == '=' &&
	       (out->base64 || ascii_lower(letter.ptr[0]) == 'q');
}

/* No token holds a "?": nothing is read twice but between two of them. */
bool
encoded_word_find(struct slice s, size_t from, struct encoded_word *out)
{
	for (size_t at = from; at + 1 < s.len; at++) {
		if (s.ptr[at] == '=' && s.ptr[at + 1] == '?' && read_word(s, at, out))
			return true;
	}
	return false;
}

/* RFC 2047 4.2 */
static bool
decode_q(struct slice in, struct buf *out)
{
	for (size_t at = 0; at < in.len; at++) {
		uint8_t c = in.ptr[at];
		if (c == '=') {
			int high = at + 2 < in.len ? ascii_hex_value(in.ptr[at + 1]) : -1;
			int low = at + 2 < in.len ? ascii_hex_value(in.ptr[at + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (uint8_t)(high << 4 | low);
			at += 2;
		} else if (c == '_') {
			c = ' ';
		}
		buf_put_byte(out, c);
	}
	return true;
}

bool
encoded_word_decode(const struct encoded_word *w, struct buf *out)
{
	struct err err = ERR_INIT;

	return w->base64 ? base64_decode(w->text, out, &err) == 0 : decode_q(w->text, out);
}

/* RFC 2047 5 (3) allows these in phrases, 4.2 all that is no "=", "?", "_" in text. */
static bool
is_plain(uint8_t c, bool loose)
{
	if (loose)
		return ascii_is_print(c) && c != '=' && c != '?' && c != '_';
	return ascii_is_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static bool
is_b(const struct encoded_form *form)
{
	return form->letter == 'B' || form->letter == 'b';
}

/* Of the text between the last "?" and "?=". */
static size_t
encoded_len(const struct encoded_form *form, struct slice octets)
{
	size_t len = 0;

	if (is_b(form))
		return BASE64_LEN(octets.len);
	for (size_t i = 0; i < octets.len; i++)
		len += octets.ptr[i] == ' ' || is_plain(octets.ptr[i], form->loose) ? 1 : 3;
	return len;
}

void
encoded_word_put(const struct encoded_form *form, struct slice octets, struct buf *out)
{
	static const char DIGITS[] = "0123456789ABCDEF";

	buf_put_str(out, "=?");
	buf_put(out, form->charset);
	buf_put(out, slice_new((char[]){'?', form->letter, '?'}, 3));
	if (is_b(form))
		base64_encode(octets, out);
	for (size_t i = 0; !is_b(form) && i < octets.len; i++) {
		uint8_t c = octets.ptr[i];
		if (c == ' ' || is_plain(c, form->loose))
			buf_put_byte(out, c == ' ' ? '_' : c);
		else
			buf_put(out, slice_new((char[]){'=', DIGITS[c >> 4], DIGITS[c & 15]}, 3));
	}
	buf_put_str(out, "?=");
}

static void
to_octets(const struct encoded_form *form, struct slice utf8, struct buf *octets)
{
	buf_clear(octets);
	if (form->to == NULL || !charset_write(form->to, utf8, octets))
		buf_put(octets, utf8);
}

/* How much goes into a word: whole characters, at least one. */
static size_t
take(const struct encoded_form *form, struct slice utf8, size_t room, struct buf *octets)
{
	size_t len = 0, used = 0;
	uint32_t code;

	while (len < utf8.len) {
		size_t more = utf8_decode(slice_from(utf8, len), &code);
		struct slice next = slice_sub(utf8, len, more > 0 ? more : 1);
		size_t needs;
		if (form->to != NULL) {
			/* shifts between the characters count, too */
			to_octets(form, slice_sub(utf8, 0, len + next.len), octets);
			needs = encoded_len(form, buf_slice(octets));
		} else {
			needs = is_b(form) ? BASE64_LEN(len + next.len)
					   : used + encoded_len(form, next);
		}
		if (needs > room && len > 0)
			break;
		used = needs;
		len += next.len;
	}
	return len;
}

void
encoded_word_put_split(const struct encoded_form *form, struct slice utf8,
    const struct encoded_room *limits, struct buf *out)
{
	size_t room = limits->max - OVERHEAD, less = limits->less;
	bool first = true;
	struct buf octets;

	buf_init(&octets, 4 * utf8.len + 8);
	room -= form->charset.len < room ? form->charset.len : room;
	while (utf8.len > 0) {
		size_t len = take(form, utf8, first && less < room ? room - less : room, &octets);
		buf_put_str(out, first ? "" : "\r\n ");
		to_octets(form, slice_sub(utf8, 0, len), &octets);
		encoded_word_put(form, buf_slice(&octets), out);
		utf8 = slice_from(utf8, len);
		first = false;
	}
	if (octets.state == BUF_NOMEM)
		out->state = BUF_NOMEM;
	buf_deinit(&octets);
}
