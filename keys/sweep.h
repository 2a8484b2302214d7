/* SPDX-License-Identifier: ISC */
/* sweep.h - asks every address of every authoritative server of a zone what it has at a key's name (key life K5, K7,
 * K14 to K17, K20).
 *
 * Our own connected UDP and TCP sockets, in parallel; identifier, question and source checked; TCP on truncation;
 * deadlines on the monotonic clock; ldns for the wire format only.  Resolvers are asked for the domain and above and
 * for server host names only; about the key's own name see resolvers.h.  The verdict is sweep_verdict.h's, many
 * sweeps at once are sweep_batch.h's.
 *
 *	struct sweep_question q = {.domain = "example.com", .name = "s._domainkey.example.com",
 *	    .expected = slice_of(record), .now = now, .queries = 5, .survey = true};
 *	if (sweep_run(conf, &q, &sweep, &err) != 0) ...	zone or servers not found; sweep.obstruction may say why
 *
 * Threads: reentrant; a config is read-only while a sweep runs. */
#ifndef SIGNPOST_KEYS_SWEEP_H
#define SIGNPOST_KEYS_SWEEP_H

#include "base/buf.h"
#include "dkim/domain.h"
#include "keys/dns_conf.h"
#include "keys/key_state.h"

#define SWEEP_SERVERS_MAX 64 /* addresses of all zones of a chain */
#define SWEEP_LINKS_MAX	  9  /* names of a chain: 8 CNAMEs */
#define SWEEP_QUERIES_MAX 8
#define SWEEP_QUERIES	  5 /* to each address in a sweep that permits a step (K14) */
#define SWEEP_NAME_LEN	  256
#define SWEEP_UNKNOWN	  (-1)
#define RESOLVER_TEXT_LEN 200 /* resolvers.h; for the store */

enum answer_verdict { ANSWER_GOOD, ANSWER_BAD, ANSWER_MUTE };

/* What stands at the name, as one server says; of several answers the one that decided. */
enum answer_found {
	FOUND_UNKNOWN,	 /* MUTE */
	FOUND_RECORD,	 /* the question's `expected` */
	FOUND_TOMBSTONE, /* a key record with an empty p= */
	FOUND_OTHER_KEY, /* a key record that is not `expected` */
	FOUND_OTHER_TEXT,
	FOUND_ALIAS,	 /* a CNAME, that leads on if the server is GOOD */
	FOUND_NODATA,	 /* nothing: the name exists */
	FOUND_NXDOMAIN,	 /* nothing */
	FOUND_SEVERAL,	 /* more than one record */
};

/* A server that was listed for a zone, and that resolvers may still ask (K2). */
struct sweep_former {
	const char *zone; /* A-labels, no final dot */
	const char *name; /* NS name */
	struct dns_endpoint endpoint;
	int64_t until; /* asked while until > now */
};

struct sweep_question {
	const char *domain; /* of the policy: A-labels */
	const char *name;   /* SELECTOR._domainkey.DOMAIN */
	enum key_expect expect;
	bool or_nothing;       /* EXPECT_TOMBSTONE: nothing at the name will do as well (K28); not for slots */
	struct slice expected; /* the record's text; with EXPECT_TOMBSTONE and _ABSENT to tell it from others; may be empty */
	int64_t now;	       /* Unix seconds at the start, for RRSIG validity and out's times */
	const char *alias;     /* name must be a CNAME to this target; NULL: none is wanted, one that is there is followed */
	unsigned queries;      /* to each address, from a fresh port each (K14); 0: SWEEP_QUERIES; the watch: 1 */
	bool survey; /* also measures negative TTLs and looks for a wildcard; the latter always where nothing will do */
	/* As sweep_zones wrote them for an earlier sweep of this name: with queries 1 the zone cuts are not looked for
	 * again, unless an answer shows others.  NULL: looked for. */
	const char *zones;
	const struct sweep_former *formers;
	size_t former_count;
};

