/* SPDX-License-Identifier: ISC */
/* pass.h - one pass of the keeper: judge the clock, look at DNS for what is due, carry out what the scheduler says,
 * bring the signing table up to date.
 *
 * Each deed is on disk before the next begins, and each can be repeated: a pass that is killed anywhere is taken up
 * by the next.  The store is not locked while DNS, a publisher, a milter or a hook is waited for.
 *
 *	struct pass pass = {.config = config, .store = store, .verb = "tick", .seams = &PASS_SEAMS};
 *	if (pass_run(&pass, err) != 0) ...		the caller holds STORE_LOCK_PASS
 *
 * Threads: one pass, one thread; looking starts others and ends them. */
#ifndef SIGNPOST_SIGNPOST_PASS_H
#define SIGNPOST_SIGNPOST_PASS_H

#include "keys/clock.h"
#include "keys/compile.h"
#include "keys/resolvers.h"
#include "keys/sweep_batch.h"
#include "signpost/announce_send.h"
#include "signpost/observe.h"
#include "signpost/signers.h"

/* What a hook is told: keys come before the table that names them, and go after it. */
enum push_what { PUSH_KEYS, PUSH_TABLE, PUSH_DELETE };

/* As of sweep_batch_run. */
struct pass_sweeps {
	const struct sweep_question *questions;
	size_t count;
	sweep_take_fn *take;
	void *arg;
};

/* The world outside, for tests to put their own in its place. */
struct pass_seams {
	int64_t (*now)(void *arg);
	void (*read_clock)(void *arg, struct clock_reading *);
	void (*sweep)(void *arg, struct sweep_batch *, const struct pass_sweeps *);
	int (*poll)(const struct dns_conf *, const struct sweep_question *, const struct resolver_list *,
	    struct resolver_poll *, struct err *);
	void (*ask_resolvers)(const struct dns_conf *, const struct sweep_question *, struct resolver_view *);
	int (*find_zone)(const struct dns_conf *, const char *domain, char zone[static DOMAIN_LEN_MAX + 1], struct err *);
	int (*publish)(const struct publisher_conf *, const struct publish_change *, size_t count,
	    struct publish_outcome *, struct err *);
	int (*ask_signers)(const struct signers_conf *, const struct table *, struct signers_answer *, size_t count,
	    struct err *);
	/* oldest: arrival of the oldest message in the queue, NEVER: it is empty, or there is none */
	int (*ask_queue)(const struct keeper_conf *, int64_t *oldest, struct err *);
	int (*push)(const struct signers_conf *, enum push_what, const char *store_dir, const char *path, struct err *);
	announce_send_fn *announce;
	void (*between)(void *arg, const char *deed); /* called before each deed; NULL */
	void *arg;
};
extern const struct pass_seams PASS_SEAMS; /* the real ones */

struct pass {
	const struct config *config;
	struct store *store;
	const char *verb; /* for the log */
	bool verbose;
	const struct pass_seams *seams;
	/* out */
	bool unanswered;  /* some sweep could not be carried out */
	struct err first; /* of the domains' troubles; the pass goes on with the others */
	int64_t next_at;  /* when something is due again */
	size_t steps;	  /* that were taken */
	size_t domains;	  /* that had their turn */
	bool alerted;	  /* something is to be announced, or ended (announce.h) */
	/* its own */
	int64_t began;
	struct sweep_batch *batch;
	bool queue_asked;
	bool milter_silent; /* one could not be asked: it costs its timeout once a pass */
	bool table_stale; /* the table could not be brought up to date: no key is deleted */
	struct table *table;
	int64_t table_version; /* store_version when the table was compiled */
};

/* 0: all domains had their turn, whatever came of it. */
int pass_run(struct pass *, struct err *) MUST_CHECK;
/* For one line of standard output, when it is verbose. */
void pass_tell(const struct pass *, const char *domain, const char *selector, const char *fmt, ...) PRINTF(4, 5);
/* One domain's trouble is not the others'. */
void pass_note_trouble(struct pass *, const char *domain, const struct err *);

#endif
