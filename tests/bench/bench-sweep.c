/* SPDX-License-Identifier: ISC */
/* bench-sweep - the hourly watch of many domains in slots: name servers of its own on loopback, in another process, so
 * that what is measured is the sweep alone.
 *
 *	bench-sweep [NAMES [QUERIES-PER-SECOND]]	10000 names, 20000 a second
 *
 * One line: names good seconds cpu_s rss_mb questions busiest (questions that one address got) fits_s (how long that
 * takes with 20 a second).  Exit: 0 when every name was good and an hour is enough. */
#include "keys/dns_packet.h"
#include "keys/sweep_batch.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SERVERS 4 /* 127.0.0.1: root and resolver; .2 and .3: every domain; .4: the zone of slots */
#define RECORD	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define SOA	". 600 IN SOA a. b. 1 60 60 60 300"
#define HOUR_S	3600

struct counts {
	atomic_size_t asked[SERVERS];
};

static void
put(ldns_pkt *reply, ldns_pkt_section section, const char *owner, const char *rest)
{
	char line[1024];
	ldns_rr *rr = NULL;
	snprintf(line, sizeof(line), "%s%s", owner, rest);
	if (ldns_rr_new_frm_str(&rr, line, 60, NULL, NULL) == LDNS_STATUS_OK)
		(void)ldns_pkt_push_rr(reply, section, rr);
}

/* The root: each domain is delegated to two servers of prov.test. */
static void
answer_root(ldns_pkt *reply, const char *name, ldns_rr_type type)
{
	size_t labels = dns_name_labels(name);
	const char *zone = name;
	for (; labels > 2; labels--)
		zone = dns_name_parent(zone);
	if (labels < 2 || type == LDNS_RR_TYPE_DS) {
		ldns_pkt_set_aa(reply, true);
		put(reply, LDNS_SECTION_AUTHORITY, "", SOA);
	} else if (strcmp(zone, "prov.test") == 0) {
		put(reply, LDNS_SECTION_AUTHORITY, zone, ". 3600 IN NS ns1.prov.test.");
		put(reply, LDNS_SECTION_ADDITIONAL, "ns1.prov.test", ". 3600 IN A 127.0.0.2");
	} else if (strcmp(zone, "slots.test") == 0) {
		put(reply, LDNS_SECTION_AUTHORITY, zone, ". 3600 IN NS ns.slots.test.");
		put(reply, LDNS_SECTION_ADDITIONAL, "ns.slots.test", ". 3600 IN A 127.0.0.4");
	} else {
		put(reply, LDNS_SECTION_AUTHORITY, zone, ". 3600 IN NS ns1.prov.test.");
		put(reply, LDNS_SECTION_AUTHORITY, zone, ". 3600 IN NS ns2.prov.test.");
	}
}

static void
answer_zone(ldns_pkt *reply, const char *name, ldns_rr_type type, bool slots)
{
	const char *zone = name;
	char text[300];
	for (size_t labels = dns_name_labels(name); labels > 2; labels--)
		zone = dns_name_parent(zone);
	ldns_pkt_set_aa(reply, true);
	if (type == LDNS_RR_TYPE_NS && slots) {
		put(reply, LDNS_SECTION_ANSWER, zone, ". 3600 IN NS ns.slots.test.");
	} else if (type == LDNS_RR_TYPE_NS) {
		put(reply, LDNS_SECTION_ANSWER, zone, ". 3600 IN NS ns1.prov.test.");
		put(reply, LDNS_SECTION_ANSWER, zone, ". 3600 IN NS ns2.prov.test.");
	} else if (type == LDNS_RR_TYPE_A) {
		snprintf(text, sizeof(text), ". 3600 IN A 127.0.0.%c",
		    slots	     ? '4'
		    : name[2] == '2' ? '3'
				     : '2');
		put(reply, LDNS_SECTION_ANSWER, name, text);
	} else if (type == LDNS_RR_TYPE_TXT && slots) {
		put(reply, LDNS_SECTION_ANSWER, name, ". 300 IN TXT \"" RECORD "\"");
	} else if (type == LDNS_RR_TYPE_TXT) {
		/* dN.test: tN.slots.test */
		snprintf(text, sizeof(text), ". 3600 IN CNAME t%.*s.slots.test.",
		    (int)strcspn(zone + 1, "."), zone + 1);
		put(reply, LDNS_SECTION_ANSWER, name, text);
	} else {
		put(reply, LDNS_SECTION_AUTHORITY, zone, SOA);
	}
}

