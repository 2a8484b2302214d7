/* SPDX-License-Identifier: ISC */
/* report_svg.h - the timeline of a domain as a picture in its page: what was, from facts, and what comes, from the
 * forecast.  Widths are in percent, so that letters keep their size on a phone.
 *
 * The text in it reads as sentences where pictures are not shown.
 *
 * Threads: reentrant; localtime_r(3)'s. */
#ifndef SIGNPOST_SIGNPOST_REPORT_SVG_H
#define SIGNPOST_SIGNPOST_REPORT_SVG_H

#include "base/buf.h"
#include "keys/store_rows.h"
#include "signpost/forecast_text.h"

/* A key with the times that it had and will have. */
struct life {
	char name[FORECAST_LABEL_LEN]; /* "sp26q4-h2cd7xqa rsa" */
	struct schedule_key key; /* of which only the facts are used */
};
struct lives {
	struct life *list;
	size_t count;
	int64_t from, now, until;
};

/* All keys that are to be seen between from and until, by age; undo in any case. */
int lives_init(
    struct lives *, const struct store_key *keys, size_t count, const struct forecast *, struct err *) MUST_CHECK;
void lives_deinit(struct lives *);

void svg_timeline(const struct lives *, const char *domain, struct buf *out);
void svg_legend(struct buf *out);
/* "signs until 2027-02-19": how it stands, and what comes next for it. */
void svg_words(const struct lives *, const struct life *, struct buf *out);

#endif
