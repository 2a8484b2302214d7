/* SPDX-License-Identifier: ISC */
/* operation.h - what the verbs about one domain share: its name from the command line, the store, what is
 * known of it, what comes next, and the log.
 *
 *	struct operation op;
 *	if (operation_begin(&op, cli, err) == 0)	op.d is the domain
 *		...
 *	operation_end(&op);				also after a failure
 *
 * Threads: one operation, one thread. */
#ifndef SIGNPOST_SIGNPOST_OPERATION_H
#define SIGNPOST_SIGNPOST_OPERATION_H

#include "keys/forecast.h"
#include "signpost/observe.h"
#include "signpost/verbs.h"

#define OPERATION_OUT_MAX (4 * 1024 * 1024)

struct operation {
	const struct cli *cli;
	struct store *store;
	char domain[DOMAIN_LEN_MAX + 1];
	int64_t now; /* of the last operation_load */
	struct observation o;
	const struct observed *d;
	bool skims; /* so many domains that key files are looked at, and not read */
};

/* Opens the store and loads the domain that the first operand names.  ERR_INPUT: it is not here. 
 * ERR_CONFIG: its policy is not defined. */
int operation_begin(struct operation *, const struct cli *, struct err *) MUST_CHECK;
/* Opens the store alone. */
int operation_open(struct operation *, const struct cli *, struct err *) MUST_CHECK;
/* The domain once more, as it is now. */
int operation_load(struct operation *, struct err *) MUST_CHECK;
void operation_end(struct operation *);
/* All domains by name, each as op->d while take is called; those with a policy that is not defined, too.  What
 * is common to all stays in op->o.world behind the last.  Ends when take does not return 0. */
typedef int operation_take_fn(void *arg, struct err *);
int operation_each(struct operation *, operation_take_fn *, void *arg, struct err *) MUST_CHECK;

/* ERR_INPUT names the keys that there are. */
int operation_key(const struct operation *, const char *selector, size_t *key, struct err *) MUST_CHECK;
/* The newest key of that state; SIZE_MAX: there is none. */
size_t operation_newest(const struct operation *, enum key_alg, enum key_state);

/* For the log: who it is stands in its row; here is what was typed.  The text lives in `text`. */
struct store_event operation_event(
    const struct operation *, const char *selector, const char *what, char text[static ERR_TEXT_LEN]);

int operation_forecast(const struct operation *, int64_t until, size_t events_max, struct forecast *,
    struct err *) MUST_CHECK;
/* What stands above all keys: clock, outage, hold. */
void operation_put_caveats(const struct operation *, struct buf *out);
/* These, what each key waits for if it is not time alone, and what comes next and when. */
int operation_put_next(const struct operation *, struct buf *out, struct err *) MUST_CHECK;
/* The same on standard output, of the domain as it is now. */
int operation_tell(struct operation *, struct err *) MUST_CHECK;
/* Puts the buffer on standard output, and empties it. */
int operation_print(struct buf *, struct err *) MUST_CHECK;

#endif
