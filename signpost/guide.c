/* SPDX-License-Identifier: ISC */
#include "signpost/guide.h"
#include "keys/zone.h"
#include "signpost/guide_ask.h"
#include "signpost/record_list.h"

#include <stdlib.h>
#include <string.h>

#define ASK_MS	      1200 /* a person waits: of one question */
#define ASK_TRIES     2
#define SERVERS_ASKED 8
#define BELOW_LEN_MAX 4096

/* A copy of the configuration's, in more of a hurry. */
static struct dns_conf
hurried(const struct config *config)
{
	struct dns_conf dns = config->dns;

	dns.timeout_ms = dns.timeout_ms < ASK_MS ? dns.timeout_ms : ASK_MS;
	dns.tries = dns.tries < ASK_TRIES ? dns.tries : ASK_TRIES;
	return dns;
}

void
guide_zone(const struct config *config, const char *domain, char zone[static DOMAIN_LEN_MAX + 1])
{
	struct dns_conf dns = hurried(config);
	struct dns_servers servers;
	struct err ignored = ERR_INIT;

	bool found = dns_lookup_servers(&dns, domain, &servers, &ignored) == 0;
	(void)slice_to_str(slice_of(found ? servers.zone : domain), zone, DOMAIN_LEN_MAX + 1);
	buf_deinit(&servers.text);
}

/* The hosts' names; a zone that was configured has addresses only. */
static size_t
take_hosts(const struct zone *z, char hosts[static GUIDE_HOSTS_MAX][SWEEP_NAME_LEN])
{
	size_t n = z->host_count < GUIDE_HOSTS_MAX ? z->host_count : GUIDE_HOSTS_MAX;

	for (size_t i = 0; i < n; i++)
		memcpy(hosts[i], z->hosts[i].name, SWEEP_NAME_LEN);
	return n;
}

size_t
guide_hosts(const struct config *config, const char *zone,
    char hosts[static GUIDE_HOSTS_MAX][SWEEP_NAME_LEN])
{
	struct guide_asking *a = calloc(1, sizeof(*a));
	struct zone_path *path = calloc(1, sizeof(*path));
	struct dns_conf dns = hurried(config);
	struct err ignored = ERR_INIT;
	size_t count = 0;

	if (a != NULL && path != NULL) {
		dns_asker_init(&a->asker, &dns);
		if (zone_find(&a->asker, zone, path, &ignored) == 0 &&
		    slice_ieq_str(slice_of(path->zone.name), zone)) {
			guide_asking_servers(a, &path->zone);
			count = guide_ask_ns(a, zone, hosts);
			if (count == 0)
				count = take_hosts(&path->zone, hosts);
		}
	}
	free(path);
	free(a);
	return count;
}

/* A resolver that answers in their place would remember what it is asked for (K23): nothing more is asked then. */
static bool
is_free(const struct guide_asking *a, struct guide *g)
{
	const struct dns_asker *asker = &a->asker;

	if (asker->answered > 0 && asker->answered_as_resolver == asker->answered) {
		g->reached = false;
		(void)slice_to_str(slice_of("port 53 is intercepted on the way: a resolver answers "
					    "in the place of the name servers"),
		    g->why, sizeof(g->why));
		return false;
	}
	return true;
}

static const struct publisher_conf *
asked_publisher(const struct guide_query *q)
{
	const struct publisher_conf *p = config_publisher(q->config, q->policy->publisher);

	return p != NULL && p->type == PUBLISHER_RFC2136 && p->server_count > 0 ? p : NULL;
}

/* The zone that the publisher changes. */
static void
updated_zone(const struct guide_query *q, const struct guide *g, char zone[static SWEEP_NAME_LEN])
{
	const struct publisher_conf *p = config_publisher(q->config, q->policy->publisher);
	struct buf text;

	buf_init(&text, SWEEP_NAME_LEN - 1);
	if (p != NULL && p->zone != NULL)
		buf_put_str(&text, p->zone);
	else if (q->policy->mode == MODE_SLOTS)
		buf_put_str(&text, q->policy->slot_zone);
	else if (q->policy->mode == MODE_DELEGATED)
		buf_printf(&text, "_domainkey.%s", q->domain);
	else
		buf_put_str(&text, g->servers.zone);
	(void)slice_to_str(slice_of(buf_str(&text)), zone, SWEEP_NAME_LEN);
	buf_deinit(&text);
}

