/* SPDX-License-Identifier: ISC */
/* verb_rollback.c - the key that signed before signs again, when its record is still exact on every server
 * now (K30). */
#include "keys/keyfile.h"
#include "keys/sweep_batch.h"
#include "signpost/look_judge.h"
#include "signpost/operation.h"
#include "signpost/rules.h"
#include "signpost/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct way {
	size_t from,
	    to; /* the key that signs, SIZE_MAX: none does any more, and the one before it */
};

struct looking {
	struct look_judgement judgement;
	int rc;
	struct err err;
};

static size_t
newest_active(const struct operation *op)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		const struct key_facts *facts = &op->d->keys[i].facts;
		if (key_state_signs(key_state_of(facts)) &&
		    (found == SIZE_MAX ||
			facts->at[FACT_ACTIVATED] > op->d->keys[found].facts.at[FACT_ACTIVATED]))
			found = i;
	}
	return found;
}

/* Of the same algorithm, retired last; an Ed25519 key does not sign alone (RFC 8301 3.1). */
static size_t
key_before(const struct operation *op, size_t active)
{
	enum key_alg alg = active == SIZE_MAX ? KEY_RSA_SHA256 : op->d->keys[active].alg;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		const struct store_key *k = &op->d->keys[i];
		if (i != active && k->alg == alg && k->facts.at[FACT_RETIRED] != NEVER &&
		    (found == SIZE_MAX ||
			k->facts.at[FACT_RETIRED] > op->d->keys[found].facts.at[FACT_RETIRED]))
			found = i;
	}
	return found;
}

/* Why the key before cannot sign again. */
static int
check_way(const struct operation *op, const struct way *w, struct err *err)
{
	const struct store_key *k = &op->d->keys[w->to];
	const struct schedule_key *view = &op->d->domain.keys[w->to];
	const char *what = NULL;

	if (k->facts.at[FACT_COMPROMISED] != NEVER)
		what = "compromised: it never signs again";
	else if (k->facts.at[FACT_DESTROYED] != NEVER)
		what = "destroyed: its private key is deleted";
	else if (k->facts.at[FACT_REVOKED] != NEVER || view->deeds[DEED_REVOKE].tries > 0)
		what = "revoked, or is just being revoked";
	if (what == NULL)
		return keyfile_check(store_dir(op->store), k, err);
	return err_set(err, ERR_INPUT,
	    "the key before, %s, is %s; signpost roll %s goes forward to a new one", k->selector,
	    what, op->domain);
}

static int
find_way(const struct operation *op, struct way *w, struct err *err)
{
	if (op->d->domain.removing_at != NEVER)
		return err_set(err, ERR_INPUT, "%s is being removed; signpost add %s lets it stay",
		    op->domain, op->domain);
	if (!op->o.world.world.clock_trusted)
		return err_set(err, ERR_BUSY, "the clock is not trusted: %s; see signpost clock",
		    op->o.world.clock_why);
	w->from = newest_active(op);
	w->to = key_before(op, w->from);
	if (w->to == SIZE_MAX && w->from == SIZE_MAX)
		return err_set(err, ERR_INPUT, "no key of %s signs; signpost explain %s tells why",
		    op->domain, op->domain);
	if (w->to == SIZE_MAX)
		return err_set(err, ERR_INPUT,
		    "%s signs since the beginning, or the key before it is gone: there is none to "
		    "go back to",
		    op->d->keys[w->from].selector);
	return check_way(op, w, err);
}

/* The last switch was a rollback, and nothing came after it. */
static bool
is_rolled_back(const struct operation *op)
{
	size_t active = newest_active(op);
	int64_t at = op->d->domain.rollback_at;

	return at != NEVER && active != SIZE_MAX && op->d->domain.roll_at <= at &&
	       op->d->keys[active].facts.at[FACT_ACTIVATED] == at;
}

static void
take(void *arg, const struct sweep_result *result)
{
	struct looking *l = arg;

	l->rc = look_judge(&l->judgement, result, &l->err);
}

static int
sweep(
    const struct operation *op, const struct sweep_question *q, struct looking *l, struct err *err)
{
	struct sweep_batch *batch = NULL;

	if (sweep_batch_new(&op->cli->config->dns, &batch, err) != 0)
		return -1;
	l->rc = -1;
	sweep_batch_run(batch, q, 1, take, l);
	sweep_batch_free(batch);
	if (l->rc != 0)
		*err = l->err;
	return l->rc;
}

