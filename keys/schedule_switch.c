/* SPDX-License-Identifier: ISC */
/* From proof to signing: a key's own readiness, the switch, and the way out when the key that signs is lost or
 * stolen (K3, K12, K29). */
#include "keys/schedule_private.h"

/* RFC 8301 3.1, K27: Ed25519 only beside RSA.  K13: nor beside one that a store which was put back takes for signing:
 * the switch would bring that one into the table, too. */
static bool
is_alone(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct schedule_key *rsa = v->chains[KEY_RSA_SHA256].active;

	(void)step;
	return k->alg != KEY_RSA_SHA256 && (rsa == NULL || needs_proof(v, rsa));
}

/* K13: nobody looks (is_unproven), so that a person says whether its record is still there. */
static bool
unvouched(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return needs_proof(v, k);
}

bool
roll_is_due(const struct view *v, const struct chain *c)
{
	int64_t roll = v->d->roll_at;

	/* a rollback since then took the roll back */
	if (c->active == NULL || schedule_is_future(roll, v->now) || v->d->rollback_at >= roll)
		return false;
	/* activated under a clock that was set back since: after the roll, for all that is known */
	return c->active->facts.at[FACT_ACTIVATED] < roll;
}

bool
rescues(const struct view *v, const struct schedule_key *k)
{
	const struct chain *c = chain_of(v, k);

	/* what leaves the table by and by goes on signing while the domain is held */
	bool stays = c->wanted || (v->d->held && !c->empty);

	/* K12: DNS may be slow just then, so that its last proof may be as old as recent_proof_s */
	return k == c->successor && stays && in_danger(c) &&
	       key_state_of(&k->facts) == KEY_STATE_READY && !needs_proof(v, k) &&
	       is_recent(v, k) && !is_alone(v, k, NULL) && v->now >= ready_at(v, k);
}

static void
takes_over_from(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct schedule_key *active = chain_of(v, k)->active;

	step->other = active == NULL ? SIZE_MAX : (size_t)(active - v->d->keys);
}

static bool
takes_over_lost(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);

	if (!rescues(v, k))
		return false;
	takes_over_from(v, k, step);
	if (c->empty)
		step_say(step, "no key signs: this one is proven");
	else
		step_say(step, "%.64s %s: this one is proven and takes over", c->active->selector,
		    c->stolen ? "is compromised" : "has lost its record");
	return true;
}

/* Nothing of ours is overwritten back: the name is given up. */
static bool
overwritten(const struct view *v, const struct schedule_key *k, struct step *step)
{
	return gone_and_differs(v, k, step) && is_ours(v, k) && !v->w->outage;
}

/* A watch's look asks once; one that may be followed by the switch asks as a proof does (K14). */
static bool
ready_look_due(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);

	if (!look_due(v, k, step))
		return false;
	if (c->active == NULL || in_danger(c) || roll_is_due(v, c) ||
	    v->now >= switch_at(v, k, c->active))
		step->queries = v->t->queries;
	return true;
}

static bool
not_next(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return chain_of(v, k)->successor != k;
}

static bool
alias_wrong(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!v->d->alias_wrong || in_danger(chain_of(v, k)))
		return false;
	step_say(step, "proven, but it does not sign yet: %s",
	    v->d->alias_why == NULL || v->d->alias_why[0] == '\0'
		? "an alias or the delegation is missing"
		: v->d->alias_why);
	return true;
}

/* Ipub */
static bool
may_be_denied(const struct view *v, const struct schedule_key *k, struct step *step)
{
	int64_t interval = publication_interval(v, k, in_danger(chain_of(v, k)));

	step->earliest = ready_at(v, k);
	if (v->now >= step->earliest)
		return false;
	takes_over_from(v, k, step);
	step_say(step,
	    v->p->mode == MODE_SLOTS ? "proven; a receiver may remember for %s that the slot was "
				       "empty or held another key"
				     : "proven; a receiver may remember for %s, safety included, "
				       "that the record was not there",
	    span_of(interval).text);
	return true;
}

