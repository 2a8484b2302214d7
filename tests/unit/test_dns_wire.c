/* SPDX-License-Identifier: ISC */
/* One question to one server that misbehaves: a thread on loopback answers as each case says. */
#include "keys/dns_ask.h"
#include "keys/dns_pace.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PORTS_MAX 16
#define NAME	  "sel._domainkey.example.com"

/* What the server does, first by UDP; bits may be joined. */
enum deed {
	SEND_WRONG_ID = 1 << 0,
	SEND_WRONG_NAME = 1 << 1,
	SEND_WRONG_TYPE = 1 << 2,
	SEND_FROM_OTHER_PORT = 1 << 3,
	SEND_GARBAGE = 1 << 4,
	SEND_QUERY_BACK = 1 << 5, /* QR is 0 */
	SEND_SHORT = 1 << 6,
	SEND_TRUNCATED = 1 << 7,
	SEND_RIGHT = 1 << 8,
	SEND_RIGHT_UPPER = 1 << 9,
	SEND_NO_AA = 1 << 10,
	SEND_REFUSED = 1 << 11,
	SEND_FORMERR_TO_EDNS = 1 << 12,
	SEND_NOTIMP_TO_EDNS = 1 << 20,
	DROP_FIRST = 1 << 13,
	TCP_RIGHT = 1 << 14,
	TCP_SILENT = 1 << 15,
	TCP_GARBAGE = 1 << 16,
	TCP_WRONG_ID = 1 << 17,
	TCP_DRIBBLE = 1 << 18,
	TCP_HANGS_UP = 1 << 19,
	SEND_FIRST_LATE = 1 << 21, /* its answer, once the second has come */
	TCP_ANY = TCP_RIGHT | TCP_SILENT | TCP_GARBAGE | TCP_WRONG_ID | TCP_DRIBBLE | TCP_HANGS_UP,
};

struct responder {
	int udp, other, tcp, held;
	struct sockaddr_in first_peer;
	uint8_t first[DNS_UDP_LEN_MAX];
	size_t first_len;
	uint16_t port;
	atomic_uint deeds;
	atomic_int udp_count, tcp_count;
	atomic_bool stop;
	uint16_t ports[PORTS_MAX], ids[PORTS_MAX];
	pthread_t thread;
};

/* The query turned into an answer with one TXT "ok". */
static size_t
answer_to(const uint8_t *query, size_t len, uint8_t *out)
{
	static const uint8_t txt[] = {0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 'o', 'k'};
	size_t end = 12;
	while (end < len && query[end] != 0)
		end += (size_t)query[end] + 1;
	end += 5;
	memcpy(out, query, end);
	memcpy(out + end, txt, sizeof(txt));
	out[2] = 0x84; /* QR AA */
	out[3] = 0;
	memset(out + 4, 0, 8);
	out[5] = 1;
	out[7] = 1;
	return end + sizeof(txt);
}

static void
send_udp(const struct responder *r, int fd, const uint8_t *bytes, size_t len,
    const struct sockaddr_in *peer)
{
	(void)r;
	(void)!sendto(fd, bytes, len, 0, (const struct sockaddr *)peer, sizeof(*peer));
}

static void
send_wrong_ones(
    const struct responder *r, const uint8_t *right, size_t len, const struct sockaddr_in *peer)
{
	uint8_t out[DNS_UDP_LEN_MAX];
	memcpy(out, right, len);
	if (r->deeds & SEND_WRONG_ID) {
		out[0] ^= 1;
		send_udp(r, r->udp, out, len, peer);
	}
	memcpy(out, right, len);
	if (r->deeds & SEND_WRONG_NAME) {
		out[13] = 'x';
		send_udp(r, r->udp, out, len, peer);
	}
	memcpy(out, right, len);
	if (r->deeds & SEND_WRONG_TYPE) {
		out[len - 15 - 3] = 1;
		send_udp(r, r->udp, out, len, peer);
	}
	memcpy(out, right, len);
	if (r->deeds & SEND_FROM_OTHER_PORT)
		send_udp(r, r->other, out, len, peer);
	if (r->deeds & SEND_QUERY_BACK) {
		out[2] = 0;
		send_udp(r, r->udp, out, len, peer);
	}
	if (r->deeds & SEND_GARBAGE) {
		memcpy(out, right, len);
		memset(out + len - 15, 0xff, 15); /* the right question, no record behind it */
		send_udp(r, r->udp, out, len, peer);
		memset(out, 0xff, sizeof(out));
		send_udp(r, r->udp, out, 100, peer);
	}
	if (r->deeds & SEND_SHORT)
		for (size_t cut = 0; cut < 20; cut++)
			send_udp(r, r->udp, right, cut, peer);
}

static void
serve_udp(struct responder *r)
{
	uint8_t query[512], right[DNS_UDP_LEN_MAX];
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof(peer);
	ssize_t n = recvfrom(r->udp, query, sizeof(query), 0, (struct sockaddr *)&peer, &peer_len);
	if (n < 17)
		return;
	int nr = atomic_load(&r->udp_count);
	if (nr < PORTS_MAX) {
		r->ports[nr] = ntohs(peer.sin_port);
		r->ids[nr] = (uint16_t)(query[0] << 8 | query[1]);
	}
	atomic_store(&r->udp_count, nr + 1);
	size_t len = answer_to(query, (size_t)n, right);
	if ((r->deeds & DROP_FIRST) && nr == 0)
		return;
	if ((r->deeds & SEND_FIRST_LATE) && nr == 0) {
		r->first_peer = peer;
		r->first_len = len;
		memcpy(r->first, right, len);
	} else if (r->deeds & SEND_FIRST_LATE)
		send_udp(r, r->udp, r->first, r->first_len, &r->first_peer);
	send_wrong_ones(r, right, len, &peer);
	bool edns = query[11] == 1;
	if ((r->deeds & (SEND_FORMERR_TO_EDNS | SEND_NOTIMP_TO_EDNS)) && edns) {
		right[3] = r->deeds & SEND_FORMERR_TO_EDNS ? 1 : 4;
		send_udp(r, r->udp, right, len, &peer);
		return;
	}
	if (r->deeds & SEND_TRUNCATED)
		right[2] |= 0x02;
	if (r->deeds & SEND_NO_AA)
		right[2] &= 0xfb;
	if (r->deeds & SEND_REFUSED)
		right[3] = 5;
	if (r->deeds & SEND_RIGHT_UPPER)
		for (size_t i = 12; i < len - 15 - 4; i++)
			if (right[i] >= 'a' && right[i] <= 'z')
				right[i] = (uint8_t)(right[i] - 32);
	if (r->deeds & (SEND_TRUNCATED | SEND_RIGHT | SEND_RIGHT_UPPER | SEND_NO_AA | SEND_REFUSED))
		send_udp(r, r->udp, right, len, &peer);
}

