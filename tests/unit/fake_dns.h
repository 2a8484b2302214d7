/* SPDX-License-Identifier: ISC */
/* fake_dns.h - name servers by hand for unit tests: one thread, several loopback addresses on one port, each with the
 * zones it was given, and each able to misbehave.
 *
 *	struct fake_dns *d = fake_dns_start(3);			127.0.0.1 to 127.0.0.3
 *	fake_zone(d, 0, "example.com", "@ 60 SOA ...");
 *	...
 *	fake_dns_stop(d);
 *
 * Threads: zones and faults may change and counts be read at any time. */
#ifndef SIGNPOST_TESTS_UNIT_FAKE_DNS_H
#define SIGNPOST_TESTS_UNIT_FAKE_DNS_H

#include "keys/dns_packet.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FAKE_SERVERS_MAX 12
#define FAKE_ZONES_MAX	 16
#define FAKE_LOG_MAX	 4096

/* How a server misbehaves; bits may be joined. */
enum fake_fault {
	FAKE_SILENT = 1 << 0,
	FAKE_REFUSES = 1 << 1,
	FAKE_AS_RESOLVER = 1 << 2, /* AA=0, RA=1 */
	FAKE_COUNTS_DOWN = 1 << 3, /* TTLs of a cache, AA kept */
	FAKE_FAILS_CHECKED = 1 << 4, /* SERVFAIL, but for CD */
	FAKE_EVERY_FOURTH_DENIED = 1 << 5, /* one of several backends lags (K14) */
	FAKE_DENIES_EMPTY = 1 << 6,	   /* NXDOMAIN where names are below (D51) */
};

struct fake_zone {
	char apex[SWEEP_NAME_LEN];
	ldns_rr_list *rrs;
};

struct fake_server {
	int udp, tcp;
	atomic_uint faults;
	struct fake_zone zones[FAKE_ZONES_MAX];
	size_t zone_count;
	atomic_int asked, txt_asked;
};

struct fake_asked {
	char name[SWEEP_NAME_LEN];
	ldns_rr_type type;
	size_t server;
	uint16_t source_port;
	int64_t at_ms;
};

struct fake_dns {
	struct fake_server servers[FAKE_SERVERS_MAX];
	size_t count;
	uint16_t port;
	atomic_bool stop;
	pthread_t thread;
	pthread_mutex_t lock; /* zones, log */
	int64_t began_ms;
	struct fake_asked log[FAKE_LOG_MAX];
	atomic_size_t log_count;
};

static inline int64_t
fake_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline const struct fake_zone *
fake_zone_of(const struct fake_server *s, const char *name)
{
	const struct fake_zone *best = NULL;
	for (size_t i = 0; i < s->zone_count; i++)
		if (dns_name_within(name, s->zones[i].apex) &&
		    (best == NULL || strlen(s->zones[i].apex) > strlen(best->apex)))
			best = &s->zones[i];
	return best;
}

/* Records of owner and type as if they stood at name (which is another one under a wildcard). */
static inline size_t
fake_put(ldns_pkt *reply, ldns_pkt_section section, const struct fake_zone *z, const char *owner,
    const char *name, ldns_rr_type type)
{
	ldns_rr *found[16];
	size_t n = dns_records(z->rrs, owner, type, found, 16);
	for (size_t i = 0; i < n && i < 16; i++) {
		ldns_rr *rr = ldns_rr_clone(found[i]);
		ldns_rdf_deep_free(ldns_rr_owner(rr));
		ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name[0] == '\0' ? "." : name));
		(void)ldns_pkt_push_rr(reply, section, rr);
	}
	return n;
}

static inline bool
fake_name_exists(const struct fake_zone *z, const char *name)
{
	char owner[SWEEP_NAME_LEN];
	for (size_t i = 0; i < ldns_rr_list_rr_count(z->rrs); i++)
		if (dns_name_text(ldns_rr_owner(ldns_rr_list_rr(z->rrs, i)), owner) &&
		    dns_name_within(owner, name))
			return true;
	return false;
}

