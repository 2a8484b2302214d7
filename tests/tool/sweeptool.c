/* SPDX-License-Identifier: ISC */
/* sweeptool - one sweep from the command line, for tests/e2e/sweep.sh and sweep-life.sh.
 *
 *	sweeptool [-z ZONE=ADDR#PORT[,...]] [-r ROOT] [-s RESOLVER] [-t MS] [-n TRIES] [-d OFFSET_S] [-m MUTE_S] [-1]
 *	    [-a] [-w] [-e record|tombstone|revoked|absent] [-A ALIAS] [-Q QUERIES] [-S] [-Z ZONES] [-F ZONE=NAME=ADDR#PORT]
 *	    DOMAIN NAME RECORD
 *	sweeptool ... -q NAME		TXT strings by dns_lookup_txt
 *	sweeptool ... -P RESOLVERS DOMAIN NAME RECORD	what these resolvers have
 *
 * -d moves the clock by which signatures are judged, -m says for how long the mute ones have been so, -1 is a first
 * activation, -a asks the resolvers where the verdict hangs on them, -w says that they differ for long; revoked is p= or
 * nothing, -S surveys, -F is a former server.  Exit: 0 passes, 1 does not, 2 cannot be carried out. */
#include "keys/key_state.h"
#include "keys/lookup.h"
#include "keys/sweep_verdict.h"
#include "tests/tool/words.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONES_MAX   8
#define SERVERS_MAX 8

struct options {
	struct dns_conf conf;
	struct dns_zone_conf zones[ZONES_MAX];
	struct dns_endpoint servers[ZONES_MAX][SERVERS_MAX];
	struct dns_endpoint roots[SERVERS_MAX], resolvers[SERVERS_MAX];
	int64_t clock_offset_s, mute_s;
	bool first, mute_known, asks, warns;
	const char *lookup;
	struct sweep_question question;
	struct sweep_former formers[SERVERS_MAX];
	struct dns_endpoint poll[SERVERS_MAX];
	size_t poll_count;
};

static void
add_zone(struct options *o, const char *text)
{
	size_t at, n = o->conf.zone_count;
	if (n == ZONES_MAX || !slice_find(slice_of(text), '=', &at))
		die("-z ZONE=ADDR#PORT");
	o->zones[n].name = slice_strdup(slice_sub(slice_of(text), 0, at));
	o->zones[n].servers = o->servers[n];
	o->zones[n].server_count = endpoints(slice_from(slice_of(text), at + 1), o->servers[n], SERVERS_MAX);
	o->conf.zones = o->zones;
	o->conf.zone_count = n + 1;
}

static void
set_expect(struct sweep_question *q, const char *word)
{
	if (strcmp(word, "record") == 0)
		q->expect = EXPECT_RECORD;
	else if (strcmp(word, "absent") == 0)
		q->expect = EXPECT_ABSENT;
	else if (strcmp(word, "tombstone") == 0 || strcmp(word, "revoked") == 0)
		q->expect = EXPECT_TOMBSTONE;
	else
		die("-e record|tombstone|revoked|absent");
	q->or_nothing = strcmp(word, "revoked") == 0;
}

/* ZONE=NAME=ADDR#PORT; the text is cut. */
static void
add_former(struct options *o, char *text)
{
	char *name = strchr(text, '='), *addr = name == NULL ? NULL : strchr(name + 1, '=');
	size_t n = o->question.former_count;
	if (addr == NULL || n == SERVERS_MAX)
		die("-F ZONE=NAME=ADDR#PORT");
	*name++ = '\0';
	*addr++ = '\0';
	o->formers[n] = (struct sweep_former){.zone = text, .name = name, .until = INT64_MAX};
	if (endpoints(slice_of(addr), &o->formers[n].endpoint, 1) != 1)
		die("-F: one address");
	o->question.formers = o->formers;
	o->question.former_count = n + 1;
}

/* Options about the question itself. */
static bool
parse_question(struct options *o, int c, char *arg)
{
	switch (c) {
	case 'e':
		set_expect(&o->question, arg);
		return true;
	case 'A':
		o->question.alias = arg;
		return true;
	case 'Q':
		o->question.queries = (unsigned)number(arg);
		return true;
	case 'S':
		o->question.survey = true;
		return true;
	case 'Z':
		o->question.zones = arg;
		return true;
	case 'F':
		add_former(o, arg);
		return true;
	case 'P':
		o->poll_count = endpoints(slice_of(arg), o->poll, SERVERS_MAX);
		return true;
	default:
		return false;
	}
}

static void
parse(struct options *o, int argc, char **argv)
{
	int c;
	while ((c = getopt(argc, argv, "z:r:s:t:n:d:m:1awq:e:A:Q:SZ:F:P:")) != -1) {
		if (parse_question(o, c, optarg))
			continue;
		switch (c) {
		case 'z':
			add_zone(o, optarg);
			break;
		case 'r':
			o->conf.roots = o->roots;
			o->conf.root_count = endpoints(slice_of(optarg), o->roots, SERVERS_MAX);
			break;
		case 's':
			o->conf.resolvers = o->resolvers;
			o->conf.resolver_count = endpoints(slice_of(optarg), o->resolvers, SERVERS_MAX);
			break;
		case 't':
			o->conf.timeout_ms = (int)number(optarg);
			break;
		case 'n':
			o->conf.tries = (int)number(optarg);
			break;
		case 'd':
			o->clock_offset_s = number(optarg);
			break;
		case 'm':
			o->mute_s = number(optarg);
			o->mute_known = true;
			break;
		case '1':
			o->first = true;
			break;
		case 'a':
			o->asks = true;
			break;
		case 'w':
			o->warns = true;
			break;
		case 'q':
			o->lookup = optarg;
			break;
		default:
			exit(2);
		}
	}
}

