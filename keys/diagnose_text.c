/* SPDX-License-Identifier: ISC */
/* What a strict reader refuses in a TXT: quotes, backslashes, armour, splits (D15 to D19, D23, D28). */
#include "keys/diagnose.h"
#include "keys/diagnose_tags.h"

#include <string.h>

#define BLANK(c) (ascii_is_wsp(c) || (c) == '\r' || (c) == '\n')

bool
diagnose_holds(struct slice text, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= text.len; i++)
		if (memcmp(text.ptr + i, word, len) == 0)
			return true;
	return false;
}

const struct tag *
diagnose_tag(const struct tags *tags, const char *name)
{
	for (size_t i = 0; i < tags->count; i++)
		if (slice_eq_str(tags->tags[i].name, name))
			return &tags->tags[i];
	return NULL;
}

/* Whatever stands between semicolons, however odd; a part without "=" has its text as value, and no name. */
void
diagnose_tags(struct slice text, struct tags *out)
{
	out->count = 0;
	while (text.len > 0 && out->count < TAGLIST_MAX) {
		size_t end = text.len, equals;
		(void)slice_find(text, ';', &end);
		struct slice part = slice_trim(slice_sub(text, 0, end));
		text = slice_from(text, end + 1);
		struct tag *t = &out->tags[out->count];
		*t = (struct tag){slice_of(""), part};
		if (slice_find(part, '=', &equals)) {
			t->name = slice_trim_right(slice_sub(part, 0, equals));
			t->value = slice_trim(slice_from(part, equals + 1));
		}
		if (part.len > 0 || slice_trim(text).len > 0)
			out->count++;
	}
}

static struct finding *
say(const struct judging *j, const struct seen_reply *r, enum say what, struct slice text)
{
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, r);
	diagnose_show(text, f->is, sizeof(f->is));
	f->until = j->subject->now + (int64_t)r->ttl;
	return f;
}

bool
diagnose_private(const struct judging *j, const struct seen_reply *r, struct slice text)
{
	bool armour = diagnose_holds(text, "-----BEGIN");
	if (!armour)
		return false;
	bool private = diagnose_holds(text, "PRIVATE");
	/* it is not shown once more */
	(void)say(j, r, private ? SAY_PRIVATE_KEY : SAY_PEM,
	    private ? slice_of("-----BEGIN PRIVATE KEY----- ...") : text);
	return true;
}

static bool
has_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (BLANK(s.ptr[i]))
			return true;
	return false;
}

/* Octets that no string of a sane form holds. */
static bool
judge_octets(const struct judging *j, const struct seen_reply *r, struct slice text)
{
	char foreign[64];
	size_t at;
	for (at = 0; at < text.len && text.ptr[at] < 0x80; at++)
		continue;
	if (at < text.len) {
		diagnose_show(slice_sub(text, at, 3), foreign, sizeof(foreign));
		finding_arg(say(j, r, SAY_NOT_ASCII, text), 1, "%s", foreign);
		return true;
	}
	if (slice_find(text, '"', &at)) {
		(void)say(j, r, SAY_QUOTES, text);
		return true;
	}
	if (slice_find(text, '\\', &at)) {
		(void)say(j, r, SAY_BACKSLASH, text);
		return true;
	}
	if (slice_eq_str(slice_trim(text), "v=DKIM1")) {
		(void)say(j, r, SAY_SEMICOLON, text);
		return true;
	}
	return false;
}

/* h=sha256:sha1 may have blanks beside the colons only. */
static bool
is_split(const struct tag *t)
{
	struct slice item;
	size_t off = 0;
	if (slice_eq_str(t->name, "p") || slice_eq_str(t->name, "n") || slice_eq_str(t->name, "g"))
		return false;
	if (has_blank(t->name))
		return true;
	while (tag_next_item(t->value, &off, &item))
		if (has_blank(item))
			return true;
	return false;
}

static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alpha(name.ptr[i]) &&
		    (i == 0 || (!ascii_is_digit(name.ptr[i]) && name.ptr[i] != '_')))
			return false;
	return name.len > 0;
}

static bool
judge_tag(const struct judging *j, const struct seen_reply *r, const struct tags *tags, size_t nr)
{
	const struct tag *t = &tags->tags[nr];
	char show[80];
	struct slice whole =
	    t->name.len > 0
		? slice_new(t->name.ptr, (size_t)(t->value.ptr + t->value.len - t->name.ptr))
		: t->value;
	diagnose_show(slice_sub(whole, 0, 60), show, sizeof(show));
	if (t->name.len > 0 && is_split(t)) {
		finding_arg(
		    say(j, r, SAY_SPLIT_TAG, r->txts > 0 ? seen_text(j->seen, r, 0) : whole), 1,
		    "%s", show);
		return true;
	}
	if (!is_name(t->name)) {
		finding_arg(
		    say(j, r, SAY_STRAY_TEXT, r->txts > 0 ? seen_text(j->seen, r, 0) : whole), 1,
		    "%s", show);
		return true;
	}
	for (size_t i = 0; i < nr; i++) {
		if (!slice_eq(tags->tags[i].name, t->name))
			continue;
		diagnose_show(slice_sub(t->name, 0, 40), show, sizeof(show));
		finding_arg(say(j, r, SAY_TAG_TWICE, whole), 1, "%s", show);
		return true;
	}
	return false;
}

static bool
judge_version(const struct judging *j, const struct seen_reply *r, const struct tags *tags)
{
	const struct tag *v = diagnose_tag(tags, "v");
	char show[40];
	struct slice text = seen_text(j->seen, r, 0);
	if (v == NULL)
		return false;
	if (!slice_eq_str(v->value, "DKIM1")) {
		diagnose_show(slice_sub(v->value, 0, 20), show, sizeof(show));
		finding_arg(say(j, r, SAY_VERSION_WRONG, text), 1, "%s", show);
		return true;
	}
	if (v == tags->tags)
		return false;
	(void)say(j, r, SAY_VERSION_LATE, text);
	return true;
}

bool
diagnose_text(const struct judging *j, const struct seen_reply *r, struct slice text)
{
	struct tags tags;
	if (diagnose_private(j, r, text) || judge_octets(j, r, text))
		return true;
	diagnose_tags(text, &tags);
	const struct tag *v = diagnose_tag(&tags, "v");
	if (diagnose_tag(&tags, "p") == NULL &&
	    (v == NULL || !slice_ieq_str(slice_sub(v->value, 0, 4), "DKIM"))) {
		(void)say(j, r, SAY_NOT_A_KEY, text);
		return true;
	}
	for (size_t i = 0; i < tags.count; i++)
		if (judge_tag(j, r, &tags, i))
			return true;
	return judge_version(j, r, &tags);
}
