/* SPDX-License-Identifier: ISC */
#include "signpost/theft.h"
#include "keys/keyfile.h"
#include "signpost/pass.h"
#include "signpost/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLE_EVERY 256 /* domains: of ten thousand, the first need not wait for the last */

static bool
is_meant(const struct theft *t, const struct store_key *key)
{
	if (key_state_of(&key->facts) > KEY_STATE_RETIRED &&
	    key_state_of(&key->facts) != KEY_STATE_COMPROMISED)
		return false; /* revoked, removed or given up: nobody can use it */
	return t->selector != NULL ? strcmp(key->selector, t->selector) == 0
				   : key->facts.at[FACT_GENERATED] < t->before;
}

static int
mark_key(struct theft *t, const struct store_key *key, struct err *err)
{
	char text[ERR_TEXT_LEN];

	if (key->facts.at[FACT_COMPROMISED] != NEVER) {
		t->known++;
		return 0;
	}
	t->marked++;
	struct store_event event = operation_event(t->op, key->selector, "compromised", text);
	event.domain = key->domain;
	return store_fact_put(t->op->store, key, FACT_COMPROMISED, &event, err);
}

int
theft_mark(struct theft *t, struct err *err)
{
	const char *domain = t->op->domain[0] == '\0' ? NULL : t->op->domain;
	struct store_key *keys = NULL;
	size_t count = 0;

	if (store_begin(t->op->store, err) != 0)
		return -1;
	t->op->now = (int64_t)time(NULL);
	int rc = store_keys(t->op->store, domain, &keys, &count, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (is_meant(t, &keys[i]))
			rc = mark_key(t, &keys[i], err);
	}
	free(keys);
	return store_end(t->op->store, rc, err);
}

/* The scheduler's word: which key takes over from a stolen one now, and from which. */
static int
find_rescue(const struct operation *op, struct step *out, struct err *err)
{
	struct step *steps = NULL;
	size_t count = 0;

	*out = (struct step){.what = STEP_NONE};
	if (observed_steps(op->d, &op->o.world, &steps, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (steps[i].what == STEP_ACTIVATE && steps[i].earliest != NEVER &&
		    steps[i].earliest <= op->now && steps[i].other != SIZE_MAX &&
		    op->d->keys[steps[i].other].facts.at[FACT_COMPROMISED] != NEVER)
			*out = steps[i];
	}
	free(steps);
	return 0;
}

static size_t
stolen_that_signs(const struct operation *op)
{
	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		const struct key_facts *facts = &op->d->keys[i].facts;
		if (key_state_signs(key_state_of(facts)) && facts->at[FACT_COMPROMISED] != NEVER)
			return i;
	}
	return SIZE_MAX;
}

/* What a switch rests on outside the store: the file, here and where other milters read it. */
static int
check_files(const struct theft *t, const struct step *step, struct err *err)
{
	const struct operation *op = t->op;
	const struct config *config = op->cli->config;

	if (t->dry)
		return 0;
	if (keyfile_check(store_dir(op->store), &op->d->keys[step->key], err) != 0)
		return -1;
	if (config->signers.push_count == 0)
		return 0;
	return PASS_SEAMS.push(&config->signers, PUSH_KEYS, store_dir(op->store), op->domain, err);
}

static int
do_switch(struct theft *t, const struct step *step, struct err *err)
{
	struct operation *op = t->op;
	const struct store_key *on = &op->d->keys[step->key], *off = &op->d->keys[step->other];
	const struct store_switch change = {
	    .on = on, .off = off, .at = op->now, .verb = op->cli->verb->name, .why = step->why};

	if (store_switch(op->store, &change, err) != 0)
		return -1;
	t->switched++;
	buf_printf(&t->said,
	    "%s signs with %s from now on.  The record of %s becomes p= at the next pass: mail "
	    "that it signed and "
	    "that is still on its way fails from then on.\n",
	    op->domain, on->selector, off->selector);
	return 0;
}

static int
do_stop(struct theft *t, size_t key, struct err *err)
{
	struct operation *op = t->op;
	const struct store_key *off = &op->d->keys[key];
	const struct store_switch change = {.off = off,
	    .at = op->now,
	    .verb = op->cli->verb->name,
	    .why = "compromised; --stop-now"};

	if (store_switch(op->store, &change, err) != 0)
		return -1;
	t->stopped++;
	buf_printf(&t->said,
	    "%s: %s signs no more, and its record becomes p= at the next pass.  Until a new key is "
	    "proven, its "
	    "mail is %s.\n",
	    op->domain, off->selector,
	    op->d->domain.policy->keyless == KEYLESS_UNSIGNED ? "sent unsigned (keyless = unsigned)"
							      : "deferred with 451");
	return 0;
}

