/* SPDX-License-Identifier: ISC */
#include "dkim/verify_trial.h"

#include "dkim/rewrite.h"
#include "dkim/sha256.h"

#define TRIALS_COVERS_MAX                                                                          \
	128 /* entries of h= that are tried; the time is their number times a check */
#define TRIALS_HEADER_MAX ((size_t)256 << 10) /* octets of signed fields: each trial hashes them */
#define HASH_INPUT_MAX	  ((size_t)64 << 20) /* the signed part of the largest message that is read */

int
cover_list_init(struct cover_list *l, struct arena *arena, struct err *err)
{
	struct header_picks picks;

	if (header_pick_named(l->list, l->sig->h, arena, &picks, err) != 0)
		return -1;
	l->covers = arena_alloc(arena, (picks.count + 1) * sizeof(*l->covers));
	if (l->covers == NULL)
		return err_set(
		    err, ERR_LIMIT, "h= names more fields (%zu) than are looked at", picks.count);
	l->count = picks.count;
	for (size_t i = 0; i < picks.count; i++) {
		const struct header_pick *pick = &picks.picks[i];
		struct cover *c = &l->covers[i];
		*c = (struct cover){.name = pick->name};
		if (pick->index == HEADER_ABSENT)
			continue;
		c->name = l->list->fields[pick->index].name;
		c->value = l->list->fields[pick->index].value;
		c->present = true;
	}
	return 0;
}

/* As cover_list_check, with another text for the signature's own field. */
static int
check_with(const struct cover_list *l, struct slice sig_value, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct buf input, own;
	int rc = -1;

	buf_init(&input, HASH_INPUT_MAX);
	buf_init(&own, SIGNATURE_LEN_MAX + sig_value.len);
	for (size_t i = 0; i < l->count; i++) {
		if (l->covers[i].present)
			canon_header(
			    l->sig->header_canon, l->covers[i].name, l->covers[i].value, &input);
	}
	if (signature_without_b(sig_value, &own, err) != 0)
		goto out;
	canon_header(l->sig->header_canon, l->sig_field->name, buf_slice(&own), &input);
	if (buf_check(&input, "signed header", err) != 0)
		goto out;
	/* RFC 6376 3.7: without the CRLF at the end. */
	if (sha256_digest(slice_sub(buf_slice(&input), 0, input.len - 2), digest, err) != 0)
		goto out;
	rc = dkim_pubkey_verify(l->key, false, slice_new(digest, sizeof(digest)),
	    slice_new(l->sig->b, l->sig->b_len), err);
out:
	buf_deinit(&input);
	buf_deinit(&own);
	return rc;
}

int
cover_list_check(const struct cover_list *l, struct err *err)
{
	return check_with(l, l->sig_field->value, err);
}

static bool
fits(const struct cover_list *l)
{
	struct err err = ERR_INIT;

	return cover_list_check(l, &err) == 1;
}

/* The topmost field that each name takes came later: above the signed ones, or where none was (5.4.2). */
static bool
try_without_top(struct cover_list *l, size_t i, struct buf *found)
{
	struct cover *c = &l->covers[i];

	for (size_t next = i + 1; next < l->count; next++) {
		if (l->covers[next].present && header_name_eq(l->covers[next].name, c->name))
			return false; /* that one stands above */
	}
	c->present = false;
	bool fit = fits(l);
	c->present = true;
	if (fit)
		buf_printf(found, "a field %.*s was added", SLICE_ARG(slice_sub(c->name, 0, 64)));
	return fit;
}

/* A field was added below the signed ones: each entry of h= must take the next higher one. */
static bool
try_without_bottom(struct cover_list *l, size_t i, struct buf *found)
{
	struct slice name = l->covers[i].name;
	struct cover saved[TRIALS_COVERS_MAX];
	size_t below = header_find_last(l->list, name, l->list->count);

	for (size_t k = 0; k < i; k++) {
		if (header_name_eq(l->covers[k].name, name))
			return false; /* tried with that one */
	}
	for (size_t k = i; k < l->count; k++) {
		saved[k] = l->covers[k];
		if (!header_name_eq(l->covers[k].name, name))
			continue;
		if (below != HEADER_ABSENT)
			below = header_find_last(l->list, name, below);
		l->covers[k].present = below != HEADER_ABSENT;
		if (below == HEADER_ABSENT)
			continue;
		l->covers[k].name = l->list->fields[below].name;
		l->covers[k].value = l->list->fields[below].value;
	}
	bool fit = fits(l);
	for (size_t k = i; k < l->count; k++)
		l->covers[k] = saved[k];
	if (fit)
		buf_printf(found, "a field %.*s was added below the signed one",
		    SLICE_ARG(slice_sub(name, 0, 64)));
	return fit;
}

