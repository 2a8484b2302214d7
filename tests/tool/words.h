/* SPDX-License-Identifier: ISC */
/* words.h - what the tools' command lines have in common.  A word that is wrong ends the tool with status 2. */
#ifndef SIGNPOST_TESTS_WORDS_H
#define SIGNPOST_TESTS_WORDS_H

#include "keys/dns_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void
die(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(2);
}

static inline long
number(const char *text)
{
	char *end = NULL;
	long v = strtol(text, &end, 10);
	if (end == text || *end != '\0')
		die("not a number");
	return v;
}

/* ADDR#PORT, several with commas. */
static inline size_t
endpoints(struct slice list, struct dns_endpoint *out, size_t max)
{
	size_t count = 0;
	struct err err = ERR_INIT;
	while (list.len > 0) {
		size_t end = list.len, hash;
		uint64_t port = DNS_PORT;
		(void)slice_find(list, ',', &end);
		struct slice one = slice_sub(list, 0, end);
		list = slice_from(list, end + 1);
		if (slice_find(one, '#', &hash)) {
			if (!slice_to_u64(slice_from(one, hash + 1), 65535, &port))
				die("bad port");
			one = slice_sub(one, 0, hash);
		}
		if (count == max || ip_addr_parse(one, &out[count].addr, &err) != 0)
			die("bad address");
		out[count++].port = (uint16_t)port;
	}
	return count;
}

#endif
