/* SPDX-License-Identifier: ISC */
#include "signpost/explain.h"
#include "keys/keyfile.h"
#include "signpost/forecast_text.h"
#include "signpost/when.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_NAMED 4
#define LACKS_NAMED 8
#define THEN_EVENTS 2

static void PRINTF(3, 4) add(struct notes *n, const char *kind, const char *fmt, ...)
{
	va_list ap;

	if (n->count == EXPLAIN_NOTES_MAX)
		return;
	n->notes[n->count].kind = kind;
	va_start(ap, fmt);
	vsnprintf(n->notes[n->count].text, EXPLAIN_NOTE_LEN, fmt, ap);
	va_end(ap);
	n->count++;
}

static bool
named_before(const struct sweep *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (s->answers[k].verdict == ANSWER_GOOD &&
		    strcmp(s->answers[k].server, s->answers[i].server) == 0)
			return true;
	}
	return false;
}

/* "all 3 addresses of ns1.example.com and ns2.example.net" */
static void
put_servers(const struct sweep *s, struct buf *out)
{
	size_t hosts = 0, named = 0;

	for (size_t i = 0; i < s->count; i++)
		hosts += s->answers[i].verdict == ANSWER_GOOD && !named_before(s, i);
	if (s->good == s->count)
		buf_printf(
		    out, s->count == 1 ? "the address of" : "all %zu addresses of", s->count);
	else
		buf_printf(out, "%zu of %zu addresses, of", s->good, s->count);
	for (size_t i = 0; i < s->count && named < HOSTS_NAMED; i++) {
		if (s->answers[i].verdict != ANSWER_GOOD || named_before(s, i))
			continue;
		buf_printf(out, "%s %s",
		    named == 0		 ? ""
		    : named + 1 == hosts ? " and"
					 : ",",
		    s->answers[i].server);
		named++;
	}
	if (hosts > named)
		buf_printf(out, " and %zu more", hosts - named);
}

/* Of the pairs that proved it, the newest. */
static int
load_proof(const struct operation *op, int64_t key_id, struct store_sweep *sweep, struct err *err)
{
	if (store_sweep_get(op->store, key_id, EVIDENCE_RENEWED, sweep, err) != 0)
		return -1;
	return sweep->found ? 0 : store_sweep_get(op->store, key_id, EVIDENCE_PROOF, sweep, err);
}

static int
explain_proof(const struct operation *op, size_t key, struct notes *n, struct err *err)
{
	const struct schedule_key *k = &op->d->domain.keys[key];
	struct store_sweep *sweep;
	struct buf text;

	if (k->facts.at[FACT_VERIFIED] == NEVER || key_state_of(&k->facts) > KEY_STATE_RETIRED)
		return 0;
	if ((sweep = malloc(sizeof(*sweep))) == NULL)
		return err_nomem(err);
	int rc = load_proof(op, k->id, sweep, err);
	buf_init(&text, EXPLAIN_NOTE_LEN);
	int64_t at = k->looks.proven_at != NEVER ? k->looks.proven_at : k->facts.at[FACT_VERIFIED];
	if (rc == 0 && sweep->found && sweep->passed &&
	    op->d->domain.policy->proof == PROOF_AUTHORITATIVE) {
		put_servers(&sweep->sweep, &text);
		buf_put_str(&text, " served it twice, the second time ");
		when_put(&text, sweep->sweep.ended_at, op->now);
	} else if (op->d->domain.policy->proof == PROOF_RESOLVER) {
		buf_put_str(&text, "by resolvers only, ");
		when_put(&text, at, op->now);
	} else {
		buf_put_str(&text, "by a person's word (signpost attest), ");
		when_put(&text, at, op->now);
	}
	if (rc == 0)
		add(n, "proven", "%s", buf_str(&text));
	buf_deinit(&text);
	free(sweep);
	return rc;
}

static void
add_lacking(const struct sweep_answer *a, struct notes *n)
{
	char addr[IP_TEXT_LEN];

	ip_addr_format(&a->endpoint.addr, addr);
	add(n, a->verdict == ANSWER_BAD ? "lacks" : "mute", "%s%s%s%s: %s", a->server,
	    strcmp(a->server, addr) == 0 ? "" : " (", strcmp(a->server, addr) == 0 ? "" : addr,
	    strcmp(a->server, addr) == 0 ? "" : ")", a->why);
}

