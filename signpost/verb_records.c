/* SPDX-License-Identifier: ISC */
/* verb_records.c - the records of a domain that belong into DNS now, for a person or a tool. */
#include "signpost/guide.h"
#include "signpost/record_list.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asked {
	const struct cli *cli;
	struct store *store;
	enum record_form form;
	char name[DOMAIN_LEN_MAX + 1];
	char zone[DOMAIN_LEN_MAX + 1];
	const struct key_policy *policy; /* NULL: signpost.conf does not define it any more */
	struct buf out;
	size_t shown;
};

/* The others hold whole names only. */
static bool
needs_zone(enum record_form form)
{
	return form == RECORD_FORM_PERSON || form == RECORD_FORM_NSUPDATE ||
	       form == RECORD_FORM_JSON || form == RECORD_FORM_CSV;
}

static int
put_list(struct asked *a, struct record_list *list, struct err *err)
{
	int rc = 0;

	if (list->count > 0) {
		if (a->shown > 0 && a->form == RECORD_FORM_PERSON)
			buf_put_str(&a->out, "\n");
		rc = record_format(list, a->form, &a->out, err);
	}
	a->shown += list->count;
	return rc;
}

static int
put_records(struct asked *a, struct err *err)
{
	struct record_source from = {.policy = a->policy, .domain = a->name, .zone = a->zone};
	struct store_select select = store_select_domain(a->name);
	struct record_list list = {.records = NULL};
	struct store_key *keys = NULL;
	struct store_slot *slots = NULL;

	int rc = store_keys(a->store, a->name, &keys, &from.key_count, err);
	if (rc == 0)
		rc = store_slots_select(a->store, &select, &slots, &from.slot_count, err);
	from.keys = keys;
	from.slots = slots;
	if (rc == 0)
		rc = record_list_init(&list, &from, err);
	if (rc == 0)
		rc = put_list(a, &list, err);
	record_list_deinit(&list);
	free(keys);
	free(slots);
	return rc;
}

/* Who is to serve _domainkey.DOMAIN; nothing where that is not known. */
static int
put_delegation(struct asked *a, struct err *err)
{
	struct guide *guide = calloc(1, sizeof(*guide));
	const struct guide_query query = {a->cli->config, a->policy, a->name};
	struct record_list list = {.records = NULL};
	char below[SWEEP_NAME_LEN];

	if (guide == NULL)
		return err_nomem(err);
	int rc = guide_ask(&query, guide, err);
	record_below(a->name, below);
	const struct record_delegation d = {.domain = a->name,
	    .zone = guide->servers.zone,
	    .name = below,
	    .hosts = (const char(*)[SWEEP_NAME_LEN])guide->hosts,
	    .host_count = guide->host_count,
	    .ttl_s = a->policy->ttl_s};
	if (rc == 0)
		rc = record_list_delegate(&list, &d, err);
	if (rc == 0)
		rc = put_list(a, &list, err);
	record_list_deinit(&list);
	guide_deinit(guide);
	free(guide);
	return rc;
}

static int
print_records(struct asked *a, struct err *err)
{
	struct store_domain *domain = NULL;
	size_t count = 0;

	if (store_domains(a->store, a->name, &domain, &count, err) != 0)
		return -1;
	int rc = 0;
	if (count > 0) {
		a->policy = config_policy(a->cli->config, domain->policy);
		if (needs_zone(a->form))
			guide_zone(a->cli->config, a->name, a->zone);
		rc = put_records(a, err);
		if (rc == 0 && a->policy != NULL && a->policy->mode == MODE_DELEGATED)
			rc = put_delegation(a, err);
	}
	free(domain);
	if (rc == 0 && a->shown == 0)
		rc = err_set(err, ERR_INPUT, "%s has no keys here; signpost add %s makes them",
		    a->name, a->name);
	if (rc == 0)
		rc = buf_check(&a->out, "the records", err);
	if (rc == 0 && record_form_caution(a->form) != NULL)
		fprintf(stderr, "signpost: %s\n", record_form_caution(a->form));
	if (rc == 0)
		fputs(buf_str(&a->out), stdout);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *format = cli_value(cli, "format");
	struct asked a = {.cli = cli, .form = RECORD_FORM_PERSON};
	struct buf names;

	if (format != NULL && !record_form_from_name(slice_of(format), &a.form)) {
		buf_init(&names, 256);
		record_form_names(&names);
		int rc =
		    err_set(err, ERR_USAGE, "--format %.40s: want %s", format, buf_str(&names));
		buf_deinit(&names);
		return rc;
	}
	if (domain_normalize(slice_of(cli->operands[0]), a.name, err) != 0)
		return -1;
	if (store_open(cli->store_dir, STORE_WAIT_MS, &a.store, err) != 0)
		return -1;
	buf_init(&a.out, RECORD_FORMAT_LEN_MAX);
	int rc = print_records(&a, err);
	buf_deinit(&a.out);
	store_close(a.store);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"format", "FORM",
	"person (a provider's form), zone (lines of a zone file), quoted (the values alone), "
	"nsupdate, route53, cloudflare, "
	"powerdns, json or csv"},
    {NULL, NULL, NULL},
};

const struct verb verb_records = {"records", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Print the records of a domain again, for a person or a tool", run};
