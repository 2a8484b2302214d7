/* SPDX-License-Identifier: ISC */
#include "signpost/add_text.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_LEN_MAX (1024 * 1024)

struct asked {
	enum advice_form form;
	struct buf out;
	size_t shown;
};

/* Only records that belong into DNS now. */
static bool
is_wanted(const struct store_key *key)
{
	enum key_state state = key_state_of(&key->facts);

	return state <= KEY_STATE_RETIRED;
}

static int
put_aliases(const struct cli *cli, struct store *store, const struct store_domain *domain,
    struct asked *asked, struct err *err)
{
	const struct key_policy *policy = config_policy(cli->config, domain->policy);
	struct store_select select = store_select_domain(domain->name);
	struct store_slot *slots = NULL;
	size_t count = 0;

	if (policy == NULL || policy->mode != MODE_SLOTS)
		return 0;
	if (store_slots_select(store, &select, &slots, &count, err) != 0)
		return -1;
	const struct add_text text = {.config = cli->config,
	    .policy = policy,
	    .domain = domain->name,
	    .slots = slots,
	    .slot_count = count};
	int rc = add_text_aliases(&text, asked->form, &asked->out, err);
	asked->shown += count;
	free(slots);
	return rc;
}

/* Those that stand in the domain itself; what stands in a zone of ours is not for a person. */
static int
put_keys(
    struct store *store, const struct store_domain *domain, struct asked *asked, struct err *err)
{
	struct store_key *keys = NULL;
	size_t count = 0;

	if (store_keys(store, domain->name, &keys, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(&keys[i]) || keys[i].slot >= 0)
			continue;
		if (asked->shown++ > 0 && asked->form == ADVICE_TEXT)
			buf_put_str(&asked->out, "\n");
		advice_record(&keys[i], asked->form, &asked->out);
	}
	free(keys);
	return 0;
}

static int
print_records(const struct cli *cli, struct store *store, enum advice_form form, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct store_domain *domain = NULL;
	struct asked asked = {.form = form};
	size_t count = 0;

	if (domain_normalize(slice_of(cli->operands[0]), name, err) != 0)
		return err_wrap(err, "%.80s", cli->operands[0]);
	if (store_domains(store, name, &domain, &count, err) != 0)
		return -1;
	buf_init(&asked.out, OUT_LEN_MAX);
	int rc = count == 0 ? 0 : put_aliases(cli, store, domain, &asked, err);
	if (rc == 0 && count > 0)
		rc = put_keys(store, domain, &asked, err);
	if (rc == 0 && asked.shown == 0)
		rc = err_set(
		    err, ERR_INPUT, "%s has no keys here; signpost add %s makes them", name, name);
	if (rc == 0)
		rc = buf_check(&asked.out, "the records", err);
	if (rc == 0)
		fputs(buf_str(&asked.out), stdout);
	buf_deinit(&asked.out);
	free(domain);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *name = cli_value(cli, "format");
	enum advice_form form = ADVICE_TEXT;
	struct store *store;

	if (name != NULL && !advice_form_from_name(slice_of(name), &form))
		return err_set(err, ERR_USAGE, "--format %.40s: want text, zone or quoted", name);
	if (store_open(cli->store_dir, STORE_WAIT_MS, &store, err) != 0)
		return -1;
	int rc = print_records(cli, store, form, err);
	store_close(store);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"format", "FORM",
	"text (a provider's form), zone (lines of a zone file) or quoted (the strings alone)"},
    {NULL, NULL, NULL},
};

const struct verb verb_records = {"records", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Print the records of a domain again", run};