/* The key that signs is lost, and the proof is too old to rest a switch on, or takes_over_lost had held. */
static bool
is_stale(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!in_danger(chain_of(v, k)))
		return false;
	step->earliest = max_s(v->now, after(v, k->looks.looked_at, v->t->sweep_interval_s));
	step->queries = v->t->queries;
	return true;
}

/* The rest is for a key that takes over from one that is fine, by its own time. */
static bool
is_bound(const struct view *v, const struct schedule_key *k)
{
	return chain_of(v, k)->active != NULL && !roll_is_due(v, chain_of(v, k));
}

static bool
rotation_off(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return is_bound(v, k) && v->p->rotate == ROTATE_OFF;
}

static bool
unapproved(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return is_bound(v, k) && v->p->rotate == ROTATE_APPROVE && !key_has(k, FACT_APPROVED);
}

static bool
rolled_back(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!is_bound(v, k) || v->d->rollback_at == NEVER)
		return false;
	step->earliest = after(v, v->d->rollback_at, v->t->rollback_hold_s);
	if (v->now >= step->earliest)
		return false;
	takes_over_from(v, k, step);
	step_say(
	    step, "rolled back: the schedule rests for %s", span_of(v->t->rollback_hold_s).text);
	return true;
}

static bool
too_young(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);

	if (!is_bound(v, k))
		return false;
	step->earliest = switch_at(v, k, c->active);
	if (v->now >= step->earliest)
		return false;
	takes_over_from(v, k, step);
	step_say(step, "stands by; takes over when %.64s is %s old%s", c->active->selector,
	    span_of(elapsed_s(c->active->facts.at[FACT_ACTIVATED], step->earliest)).text,
	    v->p->switch_hour < POLICY_ANY_HOUR ? ", in the hour of the policy" : "");
	return true;
}

/* The switch rests on what every server says now, not on what one said before. */
static bool
not_seen_now(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct schedule_looks *l = &k->looks;

	if (!has_looks(v) || (l->looked_now && l->last_passed))
		return false;
	step->queries = v->t->queries;
	if (!l->last_passed) {
		step->earliest = max_s(v->now, after(v, l->looked_at, v->t->sweep_interval_s));
		if (l->obstacle != NULL && l->obstacle[0] != '\0')
			step_say(step, "it was proven, but now: %s", l->obstacle);
	}
	return true;
}

static bool
takes_over(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct schedule_key *active = chain_of(v, k)->active;

	takes_over_from(v, k, step);
	if (active != NULL)
		step_say(step, "proven, seen again just now, and %.64s %s", active->selector,
		    roll_is_due(v, chain_of(v, k)) ? "was rolled" : "is due to be replaced");
	return true;
}

