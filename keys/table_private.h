/* SPDX-License-Identifier: ISC */
/* table_private.h - what keys/table*.c share.
 *
 * Threads: one parser, one thread. */
#ifndef SIGNPOST_KEYS_TABLE_PRIVATE_H
#define SIGNPOST_KEYS_TABLE_PRIVATE_H

#include "base/arena.h"
#include "keys/table.h"

/* A table and all that it points to. */
struct table_box {
	struct table table; /* first: table_free() gets its address */
	struct arena arena;
};

/* A key row before it found its domain. */
struct table_row_key {
	struct table_key key;
	const char *domain; /* normalized */
	size_t owner;       /* index into the sorted domains; set by table_link */
};

struct table_parser {
	struct table *table;
	struct arena *arena;
	const char *name;  /* for messages */
	uint32_t line;     /* now being read, from 1 */
	struct slice rest; /* of that line */
	struct table_row_key *keys; /* scratch, freed by table_parse */
	size_t key_count;
	struct buf octets; /* scratch for base64 */
	uint32_t settings_seen;
	bool generation_seen, clock_seen;
};

/* "NAME:LINE: TEXT" with ERR_CONFIG; returns -1. */
int table_refuse(const struct table_parser *, uint32_t line, struct err *, const char *fmt, ...)
    PRINTF(4, 5);
/* Puts "NAME:LINE: CONTEXT: " before an error of a lower layer; returns -1. */
int table_refuse_because(const struct table_parser *, struct err *, const char *context);
/* Sorts the domains, gives them their keys, sorts the logins; refuses what is there twice. */
int table_link(struct table_parser *, struct err *) MUST_CHECK;

#endif
