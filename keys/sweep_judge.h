/* SPDX-License-Identifier: ISC */
/* sweep_judge.h - GOOD, BAD or MUTE: what one answer of one server says about a key record (K7, K15).  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_SWEEP_JUDGE_H
#define SIGNPOST_KEYS_SWEEP_JUDGE_H

#include "keys/dns_wire.h"
#include "keys/dnssec.h"

/* What is asked for, the same for all servers of a zone. */
struct judge_rule {
	const char *zone;
	const char *name;      /* as asked for */
	struct slice expected; /* the record's text */
	const char *alias;     /* the CNAME target that the zone's servers gave first; NULL: none has one */
	int64_t now;
	int timeout_ms;        /* for texts */
};

struct judgement {
	enum answer_verdict verdict;
	bool no_route;
	uint32_t ttl; /* GOOD */
	int64_t at_ms; /* when it came, monotonic */
	char why[192];
};

/* keys: of this server; NULL in an unsigned zone. */
void sweep_judge(const struct judge_rule *, const struct dns_query *, const struct dnssec_keys *keys,
    struct judgement *out);
/* The authoritative answer's CNAME at name. */
bool sweep_judge_alias(const struct dns_query *, const char *name, char target[static SWEEP_NAME_LEN]);
/* Several answers of one server (K14): one contradiction is BAD; else one GOOD is GOOD.  A TTL that counts down
 * comes out of a cache: MUTE.  judgements in the order in which they were asked for. */
void sweep_judge_all(const struct judgement *, size_t count, struct judgement *out);

#endif
