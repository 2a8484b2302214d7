/* SPDX-License-Identifier: ISC */
/* option_list.h - the list types of options.h; used by option_*.c only.
 *
 * Threads: as options.h. */
#ifndef SIGNPOST_SIGNPOST_OPTION_LIST_H
#define SIGNPOST_SIGNPOST_OPTION_LIST_H

#include "signpost/options.h"

/* As option_set, for what option_is_list; what was there has been freed. */
int option_set_list(const struct option_row *, void *base, const char *const *values, size_t count,
    struct err *) MUST_CHECK;
/* The same for what option_is_strings. */
int option_set_strings(const struct option_row *, void *base, const char *const *values,
    size_t count, struct err *) MUST_CHECK;
/* Puts the option and the value before a reason that does not quote the value itself. */
int option_wrap(const struct option_row *, const char *value, struct err *);
/* Stores a list that is on the heap, and its length. */
void option_put_list(const struct option_row *, void *base, void *list, size_t count);

#endif
