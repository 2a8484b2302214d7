/* SPDX-License-Identifier: ISC */
/* fixture_pass.h - a world for passes: a clock, one name server per test, a publisher, a milter, all in memory that a killed
 * child shares with its parent.
 *
 * Threads: one world, one thread. */
#ifndef SIGNPOST_TESTS_UNIT_FIXTURE_PASS_H
#define SIGNPOST_TESTS_UNIT_FIXTURE_PASS_H

#include "base/file.h"
#include "keys/sweep_verdict.h"
#include "signpost/keymaker.h"
#include "signpost/pass.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define BEGIN	    1795305600
#define RECORDS_MAX 256

struct world_record {
	char owner[SWEEP_NAME_LEN];
	char text[RECORD_LEN_MAX + 1];
};

/* Shared with children. */
struct world {
	int64_t now, boot;
	struct world_record records[RECORDS_MAX];
	size_t count;
	bool mute, publisher_down, publisher_refuses;
	bool publisher_slow;   /* what it takes is not yet in force */
	unsigned changes;      /* that it took then, each with a number */
	bool no_zone;	       /* nobody tells where one is */
	bool wildcard;	       /* siblings are answered, too */
	int64_t ttl, negative; /* that the server has; 0: 60 and 30 */
	bool milter_stuck, milter_silent;
	int64_t queue_oldest;
	bool queue_mute; /* nobody can tell */
	unsigned sweeps, publishes, asks, pushes[3];
	unsigned hooks, kill_at; /* 0: never */
	char trail[64 * 1024];	 /* what was pushed and published, in order */
};

struct box {
	char dir[64];
	struct config *config;
	struct store *store;
	struct world *w;
	struct pass_seams seams;
	struct err first;
};

static inline struct world_record *
world_find(struct world *w, const char *owner)
{
	for (size_t i = 0; i < w->count; i++) {
		if (strcmp(w->records[i].owner, owner) == 0)
			return &w->records[i];
	}
	return NULL;
}

static inline void
world_put(struct world *w, const char *owner, const char *text)
{
	struct world_record *r = world_find(w, owner);

	if (r == NULL) {
		assert_true(w->count < RECORDS_MAX);
		r = &w->records[w->count++];
		snprintf(r->owner, sizeof(r->owner), "%s", owner);
	}
	snprintf(r->text, sizeof(r->text), "%s", text == NULL ? "" : text);
}

static inline int64_t
world_now(void *arg)
{
	return ((struct box *)arg)->w->now;
}

static inline void
world_clock(void *arg, struct clock_reading *r)
{
	struct world *w = ((struct box *)arg)->w;

	*r = (struct clock_reading){.real_s = w->now, .boot_s = w->boot, .boot_id = 1, .synchronised = true};
}

static inline void
world_between(void *arg, const char *deed)
{
	struct world *w = ((struct box *)arg)->w;

	(void)deed;
	if (++w->hooks == w->kill_at)
		_exit(9);
}