static void
judge_publisher(struct guide_asking *a, const struct guide_query *q, struct guide *g)
{
	const struct publisher_conf *block = config_publisher(q->config, q->policy->publisher);
	const struct publisher_conf *p = asked_publisher(q);
	char zone[SWEEP_NAME_LEN], keys[SWEEP_NAME_LEN];

	updated_zone(q, g, zone);
	record_below(q->domain, keys);
	if (block != NULL && block->zone != NULL && q->policy->mode != MODE_SLOTS)
		g->publisher_elsewhere = !dns_name_within(keys, zone);
	if (p == NULL || zone[0] == '\0')
		return;
	a->count = 0;
	for (size_t i = 0; i < p->server_count; i++)
		guide_asking_add(a, &p->servers[i]);
	guide_ask_publisher(a, zone, g);
	if (q->policy->mode == MODE_DELEGATED && g->host_count == 0)
		g->host_count = guide_ask_ns(a, keys, g->hosts);
}

/* Below a cut the servers of the child are asked. */
static void
ask_services(
    struct guide_asking *a, const struct guide_query *q, struct guide *g, struct zone_path *path)
{
	struct err ignored = ERR_INIT;
	char keys[SWEEP_NAME_LEN];

	if (g->below == GUIDE_BELOW_ZONE) {
		record_below(q->domain, keys);
		if (zone_find(&a->asker, keys, path, &ignored) != 0)
			return;
		g->host_count = take_hosts(&path->zone, g->hosts);
		guide_asking_servers(a, &path->zone);
		struct dns_servers child;
		if (dns_describe_zone(&path->zone, keys, &child, &ignored) == 0)
			buf_put(&g->below_at, buf_slice(&child.text));
		buf_deinit(&child.text);
	}
	if (g->below != GUIDE_BELOW_ALIAS && !g->wildcard_txt)
		guide_ask_services(a, q->domain, g);
}

static int
ask(struct guide_asking *a, const struct guide_query *q, struct guide *g, struct err *err)
{
	struct zone_path *path = calloc(1, sizeof(*path));
	struct err why = ERR_INIT;

	if (path == NULL)
		return err_nomem(err);
	if (zone_find(&a->asker, q->domain, path, &why) != 0 ||
	    dns_describe_zone(&path->zone, q->domain, &g->servers, &why) != 0) {
		memcpy(g->why, why.text, sizeof(g->why));
		(void)is_free(a, g); /* says more than the last thing that went wrong */
	} else if (is_free(a, g)) {
		for (size_t i = 0; i < path->zone.host_count && g->provider == NULL; i++)
			g->provider = dns_provider_of(path->zone.hosts[i].name);
		guide_asking_servers(a, &path->zone);
		guide_ask_apex(a, q->domain, &path->zone, g);
		if (g->reached && is_free(a, g))
			ask_services(a, q, g, path);
		judge_publisher(a, q, g);
	}
	free(path);
	return 0;
}

int
guide_ask(const struct guide_query *q, struct guide *g, struct err *err)
{
	struct dns_conf dns = hurried(q->config);
	struct guide_asking *a = calloc(1, sizeof(*a));

	memset(g, 0, sizeof(*g));
	buf_init(&g->servers.text, BELOW_LEN_MAX);
	buf_init(&g->below_at, BELOW_LEN_MAX);
	if (a == NULL)
		return err_nomem(err);
	dns_asker_init(&a->asker, &dns);
	int rc = ask(a, q, g, err);
	free(a);
	return rc;
}

void
guide_deinit(struct guide *g)
{
	if (g == NULL)
		return;
	buf_deinit(&g->servers.text);
	buf_deinit(&g->below_at);
}
