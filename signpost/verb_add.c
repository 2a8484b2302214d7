/* SPDX-License-Identifier: ISC */
#include "signpost/add_text.h"
#include "signpost/keymaker.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN_MAX 1024
#define OUT_LEN_MAX  65536

struct adding {
	const struct cli *cli;
	struct store *store;
	const char *policy; /* --policy, or NULL */
	bool one;	    /* a single domain: there is time to ask who serves it */
	struct store_domain domain;
	const struct key_policy *rules;
	struct store_key *keys;
	size_t count;
	struct store_slot *slots;
	size_t slot_count;
};

static bool
has_key(const struct adding *a, enum key_alg alg)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->keys[i].alg == alg && key_state_of(&a->keys[i].facts) <= KEY_STATE_ACTIVE)
			return true;
	}
	return false;
}

static int
load(struct adding *a, struct err *err)
{
	struct store_select select = store_select_domain(a->domain.name);

	free(a->keys);
	free(a->slots);
	a->keys = NULL;
	a->slots = NULL;
	if (store_keys(a->store, a->domain.name, &a->keys, &a->count, err) != 0)
		return -1;
	return store_slots_select(a->store, &select, &a->slots, &a->slot_count, err);
}

/* Behind slots the first keys wait until the slots are prepared: that is for the passes. */
static int
make_keys(struct adding *a, struct err *err)
{
	const struct keymaker maker = {.store = a->store,
	    .domain = a->domain.name,
	    .policy = a->rules,
	    .now = a->cli->now,
	    .verb = "add"};
	bool made;

	if (a->rules->mode == MODE_SLOTS)
		return keymaker_slots(&maker, err) == 0 ? load(a, err) : -1;
	if (load(a, err) != 0)
		return -1;
	for (size_t i = 0; i < a->rules->algorithm_count; i++) {
		if (!has_key(a, a->rules->algorithms[i]) &&
		    keymaker_make(&maker, a->rules->algorithms[i], -1, &made, err) != 0)
			return -1;
	}
	return load(a, err);
}

/* Policy and row of the domain: what is asked for, else what it has, else the default. */
static int
make_domain(struct adding *a, struct err *err)
{
	struct store_domain *old = NULL;
	size_t count;

	if (store_domains(a->store, a->domain.name, &old, &count, err) != 0)
		return -1;
	const char *policy = a->policy != NULL ? a->policy : count == 1 ? old->policy : "default";
	a->rules = config_policy(a->cli->config, policy);
	a->domain.added_at = a->cli->now;
	int rc = 0;
	if (a->rules == NULL)
		rc = err_set(
		    err, ERR_CONFIG, "%s has no policy \"%.63s\"", a->cli->config->path, policy);
	else
		snprintf(a->domain.policy, sizeof(a->domain.policy), "%s", policy);
	free(old);
	return rc == 0 ? store_domain_put(a->store, &a->domain, "add", err) : -1;
}

static int
print_advice(const struct adding *a, struct err *err)
{
	const struct add_text text = {.config = a->cli->config,
	    .policy = a->rules,
	    .domain = a->domain.name,
	    .keys = a->keys,
	    .key_count = a->count,
	    .slots = a->slots,
	    .slot_count = a->slot_count,
	    .one = a->one};
	struct buf out;

	buf_init(&out, OUT_LEN_MAX);
	int rc = add_text(&text, &out, err);
	if (rc == 0 && (fputs(buf_str(&out), stdout) == EOF || fflush(stdout) != 0))
		rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	buf_deinit(&out);
	return rc;
}

/* The deed of publishing by hand is handing the record over; it is done now. */
static int
hand_over(const struct adding *a, const struct store_key *key, struct err *err)
{
	const struct store_deed deed = {.key_id = key->id,
	    .deed = DEED_PUBLISH,
	    .tries = {.first_at = a->cli->now, .last_at = a->cli->now, .tries = 1, .done = true}};
	const struct store_deed_put put = {
	    .key = key, .deed = &deed, .fact = FACT_PUBLISHED, .publisher = PUBLISHER_BY_HAND};
	const struct store_event event = {a->cli->now, "add", key->domain, key->selector,
	    "record handed over, to be published by hand"};

	return store_deed_put(a->store, &put, &event, err);
}

