/* SPDX-License-Identifier: ISC */
/* stage.h - a file's next content, on disk beside it, until it is taken or dropped; for files that must pass a check
 * first, and that keep their owner and mode.
 *
 *	struct stage s;
 *	if (stage_write(&s, path, content, err) != 0)
 *		return -1;
 *	if (is_good(s.temp))
 *		rc = stage_commit(&s, err);
 *	stage_drop(&s);		does nothing after a commit
 *
 * Threads: a stage is its caller's. */
#ifndef SIGNPOST_BASE_STAGE_H
#define SIGNPOST_BASE_STAGE_H

#include "base/file.h"

#define STAGE_PATH_LEN 4096

struct stage {
	char path[STAGE_PATH_LEN]; /* the file itself: links were followed, so that a link stays one */
	char temp[STAGE_PATH_LEN]; /* its next content; "" when taken or dropped */
	struct file_stamp was;	   /* the file when the stage was written */
};

/* Owner, group and mode are those of the file that is there, else ours and 0644. */
int stage_write(struct stage *, const char *path, struct slice content, struct err *) MUST_CHECK;
/* Renames it over the file, durably.  ERR_BUSY when the file is not any more what it was. */
int stage_commit(struct stage *, struct err *) MUST_CHECK;
void stage_drop(struct stage *);

#endif
