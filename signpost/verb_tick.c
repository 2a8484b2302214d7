/* SPDX-License-Identifier: ISC */
/* verb_tick.c - one pass: look at DNS for every key that waits, take at most one step a key,
 * bring the signing table up to date.
 *
 * Each deed is committed before the next begins, and each can be repeated: a pass that is killed
 * anywhere is taken up by the next. */
#include "keys/keyfile.h"
#include "signpost/config.h"
#include "signpost/observe.h"
#include "signpost/rules.h"
#include "signpost/sweeps.h"
#include "signpost/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX 64 /* sweeps whose results are held at a time */

struct pass {
	const struct cli *cli;
	struct store *store;
	bool verbose;
	bool unanswered;	/* some sweep could not be carried out */
	struct err first;	/* of the domains' troubles */
	struct sweep_job *jobs; /* of this batch */
	size_t job_count;
};

/* One domain's share of the pass. */
struct share {
	struct pass *pass;
	struct store_key *keys;
	size_t count;
	struct key_times times;
};

static void __attribute__((format(printf, 3, 4)))
tell(const struct pass *pass, const struct store_key *key, const char *fmt, ...)
{
	va_list ap;

	if (!pass->verbose)
		return;
	printf("%s %s: ", key->domain, key->selector);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* Of this batch; a key whose look fell due only now is swept by itself. */
static const struct sweep_job *
result_of(const struct share *share, const struct store_key *key, struct sweep_job *own)
{
	const struct pass *pass = share->pass;

	for (size_t i = 0; i < pass->job_count; i++) {
		if (pass->jobs[i].key_id == key->id)
			return &pass->jobs[i];
	}
	sweep_job_init(own, &pass->cli->config->dns, key);
	sweeps_run(own, 1);
	return own;
}

static int
sweep_key(const struct share *share, const struct store_key *key, bool first,
    struct store_sweep *out, struct err *err)
{
	struct pass *pass = share->pass;
	struct sweep_job *own = malloc(sizeof(*own));

	if (own == NULL)
		return err_nomem(err);
	/* a timer would repeat it every minute; status shows it */
	bool was_failed = out->failed;
	struct err before = ERR_INIT;
	memcpy(before.text, out->why, sizeof(before.text));
	const struct sweep_rules rules = {pass->store, pass->cli->config, first};
	int rc = sweep_job_judge(result_of(share, key, own), &rules, out, err);
	if (rc == 0 && out->failed) {
		pass->unanswered = true;
		if (!was_failed || strcmp(before.text, out->why) != 0 || pass->verbose)
			fprintf(stderr, "signpost: %s: %s\n", key->domain, out->why);
	}
	free(own);
	return rc;
}

/* What a passing sweep means beside the one before: the first of a pair, the second, or one too
 * early to tell. */
static int
pair_up(
    const struct share *share, const struct store_key *key, struct observation *o, struct err *err)
{
	const struct store_sweep *now = &o->last;
	bool again = o->first.found && sweep_equal(&o->first.sweep, &now->sweep);

	/* one of the future can be of any age: the clock was set back */
	if (!again || schedule_is_future(o->first.sweep.ended_at, now->sweep.started_at)) {
		o->first = *now;
		o->seen.first_pass_at = now->sweep.ended_at;
		return store_sweep_put(share->pass->store, key->id, EVIDENCE_FIRST, now, err);
	}
	/* a clock that was set back makes the pair no older than it is */
	if (now->sweep.started_at >= o->first.sweep.ended_at + share->times.sweep_interval_s)
		o->seen.second_pass_at = now->sweep.ended_at;
	return 0;
}

/* The pair is complete: the record is proven, or proven anew. */
static int
verify(const struct share *share, struct store_key *key, struct observation *o, struct err *err)
{
	char text[160];
	bool anew = key->facts.at[FACT_VERIFIED] != NEVER;

	snprintf(text, sizeof(text),
	    "proven%s: %zu server address%s of %.80s served it twice, %" PRId64 " s apart",
	    anew ? " anew" : "", o->last.sweep.good, o->last.sweep.good == 1 ? "" : "es",
	    o->last.sweep.zone, o->last.sweep.started_at - o->first.sweep.ended_at);
	struct store_event event = {(int64_t)time(NULL), "tick", key->domain, key->selector, text};
	if (store_verified(share->pass->store, key, &o->last, &event, err) != 0)
		return -1;
	if (!anew)
		key->facts.at[FACT_VERIFIED] = o->last.sweep.ended_at;
	tell(share->pass, key, "%s", text);
	return 0;
}

static int
look(const struct share *share, struct store_key *key, struct observation *o, struct err *err)
{
	bool ready = key_state_of(&key->facts) == KEY_STATE_READY;

	if (sweep_key(share, key, !o->seen.domain_active, &o->last, err) != 0 ||
	    store_look_put(share->pass->store, key->id, &o->last, err) != 0)
		return -1;
	o->seen.looked_at = o->last.sweep.ended_at;
	o->seen.looked_now = true;
	o->seen.last_passed = o->last.passed;
	o->seen.obstacle = o->last.why;
	if (o->last.sweep.bad > 0) { /* K16: only a contradiction resets */
		o->first.found = false;
		o->seen.first_pass_at = NEVER;
		o->seen.contradicted = true;
		return 0;
	}
	if (!o->last.passed ||
	    (ready && !schedule_wants_new_proof(&o->seen, o->last.sweep.ended_at)))
		return 0;
	if (pair_up(share, key, o, err) != 0)
		return -1;
	if (!ready || o->seen.second_pass_at == NEVER)
		return 0;
	if (verify(share, key, o, err) != 0)
		return -1;
	o->seen.first_pass_at = NEVER;
	o->seen.contradicted = false;
	o->seen.proven_at = o->seen.second_pass_at;
	return 0;
}

static int
activate(const struct share *share, struct store_key *key, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	struct store_event event = {
	    now, "tick", key->domain, key->selector, "enters the signing table"};

	/* else the milter would answer 451 to mail that left unsigned before */
	if (keyfile_check(store_dir(share->pass->store), key, err) != 0)
		return err_wrap(err, "%s is proven, but cannot sign", key->selector);
	if (store_fact_put(share->pass->store, key, FACT_ACTIVATED, &event, err) != 0)
		return -1;
	key->facts.at[FACT_ACTIVATED] = now;
	tell(share->pass, key, "signs from now on");
	return 0;
}

static int
step_key(const struct share *share, struct store_key *key, struct err *err)
{
	struct observation *o = malloc(sizeof(*o)); /* two sweeps: too large for a careful stack */
	const struct key_set set = {share->keys, share->count};
	struct step step;
	int64_t now = (int64_t)time(NULL);

	if (o == NULL)
		return err_nomem(err);
	int rc = observe(share->pass->store, &set, key, o, err);
	if (rc == 0) {
		schedule_next(&key->facts, &o->seen, &share->times, now, &step);
		if (step.what == STEP_LOOK && step.earliest <= now) {
			rc = look(share, key, o, err);
			now = (int64_t)time(NULL);
			schedule_next(&key->facts, &o->seen, &share->times, now, &step);
		}
	}
	if (rc == 0 && step.what == STEP_VERIFY)
		rc = verify(share, key, o, err);
	else if (rc == 0 && step.what == STEP_ACTIVATE && step.earliest <= now)
		rc = activate(share, key, err);
	else if (rc == 0 && step.what == STEP_LOOK)
		tell(share->pass, key, "%s", step.why);
	free(o);
	return rc;
}

static int
share_init(
    struct share *share, struct pass *pass, const struct store_domain *domain, struct err *err)
{
	const struct config *config = pass->cli->config;
	const struct key_policy *policy = config_policy(config, domain->policy);

	*share = (struct share){.pass = pass};
	if (policy == NULL)
		return err_set(err, ERR_CONFIG,
		    "domain %s has policy \"%s\", which %s does not define", domain->name,
		    domain->policy, config->path);
	observe_times(config, policy, &share->times);
	return store_keys(pass->store, domain->name, &share->keys, &share->count, err);
}

/* Puts the looks that are due into the batch, as long as it has room. */
static int
plan_looks(const struct share *share, struct err *err)
{
	struct pass *pass = share->pass;
	struct observation *o = malloc(sizeof(*o));
	const struct key_set set = {share->keys, share->count};
	int64_t now = (int64_t)time(NULL);
	struct step step;
	int rc = o == NULL ? err_nomem(err) : 0;

	for (size_t i = 0; rc == 0 && i < share->count && pass->job_count < BATCH_MAX; i++) {
		const struct store_key *key = &share->keys[i];
		rc = observe(pass->store, &set, key, o, err);
		if (rc != 0)
			break;
		schedule_next(&key->facts, &o->seen, &share->times, now, &step);
		if (step.what == STEP_LOOK && step.earliest <= now)
			sweep_job_init(
			    &pass->jobs[pass->job_count++], &pass->cli->config->dns, key);
	}
	free(o);
	return rc;
}

/* One domain's trouble is not the others'. */
static void
note_trouble(struct pass *pass, const struct store_domain *domain, const struct err *err)
{
	fprintf(stderr, "signpost: %s: %s\n", domain->name, err->text);
	if (pass->first.kind == ERR_NONE)
		pass->first = *err;
}

/* As many domains as have room in a batch: asks for all of them beside each other, then takes
 * their steps one after another.  Returns how many there were. */
static size_t
pass_batch(
    struct pass *pass, const struct store_domain *domains, size_t count, struct share *shares)
{
	size_t n = 0;

	pass->job_count = 0;
	for (; n < count && n < BATCH_MAX && pass->job_count < BATCH_MAX; n++) {
		struct err err = ERR_INIT;
		if (share_init(&shares[n], pass, &domains[n], &err) != 0 ||
		    plan_looks(&shares[n], &err) != 0) {
			note_trouble(pass, &domains[n], &err);
			shares[n].count = 0;
		}
	}
	sweeps_run(pass->jobs, pass->job_count);
	for (size_t i = 0; i < n; i++) {
		struct err err = ERR_INIT;
		int rc = 0;
		for (size_t k = 0; rc == 0 && k < shares[i].count; k++)
			rc = step_key(&shares[i], &shares[i].keys[k], &err);
		if (rc != 0)
			note_trouble(pass, &domains[i], &err);
		free(shares[i].keys);
	}
	return n;
}

static int
update_table(struct pass *pass, struct err *err)
{
	struct rules rules;
	enum compile_change change = COMPILE_SAME;
	int rc = rules_init(&rules, pass->cli->config, err);

	if (rc == 0)
		rc = compile_update(pass->store, &rules.compile, (int64_t)time(NULL), &change, err);
	rules_deinit(&rules);
	if (rc == 0 && change == COMPILE_NEW && pass->verbose)
		printf("signing table written\n");
	return rc;
}

static int
pass_all(struct pass *pass, struct err *err)
{
	struct store_domain *domains = NULL;
	struct share *shares = calloc(BATCH_MAX, sizeof(*shares));
	size_t count = 0;
	int rc = store_domains(pass->store, NULL, &domains, &count, err);

	pass->jobs = calloc(BATCH_MAX, sizeof(*pass->jobs));
	if (rc == 0 && (shares == NULL || pass->jobs == NULL))
		rc = err_nomem(err);
	for (size_t done = 0; rc == 0 && done < count;)
		done += pass_batch(pass, domains + done, count - done, shares);
	free(domains);
	free(shares);
	free(pass->jobs);
	if (rc != 0 || update_table(pass, err) != 0 ||
	    store_number_put(pass->store, "last_pass", (int64_t)time(NULL), err) != 0)
		return -1;
	if (pass->first.kind != ERR_NONE)
		return exit_code_of(pass->first.kind);
	return pass->unanswered ? EXIT_BUSY : EXIT_OK;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct pass pass = {.cli = cli, .verbose = cli_has(cli, "verbose"), .first = ERR_INIT};

	/* before the lock, so that a store that is not there is said */
	if (store_open(cli->store_dir, STORE_WAIT_MS, &pass.store, err) != 0)
		return -1;
	int lock = store_lock(cli->store_dir, STORE_LOCK_PASS, 0, err);
	int code = -1;
	if (lock >= 0)
		code = pass_all(&pass, err);
	else if (err->kind == ERR_BUSY)
		code = EXIT_BUSY; /* the other pass does the work: a timer need not hear of it */
	if (lock >= 0)
		close(lock);
	store_close(pass.store);
	return code;
}

static const struct verb_option options[] = {
    {"verbose", NULL, "tell what is done and waited for"},
    {NULL, NULL, NULL},
};

const struct verb verb_tick = {"tick", "", options, 0, 0, VERB_KEEPER, true,
    "One pass: look at DNS for the keys that wait, and bring the signing table up to date", run};
