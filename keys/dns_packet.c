/* SPDX-License-Identifier: ISC */
#include "keys/dns_packet.h"

#include <stdio.h>
#include <string.h>

#define HEADER_LEN 12
#define OPT_LEN	   11

bool
dns_question_set(struct dns_question *q, const char *name, ldns_rr_type type)
{
	memset(q, 0, sizeof(*q));
	q->type = type;
	return slice_to_str(slice_of(name), q->name, sizeof(q->name));
}

static void
put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8 & 0xff);
	at[1] = (uint8_t)(v & 0xff);
}

size_t
dns_packet_query(
    const struct dns_question *q, uint16_t id, bool edns, uint8_t out[static DNS_QUERY_LEN_MAX])
{
	ldns_rdf *name = ldns_dname_new_frm_str(q->name[0] == '\0' ? "." : q->name);
	if (name == NULL)
		return 0;
	size_t len = HEADER_LEN, name_len = ldns_rdf_size(name);
	if (name_len > LDNS_MAX_DOMAINLEN) {
		ldns_rdf_deep_free(name);
		return 0;
	}
	memset(out, 0, DNS_QUERY_LEN_MAX);
	put16(out, id);
	out[2] = q->recurse ? 0x01 : 0x00;
	out[3] = q->unchecked ? 0x10 : 0x00;
	out[5] = 1;
	out[11] = edns ? 1 : 0;
	memcpy(out + len, ldns_rdf_data(name), name_len);
	ldns_rdf_deep_free(name);
	len += name_len;
	put16(out + len, (unsigned)q->type);
	put16(out + len + 2, LDNS_RR_CLASS_IN);
	len += 4;
	if (!edns)
		return len;
	/* RFC 6891 6.1.2: root, OPT, size, extended RCODE and version 0, flags, no options */
	put16(out + len + 1, LDNS_RR_TYPE_OPT);
	put16(out + len + 3, DNS_EDNS_LEN);
	out[len + 7] = q->dnssec ? 0x80 : 0x00;
	return len + OPT_LEN;
}

/* Length of the question after the header: an uncompressed name, type and class; 0 when there is none. */
static size_t
question_len(struct slice message)
{
	size_t at = HEADER_LEN;
	while (at < message.len && message.ptr[at] != 0) {
		if (message.ptr[at] > LDNS_MAX_LABELLEN)
			return 0;
		at += (size_t)message.ptr[at] + 1;
	}
	if (at >= message.len || message.len - at < 5)
		return 0;
	return at + 5 - HEADER_LEN;
}

bool
dns_packet_answers(struct slice query, struct slice reply)
{
	size_t len = question_len(query);
	if (len == 0 || reply.len < HEADER_LEN || question_len(reply) != len)
		return false;
	if (reply.ptr[0] != query.ptr[0] || reply.ptr[1] != query.ptr[1])
		return false;
	if ((reply.ptr[2] & 0xf8) != 0x80) /* QR, opcode QUERY */
		return false;
	if (reply.ptr[4] != 0 || reply.ptr[5] != 1)
		return false;
	/* names are equal but for case; type and class exactly */
	if (!slice_ieq(
		slice_sub(query, HEADER_LEN, len - 4), slice_sub(reply, HEADER_LEN, len - 4)))
		return false;
	return slice_eq(
	    slice_sub(query, HEADER_LEN + len - 4, 4), slice_sub(reply, HEADER_LEN + len - 4, 4));
}

ldns_pkt *
dns_packet_parse(struct slice reply)
{
	ldns_pkt *pkt = NULL;
	if (reply.len < HEADER_LEN || reply.len > LDNS_MAX_PACKETLEN)
		return NULL;
	if (ldns_wire2pkt(&pkt, reply.ptr, reply.len) != LDNS_STATUS_OK)
		return NULL;
	return pkt;
}

bool
dns_packet_tells(const ldns_pkt *pkt)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	return rcode == LDNS_RCODE_NOERROR || rcode == LDNS_RCODE_NXDOMAIN;
}

void
dns_rcode_text(const ldns_pkt *pkt, char out[static DNS_RCODE_LEN])
{
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
	    "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"};
	unsigned rcode = (unsigned)ldns_pkt_get_rcode(pkt);
	if (rcode < sizeof(names) / sizeof(names[0]))
		snprintf(out, DNS_RCODE_LEN, "%s", names[rcode]);
	else
		snprintf(out, DNS_RCODE_LEN, "RCODE %u", rcode);
}

