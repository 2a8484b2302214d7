/* SPDX-License-Identifier: ISC */
/* verb_add.c - a guided start: what DNS has already, keys, the records to enter, the wait until mail is signed. */
#include "keys/keyfile.h"
#include "signpost/add_file.h"
#include "signpost/add_text.h"
#include "signpost/deed_retry.h"
#include "signpost/dry_run.h"
#include "signpost/json_out.h"
#include "signpost/verbs.h"
#include "signpost/wait.h"
#include "signpost/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct add {
	const struct cli *cli;
	struct store *store;
	const char *policy; /* --policy, or NULL */
	bool json, records_only;
	enum record_form form; /* --format: records_only */
	int64_t last_pass;
	int64_t timeout_s;
};

static int
put(struct buf *out, struct err *err)
{
	int rc = buf_check(out, "the text", err);

	if (rc == 0 && (fputs(buf_str(out), stdout) == EOF || fflush(stdout) != 0))
		rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	return rc;
}

/* In the form of --format or --json. */
static int
put_formed(const struct add *add, const struct add_text *t, struct buf *out, struct err *err)
{
	struct record_list list = {.records = NULL}, ns = {.records = NULL};

	int rc = add_records(t, &list, err);
	if (rc == 0)
		rc = add_delegation(t, &ns, err);
	if (rc == 0 && add->json)
		rc = json_put(add_json(t, &list, &ns), JSON_AS_MADE, out, err);
	else if (rc == 0 && ns.count > 0)
		rc = record_format(&ns, add->form, out, err);
	if (rc == 0 && !add->json)
		rc = record_format(&list, add->form, out, err);
	record_list_deinit(&list);
	record_list_deinit(&ns);
	return rc;
}

static int
say_with(const struct add *add, const struct adding *a, const struct guide *guide, struct err *err)
{
	const struct add_text text = {.a = a,
	    .guide = guide,
	    .last_pass = add->last_pass,
	    .waits = cli_has(add->cli, "wait")};
	struct buf out, stale;
	bool formed = add->json || add->records_only;

	buf_init(&out, RECORD_FORMAT_LEN_MAX);
	buf_init(&stale, ERR_TEXT_LEN);
	int rc = formed ? put_formed(add, &text, &out, err) : add_text(&text, &out, err);
	if (rc == 0 && guide == NULL && !formed)
		buf_put_str(&out, "\n");
	if (rc == 0)
		rc = put(&out, err);
	if (rc == 0 && guide != NULL && add->records_only && record_form_caution(add->form) != NULL)
		fprintf(stderr, "signpost: %s\n", record_form_caution(add->form));
	if (rc == 0 && guide != NULL) {
		add_text_stale(&text, &stale);
		fputs(buf_str(&stale), formed ? stderr : stdout);
	}
	buf_deinit(&out);
	buf_deinit(&stale);
	return rc;
}

static int
say_one_of_many(void *arg, const struct adding *a, struct err *err)
{
	return say_with(arg, a, NULL, err);
}

/* What DNS has already is found out when the keys are on disk: it may take seconds. */
static int
say(const struct add *add, const struct adding *a, struct err *err)
{
	const struct guide_query query = {a->config, a->rules, a->name};
	struct guide *guide = calloc(1, sizeof(*guide));

	if (guide == NULL)
		return err_nomem(err);
	int rc = guide_ask(&query, guide, err);
	if (rc == 0)
		rc = say_with(add, a, guide, err);
	guide_deinit(guide);
	free(guide);
	return rc;
}

/* Keys whose rows were taken back. */
static int
drop_files(const struct adding *a, struct err *err)
{
	struct store_key *kept = NULL;
	size_t count;
	int rc = store_keys(a->store, a->name, &kept, &count, err);

	for (size_t i = 0; rc == 0 && i < a->key_count; i++) {
		bool is_kept = false;
		for (size_t k = 0; k < count; k++)
			is_kept = is_kept || strcmp(kept[k].selector, a->keys[i].selector) == 0;
		if (!is_kept)
			rc = keyfile_remove(store_dir(a->store), &a->keys[i], err);
	}
	free(kept);
	return rc;
}

