/* SPDX-License-Identifier: ISC */
/* options.h - the options of signpost.conf, one row each.  From the rows come libconfuse's
 * options, defaults, checks, the output of `signpost config`, and the option section of the
 * manual page.
 *
 * To add an option: a field in its section's struct, and a row in options.c.
 *
 * Threads: the rows are constants; a section that is being filled has one thread. */
#ifndef SIGNPOST_SIGNPOST_OPTIONS_H
#define SIGNPOST_SIGNPOST_OPTIONS_H

#include "base/buf.h"

#define OPTION_VALUES_MAX 1024 /* members of one list */

enum section {
	SECTION_TOP,
	SECTION_SIGN,
	SECTION_BARE_LOGINS,
	SECTION_LOCAL_SUBMISSION,
	SECTION_NETWORK,
	SECTION_LOGIN,
	SECTION_POLICY,
	SECTION_PUBLISHER,
	SECTION_SIGNERS,
	SECTION_KEEPER,
	SECTION_NOTIFY,
	SECTION_DNS,
	SECTION_ZONE,
	SECTION_COUNT
};

struct section_row {
	const char *name; /* "" for the top */
	enum section parent;
	bool titled; /* any number of them, each with a title of its own */
	const char *help;
};

enum option_type {
	OPTION_TEXT,	  /* char * */
	OPTION_PATH,	  /* char *, absolute */
	OPTION_PROGRAM,	  /* char *, absolute or a bare name; "" is none */
	OPTION_DOMAIN,	  /* char *, A-labels */
	OPTION_YESNO,	  /* bool */
	OPTION_COUNT,	  /* uint32_t */
	OPTION_DURATION,  /* int64_t seconds */
	OPTION_MS,	  /* int milliseconds */
	OPTION_CHOICE,	  /* an enum, by its place in choices */
	OPTION_CANON,	  /* two enum canon_kind */
	OPTION_ALGS,	  /* enum key_alg[POLICY_ALGORITHMS_MAX] and size_t */
	OPTION_ENTRIES,	  /* char ** and size_t: domain entries */
	OPTION_WORDS,	  /* char ** and size_t: a program and its arguments */
	OPTION_PATHS,	  /* char ** and size_t: absolute */
	OPTION_MILTERS,	  /* char ** and size_t: as milter/client.h takes them */
	OPTION_ENDPOINTS, /* struct dns_endpoint * and size_t */
};

struct option_row {
	enum section section;
	const char *name;
	enum option_type type;
	size_t offset;	 /* in the section's struct */
	size_t offset2;	 /* of the count, or of the second field */
	const char *def; /* NULL: none; a choice without one must be made.  Lists: their only member */
	int64_t min, max;
	const char *const *choices; /* ended by NULL */
	const char *help;	    /* one sentence without final dot */
};

extern const struct section_row SECTIONS[SECTION_COUNT];
extern const struct option_row OPTIONS[]; /* ended by a NULL name */

bool option_is_list(const struct option_row *);
bool option_is_strings(const struct option_row *); /* a list of char * */
const struct option_row *option_find(enum section, const char *name); /* NULL if there is none */
/* Says that there is no such option or section here, and which was meant: one of the same name elsewhere, or one that
 * is spelled nearly so.  ERR_CONFIG. */
int option_unknown(enum section, const char *name, struct err *);
int section_unknown(enum section here, const char *name, struct err *);
/* The name stands in the text as a word: place is where. */
bool option_is_named(const char *text, struct slice name, size_t *place);

/* Parses the values into the section's struct at base, whose old value is freed.  ERR_CONFIG
 * names the option, the value and what would be right. */
int option_set(const struct option_row *, void *base, const char *const *values, size_t count,
    struct err *) MUST_CHECK;
int option_set_default(const struct option_row *, void *base, struct err *) MUST_CHECK;
/* Tries the values without keeping them. */
int option_check(
    const struct option_row *, const char *const *values, size_t count, struct err *) MUST_CHECK;
/* The value as it would stand in the file: relaxed/relaxed, 30d, {"a", "b"}. */
void option_format(const struct option_row *, const void *base, struct buf *out);
bool option_is_default(const struct option_row *, const void *base);
void option_clear(const struct option_row *, void *base); /* frees what it holds */

/* "30d", "1h30m" is not a form: one number, one unit of s m h d w; "0" alone is fine. */
bool duration_parse(struct slice, int64_t *seconds);
void duration_format(int64_t seconds, struct buf *out); /* the largest unit that divides it */
void time_format(int64_t ms, struct buf *out);		/* the same; "500ms" */

#endif
