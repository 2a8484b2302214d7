/* SPDX-License-Identifier: ISC */
/* clock.c - true time and the clock on the wall, and the guard that notices when they part. */
#include "tests/sim/sim.h"

#define GUARD_S 300

int64_t
wall(const struct site *site)
{
	return site->now + site->offset;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* The guard knows the wall, the time since this boot, and what it noted at the last pass. */
void
clock_look(struct site *site)
{
	int64_t now = wall(site), boot_s = site->now - site->boot;
	bool same_boot = site->boot == site->anchor_boot;

	/* Trusted seconds: within a boot the smaller of both; across boots only if somebody vouches. */
	int64_t real = now - site->last_count_wall, elapsed = site->now - site->last_count_true;
	if (site->last_count_boot == site->boot && real > 0)
		site->trusted_s += real < elapsed ? real : elapsed;
	else if (site->last_count_boot != site->boot && site->corroborated &&
		 site->last_count_trusted && real > 0)
		site->trusted_s += real;
	site->last_count_wall = now;
	site->last_count_true = site->now;
	site->last_count_boot = site->boot;

	if (same_boot) {
		site->clock_trusted =
		    distance(now - site->anchor_wall, boot_s - site->anchor_true) <= GUARD_S;
	} else {
		site->clock_trusted = site->corroborated && site->offset == 0;
		if (site->clock_trusted) {
			site->anchor_wall = now;
			site->anchor_true = boot_s;
			site->anchor_boot = site->boot;
		}
	}
	if (now < site->high_water - GUARD_S)
		site->clock_trusted = false;
	site->last_count_trusted = site->clock_trusted;
	if (site->clock_trusted && now > site->high_water)
		site->high_water = now;
}

/* A step of the wall clock, with a restart of the machine or without. */
void
clock_jump(struct site *site)
{
	static const int64_t STEPS[] = {HOUR, -HOUR, DAY, -DAY, 10 * DAY, -10 * DAY, 400 * DAY,
	    -400 * DAY, 10000 * DAY, 600, -600};

	site->offset = STEPS[rnd(site, sizeof(STEPS) / sizeof(STEPS[0]))];
	happened(site, site->offset > 0 ? CLOCK_GOES_AHEAD : CLOCK_GOES_BACK);
	if (chance(site, 600))
		event_put(site, site->now + between(site, 0, 2 * DAY),
		    (struct event){.what = EV_ACCEPT, .domain = -1});
	if (chance(site, 300)) {
		happened(site, MACHINE_RESTARTS);
		site->boot = site->now;
		site->corroborated = false;
	}
}

/* signpost clock --accept: what the wall says now holds. */
void
clock_accept(struct site *site)
{
	site->accepted_wrong = site->offset != 0;
	if (site->accepted_wrong)
		happened(site, WRONG_CLOCK_ACCEPTED);
	site->accepted_at = site->now;
	/* what lies between another clock's time and this one's counts for nothing */
	site->last_count_wall = wall(site);
	site->last_count_true = site->now;
	site->last_count_boot = site->boot;
	site->anchor_wall = site->high_water = wall(site);
	site->anchor_true = site->now - site->boot;
	site->anchor_boot = site->boot;
}

bool
clock_was_accepted(const struct site *site)
{
	return site->accepted_at != NEVER && site->now - site->accepted_at < 60 * DAY;
}

bool
clock_was_accepted_since(const struct site *site, int64_t at)
{
	return site->accepted_at != NEVER && site->accepted_at >= at;
}

void
clock_heal(struct site *site)
{
	if (site->accepted_wrong) { /* mended, and accepted again by whoever sees the alarm */
		site->offset = 0;
		clock_accept(site);
	}
	site->offset = 0;
	site->corroborated = true;
}
