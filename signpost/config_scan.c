/* SPDX-License-Identifier: ISC */
#include "signpost/config_scan.h"
#include "signpost/options.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX    64 /* of one section; more cannot all be known */
#define NAME_LEN_MAX 63

struct level {
	enum section section;
	bool wanted;   /* by a finder */
	unsigned line; /* of its opening brace */
	struct slice names[NAMES_MAX];
	size_t name_count;
};

/* For config_scan_line: the best line so far. */
struct finder {
	enum section section;
	const char *title, *text;
	unsigned line;
	size_t place; /* in text, of the option on that line */
};

struct scan {
	struct slice text;
	size_t at;
	unsigned line;
	const char *path;
	struct err *err;
	struct level levels[CONFIG_DEPTH_MAX];
	size_t depth;	       /* index of the level that is open now */
	struct finder *finder; /* or NULL */
	struct slice word;     /* last bare word that is not yet a value, or empty */
	bool has_title;	       /* a string followed it */
	struct slice title;
	const struct option_row *option; /* whose value comes */
	bool option_on_line;		 /* this line has its "=" */
	bool value_wanted;		 /* behind "=" */
	bool in_list;
	unsigned list_line;
};

static int PRINTF(2, 3) fail(struct scan *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(s->err, ERR_CONFIG, fmt, ap);
	va_end(ap);
	return err_wrap(s->err, "%s:%u", s->path, s->line);
}

/* Puts where we are before what was said. */
static int
at_line(struct scan *s)
{
	return err_wrap(s->err, "%s:%u", s->path, s->line);
}

/* Remembers a name in the open level; a second one is refused. */
static int
note_name(struct scan *s, const char *what, const char *name)
{
	struct level *level = &s->levels[s->depth];

	for (size_t i = 0; i < level->name_count; i++) {
		if (slice_eq_str(level->names[i], name))
			return fail(s, "%s \"%s\" stands here twice", what, name);
	}
	if (level->name_count == NAMES_MAX)
		return fail(s, "more than %d names in one section", NAMES_MAX);
	level->names[level->name_count++] = s->word;
	return 0;
}

static void
find_option(struct scan *s)
{
	struct finder *f = s->finder;
	size_t place;

	if (f != NULL && s->levels[s->depth].wanted && option_is_named(f->text, s->word, &place) &&
	    place < f->place) {
		f->place = place;
		f->line = s->line;
	}
}

static void
find_section(struct scan *s)
{
	struct finder *f = s->finder;
	struct level *level = &s->levels[s->depth];

	if (f == NULL || f->section != level->section)
		return;
	/* a login's domain may be spelled in any case */
	level->wanted = f->title == NULL || slice_eq_str(s->title, f->title) ||
			(f->section == SECTION_LOGIN && slice_ieq_str(s->title, f->title));
	if (level->wanted)
		f->line = s->line;
}

static int
word_to_name(struct scan *s, const char *before, char name[static NAME_LEN_MAX + 1])
{
	if (s->word.len == 0)
		return fail(s, "want a name before \"%s\"", before);
	if (!slice_to_str(s->word, name, NAME_LEN_MAX + 1))
		return fail(s, "a name of more than %d characters", NAME_LEN_MAX);
	return 0;
}

static int
on_equals(struct scan *s)
{
	char name[NAME_LEN_MAX + 1];

	if (s->value_wanted || s->in_list)
		return fail(s, "\"=\" where a value should be; put values with \"=\" in quotes");
	if (word_to_name(s, "=", name) != 0)
		return -1;
	if (s->option_on_line)
		return fail(s, "a second option on this line: %s; one option a line", name);
	s->option = option_find(s->levels[s->depth].section, name);
	if (s->option == NULL) {
		option_unknown(s->levels[s->depth].section, name, s->err);
		return at_line(s);
	}
	if (note_name(s, "option", name) != 0)
		return -1;
	find_option(s);
	s->word.len = 0;
	s->option_on_line = s->value_wanted = true;
	return 0;
}

static int
on_open(struct scan *s)
{
	char name[NAME_LEN_MAX + 1];
	size_t i;

	if (s->value_wanted) {
		if (!option_is_list(s->option))
			return fail(s, "%s wants one value, without braces", s->option->name);
		s->value_wanted = false;
		s->in_list = true;
		s->list_line = s->line;
		return 0;
	}
	if (s->in_list)
		return fail(s, "a list in a list");
	if (word_to_name(s, "{", name) != 0)
		return -1;
	for (i = 1; i < SECTION_COUNT; i++) {
		if (SECTIONS[i].parent == s->levels[s->depth].section &&
		    strcmp(SECTIONS[i].name, name) == 0)
			break;
	}
	if (i == SECTION_COUNT) {
		section_unknown(s->levels[s->depth].section, name, s->err);
		return at_line(s);
	}
	if (SECTIONS[i].titled != s->has_title)
		return fail(s, "section %s %s", name,
		    s->has_title ? "has no title" : "wants a title: NAME \"TITLE\" {");
	if (!SECTIONS[i].titled && note_name(s, "section", name) != 0)
		return -1;
	if (s->depth + 1 == CONFIG_DEPTH_MAX)
		return fail(s, "sections nested too deep");
	s->levels[++s->depth] = (struct level){.section = (enum section)i, .line = s->line};
	find_section(s);
	s->word.len = 0;
	s->has_title = false;
	return 0;
}

static int
on_close(struct scan *s)
{
	if (s->value_wanted || s->word.len > 0)
		return fail(s, "\"}\" where a value should be");
	if (s->in_list) {
		s->in_list = false;
		return 0;
	}
	if (s->depth == 0)
		return fail(s, "\"}\" closes nothing");
	s->depth--;
	return 0;
}

