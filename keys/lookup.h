/* SPDX-License-Identifier: ISC */
/* lookup.h - single look-ups beside the sweeps: who serves a domain, the TXT of anybody's selector.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_LOOKUP_H
#define SIGNPOST_KEYS_LOOKUP_H

#include "base/buf.h"
#include "dkim/domain.h"
#include "keys/dns_conf.h"

/* Who serves the zone of a domain, as a sweep would find them, in words: "ns1.example.com (192.0.2.1,
 * 2001:db8::1) and ns2.example.net (198.51.100.7)".  Asks for the domain and above and for server host names
 * only (K5).  ERR_DNS: nobody told, or there is no such domain. */
struct dns_servers {
	char zone[DOMAIN_LEN_MAX + 1]; /* the domain or above it */
	struct buf text;	       /* end with buf_deinit */
};
int dns_lookup_servers(
    const struct dns_conf *, const char *domain, struct dns_servers *out, struct err *) MUST_CHECK;
/* The same of a zone that was found for the domain; out->text is made, and is to be ended also after a failure. */
struct zone;
int dns_describe_zone(
    const struct zone *, const char *domain, struct dns_servers *out, struct err *) MUST_CHECK;
/* The zone of a domain: as a sweep would find it, else as a resolver says.  ERR_DNS: nobody told. */
int dns_lookup_zone(const struct dns_conf *, const char *domain, char zone[static DOMAIN_LEN_MAX + 1],
    struct err *) MUST_CHECK;

/* TXT strings of a name by a resolver or the authorities, for `signpost verify` (someone else's selector: K5 does not
 * apply).  Each record's strings joined.  *count 0: NXDOMAIN or no data.  -1: ERR_DNS.  Free each out[i].data with
 * buf_deinit. */
#define DNS_TXT_MAX 8
int dns_lookup_txt(const struct dns_conf *, const char *name, struct buf out[static DNS_TXT_MAX], size_t *count,
    struct err *) MUST_CHECK;
/* The same, and who told. */
struct dns_told {
	bool known;		    /* somebody answered */
	struct dns_endpoint server; /* the last one that was asked */
	bool by_resolver;	    /* else it is an authoritative server */
	char name[DOMAIN_LEN_MAX + 3]; /* that it was asked for in the end: behind CNAMEs another one */
	bool denied;		    /* NXDOMAIN */
};
struct dns_txt {
	struct buf txt[DNS_TXT_MAX];
	size_t count;
	struct dns_told told;
};
int dns_lookup_txt_told(const struct dns_conf *, const char *name, struct dns_txt *out, struct err *) MUST_CHECK;
/* The same by authorities alone: a resolver that is asked for a selector of our own while it is not there remembers
 * that (K5). */
int dns_lookup_txt_authorities(
    const struct dns_conf *, const char *name, struct dns_txt *out, struct err *) MUST_CHECK;

#endif
