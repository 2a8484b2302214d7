/* SPDX-License-Identifier: ISC */
/* From the last signature to the end: acknowledgement, overlap, revocation, removal, destruction. */
#include "keys/schedule_private.h"

#define ASK_FRESH_S 60

/* Was every milter asked after that time?  Times of a clock that was set back cannot be compared:
 * then only an answer of just now counts. */
static bool
asked_since(const struct view *v, int64_t at)
{
	int64_t asked = v->d->signers.asked_at;

	if (schedule_is_future(asked, v->now))
		return false;
	if (schedule_is_future(at, v->now))
		return later(asked, ASK_FRESH_S) >= v->now;
	return asked > at; /* in the same second it may have been before */
}

static bool
wants_acknowledgement(const struct schedule_key *k)
{
	return key_has(k, FACT_RETIRED) && !key_has(k, FACT_ACKNOWLEDGED);
}

/* K1 */
static bool
all_left(const struct view *v, const struct schedule_key *k)
{
	const struct schedule_signers *s = &v->d->signers;

	return !s->needed || (s->agree && asked_since(v, s->table_at) &&
				 asked_since(v, k->facts.at[FACT_RETIRED]));
}

static bool
acknowledges(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!wants_acknowledgement(k) || !all_left(v, k))
		return false;
	if (!v->d->signers.needed)
		step_say(
		    step, "no rule lets anybody sign for the domain: no milter needs to be asked");
	return true;
}

static bool
unacknowledged(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const char *laggard = v->d->signers.laggard;

	if (!wants_acknowledgement(k))
		return false;
	if (laggard != NULL && laggard[0] != '\0')
		step_say(step, "kept until every milter has left it: %s", laggard);
	return true;
}

/* When the private key goes; NEVER: not yet to be said. */
static int64_t
destroy_at(const struct view *v, const struct schedule_key *k)
{
	int64_t acknowledged = k->facts.at[FACT_ACKNOWLEDGED];

	if (key_has(k, FACT_DESTROYED))
		return NEVER;
	if (!key_has(k, FACT_ACTIVATED) && !key_has(k, FACT_RETIRED))
		return v->now; /* it never signed, and never will */
	if (acknowledged == NEVER)
		return NEVER;
	if (key_has(k, FACT_COMPROMISED))
		return v->now;
	if (schedule_is_future(acknowledged, v->now)) /* counted in trusted time instead */
		return later(v->now, max_s(0, v->p->destroy_after_s - k->overlap_s));
	return later(acknowledged, v->p->destroy_after_s);
}

static bool
destroys(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t at = destroy_at(v, k);

	if (at == NEVER || at > v->now)
		return false;
	if (key_has(k, FACT_ACTIVATED))
		step_say(step, "every milter has left it for %s: the private key is deleted",
		    span_of(elapsed_s(k->facts.at[FACT_ACKNOWLEDGED], v->now)).text);
	return true;
}

static bool
destroys_later(const struct view *v, const struct schedule_key *k, struct step *step)
{
	step->earliest = destroy_at(v, k);
	return step->earliest != NEVER;
}

/* K31: others may sign with it too. */
static bool
foreign(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)v;
	(void)step;
	return key_has(k, FACT_IMPORTED) || k->imported_unproven;
}

/* Iret, in trusted time since every milter left it (K1, K8, K18). */
static bool
overlaps(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t interval = schedule_retirement_interval(v->p, k);

	if (k->overlap_s >= interval)
		return false;
	step->earliest = later(v->now, interval - k->overlap_s);
	step_say(step,
	    "in overlap: mail that it signed may be on its way for %s since every milter left it, "
	    "of "
	    "which %s are counted",
	    span_of(interval).text, span_of(k->overlap_s).text);
	return true;
}

static bool
queue_holds(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)v;
	(void)step;
	return k->queue_holds;
}

/* K8: mail that was on hold left our queue late, and may wait behind the next hop from then on. */
static bool
left_late(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t delay = max_s(v->p->receiver_delay_s, k->delay_max_s);
	int64_t wait = later(delay, max_s(v->p->retire_safety_s, k->safety_max_s));

	if (!k->queue_held || k->queue_clear_s >= wait)
		return false;
	step->earliest = later(v->now, wait - k->queue_clear_s);
	step_say(step,
	    "mail that it signed left our queue late, and may be on its way for %s from then",
	    span_of(wait).text);
	return true;
}

