/* SPDX-License-Identifier: ISC */
/* Publishers against a name server in a thread that says what each case wants, signed, unsigned or not at all; and hooks that
 * are small scripts.  What real servers say is in tests/e2e/publish-*.sh. */
#include "keys/publisher.h"
#include "keys/publish_update.h"
#include "keys/tsig_ask.h"
#include "tests/unit/said.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "K2tf3TRrmE7TJd+m2NPBuwJ0HxnyVfYjZlEMKuGqpJc="
#define OTHER  "dGhpcyBpcyBhbm90aGVyIHNlY3JldCBvZiAzMiBieXQ="
#define ZONE   "a.test"
#define NAME   "s1._domainkey.a.test"
#define RECORD "v=DKIM1; p=one"
#define GONE   "v=DKIM1; p="

enum form { SIGNED, UNSIGNED, BY_OTHER_KEY, OLD, BARE_TSIG };
enum deed { ANSWER, HANG_UP, BE_SILENT, WRONG_ID, GARBAGE, QUERY_BACK, HANG_UP_AFTER };

struct responder {
	int listener, kept;
	uint16_t port;
	pthread_t thread;
	atomic_bool stop;
	atomic_int updates, queries;
	/* what it does */
	enum deed deed;
	enum form form;
	unsigned rcode, tsig_error;
	int64_t tsig_time; /* of BARE_TSIG's other data; 0: none */
	bool applies;	   /* has the record from then on, and says YXRRSET */
	bool refuses_signed, refuses;
	char served[64];   /* "": nothing there */
	bool alias;
	const char *more, *referral; /* a record beside, or instead; NULL */
};

static char dir[] = "/tmp/signpost-test-XXXXXX";
static char key_path[128];
static struct responder server;
static struct dns_endpoint endpoint;
static _Thread_local int64_t clock_offset_s;

/* In the C library's place: the responder may live at another time. */
int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec + clock_offset_s;
	tv->tv_usec = 0;
	return 0;
}

static bool
read_exactly(int fd, uint8_t *to, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = recv(fd, to + at, len - at, 0);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static void
send_message(int fd, const uint8_t *bytes, size_t len)
{
	uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};
	(void)!send(fd, head, 2, MSG_NOSIGNAL);
	(void)!send(fd, bytes, len, MSG_NOSIGNAL);
}

/* RFC 8945 5.3.2: an error with an empty MAC */
static size_t
put_bare_tsig(const struct responder *r, uint8_t *out, size_t len)
{
	static const uint8_t name_type[] = {4, 't', 'e', 's', 't', 0, 0, 250, 0, 255, 0, 0, 0, 0},
			     algorithm[] = {11, 'h', 'm', 'a', 'c', '-', 's', 'h', 'a', '2', '5', '6', 0};
	size_t other = r->tsig_time != 0 ? 6 : 0, at = len;
	memcpy(out + at, name_type, sizeof(name_type));
	at += sizeof(name_type);
	size_t rdlength = sizeof(algorithm) + 6 + 2 + 2 + 2 + 2 + 2 + other;
	out[at++] = 0;
	out[at++] = (uint8_t)rdlength;
	memcpy(out + at, algorithm, sizeof(algorithm));
	at += sizeof(algorithm);
	memset(out + at, 0, 6 + 2 + 2);
	at += 6 + 2 + 2;
	out[at++] = out[0];
	out[at++] = out[1];
	out[at++] = 0;
	out[at++] = (uint8_t)r->tsig_error;
	out[at++] = 0;
	out[at++] = (uint8_t)other;
	for (size_t i = 0; i < other; i++)
		out[at++] = (uint8_t)(r->tsig_time >> (8 * (5 - i)));
	out[11] = 1;
	return at;
}

static void
send_form(const struct responder *r, int fd, ldns_pkt *reply, const ldns_rdf *mac)
{
	uint8_t *wire = NULL, out[4096];
	size_t len = 0;
	if (r->form == OLD)
		clock_offset_s = -3600;
	if (r->form == SIGNED || r->form == OLD)
		ldns_pkt_tsig_sign(reply, "test", SECRET, 300, "hmac-sha256.", mac);
	if (r->form == BY_OTHER_KEY)
		ldns_pkt_tsig_sign(reply, "test", OTHER, 300, "hmac-sha256.", mac);
	clock_offset_s = 0;
	assert_int_equal(ldns_pkt2wire(&wire, reply, &len), LDNS_STATUS_OK);
	assert_true(len < 2048);
	memcpy(out, wire, len);
	LDNS_FREE(wire);
	if (r->form == BARE_TSIG)
		len = put_bare_tsig(r, out, len);
	if (r->deed == WRONG_ID)
		out[0] ^= 1;
	if (r->deed == QUERY_BACK)
		out[2] &= 0x7f;
	send_message(fd, out, len);
}

