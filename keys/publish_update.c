/* SPDX-License-Identifier: ISC */
#include "keys/publish_update.h"

#include <string.h>

#define STRING_LEN_MAX 255 /* RFC 1035 3.3 */

void
update_init(struct update *u)
{
	u->prerequisites = ldns_rr_list_new();
	u->updates = ldns_rr_list_new();
	u->failed = u->prerequisites == NULL || u->updates == NULL;
}

static bool
push_strings(ldns_rr *rr, const char *text)
{
	uint8_t string[1 + STRING_LEN_MAX];
	size_t left = strlen(text);
	do {
		size_t len = left < STRING_LEN_MAX ? left : STRING_LEN_MAX;
		string[0] = (uint8_t)len;
		memcpy(string + 1, text, len);
		ldns_rdf *rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, len + 1, string);
		if (rdf == NULL || !ldns_rr_push_rdf(rr, rdf)) {
			ldns_rdf_deep_free(rdf);
			return false;
		}
		text += len;
		left -= len;
	} while (left > 0);
	return true;
}

static ldns_rr *
bare(const char *owner, ldns_rr_type type, uint32_t ttl)
{
	ldns_rdf *name = ldns_dname_new_frm_str(owner);
	ldns_rr *rr = name == NULL ? NULL : ldns_rr_new();
	if (rr == NULL) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_rr_set_owner(rr, name);
	ldns_rr_set_type(rr, type);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_set_ttl(rr, ttl);
	return rr;
}

ldns_rr *
update_txt(const char *owner, const char *text, uint32_t ttl)
{
	ldns_rr *rr = bare(owner, LDNS_RR_TYPE_TXT, ttl);
	if (rr != NULL && text != NULL && !push_strings(rr, text)) {
		ldns_rr_free(rr);
		return NULL;
	}
	return rr;
}

static void
put(struct update *u, ldns_rr_list *list, ldns_rr *rr, ldns_rr_class class)
{
	if (rr != NULL && class != LDNS_RR_CLASS_IN) {
		ldns_rr_set_class(rr, class);
		ldns_rr_set_ttl(rr, 0);
	}
	if (u->failed || rr == NULL || !ldns_rr_list_push_rr(list, rr)) {
		ldns_rr_free(rr);
		u->failed = true;
	}
}

void
update_put_rr(struct update *u, ldns_rr *rr, ldns_rr_class class)
{
	put(u, u->updates, rr, class);
}

/* The record that must be there: of class IN and TTL 0 (RFC 2136 2.4.2). */
static ldns_rr *
must_be(const struct publish_change *c, const ldns_rr *served)
{
	ldns_rr *rr = served == NULL ? update_txt(c->owner, c->old_text, 0) : ldns_rr_clone(served);
	if (rr != NULL)
		ldns_rr_set_ttl(rr, 0);
	return rr;
}

void
update_put_change(struct update *u, const struct publish_change *c, const ldns_rr *served)
{
	/* RFC 2136 2.4.3: class NONE, the RRset does not exist */
	put(u, u->prerequisites, bare(c->owner, LDNS_RR_TYPE_CNAME, 0), LDNS_RR_CLASS_NONE);
	if (c->old_text == NULL) {
		put(u, u->prerequisites, bare(c->owner, LDNS_RR_TYPE_TXT, 0), LDNS_RR_CLASS_NONE);
	} else {
		put(u, u->prerequisites, must_be(c, served), LDNS_RR_CLASS_IN);
		/* RFC 2136 2.5.2: class ANY, delete the RRset */
		put(u, u->updates, bare(c->owner, LDNS_RR_TYPE_TXT, 0), LDNS_RR_CLASS_ANY);
	}
	if (c->new_text != NULL)
		put(u, u->updates, update_txt(c->owner, c->new_text, (uint32_t)c->ttl_s),
		    LDNS_RR_CLASS_IN);
}

ldns_pkt *
update_packet(struct update *u, const char *zone, struct err *err)
{
	ldns_rdf *name = u->failed ? NULL : ldns_dname_new_frm_str(zone);
	ldns_pkt *pkt = NULL;
	if (name != NULL)
		pkt =
		    ldns_update_pkt_new(name, LDNS_RR_CLASS_IN, u->prerequisites, u->updates, NULL);
	if (name == NULL)
		err_set(err, ERR_INPUT, "zone %s: it, or a name in it, is no domain name", zone);
	else if (pkt == NULL) {
		ldns_rdf_deep_free(name);
		err_nomem(err);
	}
	ldns_rr_list_deep_free(u->prerequisites);
	ldns_rr_list_deep_free(u->updates);
	u->prerequisites = u->updates = NULL;
	return pkt;
}

size_t
update_change_len(const struct publish_change *c)
{
	size_t texts = (c->old_text == NULL ? 0 : strlen(c->old_text)) +
		       (c->new_text == NULL ? 0 : strlen(c->new_text));
	/* four records at most: each a name, ten octets, and a length for each string */
	return 4 * (strlen(c->owner) + 2 + 10) + texts + texts / STRING_LEN_MAX + 4;
}