static void
go_on(struct theft *t, size_t key, const char *obstacle)
{
	struct operation *op = t->op;
	size_t ready = operation_newest(op, op->d->keys[key].alg, KEY_STATE_READY);
	bool waits = ready != SIZE_MAX && obstacle[0] == '\0';

	t->going_on++;
	if (waits)
		buf_printf(&t->said,
		    "%s: %s is proven, but may not sign yet; signpost explain %s tells why.  ",
		    op->domain, op->d->keys[ready].selector, op->domain);
	else
		buf_printf(&t->said, "%s: no other proven key%s%s.  ", op->domain,
		    obstacle[0] == '\0' ? "" : " can sign: ", obstacle);
	buf_printf(&t->said,
	    "%s goes on signing until %s, and is revoked then: only p= hinders a forger, not that "
	    "we stop.%s\n",
	    op->d->keys[key].selector, waits ? "that one may" : "a new one is proven",
	    op->d->domain.policy->proof == PROOF_ATTEST ? ""
							: "  --stop-now stops it all the same.");
}

/* From the store as it is now: another may have changed it since the files were looked at. */
static int
switch_again(struct theft *t, bool *switched, struct err *err)
{
	struct step step = {.what = STEP_NONE};

	if (store_begin(t->op->store, err) != 0)
		return -1;
	int rc = operation_load(t->op, err);
	if (rc == 0)
		rc = find_rescue(t->op, &step, err);
	*switched = rc == 0 && step.what == STEP_ACTIVATE;
	if (*switched)
		rc = do_switch(t, &step, err);
	return store_end(t->op->store, rc, err);
}

/* --stop-now, for what could not be relieved. */
static int
stop_all(struct theft *t, struct err *err)
{
	int rc = store_begin(t->op->store, err);

	if (rc != 0)
		return -1;
	for (int i = 0; rc == 0 && i < POLICY_ALGORITHMS_MAX; i++) {
		rc = operation_load(t->op, err);
		size_t key = rc == 0 ? stolen_that_signs(t->op) : SIZE_MAX;
		if (key == SIZE_MAX)
			break;
		rc = do_stop(t, key, err);
	}
	return store_end(t->op->store, rc, err);
}

static int
answer_domain(struct theft *t, struct err *err)
{
	struct err obstacle = ERR_INIT;
	bool switched;

	for (int i = 0; i <= POLICY_ALGORITHMS_MAX; i++) {
		struct step step;
		if (operation_load(t->op, err) != 0 || find_rescue(t->op, &step, err) != 0)
			return -1;
		if (step.what != STEP_ACTIVATE || check_files(t, &step, &obstacle) != 0)
			break;
		if (switch_again(t, &switched, err) != 0)
			return -1;
	}
	if (t->stop_now)
		return stop_all(t, err);
	size_t key = stolen_that_signs(t->op);
	if (key != SIZE_MAX)
		go_on(t, key, obstacle.text);
	return 0;
}

static int
update_table(struct theft *t, struct err *err)
{
	const struct config *config = t->op->cli->config;
	enum compile_change change = COMPILE_SAME;
	struct err ignored = ERR_INIT;
	struct rules rules;

	if (t->dry)
		return 0;
	int rc = rules_init(&rules, config, store_dir(t->op->store), err);
	if (rc == 0)
		rc =
		    compile_update(t->op->store, &rules.compile, (int64_t)time(NULL), &change, err);
	rules_deinit(&rules);
	/* the next pass tells other hosts when we cannot */
	if (rc == 0 && config->signers.push_count > 0 && change != COMPILE_SAME &&
	    PASS_SEAMS.push(&config->signers, PUSH_TABLE, store_dir(t->op->store), STORE_TABLE,
		&ignored) != 0) {
		fprintf(stderr, "signpost: %s; the next pass tries again\n", ignored.text);
		rc = store_number_put(t->op->store, NUMBER_PUSH_OWED, 1, err);
	}
	return rc;
}

/* Also those that were marked before: a standby may have come since. */
static int
answer_all(struct theft *t, struct err *err)
{
	struct store_key *keys = NULL;
	size_t count = 0, done = 0;
	const char *before = "";

	if (store_keys(t->op->store, NULL, &keys, &count, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; i < count; i++) {
		struct err one = ERR_INIT;
		if (keys[i].facts.at[FACT_COMPROMISED] == NEVER ||
		    !key_state_signs(key_state_of(&keys[i].facts)) ||
		    strcmp(before, keys[i].domain) == 0)
			continue;
		before = keys[i].domain;
		snprintf(t->op->domain, sizeof(t->op->domain), "%s", before);
		/* one domain's trouble is not the others' */
		if (answer_domain(t, &one) == 0 &&
		    (++done % TABLE_EVERY != 0 || update_table(t, &one) == 0))
			continue;
		fprintf(stderr, "signpost: %s: %s\n", before, one.text);
		if (rc == 0)
			*err = one;
		rc = -1;
	}
	t->op->domain[0] = '\0';
	free(keys);
	return rc;
}

int
theft_answer(struct theft *t, struct err *err)
{
	struct err table = ERR_INIT;

	/* a store that was put back from a copy learns first what signs today (K13); that it cannot hinders nothing */
	if (update_table(t, &table) != 0)
		table = (struct err)ERR_INIT;
	int rc = t->op->domain[0] == '\0' ? answer_all(t, err) : answer_domain(t, err);

	if (t->switched + t->stopped > 0 && update_table(t, &table) != 0) {
		*err = table;
		rc = -1;
	}
	return rc == 0 ? 0
		       : err_wrap(err,
			     "the keys are marked, but not all of it could be done; say it again");
}