/* What the last look did not find. */
static int
explain_look(const struct operation *op, size_t key, struct notes *n, struct err *err)
{
	const struct schedule_looks *l = &op->d->domain.keys[key].looks;
	struct store_sweep *sweep;
	struct buf at;
	size_t named = 0;

	if (l->looked_at == NEVER || l->last_passed || op->d->domain.policy->proof == PROOF_ATTEST)
		return 0;
	if ((sweep = malloc(sizeof(*sweep))) == NULL)
		return err_nomem(err);
	int rc = store_sweep_get(op->store, op->d->keys[key].id, EVIDENCE_LAST, sweep, err);
	buf_init(&at, 64);
	/* a look of this very second */
	when_put_far(&at, l->looked_at, l->looked_at == op->now + 1 ? l->looked_at : op->now);
	if (rc == 0)
		add(n, "looked", "%s: %s", buf_str(&at),
		    sweep->found && sweep->failed		    ? sweep->why
		    : l->obstacle != NULL && l->obstacle[0] != '\0' ? l->obstacle
								    : "it was not as it should be");
	for (size_t i = 0; rc == 0 && sweep->found && !sweep->failed && i < sweep->sweep.count;
	     i++) {
		if (sweep->sweep.answers[i].verdict != ANSWER_GOOD && named++ < LACKS_NAMED)
			add_lacking(&sweep->sweep.answers[i], n);
	}
	buf_deinit(&at);
	free(sweep);
	return rc;
}

static void
explain_deeds(const struct operation *op, size_t key, struct notes *n)
{
	static const char *const names[DEED_COUNT] = {
	    [DEED_PUBLISH] = "published", [DEED_REVOKE] = "revoked", [DEED_REMOVE] = "removed"};
	const struct schedule_key *k = &op->d->domain.keys[key];

	for (int i = 0; i < DEED_COUNT; i++) {
		const struct schedule_deed *d = &k->deeds[i];
		struct buf at;
		if (d->tries == 0 || d->done || d->why == NULL || d->why[0] == '\0')
			continue;
		buf_init(&at, 64);
		when_put_far(&at, d->last_at, op->now);
		add(n, "publisher", "%s was asked for it to be %s, %u time%s, last %s: %s",
		    op->d->domain.policy->publisher, names[i], d->tries, d->tries == 1 ? "" : "s",
		    buf_str(&at), d->why);
		buf_deinit(&at);
	}
}

static void
explain_made(const struct operation *op, const struct step *step, struct notes *n)
{
	struct buf text;

	buf_init(&text, EXPLAIN_NOTE_LEN);
	forecast_put_made(step->earliest, op->now, step->why, &text);
	add(n, "next", "%s", buf_str(&text));
	buf_deinit(&text);
}

static void
explain_step(const struct operation *op, const struct step *step, struct notes *n)
{
	struct buf at;

	buf_init(&at, 64);
	when_put_far(&at, step->earliest, op->now);
	if (step->what == STEP_GENERATE && step->earliest > op->now)
		explain_made(op, step, n);
	else if (step->what == STEP_NONE && step->wait == WAIT_NOTHING)
		add(n, "now", "%s", step->why);
	else if (step->what == STEP_NONE || step->earliest == NEVER)
		add(n, "waits", "%s", step->why);
	else if (step->earliest <= op->now)
		add(n, "next", "at the next pass: %s", step->why);
	else if (step->what == STEP_LOOK)
		add(n, "waits", "%s; looked at next %s", step->why, buf_str(&at));
	else
		add(n, "waits", "until %s: %s", buf_str(&at), step->why);
	buf_deinit(&at);
}

/* How long receivers remember that a record was not there is known after the first look; until then the longest is
 * assumed.  Where nothing signs yet that is not waited for. */
