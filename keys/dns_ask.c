/* SPDX-License-Identifier: ISC */
#include "keys/dns_ask.h"

#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS_DEFAULT  4000
#define TRIES_DEFAULT	    3
#define RESOLV_CONF	    "/etc/resolv.conf"
#define RESOLV_CONF_LEN_MAX 65536

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

struct pace {
	struct dns_endpoint server;
	int64_t free_at_ms;
};

/* K16 is about the server: sweeps of many domains that run beside each other share its seconds. */
static struct {
	pthread_mutex_t lock;
	struct pace list[DNS_ASK_PACE_MAX];
	size_t count, next;
} paces = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct pace *
pace_of(const struct dns_endpoint *server)
{
	for (size_t i = 0; i < paces.count; i++)
		if (ip_addr_eq(&paces.list[i].server.addr, &server->addr) &&
		    paces.list[i].server.port == server->port)
			return &paces.list[i];
	struct pace *p = &paces.list[paces.next];
	paces.next = (paces.next + 1) % DNS_ASK_PACE_MAX;
	if (paces.count < DNS_ASK_PACE_MAX)
		paces.count++;
	*p = (struct pace){.server = *server};
	return p;
}

/* Takes the server's turn and returns now, or when to try again. */
static int64_t
take_turn(const struct dns_endpoint *server, int64_t now)
{
	pthread_mutex_lock(&paces.lock);
	struct pace *pace = pace_of(server);
	int64_t turn = pace->free_at_ms > now ? pace->free_at_ms : now;
	if (turn == now)
		pace->free_at_ms = now + DNS_ASK_SPACE_MS;
	pthread_mutex_unlock(&paces.lock);
	return turn;
}

/* Starts what is due.  Returns how long to wait at most for the next one to be, -1 when none waits. */
static int
start_due(struct dns_query *q, size_t count, int64_t began_ms)
{
	int64_t now = dns_now_ms(), next = INT64_MAX;
	size_t open = 0;
	for (size_t i = 0; i < count; i++)
		open += q[i].step != DNS_STEP_IDLE && !dns_query_is_done(&q[i]);
	for (size_t i = 0; i < count && open < DNS_ASK_OPEN_MAX; i++) {
		if (q[i].step != DNS_STEP_IDLE)
			continue;
		int64_t due = began_ms + q[i].delay_ms;
		if (due <= now)
			due = take_turn(&q[i].server, now);
		if (due > now) {
			next = due < next ? due : next;
			continue;
		}
		dns_query_start(&q[i], now);
		open++;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

/* One round: wait for any of the open ones, move them on.  false when nothing was open and nothing waits. */
static bool
run_round(struct dns_query *q, size_t count, int wait_ms)
{
	struct pollfd fds[DNS_ASK_OPEN_MAX];
	size_t at[DNS_ASK_OPEN_MAX];
	nfds_t open = 0;
	int64_t now = dns_now_ms();
	for (size_t i = 0; i < count && open < DNS_ASK_OPEN_MAX; i++) {
		if (q[i].step == DNS_STEP_IDLE || dns_query_is_done(&q[i]))
			continue;
		int wait = dns_query_wait_ms(&q[i], now);
		wait_ms = wait_ms < 0 || wait < wait_ms ? wait : wait_ms;
		fds[open] = (struct pollfd){.fd = q[i].fd, .events = q[i].events};
		at[open++] = i;
	}
	if (open == 0 && wait_ms < 0)
		return false;
	if (poll(fds, open, wait_ms) < 0) /* EINTR, ENOMEM: only the deadlines count */
		for (nfds_t i = 0; i < open; i++)
			fds[i].revents = 0;
	now = dns_now_ms();
	for (nfds_t i = 0; i < open; i++)
		dns_query_step(&q[at[i]], fds[i].revents, now);
	return true;
}

int
dns_ask(struct dns_asker *a, struct dns_query *q, size_t count, struct err *err)
{
	(void)a; /* whose paces are everybody's */
	int64_t began = dns_now_ms();
	for (;;) {
		int wait_ms = start_due(q, count, began);
		if (!run_round(q, count, wait_ms))
			break;
	}
	for (size_t i = 0; i < count; i++)
		if (q[i].end == DNS_END_LOCAL)
			return err_set(err, ERR_IO, "cannot ask about %s: %s", q[i].question.name,
			    strerror(q[i].saved_errno));
	return 0;
}

void
dns_queries_free(struct dns_query *q, size_t count)
{
	for (size_t i = 0; q != NULL && i < count; i++)
		dns_query_deinit(&q[i]);
	free(q);
}

static bool
is_settled(const struct dns_query *q)
{
	return q->reply != NULL && dns_packet_tells(q->reply);
}

int
dns_resolve(struct dns_asker *a, struct dns_query *q, size_t count, struct err *err)
{
	bool heard = false;
	for (size_t r = 0; r < a->resolver_count; r++) {
		for (size_t i = 0; i < count; i++) {
			if (is_settled(&q[i]))
				continue;
			dns_query_deinit(&q[i]);
			q[i].server = a->resolvers[r];
			q[i].question.recurse = true;
		}
		if (dns_ask(a, q, count, err) != 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			heard = heard || q[i].reply != NULL;
	}
	if (!heard)
		a->resolver_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!is_settled(&q[i]) && q[i].reply != NULL) {
			ldns_pkt_free(q[i].reply);
			q[i].reply = NULL;
		}
	return 0;
}
