/* SPDX-License-Identifier: ISC */
/* mutation_field.c - what Subject, Date, the fields of MIME, and those of which another field keeps the old value, may
 * have been. */
#include "dkim/mutation_field.h"

#include "dkim/mutation_mime.h"

#include <string.h>

#define VALUE_LEN_MAX 4096 /* longer values are not written anew */
#define INNER_MAX     3	   /* parts whose fields may once have been the message's */
#define STARS	      "*"

static size_t
skip_fws(struct slice s, size_t at)
{
	while (at < s.len && (ascii_is_wsp(s.ptr[at]) || s.ptr[at] == '\r' || s.ptr[at] == '\n'))
		at++;
	return at;
}

/* The subject without [from, end) and the blanks behind it. */
static void
without(struct alternatives *a, enum verify_say say, size_t cover, size_t from, size_t end)
{
	struct slice value = a->covers->covers[cover].value;
	struct buf out;

	buf_init(&out, value.len);
	buf_put(&out, slice_sub(value, 0, from));
	buf_put(&out, slice_from(value, skip_fws(value, end)));
	if (out.len > 0)
		alternative_value(a, say, cover, buf_slice(&out),
		    (struct slice[3]){slice_sub(value, from, end - from)});
	buf_deinit(&out);
}

/* "[list] Re: x" and "Re: [list] x". */
static void
subject_tag(struct alternatives *a, size_t cover)
{
	struct slice value = a->covers->covers[cover].value;
	size_t open, close;

	if (slice_find(value, '[', &open) && slice_find(slice_from(value, open), ']', &close))
		without(a, MUTATION_SUBJECT_TAG, cover, open, open + close + 1);
}

/* Where a mark in front of the subject ends: "(x)", "***SPAM***", "EXTERNAL:", "{Spam?}"; 0: none stands there. */
static size_t
mark_end(struct slice value, size_t begin)
{
	static const char PAIRS[][2] = {{'(', ')'}, {'{', '}'}, {'<', '>'}};
	size_t len, end = begin;

	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
		if (begin < value.len && value.ptr[begin] == (uint8_t)PAIRS[i][0] &&
		    slice_find(slice_from(value, begin), (uint8_t)PAIRS[i][1], &len))
			return begin + len + 1;
	}
	while (end < value.len && value.ptr[end] == STARS[0])
		end++;
	if (end > begin) {
		while (end < value.len && value.ptr[end] != STARS[0])
			end++;
		while (end < value.len && value.ptr[end] == STARS[0])
			end++;
		return end;
	}
	return slice_find(slice_from(value, begin), ':', &len) ? begin + len + 1 : 0;
}

static void
subject_prefix(struct alternatives *a, size_t cover)
{
	struct slice value = a->covers->covers[cover].value;
	size_t begin = skip_fws(value, 0), end = mark_end(value, begin);

	if (end > begin)
		without(a, MUTATION_SUBJECT_PREFIX, cover, begin, end);
}

/* The value with the first `is` as `was`. */
static void
put_form(struct alternatives *a, size_t cover, const char *is, const char *was)
{
	struct slice value = a->covers->covers[cover].value;
	size_t len = strlen(is), at = 0;
	struct buf out;

	while (at + len <= value.len && !slice_eq_str(slice_sub(value, at, len), is))
		at++;
	if (at + len > value.len)
		return;
	buf_init(&out, value.len + VALUE_LEN_MAX);
	buf_put(&out, slice_sub(value, 0, at));
	buf_put_str(&out, was);
	buf_put(&out, slice_from(value, at + len));
	alternative_value(
	    a, MUTATION_DATE, cover, buf_slice(&out), (struct slice[3]){buf_slice(&out)});
	buf_deinit(&out);
}

