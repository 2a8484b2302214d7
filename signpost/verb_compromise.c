/* SPDX-License-Identifier: ISC */
/* verb_compromise.c - a private key is in wrong hands, or all that a host held. */
#include "signpost/dry_run.h"
#include "signpost/theft.h"
#include "signpost/when.h"

#include <stdio.h>
#include <string.h>

/* Which keys are meant; both forms of the verb. */
static int
read_scope(const struct cli *cli, struct theft *t, struct err *err)
{
	const char *scope = cli_value(cli, "scope"), *before = cli_value(cli, "before");
	bool host = scope != NULL && strcmp(scope, "host") == 0;

	if (scope != NULL && !host && strcmp(scope, "key") != 0)
		return err_set(err, ERR_USAGE, "--scope %.40s: want key or host", scope);
	if (!host && (cli->operand_count != 2 || before != NULL))
		return err_set(err, ERR_USAGE,
		    "want DOMAIN SELECTOR, or --scope host --before TIME for every key that is "
		    "older");
	if (host && (cli->operand_count != 0 || before == NULL))
		return err_set(err, ERR_USAGE,
		    "--scope host wants --before TIME, and neither domain nor selector");
	if (host)
		return when_parse(before, cli->now, &t->before, err);
	t->selector = cli->operands[1];
	return 0;
}

/* A standby lies in the same store and was stolen with it (K29). */
static int
warn_of_siblings(const struct theft *t, struct err *err)
{
	const struct operation *op = t->op;
	size_t key = 0, others = 0;

	if (operation_key(op, t->selector, &key, err) != 0)
		return -1;
	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		const struct key_facts *facts = &op->d->keys[i].facts;
		others += i != key && key_state_of(facts) <= KEY_STATE_ACTIVE &&
			  facts->at[FACT_COMPROMISED] == NEVER;
	}
	if (others > 0)
		printf("Its other keys lie in the same store: if the host was broken into, say "
		       "signpost compromise "
		       "--scope host --before TIME.\n");
	return 0;
}

static int
tell(struct theft *t, struct err *err)
{
	if (t->marked == 0 && t->known == 0)
		printf("No key is meant: those that are older are revoked already.\n");
	else if (t->marked == 0)
		printf("%s marked already.\n", t->known == 1 ? "It was" : "They were");
	else
		printf("%zu key%s marked as compromised.\n", t->marked,
		    t->dry	     ? t->marked == 1 ? " would be" : "s would be"
		    : t->marked == 1 ? " is"
				     : "s are");
	if (operation_print(&t->said, err) != 0)
		return -1;
	if (t->selector == NULL && t->switched + t->stopped + t->going_on > 1)
		printf("%zu switched, %zu stopped, %zu go on until a new key is proven.\n",
		    t->switched, t->stopped, t->going_on);
	return 0;
}

/* All of it in a transaction that is taken back. */
static int
dry(struct theft *t, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (store_begin(t->op->store, err) != 0)
		return -1;
	int rc = theft_mark(t, err);
	if (rc == 0)
		rc = theft_answer(t, err);
	buf_put_str(&t->said, "Dry run: nothing was changed.\n");
	if (rc == 0 && t->selector != NULL)
		rc = dry_run_put(t->op, &t->said, err);
	if (rc == 0)
		rc = tell(t, err);
	if (store_end(t->op->store, -1, &ignored) == 0)
		return err_set(err, ERR_IO, "the dry run could not be taken back");
	return rc;
}

static int
act(struct theft *t, struct err *err)
{
	if (t->dry)
		return dry(t, err);
	if (theft_mark(t, err) != 0 || theft_answer(t, err) != 0 || tell(t, err) != 0)
		return -1;
	if (t->selector == NULL)
		return 0;
	return warn_of_siblings(t, err) == 0 ? operation_tell(t->op, err) : -1;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct operation op = {.store = NULL};
	struct theft t = {
	    .op = &op, .stop_now = cli_has(cli, "stop-now"), .dry = cli_has(cli, "dry-run")};
	size_t key;

	if (read_scope(cli, &t, err) != 0)
		return -1;
	buf_init(&t.said, OPERATION_OUT_MAX);
	int rc =
	    t.selector == NULL ? operation_open(&op, cli, err) : operation_begin(&op, cli, err);
	if (rc == 0 && t.selector != NULL)
		rc = operation_key(&op, t.selector, &key, err);
	if (rc == 0)
		rc = act(&t, err);
	operation_end(&op);
	buf_deinit(&t.said);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"scope", "KIND", "key: the one that is named; host: every key that is older than --before"},
    {"before", "TIME", "with --scope host: keys that were generated before TIME"},
    {"stop-now", NULL,
	"where no proven key stands by, stop signing instead of going on with the stolen one"},
    {"dry-run", NULL, "change nothing; show what the next pass would send"},
    {NULL, NULL, NULL},
};

const struct verb verb_compromise = {"compromise", "DOMAIN SELECTOR | --scope host --before TIME",
    options, 0, 2, VERB_KEEPER, true, "A private key is in wrong hands: switch, then revoke it",
    run};
