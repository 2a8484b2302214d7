/* SPDX-License-Identifier: ISC */
#include "keys/dns_ask.h"

#include "base/file.h"
#include "keys/dns_pace.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS_DEFAULT     4000
#define TRIES_DEFAULT	       3
#define SPREAD_MS_DEFAULT      1200 /* TTLs are whole seconds: a cache's counts down within it */
#define RESOLVER_HEAD_START_MS 250  /* of each before the next: most answer before it is over */
#define RESOLV_CONF	       "/etc/resolv.conf"
#define RESOLV_CONF_LEN_MAX    65536

size_t
dns_resolv_conf_parse(struct slice text, struct dns_endpoint *out, size_t max)
{
	size_t count = 0;
	while (text.len > 0 && count < max) {
		size_t end = text.len;
		(void)slice_find(text, '\n', &end);
		struct slice line = slice_trim(slice_sub(text, 0, end));
		text = slice_from(text, end + 1);
		struct slice keyword = SLICE_LIT("nameserver");
		if (line.len <= keyword.len ||
		    !slice_eq(slice_sub(line, 0, keyword.len), keyword) ||
		    !ascii_is_wsp(line.ptr[keyword.len]))
			continue;
		struct err ignored = ERR_INIT;
		struct dns_endpoint e = {.port = DNS_PORT};
		if (ip_addr_parse(slice_trim(slice_from(line, keyword.len)), &e.addr, &ignored) ==
		    0)
			out[count++] = e;
	}
	return count;
}

static void
read_resolv_conf(struct dns_asker *a)
{
	struct err ignored = ERR_INIT;
	struct buf text;
	buf_init(&text, RESOLV_CONF_LEN_MAX);
	if (file_read(RESOLV_CONF, &text, &ignored) == 0)
		a->resolver_count =
		    dns_resolv_conf_parse(buf_slice(&text), a->resolvers, DNS_RESOLVERS_MAX);
	buf_deinit(&text);
}

void
dns_asker_init(struct dns_asker *a, const struct dns_conf *conf)
{
	memset(a, 0, sizeof(*a));
	a->conf = conf;
	a->timeout_ms = conf->timeout_ms > 0 ? conf->timeout_ms : TIMEOUT_MS_DEFAULT;
	a->tries = conf->tries > 0 ? conf->tries : TRIES_DEFAULT;
	a->spread_ms = conf->spread_ms > 0 ? conf->spread_ms : SPREAD_MS_DEFAULT;
	if (conf->resolver_count == 0)
		read_resolv_conf(a);
	for (size_t i = 0; i < conf->resolver_count && i < DNS_RESOLVERS_MAX; i++)
		a->resolvers[a->resolver_count++] = conf->resolvers[i];
}

bool
dns_query_init(struct dns_query *q, const struct dns_asker *a, const struct dns_endpoint *server,
    const char *name, ldns_rr_type type)
{
	memset(q, 0, sizeof(*q));
	q->fd = -1;
	q->server = *server;
	q->timeout_ms = a->timeout_ms;
	q->tries = a->tries;
	return dns_question_set(&q->question, name, type);
}

/* When q may be started. */
static int64_t
due_time(const struct dns_asker *a, struct dns_query *q, int64_t began_ms, int64_t now)
{
	if (began_ms + q->delay_ms > now)
		return began_ms + q->delay_ms;
	if (q->turn_ms == 0)
		q->turn_ms = dns_pace_reserve(&q->server, a->conf->queries_per_second, now);
	return q->turn_ms;
}

