/* SPDX-License-Identifier: ISC */
/* announce_text.h - what is announced, as a mail and as JSON.  Pure text.
 *
 *	struct digest d = {.items = items, .count = n, .at = now, .host = "mx.example.com"};
 *	digest_sort(&d);
 *	if (digest_mail(&d, to, from, &out, err) != 0) ...
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_SIGNPOST_ANNOUNCE_TEXT_H
#define SIGNPOST_SIGNPOST_ANNOUNCE_TEXT_H

#include "base/buf.h"
#include "signpost/announce_judge.h"

#define DIGEST_MAX	50 /* that are named; the others are counted */
#define DIGEST_LEN_MAX	((size_t)1 << 20)

enum digest_what { DIGEST_RAISED, DIGEST_PASSED /* it came and went */, DIGEST_ENDED };

struct digest_item {
	const struct store_alert *alert;
	enum alert_kind kind;
	enum digest_what what;
};

struct digest {
	struct digest_item *items;
	size_t count;
	int64_t at;
	const char *host;
};

/* The worst first; what is right again last, but for good news. */
void digest_sort(struct digest *);
/* RFC 5322, lines end in LF as sendmail(1) wants them. */
int digest_mail(const struct digest *, const char *to, const char *from, struct buf *out, struct err *) MUST_CHECK;
int digest_json(const struct digest *, struct buf *out, struct err *) MUST_CHECK;

#endif
