/* SPDX-License-Identifier: ISC */
/* table_fields.h - the options of a signing table as rows: what parses, what is allowed, how it is written.  Inside
 * keys/table_*.c, and for whoever lists the settings (man page check, `signpost config`).
 *
 * Threads: reentrant; the rows are constants. */
#ifndef SIGNPOST_KEYS_TABLE_FIELDS_H
#define SIGNPOST_KEYS_TABLE_FIELDS_H

#include "base/buf.h"

enum table_field_kind {
	TABLE_FIELD_NAMES, /* an enum, by its names in order */
	TABLE_FIELD_BOOL,  /* yes, no */
	TABLE_FIELD_U32,   /* min..max */
	TABLE_FIELD_CANON, /* HEADER/BODY: two enum canon_kind, the second behind the first */
};

struct table_field {
	const char *name;
	enum table_field_kind kind;
	size_t offset;
	uint32_t min, max;
	const char *const *names; /* ended by NULL */
};

extern const struct table_field TABLE_SETTINGS[];       /* of struct table_settings, ended by a NULL name */
extern const struct table_field TABLE_DOMAIN_OPTIONS[]; /* of struct table_domain */

const struct table_field *table_field_find(const struct table_field *, struct slice name); /* NULL if none */
/* Sets the field of the struct at `base`; ERR_CONFIG tells what would be allowed. */
int table_field_parse(const struct table_field *, struct slice value, void *base, struct err *) MUST_CHECK;
void table_field_format(const struct table_field *, const void *base, struct buf *out);

#endif