static int
on_value(struct scan *s, struct slice value, bool quoted)
{
	if (s->in_list)
		return 0;
	if (s->value_wanted) {
		s->value_wanted = false;
		return 0;
	}
	if (quoted && s->word.len > 0 && !s->has_title) {
		s->has_title = true;
		s->title = value;
		return 0;
	}
	if (quoted || s->word.len > 0)
		return fail(s, "%.*s: want NAME = VALUE or NAME {",
		    (int)(value.len < 80 ? value.len : 80), (const char *)value.ptr);
	s->word = value;
	return 0;
}

static int
take_string(struct scan *s)
{
	size_t begin = s->at + 1;

	for (size_t i = begin; i < s->text.len && s->text.ptr[i] != '\n'; i++) {
		uint8_t c = s->text.ptr[i];
		if (c == '"') {
			s->at = i + 1;
			return on_value(s, slice_sub(s->text, begin, i - begin), true);
		}
		if (c == '\\' && i + 1 < s->text.len) {
			uint8_t next = s->text.ptr[++i];
			if (next != '"' && next != '\\')
				return fail(s, "in quotes only \\\" and \\\\ are escapes");
		}
	}
	return fail(s, "a quote is opened and not closed on this line");
}

static bool
is_word(uint8_t c)
{
	return ascii_is_alnum(c) || (c != 0 && strchr("-_./:*@%~^!?;<>[]|&", c) != NULL) ||
	       c >= 0x80;
}

static int
take_word(struct scan *s)
{
	size_t begin = s->at;

	while (s->at < s->text.len && is_word(s->text.ptr[s->at])) {
		if (s->text.ptr[s->at] == '/' && s->at + 1 < s->text.len &&
		    (s->text.ptr[s->at + 1] == '/' || s->text.ptr[s->at + 1] == '*'))
			return fail(
			    s, "comments begin with #; a value with // or /* goes in quotes");
		s->at++;
	}
	return on_value(s, slice_sub(s->text, begin, s->at - begin), false);
}

static int
end_line(struct scan *s)
{
	if (s->value_wanted)
		return fail(s, "no value behind \"=\"");
	if (s->word.len > 0)
		return fail(s, "%.*s: want NAME = VALUE or NAME {",
		    (int)(s->word.len < 80 ? s->word.len : 80), (const char *)s->word.ptr);
	s->option_on_line = false;
	s->line++;
	s->at++;
	return 0;
}

static int
take(struct scan *s)
{
	uint8_t c = s->text.ptr[s->at];

	if (c == '\n')
		return end_line(s);
	if (c == '"')
		return take_string(s);
	if (is_word(c))
		return take_word(s);
	if (c == '#') {
		while (s->at < s->text.len && s->text.ptr[s->at] != '\n')
			s->at++;
		return 0;
	}
	s->at++;
	if (c == ' ' || c == '\t')
		return 0;
	if (c == '=')
		return on_equals(s);
	if (c == '{')
		return on_open(s);
	if (c == '}')
		return on_close(s);
	if (c == ',' && s->in_list)
		return 0;
	return fail(s, "'%c' does not belong here; values with it go in quotes", c);
}

/* What must not stand anywhere: libconfuse would stop at it or expand it. */
static int
check_octets(struct scan *s)
{
	if (s->text.len >= 3 && memcmp(s->text.ptr, "\xef\xbb\xbf", 3) == 0)
		return fail(s, "a byte order mark; save the file as UTF-8 without one");
	for (size_t i = 0; i < s->text.len; i++) {
		uint8_t c = s->text.ptr[i];
		if (c == '\r')
			return fail(s, "a CR; save the file with Unix line ends");
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return fail(s, "control byte 0x%02x", c);
		if (c == '$' && i + 1 < s->text.len && s->text.ptr[i + 1] == '{')
			return fail(s, "\"${\": the environment is no part of the configuration");
		if (c == '\n')
			s->line++;
	}
	s->line = 1;
	return 0;
}

static int
scan_all(struct scan *s)
{
	if (check_octets(s) != 0)
		return -1;
	while (s->at < s->text.len) {
		if (take(s) != 0)
			return -1;
	}
	if (end_line(s) != 0) /* of a last line without LF */
		return -1;
	if (s->in_list || s->depth > 0) {
		s->line = s->in_list ? s->list_line : s->levels[s->depth].line;
		return fail(s, "the brace opened here is never closed");
	}
	return 0;
}

int
config_scan(struct slice text, const char *path, struct err *err)
{
	struct scan s = {.text = text, .line = 1, .path = path, .err = err};

	return scan_all(&s);
}

static void
find(struct slice text, struct finder *finder)
{
	struct err ignored = ERR_INIT; /* it was scanned before */
	struct scan s = {.text = text, .line = 1, .path = "", .err = &ignored, .finder = finder};

	finder->place = SIZE_MAX;
	s.levels[0].wanted = finder->section == SECTION_TOP;
	if (scan_all(&s) != 0)
		finder->line = 0;
}

unsigned
config_scan_line(struct slice text, enum section section, const char *title, const char *names)
{
	struct finder finder = {.section = section, .title = title, .text = names};

	find(text, &finder);
	return finder.line;
}

bool
config_scan_has(struct slice text, enum section section, const char *option)
{
	struct finder finder = {.section = section, .text = option};

	find(text, &finder);
	return finder.line != 0 && finder.place == 0;
}
