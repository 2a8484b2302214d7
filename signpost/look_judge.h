/* SPDX-License-Identifier: ISC */
/* look_judge.h - what a sweep means for its key, and that it is on disk: silence, verdict, evidence, what follows for
 * the domain's alias, TTLs, former servers.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_LOOK_JUDGE_H
#define SIGNPOST_SIGNPOST_LOOK_JUDGE_H

#include "signpost/pass.h"

struct look_judgement {
	const struct config *config;
	struct store *store;
	const struct pass_seams *seams;
	const struct observed *d;
	const struct step *step; /* LOOK */
	const struct sweep_question *question;
	bool untrusted; /* the clock is not trusted */
	/* out */
	bool passed, failed;
	bool news; /* why is another than before */
	char why[ERR_TEXT_LEN];
};

int look_judge(struct look_judgement *, const struct sweep_result *, struct err *) MUST_CHECK;
/* look_notes.c: what else it tells, of servers, TTLs, the alias and the domain; in the caller's transaction. */
int look_note(const struct look_judgement *, const struct sweep *, struct err *) MUST_CHECK;
/* "leads elsewhere": the words behind "the CNAME"; NULL: nothing is wrong with it, or nobody tells. */
const char *look_alias_wrong(enum sweep_alias);
/* proof = resolver: asks, and judges. */
int look_poll(struct look_judgement *, struct err *) MUST_CHECK;

#endif
