/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"
#include "keys/sweep_verdict.h"
#include "keys/sweep_verdict.h"
#include "signpost/health.h"
#include "signpost/status_json.h"
#include "signpost/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALE_PASSES 10	 /* intervals without a pass, and at least as many minutes */
#define BATCH	     256 /* domains whose rows are held at a time */
#define FEW	     50	 /* so many domains' key files are read */

struct status {
	const struct cli *cli;
	struct store *store;
	const char *name;	     /* of the one domain that was asked for; NULL: all */
	bool sweeps, files;	     /* as of struct health_view */
	int worst;		     /* exit code */
	json_t *array;		     /* NULL: text */
	int64_t last_pass, restored; /* as of NUMBER_RESTORED */
	size_t count;		     /* of domains */
	struct observed_world world;
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
		const struct store_key *row = d->keys[i].row;
		size_t len = strlen(signs_with);
		if (!key_state_signs(key_state_of(&row->facts)))
			continue;
		snprintf(signs_with + len, sizeof(signs_with) - len, "%s%s %s",
		    len == 0 ? "" : ", ", row->selector, key_alg_k(row->alg));
	}
	buf_init(&since, 64);
	if (d->since != NEVER)
		advice_duration(now - d->since, &since);
	printf("%-22s %-16s %-24s %-7s %s%s\n", d->seen->row->name, health_name(d->health),
	    signs_with[0] == '\0' ? "-" : signs_with, d->since == NEVER ? "-" : buf_str(&since),
	    d->next, d->warning ? "  !" : "");
	buf_deinit(&since);
}

/* For one domain, what each server said last. */
static void
print_servers(const struct status *s, const struct domain_health *d)
{
	const struct key_policy *policy = d->seen->domain.policy;
	struct buf out;

	buf_init(&out, 1024 * 1024);
	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *k = &d->keys[i];
		buf_printf(&out, "\n%s %s %s\n  %s\n", k->row->selector, key_alg_name(k->row->alg),
		    key_state_name(key_state_of(&k->row->facts)), k->step.why);
		if (k->last != NULL && k->last->found && !k->last->failed)
			sweep_format(&k->last->sweep, &out);
		if (k->last != NULL && k->last->resolver[0] != '\0')
			buf_printf(&out, "asked too, as a server is silent for long: %s\n",
			    k->last->resolver);
		if (k->trouble[0] != '\0')
			buf_printf(&out, "  %s\n", k->trouble);
	}
	for (size_t i = 0; i < d->step_count; i++)
		buf_printf(&out, "\n%s\n", d->steps[i].why);
	if (policy != NULL && policy->proof == PROOF_RESOLVER)
		buf_put_str(&out, "\nProven by resolvers only (proof = resolver).\n");
	if (policy != NULL && policy->proof == PROOF_ATTEST)
		buf_put_str(&out, "\nNothing is asked for: proven by signpost attest only.\n");
	if (s->cli->config->dns.vantage_count == 0)
		buf_put_str(&out, "\nSeen from inside only (vantage = inside).\n");
	if (policy != NULL && policy->queue_assumed)
		buf_put_str(&out, "The queue's lifetime is assumed: postconf does not tell it.\n");
	fputs(buf_str(&out), stdout);
	buf_deinit(&out);
}

static int
show_domain(
    struct status *s, const struct observation *o, const struct observed *seen, struct err *err)
{
	const struct health_view view = {
	    s->store, s->cli->config, s->cli->now, s->sweeps, s->files};
	struct domain_health d;
	int rc = domain_health_init(&d, &view, o, seen, err);

	if (rc == 0) {
		s->worst = worse(s->worst, health_exit_code(d.health, d.warning));
		if (s->array == NULL)
			print_line(&d, s->cli->now);
		else if (json_array_append_new(s->array, status_json_domain(&d)) != 0)
			rc = err_nomem(err);
	}
	if (rc == 0 && s->name != NULL && s->array == NULL)
		print_servers(s, &d);
	domain_health_deinit(&d);
	return rc;
}

