/* SPDX-License-Identifier: ISC */
/* health_text.h - what is waited for, in words, with times as of the reader's clock.
 *
 * Threads: localtime_r(3)'s. */
#ifndef SIGNPOST_SIGNPOST_HEALTH_TEXT_H
#define SIGNPOST_SIGNPOST_HEALTH_TEXT_H

#include "signpost/health.h"

void health_wait_text(const struct key_health *, int64_t now, char *out, size_t size);
/* "WHAT on 19 Feb (78 d): WHY" */
void health_step_text(const struct step *, int64_t now, const char *what, char *out, size_t size);

#endif