static void
serve_tcp(struct responder *r)
{
	uint8_t in[512], out[2 + DNS_UDP_LEN_MAX];
	int fd = accept(r->tcp, NULL, NULL);
	if (fd < 0)
		return;
	atomic_fetch_add(&r->tcp_count, 1);
	if (r->deeds & TCP_SILENT) {
		r->held = fd;
		return;
	}
	ssize_t n = recv(fd, in, sizeof(in), 0);
	size_t len = n > 19 ? answer_to(in + 2, (size_t)n - 2, out + 2) : 0;
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)(len & 0xff);
	if (r->deeds & TCP_WRONG_ID)
		out[2] ^= 1;
	if (r->deeds & TCP_GARBAGE)
		memset(out + 2 + len - 15, 0xff, 15);
	size_t step = r->deeds & TCP_DRIBBLE ? 1 : len + 2;
	for (size_t at = 0; at < len + 2 && !(r->deeds & TCP_HANGS_UP); at += step) {
		(void)!send(fd, out + at, step, MSG_NOSIGNAL);
		if (step == 1)
			usleep(500);
	}
	close(fd);
}

static void *
serve(void *arg)
{
	struct responder *r = arg;
	int listening =
	    r->deeds & TCP_ANY ? r->tcp : -1; /* the other kind is always ready, for nothing */
	while (!atomic_load(&r->stop)) {
		struct pollfd fds[2] = {
		    {.fd = r->udp, .events = POLLIN}, {.fd = listening, .events = POLLIN}};
		if (poll(fds, 2, 10) <= 0)
			continue;
		if (fds[0].revents)
			serve_udp(r);
		if (fds[1].revents)
			serve_tcp(r);
	}
	return NULL;
}

static int
bound(int type, uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	return ntohs(sa.sin_port);
}

static struct responder *
responder_start(unsigned deeds)
{
	struct responder *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->deeds = deeds;
	r->held = r->tcp = -1;
	while (r->tcp < 0) { /* the same port for both */
		r->udp = bound(SOCK_DGRAM, 0);
		r->port = port_of(r->udp);
		r->tcp = bound(SOCK_STREAM, r->port);
		if (r->tcp < 0)
			close(r->udp);
	}
	r->other = bound(SOCK_DGRAM, 0);
	if (deeds & TCP_ANY)
		assert_int_equal(listen(r->tcp, 4), 0);
	assert_int_equal(pthread_create(&r->thread, NULL, serve, r), 0);
	return r;
}

static void
responder_stop(struct responder *r)
{
	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
	close(r->udp);
	close(r->tcp);
	close(r->other);
	if (r->held >= 0)
		close(r->held);
	free(r);
}

#define TRIES 3

static struct dns_endpoint
loopback(uint16_t port)
{
	struct dns_endpoint e = {.port = port, .addr = {.family = IP_V4, .octet = {127, 0, 0, 1}}};
	return e;
}

