/* SPDX-License-Identifier: ISC */
/* verb_publisher.c - what a name server must allow a publisher, and, tried, that its key can do no more. */
#include "signpost/deed_retry.h"
#include "signpost/operation.h"
#include "signpost/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1024

struct asked {
	struct operation *op;
	const struct publisher_conf *conf;
	char *names[NAMES_MAX]; /* below which records come and go; owned */
	size_t count;
	const char *domain; /* that is tried; borrowed from names' owner or the command line */
};

static int
add_name(struct asked *a, const char *format, const char *name, struct err *err)
{
	char text[SWEEP_NAME_LEN];

	snprintf(text, sizeof(text), "%s%.240s", format, name);
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->names[i], text) == 0)
			return 0;
	}
	if (a->count == NAMES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d names; ask for one domain", NAMES_MAX);
	a->names[a->count] = strdup(text);
	if (a->names[a->count] == NULL)
		return err_nomem(err);
	a->count++;
	return 0;
}

static int
add_domain(struct asked *a, const char *domain, const struct key_policy *policy, struct err *err)
{
	if (policy != NULL && policy->mode == MODE_SLOTS && policy->slot_zone != NULL)
		return add_name(a, "", policy->slot_zone, err);
	return add_name(a, "_domainkey.", domain, err);
}

/* The domain that was named, here or not yet; else all whose policy has this publisher. */
static int
gather(struct asked *a, struct err *err)
{
	const struct config *config = a->op->cli->config;
	struct store_domain *rows = NULL;
	size_t count = 0;
	const char *name = a->op->domain[0] == '\0' ? NULL : a->op->domain;

	int rc = store_domains(a->op->store, name, &rows, &count, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct key_policy *p = config_policy(config, rows[i].policy);
		if (name != NULL || (p != NULL && strcmp(p->publisher, a->conf->name) == 0))
			rc = add_domain(a, rows[i].name, p, err);
	}
	if (rc == 0 && count == 0 && name != NULL)
		rc = add_domain(a, name, NULL, err);
	/* zones of slots, also before the first domain */
	for (size_t i = 0; rc == 0 && name == NULL && i < config->policy_count; i++) {
		const struct key_policy *p = &config->policies[i];
		if (p->mode == MODE_SLOTS && strcmp(p->publisher, a->conf->name) == 0)
			rc = add_domain(a, "", p, err);
	}
	free(rows);
	if (rc == 0 && a->count == 0)
		rc = err_set(err, ERR_INPUT,
		    "no domain has a policy with publisher %s; name one: signpost publisher %s "
		    "DOMAIN",
		    a->conf->name, a->conf->name);
	return rc;
}

static int
show(struct asked *a, struct buf *out, struct err *err)
{
	const char *const *names = (const char *const *)a->names;

	buf_printf(out, "Publisher %s (%s) changes TXT records below", a->conf->name,
	    publisher_type_name(a->conf->type));
	for (size_t i = 0; i < a->count; i++)
		buf_printf(out, "%s %s", i == 0 ? "" : ",", a->names[i]);
	buf_put_str(out, ".\n\n");
	return publisher_rights(a->conf, names, a->count, out, err);
}

/* What was refused before is worth another try. */
static int
say_right(struct asked *a, struct buf *out, struct err *err)
{
	const struct deed_retry retry = {a->op->store, "publisher", a->op->now};
	size_t count;

	buf_put_str(out, "The key can do what it must, and no more.\n");
	if (a->conf->type == PUBLISHER_RFC2136)
		buf_put_str(out, "What it must not do was refused just now; the name server's log "
				 "has those refusals.\n");
	if (deed_retry_publisher(&retry, a->op->cli->config, a->conf->name, &count, err) != 0)
		return -1;
	if (count > 0)
		buf_printf(
		    out, "The next pass tries again what was not done before (%zu).\n", count);
	return 0;
}

/* The zone that would be changed, and a domain of it. */
static int
try_one(struct asked *a, struct buf *out, struct err *err)
{
	const struct operation *op = a->op;
	char zone[DOMAIN_LEN_MAX + 1];

	if (op->domain[0] == '\0')
		return err_set(err, ERR_USAGE, "--try wants a DOMAIN, below which it is tried");
	if (a->conf->zone != NULL)
		snprintf(zone, sizeof(zone), "%s", a->conf->zone);
	else if (strncmp(a->names[0], "_domainkey.", 11) != 0)
		snprintf(zone, sizeof(zone), "%.253s", a->names[0]);
	else if (PASS_SEAMS.find_zone(&op->cli->config->dns, op->domain, zone, err) != 0)
		return err_wrap(err, "the zone of %s", op->domain);
	int rc = publisher_try_rights(a->conf, zone, op->domain, out, err);
	if (rc == 0)
		return say_right(a, out, err);
	if (rc < 0)
		return rc;
	if (operation_print(out, err) != 0)
		return -1;
	return err_set(err, ERR_CONFIG,
	    "the key of publisher %s can do more than it must; signpost publisher %s %s shows what "
	    "is enough",
	    a->conf->name, a->conf->name, op->domain);
}

static int
prepare(struct asked *a, struct err *err)
{
	const struct cli *cli = a->op->cli;
	const char *name = cli->operands[0], *domain = cli->operands[1];

	a->conf = config_publisher(cli->config, name);
	if (a->conf == NULL && strcmp(name, PUBLISHER_BY_HAND) == 0)
		return err_set(err, ERR_INPUT, "by hand there is nobody to be allowed anything");
	if (a->conf == NULL)
		return err_set(
		    err, ERR_INPUT, "%s has no publisher \"%.63s\"", cli->config->path, name);
	if (domain != NULL && domain_normalize(slice_of(domain), a->op->domain, err) != 0)
		return -1;
	return gather(a, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	struct operation op;
	struct asked a = {.op = &op};
	struct buf out;

	buf_init(&out, OPERATION_OUT_MAX);
	int rc = operation_open(&op, cli, err);
	if (rc == 0)
		rc = prepare(&a, err);
	if (rc == 0)
		rc = cli_has(cli, "try") ? try_one(&a, &out, err) : show(&a, &out, err);
	if (rc == 0)
		rc = operation_print(&out, err);
	for (size_t i = 0; i < a.count; i++)
		free(a.names[i]);
	buf_deinit(&out);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"try", NULL, "try below DOMAIN that the key can do what it must, and no more"},
    {NULL, NULL, NULL},
};

const struct verb verb_publisher = {"publisher", "NAME [DOMAIN]", options, 1, 2, VERB_KEEPER, true,
    "Show what the name server must allow a publisher", run};