bool
dns_name_text(const ldns_rdf *name, char out[static SWEEP_NAME_LEN])
{
	if (name == NULL || ldns_rdf_get_type(name) != LDNS_RDF_TYPE_DNAME)
		return false;
	const uint8_t *wire = ldns_rdf_data(name);
	size_t size = ldns_rdf_size(name), at = 0, len = 0;
	char text[SWEEP_NAME_LEN];
	while (at < size && wire[at] != 0) {
		size_t label = wire[at++];
		if (label > LDNS_MAX_LABELLEN || label > size - at ||
		    len + label + 2 > sizeof(text))
			return false;
		if (len > 0)
			text[len++] = '.';
		for (size_t i = 0; i < label; i++) {
			uint8_t c = wire[at + i];
			if (!ascii_is_print(c) || c == ' ' || c == '.' || c == '\\')
				return false;
			text[len++] = (char)ascii_lower(c);
		}
		at += label;
	}
	text[len] = '\0';
	memcpy(out, text, len + 1);
	return true;
}

bool
dns_name_is(const ldns_rdf *rdf, const char *name)
{
	char text[SWEEP_NAME_LEN];
	return dns_name_text(rdf, text) && slice_ieq_str(slice_of(text), name);
}

bool
dns_name_lower(const char *name, char out[static SWEEP_NAME_LEN])
{
	size_t len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len >= SWEEP_NAME_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)ascii_lower((uint8_t)name[i]);
	out[len] = '\0';
	return true;
}

bool
dns_name_within(const char *name, const char *above)
{
	size_t len = strlen(name), above_len = strlen(above);
	if (above_len == 0)
		return true;
	if (len < above_len)
		return false;
	const char *tail = name + (len - above_len);
	return slice_ieq_str(slice_of(tail), above) && (len == above_len || tail[-1] == '.');
}

size_t
dns_name_labels(const char *name)
{
	size_t labels = name[0] == '\0' ? 0 : 1;
	for (; *name != '\0'; name++)
		labels += *name == '.';
	return labels;
}

const char *
dns_name_parent(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot == NULL ? name + strlen(name) : dot + 1;
}

size_t
dns_records(
    const ldns_rr_list *list, const char *owner, ldns_rr_type type, ldns_rr **out, size_t max)
{
	size_t found = 0;
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (ldns_rr_get_type(rr) != type || ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
			continue;
		if (owner != NULL && !dns_name_is(ldns_rr_owner(rr), owner))
			continue;
		if (found < max)
			out[found] = rr;
		found++;
	}
	return found;
}

bool
dns_record_target(const ldns_rr *rr, char out[static SWEEP_NAME_LEN])
{
	return ldns_rr_rd_count(rr) > 0 && dns_name_text(ldns_rr_rdf(rr, 0), out);
}

void
dns_record_txt(const ldns_rr *rr, struct buf *out)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		if (rdf == NULL || ldns_rdf_size(rdf) == 0)
			continue;
		const uint8_t *string = ldns_rdf_data(rdf);
		/* each character-string starts with its length (RFC 1035 3.3) */
		buf_put(out, slice_sub(slice_new(string, ldns_rdf_size(rdf)), 1, string[0]));
	}
}

bool
dns_record_addr(const ldns_rr *rr, struct ip_addr *out)
{
	bool v4 = ldns_rr_get_type(rr) == LDNS_RR_TYPE_A;
	size_t len = v4 ? 4 : 16;
	const ldns_rdf *rdf = ldns_rr_rd_count(rr) == 1 ? ldns_rr_rdf(rr, 0) : NULL;
	if (rdf == NULL || ldns_rdf_size(rdf) != len)
		return false;
	memset(out, 0, sizeof(*out));
	out->family = v4 ? IP_V4 : IP_V6;
	memcpy(out->octet, ldns_rdf_data(rdf), len);
	return true;
}

bool
dns_record_serial(const ldns_rr *rr, uint32_t *serial)
{
	const ldns_rdf *rdf = ldns_rr_rd_count(rr) == 7 ? ldns_rr_rdf(rr, 2) : NULL;
	if (rdf == NULL || ldns_rdf_size(rdf) != 4)
		return false;
	*serial = ldns_rdf2native_int32(rdf);
	return true;
}
