/* SPDX-License-Identifier: ISC */
#include "signpost/look_judge.h"
#include "keys/looks.h"
#include "keys/sweep_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERS_S      86400 /* K16 */
#define RESOLVERS_WANT 2     /* K34 */

/* Three sweeps: too large for a careful stack. */
struct evidence {
	struct store_sweep before, first, now;
};

/* For how long there may be no look at a server that is still silent: two of the rarest. */
static int64_t
longest_gap(const struct config *c)
{
	int64_t rarest = c->keeper.watch_interval_s > c->keeper.reprove_interval_s
			     ? c->keeper.watch_interval_s
			     : c->keeper.reprove_interval_s;

	return 2 * (rarest > c->slow_interval_s ? rarest : c->slow_interval_s);
}

/* K16: another answer waits out its own time, and a day; then it is a warning.  Counted from the
 * first such look of those that follow each other. */
static int64_t
warn_time(
    const struct resolver_view *view, const struct store_sweep *before, int64_t now, int64_t gap_s)
{
	bool goes_on = before->found && before->resolver_warn_at != NEVER &&
		       !schedule_is_future(before->sweep.ended_at, now) &&
		       now - before->sweep.ended_at <= gap_s;

	if (view->word == RESOLVER_SILENT) /* it says nothing against what it said */
		return goes_on ? before->resolver_warn_at : NEVER;
	if (view->word != RESOLVER_DIFFERS)
		return NEVER;
	if (goes_on)
		return before->resolver_warn_at;
	return now + (view->ttl > DIFFERS_S ? view->ttl : DIFFERS_S);
}

static int
judge(const struct look_judgement *j, const struct store_sweep *before, struct store_sweep *now,
    struct err *err)
{
	const struct config *c = j->config;
	bool first = j->d->row->active_from == NEVER;
	const struct sweep_patience patience = {
	    c->lame_after_s, first ? c->mute_after_first_s : c->mute_after_s};
	struct resolver_view view = {.word = RESOLVER_NOT_ASKED};
	int64_t since[SWEEP_SERVERS_MAX], gap_s = longest_gap(c);
	struct err why = ERR_INIT;

	if (store_silence(j->store, &now->sweep, gap_s, since, err) != 0)
		return -1;
	/* mail that was unsigned cannot get worse: the first key need not be seen by a resolver */
	bool asks = !first && j->step->expect == EXPECT_RECORD &&
		    sweep_wants_resolver(&now->sweep, since, &patience);
	if (asks) {
		j->seams->ask_resolvers(&c->dns, j->question, &view);
		view.warn_at = warn_time(&view, before, now->sweep.ended_at, gap_s);
		now->resolver_warn_at = view.warn_at;
	}
	now->passed = sweep_passes(&now->sweep, since, &patience, asks ? &view : NULL, &why);
	snprintf(now->resolver, sizeof(now->resolver), "%.*s%s", RESOLVER_TEXT_LEN - 40, view.text,
	    now->passed && view.word == RESOLVER_DIFFERS ? "; for so long that it only warns" : "");
	if (!now->passed)
		memcpy(now->why, why.text, sizeof(now->why));
	return 0;
}

/* What was seen for this expectation so far. */
static void
begin_looks(const struct look_judgement *j, struct store_look *look)
{
	const struct store_look *seen = &j->d->looks[j->step->key];

	*look = *seen;
	if (seen->key_id == 0 || seen->expect != j->step->expect) {
		looks_begin(&look->looks);
		look->obstacle[0] = '\0';
	}
	look->key_id = j->d->keys[j->step->key].id;
	look->expect = j->step->expect;
}

static void
end_looks(struct look_judgement *j, struct store_look *look, const struct store_sweep *now)
{
	j->passed = now->passed;
	j->failed = now->failed;
	j->news = strcmp(look->obstacle, now->why) != 0 || look->failed != now->failed;
	memcpy(j->why, now->why, sizeof(j->why));
	memcpy(look->obstacle, now->why, sizeof(look->obstacle));
	look->failed = now->failed;
	look->untrusted = j->untrusted;
}

/* For the next look.  Those of a chain that somebody made too long are looked for anew each time. */
static void
keep_zones(const struct sweep *now, char out[static STORE_ZONES_LEN])
{
	struct buf zones;

	buf_init(&zones, STORE_ZONES_LEN - 1);
	sweep_zones(now, &zones);
	snprintf(out, STORE_ZONES_LEN, "%s", zones.state == BUF_OK ? buf_str(&zones) : "");
	buf_deinit(&zones);
}

