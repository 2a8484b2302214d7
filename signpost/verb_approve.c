/* SPDX-License-Identifier: ISC */
/* verb_approve.c - approve: the proposed rotation may go on; attest: a person vouches for a record that cannot be asked
 * for, or that it is gone. */
#include "keys/store_deeds.h"
#include "signpost/change.h"
#include "signpost/when.h"

#include <stdio.h>
#include <stdlib.h>

/* The keys that are proposed: of each algorithm the one that is nearest to signing. */
static size_t
proposed(const struct operation *op, enum key_alg alg)
{
	size_t key = operation_newest(op, alg, KEY_STATE_READY);

	if (key == SIZE_MAX)
		key = operation_newest(op, alg, KEY_STATE_PUBLISHED);
	return key == SIZE_MAX ? operation_newest(op, alg, KEY_STATE_GENERATED) : key;
}

static int
approve_key(struct operation *op, const struct store_key *key, struct buf *said, struct err *err)
{
	char text[ERR_TEXT_LEN];

	if (key->facts.at[FACT_APPROVED] != NEVER) {
		buf_printf(said, "%s was approved already, ", key->selector);
		when_put_far(said, key->facts.at[FACT_APPROVED], op->now);
		buf_put_str(said, ".\n");
		return 0;
	}
	buf_printf(said, "%s may take over when it is proven and due.\n", key->selector);
	struct store_event event = operation_event(op, key->selector, "approved", text);
	return store_fact_put(op->store, key, FACT_APPROVED, &event, err);
}

static int
approve(struct operation *op, struct buf *said, struct err *err)
{
	size_t count = 0;

	if (change_refuse_removed(op, err) != 0)
		return -1;
	if (op->d->domain.policy->rotate != ROTATE_APPROVE) {
		buf_printf(said, "Nothing to approve: policy %s has rotate = %s.\n",
		    op->d->domain.policy->name,
		    op->d->domain.policy->rotate == ROTATE_OFF
			? "off, so that only signpost roll rotates"
			: "auto, so that a proven key takes over by itself");
		return 0;
	}
	for (int alg = 0; alg < POLICY_ALGORITHMS_MAX; alg++) {
		size_t key = proposed(op, (enum key_alg)alg);
		if (key == SIZE_MAX)
			continue;
		count++;
		if (approve_key(op, &op->d->keys[key], said, err) != 0)
			return -1;
	}
	if (count == 0)
		return err_set(err, ERR_INPUT,
		    "%s proposes no key yet; signpost plan %s tells when it will, signpost roll %s "
		    "makes it "
		    "do so now",
		    op->domain, op->domain, op->domain);
	return 0;
}

/* The name servers were asked, and could not be; or the policy asks nobody. */
static int
check_unseen(const struct operation *op, const struct store_key *key, struct err *err)
{
	if (op->d->domain.policy->proof == PROOF_ATTEST)
		return 0;
	struct store_sweep *last = calloc(1, sizeof(*last));
	if (last == NULL)
		return err_nomem(err);
	int rc = store_sweep_get(op->store, key->id, EVIDENCE_LAST, last, err);
	bool told =
	    rc == 0 && last->found && !last->failed && last->sweep.good + last->sweep.bad > 0;
	if (rc == 0 && !last->found)
		rc = err_set(err, ERR_INPUT,
		    "no name server was asked for %s yet; the next pass does, and needs nobody's "
		    "word",
		    key->selector);
	else if (told)
		rc = err_set(err, ERR_INPUT,
		    "name servers can be asked for %s, and %s; only what they do not tell can be "
		    "vouched for "
		    "(or with proof = attest in policy %s)",
		    key->selector,
		    last->sweep.bad > 0 ? "some say otherwise" : "have it: it is proven by itself",
		    op->d->domain.policy->name);
	free(last);
	return rc;
}

/* What a person is to do about the key's record, now that it signs no more; DEED_COUNT: nothing. */
static enum deed
asked_of_person(const struct operation *op, size_t i)
{
	const struct schedule_key *k = &op->d->domain.keys[i];
	enum key_state state = key_state_of(&k->facts);
	enum key_expect expect = schedule_expect(&op->d->domain, k);
	bool imported = k->facts.at[FACT_IMPORTED] != NEVER;

	if (expect == EXPECT_RECORD || state == KEY_STATE_REMOVED || state == KEY_STATE_DESTROYED ||
	    (state == KEY_STATE_REVOKED && expect == EXPECT_TOMBSTONE))
		return DEED_COUNT;
	enum deed deed = expect == EXPECT_ABSENT ? DEED_REMOVE : DEED_REVOKE;
	bool person = op->d->domain.policy->by_hand || k->deeds[deed].refused;
	return imported || (person && k->deeds[deed].tries > 0) ? deed : DEED_COUNT;
}