static void
fill_answer(const struct responder *r, ldns_pkt *reply)
{
	ldns_rr *rr = NULL;
	ldns_pkt_set_aa(reply, true);
	if (r->alias)
		assert_int_equal(ldns_rr_new_frm_str(&rr, NAME ". 60 IN CNAME else.test.", 0, NULL, NULL), LDNS_STATUS_OK);
	else if (r->served[0] != '\0')
		rr = update_txt(NAME, r->served, 60);
	if (rr != NULL)
		ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, rr);
	if (r->more != NULL) {
		assert_int_equal(ldns_rr_new_frm_str(&rr, r->more, 0, NULL, NULL), LDNS_STATUS_OK);
		ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, rr);
	}
	if (r->referral != NULL) {
		ldns_pkt_set_aa(reply, false);
		assert_int_equal(ldns_rr_new_frm_str(&rr, r->referral, 0, NULL, NULL), LDNS_STATUS_OK);
		ldns_pkt_push_rr(reply, LDNS_SECTION_AUTHORITY, rr);
	}
}

static ldns_pkt *
reply_to(ldns_pkt *query)
{
	ldns_rdf *name = ldns_rdf_clone(ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(query), 0)));
	ldns_pkt *reply = ldns_pkt_query_new(
	    name, ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_question(query), 0)), LDNS_RR_CLASS_IN, 0);
	ldns_pkt_set_id(reply, ldns_pkt_id(query));
	ldns_pkt_set_opcode(reply, ldns_pkt_get_opcode(query));
	ldns_pkt_set_qr(reply, true);
	return reply;
}

static void
answer_query(struct responder *r, int fd, ldns_pkt *query, const ldns_rdf *mac)
{
	ldns_pkt *reply = reply_to(query);
	struct responder plain = {.form = mac == NULL ? UNSIGNED : SIGNED};
	r->queries++;
	if (r->refuses || (r->refuses_signed && mac != NULL))
		ldns_pkt_set_rcode(reply, LDNS_RCODE_REFUSED);
	else
		fill_answer(r, reply);
	send_form(&plain, fd, reply, mac);
	ldns_pkt_free(reply);
}

/* false: the connection ends */
static bool
answer_update(struct responder *r, int fd, ldns_pkt *query, const ldns_rdf *mac)
{
	ldns_pkt *reply = reply_to(query);
	unsigned rcode = r->rcode;
	bool stays = r->deed != HANG_UP && r->deed != HANG_UP_AFTER;
	r->updates++;
	if (r->applies && strcmp(r->served, RECORD) == 0)
		rcode = LDNS_RCODE_YXRRSET;
	else if (r->applies)
		snprintf(r->served, sizeof(r->served), "%s", RECORD);
	ldns_pkt_set_rcode(reply, (uint8_t)rcode);
	if (r->deed == GARBAGE)
		send_message(fd, (const uint8_t *)"nonsense", 8);
	else if (r->deed == BE_SILENT)
		poll(NULL, 0, 500);
	else if (stays)
		send_form(r, fd, reply, mac);
	ldns_pkt_free(reply);
	return stays;
}

static bool
serve(struct responder *r, int fd)
{
	uint8_t head[2], in[65536];
	if (!read_exactly(fd, head, 2))
		return false;
	size_t len = (size_t)head[0] << 8 | head[1];
	ldns_pkt *query = NULL;
	if (!read_exactly(fd, in, len) || ldns_wire2pkt(&query, in, len) != LDNS_STATUS_OK)
		return false;
	const ldns_rdf *mac = ldns_pkt_tsig(query) == NULL ? NULL : ldns_rr_rdf(ldns_pkt_tsig(query), 3);
	bool stays = true;
	if (ldns_pkt_get_opcode(query) == LDNS_PACKET_QUERY)
		answer_query(r, fd, query, mac);
	else
		stays = answer_update(r, fd, query, mac);
	ldns_pkt_free(query);
	return stays;
}

static void *
run(void *arg)
{
	struct responder *r = arg;
	while (!r->stop) {
		struct pollfd p = {.fd = r->listener, .events = POLLIN};
		if (poll(&p, 1, 20) <= 0)
			continue;
		int fd = accept(r->listener, NULL, NULL);
		while (fd >= 0 && !r->stop) {
			struct pollfd c = {.fd = fd, .events = POLLIN};
			if (poll(&c, 1, 20) > 0 && !serve(r, fd))
				break;
		}
		close(fd);
	}
	return NULL;
}

static int
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		return -1;
	return chmod(path, mode);
}

static int
setup(void **state)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(key_path, sizeof(key_path), "%s/key", dir);
	if (write_file(key_path, "key \"test\" { algorithm hmac-sha256; secret \"" SECRET "\"; };\n", 0600) != 0)
		return -1;
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server.listener, (struct sockaddr *)&sa, len) != 0 || listen(server.listener, 8) != 0 ||
	    getsockname(server.listener, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	endpoint = (struct dns_endpoint){.addr = {.family = IP_V4, .octet = {127, 0, 0, 1}}, .port = ntohs(sa.sin_port)};
	return pthread_create(&server.thread, NULL, run, &server);
}

static int
teardown(void **state)
{
	(void)state;
	server.stop = true;
	pthread_join(server.thread, NULL);
	close(server.listener);
	unlink(key_path);
	return rmdir(dir);
}

