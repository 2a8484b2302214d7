/* SPDX-License-Identifier: ISC */
/* mutation_address.c - mailboxes in other forms, and an author that a list has moved into another field. */
#include "dkim/mutation_field.h"

#include <string.h>

#define AUTHORS_MAX 24 /* mailboxes of other fields that are tried as the author */
#define FORM_LEN    1024

/* Of one mailbox: "PHRASE <ADDRESS>", or the address alone. */
struct mailbox {
	struct slice whole, phrase, address; /* trimmed; phrase without its quotes */
};

static struct slice
unquoted(struct slice s)
{
	return s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"' ? slice_sub(s, 1, s.len - 2)
									: s;
}

static struct mailbox
read_mailbox(struct slice text)
{
	struct mailbox m = {.whole = slice_trim(text), .address = slice_trim(text)};
	size_t open;

	if (m.whole.len > 0 && m.whole.ptr[m.whole.len - 1] == '>' &&
	    slice_find(m.whole, '<', &open)) {
		m.phrase = unquoted(slice_trim(slice_sub(m.whole, 0, open)));
		m.address = slice_sub(m.whole, open + 1, m.whole.len - open - 2);
	}
	return m;
}

/* The next mailbox of a list: commas in quotes and brackets are none. */
static bool
next_mailbox(struct slice list, size_t *at, struct mailbox *out)
{
	size_t from = *at, end = *at;
	bool quoted = false;

	if (from >= list.len)
		return false;
	for (; end < list.len && (quoted || list.ptr[end] != ','); end++) {
		if (list.ptr[end] == '"')
			quoted = !quoted;
	}
	*at = end + 1;
	*out = read_mailbox(slice_sub(list, from, end - from));
	return true;
}

enum form { FORM_WHOLE, FORM_BARE, FORM_ANGLE, FORM_PLAIN, FORM_QUOTED, FORM_COUNT };

/* " PHRASE <ADDRESS>" in one of the ways that it can be written; false: it has no phrase for that. */
static bool
put_form(enum form form, const struct mailbox *m, struct buf *out)
{
	buf_put_byte(out, ' ');
	if (form == FORM_WHOLE || form == FORM_BARE) {
		buf_put(out, form == FORM_WHOLE ? m->whole : m->address);
		return true;
	}
	if (form != FORM_ANGLE && m->phrase.len == 0)
		return false;
	if (form == FORM_QUOTED)
		buf_put_byte(out, '"');
	if (form != FORM_ANGLE)
		buf_put(out, m->phrase);
	buf_put_str(out, form == FORM_QUOTED ? "\" <" : form == FORM_ANGLE ? "<" : " <");
	buf_put(out, m->address);
	buf_put_byte(out, '>');
	return true;
}

static void
add_forms(struct alternatives *a, enum verify_say say, size_t cover, const struct mailbox *m,
    struct slice other)
{
	struct slice name = slice_sub(a->covers->covers[cover].name, 0, 64);
	struct buf out;

	for (int form = 0; form < FORM_COUNT; form++) {
		buf_init(&out, FORM_LEN);
		if (put_form((enum form)form, m, &out) && out.state == BUF_OK)
			alternative_value(a, say, cover, buf_slice(&out),
			    say == MUTATION_FROM_MUNGED ? (struct slice[3]){buf_slice(&out), other}
							: (struct slice[3]){name, buf_slice(&out)});
		buf_deinit(&out);
	}
}

/* "Alice via List" was "Alice". */
static struct slice
name_before_via(struct slice phrase)
{
	static const char VIA[] = " via ";

	for (size_t at = 0; at + sizeof(VIA) - 1 < phrase.len; at++) {
		if (slice_ieq_str(slice_sub(phrase, at, sizeof(VIA) - 1), VIA))
			return slice_trim(slice_sub(phrase, 0, at));
	}
	return phrase;
}

/* Lists that fear DMARC put their own address into From, and the author into another field. */
static void
munged_from(struct alternatives *a, size_t cover)
{
	static const char *const FIELDS[] = {"X-Original-From", "Original-From",
	    "X-Google-Original-From", "X-MailFrom", "Reply-To", "Cc", "Sender", "X-Sender",
	    "Author"};
	const struct header_list *list = a->m->others;
	struct mailbox now = read_mailbox(a->covers->covers[cover].value), author;
	size_t authors = 0;

	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		size_t field = header_find_last(list, slice_of(FIELDS[i]), list->count), at = 0;
		if (field == HEADER_ABSENT)
			continue;
		while (authors < AUTHORS_MAX &&
		       next_mailbox(list->fields[field].value, &at, &author)) {
			authors++;
			add_forms(a, MUTATION_FROM_MUNGED, cover, &author, slice_of(FIELDS[i]));
			author.phrase = name_before_via(now.phrase);
			author.whole = author.address;
			add_forms(a, MUTATION_FROM_MUNGED, cover, &author, slice_of(FIELDS[i]));
		}
	}
}

/* Every mailbox of the field in one form. */
static void
whole_list(struct alternatives *a, size_t cover, enum form form)
{
	struct slice value = a->covers->covers[cover].value;
	struct slice name = slice_sub(a->covers->covers[cover].name, 0, 64);
	struct mailbox m;
	struct buf out;
	size_t at = 0, n = 0;

	buf_init(&out, FORM_LEN);
	while (next_mailbox(value, &at, &m)) {
		if (n++ > 0)
			buf_put_byte(&out, ',');
		size_t begin = out.len;
		if (!put_form(form, &m, &out)) {
			out.len = begin;
			(void)put_form(FORM_WHOLE, &m, &out);
		}
	}
	if (out.state == BUF_OK)
		alternative_value(a, MUTATION_ADDRESSES, cover, buf_slice(&out),
		    (struct slice[3]){name, buf_slice(&out)});
	buf_deinit(&out);
}

void
alternatives_of_mailboxes(struct alternatives *a, size_t cover)
{
	static const char *const FIELDS[] = {"from", "to", "cc", "reply-to", "sender"};
	struct slice name = slice_trim(a->covers->covers[cover].name);
	bool known = false;

	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
		known = known || slice_ieq_str(name, FIELDS[i]);
	if (!known)
		return;
	for (int form = FORM_BARE; form < FORM_COUNT; form++)
		whole_list(a, cover, (enum form)form);
	if (slice_ieq_str(name, "from"))
		munged_from(a, cover);
}
