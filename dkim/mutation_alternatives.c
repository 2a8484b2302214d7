/* SPDX-License-Identifier: ISC */
/* mutation_alternatives.c - what h= may have taken: other fields of a name, other values of a field. */
#include "dkim/mutation_field.h"
#include "dkim/rewrite.h"
#include "dkim/verify_copied.h"

#define ARG_SHOW 120

struct slice
alternative_canon(struct alternatives *a, struct slice name, struct slice value)
{
	struct buf out;
	struct slice canon = {NULL, 0};

	if (value.ptr == NULL)
		return canon;
	buf_init(&out, MUTATION_HEADER_MAX);
	canon_header(a->m->sig->header_canon, name, value, &out);
	if (out.state == BUF_OK)
		canon = arena_copy(a->arena, buf_slice(&out));
	a->full = a->full || canon.ptr == NULL;
	buf_deinit(&out);
	return canon;
}

void
alternative_edits(struct alternatives *a, const struct alternative *new)
{
	bool changes = false;

	for (size_t i = 0; i < new->edit_count; i++)
		changes = changes || !slice_eq(new->edits[i].canon, a->now[new->edits[i].cover]);
	if (!changes)
		return;
	if (a->count == ALTERNATIVES_MAX) {
		a->full = true;
		return;
	}
	a->list[a->count++] = *new;
}

static size_t
group_of(const struct cover_list *l, size_t cover)
{
	size_t first = 0;

	while (cover < l->count && first < cover &&
	       !header_name_eq(l->covers[first].name, l->covers[cover].name))
		first++;
	return cover < l->count ? first : cover;
}

/* h= may name a field that is gone in small letters; simple canonicalization wants those that it had. */
static struct slice
usual_name(const struct cover *c)
{
	for (const struct header_rule *rule = HEADER_RULES; rule->name != NULL; rule++) {
		if (c->index == HEADER_ABSENT && slice_ieq_str(c->name, rule->name))
			return slice_of(rule->name);
	}
	return c->name;
}

void
alternative_value(struct alternatives *a, enum verify_say say, size_t cover, struct slice value,
    const struct slice args[static 3])
{
	struct slice name = cover < a->covers->count ? usual_name(&a->covers->covers[cover])
						     : a->m->sig_field->name;
	struct edit *edit = arena_alloc(a->arena, sizeof(*edit));
	struct alternative new = {
	    .say = say, .group = group_of(a->covers, cover), .edits = edit, .edit_count = 1};

	if (edit == NULL) {
		a->full = true;
		return;
	}
	*edit = (struct edit){cover, alternative_canon(a, name, value)};
	for (size_t i = 0; i < 3; i++) {
		struct slice shown = slice_sub(slice_trim(args[i]), 0, ARG_SHOW);
		if (shown.len > 0)
			new.args[i] = arena_copy(a->arena, shown);
	}
	if (edit->canon.ptr != NULL)
		alternative_edits(a, &new);
}

struct edit *
alternative_new_edits(struct alternatives *a)
{
	struct edit *edits = arena_alloc(a->arena, (a->covers->count + 1) * sizeof(*edits));

	a->full = a->full || edits == NULL;
	return edits;
}

/* The topmost field that the name takes came later: above the signed one, or where none was (5.4.2). */
static void
add_without_top(struct alternatives *a, size_t group)
{
	const struct cover_list *l = a->covers;
	size_t top = HEADER_ABSENT;
	struct edit *edit = arena_alloc(a->arena, sizeof(*edit));

	for (size_t i = group; i < l->count; i++) {
		if (group_of(l, i) == group && l->covers[i].index != HEADER_ABSENT)
			top = i;
	}
	if (top == HEADER_ABSENT || edit == NULL)
		return;
	const struct cover *c = &l->covers[top];
	bool only = header_count(a->m->others, c->name) == 1;
	*edit = (struct edit){.cover = top};
	alternative_edits(
	    a, &(struct alternative){only ? MUTATION_FIELD_NEW : MUTATION_FIELD_SECOND,
		   {slice_sub(c->name, 0, 64), slice_sub(slice_trim(c->value), 0, ARG_SHOW)}, group,
		   edit, 1});
}