static void
ready(enum deed deed, enum form form, unsigned rcode)
{
	server.deed = deed;
	server.form = form;
	server.rcode = rcode;
	server.tsig_error = 0;
	server.tsig_time = 0;
	server.applies = server.refuses = server.refuses_signed = server.alias = false;
	server.served[0] = '\0';
	server.more = server.referral = NULL;
	server.updates = server.queries = 0;
}

static struct publisher_conf
conf_of_server(void)
{
	static char name[] = "primary";
	return (struct publisher_conf){.name = name, .type = PUBLISHER_RFC2136, .timeout_ms = 300, .servers = &endpoint,
	    .server_count = 1, .tsig_key = key_path};
}

static struct publish_outcome
ask_for(const char *old_text, const char *new_text)
{
	struct publisher_conf conf = conf_of_server();
	struct publish_change c = {.zone = ZONE, .owner = NAME, .old_text = old_text, .new_text = new_text, .ttl_s = 60};
	struct publish_outcome o;
	struct err err = ERR_INIT;
	if (publisher_change(&conf, &c, 1, &o, &err) != 0)
		fail_msg("%s", err.text);
	return o;
}

static void
check_outcome(const char *name, const struct publish_outcome *o, enum publish_result want, const char *words)
{
	if (o->result != want || strstr(o->text, words) == NULL)
		fail_msg("%s: result %d, wanted %d, with \"%s\" in: %s", name, (int)o->result, (int)want, words, o->text);
	assert_null(strstr(o->text, SECRET));
	hear(o->text);
}

