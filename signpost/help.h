/* SPDX-License-Identifier: ISC */
/* help.h - usage, from the tables of verbs and options.
 *
 * Threads: the main thread. */
#ifndef SIGNPOST_SIGNPOST_HELP_H
#define SIGNPOST_SIGNPOST_HELP_H

#include "signpost/verbs.h"

#include <stdio.h>

void help_verb(const struct verb *, FILE *);

#endif
