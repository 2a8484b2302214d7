/* SPDX-License-Identifier: ISC */
/* doctor_postfix_private.h - what the files that judge Postfix's settings share, and nobody else.  Pure.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_POSTFIX_PRIVATE_H
#define SIGNPOST_SIGNPOST_DOCTOR_POSTFIX_PRIVATE_H

#include "signpost/doctor_postfix.h"

#define SERVICE_LEN 128
#define VALUE_LEN   1024

struct judge {
	const struct doctor_postfix *p;
	struct doctor_findings *out;
	char in[SERVICE_LEN];	/* " (DIRECTORY)", or "" */
	char with[SERVICE_LEN]; /* " -c DIRECTORY", or "" */
	size_t signing; /* listeners that have our milter, or are meant to */
	bool submits;	/* some listener takes submissions */
	bool filtered;
};

/* The value of "NAME = VALUE"; false: there is no such line. */
bool postconf_value(struct slice text, const char *name, struct slice *value);
struct slice judge_setting(const struct judge *, const char *name);
const char *judge_text(struct slice, char out[static VALUE_LEN]);

/* doctor_behind.c.  Our milter says which macros it wants, and since version 6 of the protocol Postfix gives just
 * those. */
void judge_macros(struct judge *);
/* What happens on the way out. */
void judge_behind(struct judge *);

#endif
