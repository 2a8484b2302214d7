/* SPDX-License-Identifier: ISC */
/* A message: its fields are parsed, picked and canonicalized; relaxed twice is relaxed once. */
#include "dkim/canon.h"
#include "dkim/header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_relaxed(const struct header_field *f)
{
	struct buf once, twice;
	size_t colon = 0;

	buf_init(&once, f->name.len + f->value.len + 16);
	buf_init(&twice, f->name.len + f->value.len + 16);
	canon_header(CANON_RELAXED, f->name, f->value, &once);
	struct slice c = buf_slice(&once);
	if (!slice_find(c, ':', &colon) || c.len < 3)
		abort();
	canon_header(CANON_RELAXED, slice_sub(c, 0, colon),
	    slice_sub(c, colon + 1, c.len - colon - 3), &twice);
	if (!slice_eq(c, buf_slice(&twice)))
		abort();
	buf_deinit(&once);
	buf_deinit(&twice);
}

static void
check_picks(const struct header_list *l, const struct header_picks *p)
{
	for (size_t i = 0; i < p->count; i++) {
		size_t at = p->picks[i].index;
		if (at != HEADER_ABSENT &&
		    (at >= l->count || !header_name_eq(l->fields[at].name, p->picks[i].name)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header_list l = {NULL, 0, 0};
	struct header_picks picks;
	struct arena arena;
	struct err err = ERR_INIT;
	size_t body_off;

	arena_init(&arena, 1 << 20);
	if (header_list_parse(&l, slice_new(data, size), 1000, &body_off, &err) == 0) {
		if (body_off > size)
			abort();
		for (size_t i = 0; i < l.count; i++)
			check_relaxed(&l.fields[i]);
		if (header_pick_all(&l, HEADER_RULES, &arena, &picks, &err) == 0)
			check_picks(&l, &picks);
		/* The first field's value serves as an h= as well. */
		if (l.count > 0 &&
		    header_pick_named(&l, l.fields[0].value, &arena, &picks, &err) == 0)
			check_picks(&l, &picks);
	}
	header_list_deinit(&l);
	arena_deinit(&arena);
	return 0;
}
