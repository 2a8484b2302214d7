/* SPDX-License-Identifier: ISC */
/* header.h - header fields in order, and which of them a signature covers (RFC 6376 5.4, 5.4.2).
 * Pure.
 *
 * A list borrows: names and values must outlive it.  Names compare without case and without WSP
 * before the colon.
 *
 * Threads: one list, one thread; a list that nobody changes may be read by many. */
#ifndef SIGNPOST_DKIM_HEADER_H
#define SIGNPOST_DKIM_HEADER_H

#include "base/arena.h"
#include "base/buf.h"

struct header_field {
	struct slice name;  /* before the colon, as it came */
	struct slice value; /* behind the colon, leading WSP kept, folds as CRLF, no final CRLF */
};

struct header_list {
	struct header_field *fields; /* top of the message first */
	size_t count, cap;
};

enum header_cover {
	HEADER_SIGN,      /* every instance that is present */
	HEADER_SIGN_PLUS, /* every instance, plus one when present: none can be added */
	HEADER_OVERSIGN,  /* every instance, plus one, also when absent */
};

struct header_rule {
	const char *name; /* as written into h= */
	enum header_cover cover;
};

/* The default rules (design, "Defaults"), ended by a NULL name; the order is the order of h=. */
extern const struct header_rule HEADER_RULES[];

#define HEADER_ABSENT SIZE_MAX

/* One entry of h=: which name, and which field it takes (HEADER_ABSENT: the null string, 5.4.2). */
struct header_pick {
	struct slice name;
	size_t index;
};

struct header_picks {
	struct header_pick *picks;
	size_t count;
};

bool header_name_eq(struct slice a, struct slice b);
size_t header_count(const struct header_list *, struct slice name);
/* The last instance with index < below; HEADER_ABSENT if none.  Start with below = list->count. */
size_t header_find_last(const struct header_list *, struct slice name, size_t below);
/* Appends; both slices borrowed.  ERR_LIMIT at count_max. Memory comes from realloc;
 * header_list_deinit frees it. */
int header_list_add(struct header_list *, struct slice name, struct slice value,
    size_t count_max, struct err *) MUST_CHECK;
void header_list_clear(struct header_list *); /* count 0, memory kept */
void header_list_deinit(struct header_list *);

/* Splits a message (CRLF or LF line ends, not mixed: LF alone ends a line too) into fields and the
 * offset of the body. Values keep CRLF folds; LF-only messages must have been converted before. 
 * The empty line belongs to neither. A line that is no field ends the header, as Postfix does it. 
 * ERR_LIMIT. */
int header_list_parse(struct header_list *, struct slice message, size_t count_max,
    size_t *body_off, struct err *) MUST_CHECK;

/* Which fields are covered, in h= order: for a name present n times, n picks bottom-up, then one
 * ABSENT by rule. Memory from the arena.  ERR_LIMIT when the arena is full. */
int header_pick_all(const struct header_list *, const struct header_rule *, struct arena *,
    struct header_picks *, struct err *) MUST_CHECK;
/* The picks that an h= list of a received signature names (verifier), same bottom-up rule. */
int header_pick_named(const struct header_list *, struct slice h_tag, struct arena *,
    struct header_picks *, struct err *) MUST_CHECK;

#endif