/* A field was added below the signed ones: each entry of h= must take the next higher one. */
static void
add_without_bottom(struct alternatives *a, size_t group)
{
	const struct cover_list *l = a->covers;
	const struct header_list *list = a->m->others;
	struct slice name = l->covers[group].name;
	size_t below = header_find_last(list, name, list->count), n = 0;

	if (header_count(list, name) < 2)
		return;
	struct edit *edits = alternative_new_edits(a);
	struct slice shown = slice_sub(slice_trim(list->fields[below].value), 0, ARG_SHOW);
	for (size_t i = group; edits != NULL && i < l->count; i++) {
		if (group_of(l, i) != group)
			continue;
		if (below != HEADER_ABSENT)
			below = header_find_last(list, name, below);
		edits[n] = (struct edit){.cover = i};
		if (below != HEADER_ABSENT)
			edits[n].canon = alternative_canon(
			    a, list->fields[below].name, list->fields[below].value);
		n++;
	}
	if (edits != NULL)
		alternative_edits(a, &(struct alternative){MUTATION_FIELD_BELOW,
					 {slice_sub(name, 0, 64), shown}, group, edits, n});
}

/* Simple canonicalization keeps the name's case; h= often has it as the signer saw it. */
static void
add_names_of_h(struct alternatives *a)
{
	struct edit *edits = alternative_new_edits(a);
	struct slice name;
	size_t off = 0, n = 0;

	while (edits != NULL && n < a->covers->count && tag_next_item(a->m->sig->h, &off, &name)) {
		const struct cover *c = &a->covers->covers[n];
		edits[n] = (struct edit){.cover = n};
		if (c->index != HEADER_ABSENT)
			edits[n].canon = alternative_canon(a, name, c->value);
		n++;
	}
	if (edits != NULL)
		alternative_edits(
		    a, &(struct alternative){MUTATION_NAME_CASE, {{NULL, 0}}, GROUP_ALL, edits, n});
}

/* One rewrite of all fields. */
static void
add_rewrite_of_all(struct alternatives *a, const struct rewrite *how)
{
	struct edit *edits = alternative_new_edits(a);
	struct buf out;

	for (size_t i = 0; edits != NULL && i < a->covers->count; i++) {
		const struct cover *c = &a->covers->covers[i];
		edits[i] = (struct edit){.cover = i};
		if (c->index == HEADER_ABSENT)
			continue;
		buf_init(&out, REWRITE_LEN_MAX);
		(void)rewrite_value(how, c->value, &out);
		edits[i].canon = alternative_canon(
		    a, c->name, out.len > 0 ? buf_slice(&out) : slice_sub(c->value, 0, 0));
		buf_deinit(&out);
	}
	if (edits != NULL)
		alternative_edits(a, &(struct alternative){how->say, {SLICE_LIT("several fields")},
					 GROUP_ALL, edits, a->covers->count});
}

static void
add_rewrites(struct alternatives *a, size_t cover, struct slice name, struct slice value)
{
	struct buf out;

	for (const struct rewrite *how = REWRITES; how->say != VERIFY_SAY_COUNT; how++) {
		if (how->simple_only && a->m->sig->header_canon == CANON_RELAXED)
			continue;
		buf_init(&out, REWRITE_LEN_MAX);
		if (rewrite_value(how, value, &out) && out.len > 0)
			alternative_value(a, how->say, cover, buf_slice(&out),
			    (struct slice[3]){slice_sub(name, 0, 64)});
		buf_deinit(&out);
	}
}

/* z= tells what a field was, or that one was there. */
static void
add_copies(struct alternatives *a)
{
	struct buf value;
	struct slice name;
	size_t off = 0;

	buf_init(&value, COPIED_LEN_MAX);
	while (copied_next(a->m->sig, &off, &name, &value)) {
		for (size_t i = 0; i < a->covers->count && value.len > 0; i++) {
			if (header_name_eq(a->covers->covers[i].name, name))
				alternative_value(a, MUTATION_COPY, i, buf_slice(&value),
				    (struct slice[3]){slice_sub(name, 0, 64), buf_slice(&value)});
		}
		buf_clear(&value);
	}
	buf_deinit(&value);
}

void
alternatives_all(struct alternatives *a, struct slice own)
{
	const struct cover_list *l = a->covers;

	for (size_t i = 0; i < l->count; i++) {
		if (group_of(l, i) != i)
			continue;
		add_without_top(a, i);
		add_without_bottom(a, i);
	}
	for (size_t i = 0; i < l->count; i++) {
		if (l->covers[i].index != HEADER_ABSENT)
			add_rewrites(a, i, l->covers[i].name, l->covers[i].value);
	}
	add_rewrites(a, l->count, SLICE_LIT(SIGNATURE_NAME " itself"), own);
	for (size_t i = 0; i < l->count; i++)
		alternatives_of_value(a, i);
	add_copies(a);
	if (a->m->sig->header_canon == CANON_SIMPLE) {
		add_names_of_h(a);
		for (const struct rewrite *how = REWRITES; how->say != VERIFY_SAY_COUNT; how++)
			add_rewrite_of_all(a, how);
	}
	/* many, and they seldom help: the last ones */
	alternatives_of_words(a);
}
