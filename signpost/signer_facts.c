/* SPDX-License-Identifier: ISC */
#include "signpost/signer_facts.h"
#include "milter/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_PORT 40000 /* any but 0, which is local submission */

struct search {
	const struct table *table;
	const char *domain;
	struct signer_facts *facts;
};

/* Would it be signed as the domain's, if the domain had a key? */
static bool
is_granted(const struct search *s)
{
	const struct signer_facts *f = s->facts;
	struct err err = ERR_INIT;
	struct policy_facts facts = {
	    .peer = {.family = IP_NONE},
	    .peer_port = f->client_port,
	    .daemon_name = slice_of(f->daemon),
	    .auth_type = slice_of(f->login[0] != '\0' ? "PLAIN" : NULL),
	    .auth_authen = slice_of(f->login),
	    .from_count = 1,
	    .from = slice_of(f->from),
	};
	struct decision d;

	if (f->client[0] != '\0' && ip_addr_parse(slice_of(f->client), &facts.peer, &err) != 0)
		return false;
	policy_decide(s->table, &facts, &d);
	return d.domain != NULL && strcmp(d.domain->name, s->domain) == 0 &&
	       (d.reason == REASON_GRANTED || d.reason == REASON_KEYLESS);
}

static bool
try_login(const struct search *s, const char *login)
{
	(void)snprintf(s->facts->login, sizeof(s->facts->login), "%s", login);
	if (is_granted(s))
		return true;
	s->facts->login[0] = '\0';
	return false;
}

static bool
try_client(const struct search *s, const struct ip_addr *client, uint16_t port, const char *daemon)
{
	ip_addr_format(client, s->facts->client);
	s->facts->client_port = port;
	s->facts->daemon = daemon;
	if (is_granted(s))
		return true;
	s->facts->client[0] = '\0';
	s->facts->client_port = 0;
	s->facts->daemon = NULL;
	return false;
}

static bool
try_row(const struct search *s, const struct table_allow *allow)
{
	static const struct ip_addr V4 = {.family = IP_V4, .octet = {127, 0, 0, 1}};
	static const struct ip_addr V6 = {.family = IP_V6, .octet = {[15] = 1}};

	switch (allow->kind) {
	case ALLOW_LOGIN:
		return try_login(s, allow->login);
	case ALLOW_NETWORK:
		return try_client(s, &allow->prefix.addr, CLIENT_PORT, allow->daemon);
	case ALLOW_LOCAL:
		return try_client(s, &V4, 0, NULL) || try_client(s, &V6, 0, NULL);
	case ALLOW_BARE:
		break;
	}
	return false; /* the bare login was tried */
}

static bool
try_author(const struct search *s, const char *author)
{
	(void)snprintf(s->facts->from, sizeof(s->facts->from), SIGNER_PROBE_NAME "@%s", author);
	if (try_login(s, s->facts->from) || try_login(s, SIGNER_PROBE_NAME))
		return true;
	for (size_t i = 0; i < s->table->allow_count; i++) {
		if (try_row(s, &s->table->allows[i]))
			return true;
	}
	return false;
}

static bool
try_all(const struct search *s)
{
	char below[DOMAIN_LEN_MAX + sizeof(SIGNER_PROBE_NAME) + 1];

	memset(s->facts, 0, sizeof(*s->facts));
	if (try_author(s, s->domain))
		return true;
	/* rows of ".example.com" let it sign for what lies below alone */
	if (snprintf(below, sizeof(below), SIGNER_PROBE_NAME ".%s", s->domain) > DOMAIN_LEN_MAX)
		return false;
	return try_author(s, below);
}

/* The table with one more row, in its place. */
static int
try_with_row(struct search *s, bool *found, struct err *err)
{
	const struct table *old = s->table;
	struct table_domain *domains = calloc(old->domain_count + 1, sizeof(*domains));
	char *name = strdup(s->domain);
	struct table view = *old;
	size_t n = 0;

	if (domains == NULL || name == NULL) {
		free(domains);
		free(name);
		return err_nomem(err);
	}
	while (n < old->domain_count && strcmp(old->domains[n].name, name) < 0)
		n++;
	if (n > 0)
		memcpy(domains, old->domains, n * sizeof(*domains));
	domains[n] = (struct table_domain){.name = name};
	if (n < old->domain_count)
		memcpy(
		    domains + n + 1, old->domains + n, (old->domain_count - n) * sizeof(*domains));
	view.domains = domains;
	view.domain_count++;
	s->table = &view;
	*found = try_all(s);
	s->table = old;
	free(domains);
	free(name);
	return 0;
}

int
signer_facts_find(const struct table *table, const char *domain, struct signer_facts *facts,
    bool *found, struct err *err)
{
	struct search s = {.table = table, .domain = domain, .facts = facts};

	if (table_find_domain(table, slice_of(domain)) == NULL)
		return try_with_row(&s, found, err);
	*found = try_all(&s);
	return 0;
}
