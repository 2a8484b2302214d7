/* SPDX-License-Identifier: ISC */
/* advice.h - a key record in the forms in which a person enters it.  Pure text.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_ADVICE_H
#define SIGNPOST_KEYS_ADVICE_H

#include "keys/store_rows.h"

enum advice_form {
	ADVICE_TEXT,   /* Type, Host, TTL, Value: a provider's form */
	ADVICE_ZONE,   /* a line of a zone file */
	ADVICE_QUOTED, /* the value alone, in strings of at most 255 octets */
};

bool advice_form_from_name(struct slice, enum advice_form *);
void advice_record(const struct store_key *, enum advice_form, struct buf *out);
/* The CNAME from a domain's alias to a slot of ours. */
struct advice_alias {
	const char *domain, *alias, *target;
};
void advice_alias(const struct advice_alias *, enum advice_form, struct buf *out);
/* "3600" stays a number; for people: "1 h", "25 min", "12 d". */
void advice_duration(int64_t seconds, struct buf *out);

#endif
