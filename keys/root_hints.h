/* SPDX-License-Identifier: ISC */
/* root_hints.h - the names and addresses of the root servers (https://www.internic.net/domain/named.root).
 *
 * Threads: constants. */
#ifndef SIGNPOST_KEYS_ROOT_HINTS_H
#define SIGNPOST_KEYS_ROOT_HINTS_H

#include <stddef.h>

struct root_hint {
	const char *name, *v4, *v6;
};

extern const struct root_hint root_hints[];
extern const size_t root_hint_count;

#endif
