/* SPDX-License-Identifier: ISC */
#include "keys/dig.h"

#include <stdio.h>
#include <string.h>

static bool
is_plain(uint8_t c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

void
dig_name(const char *name, char out[static DIG_NAME_LEN])
{
	struct slice in = slice_of(name);
	bool quoted = false;
	size_t len = 1;

	out[0] = '\'';
	for (size_t i = 0; i < in.len && len + sizeof("\\DDD.'") <= DIG_NAME_LEN; i++) {
		uint8_t c = in.ptr[i];
		bool plain = is_plain(c) && (i > 0 || c != '-');
		quoted = quoted || !plain;
		/* a wildcard, and what is escaped already, come as they are */
		if (plain || c == '*' || c == '\\')
			out[len++] = (char)c;
		else
			len += (size_t)snprintf(out + len, DIG_NAME_LEN - len, "\\%03u", c);
	}
	memcpy(out + len, quoted ? ".'" : ".", quoted ? 3 : 2);
	if (!quoted)
		memmove(out, out + 1, len + 1);
}

void
dig_line(const struct dig *d, char out[static DIG_LEN])
{
	char addr[IP_TEXT_LEN], port[16] = "", name[DIG_NAME_LEN];

	ip_addr_format(&d->server->addr, addr);
	if (d->server->port != DNS_PORT)
		(void)snprintf(port, sizeof(port), " -p %u", (unsigned)d->server->port);
	dig_name(d->name, name);
	(void)snprintf(out, DIG_LEN, "dig%s%s%s @%s%s %.16s %s", d->recurse ? "" : " +norec",
	    d->tcp ? " +tcp" : "", d->unchecked ? " +cd" : "", addr, port, d->type, name);
}
