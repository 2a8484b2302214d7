/* SPDX-License-Identifier: ISC */
/* publish_route53.h - one request to Route 53, signed, with its own words for what it refuses.  For the publisher.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_PUBLISH_ROUTE53_H
#define SIGNPOST_KEYS_PUBLISH_ROUTE53_H

#include "keys/aws_credentials.h"
#include "keys/publish_provider.h"
#include "keys/route53_answer.h"

#define ROUTE53_PATH_LEN 1200

/* The key, the connection and the hosted zone's identifier: as provider_service.open. */
int route53_open(struct provider *, struct publish_outcome *) MUST_CHECK;
/* As provider_ask; what Route 53 itself throttles is asked again while there is time, too. */
int route53_ask(struct provider *, const struct http_request *, struct http_reply *) MUST_CHECK;
/* Of a reply that is not 200.  1: each request would fare the same. */
int route53_judge(const struct provider *, const struct http_reply *, struct publish_outcome *);

/* publish_route53_role.c: the key of the role of this EC2 instance, from its metadata service.  1: there is none. */
int route53_role_load(struct aws_credentials *, int64_t until_ms, struct err *) MUST_CHECK;

int publish_route53_rights(
    const struct publisher_conf *, const char *const *names, size_t count, struct buf *out, struct err *);
int publish_route53_try_rights(
    const struct publisher_conf *, const char *zone, const char *domain, struct buf *out, struct err *);

#endif
