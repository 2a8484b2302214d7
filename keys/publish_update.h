/* SPDX-License-Identifier: ISC */
/* publish_update.h - changes as one DNS update message (RFC 2136), not yet signed.  Pure.
 *
 * Each change is conditional (RFC 2136 2.4): where nothing is to be there, neither TXT nor CNAME may exist; where our
 * record is to be there, it must be just that, and no CNAME.  Without the second a TXT beside a CNAME would be
 * dropped with NOERROR.  All of one message is done, or none.
 *
 *	struct update u;
 *	update_init(&u);
 *	update_put_change(&u, &change, NULL);
 *	ldns_pkt *pkt = update_packet(&u, "example.com", err);		NULL: err says why
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_PUBLISH_UPDATE_H
#define SIGNPOST_KEYS_PUBLISH_UPDATE_H

#include "keys/dns_packet.h"
#include "keys/publisher.h"

#define UPDATE_LEN_MAX 48000 /* estimated octets of one message, of 65535 */

struct update {
	ldns_rr_list *prerequisites, *updates;
	bool failed;
};

void update_init(struct update *);
/* served: the record as it stands (its strings may be cut otherwise than ours), NULL: as we would have written it. */
void update_put_change(struct update *, const struct publish_change *, const ldns_rr *served);
/* Takes rr (NULL: out of memory) into the updates; class NONE deletes just this record (RFC 2136 2.5.4). */
void update_put_rr(struct update *, ldns_rr *, ldns_rr_class);
/* Frees what the update holds.  NULL: ERR_NOMEM, or ERR_INPUT for what is no name. */
ldns_pkt *update_packet(struct update *, const char *zone, struct err *);
size_t update_change_len(const struct publish_change *); /* an estimate from above */
/* A TXT record with its text cut into strings of 255 octets; NULL text: none.  NULL: no name, or no memory. */
ldns_rr *update_txt(const char *owner, const char *text, uint32_t ttl);

#endif
