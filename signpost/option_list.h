/* SPDX-License-Identifier: ISC */
/* option_list.h - the list types of options.h; used by option_value.c only.
 *
 * Threads: as options.h. */
#ifndef SIGNPOST_SIGNPOST_OPTION_LIST_H
#define SIGNPOST_SIGNPOST_OPTION_LIST_H

#include "signpost/options.h"

/* As option_set, for OPTION_ALGS, OPTION_ENTRIES and OPTION_ENDPOINTS; what was there has been
 * freed. */
int option_set_list(const struct option_row *, void *base, const char *const *values, size_t count,
    struct err *) MUST_CHECK;

#endif
