/* SPDX-License-Identifier: ISC */
/* A provider's form that says "underscore is not allowed in CNAME records", though RFC 2181 section 11 allows any
 * octet: what works there. */
#include "signpost/add_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUBDOMAIN "mail" /* of the example; any name will do */
#define NS_TTL_S  3600

struct refused {
	const struct config *config;
	const char *domain;
	char zone[DOMAIN_LEN_MAX + 1];
	char ours[DOMAIN_LEN_MAX +
		  1]; /* a zone of ours, whose servers could serve another; "": none */
	char hosts[GUIDE_HOSTS_MAX][SWEEP_NAME_LEN];
	size_t host_count;
};

static const struct key_policy *
find_policy(const struct config *c, enum key_mode mode, bool by_hand)
{
	for (size_t i = 0; i < c->policy_count; i++) {
		if (c->policies[i].mode == mode && c->policies[i].by_hand == by_hand)
			return &c->policies[i];
	}
	return NULL;
}

/* Zones that a publisher changes are served by us. */
static void
find_ours(struct refused *r)
{
	const struct key_policy *slots = find_policy(r->config, MODE_SLOTS, false);

	if (slots == NULL)
		return;
	(void)slice_to_str(slice_of(slots->slot_zone), r->ours, sizeof(r->ours));
	r->host_count = guide_hosts(r->config, r->ours, r->hosts);
}

static int
put_ns(const struct refused *r, const char *name, struct buf *out, struct err *err)
{
	const struct record_delegation d = {.domain = r->domain,
	    .zone = r->zone,
	    .name = name,
	    .hosts = (const char(*)[SWEEP_NAME_LEN])r->hosts,
	    .host_count = r->host_count,
	    .ttl_s = NS_TTL_S};
	struct record_list list = {.records = NULL};

	if (r->host_count == 0) {
		buf_printf(out, "\n  %s.   NS   (each of your own name servers)\n", name);
		return 0;
	}
	buf_put_str(out, "\n");
	int rc = record_list_delegate(&list, &d, err);
	if (rc == 0)
		rc = record_format(&list, RECORD_FORM_PERSON, out, err);
	record_list_deinit(&list);
	return rc;
}

/* The policy's name, or the lines that make one. */
static void
put_policy(const struct key_policy *p, const char *name, const char *lines, const char *domain,
    struct buf *out)
{
	if (p == NULL)
		buf_printf(out, "\n  with, in signpost.conf:\n\n    policy \"%s\" {\n%s    }\n",
		    name, lines);
	buf_printf(out, "\n  signpost add %s --policy %s\n", domain, p == NULL ? name : p->name);
}

static void
put_txt(const struct refused *r, struct buf *out)
{
	const struct key_policy *p = find_policy(r->config, MODE_TXT, true);

	buf_put_str(out,
	    "1. TXT records. Forms that refuse underscores in CNAMEs take them in TXT. "
	    "The record is to be entered anew whenever the key is changed");
	if (p != NULL && p->lifetime_s >= 86400)
		buf_printf(out, ", every %" PRId64 " d", p->lifetime_s / 86400);
	buf_put_str(out, ".\n");
	put_policy(p, "by-hand", "        publisher = by-hand\n", r->domain, out);
}

static int
put_delegation(const struct refused *r, struct buf *out, struct err *err)
{
	const struct key_policy *p = find_policy(r->config, MODE_DELEGATED, false);
	char name[SWEEP_NAME_LEN];

	record_below(r->domain, name);
	buf_printf(out,
	    "\n2. Delegate %s. Keys then change without the provider. First make that zone on "
	    "your name servers, with a copy of every record that stands below it today: the "
	    "delegation hides them. Then enter:\n",
	    name);
	if (put_ns(r, name, out, err) != 0)
		return -1;
	put_policy(
	    p, "delegated", "        mode = delegated\n        publisher = NAME\n", r->domain, out);
	return 0;
}

static int
put_subdomain(const struct refused *r, struct buf *out, struct err *err)
{
	const struct key_policy *p = find_policy(r->config, MODE_TXT, false);
	char name[DOMAIN_LEN_MAX + sizeof(SUBDOMAIN) + 2];
	struct slice fits;

	snprintf(name, sizeof(name), SUBDOMAIN ".%s", r->domain);
	fits = slice_sub(slice_of(name), 0, DOMAIN_LEN_MAX);
	if (!slice_to_str(fits, name, sizeof(name)))
		return 0;
	buf_printf(out,
	    "\n3. Send from a subdomain, as u@%s, that your own name servers serve: no name in "
	    "what is entered has an underscore, and keys change without the provider. Any name "
	    "will do. Make the zone on your name servers, then enter:\n",
	    name);
	if (put_ns(r, name, out, err) != 0)
		return -1;
	put_policy(p, "own", "        publisher = NAME\n", name, out);
	buf_printf(out, "\n  Mail must then carry %s in From; a DMARC record of %s covers it.\n",
	    name, r->domain);
	return 0;
}

int
add_refused(const struct config *config, const char *domain, struct buf *out, struct err *err)
{
	struct refused r = {.config = config, .domain = domain};

	guide_zone(config, domain, r.zone);
	find_ours(&r);
	buf_printf(out,
	    "%s: an underscore in the name of a CNAME is allowed (RFC 2181 section 11), and "
	    "\"_domainkey\" is in every DKIM name; a form that refuses it can only be gone round. "
	    "Nothing was changed; what works:\n\n",
	    domain);
	put_txt(&r, out);
	if (put_delegation(&r, out, err) != 0 || put_subdomain(&r, out, err) != 0)
		return -1;
	buf_put_str(out, "\nOr the provider's support enters the CNAMEs, or another provider "
			 "serves the zone.\n");
	return buf_check(out, "the offers", err);
}
