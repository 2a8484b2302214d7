/* SPDX-License-Identifier: ISC */
/* verb_explain.c - why nothing has happened yet. */
#include "signpost/explain.h"
#include "signpost/forecast_text.h"
#include "signpost/json_out.h"
#include "signpost/status_json.h"
#include "signpost/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_CELL    10
#define HEADLINE_LEN 128
#define AHEAD_S	     (INT64_C(3) * 365 * 86400)

struct explaining {
	struct operation *op;
	struct step *steps;
	size_t count;
	struct forecast f;
	struct notes notes;
	struct terminal terminal;
	struct buf out;
	json_t *keys; /* NULL: text */
};

static void
put_notes(struct explaining *x)
{
	for (size_t i = 0; i < x->notes.count; i++) {
		const struct note *n = &x->notes.notes[i];
		buf_printf(&x->out, "  %-*s ", KIND_CELL, n->kind);
		terminal_wrap(&x->terminal, (struct terminal_room){3 + KIND_CELL, 3 + KIND_CELL},
		    n->text, &x->out);
		buf_put_str(&x->out, "\n");
	}
}

static json_t *
notes_json(const struct notes *n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n->count; i++)
		json_array_append_new(array, json_pack("{s:s, s:o}", "kind", n->notes[i].kind,
						 "text", status_json_text(n->notes[i].text)));
	return array;
}

/* In colour what a person would look for: what signs, and what should not. */
static void
put_headline(struct explaining *x, const struct store_key *k, const char *headline)
{
	bool stolen = k->facts.at[FACT_COMPROMISED] != NEVER;
	enum terminal_ink ink = stolen					   ? INK_BAD
				: key_state_signs(key_state_of(&k->facts)) ? INK_GOOD
									   : INK_STRONG;
	size_t used = strlen(k->selector) + strlen(key_alg_k(k->alg)) + 4;
	char text[HEADLINE_LEN];

	buf_printf(&x->out, "\n%s%s%s (%s) ", terminal_ink(&x->terminal, ink), k->selector,
	    terminal_ink(&x->terminal, INK_PLAIN), key_alg_k(k->alg));
	snprintf(text, sizeof(text), "%s.", headline);
	terminal_wrap(&x->terminal, (struct terminal_room){(unsigned)used, 2}, text, &x->out);
	buf_put_str(&x->out, "\n");
}

static int
explain_one(struct explaining *x, const struct step *step, struct err *err)
{
	const struct operation *op = x->op;
	const struct store_key *k = &op->d->keys[step->key];

	if (explain_key(op, step, &x->f, &x->notes, err) != 0)
		return -1;
	if (x->keys == NULL) {
		put_headline(x, k, explain_headline(op, step->key));
		put_notes(x);
		return 0;
	}
	json_t *key = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o}", "selector", k->selector,
	    "algorithm", key_alg_name(k->alg), "state", key_state_name(key_state_of(&k->facts)),
	    "step", forecast_word(step->what), "earliest", status_json_time(step->earliest), "why",
	    step->why, "notes", notes_json(&x->notes));
	return key != NULL && json_array_append_new(x->keys, key) == 0 ? 0 : err_nomem(err);
}

static int
finish_json(struct explaining *x, json_t *notes, struct err *err)
{
	return json_put(json_pack("{s:s, s:s, s:o, s:O}", "domain", x->op->domain, "policy",
			    x->op->d->domain.policy->name, "notes", notes, "keys", x->keys),
	    JSON_BY_NAME, &x->out, err);
}

static int
explain(struct explaining *x, struct err *err)
{
	static const char *const modes[] = {
	    [MODE_TXT] = "txt", [MODE_SLOTS] = "slots", [MODE_DELEGATED] = "delegated"};
	struct operation *op = x->op;
	json_t *notes = NULL;
	int rc = 0;

	if (observed_steps(op->d, &op->o.world, &x->steps, &x->count, err) != 0 ||
	    operation_forecast(op, op->now + AHEAD_S, 0, &x->f, err) != 0)
		return -1;
	explain_domain(op, x->steps, x->count, &x->notes);
	if (x->keys != NULL) {
		notes = notes_json(&x->notes);
	} else {
		char text[HEADLINE_LEN + 2 * POLICY_NAME_LEN_MAX];
		snprintf(text, sizeof(text), "policy %s, mode %s, publisher %s",
		    op->d->domain.policy->name, modes[op->d->domain.policy->mode],
		    op->d->domain.policy->publisher);
		buf_printf(&x->out, "%s: ", op->domain);
		terminal_wrap(&x->terminal,
		    (struct terminal_room){(unsigned)strlen(op->domain) + 2, 2}, text, &x->out);
		buf_put_str(&x->out, "\n");
		put_notes(x);
	}
	for (size_t i = 0; rc == 0 && i < x->count; i++) {
		if (x->steps[i].key != SIZE_MAX)
			rc = explain_one(x, &x->steps[i], err);
	}
	if (rc == 0 && x->keys != NULL)
		return finish_json(x, notes, err);
	json_decref(notes);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct operation op;
	struct explaining x = {.op = &op, .terminal = terminal_of_stdout()};

	buf_init(&x.out, OPERATION_OUT_MAX);
	int rc = operation_begin(&op, cli, err);
	if (rc == 0 && cli_has(cli, "json") && (x.keys = json_array()) == NULL)
		rc = err_nomem(err);
	if (rc == 0)
		rc = explain(&x, err);
	if (rc == 0)
		rc = operation_print(&x.out, err);
	forecast_deinit(&x.f);
	free(x.steps);
	json_decref(x.keys);
	buf_deinit(&x.out);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_explain = {"explain", "DOMAIN", options, 1, 1, VERB_KEEPER, true,
    "Tell why nothing has happened yet: the guard, the evidence, the earliest time", run};
