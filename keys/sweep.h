/* SPDX-License-Identifier: ISC */
/* sweep.h - asks every address of every authoritative server of a zone for one key record (key life
 * K5, K7, K15, K16).
 *
 * Our own connected UDP and TCP sockets, in parallel; identifier, question and source checked; TCP
 * on truncation; deadlines on the monotonic clock; ldns for the wire format only.  Resolvers are
 * asked for the domain and above and for server host names; for the selector when every server that
 * answers has the record, and only then.
 *
 * Threads: reentrant; a config is read-only while a sweep runs. */
#ifndef SIGNPOST_KEYS_SWEEP_H
#define SIGNPOST_KEYS_SWEEP_H

#include "base/buf.h"
#include "base/ip.h"
#include "dkim/domain.h"

#define DNS_PORT            53
#define SWEEP_SERVERS_MAX   64 /* addresses of one zone */
#define SWEEP_NAME_LEN      256

struct dns_endpoint {
	struct ip_addr addr;
	uint16_t port;
};

/* A zone whose servers the admin named: instead of finding them. */
struct dns_zone_conf {
	char *name; /* A-labels, no final dot */
	struct dns_endpoint *servers;
	size_t server_count;
};

struct dns_conf {
	struct dns_endpoint *resolvers; /* none: /etc/resolv.conf, port 53 */
	size_t resolver_count;
	struct dns_endpoint *roots; /* none: the root hints */
	size_t root_count;
	struct dns_zone_conf *zones;
	size_t zone_count;
	int timeout_ms; /* of one question to one server, all its tries; default 4000 */
	int tries;      /* UDP; default 3 */
	uint32_t queries_per_second; /* to one server address (K16); default 20 */
	struct dns_endpoint *vantage; /* resolvers outside, asked before a first activation (K33); none: inside */
	size_t vantage_count;
};

enum answer_verdict { ANSWER_GOOD, ANSWER_BAD, ANSWER_MUTE };

struct sweep_answer {
	char server[SWEEP_NAME_LEN]; /* NS name, or the address when it was configured */
	struct dns_endpoint endpoint;
	enum answer_verdict verdict;
	bool family_unroutable; /* MUTE: no local route for this family */
	/* MUTE: it answers, but not as an authority, for the apex SOA too */
	bool lame;
	uint32_t ttl;           /* of the record, GOOD only */
	uint32_t serial;        /* SOA serial if it told one, else 0 */
	char why[192];          /* BAD, MUTE: what came back, for an admin */
};

struct sweep {
	char zone[DOMAIN_LEN_MAX + 1];  /* that holds the record */
	bool zone_signed;               /* its parent has a DS for it: signatures were checked */
	int64_t started_at, ended_at;   /* as given by now(); Unix seconds */
	struct sweep_answer answers[SWEEP_SERVERS_MAX];
	size_t count, good, bad, mute;
};

struct sweep_question {
	const char *domain;    /* of the policy: A-labels */
	const char *name;      /* SELECTOR._domainkey.DOMAIN */
	struct slice expected; /* the record's text */
	int64_t now;           /* Unix seconds at the start, for RRSIG validity and out's times */
};

/* Takes a little over a second, more with silent servers.  0 when the sweep was carried out, whatever it found; -1
 * (ERR_DNS) when the zone or its servers cannot be found. */
int sweep_run(const struct dns_conf *, const struct sweep_question *, struct sweep *out, struct err *) MUST_CHECK;

/* After how long a silent server is excused: one that answers, but not for the zone (lame), and any. */
struct sweep_patience {
	int64_t lame_s, mute_s;
};

/* What the configured resolvers together say of the record: a server that is silent for long is excused only with
 * one that agrees (K15 c).  Bogus is worse than agreement, which is better than another answer. */
enum resolver_word {
	RESOLVER_NOT_ASKED,
	RESOLVER_SILENT,  /* none could be asked: time alone decides */
	RESOLVER_DIFFERS, /* an old record, or none; only a warning from warn_at on (K16) */
	RESOLVER_AGREES,
	RESOLVER_BOGUS,	  /* it has an answer, which does not validate */
};
#define RESOLVER_TEXT_LEN 200
struct resolver_view {
	enum resolver_word word;
	uint32_t ttl;			/* DIFFERS: for how long it remembers that */
	int64_t warn_at;		/* DIFFERS: Unix seconds, by the caller */
	char text[RESOLVER_TEXT_LEN];	/* "the resolver 192.0.2.53 has the record"; "": not asked */
};

/* Asks for name.  Only after a sweep that wants it: every server that answers has the record (K5). */
void dns_ask_resolvers(const struct dns_conf *, const char *name, struct slice expected, struct resolver_view *out);

/* The verdict over one sweep (K15): passes when nothing is BAD, something is GOOD, and each MUTE is
 * excused. mute_since[i]: since when answers[i]'s server has been silent in stored evidence (Unix
 * seconds, NEVER if new).  view NULL: no resolver need agree.  why: the first obstacle.  Pure. */
bool sweep_passes(const struct sweep *, const int64_t *mute_since, const struct sweep_patience *,
    const struct resolver_view *view, struct err *why);
/* It passes but for a resolver that agrees. */
bool sweep_wants_resolver(const struct sweep *, const int64_t *mute_since, const struct sweep_patience *);
/* The same servers of the same zone, none of them BAD, in any order: two such sweeps that pass prove
 * (2.2 t_auth). */
bool sweep_equal(const struct sweep *, const struct sweep *);
/* One line a server, for status and evidence: "ns1.example.com 192.0.2.1 good ttl=3600 serial=42".
 * */
void sweep_format(const struct sweep *, struct buf *out);

/* Who serves the zone of a domain, as a sweep would find them, in words: "ns1.example.com (192.0.2.1,
 * 2001:db8::1) and ns2.example.net (198.51.100.7)".  Asks for the domain and above and for server host names
 * only (K5).  ERR_DNS: nobody told, or there is no such domain. */
struct dns_servers {
	char zone[DOMAIN_LEN_MAX + 1]; /* the domain or above it */
	struct buf text;               /* end with buf_deinit */
};
int dns_lookup_servers(
    const struct dns_conf *, const char *domain, struct dns_servers *out, struct err *) MUST_CHECK;

/* TXT strings of a name by a resolver or the authorities, for `signpost verify` (someone else's
 * selector: K5 does not apply).  Each record's strings joined.  *count 0: NXDOMAIN or no data. -1:
 * ERR_DNS. Free each out[i].data with buf_deinit. */
#define DNS_TXT_MAX 8
int dns_lookup_txt(const struct dns_conf *, const char *name, struct buf out[static DNS_TXT_MAX],
    size_t *count,
    struct err *) MUST_CHECK;

#endif