/* Transition 8: another key of its algorithm signs, and was seen to be fine lately; K17: or none is to. */
static bool
no_other_signs(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);
	const struct schedule_key *a = c->active;

	if (!c->wanted)
		return false;
	/* else a domain that was removed and added again would wait for a slot for ever */
	if (a == NULL && v->p->mode == MODE_SLOTS && c->successor == NULL)
		return false;
	if (a == NULL) {
		step_say(step, "kept: no other key of its algorithm signs");
		return true;
	}
	bool seen = a->looks.last_passed && !a->looks.contradicted &&
		    !schedule_is_future(a->looks.looked_at, v->now) &&
		    later(a->looks.looked_at, 2 * v->t->watch_interval_s) >= v->now;
	if (!a->imported_unproven && (seen || !has_looks(v)))
		return false;
	step_say(
	    step, "kept until the record of %.64s, which signs, is seen to be fine", a->selector);
	return true;
}

const struct rule RULES_RETIRED[] = {
    {acknowledges, STEP_ACKNOWLEDGE, WAIT_NOTHING, "every milter was seen to have left it"},
    {destroys, STEP_DESTROY, WAIT_NOTHING, "its private key is deleted"},
    {closed, STEP_NONE, WAIT_NOTHING, ""},
    {proves_anew, STEP_VERIFY, WAIT_NOTHING, "contradicted since, and found again by two looks"},
    {look_due, STEP_LOOK, WAIT_DNS, "in overlap; its record is looked at"},
    {republishes, STEP_PUBLISH, WAIT_NOTHING, ""},
    {unacknowledged, STEP_NONE, WAIT_SIGNERS, "kept until every milter was asked and has left it"},
    {foreign, STEP_NONE, WAIT_NOTHING, "was imported: its record is not ours to revoke"},
    {overlaps, STEP_REVOKE, WAIT_TIME, ""},
    {domain_gone, STEP_NONE, WAIT_NOTHING, "the domain does not exist any more, and so its record"},
    {queue_holds, STEP_NONE, WAIT_QUEUE, "our queue holds mail from before it was retired"},
    {left_late, STEP_REVOKE, WAIT_TIME, ""},
    {no_other_signs, STEP_NONE, WAIT_DNS, ""},
    {closing_deed, STEP_REVOKE, WAIT_NOTHING, ""},
    {closing_wait, STEP_LOOK, WAIT_DNS, "revoked, but not yet on every server"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

/* A person was never handed its record: nothing of it can be in DNS. */
static bool
never_offered(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return v->p->by_hand && !key_has(k, FACT_PUBLISHED) && !key_has(k, FACT_ACTIVATED) &&
	       !key_has(k, FACT_IMPORTED);
}

/* K29: revoked at once, without overlap; its PEM goes when no milter needs it. */
const struct rule RULES_COMPROMISED[] = {
    {never_offered, STEP_ABANDON, WAIT_NOTHING, "compromised before its record was handed out"},
    {closed, STEP_NONE, WAIT_NOTHING, ""},
    {domain_gone, STEP_NONE, WAIT_NOTHING, "the domain does not exist any more, and so its record"},
    {closing_deed, STEP_REVOKE, WAIT_NOTHING, "compromised: revoked at once"},
    {acknowledges, STEP_ACKNOWLEDGE, WAIT_NOTHING, "every milter was seen to have left it"},
    {destroys, STEP_DESTROY, WAIT_NOTHING, "compromised before it signed anything"},
    {closing_wait, STEP_LOOK, WAIT_DNS, "compromised; revoked, but not yet on every server"},
    {foreign, STEP_NONE, WAIT_PERSON,
	"compromised; its record was published by others: revoke it where you published it"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

/* A slot is free when no resolver can hold its last key any more (K6, K19). */
static bool
frees_slot(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (k->slot < 0)
		return false;
	step->earliest = after(v, k->facts.at[FACT_REVOKED], reuse_s(v, k));
	if (step->earliest > v->now) {
		step->wait = WAIT_TIME;
		step_say(step,
		    "revoked; slot %d is free again when no resolver can remember it, after %s",
		    k->slot + 1, span_of(reuse_s(v, k)).text);
	}
	return true;
}

/* t_rm */
static bool
tombstone_stays(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t stay = max_s(v->p->tombstone_s, reuse_s(v, k));

	if (key_has(k, FACT_COMPROMISED))
		stay = max_s(stay, v->p->compromised_tombstone_s); /* K19 */
	step->earliest = after(v, k->facts.at[FACT_REVOKED], stay);
	if (step->earliest <= v->now)
		return false;
	step_say(step, "revoked; p= stays for %s", span_of(stay).text);
	return true;
}

const struct rule RULES_REVOKED[] = {
    {acknowledges, STEP_ACKNOWLEDGE, WAIT_NOTHING, "every milter was seen to have left it"},
    {destroys, STEP_DESTROY, WAIT_NOTHING, "its private key is deleted"},
    {domain_gone, STEP_NONE, WAIT_NOTHING, "the domain does not exist any more, and so its record"},
    {frees_slot, STEP_REMOVED, WAIT_NOTHING, "no resolver can remember it: its slot is free again"},
    {foreign, STEP_NONE, WAIT_NOTHING, "revoked; what is left of its record is not ours to remove"},
    {closed, STEP_NONE, WAIT_NOTHING, ""},
    {tombstone_stays, STEP_REMOVE, WAIT_TIME, ""},
    {closing_deed, STEP_REMOVE, WAIT_NOTHING, ""},
    {closing_wait, STEP_LOOK, WAIT_DNS, "to be removed, but not yet gone from every server"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

const struct rule RULES_REMOVED[] = {
    {acknowledges, STEP_ACKNOWLEDGE, WAIT_NOTHING, "every milter was seen to have left it"},
    {destroys_later, STEP_DESTROY, WAIT_TIME, "its private key is deleted"},
    {unacknowledged, STEP_NONE, WAIT_SIGNERS, "its private key is kept until every milter left it"},
    {always, STEP_NONE, WAIT_NOTHING, "ended"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

static bool
nothing_to_remove(const struct view *v, const struct schedule_key *k, struct step *step)
{
	/* a slot is free again when it holds p= */
	return (k->selector_taken && k->slot < 0) || never_offered(v, k, step);
}

const struct rule RULES_ABANDONED[] = {
    {destroys, STEP_DESTROY, WAIT_NOTHING,
	"never signed, and never will: its private key is deleted"},
    {nothing_to_remove, STEP_NONE, WAIT_NOTHING, "abandoned; nothing of it is in DNS"},
    {domain_gone, STEP_NONE, WAIT_NOTHING, "the domain does not exist any more, and so its record"},
    {closed, STEP_NONE, WAIT_NOTHING, ""},
    {closing_deed, STEP_REMOVE, WAIT_NOTHING, "it never signed: its record is taken away"},
    {closing_wait, STEP_LOOK, WAIT_DNS,
	"abandoned, but its record is not yet gone from every server"},
    {always, STEP_NONE, WAIT_NOTHING, "abandoned"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

/* K1: after the table changed every milter is asked until all agree. */
size_t
signer_steps(const struct view *v, struct step *step)
{
	const struct schedule_signers *s = &v->d->signers;
	int64_t changed = NEVER;
	bool wanted = false;

	for (size_t i = 0; i < v->d->key_count; i++) {
		const struct schedule_key *k = &v->d->keys[i];
		if (!wants_acknowledgement(k) || all_left(v, k))
			continue;
		wanted = true;
		changed = max_s(changed, max_s(s->table_at, k->facts.at[FACT_RETIRED]));
	}
	if (!wanted || !v->w->clock_trusted || v->d->held)
		return 0;
	*step = (struct step){.key = SIZE_MAX, .other = SIZE_MAX, .slot = -1};
	step_begin(step, STEP_ASK_SIGNERS, WAIT_SIGNERS,
	    "every milter is asked whether it has left the old key");
	step->earliest = after(v, changed, 1);
	if (asked_since(v, changed))
		step->earliest =
		    max_s(step->earliest, after(v, s->asked_at, v->t->ask_signers_interval_s));
	if (s->laggard != NULL && s->laggard[0] != '\0')
		step_say(step, "%s", s->laggard);
	return 1;
}
