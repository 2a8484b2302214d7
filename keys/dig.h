/* SPDX-License-Identifier: ISC */
/* dig.h - the line with which an admin asks a name server again, to be pasted into a shell.  Pure text.
 *
 * Names come from messages and from others' zones: the targets of CNAMEs, name servers.
 *
 *	char line[DIG_LEN];
 *	dig_line(&(struct dig){.server = &endpoint, .recurse = true, .type = "TXT", .name = name}, line);
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_DIG_H
#define SIGNPOST_KEYS_DIG_H

#include "keys/dns_conf.h"
#include "keys/sweep.h"

#define DIG_NAME_LEN (4 * SWEEP_NAME_LEN + 4) /* each octet as \DDD */
#define DIG_LEN	     (DIG_NAME_LEN + 128)

struct dig {
	const struct dns_endpoint *server;
	bool recurse;
	bool unchecked; /* CD */
	bool tcp;
	const char *type, *name; /* name: without its final dot; may have escapes */
};

void dig_line(const struct dig *, char out[static DIG_LEN]);
/* The name with its final dot, one word of a shell: what that or dig(1) could take for something else is \DDD. */
void dig_name(const char *name, char out[static DIG_NAME_LEN]);

#endif
