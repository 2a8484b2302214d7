/* SPDX-License-Identifier: ISC */
#include "dkim/mutation_text.h"

#include "base/scan.h"
#include "base/utf8.h"
#include "dkim/mutation_charset.h"

static void
put_unfolded(struct slice raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] != '\r' && raw.ptr[i] != '\n')
			buf_put_byte(out, raw.ptr[i]);
	}
}

bool
text_decode(struct slice value, struct buf *out)
{
	struct encoded_word word;
	size_t at = 0;
	bool good = true;

	while (good && encoded_word_find(value, at, &word)) {
		size_t begin = (size_t)(word.whole.ptr - value.ptr);
		struct slice between = slice_sub(value, at, begin - at);
		struct buf octets;
		buf_init(&octets, value.len);
		if (at == 0 || slice_trim(between).len > 0)
			put_unfolded(between, out);
		good = encoded_word_decode(&word, &octets) &&
		       charset_to_utf8(word.charset, buf_slice(&octets), out);
		buf_deinit(&octets);
		at = begin + word.whole.len;
	}
	put_unfolded(slice_from(value, at), out);
	return good && out->state == BUF_OK && utf8_is_valid(buf_slice(out));
}

void
text_split(struct slice utf8, struct text *t)
{
	size_t open, more;

	*t = (struct text){.phrase = slice_trim(utf8)};
	if (!slice_find(t->phrase, '<', &open) || open == 0 || t->phrase.ptr[open - 1] != ' ' ||
	    slice_find(slice_from(t->phrase, open + 1), '<', &more))
		return;
	t->rest = slice_from(t->phrase, open - 1);
	t->phrase = slice_trim(slice_sub(t->phrase, 0, open));
	if (t->phrase.len > 2 && t->phrase.ptr[0] == '"' && t->phrase.ptr[t->phrase.len - 1] == '"')
		t->phrase = slice_sub(t->phrase, 1, t->phrase.len - 2);
}

/* Up to the blank behind the word that begins at `at`. */
static size_t
word_end(struct slice s, size_t at)
{
	while (at < s.len && s.ptr[at] != ' ')
		at++;
	return at;
}

/* The next run of words that need to be encoded: one, with its neighbours that do, or (all) up to the last one. */
static bool
next_run(struct slice s, bool all, size_t at, struct slice *run)
{
	size_t begin = s.len, end = at;

	for (size_t next; at < s.len; at = next + 1) {
		next = word_end(s, at);
		bool needs = scan_has_8bit(slice_sub(s, at, next - at));
		if (needs && begin == s.len)
			begin = at;
		if (needs)
			end = next;
		else if (begin < s.len && !all)
			break;
	}
	*run = slice_sub(s, begin, end - begin);
	return begin < s.len;
}

void
text_put(const struct text *t, const struct encoded_form *form, enum text_span span,
    const struct encoded_room *room, struct buf *out)
{
	struct slice run = t->phrase;
	size_t at = 0;

	buf_put_byte(out, ' ');
	while (at < t->phrase.len &&
	       (span == TEXT_WHOLE || next_run(t->phrase, span == TEXT_FIRST_TO_LAST, at, &run))) {
		size_t begin = (size_t)(run.ptr - t->phrase.ptr);
		buf_put(out, slice_sub(t->phrase, at, begin - at));
		encoded_word_put_split(form, run, room, out);
		at = begin + run.len;
	}
	buf_put(out, slice_from(t->phrase, at));
	buf_put(out, t->rest);
}
