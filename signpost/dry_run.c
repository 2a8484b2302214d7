/* SPDX-License-Identifier: ISC */
#include "signpost/dry_run.h"
#include "signpost/forecast_text.h"
#include "signpost/order.h"
#include "signpost/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
put_step(const struct operation *op, const struct step *step, struct buf *out, struct err *err)
{
	struct order o = {
	    .config = op->cli->config, .d = op->d, .step = step, .find_zone = PASS_SEAMS.find_zone};

	if (order_fill(&o, err) != 0)
		return -1;
	if (o.conf != NULL)
		return publisher_show(o.conf, &o.change, 1, out, err);
	buf_printf(out, "  by hand: %s. TXT %s\n", o.owner,
	    o.change.new_text == NULL ? "is to be removed" : o.change.new_text);
	return 0;
}

static bool
is_due(const struct step *step, int64_t now)
{
	return step->what != STEP_NONE && step->earliest != NEVER && step->earliest <= now;
}

static bool
is_sent(const struct step *step, int64_t now)
{
	return order_is_for(step->what) && is_due(step, now);
}

static int
put_due(const struct operation *op, const struct step *step, struct buf *out, struct err *err)
{
	const char *of = step->key != SIZE_MAX		  ? op->d->keys[step->key].selector
			 : step->what == STEP_ASK_SIGNERS ? "-"
							  : key_alg_name(step->alg);
	struct err why = ERR_INIT;

	buf_printf(out, "%s %s: %s%s%s\n", op->domain, of, forecast_word(step->what),
	    step->why[0] == '\0' ? "" : ": ", step->why);
	if (!order_is_for(step->what) || put_step(op, step, out, &why) == 0)
		return 0;
	if (why.kind == ERR_NOMEM) {
		*err = why;
		return -1;
	}
	buf_printf(out, "  cannot be sent: %s\n", why.text);
	return 0;
}

int
dry_run_put_due(const struct operation *op, struct buf *out, size_t *due, struct err *err)
{
	struct step *steps = NULL;
	size_t count = 0;
	int rc = observed_steps(op->d, &op->o.world, &steps, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!is_due(&steps[i], op->now))
			continue;
		++*due;
		rc = put_due(op, &steps[i], out, err);
	}
	free(steps);
	return rc;
}

int
dry_run_put(struct operation *op, struct buf *out, struct err *err)
{
	struct step *steps = NULL;
	size_t count = 0, sent = 0;

	if (operation_load(op, err) != 0 ||
	    observed_steps(op->d, &op->o.world, &steps, &count, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!is_sent(&steps[i], op->now))
			continue;
		if (sent++ == 0)
			buf_put_str(out, "The next pass would send:\n");
		rc = put_step(op, &steps[i], out, err);
	}
	free(steps);
	if (rc == 0 && sent == 0)
		buf_put_str(out, "The next pass would send nothing to DNS.\n");
	return rc == 0 ? operation_put_next(op, out, err) : -1;
}