/* Simple canonicalization keeps the name's case; h= often has it as the signer saw it. */
static bool
try_names_of_h(struct cover_list *l, struct buf *found)
{
	struct slice saved[TRIALS_COVERS_MAX] = {{NULL, 0}}, name;
	size_t off = 0, changed = 0;

	while (changed < l->count && tag_next_item(l->sig->h, &off, &name)) {
		saved[changed] = l->covers[changed].name;
		l->covers[changed++].name = name;
	}
	bool fit = fits(l);
	while (changed-- > 0)
		l->covers[changed].name = saved[changed];
	if (fit)
		buf_put_str(found,
		    "the capitals of a field's name were changed, which c=simple does not forgive");
	return fit;
}

/* One rewrite of the fields [first, end); true when b= then verifies.  Values are put back. */
static bool
try_rewrite(struct cover_list *l, const struct rewrite *how, size_t first, size_t end)
{
	struct slice saved[TRIALS_COVERS_MAX] = {{NULL, 0}};
	struct buf values[TRIALS_COVERS_MAX];
	bool changed = false;

	for (size_t i = first; i < end; i++) {
		struct cover *c = &l->covers[i];
		buf_init(&values[i], REWRITE_LEN_MAX);
		saved[i] = c->value;
		if (c->present && rewrite_value(how, c->name, c->value, &values[i])) {
			c->value = buf_slice(&values[i]);
			changed = true;
		}
	}
	bool fit = changed && fits(l);
	for (size_t i = first; i < end; i++) {
		l->covers[i].value = saved[i];
		buf_deinit(&values[i]);
	}
	return fit;
}

/* The signature's own field is covered too. */
static bool
try_rewrite_own(const struct cover_list *l, const struct rewrite *how)
{
	struct buf value;
	struct err err = ERR_INIT;

	buf_init(&value, REWRITE_LEN_MAX);
	bool fit = rewrite_value(how, l->sig_field->name, l->sig_field->value, &value) &&
		   check_with(l, buf_slice(&value), &err) == 1;
	buf_deinit(&value);
	return fit;
}

static bool
try_rewrites(struct cover_list *l, struct buf *found)
{
	for (const struct rewrite *how = REWRITES; how->found != NULL; how++) {
		if (how->simple_only && l->sig->header_canon == CANON_RELAXED)
			continue;
		for (size_t i = 0; i < l->count; i++) {
			if (!try_rewrite(l, how, i, i + 1))
				continue;
			buf_printf(found, "%.*s: %s",
			    SLICE_ARG(slice_sub(l->covers[i].name, 0, 64)), how->found);
			return true;
		}
		if (try_rewrite(l, how, 0, l->count)) {
			buf_printf(found, "several fields: %s", how->found);
			return true;
		}
		if (try_rewrite_own(l, how)) {
			buf_printf(found, "%s itself: %s", SIGNATURE_NAME, how->found);
			return true;
		}
	}
	return false;
}

static bool
is_small(const struct cover_list *l)
{
	size_t len = l->sig_field->value.len;

	for (size_t i = 0; i < l->count; i++)
		len += l->covers[i].value.len;
	return l->count <= TRIALS_COVERS_MAX && len <= TRIALS_HEADER_MAX;
}

bool
trial_run(struct cover_list *l, struct buf *found)
{
	if (!is_small(l))
		return false;
	for (size_t i = 0; i < l->count; i++) {
		if (l->covers[i].present &&
		    (try_without_top(l, i, found) || try_without_bottom(l, i, found)))
			return true;
	}
	if (l->sig->header_canon == CANON_SIMPLE && try_names_of_h(l, found))
		return true;
	return try_rewrites(l, found);
}
