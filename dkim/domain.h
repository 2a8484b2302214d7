/* SPDX-License-Identifier: ISC */
/* domain.h - domain names: U-labels in, lower-case A-labels out (RFC 5890 to 5893, 8616 with
 * IDNA2008 by libidn2), and how they nest.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_DOMAIN_H
#define SIGNPOST_DKIM_DOMAIN_H

#include "base/err.h"
#include "base/slice.h"

#define DOMAIN_LEN_MAX 253

/* UTF-8 or ASCII in; out: lower-case LDH labels of 1..63 octets, at least two of them, no final
 * dot. ERR_INPUT: final dot, empty label, bad characters, not IDNA2008, too long, only one label,
 * all digits on top. */
int domain_normalize(struct slice in, char out[static DOMAIN_LEN_MAX + 1], struct err *) MUST_CHECK;
/* For people: the A-label name with its U-labels ("-" never; falls back to the input). */
void domain_to_unicode(const char *a_label, char *out, size_t out_size);
/* name == above, or lies below it at a dot.  Both normalized. */
bool domain_is_within(struct slice name, struct slice above);
/* Entry of a domain list: "*", ".example.com" (below it only) or "example.com" (itself only). */
bool domain_entry_covers(struct slice entry, struct slice name);
/* Normalizes such an entry; out needs DOMAIN_LEN_MAX + 2. */
int domain_entry_normalize(struct slice in, char out[static DOMAIN_LEN_MAX + 2],
    struct err *) MUST_CHECK;

#endif