static void
change_each_answer_has_its_words(void **state)
{
	static const struct {
		const char *name;
		enum form form;
		unsigned rcode, tsig_error;
		int64_t tsig_time;
		enum publish_result want;
		const char *words;
	} rows[] = {
	    {"formerr", SIGNED, LDNS_RCODE_FORMERR, 0, 0, PUBLISH_REFUSED, "FORMERR: it does not understand updates"},
	    {"servfail", SIGNED, LDNS_RCODE_SERVFAIL, 0, 0, PUBLISH_TEMPORARY, "SERVFAIL: it could not do it, its own log"},
	    {"notimp", SIGNED, LDNS_RCODE_NOTIMPL, 0, 0, PUBLISH_REFUSED, "does not do updates at all (NSD does not)"},
	    {"refused", SIGNED, LDNS_RCODE_REFUSED, 0, 0, PUBLISH_REFUSED, "key test may not change TXT records at " NAME},
	    {"notauth", SIGNED, LDNS_RCODE_NOTAUTH, 0, 0, PUBLISH_REFUSED, "it is not the primary of zone " ZONE},
	    {"notzone", SIGNED, LDNS_RCODE_NOTZONE, 0, 0, PUBLISH_REFUSED, NAME " does not lie in zone " ZONE},
	    {"odd rcode", SIGNED, 15, 0, 0, PUBLISH_REFUSED, "RCODE 15: an answer that updates do not have"},
	    {"yxdomain", SIGNED, LDNS_RCODE_YXDOMAIN, 0, 0, PUBLISH_REFUSED, "a name that nobody asked about"},
	    {"unsigned success", UNSIGNED, LDNS_RCODE_NOERROR, 0, 0, PUBLISH_TEMPORARY, "NOERROR, unsigned: anybody could"},
	    {"unsigned refusal", UNSIGNED, LDNS_RCODE_REFUSED, 0, 0, PUBLISH_TEMPORARY, "REFUSED, unsigned: it does not know the key, or"},
	    {"unsigned notimp", UNSIGNED, LDNS_RCODE_NOTIMPL, 0, 0, PUBLISH_TEMPORARY, "the answer was unsigned, so it is tried again"},
	    {"unsigned conflict", UNSIGNED, LDNS_RCODE_YXRRSET, 0, 0, PUBLISH_TEMPORARY, "YXRRSET, unsigned"},
	    {"another key's success", BY_OTHER_KEY, LDNS_RCODE_NOERROR, 0, 0, PUBLISH_TEMPORARY, "not by our key: not believed"},
	    {"old success", OLD, LDNS_RCODE_NOERROR, 0, 0, PUBLISH_TEMPORARY, "signed at another time than now"},
	    {"badsig", BARE_TSIG, LDNS_RCODE_NOTAUTH, TSIG_BADSIG, 0, PUBLISH_REFUSED, "BADSIG: it has a key named test, but with another secret"},
	    {"badkey", BARE_TSIG, LDNS_RCODE_NOTAUTH, TSIG_BADKEY, 0, PUBLISH_REFUSED, "acl does not let it change TXT records at " NAME},
	    {"badtrunc", BARE_TSIG, LDNS_RCODE_NOTAUTH, TSIG_BADTRUNC, 0, PUBLISH_REFUSED, "BADTRUNC: it takes only longer signatures"},
	    {"badtime", BARE_TSIG, LDNS_RCODE_NOTAUTH, TSIG_BADTIME, 946684800, PUBLISH_TEMPORARY,
		"BADTIME: its clock says 2000-01-01 00:00:00 UTC and ours "},
	    {"badtime unproven", BARE_TSIG, LDNS_RCODE_NOTAUTH, TSIG_BADTIME, 946684800, PUBLISH_TEMPORARY, "is not proven by key test"},
	    {"odd tsig error", BARE_TSIG, LDNS_RCODE_NOTAUTH, 99, 0, PUBLISH_REFUSED, "TSIG error 99"},
	    {"bare tsig, success", BARE_TSIG, LDNS_RCODE_NOERROR, 0, 0, PUBLISH_TEMPORARY, "not by our key: not believed"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ready(ANSWER, rows[i].form, rows[i].rcode);
		server.tsig_error = rows[i].tsig_error;
		server.tsig_time = rows[i].tsig_time;
		struct publish_outcome o = ask_for(NULL, RECORD);
		check_outcome(rows[i].name, &o, rows[i].want, rows[i].words);
		assert_false(o.read_back);
		assert_int_equal(o.server_time == NEVER, rows[i].form != SIGNED);
	}
}

static void
change_without_an_answer_is_temporary(void **state)
{
	static const struct {
		const char *name;
		enum deed deed;
		const char *words;
	} rows[] = {
	    {"hung up", HANG_UP, "hung up without an answer; perhaps the change was made"},
	    {"silent", BE_SILENT, "did not answer in time; perhaps the change was made"},
	    {"another identifier", WRONG_ID, "what came back is no DNS answer"},
	    {"garbage", GARBAGE, "what came back is no DNS answer"},
	    {"the query back", QUERY_BACK, "what came back is no DNS answer"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ready(rows[i].deed, SIGNED, LDNS_RCODE_NOERROR);
		struct publish_outcome o = ask_for(NULL, RECORD);
		check_outcome(rows[i].name, &o, PUBLISH_TEMPORARY, rows[i].words);
		poll(NULL, 0, rows[i].deed == BE_SILENT ? 400 : 30);
	}
}

static void
change_applied_but_answer_lost_is_done_next_time(void **state)
{
	(void)state;
	ready(HANG_UP_AFTER, SIGNED, LDNS_RCODE_NOERROR);
	server.applies = true;
	struct publish_outcome o = ask_for(NULL, RECORD);
	check_outcome("lost", &o, PUBLISH_TEMPORARY, "perhaps the change was made");
	server.deed = ANSWER;
	o = ask_for(NULL, RECORD);
	check_outcome("again", &o, PUBLISH_DONE, "stood already at");
	assert_true(o.read_back);
}

static void
change_done_is_read_back(void **state)
{
	(void)state;
	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	server.applies = true;
	struct publish_outcome o = ask_for(NULL, RECORD);
	check_outcome("read back", &o, PUBLISH_DONE, "published at");
	assert_true(o.read_back && o.server_time != NEVER && o.our_time != NEVER);
	assert_int_equal(server.queries, 1);

	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	server.applies = server.refuses_signed = true;
	o = ask_for(NULL, RECORD);
	check_outcome("read back unsigned", &o, PUBLISH_DONE, "published at");
	assert_true(o.read_back);
	assert_int_equal(server.queries, 2);

	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	server.applies = server.refuses = true;
	o = ask_for(NULL, RECORD);
	check_outcome("not read back", &o, PUBLISH_DONE, "not read back: it answers questions with REFUSED");
	assert_false(o.read_back);
}

static void
change_noerror_that_did_nothing_is_not_done(void **state)
{
	(void)state;
	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	struct publish_outcome o = ask_for(NULL, RECORD);
	check_outcome("nothing", &o, PUBLISH_PENDING, "said NOERROR and shows no TXT record");
	server.alias = true;
	o = ask_for(NULL, RECORD);
	check_outcome("alias", &o, PUBLISH_FOREIGN, "holds a CNAME to else.test");
	server.alias = false;
	snprintf(server.served, sizeof(server.served), "another");
	o = ask_for(NULL, RECORD);
	check_outcome("another", &o, PUBLISH_FOREIGN, "the TXT record \"another\"");
	snprintf(server.served, sizeof(server.served), "%s", RECORD);
	o = ask_for(RECORD, GONE);
	check_outcome("still old", &o, PUBLISH_PENDING, "shows the TXT record \"" RECORD "\"");
}

static void
change_in_conflict_names_what_is_there(void **state)
{
	(void)state;
	ready(ANSWER, SIGNED, LDNS_RCODE_YXRRSET);
	snprintf(server.served, sizeof(server.served), "another");
	struct publish_outcome o = ask_for(NULL, RECORD);
	check_outcome("foreign", &o, PUBLISH_FOREIGN, "the TXT record \"another\"");
	server.refuses = true;
	o = ask_for(NULL, RECORD);
	check_outcome("cannot be read", &o, PUBLISH_TEMPORARY, "YXRRSET, and what stands there cannot be read");
	ready(ANSWER, SIGNED, LDNS_RCODE_NXRRSET);
	o = ask_for(RECORD, GONE);
	check_outcome("gone", &o, PUBLISH_FOREIGN, "holds no TXT record any more");
	o = ask_for(RECORD, NULL);
	check_outcome("removed before", &o, PUBLISH_DONE, "was gone already at");
	snprintf(server.served, sizeof(server.served), "%s", RECORD);
	server.updates = 0;
	o = ask_for(RECORD, GONE);
	check_outcome("ours, twice", &o, PUBLISH_TEMPORARY, "someone changes it just now");
	assert_int_equal(server.updates, 2); /* the second with the record as it is served */
}

static void
change_tells_what_else_stands_there(void **state)
{
	(void)state;
	ready(ANSWER, SIGNED, LDNS_RCODE_YXRRSET);
	server.more = "a.test. 60 IN DNAME b.test.";
	struct publish_outcome o = ask_for(NULL, RECORD);
	check_outcome("DNAME", &o, PUBLISH_FOREIGN, "a DNAME above it to b.test");
	ready(ANSWER, SIGNED, LDNS_RCODE_YXRRSET);
	snprintf(server.served, sizeof(server.served), "another");
	server.more = NAME ". 60 IN TXT \"more\"";
	o = ask_for(NULL, RECORD);
	check_outcome("two records", &o, PUBLISH_FOREIGN, "2 TXT records, one of them");
	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	server.referral = "_domainkey.a.test. 60 IN NS ns.b.test.";
	o = ask_for(NULL, RECORD);
	check_outcome("delegation", &o, PUBLISH_REFUSED, "so records of this zone are not seen there");
	ready(ANSWER, BARE_TSIG, LDNS_RCODE_NOTAUTH);
	server.tsig_error = TSIG_BADTIME;
	o = ask_for(NULL, RECORD);
	check_outcome("badtime without a time", &o, PUBLISH_TEMPORARY, "BADTIME: its clock and ours are more than 300 s apart");
	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	o = ask_for(RECORD, NULL);
	check_outcome("removed", &o, PUBLISH_DONE, "removed at");
}

static void
change_next_server_is_tried(void **state)
{
	struct publisher_conf conf = conf_of_server();
	struct dns_endpoint two[2] = {endpoint, endpoint};
	struct publish_change c = {.zone = ZONE, .owner = NAME, .new_text = RECORD, .ttl_s = 60};
	struct publish_outcome o;
	struct err err = ERR_INIT;
	(void)state;
	ready(ANSWER, SIGNED, LDNS_RCODE_NOERROR);
	server.applies = true;
	two[0].addr.octet[3] = 77; /* nothing listens there */
	conf.servers = two;
	conf.server_count = 2;
	assert_int_equal(publisher_change(&conf, &c, 1, &o, &err), 0);
	check_outcome("second", &o, PUBLISH_DONE, "published at 127.0.0.1");
	conf.server_count = 1;
	assert_int_equal(publisher_change(&conf, &c, 1, &o, &err), 0);
	check_outcome("closed", &o, PUBLISH_TEMPORARY, "127.0.0.77 port");
	check_outcome("closed", &o, PUBLISH_TEMPORARY, "connection refused");
}

static void
change_hook_result_is_its_exit_status_and_answer(void **state)
{
	static const struct {
		const char *name, *script;
		enum publish_result want;
		const char *words;
	} rows[] = {
	    {"done", "exit 0", PUBLISH_DONE, "exit status 0"},
	    {"done with words", "echo fine", PUBLISH_DONE, "exit status 0: fine"},
	    {"temporary", "echo later >&2; exit 75", PUBLISH_TEMPORARY, "exit status 75: later"},
	    {"refused", "echo no >&2; exit 1", PUBLISH_REFUSED, "exit status 1: no"},
	    {"killed", "kill -9 $$", PUBLISH_TEMPORARY, "killed by signal 9"},
	    {"too long", "sleep 5", PUBLISH_TEMPORARY, "still running after 300 ms: stopped"},
	    {"json done", "echo '{\"result\":\"done\",\"text\":\"change 7\"}'", PUBLISH_DONE, "the hook says: done: change 7"},
	    {"json pending", "echo '{\"result\":\"pending\"}'", PUBLISH_PENDING, "the hook says: pending"},
	    {"json foreign", "echo '{\"result\":\"foreign\",\"text\":\"x\"}'", PUBLISH_FOREIGN, "foreign: x"},
	    {"json of another result", "echo '{\"result\":\"maybe\"}'", PUBLISH_REFUSED, "is no JSON object with a result of"},
	    {"json that breaks off", "echo '{\"result\":'", PUBLISH_REFUSED, "is no JSON object with a result of"},
	    {"json too long", "printf '{\"result\":\"done\",\"text\":\"'; head -c 9000 /dev/zero | tr '\\0' x; echo '\"}'",
		PUBLISH_REFUSED, "or longer than 4 KiB"},
	    {"answer of one that failed", "echo '{\"result\":\"done\"}'; exit 1", PUBLISH_REFUSED, "exit status 1"},
	    {"input", "grep -q '\"owner\": \"" NAME "\"' && exit 0; exit 1", PUBLISH_DONE, ""},
	    {"input, old", "grep -q '\"old\": null' && exit 0; exit 1", PUBLISH_DONE, ""},
	    {"input, strings", "grep -q '\"strings\": \\[\"" RECORD "\"\\]' && exit 0; exit 1", PUBLISH_DONE, ""},
	    {"environment", "[ \"$(env | grep -v '^\\(PWD\\|_\\|SHLVL\\)=' | cut -d= -f1)\" = PATH ]", PUBLISH_DONE, ""},
	    {"no terminal codes", "printf 'a\\033[1mb\\n'; exit 1", PUBLISH_REFUSED, ": a [1mb"},
	};
	char shell[] = "/bin/sh", option[] = "-c", name[] = "hook";
	struct publish_change c = {.zone = ZONE, .owner = NAME, .new_text = RECORD, .ttl_s = 60};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *script = strdup(rows[i].script), *argv[] = {shell, option, script};
		struct publisher_conf conf = {.name = name, .type = PUBLISHER_HOOK, .timeout_ms = i == 5 ? 300 : 10000, .program = argv,
		    .program_count = 3};
		struct publish_outcome o;
		struct err err = ERR_INIT;
		assert_int_equal(publisher_change(&conf, &c, 1, &o, &err), 0);
		check_outcome(rows[i].name, &o, rows[i].want, rows[i].words);
		assert_int_equal(o.server_time == NEVER, true);
		free(script);
	}
}

static void
check_missing_or_foreign_option_is_named(void **state)
{
	static char name[] = "x", path[] = "/k", bare[] = "relative", zone[] = "A.Test";
	static char *argv[] = {path}, *bare_argv[] = {bare};
	const struct {
		const char *words;
		struct publisher_conf conf;
	} rows[] = {
	    {NULL, {.type = PUBLISHER_RFC2136, .servers = &endpoint, .server_count = 1, .tsig_key = path}},
	    {"type rfc2136 needs `server`", {.type = PUBLISHER_RFC2136, .tsig_key = path}},
	    {"type rfc2136 needs `tsig_key`", {.type = PUBLISHER_RFC2136, .servers = &endpoint, .server_count = 1}},
	    {"`program` is for publishers of type hook",
		{.type = PUBLISHER_RFC2136, .servers = &endpoint, .server_count = 1, .tsig_key = path, .program = argv, .program_count = 1}},
	    {NULL, {.type = PUBLISHER_ZONE_FILE, .file = path, .reload = argv, .reload_count = 1}},
	    {"type zone-file needs `file`", {.type = PUBLISHER_ZONE_FILE, .reload = argv, .reload_count = 1}},
	    {"type zone-file needs `reload`", {.type = PUBLISHER_ZONE_FILE, .file = path}},
	    {"is not an absolute path", {.type = PUBLISHER_ZONE_FILE, .file = bare, .reload = argv, .reload_count = 1}},
	    {"no shell looks for it", {.type = PUBLISHER_ZONE_FILE, .file = path, .reload = bare_argv, .reload_count = 1}},
	    {"no shell looks for it",
		{.type = PUBLISHER_ZONE_FILE, .file = path, .check = bare_argv, .check_count = 1, .reload = argv, .reload_count = 1}},
	    {"`tsig_key` is for publishers of type rfc2136", {.type = PUBLISHER_HOOK, .program = argv, .program_count = 1, .tsig_key = path}},
	    {NULL, {.type = PUBLISHER_HOOK, .program = argv, .program_count = 1}},
	    {"type hook needs `program`", {.type = PUBLISHER_HOOK}},
	    {"lower case, no final dot", {.type = PUBLISHER_HOOK, .program = argv, .program_count = 1, .zone = zone}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct publisher_conf conf = rows[i].conf;
		struct err err = ERR_INIT;
		conf.name = name;
		conf.timeout_ms = 1000;
		int rc = publisher_check(&conf, &err);
		if (rc != (rows[i].words == NULL ? 0 : -1) || (rows[i].words != NULL && strstr(err.text, rows[i].words) == NULL))
			fail_msg("row %zu: %d: %s", i, rc, err.text);
		conf.timeout_ms = 0;
		assert_int_equal(publisher_check(&conf, &err), -1);
	}
}

static void
change_what_is_no_change_is_refused(void **state)
{
	static const struct {
		const char *name;
		struct publish_change c;
	} rows[] = {
	    {"outside the zone", {ZONE, "s.b.test", NULL, RECORD, 60, NULL}},
	    {"upper case", {ZONE, "S." ZONE, NULL, RECORD, 60, NULL}},
	    {"final dot", {ZONE, "s." ZONE ".", NULL, RECORD, 60, NULL}},
	    {"empty label", {ZONE, "s.." ZONE, NULL, RECORD, 60, NULL}},
	    {"blank", {ZONE, "s s." ZONE, NULL, RECORD, 60, NULL}},
	    {"newline", {ZONE, "s\n." ZONE, NULL, RECORD, 60, NULL}},
	    {"nothing to do", {ZONE, NAME, NULL, NULL, 60, NULL}},
	    {"newline in the text", {ZONE, NAME, NULL, "v=DKIM1;\np=", 60, NULL}},
	    {"octets above ASCII", {ZONE, NAME, NULL, "v=DKIM1; n=\xc3\xa9", 60, NULL}},
	    {"negative TTL", {ZONE, NAME, NULL, RECORD, -1, NULL}},
	    {"TTL too large", {ZONE, NAME, NULL, RECORD, INT64_C(1) << 31, NULL}},
	    {"a receipt that leads elsewhere", {ZONE, NAME, NULL, RECORD, 60, "../C1"}},
	    {"a long receipt", {ZONE, NAME, NULL, RECORD, 60, "C123456789012345678901234567890123456789012345678901234567890123"}},
	};
	struct publisher_conf conf = conf_of_server();
	struct publish_outcome o;
	struct err err = ERR_INIT;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (publisher_change(&conf, &rows[i].c, 1, &o, &err) != -1 || err.kind != ERR_INPUT)
			fail_msg("%s: was taken", rows[i].name);
	}
	assert_int_equal(publisher_change(&conf, &rows[0].c, 0, &o, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void
change_key_file_that_others_read_is_refused(void **state)
{
	struct publisher_conf conf = conf_of_server();
	struct publish_change c = {.zone = ZONE, .owner = NAME, .new_text = RECORD, .ttl_s = 60};
	struct publish_outcome o;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(chmod(key_path, 0644), 0);
	assert_int_equal(publisher_change(&conf, &c, 1, &o, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "mode 0644"));
	assert_int_equal(chmod(key_path, 0640), 0);
}

static void
show_has_no_secret(void **state)
{
	struct publisher_conf conf = conf_of_server();
	struct publish_change c = {.zone = ZONE, .owner = NAME, .old_text = RECORD, .new_text = "a\"b\\c", .ttl_s = 60};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(publisher_show(&conf, &c, 1, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "prereq yxrrset " NAME ". TXT \"" RECORD "\"\nupdate delete " NAME ". TXT\n"
					      "update add " NAME ". 60 TXT \"a\\\"b\\\\c\"\nsend\n"));
	assert_null(strstr(buf_str(&out), SECRET));
	buf_deinit(&out);
}

/* What explain, and check as D48, tell of a publisher that was asked. */
static const struct said_row SAID[] = {
    {"s1._domainkey.a.test holds a DNAME above it to b.test; a TXT record cannot stand beside it, so nothing was changed.  Remove the alias, or use mode slots",
	"DNAME"},
    {"s1._domainkey.a.test holds 2 TXT records, one of them \"*\", which is not what signpost put there; nothing was changed.  Remove it, or let the other tool go",
	"two records"},
    {"s1._domainkey.a.test: _domainkey.a.test is delegated to other name servers, so records of this zone are not seen there: name that zone and its primary",
	"delegation"},
    {"127.0.0.1 port *: BADTIME: its clock and ours are more than 300 s apart; set the one that is wrong", "badtime without a time"},
    {"s1._domainkey.a.test: removed at 127.0.0.1 port *", "removed"},
    {"127.0.0.1 port *: FORMERR: it does not understand updates", "formerr"},
    {"127.0.0.1 port *: SERVFAIL: it could not do it, its own log says why (a journal or zone file that it cannot write, a zone that is frozen)", "servfail"},
    {"127.0.0.1 port *: NOTIMP: it does not do updates at all (NSD does not): use a publisher of type zone-file, or name the primary", "notimp"},
    {"127.0.0.1 port *: REFUSED: key test may not change TXT records at s1._domainkey.a.test, or updates of zone a.test are not allowed at all: allow them in its configuration", "refused"},
    {"127.0.0.1 port *: NOTAUTH: it is not the primary of zone a.test: name the primary, or the zone that really holds s1._domainkey.a.test", "notauth"},
    {"127.0.0.1 port *: NOTZONE: s1._domainkey.a.test does not lie in zone a.test", "notzone"},
    {"127.0.0.1 port *: RCODE 15: an answer that updates do not have", "odd rcode"},
    {"127.0.0.1 port *: YXDOMAIN: it reports a name that nobody asked about", "yxdomain"},
    {"127.0.0.1 port *: NOERROR, unsigned: anybody could have said that, so it is not believed", "unsigned success"},
    {"127.0.0.1 port *: REFUSED, unsigned: it does not know the key, or its clock and ours are more than 300 s apart (PowerDNS says both so), or it takes no updates of this zone from this address", "unsigned refusal"},
    {"127.0.0.1 port *: NOTIMP: it does not do updates at all (NSD does not): use a publisher of type zone-file, or name the primary; the answer was unsigned, so it is tried again", "unsigned notimp"},
    {"127.0.0.1 port *: YXRRSET, unsigned: anybody could have said that, so it is not believed", "unsigned conflict"},
    {"127.0.0.1 port *: NOERROR, with a signature that is not by our key: not believed", "another key's success"},
    {"127.0.0.1 port *: NOERROR, but signed at another time than now: an old answer, not believed", "old success"},
    {"127.0.0.1 port *: BADSIG: it has a key named test, but with another secret or algorithm: copy the key file anew", "badsig"},
    {"127.0.0.1 port *: BADKEY: it has no key named test of algorithm hmac-sha256; Knot says the same when it has the key and its acl does not let it change TXT records at s1._domainkey.a.test: look at both", "badkey"},
    {"127.0.0.1 port *: BADTRUNC: it takes only longer signatures than those of hmac-sha256: make a key of hmac-sha512", "badtrunc"},
    {"127.0.0.1 port *: BADTIME: its clock says 2000-01-01 00:00:00 UTC and ours * UTC, ours is * s ahead; TSIG bears 300 s.  Set the clock that is wrong (`chronyc tracking` or `timedatectl` shows this host's); the time it tells is not proven by key test", "badtime"},
    {"127.0.0.1 port *: TSIG error 99", "odd tsig error"},
    {"127.0.0.1 port *: it took the message and hung up without an answer; perhaps the change was made, which the next try finds out", "hung up"},
    {"127.0.0.1 port *: it took the message and did not answer in time; perhaps the change was made, which the next try finds out", "silent"},
    {"127.0.0.1 port *: what came back is no DNS answer", "another identifier"},
    {"s1._domainkey.a.test: stood already at 127.0.0.1 port *", "again"},
    {"s1._domainkey.a.test: published at 127.0.0.1 port *", "read back"},
    {"s1._domainkey.a.test: taken, but not read back: it answers questions with REFUSED; the sweep is the proof", "not read back"},
    {"s1._domainkey.a.test: the server said NOERROR and shows no TXT record: it has not done it yet, or its policy skips in silence what the key may not do (PowerDNS)", "nothing"},
    {"s1._domainkey.a.test holds a CNAME to else.test; a TXT record cannot stand beside it, so nothing was changed.  Remove the alias, or use mode slots", "alias"},
    {"s1._domainkey.a.test holds the TXT record \"another\", which is not what signpost put there; nothing was changed.  Remove it, or let the other tool go", "another"},
    {"s1._domainkey.a.test: the server said NOERROR and shows the TXT record \"v=DKIM1; p=one\": it has not done it yet, or its policy skips in silence what the key may not do (PowerDNS)", "still old"},
    {"s1._domainkey.a.test: YXRRSET, and what stands there cannot be read: it answers questions with REFUSED", "cannot be read"},
    {"s1._domainkey.a.test holds no TXT record any more, where ours was to be replaced: someone removed it; nothing was changed", "gone"},
    {"s1._domainkey.a.test: was gone already at 127.0.0.1 port *", "removed before"},
    {"s1._domainkey.a.test: NXRRSET, though it shows the TXT record \"v=DKIM1; p=one\": someone changes it just now", "ours, twice"},
    {"127.0.0.77 port *: connection refused, nothing listens there", "closed"},
    {"s1._domainkey.a.test: /bin/sh: exit status 0", "done"},
    {"s1._domainkey.a.test: /bin/sh: exit status 0: fine", "done with words"},
    {"s1._domainkey.a.test: /bin/sh: exit status 75: later", "temporary"},
    {"s1._domainkey.a.test: /bin/sh: exit status 1: no", "refused"},
    {"s1._domainkey.a.test: /bin/sh: killed by signal 9 (Killed)", "killed"},
    {"s1._domainkey.a.test: /bin/sh: still running after 300 ms: stopped", "too long"},
    {"s1._domainkey.a.test: the hook says: done: change 7", "json done"},
    {"s1._domainkey.a.test: the hook says: pending", "json pending"},
    {"s1._domainkey.a.test: the hook says: foreign: x", "json foreign"},
    {"s1._domainkey.a.test: /bin/sh: exit status 0: {\"result\":\"maybe\"}; its answer is no JSON object with a result of done, pending or foreign", "json of another result"},
    {"s1._domainkey.a.test: /bin/sh: exit status 0: {\"result\":; its answer is no JSON object with a result of done, pending or foreign", "json that breaks off"},
    {"s1._domainkey.a.test: /bin/sh: exit status 0: *; its answer is no JSON object with a result of done, pending or foreign, or longer than 4 KiB", "json too long"},
    {"s1._domainkey.a.test: /bin/sh: exit status 1: {\"result\":\"done\"}", "answer of one that failed"},
};

static void
outcomes_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(change_each_answer_has_its_words),
	    cmocka_unit_test(change_without_an_answer_is_temporary),
	    cmocka_unit_test(change_applied_but_answer_lost_is_done_next_time),
	    cmocka_unit_test(change_done_is_read_back),
	    cmocka_unit_test(change_noerror_that_did_nothing_is_not_done),
	    cmocka_unit_test(change_in_conflict_names_what_is_there),
	    cmocka_unit_test(change_next_server_is_tried),
	    cmocka_unit_test(change_hook_result_is_its_exit_status_and_answer),
	    cmocka_unit_test(check_missing_or_foreign_option_is_named),
	    cmocka_unit_test(change_what_is_no_change_is_refused),
	    cmocka_unit_test(change_key_file_that_others_read_is_refused),
	    cmocka_unit_test(show_has_no_secret),
	    cmocka_unit_test(change_tells_what_else_stands_there),
	    cmocka_unit_test(outcomes_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
