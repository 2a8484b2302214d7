/* SPDX-License-Identifier: ISC */
/* verify_print.h - what was found of a signature, for a person and as JSON.
 *
 * Threads: as stdout. */
#ifndef SIGNPOST_SIGNPOST_VERIFY_PRINT_H
#define SIGNPOST_SIGNPOST_VERIFY_PRINT_H

#include "signpost/terminal.h"
#include "signpost/verify_look.h"

#include <jansson.h>

void verify_print(const struct terminal *, size_t number, const struct verified *, struct buf *out);
/* NULL without memory. */
json_t *verify_json(const struct verified *);
/* A sentence by itself, with its mend below it. */
void verify_print_said(const struct terminal *, const struct verify_said *, struct buf *out);
/* Octets that are no UTF-8 cannot stand in JSON: each becomes '?'. */
json_t *verify_json_text(struct slice);

#endif
