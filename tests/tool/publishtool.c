/* SPDX-License-Identifier: ISC */
/* publishtool - one call of a publisher from the command line, for tests/e2e/publish-*.sh.
 *
 *	publishtool -T rfc2136 -s ADDR#PORT[,...] -k KEYFILE	[options] COMMAND ...
 *	publishtool -T zone-file -f FILE [-F ZONEFILE] [-c WORD]... [-r WORD]...
 *	publishtool -T hook -p WORD...
 *	publishtool -T powerdns|cloudflare|route53 -e ENDPOINT [-C CREDENTIALS] [-A CA_FILE] [-P PROFILE] [-i ZONE_ID]
 * options: -z ZONE, -t TIMEOUT_MS, -d OFFSET_S (our clock, as the DNS library and TSIG see it), -j RECEIPT (of all changes)
 *
 *	change OWNER OLD NEW [OWNER OLD NEW]...		"-": none
 *	show OWNER OLD NEW ...
 *	rights NAME...
 *	try ZONE DOMAIN
 *
 * change prints "RESULT read_back=yes|no clock=none|near|far TEXT" for each.  Exit: 0 done, 1 not all are (try: the key can do
 * too much), 2 cannot be tried. */
#include "keys/key_state.h"
#include "keys/publisher.h"
#include "tests/tool/words.h"

#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SERVERS_MAX 4
#define WORDS_MAX   16
#define TTL_S	    60

static int64_t clock_offset_s;

/* In the C library's place, for ldns and for us. */
int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec + clock_offset_s;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

/* The same for libcurl's signatures, and for what we take for our time. */
time_t
time(time_t *to)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	time_t now = ts.tv_sec + (time_t)clock_offset_s;
	if (to != NULL)
		*to = now;
	return now;
}

struct words {
	char *list[WORDS_MAX];
	size_t count;
};

struct options {
	struct publisher_conf conf;
	struct dns_endpoint servers[SERVERS_MAX];
	struct words check, reload, program;
	char *zone, *receipt;
};

static void
add_word(struct words *w, char *word)
{
	if (w->count == WORDS_MAX)
		die("too many words");
	w->list[w->count++] = word;
}

static enum publisher_type
type_of(const char *name)
{
	for (int t = 0; t < PUBLISHER_TYPE_COUNT; t++) {
		if (strcmp(publisher_type_name((enum publisher_type)t), name) == 0)
			return (enum publisher_type)t;
	}
	die("no such type");
}

static void
parse(struct options *o, int argc, char **argv)
{
	static char name[] = "test";
	int c;
	o->conf = (struct publisher_conf){.name = name, .timeout_ms = 5000};
	while ((c = getopt(argc, argv, "+T:s:k:f:F:c:r:p:z:t:d:e:C:A:P:i:j:")) != -1) {
		switch (c) {
		case 'T':
			o->conf.type = type_of(optarg);
			break;
		case 's':
			o->conf.servers = o->servers;
			o->conf.server_count = endpoints(slice_of(optarg), o->servers, SERVERS_MAX);
			break;
		case 'k':
			o->conf.tsig_key = optarg;
			break;
		case 'f':
			o->conf.file = optarg;
			break;
		case 'F':
			o->conf.zone_file = optarg;
			break;
		case 'c':
			add_word(&o->check, optarg);
			break;
		case 'r':
			add_word(&o->reload, optarg);
			break;
		case 'p':
			add_word(&o->program, optarg);
			break;
		case 'e':
			o->conf.endpoint = optarg;
			break;
		case 'C':
			o->conf.credentials = optarg;
			break;
		case 'A':
			o->conf.ca_file = optarg;
			break;
		case 'P':
			o->conf.profile = optarg;
			break;
		case 'i':
			o->conf.zone_id = optarg;
			break;
		case 'j':
			o->receipt = optarg;
			break;
		case 'z':
			o->zone = optarg;
			break;
		case 't':
			o->conf.timeout_ms = (int)number(optarg);
			break;
		case 'd':
			clock_offset_s = number(optarg);
			break;
		default:
			exit(2);
		}
	}
	o->conf.check = o->check.list;
	o->conf.check_count = o->check.count;
	o->conf.reload = o->reload.list;
	o->conf.reload_count = o->reload.count;
	o->conf.program = o->program.list;
	o->conf.program_count = o->program.count;
}

static const char *
text_of(const char *word)
{
	return strcmp(word, "-") == 0 ? NULL : word;
}

static void
print_outcome(const struct publish_outcome *o)
{
	static const char *const names[] = {"done", "pending", "by-person", "foreign", "temporary", "refused"};
	int64_t apart = o->server_time - o->our_time;
	const char *clock = o->server_time == NEVER ? "none" : apart > -60 && apart < 60 ? "near" : "far";
	printf("%s read_back=%s clock=%s %s\n", names[o->result], o->read_back ? "yes" : "no", clock, o->text);
}

static int
change(const struct options *o, char **args, size_t count, bool show)
{
	static struct publish_change changes[PUBLISH_CHANGES_MAX];
	static struct publish_outcome outcomes[PUBLISH_CHANGES_MAX];
	struct err err = ERR_INIT;
	struct buf out;
	size_t n = 0;
	for (; 3 * n + 2 < count && n < PUBLISH_CHANGES_MAX; n++)
		changes[n] = (struct publish_change){.zone = o->zone, .owner = args[3 * n], .old_text = text_of(args[3 * n + 1]),
		    .new_text = text_of(args[3 * n + 2]), .ttl_s = TTL_S, .receipt = o->receipt};
	if (show) {
		buf_init(&out, 1U << 20);
		if (publisher_show(&o->conf, changes, n, &out, &err) != 0)
			die(err.text);
		fputs(buf_str(&out), stdout);
		buf_deinit(&out);
		return 0;
	}
	if (publisher_change(&o->conf, changes, n, outcomes, &err) != 0)
		die(err.text);
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		print_outcome(&outcomes[i]);
		rc = outcomes[i].result == PUBLISH_DONE ? rc : 1;
	}
	return rc;
}

static int
rights(const struct options *o, char **args, size_t count)
{
	const char *names[PUBLISH_CHANGES_MAX] = {NULL};
	struct err err = ERR_INIT;
	struct buf out;
	for (size_t i = 0; i < count && i < PUBLISH_CHANGES_MAX; i++)
		names[i] = args[i];
	buf_init(&out, 1U << 20);
	if (publisher_rights(&o->conf, names, count, &out, &err) != 0)
		die(err.text);
	fputs(buf_str(&out), stdout);
	buf_deinit(&out);
	return 0;
}

static int
try_rights(const struct options *o, char **args, size_t count)
{
	struct err err = ERR_INIT;
	struct buf out;
	if (count != 2)
		die("try ZONE DOMAIN");
	buf_init(&out, 1U << 20);
	int rc = publisher_try_rights(&o->conf, args[0], args[1], &out, &err);
	fputs(buf_str(&out), stdout);
	buf_deinit(&out);
	if (rc < 0)
		die(err.text);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct options o;
	parse(&o, argc, argv);
	if (optind >= argc)
		die("no command");
	const char *command = argv[optind++];
	size_t count = (size_t)(argc - optind);
	if (strcmp(command, "change") == 0 || strcmp(command, "show") == 0)
		return change(&o, argv + optind, count, command[0] == 's');
	if (strcmp(command, "rights") == 0)
		return rights(&o, argv + optind, count);
	if (strcmp(command, "try") == 0)
		return try_rights(&o, argv + optind, count);
	die("no such command");
}
