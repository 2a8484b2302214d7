/* SPDX-License-Identifier: ISC */
/* sim.h - the simulated receiver: a world of name servers, signers, people and faults round the real scheduler.
 *
 * A site is one keeper with its clock, its milters and some domains.  True time runs in events; the keeper sees the
 * wall clock only.  Receivers are not drawn at random: whatever any name server said, some receiver holds for as long
 * as it may.  The model shares nothing with the scheduler but the structs it is asked with; every number here is
 * the world's own.
 *
 * Threads: one. */
#ifndef SIGNPOST_TESTS_SIM_H
#define SIGNPOST_TESTS_SIM_H

#include "keys/schedule.h"

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define LONG_AGO INT64_C(0)
#define FOREVER INT64_MAX
#define EPOCH INT64_C(1800000000) /* true time when a site begins */

#define NODES_MAX 8
#define KEYS_MAX 160
#define SIGNERS_MAX 3
#define TABLE_MAX 8
#define RESOLVERS 3

enum content { SAYS_NOTHING, SAYS_RECORD, SAYS_TOMBSTONE, SAYS_FOREIGN, IS_SILENT };
enum author { BY_KEEPER, BY_WORLD };

struct answer {
	enum content content;
	int64_t key; /* SAYS_RECORD: whose */
	int64_t ttl_s;
	enum author author;
	bool seen; /* a look of the keeper met it, and it was wrong */
};

/* Until when some receiver may hold what was said at a name. */
struct memory {
	int64_t nothing, tombstone, foreign, other;
	int64_t record_key, record; /* the last key; older ones are in other */
};

/* One owner name: of a key, or of a slot for as long as the site lives. */
struct name {
	bool used;
	int slot; /* -1 */
	enum key_alg alg;
	struct answer zone, at[NODES_MAX];
	struct memory memory[2]; /* of the servers that the prober meets; of all */
	bool prepared;
	int64_t before_ttl_s; /* of what a slot's name answered before its tombstone */
	int64_t free_at, deed_at;
};

struct node {
	bool used, met;	     /* met: the prober can reach it */
	int address;	     /* nodes of one address stand behind it in turn */
	bool dead, frozen, bogus, wrong_by_itself;
	int64_t former_until; /* resolvers go on asking it until then; NEVER: it is listed */
	int64_t delisted_at;
	int64_t serial, negative_ttl_s, wildcard_ttl_s, lag_s;
	int64_t frozen_at, mute_since;
};

struct model_key {
	struct schedule_key k; /* what the keeper's store holds */
	int name;
	enum key_expect looks_for;
	bool pem;
	int64_t acknowledged_count, held_count; /* of the trusted seconds, then */
	int64_t acknowledged_true, revoked_true, published_true, last_look;
	int64_t removed_at[4], servers_seen;
	unsigned removals;
	char selector[24];
	/* the truth */
	unsigned signing;	/* by which signers, a bit each */
	bool ever_signed;
	int64_t last_signed, overlap_end, in_use_q, in_use_v, in_use_x, in_use_s;
	struct answer cached[RESOLVERS]; /* of resolvers, each until then */
	int64_t cached_until[RESOLVERS];
	unsigned resolver_passes;
	int64_t deeds_from, looks_from; /* counted since then */
	unsigned deeds_made, looks_made;
	int64_t stolen_at, made_at, last_bad_look, last_good_look, pass1, pass2, proof;
	int64_t ended_at, switched_at;
	bool looked_untrusted;
	int asked_person; /* 1 to enter, 2 to empty, 4 to remove */
	bool held;	  /* mail that it signed is on hold in our queue */
	bool saw_held;	  /* and the keeper's last pass saw that */
	bool free_start;  /* the domain was unsigned when it was activated: nothing gets worse */
	bool urgent;	  /* it replaced a key that was lost or stolen */
	bool by_admin;	  /* roll, rollback, compromise */
};

