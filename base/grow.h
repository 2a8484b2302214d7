/* SPDX-License-Identifier: ISC */
/* grow.h - room in an array of structs that grows; for octets there is buf.h.  How long an array may get is for
 * the caller to say.
 *
 *	void *fields = grow_array(l->fields, l->count, &l->cap, sizeof *l->fields);
 *	if (fields == NULL)
 *		return err_nomem(err);
 *	l->fields = fields;
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_BASE_GROW_H
#define SIGNPOST_BASE_GROW_H

#include <stddef.h>

/* The array (NULL at first) with room for one element more than count, *cap elements in all; free() frees it.
 * NULL without memory, or when its octets cannot be counted: array and *cap are as they were. */
void *grow_array(void *array, size_t count, size_t *cap, size_t size);

#endif
