/* SPDX-License-Identifier: ISC */
/* verb_approve.c - approve: the proposed rotation may go on; attest: a person vouches for a record that cannot be asked
 * for. */
#include "signpost/change.h"
#include "signpost/when.h"

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

static int
attest(struct operation *op, struct buf *said, struct err *err)
{
	size_t i;
	char text[ERR_TEXT_LEN];

	if (change_refuse_removed(op, err) != 0 ||
	    operation_key(op, op->cli->operands[1], &i, err) != 0)
		return -1;
	const struct store_key *key = &op->d->keys[i];
	enum key_state state = key_state_of(&key->facts);
	if (state == KEY_STATE_GENERATED)
		return err_set(err, ERR_INPUT,
		    "%s is not published yet; signpost explain %s tells what it waits for",
		    key->selector, op->domain);
	if (state > KEY_STATE_ACTIVE)
		return err_set(err, ERR_INPUT, "%s is %s: its record is not waited for",
		    key->selector, key_state_name(state));
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
    "Vouch for a record that no server can be asked for", run_attest};
