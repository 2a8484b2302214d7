/* SPDX-License-Identifier: ISC */
/* rules.h - who may sign, gathered from signpost.conf and the login map for the compiler of the
 * signing table.
 *
 * Threads: one struct rules, one thread; read-only after rules_init. */
#ifndef SIGNPOST_SIGNPOST_RULES_H
#define SIGNPOST_SIGNPOST_RULES_H

#include "keys/compile.h"
#include "signpost/config.h"

#define LOGIN_MAP_LEN_MAX  (64u * 1024 * 1024)
#define LOGIN_MAP_LINE_MAX 65536

struct rules {
	struct compile_rules compile; /* borrows from the config and from what is below */
	struct table_allow *allows;
	size_t count, cap;
	size_t mapped_from;  /* allows[mapped_from ...] are of the login map and owned here, or by kept */
	size_t left_out;     /* lines of the map */
	struct table *kept;  /* that the map's logins are of, as it cannot be read; NULL */
	struct err trouble;  /* with the map, for a person to mend: ERR_CONFIG, ERR_IO, ERR_LIMIT; ERR_NONE */
};

/* Reads the login map, if there is one: "login domain..." a line.  A line that does not parse grants nothing, and of
 * two with one login the later one: trouble names it.  When the map cannot be read, its logins are those of the
 * store's signing table; -1 when that cannot be read, either.  Free with rules_deinit, also on failure. */
int rules_init(struct rules *, const struct config *, const char *store_dir, struct err *) MUST_CHECK;
void rules_deinit(struct rules *);
/* What is wrong with the login map; ERR_NONE: nothing. */
int rules_look(const struct config *, const char *store_dir, struct err *trouble, struct err *) MUST_CHECK;

#endif
