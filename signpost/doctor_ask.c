/* SPDX-License-Identifier: ISC */
#include "signpost/doctor_ask.h"
#include "base/file.h"
#include "keys/lookup.h"
#include "signpost/doctor_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 4096

static bool
ask_txt(void *arg, const char *name, struct dmarc_txt *out)
{
	struct buf found[DNS_TXT_MAX];
	struct err ignored = ERR_INIT;
	size_t count;

	out->count = 0;
	if (dns_lookup_txt(arg, name, found, &count, &ignored) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (out->count < DMARC_TXT_MAX)
			(void)snprintf(out->text[out->count++], sizeof(out->text[0]), "%s",
			    buf_str(&found[i]));
		buf_deinit(&found[i]);
	}
	return true;
}

static int
add_rows(struct doctor_gathered *g, struct store_domain *more, size_t count, struct err *err)
{
	struct store_domain *rows = reallocarray(g->rows, g->row_count + count + 1, sizeof(*rows));

	if (rows == NULL)
		return err_nomem(err);
	memcpy(rows + g->row_count, more, count * sizeof(*more));
	g->rows = rows;
	g->row_count += count;
	return 0;
}

static int
find_one(
    struct doctor_gathered *g, const struct doctor_query *q, const char *typed, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct store_domain *row;
	size_t count;

	if (domain_normalize(slice_of(typed), name, err) != 0)
		return err_wrap(err, "%.80s", typed);
	if (store_domains(q->store, name, &row, &count, err) != 0)
		return -1;
	int rc = count == 0
		     ? err_set(err, ERR_INPUT,
			   "%s is not here; signpost add %s starts signing for it", name, name)
		     : add_rows(g, row, 1, err);
	free(row);
	return rc;
}

/* Those that were not removed. */
static int
find_rows(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	struct store_domain *all;
	size_t count;
	int rc = 0;

	for (size_t i = 0; i < q->name_count && rc == 0; i++)
		rc = find_one(g, q, q->names[i], err);
	g->facts.domains_all = g->row_count;
	if (q->name_count > 0 || rc != 0)
		return rc;
	if (store_domains(q->store, NULL, &all, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (all[i].removing_at != NEVER)
			continue;
		g->facts.domains_all++;
		if (g->row_count < DOCTOR_DOMAINS_MAX)
			rc = add_rows(g, &all[i], 1, err);
	}
	free(all);
	return rc;
}

static int
read_table(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	char path[PATH_LEN];
	struct err why = ERR_INIT;
	struct buf text;

	(void)snprintf(path, sizeof(path), "%s/%s", store_dir(q->store), STORE_TABLE);
	buf_init(&text, TABLE_LEN_MAX);
	int rc = file_read(path, &text, &why);
	if (rc == 0)
		rc = table_parse(buf_slice(&text), path, &g->table, &why);
	buf_deinit(&text);
	if (rc != 0 && why.kind == ERR_NOMEM)
		return err_nomem(err);
	if (rc != 0)
		(void)snprintf(g->facts.table_wrong, sizeof(g->facts.table_wrong), "%.*s",
		    DOCTOR_WORDS_LEN - 1, why.text);
	else
		g->facts.dry_run = g->table->settings.dry_run;
	return 0;
}

/* A probe for each milter, and the records that a receiver of it would look for. */
static int
ask_domain(struct doctor_gathered *g, const struct doctor_query *q, const char *policy_name,
    struct doctor_domain *d, struct err *err)
{
	const struct key_policy *policy = config_policy(q->config, policy_name);
	/* K34: port 53 is closed but to the resolvers, which have proven what signs */
	const bool by_resolvers = policy != NULL && policy->proof == PROOF_RESOLVER;
	const struct signers_conf *signers = &q->config->signers;
	const struct table_domain *row = table_find_domain(g->table, slice_of(d->name));
	struct signer_facts facts;
	const char *signer = d->name;

	if (signer_facts_find(g->table, d->name, &facts, &d->granted, err) != 0)
		return -1;
	d->has_key = row != NULL && row->key_count > 0;
	if (!d->granted)
		return 0;
	const char *at = strchr(facts.from, '@');
	(void)snprintf(d->author, sizeof(d->author), "%s", at == NULL ? d->name : at + 1);
	d->probes = calloc(signers->milter_count + 1, sizeof(*d->probes));
	if (d->probes == NULL)
		return err_nomem(err);
	d->probe_count = signers->milter_count;
	for (size_t i = 0; i < d->probe_count; i++) {
		const struct doctor_way way = {signers->milters[i], signers->timeout_ms, &g->dns,
		    q->now, by_resolvers ? NULL : &q->config->dns};
		doctor_probe_send(&way, &facts, &d->probes[i]);
		if (d->probes[i].count > 0)
			signer = d->probes[i].signatures[0].domain;
	}
	dmarc_find(ask_txt, &g->dns, d->author, &d->of_author);
	if (strcmp(signer, d->author) == 0)
		d->of_domain = d->of_author;
	else
		dmarc_find(ask_txt, &g->dns, signer, &d->of_domain);
	return 0;
}

static int
ask_domains(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	g->facts.domains = calloc(g->row_count + 1, sizeof(*g->facts.domains));
	if (g->facts.domains == NULL)
		return err_nomem(err);
	g->facts.domain_count = g->row_count;
	for (size_t i = 0; i < g->row_count; i++) {
		struct doctor_domain *d = &g->facts.domains[i];
		const struct store_domain *row = &g->rows[i];
		*d = (struct doctor_domain){.name = row->name,
		    .acknowledgement_needed = row->signers_needed || row->signers_asked_at == NEVER,
		    .agrees = row->signers_agree,
		    .asked_at = row->signers_asked_at};
		(void)snprintf(d->laggard, sizeof(d->laggard), "%s", row->signers_laggard);
		if (g->table != NULL && ask_domain(g, q, row->policy, d, err) != 0)
			return -1;
	}
	return 0;
}

int
doctor_ask(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	int64_t held;

	*g = (struct doctor_gathered){.dns = q->config->dns};
	g->dns.zones = NULL;
	g->dns.zone_count = 0;
	g->facts.now = q->now;
	g->facts.milter_count = q->config->signers.milter_count;
	if (store_number_get(q->store, NUMBER_LAST_PASS, NEVER, &g->facts.last_pass, err) != 0 ||
	    store_number_get(q->store, NUMBER_HELD, NEVER, &held, err) != 0)
		return -1;
	g->facts.held = held != NEVER;
	if (find_rows(g, q, err) != 0 || read_table(g, q, err) != 0 ||
	    ask_domains(g, q, err) != 0 || doctor_ask_files(g, q, err) != 0 ||
	    doctor_ask_postfix(g, q, err) != 0)
		return -1;
	return doctor_ask_clock(g, q, err);
}

void
doctor_gathered_deinit(struct doctor_gathered *g)
{
	for (size_t i = 0; i < g->facts.domain_count; i++)
		free(g->facts.domains[i].probes);
	for (size_t i = 0; i < g->text_count; i++)
		buf_deinit(&g->texts[i]);
	free(g->texts);
	free(g->facts.domains);
	free(g->facts.postfix);
	free(g->facts.files);
	free(g->facts.keys_wrong);
	free(g->rows);
	table_free(g->table);
}