static void
serve_one(int fd, size_t nr, struct counts *counts)
{
	uint8_t in[1500], *out = NULL;
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof(peer);
	size_t len = 0;
	char name[SWEEP_NAME_LEN];
	ssize_t n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&peer, &peer_len);
	ldns_pkt *query = NULL, *reply = ldns_pkt_new();
	if (n > 12 && ldns_wire2pkt(&query, in, (size_t)n) == LDNS_STATUS_OK) {
		const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(query), 0);
		ldns_rr_type type = ldns_rr_get_type(question);
		atomic_fetch_add(&counts->asked[nr], 1);
		ldns_pkt_set_id(reply, ldns_pkt_id(query));
		ldns_pkt_set_qr(reply, true);
		(void)ldns_pkt_push_rr(reply, LDNS_SECTION_QUESTION, ldns_rr_clone(question));
		if (ldns_pkt_rd(query) || !dns_name_text(ldns_rr_owner(question), name))
			ldns_pkt_set_rcode(reply, LDNS_RCODE_REFUSED);
		else if (nr == 0)
			answer_root(reply, name, type);
		else
			answer_zone(reply, name, type, nr == SERVERS - 1);
		if (ldns_pkt2wire(&out, reply, &len) == LDNS_STATUS_OK)
			(void)!sendto(fd, out, len, 0, (struct sockaddr *)&peer, peer_len);
		free(out);
	}
	ldns_pkt_free(query);
	ldns_pkt_free(reply);
}

static _Noreturn void
serve(const int *fds, struct counts *counts)
{
	struct pollfd p[SERVERS];
	for (size_t i = 0; i < SERVERS; i++)
		p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	for (;;) {
		if (poll(p, SERVERS, -1) <= 0)
			continue;
		for (size_t i = 0; i < SERVERS; i++)
			if (p[i].revents != 0)
				serve_one(fds[i], i, counts);
	}
}

static uint16_t
bind_all(int fds[static SERVERS])
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);
	int room = 4 << 20;
	for (size_t i = 0; i < SERVERS; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)i);
		if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
		    getsockname(fds[i], (struct sockaddr *)&sa, &len) != 0)
			return 0;
		(void)setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	}
	return ntohs(sa.sin_port);
}

struct name {
	char domain[32], name[64], alias[48], zones[64];
};

static void
take(void *arg, const struct sweep_result *r)
{
	size_t *good = arg;
	if (r->rc != 0)
		fprintf(stderr, "bench-sweep: %s\n", r->why.text);
	*good += r->rc == 0 && r->sweep.good == 3 && r->sweep.bad + r->sweep.mute == 0 &&
		 r->sweep.alias == ALIAS_RIGHT;
}

static double
cpu_s(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int
watch(size_t count, const struct dns_conf *conf, struct counts *counts)
{
	struct name *names = calloc(count, sizeof(*names));
	struct sweep_question *q = calloc(count, sizeof(*q));
	struct sweep_batch *batch = NULL;
	struct err err = ERR_INIT;
	struct timespec start, end;
	struct rusage usage;
	size_t good = 0, all = 0, busiest = 0;
	if (names == NULL || q == NULL || sweep_batch_new(conf, &batch, &err) != 0)
		return 2;
	for (size_t i = 0; i < count; i++) {
		struct name *n = &names[i];
		snprintf(n->domain, sizeof(n->domain), "d%zu.test", i);
		snprintf(n->name, sizeof(n->name), "k7mq4x2d._domainkey.d%zu.test", i);
		snprintf(n->alias, sizeof(n->alias), "t%zu.slots.test", i);
		snprintf(n->zones, sizeof(n->zones), "d%zu.test slots.test", i);
		q[i] = (struct sweep_question){.domain = n->domain,
		    .name = n->name,
		    .alias = n->alias,
		    .zones = n->zones,
		    .expected = slice_of(RECORD),
		    .queries = 1};
	}
	double before_s = cpu_s();
	clock_gettime(CLOCK_MONOTONIC, &start);
	sweep_batch_run(batch, q, count, take, &good);
	clock_gettime(CLOCK_MONOTONIC, &end);
	double took_s =
	    (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	getrusage(RUSAGE_SELF, &usage);
	for (size_t i = 0; i < SERVERS; i++) {
		size_t asked = atomic_load(&counts->asked[i]);
		all += asked;
		busiest = asked > busiest ? asked : busiest;
	}
	size_t fits_s = busiest / DNS_QUERIES_PER_SECOND;
	printf("names=%zu good=%zu seconds=%.1f cpu_s=%.2f rss_mb=%.1f questions=%zu busiest=%zu "
	       "fits_s=%zu\n",
	    count, good, took_s, cpu_s() - before_s, (double)usage.ru_maxrss / 1024, all, busiest,
	    fits_s);
	sweep_batch_free(batch);
	free(q);
	free(names);
	return good == count && fits_s < HOUR_S ? 0 : 1;
}

int
main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	uint32_t rate = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 20000;
	int fds[SERVERS];
	struct counts *counts =
	    mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint16_t port = bind_all(fds);
	if (counts == MAP_FAILED || port == 0 || count == 0) {
		fprintf(stderr, "bench-sweep: cannot begin\n");
		return 2;
	}
	pid_t child = fork();
	if (child == 0)
		serve(fds, counts);
	struct dns_endpoint root = {.port = port};
	struct err err = ERR_INIT;
	if (child < 0 || ip_addr_parse(slice_of("127.0.0.1"), &root.addr, &err) != 0)
		return 2;
	const struct dns_conf conf = {.roots = &root,
	    .root_count = 1,
	    .resolvers = &root,
	    .resolver_count = 1,
	    .timeout_ms = 4000,
	    .tries = 3,
	    .queries_per_second = rate};
	int status = watch(count, &conf, counts);
	kill(child, SIGTERM);
	(void)waitpid(child, NULL, 0);
	return status;
}