/* One server; an alias leads on within it. */
static inline void
world_sweep_one(struct world *w, const struct sweep_question *q, struct sweep *s)
{
	const struct world_record *r = world_find(w, q->alias != NULL ? q->alias : q->name);
	const char *text = r == NULL ? "" : r->text;
	struct sweep_answer *a = &s->answers[0];

	memset(s, 0, sizeof(*s));
	s->expect = q->expect;
	s->started_at = s->ended_at = w->now;
	snprintf(s->zone, sizeof(s->zone), "zone.test");
	s->link_count = 1;
	snprintf(s->links[0].name, sizeof(s->links[0].name), "%s", q->name);
	snprintf(s->links[0].zone, sizeof(s->links[0].zone), "zone.test");
	s->alias = q->alias == NULL ? ALIAS_NONE_WANTED : ALIAS_RIGHT;
	s->delegated = true;
	int64_t ttl = w->ttl == 0 ? 60 : w->ttl;
	s->negative_max_s = !q->survey ? SWEEP_UNKNOWN : w->negative == 0 ? 30 : w->negative;
	s->wildcard = q->survey && w->wildcard;
	s->negative_parent_s = SWEEP_UNKNOWN;
	s->count = 1;
	snprintf(a->server, sizeof(a->server), "ns1.test");
	a->endpoint.addr.family = IP_V4;
	a->endpoint.port = 53;
	a->listed_ttl_s = 60;
	bool tomb = strcmp(text, "v=DKIM1; p=") == 0;
	bool own = q->expected.len > 0 && slice_eq_str(q->expected, text);
	a->found = text[0] == '\0' ? FOUND_NXDOMAIN : tomb ? FOUND_TOMBSTONE : own ? FOUND_RECORD : FOUND_OTHER_KEY;
	bool good = q->expect == EXPECT_RECORD	 ? own
		    : q->expect == EXPECT_ABSENT ? text[0] == '\0'
						 : tomb || (q->or_nothing && text[0] == '\0');
	a->verdict = w->mute ? ANSWER_MUTE : good ? ANSWER_GOOD : ANSWER_BAD;
	if (w->mute)
		a->found = FOUND_UNKNOWN;
	if (a->verdict != ANSWER_GOOD)
		snprintf(a->why, sizeof(a->why), "has something else");
	a->ttl = a->verdict == ANSWER_GOOD && text[0] != '\0' ? (uint32_t)ttl : 0;
	s->ttl_max_s = text[0] == '\0' && !s->wildcard ? 0 : ttl;
	s->good = a->verdict == ANSWER_GOOD;
	s->bad = a->verdict == ANSWER_BAD;
	s->mute = a->verdict == ANSWER_MUTE;
	w->sweeps++;
}

static inline void
world_sweep(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	struct world *w = ((struct box *)arg)->w;
	struct sweep_result *r = calloc(1, sizeof(*r));

	(void)batch;
	assert_non_null(r);
	for (size_t i = 0; i < s->count; i++) {
		r->index = s->count - 1 - i; /* in any order */
		world_sweep_one(w, &s->questions[r->index], &r->sweep);
		s->take(s->arg, r);
	}
	free(r);
}

static struct box *the_box; /* for seams without an argument */

static inline int
world_publish(const struct publisher_conf *conf, const struct publish_change *c, size_t count, struct publish_outcome *o,
    struct err *err)
{
	struct world *w = the_box->w;

	assert_string_equal(conf->name, "dns");
	w->publishes++;
	for (size_t i = 0; i < count; i++) {
		struct world_record *r = world_find(w, c[i].owner);
		const char *is = r == NULL || r->text[0] == '\0' ? NULL : r->text;
		assert_true(c[i].zone[0] != '\0');
		if (w->publisher_down) {
			o[i].result = PUBLISH_TEMPORARY;
			snprintf(o[i].text, sizeof(o[i].text), "the primary is away");
		} else if (w->publisher_refuses) {
			o[i].result = PUBLISH_REFUSED;
			snprintf(o[i].text, sizeof(o[i].text), "the key may not do this");
		} else if (w->publisher_slow) {
			const char *receipt = c[i].receipt == NULL ? "" : c[i].receipt;
			if (receipt[0] == '\0')
				world_put(w, c[i].owner, c[i].new_text);
			o[i].result = PUBLISH_PENDING;
			snprintf(o[i].text, sizeof(o[i].text), "not in force yet");
			if (receipt[0] == '\0')
				snprintf(o[i].receipt, sizeof(o[i].receipt), "C%u", ++w->changes);
			else
				snprintf(o[i].receipt, sizeof(o[i].receipt), "%.60s", receipt);
		} else if ((is == NULL && c[i].new_text == NULL) ||
			   (is != NULL && c[i].new_text != NULL && strcmp(is, c[i].new_text) == 0)) {
			o[i].result = PUBLISH_DONE;
		} else if (is != NULL && (c[i].old_text == NULL || strcmp(is, c[i].old_text) != 0)) {
			o[i].result = PUBLISH_FOREIGN;
			snprintf(o[i].text, sizeof(o[i].text), "something else is there");
		} else {
			world_put(w, c[i].owner, c[i].new_text);
			o[i].result = PUBLISH_DONE;
			snprintf(o[i].text, sizeof(o[i].text), "%s: %s at the world", c[i].owner,
			    c[i].new_text == NULL ? "removed" : "published");
		}
		world_between(the_box, "in the publisher"); /* the answer may be lost */
	}
	(void)err;
	return 0;
}

