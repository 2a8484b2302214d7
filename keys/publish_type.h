/* SPDX-License-Identifier: ISC */
/* publish_type.h - what each publisher supplies: one row in publisher.c's table.  For the publishers themselves;
 * everyone else uses publisher.h.
 *
 * When change is called, publisher_check has passed; names are lower-case A-labels, texts are printable ASCII, all
 * owners lie within the one zone, and every outcome is zeroed with its times NEVER.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_PUBLISH_TYPE_H
#define SIGNPOST_KEYS_PUBLISH_TYPE_H

#include "keys/publisher.h"

struct provider_service;
struct publish_type {
	const char *name;
	int (*check)(const struct publisher_conf *, struct err *);
	int (*change)(const struct publisher_conf *, const struct publish_change *, size_t count,
	    struct publish_outcome *, struct err *);
	int (*show)(const struct publisher_conf *, const struct publish_change *, size_t count, struct buf *out,
	    struct err *);
	int (*rights)(const struct publisher_conf *, const char *const *names, size_t count, struct buf *out,
	    struct err *);
	int (*try_rights)(const struct publisher_conf *, const char *zone, const char *domain, struct buf *out,
	    struct err *);
	const struct provider_service *provider; /* over a provider's API: check and change are its; else NULL */
};

extern const struct publish_type publish_rfc2136, publish_zone_file, publish_hook, publish_route53, publish_cloudflare,
    publish_powerdns;

/* publish_rights.c, for publish_rfc2136 */
int publish_rfc2136_rights(const struct publisher_conf *, const char *const *names, size_t count, struct buf *out,
    struct err *);
int publish_rfc2136_try_rights(const struct publisher_conf *, const char *zone, const char *domain, struct buf *out,
    struct err *);

const char *publish_zone_of(const struct publisher_conf *, const struct publish_change *);
void publish_say(struct publish_outcome *, enum publish_result, const char *fmt, ...) PRINTF(3, 4);
/* What both clocks say, and how far they are apart. */
void publish_put_clocks(struct buf *, int64_t theirs, int64_t ours);
/* Missing, or not for this type: ERR_CONFIG. */
int publish_need(const struct publisher_conf *, const char *option, const char *value, struct err *) MUST_CHECK;
/* argv of a block: an absolute path first. */
int publish_need_argv(const struct publisher_conf *, const char *option, char *const *argv, size_t count,
    struct err *) MUST_CHECK;

#endif
