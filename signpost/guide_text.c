/* SPDX-License-Identifier: ISC */
#include "signpost/guide.h"

#include <inttypes.h>
#include <string.h>

static void
put_servers(const struct guide_query *q, const struct guide *g, struct buf *out)
{
	char unicode[4 * DOMAIN_LEN_MAX + 1];

	domain_to_unicode(q->domain, unicode, sizeof(unicode));
	buf_put_str(out, q->domain);
	if (strcmp(unicode, q->domain) != 0)
		buf_printf(out, " (%s)", unicode);
	if (g->servers.zone[0] == '\0') {
		buf_printf(out, ": who serves it could not be found out: %s.\n", g->why);
		return;
	}
	if (strcmp(g->servers.zone, q->domain) != 0)
		buf_printf(out, " lies in the zone %s, which is served by %s.\n", g->servers.zone,
		    buf_str(&g->servers.text));
	else
		buf_printf(out, " is served by %s.\n", buf_str(&g->servers.text));
	if (!g->reached)
		buf_printf(out, "What it holds could not be found out: %s.\n", g->why);
}

/* Services once each, with all their selectors. */
static void
put_found(const struct guide *g, struct buf *out)
{
	for (size_t i = 0; i < g->found_count; i++) {
		const struct guide_service *s = &g->found[i];
		buf_printf(out, "  %-14s  %s", s->is->selector,
		    s->is->service == NULL ? "a mail server of your own, or some service"
					   : s->is->service);
		if (s->target[0] != '\0')
			buf_printf(out, ", at %s", s->target);
		buf_put_str(out, "\n");
	}
}

/* What exists there though no listed selector answers. */
static void
put_something(const struct guide_query *q, const struct guide *g, struct buf *out)
{
	if (g->wildcard)
		buf_printf(out,
		    "A wildcard answers for every name below _domainkey.%s, so that others' "
		    "selectors cannot be %s. It will not be in the way of a name of its own.\n",
		    q->domain, g->wildcard_txt ? "told apart" : "counted");
	else if (g->found_count == 0)
		buf_printf(out,
		    "Something exists under _domainkey.%s, but none of %zu selectors that other "
		    "services are known for: perhaps one of yours, or random ones (%s).\n",
		    q->domain, g->asked, OTHER_SERVICES_RANDOM);
}

static void
put_below(const struct guide_query *q, const struct guide *g, struct buf *out)
{
	if (g->found_count > 0) {
		buf_printf(out, "Others may sign under _domainkey.%s:\n", q->domain);
		put_found(g, out);
		buf_put_str(out, "They stay as they are: signpost enters names of its own.\n");
	}
	switch (g->below) {
	case GUIDE_BELOW_NOTHING:
		buf_printf(out, "No other service signs under _domainkey.%s.\n", q->domain);
		break;
	case GUIDE_BELOW_SOMETHING:
		put_something(q, g, out);
		break;
	case GUIDE_BELOW_ZONE:
		buf_printf(out,
		    "_domainkey.%s is a zone of its own, served by %s: the records "
		    "belong there.\n",
		    q->domain,
		    g->below_at.len == 0 ? "servers that could not be found"
					 : buf_str(&g->below_at));
		break;
	case GUIDE_BELOW_ALIAS:
		buf_printf(out,
		    "All names below _domainkey.%s are redirected to %s (DNAME): the records "
		    "belong below that name, or the DNAME has to go.\n",
		    q->domain, buf_str(&g->below_at));
		break;
	case GUIDE_BELOW_UNKNOWN:
		break;
	}
	if (g->denies_above)
		buf_printf(out,
		    "D51: its servers say that _domainkey.%s does not exist, though names below it "
		    "do. Some receivers believe the first and never ask for a key; tell the "
		    "provider (RFC 8020).\n",
		    q->domain);
}

static const char *
kept_zone(const struct guide_query *q, const struct guide *g)
{
	return q->policy->mode == MODE_SLOTS ? q->policy->slot_zone : g->servers.zone;
}

/* By whom it can be updated, as far as that can be known without sending anybody an update. */
static void
put_publisher(const struct guide_query *q, const struct guide *g, struct buf *out)
{
	const struct key_policy *p = q->policy;

	if (p->by_hand) {
		if (g->primary[0] != '\0')
			buf_printf(out, "Its primary is %s%s%s%s.\n", g->primary,
			    g->primary_listed || g->servers.zone[0] == '\0'
				? ""
				: " (hidden: no name server that is listed)",
			    g->provider == NULL ? "" : ", of ",
			    g->provider == NULL ? "" : g->provider->name);
		return;
	}
	if (g->publisher_elsewhere)
		buf_printf(out,
		    "Publisher %s changes another zone, as its \"zone\" says: with it no record of "
		    "%s can be published. Choose a policy with another publisher, or by hand: "
		    "signpost add --policy NAME %s\n",
		    p->publisher, q->domain, q->domain);
	else if (g->publisher_told)
		buf_printf(out,
		    g->publisher_serves ? "Publisher %s: its server speaks for %s.\n"
					: "Publisher %s: its server does not speak for %s, and "
					  "will refuse updates of it; see: signpost publisher\n",
		    p->publisher, kept_zone(q, g));
}

void
guide_text(const struct guide_query *q, const struct guide *g, struct buf *out)
{
	put_servers(q, g, out);
	if (g->reached)
		put_below(q, g, out);
	put_publisher(q, g, out);
}