/* As for a switch: every server of the domain is asked, and what they say is kept as evidence. */
static int
look(const struct operation *op, size_t key, struct err *err)
{
	const struct store_key *k = &op->d->keys[key];
	const char *zones = op->d->looks[key].zones;
	const struct step step = {.what = STEP_LOOK,
	    .key = key,
	    .other = SIZE_MAX,
	    .alg = k->alg,
	    .slot = k->slot,
	    .expect = EXPECT_RECORD,
	    .queries = op->o.world.times.queries};
	const struct sweep_question q = {.domain = k->domain,
	    .name = k->alias[0] != '\0' ? k->alias : k->owner,
	    .expect = EXPECT_RECORD,
	    .expected = slice_of(k->record),
	    .now = op->now,
	    .alias = k->alias[0] != '\0' ? k->owner : NULL,
	    .queries = step.queries,
	    .zones = zones[0] == '\0' ? NULL : zones};
	struct looking l = {.judgement = {.config = op->cli->config,
				.store = op->store,
				.seams = &PASS_SEAMS,
				.d = op->d,
				.step = &step,
				.question = &q},
	    .err = ERR_INIT};

	if (op->d->domain.policy->proof == PROOF_ATTEST)
		return 0;
	int rc = op->d->domain.policy->proof == PROOF_RESOLVER ? look_poll(&l.judgement, err)
							       : sweep(op, &q, &l, err);
	if (rc != 0 || l.judgement.passed)
		return rc;
	return err_set(err, ERR_DNS,
	    "the record of %s is not everywhere now: %s.  Nothing was changed; signpost roll %s "
	    "goes forward to a "
	    "new key",
	    k->selector, l.judgement.why, op->domain);
}

static int
do_switch(struct operation *op, const struct way *w, struct err *err)
{
	char text[ERR_TEXT_LEN];
	const struct store_key *on = &op->d->keys[w->to];
	const struct store_key *off = w->from == SIZE_MAX ? NULL : &op->d->keys[w->from];

	op->now = (int64_t)time(NULL);
	struct store_event event = operation_event(op, on->selector, "rolled back", text);
	const struct store_switch change = {.on = on,
	    .off = off,
	    .at = op->now,
	    .verb = "rollback",
	    .why = "rolled back by a person"};
	if (store_switch(op->store, &change, err) != 0)
		return -1;
	return store_domain_mark(
	    op->store, &(struct store_marking){op->domain, MARK_ROLLBACK, op->now}, &event, err);
}

/* Somebody may have marked the key as compromised while the servers were asked. */
static int
transact(struct operation *op, struct err *err)
{
	struct way w;

	if (store_begin(op->store, err) != 0)
		return -1;
	int rc = operation_load(op, err);
	if (rc == 0)
		rc = find_way(op, &w, err);
	if (rc == 0)
		rc = do_switch(op, &w, err);
	if (rc == 0)
		printf("%s signs again%s%s.  The schedule rests for a while; signpost "
		       "roll %s ends that.\n",
		    op->d->keys[w.to].selector, w.from == SIZE_MAX ? "" : ", instead of ",
		    w.from == SIZE_MAX ? "" : op->d->keys[w.from].selector, op->domain);
	return store_end(op->store, rc, err);
}

static int
update_table(const struct operation *op, struct err *err)
{
	const struct signers_conf *signers = &op->cli->config->signers;
	enum compile_change change = COMPILE_SAME;
	struct rules rules;

	int rc = rules_init(&rules, op->cli->config, store_dir(op->store), err);
	if (rc == 0)
		rc = compile_update(op->store, &rules.compile, op->now, &change, err);
	rules_deinit(&rules);
	if (rc == 0 && signers->push_count > 0)
		rc = store_number_put(op->store, NUMBER_PUSH_OWED, 1, err);
	return rc;
}

static int
roll_back(struct operation *op, struct err *err)
{
	const struct signers_conf *signers = &op->cli->config->signers;
	struct way w;

	if (is_rolled_back(op)) {
		printf("Was rolled back already; %s signs.  signpost roll %s goes forward.\n",
		    op->d->keys[newest_active(op)].selector, op->domain);
		return operation_tell(op, err);
	}
	if (find_way(op, &w, err) != 0 || look(op, w.to, err) != 0)
		return -1;
	if (signers->push_count > 0 &&
	    PASS_SEAMS.push(signers, PUSH_KEYS, store_dir(op->store), op->domain, err) != 0)
		return err_wrap(
		    err, "%s cannot be sent to other hosts", op->d->keys[w.to].selector);
	if (transact(op, err) != 0 || update_table(op, err) != 0)
		return -1;
	return operation_tell(op, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	struct operation op;
	int lock = -1;

	/* no pass may revoke or delete the key while its record is looked at */
	int rc = operation_begin(&op, cli, err);
	if (rc == 0)
		lock = store_lock(cli->store_dir, STORE_LOCK_PASS, STORE_WAIT_MS, err);
	rc = lock < 0 ? -1 : operation_load(&op, err);
	if (rc == 0)
		rc = roll_back(&op, err);
	if (lock >= 0)
		close(lock);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {NULL, NULL, NULL},
};

const struct verb verb_rollback = {"rollback", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Let the key before sign again, while it exists", run};
