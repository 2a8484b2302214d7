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
/* Each of a charset beside UTF-8 costs a conversion a character. */
#define CHARSETS_TRIED	 6
#define CHARSET_TEXT_MAX 400
#define CHARSET_FORMS	 (3 * CHARSET_LABELS_MAX + 2)
#define CHARSET_ROOMS	 3

struct words {
	struct alternatives *a;
	size_t cover; /* that is looked at */
	size_t first; /* alternatives that were there before */
	size_t attempts;
	const struct encoded_form *forms;
	size_t form_count;
	const struct charset_writer *to; /* the forms'; NULL: UTF-8 */
	bool held;			 /* a text is in that charset */
};

#define FORM(charset, letter, loose)                                                               \
	{                                                                                          \
		{(const uint8_t *)(charset), sizeof(charset) - 1}, letter, loose, NULL             \
	}
static const struct encoded_form FORMS[] = {FORM("UTF-8", 'B', false), FORM("utf-8", 'b', false),
    FORM("utf-8", 'q', false), FORM("UTF-8", 'Q', false), FORM("UTF-8", 'Q', true),
    FORM("utf-8", 'B', false), FORM("utf-8", 'Q', false), FORM("utf-8", 'Q', true),
    FORM("utf-8", 'q', true), FORM("UTF-8", 'q', false)};
/* In the charset that the word has. */
static const struct encoded_form SAME_CHARSET[] = {FORM("", 'B', false), FORM("", 'Q', false),
    FORM("", 'Q', true), FORM("", 'b', false), FORM("", 'q', false), FORM("", 'q', true)};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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

/* In another form; false: it is not in that charset. */
static bool
flip_word(const struct encoded_word *word, const struct encoded_form *form, struct buf *out)
{
	struct encoded_form new = *form;
	struct buf octets, utf8;

	buf_init(&octets, 4 * word->text.len);
	buf_init(&utf8, 4 * word->text.len);
	bool good = encoded_word_decode(word, &octets);
	if (form->charset.len == 0) {
		new.charset = word->charset;
	} else if (form->to == NULL) {
		good = good && slice_ieq(word->charset, form->charset);
	} else if (good) {
		good = charset_to_utf8(word->charset, buf_slice(&octets), &utf8);
		buf_clear(&octets);
		good = good && charset_write(form->to, buf_slice(&utf8), &octets);
	}
	if (good)
		encoded_word_put(&new, buf_slice(&octets), out);
	buf_deinit(&octets);
	buf_deinit(&utf8);
	return good;
}

/* Each word by itself; false: none could be put in that form. */
static bool
flip(struct slice value, const struct encoded_form *form, struct buf *out)
{
	struct encoded_word word;
	bool any = false;
	size_t at = 0;

	while (encoded_word_find(value, at, &word)) {
		size_t begin = (size_t)(word.whole.ptr - value.ptr);
		buf_put(out, slice_sub(value, at, begin - at));
		bool flipped = flip_word(&word, form, out);
		if (!flipped)
			buf_put(out, word.whole);
		any = any || flipped;
		at = begin + word.whole.len;
	}
	buf_put(out, slice_from(value, at));
	return any && out->state == BUF_OK;
}

static void
add_flips(struct words *w, const struct encoded_form *forms, size_t count)
{
	const struct text none = {.phrase = {NULL, 0}};
	struct buf out;

	buf_init(&out, FIELD_MAX);
	for (size_t i = 0; i < count; i++) {
		if (flip(w->a->covers->covers[w->cover].value, &forms[i], &out))
			add(w, &none, &out);
		buf_clear(&out);
	}
	buf_deinit(&out);
}

/* Appends it in the charset; false: that has not all of it. */
static bool
put_octets(const struct words *w, struct slice utf8, struct buf *out)
{
	if (w->to != NULL)
		return charset_write(w->to, utf8, out);
	buf_put(out, utf8);
	return true;
}

