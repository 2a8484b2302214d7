/* SPDX-License-Identifier: ISC */
/* config_fill.h - from libconfuse's tree to struct config; used by config.c only.
 *
 * Threads: as config.h. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_FILL_H
#define SIGNPOST_SIGNPOST_CONFIG_FILL_H

#include "signpost/config.h"
#include "signpost/options.h"

#include <confuse.h>

/* The row of an option in one of libconfuse's sections; NULL if there is none. */
const struct option_row *config_row_of(const cfg_t *section, const char *option);
/* What a closed section must fulfil as a whole: its title, options that belong together. */
int config_check_section(cfg_t *section, struct err *) MUST_CHECK;
/* config is zeroed but for its path; what was filled is freed by config_free, also on failure. */
int config_fill(struct config *, cfg_t *top, struct err *) MUST_CHECK;

#endif
