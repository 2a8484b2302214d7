/* SPDX-License-Identifier: ISC */
#include "base/grow.h"

#include <stdint.h>
#include <stdlib.h>

#define GROW_FIRST 16 /* elements that there is room for at once */

void *
grow_array(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;
	if (*cap > SIZE_MAX / 2)
		return NULL;
	size_t wider = *cap == 0 ? GROW_FIRST : 2 * *cap;
	void *grown = reallocarray(array, wider, size);
	if (grown != NULL)
		*cap = wider;
	return grown;
}
