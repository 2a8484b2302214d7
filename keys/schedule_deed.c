/* SPDX-License-Identifier: ISC */
/* What a publisher is asked for, how often, and when it has come about. */
#include "keys/schedule_private.h"

static const struct closing REVOKE = {DEED_REVOKE, EXPECT_TOMBSTONE, STEP_REVOKE, STEP_REVOKED};
static const struct closing REMOVE = {DEED_REMOVE, EXPECT_ABSENT, STEP_REMOVE, STEP_REMOVED};

const struct closing *
closing_of(const struct schedule_key *k)
{
	enum key_state state = key_state_of(&k->facts);

	/* a slot always holds something (K6): a key that never signed leaves p= as any other */
	if (state == KEY_STATE_REVOKED || (state == KEY_STATE_ABANDONED && k->slot < 0))
		return &REMOVE;
	return &REVOKE;
}

enum key_expect
schedule_expect(const struct schedule_domain *d, const struct schedule_key *k)
{
	const struct closing *c = closing_of(k);

	(void)d;
	switch (key_state_of(&k->facts)) {
	case KEY_STATE_RETIRED:
		return k->deeds[c->deed].tries > 0 ? c->expect : EXPECT_RECORD;
	case KEY_STATE_REVOKED:
		return k->deeds[c->deed].tries > 0 ? c->expect : EXPECT_TOMBSTONE;
	case KEY_STATE_ABANDONED:
	case KEY_STATE_COMPROMISED:
		return c->expect;
	case KEY_STATE_REMOVED:
	case KEY_STATE_DESTROYED:
		return k->slot < 0 ? EXPECT_ABSENT : EXPECT_TOMBSTONE;
	default:
		return EXPECT_RECORD;
	}
}

bool
is_ours(const struct view *v, const struct schedule_key *k)
{
	return !v->p->by_hand && !k->imported_unproven && !key_has(k, FACT_IMPORTED);
}

/* retry_s, doubled with each try, up to retry_max_s. */
static int64_t
backoff_s(const struct schedule_times *t, unsigned tries)
{
	int64_t wait = t->retry_s;

	for (unsigned i = 1; i < tries && wait < t->retry_max_s; i++)
		wait = later(wait, wait);
	return wait < t->retry_max_s ? wait : max_s(t->retry_s, t->retry_max_s);
}

int64_t
deed_at(const struct view *v, const struct schedule_key *k, enum deed deed)
{
	const struct schedule_deed *d = &k->deeds[deed];
	int64_t gone = k->looks.gone_since;

	if (d->tries == 0)
		return v->now;
	/* a time to come, of a clock that was set back, would ask for it in every pass */
	if (deed == DEED_PUBLISH && !schedule_is_future(gone, v->now) && d->last_at < gone)
		return v->now;
	if (d->refused)
		return after(v, d->last_at, v->t->person_interval_s);
	/* done, and yet it is not to be seen: a zone was restored, or a primary forgot */
	if (d->done)
		return after(v, d->last_at, max_s(v->t->slow_interval_s, v->t->retry_max_s));
	return after(v, d->last_at, backoff_s(v->t, d->tries));
}

bool
looked_since(const struct view *v, const struct schedule_key *k, int64_t at)
{
	int64_t looked = k->looks.looked_at;

	return looked != NEVER && (looked >= at || schedule_is_future(at, v->now));
}

void
deed_say(const struct view *v, const struct schedule_key *k, enum deed deed, struct step *step)
{
	const struct schedule_deed *d = &k->deeds[deed];
	const char *why = d->why == NULL || d->why[0] == '\0' ? "no answer" : d->why;

	if (d->tries == 0 || d->done || v->p->by_hand)
		return;
	step->wait = WAIT_PUBLISHER;
	if (step->earliest <= v->now)
		step_say(step, "tried again, after %u time%s: %s", d->tries,
		    d->tries == 1 ? "" : "s", why);
	else
		step_say(step, "tried %u time%s, again in %s: %s", d->tries,
		    d->tries == 1 ? "" : "s", span_of(step->earliest - v->now).text, why);
}

/* What was seen before the deed, or before the key was given up, was looked for as something else. */
static bool
is_seen_since(const struct view *v, const struct schedule_key *k, int64_t seen_at)
{
	const struct schedule_deed *d = &k->deeds[closing_of(k)->deed];
	const int64_t since[] = {d->tries > 0 ? d->first_at : NEVER, k->facts.at[FACT_RETIRED],
	    k->facts.at[FACT_COMPROMISED]};

	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++) {
		if (!schedule_is_future(since[i], v->now) && seen_at < since[i])
			return false;
	}
	return true;
}

bool
is_by_person(const struct view *v, const struct schedule_key *k)
{
	return k->deeds[closing_of(k)->deed].refused || !is_ours(v, k);
}

