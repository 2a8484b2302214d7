/* SPDX-License-Identifier: ISC */
/* mutation_word.c - fields with encoded words (RFC 2047), or with raw UTF-8, in the forms that they may have had. */
#include "base/utf8.h"
#include "dkim/encoded_word.h"
#include "dkim/mutation_charset.h"
#include "dkim/mutation_field.h"

#include <string.h>

#define TEXT_MAX     1000 /* a longer field is not written anew */
#define FIELD_MAX    (8 * TEXT_MAX)
#define ATTEMPTS_MAX 800 /* for all fields */
#define NAME_SHOW    64

struct words {
	struct alternatives *a;
	size_t cover; /* that is looked at */
	size_t first; /* alternatives that were there before */
	size_t attempts;
};

/* A field as text. */
struct text {
	struct slice phrase; /* UTF-8 */
	struct slice rest;   /* " <ADDRESS>" behind it */
	struct slice tag;    /* that was taken out */
};

#define FORM(charset, letter, loose)                                                               \
	{                                                                                          \
		{(const uint8_t *)(charset), sizeof(charset) - 1}, letter, loose                   \
	}
static const struct encoded_form FORMS[] = {FORM("UTF-8", 'B', false), FORM("utf-8", 'b', false),
    FORM("utf-8", 'q', false), FORM("UTF-8", 'Q', false), FORM("UTF-8", 'Q', true),
    FORM("utf-8", 'B', false), FORM("utf-8", 'Q', false), FORM("utf-8", 'Q', true),
    FORM("utf-8", 'q', true), FORM("UTF-8", 'q', false)};
/* In the charset that the word has. */
static const struct encoded_form SAME_CHARSET[] = {FORM("", 'B', false), FORM("", 'Q', false),
    FORM("", 'Q', true), FORM("", 'b', false), FORM("", 'q', false), FORM("", 'q', true)};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FLIPS	     (COUNT(SAME_CHARSET) + COUNT(FORMS))

static bool
is_known(const struct alternatives *a, size_t first)
{
	const struct edit *new = a->list[a->count - 1].edits;

	for (size_t i = first; i + 1 < a->count; i++) {
		const struct edit *edit = a->list[i].edits;
		if (edit->cover == new->cover && slice_eq(edit->canon, new->canon))
			return true;
	}
	return false;
}

/* Forms of short words are often the same: each is tried once. */
static void
add(struct words *w, const struct text *t, struct buf *value)
{
	const struct cover *c = &w->a->covers->covers[w->cover];
	size_t before = w->a->count;

	if (w->attempts++ < ATTEMPTS_MAX && value->state == BUF_OK && value->len > 0) {
		bool tagged = t->tag.len > 0;
		struct slice name = slice_sub(c->name, 0, NAME_SHOW);
		alternative_value(w->a, tagged ? MUTATION_TAG_ENCODED : MUTATION_WORDS, w->cover,
		    buf_slice(value), (struct slice[3]){tagged ? t->tag : name, buf_slice(value)});
		if (w->a->count > before && is_known(w->a, w->first))
			w->a->count--;
	}
	buf_clear(value);
}

/* Each word by itself, in another form; false: there is none in that charset. */
static bool
flip(struct slice value, size_t how, struct buf *out)
{
	struct encoded_word word;
	bool same = how < COUNT(SAME_CHARSET), any = false;
	size_t at = 0;

	while (encoded_word_find(value, at, &word)) {
		struct encoded_form form =
		    same ? SAME_CHARSET[how] : FORMS[how - COUNT(SAME_CHARSET)];
		size_t begin = (size_t)(word.whole.ptr - value.ptr);
		struct buf octets;
		buf_init(&octets, value.len);
		buf_put(out, slice_sub(value, at, begin - at));
		if ((same || slice_ieq(word.charset, form.charset)) &&
		    encoded_word_decode(&word, &octets)) {
			form.charset = same ? word.charset : form.charset;
			encoded_word_put(&form, buf_slice(&octets), out);
			any = true;
		} else {
			buf_put(out, word.whole);
		}
		buf_deinit(&octets);
		at = begin + word.whole.len;
	}
	buf_put(out, slice_from(value, at));
	return any && out->state == BUF_OK;
}

static void
put_unfolded(struct slice raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] != '\r' && raw.ptr[i] != '\n')
			buf_put_byte(out, raw.ptr[i]);
	}
}

/* All of it as UTF-8; RFC 2047 6.2: blanks between two words are none.  False: a word is wrong, or of a charset that is
 * not known here. */
static bool
decode_all(struct slice value, struct buf *out)
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

static bool
has_8bit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] >= 0x80)
			return true;
	}
	return false;
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
		bool needs = has_8bit(slice_sub(s, at, next - at));
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

enum span { SPAN_WHOLE, SPAN_FIRST_TO_LAST, SPAN_RUNS, SPAN_COUNT };

static void
put_spans(const struct text *t, const struct encoded_form *form, enum span span,
    const struct encoded_room *room, struct buf *out)
{
	struct slice run = t->phrase;
	size_t at = 0;

	buf_put_byte(out, ' ');
	while (at < t->phrase.len &&
	       (span == SPAN_WHOLE || next_run(t->phrase, span == SPAN_FIRST_TO_LAST, at, &run))) {
		size_t begin = (size_t)(run.ptr - t->phrase.ptr);
		buf_put(out, slice_sub(t->phrase, at, begin - at));
		encoded_word_put_split(form, run, room, out);
		at = begin + run.len;
	}
	buf_put(out, slice_from(t->phrase, at));
	buf_put(out, t->rest);
}

