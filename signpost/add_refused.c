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

/* A way round, and what it takes. */
static const struct way {
	const char *name;
	enum key_mode mode;
	bool by_hand;
	const char *policy, *lines; /* to be written where no policy fits */
} WAYS[] = {
    {"txt", MODE_TXT, true, "by-hand", "        publisher = by-hand\n"},
    {"delegation", MODE_DELEGATED, false, "delegated",
	"        mode = delegated\n        publisher = NAME\n"},
    {"subdomain", MODE_TXT, false, "own", "        publisher = NAME\n"},
};
enum { TXT, DELEGATION, SUBDOMAIN_OF_IT, WAY_COUNT };

struct offer {
	const struct way *way;
	const struct key_policy *policy; /* NULL: is to be written */
	char name[SWEEP_NAME_LEN];	 /* that is delegated; "": no name fits */
	const char *add;		 /* what `signpost add` is given */
	struct record_list records;	 /* to be entered; empty where the servers are not known */
};

static void
name_of(const struct refused *r, size_t way, char out[static SWEEP_NAME_LEN])
{
	char joined[DOMAIN_LEN_MAX + sizeof(SUBDOMAIN) + 2];

	if (way == DELEGATION) {
		record_below(r->domain, out);
		return;
	}
	(void)snprintf(joined, sizeof(joined), SUBDOMAIN ".%s", r->domain);
	if (strlen(joined) > DOMAIN_LEN_MAX || !slice_to_str(slice_of(joined), out, SWEEP_NAME_LEN))
		out[0] = '\0';
}

/* End with record_list_deinit, also after a failure. */
static int
offer_init(const struct refused *r, size_t way, struct offer *o, struct err *err)
{
	*o = (struct offer){.way = &WAYS[way], .add = r->domain};
	o->policy = find_policy(r->config, WAYS[way].mode, WAYS[way].by_hand);
	if (way == TXT)
		return 0;
	name_of(r, way, o->name);
	if (way == SUBDOMAIN_OF_IT)
		o->add = o->name;
	const struct record_delegation d = {.domain = r->domain,
	    .zone = r->zone,
	    .name = o->name,
	    .hosts = (const char(*)[SWEEP_NAME_LEN])r->hosts,
	    .host_count = r->host_count,
	    .ttl_s = NS_TTL_S};
	return o->name[0] == '\0' || r->host_count == 0
		   ? 0
		   : record_list_delegate(&o->records, &d, err);
}

static int
put_ns(const struct offer *o, struct buf *out, struct err *err)
{
	if (o->records.count == 0) {
		buf_printf(out, "\n  %s.   NS   (each of your own name servers)\n", o->name);
		return 0;
	}
	buf_put_str(out, "\n");
	return record_format(&o->records, RECORD_FORM_PERSON, out, err);
}

/* The policy's name, or the lines that make one. */
static void
put_policy(const struct offer *o, struct buf *out)
{
	const char *name = o->policy == NULL ? o->way->policy : o->policy->name;

	if (o->policy == NULL)
		buf_printf(out, "\n  with, in signpost.conf:\n\n    policy \"%s\" {\n%s    }\n",
		    name, o->way->lines);
	buf_printf(out, "\n  signpost add %s --policy %s\n", o->add, name);
}

static int
put_txt(const struct refused *r, const struct offer *o, struct buf *out, struct err *err)
{
	(void)r;
	(void)err;
	buf_put_str(out,
	    "1. TXT records. Forms that refuse underscores in CNAMEs take them in TXT. "
	    "The record is to be entered anew whenever the key is changed");
	if (o->policy != NULL && o->policy->lifetime_s >= 86400)
		buf_printf(out, ", every %" PRId64 " d", o->policy->lifetime_s / 86400);
	buf_put_str(out, ".\n");
	put_policy(o, out);
	return 0;
}

