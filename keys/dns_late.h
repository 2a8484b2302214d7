/* SPDX-License-Identifier: ISC */
/* dns_late.h - sockets of tries whose time is over: an answer may still come there, and one that has come is no
 * silence.
 *
 * Threads: as the query they belong to. */
#ifndef SIGNPOST_KEYS_DNS_LATE_H
#define SIGNPOST_KEYS_DNS_LATE_H

#include "keys/dns_packet.h"

#define DNS_LATE_MAX 3

struct dns_late {
	struct dns_late_try {
		int fd;
		uint8_t id[2]; /* of its question, as it went out */
	} tries[DNS_LATE_MAX];
	size_t count;
};

bool dns_late_is_full(const struct dns_late *);
/* It owns fd from here on; when it is full, the oldest goes. */
void dns_late_put(struct dns_late *, int fd, const uint8_t id[2]);
void dns_late_drop(struct dns_late *, size_t at); /* the ones behind it move up */
void dns_late_clear(struct dns_late *);

/* Of at most so many datagrams that lie there the first that answers the question, whose identifier is replaced by the
 * try's; NULL: none does.  *is_broken: an ICMP error was told instead. */
ldns_pkt *dns_late_read(const struct dns_late_try *, struct slice question, int datagrams, bool *is_broken);

#endif
