/* SPDX-License-Identifier: ISC */
/* status_text.h - status for people, from its JSON (status_json.h): wherever that came from, it reads the same.  Times
 * are as of the reader's clock.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_STATUS_TEXT_H
#define SIGNPOST_SIGNPOST_STATUS_TEXT_H

#include "signpost/status.h"
#include "signpost/terminal.h"

struct status_reader {
	const struct terminal *terminal;
	const struct config *config;
	int64_t now;
};

void status_text_head(const struct status_reader *, struct buf *out);
void status_text_line(const struct status_reader *, const json_t *domain, struct buf *out);
/* What each key waits for, and what each server said last. */
void status_text_detail(const struct status_reader *, const json_t *domain, struct buf *out);
/* What concerns all domains: nothing when all is well. */
void status_text_world(const struct status_reader *, const struct status_world *, struct buf *out);

int status_exit_code(const json_t *domain);
int status_world_exit_code(const struct status_reader *, const struct status_world *);
/* 2 failed, then 3 cannot tell, then 1 warning, then 0 */
int status_worse(int, int);

#endif