/* Raw, then encoded in each form. */
static void
add_forms(struct words *w, const struct text *t)
{
	/* all in one line of 76 with the name, its colon and a blank, or not; Python's lines have 78 */
	const size_t name = w->a->covers->covers[w->cover].name.len;
	const struct encoded_room rooms[] = {{ENCODED_WORD_MAX, name + 1}, {ENCODED_WORD_MAX, 0},
	    {ENCODED_WORD_MAX + 2, name + 1}, {ENCODED_WORD_MAX, name + 2}, {FIELD_MAX, 0}};
	struct buf out;

	buf_init(&out, FIELD_MAX);
	buf_put_byte(&out, ' ');
	buf_put(&out, t->phrase);
	buf_put(&out, t->rest);
	add(w, t, &out);
	if (t->rest.len > 0) {
		buf_put_str(&out, " \"");
		buf_put(&out, t->phrase);
		buf_put_byte(&out, '"');
		buf_put(&out, t->rest);
		add(w, t, &out);
	}
	/* three octets each, the rest of a word, and a name: all rooms are the same to a short one */
	const size_t count = 3 * t->phrase.len + 20 + name < ENCODED_WORD_MAX ? 1 : COUNT(rooms);
	for (int span = SPAN_WHOLE; span < SPAN_COUNT && has_8bit(t->phrase); span++) {
		for (size_t i = 0; i < COUNT(FORMS) * count && w->attempts < ATTEMPTS_MAX; i++) {
			put_spans(t, &FORMS[i / count], (enum span)span, &rooms[i % count], &out);
			add(w, t, &out);
		}
	}
	buf_deinit(&out);
}

/* "Phrase <ADDRESS>" of one mailbox; what is no such thing is a phrase alone. */
static void
split_text(struct slice value, struct text *t)
{
	size_t open, more;

	*t = (struct text){.phrase = slice_trim(value)};
	if (!slice_find(t->phrase, '<', &open) || open == 0 || t->phrase.ptr[open - 1] != ' ' ||
	    slice_find(slice_from(t->phrase, open + 1), '<', &more))
		return;
	t->rest = slice_from(t->phrase, open - 1);
	t->phrase = slice_trim(slice_sub(t->phrase, 0, open));
	if (t->phrase.len > 2 && t->phrase.ptr[0] == '"' && t->phrase.ptr[t->phrase.len - 1] == '"')
		t->phrase = slice_sub(t->phrase, 1, t->phrase.len - 2);
}

/* A list that puts its tag into Subject writes all of it anew. */
static void
add_without_tag(struct words *w, const struct text *whole)
{
	size_t open, len, end;
	struct buf out;

	if (!slice_find(whole->phrase, '[', &open) ||
	    !slice_find(slice_from(whole->phrase, open), ']', &len))
		return;
	for (end = open + len + 1; end < whole->phrase.len && whole->phrase.ptr[end] == ' ';)
		end++;
	buf_init(&out, whole->phrase.len);
	buf_put(&out, slice_sub(whole->phrase, 0, open));
	buf_put(&out, slice_from(whole->phrase, end));
	if (out.len > 0)
		add_forms(w, &(struct text){.phrase = buf_slice(&out),
				 .tag = slice_sub(whole->phrase, open, len + 1)});
	buf_deinit(&out);
}

static void
add_of_cover(struct words *w)
{
	const struct cover *c = &w->a->covers->covers[w->cover];
	struct text t = {.phrase = {NULL, 0}};
	struct buf out, text;

	buf_init(&out, FIELD_MAX);
	buf_init(&text, FIELD_MAX);
	for (size_t how = 0; how < FLIPS; how++) {
		if (flip(c->value, how, &out))
			add(w, &t, &out);
		buf_clear(&out);
	}
	if (decode_all(c->value, &text)) {
		split_text(buf_slice(&text), &t);
		add_forms(w, &t);
		if (header_name_eq(c->name, SLICE_LIT("Subject")))
			add_without_tag(w, &t);
	}
	buf_deinit(&out);
	buf_deinit(&text);
}

static bool
may_have_words(const struct cover *c)
{
	struct encoded_word word;

	return c->index != HEADER_ABSENT && c->value.len <= TEXT_MAX &&
	       (has_8bit(c->value) || encoded_word_find(c->value, 0, &word));
}

/* All fields at once, in the same form: FLIPS is raw UTF-8. */
static void
add_to_all(struct alternatives *a, size_t how)
{
	struct edit *edits = alternative_new_edits(a);
	struct slice shown = {NULL, 0};
	struct buf out;

	buf_init(&out, FIELD_MAX);
	for (size_t i = 0; edits != NULL && i < a->covers->count; i++) {
		const struct cover *c = &a->covers->covers[i];
		edits[i] = (struct edit){i, a->now[i]};
		buf_clear(&out);
		if (!may_have_words(c) ||
		    !(how < FLIPS ? flip(c->value, how, &out) : decode_all(c->value, &out)))
			continue;
		edits[i].canon = alternative_canon(a, c->name, buf_slice(&out));
		if (shown.len == 0)
			shown = arena_copy(
			    a->arena, slice_sub(slice_trim(buf_slice(&out)), 0, NAME_SHOW));
	}
	if (edits != NULL)
		alternative_edits(
		    a, &(struct alternative){MUTATION_WORDS, {SLICE_LIT("several fields"), shown},
			   GROUP_ALL, edits, a->covers->count});
	buf_deinit(&out);
}

void
alternatives_of_words(struct alternatives *a)
{
	struct words w = {.a = a, .first = a->count};
	size_t fields = 0;

	for (w.cover = 0; w.cover < a->covers->count && w.attempts < ATTEMPTS_MAX; w.cover++) {
		if (!may_have_words(&a->covers->covers[w.cover]))
			continue;
		fields++;
		add_of_cover(&w);
	}
	for (size_t how = 0; how <= FLIPS && fields > 1; how++)
		add_to_all(a, how);
}