static int
try_in_transaction(const struct add *add, struct adding *a, struct buf *out, struct err *err)
{
	struct operation op = {.cli = add->cli, .store = add->store, .now = add->cli->now};
	struct err ignored = ERR_INIT;

	memcpy(op.domain, a->name, sizeof(op.domain));
	if (store_begin(add->store, err) != 0)
		return -1;
	int rc = adding_make(a, err);
	if (rc == 0)
		rc = dry_run_put(&op, out, err);
	observation_deinit(&op.o);
	if (store_end(add->store, -1, &ignored) == 0)
		rc = err_set(err, ERR_IO, "the dry run could not be taken back");
	return rc;
}

/* The real names and keys will be others. */
static int
dry_run(const struct add *add, struct adding *a, struct err *err)
{
	struct buf out;
	int lock = store_lock(store_dir(add->store), STORE_LOCK_ADD, STORE_WAIT_MS, err);

	if (lock < 0)
		return -1;
	buf_init(&out, OPERATION_OUT_MAX);
	buf_printf(&out, "Dry run: nothing is changed.%s\n",
	    a->is_new ? " Selector and key are made only to be shown: the real ones will be others."
		      : "");
	a->locked = true;
	int rc = try_in_transaction(add, a, &out, err);
	if (drop_files(a, err) != 0)
		rc = -1;
	close(lock);
	if (rc == 0)
		rc = put(&out, err);
	buf_deinit(&out);
	return rc;
}

static int
wait_for_it(const struct add *add, const struct adding *a, struct err *err)
{
	const struct waiting w = {.cli = add->cli,
	    .domain = a->name,
	    .timeout_s = add->timeout_s,
	    .quiet = add->json || add->records_only};

	return wait_until_signed(&w, err);
}

static int
add_one(const struct add *add, const char *name, struct err *err)
{
	struct adding a = {.config = add->cli->config,
	    .store = add->store,
	    .now = add->cli->now,
	    .policy = add->policy};
	int code = EXIT_OK;

	if (domain_normalize(slice_of(name), a.name, err) != 0)
		return -1;
	int rc = adding_choose(&a, err);
	if (rc == 0 && cli_has(add->cli, "dry-run")) {
		rc = dry_run(add, &a, err);
	} else if (rc == 0) {
		rc = adding_make(&a, err);
		if (rc == 0)
			rc = deed_retry_added(&a, err);
		if (rc == 0)
			rc = say(add, &a, err);
		if (rc == 0)
			rc = adding_hand_over(&a, err);
		if (rc == 0 && cli_has(add->cli, "wait"))
			code = wait_for_it(add, &a, err);
	}
	adding_deinit(&a);
	return rc == 0 ? code : -1;
}

static int
add_many(struct add *add, const char *path, struct err *err)
{
	const struct add_file file = {.cli = add->cli,
	    .store = add->store,
	    .path = path,
	    .policy = add->policy,
	    .say = say_one_of_many,
	    .arg = add};
	const struct add_text text = {
	    .a = &(struct adding){.now = add->cli->now}, .last_pass = add->last_pass};
	struct buf stale;

	int code = add_file(&file, err);
	buf_init(&stale, ERR_TEXT_LEN);
	add_text_stale(&text, &stale);
	if (code >= 0)
		fputs(buf_str(&stale), stderr);
	buf_deinit(&stale);
	return code;
}

