/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"
#include "keys/sweep_verdict.h"
#include "signpost/health.h"
#include "signpost/status_json.h"
#include "signpost/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALE_PASSES 10 /* intervals without a pass, and at least as many minutes */

struct status {
	const struct cli *cli;
	struct store *store;
	int worst;     /* exit code */
	json_t *array; /* NULL: text */
	int64_t last_pass;
};

/* 2 failed, then 3 cannot tell, then 1 warning, then 0 */
static int
worse(int a, int b)
{
	static const int order[] = {
	    [EXIT_OK] = 0, [EXIT_WARNING] = 1, [EXIT_FAILED] = 3, [EXIT_CANNOT_TELL] = 2};

	return order[a] >= order[b] ? a : b;
}

static void
print_line(const struct domain_health *d, int64_t now)
{
	char signs_with[SELECTOR_LEN_MAX * 2 + 32] = "";
	struct buf since;

	for (size_t i = 0; i < d->key_count; i++) {
		const struct store_key *row = &d->keys[i].row;
		size_t len = strlen(signs_with);
		if (!key_state_signs(key_state_of(&row->facts)))
			continue;
		snprintf(signs_with + len, sizeof(signs_with) - len, "%s%s %s",
		    len == 0 ? "" : ", ", row->selector, key_alg_k(row->alg));
	}
	buf_init(&since, 64);
	if (d->since != NEVER)
		advice_duration(now - d->since, &since);
	printf("%-22s %-16s %-24s %-7s %s%s\n", d->row.name, health_name(d->health),
	    signs_with[0] == '\0' ? "-" : signs_with, d->since == NEVER ? "-" : buf_str(&since),
	    d->next, d->warning ? "  !" : "");
	buf_deinit(&since);
}

static int
show_domain(struct status *s, const struct store_domain *domain, struct err *err)
{
	struct domain_health d;
	const struct health_view view = {s->store, s->cli->config, s->cli->now};
	int rc = domain_health_init(&d, &view, domain, err);

	if (rc == 0) {
		s->worst = worse(s->worst, health_exit_code(d.health, d.warning));
		if (s->array == NULL)
			print_line(&d, s->cli->now);
		else if (json_array_append_new(s->array, status_json_domain(&d)) != 0)
			rc = err_nomem(err);
	}
	domain_health_deinit(&d);
	return rc;
}

/* For one domain, what each server said last. */
static int
show_servers(const struct status *s, const struct store_domain *domain, struct err *err)
{
	struct domain_health d;
	struct buf out;
	const struct health_view view = {s->store, s->cli->config, s->cli->now};
	int rc = domain_health_init(&d, &view, domain, err);

	buf_init(&out, 1024 * 1024);
	for (size_t i = 0; rc == 0 && i < d.key_count; i++) {
		const struct key_health *k = &d.keys[i];
		buf_printf(&out, "\n%s %s %s\n  %s\n", k->row.selector, key_alg_name(k->row.alg),
		    key_state_name(key_state_of(&k->row.facts)), k->step.why);
		if (k->seen.last.found && !k->seen.last.failed)
			sweep_format(&k->seen.last.sweep, &out);
		if (k->seen.last.resolver[0] != '\0')
			buf_printf(&out, "asked too, as a server is silent for long: %s\n",
			    k->seen.last.resolver);
		if (k->trouble[0] != '\0')
			buf_printf(&out, "  %s\n", k->trouble);
	}
	fputs(buf_str(&out), stdout);
	buf_deinit(&out);
	domain_health_deinit(&d);
	return rc;
}

static void
warn_of_stale_pass(struct status *s, size_t domains)
{
	int64_t interval = s->cli->config->sweep_interval_s;
	int64_t limit = STALE_PASSES * (interval > 60 ? interval : 60);
	struct buf age;

	if (domains == 0 || (s->last_pass != NEVER && s->cli->now - s->last_pass <= limit))
		return;
	s->worst = worse(s->worst, EXIT_WARNING);
	if (s->array != NULL)
		return;
	buf_init(&age, 64);
	if (s->last_pass == NEVER) {
		printf("No pass was made yet: run signpost tick every minute, from a timer.\n");
	} else {
		advice_duration(s->cli->now - s->last_pass, &age);
		printf("The last pass was %s ago: does the timer of signpost tick run?\n",
		    buf_str(&age));
	}
	buf_deinit(&age);
}

static int
print_json(const struct status *s, struct err *err)
{
	json_t *top = json_pack(
	    "{s:o, s:O}", "last_pass", status_json_time(s->last_pass), "domains", s->array);
	char *text = top == NULL ? NULL : json_dumps(top, JSON_INDENT(2) | JSON_SORT_KEYS);
	int rc = 0;

	if (text == NULL)
		rc = err_nomem(err);
	else
		printf("%s\n", text);
	free(text);
	json_decref(top);
	return rc;
}

static int
show(struct status *s, const char *name, struct err *err)
{
	struct store_domain *domains = NULL;
	size_t count = 0;
	int rc = store_domains(s->store, name, &domains, &count, err);

	if (rc == 0 && name != NULL && count == 0)
		rc = err_set(err, ERR_INPUT,
		    "%s is not here; signpost add %s starts signing for it", name, name);
	if (rc == 0)
		rc = store_number_get(s->store, "last_pass", NEVER, &s->last_pass, err);
	if (rc == 0 && s->array == NULL && count == 0)
		printf("No domain yet: signpost add DOMAIN starts signing for one.\n");
	else if (rc == 0 && s->array == NULL)
		printf("%-22s %-16s %-24s %-7s %s\n", "DOMAIN", "STATUS", "SIGNS WITH", "SINCE",
		    "NEXT");
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = show_domain(s, &domains[i], err);
	if (rc == 0 && name != NULL && s->array == NULL)
		rc = show_servers(s, domains, err);
	if (rc == 0)
		warn_of_stale_pass(s, count);
	if (rc == 0 && s->array != NULL)
		rc = print_json(s, err);
	free(domains);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct status s = {.cli = cli, .worst = EXIT_OK, .last_pass = NEVER};
	char domain[DOMAIN_LEN_MAX + 1];
	const char *name = cli->operands[0];

	if (name != NULL && domain_normalize(slice_of(name), domain, err) != 0)
		return err_wrap(err, "%.80s", name);
	if (store_open(cli->store_dir, STORE_WAIT_MS, &s.store, err) != 0)
		return -1;
	if (cli_has(cli, "json"))
		s.array = json_array();
	int rc = show(&s, name == NULL ? NULL : domain, err);
	json_decref(s.array);
	store_close(s.store);
	return rc == 0 ? s.worst : -1;
}

static const struct verb_option options[] = {
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_status = {"status", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Show how each domain stands, what it waits for and why", run};
