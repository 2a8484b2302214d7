/* SPDX-License-Identifier: ISC */
#include "signpost/when.h"
#include "keys/advice.h"
#include "keys/key_state.h"
#include "signpost/options.h"

#include <string.h>
#include <time.h>

#define NEAR_S	  600
#define DAY_S	  86400
#define YEAR_S	  (INT64_C(365) * DAY_S)
#define YEARS_MAX 200
#define UNIX_MAX  (INT64_C(400) * YEAR_S)

static bool
is_same_day(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_yday == b->tm_yday;
}

void
when_put(struct buf *out, int64_t at, int64_t now)
{
	int64_t apart = at > now ? at - now : now - at;
	time_t then = (time_t)at, today = (time_t)now;
	struct tm tm, now_tm;
	char text[64];

	if (at == NEVER || localtime_r(&then, &tm) == NULL ||
	    localtime_r(&today, &now_tm) == NULL) {
		buf_put_str(out, "-");
		return;
	}
	bool same_day = is_same_day(&tm, &now_tm);
	if (strftime(text, sizeof(text),
		apart > 300 * DAY_S ? "%e %b %Y"
		: !same_day	    ? "%e %b %H:%M"
		: apart < NEAR_S    ? "%H:%M:%S"
				    : "%H:%M",
		&tm) > 0)
		buf_put_str(out, text[0] == ' ' ? text + 1 : text);
}

void
when_put_full(struct buf *out, int64_t at)
{
	time_t then = (time_t)at;
	struct tm tm;
	char text[64];

	if (at != NEVER && localtime_r(&then, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &tm) > 0)
		buf_put_str(out, text);
	else
		buf_put_str(out, "-");
}

void
when_put_far(struct buf *out, int64_t at, int64_t now)
{
	if (at == now) {
		buf_put_str(out, "now");
		return;
	}
	when_put(out, at, now);
	if (at == NEVER)
		return;
	buf_put_str(out, at > now ? " (in " : " (");
	advice_duration(at > now ? at - now : now - at, out);
	buf_put_str(out, at > now ? ")" : " ago)");
}

/* The first of the forms that fits to the end. */
static bool
parse_date(const char *text, int64_t *at)
{
	static const char *const FORMS[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
	    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *end = strptime(text, FORMS[i], &tm);
		if (end == NULL || (strcmp(end, "") != 0 && strcmp(end, "Z") != 0))
			continue;
		tm.tm_isdst = *end == 'Z' ? 0 : -1;
		time_t t = *end == 'Z' ? timegm(&tm) : mktime(&tm);
		*at = (int64_t)t;
		return *at > 0 && *at < UNIX_MAX;
	}
	return false;
}

int
when_parse(const char *text, int64_t now, int64_t *at, struct err *err)
{
	int64_t ago;
	uint64_t unix_s;

	if (text[0] == '@' && slice_to_u64(slice_of(text + 1), (uint64_t)UNIX_MAX, &unix_s)) {
		*at = (int64_t)unix_s;
		return 0;
	}
	if (parse_date(text, at))
		return 0;
	if (span_parse(text, &ago, err) == 0) {
		*at = now > ago ? now - ago : 0;
		return 0;
	}
	return err_set(err, ERR_USAGE,
	    "%.40s is no time; want 2026-11-01, 2026-11-01T12:00 (Z at the end for UTC), or 7d for "
	    "so long ago",
	    text);
}

int
span_parse(const char *text, int64_t *seconds, struct err *err)
{
	struct slice s = slice_of(text);
	uint64_t years;

	if (s.len > 1 && s.ptr[s.len - 1] == 'y' &&
	    slice_to_u64(slice_sub(s, 0, s.len - 1), YEARS_MAX, &years)) {
		*seconds = (int64_t)years * YEAR_S;
		return 0;
	}
	if (duration_parse(s, seconds) && *seconds <= YEARS_MAX * YEAR_S)
		return 0;
	return err_set(err, ERR_USAGE,
	    "%.40s is no span of time; want 36h, 200d or 1y, %d years at most", text, YEARS_MAX);
}
