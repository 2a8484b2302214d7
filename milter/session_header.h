/* SPDX-License-Identifier: ISC */
/* session_header.h - the header of the message on a session, as far as the caps let it be kept.
 *
 * Values come with folds as LF and are kept with CRLF.  Beyond a cap nothing more is stored, but From and
 * DKIM-Signature fields go on being counted, so that no decision rests on a part of the header.
 *
 * Threads: one header, one thread at a time. */
#ifndef SIGNPOST_MILTER_SESSION_HEADER_H
#define SIGNPOST_MILTER_SESSION_HEADER_H

#include "dkim/header.h"
#include "milter/policy.h"

struct session_header {
	struct arena arena; /* also serves what the signing of this header needs */
	struct header_list list;
	uint32_t len_max, count_max;
	size_t len; /* octets kept */
	size_t from_count, signature_count;
	struct slice from;
	bool has_bad_octets;
	bool is_over_limit;
	bool out_of_memory; /* err says what */
	struct err err;
};

void session_header_init(struct session_header *); /* allocates nothing yet */
void session_header_deinit(struct session_header *);
void session_header_reset(
    struct session_header *); /* memory of usual size is kept for the next message */
void session_header_begin(struct session_header *, const struct table_settings *caps);
void session_header_add(struct session_header *, struct slice name, struct slice value);
/* A copy that lives as long as the header; empty when out of memory. */
struct slice session_header_keep(struct session_header *, struct slice);
/* Fills the facts that a header knows; they borrow from it. */
void session_header_facts(const struct session_header *, struct policy_facts *);

#endif