struct domain {
	int index;
	struct key_policy policy;
	struct model_key keys[KEYS_MAX];
	struct name names[KEYS_MAX];
	size_t key_count;
	struct node nodes[NODES_MAX];
	int64_t serial, negative_ttl_s, wildcard_ttl_s; /* of the zone */
	int64_t denied_until[2], wildcard_until[2];	/* any name that was not there; as memory[] */
	int64_t expire_s, ns_ttl_s, servers_changed;
	int64_t negative_max, negative_measured, lower_since; /* as the keeper measured it */
	bool alias_wrong, is_gone, stays_removed, held, no_rule;
	int64_t disturbed_at, absent_at; /* when the keeper last could not do what it would; was not there */
	int64_t removing_at, roll_at, rollback_at, propagation_max_s;
	int64_t publisher_fails_until;
	bool publisher_refuses;
	int64_t queue_held_since, queue_held_until; /* mail on hold; NEVER */
	/* table and signers */
	int64_t table[TABLE_MAX], loaded[SIGNERS_MAX][TABLE_MAX];
	size_t table_count, loaded_count[SIGNERS_MAX];
	int64_t table_at, asked_at;
	bool agree;
	int64_t first_signed; /* truth; NEVER */
	int64_t stopped_at;   /* a person said that nothing shall sign; NEVER */
	int64_t pass_at;      /* of the wake-up that counts */
	int64_t lost_since;   /* active lost while a proven one stands by */
	int64_t last_activated[POLICY_ALGORITHMS_MAX];
	int64_t counted_from; /* keys made since then */
	int made;
	uint64_t rotations;
};

enum event_what {
	EV_PASS, EV_SYNC, EV_NODE_FAULT, EV_NODE_HEAL, EV_PERSON, EV_OPERATOR, EV_SIGNER, EV_CLOCK, EV_ZONE_FAULT, EV_CALM,
	EV_STORM, EV_LOAD, EV_QUEUE, EV_EXPIRE, EV_RELEASE, EV_OUTAGE, EV_ALIAS, EV_FIGHT,
	EV_ACCEPT,
};
struct event {
	int64_t at;
	uint64_t order;
	enum event_what what;
	int domain, a;
	int64_t b;
};

struct options {
	uint64_t seed;
	int64_t years;
	int domains, per_site, mode; /* -1: every mode */
	bool stop, trace; /* at the first failure; what happens to one domain */
	int trace_domain;
	const struct mutant *mutant;
};

enum happening {
	MODE_IS_TXT, MODE_IS_SLOTS, MODE_IS_DELEGATED, RECORDS_BY_HAND,
	PROOF_BY_RESOLVERS, PROOF_BY_A_PERSON, TWO_ALGORITHMS, KEY_IMPORTED, NO_RULE,
	SERVER_NEVER_MET, SERVER_BEHIND_ANOTHER, SERVER_LAGS, SERVER_DIES, SERVER_FREEZES,
	SERVER_EXPIRES, SERVER_GOES_BOGUS, SERVER_IS_RESTORED, SERVER_LOSES_ALL, SERVERS_CHANGE,
	FORMER_SERVER_LIES, PUBLISHER_FAILS, PUBLISHER_REFUSES, PUBLISHER_ANSWER_LOST, PERSON_ERRS,
	NAME_IS_TAKEN, RECORD_REMOVED, RECORD_REPLACED, ANOTHER_TOOL_FIGHTS, NEGATIVE_TTL_CHANGES,
	WILDCARD_COMES, ALIAS_BREAKS, MANY_LOSE_ALL, OUTAGE_IS_SEEN, SIGNER_STUCK, SIGNER_AWAY,
	KEEPER_DOWN, MACHINE_RESTARTS, CLOCK_GOES_AHEAD, CLOCK_GOES_BACK, CLOCK_IS_DOUBTED,
	WRONG_CLOCK_ACCEPTED, QUEUE_HELD, ROLL_SAID, ROLLBACK_DONE, COMPROMISE_SAID,
	COMPROMISE_OF_HOST, STOP_NOW_SAID, REMOVE_SAID, ADDED_AGAIN, DOMAIN_IS_GONE, POLICY_EDITED,
	HOLD_SAID, RELEASE_SAID, APPROVE_SAID, ATTEST_SAID, SWITCH_BY_AGE, SWITCH_FROM_LOST,
	SWITCH_FROM_STOLEN, HAPPENINGS
};

