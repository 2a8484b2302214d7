/* SPDX-License-Identifier: ISC */
/* ip.h - IP addresses and prefixes, compared as numbers; never by name.
 *
 * An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is the IPv4 address everywhere.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_BASE_IP_H
#define SIGNPOST_BASE_IP_H

#include "base/err.h"
#include "base/slice.h"

#include <sys/socket.h>

#define IP_TEXT_LEN 64 /* address, or prefix, with its NUL */

enum ip_family { IP_NONE, IP_V4, IP_V6 };

struct ip_addr {
	enum ip_family family;
	uint8_t octet[16]; /* the first 4 for IP_V4 */
};

struct ip_prefix {
	struct ip_addr addr; /* bits behind the prefix are 0 */
	unsigned bits;
};

/* family IP_NONE when sa is NULL or neither INET nor INET6; *port in host order (0 then). */
void ip_addr_from_sockaddr(struct ip_addr *, uint16_t *port, const struct sockaddr *);
/* Fills a sockaddr; returns its length, 0 for IP_NONE. */
socklen_t ip_addr_to_sockaddr(const struct ip_addr *, uint16_t port, struct sockaddr_storage *);
int ip_addr_parse(struct slice, struct ip_addr *, struct err *) MUST_CHECK;
void ip_addr_format(const struct ip_addr *, char out[static IP_TEXT_LEN]); /* "-" for IP_NONE */
/* "ADDRESS", "192.0.2.1:25" or "[ADDRESS]:25": *addr is the address's text, not yet judged; *port stays without
 * one.  False: what follows the address is no port (0 to 65535). */
bool ip_endpoint_split(struct slice, struct slice *addr, uint16_t *port);
bool ip_addr_eq(const struct ip_addr *, const struct ip_addr *);
bool ip_addr_is_loopback(const struct ip_addr *);

/* "10.1.0.0/16", "2001:db8::/32" or a single address; set bits behind the prefix are refused with
 * the prefix that was meant in the text (ERR_CONFIG). */
int ip_prefix_parse(struct slice, struct ip_prefix *, struct err *) MUST_CHECK;
void ip_prefix_format(const struct ip_prefix *, char out[static IP_TEXT_LEN]);
bool ip_prefix_has(const struct ip_prefix *, const struct ip_addr *);
bool ip_prefix_has_loopback(const struct ip_prefix *); /* covers any of 127/8 or ::1 */

#endif
