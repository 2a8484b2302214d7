/* SPDX-License-Identifier: ISC */
/* buf.h - a growing byte buffer with a cap and a sticky error.
 *
 * After the first failed append (cap reached, or no memory) all later appends do nothing; ask once
 * at the end with buf_check().
 *
 *	struct buf b;
 *	buf_init(&b, 4096);
 *	buf_put_str(&b, "v=DKIM1; p=");
 *	buf_put(&b, p);
 *	int rc = buf_check(&b, "key record", err);
 *	if (rc == 0)
 *		use(buf_slice(&b));
 *	buf_deinit(&b);
 *
 * Threads: one buffer, one thread. */
#ifndef SIGNPOST_BASE_BUF_H
#define SIGNPOST_BASE_BUF_H

#include "base/err.h"
#include "base/slice.h"

enum buf_state { BUF_OK, BUF_FULL, BUF_NOMEM };

struct buf {
	uint8_t *data; /* always NUL-terminated once anything was put; NULL before */
	size_t len;
	size_t cap;
	size_t len_max;
	enum buf_state state;
};

void buf_init(struct buf *, size_t len_max); /* allocates nothing yet */
void buf_deinit(struct buf *);               /* frees; safe twice */
void buf_wipe(struct buf *);                 /* for secrets: cleanses, then frees */
void buf_clear(struct buf *);                /* length 0 and error gone; memory kept */

void buf_put(struct buf *, struct slice);
void buf_put_str(struct buf *, const char *);
void buf_put_byte(struct buf *, uint8_t);
void buf_put_u64(struct buf *, uint64_t);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);

/* 0, or -1 with ERR_LIMIT ("WHAT is longer than N bytes") or ERR_NOMEM. */
int buf_check(const struct buf *, const char *what, struct err *) MUST_CHECK;
struct slice buf_slice(const struct buf *);
const char *buf_str(const struct buf *); /* "" when empty; contents up to the first NUL */

#endif
