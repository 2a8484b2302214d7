/* SPDX-License-Identifier: ISC */
/* Updates to the primary.  Several changes are one message, done as a whole; when one of them stands in the way each
 * is sent alone, so that the others are done.  What was done is read back: NOERROR alone proves nothing. */
#include "keys/dns_wire.h"
#include "keys/publish_answer.h"
#include "keys/publish_type.h"
#include "keys/publish_update.h"
#include "keys/zone_include.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOKS_AGAIN   2 /* after NOERROR, at names that do not show it yet; in one call */
#define LOOK_AGAIN_MS 100

struct job {
	const struct publisher_conf *conf;
	const struct publish_change *changes;
	struct publish_outcome *outcomes;
	struct tsig_key key;
	struct dns_tcp tcp;
	int64_t until_ms;
	size_t server; /* that is asked now */
	unsigned looks_again;
	struct publish_talk talk;
	struct err *err;
};

static int
check(const struct publisher_conf *conf, struct err *err)
{
	if (conf->server_count == 0)
		return publish_need(conf, "server", NULL, err);
	return publish_need(conf, "tsig_key", conf->tsig_key, err);
}

/* Each server has its share of the time that is left. */
static void
turn_to(struct job *j, size_t server)
{
	int64_t now = dns_now_ms();
	int64_t share = (j->until_ms - now) / (int64_t)(j->conf->server_count - server);
	j->server = server;
	j->talk.server = &j->conf->servers[server];
	dns_tcp_deinit(&j->tcp);
	dns_tcp_init(&j->tcp, j->talk.server, now + share);
}

static void
say_unreached(struct job *j, size_t from, size_t count)
{
	char text[DNS_TCP_TEXT_LEN];
	dns_tcp_text(&j->tcp, text);
	for (size_t i = from; i < from + count; i++)
		publish_say(&j->outcomes[i], PUBLISH_TEMPORARY, "%s%s", text,
		    j->tcp.end == DNS_TCP_LOST
			? "; perhaps the change was made, which the next try finds out"
			: "");
}

static ldns_pkt *
make_packet(struct job *j, size_t from, size_t count, const ldns_rr *served)
{
	struct update u;
	update_init(&u);
	for (size_t i = from; i < from + count; i++)
		update_put_change(&u, &j->changes[i], served);
	return update_packet(&u, j->talk.zone, j->err);
}

/* To the server of the moment, or the next that answers.  -1: a failure of ours. */
static int
send_update(struct job *j, size_t from, size_t count, const ldns_rr *served, struct tsig_reply *r)
{
	for (;;) {
		ldns_pkt *pkt = make_packet(j, from, count, served);
		if (pkt == NULL || tsig_ask(&j->tcp, &j->key, pkt, r, j->err) != 0)
			return -1;
		if (r->end == DNS_TCP_REPLY) {
			j->tcp.until_ms = j->until_ms; /* it lives: it has all the time */
			return 0;
		}
		if (j->server + 1 >= j->conf->server_count)
			return 0;
		turn_to(j, j->server + 1);
	}
}

/* A name beside owner that nobody has answers the same: a wildcard. */
static int
is_wildcard(struct job *j, const char *owner, const struct name_state *there, bool *is)
{
	char sibling[SWEEP_NAME_LEN];
	uint8_t random[8];
	struct name_state s;
	*is = false;
	if (RAND_bytes(random, sizeof(random)) != 1)
		return err_set(j->err, ERR_CRYPTO, "no random numbers for a name");
	int len = snprintf(sibling, sizeof(sibling), "signpost-%02x%02x%02x%02x%02x%02x%02x%02x.%s",
	    random[0], random[1], random[2], random[3], random[4], random[5], random[6], random[7],
	    dns_name_parent(owner));
	if (len < 0 || (size_t)len >= sizeof(sibling))
		return 0;
	if (publish_read_back(&j->tcp, &j->key, sibling, &s, j->err) != 0)
		return -1;
	*is = s.holds == there->holds && strcmp(s.text, there->text) == 0;
	name_state_deinit(&s);
	return 0;
}

/* The name shows what the change wanted.  -1: a failure of ours. */
static int
goal_is_reached(struct job *j, const struct publish_change *c, const struct name_state *s, bool *is)
{
	*is = c->new_text != NULL ? name_state_is(s, c->new_text) : s->holds == HOLDS_NOTHING;
	bool other =
	    s->holds == HOLDS_ALIAS || (s->holds == HOLDS_TXT && !name_state_is(s, c->old_text));
	if (c->new_text != NULL || !other)
		return 0;
	return is_wildcard(j, c->owner, s, is);
}

