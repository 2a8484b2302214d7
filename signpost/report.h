/* SPDX-License-Identifier: ISC */
/* report.h - the pages of `signpost report`: one for each domain, and an index with a row for each.
 *
 *	struct report r = {.op = &op, .past_s = ..., .ahead_s = ...};
 *	report_page(&r, &health, &page, err);	of op->d
 *	report_index_add(&index, op->d, &health, err);
 *	report_index_write(&index, &r, &out, err);
 *
 * Threads: one operation, one thread. */
#ifndef SIGNPOST_SIGNPOST_REPORT_H
#define SIGNPOST_SIGNPOST_REPORT_H

#include "signpost/health.h"
#include "signpost/operation.h"
#include "signpost/report_out.h"

#define REPORT_PAGE_MAX (8 * 1024 * 1024)
#define REPORT_NAME_LEN 256

struct report {
	struct operation *op;
	int64_t past_s, ahead_s; /* of the pictures */
	int64_t last_pass;	 /* NEVER: none yet */
	int64_t stamp;
};

/* "domain-example.com.html": no other file of ours is called so, whatever the domain. */
void report_page_name(const char *domain, char out[static REPORT_NAME_LEN]);
int report_page(const struct report *, const struct domain_health *, struct buf *out, struct err *) MUST_CHECK;
/* The name with its U-labels, and the A-labels in brackets where they differ. */
void report_put_domain(const char *domain, struct buf *out);
void report_put_status(const struct domain_health *, struct buf *out);
/* A text without what a program said: a page is for everybody, and a hook may tell what an API answered. */
void report_put_open(const char *domain, const char *text, struct buf *out);
/* What is waited for, and when it comes; nothing: "" */
void report_put_next(const struct domain_health *, struct buf *out);
/* What stands above all domains: the clock, an outage, a keeper that does not run. */
void report_put_world(const struct report *, const struct schedule_world *, struct buf *out);

struct report_row {
	char domain[DOMAIN_LEN_MAX + 1];
	enum health health;
	bool warning;
	char *html;
};
struct report_index {
	struct report_row *rows; /* by domain */
	size_t count, cap;
};
int report_index_add(struct report_index *, const struct domain_health *, struct err *) MUST_CHECK;
int report_index_write(
    const struct report_index *, const struct report *, struct report_out *, struct err *) MUST_CHECK;
void report_index_deinit(struct report_index *);

#endif
