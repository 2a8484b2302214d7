/* SPDX-License-Identifier: ISC */
/* add_text.h - what `signpost add` says: what was found, what was made, what is yours to do, what happens next; and
 * the same as JSON.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_ADD_TEXT_H
#define SIGNPOST_SIGNPOST_ADD_TEXT_H

#include "signpost/add_domain.h"
#include "signpost/guide.h"
#include "signpost/record_list.h"

#define ADD_STALE_S (15 * 60) /* without a pass: add says so */

struct add_text {
	const struct adding *a;
	const struct guide *guide; /* NULL: nobody was asked, there are many */
	int64_t last_pass;	   /* NEVER */
	bool waits;		   /* --wait: passes are made now */
};

int add_text(const struct add_text *, struct buf *out, struct err *) MUST_CHECK;
/* Records that are somebody's to enter; end with record_list_deinit. */
int add_records(const struct add_text *, struct record_list *, struct err *) MUST_CHECK;
/* The delegation of a delegated domain; empty where its name servers are not known. */
int add_delegation(const struct add_text *, struct record_list *, struct err *) MUST_CHECK;
/* "No pass was made ..." with what to do; nothing when one was. */
void add_text_stale(const struct add_text *, struct buf *out);
/* All of it on one object; a new reference, NULL without memory.  add_json.c */
json_t *add_json(const struct add_text *, const struct record_list *records, const struct record_list *delegation);

/* add_refused.c: a provider that takes no CNAME with an underscore: what works there, with the records.  Changes
 * nothing. */
int add_refused(const struct config *, const char *domain, struct buf *out, struct err *) MUST_CHECK;
json_t *add_refused_json(const struct config *, const char *domain, struct err *); /* a new reference; NULL: see err */

#endif