static int
show_refused(const struct cli *cli, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct buf out;

	if (cli->operand_count != 1)
		return err_set(err, ERR_USAGE, "--cname-refused wants a DOMAIN");
	if (domain_normalize(slice_of(cli->operands[0]), name, err) != 0)
		return -1;
	buf_init(&out, RECORD_FORMAT_LEN_MAX);
	int rc = cli_has(cli, "json")
		     ? json_put(add_refused_json(cli->config, name, err), JSON_AS_MADE, &out, err)
		     : add_refused(cli->config, name, &out, err);
	if (rc == 0)
		rc = put(&out, err);
	buf_deinit(&out);
	return rc == 0 ? EXIT_OK : -1;
}

/* What does not go together. */
static int
read_options(struct add *add, struct err *err)
{
	const struct cli *cli = add->cli;
	const char *format = cli_value(cli, "format"), *timeout = cli_value(cli, "timeout");
	struct buf names;

	if ((cli_value(cli, "file") == NULL) == (cli->operand_count == 0))
		return err_set(err, ERR_USAGE, "want a DOMAIN, or --file with one a line");
	if (add->policy != NULL && config_policy(cli->config, add->policy) == NULL)
		return err_set(
		    err, ERR_CONFIG, "%s has no policy \"%.63s\"", cli->config->path, add->policy);
	if (cli_has(cli, "file") && (cli_has(cli, "wait") || cli_has(cli, "dry-run")))
		return err_set(err, ERR_USAGE, "--wait and --dry-run are for one DOMAIN");
	if (timeout != NULL && !cli_has(cli, "wait"))
		return err_set(err, ERR_USAGE, "--timeout belongs to --wait");
	if (format != NULL && add->json)
		return err_set(err, ERR_USAGE, "--json and --format: want one of them");
	if (timeout != NULL && span_parse(timeout, &add->timeout_s, err) != 0)
		return err_wrap(err, "--timeout");
	if (format == NULL || record_form_from_name(slice_of(format), &add->form))
		return 0;
	buf_init(&names, 256);
	record_form_names(&names);
	int rc = err_set(err, ERR_USAGE, "--format %.40s: want %s", format, buf_str(&names));
	buf_deinit(&names);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *path = cli_value(cli, "file");
	struct add add = {.cli = cli,
	    .policy = cli_value(cli, "policy"),
	    .json = cli_has(cli, "json"),
	    .records_only = cli_has(cli, "format"),
	    .form = RECORD_FORM_PERSON,
	    .timeout_s = WAIT_TIMEOUT_S};
	int code = -1;

	if (cli_has(cli, "cname-refused"))
		return show_refused(cli, err);
	if (read_options(&add, err) != 0 ||
	    store_open(cli->store_dir, STORE_WAIT_MS, &add.store, err) != 0)
		return -1;
	store_set_actor(add.store, cli->uid);
	if (store_number_get(add.store, NUMBER_LAST_PASS, NEVER, &add.last_pass, err) == 0)
		code =
		    path != NULL ? add_many(&add, path, err) : add_one(&add, cli->operands[0], err);
	store_close(add.store);
	return code;
}

static const struct verb_option options[] = {
    {"policy", "NAME", "the policy of signpost.conf that the domain follows; default: \"default\""},
    {"file", "FILE",
	"read the domains from FILE, one a line, each with its policy if it has another; - is "
	"standard input"},
    {"format", "FORM", "print the records alone, in the FORM of signpost records"},
    {"json", NULL, "print what was found and what is to be entered as JSON"},
    {"wait", NULL, "return when mail is signed; makes the passes itself, if nobody does"},
    {"timeout", "TIME", "give up waiting after TIME; default: 1h"},
    {"cname-refused", NULL,
	"show what works where a form refuses underscores in CNAMEs; changes nothing"},
    {"dry-run", NULL, "show what would be sent to DNS, and change nothing"},
    {NULL, NULL, NULL},
};

const struct verb verb_add = {"add", "DOMAIN | --file FILE", options, 0, 1, VERB_KEEPER, true,
    "Start signing for a domain: make its keys, look at its DNS, print the records to enter", run};
