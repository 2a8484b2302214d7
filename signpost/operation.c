/* SPDX-License-Identifier: ISC */
#include "signpost/operation.h"
#include "base/utf8.h"
#include "keys/sweep_verdict.h"
#include "signpost/forecast_text.h"
#include "signpost/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEXT_EVENTS 4
#define BATCH	    256 /* domains whose rows are held at a time */
#define NEXT_S	    (INT64_C(3) * 365 * 86400)

int
operation_open(struct operation *op, const struct cli *cli, struct err *err)
{
	memset(op, 0, sizeof(*op));
	op->cli = cli;
	op->now = cli->now;
	if (store_open(cli->store_dir, STORE_WAIT_MS, &op->store, err) != 0)
		return -1;
	store_set_actor(op->store, cli->uid);
	return 0;
}

int
operation_each(struct operation *op, operation_take_fn *take, void *arg, struct err *err)
{
	char after[DOMAIN_LEN_MAX + 1] = "";
	int rc = 0;

	for (bool more = true; rc == 0 && more;) {
		const struct observe_query query = {.config = op->cli->config,
		    .select = {.after = after, .due_by = INT64_MAX, .max = BATCH},
		    .now = op->now};
		observation_deinit(&op->o);
		rc = observe(op->store, &query, &op->o, err);
		more = rc == 0 && op->o.count > 0;
		for (size_t i = 0; rc == 0 && i < op->o.count; i++) {
			op->d = &op->o.domains[i];
			snprintf(op->domain, sizeof(op->domain), "%s", op->d->row->name);
			rc = take(arg, err);
		}
		if (more)
			snprintf(after, sizeof(after), "%s", op->o.rows[op->o.count - 1].name);
	}
	op->d = NULL;
	op->domain[0] = '\0';
	return rc;
}

int
operation_load(struct operation *op, struct err *err)
{
	op->now = (int64_t)time(NULL);
	const struct observe_query query = {
	    .config = op->cli->config, .select = store_select_domain(op->domain), .now = op->now};

	observation_deinit(&op->o);
	op->d = NULL;
	if (observe(op->store, &query, &op->o, err) != 0)
		return -1;
	if (op->o.count == 0)
		return err_set(err, ERR_INPUT,
		    "%s is not here; signpost add %s starts signing for it", op->domain,
		    op->domain);
	op->d = &op->o.domains[0];
	if (op->d->domain.policy == NULL)
		return err_set(err, ERR_CONFIG,
		    "domain %s has policy \"%s\", which %s does not define; define it, or signpost "
		    "add "
		    "--policy NAME %s",
		    op->domain, op->d->row->policy, op->cli->config->path, op->domain);
	return 0;
}

int
operation_begin(struct operation *op, const struct cli *cli, struct err *err)
{
	memset(op, 0, sizeof(*op));
	char domain[DOMAIN_LEN_MAX + 1];

	if (domain_normalize(slice_of(cli->operands[0]), domain, err) != 0)
		return -1;
	if (operation_open(op, cli, err) != 0)
		return -1;
	memcpy(op->domain, domain, sizeof(op->domain));
	return operation_load(op, err);
}

void
operation_end(struct operation *op)
{
	observation_deinit(&op->o);
	store_close(op->store);
	op->store = NULL;
}

int
operation_key(const struct operation *op, const char *selector, size_t *key, struct err *err)
{
	struct buf names;

	buf_init(&names, 512);
	for (size_t i = 0; i < op->d->domain.key_count; i++) {
		if (strcmp(op->d->keys[i].selector, selector) == 0) {
			*key = i;
			buf_deinit(&names);
			return 0;
		}
		buf_printf(&names, "%s%s", i == 0 ? "" : ", ", op->d->keys[i].selector);
	}
	err_set(err, ERR_INPUT, "%s has no key %.63s that is still about; it has %s", op->domain,
	    selector, names.len == 0 ? "none" : buf_str(&names));
	buf_deinit(&names);
	return -1;
}

size_t
operation_newest(const struct operation *op, enum key_alg alg, enum key_state state)
{
	for (size_t i = op->d->domain.key_count; i > 0; i--) {
		const struct store_key *k = &op->d->keys[i - 1];
		if (k->alg == alg && key_state_of(&k->facts) == state)
			return i - 1;
	}
	return SIZE_MAX;
}

