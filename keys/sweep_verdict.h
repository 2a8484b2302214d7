/* SPDX-License-Identifier: ISC */
/* sweep_verdict.h - what a whole sweep means (K2, K15, K16), and its text.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_SWEEP_VERDICT_H
#define SIGNPOST_KEYS_SWEEP_VERDICT_H

#include "keys/resolvers.h"

/* After how long a silent server is excused: one that answers, but not for the zone (lame), and any. */
struct sweep_patience {
	int64_t lame_s, mute_s;
};

/* The verdict over one sweep, whatever it expected: passes when nothing is BAD, former servers included, a listed
 * server of each zone of the chain is GOOD, and each MUTE is excused; formers that are MUTE always are.  mute_since[i]:
 * since when answers[i]'s server has been silent in stored evidence (Unix seconds, NEVER if new).  view NULL: no
 * resolver need agree.  why: the first obstacle.
 * With a wanted alias: RIGHT, or FLATTENED, when what is served in its place is what is expected. */
bool sweep_passes(const struct sweep *, const int64_t *mute_since, const struct sweep_patience *,
    const struct resolver_view *view, struct err *why);
/* It passes but for a resolver that agrees. */
bool sweep_wants_resolver(const struct sweep *, const int64_t *mute_since, const struct sweep_patience *);
/* K11: an authority contradicts what is expected. */
bool sweep_contradicts(const struct sweep *);
/* K11: that, and another record stands in its place: ours was not simply removed. */
bool sweep_differs(const struct sweep *);
/* The same expectation, chain, and listed servers of the same zones, none of them BAD, in any order: two such
 * sweeps that pass prove (2.2 t_auth). */
bool sweep_equal(const struct sweep *, const struct sweep *);
/* The servers listed for the zones that both sweeps have in their chains are the same (K2: else t_auth begins anew). */
bool sweep_same_servers(const struct sweep *, const struct sweep *);

const char *answer_found_name(enum answer_found); /* "record", "tombstone", "nothing" ... */
const char *sweep_alias_name(enum sweep_alias);
/* The servers that an admin has waived: "192.0.2.53, 192.0.2.54"; K15.  Nothing when there are none. */
void sweep_put_ignored(const struct dns_conf *, struct buf *out);
/* One line a server, for status and evidence: "ns1.example.com 192.0.2.1 good ttl=3600 serial=42". */
void sweep_format(const struct sweep *, struct buf *out);
void sweep_answer_format(const struct sweep_answer *, struct buf *out); /* one of them, without a line end */

#endif