/* Reads the name.  -1: a failure of ours, and *s is nothing. */
static int
read_goal(struct job *j, const struct publish_change *c, struct name_state *s, bool *is)
{
	if (publish_read_back(&j->tcp, &j->key, c->owner, s, j->err) != 0)
		return -1;
	if (goal_is_reached(j, c, s, is) == 0)
		return 0;
	name_state_deinit(s);
	return -1;
}

static void
say_done(
    const struct job *j, const struct publish_change *c, const char *how, struct publish_outcome *o)
{
	char addr[IP_TEXT_LEN];
	ip_addr_format(&j->talk.server->addr, addr);
	o->read_back = true;
	publish_say(o, PUBLISH_DONE, "%s: %s %s port %u", c->owner, how, addr,
	    (unsigned)j->talk.server->port);
}

/* One look after a believed NOERROR.  *shows: it is settled what the name shows. */
static int
look(struct job *j, size_t i, bool *shows)
{
	const struct publish_change *c = &j->changes[i];
	struct publish_outcome *o = &j->outcomes[i];
	struct name_state s;
	bool reached = false;
	if (read_goal(j, c, &s, &reached) != 0)
		return -1;
	bool unchanged = s.holds == HOLDS_NOTHING || name_state_is(&s, c->old_text);
	*shows = reached || !unchanged;
	if (reached)
		say_done(j, c, c->new_text == NULL ? "removed at" : "published at", o);
	else if (unchanged)
		publish_say(o, PUBLISH_PENDING,
		    "%s: the server said NOERROR and shows %s: it has not done it yet, or its "
		    "policy skips in silence what the key may not do (PowerDNS)",
		    c->owner, s.text);
	else if (s.holds != HOLDS_UNKNOWN)
		name_state_say_foreign(&s, c, o);
	else if (o->result != PUBLISH_PENDING) /* what an earlier look saw stays */
		publish_say(o, PUBLISH_DONE,
		    "%s: taken, but not read back: %s; the sweep is the proof", c->owner, s.text);
	name_state_deinit(&s);
	return 0;
}

static int
settle_done(struct job *j, size_t i)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
	bool shows = false;
	int rc = look(j, i, &shows);
	while (rc == 0 && !shows && j->looks_again > 0) {
		j->looks_again--;
		nanosleep(&pause, NULL);
		rc = look(j, i, &shows);
	}
	return rc;
}

static int send_one(struct job *, size_t i, const ldns_rr *served);

/* A condition did not hold: done already, foreign, or ours but with its strings cut otherwise. */
static int
settle_conflict(struct job *j, size_t i, const char *rcode, bool second)
{
	const struct publish_change *c = &j->changes[i];
	struct publish_outcome *o = &j->outcomes[i];
	struct name_state s;
	bool reached = false;
	int rc = 0;
	if (read_goal(j, c, &s, &reached) != 0)
		return -1;
	bool ours = name_state_is(&s, c->old_text);
	if (reached)
		say_done(j, c, c->new_text == NULL ? "was gone already at" : "stood already at", o);
	else if (ours && !second)
		rc = send_one(j, i, s.txt);
	else if (s.holds == HOLDS_UNKNOWN)
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s: %s, and what stands there cannot be read: %s", c->owner, rcode, s.text);
	else if (ours || (c->old_text == NULL && s.holds == HOLDS_NOTHING))
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s: %s, though it shows %s: someone changes it just now", c->owner, rcode,
		    s.text);
	else
		name_state_say_foreign(&s, c, o);
	name_state_deinit(&s);
	return rc;
}

static bool
is_conflict(const struct tsig_reply *r)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(r->pkt);
	return r->trust == TSIG_VERIFIED &&
	       (rcode == LDNS_RCODE_YXRRSET || rcode == LDNS_RCODE_NXRRSET);
}

static bool
is_done(const struct tsig_reply *r)
{
	return r->trust == TSIG_VERIFIED && r->tsig_error == TSIG_NOERROR &&
	       ldns_pkt_get_rcode(r->pkt) == LDNS_RCODE_NOERROR;
}

static int
send_one(struct job *j, size_t i, const ldns_rr *served)
{
	struct tsig_reply r;
	char rcode[DNS_RCODE_LEN];
	int rc = 0;
	if (send_update(j, i, 1, served, &r) != 0)
		return -1;
	if (r.end != DNS_TCP_REPLY) {
		say_unreached(j, i, 1);
		return 0;
	}
	publish_note_clock(&r, &j->outcomes[i]);
	dns_rcode_text(r.pkt, rcode);
	if (is_done(&r))
		rc = settle_done(j, i);
	else if (is_conflict(&r))
		rc = settle_conflict(j, i, rcode, served != NULL);
	else
		publish_judge(&j->talk, &r, j->changes[i].owner, &j->outcomes[i]);
	tsig_reply_deinit(&r);
	return rc;
}