static bool
joins_unseen(const struct operation *op, size_t key, const struct forecast *f, size_t event)
{
	bool signs = op->d->row->active_from != NEVER;

	for (size_t i = 0; i < event; i++)
		signs = signs || f->events[i].what == STEP_ACTIVATE;
	return signs && f->events[event].what == STEP_ACTIVATE && f->events[event].at > op->now &&
	       op->d->domain.keys[key].looks.looked_at == NEVER;
}

static void
explain_then(const struct operation *op, size_t key, const struct forecast *f, struct notes *n)
{
	/* nobody could be asked, so that no time can be told */
	bool blind = key_state_of(&op->d->keys[key].facts) == KEY_STATE_PUBLISHED &&
		     op->d->looks[key].failed;
	size_t told = 0, most = blind ? 1 : THEN_EVENTS;

	for (size_t i = 0; i < f->count && told < most; i++) {
		const struct forecast_event *e = &f->events[i];
		struct buf text;
		if (e->key != key || !forecast_is_news(e))
			continue;
		buf_init(&text, EXPLAIN_NOTE_LEN);
		if (blind)
			buf_put_str(&text, "when it can be looked at");
		else
			when_put_far(&text, e->at, op->now);
		if (joins_unseen(op, key, f, i))
			buf_put_str(&text, " at the latest");
		buf_put_str(&text, ": ");
		forecast_text(f, e, &text);
		add(n, "then", "%s", buf_str(&text));
		buf_deinit(&text);
		told++;
	}
}

/* What will not change by itself is not asked for again soon, but for a person's word. */
static void
explain_refusal(const struct operation *op, const struct step *step, struct notes *n)
{
	const char *publisher = op->d->domain.policy->publisher;

	add(n, "see", "signpost publisher %s %s   (what the name server must allow)", publisher,
	    op->domain);
	for (int i = 0; step->key != SIZE_MAX && i < DEED_COUNT; i++) {
		const struct schedule_deed *d = &op->d->domain.keys[step->key].deeds[i];
		if (!d->refused || d->done)
			continue;
		add(n, "mended?",
		    "signpost publisher %s %s --try   (when all is right, the next pass tries it)",
		    publisher, op->domain);
		break;
	}
}

/* What a person can do about it: the first row that fits. */
static void
explain_sooner(const struct operation *op, const struct step *step, struct notes *n)
{
	const struct key_policy *p = op->d->domain.policy;
	const struct store_key *k = &op->d->keys[step->key];
	enum key_state state = key_state_of(&k->facts);
	bool person = step->wait == WAIT_PERSON && step->what == STEP_NONE;

	if (op->d->domain.held || !op->o.world.world.clock_trusted)
		return; /* said of the domain */
	if (state == KEY_STATE_PUBLISHED && p->proof == PROOF_ATTEST)
		add(n, "do", "signpost attest %s %s   (when the record is there for sure)",
		    op->domain, k->selector);
	else if (state > KEY_STATE_ACTIVE && step->wait == WAIT_PERSON && p->proof == PROOF_ATTEST)
		add(n, "do", "signpost attest %s %s   (when its record is gone for sure)",
		    op->domain, k->selector);
	else if (state == KEY_STATE_PUBLISHED && p->by_hand &&
		 !op->d->domain.keys[step->key].looks.last_passed)
		add(n, "do", "signpost records %s   (shows what is to be entered)", op->domain);
	else if (state == KEY_STATE_READY && person && !op->d->domain.alias_wrong &&
		 p->rotate == ROTATE_APPROVE)
		add(n, "do", "signpost approve %s", op->domain);
	else if (state == KEY_STATE_READY && step->what == STEP_ACTIVATE && step->other != SIZE_MAX)
		add(n, "sooner", "signpost roll %s   (skips the age, never the proof)", op->domain);
	else if (state == KEY_STATE_READY && person && p->rotate == ROTATE_OFF)
		add(n, "do", "signpost roll %s", op->domain);
	else if (step->wait == WAIT_PERSON &&
		 op->d->domain.keys[step->key].looks.gone_since != NEVER)
		add(n, "do", "signpost records %s   (shows what is to be entered again)",
		    op->domain);
	else if (step->wait == WAIT_QUEUE)
		add(n, "see", "postqueue -p");
	else if (step->wait == WAIT_PUBLISHER)
		explain_refusal(op, step, n);
}

