/* SPDX-License-Identifier: ISC */
/* main.c - sim [--seed N] [--years N] [--domains N] [--site N] [--mutants[=NAME]] [--with NAME]
 *	[--only SEED] [--stop] [--mode N] [--trace DOMAIN] [--all]
 *
 * Domains live in sites of --site; each site has a seed of its own, made from --seed, which a violation names: with
 * --only SEED that site alone is run again.  With --all a run fails in which some kind of event never was. */
#include "tests/sim/sim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t
seed_of_site(uint64_t seed, uint64_t site)
{
	return seed * 1000003u + site * 7919u + 1;
}

static int
run(const struct options *options, uint64_t only, struct totals *totals)
{
	char failure[512];
	int sites = (options->domains + options->per_site - 1) / options->per_site, failed = 0;

	for (int i = 0; i < (only != 0 ? 1 : sites) && !(options->stop && failed > 0); i++) {
		uint64_t seed = only != 0 ? only : seed_of_site(options->seed, (uint64_t)i);
		if (site_run(options, seed, totals, failure, sizeof(failure)))
			continue;
		failed++;
		printf("FAILED %s\n", failure);
	}
	return failed;
}

static int
run_mutants(struct options *options, const char *name)
{
	int alive = 0;
	char failure[512];

	for (int i = 0; i < options->domains / options->per_site; i++) {
		struct totals totals = {0};
		if (site_run(options, seed_of_site(options->seed, (uint64_t)i), &totals, failure,
			sizeof(failure)))
			continue;
		printf("the scheduler itself fails, which tells nothing of mutants: %s\n", failure);
		return 1;
	}
	for (size_t m = 0; m < MUTANT_COUNT; m++) {
		bool caught = false;
		if (name != NULL && strcmp(name, MUTANTS[m].name) != 0)
			continue;
		options->mutant = &MUTANTS[m];
		int sites = options->domains / options->per_site;
		for (int i = 0; i < sites && !caught; i++) {
			struct totals totals = {0};
			caught = !site_run(options, seed_of_site(options->seed, (uint64_t)i),
			    &totals, failure, sizeof(failure));
		}
		printf("%s %s%s%s\n", caught ? "caught" : "ALIVE ", MUTANTS[m].name,
		    caught ? ": " : "", caught ? failure : "");
		alive += !caught;
	}
	printf("%zu mutants, %d alive\n", MUTANT_COUNT, alive);
	return alive;
}

static unsigned
report(const struct totals *totals, int failed, clock_t begun)
{
	printf("%llu domains, %llu years of domains, %llu passes, %llu events, %llu activations, "
	       "%llu looks, "
	       "%llu crashes, %.1f s: %d sites failed\n",
	    (unsigned long long)totals->domains, (unsigned long long)totals->years,
	    (unsigned long long)totals->passes, (unsigned long long)totals->events,
	    (unsigned long long)totals->rotations, (unsigned long long)totals->steps[STEP_LOOK],
	    (unsigned long long)totals->crashes, (double)(clock() - begun) / CLOCKS_PER_SEC,
	    failed);
	return happened_report(totals);
}

int
main(int argc, char **argv)
{
	static const struct option OPTIONS[] = {{"seed", required_argument, NULL, 's'},
	    {"years", required_argument, NULL, 'y'}, {"domains", required_argument, NULL, 'd'},
	    {"site", required_argument, NULL, 'n'}, {"only", required_argument, NULL, 'o'},
	    {"trace", required_argument, NULL, 't'}, {"stop", no_argument, NULL, 'S'},
	    {"with", required_argument, NULL, 'w'}, {"mode", required_argument, NULL, 'M'},
	    {"mutants", optional_argument, NULL, 'm'}, {"all", no_argument, NULL, 'a'}, {0}};
	struct options options = {
	    .seed = 1, .years = 10, .domains = 40, .per_site = 10, .trace_domain = -1, .mode = -1};
	uint64_t only = 0;
	bool mutants = false, all = false;
	const char *name = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		switch (c) {
		case 's':
			options.seed = strtoull(optarg, NULL, 10);
			break;
		case 'y':
			options.years = strtoll(optarg, NULL, 10);
			break;
		case 'd':
			options.domains = (int)strtol(optarg, NULL, 10);
			break;
		case 'n':
			options.per_site = (int)strtol(optarg, NULL, 10);
			break;
		case 'S':
			options.stop = true;
			break;
		case 'w':
			for (size_t m = 0; m < MUTANT_COUNT; m++)
				options.mutant = strcmp(MUTANTS[m].name, optarg) == 0
						     ? &MUTANTS[m]
						     : options.mutant;
			break;
		case 'M':
			options.mode = (int)strtol(optarg, NULL, 10);
			break;
		case 'o':
			only = strtoull(optarg, NULL, 10);
			break;
		case 'a':
			all = true;
			break;
		case 't':
			options.trace = true;
			options.trace_domain = (int)strtol(optarg, NULL, 10);
			break;
		case 'm':
			mutants = true;
			name = optarg;
			break;
		default:
			return 64;
		}
	}
	if (options.per_site < 1 || options.domains < 1 || options.years < 1)
		return 64;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	clock_t begun = clock();
	if (mutants)
		return run_mutants(&options, name) == 0 ? 0 : 1;
	struct totals totals = {0};
	int failed = run(&options, only, &totals);
	if (pace_of_all(&totals) != NULL) {
		printf("FAILED in all sites: %s\n", pace_of_all(&totals));
		failed++;
	}
	unsigned never = report(&totals, failed, begun);
	if (all && never > 0) {
		printf("FAILED: %u kinds of what can happen never did\n", never);
		failed++;
	}
	return failed == 0 ? 0 : 1;
}
