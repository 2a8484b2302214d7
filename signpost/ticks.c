/* SPDX-License-Identifier: ISC */
#include "signpost/ticks.h"

#include <time.h>

#define DAY_S 86400

/* Distances between labels; months have no fixed length. */
enum tick_label { LABEL_HOUR, LABEL_DAY, LABEL_MONTH, LABEL_QUARTER, LABEL_YEAR };

static const struct {
	int64_t seconds;
	int months;
	enum tick_label label;
} TICKS[] = {{60, 0, LABEL_HOUR}, {300, 0, LABEL_HOUR}, {900, 0, LABEL_HOUR}, {3600, 0, LABEL_HOUR},
    {3 * 3600, 0, LABEL_HOUR}, {6 * 3600, 0, LABEL_HOUR}, {DAY_S, 0, LABEL_DAY},
    {2 * DAY_S, 0, LABEL_DAY}, {7 * DAY_S, 0, LABEL_DAY}, {30 * DAY_S, 1, LABEL_MONTH},
    {91 * DAY_S, 3, LABEL_QUARTER}, {365 * DAY_S, 12, LABEL_YEAR}, {1825 * DAY_S, 60, LABEL_YEAR},
    {7300 * DAY_S, 240, LABEL_YEAR}};

#define TICK_COUNT (sizeof(TICKS) / sizeof(TICKS[0]))

static void
floor_tm(struct tm *tm, size_t step)
{
	tm->tm_sec = 0;
	if (TICKS[step].seconds < 3600)
		tm->tm_min -= tm->tm_min % (int)(TICKS[step].seconds / 60);
	else
		tm->tm_min = 0;
	if (TICKS[step].seconds >= DAY_S)
		tm->tm_hour = 0;
	else if (TICKS[step].seconds >= 3600)
		tm->tm_hour -= tm->tm_hour % (int)(TICKS[step].seconds / 3600);
	if (TICKS[step].months > 0) {
		int months = tm->tm_year * 12 + tm->tm_mon;
		months -= months % TICKS[step].months;
		tm->tm_year = months / 12;
		tm->tm_mon = months % 12;
		tm->tm_mday = 1;
	}
	tm->tm_isdst = -1;
}

static void
advance_tm(struct tm *tm, size_t step)
{
	if (TICKS[step].months > 0)
		tm->tm_mon += TICKS[step].months;
	else if (TICKS[step].seconds >= DAY_S)
		tm->tm_mday += (int)(TICKS[step].seconds / DAY_S);
	else
		tm->tm_min += (int)(TICKS[step].seconds / 60);
	tm->tm_isdst = -1;
}

static size_t
format_tick(const struct tm *tm, enum tick_label label, char out[static TICK_LABEL_LEN])
{
	switch (label) {
	case LABEL_HOUR:
		return strftime(out, TICK_LABEL_LEN, "%H:%M", tm);
	case LABEL_DAY:
		return strftime(out, TICK_LABEL_LEN, "%e %b", tm);
	case LABEL_MONTH:
		return strftime(out, TICK_LABEL_LEN, "%b", tm);
	case LABEL_QUARTER:
		return strftime(out, TICK_LABEL_LEN, "%b %Y", tm);
	default:
		return strftime(out, TICK_LABEL_LEN, "%Y", tm);
	}
}

size_t
ticks_make(const struct tick_span *span, struct tick out[static TICKS_MAX])
{
	double length = (double)(span->until - span->from);
	time_t t = (time_t)span->from;
	size_t step = 0, count = 0;
	struct tm tm;

	while (step + 1 < TICK_COUNT && length / (double)TICKS[step].seconds > span->most)
		step++;
	if (localtime_r(&t, &tm) == NULL)
		return 0;
	floor_tm(&tm, step);
	for (t = mktime(&tm); t != (time_t)-1 && t < (time_t)span->until && count < TICKS_MAX;
	     t = mktime(&tm)) {
		out[count].at = (int64_t)t;
		if (format_tick(&tm, TICKS[step].label, out[count].label) > 0)
			count++;
		advance_tm(&tm, step);
	}
	return count;
}
