/* SPDX-License-Identifier: ISC */
/* deed_retry.h - a person's word that what a publisher did not do may be asked for again.
 *
 * Threads: as the store's. */
#ifndef SIGNPOST_SIGNPOST_DEED_RETRY_H
#define SIGNPOST_SIGNPOST_DEED_RETRY_H

#include "signpost/add_domain.h"

struct deed_retry {
	struct store *store;
	const char *verb;
	int64_t now;
};

/* Of one domain; count is added to. */
int deed_retry_domain(
    const struct deed_retry *, const char *domain, size_t *count, struct err *) MUST_CHECK;
/* Of all domains whose policy has the publisher. */
int deed_retry_publisher(const struct deed_retry *, const struct config *, const char *publisher,
    size_t *count, struct err *) MUST_CHECK;
/* Who adds a domain that is here already wants it to go on. */
int deed_retry_added(const struct adding *, struct err *) MUST_CHECK;

#endif