struct totals {
	uint64_t passes, steps[STEP_COUNT], rotations, crashes, violations, events, domains, years;
	uint64_t happened[HAPPENINGS], died_before[STEP_COUNT], died_after[STEP_COUNT];
	uint64_t spread, spread_early, hours, hours_kept; /* rotations by a policy with a spread, an hour */
};

struct site {
	uint64_t rng, seed;
	const struct options *options;
	struct totals *totals;
	struct domain *domains;
	int domain_count, signer_count;
	struct event *heap;
	size_t heap_count, heap_max;
	uint64_t order;
	int64_t now, end, calm_at; /* true time */
	bool calm;
	int64_t next_key;
	/* clock */
	int64_t offset, boot, anchor_wall, anchor_true, anchor_boot, high_water, trusted_s, last_count_true, last_count_wall,
	    last_count_boot;
	int64_t accepted_at; /* a person vouched for the wall clock: times before and after cannot be compared */
	bool clock_trusted, corroborated, last_count_trusted, accepted_wrong;
	/* signers */
	int64_t stuck_until[SIGNERS_MAX], away_until[SIGNERS_MAX];
	int64_t down_until; /* the keeper */
	bool rare_passes;   /* it is called once a day and when something is due, else as often as it watches */
	bool outage;
	struct schedule_times times;
	uint64_t died[2][STEP_COUNT]; /* before a step, after it */
	bool failed;
	char failure[512];
};

/* A change at the boundary of the scheduler that must be noticed. */
struct mutant {
	const char *name;
	void (*in)(struct schedule_domain *, struct schedule_key *keys, struct schedule_world *);
	void (*out)(const struct schedule_domain *, const struct schedule_world *, struct step *, size_t count);
	void (*slots)(struct schedule_slot *, size_t count);
};

/* rng.c */
uint64_t rnd(struct site *, uint64_t below);
int64_t between(struct site *, int64_t low, int64_t high); /* both may come */
bool chance(struct site *, unsigned permille);
void event_put(struct site *, int64_t at, struct event);
bool event_take(struct site *, struct event *);

/* zone.c: what name servers say */
void zone_init(struct site *, struct domain *);
void node_init(struct site *, struct domain *, int node, bool met);
struct answer node_says(const struct site *, const struct domain *, int node, const struct name *);
bool node_answers(const struct site *, const struct node *);
bool answer_is_worlds(const struct domain *, int node, const struct name *);
void zone_put(struct site *, struct domain *, int name, struct answer);
void zone_changed(struct site *, struct domain *);
void node_copy_zone(struct domain *, int node);
void node_take_zone(struct site *, struct domain *, int node);
/* Applies a change that may alter what nodes say, and lets the receivers hear it. */
void world_change(struct site *, struct domain *, void (*change)(struct site *, struct domain *, int), int node);
int name_new(struct site *, struct domain *, int slot, enum key_alg);
void name_forget(struct domain *, int name);

/* receivers.c: what receivers may hold, and whether each message passes */
void receivers_hear(struct site *, struct domain *, int name, int node, struct answer old, bool worlds);
/* Some receiver may find something else than the key's record now: until when (FOREVER: as things are), or NEVER. */
int64_t receivers_wrong_until(const struct site *, const struct domain *, const struct model_key *, bool met_only);
int64_t memory_wrong_until(const struct memory *, int64_t key);
void key_begins_to_sign(struct site *, struct domain *, struct model_key *, int signer);
void key_ends_to_sign(struct site *, struct domain *, struct model_key *, int signer);
int64_t key_overlap_end(const struct site *, const struct domain *, const struct model_key *);
void hold_queue(struct site *, struct domain *, int64_t until);
void release_queue(struct site *, struct domain *);
void key_use_grows(struct site *, struct domain *);

