/* SPDX-License-Identifier: ISC */
#include "signpost/config_find.h"
#include "signpost/config_scan.h"

/* The best line so far. */
struct finder {
	enum section section;
	const char *title, *names;
	bool wanted[CONFIG_DEPTH_MAX]; /* the sections that are open */
	unsigned line;
	size_t place; /* in names, of the option on that line */
};

static void
find_option(void *arg, size_t depth, struct slice name, unsigned line)
{
	struct finder *f = arg;
	size_t place;

	if (f->wanted[depth] && option_is_named(f->names, name, &place) && place < f->place) {
		f->place = place;
		f->line = line;
	}
}

static void
find_section(void *arg, size_t depth, const struct config_section *s)
{
	struct finder *f = arg;

	/* a login's domain may be spelled in any case */
	f->wanted[depth] = s->section == f->section &&
			   (f->title == NULL || slice_eq_str(s->title, f->title) ||
			       (f->section == SECTION_LOGIN && slice_ieq_str(s->title, f->title)));
	if (f->wanted[depth])
		f->line = s->line;
}

static void
find(struct slice text, struct finder *f)
{
	const struct config_watch watch = {find_option, find_section, f};

	f->place = SIZE_MAX;
	f->wanted[0] = f->section == SECTION_TOP;
	if (config_scan_watch(text, &watch) != 0)
		f->line = 0;
}

unsigned
config_find_line(struct slice text, enum section section, const char *title, const char *names)
{
	struct finder finder = {.section = section, .title = title, .names = names};

	find(text, &finder);
	return finder.line;
}

bool
config_find_has(struct slice text, enum section section, const char *option)
{
	struct finder finder = {.section = section, .names = option};

	find(text, &finder);
	return finder.line != 0 && finder.place == 0;
}

struct twin {
	unsigned line; /* of the one that is known */
	struct config_section known, first;
};

static void
skip_option(void *arg, size_t depth, struct slice name, unsigned line)
{
	(void)arg;
	(void)depth;
	(void)name;
	(void)line;
}

static void
know_section(void *arg, size_t depth, const struct config_section *s)
{
	struct twin *t = arg;

	(void)depth;
	if (s->line == t->line)
		t->known = *s;
}

static void
find_twin(void *arg, size_t depth, const struct config_section *s)
{
	struct twin *t = arg;

	(void)depth;
	if (t->first.line == 0 && s->section == t->known.section &&
	    slice_eq(s->title, t->known.title))
		t->first = *s;
}

unsigned
config_find_first(struct slice text, unsigned line, const char **section, struct slice *title)
{
	struct twin t = {.line = line};

	if (config_scan_watch(text, &(struct config_watch){skip_option, know_section, &t}) != 0 ||
	    t.known.line == 0 ||
	    config_scan_watch(text, &(struct config_watch){skip_option, find_twin, &t}) != 0)
		return 0;
	*section = SECTIONS[t.known.section].name;
	*title = t.known.title;
	return t.first.line;
}