static int
put_delegation(const struct refused *r, const struct offer *o, struct buf *out, struct err *err)
{
	(void)r;
	buf_printf(out,
	    "\n2. Delegate %s. Keys then change without the provider. First make that zone on "
	    "your name servers, with a copy of every record that stands below it today: the "
	    "delegation hides them. Then enter:\n",
	    o->name);
	if (put_ns(o, out, err) != 0)
		return -1;
	put_policy(o, out);
	return 0;
}

static int
put_subdomain(const struct refused *r, const struct offer *o, struct buf *out, struct err *err)
{
	if (o->name[0] == '\0')
		return 0;
	buf_printf(out,
	    "\n3. Send from a subdomain, as u@%s, that your own name servers serve: no name in "
	    "what is entered has an underscore, and keys change without the provider. Any name "
	    "will do. Make the zone on your name servers, then enter:\n",
	    o->name);
	if (put_ns(o, out, err) != 0)
		return -1;
	put_policy(o, out);
	buf_printf(out, "\n  Mail must then carry %s in From; a DMARC record of %s covers it.\n",
	    o->name, r->domain);
	return 0;
}

static void
begin(struct refused *r, const struct config *config, const char *domain)
{
	*r = (struct refused){.config = config, .domain = domain};
	guide_zone(config, domain, r->zone);
	find_ours(r);
}

int
add_refused(const struct config *config, const char *domain, struct buf *out, struct err *err)
{
	static int (*const put[])(
	    const struct refused *, const struct offer *, struct buf *, struct err *) = {
	    [TXT] = put_txt, [DELEGATION] = put_delegation, [SUBDOMAIN_OF_IT] = put_subdomain};
	struct refused r;
	int rc = 0;

	begin(&r, config, domain);
	buf_printf(out,
	    "%s: an underscore in the name of a CNAME is allowed (RFC 2181 section 11), and "
	    "\"_domainkey\" is in every DKIM name; a form that refuses it can only be gone round. "
	    "Nothing was changed; what works:\n\n",
	    domain);
	for (size_t way = 0; rc == 0 && way < WAY_COUNT; way++) {
		struct offer o;
		rc = offer_init(&r, way, &o, err);
		if (rc == 0)
			rc = put[way](&r, &o, out, err);
		record_list_deinit(&o.records);
	}
	if (rc != 0)
		return -1;
	buf_put_str(out, "\nOr the provider's support enters the CNAMEs, or another provider "
			 "serves the zone.\n");
	return buf_check(out, "the offers", err);
}

static json_t *
offer_json(const struct offer *o)
{
	bool is = o->policy != NULL;
	bool renewed = is && o->way->by_hand && o->policy->lifetime_s > 0;
	char command[2 * DOMAIN_LEN_MAX + 64];

	(void)snprintf(command, sizeof(command), "signpost add %s --policy %s", o->add,
	    is ? o->policy->name : o->way->policy);
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s, s:o, s:o}", "way", o->way->name, "name",
	    o->name[0] == '\0' ? NULL : o->name, "policy", is ? o->policy->name : o->way->policy,
	    "policy_lines", is ? NULL : o->way->lines, "command", command, "entered_again_every_s",
	    renewed ? json_integer((json_int_t)o->policy->lifetime_s) : json_null(), "to_enter",
	    record_list_json(&o->records));
}

json_t *
add_refused_json(const struct config *config, const char *domain, struct err *err)
{
	struct refused r;
	json_t *offers = json_array();
	int rc = 0;

	begin(&r, config, domain);
	for (size_t way = 0; rc == 0 && way < WAY_COUNT; way++) {
		struct offer o;
		rc = offer_init(&r, way, &o, err);
		if (rc == 0 && (way == TXT || o.name[0] != '\0'))
			json_array_append_new(offers, offer_json(&o));
		record_list_deinit(&o.records);
	}
	json_t *out = rc != 0 ? NULL
			      : json_pack("{s:s, s:s, s:O}", "domain", domain, "zone",
				    r.zone[0] == '\0' ? domain : r.zone, "offers", offers);
	json_decref(offers);
	if (rc == 0 && out == NULL)
		(void)err_nomem(err);
	return out;
}
