/* SPDX-License-Identifier: ISC */
/* config_find.h - the line of what a message is about, in a text that config_scan took.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_FIND_H
#define SIGNPOST_SIGNPOST_CONFIG_FIND_H

#include "base/slice.h"
#include "signpost/options.h"

/* For messages about a section as a whole.  Of the options that stand in it, the line of the one that is the first to
 * be named in `names`, words in any text; if there is none, the line where the section begins; 0 when it is not in
 * the file.  title NULL: any. */
unsigned config_find_line(
    struct slice text, enum section, const char *title, const char *names);
/* The first section of the name and title of the one that begins in this line: its line, or 0. */
unsigned config_find_first(
    struct slice text, unsigned line, const char **section, struct slice *title);
/* The option stands in the section, be it with an empty list. */
bool config_find_has(struct slice text, enum section, const char *option);

#endif
