/* SPDX-License-Identifier: ISC */
/* resolvers.h - what recursive resolvers have at a key's name.  Only once every authoritative server that answers has
 * the record, or the waits that K34 names are over: asking earlier makes them remember that it is not there (K5).
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_RESOLVERS_H
#define SIGNPOST_KEYS_RESOLVERS_H

#include "keys/sweep.h"

#define RESOLVERS_MAX 8

/* K34 (proof = resolver), K33 (vantage): each of the given resolvers by itself. */
struct resolver_answer {
	struct dns_endpoint resolver;
	enum answer_verdict verdict; /* of the expectation; MUTE: it cannot tell */
	enum answer_found found;
	bool bogus;   /* MUTE: an answer is there, which does not validate (K16: it vetoes) */
	uint32_t ttl; /* for how long it remembers what it said; of negative answers the SOA's (K34) */
	char why[128];
};

struct resolver_poll {
	int64_t started_at, ended_at;
	struct resolver_answer answers[RESOLVERS_MAX];
	size_t count, good, bad, mute, bogus;
	uint32_t wait_s; /* largest ttl of the BAD: not asked again before (K34) */
};

struct resolver_list {
	const struct dns_endpoint *endpoints;
	size_t count; /* 0: those of conf, or of resolv.conf */
};

/* Asks all of them beside each other; the question's name, expect, or_nothing, expected and alias count.  0 when they
 * were asked, whatever they say; ERR_INPUT: too many are given; ERR_DNS: none is known; ERR_IO. */
int resolvers_ask(const struct dns_conf *, const struct sweep_question *, const struct resolver_list *,
    struct resolver_poll *out, struct err *) MUST_CHECK;
/* One line a resolver: "192.0.2.53 good record ttl=3600". */
void resolver_poll_format(const struct resolver_poll *, struct buf *out);

/* What the configured resolvers together say of the record: a server that is silent for long is excused only with
 * one that agrees (K15 c).  Bogus is worse than agreement, which is better than another answer. */
enum resolver_word {
	RESOLVER_NOT_ASKED,
	RESOLVER_SILENT,  /* none could be asked: time alone decides */
	RESOLVER_DIFFERS, /* an old record, or none; only a warning from warn_at on (K16) */
	RESOLVER_AGREES,
	RESOLVER_BOGUS,	  /* it has an answer, which does not validate */
};
struct resolver_view {
	enum resolver_word word;
	uint32_t ttl;		      /* DIFFERS: for how long it remembers that */
	int64_t warn_at;	      /* DIFFERS: Unix seconds, by the caller */
	char text[RESOLVER_TEXT_LEN]; /* "the resolver 192.0.2.53 has the record"; "": not asked */
};

/* Only after a sweep that wants it (sweep_wants_resolver). */
void dns_ask_resolvers(const struct dns_conf *, const struct sweep_question *, struct resolver_view *out);

#endif
