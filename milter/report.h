/* SPDX-License-Identifier: ISC */
/* report.h - the one log line of a message, and what is said once about mail that a later hop will break.
 *
 * Threads: any; what is said once is said once by all of them together. */
#ifndef SIGNPOST_MILTER_REPORT_H
#define SIGNPOST_MILTER_REPORT_H

#include "milter/counters.h"
#include "milter/policy.h"
#include "milter/sign_message.h"

enum report_verb { REPORT_SIGNED, REPORT_WOULD_SIGN, REPORT_UNSIGNED, REPORT_TEMPFAIL };

/* Everything borrowed; empty, NULL or 0 where it does not apply. */
struct report {
	enum report_verb verb;
	struct slice queue_id;
	const struct decision *decision; /* may be NULL: no decision was possible */
	enum reason reason;		 /* of unsigned and tempfail */
	struct slice login;
	const struct ip_addr *client;
	const struct table_key *const *rows; /* that signed, top signature first */
	size_t row_count;
	const struct err *key_unusable; /* kind ERR_NONE: all keys were usable */
	const struct err *error;	/* more about a tempfail */
	uint64_t body_len;
	uint64_t us; /* spent in our callbacks */
	enum log_unsigned log_unsigned;
	bool is_probe; /* logged in any case, as what it is; counted as nothing else */
};

/* Counts it, and logs it unless log_unsigned is against it. */
void report_message(const struct report *, struct counters *);

/* A message that was signed, as its header and body were. */
void report_signed_shape(const struct header_list *, const struct scan_lines *body,
    struct slice queue_id, struct counters *);

#endif