/* Starts what is due.  Returns how long to wait at most for the next one to be, -1 when none waits. */
static int
start_due(const struct dns_asker *a, struct dns_query *q, size_t count, int64_t began_ms)
{
	int64_t now = dns_now_ms(), next = INT64_MAX;
	size_t open = 0;
	for (size_t i = 0; i < count; i++)
		open += dns_query_sockets(&q[i], NULL, 0);
	for (size_t i = 0; i < count && open < DNS_ASK_OPEN_MAX; i++) {
		if (q[i].step != DNS_STEP_IDLE)
			continue;
		if (a->in_a_hurry && q[i].turn_ms == 0 && began_ms + q[i].delay_ms <= now &&
		    dns_pace_is_resting(&q[i].server, now)) {
			dns_query_give_up(&q[i], DNS_END_RESTING, now);
			continue;
		}
		int64_t due = due_time(a, &q[i], began_ms, now);
		if (due > now) {
			next = due < next ? due : next;
			continue;
		}
		dns_query_start(&q[i], dns_now_ms());
		open += !dns_query_is_done(&q[i]);
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

static void
step_one(const struct dns_asker *a, struct dns_query *q, bool ready, int64_t now)
{
	int tries_left = q->tries_left;
	bool no_edns = q->no_edns;
	enum dns_step step = q->step;
	dns_query_step(q, ready, now);
	/* another try goes out at once, but is another question to the server's seconds */
	if (q->tries_left != tries_left || q->no_edns != no_edns ||
	    (q->step != step && q->step == DNS_STEP_TCP_SEND))
		(void)dns_pace_reserve(&q->server, a->conf->queries_per_second, now);
}

/* Moves all on that are under way, after what poll found about their sockets. */
static void
step_all(const struct dns_asker *a, struct dns_query *q, size_t count, const struct pollfd *fds,
    size_t open)
{
	int64_t now = dns_now_ms();
	for (size_t i = 0; i < count; i++) {
		size_t own = dns_query_sockets(&q[i], NULL, 0);
		bool ready = false;
		for (size_t s = 0; s < own; s++, fds++)
			ready = ready || fds->revents != 0;
		if (own == 0)
			continue;
		q[i].is_cramped = open >= DNS_ASK_OPEN_MAX;
		step_one(a, &q[i], ready, now);
		open = open - own + dns_query_sockets(&q[i], NULL, 0);
	}
}

/* One round: wait for any of the open ones, move them on.  false when nothing was open and nothing waits. */
static bool
run_round(const struct dns_asker *a, struct dns_query *q, size_t count, int wait_ms)
{
	struct pollfd fds[DNS_ASK_OPEN_MAX];
	size_t open = 0;
	int64_t now = dns_now_ms();
	for (size_t i = 0; i < count; i++) {
		size_t own = dns_query_sockets(&q[i], fds + open, DNS_ASK_OPEN_MAX - open);
		if (own == 0)
			continue;
		open += own;
		int wait = dns_query_wait_ms(&q[i], now);
		wait_ms = wait_ms < 0 || wait < wait_ms ? wait : wait_ms;
	}
	if (open == 0 && wait_ms < 0)
		return false;
	if (poll(fds, open, wait_ms) < 0) /* EINTR, ENOMEM: only the deadlines count */
		for (size_t i = 0; i < open; i++)
			fds[i].revents = 0;
	step_all(a, q, count, fds, open);
	return true;
}

/* What came of them: for the others that ask, and for who wonders whether anything gets through. */
static void
note_ends(struct dns_asker *a, const struct dns_query *q, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool answered = q[i].end == DNS_END_REPLY;
		if (answered || q[i].end == DNS_END_SILENCE)
			dns_pace_note(&q[i].server, answered, q[i].done_ms);
		if (q[i].question.recurse || q[i].step != DNS_STEP_DONE)
			continue;
		a->put++;
		a->answered += answered;
		a->answered_as_resolver +=
		    answered && !ldns_pkt_aa(q[i].reply) && ldns_pkt_ra(q[i].reply);
	}
}

static void
give_up_rest(struct dns_query *q, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!dns_query_is_done(&q[i]))
			dns_query_give_up(&q[i], DNS_END_NONE, dns_now_ms());
}

static bool
is_settled(const struct dns_query *q)
{
	return q->reply != NULL && dns_packet_tells(q->reply);
}

/* tries[r * questions + i] is what resolver r was asked for question i. */
static const struct dns_query *
settled_try(const struct dns_query *tries, size_t count, size_t questions, size_t question)
{
	for (size_t at = question; at < count; at += questions)
		if (is_settled(&tries[at]))
			return &tries[at];
	return NULL;
}

static bool
all_settled(const struct dns_query *tries, size_t count, size_t questions)
{
	for (size_t i = 0; i < questions; i++)
		if (settled_try(tries, count, questions, i) == NULL)
			return false;
	return true;
}

/* Until there is enough: each of the first so many questions, put to several resolvers, has its answer (0: until all
 * are done).  The rest is given up, with end NONE. */
static int
ask_until(struct dns_asker *a, struct dns_query *q, size_t count, size_t questions, struct err *err)
{
	int64_t began = dns_now_ms();
	for (;;) {
		int wait_ms = start_due(a, q, count, began);
		if (!run_round(a, q, count, wait_ms) ||
		    (questions > 0 && all_settled(q, count, questions)))
			break;
	}
	note_ends(a, q, count);
	give_up_rest(q, count);
	for (size_t i = 0; i < count; i++)
		if (q[i].end == DNS_END_LOCAL)
			return err_set(err, ERR_IO, "cannot ask about %s: %s", q[i].question.name,
			    strerror(q[i].saved_errno));
	return 0;
}

int
dns_ask(struct dns_asker *a, struct dns_query *q, size_t count, struct err *err)
{
	return ask_until(a, q, count, 0, err);
}

void
dns_queries_free(struct dns_query *q, size_t count)
{
	for (size_t i = 0; q != NULL && i < count; i++)
		dns_query_deinit(&q[i]);
	free(q);
}

/* Each reply that settles its question goes over into q. */
static void
take_settled(struct dns_asker *a, struct dns_query *tries, struct dns_query *q, size_t count)
{
	size_t all = count * a->resolver_count;
	bool heard = false;
	for (size_t i = 0; i < all; i++)
		heard = heard || tries[i].reply != NULL;
	for (size_t i = 0; i < count; i++) {
		const struct dns_query *best = settled_try(tries, all, count, i);
		if (best == NULL)
			continue;
		struct dns_query *from = &tries[best - tries];
		q[i].server = from->server;
		q[i].end = from->end;
		q[i].reply = from->reply;
		from->reply = NULL;
	}
	if (!heard)
		a->resolver_count = 0;
}

int
dns_resolve(struct dns_asker *a, struct dns_query *q, size_t count, struct err *err)
{
	size_t all = count * a->resolver_count;
	if (all == 0)
		return 0;
	struct dns_query *tries = calloc(all, sizeof(*tries));
	if (tries == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < all; i++) {
		tries[i] = (struct dns_query){.fd = -1,
		    .question = q[i % count].question,
		    .server = a->resolvers[i / count],
		    .timeout_ms = a->timeout_ms,
		    .tries = a->tries,
		    .delay_ms = (int)(i / count) * RESOLVER_HEAD_START_MS};
		tries[i].question.recurse = true;
	}
	int result = ask_until(a, tries, all, count, err);
	if (result == 0)
		take_settled(a, tries, q, count);
	dns_queries_free(tries, all);
	return result;
}
