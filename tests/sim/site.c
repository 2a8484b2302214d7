/* SPDX-License-Identifier: ISC */
/* site.c - one site from its first day to its last: storms and calms in turn; at the end of each calm everything must
 * have healed. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

static void
times_draw(struct site *site)
{
	site->times = (struct schedule_times){.sweep_interval_s = between(site, 1, 10) * MINUTE,
	    .slow_after_s = 3 * DAY,
	    .slow_interval_s = HOUR,
	    .reprove_interval_s = between(site, 4, 24) * HOUR,
	    .watch_interval_s = between(site, 1, 8) * HOUR,
	    .gone_sweeps = 3,
	    .gone_over_s = 10 * MINUTE,
	    .retry_s = MINUTE,
	    .retry_max_s = HOUR,
	    .ask_signers_interval_s = 10 * MINUTE,
	    .recent_proof_s = DAY,
	    .rollback_hold_s = DAY,
	    .resolver_wait_s = DAY,
	    .person_interval_s = 7 * DAY,
	    .queries = 5};
}

static int64_t
calm_length(const struct site *site)
{
	int64_t longest = 0;

	for (int d = 0; d < site->domain_count; d++) {
		const struct key_policy *p = &site->domains[d].policy;
		int64_t length = p->lifetime_s + p->spread_s + p->ahead_s + 75 * DAY;
		if (length > longest)
			longest = length;
	}
	return longest;
}

static void
happen(struct site *site, const struct event *event)
{
	struct domain *domain = event->domain >= 0 && event->domain < site->domain_count
				    ? &site->domains[event->domain]
				    : NULL;

	switch (event->what) {
	case EV_PASS:
		if (domain->pass_at == event->b)
			keeper_pass(site, domain);
		break;
	case EV_SYNC:
		node_take_zone(site, domain, event->a);
		break;
	case EV_PERSON:
		person_acts(site, domain, event->b, event->a);
		break;
	case EV_OPERATOR:
		operator_event(site, domain);
		break;
	case EV_LOAD:
		signer_loads(site, domain, event->a);
		break;
	case EV_SIGNER:
		for (int d = 0; d < site->domain_count; d++)
			signer_loads(site, &site->domains[d], event->a);
		break;
	case EV_CALM:
		if (site->calm) {
			check_calm_end(site);
			storm_begin(site);
			event_put(site, site->now + between(site, 60, 300) * DAY,
			    (struct event){.what = EV_CALM});
		} else {
			calm_begin(site);
			event_put(
			    site, site->now + calm_length(site), (struct event){.what = EV_CALM});
		}
		break;
	default:
		fault_event(site, event);
	}
}

static void
site_begin(struct site *site, const struct options *options, uint64_t seed, struct totals *totals)
{
	site->seed = site->rng = seed;
	site->options = options;
	site->totals = totals;
	site->now = site->boot = EPOCH;
	site->end = EPOCH + options->years * 365 * DAY + 800 * DAY; /* the last calm is not cut */
	site->domain_count = options->per_site;
	site->signer_count = (int)between(site, 1, SIGNERS_MAX);
	site->next_key = 1;
	site->clock_trusted = site->corroborated = site->last_count_trusted = true;
	site->anchor_wall = site->high_water = site->last_count_wall = site->last_count_true =
	    EPOCH;
	site->anchor_boot = site->last_count_boot = EPOCH;
	site->accepted_at = NEVER;
	site->calm = true;
	site->calm_at = EPOCH;
	times_draw(site);
	site->rare_passes = chance(site, 300);
	for (int d = 0; d < site->domain_count && !site->failed; d++) {
		domain_begin(site, &site->domains[d], d);
		event_put(site, EPOCH + between(site, 0, DAY),
		    (struct event){.what = EV_OPERATOR, .domain = d});
	}
	event_put(site, site->now + calm_length(site), (struct event){.what = EV_CALM});
}

bool
site_run(const struct options *options, uint64_t seed, struct totals *totals, char *failure,
    size_t failure_size)
{
	struct site site = {.offset = 0};
	struct event event;
	int64_t last = EPOCH + options->years * 365 * DAY;

	site.domains = calloc((size_t)options->per_site, sizeof(*site.domains));
	if (site.domains == NULL)
		abort();
	site_begin(&site, options, seed, totals);
	while (!site.failed && event_take(&site, &event)) {
		site.now = event.at;
		if (event.what == EV_CALM && site.calm && site.now >= last) {
			check_calm_end(&site);
			break;
		}
		totals->events++;
		happen(&site, &event);
	}
	totals->domains += (uint64_t)options->per_site;
	totals->years += (uint64_t)(options->per_site * options->years);
	(void)snprintf(failure, failure_size, "%s", site.failure);
	free(site.heap);
	free(site.domains);
	return !site.failed;
}