/* The delegation between the apex and the name; false: none. */
static inline bool
fake_cut(const struct fake_zone *z, const char *name, char at[static SWEEP_NAME_LEN])
{
	ldns_rr *ns;
	for (const char *p = name; strlen(p) > strlen(z->apex); p = dns_name_parent(p))
		if (dns_records(z->rrs, p, LDNS_RR_TYPE_NS, &ns, 1) > 0)
			return slice_to_str(slice_of(p), at, SWEEP_NAME_LEN);
	return false;
}

static inline void
fake_refer(ldns_pkt *reply, const struct fake_zone *z, const char *at)
{
	ldns_rr *ns[16];
	char host[SWEEP_NAME_LEN];
	ldns_pkt_set_aa(reply, false);
	size_t n = dns_records(z->rrs, at, LDNS_RR_TYPE_NS, ns, 16);
	(void)fake_put(reply, LDNS_SECTION_AUTHORITY, z, at, at, LDNS_RR_TYPE_NS);
	for (size_t i = 0; i < n && i < 16; i++)
		if (dns_record_target(ns[i], host))
			(void)fake_put(reply, LDNS_SECTION_ADDITIONAL, z, host, host, LDNS_RR_TYPE_A);
}

static inline void
fake_deny(ldns_pkt *reply, const struct fake_zone *z, bool exists)
{
	if (!exists)
		ldns_pkt_set_rcode(reply, LDNS_RCODE_NXDOMAIN);
	(void)fake_put(reply, LDNS_SECTION_AUTHORITY, z, z->apex, z->apex, LDNS_RR_TYPE_SOA);
	(void)fake_put(reply, LDNS_SECTION_AUTHORITY, z, z->apex, z->apex, LDNS_RR_TYPE_NSEC);
}

static inline void
fake_answer(const struct fake_zone *z, const char *name, ldns_rr_type type, ldns_pkt *reply)
{
	char at[SWEEP_NAME_LEN], wild[SWEEP_NAME_LEN + 2] = "";
	ldns_pkt_set_aa(reply, true);
	if (fake_cut(z, name, at) && !(type == LDNS_RR_TYPE_DS && strcmp(at, name) == 0)) {
		fake_refer(reply, z, at);
		return;
	}
	const char *owner = name;
	bool exists = fake_name_exists(z, name);
	for (const char *p = name; !exists && wild[0] == '\0' && strlen(p) > strlen(z->apex);) {
		p = dns_name_parent(p);
		char candidate[SWEEP_NAME_LEN + 2] = "*.";
		memcpy(candidate + 2, p, strlen(p) + 1);
		if (fake_name_exists(z, candidate))
			memcpy(wild, candidate, sizeof(wild));
		else if (fake_name_exists(z, p))
			break;
	}
	if (wild[0] != '\0') {
		owner = wild;
		exists = true;
	}
	if (fake_put(reply, LDNS_SECTION_ANSWER, z, owner, name, LDNS_RR_TYPE_CNAME) == 0 &&
	    fake_put(reply, LDNS_SECTION_ANSWER, z, owner, name, type) == 0)
		fake_deny(reply, z, exists);
}

/* As a cache does it: from the largest TTL down, one a second. */
static inline void
fake_age(ldns_pkt *reply, int64_t age_s)
{
	ldns_rr_list *lists[] = {ldns_pkt_answer(reply), ldns_pkt_authority(reply)};
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < ldns_rr_list_rr_count(lists[l]); i++) {
			ldns_rr *rr = ldns_rr_list_rr(lists[l], i);
			ldns_rr_set_ttl(rr, ldns_rr_ttl(rr) - (uint32_t)age_s);
		}
}

