/* SPDX-License-Identifier: ISC */
/* record_list.h - which records of a domain are somebody's to enter, from what the store has.
 *
 *	struct record_source from = {.policy = policy, .domain = name, .zone = zone, .keys = keys, ...};
 *	if (record_list_init(&list, &from, err) == 0)
 *		rc = record_format(&list, form, &out, err);
 *	record_list_deinit(&list);
 *
 * Threads: one list, one thread. */
#ifndef SIGNPOST_SIGNPOST_RECORD_LIST_H
#define SIGNPOST_SIGNPOST_RECORD_LIST_H

#include "keys/store_deeds.h"
#include "signpost/record_format.h"

struct record_source {
	const struct key_policy *policy; /* NULL: keys alone */
	const char *domain;
	const char *zone; /* that holds the domain; "" is the domain itself */
	const struct store_key *keys;
	size_t key_count;
	const struct store_slot *slots;
	size_t slot_count;
	bool to_enter; /* only what is not proven yet; else all that belongs in DNS now */
};

/* The keys' records where they stand in the domain itself, and the CNAMEs of slots; what stands in a zone of ours is
 * not for a person. */
int record_list_init(struct record_list *, const struct record_source *, struct err *) MUST_CHECK;
/* The delegation of NAME (_domainkey.DOMAIN, or a subdomain) to these hosts. */
struct record_delegation {
	const char *domain, *zone, *name;
	const char (*hosts)[SWEEP_NAME_LEN];
	size_t host_count;
	int64_t ttl_s;
};
int record_list_delegate(struct record_list *, const struct record_delegation *, struct err *) MUST_CHECK;
/* "_domainkey.DOMAIN" */
void record_below(const char *domain, char name[static SWEEP_NAME_LEN]);
void record_list_deinit(struct record_list *); /* also after a failure */

#endif
