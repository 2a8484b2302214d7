/* SPDX-License-Identifier: ISC */
/* utf8.h - UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 * Pure.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_BASE_UTF8_H
#define SIGNPOST_BASE_UTF8_H

#include "base/slice.h"

#define UTF8_LEN_MAX 4

/* Octets of the first character, 0 when the slice is empty or does not begin with one. */
size_t utf8_decode(struct slice, uint32_t *code_point);
size_t utf8_encode(uint32_t code_point, uint8_t out[static UTF8_LEN_MAX]);
bool utf8_is_valid(struct slice);
/* May stand in what is shown of foreign text: no control (tab and newline are), and nothing that turns the direction of
 * writing, which could rearrange what stands around it. */
bool utf8_is_shown(uint32_t code_point);
/* The next character for one line of a terminal or a log, and *rest goes on behind it: what may not be shown, a newline
 * or tab, and each octet that is no UTF-8 comes as "?".  False at the end. */
bool utf8_next_shown(struct slice *rest, struct slice *shown);
/* The same of a whole text, in place; it never grows. */
void utf8_defuse(char *text);

#endif
