/* SPDX-License-Identifier: ISC */
/* privileges.h - giving up root for good.  Nothing happens when we are not root.
 *
 * Threads: before the threads: all of them would lose their powers. */
#ifndef SIGNPOST_SIGNPOST_PRIVILEGES_H
#define SIGNPOST_SIGNPOST_PRIVILEGES_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

bool privileges_is_root(void);
/* Groups, group, user, in this order; then tries to get back, which must fail. */
int privileges_become(uid_t, gid_t, struct err *) MUST_CHECK;
/* The owner and group of the store's directory.  ERR_CONFIG when there is none. */
int privileges_become_owner(const char *store_dir, struct err *) MUST_CHECK;
int privileges_become_nobody(struct err *) MUST_CHECK;
/* Root reads its configuration only if nobody else can have written it. */
int privileges_check_config(const char *path, struct err *) MUST_CHECK;

#endif