static int
put_withdrawn(
    struct operation *op, size_t i, struct store_deed *deed, struct buf *said, struct err *err)
{
	const struct store_key *key = &op->d->keys[i];
	const struct store_deed_put put = {.key = key, .deed = deed, .fact = FACT_COUNT};
	const char *gone = deed->deed == DEED_REVOKE ? "revoked" : "removed";
	char text[ERR_TEXT_LEN], what[96];

	deed->key_id = key->id;
	deed->tries = op->d->domain.keys[i].deeds[deed->deed];
	if (deed->tries.done) {
		buf_printf(said, "%s counts as %s already.\n", key->selector, gone);
		return 0;
	}
	if (deed->tries.tries++ == 0)
		deed->tries.first_at = op->now;
	deed->tries.last_at = op->now;
	deed->tries.done = true;
	buf_printf(said, "%s counts as %s, by your word alone.\n", key->selector, gone);
	snprintf(what, sizeof(what), "it is vouched for that its record is %s; no server was asked",
	    gone);
	struct store_event event = operation_event(op, key->selector, what, text);
	return store_deed_put(op->store, &put, &event, err);
}

/* By hand, nobody but the person can tell that it was done. */
static int
attest_withdrawal(struct operation *op, size_t i, struct buf *said, struct err *err)
{
	const struct store_key *key = &op->d->keys[i];
	const char *state = key_state_name(key_state_of(&key->facts));
	enum deed what = asked_of_person(op, i);

	if (what == DEED_COUNT)
		return err_set(
		    err, ERR_INPUT, "%s is %s: its record is not waited for", key->selector, state);
	if (op->d->domain.policy->proof != PROOF_ATTEST)
		return err_set(err, ERR_INPUT,
		    "%s is %s, and it is looked at whether its record is gone: that needs nobody's "
		    "word",
		    key->selector, state);
	struct store_deed *deed = calloc(1, sizeof(*deed));
	if (deed == NULL)
		return err_nomem(err);
	deed->deed = what;
	int rc = put_withdrawn(op, i, deed, said, err);
	free(deed);
	return rc;
}

static int
attest(struct operation *op, struct buf *said, struct err *err)
{
	size_t i;
	char text[ERR_TEXT_LEN];

	if (operation_key(op, op->cli->operands[1], &i, err) != 0)
		return -1;
	const struct store_key *key = &op->d->keys[i];
	enum key_state state = key_state_of(&key->facts);
	if (state > KEY_STATE_ACTIVE)
		return attest_withdrawal(op, i, said, err);
	if (change_refuse_removed(op, err) != 0)
		return -1;
	if (state == KEY_STATE_GENERATED)
		return err_set(err, ERR_INPUT,
		    "%s is not published yet; signpost explain %s tells what it waits for",
		    key->selector, op->domain);
	if (state != KEY_STATE_PUBLISHED && !op->d->domain.keys[i].looks.contradicted) {
		buf_printf(said, "%s counts as proven already.\n", key->selector);
		return 0;
	}
	if (check_unseen(op, key, err) != 0)
		return -1;
	buf_printf(said,
	    "%s counts as proven, by your word alone.  If its record is not there, mail that it "
	    "signs fails.\n",
	    key->selector);
	struct store_event event = operation_event(
	    op, key->selector, "its record is vouched for; no server was asked", text);
	return store_attested(op->store, key, &event, err);
}

static int
run_approve(const struct cli *cli, struct err *err)
{
	return change_domain(cli, approve, err);
}

static int
run_attest(const struct cli *cli, struct err *err)
{
	return change_domain(cli, attest, err);
}

static const struct verb_option options[] = {
    {NULL, NULL, NULL},
};

const struct verb verb_approve = {"approve", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Let the proposed rotation of a domain go on", run_approve};
const struct verb verb_attest = {"attest", "DOMAIN SELECTOR", options, 2, 2, VERB_KEEPER, true,
    "Vouch for a record that no server can be asked for, or that it is gone", run_attest};
