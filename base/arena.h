/* SPDX-License-Identifier: ISC */
/* arena.h - memory for one message: many small pieces, freed in one call.
 *
 * Pieces are never freed one by one and never move, so slices into an arena stay good until
 * arena_clear() or arena_deinit().  The cap bounds what a message can make us hold.
 *
 *	struct arena a;
 *	arena_init(&a, 300 * 1024);
 *	struct slice kept = arena_copy(&a, value);	(kept.ptr == NULL: cap reached,
 *      or no memory)
 *	arena_clear(&a);				(one block is kept for the next message)
 *
 * Threads: one arena, one thread at a time. */
#ifndef SIGNPOST_BASE_ARENA_H
#define SIGNPOST_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* newest first; the last one is kept by arena_clear */
	size_t used;              /* bytes handed out */
	size_t len_max;
};

void arena_init(struct arena *, size_t len_max); /* allocates nothing yet */
void arena_clear(struct arena *);
void arena_deinit(struct arena *); /* safe twice */

/* Aligned for any object; NULL when the cap or the memory ends. */
void *arena_alloc(struct arena *, size_t size);
/* A copy, with a NUL behind it that is not counted; ptr NULL on failure (never for success). */
struct slice arena_copy(struct arena *, struct slice);

#endif