static int
show_batch(struct status *s, struct store_select *select, char after[static DOMAIN_LEN_MAX + 1],
    size_t *count, struct err *err)
{
	const struct observe_query query = {
	    .config = s->cli->config, .select = *select, .now = s->cli->now};
	struct observation o;
	int rc = observe(s->store, &query, &o, err);

	if (rc == 0 && s->count == 0) {
		if (o.count < FEW)
			s->files = true;
		s->world = o.world;
		if (s->array == NULL && o.count > 0)
			printf("%-22s %-16s %-24s %-7s %s\n", "DOMAIN", "STATUS", "SIGNS WITH",
			    "SINCE", "NEXT");
	}
	for (size_t i = 0; rc == 0 && i < o.count; i++)
		rc = show_domain(s, &o, &o.domains[i], err);
	*count = o.count;
	if (o.count > 0)
		snprintf(after, DOMAIN_LEN_MAX + 1, "%s", o.rows[o.count - 1].name);
	s->count += o.count;
	observation_deinit(&o);
	return rc;
}

/* What concerns all domains. */
static void
warn_of_world(struct status *s)
{
	const struct observed_world *w = &s->world;

	if (s->count == 0 || (w->world.clock_trusted && !w->world.outage && s->restored == NEVER))
		return;
	s->worst = worse(s->worst, EXIT_WARNING);
	if (s->array != NULL)
		return;
	if (!w->world.clock_trusted)
		printf("The clock is not trusted: %s. Signing goes on.\n", w->clock_why);
	if (s->restored != NEVER)
		printf("The store was put back from an older copy: what signed goes on signing "
		       "until keys are "
		       "proven anew; see: signpost log\n");
	if (w->world.outage)
		printf("An outage: %s. Nothing is switched or published because of it.\n",
		    w->outage_why);
}

static void
warn_of_stale_pass(struct status *s)
{
	int64_t interval = s->cli->config->sweep_interval_s;
	int64_t limit = STALE_PASSES * (interval > 60 ? interval : 60);
	struct buf age;

	if (s->count == 0 || (s->last_pass != NEVER && s->cli->now - s->last_pass <= limit))
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
	json_t *top = json_pack("{s:o, s:b, s:b, s:O}", "last_pass", status_json_time(s->last_pass),
	    "clock_trusted", (int)(s->count == 0 || s->world.world.clock_trusted), "outage",
	    (int)(s->count > 0 && s->world.world.outage), "domains", s->array);
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
show(struct status *s, struct err *err)
{
	char after[DOMAIN_LEN_MAX + 1] = "";
	struct store_select select = {
	    .first = s->name, .last = s->name, .after = after, .due_by = INT64_MAX, .max = BATCH};
	size_t n = 1;
	int rc = store_number_get(s->store, NUMBER_LAST_PASS, NEVER, &s->last_pass, err);

	if (rc == 0)
		rc = store_number_get(s->store, NUMBER_RESTORED, NEVER, &s->restored, err);
	while (rc == 0 && n > 0) {
		rc = show_batch(s, &select, after, &n, err);
		if (n < BATCH)
			break;
	}
	if (rc == 0 && s->name != NULL && s->count == 0)
		rc = err_set(err, ERR_INPUT,
		    "%s is not here; signpost add %s starts signing for it", s->name, s->name);
	if (rc == 0 && s->array == NULL && s->count == 0)
		printf("No domain yet: signpost add DOMAIN starts signing for one.\n");
	if (rc != 0)
		return -1;
	warn_of_world(s);
	warn_of_stale_pass(s);
	return s->array == NULL ? 0 : print_json(s, err);
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
	s.name = name == NULL ? NULL : domain;
	s.sweeps = name != NULL || s.array != NULL;
	s.files = name != NULL;
	int rc = show(&s, err);
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
