/* SPDX-License-Identifier: ISC */
/* route53_answer.h - Route 53's answers (API version 2013-04-01), and the batch of changes that it takes.  Pure.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_ROUTE53_ANSWER_H
#define SIGNPOST_KEYS_ROUTE53_ANSWER_H

#include "base/buf.h"

#define ROUTE53_ID_LEN	    64
#define ROUTE53_CODE_LEN    64
#define ROUTE53_MESSAGE_LEN 240
#define ROUTE53_NAME_LEN    1100 /* 255 octets, each perhaps as \ooo */
#define ROUTE53_ZONES_MAX   32

/* An ErrorResponse, or the older InvalidChangeBatch; code "" when it is neither. */
struct route53_error {
	char code[ROUTE53_CODE_LEN], message[ROUTE53_MESSAGE_LEN];
};

struct route53_zones {
	struct route53_zone {
		char id[ROUTE53_ID_LEN];     /* without /hostedzone/ */
		char name[ROUTE53_NAME_LEN]; /* with its final dot */
		bool is_private;
	} zones[ROUTE53_ZONES_MAX];
	size_t count;
};

/* One value of a record set; an alias has the target for its value. */
struct route53_record {
	char name[ROUTE53_NAME_LEN]; /* with its final dot */
	char type[16];
	int64_t ttl_s;
	bool is_special; /* an alias, or one of several sets with a routing policy */
	const char *value;
};

struct route53_page {
	int (*take)(void *arg, const struct route53_record *); /* other than 0 stops */
	void *arg;
	bool is_truncated;
	char next[ROUTE53_NAME_LEN]; /* where the next page begins */
	struct route53_record record; /* that is being read */
};

struct route53_change {
	char id[ROUTE53_ID_LEN]; /* without /change/ */
	bool in_sync;
};

void route53_read_error(struct slice body, struct route53_error *);
/* ERR_INPUT: it is no such answer. */
int route53_read_zones(struct slice body, struct route53_zones *, struct err *) MUST_CHECK;
/* take and arg are set.  -2: take stopped it. */
int route53_read_page(struct slice body, struct route53_page *, struct err *) MUST_CHECK;
int route53_read_change(struct slice body, struct route53_change *, struct err *) MUST_CHECK;

void route53_begin_batch(struct buf *);
/* value: quoted strings; action: "CREATE", "DELETE". */
void route53_put_change(struct buf *, const char *action, const struct route53_record *);
void route53_end_batch(struct buf *);
/* The order of pages: labels from the right, as ASCII strings, each with its dot. */
int route53_compare(const char *a, const char *b);

#endif