/* RFC 5322 3.3 and 4.3 have several forms of one moment. */
static void
date_forms(struct alternatives *a, size_t cover)
{
	static const char *const FORMS[][2] = {{"+0000", "GMT"}, {"+0000", "UT"},
	    {"+0000", "-0000"}, {"-0000", "+0000"}, {"GMT", "+0000"}, {"UTC", "+0000"},
	    {", 0", ", "}, {"  ", " "}};
	struct slice value = a->covers->covers[cover].value;
	struct buf out;
	size_t at;

	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
		put_form(a, cover, FORMS[i][0], FORMS[i][1]);
	if (slice_find(value, ',', &at) && skip_fws(value, at + 1) + 1 < value.len &&
	    value.ptr[skip_fws(value, at + 1) + 1] == ' ') {
		put_form(a, cover, ", ", ", 0");
		put_form(a, cover, ", ", ",  ");
	}
	if (slice_find(value, '(', &at)) {
		struct slice bare = slice_trim_right(slice_sub(value, 0, at));
		alternative_value(a, MUTATION_DATE, cover, bare, (struct slice[3]){bare});
	}
	buf_init(&out, value.len + 8);
	buf_put(&out, slice_trim_right(value));
	buf_put_str(&out, " (UTC)");
	alternative_value(
	    a, MUTATION_DATE, cover, buf_slice(&out), (struct slice[3]){buf_slice(&out)});
	buf_deinit(&out);
}

static struct slice
field_value(const struct header_list *list, const char *name)
{
	size_t at = header_find_last(list, slice_of(name), list->count);

	return at == HEADER_ABSENT ? slice_of("") : list->fields[at].value;
}

static void
encodings(struct alternatives *a, size_t cover)
{
	static const char *const WORDS[] = {" 8bit", " 7bit", " quoted-printable", " base64",
	    " binary", " 8BIT", " 7BIT", " QUOTED-PRINTABLE", " BASE64"};

	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		alternative_value(a, MUTATION_ENCODING_FIELD, cover, slice_of(WORDS[i]),
		    (struct slice[3]){slice_of(WORDS[i])});
}

/* A list that wraps a message moves its fields into the part. */
static void
inner_fields(struct alternatives *a, size_t cover, bool type)
{
	struct mime_parts parts;
	struct buf out;

	if (!mime_split(slice_trim(field_value(a->m->others, "Content-Type")), a->m->body, &parts))
		return;
	for (size_t i = 0; i < parts.count && i < INNER_MAX; i++) {
		struct slice inner = type ? parts.list[i].type : parts.list[i].encoding;
		if (inner.len == 0 || inner.len > VALUE_LEN_MAX)
			continue;
		buf_init(&out, inner.len + 1);
		buf_put_byte(&out, ' ');
		buf_put(&out, inner);
		alternative_value(a, type ? MUTATION_TYPE_FIELD : MUTATION_ENCODING_FIELD, cover,
		    buf_slice(&out), (struct slice[3]){inner});
		buf_deinit(&out);
	}
}

/* "X-Original-Date: ..." and its like. */
static void
kept_elsewhere(struct alternatives *a, size_t cover)
{
	static const char *const PREFIXES[] = {
	    "X-Original-", "Original-", "X-Google-Original-", "X-Old-", "Old-", "X-Orig-", "X-"};
	struct slice name = a->covers->covers[cover].name;
	const struct header_list *list = a->m->others;

	for (size_t i = 0; i < list->count; i++) {
		struct slice other = list->fields[i].name;
		if (other.len <= name.len || !slice_has_suffix(other, name) ||
		    list->fields[i].value.len > VALUE_LEN_MAX)
			continue;
		struct slice prefix = slice_sub(other, 0, other.len - name.len);
		for (size_t k = 0; k < sizeof(PREFIXES) / sizeof(PREFIXES[0]); k++) {
			if (slice_ieq_str(prefix, PREFIXES[k]))
				alternative_value(a, MUTATION_REPLACED, cover,
				    list->fields[i].value,
				    (struct slice[3]){name, list->fields[i].value, other});
		}
	}
}

void
alternatives_of_value(struct alternatives *a, size_t cover)
{
	const struct cover *c = &a->covers->covers[cover];
	struct slice name = slice_trim(c->name);
	bool there = c->index != HEADER_ABSENT;

	if (c->value.len > VALUE_LEN_MAX)
		return;
	kept_elsewhere(a, cover);
	if (!there)
		alternatives_of_absent(a, cover);
	if (slice_ieq_str(name, "subject") && there) {
		subject_tag(a, cover);
		subject_prefix(a, cover);
	} else if (slice_ieq_str(name, "date") && there) {
		date_forms(a, cover);
	} else if (slice_ieq_str(name, "content-transfer-encoding")) {
		inner_fields(a, cover, false);
		encodings(a, cover);
	} else if (slice_ieq_str(name, "content-type")) {
		inner_fields(a, cover, true);
	} else if (there) {
		alternatives_of_mailboxes(a, cover);
	}
}