struct sweep_answer {
	char server[SWEEP_NAME_LEN]; /* NS name, or the address when it was configured */
	struct dns_endpoint endpoint;
	enum answer_verdict verdict;
	enum answer_found found;
	uint8_t link; /* whose zone it serves: index in the sweep's links */
	bool former;  /* not listed any more; its being MUTE is excused (K2) */
	bool family_unroutable; /* MUTE: no local route for this family */
	bool waived;		/* MUTE: whatever it says does not count (ignore_server) */
	bool lame;		/* MUTE: it answers, but not as an authority, for the apex SOA too */
	bool denies_above;	/* D51, by a survey: NXDOMAIN for the name above one that it has (RFC 8020 broken) */
	uint32_t ttl;		/* of the record, GOOD only; ABSENT: 0 */
	/* for how long resolvers may go on asking it once it is no longer listed: the largest of the NS TTLs of parent
	 * and child and of its address; 0 when it was configured, or former */
	uint32_t listed_ttl_s;
	uint32_t serial; /* SOA serial if it told one, else 0; with queries 1 only asked of who is not GOOD */
	char why[192];	 /* BAD, MUTE: what came back, for an admin */
};

struct sweep_link {
	char name[SWEEP_NAME_LEN]; /* the question's, then where each CNAME led */
	char zone[SWEEP_NAME_LEN];
	bool zone_signed; /* its parent has a DS for it: signatures were checked */
};

enum sweep_alias {
	ALIAS_NONE_WANTED,
	ALIAS_RIGHT,	 /* on every server that answers, as are the others */
	ALIAS_MISSING,	 /* nothing stands there */
	ALIAS_WRONG,	 /* a CNAME to alias_found */
	ALIAS_FLATTENED, /* TXT stands there itself: the provider resolves the CNAME, or somebody copied the record */
	ALIAS_PROXIED,	 /* addresses stand there and no TXT */
	ALIAS_DIFFERS,	 /* servers do not agree */
	ALIAS_UNKNOWN,	 /* nobody tells */
};

enum sweep_obstruction {
	OBSTRUCTION_NONE,
	OBSTRUCTION_BLOCKED,	 /* D49: the resolver works, no server answers anything */
	OBSTRUCTION_INTERCEPTED, /* D50: a resolver answers in their place; the name itself was not asked for */
};

struct sweep {
	enum key_expect expect;
	char zone[DOMAIN_LEN_MAX + 1]; /* that holds the record: the last link's */
	bool zone_signed;
	int64_t started_at, ended_at; /* as given by now(); Unix seconds; also when sweep_run failed */
	struct sweep_link links[SWEEP_LINKS_MAX];
	size_t link_count;
	struct sweep_answer answers[SWEEP_SERVERS_MAX];
	size_t count, good, bad, mute; /* formers included */
	enum sweep_alias alias;
	char alias_found[SWEEP_NAME_LEN];
	bool delegated;	  /* a zone cut stands at _domainkey.DOMAIN or below; its servers are the answers of link 0 */
	bool domain_gone; /* K17: the zone above says authoritatively that the domain does not exist, and it was a zone */
	bool wildcard;	  /* K20: two random siblings of the name were answered */
	int64_t ttl_max_s; /* largest TTL served for anything at the names of the chain, and by a wildcard; 0: nothing */
	/* K4, without a survey SWEEP_UNKNOWN: over the zones of the chain; of the zone above the first one, which counts
	 * while the cut between them is new */
	int64_t negative_max_s, negative_parent_s;
	enum sweep_obstruction obstruction; /* also when sweep_run failed */
};

/* Takes two to three seconds, more with silent servers; with queries 1 some round trips.  0 when the sweep was carried
 * out, whatever it found; -1 (ERR_DNS) when the zone or its servers cannot be found, or port 53 is obstructed. */
int sweep_run(const struct dns_conf *, const struct sweep_question *, struct sweep *out, struct err *) MUST_CHECK;
/* The zones of its links in order, "example.com slots.host.example": for a later question's `zones`. */
void sweep_zones(const struct sweep *, struct buf *out);

#endif