static void
add_up(const struct look_judgement *j, const struct evidence *e, struct store_look *look)
{
	const struct sweep *now = &e->now.sweep;

	looks_add(&look->looks,
	    &(struct looks_sweep){.sweep = now,
		.failed = e->now.failed,
		.passed = e->now.passed,
		.untrusted = j->untrusted,
		.may_prove = e->now.queries >= j->config->keeper.queries,
		.first = e->first.found ? &e->first.sweep : NULL,
		.new_servers = !e->now.failed && e->before.found && !e->before.failed &&
			       !sweep_same_servers(&e->before.sweep, now),
		.contradicts = !e->now.failed && sweep_contradicts(now),
		.differs = !e->now.failed && sweep_differs(now),
		.apart_s = j->config->sweep_interval_s});
	if (!e->now.failed)
		keep_zones(now, look->zones);
}

static int
put(const struct look_judgement *j, const struct store_look *look, const struct store_sweep *now,
    struct err *err)
{
	if (store_begin(j->store, err) != 0)
		return -1;
	int rc = store_look_put(j->store, look, now, err);
	if (rc == 0 && !now->failed)
		rc = look_note(j, &now->sweep, err);
	return store_end(j->store, rc, err);
}

static int
judge_evidence(struct look_judgement *j, struct evidence *e, struct err *err)
{
	int64_t id = j->d->keys[j->step->key].id;
	struct store_look *look = malloc(sizeof(*look));

	if (look == NULL)
		return err_nomem(err);
	begin_looks(j, look);
	int rc = store_sweep_get(j->store, id, EVIDENCE_LAST, &e->before, err);
	if (rc == 0)
		rc = store_sweep_get(j->store, id, EVIDENCE_FIRST, &e->first, err);
	if (rc == 0 && !e->now.failed)
		rc = judge(j, &e->before, &e->now, err);
	if (rc == 0)
		add_up(j, e, look);
	end_looks(j, look, &e->now);
	if (rc == 0)
		rc = put(j, look, &e->now, err);
	free(look);
	return rc;
}

int
look_judge(struct look_judgement *j, const struct sweep_result *result, struct err *err)
{
	struct evidence *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return err_nomem(err);
	e->now.found = true;
	e->now.expect = j->step->expect;
	e->now.queries = j->step->queries;
	e->now.sweep = result->sweep;
	e->now.failed = result->rc != 0;
	e->now.resolver_warn_at = NEVER;
	if (e->now.failed) {
		memcpy(e->now.why, result->why.text, sizeof(e->now.why));
		e->now.sweep.count = e->now.sweep.link_count = 0;
		e->now.sweep.good = e->now.sweep.bad = e->now.sweep.mute = 0;
	}
	int rc = judge_evidence(j, e, err);
	free(e);
	return rc;
}

static void
add_poll(struct schedule_looks *l, const struct resolver_poll *poll, bool passed)
{
	l->looked_at = poll->ended_at;
	l->looked_now = true;
	l->last_passed = passed;
	if (passed) {
		if (l->resolver_passes++ == 0)
			l->resolver_first_at = poll->ended_at;
		l->resolver_last_at = l->passed_at = poll->ended_at;
	} else if (poll->bad > 0) {
		l->resolver_passes = 0;
		l->resolver_first_at = l->resolver_last_at = NEVER;
		l->resolver_wait_until = poll->ended_at + (int64_t)poll->wait_s;
		l->contradicted = l->proven_at != NEVER;
	}
}

int
look_poll(struct look_judgement *j, struct err *err)
{
	const struct dns_conf *dns = &j->config->dns;
	const struct resolver_list outside = {dns->vantage, dns->vantage_count}, own = {NULL, 0},
				   *list = outside.count >= RESOLVERS_WANT ? &outside : &own;
	struct resolver_poll *poll = calloc(1, sizeof(*poll));
	struct evidence *e = calloc(1, sizeof(*e));
	struct store_look *look = calloc(1, sizeof(*look));
	struct err why = ERR_INIT;
	struct buf text;
	int rc = poll == NULL || e == NULL || look == NULL ? err_nomem(err) : 0;

	buf_init(&text, ERR_TEXT_LEN - 1);
	if (rc == 0) {
		begin_looks(j, look);
		e->now = (struct store_sweep){.found = true,
		    .expect = j->step->expect,
		    .queries = 1,
		    .resolver_warn_at = NEVER};
		e->now.failed = j->seams->poll(dns, j->question, list, poll, &why) != 0;
		e->now.sweep.expect = j->step->expect;
		e->now.sweep.started_at = e->now.failed ? j->question->now : poll->started_at;
		e->now.sweep.ended_at = e->now.failed ? j->question->now : poll->ended_at;
		e->now.passed = !e->now.failed && poll->good >= RESOLVERS_WANT && poll->bad == 0 &&
				poll->bogus == 0;
		resolver_poll_format(poll, &text);
		snprintf(e->now.why, sizeof(e->now.why), "%s",
		    e->now.failed   ? why.text
		    : e->now.passed ? ""
				    : buf_str(&text));
		if (!e->now.failed && !j->untrusted)
			add_poll(&look->looks, poll, e->now.passed);
		end_looks(j, look, &e->now);
		rc = store_look_put(j->store, look, &e->now, err);
	}
	buf_deinit(&text);
	free(poll);
	free(e);
	free(look);
	return rc;
}
