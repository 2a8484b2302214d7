/* SPDX-License-Identifier: ISC */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK_LEN 8192 /* holds the header of ordinary mail; larger pieces get their own */

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) uint8_t data[];
};

void
arena_init(struct arena *a, size_t len_max)
{
	*a = (struct arena){.len_max = len_max};
}

static void
free_blocks(struct arena_block *b, const struct arena_block *until)
{
	while (b != until) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
}

void
arena_clear(struct arena *a)
{
	struct arena_block *keep = a->head;

	while (keep != NULL && keep->next != NULL)
		keep = keep->next;
	free_blocks(a->head, keep);
	if (keep != NULL && keep->size > ARENA_BLOCK_LEN) {
		free(keep);
		keep = NULL;
	}
	if (keep != NULL)
		keep->used = 0;
	a->head = keep;
	a->used = 0;
}

void
arena_deinit(struct arena *a)
{
	free_blocks(a->head, NULL);
	a->head = NULL;
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > a->len_max - a->used)
		return NULL;
	size_t rounded = (size + align - 1) / align * align;
	struct arena_block *b = a->head;
	if (b == NULL || rounded > b->size - b->used) {
		size_t want = rounded > ARENA_BLOCK_LEN ? rounded : ARENA_BLOCK_LEN;
		b = malloc(sizeof *b + want);
		if (b == NULL)
			return NULL;
		*b = (struct arena_block){.next = a->head, .size = want};
		a->head = b;
	}
	void *p = b->data + b->used;
	b->used += rounded;
	a->used += size;
	return p;
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	uint8_t *p = arena_alloc(a, s.len + 1);

	if (p == NULL)
		return (struct slice){NULL, 0};
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return (struct slice){p, s.len};
}
