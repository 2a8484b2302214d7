/* SPDX-License-Identifier: ISC */
/* dns_pace.h - how often a server address may be asked, and whether it is worth waiting for: shared by the whole
 * process, because K16 is about the server.  Every question reserves its turn and keeps it.
 *
 * Threads: any; one lock. */
#ifndef SIGNPOST_KEYS_DNS_PACE_H
#define SIGNPOST_KEYS_DNS_PACE_H

#include "keys/dns_conf.h"

#include <stdbool.h>
#include <stdint.h>

#define DNS_PACE_SILENCES 8	/* in a row, after which nobody who is in a hurry waits for that address */
#define DNS_PACE_REST_MS  60000 /* until one of them tries again */

/* When it is the next question's turn, monotonic milliseconds: now_ms or later. */
int64_t dns_pace_reserve(const struct dns_endpoint *, uint32_t queries_per_second, int64_t now_ms);
/* How a question ended: with an answer, or without any in its time. */
void dns_pace_note(const struct dns_endpoint *, bool answered, int64_t now_ms);
/* It has been silent so often that it is not asked now.  When its rest is over, one asker is told no. */
bool dns_pace_is_resting(const struct dns_endpoint *, int64_t now_ms);

#endif
