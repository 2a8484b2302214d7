/* SPDX-License-Identifier: ISC */
/* pass_private.h - what the files of a pass share, and nobody else.
 *
 * Threads: one pass, one thread. */
#ifndef SIGNPOST_SIGNPOST_PASS_PRIVATE_H
#define SIGNPOST_SIGNPOST_PASS_PRIVATE_H

#include "signpost/pass.h"

#define PASS_BATCH 64 /* domains whose rows are held at a time */

/* One domain's share of a batch. */
struct share {
	struct pass *pass;
	const struct observation *o;
	const struct observed *d;
	struct step *steps;
	size_t count;
	bool troubled;	/* something of it failed: it is due again soon */
	bool overtaken; /* somebody else changed it meanwhile: what is left is the next pass's (deed_check.h) */
};

/* The domains of one batch, and what is to be done for each. */
struct batch {
	struct pass *pass;
	struct observation o;
	struct share *shares;
	char after[DOMAIN_LEN_MAX + 1]; /* the last domain of the batch before */
};

/* A step and whose it is. */
struct errand {
	struct share *share;
	const struct step *step; /* NULL: the milters are asked without one (pass_watch.c) */
};

static inline const struct store_key *
errand_key(const struct errand *e)
{
	return &e->share->d->keys[e->step->key];
}

static inline int64_t
pass_now(const struct pass *pass)
{
	return pass->seams->now(pass->seams->arg);
}

static inline void
pass_between(const struct pass *pass, const char *deed)
{
	if (pass->seams->between != NULL)
		pass->seams->between(pass->seams->arg, deed);
}

/* pass.c: loads the select's domains into an empty batch, with their steps. */
int batch_load(struct batch *, const struct store_select *, struct err *) MUST_CHECK;
/* pass_due.c: loads them once more and notes when each is due again.  What is said to one in the meantime makes it due
 * at once. */
int batch_note_due(struct batch *, struct err *) MUST_CHECK;

/* pass_look.c: the looks that are due, of all shares; what they found is on disk. */
int pass_looks(struct pass *, struct share *, size_t count, struct err *) MUST_CHECK;

/* deeds.c: whatever needs nothing but the store and the key files. */
bool deed_is_local(enum step_what);
int deed_local(const struct errand *, struct err *) MUST_CHECK;
int deed_destroy(const struct errand *, struct err *) MUST_CHECK;

/* pass_survey.c: what stands at names that are about to be used. */
struct survey {
	const char *zone, *name;
	int rc; /* as of sweep_run */
	struct err why;
	int64_t ttl_max_s;
};
int pass_survey(struct pass *, struct survey *, size_t count, struct err *) MUST_CHECK;

/* pass_publish.c: PREPARE_SLOT, PUBLISH, REVOKE, REMOVE; one call for each publisher and zone. */
bool deed_is_published(enum step_what);
int pass_publish(struct pass *, const struct errand *, size_t count, struct err *) MUST_CHECK;

/* pass_table.c: the table, hooks, and the milters that read it */
int pass_update_table(struct pass *, struct err *) MUST_CHECK;
/* The table on disk names this key, whatever the store says of it. */
int pass_table_names(struct pass *, const struct store_key *, bool *names, struct err *) MUST_CHECK;
int pass_ask_signers(struct pass *, const struct errand *, size_t count, struct err *) MUST_CHECK;
/* Nothing to do without a hook. */
int pass_push(struct pass *, enum push_what, const char *path, struct err *) MUST_CHECK;

/* pass_watch.c: milters are asked also when nothing changed.  When next; NEVER: not. */
int64_t watch_due(const struct share *);
/* Behind the errands that ask anyway; there is room for one a share.  How many there are then. */
size_t watch_collect(struct batch *, struct errand *, size_t count);

/* pass_clock.c: before and after everything else */
int pass_clock(struct pass *, struct err *) MUST_CHECK;
int pass_config(struct pass *, struct err *) MUST_CHECK; /* what changed in signpost.conf makes all domains due */
int pass_outage(struct pass *, struct err *) MUST_CHECK;
int pass_queue(struct pass *, struct err *) MUST_CHECK;
int pass_hear(struct pass *, const struct publish_outcome *, struct err *) MUST_CHECK;

#endif
