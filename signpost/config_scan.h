/* SPDX-License-Identifier: ISC */
/* config_scan.h - what we ask of signpost.conf before libconfuse sees it.
 *
 * libconfuse takes the last of two equal options, expands ${...}, forgives a brace that is never
 * closed and stops at a NUL: all of them ways to mean one thing and get another.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_SCAN_H
#define SIGNPOST_SIGNPOST_CONFIG_SCAN_H

#include "base/err.h"
#include "base/slice.h"
#include "signpost/options.h"

#define CONFIG_DEPTH_MAX 8

/* ERR_CONFIG "PATH:LINE: ...": NUL or other control bytes, "${", an open quote or brace, more
 * than one option on a line, a name that the section does not know (options.h) or has already. */
int config_scan(struct slice text, const char *path, struct err *) MUST_CHECK;
/* For messages about a section as a whole.  Of the options that stand in it, the line of the one that is the first to
 * be named in `names`, words in any text; if there is none, the line where the section begins; 0 when it is not in
 * the file.  title NULL: any. */
unsigned config_scan_line(
    struct slice text, enum section, const char *title, const char *names);
/* The option stands in the section, be it with an empty list. */
bool config_scan_has(struct slice text, enum section, const char *option);

#endif
