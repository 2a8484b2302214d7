/* SPDX-License-Identifier: ISC */
/* rng.c - chance from a seed, and events in the order of true time. */
#include "tests/sim/sim.h"

#include <stdlib.h>

uint64_t
rnd(struct site *site, uint64_t below)
{
	uint64_t z = (site->rng += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return below == 0 ? 0 : z % below;
}

int64_t
between(struct site *site, int64_t low, int64_t high)
{
	return high <= low ? low : low + (int64_t)rnd(site, (uint64_t)(high - low) + 1);
}

bool
chance(struct site *site, unsigned permille)
{
	return rnd(site, 1000) < permille;
}

static bool
earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void
event_put(struct site *site, int64_t at, struct event event)
{
	if (at > site->end)
		return;
	if (site->heap_count == site->heap_max) {
		site->heap_max = site->heap_max * 2 + 64;
		site->heap = realloc(site->heap, site->heap_max * sizeof(*site->heap));
		if (site->heap == NULL)
			abort();
	}
	event.at = at < site->now ? site->now : at;
	event.order = site->order++;
	size_t i = site->heap_count++;
	while (i > 0 && earlier(&event, &site->heap[(i - 1) / 2])) {
		site->heap[i] = site->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	site->heap[i] = event;
}

bool
event_take(struct site *site, struct event *out)
{
	if (site->heap_count == 0)
		return false;
	*out = site->heap[0];
	struct event last = site->heap[--site->heap_count];
	size_t i = 0, child;
	while ((child = 2 * i + 1) < site->heap_count) {
		if (child + 1 < site->heap_count &&
		    earlier(&site->heap[child + 1], &site->heap[child]))
			child++;
		if (!earlier(&site->heap[child], &last))
			break;
		site->heap[i] = site->heap[child];
		i = child;
	}
	if (site->heap_count > 0)
		site->heap[i] = last;
	return true;
}