/* Not encoded. */
static void
add_raw(struct words *w, const struct text *t)
{
	struct buf out;

	buf_init(&out, FIELD_MAX);
	buf_put_byte(&out, ' ');
	if (put_octets(w, t->phrase, &out)) {
		buf_put(&out, t->rest);
		add(w, t, &out);
	}
	buf_clear(&out);
	buf_put_str(&out, " \"");
	if (t->rest.len > 0 && put_octets(w, t->phrase, &out)) {
		buf_put_byte(&out, '"');
		buf_put(&out, t->rest);
		add(w, t, &out);
	}
	buf_deinit(&out);
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

	add_raw(w, t);
	buf_init(&out, FIELD_MAX);
	/* three octets each, the rest of a word, and a name: all rooms are the same to a short one */
	size_t count = w->to == NULL ? COUNT(rooms) : CHARSET_ROOMS;
	if (3 * t->phrase.len + 20 + name < ENCODED_WORD_MAX)
		count = 1;
	for (int span = TEXT_WHOLE; span < TEXT_SPAN_COUNT && scan_has_8bit(t->phrase); span++) {
		for (size_t i = 0; i < w->form_count * count && w->attempts < ATTEMPTS_MAX; i++) {
			text_put(
			    t, &w->forms[i / count], (enum text_span)span, &rooms[i % count], &out);
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

/* Text that is ASCII was in no other charset. */
static bool
is_in_charset(const struct words *w, struct slice utf8)
{
	struct buf octets;

	buf_init(&octets, FIELD_MAX);
	bool is = scan_has_8bit(utf8) && put_octets(w, utf8, &octets);
	buf_deinit(&octets);
	return is;
}

static void
add_of_cover(struct words *w)
{
	const struct cover *c = &w->a->covers->covers[w->cover];
	struct text t;
	struct buf text;

	buf_init(&text, FIELD_MAX);
	bool read = text_decode(c->value, &text);
	bool held = read && is_in_charset(w, buf_slice(&text));
	if (w->to == NULL)
		add_flips(w, SAME_CHARSET, COUNT(SAME_CHARSET));
	if (w->to == NULL || held)
		add_flips(w, w->forms, w->form_count);
	if (read && (w->to == NULL || held)) {
		text_split(buf_slice(&text), &t);
		add_forms(w, &t);
		if (header_name_eq(c->name, SLICE_LIT("Subject")))
			add_without_tag(w, &t);
	}
	w->held = w->held || held;
	buf_deinit(&text);
}

static bool
may_have_words(const struct cover *c)
{
	struct encoded_word word;

	return c->index != HEADER_ABSENT && c->value.len <= TEXT_MAX &&
	       (scan_has_8bit(c->value) || encoded_word_find(c->value, 0, &word));
}

/* All fields at once, in the same form; NULL: raw UTF-8. */
static void
add_to_all(struct alternatives *a, const struct encoded_form *form)
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
		    !(form != NULL ? flip(c->value, form, &out) : text_decode(c->value, &out)))
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

/* Of how many fields; of those of a charset that is not UTF-8, if their text is in it. */
static size_t
add_of_all(struct words *w)
{
	const struct cover_list *l = w->a->covers;
	size_t fields = 0;

	for (w->cover = 0; w->cover < l->count && w->attempts < ATTEMPTS_MAX; w->cover++) {
		if (!may_have_words(&l->covers[w->cover]) ||
		    (w->to != NULL && l->covers[w->cover].value.len > CHARSET_TEXT_MAX))
			continue;
		fields++;
		add_of_cover(w);
	}
	for (size_t i = 0; i < w->form_count && fields > 1; i++)
		add_to_all(w->a, &w->forms[i]);
	return fields;
}

/* What was written in another charset: seldom, and in many forms. */
static void
add_of_charset(struct words *w, const struct charset *charset)
{
	static const struct encoded_form LETTERS[] = {FORM("", 'Q', false), FORM("", 'Q', true),
	    FORM("", 'B', false), FORM("", 'q', false), FORM("", 'b', false)};
	struct encoded_form forms[CHARSET_FORMS];
	struct charset_writer to;

	w->form_count = 0;
	w->held = false;
	if (!charset_writer_open(&to, charset))
		return;
	/* small letters of both kinds are Python's */
	for (size_t i = 0; i < CHARSET_LABELS_MAX && charset->labels[i] != NULL; i++) {
		for (size_t k = 0; k < (i == 0 ? COUNT(LETTERS) : 3); k++) {
			struct encoded_form *form = &forms[w->form_count++];
			*form = LETTERS[k];
			form->charset = slice_of(charset->labels[i]);
			form->to = &to;
		}
	}
	w->forms = forms;
	w->to = &to;
	(void)add_of_all(w);
	charset_writer_close(&to);
	w->forms = NULL; /* they end here */
	w->form_count = 0;
	w->to = NULL;
}

void
alternatives_of_words(struct alternatives *a)
{
	struct words w = {.a = a, .first = a->count, .forms = FORMS, .form_count = COUNT(FORMS)};
	size_t fields = add_of_all(&w), tried = 0;

	for (size_t i = 0; i < COUNT(SAME_CHARSET) && fields > 1; i++)
		add_to_all(a, &SAME_CHARSET[i]);
	if (fields > 1)
		add_to_all(a, NULL);
	w.attempts = 0;
	a->usual = a->count;
	for (const struct charset *c = CHARSETS;
	     fields > 0 && c->codec != NULL && tried < CHARSETS_TRIED; c++) {
		add_of_charset(&w, c);
		tried += w.held;
	}
}