const struct rule RULES_READY[] = {
    {takes_over_lost, STEP_ACTIVATE, WAIT_NOTHING, ""},
    {unwanted, STEP_ABANDON, WAIT_NOTHING, ""},
    {misplaced, STEP_ABANDON, WAIT_NOTHING, "the policy now puts records elsewhere"},
    {proves_anew, STEP_VERIFY, WAIT_NOTHING, "contradicted since, and proven anew by two looks"},
    {overwritten, STEP_ABANDON, WAIT_NOTHING,
	"somebody put another record at its name: a new key takes its place"},
    {republishes, STEP_PUBLISH, WAIT_NOTHING, ""},
    {is_unproven, STEP_LOOK, WAIT_DNS,
	"a server contradicted since; two equal looks prove it anew"},
    {unvouched, STEP_NONE, WAIT_PERSON,
	"its record is in doubt, and nobody looks: signpost attest is to say that it is there"},
    {ready_look_due, STEP_LOOK, WAIT_DNS, "proven; looked at again"},
    {not_next, STEP_NONE, WAIT_TIME, "proven; stands by behind another"},
    {is_alone, STEP_NONE, WAIT_DNS,
	"proven; joins when an RSA key of the domain that is proven signs"},
    {alias_wrong, STEP_NONE, WAIT_PERSON, ""},
    {may_be_denied, STEP_ACTIVATE, WAIT_TIME, ""},
    {is_stale, STEP_LOOK, WAIT_DNS,
	"the key that signs is lost; this one takes over as soon as it is seen again"},
    {rotation_off, STEP_NONE, WAIT_PERSON,
	"stands by; rotate = off: signpost roll lets it take over"},
    {too_young, STEP_ACTIVATE, WAIT_TIME, ""},
    {rolled_back, STEP_ACTIVATE, WAIT_TIME, ""},
    {unapproved, STEP_NONE, WAIT_PERSON, "proven and due; signpost approve lets it take over"},
    {not_seen_now, STEP_LOOK, WAIT_DNS, "proven; one more look before it signs"},
    {takes_over, STEP_ACTIVATE, WAIT_NOTHING, "proven, and seen again just now; it signs"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};

/* Ed25519 leaves first: it never signs alone (RFC 8301 3.1). */
static bool
leaves_last(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)step;
	return !chain_of(v, k)->wanted && k->alg == KEY_RSA_SHA256 &&
	       v->chains[KEY_ED25519_SHA256].active != NULL;
}

static bool
superfluous(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);

	if (k == c->active || c->stolen || key_is_gone(v, c->active) ||
	    c->active->imported_unproven)
		return false;
	step_say(
	    step, "%.64s signs too, and one key of an algorithm is enough", c->active->selector);
	return true;
}

static bool
relieved(const struct view *v, const struct schedule_key *k, struct step *step)
{
	const struct chain *c = chain_of(v, k);

	if (!in_danger(c) || c->successor == NULL || !rescues(v, c->successor))
		return false;
	step_say(step, "%.64s takes over", c->successor->selector);
	return true;
}

static bool
is_compromised(const struct view *v, const struct schedule_key *k, struct step *step)
{
	(void)v;
	(void)step;
	return key_has(k, FACT_COMPROMISED);
}

static bool
signs_unproven(const struct view *v, const struct schedule_key *k, struct step *step)
{
	if (!k->imported_unproven || !look_next(v, k, step))
		return false;
	step_say(step, "signs unproven, as it did before the import; it is replaced first");
	return true;
}

const struct rule RULES_ACTIVE[] = {
    {leaves_last, STEP_NONE, WAIT_TIME, "leaves when the Ed25519 key has left"},
    {unwanted, STEP_RETIRE, WAIT_NOTHING, ""},
    {superfluous, STEP_RETIRE, WAIT_NOTHING, ""},
    {proves_anew, STEP_VERIFY, WAIT_NOTHING, "contradicted since, and found again by two looks"},
    {look_due, STEP_LOOK, WAIT_DNS, "signs; its record is looked at"},
    {gone_in_outage, STEP_NONE, WAIT_OUTAGE, ""},
    {relieved, STEP_NONE, WAIT_NOTHING, ""},
    {gone_by_other_tool, STEP_NONE, WAIT_PERSON, ""},
    {gone_and_differs, STEP_NONE, WAIT_PERSON,
	"somebody put another record at its name, which is not overwritten; signing goes on"},
    {gone_and_foreign, STEP_NONE, WAIT_PERSON,
	"its record is gone: enter it again (signpost records); signing goes on"},
    {republishes, STEP_PUBLISH, WAIT_NOTHING, ""},
    {is_unproven, STEP_LOOK, WAIT_DNS, "signs; a server contradicted its record"},
    {is_compromised, STEP_NONE, WAIT_DNS,
	"compromised; signs until a key that was not stolen is proven, then it is revoked at once"},
    {signs_unproven, STEP_LOOK, WAIT_DNS, ""},
    {look_next, STEP_LOOK, WAIT_TIME, "signs"},
    {always, STEP_NONE, WAIT_NOTHING, "signs"},
    {NULL, STEP_NONE, WAIT_NOTHING, NULL},
};
