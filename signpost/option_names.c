/* SPDX-License-Identifier: ISC */
/* option_names.c - names that are none, and names in messages. */
#include "signpost/options.h"

#include <string.h>

#define NAME_LEN_MAX 63
#define NEAR_MAX     2 /* a name with more wrong letters is another name */

/* How many single letters are wrong, missing or too many; counted up to NEAR_MAX + 1. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_LEN_MAX + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > NAME_LEN_MAX || b_len > NAME_LEN_MAX)
		return NEAR_MAX + 1;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t before = row[0]; /* of the row above, one to the left */
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t least = before + (a[i - 1] != b[j - 1]);
			before = row[j];
			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			row[j] = least;
		}
	}
	return row[b_len];
}

static const struct option_row *
nearest_to(enum section section, const char *name)
{
	const struct option_row *nearest = NULL;
	size_t least = NEAR_MAX + 1;

	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
		size_t apart = row->section == section ? distance(row->name, name) : least;
		if (apart < least && apart < strlen(name) / 2) {
			least = apart;
			nearest = row;
		}
	}
	return nearest;
}

/* "in section sign", "at the top of the file" */
static const char *
in(enum section section, const char *in_section)
{
	return section == SECTION_TOP ? "at the top of the file" : in_section;
}

int
option_unknown(enum section here, const char *name, struct err *err)
{
	const struct option_row *row = nearest_to(here, name);

	if (row == NULL)
		return err_set(err, ERR_CONFIG, "no option \"%s\" %s%s; see signpost.conf(5)", name,
		    in(here, "in section "), SECTIONS[here].name);
	if (row->section == here)
		return err_set(err, ERR_CONFIG, "no option \"%s\"; is it %s?", name, row->name);
	return err_set(err, ERR_CONFIG, "option \"%s\" belongs %s%s, not %s%s", name,
	    in(row->section, "into section "), SECTIONS[row->section].name, in(here, "into "),
	    SECTIONS[here].name);
}

int
section_unknown(enum section here, const char *name, struct err *err)
{
	for (size_t i = 1; i < SECTION_COUNT; i++) {
		enum section parent = SECTIONS[i].parent;
		if (strcmp(SECTIONS[i].name, name) == 0)
			return err_set(err, ERR_CONFIG, "section \"%s\" belongs %s%s%s", name,
			    in(parent, "into section "), SECTIONS[parent].name,
			    parent == SECTION_TOP ? "; is a brace missing above?" : "");
	}
	return err_set(err, ERR_CONFIG, "no section \"%s\" %s%s; see signpost.conf(5)", name,
	    in(here, "in section "), SECTIONS[here].name);
}

bool
option_is_named(const char *text, struct slice name, size_t *place)
{
	struct slice rest = slice_of(text);
	bool inside = false; /* a longer name */

	for (size_t i = 0; i + name.len <= rest.len; i++) {
		uint8_t after = i + name.len < rest.len ? rest.ptr[i + name.len] : ' ';
		bool ends = !ascii_is_alnum(after) && after != '_' && after != '-';
		if (!inside && ends && slice_eq(slice_sub(rest, i, name.len), name)) {
			*place = i;
			return true;
		}
		inside = ascii_is_alnum(rest.ptr[i]) || rest.ptr[i] == '_' || rest.ptr[i] == '-';
	}
	return false;
}