static void
ask(struct dns_query *q, const struct dns_endpoint *server, int timeout_ms)
{
	struct dns_conf conf = {.timeout_ms = timeout_ms, .tries = TRIES, .resolver_count = 0};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct err err = ERR_INIT;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	assert_true(dns_query_init(q, a, server, NAME, LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_ask(a, q, 1, &err), 0);
	free(a);
}

/* Time for any machine to answer at once; for a thread to answer what is asked at last; for nothing to come. */
#define AMPLE_MS 30000
#define LAST_MS	 2000
#define NONE_MS	 400

static const struct row {
	const char *name;
	atomic_uint deeds;
	enum dns_end end;
	int udp, tcp;
} rows[] = {
    {"right", SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"question in other case", SEND_RIGHT_UPPER, DNS_END_REPLY, 1, 0},
    {"wrong id, then right", SEND_WRONG_ID | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"wrong id only", SEND_WRONG_ID, DNS_END_CLOSED, 3, 0},
    {"wrong name, then right", SEND_WRONG_NAME | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"wrong name only", SEND_WRONG_NAME, DNS_END_CLOSED, 3, 0},
    {"wrong type only", SEND_WRONG_TYPE, DNS_END_CLOSED, 3, 0},
    {"other port, then right", SEND_FROM_OTHER_PORT | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"other port only", SEND_FROM_OTHER_PORT, DNS_END_CLOSED, 3, 0},
    {"garbage, then right", SEND_GARBAGE | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"garbage only, TCP right", SEND_GARBAGE | TCP_RIGHT, DNS_END_REPLY, 3, 1},
    {"query sent back, then right", SEND_QUERY_BACK | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"query sent back only", SEND_QUERY_BACK, DNS_END_CLOSED, 3, 0},
    {"short ones, then right", SEND_SHORT | SEND_RIGHT, DNS_END_REPLY, 1, 0},
    {"first datagram lost", DROP_FIRST | SEND_RIGHT, DNS_END_REPLY, 2, 0},
    {"truncated, TCP right", SEND_TRUNCATED | TCP_RIGHT, DNS_END_REPLY, 1, 1},
    {"truncated, TCP closed", SEND_TRUNCATED, DNS_END_TRUNCATED, 1, 0},
    {"truncated, TCP hangs up", SEND_TRUNCATED | TCP_HANGS_UP, DNS_END_TRUNCATED, 1, 1},
    {"truncated, TCP drop by drop", SEND_TRUNCATED | TCP_DRIBBLE, DNS_END_REPLY, 1, 1},
    {"truncated, TCP garbage", SEND_TRUNCATED | TCP_GARBAGE, DNS_END_BROKEN, 1, 1},
    {"truncated, TCP wrong id", SEND_TRUNCATED | TCP_WRONG_ID, DNS_END_BROKEN, 1, 1},
    {"UDP silent, TCP right", TCP_RIGHT, DNS_END_REPLY, 3, 1},
    {"silent by both", TCP_SILENT, DNS_END_SILENCE, 3, 1},
    {"no AA", SEND_NO_AA, DNS_END_REPLY, 1, 0},
    {"refused", SEND_REFUSED, DNS_END_REPLY, 1, 0},
    {"EDNS is not implemented", SEND_NOTIMP_TO_EDNS | SEND_RIGHT, DNS_END_REPLY, 2, 0},
    {"no EDNS there", SEND_FORMERR_TO_EDNS | SEND_RIGHT, DNS_END_REPLY, 2, 0},
};

/* The responder may take its time to count what was sent to it. */
static bool
counted(struct responder *r, const struct row *row)
{
	int64_t until = dns_now_ms() + 10000;
	while ((atomic_load(&r->udp_count) < row->udp || atomic_load(&r->tcp_count) < row->tcp) &&
	       dns_now_ms() < until)
		usleep(1000);
	return atomic_load(&r->udp_count) == row->udp && atomic_load(&r->tcp_count) == row->tcp;
}

static void
query_misbehaving_server_ends_as_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct responder *r = responder_start(row->deeds);
		struct dns_endpoint server = loopback(r->port);
		struct dns_query q;
		bool runs_out = row->udp == TRIES || (row->deeds & DROP_FIRST);
		int timeout_ms = !runs_out		     ? AMPLE_MS
				 : row->end == DNS_END_REPLY ? LAST_MS
							     : NONE_MS;
		int64_t began = dns_now_ms();
		ask(&q, &server, timeout_ms);
		int64_t took = dns_now_ms() - began;
		if (q.end != row->end || (q.reply != NULL) != (row->end == DNS_END_REPLY))
			fail_msg("%s: end %d, not %d", row->name, (int)q.end, (int)row->end);
		if (!counted(r, row))
			fail_msg("%s: %d by UDP, %d by TCP", row->name, atomic_load(&r->udp_count),
			    atomic_load(&r->tcp_count));
		if (took > timeout_ms + 4000)
			fail_msg("%s: took %lld ms", row->name, (long long)took);
		dns_query_deinit(&q);
		responder_stop(r);
	}
}

static void
query_reply_bits_are_seen(void **state)
{
	(void)state;
	struct responder *r = responder_start(SEND_NO_AA);
	struct dns_endpoint server = loopback(r->port);
	struct dns_query q;
	ask(&q, &server, 800);
	assert_non_null(q.reply);
	assert_false(ldns_pkt_aa(q.reply));
	dns_query_deinit(&q);
	r->deeds = SEND_REFUSED;
	ask(&q, &server, 800);
	assert_non_null(q.reply);
	assert_int_equal(ldns_pkt_get_rcode(q.reply), LDNS_RCODE_REFUSED);
	dns_query_deinit(&q);
	responder_stop(r);
}

static void
query_tries_use_fresh_ports_and_ids(void **state)
{
	(void)state;
	struct responder *r = responder_start(TCP_SILENT);
	struct dns_endpoint server = loopback(r->port);
	bool ports_differ = false, ids_differ = false;
	for (int i = 0; i < 2; i++) {
		struct dns_query q;
		ask(&q, &server, 200);
		assert_int_equal(q.end, DNS_END_SILENCE);
		dns_query_deinit(&q);
	}
	int n = atomic_load(&r->udp_count);
	assert_int_equal(n, 6);
	for (int i = 1; i < n; i++) {
		ports_differ = ports_differ || r->ports[i] != r->ports[0];
		ids_differ = ids_differ || r->ids[i] != r->ids[0];
	}
	assert_true(ports_differ);
	assert_true(ids_differ);
	responder_stop(r);
}

static void
query_nothing_listens_is_closed_at_once(void **state)
{
	(void)state;
	int fd = bound(SOCK_DGRAM, 0);
	struct dns_endpoint server = loopback(port_of(fd));
	close(fd);
	struct dns_query q;
	int64_t began = dns_now_ms();
	ask(&q, &server, 4000);
	assert_int_equal(q.end, DNS_END_CLOSED);
	assert_true(dns_now_ms() - began < 1000);
	dns_query_deinit(&q);
}

