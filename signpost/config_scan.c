/* SPDX-License-Identifier: ISC */
#include "signpost/config_scan.h"
#include "signpost/config_text.h"
#include "signpost/options.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX    64 /* of one section; more cannot all be known */
#define NAME_LEN_MAX 63
#define SHOWN_MAX    80

struct name {
	struct slice text; /* of an option, or of a section without a title */
	unsigned line;
};

struct level {
	enum section section;
	unsigned line; /* of its opening brace */
	struct name names[NAMES_MAX];
	size_t name_count;
};

struct scan {
	struct slice text;
	size_t at;
	unsigned line;
	const char *path;
	struct err *err;
	struct level levels[CONFIG_DEPTH_MAX];
	size_t depth;			  /* index of the level that is open now */
	const struct config_watch *watch; /* or NULL */
	struct slice word;		  /* last bare word that is not yet a value, or empty */
	bool has_title;			  /* a string followed it */
	struct slice title;
	const struct option_row *option; /* whose value comes */
	bool option_on_line;		 /* this line has its "=" */
	bool value_wanted;		 /* behind "=" */
	bool in_list, member_before;
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
note_name(struct scan *s, const char *what)
{
	struct level *level = &s->levels[s->depth];

	for (size_t i = 0; i < level->name_count; i++) {
		if (slice_eq(level->names[i].text, s->word))
			return fail(s, "%s \"%.*s\" stands here twice; the first is in line %u",
			    what, SLICE_ARG(s->word), level->names[i].line);
	}
	if (level->name_count == NAMES_MAX)
		return fail(s, "more than %d names in one section", NAMES_MAX);
	level->names[level->name_count++] = (struct name){s->word, s->line};
	return 0;
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

/* What it most likely should be. */
static int
refuse_value(struct scan *s, struct slice value, bool quoted)
{
	struct slice shown = slice_sub(value, 0, SHOWN_MAX);

	if (s->option_on_line)
		return fail(s, "%.*s: a second value for %s; %s", SLICE_ARG(shown), s->option->name,
		    s->option->type == OPTION_DURATION || s->option->type == OPTION_MS
			? "a time is written in one word: 30d"
			: "a value with blanks goes in quotes");
	for (size_t i = 1; !quoted && !s->has_title && i < SECTION_COUNT; i++) {
		if (SECTIONS[i].titled && slice_eq_str(s->word, SECTIONS[i].name))
			return fail(s, "%s wants its title in quotes: %s \"%.*s\" {",
			    SECTIONS[i].name, SECTIONS[i].name, SLICE_ARG(shown));
	}
	return fail(s, "%.*s: want NAME = VALUE or NAME {", SLICE_ARG(shown));
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
	if (note_name(s, "option") != 0)
		return -1;
	if (s->watch != NULL)
		s->watch->option(s->watch->arg, s->depth, s->word, s->line);
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
		s->member_before = false;
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
	if (!SECTIONS[i].titled && note_name(s, "section") != 0)
		return -1;
	if (s->depth + 1 == CONFIG_DEPTH_MAX)
		return fail(s, "sections nested too deep");
	s->levels[++s->depth] = (struct level){.section = (enum section)i, .line = s->line};
	if (s->watch != NULL)
		s->watch->section(s->watch->arg, s->depth,
		    &(struct config_section){(enum section)i, s->title, s->line});
	s->word.len = 0;
	s->has_title = false;
	return 0;
}

static int
on_close(struct scan *s)
{
	if (s->word.len > 0 && s->option_on_line)
		return refuse_value(s, s->word, false);
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
on_member(struct scan *s, struct slice value)
{
	if (s->member_before)
		return fail(
		    s, "%.*s: want a comma before it", SLICE_ARG(slice_sub(value, 0, SHOWN_MAX)));
	s->member_before = true;
	return 0;
}

static int
on_comma(struct scan *s)
{
	if (!s->member_before)
		return fail(s, "',' where a value should be");
	s->member_before = false;
	return 0;
}

static int
on_value(struct scan *s, struct slice value, bool quoted)
{
	if (s->in_list)
		return on_member(s, value);
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
		return refuse_value(s, value, quoted);
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
		return refuse_value(s, s->word, false);
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
		return on_comma(s);
	return fail(s, "'%c' does not belong here; values with it go in quotes", c);
}

static int
scan_all(struct scan *s)
{
	if (config_text_check(s->text, s->path, s->err) != 0)
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

int
config_scan_watch(struct slice text, const struct config_watch *watch)
{
	struct err ignored = ERR_INIT; /* it was scanned before */
	struct scan s = {.text = text, .line = 1, .path = "", .err = &ignored, .watch = watch};

	return scan_all(&s);
}
