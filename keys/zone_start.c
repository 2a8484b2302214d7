/* SPDX-License-Identifier: ISC */
/* Where the walk to a name begins. */
#include "keys/root_hints.h"
#include "keys/zone.h"

#include <string.h>

static const struct dns_zone_conf *
nearest_configured(const struct dns_conf *conf, const char *name)
{
	const struct dns_zone_conf *best = NULL;
	for (size_t i = 0; i < conf->zone_count; i++) {
		const struct dns_zone_conf *z = &conf->zones[i];
		if (dns_name_within(name, z->name) &&
		    (best == NULL || strlen(z->name) > strlen(best->name)))
			best = z;
	}
	return best;
}

/* A server whose name is its address. */
static int
add_address(struct zone *z, const struct dns_endpoint *endpoint, struct err *err)
{
	struct zone_server s = {.endpoint = *endpoint};
	char host[IP_TEXT_LEN];
	ip_addr_format(&endpoint->addr, host);
	(void)slice_to_str(slice_of(host), s.name, sizeof(s.name));
	return zone_add_server(z, &s, err);
}

static int
set_configured(struct zone *z, const struct dns_zone_conf *conf, struct err *err)
{
	z->configured = true;
	if (!dns_name_lower(conf->name, z->name))
		return err_set(err, ERR_CONFIG, "zone %s: the name is too long", conf->name);
	for (size_t i = 0; i < conf->server_count; i++)
		if (add_address(z, &conf->servers[i], err) != 0)
			return -1;
	if (z->server_count == 0)
		return err_set(err, ERR_CONFIG, "zone %s is configured without servers", z->name);
	return 0;
}

static int
add_hint(struct zone *z, const char *host, const char *addr, struct err *err)
{
	struct zone_server s = {.endpoint.port = DNS_PORT};
	(void)slice_to_str(slice_of(host), s.name, sizeof(s.name));
	if (ip_addr_parse(slice_of(addr), &s.endpoint.addr, err) != 0)
		return -1;
	return zone_add_server(z, &s, err);
}

static int
set_root(struct zone *z, const struct dns_conf *conf, struct err *err)
{
	for (size_t i = 0; i < conf->root_count; i++)
		if (add_address(z, &conf->roots[i], err) != 0)
			return -1;
	for (size_t i = 0; conf->root_count == 0 && i < root_hint_count; i++) {
		const struct root_hint *h = &root_hints[i];
		if (add_hint(z, h->name, h->v4, err) != 0 || add_hint(z, h->name, h->v6, err) != 0)
			return -1;
	}
	return 0;
}

int
zone_start(const struct dns_conf *conf, const char *name, struct zone *out, struct err *err)
{
	const struct dns_zone_conf *configured = nearest_configured(conf, name);
	memset(out, 0, sizeof(*out));
	return configured != NULL ? set_configured(out, configured, err) : set_root(out, conf, err);
}