/* look.c: the prober and what the keeper keeps of it */
void look_at(struct site *, struct domain *, struct model_key *, enum key_expect, unsigned queries);
void looks_reset(struct schedule_looks *);
void measure_zone(struct site *, struct domain *, struct model_key *);

/* proofs.c: proof = resolver, proof = attest */
void look_by_resolvers(struct site *, struct domain *, struct model_key *, enum key_expect);
void attest(struct site *, struct domain *);

/* keeper.c */
void keeper_pass(struct site *, struct domain *);
void keeper_show_steps(struct site *, const struct domain *);
void pass_at(struct site *, struct domain *, int64_t at);
bool keeper_crashes(struct site *);
bool keeper_crashes_at(struct site *, enum step_what, bool after);
struct model_key *key_of(struct domain *, int64_t id);
bool key_is_active(const struct model_key *);
bool domain_in_emergency(const struct domain *);

/* steps.c */
bool step_do(struct site *, struct domain *, const struct step *, int64_t *ids); /* false: the keeper died */
void key_switch(struct site *, struct domain *, struct model_key *key, struct model_key *other);
struct model_key *key_new(struct site *, struct domain *, enum key_alg, int slot);

/* publish.c */
enum deed_result { DEED_DONE, DEED_PERSON, DEED_FOREIGN, DEED_TEMPORARY, DEED_REFUSED };
enum deed_result publisher_put(struct site *, struct domain *, struct model_key *, enum content);
void person_acts(struct site *, struct domain *, int64_t key, int what);

/* signers.c */
bool table_write(struct site *, struct domain *); /* true: it changed */
void signer_loads(struct site *, struct domain *, int signer);
void signers_ask(struct site *, struct domain *);

/* clock.c */
int64_t wall(const struct site *);
void clock_look(struct site *);
void clock_jump(struct site *);
void clock_heal(struct site *);
void clock_accept(struct site *);
bool clock_was_accepted(const struct site *); /* lately */
bool clock_was_accepted_since(const struct site *, int64_t at);

/* node_faults.c: changes for world_change, and what brings them about */
void node_die(struct site *, struct domain *, int node);
void node_lose_all(struct site *, struct domain *, int node);
void node_fall_silent(struct site *, struct domain *, int node);
void node_mend(struct site *, struct domain *, int node);
void node_leave(struct site *, struct domain *, int node);
void alias_break(struct site *, struct domain *, int);
void alias_mend(struct site *, struct domain *, int);
void node_fault(struct site *, struct domain *);
void servers_change(struct site *, struct domain *);

/* faults.c, operator.c */
void fault_event(struct site *, const struct event *);
void storm_begin(struct site *);
void calm_begin(struct site *);
void operator_event(struct site *, struct domain *);
void policy_draw(struct site *, struct domain *);
void domain_begin(struct site *, struct domain *, int index);

/* check.c */
void violation(struct site *, const struct domain *, const struct model_key *, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void check_step(struct site *, struct domain *, const struct step *, const int64_t *ids);
void check_domain(struct site *, struct domain *);
void check_calm_end(struct site *);
const char *step_name(enum step_what);
void trace(struct site *, const struct domain *, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* mutants.c */
extern const struct mutant MUTANTS[];
extern const size_t MUTANT_COUNT;

/* pace.c */
void pace_of_deed(struct site *, struct domain *, struct model_key *);
void pace_of_look(struct site *, struct domain *, struct model_key *);
void pace_of_keys(struct site *, struct domain *, const struct step *);
void pace_of_domain(struct site *, struct domain *);
void pace_of_switch(struct site *, struct domain *, const struct model_key *, const struct model_key *other);
const char *pace_of_all(const struct totals *);

/* happened.c */
void happened(struct site *, enum happening);
unsigned happened_report(const struct totals *); /* how many kinds never did */

/* site.c */
bool site_run(const struct options *, uint64_t seed, struct totals *, char *failure, size_t failure_size);

#endif
