/* SPDX-License-Identifier: ISC */
/* mutation_word.c - fields with encoded words (RFC 2047), or with raw UTF-8, in the forms that they may have had. */
#include "base/scan.h"
#include "dkim/mutation_charset.h"
#include "dkim/mutation_field.h"
#include "dkim/mutation_text.h"

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
	for (int span = TEXT_WHOLE; span < TEXT_SPAN_COUNT && scan_has_8bit(t->phrase); span++) {
		for (size_t i = 0; i < COUNT(FORMS) * count && w->attempts < ATTEMPTS_MAX; i++) {
			text_put(
			    t, &FORMS[i / count], (enum text_span)span, &rooms[i % count], &out);
			add(w, t, &out);
		}
	}
	buf_deinit(&out);
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
	if (text_decode(c->value, &text)) {
		text_split(buf_slice(&text), &t);
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
	       (scan_has_8bit(c->value) || encoded_word_find(c->value, 0, &word));
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
		    !(how < FLIPS ? flip(c->value, how, &out) : text_decode(c->value, &out)))
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
