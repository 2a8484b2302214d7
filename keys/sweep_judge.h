/* SPDX-License-Identifier: ISC */
/* sweep_judge.h - GOOD, BAD or MUTE: what one answer of one server says about a key's name (K7, K15, K20).  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_SWEEP_JUDGE_H
#define SIGNPOST_KEYS_SWEEP_JUDGE_H

#include "keys/dns_wire.h"
#include "keys/dnssec.h"

#define SWEEP_SIBLINGS 2 /* random names beside the one asked for */

/* What is asked for, the same for all servers of a zone. */
struct judge_rule {
	const char *zone;
	const char *name; /* as asked for */
	enum key_expect expect;
	bool or_nothing;       /* EXPECT_TOMBSTONE: nothing will do as well */
	struct slice expected; /* the record's text */
	const char *alias;     /* CNAME target: the wanted one, or what the zone's servers gave first; NULL: none has one */
	bool alias_wanted;
	int64_t now;
	int timeout_ms; /* for texts */
};

struct judgement {
	enum answer_verdict verdict;
	enum answer_found found;
	bool no_route;
	uint32_t ttl;  /* of what was found and is GOOD */
	int64_t at_ms; /* when it came, monotonic */
	char why[192];
};

/* What one server says beside the answer itself. */
struct judge_witness {
	const struct dnssec_keys *keys; /* NULL in an unsigned zone */
	/* its answers about random siblings, for EXPECT_ABSENT and _TOMBSTONE or nothing; names as asked for */
	const ldns_pkt *siblings[SWEEP_SIBLINGS];
	const char *sibling_names[SWEEP_SIBLINGS];
};

void sweep_judge(const struct judge_rule *, const struct dns_query *, const struct judge_witness *,
    struct judgement *out);
/* The authoritative answer's CNAME at name. */
bool sweep_judge_alias(const struct dns_query *, const char *name, char target[static SWEEP_NAME_LEN]);
/* The CNAME at name was made from a DNAME above it (RFC 6672 3.1): *dname_owner. */
bool sweep_judge_dname(const ldns_pkt *, const char *name, char owner[static SWEEP_NAME_LEN]);
/* Several answers of one server (K14): one contradiction is BAD; else one GOOD is GOOD.  A TTL that counts down
 * comes out of a cache: MUTE.  judgements in the order in which they were asked for. */
void sweep_judge_all(const struct judgement *, size_t count, struct judgement *out);

/* One record of a TXT set against what is expected; why it is not that.  For resolvers' answers too. */
enum answer_found sweep_judge_txt(const ldns_rr *txt, struct slice expected, struct err *why);
bool sweep_found_nothing(enum answer_found);

#endif