static bool
is_closed(const struct view *v, const struct schedule_key *k)
{
	const struct closing *c = closing_of(k);
	const struct schedule_deed *d = &k->deeds[c->deed];
	const struct schedule_looks *l = &k->looks;

	/* before the first try the looks are for the record; what others published is theirs to revoke */
	if (d->tries == 0 && !(key_has(k, FACT_IMPORTED) && schedule_expect(v->d, k) == c->expect))
		return false;
	switch (v->p->proof) {
	case PROOF_ATTEST:
		return d->done;
	case PROOF_RESOLVER:
		return is_by_person(v, k)
			   ? l->last_passed && is_seen_since(v, k, l->looked_at)
			   : d->done && v->now >= after(v, d->last_at, v->t->resolver_wait_s);
	default:
		return is_proven(v, k) && is_seen_since(v, k, l->second_pass_at);
	}
}

static void
say_taken_to_be_everywhere(const struct view *v, struct step *step)
{
	step_say(step, "the publisher took it; by resolvers only: taken to be everywhere after %s",
	    span_of(v->t->resolver_wait_s).text);
}

bool
closed(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct closing *c = closing_of(k);
	bool revoked = c->deed == DEED_REVOKE;

	if (!is_closed(v, k))
		return false;
	step->what = c->done;
	if (!has_looks(v))
		step_say(step, "%s; proof = attest: no server is asked",
		    is_by_person(v, k) ? "a person vouches for it" : "the publisher took it");
	else if (v->p->proof != PROOF_RESOLVER)
		step_say(step, revoked
				   ? "every server that answers was seen twice without its key"
				   : "every server that answers was seen twice without its record");
	else if (is_by_person(v, k))
		step_say(step, revoked ? "the resolvers that were asked have its key no more"
				       : "the resolvers that were asked have its record no more");
	else
		say_taken_to_be_everywhere(v, step);
	return true;
}

bool
domain_gone(const struct view *v, const struct schedule_key *k, struct step *step)
{
	/* K17: the parent's word proves absence; our own slot zone is still there */
	if (v->d->removing_at == NEVER || !v->d->is_gone || k->slot >= 0)
		return false;
	if (step != NULL)
		step->what = closing_of(k)->done;
	return true;
}

static const char *const CLOSING_WHY[DEED_COUNT] = {
    [DEED_REVOKE] = "no mail that it signed is on its way any more: its record becomes p=",
    [DEED_REMOVE] = "its record is needed no more and is removed",
};

bool
closing_deed(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct closing *c = closing_of(k);
	const struct schedule_deed *d = &k->deeds[c->deed];

	step->earliest = deed_at(v, k, c->deed);
	if (key_has(k, FACT_IMPORTED) || k->imported_unproven || step->earliest > v->now)
		return false;
	/* passes may be rarer than tries: what was done is looked at before it is done again */
	if (d->done && v->p->proof == PROOF_AUTHORITATIVE && !looked_since(v, k, d->last_at))
		return false;
	/* on its way: seen once, or nothing can be seen */
	if (d->tries > 0 &&
	    (k->looks.last_passed || (d->done && v->p->proof != PROOF_AUTHORITATIVE)))
		return false;
	step->what = c->doing;
	if (step->why[0] == '\0')
		step_say(step, "%s", CLOSING_WHY[c->deed]);
	if (d->why != NULL && d->why[0] != '\0')
		deed_say(v, k, c->deed, step);
	if (v->p->by_hand)
		step->wait = WAIT_PERSON;
	return true;
}

bool
closing_wait(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct closing *c = closing_of(k);
	const struct schedule_deed *d = &k->deeds[c->deed];

	step->what = STEP_LOOK;
	step->wait = v->p->by_hand ? WAIT_PERSON : WAIT_DNS;
	if (look_next(v, k, step)) {
		/* what stands in the way says more than what is seen of it */
		if (d->refused && !v->p->by_hand && d->why != NULL && d->why[0] != '\0')
			step_say(step, "%s", d->why);
		return true;
	}
	if (key_has(k, FACT_IMPORTED) || k->imported_unproven)
		return false;
	/* each further try would begin the wait anew */
	if (d->done && v->p->proof == PROOF_RESOLVER) {
		step->what = c->done;
		step->wait = WAIT_TIME;
		step->earliest = after(v, d->last_at, v->t->resolver_wait_s);
		say_taken_to_be_everywhere(v, step);
		return true;
	}
	step->what = c->doing;
	step->earliest = deed_at(v, k, c->deed);
	step_say(step, "%s", CLOSING_WHY[c->deed]);
	deed_say(v, k, c->deed, step);
	return true;
}
