/* SPDX-License-Identifier: ISC */
/* privileges.h - giving up root for good.  Nothing happens when we are not root.
 *
 * Threads: before the threads: all of them would lose their powers. */
#ifndef SIGNPOST_SIGNPOST_PRIVILEGES_H
#define SIGNPOST_SIGNPOST_PRIVILEGES_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define PRIVILEGES_NAME_LEN 64

bool privileges_is_root(void);
/* As passwd has it, or its number; returns out. */
const char *privileges_user_name(uid_t, char out[static PRIVILEGES_NAME_LEN]);
/* Groups (those of the user's login, and this one), group, user, in this order; then tries to get back, which must
 * fail. */
int privileges_become(uid_t, gid_t, struct err *) MUST_CHECK;
/* The owner and group of the store's directory.  ERR_CONFIG when there is none, or when the database in it belongs to
 * another user. */
int privileges_become_owner(const char *store_dir, struct err *) MUST_CHECK;
/* ERR_CONFIG when everybody can write to the store's directory. */
int privileges_check_store(const char *store_dir, struct err *) MUST_CHECK;
/* The same of a mode that is known; pure. */
int privileges_judge_store(const char *store_dir, mode_t, struct err *) MUST_CHECK;
int privileges_become_nobody(struct err *) MUST_CHECK;
/* Root reads its configuration only if nobody else can have written it. */
int privileges_check_config(const char *path, struct err *) MUST_CHECK;

#endif
