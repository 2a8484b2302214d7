/* SPDX-License-Identifier: ISC */
#include "signpost/health_text.h"
#include "keys/advice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400

/* "ns3.example.net (no such record)" of the first server that does not have the record. */
static void
put_servers(const struct sweep *sweep, char *out, size_t size)
{
	size_t lacking = sweep->bad > 0 ? sweep->bad : sweep->mute;
	const char *what = sweep->bad > 0 ? "without the record" : "without an answer";

	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		/* a contradiction tells more than silence */
		if (a->verdict == ANSWER_GOOD || (a->verdict == ANSWER_MUTE && sweep->bad > 0))
			continue;
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		bool named = strcmp(a->server, addr) != 0;
		snprintf(out, size, "%zu of %zu servers %s: %s%s%s%s: %s", lacking, sweep->count,
		    what, a->server, named ? " (" : "", named ? addr : "", named ? ")" : "",
		    a->why);
		return;
	}
}

static void
put_time(char *text, size_t size, int64_t at, int64_t now)
{
	time_t t = (time_t)at;
	struct tm tm;
	size_t len = strlen(text);

	if (at == NEVER)
		return;
	if (at <= now)
		snprintf(text + len, size - len, "; looks again at the next pass");
	else if (localtime_r(&t, &tm) != NULL)
		strftime(text + len, size - len,
		    at - now < DAY_S ? "; looks again %H:%M" : "; looks again %d %b %H:%M", &tm);
}

void
health_step_text(const struct step *step, int64_t now, const char *what, char *out, size_t size)
{
	time_t t = (time_t)step->earliest;
	char when[32] = "";
	struct buf span;
	struct tm tm;

	buf_init(&span, 64);
	advice_duration(step->earliest - now, &span);
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(when, sizeof(when), step->earliest - now < DAY_S ? "%H:%M" : "%d %b", &tm) ==
		0)
		when[0] = '\0';
	snprintf(out, size, "%s %s%s (%s)", what, step->earliest - now < DAY_S ? "at " : "on ",
	    when, buf_str(&span));
	buf_deinit(&span);
}

void
health_wait_text(const struct key_health *key, int64_t now, char *out, size_t size)
{
	const struct store_sweep *last = key->last;

	if (key->step.what == STEP_ACTIVATE && key->step.earliest > now) {
		health_step_text(&key->step, now, "takes over", out, size);
		return;
	}
	snprintf(out, size, "%s", key->step.why);
	/* where a resolver stands in the way, why says more than the silence */
	if (last != NULL && last->found && !last->failed && !last->passed &&
	    last->resolver[0] == '\0')
		put_servers(&last->sweep, out, size);
	if (key->step.what == STEP_LOOK)
		put_time(out, size, key->step.earliest, now);
}
