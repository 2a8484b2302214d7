/* SPDX-License-Identifier: ISC */
#include "signpost/config_fill.h"

#include <stdlib.h>
#include <string.h>

static enum section
section_find(const cfg_t *section)
{
	for (size_t i = 1; i < SECTION_COUNT; i++) {
		if (strcmp(SECTIONS[i].name, section->name) == 0)
			return (enum section)i;
	}
	return SECTION_TOP; /* libconfuse calls it "root" */
}

const struct option_row *
config_row_of(const cfg_t *section, const char *option)
{
	return option_find(section_find(section), option);
}

static int
fill_options(enum section section, void *base, cfg_t *from, struct err *err)
{
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		if (row->section != section)
			continue;
		unsigned count = from == NULL ? 0 : cfg_size(from, row->name);
		const char *values[OPTION_VALUES_MAX + 1];
		if (count > OPTION_VALUES_MAX + 1)
			count = OPTION_VALUES_MAX + 1;
		for (unsigned i = 0; i < count; i++)
			values[i] = cfg_getnstr(from, row->name, i);
		int rc = count == 0 ? option_set_default(row, base, err)
				    : option_set(row, base, values, count, err);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static void *
list_new(size_t count, size_t size, struct err *err)
{
	void *list = calloc(count + 1, size);

	if (list == NULL)
		err_nomem(err);
	return list;
}

static void
clear_options(enum section section, void *base)
{
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		if (row->section == section)
			option_clear(row, base);
	}
}

/* Of a policy or publisher: a word of other lines, and of messages. */
static int
fill_name(char **name, const char *what, const char *title, struct err *err)
{
	if (title[0] == '\0' || strlen(title) > POLICY_NAME_LEN_MAX)
		return err_set(err, ERR_CONFIG, "%s \"%.80s\": want a name of 1 to %d characters",
		    what, title, POLICY_NAME_LEN_MAX);
	*name = strdup(title);
	return *name == NULL ? err_nomem(err) : 0;
}

static void
policy_free(struct key_policy *p)
{
	clear_options(SECTION_POLICY, p);
	free(p->name);
}

static int
fill_policy(struct key_policy *p, const char *name, cfg_t *from, struct err *err)
{
	if (fill_name(&p->name, "policy", name, err) != 0)
		return -1;
	return fill_options(SECTION_POLICY, p, from, err);
}

static void
publisher_free(struct publisher_conf *p)
{
	clear_options(SECTION_PUBLISHER, p);
	free(p->name);
}

static int
fill_publisher(struct publisher_conf *p, cfg_t *from, struct err *err)
{
	const char *title = cfg_title(from);

	if (strcmp(title, PUBLISHER_BY_HAND) == 0)
		return err_set(err, ERR_CONFIG,
		    "publisher \"%s\": that name stands for a person; take another", title);
	if (fill_name(&p->name, "publisher", title, err) != 0)
		return -1;
	if (cfg_size(from, "type") == 0)
		return err_set(err, ERR_CONFIG,
		    "publisher \"%s\" has no type: type = rfc2136, zone-file, hook, route53, "
		    "cloudflare or powerdns",
		    title);
	return fill_options(SECTION_PUBLISHER, p, from, err);
}

static void
allow_clear(struct table_allow *a)
{
	clear_options(SECTION_NETWORK, a);
	free(a->login);
	a->login = NULL;
}

static int
fill_allow(struct table_allow *a, enum section section, cfg_t *from, struct err *err)
{
	const char *title = cfg_title(from);
	char login[TABLE_LOGIN_SIZE];

	if (section == SECTION_NETWORK) {
		a->kind = ALLOW_NETWORK;
		if (ip_prefix_parse(slice_of(title), &a->prefix, err) != 0)
			return err_wrap(err, "network \"%.80s\"", title);
	} else if (section == SECTION_LOGIN) {
		a->kind = ALLOW_LOGIN;
		if (title[0] == '\0' || !table_login_normalize(slice_of(title), login) ||
		    strlen(login) > TABLE_LOGIN_LEN_MAX)
			return err_set(err, ERR_CONFIG, "login \"%.80s\": want 1 to %d characters",
			    title, TABLE_LOGIN_LEN_MAX);
		a->login = strdup(login);
		if (a->login == NULL)
			return err_nomem(err);
	} else {
		a->kind = section == SECTION_LOCAL_SUBMISSION ? ALLOW_LOCAL : ALLOW_BARE;
	}
	if (fill_options(section, a, from, err) != 0)
		return -1;
	if (section == SECTION_NETWORK && a->entry_count == 0)
		return err_set(err, ERR_CONFIG,
		    "network \"%.80s\" has no domains, so it grants nothing: domains = "
		    "{\"example.com\"}",
		    title);
	return 0;
}

static int
fill_zone(struct dns_zone_conf *zone, cfg_t *from, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];

	if (domain_normalize(slice_of(cfg_title(from)), name, err) != 0) {
		err->kind = err->kind == ERR_INPUT ? ERR_CONFIG : err->kind;
		return err_wrap(err, "zone \"%.80s\"", cfg_title(from));
	}
	zone->name = strdup(name);
	if (zone->name == NULL)
		return err_nomem(err);
	if (fill_options(SECTION_ZONE, zone, from, err) != 0)
		return -1;
	if (zone->server_count == 0)
		return err_set(
		    err, ERR_CONFIG, "zone \"%s\" has no servers: servers = {\"192.0.2.1\"}", name);
	return 0;
}

static void
zone_free(struct dns_zone_conf *zone)
{
	clear_options(SECTION_ZONE, zone);
	free(zone->name);
}

