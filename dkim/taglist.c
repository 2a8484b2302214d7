/* SPDX-License-Identifier: ISC */
#include "dkim/taglist.h"

#define TAG_SHOW_MAX 32 /* octets of a name in an error text */

struct cursor {
	struct slice in;
	size_t at;
};

static bool
cursor_more(const struct cursor *c)
{
	return c->at < c->in.len;
}

static int
show_len(struct slice s)
{
	return (int)(s.len < TAG_SHOW_MAX ? s.len : TAG_SHOW_MAX);
}

/* RFC 6376 2.8: FWS is WSP, or a line end that WSP follows.  The length of one step, 0 if there is none. */
static size_t
fws_len(struct slice s)
{
	size_t nl = 0;

	if (s.len > 0 && ascii_is_wsp(s.ptr[0]))
		return 1;
	if (s.len > 0 && s.ptr[0] == '\r')
		nl = 1;
	if (s.len > nl + 1 && s.ptr[nl] == '\n' && ascii_is_wsp(s.ptr[nl + 1]))
		return nl + 2;
	return 0;
}

static void
skip_fws(struct cursor *c)
{
	size_t len;

	while ((len = fws_len(slice_from(c->in, c->at))) > 0)
		c->at += len;
}

/* tag-name = ALPHA *ALNUMPUNC */
static int
parse_tag_name(struct cursor *c, struct slice *name, struct err *err)
{
	size_t start = c->at;

	while (cursor_more(c)) {
		uint8_t ch = c->in.ptr[c->at];
		if (!(ascii_is_alpha(ch) || (c->at > start && (ascii_is_digit(ch) || ch == '_'))))
			break;
		c->at++;
	}
	*name = slice_sub(c->in, start, c->at - start);
	if (name->len > 0)
		return 0;
	if (!cursor_more(c))
		return err_set(err, ERR_INPUT, "there is no tag");
	if (c->in.ptr[c->at] == ';')
		return err_set(err, ERR_INPUT, "there is an empty tag between two \";\"");
	return err_set(
	    err, ERR_INPUT, "a tag name cannot begin with octet 0x%02x", c->in.ptr[c->at]);
}

/* tag-value: VALCHAR (anything printable but ";") and FWS; octets from 0x80 as RFC 8616 5 allows them. */
static int
parse_tag_value(struct cursor *c, struct tag *tag, struct err *err)
{
	size_t start = c->at, end = c->at;

	while (cursor_more(c) && c->in.ptr[c->at] != ';') {
		uint8_t ch = c->in.ptr[c->at];
		if (ascii_is_print(ch) || ch >= 0x80) {
			end = ++c->at;
			continue;
		}
		size_t len = fws_len(slice_from(c->in, c->at));
		if (len == 0)
			return err_set(err, ERR_INPUT, "tag %.*s= holds the control octet 0x%02x",
			    show_len(tag->name), (const char *)tag->name.ptr, ch);
		c->at += len;
	}
	tag->value = slice_sub(c->in, start, end - start);
	return 0;
}

static int
parse_tag_spec(struct cursor *c, struct tag *tag, struct err *err)
{
	skip_fws(c);
	if (parse_tag_name(c, &tag->name, err) != 0)
		return -1;
	skip_fws(c);
	if (!cursor_more(c) || c->in.ptr[c->at] != '=')
		return err_set(err, ERR_INPUT, "\"=\" is missing behind the tag name \"%.*s\"",
		    show_len(tag->name), (const char *)tag->name.ptr);
	c->at++;
	skip_fws(c);
	return parse_tag_value(c, tag, err);
}

static int
taglist_add(struct taglist *list, const struct tag *tag, struct err *err)
{
	/* RFC 6376 3.2: tags with duplicate names MUST NOT occur; the entire tag-list is invalid. */
	for (size_t i = 0; i < list->count; i++) {
		if (slice_eq(list->tags[i].name, tag->name))
			return err_set(err, ERR_INPUT, "tag %.*s= stands there twice",
			    show_len(tag->name), (const char *)tag->name.ptr);
	}
	if (list->count == TAGLIST_MAX)
		return err_set(err, ERR_INPUT, "there are more than %d tags", TAGLIST_MAX);
	list->tags[list->count++] = *tag;
	return 0;
}

int
taglist_parse(struct slice in, struct taglist *list, struct err *err)
{
	struct cursor c = {.in = in};

	list->count = 0;
	do {
		struct tag tag;
		if (parse_tag_spec(&c, &tag, err) != 0 || taglist_add(list, &tag, err) != 0)
			return -1;
		if (cursor_more(&c))
			c.at++; /* parse_tag_value stopped at ";" */
		skip_fws(&c);
	} while (cursor_more(&c));
	return 0;
}

const struct tag *
taglist_get(const struct taglist *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (slice_eq_str(list->tags[i].name, name))
			return &list->tags[i];
	}
	return NULL;
}

bool
tag_next_item(struct slice value, size_t *off, struct slice *item)
{
	size_t len;

	if (*off > value.len)
		return false;
	struct slice rest = slice_from(value, *off);
	if (!slice_find(rest, ':', &len))
		len = rest.len;
	*item = slice_trim(slice_sub(rest, 0, len));
	*off += len + 1;
	return true;
}
