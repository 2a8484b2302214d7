/* SPDX-License-Identifier: ISC */
/* bench-client - load for a milter: N connections, each a thread that speaks as an MTA does, in a closed loop or at
 * a given rate; one line of figures.  For tests/bench/run.sh. */
#include "milter/client.h"
#include "tests/bench/corpus.h"
#include "tests/bench/cpu.h"

#include <getopt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 400000 /* of one connection; what comes later is counted, not sampled */

static const char USAGE[] =
    "usage: bench-client [-c CONNECTIONS] [-s SECONDS | -n MESSAGES] [-m KIND] [-k "
    "MESSAGES-PER-CONNECTION]\n"
    "                    [-r MESSAGES-PER-SECOND] [-p MILTER-PID] [-g] SOCKET\n"
    "       bench-client -m KIND -w         write the message to standard output\n"
    "  KIND: 2k 20k 200k 2m 20m 20m-prose 20m-flowed.  -n: of each connection.  -g: a new "
    "connection every 2 "
    "ms, failures\n"
    "  allowed; the figure is the longest time between two signed messages.\n";

struct settings {
	const char *address;
	unsigned connections;
	double seconds, rate;
	uint64_t messages, per_connection;
	long pid;
	bool gap;
	struct bench_message message;
};

struct worker {
	const struct settings *settings;
	pthread_t thread;
	unsigned index;
	int64_t start_ns, stop_ns;
	uint64_t done, errors, tempfails, unsigned_count, longest_gap_us;
	uint32_t *samples_us;
	char first_error[200];
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
sleep_until(int64_t at_ns)
{
	const struct timespec t = {at_ns / 1000000000, at_ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static bool
has_signature(const struct milter_reply *reply)
{
	for (size_t i = 0; i < reply->inserted_count; i++)
		if (strcmp(reply->inserted[i].name, "DKIM-Signature") == 0)
			return true;
	return false;
}

/* One message on a connection that is opened when there is none; false closes it. */
static bool
hand_over(struct worker *w, struct milter_client **c)
{
	static const struct milter_client_options options = {
	    MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 20000};
	static const struct milter_macro connect_macros[] = {
	    {"j", "mail.example.com"}, {"{daemon_name}", "submission"}, {NULL, NULL}};
	static const struct milter_macro mail_macros[] = {
	    {"{auth_type}", "PLAIN"}, {"{auth_authen}", "someone@example.com"}, {NULL, NULL}};
	static const struct milter_macro eom_macros[] = {{"i", "4cXk2v0Yz1"}, {NULL, NULL}};
	const struct milter_message m = {.client_name = "desk.example.com",
	    .client_addr = "192.0.2.9",
	    .client_port = 40000,
	    .connect_macros = connect_macros,
	    .mail_macros = mail_macros,
	    .eom_macros = eom_macros,
	    .helo = "desk.example.com",
	    .mail_from = "<someone@example.com>",
	    .rcpt_to = "<rcpt@example.net>",
	    .headers = &w->settings->message.headers,
	    .body = buf_slice(&w->settings->message.body)};
	struct milter_reply reply = {.answer = MILTER_TEMPFAILED};
	struct err err = ERR_INIT;

	if ((*c == NULL && milter_client_open(w->settings->address, &options, c, &err) != 0) ||
	    milter_client_message(*c, &m, &reply, &err) != 0) {
		w->errors++;
		if (w->first_error[0] == '\0')
			memcpy(w->first_error, err.text, sizeof w->first_error - 1);
		milter_reply_deinit(&reply);
		return false;
	}
	bool is_signed = reply.answer == MILTER_ACCEPTED && has_signature(&reply);
	w->tempfails += reply.answer != MILTER_ACCEPTED;
	w->unsigned_count += reply.answer == MILTER_ACCEPTED && !is_signed;
	milter_reply_deinit(&reply);
	return is_signed || !w->settings->gap;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	const struct settings *s = w->settings;
	const int64_t pause_ns = s->rate > 0 ? (int64_t)(1e9 * s->connections / s->rate) : 0;
	int64_t due = w->start_ns + (pause_ns > 0 ? pause_ns * w->index / s->connections : 0);
	struct milter_client *c = NULL;
	uint64_t on_this = 0;

	for (uint64_t sent = 0; s->messages == 0 || sent < s->messages; sent++) {
		if (pause_ns > 0)
			sleep_until(due);
		int64_t start = pause_ns > 0 ? due : now_ns();
		if (start >= w->stop_ns)
			break;
		bool good = hand_over(w, &c);
		if (good) {
			uint32_t us = (uint32_t)((now_ns() - start) / 1000);
			if (w->done < SAMPLES_MAX)
				w->samples_us[w->done] = us;
			w->done++;
		}
		due += pause_ns;
		if (!good || (s->per_connection != 0 && ++on_this >= s->per_connection)) {
			milter_client_free(c);
			c = NULL;
			on_this = 0;
		}
		if (!good)
			sleep_until(now_ns() + 10000000);
	}
	milter_client_free(c);
	return NULL;
}

/* Restarts: how long was there nobody who signs?  The gap that is open at the end counts too. */
static void *
watch_gap(void *arg)
{
	struct worker *w = arg;
	int64_t last = now_ns();

	while (last < w->stop_ns && now_ns() < w->stop_ns) {
		struct milter_client *c = NULL;
		bool good = hand_over(w, &c);
		milter_client_free(c);
		int64_t now = now_ns();
		if ((uint64_t)(now - last) / 1000 > w->longest_gap_us)
			w->longest_gap_us = (uint64_t)(now - last) / 1000;
		if (good) {
			last = now;
			w->done++;
		}
		sleep_until(now + 2000000);
	}
	return NULL;
}

static int
sample_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
print_latencies(struct worker *workers, unsigned count)
{
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n += workers[i].done < SAMPLES_MAX ? workers[i].done : SAMPLES_MAX;
	uint32_t *all = calloc(n + 1, sizeof *all);
	if (all == NULL)
		exit(71);
	n = 0;
	for (unsigned i = 0; i < count; i++) {
		size_t own = workers[i].done < SAMPLES_MAX ? workers[i].done : SAMPLES_MAX;
		memcpy(all + n, workers[i].samples_us, own * sizeof *all);
		n += own;
	}
	qsort(all, n, sizeof *all, sample_cmp);
	printf(" p50_us=%u p90_us=%u p99_us=%u max_us=%u", all[n / 2], all[n * 9 / 10],
	    all[n * 99 / 100], n == 0 ? 0 : all[n - 1]);
	free(all);
}

static void
print_figures(struct worker *workers, unsigned count, double seconds, double cpu_s)
{
	uint64_t done = 0, least = UINT64_MAX, errors = 0, tempfails = 0, not_signed = 0, gap = 0;

	for (unsigned i = 0; i < count; i++) {
		done += workers[i].done;
		least = workers[i].done < least ? workers[i].done : least;
		errors += workers[i].errors;
		tempfails += workers[i].tempfails;
		not_signed += workers[i].unsigned_count;
		gap = workers[i].longest_gap_us > gap ? workers[i].longest_gap_us : gap;
		if (workers[i].first_error[0] != '\0' && errors == workers[i].errors)
			fprintf(stderr, "bench-client: %s\n", workers[i].first_error);
	}
	printf("messages=%llu rate=%.1f cpu_us=%.1f", (unsigned long long)done,
	    (double)done / seconds, done == 0 ? 0 : cpu_s * 1e6 / (double)done);
	print_latencies(workers, count);
	printf(" least=%llu gap_us=%llu errors=%llu tempfails=%llu unsigned=%llu\n",
	    (unsigned long long)least, (unsigned long long)gap, (unsigned long long)errors,
	    (unsigned long long)tempfails, (unsigned long long)not_signed);
}

static int
run(struct settings *s)
{
	struct worker *workers = calloc(s->connections, sizeof *workers);
	const int64_t start = now_ns() + 20000000;
	const double cpu_before = s->pid > 0 ? cpu_of_tree(s->pid) : 0;

	for (unsigned i = 0; workers != NULL && i < s->connections; i++) {
		struct worker *w = &workers[i];
		*w = (struct worker){.settings = s,
		    .index = i,
		    .start_ns = start,
		    .stop_ns = start + (int64_t)(s->seconds * 1e9),
		    .samples_us = calloc(SAMPLES_MAX, sizeof(uint32_t))};
		if (w->samples_us == NULL ||
		    pthread_create(&w->thread, NULL, s->gap ? watch_gap : work, w) != 0) {
			fprintf(stderr, "bench-client: cannot start thread %u\n", i);
			exit(71);
		}
	}
	for (unsigned i = 0; workers != NULL && i < s->connections; i++)
		pthread_join(workers[i].thread, NULL);
	if (workers == NULL)
		return 71;
	double seconds = (double)(now_ns() - start) / 1e9;
	print_figures(
	    workers, s->connections, seconds, s->pid > 0 ? cpu_of_tree(s->pid) - cpu_before : 0);
	for (unsigned i = 0; i < s->connections; i++)
		free(workers[i].samples_us);
	free(workers);
	return 0;
}

int
main(int argc, char **argv)
{
	struct settings s = {.connections = 1, .seconds = 2};
	const char *kind = "2k";
	bool write_only = false;
	int option;

	while ((option = getopt(argc, argv, "c:s:n:m:k:r:p:gw")) != -1) {
		switch (option) {
		case 'c':
			s.connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			s.seconds = strtod(optarg, NULL);
			break;
		case 'n':
			s.messages = strtoull(optarg, NULL, 10);
			s.seconds = 600;
			break;
		case 'm':
			kind = optarg;
			break;
		case 'k':
			s.per_connection = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			s.rate = strtod(optarg, NULL);
			break;
		case 'p':
			s.pid = strtol(optarg, NULL, 10);
			break;
		case 'g':
			s.gap = true;
			break;
		case 'w':
			write_only = true;
			break;
		default:
			fputs(USAGE, stderr);
			return 64;
		}
	}
	if (s.connections == 0 || (!write_only && optind + 1 != argc) ||
	    !bench_message_make(&s.message, kind)) {
		fputs(USAGE, stderr);
		return 64;
	}
	s.address = argv[optind];
	int result = 0;
	if (write_only)
		bench_message_write(&s.message, stdout);
	else
		result = run(&s);
	bench_message_deinit(&s.message);
	return result;
}
