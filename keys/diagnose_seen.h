/* SPDX-License-Identifier: ISC */
/* diagnose_seen.h - what a diagnosis is about, and what was seen in DNS for it.  Plain data, without packets.
 *
 * Threads: plain data. */
#ifndef SIGNPOST_KEYS_DIAGNOSE_SEEN_H
#define SIGNPOST_KEYS_DIAGNOSE_SEEN_H

#include "dkim/record.h"
#include "keys/publisher.h"
#include "keys/resolvers.h"

#define SEEN_TEXT_LEN	 4096
#define SEEN_TEXTS_MAX	 24 /* different ones */
#define SEEN_RECORDS_MAX 4  /* TXT of one reply that are kept; more are counted */
#define SEEN_NS_LEN	 512

enum subject_role {
	ROLE_SIGNS,   /* mail is signed with it */
	ROLE_OVERLAP, /* was: delayed mail still wants it */
	ROLE_COMING,  /* published, or to be */
	ROLE_GOING,   /* revoked, or to be */
	ROLE_EMPTY,   /* a slot without a key */
};

struct diagnose_subject {
	const char *domain, *selector;
	const char *name;   /* that verifiers ask for: the alias, or the owner */
	const char *alias;  /* the name must be a CNAME to this target; NULL */
	enum key_expect expect;
	bool or_nothing;
	bool delegated; /* _domainkey.DOMAIN is to be a zone of its own */
	struct slice expected;
	enum key_alg alg;
	enum subject_role role;
	bool others_sign; /* the domain's mail verifies without it */
	bool fresh;	  /* it was published or revoked so lately that servers may still be taking it */
	bool by_hand;
	bool proof_elsewhere; /* proof = resolver or attest: servers cannot be asked from here */
	bool proven;
	bool waits_for_person; /* by hand, beside a key that signs: asked for ahead of time */
	const char *publisher_words; /* why the last publish failed; NULL */
	const struct publisher_conf *publisher; /* whose servers are asked whether they have it; NULL */
	const char *typed;  /* the domain in U-labels; NULL: it has none */
	const char *zones;  /* as of struct sweep_question */
	const struct sweep_former *formers;
	size_t former_count;
	int64_t now;
};

enum seen_what {
	SEEN_TXT, SEEN_CNAME, SEEN_ADDRESS, SEEN_SOA, SEEN_NS, SEEN_ABOVE, SEEN_CASE,
	SEEN_SIBLING, /* of every server of a link */
	SEEN_STEP,    /* CNAMEs behind one whose TXT the server fails to give, one after another */
	SEEN_PARENT_NS,
	SEEN_PUBLISHER,	/* the TXT, as the publisher's servers have it */
	SEEN_VARIANT,	/* the TXT or CNAME at a mistaken name */
	SEEN_RESOLVER,	/* SOA of the domain, with RD */
	SEEN_RESOLVER_UNCHECKED,
	SEEN_RESOLVER_TXT, /* the record with RD and DO, for the extended error */
};

enum seen_variant { VARIANT_NONE, VARIANT_UNDERSCORE, VARIANT_DOUBLED, VARIANT_LEVEL, VARIANT_U_LABEL };

enum seen_end { SEEN_REPLY, SEEN_SILENT, SEEN_CLOSED, SEEN_NO_ROUTE_TO, SEEN_CUT_UDP, SEEN_BROKEN };

enum seen_tcp { TCP_NOT_TRIED, TCP_OPEN, TCP_REFUSED, TCP_SILENT };

/* One server about one question. */
struct seen_reply {
	enum seen_what what;
	enum seen_variant variant;
	uint8_t link;
	char name[SWEEP_NAME_LEN]; /* as dig takes it, without final dot */
	const char *type;
	bool recurse, unchecked;
	char server[SWEEP_NAME_LEN];
	struct dns_endpoint endpoint;

	enum seen_end end;
	uint16_t rcode;
	bool aa, ra;
	bool no_edns;	 /* FORMERR to EDNS; asked again without */
	bool case_kept;	 /* the question came back as it was written */
	enum seen_tcp tcp; /* SOA only: does the server take TCP */
	char cname[SWEEP_NAME_LEN]; /* at the name; "" */
	size_t cnames, txts, addresses; /* at the name */
	uint8_t texts[SEEN_RECORDS_MAX]; /* index in seen.texts */
	uint32_t ttl;	 /* of what is at the name */
	bool has_soa;
	uint32_t negative_s, serial; /* of the SOA that came along */
	char hosts[SEEN_NS_LEN];     /* NS: sorted, a blank between them */
	int ede;		     /* RFC 8914; -1: none */
};

struct seen_text {
	uint8_t octets[SEEN_TEXT_LEN];
	size_t len;
};

struct seen {
	bool swept; /* false: why says what hindered */
	struct err why;
	struct sweep sweep;
	struct seen_reply *replies;
	size_t reply_count, reply_room;
	struct seen_text texts[SEEN_TEXTS_MAX];
	size_t text_count;
	bool resolvers_asked;
	struct resolver_poll poll;
};

struct seen *seen_new(void); /* NULL without memory */
void seen_free(struct seen *);
/* A new reply, zeroed; NULL without memory.  Earlier pointers are stale. */
struct seen_reply *seen_add(struct seen *);
/* Its index; the last one when there are too many.  Cut at SEEN_TEXT_LEN. */
uint8_t seen_put_text(struct seen *, struct slice);
struct slice seen_text(const struct seen *, const struct seen_reply *, size_t nr);
/* Of that kind, of that server, of that link; NULL: not asked. */
const struct seen_reply *seen_find(const struct seen *, enum seen_what, const struct sweep_answer *);
/* The record that verifiers read stands in the last link. */
bool seen_is_last(const struct seen *, const struct seen_reply *);

#endif