/* A socket may not send to the broadcast address, as it may not to a black hole: the others are asked all the same. */
static void
ask_an_address_that_cannot_be_sent_to_is_mute_alone(void **state)
{
	(void)state;
	int fd = bound(SOCK_DGRAM, 0);
	struct dns_endpoint closed = loopback(port_of(fd));
	close(fd);
	struct dns_endpoint hole = {
	    .port = DNS_PORT, .addr = {.family = IP_V4, .octet = {255, 255, 255, 255}}};
	struct dns_conf conf = {.timeout_ms = 4000};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query q[2];
	struct err err = ERR_INIT;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	assert_true(dns_query_init(&q[0], a, &hole, "a.test", LDNS_RR_TYPE_TXT));
	assert_true(dns_query_init(&q[1], a, &closed, "a.test", LDNS_RR_TYPE_TXT));
	if (dns_ask(a, q, 2, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(q[0].end, DNS_END_UNSENT);
	assert_int_equal(q[0].saved_errno, EACCES);
	assert_int_equal(q[1].end, DNS_END_CLOSED);
	dns_query_deinit(&q[0]);
	dns_query_deinit(&q[1]);
	free(a);
}

static void
query_without_route_says_so(void **state)
{
	(void)state;
	/* no family at all: as a kernel without IPv6 says it */
	struct dns_endpoint server = {.port = DNS_PORT, .addr = {.family = IP_NONE}};
	struct dns_query q;
	ask(&q, &server, 500);
	assert_int_equal(q.end, DNS_END_NO_ROUTE);
	dns_query_deinit(&q);
}

static void
ask_one_address_is_paced_others_are_not(void **state)
{
	(void)state;
	struct responder *one = responder_start(SEND_RIGHT), *two = responder_start(SEND_RIGHT);
	struct dns_endpoint servers[2] = {loopback(one->port), loopback(two->port)};
	struct dns_conf conf = {.timeout_ms = 2000, .tries = 3};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query *q = calloc(10, sizeof(*q));
	struct err err = ERR_INIT;
	assert_non_null(a);
	assert_non_null(q);
	dns_asker_init(a, &conf);
	for (size_t i = 0; i < 10; i++)
		assert_true(dns_query_init(&q[i], a, &servers[i % 2], NAME, LDNS_RR_TYPE_TXT));
	int64_t began = dns_now_ms();
	assert_int_equal(dns_ask(a, q, 10, &err), 0);
	int64_t took = dns_now_ms() - began;
	assert_true(took >= 4 * 1000 / DNS_QUERIES_PER_SECOND);
	assert_true(took < 2000);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(q[i].end, DNS_END_REPLY);
	dns_queries_free(q, 10);
	free(a);
	responder_stop(one);
	responder_stop(two);
}

/* Half as many a second take twice as long, and each try of one that is silent counts. */
static void
ask_paces_as_configured(void **state)
{
	(void)state;
	struct responder *one = responder_start(DROP_FIRST | SEND_RIGHT);
	struct dns_endpoint server = loopback(one->port);
	struct dns_conf conf = {.timeout_ms = 400, .tries = 3, .queries_per_second = 10};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query *q = calloc(6, sizeof(*q));
	struct err err = ERR_INIT;
	assert_non_null(a);
	assert_non_null(q);
	dns_asker_init(a, &conf);
	for (size_t i = 0; i < 6; i++)
		assert_true(dns_query_init(&q[i], a, &server, NAME, LDNS_RR_TYPE_TXT));
	int64_t began = dns_now_ms();
	assert_int_equal(dns_ask(a, q, 6, &err), 0);
	assert_true(dns_now_ms() - began >= 5 * 100);
	assert_true(atomic_load(&one->udp_count) >= 7);
	assert_int_equal(a->put, 6);
	assert_int_equal(a->answered, 6);
	assert_int_equal(a->answered_as_resolver, 0);
	dns_queries_free(q, 6);
	/* seven went out at least: the next has to wait for seven tenths of a second from the first */
	q = calloc(1, sizeof(*q));
	assert_non_null(q);
	assert_true(dns_query_init(q, a, &server, NAME, LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_ask(a, q, 1, &err), 0);
	assert_true(dns_now_ms() - began >= 7 * 100);
	dns_queries_free(q, 1);
	free(a);
	responder_stop(one);
}

/* The question without EDNS counts also when no try was left. */
static void
ask_again_without_edns_is_paced(void **state)
{
	(void)state;
	struct responder *r = responder_start(SEND_FORMERR_TO_EDNS | SEND_RIGHT);
	struct dns_endpoint server = loopback(r->port);
	struct dns_conf conf = {.timeout_ms = AMPLE_MS, .tries = 1, .queries_per_second = 1};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query q;
	struct err err = ERR_INIT;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	int64_t began = dns_now_ms();
	assert_true(dns_query_init(&q, a, &server, NAME, LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_ask(a, &q, 1, &err), 0);
	assert_int_equal(q.end, DNS_END_REPLY);
	assert_true(q.no_edns);
	assert_true(dns_pace_reserve(&server, 1, dns_now_ms()) - began >= 2 * 1000);
	dns_query_deinit(&q);
	free(a);
	responder_stop(r);
}

/* Many sweeps do not wait for one address that never says anything; a single one does. */
static void
ask_in_a_hurry_lets_the_silent_rest(void **state)
{
	(void)state;
	struct responder *silent = responder_start(TCP_SILENT);
	struct dns_endpoint server = loopback(silent->port);
	struct dns_conf conf = {.timeout_ms = 100, .tries = 1, .queries_per_second = 1000};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct err err = ERR_INIT;
	struct dns_query q;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	a->in_a_hurry = true;
	for (int i = 0; i < DNS_PACE_SILENCES + 2; i++) {
		assert_true(dns_query_init(&q, a, &server, NAME, LDNS_RR_TYPE_TXT));
		assert_int_equal(dns_ask(a, &q, 1, &err), 0);
		assert_int_equal(q.end, i < DNS_PACE_SILENCES ? DNS_END_SILENCE : DNS_END_RESTING);
		dns_query_deinit(&q);
	}
	assert_int_equal(atomic_load(&silent->udp_count), DNS_PACE_SILENCES);
	a->in_a_hurry = false;
	assert_true(dns_query_init(&q, a, &server, NAME, LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_ask(a, &q, 1, &err), 0);
	assert_int_equal(q.end, DNS_END_SILENCE);
	dns_query_deinit(&q);
	/* when the rest is over one is let through, and the others wait for what becomes of it */
	int64_t later = dns_now_ms() + DNS_PACE_REST_MS;
	assert_false(dns_pace_is_resting(&server, later));
	assert_true(dns_pace_is_resting(&server, later));
	dns_pace_note(&server, true, later);
	assert_false(dns_pace_is_resting(&server, later));
	free(a);
	responder_stop(silent);
}

/* More addresses than are remembered: those that wait for nothing are forgotten, those in use are not. */
static void
pace_forgets_only_the_idle(void **state)
{
	(void)state;
	struct dns_endpoint e = {.port = 53, .addr = {.family = IP_V6, .octet = {0x20, 1}}};
	struct dns_endpoint busy = e, silent = e;
	busy.addr.octet[15] = 1;
	silent.addr.octet[15] = 2;
	int64_t now = dns_now_ms();
	for (int i = 0; i < 100; i++)
		(void)dns_pace_reserve(&busy, 1, now);
	for (int i = 0; i < DNS_PACE_SILENCES; i++)
		dns_pace_note(&silent, false, now);
	for (uint32_t i = 0; i < 70000; i++) {
		e.addr.octet[12] = (uint8_t)(i >> 16);
		e.addr.octet[13] = (uint8_t)(i >> 8);
		e.addr.octet[14] = (uint8_t)i;
		assert_int_equal(dns_pace_reserve(&e, 1000, now + i), now + i);
	}
	assert_int_equal(dns_pace_reserve(&busy, 1, now), now + 100 * 1000);
	assert_true(dns_pace_is_resting(&silent, now + 1));
	/* all of them in use: the rest go slowly rather than unpaced */
	for (uint32_t i = 0; i < 70000; i++) {
		e.addr.octet[12] = (uint8_t)(i >> 16);
		e.addr.octet[13] = (uint8_t)(i >> 8);
		e.addr.octet[14] = (uint8_t)i;
		assert_true(dns_pace_reserve(&e, 1, now) >= now);
	}
	e.addr.octet[2] = 9;
	assert_true(dns_pace_reserve(&e, 1, now) > now);
}

static void
resolve_does_not_wait_for_a_silent_resolver(void **state)
{
	(void)state;
	struct responder *silent = responder_start(TCP_SILENT), *good = responder_start(SEND_RIGHT);
	struct dns_endpoint resolvers[2] = {loopback(silent->port), loopback(good->port)};
	struct dns_conf conf = {
	    .timeout_ms = 4000, .tries = 2, .resolvers = resolvers, .resolver_count = 2};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query q[2];
	struct err err = ERR_INIT;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	for (size_t i = 0; i < 2; i++)
		assert_true(
		    dns_query_init(&q[i], a, &resolvers[0], "example.com", LDNS_RR_TYPE_TXT));
	int64_t began = dns_now_ms();
	assert_int_equal(dns_resolve(a, q, 2, &err), 0);
	assert_true(dns_now_ms() - began < 3500);
	for (size_t i = 0; i < 2; i++) {
		assert_non_null(q[i].reply);
		assert_int_equal(q[i].server.port, good->port);
		dns_query_deinit(&q[i]);
	}
	assert_int_equal(a->resolver_count, 2);
	assert_int_equal(a->put, 0); /* servers are counted, resolvers are not */
	free(a);
	responder_stop(silent);
	responder_stop(good);
}

static void
resolve_failing_resolver_is_followed_by_the_next(void **state)
{
	(void)state;
	struct responder *bad = responder_start(SEND_REFUSED), *good = responder_start(SEND_RIGHT);
	struct dns_endpoint resolvers[2] = {loopback(bad->port), loopback(good->port)};
	struct dns_conf conf = {
	    .timeout_ms = 1000, .tries = 2, .resolvers = resolvers, .resolver_count = 2};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query q;
	struct err err = ERR_INIT;
	assert_non_null(a);
	dns_asker_init(a, &conf);
	assert_true(dns_query_init(&q, a, &resolvers[0], "example.com", LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_resolve(a, &q, 1, &err), 0);
	assert_non_null(q.reply);
	assert_int_equal(ldns_pkt_get_rcode(q.reply), LDNS_RCODE_NOERROR);
	dns_query_deinit(&q);
	a->resolver_count = 1; /* only the one that refuses */
	assert_true(dns_query_init(&q, a, &resolvers[0], "example.com", LDNS_RR_TYPE_TXT));
	assert_int_equal(dns_resolve(a, &q, 1, &err), 0);
	assert_null(q.reply);
	dns_query_deinit(&q);
	free(a);
	responder_stop(bad);
	responder_stop(good);
}

static void
resolv_conf_text_gives_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
		const char *first;
	} texts[] = {
	    {"nameserver 192.0.2.1\n", 1, "192.0.2.1"},
	    {"#nameserver 192.0.2.9\n; nameserver 192.0.2.8\nsearch a.b\nnameserver\t2001:db8::1",
		1, "2001:db8::1"},
	    {"nameserver fe80::1%eth0\nnameserver 192.0.2.2\noptions ndots:2\n", 1, "192.0.2.2"},
	    {"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n", 2, "192.0.2.1"},
	    {"nameservers 192.0.2.1\nnameserver\n", 0, NULL},
	    {"", 0, NULL},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct dns_endpoint out[2];
		char first[IP_TEXT_LEN];
		assert_int_equal(
		    dns_resolv_conf_parse(slice_of(texts[i].text), out, 2), texts[i].count);
		if (texts[i].count == 0)
			continue;
		ip_addr_format(&out[0].addr, first);
		assert_string_equal(first, texts[i].first);
		assert_int_equal(out[0].port, DNS_PORT);
	}
}

/* A server that the test itself is, and a clock that it moves: what is late is so by design. */
struct late_lab {
	int udp, tcp;
	struct dns_query q;
	size_t got;
	struct sockaddr_in peers[DNS_LATE_MAX + 8];
	uint8_t answers[DNS_LATE_MAX + 8][DNS_UDP_LEN_MAX];
	size_t answer_len;
};

#define LATE_SHARE_MS 1000

static void
late_start(struct late_lab *lab, int tries, bool listens)
{
	memset(lab, 0, sizeof(*lab));
	for (lab->tcp = -1; lab->tcp < 0;) {
		lab->udp = bound(SOCK_DGRAM, 0);
		lab->tcp = bound(SOCK_STREAM, port_of(lab->udp));
		if (lab->tcp < 0)
			close(lab->udp);
	}
	if (listens)
		assert_int_equal(listen(lab->tcp, 4), 0);
	lab->q.server = loopback(port_of(lab->udp));
	lab->q.tries = tries;
	lab->q.timeout_ms = LATE_SHARE_MS * (tries + 1);
	assert_true(dns_question_set(&lab->q.question, NAME, LDNS_RR_TYPE_TXT));
	dns_query_start(&lab->q, 0);
}

static void
late_end(struct late_lab *lab)
{
	dns_query_deinit(&lab->q);
	close(lab->udp);
	close(lab->tcp);
}

/* Takes the question of the next try, and has its answer ready. */
static void
late_take(struct late_lab *lab)
{
	uint8_t in[512];
	socklen_t len = sizeof(lab->peers[0]);
	struct pollfd p = {.fd = lab->udp, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 10000), 1);
	ssize_t n =
	    recvfrom(lab->udp, in, sizeof(in), 0, (struct sockaddr *)&lab->peers[lab->got], &len);
	assert_true(n > 17);
	lab->answer_len = answer_to(in, (size_t)n, lab->answers[lab->got]);
	lab->got++;
}

static void
late_answer(struct late_lab *lab, size_t nr)
{
	assert_int_equal(sendto(lab->udp, lab->answers[nr], lab->answer_len, 0,
			     (struct sockaddr *)&lab->peers[nr], sizeof(lab->peers[nr])),
	    lab->answer_len);
}

/* Over the deadline without that poll told of anything. */
static void
late_run_out(struct late_lab *lab)
{
	dns_query_step(&lab->q, false, lab->q.try_until_ms);
}

/* Each try's answer, at each time until the end: after as many further deadlines. */
static void
late_answer_to_any_try_is_an_answer(void **state)
{
	enum { TRIES_OF_IT = 3 };
	(void)state;
	for (size_t asked = 1; asked <= TRIES_OF_IT; asked++)
		for (size_t nr = 0; nr < asked; nr++)
			for (int closed = 0; closed < 2; closed++) {
				struct late_lab lab;
				late_start(&lab, TRIES_OF_IT, !closed);
				late_take(&lab);
				while (lab.got < asked) {
					late_run_out(&lab);
					late_take(&lab);
				}
				if (asked == TRIES_OF_IT) { /* by TCP it is asked, too */
					late_run_out(&lab);
					struct pollfd refused = {.fd = lab.q.fd, .events = POLLOUT};
					if (closed && poll(&refused, 1, 10000) == 1)
						dns_query_step(
						    &lab.q, true, TRIES_OF_IT * LATE_SHARE_MS);
					assert_int_equal(
					    lab.q.step, closed ? DNS_STEP_LATE : DNS_STEP_TCP_SEND);
				}
				late_answer(&lab, nr);
				late_run_out(&lab);
				assert_int_equal(lab.q.end, DNS_END_REPLY);
				assert_true(lab.q.step == DNS_STEP_DONE && lab.q.late.count == 0);
				late_end(&lab);
			}
}

/* Nothing comes: all of the time is waited for it, and the end is what TCP said. */
static void
late_silence_is_told_when_all_time_is_over(void **state)
{
	static const struct {
		bool listens;
		enum dns_end end;
	} ends[2] = {{true, DNS_END_SILENCE}, {false, DNS_END_CLOSED}};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct late_lab lab;
		int64_t last = 0;
		late_start(&lab, 2, ends[i].listens);
		/* one over the deadline of the connection, whose question went out just then */
		for (int steps = 0; !dns_query_is_done(&lab.q) && steps < 6; steps++) {
			last = lab.q.try_until_ms;
			late_run_out(&lab);
		}
		assert_int_equal(lab.q.end, ends[i].end);
		assert_true(last >= lab.q.timeout_ms);
		late_end(&lab);
	}
}

/* We come late, not the server: TCP has its share of the time all the same. */
static void
late_asker_gives_tcp_its_share(void **state)
{
	struct late_lab lab;
	(void)state;
	late_start(&lab, 1, true);
	dns_query_step(&lab.q, false, 60000);
	assert_int_equal(lab.q.step, DNS_STEP_TCP_SEND);
	assert_int_equal(dns_query_wait_ms(&lab.q, 60000), LATE_SHARE_MS);
	dns_query_step(&lab.q, true, 90000);
	assert_int_equal(lab.q.step, DNS_STEP_TCP_READ);
	assert_int_equal(dns_query_wait_ms(&lab.q, 90000), LATE_SHARE_MS);
	int fd = accept(lab.tcp, NULL, NULL);
	uint8_t in[512], out[2 + DNS_UDP_LEN_MAX];
	ssize_t n = recv(fd, in, sizeof(in), 0);
	assert_true(n > 19);
	size_t len = answer_to(in + 2, (size_t)n - 2, out + 2);
	out[0] = 0;
	out[1] = (uint8_t)len;
	assert_int_equal(send(fd, out, len + 2, 0), len + 2);
	dns_query_step(&lab.q, false, 120000);
	assert_int_equal(lab.q.end, DNS_END_REPLY);
	close(fd);
	late_end(&lab);
}

/* Datagrams by the hundred do not hide the answer behind them, once the time is over. */
static void
late_answer_behind_strays_is_read(void **state)
{
	struct late_lab lab;
	(void)state;
	late_start(&lab, 1, true);
	late_take(&lab);
	lab.answers[0][0] ^= 1;
	for (int i = 0; i < 100; i++)
		late_answer(&lab, 0);
	lab.answers[0][0] ^= 1;
	late_answer(&lab, 0);
	late_run_out(&lab);
	assert_int_equal(lab.q.end, DNS_END_REPLY);
	late_end(&lab);
}

/* What a late answer wants is done as a timely one's: without EDNS, by TCP. */
static void
late_answer_may_want_it_asked_otherwise(void **state)
{
	struct late_lab lab;
	(void)state;
	for (int closed = 0; closed < 2; closed++) {
		late_start(&lab, 2, !closed);
		for (int i = 0; i < 2; i++, late_run_out(&lab))
			late_take(&lab);
		lab.answers[0][3] = lab.answers[1][3] = LDNS_RCODE_FORMERR;
		late_answer(&lab, 0);
		late_answer(&lab, 1);
		late_run_out(&lab);
		assert_true(lab.q.no_edns && lab.q.step == DNS_STEP_UDP && lab.q.late.count == 0);
		late_take(&lab);
		late_answer(&lab, 2);
		late_run_out(&lab);
		assert_int_equal(lab.q.end, DNS_END_REPLY);
		assert_int_equal(ldns_pkt_get_rcode(lab.q.reply), LDNS_RCODE_NOERROR);
		late_end(&lab);

		late_start(&lab, 2, !closed);
		for (int i = 0; i < 2; i++, late_run_out(&lab))
			late_take(&lab);
		lab.answers[0][2] |= 0x02; /* TC */
		late_answer(&lab, 0);
		dns_query_step(&lab.q, true, 2 * LATE_SHARE_MS);
		assert_true(lab.q.truncated && lab.q.late.count == 0);
		for (int i = 0; i < 2 && !closed; i++)
			late_run_out(&lab);
		assert_int_equal(lab.q.end, DNS_END_TRUNCATED);
		late_end(&lab);
	}
}

/* An ICMP error at each of them: nothing is left to listen to, and it ends as TCP did. */
static void
late_sockets_that_all_broke_end_it(void **state)
{
	struct late_lab lab;
	(void)state;
	late_start(&lab, 2, false);
	for (int steps = 0; lab.q.step != DNS_STEP_LATE && steps < 6; steps++) {
		struct pollfd tcp = {.fd = lab.q.fd, .events = POLLOUT};
		if (lab.q.step == DNS_STEP_TCP_SEND && poll(&tcp, 1, 10000) == 1)
			dns_query_step(&lab.q, true, 2 * LATE_SHARE_MS);
		else
			late_run_out(&lab);
	}
	assert_int_equal(lab.q.late.count, 2);
	close(lab.udp);
	lab.udp = -1;
	for (size_t i = 0; i < 2; i++) {
		struct pollfd told = {.fd = lab.q.late.tries[i].fd, .events = POLLIN};
		assert_int_equal(send(told.fd, "", 1, 0), 1);
		assert_int_equal(poll(&told, 1, 10000), 1);
	}
	dns_query_step(&lab.q, true, 2 * LATE_SHARE_MS);
	assert_true(dns_query_is_done(&lab.q));
	assert_int_equal(lab.q.end, DNS_END_CLOSED);
	late_end(&lab);
}

/* The server's side of TCP: what was asked is taken, its answer is in out, with the length in front. */
static int
late_accept(struct late_lab *lab, uint8_t out[static 2 + DNS_UDP_LEN_MAX], size_t *len)
{
	uint8_t in[512];
	struct pollfd connected = {.fd = lab->q.fd, .events = POLLOUT};
	assert_int_equal(poll(&connected, 1, 10000), 1);
	dns_query_step(&lab->q, true, LATE_SHARE_MS);
	assert_int_equal(lab->q.step, DNS_STEP_TCP_READ);
	int fd = accept(lab->tcp, NULL, NULL);
	ssize_t n = recv(fd, in, sizeof(in), 0);
	assert_true(n > 19);
	*len = 2 + answer_to(in + 2, (size_t)n - 2, out + 2);
	out[0] = (uint8_t)((*len - 2) >> 8);
	out[1] = (uint8_t)(*len - 2);
	return fd;
}

static void
late_send(struct late_lab *lab, int fd, const uint8_t *what, size_t len)
{
	struct pollfd come = {.fd = lab->q.fd, .events = POLLIN};
	assert_int_equal(send(fd, what, len, 0), len);
	assert_int_equal(poll(&come, 1, 10000), 1);
	dns_query_step(&lab->q, true, LATE_SHARE_MS);
}

/* Half an answer by TCP, and a late one by UDP that wants it asked otherwise: the half is none of the next answer. */
static void
late_answer_leaves_nothing_of_the_connection(void **state)
{
	struct late_lab lab;
	uint8_t out[2 + DNS_UDP_LEN_MAX];
	size_t len;
	(void)state;
	late_start(&lab, 1, true);
	late_take(&lab);
	late_run_out(&lab);
	int first = late_accept(&lab, out, &len);
	late_send(&lab, first, out, 1);
	lab.answers[0][3] = LDNS_RCODE_FORMERR;
	late_answer(&lab, 0);
	dns_query_step(&lab.q, true, LATE_SHARE_MS);
	assert_true(lab.q.no_edns && lab.q.step == DNS_STEP_UDP);
	late_take(&lab);
	lab.answers[1][2] |= 0x02; /* TC */
	late_answer(&lab, 1);
	dns_query_step(&lab.q, true, LATE_SHARE_MS);
	assert_int_equal(lab.q.step, DNS_STEP_TCP_SEND);
	int second = late_accept(&lab, out, &len);
	late_send(&lab, second, out, len);
	assert_int_equal(lab.q.end, DNS_END_REPLY);
	close(first);
	close(second);
	late_end(&lab);
}

/* Without room for sockets the tries go on out of the one there is, whose answers all count; so does more than are kept. */
static void
late_tries_without_room_share_a_socket(void **state)
{
	static const struct {
		bool is_cramped;
		int tries;
		size_t sockets;
	} rooms[2] = {{true, 3, 1}, {false, DNS_LATE_MAX + 4, DNS_LATE_MAX + 1}};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct late_lab lab;
		late_start(&lab, rooms[i].tries, true);
		lab.q.is_cramped = rooms[i].is_cramped;
		for (late_take(&lab); lab.got < (size_t)rooms[i].tries; late_take(&lab))
			late_run_out(&lab);
		assert_int_equal(dns_query_sockets(&lab.q, NULL, 0), rooms[i].sockets);
		assert_int_equal(lab.peers[lab.got - 1].sin_port, lab.peers[lab.got - 2].sin_port);
		assert_memory_equal(lab.answers[lab.got - 1], lab.answers[lab.got - 2], 2);
		late_run_out(&lab); /* TCP takes a place: the oldest one's */
		assert_int_equal(lab.q.step, DNS_STEP_TCP_SEND);
		assert_int_equal(dns_query_sockets(&lab.q, NULL, 0), rooms[i].sockets);
		late_end(&lab);
	}
}

/* It is taken when it comes, not only at the next deadline. */
static void
late_answer_is_not_waited_with(void **state)
{
	(void)state;
	struct responder *r = responder_start(SEND_FIRST_LATE);
	struct dns_endpoint server = loopback(r->port);
	struct dns_query q;
	int64_t began = dns_now_ms();
	ask(&q, &server, LATE_SHARE_MS * (TRIES + 1));
	assert_int_equal(q.end, DNS_END_REPLY);
	assert_true(dns_now_ms() - began < 2 * LATE_SHARE_MS);
	dns_query_deinit(&q);
	responder_stop(r);
}

/* Another one of this process that needs one socket now and then. */
struct other_asker {
	atomic_bool stop;
	atomic_int lacked;
	pthread_t thread;
};

static void *
need_sockets(void *arg)
{
	struct other_asker *o = arg;
	while (!atomic_load(&o->stop)) {
		int fd = dup(0);
		if (fd >= 0)
			close(fd);
		else
			atomic_fetch_add(&o->lacked, 1);
		usleep(500);
	}
	return NULL;
}

/* Silence by the hundred: DNS_ASK_OPEN_MAX is for the tries before, too. */
static void
late_sockets_of_an_asker_stay_within_their_number(void **state)
{
	enum { QUESTIONS = DNS_ASK_OPEN_MAX + 20 };
	struct dns_conf conf = {.timeout_ms = 400, .tries = 3, .queries_per_second = 100000};
	struct dns_asker *a = calloc(1, sizeof(*a));
	struct dns_query *q = calloc(QUESTIONS, sizeof(*q));
	struct rlimit before, few;
	struct responder *r = responder_start(0);
	struct dns_endpoint server = loopback(r->port);
	struct other_asker other = {0};
	struct err err = ERR_INIT;
	(void)state;
	assert_true(a != NULL && q != NULL);
	dns_asker_init(a, &conf);
	for (size_t i = 0; i < QUESTIONS; i++)
		assert_true(dns_query_init(&q[i], a, &server, NAME, LDNS_RR_TYPE_TXT));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 0;
	for (int room = 0; room < DNS_ASK_OPEN_MAX + 1; few.rlim_cur++)
		room += fcntl((int)few.rlim_cur, F_GETFD) < 0;
	assert_int_equal(pthread_create(&other.thread, NULL, need_sockets, &other), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	int result = dns_ask(a, q, QUESTIONS, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	atomic_store(&other.stop, true);
	pthread_join(other.thread, NULL);
	if (result != 0)
		fail_msg("%s", err.text);
	assert_int_equal(atomic_load(&other.lacked), 0);
	for (size_t i = 0; i < QUESTIONS; i++)
		assert_int_equal(q[i].end, DNS_END_CLOSED);
	dns_queries_free(q, QUESTIONS);
	free(a);
	responder_stop(r);
}

static void
names_nest_at_dots(void **state)
{
	(void)state;
	assert_true(dns_name_within("a.example", "example"));
	assert_true(dns_name_within("example", "example"));
	assert_true(dns_name_within("example", ""));
	assert_false(dns_name_within("anexample", "example"));
	assert_false(dns_name_within("example", "a.example"));
	assert_string_equal(dns_name_parent("a.b.c"), "b.c");
	assert_string_equal(dns_name_parent("c"), "");
	assert_int_equal(dns_name_labels(""), 0);
	assert_int_equal(dns_name_labels("a.b.c"), 3);
	struct dns_question q;
	uint8_t out[DNS_QUERY_LEN_MAX];
	assert_true(dns_question_set(&q, "a..b", LDNS_RR_TYPE_A));
	assert_int_equal(dns_packet_query(&q, 1, true, out), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(query_misbehaving_server_ends_as_it_should),
	    cmocka_unit_test(query_reply_bits_are_seen),
	    cmocka_unit_test(query_tries_use_fresh_ports_and_ids),
	    cmocka_unit_test(query_nothing_listens_is_closed_at_once),
	    cmocka_unit_test(ask_an_address_that_cannot_be_sent_to_is_mute_alone),
	    cmocka_unit_test(query_without_route_says_so),
	    cmocka_unit_test(ask_one_address_is_paced_others_are_not),
	    cmocka_unit_test(ask_paces_as_configured),
	    cmocka_unit_test(ask_again_without_edns_is_paced),
	    cmocka_unit_test(ask_in_a_hurry_lets_the_silent_rest),
	    cmocka_unit_test(resolve_does_not_wait_for_a_silent_resolver),
	    cmocka_unit_test(resolve_failing_resolver_is_followed_by_the_next),
	    cmocka_unit_test(resolv_conf_text_gives_addresses),
	    cmocka_unit_test(late_answer_to_any_try_is_an_answer),
	    cmocka_unit_test(late_silence_is_told_when_all_time_is_over),
	    cmocka_unit_test(late_asker_gives_tcp_its_share),
	    cmocka_unit_test(late_answer_behind_strays_is_read),
	    cmocka_unit_test(late_answer_may_want_it_asked_otherwise),
	    cmocka_unit_test(late_sockets_that_all_broke_end_it),
	    cmocka_unit_test(late_answer_leaves_nothing_of_the_connection),
	    cmocka_unit_test(late_tries_without_room_share_a_socket),
	    cmocka_unit_test(late_answer_is_not_waited_with),
	    cmocka_unit_test(late_sockets_of_an_asker_stay_within_their_number),
	    cmocka_unit_test(names_nest_at_dots),
	    cmocka_unit_test(pace_forgets_only_the_idle), /* last: it fills what is shared */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
