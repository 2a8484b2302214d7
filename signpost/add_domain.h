/* SPDX-License-Identifier: ISC */
/* add_domain.h - one domain that is being added: its policy, its rows, its keys.  Idempotent: what is there stays.
 *
 *	struct adding a = {.config = config, .store = store, .now = now, .policy = asked};
 *	memcpy(a.name, ...);
 *	if (adding_choose(&a, err) == 0 && adding_make(&a, err) == 0)
 *		... say it ...
 *	rc = adding_hand_over(&a, err);		by hand: the record was shown to somebody
 *	adding_deinit(&a);
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_ADD_DOMAIN_H
#define SIGNPOST_SIGNPOST_ADD_DOMAIN_H

#include "keys/store_deeds.h"
#include "signpost/config.h"
#include "signpost/key_stock.h"

struct adding {
	const struct config *config;
	struct store *store;
	int64_t now;
	const char *policy; /* that was asked for; NULL: the one that it has, else "default" */
	char name[DOMAIN_LEN_MAX + 1];
	bool locked; /* as of struct keymaker */
	struct key_stock *stock; /* NULL: keys are made here */
	unsigned stock_bits;
	/* out */
	const struct key_policy *rules;
	bool is_new; /* it was not here */
	int64_t active_from; /* as of struct store_domain */
	struct store_key *keys; /* all of the domain */
	size_t key_count;
	struct store_slot *slots;
	size_t slot_count;
};

/* ERR_CONFIG: signpost.conf has no such policy.  Changes nothing. */
int adding_choose(struct adding *, struct err *) MUST_CHECK;
/* Rows and keys; what is there already is loaded. */
int adding_make(struct adding *, struct err *) MUST_CHECK;
int adding_load(struct adding *, struct err *) MUST_CHECK;
/* The deed of publishing by hand is handing the record over; it is done now. */
int adding_hand_over(const struct adding *, struct err *) MUST_CHECK;
void adding_deinit(struct adding *);

#endif
