/* SPDX-License-Identifier: ISC */
/* schedule_private.h - what the files of the scheduler share, and nobody else.
 *
 * Each state has a table of rules, read from its head; the first one that holds is the step.  A rule's guard may put
 * the time and the numbers into the step that its row has begun.  To add a transition, add a row.
 *
 *	static const struct rule RULES[] = {
 *	    {abandons_dropped, STEP_ABANDON, WAIT_NOTHING, "its algorithm is no longer in the policy"},
 *	    {always, STEP_NONE, WAIT_NOTHING, "stands by"},
 *	};
 *
 * Threads: reentrant; a view belongs to one call of schedule_next. */
#ifndef SIGNPOST_KEYS_SCHEDULE_PRIVATE_H
#define SIGNPOST_KEYS_SCHEDULE_PRIVATE_H

#include "keys/schedule.h"

/* The keys of one algorithm; each has a life of its own (K27). */
struct chain {
	enum key_alg alg;
	bool wanted;			     /* in the policy, and the domain is not being removed */
	bool was_active;		     /* some key of it signed, ever */
	const struct schedule_key *active;    /* or NULL */
	const struct schedule_key *successor; /* the unsigned one that is nearest to signing, or NULL */
	bool stolen;			     /* ACTIVE is compromised */
	bool lost;			     /* ACTIVE's record is gone or changed, and that is no outage */
	bool empty;			     /* RSA signed once, and none does now */
};

struct view {
	const struct schedule_domain *d;
	const struct schedule_world *w;
	const struct key_policy *p;
	const struct schedule_times *t;
	int64_t now;
	bool any_was_active;		     /* K3: else this is the domain's first key */
	struct chain chains[POLICY_ALGORITHMS_MAX]; /* by enum key_alg */
};

typedef bool schedule_guard(const struct view *, const struct schedule_key *, struct step *);
struct rule {
	schedule_guard *holds;
	enum step_what what;
	enum step_wait wait;
	const char *why;
};

/* When and how a key's name is looked at next. */
struct look_plan {
	int64_t at; /* NEVER: there is nothing to be seen, or it cannot be seen */
	unsigned queries;
	enum key_expect expect;
	bool proves; /* two equal ones prove something */
};

struct span_text {
	char text[32];
};

/* schedule.c */
void step_begin(struct step *, enum step_what, enum step_wait, const char *why);
void step_say(struct step *, const char *fmt, ...) PRINTF(2, 3);
struct span_text span_of(int64_t seconds); /* "3 d 4 h" */
const struct chain *chain_of(const struct view *, const struct schedule_key *);
bool key_has(const struct schedule_key *, enum key_fact);
int64_t later(int64_t at, int64_t by_s); /* no overflow for any clock */
int64_t elapsed_s(int64_t from, int64_t to);	 /* 0 when it is not later */
int64_t max_s(int64_t, int64_t);
/* at + by_s; now, when at is NEVER or of a clock that was set back since: nothing is waited for for ever */
int64_t after(const struct view *, int64_t at, int64_t by_s);
schedule_guard always;

/* schedule_look.c */
bool has_looks(const struct view *);
bool key_is_gone(const struct view *, const struct schedule_key *); /* K11: past the thresholds */
bool needs_proof(const struct view *, const struct schedule_key *);
bool is_proven(const struct view *, const struct schedule_key *); /* the pair is there: VERIFY, REVOKED, REMOVED */
bool is_recent(const struct view *, const struct schedule_key *); /* K12 */
struct look_plan look_plan_of(const struct view *, const struct schedule_key *);
int64_t resolvers_at(const struct view *, const struct schedule_key *); /* K34: asked no earlier */
schedule_guard look_due, look_next, proves_anew, republishes, gone_in_outage, gone_by_other_tool, gone_and_differs;
schedule_guard gone_and_foreign, is_unproven;

/* schedule_formula.c */
bool in_danger(const struct chain *);
int64_t publication_interval(const struct view *, const struct schedule_key *, bool emergency);
int64_t proof_time(const struct schedule_key *); /* t_auth: the proof that counts, or NEVER */
int64_t ready_at(const struct view *, const struct schedule_key *);
int64_t switch_at(const struct view *, const struct schedule_key *successor, const struct schedule_key *active);
int64_t begin_at(const struct view *, const struct schedule_key *active);
int64_t reuse_s(const struct view *, const struct schedule_key *); /* TTL + Wst + Sr */

/* schedule_begin.c: GENERATED, PUBLISHED; GENERATE, PREPARE_SLOT */
extern const struct rule RULES_GENERATED[], RULES_PUBLISHED[];
schedule_guard unwanted, misplaced;
size_t begin_steps(const struct view *, struct step *);

/* schedule_switch.c: READY, ACTIVE */
extern const struct rule RULES_READY[], RULES_ACTIVE[];
bool rescues(const struct view *, const struct schedule_key *); /* K12: takes over, also under hold */
bool roll_is_due(const struct view *, const struct chain *);

/* schedule_retire.c: RETIRED and after; ASK_SIGNERS */
extern const struct rule RULES_RETIRED[], RULES_COMPROMISED[], RULES_REVOKED[], RULES_REMOVED[], RULES_ABANDONED[];
size_t signer_steps(const struct view *, struct step *);

/* schedule_deed.c: what a publisher is asked for, and whether it has come about */
struct closing {
	enum deed deed;
	enum key_expect expect;
	enum step_what doing, done;
};
const struct closing *closing_of(const struct schedule_key *);
bool is_ours(const struct view *, const struct schedule_key *); /* its record is signpost's to change (I7) */
bool is_by_person(const struct view *, const struct schedule_key *); /* a person is to revoke or remove it */
int64_t deed_at(const struct view *, const struct schedule_key *, enum deed); /* when it is tried next */
/* Was its name looked at since then? */
bool looked_since(const struct view *, const struct schedule_key *, int64_t at);
void deed_say(const struct view *, const struct schedule_key *, enum deed, struct step *);
schedule_guard closed, closing_deed, closing_wait, domain_gone;

#endif