int
config_check_section(cfg_t *section, struct err *err)
{
	enum section kind = section_find(section);
	struct key_policy policy = {.name = NULL};
	struct table_allow allow = {.login = NULL};
	struct dns_zone_conf zone = {.name = NULL};
	struct publisher_conf publisher = {.name = NULL};
	int rc = 0;

	if (kind == SECTION_POLICY) {
		rc = fill_policy(&policy, cfg_title(section), section, err);
		policy_free(&policy);
	} else if (kind == SECTION_NETWORK || kind == SECTION_LOGIN) {
		rc = fill_allow(&allow, kind, section, err);
		allow_clear(&allow);
	} else if (kind == SECTION_ZONE) {
		rc = fill_zone(&zone, section, err);
		zone_free(&zone);
	} else if (kind == SECTION_PUBLISHER) {
		rc = fill_publisher(&publisher, section, err);
		publisher_free(&publisher);
	}
	return rc;
}

static int
fill_sign(struct config *c, cfg_t *sign, struct err *err)
{
	if (fill_options(SECTION_SIGN, c, sign, err) != 0 ||
	    fill_allow(&c->bare, SECTION_BARE_LOGINS, cfg_getsec(sign, "bare_logins"), err) != 0 ||
	    fill_allow(&c->local, SECTION_LOCAL_SUBMISSION, cfg_getsec(sign, "local_submission"),
		err) != 0)
		return -1;
	unsigned networks = cfg_size(sign, "network"), logins = cfg_size(sign, "login");
	c->networks = list_new(networks, sizeof(*c->networks), err);
	c->logins = list_new(logins, sizeof(*c->logins), err);
	if (c->networks == NULL || c->logins == NULL)
		return -1;
	for (unsigned i = 0; i < networks; i++) {
		struct table_allow *a = &c->networks[c->network_count++];
		if (fill_allow(a, SECTION_NETWORK, cfg_getnsec(sign, "network", i), err) != 0)
			return -1;
	}
	for (unsigned i = 0; i < logins; i++) {
		struct table_allow *a = &c->logins[c->login_count++];
		if (fill_allow(a, SECTION_LOGIN, cfg_getnsec(sign, "login", i), err) != 0)
			return -1;
	}
	return 0;
}

static int
fill_policies(struct config *c, cfg_t *top, struct err *err)
{
	unsigned count = cfg_size(top, "policy");

	c->policies = list_new(count + 1, sizeof(*c->policies), err);
	if (c->policies == NULL)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		cfg_t *from = cfg_getnsec(top, "policy", i);
		if (fill_policy(&c->policies[c->policy_count++], cfg_title(from), from, err) != 0)
			return -1;
	}
	if (config_policy(c, "default") == NULL)
		return fill_policy(&c->policies[c->policy_count++], "default", NULL, err);
	return 0;
}

static int
fill_publishers(struct config *c, cfg_t *top, struct err *err)
{
	unsigned count = cfg_size(top, "publisher");

	c->publishers = list_new(count, sizeof(*c->publishers), err);
	if (c->publishers == NULL)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (fill_publisher(&c->publishers[c->publisher_count++],
			cfg_getnsec(top, "publisher", i), err) != 0)
			return -1;
	}
	return 0;
}

static int
fill_dns(struct config *c, cfg_t *dns, struct err *err)
{
	unsigned count = cfg_size(dns, "zone");

	if (fill_options(SECTION_DNS, c, dns, err) != 0)
		return -1;
	c->dns.zones = list_new(count, sizeof(*c->dns.zones), err);
	if (c->dns.zones == NULL)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (fill_zone(
			&c->dns.zones[c->dns.zone_count++], cfg_getnsec(dns, "zone", i), err) != 0)
			return -1;
	}
	return 0;
}

int
config_fill(struct config *c, cfg_t *top, struct err *err)
{
	table_settings_default(&c->settings);
	if (fill_options(SECTION_TOP, c, top, err) != 0 ||
	    fill_sign(c, cfg_getsec(top, "sign"), err) != 0 || fill_policies(c, top, err) != 0 ||
	    fill_publishers(c, top, err) != 0 ||
	    fill_options(SECTION_SIGNERS, c, cfg_getsec(top, "signers"), err) != 0 ||
	    fill_options(SECTION_KEEPER, c, cfg_getsec(top, "keeper"), err) != 0 ||
	    fill_options(SECTION_NOTIFY, c, cfg_getsec(top, "notify"), err) != 0 ||
	    fill_dns(c, cfg_getsec(top, "dns"), err) != 0)
		return -1;
	return 0;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	static const enum section once[] = {SECTION_TOP, SECTION_SIGN, SECTION_SIGNERS,
	    SECTION_KEEPER, SECTION_NOTIFY, SECTION_DNS};

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		clear_options(once[i], c);
	allow_clear(&c->bare);
	allow_clear(&c->local);
	for (size_t i = 0; i < c->network_count; i++)
		allow_clear(&c->networks[i]);
	for (size_t i = 0; i < c->login_count; i++)
		allow_clear(&c->logins[i]);
	for (size_t i = 0; i < c->policy_count; i++)
		policy_free(&c->policies[i]);
	for (size_t i = 0; i < c->publisher_count; i++)
		publisher_free(&c->publishers[i]);
	for (size_t i = 0; i < c->dns.zone_count; i++)
		zone_free(&c->dns.zones[i]);
	free(c->networks);
	free(c->logins);
	free(c->policies);
	free(c->written);
	free(c->publishers);
	free(c->dns.zones);
	free(c->path);
	free(c);
}
