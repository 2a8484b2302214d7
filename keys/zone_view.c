/* SPDX-License-Identifier: ISC */
/* Do the resolvers see the same zone as we do, coming from the root?  (K33) */
#include "keys/zone.h"

#include <stdlib.h>

/* The first of the resolvers' NS that we did not find. */
static bool
has_stranger(const struct zone *z, const ldns_pkt *pkt, char stranger[static SWEEP_NAME_LEN])
{
	ldns_rr *ns[ZONE_HOSTS_MAX];
	size_t n = dns_records(ldns_pkt_answer(pkt), z->name, LDNS_RR_TYPE_NS, ns, ZONE_HOSTS_MAX);
	for (size_t i = 0; i < n && i < ZONE_HOSTS_MAX; i++) {
		bool known = false;
		if (!dns_record_target(ns[i], stranger))
			continue;
		for (size_t h = 0; h < z->host_count && !known; h++)
			known = slice_ieq_str(slice_of(z->hosts[h]), stranger);
		if (!known)
			return true;
	}
	return false;
}

int
zone_check_view(struct dns_asker *a, const struct zone *z, const char *domain, struct err *err)
{
	struct dns_query q;
	struct dns_endpoint none = {.port = DNS_PORT};
	char stranger[SWEEP_NAME_LEN];
	if (z->configured || z->name[0] == '\0' || !dns_name_within(domain, z->name))
		return 0;
	if (!dns_query_init(&q, a, &none, z->name, LDNS_RR_TYPE_NS))
		return err_set(err, ERR_INPUT, "%s is too long", z->name);
	int result = dns_resolve(a, &q, 1, err);
	if (result == 0 && q.reply != NULL && has_stranger(z, q.reply, stranger))
		result = err_set(err, ERR_DNS,
		    "split view: the resolver says that %s is served by %s, the root does not lead "
		    "there; if the name "
		    "servers were just changed, wait until it forgets the old ones, else name the "
		    "right ones in zone "
		    "\"%s\" of signpost.conf",
		    z->name, stranger, z->name);
	dns_query_deinit(&q);
	return result;
}
