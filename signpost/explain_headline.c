/* SPDX-License-Identifier: ISC */
/* explain_headline.c - what a key is, in a few words. */
#include "keys/keyfile.h"
#include "signpost/explain.h"

const char *
explain_headline(const struct operation *op, size_t key)
{
	const struct key_facts *facts = &op->d->keys[key].facts;
	struct err ignored = ERR_INIT;

	switch (key_state_of(facts)) {
	case KEY_STATE_GENERATED:
		return "is made, and not published yet";
	case KEY_STATE_PUBLISHED:
		return op->d->domain.policy->by_hand ? "was handed over, and is not proven yet"
						     : "is published, and not proven yet";
	case KEY_STATE_READY:
		return "is published and proven, and waits";
	case KEY_STATE_ACTIVE:
		if (keyfile_look(store_dir(op->store), &op->d->keys[key], &ignored) != 0)
			return "is to sign, but its file cannot be used";
		return facts->at[FACT_COMPROMISED] != NEVER ? "signs, though it is compromised"
							    : "signs";
	case KEY_STATE_RETIRED:
		return "signs no more; mail that it signed may still be on its way";
	case KEY_STATE_REVOKED:
		return "is revoked";
	case KEY_STATE_COMPROMISED:
		return "is compromised, and signs no more";
	case KEY_STATE_ABANDONED:
		return "never signed, and never will";
	default:
		return "is gone from DNS";
	}
}
