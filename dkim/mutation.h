/* SPDX-License-Identifier: ISC */
/* mutation.h - what was done to a signed message on its way: what mail systems usually do, undone, until bh= fits or b=
 * verifies.  Only what really makes them fit is claimed; where nothing does, that is said, with how much was tried.
 * Pure; the work is bounded, whatever the message is.
 *
 *	struct verify_words words = {.count = 0};
 *	if (mutation_header(&m, &words))
 *		puts(words.list[0].verdict);	"Subject was tagged: ..."
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_MUTATION_H
#define SIGNPOST_DKIM_MUTATION_H

#include "dkim/header.h"
#include "dkim/signature.h"
#include "dkim/verify_words.h"

#define MUTATION_BODY_MAX   ((size_t)4 << 20)	/* larger bodies are not looked at */
#define MUTATION_HEADER_MAX ((size_t)256 << 10) /* octets of signed fields */

struct mutation_message {
	const struct header_list *others;     /* the message's fields, without the signature itself */
	const struct header_field *sig_field; /* its value still has its b= */
	const struct signature *sig;
	const struct dkim_pubkey *key;
	struct slice body;
	size_t *work_left; /* octets that may still be hashed for this and other signatures; NULL: enough */
};

/* The body hash does not fit: true when something undone makes it fit.  One sentence or more are told in any case. */
bool mutation_body(const struct mutation_message *, struct verify_words *);
/* b= does not verify, and may be of this key: true when some changes undone make it verify. */
bool mutation_header(const struct mutation_message *, struct verify_words *);

/* For both searches: at most so much work of `most`; and so much was done. */
size_t mutation_work_max(const struct mutation_message *, size_t most);
void mutation_work_done(const struct mutation_message *, size_t work);

#endif
