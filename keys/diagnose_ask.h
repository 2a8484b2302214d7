/* SPDX-License-Identifier: ISC */
/* diagnose_ask.h - collects what a diagnosis judges: one sweep of the key's name, then questions beside it, all to
 * authoritative servers.  Resolvers are asked for the domain and above; for the key's name only when every server that
 * answers has the record (K5); for nothing at all where a resolver stands in the servers' place (D50).
 *
 *	diagnose_ask(conf, subjects, count, take, &list);	calls take(&list, i, seen) for each
 *
 * Threads: reentrant; it starts DIAGNOSE_THREADS of its own and ends them. */
#ifndef SIGNPOST_KEYS_DIAGNOSE_ASK_H
#define SIGNPOST_KEYS_DIAGNOSE_ASK_H

#include "keys/diagnose_seen.h"
#include "keys/dns_ask.h"

#define DIAGNOSE_THREADS 16

/* In the caller's thread, in the order of the subjects; seen NULL: no memory for it. */
typedef void diagnose_take_fn(void *arg, size_t index, const struct seen *);

/* Returns when all were taken. */
int diagnose_ask(const struct dns_conf *, const struct diagnose_subject *, size_t count, diagnose_take_fn *take,
    void *arg);

/* One of them; diagnose_collect.c. */
int diagnose_collect(struct dns_asker *, const struct diagnose_subject *, struct seen *, struct err *) MUST_CHECK;

/* Questions that are put together; diagnose_reply.c. */
struct questions {
	struct dns_asker *asker;
	struct seen *seen;
	struct dns_query *q;
	size_t first; /* reply of q[0] */
	size_t count, room;
	bool failed; /* no memory */
};
void questions_begin(struct questions *, struct dns_asker *, struct seen *);
/* about: the reply's head; name, type of it, server, link.  type's text is filled in. */
void questions_add(struct questions *, const struct seen_reply *about, ldns_rr_type);
/* Asks them all and reads the replies; frees the rest. */
int questions_end(struct questions *, struct err *) MUST_CHECK;
/* Who takes a connection by TCP, of all SOA replies of the seen. */
void diagnose_try_tcp(struct seen *, int timeout_ms); /* diagnose_tcp.c */

#endif
