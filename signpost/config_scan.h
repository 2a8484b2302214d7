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

/* ERR_CONFIG "PATH:LINE: ...": what config_text.h refuses, an open quote or brace, more
 * than one option on a line, a name that the section does not know (options.h) or has already. */
int config_scan(struct slice text, const char *path, struct err *) MUST_CHECK;
/* Told what stands where in a text that config_scan took: each option, and each section as it begins, with how many
 * sections are around it, itself counted. */
struct config_section {
	enum section section;
	struct slice title; /* in the text; empty when it has none */
	unsigned line;
};
struct config_watch {
	void (*option)(void *arg, size_t depth, struct slice name, unsigned line);
	void (*section)(void *arg, size_t depth, const struct config_section *);
	void *arg;
};
int config_scan_watch(struct slice text, const struct config_watch *) MUST_CHECK;

#endif
