/* SPDX-License-Identifier: ISC */
/* diagnose_names.h - what the judges of names, chains and servers share.  Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_DIAGNOSE_NAMES_H
#define SIGNPOST_KEYS_DIAGNOSE_NAMES_H

#include "keys/diagnose.h"

bool diagnose_is_listed(const struct judging *, const struct seen_reply *); /* by a server of its link */
bool diagnose_speaks(const struct seen_reply *); /* as an authority, and says whether the name is there */
/* The key's p=, or the beginning of it, or the CNAME that is wanted. */
bool diagnose_is_ours(const struct judging *, const struct seen_reply *);

/* D44: a publisher's or former server has it; true when that was said. */
bool diagnose_elsewhere(const struct judging *, const struct seen_reply *missing);

void diagnose_chain(const struct judging *); /* D08, D09, D11 */
/* D10, D31, a TXT mode's CNAME that leads nowhere, and what is to be gone and is not. */
void diagnose_end(const struct judging *);

#endif
