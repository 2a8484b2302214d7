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

#define CONFIG_DEPTH_MAX 8

/* ERR_CONFIG "PATH:LINE: ...": NUL or other control bytes, "${", an open quote or brace, more
 * than one option on a line, a name that the section does not know (options.h) or has already. */
int config_scan(struct slice text, const char *path, struct err *) MUST_CHECK;

#endif
