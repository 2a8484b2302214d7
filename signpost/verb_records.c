/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_LEN_MAX (1024 * 1024)

/* Only records that belong into DNS now. */
static bool
is_wanted(const struct store_key *key)
{
	enum key_state state = key_state_of(&key->facts);

	return state <= KEY_STATE_RETIRED;
}

static int
print_records(const struct cli *cli, struct store *store, enum advice_form form, struct err *err)
{
	char domain[DOMAIN_LEN_MAX + 1];
	struct store_key *keys = NULL;
	size_t count = 0, shown = 0;
	struct buf out;

	if (domain_normalize(slice_of(cli->operands[0]), domain, err) != 0)
		return err_wrap(err, "%.80s", cli->operands[0]);
	if (store_keys(store, domain, &keys, &count, err) != 0)
		return -1;
	buf_init(&out, OUT_LEN_MAX);
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(&keys[i]))
			continue;
		if (shown++ > 0 && form == ADVICE_TEXT)
			buf_put_str(&out, "\n");
		advice_record(&keys[i], form, &out);
	}
	int rc = shown == 0 ? err_set(err, ERR_INPUT,
				  "%s has no keys here; signpost add %s makes them", domain, domain)
			    : buf_check(&out, "the records", err);
	if (rc == 0)
		fputs(buf_str(&out), stdout);
	buf_deinit(&out);
	free(keys);
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
