/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"

#include <inttypes.h>

void
advice_duration(int64_t seconds, struct buf *out)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};

	/* two of a unit are needed to be exact enough, or a whole number of it */
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t unit = units[i].seconds;
		if (seconds >= 2 * unit || (seconds >= unit && seconds % unit == 0)) {
			buf_printf(out, "%" PRId64 " %s", seconds / unit, units[i].name);
			return;
		}
	}
	buf_printf(out, "%" PRId64 " s", seconds < 0 ? 0 : seconds);
}
