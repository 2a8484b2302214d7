/* SPDX-License-Identifier: ISC */
/* publish_cloudflare.h - one request to Cloudflare's API, with its own words for what it refuses.  For the publisher.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_PUBLISH_CLOUDFLARE_H
#define SIGNPOST_KEYS_PUBLISH_CLOUDFLARE_H

#include "keys/publish_provider.h"

struct json_t;

/* The token, the connection and the zone's identifier: as provider_service.open. */
int cloudflare_open(struct provider *, struct publish_outcome *) MUST_CHECK;
/* *root is the answer if it is a success, else NULL, and the outcome says why; free it with json_decref.  1 when each
 * request would fare the same, -1 for a failure of ours. */
int cloudflare_ask(
    struct provider *, const struct http_request *, struct json_t **root, struct publish_outcome *) MUST_CHECK;

int publish_cloudflare_rights(
    const struct publisher_conf *, const char *const *names, size_t count, struct buf *out, struct err *);
int publish_cloudflare_try_rights(
    const struct publisher_conf *, const char *zone, const char *domain, struct buf *out, struct err *);

#endif
