/* SPDX-License-Identifier: ISC */
/* order.h - what a step asks of its publisher: which zone, which name, what is to stand there instead of what.
 *
 *	struct order o = {.config = config, .d = d, .step = step, .find_zone = seams->find_zone};
 *	if (order_fill(&o, err) == 0)
 *		publisher_show(o.conf, &o.change, 1, out, err);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_ORDER_H
#define SIGNPOST_SIGNPOST_ORDER_H

#include "signpost/observe.h"

typedef int order_zone_fn(
    const struct dns_conf *, const char *domain, char zone[static DOMAIN_LEN_MAX + 1], struct err *);

struct order {
	const struct config *config;
	const struct observed *d;
	const struct step *step;  /* PREPARE_SLOT, PUBLISH, REVOKE, REMOVE */
	order_zone_fn *find_zone; /* asked when neither the configuration nor an earlier sweep tells */
	/* out */
	const struct publisher_conf *conf; /* NULL: by hand */
	char zone[SWEEP_NAME_LEN], owner[SWEEP_NAME_LEN];
	struct publish_change change; /* borrows from the order, which stays where it is */
};

bool order_is_for(enum step_what);
/* The slot of a PREPARE_SLOT; NULL: the domain has none such. */
const struct store_slot *order_slot(const struct observed *, const struct step *);
/* ERR_DNS: the zone cannot be found. */
int order_fill(struct order *, struct err *) MUST_CHECK;

#endif
