/* SPDX-License-Identifier: ISC */
#include "signpost/deed_retry.h"
#include "keys/store_deeds.h"

#include <stdlib.h>
#include <string.h>

int
deed_retry_domain(const struct deed_retry *r, const char *domain, size_t *count, struct err *err)
{
	const struct store_event event = {
	    r->now, r->verb, domain, "", "what its publisher did not do is tried again"};
	size_t one;

	if (store_deeds_retry(r->store, domain, &event, &one, err) != 0)
		return -1;
	*count += one;
	return 0;
}

int
deed_retry_publisher(const struct deed_retry *r, const struct config *config, const char *publisher,
    size_t *count, struct err *err)
{
	struct store_domain *rows = NULL;
	size_t domains = 0;

	*count = 0;
	if (store_begin(r->store, err) != 0)
		return -1;
	int rc = store_domains(r->store, NULL, &rows, &domains, err);
	for (size_t i = 0; rc == 0 && i < domains; i++) {
		const struct key_policy *p = config_policy(config, rows[i].policy);
		if (p != NULL && strcmp(p->publisher, publisher) == 0)
			rc = deed_retry_domain(r, rows[i].name, count, err);
	}
	free(rows);
	return store_end(r->store, rc, err);
}

int
deed_retry_added(const struct adding *a, struct err *err)
{
	size_t count = 0;

	/* by hand there is nobody to be asked again */
	if (a->rules->by_hand)
		return 0;
	return deed_retry_domain(
	    &(struct deed_retry){a->store, "add", a->now}, a->name, &count, err);
}