/* What the publisher said stands in its own note. */
static void
drop_words(const struct operation *op, struct step *step)
{
	for (int i = 0; i < DEED_COUNT; i++) {
		const struct schedule_deed *d = &op->d->domain.keys[step->key].deeds[i];
		char tail[STEP_WHY_LEN];
		int len = snprintf(tail, sizeof(tail), ": %s", d->why == NULL ? "" : d->why);
		size_t all = strlen(step->why);
		if (len > 2 && (size_t)len < all && d->tries > 0 && !d->done &&
		    strcmp(step->why + all - (size_t)len, tail) == 0)
			step->why[all - (size_t)len] = '\0';
	}
}

int
explain_key(const struct operation *op, const struct step *step, const struct forecast *f,
    struct notes *n, struct err *err)
{
	const struct store_key *k = &op->d->keys[step->key];
	struct err trouble = ERR_INIT;

	n->count = 0;
	if (explain_proof(op, step->key, n, err) != 0 || explain_look(op, step->key, n, err) != 0)
		return -1;
	if (key_state_of(&k->facts) <= KEY_STATE_ACTIVE &&
	    (op->skims ? keyfile_look(store_dir(op->store), k, &trouble)
		       : keyfile_check(store_dir(op->store), k, &trouble)) != 0)
		add(n, "file", "%s", trouble.text);
	explain_deeds(op, step->key, n);
	struct step rest = *step;
	drop_words(op, &rest);
	explain_step(op, &rest, n);
	explain_then(op, step->key, f, n);
	explain_sooner(op, step, n);
	return 0;
}

static void
add_since(
    const struct operation *op, struct notes *n, const char *kind, int64_t at, const char *what)
{
	struct buf since;

	if (at == NEVER)
		return;
	buf_init(&since, 64);
	when_put_far(&since, at, op->now);
	add(n, kind, "%s: %s", buf_str(&since), what);
	buf_deinit(&since);
}

void
explain_domain(const struct operation *op, const struct step *steps, size_t count, struct notes *n)
{
	const struct schedule_domain *d = &op->d->domain;
	const struct schedule_world *w = &op->o.world.world;

	n->count = 0;
	if (!w->clock_trusted)
		add(n, "clock", "not trusted: %s; no step is taken until then.  See signpost clock",
		    w->clock_why);
	if (w->outage)
		add(n, "outage", "%s: nothing is switched or published because of it",
		    w->outage_why);
	add_since(op, n, "hold", op->d->row->held_at, "held; signpost release lets it go on");
	if (d->held && op->d->row->held_at == NEVER)
		add(n, "hold",
		    "all domains are held; signpost release, without a domain, lets them go on");
	add_since(
	    op, n, "remove", d->removing_at, "it is being removed; signpost add lets it stay");
	if (d->roll_at > d->rollback_at)
		add_since(op, n, "roll", d->roll_at, "signpost roll was said");
	add_since(op, n, "rollback", d->rollback_at, "signpost rollback was said");
	if (d->is_gone)
		add(n, "gone", "the zone above says that the domain does not exist");
	if (d->alias_wrong)
		add(n, "alias", "%s.  signpost records %s shows what is to be entered",
		    d->alias_why == NULL || d->alias_why[0] == '\0'
			? "an alias or the delegation is missing"
			: d->alias_why,
		    op->domain);
	for (size_t i = 0; i < d->slot_count; i++) {
		if (d->slots[i].alias_wrong)
			add(n, "alias", "%s", op->d->slots[i].alias_why);
	}
	if (d->signers.needed && !d->signers.agree && d->signers.laggard != NULL &&
	    d->signers.laggard[0] != '\0')
		add_since(op, n, "signers", d->signers.asked_at, d->signers.laggard);
	for (size_t i = 0; i < count; i++) {
		if (steps[i].key == SIZE_MAX && steps[i].what != STEP_ASK_SIGNERS)
			explain_step(op, &steps[i], n);
	}
}