struct store_event
operation_event(const struct operation *op, const char *selector, const char *what,
    char text[static ERR_TEXT_LEN])
{
	int len = snprintf(text, ERR_TEXT_LEN, "%s (signpost", what);

	for (size_t i = 1; op->cli->argv[i] != NULL && len > 0 && len < ERR_TEXT_LEN - 1; i++)
		len += snprintf(text + len, (size_t)(ERR_TEXT_LEN - len), " %s", op->cli->argv[i]);
	if (len > 0 && len < ERR_TEXT_LEN - 1)
		snprintf(text + len, (size_t)(ERR_TEXT_LEN - len), ")");
	utf8_defuse(text); /* the words are those of whoever may say them; others read the log */
	return (struct store_event){op->now, op->cli->verb->name, op->domain, selector, text};
}

int
operation_forecast(const struct operation *op, int64_t until, size_t events_max, struct forecast *f,
    struct err *err)
{
	const struct forecast_query query = {&op->d->domain, &op->o.world.world, until, events_max};

	return forecast_make(&query, f, err);
}

/* Time alone is told by the forecast. */
static bool
is_worth_telling(const struct operation *op, const struct step *step)
{
	if (step->key != SIZE_MAX && step->what == STEP_LOOK)
		return !op->d->domain.keys[step->key].looks.last_passed;
	return step->wait != WAIT_NOTHING && step->wait != WAIT_TIME && step->wait != WAIT_DNS;
}

void
operation_put_caveats(const struct operation *op, struct buf *out)
{
	const struct schedule_world *w = &op->o.world.world;

	if (!w->clock_trusted)
		buf_printf(out,
		    "The clock is not trusted: %s.  Until it is, no step is taken; see signpost "
		    "clock.\n",
		    w->clock_why);
	if (w->outage)
		buf_printf(out, "An outage: %s; nothing is switched or published because of it.\n",
		    w->outage_why);
	if (op->cli->config->dns.ignored_count > 0) {
		buf_put_str(out, "Waived: what these servers say, or that they do not, holds no "
				 "key back (ignore_server): ");
		sweep_put_ignored(&op->cli->config->dns, out);
		buf_put_str(out, ".\n");
	}
	if (op->d != NULL && op->d->domain.held)
		buf_printf(out,
		    "%s is held: no step but the switch away from a lost key.  signpost "
		    "release%s%s "
		    "lets it go on.\n",
		    op->domain, op->d->row->held_at == NEVER ? "" : " ",
		    op->d->row->held_at == NEVER ? "" : op->domain);
}

static int
put_waits(const struct operation *op, struct buf *out, struct err *err)
{
	struct step *steps = NULL;
	size_t count = 0;

	if (observed_steps(op->d, &op->o.world, &steps, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!is_worth_telling(op, &steps[i]))
			continue;
		buf_printf(out, "  %-24s %s\n",
		    steps[i].key == SIZE_MAX ? "-" : op->d->keys[steps[i].key].selector,
		    steps[i].why);
	}
	free(steps);
	return 0;
}

int
operation_put_next(const struct operation *op, struct buf *out, struct err *err)
{
	struct forecast f;
	size_t told = 0;

	operation_put_caveats(op, out);
	if (put_waits(op, out, err) != 0)
		return -1;
	int rc = operation_forecast(op, op->now + NEXT_S, 0, &f, err);
	for (size_t i = 0; rc == 0 && i < f.count && told < NEXT_EVENTS; i++) {
		char name[FORECAST_NAME_LEN];
		struct buf at;
		if (!forecast_is_news(&f.events[i]))
			continue;
		if (told++ == 0)
			buf_put_str(out, "Next, when DNS, milters and people do their part:\n");
		buf_init(&at, 64);
		when_put_far(&at, f.events[i].at, op->now);
		forecast_name(&f, f.events[i].key, name);
		buf_printf(out, "  %-24s %-24s ", name, buf_str(&at));
		forecast_text(&f, &f.events[i], out);
		buf_put_str(out, "\n");
		buf_deinit(&at);
	}
	if (rc == 0 && told == 0)
		buf_printf(out, "%s\n",
		    f.end == FORECAST_UNTIL ? "Nothing is due." : forecast_end_text(f.end));
	forecast_deinit(&f);
	return rc;
}

int
operation_print(struct buf *out, struct err *err)
{
	int rc = buf_check(out, "what is to be said", err);

	if (rc == 0 && (fputs(buf_str(out), stdout) == EOF || fflush(stdout) != 0))
		rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	buf_clear(out);
	return rc;
}

int
operation_tell(struct operation *op, struct err *err)
{
	struct buf out;

	if (operation_load(op, err) != 0)
		return -1;
	buf_init(&out, OPERATION_OUT_MAX);
	int rc = operation_put_next(op, &out, err);
	if (rc == 0)
		rc = operation_print(&out, err);
	buf_deinit(&out);
	return rc;
}
