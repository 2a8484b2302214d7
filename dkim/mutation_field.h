/* SPDX-License-Identifier: ISC */
/* mutation_field.h - what the signed fields may have been before something was done to them: alternatives to what h=
 * takes now, each with the sentence that says what was done.  Pure.
 *
 * Threads: one struct, one thread. */
#ifndef SIGNPOST_DKIM_MUTATION_FIELD_H
#define SIGNPOST_DKIM_MUTATION_FIELD_H

#include "dkim/verify_cover.h"

#define ALTERNATIVES_MAX 600
#define GROUP_ALL	 SIZE_MAX /* of more than one name */

struct edit {
	size_t cover;	   /* covers.count: the signature's own field */
	struct slice canon; /* empty: it was not there */
};

struct alternative {
	enum verify_say say;
	struct slice args[3];
	size_t group; /* first cover of the name */
	const struct edit *edits;
	size_t edit_count;
};

struct alternatives {
	const struct mutation_message *m;
	struct arena *arena;
	const struct cover_list *covers;
	struct slice *now; /* canonical, of each cover and of the signature's own field */
	struct alternative list[ALTERNATIVES_MAX];
	size_t count;
	size_t usual; /* the first ones; those behind are many and seldom help */
	bool full;
};

/* One more value for a cover; nothing is added when that changes nothing.  Everything is copied. */
void alternative_value(struct alternatives *, enum verify_say, size_t cover, struct slice value,
    const struct slice args[static 3]);
/* Room for an edit of every cover, from the arena; NULL when that is full. */
struct edit *alternative_new_edits(struct alternatives *);
/* One that takes several covers at once: edits from the arena. */
void alternative_edits(struct alternatives *, const struct alternative *);
/* Canonical form of a field in the arena; a field whose value is NULL was not there. */
struct slice alternative_canon(struct alternatives *, struct slice name, struct slice value);

/* All there are; own: the value of the signature's field, without its b=. */
void alternatives_all(struct alternatives *, struct slice own);
/* Of each cover: other forms of its value, by what the field is (mutation_address.c: of mailboxes). */
void alternatives_of_value(struct alternatives *, size_t cover);
void alternatives_of_mailboxes(struct alternatives *, size_t cover);
/* Encoded words in other forms: mutation_word.c. */
void alternatives_of_words(struct alternatives *);
/* Of a field that h= names and that is not there: values that all mail has (mutation_absent.c). */
void alternatives_of_absent(struct alternatives *, size_t cover);

#endif
