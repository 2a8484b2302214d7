/* SPDX-License-Identifier: ISC */
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};

static unsigned
bits_of(enum ip_family family)
{
	return family == IP_V4 ? 32 : 128;
}

static void
set_v6(struct ip_addr *a, const uint8_t octet[16])
{
	*a = (struct ip_addr){.family = IP_V6};
	if (memcmp(octet, MAPPED, sizeof MAPPED) == 0) {
		a->family = IP_V4;
		memcpy(a->octet, octet + 12, 4);
	} else {
		memcpy(a->octet, octet, 16);
	}
}

void
ip_addr_from_sockaddr(struct ip_addr *a, uint16_t *port, const struct sockaddr *sa)
{
	*a = (struct ip_addr){.family = IP_NONE};
	*port = 0;
	if (sa != NULL && sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		a->family = IP_V4;
		memcpy(a->octet, &in.sin_addr, 4);
		*port = ntohs(in.sin_port);
	} else if (sa != NULL && sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		set_v6(a, in6.sin6_addr.s6_addr);
		*port = ntohs(in6.sin6_port);
	}
}

socklen_t
ip_addr_to_sockaddr(const struct ip_addr *a, uint16_t port, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof *ss);
	if (a->family == IP_V4) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&in.sin_addr, a->octet, 4);
		memcpy(ss, &in, sizeof in);
		return sizeof in;
	}
	if (a->family == IP_V6) {
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
		memcpy(&in6.sin6_addr, a->octet, 16);
		memcpy(ss, &in6, sizeof in6);
		return sizeof in6;
	}
	return 0;
}

int
ip_addr_parse(struct slice s, struct ip_addr *a, struct err *err)
{
	char text[IP_TEXT_LEN];
	uint8_t octet[16];

	*a = (struct ip_addr){.family = IP_NONE};
	if (slice_to_str(s, text, sizeof text)) {
		if (inet_pton(AF_INET, text, octet) == 1) {
			a->family = IP_V4;
			memcpy(a->octet, octet, 4);
			return 0;
		}
		if (inet_pton(AF_INET6, text, octet) == 1) {
			set_v6(a, octet);
			return 0;
		}
	}
	return err_set(err, ERR_CONFIG, "\"%.*s\" is not an IP address",
	    s.len > 60 ? 60 : (int)s.len, (const char *)s.ptr);
}

void
ip_addr_format(const struct ip_addr *a, char out[static IP_TEXT_LEN])
{
	int family = a->family == IP_V4 ? AF_INET : AF_INET6;

	if (a->family == IP_NONE || inet_ntop(family, a->octet, out, IP_TEXT_LEN) == NULL)
		snprintf(out, IP_TEXT_LEN, "-");
}

bool
ip_endpoint_split(struct slice s, struct slice *addr, uint16_t *port)
{
	struct slice rest = slice_of(NULL);
	size_t colon, end;
	uint64_t n;

	*addr = s;
	if (s.len > 0 && s.ptr[0] == '[' && slice_find(s, ']', &end)) {
		*addr = slice_sub(s, 1, end - 1);
		rest = slice_from(s, end + 1);
	} else if (slice_find(s, ':', &colon) && !slice_find(slice_from(s, colon + 1), ':', &end)) {
		*addr = slice_sub(s, 0, colon);
		rest = slice_from(s, colon);
	}
	if (rest.len == 0)
		return true;
	if (rest.ptr[0] != ':' || !slice_to_u64(slice_from(rest, 1), UINT16_MAX, &n))
		return false;
	*port = (uint16_t)n;
	return true;
}

bool
ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && memcmp(a->octet, b->octet, bits_of(a->family) / 8) == 0;
}

bool
ip_addr_is_loopback(const struct ip_addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (a->family == IP_V4)
		return a->octet[0] == 127;
	return a->family == IP_V6 && memcmp(a->octet, one, 16) == 0;
}

/* Clears what lies behind the prefix; true when something was set there. */
static bool
mask(struct ip_addr *a, unsigned bits)
{
	bool changed = false;

	for (unsigned i = 0; i < bits_of(a->family) / 8; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;
		unsigned m = keep >= 8 ? 0xffu : 0xff00u >> keep & 0xffu;
		if ((a->octet[i] & ~m & 0xffu) != 0)
			changed = true;
		a->octet[i] = (uint8_t)(a->octet[i] & m);
	}
	return changed;
}

int
ip_prefix_parse(struct slice s, struct ip_prefix *p, struct err *err)
{
	size_t slash = s.len;
	uint64_t bits;

	bool has_bits = slice_find(s, '/', &slash);
	if (ip_addr_parse(slice_sub(s, 0, slash), &p->addr, err) != 0)
		return -1;
	/* ::ffff:10.1.0.0/112 would mean something else than it says */
	bool mapped = p->addr.family == IP_V4 && slice_find(s, ':', &slash);
	p->bits = bits_of(p->addr.family);
	if (!has_bits)
		return 0;
	slice_find(s, '/', &slash);
	if (mapped || !slice_to_u64(slice_from(s, slash + 1), p->bits, &bits))
		return err_set(err, ERR_CONFIG,
		    "\"%.*s\": the prefix length is not a number from 0 to %u",
		    s.len > 60 ? 60 : (int)s.len, (const char *)s.ptr, p->bits);
	p->bits = (unsigned)bits;
	if (mask(&p->addr, p->bits)) {
		char meant[IP_TEXT_LEN];
		ip_prefix_format(p, meant);
		return err_set(err, ERR_CONFIG,
		    "\"%.*s\" has bits set behind its prefix length; write %s, or the address "
		    "alone",
		    s.len > 60 ? 60 : (int)s.len, (const char *)s.ptr, meant);
	}
	return 0;
}

void
ip_prefix_format(const struct ip_prefix *p, char out[static IP_TEXT_LEN])
{
	char addr[IP_TEXT_LEN];

	ip_addr_format(&p->addr, addr);
	if (p->bits == bits_of(p->addr.family))
		snprintf(out, IP_TEXT_LEN, "%s", addr);
	else
		snprintf(out, IP_TEXT_LEN, "%.46s/%u", addr, p->bits);
}

bool
ip_prefix_has(const struct ip_prefix *p, const struct ip_addr *a)
{
	struct ip_addr masked = *a;

	if (a->family == IP_NONE || a->family != p->addr.family)
		return false;
	mask(&masked, p->bits);
	return ip_addr_eq(&masked, &p->addr);
}

bool
ip_prefix_has_loopback(const struct ip_prefix *p)
{
	struct ip_addr v4 = {IP_V4, {127, 0, 0, 1}};
	struct ip_addr v6 = {IP_V6, {[15] = 1}};

	if (ip_addr_is_loopback(&p->addr))
		return true;
	return ip_prefix_has(p, p->addr.family == IP_V4 ? &v4 : &v6);
}
