/* SPDX-License-Identifier: ISC */
/* report_out.h - the directory that a report is written into: each file as a whole or not at all, nothing foreign is
 * touched.
 *
 *	struct report_out out;
 *	if (report_out_open(&out, "/srv/www/dkim", err) == 0)
 *		rc = report_out_put(&out, "index.html", page, err);
 *	if (rc == 0)
 *		rc = report_out_tidy(&out, err);
 *	report_out_close(&out);				also after a failure
 *
 * Threads: one directory, one thread; processes lock each other out. */
#ifndef SIGNPOST_SIGNPOST_REPORT_OUT_H
#define SIGNPOST_SIGNPOST_REPORT_OUT_H

#include "base/err.h"
#include "base/slice.h"

struct report_out {
	const char *dir; /* borrowed */
	int fd;
	int64_t stamp; /* of this run; stands in its pages */
	size_t pages;
};

/* Makes the directory if it is missing.  ERR_IO: a link, no directory, not ours to write; ERR_BUSY: another run. */
int report_out_open(struct report_out *, const char *dir, struct err *) MUST_CHECK;
/* Refuses to write over what is no page of ours. */
int report_out_put(struct report_out *, const char *name, struct slice page, struct err *) MUST_CHECK;
/* Removes the pages of earlier runs that this one did not write again. */
int report_out_tidy(const struct report_out *, struct err *) MUST_CHECK;
void report_out_close(struct report_out *);

#endif