static int
lookup(const struct options *o)
{
	struct buf txt[DNS_TXT_MAX];
	size_t count = 0;
	struct err err = ERR_INIT;
	if (dns_lookup_txt(&o->conf, o->lookup, txt, &count, &err) != 0)
		die(err.text);
	for (size_t i = 0; i < count; i++) {
		puts(buf_str(&txt[i]));
		buf_deinit(&txt[i]);
	}
	return count > 0 ? 0 : 1;
}

static void
tell_rest(const struct sweep *s)
{
	struct buf zones;
	buf_init(&zones, 4096);
	sweep_zones(s, &zones);
	printf("zones %s\nalias %s %s\nttl %lld negative %lld parent %lld\n", buf_str(&zones),
	    sweep_alias_name(s->alias), s->alias_found, (long long)s->ttl_max_s,
	    (long long)s->negative_max_s, (long long)s->negative_parent_s);
	printf("%s%s%s\n", s->delegated ? "delegated " : "", s->wildcard ? "wildcard " : "",
	    s->domain_gone ? "gone" : "");
	for (size_t i = 0; i < s->count; i++)
		printf("found %s %s listed %u\n", s->answers[i].server,
		    answer_found_name(s->answers[i].found), (unsigned)s->answers[i].listed_ttl_s);
	buf_deinit(&zones);
}

static int
poll_resolvers(const struct options *o, const struct sweep_question *question)
{
	struct resolver_poll *poll = calloc(1, sizeof(*poll));
	struct err err = ERR_INIT;
	struct buf text;
	if (poll == NULL)
		die("no memory");
	const struct resolver_list list = {o->poll, o->poll_count};
	if (resolvers_ask(&o->conf, question, &list, poll, &err) != 0)
		die(err.text);
	buf_init(&text, 65536);
	resolver_poll_format(poll, &text);
	printf("%sgood %zu bad %zu mute %zu bogus %zu wait %u\n", buf_str(&text), poll->good,
	    poll->bad, poll->mute, poll->bogus, (unsigned)poll->wait_s);
	int result = poll->good == poll->count ? 0 : 1;
	buf_deinit(&text);
	free(poll);
	return result;
}

static int
sweep(const struct options *o, char **args)
{
	struct sweep *s = calloc(1, sizeof(*s));
	struct err err = ERR_INIT;
	struct buf text;
	int64_t since[SWEEP_SERVERS_MAX];
	if (s == NULL)
		die("no memory");
	int64_t now = (int64_t)time(NULL) + o->clock_offset_s;
	struct sweep_question question = o->question;
	question.domain = args[0];
	question.name = args[1];
	question.expected = slice_of(args[2]);
	question.now = now;
	if (o->poll_count > 0) {
		free(s);
		return poll_resolvers(o, &question);
	}
	if (sweep_run(&o->conf, &question, s, &err) != 0) {
		if (s->obstruction != OBSTRUCTION_NONE)
			puts(s->obstruction == OBSTRUCTION_BLOCKED ? "blocked" : "intercepted");
		fflush(stdout);
		die(err.text);
	}
	for (size_t i = 0; i < s->count; i++)
		since[i] = o->mute_known ? s->ended_at - o->mute_s : NEVER;
	buf_init(&text, 65536);
	sweep_format(s, &text);
	printf("zone %s %s\n%s", s->zone, s->zone_signed ? "signed" : "unsigned", buf_str(&text));
	buf_deinit(&text);
	tell_rest(s);
	const struct sweep_patience patience = {3600, o->first ? 3600 : 86400};
	struct resolver_view view = {.word = RESOLVER_NOT_ASKED};
	bool asks = o->asks && sweep_wants_resolver(s, since, &patience);
	if (asks) {
		dns_ask_resolvers(&o->conf, &question, &view);
		view.warn_at = o->warns ? s->ended_at : NEVER;
		printf("%s, ttl %s\n", view.text, view.ttl > 0 ? "known" : "none");
	}
	bool passes = sweep_passes(s, since, &patience, asks ? &view : NULL, &err);
	printf("%s%s\n", passes ? "passes" : "does not pass: ", passes ? "" : err.text);
	free(s);
	return passes ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct options o = {.clock_offset_s = 0};
	parse(&o, argc, argv);
	int result = 2;
	if (o.lookup != NULL)
		result = lookup(&o);
	else if (argc - optind == 3)
		result = sweep(&o, argv + optind);
	else
		fprintf(stderr, "usage: sweeptool [options] DOMAIN NAME RECORD\n");
	for (size_t i = 0; i < o.conf.zone_count; i++)
		free(o.zones[i].name);
	return result;
}