/* The reply's octets, to be freed; NULL: none. */
static inline uint8_t *
fake_reply(struct fake_dns *d, size_t nr, const uint8_t *in, size_t in_len, uint16_t source_port,
    size_t *len)
{
	struct fake_server *s = &d->servers[nr];
	unsigned faults = atomic_load(&s->faults);
	ldns_pkt *query = NULL, *reply = ldns_pkt_new();
	uint8_t *out = NULL;
	char name[SWEEP_NAME_LEN];
	if (reply == NULL || ldns_wire2pkt(&query, in, in_len) != LDNS_STATUS_OK ||
	    !dns_name_text(ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(query), 0)), name))
		goto out;
	ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(query), 0);
	ldns_rr_type type = ldns_rr_get_type(question);
	size_t at = atomic_fetch_add(&d->log_count, 1);
	if (at < FAKE_LOG_MAX) {
		d->log[at] = (struct fake_asked){
		    .type = type, .server = nr, .source_port = source_port, .at_ms = fake_now_ms()};
		memcpy(d->log[at].name, name, sizeof(name));
	}
	int asked = atomic_fetch_add(&s->asked, 1);
	if (type == LDNS_RR_TYPE_TXT)
		asked = atomic_fetch_add(&s->txt_asked, 1);
	if (faults & FAKE_SILENT)
		goto out;
	ldns_pkt_set_id(reply, ldns_pkt_id(query));
	ldns_pkt_set_qr(reply, true);
	(void)ldns_pkt_push_rr(reply, LDNS_SECTION_QUESTION, ldns_rr_clone(question));
	const struct fake_zone *z = fake_zone_of(s, name);
	if ((faults & FAKE_REFUSES) || z == NULL)
		ldns_pkt_set_rcode(reply, LDNS_RCODE_REFUSED);
	else if ((faults & FAKE_FAILS_CHECKED) && !ldns_pkt_cd(query))
		ldns_pkt_set_rcode(reply, LDNS_RCODE_SERVFAIL);
	else if ((faults & FAKE_EVERY_FOURTH_DENIED) && type == LDNS_RR_TYPE_TXT && asked % 4 == 3) {
		ldns_pkt_set_aa(reply, true);
		fake_deny(reply, z, false);
	} else
		fake_answer(z, name, type, reply);
	if ((faults & FAKE_DENIES_EMPTY) && ldns_pkt_ancount(reply) == 0 && ldns_pkt_aa(reply))
		ldns_pkt_set_rcode(reply, LDNS_RCODE_NXDOMAIN);
	if (faults & FAKE_COUNTS_DOWN)
		fake_age(reply, (fake_now_ms() - d->began_ms) / 1000);
	if (faults & FAKE_AS_RESOLVER) {
		ldns_pkt_set_aa(reply, false);
		ldns_pkt_set_ra(reply, true);
	}
	if (ldns_pkt2wire(&out, reply, len) != LDNS_STATUS_OK)
		out = NULL;
out:
	ldns_pkt_free(query);
	ldns_pkt_free(reply);
	return out;
}

static inline void
fake_serve_udp(struct fake_dns *d, size_t nr)
{
	uint8_t in[1500];
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof(peer);
	size_t len = 0;
	ssize_t n = recvfrom(
	    d->servers[nr].udp, in, sizeof(in), 0, (struct sockaddr *)&peer, &peer_len);
	pthread_mutex_lock(&d->lock);
	uint8_t *out = n > 12 ? fake_reply(d, nr, in, (size_t)n, ntohs(peer.sin_port), &len) : NULL;
	pthread_mutex_unlock(&d->lock);
	if (out != NULL)
		(void)!sendto(d->servers[nr].udp, out, len, 0, (struct sockaddr *)&peer, peer_len);
	free(out);
}

static inline void *
fake_serve(void *arg)
{
	struct fake_dns *d = arg;
	struct pollfd fds[FAKE_SERVERS_MAX];
	for (size_t i = 0; i < d->count; i++)
		fds[i] = (struct pollfd){.fd = d->servers[i].udp, .events = POLLIN};
	while (!atomic_load(&d->stop)) {
		if (poll(fds, d->count, 10) <= 0)
			continue;
		for (size_t i = 0; i < d->count; i++)
			if (fds[i].revents)
				fake_serve_udp(d, i);
	}
	return NULL;
}