static int
note_published(const struct adding *a, struct err *err)
{
	for (size_t i = 0; a->rules->by_hand && i < a->count; i++) {
		const struct store_key *key = &a->keys[i];
		if (key_state_of(&key->facts) == KEY_STATE_GENERATED && hand_over(a, key, err) != 0)
			return -1;
	}
	return 0;
}

static int
add_domain(const struct cli *cli, struct store *store, struct slice name, struct err *err)
{
	struct adding a = {.cli = cli,
	    .store = store,
	    .policy = cli_value(cli, "policy"),
	    .one = cli_value(cli, "file") == NULL};
	int rc = domain_normalize(name, a.domain.name, err);

	if (rc != 0)
		return err_wrap(
		    err, "%.*s", (int)(name.len < 80 ? name.len : 80), (const char *)name.ptr);
	rc = make_domain(&a, err);
	if (rc == 0)
		rc = make_keys(&a, err);
	if (rc == 0)
		rc = print_advice(&a, err);
	if (rc == 0)
		rc = note_published(&a, err);
	free(a.keys);
	free(a.slots);
	return rc == 0 ? 0 : -1;
}

static int
add_lines(const struct cli *cli, struct store *store, FILE *in, const char *name, struct err *err)
{
	char line[LINE_LEN_MAX];
	int code = EXIT_OK;

	for (unsigned n = 1; fgets(line, sizeof(line), in) != NULL; n++) {
		struct slice domain = slice_trim(slice_of(line));
		struct err one = ERR_INIT;
		if (domain.len == 0 || domain.ptr[0] == '#')
			continue;
		if (add_domain(cli, store, domain, &one) == 0) {
			fputs("\n", stdout);
			continue;
		}
		fprintf(stderr, "signpost: %s:%u: %s\n", name, n, one.text);
		code = EXIT_INPUT;
		/* the next lines would only repeat what is wrong with the store itself */
		if (one.kind == ERR_IO || one.kind == ERR_BUSY || one.kind == ERR_NOMEM)
			return exit_code_of(one.kind);
	}
	if (ferror(in))
		return err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
	return code;
}

static int
add_file(const struct cli *cli, struct store *store, const char *path, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return add_lines(cli, store, stdin, "standard input", err);
	FILE *in = fopen(path, "re");
	if (in == NULL)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	int code = add_lines(cli, store, in, path, err);
	fclose(in);
	return code;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *path = cli_value(cli, "file");
	const char *policy = cli_value(cli, "policy");
	struct store *store;
	int code;

	if ((path == NULL) == (cli->operand_count == 0))
		return err_set(err, ERR_USAGE, "want a DOMAIN, or --file with one a line");
	if (policy != NULL && config_policy(cli->config, policy) == NULL)
		return err_set(
		    err, ERR_CONFIG, "%s has no policy \"%.63s\"", cli->config->path, policy);
	if (store_open(cli->store_dir, STORE_WAIT_MS, &store, err) != 0)
		return -1;
	if (path != NULL)
		code = add_file(cli, store, path, err);
	else
		code = add_domain(cli, store, slice_of(cli->operands[0]), err);
	store_close(store);
	return code;
}

static const struct verb_option options[] = {
    {"policy", "NAME", "the policy of signpost.conf that the domain follows; default: \"default\""},
    {"file", "FILE", "read the domains from FILE, one a line; - is standard input"},
    {NULL, NULL, NULL},
};

const struct verb verb_add = {"add", "DOMAIN | --file FILE", options, 0, 1, VERB_KEEPER, true,
    "Start signing for a domain: make its keys and print the records to publish", run};