/* Would each alone fare the same? */
static bool
stands_for_all(const struct tsig_reply *r)
{
	switch ((int)ldns_pkt_get_rcode(r->pkt)) {
	case LDNS_RCODE_YXRRSET:
	case LDNS_RCODE_NXRRSET:
	case LDNS_RCODE_REFUSED:
	case LDNS_RCODE_NOTZONE:
		return false;
	default: /* Knot's acl says BADKEY for one name */
		return r->tsig_error != TSIG_BADKEY;
	}
}

static int
send_range(struct job *j, size_t from, size_t count)
{
	struct tsig_reply r;
	int rc = 0;
	if (count == 1)
		return send_one(j, from, NULL);
	if (send_update(j, from, count, NULL, &r) != 0)
		return -1;
	if (r.end != DNS_TCP_REPLY) {
		say_unreached(j, from, count);
		return 0;
	}
	bool done = is_done(&r), all = stands_for_all(&r);
	for (size_t i = from; rc == 0 && i < from + count; i++) {
		publish_note_clock(&r, &j->outcomes[i]);
		if (done)
			rc = settle_done(j, i);
		else if (all)
			publish_judge(&j->talk, &r, j->changes[i].owner, &j->outcomes[i]);
		else
			rc = send_one(j, i, NULL);
	}
	tsig_reply_deinit(&r);
	return rc;
}

static int
change(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct publish_outcome *outcomes, struct err *err)
{
	struct job j = {.conf = conf,
	    .changes = changes,
	    .outcomes = outcomes,
	    .looks_again = LOOKS_AGAIN,
	    .err = err};
	if (tsig_key_load(conf->tsig_key, &j.key, err) != 0)
		return err_wrap(err, "publisher %s", conf->name);
	j.talk = (struct publish_talk){.key = &j.key, .zone = publish_zone_of(conf, &changes[0])};
	j.until_ms = dns_now_ms() + conf->timeout_ms;
	j.tcp.fd = -1;
	turn_to(&j, 0);
	int rc = 0;
	for (size_t from = 0, n; rc == 0 && from < count; from += n) {
		size_t len = 0;
		for (n = 0; from + n < count && (n == 0 || len < UPDATE_LEN_MAX); n++)
			len += update_change_len(&changes[from + n]);
		rc = send_range(&j, from, n);
	}
	dns_tcp_deinit(&j.tcp);
	tsig_key_wipe(&j.key);
	return rc == 0 ? 0 : err_wrap(err, "publisher %s", conf->name);
}

static void
show_change(const struct publish_change *c, struct buf *out)
{
	buf_printf(out, "prereq nxrrset %s. CNAME\n", c->owner);
	if (c->old_text == NULL) {
		buf_printf(out, "prereq nxrrset %s. TXT\n", c->owner);
	} else {
		buf_printf(out, "prereq yxrrset %s. TXT ", c->owner);
		zone_put_strings(out, c->old_text);
		buf_printf(out, "\nupdate delete %s. TXT\n", c->owner);
	}
	if (c->new_text == NULL)
		return;
	buf_printf(out, "update add %s. %lld TXT ", c->owner, (long long)c->ttl_s);
	zone_put_strings(out, c->new_text);
	buf_put_byte(out, '\n');
}

/* As nsupdate(1) would be told, but for the secret. */
static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	struct tsig_key key;
	char addr[IP_TEXT_LEN];
	if (tsig_key_load(conf->tsig_key, &key, err) != 0)
		return err_wrap(err, "publisher %s", conf->name);
	for (size_t i = 0; i < conf->server_count; i++) {
		ip_addr_format(&conf->servers[i].addr, addr);
		buf_printf(out, "%sserver %s %u\n", i == 0 ? "" : "; or ", addr,
		    (unsigned)conf->servers[i].port);
	}
	buf_printf(out, "; by TCP, signed with key %s (%s) of %s\n", key.name, key.algorithm,
	    conf->tsig_key);
	buf_printf(out, "zone %s.\n", publish_zone_of(conf, &changes[0]));
	for (size_t i = 0; i < count; i++)
		show_change(&changes[i], out);
	buf_put_str(out, "send\n");
	tsig_key_wipe(&key);
	return 0;
}

const struct publish_type publish_rfc2136 = {
    "rfc2136", check, change, show, publish_rfc2136_rights, publish_rfc2136_try_rights, NULL};