static inline int
fake_bind(int type, size_t nr, uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)nr);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* All sockets on one port; false when one of them is taken. */
static inline bool
fake_bind_all(struct fake_dns *d)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	bool ok = true;
	d->port = 0;
	for (size_t i = 0; i < d->count; i++) {
		struct fake_server *s = &d->servers[i];
		s->udp = ok ? fake_bind(SOCK_DGRAM, i, d->port) : -1;
		ok = ok && s->udp >= 0;
		if (ok && i == 0 && getsockname(s->udp, (struct sockaddr *)&sa, &len) == 0)
			d->port = ntohs(sa.sin_port);
		/* never accepted: who is silent by UDP stays silent by TCP */
		s->tcp = ok ? fake_bind(SOCK_STREAM, i, d->port) : -1;
		ok = ok && s->tcp >= 0 && listen(s->tcp, 64) == 0;
	}
	for (size_t i = 0; i < d->count && !ok; i++) {
		close(d->servers[i].udp);
		close(d->servers[i].tcp);
	}
	return ok;
}

static inline struct fake_dns *
fake_dns_start(size_t count)
{
	struct fake_dns *d = calloc(1, sizeof(*d));
	if (d == NULL)
		abort();
	d->count = count;
	d->began_ms = fake_now_ms();
	pthread_mutex_init(&d->lock, NULL);
	while (!fake_bind_all(d))
		continue;
	if (pthread_create(&d->thread, NULL, fake_serve, d) != 0)
		abort();
	return d;
}

static inline void
fake_dns_stop(struct fake_dns *d)
{
	atomic_store(&d->stop, true);
	pthread_join(d->thread, NULL);
	for (size_t i = 0; i < d->count; i++) {
		close(d->servers[i].udp);
		close(d->servers[i].tcp);
		for (size_t z = 0; z < d->servers[i].zone_count; z++)
			ldns_rr_list_deep_free(d->servers[i].zones[z].rrs);
	}
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* records: one a line, whole names with their final dots.  A zone that is there already is replaced. */
static inline void
fake_zone(struct fake_dns *d, size_t server, const char *apex, const char *records)
{
	struct fake_server *s = &d->servers[server];
	struct fake_zone *z = NULL;
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < s->zone_count; i++)
		if (strcmp(s->zones[i].apex, apex) == 0)
			z = &s->zones[i];
	if (z == NULL)
		z = &s->zones[s->zone_count++];
	ldns_rr_list_deep_free(z->rrs);
	z->rrs = ldns_rr_list_new();
	(void)slice_to_str(slice_of(apex), z->apex, sizeof(z->apex));
	struct slice rest = slice_of(records);
	while (rest.len > 0) {
		size_t end = rest.len;
		char line[2048];
		ldns_rr *rr = NULL;
		(void)slice_find(rest, '\n', &end);
		if (end > 0 && (!slice_to_str(slice_sub(rest, 0, end), line, sizeof(line)) ||
				   ldns_rr_new_frm_str(&rr, line, 60, NULL, NULL) != LDNS_STATUS_OK)) {
			fprintf(stderr, "fake_zone: %s\n", line);
			abort();
		}
		if (rr != NULL)
			(void)ldns_rr_list_push_rr(z->rrs, rr);
		rest = slice_from(rest, end + 1);
	}
	pthread_mutex_unlock(&d->lock);
}

static inline struct dns_endpoint
fake_endpoint(const struct fake_dns *d, size_t server)
{
	struct dns_endpoint e = {.port = d->port,
	    .addr = {.family = IP_V4, .octet = {127, 0, 0, (uint8_t)(1 + server)}}};
	return e;
}

/* How often servers were asked for this name (NULL: any) and type (0: any). */
static inline size_t
fake_count(struct fake_dns *d, const char *name, ldns_rr_type type)
{
	size_t n = 0, all = atomic_load(&d->log_count);
	for (size_t i = 0; i < all && i < FAKE_LOG_MAX; i++)
		n += (name == NULL || strcmp(d->log[i].name, name) == 0) &&
		     (type == 0 || d->log[i].type == type);
	return n;
}

#endif