static inline int
world_find_zone(const struct dns_conf *dns, const char *domain, char zone[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	(void)dns;
	if (the_box->w->no_zone)
		return err_set(err, ERR_DNS, "no server of the root answers about %s", domain);
	snprintf(zone, DOMAIN_LEN_MAX + 1, "zone.test");
	return 0;
}

static inline int
world_ask(const struct signers_conf *conf, const struct table *table, struct signers_answer *a, size_t count,
    struct err *err)
{
	struct world *w = the_box->w;

	(void)conf;
	(void)err;
	assert_non_null(table);
	w->asks++;
	for (size_t i = 0; i < count; i++) {
		a[i].needed = true;
		a[i].agree = !w->milter_stuck && !w->milter_silent;
		a[i].silent = w->milter_silent;
		if (w->milter_silent)
			snprintf(a[i].laggard, sizeof(a[i].laggard), "unix:/m does not answer");
		if (w->milter_stuck)
			snprintf(a[i].laggard, sizeof(a[i].laggard), "unix:/m signs with the old key");
	}
	return 0;
}

static inline int
world_queue(const struct keeper_conf *k, int64_t *oldest, struct err *err)
{
	(void)k;
	if (the_box->w->queue_mute)
		return err_set(err, ERR_IO, "postqueue: the mail system is down");
	*oldest = the_box->w->queue_oldest;
	return 0;
}

static inline int
world_push(const struct signers_conf *conf, enum push_what what, const char *dir, const char *path, struct err *err)
{
	size_t len = strlen(the_box->w->trail);

	(void)conf;
	(void)err;
	assert_string_equal(dir, the_box->dir);
	the_box->w->pushes[what]++;
	snprintf(the_box->w->trail + len, sizeof(the_box->w->trail) - len, "%d %s\n", (int)what, path);
	return 0;
}

static inline int
world_poll(const struct dns_conf *dns, const struct sweep_question *q, const struct resolver_list *list,
    struct resolver_poll *poll, struct err *err)
{
	const struct world_record *r = world_find(the_box->w, q->name);
	bool has = r != NULL && slice_eq_str(q->expected, r->text);

	(void)dns;
	(void)list;
	(void)err;
	memset(poll, 0, sizeof(*poll));
	poll->started_at = poll->ended_at = the_box->w->now;
	poll->count = 2;
	poll->good = has ? 2 : 0;
	poll->bad = has ? 0 : 2;
	poll->wait_s = 60;
	for (size_t i = 0; i < 2; i++)
		poll->answers[i].verdict = has ? ANSWER_GOOD : ANSWER_BAD;
	return 0;
}

static inline void
world_resolvers(const struct dns_conf *dns, const struct sweep_question *q, struct resolver_view *view)
{
	(void)dns;
	(void)q;
	view->word = RESOLVER_SILENT;
}

#define CONFIG_TIMES                                                                               \
	"dns {\n sweep_interval = 10s\n mute_after = 1000s\n lame_after = 500s\n slow_after = 2000s\n "  \
	"slow_interval = 100s\n}\nkeeper {\n watch_interval = 60s\n reprove_interval = 20s\n gone_over = " \
	"30s\n retry = 5s\n retry_max = 40s\n recent_proof = 200s\n rollback_hold = 100s\n "               \
	"person_interval = 50s\n resolver_wait = 50s\n}\n"
#define POLICY_TIMES                                                                               \
	" ttl = 60s\n rotate_every = 1500s\n rotate_spread = 10s\n ahead = 100s\n publish_safety = 10s\n "  \
	"retire_safety = 10s\n stale_allowance = 60s\n tombstone = 100s\n destroy_after = 50s\n "           \
	"queue_lifetime = 100s\n receiver_delay = 50s\n"
#define PUBLISHER "publisher \"dns\" {\n type = hook\n program = {\"/bin/false\"}\n}\n"

static inline int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline struct box *
box_new(const char *conf)
{
	struct box *box = calloc(1, sizeof(*box));
	struct err err = ERR_INIT;

	assert_non_null(box);
	the_box = box;
	/* thousands of passes: not each on a disk that is synced */
	snprintf(box->dir, sizeof(box->dir), "%s/test_pass.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(box->dir));
	box->w = mmap(NULL, sizeof(*box->w), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(box->w != MAP_FAILED);
	box->w->now = BEGIN;
	box->w->boot = 1000;
	box->w->queue_oldest = NEVER;
	if (config_parse(slice_of(conf), "conf", &box->config, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(store_create(box->dir, BEGIN, &err), 0);
	assert_int_equal(store_open(box->dir, 1000, &box->store, &err), 0);
	box->seams = (struct pass_seams){.now = world_now,
	    .read_clock = world_clock,
	    .sweep = world_sweep,
	    .poll = world_poll,
	    .ask_resolvers = world_resolvers,
	    .find_zone = world_find_zone,
	    .publish = world_publish,
	    .ask_signers = world_ask,
	    .ask_queue = world_queue,
	    .push = world_push,
	    .between = world_between,
	    .arg = box};
	return box;
}

static inline void
box_free(struct box *box)
{
	store_close(box->store);
	config_free(box->config);
	munmap(box->w, sizeof(*box->w));
	assert_int_equal(nftw(box->dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(box);
}

static inline void
box_add(struct box *box, const char *name, const char *policy)
{
	struct store_domain d = {.added_at = box->w->now};
	struct err err = ERR_INIT;

	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.policy, sizeof(d.policy), "%s", policy);
	assert_int_equal(store_domain_put(box->store, &d, "add", &err), 0);
	const struct keymaker m = {.store = box->store,
	    .domain = name,
	    .policy = config_policy(box->config, policy),
	    .now = box->w->now,
	    .verb = "add"};
	if (keymaker_slots(&m, &err) != 0)
		fail_msg("%s", err.text);
}

static inline struct pass
box_pass(struct box *box)
{
	struct pass pass = {.config = box->config, .store = box->store, .verb = "tick", .seams = &box->seams};
	struct err err = ERR_INIT;

	if (pass_run(&pass, &err) != 0)
		fail_msg("%s", err.text);
	box->first = pass.first;
	return pass;
}

/* A child makes the pass and is killed at that hook; it has its own connection to the store. */
static inline bool
box_killed_pass(struct box *box, unsigned at)
{
	int status = 0;

	box->w->hooks = 0;
	box->w->kill_at = at;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = ERR_INIT;
		struct pass pass = {.config = box->config, .verb = "tick", .seams = &box->seams};
		if (store_open(box->dir, 1000, &pass.store, &err) != 0 || pass_run(&pass, &err) != 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	box->w->kill_at = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	return WEXITSTATUS(status) == 9;
}

static inline void
box_later(struct box *box, int64_t s)
{
	box->w->now += s;
	box->w->boot += s;
}

static inline struct table *
box_table(struct box *box)
{
	struct table *table = NULL;
	struct err err = ERR_INIT;
	char path[96];
	struct buf text;

	snprintf(path, sizeof(path), "%s/" STORE_TABLE, box->dir);
	buf_init(&text, TABLE_LEN_MAX);
	assert_int_equal(file_read(path, &text, &err), 0);
	if (table_parse(buf_slice(&text), path, &table, &err) != 0)
		fail_msg("%s", err.text);
	buf_deinit(&text);
	return table;
}

#endif
