/* SPDX-License-Identifier: ISC */
/* keymaker.h - new keys, and the slots that they go into.
 *
 * A key's file is on disk before its row, and its row before anything leaves the host: a kill between the two leaves a
 * file that the next one takes up.
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_SIGNPOST_KEYMAKER_H
#define SIGNPOST_SIGNPOST_KEYMAKER_H

#include "keys/key_policy.h"
#include "keys/store_deeds.h"

struct keymaker {
	struct store *store;
	const char *domain;
	const struct key_policy *policy;
	int64_t now;
	const char *verb;
	bool locked;		 /* the caller holds STORE_LOCK_ADD: taken before a transaction, never inside one */
	struct dkim_key **ready; /* NULL, or a fresh RSA key of the policy's size: taken over when one is needed */
};

/* A key of that algorithm, into that slot (-1: none).  Takes STORE_LOCK_ADD.  *made false: one that never signed is
 * there already, made by another signpost at the same time. */
int keymaker_make(const struct keymaker *, enum key_alg, int slot, bool *made, struct err *) MUST_CHECK;
/* The names of the slots that the policy wants and the domain does not have yet; they are the domain's for ever. */
int keymaker_slots(const struct keymaker *, struct err *) MUST_CHECK;
/* "TOKEN.SLOT_ZONE" and "TOKEN._domainkey.DOMAIN". */
int keymaker_slot_names(const struct key_policy *, const struct store_slot *, char owner[static SWEEP_NAME_LEN],
    char alias[static SWEEP_NAME_LEN], struct err *) MUST_CHECK;

#endif
